"""Units through the real handlers on the real encrypted database."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.catalog.errors import VinCharactersWrong, VinLengthWrong
from app.inventory.commands import (
    AddUnit,
    ChangePrices,
    ChangeUnit,
    FittedOption,
    MarkArrived,
    MoveUnit,
    RemoveUnit,
    SetQuality,
    SetStock,
)
from app.inventory.errors import (
    ArrivalInFuture,
    FloorAboveList,
    ManufacturedAfterArrival,
    PriceMissing,
    StockNumberTaken,
    UnitInUse,
    UnitSoldUnchangeable,
    VehicleAlreadySold,
    VehicleLeft,
    VinAlreadyInStock,
    VinCheckDigitWrong,
)
from app.inventory.queries import find_unit_by_vin, get_unit
from app.inventory.rules import QualityAction, StockAction, StockState
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied, ReasonRequired, RecordChangedMeanwhile, RecordNotFound, ValueRequired
from app.kernel.money import AmountNegative
from app.kernel.permissions import Actor
from app.kernel.state_machine import TransitionNotAllowed
from tests.factories.people import HANGZHOU
from tests.factories.records import Records
from tests.factories.vins import vin_number

TODAY = date(2026, 11, 22)


def add_command(trim_id: str, /, **values: object) -> AddUnit:
    given = {
        "trim_id": trim_id, "vin": vin_number(77), "exterior_colour": "星空灰 / Space Grey",
        "cost": Decimal("128000.00"), "list_price": Decimal("150000.00"), "floor_price": Decimal("139000.00"),
        "arrived_on": TODAY,
    }  # fmt: skip
    return AddUnit(**(given | values))  # type: ignore[arg-type]


def change_command(unit_id: str, detail: object, /, **values: object) -> ChangeUnit:
    row = detail.row  # type: ignore[attr-defined]
    given = {
        "unit_id": unit_id, "expected_revision": row.revision, "trim_id": row.trim_id, "vin": row.vin,
        "stock_number": row.stock_number, "engine_number": "", "exterior_colour": row.exterior_colour.stored(),
        "interior_colour": "", "location": row.location, "list_price": row.list_price,
        "floor_price": row.floor_price, "manufactured_on": None, "arrived_on": row.arrived_on, "odometer_km": 5,
    }  # fmt: skip
    return ChangeUnit(**(given | values))  # type: ignore[arg-type]


def test_a_unit_takes_over_what_its_trim_says(records: Records, dispatcher: Dispatcher, manager: Actor) -> None:
    trim = records.trim(energy="electric", in_tax_directory=True, seats=7, parameters={"length": 4680})
    option = FittedOption(name_zh="行李架", name_en="Roof rails", price=Decimal("1500.00"))
    unit_id = dispatcher.execute(add_command(trim.id, options=(option,)), manager).value
    detail = dispatcher.read(get_unit, manager, unit_id)
    assert (detail.row.make.en, detail.row.energy.value, detail.seats, detail.in_tax_directory) == (
        "Volkswagen", "electric", 7, True,
    )  # fmt: skip
    assert detail.row.stock_number == "SH01-D01-ST-000001"
    assert detail.row.exterior_colour.zh == "星空灰"
    assert detail.options[0].price == Decimal("1500.00")
    assert detail.specification.parameters[0].text.en == "4,680 mm"
    assert detail.row.cost == Decimal("128000.00")
    assert detail.row.name.en == "Volkswagen Lavida 2026 1.5L Automatic Comfort"


def test_cost_is_hidden_from_who_may_not_see_it(records: Records, dispatcher: Dispatcher, salesperson: Actor) -> None:
    unit = records.unit()
    assert dispatcher.read(get_unit, salesperson, unit.id).row.cost is None


@pytest.mark.parametrize(
    ("values", "error", "field"),
    [
        ({"vin": "LSV"}, VinLengthWrong, "vin"),
        ({"vin": "LSVAA418XTAOOOOO1"}, VinCharactersWrong, "vin"),
        ({"floor_price": Decimal("150000.01")}, FloorAboveList, "floor_price"),
        ({"list_price": Decimal("0.00"), "floor_price": Decimal("0.00")}, PriceMissing, "list_price"),
        ({"cost": Decimal("-1.00")}, AmountNegative, "cost"),
        ({"arrived_on": TODAY + timedelta(days=1)}, ArrivalInFuture, "arrived_on"),
        ({"manufactured_on": TODAY + timedelta(days=1)}, ManufacturedAfterArrival, "manufactured_on"),
        ({"exterior_colour": " "}, ValueRequired, "exterior_colour"),
        ({"trim_id": "0" * 32}, RecordNotFound, "trim_id"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    records: Records, dispatcher: Dispatcher, manager: Actor, values: dict[str, object], error: type, field: str
) -> None:
    trim = records.trim()
    with pytest.raises(error) as caught:
        dispatcher.execute(add_command(trim.id, **values), manager)
    assert caught.value.field == field
    assert caught.value.message()
    assert dispatcher.read(find_unit_by_vin, manager, vin_number(77)) is None


def test_a_wrong_check_digit_is_allowed_once_it_was_looked_at(
    records: Records, dispatcher: Dispatcher, manager: Actor
) -> None:
    trim = records.trim()
    right = vin_number(77)
    wrong = right[:8] + ("1" if right[8] != "1" else "2") + right[9:]
    with pytest.raises(VinCheckDigitWrong) as caught:
        dispatcher.execute(add_command(trim.id, vin=wrong), manager)
    assert right[8] in caught.value.message()
    dispatcher.execute(add_command(trim.id, vin=wrong, vin_warning_acknowledged=True), manager)
    assert dispatcher.read(find_unit_by_vin, manager, wrong) is not None


def test_one_vin_is_in_the_books_once_across_branches(records: Records, dispatcher: Dispatcher, manager: Actor) -> None:
    trim = records.trim()
    records.unit(trim, vin=vin_number(77), branch_id=HANGZHOU.id, stock_number="HZ-7")
    with pytest.raises(VinAlreadyInStock) as caught:
        dispatcher.execute(add_command(trim.id), manager)
    assert "HZ-7" in caught.value.message() and "HZ01" in caught.value.message()


def test_stock_numbers_are_given_once(records: Records, dispatcher: Dispatcher, manager: Actor) -> None:
    trim = records.trim()
    records.unit(trim, stock_number="A-1")
    with pytest.raises(StockNumberTaken):
        dispatcher.execute(add_command(trim.id, stock_number="A-1"), manager)


def test_salespeople_cannot_add_units(records: Records, dispatcher: Dispatcher, salesperson: Actor) -> None:
    with pytest.raises(PermissionDenied):
        dispatcher.execute(add_command(records.trim().id), salesperson)


def test_adding_can_be_undone(records: Records, dispatcher: Dispatcher, manager: Actor) -> None:
    outcome = dispatcher.execute(add_command(records.trim().id), manager)
    assert outcome.undo is not None
    dispatcher.execute(outcome.undo, manager)
    with pytest.raises(RecordNotFound):
        dispatcher.read(get_unit, manager, outcome.value)


def test_changing_can_be_undone(records: Records, dispatcher: Dispatcher, manager: Actor) -> None:
    unit = records.unit()
    before = dispatcher.read(get_unit, manager, unit.id)
    other = records.trim(name_zh="1.4T", energy="hybrid")
    command = change_command(
        unit.id, before, trim_id=other.id, location="B-07", cost=Decimal("1.00"), list_price=Decimal("151000.00")
    )
    outcome = dispatcher.execute(command, manager)
    changed = dispatcher.read(get_unit, manager, unit.id).row
    assert (changed.location, changed.energy.value, changed.cost) == ("B-07", "hybrid", Decimal("1.00"))
    dispatcher.execute(outcome.undo, manager)  # type: ignore[arg-type]
    restored = dispatcher.read(get_unit, manager, unit.id).row
    assert (restored.location, restored.trim_id, restored.cost) == ("A-01", unit.trim_id, unit.cost)


def test_a_stale_change_is_refused_with_the_present_row(
    records: Records, dispatcher: Dispatcher, manager: Actor
) -> None:
    unit = records.unit()
    stale = dispatcher.read(get_unit, manager, unit.id)
    dispatcher.execute(MoveUnit(unit_id=unit.id, location="C-01"), manager)
    with pytest.raises(RecordChangedMeanwhile) as caught:
        dispatcher.execute(change_command(unit.id, stale), manager)
    assert caught.value.current.location == "C-01"


def test_a_sold_unit_keeps_vin_and_trim(records: Records, dispatcher: Dispatcher, manager: Actor) -> None:
    unit = records.unit(allocation_state="ALLOCATED", order_id="0" * 32)
    detail = dispatcher.read(get_unit, manager, unit.id)
    with pytest.raises(UnitSoldUnchangeable):
        dispatcher.execute(change_command(unit.id, detail, vin=vin_number(5000)), manager)
    dispatcher.execute(change_command(unit.id, detail, location="Z-9"), manager)


def test_only_free_units_can_be_removed(records: Records, dispatcher: Dispatcher, manager: Actor) -> None:
    sold, free = records.unit(allocation_state="ALLOCATED"), records.unit()
    with pytest.raises(UnitInUse):
        dispatcher.execute(RemoveUnit(unit_id=sold.id, expected_revision=1, reason="twice"), manager)
    with pytest.raises(ReasonRequired):
        dispatcher.execute(RemoveUnit(unit_id=free.id, expected_revision=1, reason=" "), manager)
    dispatcher.execute(RemoveUnit(unit_id=free.id, expected_revision=1, reason="twice"), manager)
    with dispatcher.database.read() as session:
        connection = session.connection()
        assert connection.exec_driver_sql("SELECT reason FROM audit_entry ORDER BY n DESC").scalar() == "twice"
        assert connection.exec_driver_sql("SELECT count(*) FROM search_entry").scalar() == 1


def test_moves_and_prices_can_be_undone(records: Records, dispatcher: Dispatcher, manager: Actor) -> None:
    unit = records.unit()
    moved = dispatcher.execute(MoveUnit(unit_id=unit.id, location="展厅"), manager)
    dispatcher.execute(moved.undo, manager)  # type: ignore[arg-type]
    row = dispatcher.read(get_unit, manager, unit.id).row
    assert row.location == "A-01"
    with pytest.raises(VehicleLeft):
        dispatcher.execute(MoveUnit(unit_id=records.unit(stock_state="OUT").id, location="展厅"), manager)
    priced = dispatcher.execute(
        ChangePrices(
            unit_id=unit.id, expected_revision=row.revision, list_price=Decimal("145000.00"),
            floor_price=Decimal("140000.00"),
        ),
        manager,
    )  # fmt: skip
    dispatcher.execute(priced.undo, manager)  # type: ignore[arg-type]
    assert dispatcher.read(get_unit, manager, unit.id).row.list_price == Decimal("150000.00")


@pytest.mark.parametrize("state", [{"stock_state": "LENT"}, {"quality_state": "DAMAGED"}, {"quality_state": "FROZEN"}])
def test_what_is_not_for_sale_may_leave_the_house_with_a_reason(
    records: Records, dispatcher: Dispatcher, manager: Actor, salesperson: Actor, state: dict[str, str]
) -> None:
    unit = records.unit(**state)
    leave = SetStock(unit_id=unit.id, action=StockAction.LEAVE, reason="back to the maker")
    with pytest.raises(PermissionDenied) as caught:
        dispatcher.execute(leave, salesperson)
    assert "(Branch manager, Administrator)" in caught.value.message()
    with pytest.raises(ReasonRequired):
        dispatcher.execute(replace(leave, reason=" "), manager)
    left = dispatcher.execute(leave, manager)
    assert dispatcher.read(get_unit, manager, unit.id).row.stock is StockState.OUT
    with pytest.raises(TransitionNotAllowed):
        dispatcher.execute(leave, manager)
    dispatcher.execute(left.undo, manager)  # type: ignore[arg-type]
    assert dispatcher.read(get_unit, manager, unit.id).row.stock == unit.stock_state
    with pytest.raises(VehicleAlreadySold):
        sold = records.unit(**state, allocation_state="ALLOCATED", order_id="0" * 32)
        dispatcher.execute(replace(leave, unit_id=sold.id), manager)


def test_axes_move_only_where_the_rules_allow(records: Records, dispatcher: Dispatcher, manager: Actor) -> None:
    unit = records.unit(stock_state="IN_TRANSIT", arrived_on=TODAY + timedelta(days=9))
    arrived = dispatcher.execute(MarkArrived(unit_id=unit.id, arrived_on=TODAY, location="A-02"), manager)
    row = dispatcher.read(get_unit, manager, unit.id).row
    assert (row.stock, row.arrived_on, row.location) == (StockState.IN_STOCK, TODAY, "A-02")
    dispatcher.execute(arrived.undo, manager)  # type: ignore[arg-type]
    back = dispatcher.read(get_unit, manager, unit.id).row
    assert (back.stock, back.arrived_on, back.location) == (StockState.IN_TRANSIT, TODAY + timedelta(days=9), "A-01")
    with pytest.raises(TransitionNotAllowed):
        dispatcher.execute(SetStock(unit_id=unit.id, action=StockAction.BRING_BACK), manager)
    with pytest.raises(ReasonRequired):
        dispatcher.execute(SetQuality(unit_id=unit.id, action=QualityAction.REPORT_DAMAGE), manager)
    damaged = dispatcher.execute(
        SetQuality(unit_id=unit.id, action=QualityAction.REPORT_DAMAGE, reason="stone chip"), manager
    )
    dispatcher.execute(MoveUnit(unit_id=unit.id, location="B-07"), manager)
    detail = dispatcher.read(get_unit, manager, unit.id)
    assert detail.row.quality.value == "DAMAGED"
    assert [str(obstacle) for obstacle in detail.obstacles] == ["its condition is “Damaged”"]
    with pytest.raises(RecordChangedMeanwhile):
        dispatcher.execute(damaged.undo, manager)  # type: ignore[arg-type]
