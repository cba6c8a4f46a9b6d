"""Transfers at one desk: who may do what, what stands against it, and what is said on screens and paper."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.inventory.commands import HoldUnit
from app.inventory.errors import VehiclePromised
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied, ReasonRequired, RecordChangedMeanwhile
from app.kernel.permissions import Actor, Permission, Role
from app.kernel.state_machine import TransitionNotAllowed
from app.runtime.language import CHINESE, ENGLISH
from app.tasks.commands import CompleteTask
from app.transfers.commands import (
    ApproveTransfer,
    CancelTransfer,
    OfferTransfer,
    ReceiveTransfer,
    RejectTransfer,
    RequestTransfer,
    SendOff,
    SetFreight,
    TendWishes,
)
from app.transfers.errors import (
    DamageUndescribed,
    OdometerRunsBack,
    TransferNotThisBranch,
    TransferToSameBranch,
    TransferUnderWay,
    UnitDelivered,
    UnitHeld,
    UnitMissing,
    UnitNotHere,
    UnitNotInHouse,
    UnitSold,
    WishedForOther,
)
from app.transfers.group_stock import known_here, understand
from app.transfers.queries import (
    View,
    count_views,
    find_transfer_of_unit,
    find_units_for_transfer,
    get_transfer,
    list_transfers,
    transfer_note_pdf,
)
from app.transfers.rules import TRANSFER, TransferAction, TransferState, arrival_changes, sides
from app.transfers.wishes import count_wishes_to_tend, wish_task_id
from db.models.catalog import Trim
from db.models.inventory import VehicleUnit
from db.models.tasks import Task
from tests.factories.people import HANGZHOU, SHANGHAI, actor_of, staff_of
from tests.factories.records import Records


@pytest.fixture
def there() -> Actor:
    """The manager of the other branch."""
    return actor_of(staff_of(Role.BRANCH_MANAGER, HANGZHOU), desk_code="D07")


@pytest.fixture
def unit(records: Records) -> VehicleUnit:
    return records.unit()


def asked(dispatcher: Dispatcher, there: Actor, unit: VehicleUnit) -> str:
    command = RequestTransfer(
        trim_id=unit.trim_id, from_branch_id=SHANGHAI.id, unit_id=unit.id, vin=unit.vin, note="急需"
    )
    return str(dispatcher.execute(command, there).value)


def approve(dispatcher: Dispatcher, manager: Actor, transfer: str, **values: Any) -> None:
    revision = dispatcher.read(get_transfer, manager, transfer).row.revision
    dispatcher.execute(ApproveTransfer(transfer_id=transfer, expected_revision=revision, **values), manager)


def send(dispatcher: Dispatcher, actor: Actor, transfer: str, **values: Any) -> None:
    given = {"driver": "陈师傅", "keys": 2, "certificate_by": "ALONG", "odometer_km": 100} | values
    revision = dispatcher.read(get_transfer, actor, transfer).row.revision
    dispatcher.execute(SendOff(transfer_id=transfer, expected_revision=revision, **given), actor)  # type: ignore[arg-type]


def receive(dispatcher: Dispatcher, actor: Actor, transfer: str, **values: Any) -> None:
    given = {"odometer_km": 120, "condition": "GOOD", "keys_arrived": 2, "certificate_arrived": True} | values
    revision = dispatcher.read(get_transfer, actor, transfer).row.revision
    dispatcher.execute(ReceiveTransfer(transfer_id=transfer, expected_revision=revision, **given), actor)  # type: ignore[arg-type]


def test_steps_are_asked_for_and_never_taken_here(
    dispatcher: Dispatcher, manager: Actor, there: Actor, unit: VehicleUnit
) -> None:
    transfer = asked(dispatcher, there, unit)
    approve(dispatcher, manager, transfer, transfer_price=Decimal("128000.00"))
    send(dispatcher, manager, transfer, freight=Decimal("900.00"))
    receive(dispatcher, there, transfer)
    detail = dispatcher.read(get_transfer, there, transfer)
    assert (detail.row.state, detail.row.asked, detail.row.waiting) == ("PENDING", "MOVED", True)
    with dispatcher.database.read() as session:
        mine = session.get_one(VehicleUnit, unit.id)
        assert (mine.branch_id, mine.stock_state) == (SHANGHAI.id, "IN_TRANSIT")
        kinds = session.connection().exec_driver_sql(
            "SELECT kind, json_extract(body, '$.fields.action') FROM outbox_operation WHERE kind = 'transfer'"
        )
        assert [tuple(row) for row in kinds] == [("transfer", step) for step in ("approve", "depart", "arrive")]
    assert (detail.freight, detail.transfer_price) == (Decimal("900.00"), Decimal("128000.00"))


def test_only_whose_turn_it_is_and_only_who_may(
    dispatcher: Dispatcher, manager: Actor, there: Actor, unit: VehicleUnit, salesperson: Actor, cashier: Actor
) -> None:
    with pytest.raises(PermissionDenied):
        dispatcher.execute(RequestTransfer(trim_id=unit.trim_id, from_branch_id=HANGZHOU.id), cashier)
    with pytest.raises(TransferToSameBranch):
        dispatcher.execute(RequestTransfer(trim_id=unit.trim_id, from_branch_id=SHANGHAI.id), salesperson)
    transfer = asked(dispatcher, there, unit)
    with pytest.raises(TransferUnderWay):
        asked(dispatcher, there, unit)
    with pytest.raises(PermissionDenied):
        approve(dispatcher, salesperson, transfer)
    with pytest.raises(TransferNotThisBranch):
        approve(dispatcher, there, transfer)
    with pytest.raises(TransitionNotAllowed):
        send(dispatcher, manager, transfer)
    with pytest.raises(RecordChangedMeanwhile):
        dispatcher.execute(RejectTransfer(transfer_id=transfer, expected_revision=9, reason="x"), manager)
    with pytest.raises(ReasonRequired):
        dispatcher.execute(RejectTransfer(transfer_id=transfer, expected_revision=1, reason=" "), manager)
    approve(dispatcher, manager, transfer)
    with pytest.raises(PermissionDenied):
        send(dispatcher, cashier, transfer)
    with pytest.raises(TransferNotThisBranch):
        send(dispatcher, there, transfer)
    send(dispatcher, manager, transfer)
    with pytest.raises(TransferNotThisBranch):  # it is on the road: whoever sent it turns it round
        dispatcher.execute(CancelTransfer(transfer_id=transfer, expected_revision=3, reason="改期"), there)
    with pytest.raises(PermissionDenied):
        receive(dispatcher, actor_of(staff_of(Role.CASHIER)), transfer)
    with pytest.raises(OdometerRunsBack):
        receive(dispatcher, there, transfer, odometer_km=99)
    with pytest.raises(DamageUndescribed):
        receive(dispatcher, there, transfer, condition="DAMAGED")
    dispatcher.execute(CancelTransfer(transfer_id=transfer, expected_revision=3, reason="路上故障"), manager)
    with dispatcher.database.read() as session:
        assert session.get_one(VehicleUnit, unit.id).stock_state == "IN_STOCK"
    assert dispatcher.read(get_transfer, there, transfer).end_reason == "路上故障"


def test_what_somebody_was_promised_stays(
    dispatcher: Dispatcher, records: Records, manager: Actor, there: Actor, unit: VehicleUnit, salesperson: Actor
) -> None:
    transfer = asked(dispatcher, there, unit)
    dispatcher.execute(HoldUnit(unit_id=unit.id), salesperson)
    with pytest.raises(UnitHeld, match="王芳"):
        approve(dispatcher, manager, transfer)
    for allocation, error in (("ALLOCATED", UnitSold), ("DELIVERED", UnitDelivered)):
        other = records.unit(trim=None, allocation_state=allocation)
        second = asked(dispatcher, there, other)
        with pytest.raises(error):
            approve(dispatcher, manager, second)
    with pytest.raises(UnitNotHere):
        dispatcher.execute(OfferTransfer(unit_id=unit.id, to_branch_id=SHANGHAI.id), there)
    lent = records.unit(stock_state="LENT")
    with pytest.raises(UnitNotInHouse):
        dispatcher.execute(OfferTransfer(unit_id=lent.id, to_branch_id=HANGZHOU.id), manager)


def test_a_promised_vehicle_is_held_and_sold_by_the_other_branch_only(
    dispatcher: Dispatcher, manager: Actor, there: Actor, unit: VehicleUnit, salesperson: Actor
) -> None:
    approve(dispatcher, manager, asked(dispatcher, there, unit))
    with pytest.raises(VehiclePromised, match="HZ01"):
        dispatcher.execute(HoldUnit(unit_id=unit.id), salesperson)
    dispatcher.execute(HoldUnit(unit_id=unit.id), there)
    found = dispatcher.read(find_transfer_of_unit, salesperson, unit.id)
    assert found is not None and found.effective is TransferState.APPROVED


def test_a_wish_is_met_with_a_vehicle_of_its_model(
    dispatcher: Dispatcher, records: Records, manager: Actor, there: Actor, unit: VehicleUnit
) -> None:
    wish = str(dispatcher.execute(RequestTransfer(trim_id=unit.trim_id, exterior_colour="红 / Red"), there).value)
    assert [row.id for row in dispatcher.read(list_transfers, manager)] == [wish]
    with pytest.raises(UnitMissing):
        approve(dispatcher, manager, wish)
    with pytest.raises(WishedForOther):
        approve(dispatcher, manager, wish, unit_id=records.unit().id)
    assert [row.id for row in dispatcher.read(find_units_for_transfer, manager, wish)] == [unit.id]
    approve(dispatcher, manager, wish, unit_id=unit.id)
    row = dispatcher.read(get_transfer, there, wish).row
    assert (row.vin, row.source.code if row.source else "", row.effective) == (unit.vin, "SH01", TransferState.APPROVED)


def test_lists_counts_and_offered_actions(
    dispatcher: Dispatcher, manager: Actor, there: Actor, unit: VehicleUnit, records: Records
) -> None:
    first = asked(dispatcher, there, unit)
    other = records.unit()
    second = asked(dispatcher, there, other)
    assert dispatcher.read(count_views, manager) == {
        "to_do": 2, "asked": 2, "on_the_way": 0, "arrived": 0, "closed": 0
    }  # fmt: skip
    assert dispatcher.read(count_views, there)["to_do"] == 0
    approve(dispatcher, manager, first)
    assert [row.id for row in dispatcher.read(list_transfers, manager, view=View.ON_THE_WAY)] == [first]
    assert dispatcher.read(list_transfers, manager, text=other.vin[-5:])[0].id == second
    assert dispatcher.read(get_transfer, manager, first).actions == ("depart", "cancel")
    assert dispatcher.read(get_transfer, there, first).actions == ("arrive", "cancel")
    page = dispatcher.read(list_transfers, manager, limit=1)
    assert [row.id for row in dispatcher.read(list_transfers, manager, after=page[0].cursor)] == [first]


def test_freight_may_come_later_and_be_taken_back(
    dispatcher: Dispatcher, manager: Actor, there: Actor, unit: VehicleUnit
) -> None:
    transfer = asked(dispatcher, there, unit)
    command = SetFreight(transfer_id=transfer, expected_revision=1, freight=Decimal("1250.00"))
    outcome = dispatcher.execute(command, manager)
    assert outcome.undo is not None
    dispatcher.execute(outcome.undo, manager)
    assert dispatcher.read(get_transfer, manager, transfer).freight is None


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
def test_the_note_goes_along_in_both_languages(
    dispatcher: Dispatcher, manager: Actor, there: Actor, unit: VehicleUnit, language: str
) -> None:
    transfer = asked(dispatcher, there, unit)
    approve(dispatcher, manager, transfer)
    send(dispatcher, manager, transfer)
    receive(dispatcher, there, transfer, condition="DAMAGED", damage_note="左前门划痕")
    assert dispatcher.read(transfer_note_pdf, manager, transfer, language=language).startswith(b"%PDF")


def test_other_branches_as_far_as_they_are_known_here(
    dispatcher: Dispatcher, records: Records, manager: Actor, there: Actor, cashier: Actor
) -> None:
    unit = records.unit(branch_id=HANGZHOU.id, exterior_colour="红 / Red")
    records.unit()
    rows = dispatcher.read(known_here, manager, unit.vin[-6:])
    assert [(row.vin, row.branch_code, row.taken) for row in rows] == [(unit.vin, "HZ01", "")]
    assert dispatcher.read(understand, manager, "LSVA").text == "LSVA"
    with pytest.raises(PermissionDenied):
        dispatcher.read(understand, cashier, "x")


def test_the_rules_by_themselves() -> None:
    both = {"from_branch_id": "a", "to_branch_id": "b"}
    assert sides(TransferAction.APPROVE, "PENDING", **both) == {"a"}  # type: ignore[arg-type]
    assert sides(TransferAction.ARRIVE, "DEPARTED", **both) == {"b"}  # type: ignore[arg-type]
    assert sides(TransferAction.CANCEL, "APPROVED", **both) == {"a", "b"}  # type: ignore[arg-type]
    assert sides(TransferAction.CANCEL, "DEPARTED", **both) == {"a"}  # type: ignore[arg-type]
    needed = {step.permission for step in TRANSFER.transitions}
    assert needed == {
        Permission.TRANSFERS_APPROVE, Permission.TRANSFERS_MOVE, Permission.TRANSFERS_REQUEST
    }  # fmt: skip
    said = arrival_changes(
        {"to_branch_id": "b", "condition": "DAMAGED", "certificate_arrived": False, "arrival_odometer_km": 7},
        {"stock_state": "IN_TRANSIT", "quality_state": "NORMAL", "certificate_state": "IN_SAFE"},
    )
    assert said == {
        "branch_id": "b", "location": "", "stock_state": "IN_STOCK", "odometer_km": 7, "quality_state": "DAMAGED",
        "certificate_state": "PENDING_SCAN",
    }  # fmt: skip


def wish_tasks(dispatcher: Dispatcher, branch_id: str) -> list[tuple[str, str]]:
    with dispatcher.database.read() as session:
        query = select(Task.record_id, Task.state).where(Task.kind == "transfer_wish", Task.branch_id == branch_id)
        return [(row[0], row[1]) for row in session.execute(query.order_by(Task.id))]


def test_a_wish_is_told_to_who_could_answer_it_once_and_ticked_off(
    dispatcher: Dispatcher, manager: Actor, there: Actor, unit: VehicleUnit, records: Records
) -> None:
    wish = str(dispatcher.execute(RequestTransfer(trim_id=unit.trim_id), there).value)
    elsewhere = str(dispatcher.execute(RequestTransfer(trim_id=records.trim().id), there).value)
    assert dispatcher.read(count_wishes_to_tend, there) == 0, "who wishes is not asked"
    assert dispatcher.read(count_wishes_to_tend, manager) == 1, "of the other model none is here"
    for told in (1, 0):
        assert dispatcher.execute(TendWishes(), manager).value == told
    assert wish_tasks(dispatcher, manager.branch_id) == [(wish, "OPEN")]
    approve(dispatcher, manager, wish, unit_id=unit.id)
    assert wish_tasks(dispatcher, manager.branch_id) == [(wish, "DONE")], "answered here"
    second = str(dispatcher.execute(RequestTransfer(trim_id=records.unit().trim_id), there).value)
    dispatcher.execute(TendWishes(), manager)
    revision = dispatcher.read(get_transfer, there, second).row.revision
    dispatcher.execute(CancelTransfer(transfer_id=second, expected_revision=revision, reason="客户改选"), there)
    assert dispatcher.execute(TendWishes(), manager).value == 1
    assert dict(wish_tasks(dispatcher, manager.branch_id)) == {wish: "DONE", second: "DONE"}, "called off there"
    assert elsewhere not in dict(wish_tasks(dispatcher, manager.branch_id))
    with pytest.raises(PermissionDenied):
        dispatcher.execute(TendWishes(), actor_of(staff_of(Role.CASHIER)))
    assert dispatcher.read(count_wishes_to_tend, actor_of(staff_of(Role.CASHIER))) == 0


def test_a_wish_is_put_away_while_none_can_be_given_and_comes_back_with_the_next_one(
    dispatcher: Dispatcher, manager: Actor, there: Actor, unit: VehicleUnit, records: Records
) -> None:
    wish = str(dispatcher.execute(RequestTransfer(trim_id=unit.trim_id), there).value)
    dispatcher.execute(TendWishes(), manager)
    dispatcher.execute(HoldUnit(unit_id=unit.id, until=dispatcher.clock.now() + timedelta(hours=1)), manager)
    for told in (1, 0):
        assert dispatcher.read(count_wishes_to_tend, manager) == told
        assert dispatcher.execute(TendWishes(), manager).value == told
    assert wish_tasks(dispatcher, manager.branch_id) == [(wish, "DONE")], "the only one is held"
    dispatcher.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]
    assert dispatcher.execute(TendWishes(), manager).value == 1
    assert wish_tasks(dispatcher, manager.branch_id) == [(wish, "OPEN")], "the hold is over"
    assert [row.id for row in dispatcher.read(find_units_for_transfer, manager, wish)] == [unit.id]
    offer = str(dispatcher.execute(OfferTransfer(unit_id=unit.id, to_branch_id=there.branch_id), manager).value)
    approve(dispatcher, manager, offer)
    dispatcher.execute(TendWishes(), manager)
    assert wish_tasks(dispatcher, manager.branch_id) == [(wish, "DONE")], "it is promised"
    assert dispatcher.read(find_units_for_transfer, manager, wish) == ()
    with dispatcher.database.read() as session:
        records.unit(session.get_one(Trim, unit.trim_id))
    dispatcher.execute(TendWishes(), manager)
    assert wish_tasks(dispatcher, manager.branch_id) == [(wish, "OPEN")], "another one came in"
    task = wish_task_id(wish, manager.branch_id)
    dispatcher.execute(CompleteTask(task_id=task), manager)
    assert dispatcher.execute(TendWishes(), manager).value == 0, "who ticked it off is not told again"
