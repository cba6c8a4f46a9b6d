"""Deleting loses to a payment and a contract, also where the centre heard of it first and has no body left."""

from decimal import Decimal
from typing import Any

import pytest

from app.kernel.permissions import Role
from db.ids import new_id
from db.models.contracts import Contract
from db.models.customers import Customer
from db.models.orders import SalesOrder
from db.models.payments import Payment
from sync.client.errors import SyncProblem
from sync.server.upkeep import check
from tests.sync.conftest import Group
from tests.sync.desks import Desk, customer_of
from tests.sync.losing_transport import LosingTransport


def _desks(group: Group, count: int = 3) -> list[Desk]:
    """Desks of one branch that agree."""
    desks = [group.desk("D01")]
    desks[0].sync()
    desks += [group.desk(f"D0{n}", empty=True) for n in range(2, count + 1)]
    _agree(*desks)
    return desks


def _agree(*desks: Desk) -> None:
    for _ in range(3):
        for desk in desks:
            desk.sync()


def _customer(desk: Desk) -> str:
    return str(customer_of(desk, name="张伟", phone="13800138000").id)


def _pay(desk: Desk, order: str, customer: str, *, role: Role = Role.ADMINISTRATOR) -> None:
    payment = Payment(
        id=new_id(), branch_id=desk.branch.id, order_id=order, customer_id=customer, number=f"{desk.name}-{order[-6:]}",
        kind="instalment", method="cash", amount=Decimal("1000.00"), received_at=desk.clock.now(),
        received_by_staff_id=desk.actor().staff_id,
    )  # fmt: skip
    desk.do(lambda uow: uow.add(payment) and None, role=role)


def _sign(desk: Desk, order: str, customer: str) -> None:
    contract = Contract(
        branch_id=desk.branch.id, number=f"{desk.name}-{order[-6:]}", order_id=order, customer_id=customer,
        state="LOCKED", template_code="vehicle_sale", template_version="1",
    )  # fmt: skip
    desk.do(lambda uow: uow.add(contract) and None)


def _alive_everywhere(group: Group, desks: list[Desk], customer: str, *, phone: str = "13800138000") -> None:
    for desk in desks:
        row = desk.row("customer", customer)
        assert (row["deleted_at"], row["name"], row["phone"]) == (None, "张伟", phone), desk.name
        assert desk.one("SELECT count(*) FROM search_entry WHERE kind = 'customer' AND record_id = ?", customer) == 1
        assert desk.engine.status.unsent == 0
        assert desk.snapshot() == desks[0].snapshot()
        found = desk.engine.check_copy(asked=True)
        assert found is not None and found.unlike == 0
    assert group.scalar("SELECT count(*) FROM needed_record WHERE tenant_id = ?") == 0
    assert check(group.store, tenant=group.tenant) == []


@pytest.mark.parametrize("how", [_pay, _sign])
def test_who_is_paid_for_after_being_deleted_elsewhere_comes_back_whole(group: Group, how: Any) -> None:
    first, second, third = desks = _desks(group)
    unit, customer = first.records.unit(), _customer(first)
    _agree(*desks)
    order = second.sell(unit.id, customer)
    _agree(*desks)
    first.delete(Customer, customer)
    how(second, order, customer)
    _agree(first, third)
    assert third.row("customer", customer)["phone"] == ""
    second.sync()
    first.sync()
    third.sync()
    _alive_everywhere(group, desks, customer)


def _sold(group: Group, desks: list[Desk]) -> tuple[str, str]:
    """A customer, and an order of theirs, both known to all."""
    unit, customer = desks[0].records.unit(), _customer(desks[0])
    _agree(*desks)
    order = desks[1].sell(unit.id, customer)
    _agree(*desks)
    return order, customer


def _on(desk: Desk, plan: Any) -> None:
    desk.engine.transport = desk.engine.leases._transport = LosingTransport(desk.engine.transport, plan)


def test_a_payment_made_while_the_deletion_is_being_read_keeps_the_customer(group: Group) -> None:
    first, second, _ = desks = _desks(group)
    order, customer = _sold(group, desks)
    first.delete(Customer, customer)
    first.sync()
    paid: list[str] = []

    def plan(name: str, count: int) -> str:
        if name == "pull" and not paid:
            paid.append(name)
            _pay(second, order, customer)
        return ""

    _on(second, plan)
    second.sync()
    assert second.row("customer", customer)["phone"] == "13800138000"  # kept: the payment waits here
    _agree(*desks)
    _alive_everywhere(group, desks, customer)


