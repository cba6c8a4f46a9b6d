"""Orders that lost their unit at the centre."""

import json
from datetime import timedelta

import pytest

from app.contracts.commands import VoidContract
from app.contracts.keys.held_keys import HeldKeys, use_signing_keys
from app.kernel.errors import DomainError, PermissionDenied
from app.orders.asking_again import AskingAgain
from app.orders.commands import AskForUnitAgain, ResolveClaimConflict
from app.orders.errors import ContractStillBinding, OrderNotInConflict
from app.orders.queries import get_order, list_conflicts, list_orders
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.tasks import Task
from tests.app.sale_desk import SaleDesk

HOUR = timedelta(hours=1)


def lost_order(desk: SaleDesk) -> tuple[str, str]:
    """The ids of an order in conflict and of the unit it lost, with the task that comes with it."""
    unit = desk.unit()
    order_id: str = desk.order(unit).order_id
    desk.lose_claim(order_id)
    desk.records.save(
        Task(
            branch_id=desk.seller.branch_id,
            kind="resolve_claim_conflict",
            record_table="sales_order",
            record_id=order_id,
            params={},
        )
    )
    return order_id, unit.id


def resolve(order_id: str, resolution: str, unit_id: str | None = None, **changes: object) -> ResolveClaimConflict:
    given = {"order_id": order_id, "expected_revision": 2, "resolution": resolution, "vehicle_unit_id": unit_id}
    return ResolveClaimConflict(**(given | changes))  # type: ignore[arg-type]


def test_the_conflict_names_the_winner(desk: SaleDesk) -> None:
    order_id, _ = lost_order(desk)
    (conflict,) = desk.read(list_conflicts)
    assert (conflict.id, conflict.winner_number, conflict.winner_desk_code) == (order_id, "HZ01-D01-SO-000007", "D01")
    assert conflict.winner_branch.zh == "杭州测试店"
    assert conflict.winner_at is not None
    assert desk.read(get_order, order_id).conflict == conflict
    assert [row.id for row in desk.read(list_orders, claim_state="conflict")] == [order_id]


def test_the_vehicle_is_asked_for_again_only_where_it_may_be_free(desk: SaleDesk) -> None:
    order_id, unit_id = lost_order(desk)
    desk.change(VehicleUnit, unit_id, order_id="f" * 32)
    assert desk.read(get_order, order_id).conflict.again is None
    ask = AskForUnitAgain(order_id=order_id, expected_revision=2)
    with pytest.raises(DomainError, match="vehicle_already_sold"):
        desk.do(ask)
    free = {"allocation_state": "FREE", "order_id": None}
    desk.change(VehicleUnit, unit_id, **free, secured_until=desk.clock.now() + HOUR, secured_for="SH01-D09")
    detail = desk.read(get_order, order_id)
    assert detail.conflict.again == AskingAgain(desk.clock.now() + HOUR) and "ask_again" not in detail.actions
    with pytest.raises(DomainError, match="vehicle_secured_elsewhere"):
        desk.do(ask)
    desk.change(VehicleUnit, unit_id, stock_state="OUT", secured_until=None, secured_for=None)
    assert desk.read(get_order, order_id).conflict.again is None
    desk.change(VehicleUnit, unit_id, stock_state="IN_STOCK", secured_until=None)
    detail = desk.read(get_order, order_id)
    assert detail.conflict.again == AskingAgain() and "ask_again" in detail.actions
    desk.do(ask)
    order, unit = desk.row(SalesOrder, order_id), desk.row(VehicleUnit, unit_id)
    assert (order.claim_state, order.claim_winner, unit.allocation_state, unit.order_id) == (
        "provisional", None, "ALLOCATED", order_id,
    )  # fmt: skip
    assert desk.rows(Task, record_id=order_id)[0].state == "OPEN"  # the centre ticks it off, or not


def test_somebody_elses_hold_is_waited_for_and_ones_own_is_not(desk: SaleDesk) -> None:
    order_id, unit_id = lost_order(desk)
    until = desk.clock.now() + HOUR
    held = {"allocation_state": "HELD", "order_id": None, "held_until": until, "held_by_staff_id": "9" * 32}
    desk.change(SalesOrder, order_id, claim_winner={"order_id": None, "number": "", "branch_id": "", "desk_code": ""})
    desk.change(VehicleUnit, unit_id, **held)
    assert desk.read(get_order, order_id).conflict.again == AskingAgain(until)
    desk.change(VehicleUnit, unit_id, held_for_customer_id=desk.customer.id)
    assert desk.read(get_order, order_id).conflict.again == AskingAgain()


