"""A month of one of two branches, closed over a real service: what stands in the way, and what comes late."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.desk.refused_commands import ResendRefusedChange
from app.kernel.months import Month
from app.kernel.permissions import Role
from app.kernel.unit_of_work import UnitOfWork
from app.month_close.commands import AskToReopenMonth, CloseMonth, ReopenMonth
from app.month_close.errors import MonthNotSettled
from app.month_close.queries import get_checklist, get_closing
from app.month_close.rules import Check
from app.payments.commands import ReceivePayment
from app.periods.errors import MonthIsClosed
from db.models.inventory import VehicleUnit
from db.models.month_close import MonthClose
from db.models.payments import Payment
from sync.client.errors import NotPermitted, ServiceUnreachable
from sync.client.group_reconciliation import GroupReconciler
from tests.factories.people import HANGZHOU, SHANGHAI
from tests.sync.conftest import Group
from tests.sync.desks import Desk, customer_of, new_order
from tests.sync.sales_at_desks import pay, sell
from tests.sync.transfer_desks import dispatcher_of, run


def month_of(desk: Desk) -> Month:
    return Month.of(desk.clock.now()).plus(-1)


def in_the_month(desk: Desk) -> datetime:
    return month_of(desk).begins_at + timedelta(days=10)


def review(desk: Desk) -> str:
    asked = GroupReconciler(
        desk.database, desk.engine.transport, by=desk.actor(Role.BRANCH_MANAGER).staff_id, now=desk.clock.now()
    )
    desk.sync()
    return asked.review(desk.branch.id, month_of(desk), lambda message, fraction: None)[1]


def open_checks(desk: Desk) -> set[Check]:
    review(desk)
    manager = desk.actor(Role.BRANCH_MANAGER)
    return set(dispatcher_of(desk).read(get_checklist, manager, str(month_of(desk))).matters)


def close(desk: Desk) -> str:
    run_id = review(desk)
    return str(run(desk, CloseMonth(month=str(month_of(desk)), run_id=run_id)))


def change(group: Group, statement: str, *values: Any) -> None:
    with group.store.write() as connection:
        group.store.run(connection, statement, (*values, group.tenant))


@pytest.fixture
def branches(group: Group) -> tuple[Desk, Desk, Desk]:
    """On both databases."""
    return opened(group)


@pytest.fixture
def small_branches(small_group: Group) -> tuple[Desk, Desk, Desk]:
    """On SQLite, for what does not depend on the database."""
    return opened(small_group)


def opened(group: Group) -> tuple[Desk, Desk, Desk]:
    """Two desks in Shanghai with an order of last month, and one in Hangzhou."""
    first, second = group.desk("D01"), group.desk("D02")
    there = group.desk("D01", branch=HANGZHOU, scopes=[])
    records = first.records
    trim = records.trim()
    units = [records.unit(trim).id for _ in range(3)]
    order = sell(first, units[0], at=in_the_month(first))
    pay(first, order, "20000.00", at=in_the_month(first))
    for desk in (first, second, there, first):
        desk.sync()
    return first, second, there


def test_everything_is_settled_one_by_one_and_then_the_month_closes(
    group: Group, branches: tuple[Desk, Desk, Desk]
) -> None:
    first, second, there = branches
    units = [row[0] for row in first.rows("SELECT id FROM vehicle_unit ORDER BY id")]
    assert open_checks(first) == set()
    # The other desk sold and was never heard of since.
    lost = sell(second, units[1], at=in_the_month(second))
    winner = sell(first, units[1], at=in_the_month(first))
    first.sync()
    change(
        group, "UPDATE device SET last_seen_at = 1, enrolled_at = 1 WHERE desk_code = 'D02' AND tenant_id = ?"
    )
    change(group, "UPDATE device_cursor SET seen_at = 1 WHERE tenant_id = ?")
    assert open_checks(first) == {Check.SILENT_DESKS}
    with pytest.raises(MonthNotSettled):
        close(first)
    second.sync()
    # Heard of: its order came, and lost the vehicle that was sold here.
    assert open_checks(first) == {Check.CONFLICTS, Check.DIFFERENCES}, "named as such, and in the reconciliation"
    assert first.row("sales_order", winner)["claim_state"] == "confirmed"
    second.cancel(lost)
    second.sync()
    assert open_checks(first) == set()
    # Something set aside at the centre, and damage to the copy here.
    device = first.one("SELECT device_id FROM desk_state")
    change(
        group, "INSERT INTO quarantined_operation (device_id, n, hash, reason, body, received_at, tenant_id)"
        " VALUES (?, 9999, 'x', 'device_revoked', '{\"table\":\"sales_order\",\"id\":\"q\"}', 5, ?)", device,
    )  # fmt: skip
    assert open_checks(first) == {Check.QUARANTINED}
    change(group, "DELETE FROM quarantined_operation WHERE tenant_id = ?")
    with first.database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE sales_order SET on_road_total = 1 WHERE id = ?", (winner,))
    assert open_checks(first) == {Check.DIFFERENCES}
    GroupReconciler(first.database, first.engine.transport, by="", now=first.clock.now()).of(SHANGHAI.id).fetch(
        "sales_order", [winner]
    )
    assert open_checks(first) == set()
    close_id = close(first)
    first.sync()
    second.sync()
    figures = dispatcher_of(second).read(get_closing, second.actor(Role.BRANCH_MANAGER), close_id).row.figures
    assert (figures.orders, figures.received) == (3, Decimal("20000.00"))
    assert there.rows("SELECT 1 FROM month_close") == [], "another branch's month is its own"


def test_what_is_sent_late_is_taken_over_and_shown(small_branches: tuple[Desk, Desk, Desk]) -> None:
    first, second, _ = small_branches
    order = first.one("SELECT id FROM sales_order")
    late = pay(second, order, "300.00", at=in_the_month(second))  # not sent yet, and known to nobody
    close_id = close(first)
    first.sync()
    second.sync()
    first.sync()
    assert first.row("payment", late)["amount"] == 30_000, "never refused, never lost"
    detail = dispatcher_of(first).read(get_closing, first.actor(Role.BRANCH_MANAGER), close_id)
    assert [one.id for one in detail.late] == [late] and detail.row.figures.received == Decimal("20000.00")
    with pytest.raises(MonthIsClosed) as refused:
        run(
            second,
            ReceivePayment(order_id=order, kind="balance", method="cash", amount=Decimal("1.00"),
                           received_at=in_the_month(second)),
            role=Role.CASHIER,
        )  # fmt: skip
    assert refused.value.field == "received_at"


def test_what_a_desk_enters_into_a_month_it_knew_to_be_closed_is_refused(
    small_group: Group, small_branches: tuple[Desk, Desk, Desk]
) -> None:
    """However it came about: by another client, or by a program from before the rule."""
    first, second, _ = small_branches
    order = first.one("SELECT id FROM sales_order")
    close_id = close(first)
    first.sync()
    second.sync()
    change(  # the centre notes within a minute how far a desk has read
        small_group, "UPDATE device_cursor SET seq = (SELECT head FROM sync_scope s WHERE s.tenant_id ="
        " device_cursor.tenant_id AND s.scope = device_cursor.scope) WHERE tenant_id = ?"
    )  # fmt: skip
    refused = pay(second, order, "300.00", at=in_the_month(second))
    sale = pay(second, sell_and_pay(second, at=in_the_month(second)), "1.00")
    second.sync()
    told = second.rows("SELECT record_id, result FROM outbox_operation WHERE state = 'rejected'")
    month = month_of(second)
    assert [one[0] for one in told] == [refused], "a sale is never lost over its day"
    assert json.loads(told[0][1]) == {
        "code": "month_closed", "detail": {"field": "received_at", "month": str(month), "open": str(month.plus(1))},
    }  # fmt: skip
    first.sync()
    assert first.row("payment", refused) == {} and first.row("payment", sale)["amount"] == 100
    run(first, AskToReopenMonth(close_id=close_id, expected_revision=1, reason="补记一笔"))
    first.sync()
    second.sync()
    revision = second.row("month_close", close_id)["revision"]
    run(second, ReopenMonth(close_id=close_id, expected_revision=revision), role=Role.ADMINISTRATOR)
    (operation,) = (row[0] for row in second.rows("SELECT n FROM outbox_operation WHERE state = 'rejected'"))
    run(second, ResendRefusedChange(operations=(operation,)), role=Role.ADMINISTRATOR)
    second.sync()
    first.sync()
    assert first.row("payment", refused)["amount"] == 30_000, "open again, it is taken"


def sell_and_pay(desk: Desk, *, at: datetime) -> str:
    """An order and its earnest money in one transaction, both of that day; the order's id."""
    unit_id = desk.rows("SELECT id FROM vehicle_unit WHERE allocation_state = 'FREE' ORDER BY id")[0][0]
    customer = customer_of(desk)

    def work(uow: UnitOfWork) -> str:
        unit = uow.get(VehicleUnit, unit_id)
        order = uow.add(new_order(uow, unit, customer.id))
        order.ordered_at = at
        uow.add(
            Payment(
                branch_id=order.branch_id, number=uow.next_number("RC"), order_id=order.id, customer_id=customer.id,
                kind="earnest_money", method="cash", amount=Decimal("5000.00"), state="RECEIVED", received_at=at,
                received_by_staff_id=uow.actor.staff_id,
            )
        )  # fmt: skip
        return str(order.id)

    return str(desk.do(work))