@pytest.mark.parametrize("lost", ["request", "answer", "twice"])
def test_whatever_is_lost_on_the_way_the_customer_comes_back(group: Group, lost: str) -> None:
    first, second, _ = desks = _desks(group)
    order, customer = _sold(group, desks)
    first.delete(Customer, customer)
    _pay(second, order, customer)
    second.set(Customer, customer, note="calls on Friday")  # refused: deleted; its answer shows the tombstone
    first.sync()
    _on(second, lambda name, count: lost if count == 1 or (name == "publish" and count < 3) else "")
    for _ in range(6):
        try:
            second.sync()
        except SyncProblem:
            continue
    second.engine.transport.plan = lambda name, count: ""
    _agree(*desks)
    _alive_everywhere(group, desks, customer)
    assert first.row("customer", customer)["note"] == "calls on Friday"


def test_a_customer_whose_tombstone_was_dropped_comes_back_too(group: Group) -> None:
    first, second, _ = desks = _desks(group)
    order, customer = _sold(group, desks)
    first.delete(Customer, customer)
    first.sync()
    with group.store.write() as connection:  # as compaction does after 90 days
        group.store.run(
            connection, "DELETE FROM replica_row WHERE tenant_id = ? AND record_id = ?", (group.tenant, customer)
        )
    _pay(second, order, customer)
    _agree(second, *desks)
    _alive_everywhere(group, desks, customer)


def test_a_desk_whose_own_deletion_came_after_the_tombstone_was_dropped_has_the_customer_again(group: Group) -> None:
    first, second, third = desks = _desks(group)
    order, customer = _sold(group, desks)
    third.delete(Customer, customer)  # it is offline for a quarter
    first.delete(Customer, customer)
    first.sync()
    with group.store.write() as connection:
        group.store.run(
            connection, "DELETE FROM replica_row WHERE tenant_id = ? AND record_id = ?", (group.tenant, customer)
        )
    _pay(second, order, customer)
    _on(second, lambda name, count: "request" if name == "publish" else "")
    with pytest.raises(SyncProblem):
        second.sync()
    _agree(third, first)
    assert third.row("customer", customer)["deleted_at"] is None
    assert third.snapshot()["customer"] == first.snapshot()["customer"]


def test_the_desk_that_deleted_gives_it_back_when_the_one_that_paid_cannot(group: Group) -> None:
    first, second, third = _desks(group)
    order, customer = _sold(group, [first, second, third])
    first.delete(Customer, customer)
    _agree(first, third)
    _pay(second, order, customer)
    _on(second, lambda name, count: "request" if name == "publish" else "")
    with pytest.raises(SyncProblem):
        second.sync()  # the payment arrived; then the disk died
    _agree(first, third)
    _alive_everywhere(group, [first, third], customer)


def test_where_nobody_has_the_record_whole_what_deleting_left_of_it_comes_back(group: Group) -> None:
    first, second, third = _desks(group)
    order, customer = _sold(group, [first, second, third])
    first.delete(Customer, customer)
    _agree(first, third)
    _pay(second, order, customer)
    _on(second, lambda name, count: "request" if name == "publish" else "")
    with pytest.raises(SyncProblem):
        second.sync()  # the payment arrived; then the disk died
    third.sync()
    assert third.row("customer", customer)["deleted_at"] is not None
    assert check(group.store, tenant=group.tenant) == []  # desks are being asked
    with group.store.write() as connection:
        group.store.run(
            connection, "UPDATE needed_record SET asked_at = asked_at - ? WHERE tenant_id = ?",
            (4 * 24 * 3600 * 1_000_000, group.tenant),
        )
    _agree(third, first)
    _alive_everywhere(group, [first, third], customer, phone="")


def test_a_customer_kept_for_a_payment_that_is_refused_goes(group: Group) -> None:
    first, second, third = _desks(group)
    order, customer = _sold(group, [first, second, third])
    first.delete(Customer, customer)
    first.sync()
    paid: list[str] = []

    def plan(name: str, count: int) -> str:
        if name == "pull" and not paid:
            paid.append(name)
            _pay(second, order, customer, role=Role.PARTS_CLERK)
        return ""

    _on(second, plan)
    second.sync()
    assert second.row("customer", customer)["deleted_at"] is None
    assert second.sync().rejected == 1
    gone = second.row("customer", customer)
    assert gone["deleted_at"] is not None and gone["phone"] == ""
    assert group.scalar("SELECT count(*) FROM needed_record WHERE tenant_id = ?") == 0


def test_a_lost_order_that_was_paid_for_comes_back_and_is_still_flagged(group: Group) -> None:
    first, second, third = desks = _desks(group)
    unit, customer = first.records.unit(), _customer(first)
    _agree(*desks)
    winner, loser = first.sell(unit.id, customer), second.sell(unit.id, customer)
    _agree(*desks)
    assert third.row("sales_order", loser)["claim_state"] == "conflict"
    third.delete(SalesOrder, loser)
    _pay(second, loser, customer)
    third.sync()
    _agree(*desks)
    _alive_everywhere(group, desks, customer)
    for desk in desks:
        assert desk.row("sales_order", loser)["claim_state"] == "conflict"
        assert desk.row("vehicle_unit", unit.id)["order_id"] == winner
        assert desk.row("sales_order", loser)["deleted_at"] is None
