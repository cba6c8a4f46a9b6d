"""An order whose vehicle the centre gave away: flagged, shown beside the winner, settled in either way."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt

from app.contracts.keys.held_keys import HeldKeys, use_signing_keys
from app.contracts.queries import list_contracts
from app.kernel.permissions import Role
from app.orders.commands import ResolveClaimConflict
from app.orders.queries import get_order
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from tests.app.sale_desk import SaleDesk
from tests.ui.record_pages import CTRL, Driver, unnamed_controls
from tests.ui.workplaces import Notes, Travels
from ui.orders.conflict_sheet import ConflictSheet

Open = Callable[..., Driver]
MANAGER = pytest.mark.parametrize("actor", [Role.BRANCH_MANAGER], indirect=True)


@pytest.fixture(scope="module")
def held_keys() -> HeldKeys:
    """Keys to sign with."""
    return HeldKeys.create(
        organisation="上海测试店汽车销售有限公司", branch="SH01", now=datetime(2026, 1, 1, tzinfo=UTC)
    )


@pytest.fixture
def keys(held_keys: HeldKeys) -> Iterator[None]:
    """They are in use during the test."""
    use_signing_keys(held_keys)
    yield
    use_signing_keys(None)


def lost_order(desk: SaleDesk) -> str:
    """The id of an order that lost its unit."""
    order_id: str = desk.order().order_id
    desk.lose_claim(order_id)
    return order_id


def conflict_of(driver: Driver) -> ConflictSheet:
    """The open sheet."""
    sheet = driver.page.sheet
    assert isinstance(sheet, ConflictSheet)
    return sheet


def test_a_salesperson_sees_the_winner_and_whom_to_ask(desk: SaleDesk, open_orders: Open) -> None:
    order_id = lost_order(desk)
    driver = open_orders(order_id=order_id)
    assert driver.says("In conflict with HZ01-D01-SO-000007")
    assert driver.says("Ask a manager to settle this order")
    assert {"orders.resolve", "orders.continue", "orders.receive"}.isdisjoint(driver.possible())
    column = driver.page.model.index(0, 3)
    assert (column.data(0), column.data(3)) == ("In conflict", "In conflict with HZ01-D01-SO-000007")
    driver.page.run(ResolveClaimConflict(order_id=order_id, expected_revision=2, resolution="cancel", reason="x"))
    driver.settle()
    assert "does not allow this" in driver.page.messages.text()


@MANAGER
def test_conflicts_are_told_above_the_list(desk: SaleDesk, open_orders: Open) -> None:
    desk.order()
    first, second = lost_order(desk), lost_order(desk)
    driver = open_orders()
    assert driver.page.messages.text() == "2 orders lost their vehicle at the centre."
    driver.page.messages._action.click()
    driver.settle()
    assert [row.id for row in driver.page.model.rows] == [second, first]


def test_a_conflict_that_sync_brings_is_told_at_once(desk: SaleDesk, open_orders: Open) -> None:
    order_id = desk.order().order_id
    driver = open_orders(order_id=order_id)
    assert driver.page.messages.text() == ""
    desk.lose_claim(order_id)
    driver.changed_elsewhere("sales_order")
    assert driver.page.messages.text() == "1 order lost its vehicle at the centre."
    assert driver.says("In conflict with HZ01-D01-SO-000007")
    desk.change(SalesOrder, order_id, claim_state="confirmed", claim_winner=None)
    driver.changed_elsewhere("sales_order")
    assert driver.page.messages.text() == ""


@MANAGER
def test_both_orders_stand_side_by_side(desk: SaleDesk, open_orders: Open) -> None:
    order_id = lost_order(desk)
    driver = open_orders()
    driver.select(order_id)
    assert driver.verbs()[0] == "Settle the conflict"
    driver.page.table.setFocus()
    driver.key(Qt.Key.Key_Return)
    sheet = conflict_of(driver)
    number = driver.page.record.row.number
    ours = (number, "SH01 · D01", "张伟", "王芳")
    for text in (*ours, "HZ01-D01-SO-000007", "Hangzhou Test Branch · D01", "黄蕾"):
        assert driver.says(text, sheet), text
    assert not sheet.void.isVisible() and not sheet.go.isEnabled()
    assert unnamed_controls(driver.page) == []


@MANAGER
def test_another_unit_of_the_trim_is_taken_by_keyboard(desk: SaleDesk, open_orders: Open, notifications: Notes) -> None:
    order_id = lost_order(desk)
    taken = desk.read(get_order, order_id).row.vehicle_unit_id
    desk.unit(exterior_colour="曜石黑 / Obsidian Black")
    wanted = desk.unit(exterior_colour="极地蓝 / Arctic Blue")
    desk.unit(quality_state="DAMAGED")
    driver = open_orders(order_id=order_id)
    driver.key(Qt.Key.Key_R, CTRL)
    sheet = conflict_of(driver)
    assert sheet.units.search.hasFocus() and len(sheet.units.model.rows) == 2
    driver.qtbot.keyClicks(sheet.units.search, "arctic")
    driver.qtbot.waitUntil(lambda: len(sheet.units.model.rows) == 1)
    driver.key(Qt.Key.Key_Down)
    assert sheet.go.isEnabled() and sheet.go.text() == "Take this unit"
    driver.key(Qt.Key.Key_Return)
    detail = desk.read(get_order, order_id)
    assert (detail.row.vehicle_unit_id, detail.row.claim_state) == (wanted.id, "provisional")
    assert desk.row(VehicleUnit, wanted.id).order_id == order_id
    assert desk.row(VehicleUnit, taken).order_id == "f" * 32
    assert driver.page.sheet is None and driver.says("Provisional until the centre confirms the vehicle")
    assert driver.page.messages.text() == "" and notifications.shown[-1][0]().endswith(f"now has {wanted.vin}.")


@MANAGER
def test_the_order_is_cancelled_with_a_reason(desk: SaleDesk, open_orders: Open) -> None:
    order_id = lost_order(desk)
    driver = open_orders(order_id=order_id)
    driver.run("orders.resolve")
    sheet = conflict_of(driver)
    assert driver.says("No free unit of this series", sheet)
    sheet.way.segments()[1].click()
    assert sheet.go.text() == "Cancel the order" and sheet.go.isEnabled()
    sheet.go.click()
    assert "reason" in sheet.reason.problems()
    sheet.reason.set_value("reason", "没有同款")
    driver.key(Qt.Key.Key_Return, CTRL)
    detail = desk.read(get_order, order_id)
    assert (detail.row.state, detail.cancel_reason) == ("CANCELLED", "没有同款")
    assert driver.page.sheet is None and driver.says("Cancelled: 没有同款")


@MANAGER
def test_another_trim_means_cancelling_and_a_new_offer(desk: SaleDesk, open_orders: Open, navigator: Travels) -> None:
    order_id = lost_order(desk)
    luxury = desk.records.trim(
        _model_year(desk), name_zh="1.5L 豪华版", name_en="1.5L Luxury", parameters={"displacement": 1.5}
    )
    other = desk.records.unit(luxury)
    desk.unit()
    driver = open_orders(order_id=order_id)
    driver.run("orders.resolve")
    sheet = conflict_of(driver)
    assert [option.same_trim for option in sheet.units.model.rows] == [True, False]
    sheet.units.table.select_id(other.id)
    assert sheet.go.text() == "Cancel and quote this one"
    sheet.go.click()
    assert sheet.go.text() == "Cancel and quote the other vehicle"
    sheet.reason.set_value("reason", "改为豪华版")
    sheet.go.click()
    driver.settle()
    assert desk.read(get_order, order_id).row.state == "CANCELLED"
    assert navigator.went == [("sale", {"vehicle_unit_id": other.id, "customer_id": desk.customer.id})]


@MANAGER
@pytest.mark.usefixtures("keys")
def test_a_signed_contract_is_voided_first(desk: SaleDesk, open_orders: Open) -> None:
    order_id = desk.paid_order()
    contract_id = desk.locked_contract(order_id)
    desk.do(desk.signature(contract_id, "buyer"))
    desk.lose_claim(order_id)
    wanted = desk.unit()
    driver = open_orders(order_id=order_id)
    driver.run("orders.resolve")
    sheet = conflict_of(driver)
    sheet.units.table.select_id(wanted.id)
    assert sheet.void.isVisible() and not sheet.go.isEnabled()
    assert driver.says("First void the contract", sheet)
    driver.key(Qt.Key.Key_Space)
    [contract] = desk.read(list_contracts)
    assert contract.state == "VOIDED"
    assert not sheet.void.isVisible() and sheet.go.isEnabled()
    sheet.go.click()
    driver.settle()
    assert desk.read(get_order, order_id).row.vehicle_unit_id == wanted.id


def lost_to_a_lease(desk: SaleDesk, *, hours: float) -> tuple[str, str]:
    """The ids of an order that lost to desk D09's lease and of its unit; the lease ends in so many hours."""
    unit = desk.unit()
    order_id: str = desk.order(unit).order_id
    until = desk.clock.now() + timedelta(hours=hours)
    winner = {
        "order_id": None, "number": "SH01-D09", "branch_id": desk.seller.branch_id, "desk_code": "D09", "kind": "lease",
        "at": 1_795_320_000_000_000, "until": int(until.timestamp() * 1_000_000),
    }  # fmt: skip
    desk.change(SalesOrder, order_id, claim_state="conflict", claim_winner=winner)
    desk.change(VehicleUnit, unit.id, allocation_state="FREE", order_id=None, secured_until=until,
                secured_for="SH01-D09")  # fmt: skip
    return order_id, unit.id