def test_cancelling_leaves_the_unit_to_the_winner(desk: SaleDesk) -> None:
    order_id, unit_id = lost_order(desk)
    desk.change(VehicleUnit, unit_id, order_id="f" * 32)
    with pytest.raises(DomainError, match="reason_required"):
        desk.do(resolve(order_id, "cancel"), desk.manager)
    desk.do(resolve(order_id, "cancel", reason="车已被其他门店售出"), desk.manager)
    assert desk.row(SalesOrder, order_id).state == "CANCELLED"
    unit = desk.row(VehicleUnit, unit_id)
    assert (unit.allocation_state, unit.order_id) == ("ALLOCATED", "f" * 32)
    assert desk.rows(Task, record_id=order_id)[0].state == "DONE"
    assert desk.read(list_conflicts) == []


def test_another_unit_takes_the_place_of_the_lost_one(desk: SaleDesk) -> None:
    order_id, lost_id = lost_order(desk)
    other = desk.unit(cost=desk.unit().cost + 1000)
    before = desk.row(SalesOrder, order_id)
    desk.do(resolve(order_id, "choose_other_unit", other.id), desk.manager)
    order = desk.row(SalesOrder, order_id)
    assert (order.vehicle_unit_id, order.claim_state, order.claim_winner) == (other.id, "provisional", None)
    assert (order.unit_cost, order.on_road_total) == (other.cost, before.on_road_total)
    assert desk.row(VehicleUnit, other.id).order_id == order_id
    lost = desk.row(VehicleUnit, lost_id)
    assert (lost.allocation_state, lost.order_id) == ("ALLOCATED", "f" * 32)
    claim = json.loads(desk.operations("claim")[-1])
    assert (claim["id"], claim["fields"]["holder_id"]) == (other.vin, order_id)
    assert desk.rows(Task, record_id=order_id)[0].state == "DONE"


def test_a_bad_choice_changes_nothing(desk: SaleDesk) -> None:
    order_id, _ = lost_order(desk)
    sold = desk.unit()
    desk.order(sold)
    differing = desk.records.unit(desk.records.trim(parameters={"displacement": 2.0}))
    bad = [
        (resolve(order_id, "toss a coin"), "value_not_allowed", "resolution"),
        (resolve(order_id, "choose_other_unit"), "replacement_missing", "vehicle_unit_id"),
        (resolve(order_id, "choose_other_unit", "0" * 32), "record_not_found", "vehicle_unit_id"),
        (resolve(order_id, "choose_other_unit", sold.id), "vehicle_already_sold", "vehicle_unit_id"),
        (resolve(order_id, "choose_other_unit", differing.id), "replacement_differs", "vehicle_unit_id"),
    ]
    for command, code, field in bad:
        with pytest.raises(DomainError) as caught:
            desk.do(command, desk.manager)
        assert (caught.value.code, caught.value.field) == (code, field)
    assert desk.row(SalesOrder, order_id).claim_state == "conflict"


def test_only_a_conflict_can_be_resolved_and_only_by_the_manager(desk: SaleDesk) -> None:
    order_id, _ = lost_order(desk)
    with pytest.raises(PermissionDenied):
        desk.do(resolve(order_id, "cancel", reason="x"))
    fine = desk.order().order_id
    with pytest.raises(OrderNotInConflict):
        desk.do(resolve(fine, "cancel", reason="x", expected_revision=1), desk.manager)
    assert "resolve_conflict" in desk.read(get_order, order_id, actor=desk.manager).actions
    assert "resolve_conflict" not in desk.read(get_order, order_id).actions


def test_a_signed_contract_has_to_be_voided_first(desk: SaleDesk) -> None:
    keys = HeldKeys.create(organisation="店", branch="SH01", now=desk.clock.now())
    use_signing_keys(keys)
    try:
        contract_id = desk.signed_contract()
    finally:
        use_signing_keys(None)
    (order,) = desk.rows(SalesOrder)
    desk.lose_claim(order.id)
    with pytest.raises(ContractStillBinding) as caught:
        desk.do(resolve(order.id, "choose_other_unit", desk.unit().id), desk.manager)
    assert "SH01-D01-CT-000001" in caught.value.message()
    (conflict,) = desk.read(list_conflicts)
    assert conflict.signed_contract_number == "SH01-D01-CT-000001"
    desk.do(VoidContract(contract_id=contract_id, expected_revision=4, reason="车辆冲突"), desk.manager)
    desk.do(resolve(order.id, "choose_other_unit", desk.unit().id), desk.manager)