def test_the_centre_keeps_what_was_closed_and_asks_for_two_people(small_branches: tuple[Desk, Desk, Desk]) -> None:
    first, second, _ = small_branches
    close_id = close(first)
    first.sync()
    second.sync()
    second.set(MonthClose, close_id, revenue=Decimal("1.00"))
    second.sync()
    assert second.row("month_close", close_id)["revenue"] != 100, "the figures came back"
    second.set(MonthClose, close_id, state="REOPENED")
    second.sync()
    assert second.row("month_close", close_id)["state"] == "CLOSED"
    revision = first.row("month_close", close_id)["revision"]
    run(first, AskToReopenMonth(close_id=close_id, expected_revision=revision, reason="补记一笔"))
    first.sync()
    second.sync()
    revision = second.row("month_close", close_id)["revision"]
    run(second, ReopenMonth(close_id=close_id, expected_revision=revision), role=Role.ADMINISTRATOR)
    second.sync()
    first.sync()
    assert first.row("month_close", close_id)["state"] == "REOPENED"
    again = close(first)
    assert first.row("month_close", again)["round"] == 2


def test_two_desks_that_close_one_month_write_one_closing(small_branches: tuple[Desk, Desk, Desk]) -> None:
    first, second, _ = small_branches
    runs = {desk.name: review(desk) for desk in (first, second)}
    made = {
        str(run(desk, CloseMonth(month=str(month_of(desk)), run_id=runs[desk.name]))) for desk in (first, second)
    }
    assert len(made) == 1
    for desk in (first, second, first):
        desk.sync()
    (close_id,) = made
    assert first.row("month_close", close_id)["desk_code"] == second.row("month_close", close_id)["desk_code"] == "D01"


def test_the_question_is_answered_for_ones_own_branches_only(
    small_group: Group,
) -> None:
    desk = small_group.desk("D01", scopes=[])
    transport = desk.engine.transport
    told = transport.ask("closing", {"by": "", "scope": SHANGHAI.id, "since": 0})
    assert [one["desk_code"] for one in told["desks"]] == ["D01"] and told["quarantined_count"] == 0
    with pytest.raises(NotPermitted):
        transport.ask("closing", {"by": "", "scope": HANGZHOU.id, "since": 0})
    transport.address = "http://127.0.0.1:9"
    with pytest.raises(ServiceUnreachable):
        review(desk)
    assert desk.rows("SELECT 1 FROM reconciliation_run") == [], "offline there is nothing to close upon"