@MANAGER
def test_a_vehicle_whose_lease_is_over_is_asked_for_again(
    desk: SaleDesk, open_orders: Open, notifications: Notes
) -> None:
    order_id, unit_id = lost_to_a_lease(desk, hours=2)
    driver = open_orders(order_id=order_id)
    assert "orders.ask_again" not in driver.possible()
    assert driver.says("Desk SH01-D09 has the vehicle secured until")
    driver.run("orders.resolve")
    sheet = conflict_of(driver)
    assert driver.says("This desk has it secured", sheet)
    assert sheet.way.segments()[0].text() == "Ask for this vehicle again"
    assert sheet.way.value() == "choose_other_unit"
    sheet.way.segments()[0].click()
    assert not sheet.go.isEnabled() and "It can be asked for again then" in sheet.again.text()
    desk.change(VehicleUnit, unit_id, secured_until=None, secured_for=None)
    driver.changed_elsewhere("vehicle_unit")
    assert sheet.go.isEnabled() and sheet.go.text() == "Ask for the vehicle"
    assert driver.says("This desk had it secured", sheet) or "free again" in sheet.again.text()
    sheet.go.click()
    driver.settle()
    order, unit = desk.row(SalesOrder, order_id), desk.row(VehicleUnit, unit_id)
    assert (order.claim_state, order.claim_winner) == ("provisional", None)
    assert (unit.allocation_state, unit.order_id) == ("ALLOCATED", order_id)
    assert driver.page.sheet is None and notifications.shown[-1][0]().endswith("asks for its vehicle again.")
    assert unnamed_controls(driver.page) == []


