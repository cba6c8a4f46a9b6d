"""Faults that need a centre and desks of one's own making: each test names one of `docs/faults.md`."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.kernel.clock import BRANCH_TIME
from app.kernel.permissions import Role
from app.orders.commands import CancelOrder, PlaceOrder
from app.payments.commands import ReceivePayment
from app.quotations.commands import DraftQuotation, QuotationTerms
from db.capture import Author
from db.engine import Database
from db.errors import DiskFull
from db.ids import new_id
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.tasks import Task
from sync.client.errors import SyncProblem
from sync.client.status import SyncState
from sync.server.numbers import SKIPPED, count_on, next_number, series_of
from sync.server.store import Store
from sync.server.upkeep import TOMBSTONE_DAYS, check, compact, start_epoch
from tests.factories.databases import KEY
from tests.sync.conftest import Group
from tests.sync.desks import Desk, customer_of
from tests.sync.losing_transport import LosingTransport
from tests.sync.raw_device import FIELDS, ID, Join, RawDevice, outcomes, put_customer
from tests.sync.transfer_desks import run

DAYS_AWAY, OPERATIONS_AWAY = 30, 50_000
BRANCHES_AT_ONCE, OPERATIONS_EACH = 40, 25


def _at_centre(group: Group, table: str = "customer") -> set[str]:
    rows = group.rows(
        "SELECT record_id FROM replica_row WHERE tenant_id = ? AND table_name = ? AND deleted = 0", table
    )  # fmt: skip
    return {str(row[0]) for row in rows}


def _order(desk: Desk, order_id: str) -> dict[str, Any]:
    return desk.row("sales_order", order_id)


# --- the service's database ---------------------------------------------------------------------


@contextmanager
def _holding(store: Store, tenant: str) -> Iterator[Any]:
    """Somebody's transaction that has written to the group's feed and does not end."""
    with store.write() as connection:
        store.run(connection, "UPDATE sync_scope SET head = head + 1 WHERE tenant_id = ?", (tenant,))
        yield connection
        connection.rollback()


def test_idle_and_rolled_back_transactions_hold_nothing_up_for_long_and_leave_no_gap(group: Group, join: Join) -> None:
    device = join()
    device.push(put_customer(device, name="before"))
    with ThreadPoolExecutor(1) as pool:
        with _holding(group.store, group.tenant):
            waiting = pool.submit(device.push, put_customer(device, name="meanwhile"))
            time.sleep(0.3)
            assert not waiting.done(), "it waits for its turn"
        waiting.result()
    places = [row[0] for row in group.rows("SELECT seq FROM replica_row WHERE tenant_id = ? ORDER BY seq")]
    assert places == [1, 2], "what was rolled back has left no place behind"


def test_a_full_disk_of_the_service_refuses_for_now_and_loses_nothing(tmp_path: Path) -> None:
    """The service says busy and nothing of the push is there; with room again the same push goes through."""
    import psycopg

    # A server's full disk arrives as this error, which the store counts among those that pass.
    assert issubclass(psycopg.errors.DiskFull, psycopg.OperationalError)
    from sync.server.devices import authenticate, enrol, issue_token, make_code
    from sync.server.push import Push, apply_push
    from sync.server.store import StoreUnavailable

    store = Store(f"sqlite:///{tmp_path / 'full.db'}", pool=1)
    store.ensure_schema()
    now = time.time_ns() // 1000
    code = make_code(
        store, tenant="main", branch_code="SH01", desk_code="D01", scopes="*", role="administrator", now=now, seconds=60
    )
    known = enrol(store, code=code, branch_id="b" * 31 + "1", after_n=0, after_hash="", now=now)
    token = issue_token(store, tenant="main", device_id=known["device_id"], key=known["key"], now=now)
    device = authenticate(store, f"Bearer {token['access_token']}", now=now)
    maker = RawDevice.__new__(RawDevice)
    maker.device_id, maker.branch_id, maker.n, maker.hash = device.id, device.branch_id, 0, ""
    message = maker.message([put_customer(maker, name=f"客户{n}", note="x" * 400) for n in range(500)])
    with store.read() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 4}")
    with pytest.raises(StoreUnavailable, match="full"):
        apply_push(store, device, Push.read(message), now_ms=now // 1000)
    with store.read() as connection:
        assert store.run(connection, "SELECT count(*) FROM replica_row").scalar() == 0
        assert store.run(connection, "SELECT count(*) FROM applied_operation").scalar() == 0
        connection.execute("PRAGMA max_page_count = 1000000")
    answer = apply_push(store, device, Push.read(message), now_ms=now // 1000)
    assert {one[1] for one in answer["results"]} == {"accepted"}
    assert check(store) == []
    store.close()


# --- the desk's disk ----------------------------------------------------------------------------


def test_a_full_disk_of_a_desk_ends_the_exchange_and_what_was_read_stays(small_group: Group) -> None:
    desk = small_group.desk("D01")
    for number in range(30):
        customer_of(desk, name=f"客户{number}", note="x" * 900)
    desk.sync()
    other = small_group.desk("D02", empty=True)
    other.engine._page_rows = 5
    with other.database.exclusive() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(DiskFull):
        other.sync()
    read = other.one("SELECT count(*) FROM customer")
    assert read < 30
    with other.database.exclusive() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    other.sync()
    assert other.snapshot() == desk.snapshot()


def test_a_lost_write_ahead_log_is_a_restored_disk_and_everything_comes_back(group: Group, tmp_path: Path) -> None:
    """The program was killed and its log is gone: what only stood there is fetched from the centre again."""
    desk = group.desk("D01")
    early = customer_of(desk, name="折叠前")
    desk.sync()
    with desk.database.exclusive() as connection:
        connection.exec_driver_sql("SELECT 1")
    desk.database.close()  # the log is folded in
    reopened = group.desk_on(Database(desk.database.path, KEY), "D01")
    known = desk.engine.transport.credentials.load()
    reopened.engine.transport.credentials.save(known)
    late = customer_of(reopened, name="只在日志里")
    reopened.sync()
    bare = tmp_path / "without-log.db"
    bare.write_bytes(reopened.database.path.read_bytes())
    survivor = group.desk_on(Database(bare, KEY), "D01")
    survivor.engine.transport.credentials.save(known)
    assert survivor.row("customer", late.id) == {}, "the log is what was lost"
    fresh = customer_of(survivor, name="之后")
    survivor.sync()
    survivor.sync()
    assert survivor.row("customer", late.id)["name"] == "只在日志里"
    assert _at_centre(group) == {early.id, late.id, fresh.id}
    survivor.database.check_integrity()


# --- people who did not hear of each other ------------------------------------------------------


@pytest.mark.parametrize("first", ["cancel", "sell"])
def test_cancelling_here_and_selling_there_leaves_one_buyer_at_most(group: Group, first: str) -> None:
    desk, other = group.desk("D01"), group.desk("D02", empty=False)
    desk.sync()
    other.sync()
    unit, customer = desk.records.unit(), customer_of(desk)
    desk.sync()
    other.sync()
    mine = desk.sell(unit.id, customer.id)
    desk.sync()  # the other desk has not heard of this sale
    theirs = other.sell(unit.id, customer.id)
    desk.cancel(mine)
    for one in (desk, other) if first == "cancel" else (other, desk):
        one.sync()
    for one in (desk, other, desk):
        one.sync()
    expected = "confirmed" if first == "cancel" else "conflict"
    assert _order(desk, theirs)["claim_state"] == _order(other, theirs)["claim_state"] == expected
    assert _order(desk, mine)["state"] == "CANCELLED"
    if first == "sell":
        other.claim_again(theirs)
        other.sync()
        assert _order(other, theirs)["claim_state"] == "confirmed"
    assert desk.sync() and desk.snapshot() == other.snapshot()


def test_an_order_given_up_where_its_vehicle_is_not_known_frees_the_vehicle(group: Group) -> None:
    from tests.factories.people import HANGZHOU

    seller = group.desk("D01", branch=HANGZHOU)
    owner, colleague = group.desk("D02", empty=False), group.desk("D03", branch=HANGZHOU, scopes=[])
    owner.sync()
    unit = owner.records.unit()
    owner.sync()
    seller.sync()
    order = seller.sell(unit.id, customer_of(seller).id)
    seller.sync()
    colleague.sync()
    assert colleague.row("vehicle_unit", unit.id) == {}
    row = _order(colleague, order)
    run(colleague, CancelOrder(order_id=order, expected_revision=row["revision"], reason="客户退订"))
    colleague.sync()
    owner.sync()
    assert owner.row("vehicle_unit", unit.id)["allocation_state"] == "FREE"
    assert group.rows("SELECT vin FROM vehicle_claim WHERE tenant_id = ? AND kind = 'order'") == []


def test_a_sale_of_a_vehicle_that_was_removed_elsewhere_is_kept_and_flagged(group: Group) -> None:
    desk, other = group.desk("D01"), group.desk("D02", empty=False)
    unit, customer = desk.records.unit(), customer_of(desk)
    desk.sync()
    other.sync()
    order = other.sell(unit.id, customer.id)
    desk.delete(VehicleUnit, unit.id)
    desk.sync()
    other.sync()
    desk.sync()
    for one in (desk, other):
        assert _order(one, order)["claim_state"] == "conflict"
        assert one.one("SELECT count(*) FROM task WHERE kind = 'resolve_claim_conflict' AND state = 'OPEN'") == 1
    assert desk.snapshot() == other.snapshot()


def test_paid_offline_while_the_centre_holds_a_draft_keeps_the_money_and_the_order(group: Group) -> None:
    desk, other = group.desk("D01"), group.desk("D02", empty=False)
    unit, customer = desk.records.unit(), customer_of(desk)
    terms = QuotationTerms(vehicle_unit_id=unit.id, vessel_tax=Decimal("420.00"))
    drafted = run(desk, DraftQuotation(customer_id=customer.id, terms=terms), role=Role.SALESPERSON)
    desk.sync()
    other.sync()
    placed = run(
        other, PlaceOrder(quotation_id=drafted.quotation_id, expected_revision=drafted.revision), role=Role.SALESPERSON
    )
    paid = ReceivePayment(order_id=placed.order_id, kind="earnest_money", method="cash", amount=Decimal("5000.00"))
    run(other, paid, role=Role.CASHIER)
    desk.set(Customer, customer.id, note="meanwhile the draft is talked about")
    desk.sync()
    other.sync()
    desk.sync()
    assert len(_at_centre(group, "payment")) == 1
    assert _order(desk, placed.order_id)["claim_state"] == "confirmed"
    assert desk.snapshot() == other.snapshot()


def test_equal_clocks_end_alike_everywhere_whoever_is_first(group: Group) -> None:
    desk, other = group.desk("D01"), group.desk("D02", empty=False)
    customer = customer_of(desk)
    desk.sync()
    other.sync()
    ahead = f"{time.time_ns() // 1_000_000 + 1000:012x}0000"
    for one in (desk, other):
        with one.database.exclusive() as connection:
            connection.exec_driver_sql("UPDATE desk_state SET hybrid_time = ? || substr(hybrid_time, 17)", (ahead,))
        one.clock.instant = desk.clock.instant
        one.set(Customer, customer.id, note=f"from {one.name}")
    for one in (other, desk, other):
        one.sync()
    assert desk.row("customer", customer.id)["note"] == other.row("customer", customer.id)["note"]
    assert desk.snapshot() == other.snapshot()


def test_a_lost_order_settled_in_two_ways_has_one_vehicle_and_says_so(group: Group) -> None:
    """One desk gives it another vehicle, another desk asks once more for the lost one."""
    desk, other, third = group.desk("D01"), group.desk("D02", empty=False), group.desk("D03")
    wanted, spare = desk.records.unit(), desk.records.unit(vin="LSVAA4182E2184841", stock_number="S9")
    customer = customer_of(desk)
    for one in (desk, other, third):
        one.sync()
    desk.sell(wanted.id, customer.id)
    lost = other.sell(wanted.id, customer.id)
    for one in (desk, other, third):
        one.sync()
    assert _order(third, lost)["claim_state"] == "conflict"
    third.claim_again(lost)
    other.do(lambda uow: _given(uow, lost, spare.id))
    for one in (other, third, desk, other, third):
        one.sync()
    for one in (desk, other, third):
        assert (_order(one, lost)["claim_state"], _order(one, lost)["vehicle_unit_id"]) == ("confirmed", spare.id)
        assert one.row("vehicle_unit", spare.id)["order_id"] == lost
    assert [one for one in check(group.store) if one.tenant == group.tenant] == []


def _given(uow: Any, order_id: str, unit_id: str) -> None:
    order, unit = uow.get(SalesOrder, order_id), uow.get(VehicleUnit, unit_id)
    order.vehicle_unit_id, order.claim_state = unit.id, "provisional"
    unit.allocation_state, unit.order_id = "ALLOCATED", order_id
    uow.claim_vehicle(vin=unit.vin, vehicle_id=unit.id, kind="order", holder_id=order_id, number=order.number)


def test_numbers_given_since_a_backup_are_not_given_again(group: Group, join: Join) -> None:
    device = join()
    with group.store.write() as connection:
        known = next_number(
            group.store, connection, tenant=group.tenant, scope=device.branch_id, provisional="SH01-X", now=0
        )  # fmt: skip
    start_epoch(group.store, group.tenant)
    with group.store.write() as connection:
        count_on(group.store, connection, tenant=group.tenant, counts={series_of("other", 1970): 7})
        numbers = [
            next_number(group.store, connection, tenant=group.tenant, scope=scope, provisional="SH01-X", now=0)
            for scope in (device.branch_id, "other", "third")
        ]
    assert known == "SH01-SO-1970-000001"
    assert [int(number[-6:]) > SKIPPED for number in numbers] == [True] * 3


def test_an_order_whose_number_another_one_got_since_the_backup_gets_a_new_one(group: Group, join: Join) -> None:
    """More numbers were lost than are passed over, or some were given before anybody knew of the restore."""
    device = join()
    start_epoch(group.store, group.tenant)
    year = datetime.now(BRANCH_TIME).year
    first, later, latest, next_one = (f"SH01-SO-{year}-{SKIPPED + n:06d}" for n in (1, 7, 9, 10))
    assert _numbers_of_shown(device, first, latest) == [first, latest]
    assert _numbers_of_shown(device, first, later) == [next_one, later]
    assert [one for one in check(group.store) if one.tenant == group.tenant] == []


def _numbers_of_shown(device: RawDevice, *numbers: str) -> list[str]:
    """Orders with these numbers, as a desk shows them that had them before; the numbers they have then."""
    orders = {new_id(): number for number in numbers}
    rows = [
        [device.branch_id, "sales_order", order, 1, 1,
         {"state": "CANCELLED", "number": "SH01-D01-SO-000001", "final_number": number}, {"*": device.clock()}]
        for order, number in orders.items()
    ]  # fmt: skip
    assert device.post("publish", {"rows": rows}).status_code == 200
    return [row[FIELDS]["final_number"] for row in device.pull_all() if row[ID] in orders]


# --- reading ------------------------------------------------------------------------------------


def test_a_scope_with_dropped_tombstones_is_read_from_the_start_in_many_pages(group: Group) -> None:
    desk = group.desk("D01")
    gone = [customer_of(desk, name=f"删除{n}") for n in range(3)]
    kept = [customer_of(desk, name=f"保留{n}") for n in range(12)]
    desk.sync()
    for one in gone:
        desk.delete(Customer, one.id)
    desk.sync()
    desk.sync()
    later = time.time_ns() // 1000 + (TOMBSTONE_DAYS + 1) * 86_400_000_000
    assert sum(compact(group.store, group.tenant, now=later).values()) == 3
    new = group.desk("D02", empty=True)
    new.engine._page_rows = 4
    new.sync()
    assert {row[0] for row in new.rows("SELECT id FROM customer")} == {one.id for one in kept}
    assert new.engine.status.state == SyncState.AGREED


def test_a_page_that_came_before_later_batches_is_not_taken_for_a_restored_centre(small_group: Group) -> None:
    desk = small_group.desk("D01")
    desk.sync()
    identity = desk.one("SELECT device_id FROM desk_state")
    desk.engine._batch_operations = 6
    customer_of(desk, name="eins")
    desk.do(lambda uow: [uow.add(_person(desk, f"n{n}")) for n in range(9)] and None)
    desk.sync()
    assert desk.one("SELECT device_id FROM desk_state") == identity


def _person(desk: Desk, name: str) -> Customer:
    return Customer(branch_id=desk.branch.id, kind="person", name=name, phone="13900000000")


# --- many ---------------------------------------------------------------------------------------


@pytest.mark.timeout(300)
def test_thirty_days_offline_with_fifty_thousand_operations(small_group: Group) -> None:
    from app.kernel.unit_of_work import UnitOfWork

    desk = small_group.desk("D01")
    desk.sync()
    actor = desk.actor()
    author = Author(actor.staff_id, actor.branch_id, actor.desk_code)
    parts = 50
    for part in range(parts):
        desk.clock.advance(timedelta(days=DAYS_AWAY) / parts)
        rows = [
            {"branch_id": desk.branch.id, "kind": "follow_up", "state": "OPEN",
             "record_table": "customer", "record_id": "c" * 32, "params": {"n": part * 1000 + n}}
            for n in range(OPERATIONS_AWAY // parts)
        ]
        with desk.database.transaction(now=desk.clock.now(), author=author) as transaction:
            UnitOfWork(transaction, actor=actor, now=desk.clock.now()).add_many(Task, rows)
            transaction.commit(name="Offline")
    lost = {("push", 7): "answer", ("push", 20): "request"}
    losing = LosingTransport(desk.engine.transport, lambda name, count: lost.get((name, count), ""))
    desk.engine.transport = losing  # type: ignore[assignment]
    for _ in lost:
        with pytest.raises(SyncProblem):
            desk.sync()
    desk.sync()
    counted = "SELECT count(*) FROM replica_row WHERE tenant_id = ? AND table_name = 'task'"
    assert small_group.scalar(counted) == OPERATIONS_AWAY
    assert desk.engine.status.unsent == 0
    assert desk.one("SELECT count(*) FROM task WHERE ver = 1") == OPERATIONS_AWAY


@pytest.mark.timeout(300)
def test_forty_branches_reconnecting_at_once_all_get_through(group: Group, join: Join) -> None:
    devices = [join(f"D{number:02d}") for number in range(BRANCHES_AT_ONCE)]

    def reconnect(device: RawDevice) -> list[str]:
        message = device.message([put_customer(device, name=f"{device.device_id}-{n}") for n in range(OPERATIONS_EACH)])
        for _ in range(60):
            answer = device.post("push", message)
            if answer.status_code == 200:
                return outcomes(answer.json())
            assert answer.status_code in (429, 503), answer.text
            time.sleep(0.1)
        raise AssertionError("nobody answered")

    with ThreadPoolExecutor(BRANCHES_AT_ONCE) as pool:
        answers = list(pool.map(reconnect, devices))
    assert answers == [["accepted"] * OPERATIONS_EACH] * BRANCHES_AT_ONCE
    places = [row[0] for row in group.rows("SELECT seq FROM replica_row WHERE tenant_id = ? ORDER BY seq")]
    assert places == list(range(1, BRANCHES_AT_ONCE * OPERATIONS_EACH + 1))