def test_a_salesperson_asks_again_by_a_key(desk: SaleDesk, open_orders: Open) -> None:
    order_id, unit_id = lost_to_a_lease(desk, hours=-1)
    driver = open_orders(order_id=order_id)
    assert driver.says("The vehicle is free again") and driver.verbs()[0] == "Ask for the vehicle again"
    driver.key(Qt.Key.Key_Y, CTRL)
    assert desk.row(VehicleUnit, unit_id).order_id == order_id
    assert driver.says("Provisional until the centre confirms the vehicle")


@MANAGER
@pytest.mark.usefixtures("keys")
def test_a_signed_contract_holds_where_the_vehicle_is_asked_for_again(desk: SaleDesk, open_orders: Open) -> None:
    order_id = desk.paid_order()
    contract_id = desk.locked_contract(order_id)
    desk.do(desk.signature(contract_id, "buyer"))
    desk.lose_claim(order_id)
    unit_id = desk.row(SalesOrder, order_id).vehicle_unit_id
    desk.change(VehicleUnit, unit_id, allocation_state="FREE", order_id=None)
    driver = open_orders(order_id=order_id)
    driver.run("orders.resolve")
    sheet = conflict_of(driver)
    assert sheet.way.value() == "again" and sheet.go.isEnabled() and sheet.go.hasFocus()
    assert not sheet.void.isVisible() and driver.says("This order had it", sheet)
    sheet.way.segments()[1].click()
    assert sheet.void.isVisible() and not sheet.go.isEnabled()
    sheet.way.segments()[0].click()
    driver.key(Qt.Key.Key_Tab)
    sheet.go.click()
    driver.settle()
    assert desk.row(VehicleUnit, unit_id).order_id == order_id
    assert desk.read(list_contracts)[0].state != "VOIDED"


@MANAGER
def test_a_unit_that_went_meanwhile_is_said_in_the_sheet(desk: SaleDesk, open_orders: Open) -> None:
    order_id = lost_order(desk)
    wanted = desk.unit()
    driver = open_orders(order_id=order_id)
    driver.run("orders.resolve")
    sheet = conflict_of(driver)
    sheet.units.table.select_id(wanted.id)
    desk.order(wanted)
    sheet.go.click()
    driver.settle()
    assert "already sold on order" in sheet.messages.text()
    assert sheet.go.isEnabled() and desk.read(get_order, order_id).row.claim_state == "conflict"


@MANAGER
def test_a_conflict_settled_elsewhere_closes_the_sheet(desk: SaleDesk, open_orders: Open) -> None:
    order_id = lost_order(desk)
    driver = open_orders(order_id=order_id)
    driver.run("orders.resolve")
    assert driver.page.sheet is not None
    desk.change(SalesOrder, order_id, claim_state="confirmed", claim_winner=None)
    driver.changed_elsewhere("sales_order")
    assert driver.page.sheet is None
    assert driver.page.messages.text() == "This conflict was settled elsewhere meanwhile."


def _model_year(desk: SaleDesk) -> object:
    from db.models.catalog import ModelYear

    return desk.row(ModelYear, desk.trim.model_year_id)
