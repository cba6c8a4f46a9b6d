"""Whatever breaks, every change that was committed at a desk arrives at the centre, once."""

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from db.engine import Database
from db.models.customers import Customer
from sync.client import engine
from sync.client.errors import CentreLostOperations, SyncProblem
from sync.client.status import SyncState
from sync.server.scopes import change_scopes
from sync.server.upkeep import TOMBSTONE_DAYS, compact, recount_digests
from tests.factories.databases import KEY
from tests.factories.people import HANGZHOU
from tests.sync.conftest import Group
from tests.sync.desks import Desk, customer_of
from tests.sync.losing_transport import LosingTransport
from tests.sync.sales_at_desks import sell
from tests.sync.service_process import ServiceProcess


@pytest.fixture
def own_group(own_service: ServiceProcess, database_template: Path, tmp_path: Path) -> Iterator[Group]:
    """A group at a service that the test may kill."""
    made = Group(own_service, database_template, tmp_path)
    yield made
    made.close()


def _many(desk: Desk, count: int, *, transactions: int) -> list[str]:
    """So many customers in so many transactions; their ids."""
    ids: list[str] = []
    for number in range(transactions):
        rows = [_person(desk, f"客户{number}-{i}") for i in range(count // transactions)]
        ids += [row.id for row in rows]
        desk.records.save(*rows)
    return ids


def _person(desk: Desk, name: str) -> Customer:
    return Customer(branch_id=desk.branch.id, kind="person", name=name, phone="13900000000")


def _at_centre(group: Group) -> dict[str, int]:
    """Customers at the centre: id to version."""
    rows = group.rows("SELECT record_id, ver FROM replica_row WHERE tenant_id = ? AND table_name = 'customer'")
    return {str(row[0]): int(str(row[1])) for row in rows}


def _places_are_whole(group: Group) -> None:
    """No place of the feed given twice; with rows written once, none skipped."""
    rows = group.rows("SELECT scope, seq FROM replica_row WHERE tenant_id = ? ORDER BY scope, seq")
    assert len(set(rows)) == len(rows)


def test_the_service_killed_in_the_middle_of_a_push_loses_and_doubles_nothing(own_group: Group) -> None:
    desk = own_group.desk("D01")
    desk.sync()
    ids = _many(desk, 1200, transactions=120)
    desk.engine._batch_operations = 40
    kills = 0
    for at in (100, 400, 700):
        done = threading.Event()
        failed: list[BaseException] = []

        def push(done: threading.Event = done, failed: list[BaseException] = failed) -> None:
            try:
                desk.engine.sync_once()
            except SyncProblem as problem:
                failed.append(problem)
            finally:
                done.set()

        thread = threading.Thread(target=push)
        thread.start()
        while not done.is_set() and desk.one("SELECT acknowledged_n FROM desk_state") < at:
            time.sleep(0.002)
        own_group.service.kill()
        thread.join()
        kills += bool(failed)
        own_group.service.start()
    assert kills >= 2
    desk.sync()
    assert _at_centre(own_group) == dict.fromkeys(ids, 1)
    _places_are_whole(own_group)
    assert desk.engine.status.unsent == 0
    assert desk.one("SELECT count(*) FROM customer WHERE ver = 1") == 1200
    other = own_group.desk("D02", empty=True)
    other.sync()
    assert other.snapshot() == desk.snapshot()
    assert own_group.service.administer("check") == "all is well"


def test_the_service_killed_while_a_desk_reads_is_read_on_from_there(own_group: Group) -> None:
    desk = own_group.desk("D01")
    _many(desk, 1000, transactions=5)
    desk.sync()
    other = own_group.desk("D02", empty=True)
    other.engine._page_rows = 50
    failed: list[BaseException] = []

    def read_on() -> None:
        try:
            other.sync()
        except SyncProblem as problem:
            failed.append(problem)

    thread = threading.Thread(target=read_on)
    thread.start()
    while thread.is_alive() and other.one("SELECT count(*) FROM customer") < 200:
        time.sleep(0.002)
    own_group.service.kill()
    thread.join()
    read = other.one("SELECT count(*) FROM customer")
    assert failed and 200 <= read < 1000
    assert other.one("SELECT max(seq) FROM sync_cursor") == read  # whole pages, each with its cursor
    own_group.service.start()
    assert other.sync().pulled == 1000 - read
    assert other.snapshot() == desk.snapshot()


def test_lost_requests_and_lost_answers_are_made_up_for(small_group: Group) -> None:
    desk, other = small_group.desk("D01"), small_group.desk("D02", empty=False)
    desk.sync()
    unit, customer = desk.records.unit(), customer_of(desk)
    order = desk.sell(unit.id, customer.id)
    plan = {1: "answer", 2: "request", 3: "answer", 4: "answer"}
    losing = LosingTransport(desk.engine.transport, lambda name, count: plan.get(count, "") if name == "push" else "")
    desk.engine.transport = losing  # type: ignore[assignment]
    for _ in plan:
        with pytest.raises(SyncProblem):
            desk.sync()
        assert desk.engine.status.state == SyncState.OFFLINE
        assert desk.engine.status.unsent > 0
    assert desk.row("sales_order", order)["claim_state"] == "provisional"
    desk.sync()
    assert desk.row("sales_order", order)["claim_state"] == "confirmed"
    assert desk.row("sales_order", order)["final_number"].endswith("000001")
    other.sync()
    assert other.snapshot() == desk.snapshot()


def test_answers_lost_while_publishing_and_reading_do_no_harm(small_group: Group) -> None:
    desk = small_group.desk("D01")
    desk.engine._page_rows = 3
    losing = LosingTransport(desk.engine.transport, lambda name, count: "answer" if count % 2 else "")
    desk.engine.transport = losing  # type: ignore[assignment]
    for _ in range(12):
        try:
            desk.sync()
            break
        except SyncProblem:
            continue
    losing.plan = lambda name, count: ""
    desk.sync()
    assert small_group.scalar("SELECT count(*) FROM replica_row WHERE tenant_id = ?") == 11
    assert desk.one("SELECT count(*) FROM staff_member WHERE ver = 1") == 9


def _cloned(group: Group, desk: Desk, name: str) -> Desk:
    """A copy of the desk's disk, credentials and all."""
    path = desk.database.path.with_name(f"{name}.db")
    desk.database.backup_to(path)
    clone = group.desk_on(Database(path, KEY), desk.name)
    known = desk.engine.transport.credentials.load()
    assert known is not None
    clone.engine.transport.credentials.save(known)
    return clone


def test_a_cloned_disk_gets_a_name_of_its_own_and_both_keep_their_work(group: Group) -> None:
    desk = group.desk("D01")
    first = customer_of(desk, name="一")
    desk.sync()
    unsent = customer_of(desk, name="未发送")
    clone = _cloned(group, desk, "clone")
    ours, theirs = customer_of(desk, name="原件"), customer_of(clone, name="复印件")
    for one in (desk, clone, desk, clone):
        one.sync()
    assert set(_at_centre(group)) == {first.id, unsent.id, ours.id, theirs.id}
    assert desk.snapshot() == clone.snapshot()
    names = {one.one("SELECT device_id FROM desk_state") for one in (desk, clone)}
    assert len(names) == 2
    assert group.scalar("SELECT count(*) FROM device WHERE tenant_id = ? AND replaces <> ''") == 1
    assert group.scalar("SELECT count(*) FROM quarantined_operation WHERE tenant_id = ?") == 2


def test_a_clone_that_only_reads_sees_what_its_original_writes(small_group: Group) -> None:
    desk = small_group.desk("D01")
    desk.sync()
    clone = _cloned(small_group, desk, "clone")
    written = customer_of(desk)
    desk.sync()
    clone.sync()
    assert clone.row("customer", written.id)["name"] == "张伟"


def test_a_desk_restored_from_its_backup_sends_again_what_is_missing(group: Group) -> None:
    desk = group.desk("D01")
    before = customer_of(desk, name="备份前")
    desk.sync()
    pending = customer_of(desk, name="备份时未发送")
    restored = _cloned(group, desk, "backup")
    after = customer_of(desk, name="备份后")
    desk.set(Customer, before.id, note="changed after the backup")
    desk.sync()
    desk.database.close()  # the disk died; work goes on from the backup
    fresh = customer_of(restored, name="恢复后")
    restored.sync()
    restored.sync()
    assert set(_at_centre(group)) == {before.id, pending.id, after.id, fresh.id}
    assert restored.row("customer", before.id)["note"] == "changed after the backup"
    assert restored.row("customer", after.id)["name"] == "备份后"


@pytest.mark.parametrize("announced", [True, False])
def test_a_service_restored_from_a_backup_gets_back_what_it_lost(own_group: Group, announced: bool) -> None:
    service = own_group.service
    desk, other = own_group.desk("D01"), own_group.desk("D02", empty=False)
    early = customer_of(desk, name="备份前")
    unit, buyer = desk.records.unit(), customer_of(desk)
    desk.sync()
    other.sync()
    service.stop()
    backup = service.data.with_name(f"service-backup-{announced}")
    shutil.copytree(service.data, backup)
    service.start()
    late = customer_of(desk, name="备份后")
    desk.set(Customer, early.id, note="备份后修改")
    order = desk.sell(unit.id, buyer.id)
    theirs = customer_of(other, name="另一台")
    for one in (desk, other, desk):
        one.sync()
    service.stop()
    own_group.store.close()
    shutil.rmtree(service.data)
    shutil.copytree(backup, service.data)
    if announced:
        service.administer("restored", "--tenant", own_group.tenant)
    service.start()
    for one in (desk, other, desk, other):
        one.sync()
    own_group.store = type(own_group.store)(f"sqlite:///{service.data / 'service.db'}")
    assert {early.id, late.id, theirs.id, buyer.id} == set(_at_centre(own_group))
    assert desk.snapshot() == other.snapshot()
    assert other.row("customer", early.id)["note"] == "备份后修改"
    assert other.row("sales_order", order)["claim_state"] == "confirmed"
    assert own_group.scalar("SELECT holder_id FROM vehicle_claim WHERE tenant_id = ?") == order
    assert service.administer("check") == "all is well"


@pytest.mark.parametrize("first", ["who sold it", "who has it"])
def test_a_sale_is_remembered_whose_vehicle_went_with_a_branch_before_the_service_was_restored(
    own_group: Group, first: str
) -> None:
    service = own_group.service
    seller, owner = own_group.desk("D01", scopes=[]), own_group.desk("D01", branch=HANGZHOU, scopes=[])
    for one in (seller, owner):
        one.sync()
    device = str(seller.one("SELECT device_id FROM desk_state"))
    change_scopes(own_group.store, own_group.tenant, device, [HANGZHOU.code], now=1)
    seller.sync()
    service.stop()
    backup = service.data.with_name(f"before-{first.replace(' ', '-')}")
    shutil.copytree(service.data, backup)
    service.start()
    unit = owner.records.unit(branch_id=HANGZHOU.id)
    for one in (owner, seller):
        one.sync()
    order = sell(seller, unit.id)
    seller.sync()
    change_scopes(own_group.store, own_group.tenant, device, [], now=2)
    for one in (seller, owner):
        one.sync()
    assert seller.one("SELECT count(*) FROM vehicle_unit WHERE id = ?", unit.id) == 0
    service.stop()
    own_group.store.close()
    shutil.rmtree(service.data)
    shutil.copytree(backup, service.data)
    service.administer("scopes", "--tenant", own_group.tenant, device, "--scopes", "")
    service.administer("restored", "--tenant", own_group.tenant)
    service.start()
    for one in (seller, owner, seller, owner) if first == "who sold it" else (owner, seller, owner, seller):
        one.sync()
    own_group.store = type(own_group.store)(f"sqlite:///{service.data / 'service.db'}")
    assert own_group.scalar("SELECT holder_id FROM vehicle_claim WHERE tenant_id = ?") == order
    assert seller.row("sales_order", order)["claim_state"] == "confirmed"
    assert owner.row("vehicle_unit", unit.id)["order_id"] == order
    assert service.administer("check") == "all is well"


def test_a_desk_that_was_away_too_long_sends_first_and_then_reads_again(group: Group) -> None:
    desk, away = group.desk("D01"), group.desk("D02")
    gone, stays = customer_of(desk, name="删除"), customer_of(desk, name="保留")
    desk.sync()
    away.sync()
    mine = customer_of(away, name="离线登记")
    away.set(Customer, stays.id, note="离线修改")
    desk.delete(Customer, gone.id)
    customer_of(desk, name="新的")
    desk.sync()
    desk.sync()
    later = time.time_ns() // 1000 + (TOMBSTONE_DAYS + 1) * 86_400_000_000
    assert sum(compact(group.store, group.tenant, now=later).values()) == 1
    away.sync()
    assert away.row("customer", gone.id)["deleted_at"] is not None
    assert away.row("customer", mine.id)["deleted_at"] is None
    assert any(gone.id in changes.ids("customer") for changes in away.changes)
    desk.sync()
    assert desk.snapshot() == away.snapshot()
    assert desk.row("customer", stays.id)["note"] == "离线修改"


def test_an_operation_nobody_can_read_is_set_aside_and_the_others_go_on(small_group: Group) -> None:
    desk = small_group.desk("D01")
    desk.sync()
    poisoned, other = customer_of(desk, name="坏"), customer_of(desk, name="好")
    with desk.database.exclusive() as connection:
        connection.exec_driver_sql(
            "UPDATE outbox_operation SET body = '{\"txn\": broken' WHERE record_id = ?", (poisoned.id,)
        )
    report = desk.sync()
    assert (report.pushed, report.rejected) == (2, 1)
    assert set(_at_centre(small_group)) == {other.id}
    refused = desk.rows("SELECT record_id, result FROM outbox_operation WHERE state = 'rejected'")
    assert refused[0][0] == poisoned.id and "operation_too_large" in refused[0][1]
    assert desk.row("customer", poisoned.id)["name"] == "坏"


def test_a_large_transaction_travels_whole(small_group: Group) -> None:
    desk = small_group.desk("D01")
    desk.sync()
    customer_of(desk, name="davor")
    ids = _many(desk, 2500, transactions=1)
    customer_of(desk, name="danach")
    assert desk.sync().pushed == 2502
    assert set(ids) < set(_at_centre(small_group))


def test_a_row_that_cannot_be_written_here_is_left_out_alone(small_group: Group) -> None:
    desk = small_group.desk("D01")
    good, bad = customer_of(desk, name="好"), customer_of(desk, name="坏")
    desk.sync()
    small_group.spoil()
    with small_group.store.write() as connection:
        small_group.store.run(
            connection, "UPDATE replica_row SET body = '{\"name\": [1]}' WHERE tenant_id = ? AND record_id = ?",
            (small_group.tenant, bad.id),
        )  # fmt: skip
    other = small_group.desk("D02", empty=True)
    other.sync()
    assert other.row("customer", good.id)["name"] == "好"
    assert other.row("customer", bad.id) == {}
    assert other.engine.status.state == SyncState.AGREED


def test_what_a_newer_version_knows_is_kept_and_comes_back(small_group: Group) -> None:
    desk = small_group.desk("D01")
    customer = customer_of(desk)
    desk.sync()
    tenant = small_group.tenant
    with small_group.store.write() as connection:
        small_group.store.run(
            connection,
            "UPDATE replica_row SET body = json_set(body, '$.loyalty_points', 7), ver = 2, origin = '', size ="
            " length(CAST(json_set(body, '$.loyalty_points', 7) AS BLOB)), seq ="
            " (SELECT head + 1 FROM sync_scope s WHERE s.tenant_id = replica_row.tenant_id AND s.scope ="
            " replica_row.scope) WHERE tenant_id = ? AND record_id = ?",
            (tenant, customer.id),
        )
        small_group.store.run(connection, "UPDATE sync_scope SET head = head + 1 WHERE tenant_id = ?", (tenant,))
        small_group.store.insert_many(
            connection, "replica_row",
            ("tenant_id", "table_name", "record_id", "scope", "seq", "ver", "deleted", "body", "field_clock",
             "created_at", "updated_at", "origin", "origin_base", "size"),
            [(tenant, "from_the_future", "f" * 32, "group", 9999, 1, 0, "{}", "{}", 1, 1, "", 0, 2)],
        )  # fmt: skip
        small_group.store.run(
            connection, "UPDATE sync_scope SET head = 9999 WHERE tenant_id = ? AND scope = 'group'", (tenant,)
        )
    recount_digests(small_group.store, tenant)
    desk.sync()
    assert desk.row("customer", customer.id)["extra"] == '{"loyalty_points":7}'
    desk.set(Customer, customer.id, note="changed by the older version")
    desk.sync()
    body = str(small_group.scalar("SELECT body FROM replica_row WHERE tenant_id = ? AND record_id = ?", customer.id))
    assert '"loyalty_points":7' in body and "changed by the older version" in body


def test_what_is_not_yet_sent_stays_visible_over_what_arrives(small_group: Group) -> None:
    desk, other = small_group.desk("D01"), small_group.desk("D02", empty=False)
    customer = customer_of(desk)
    desk.sync()
    other.sync()
    other.set(Customer, customer.id, note="theirs", address="theirs")
    other.sync()
    desk.set(Customer, customer.id, note="ours, unsent")
    losing = LosingTransport(desk.engine.transport, lambda name, count: "")
    desk.engine.transport = losing  # type: ignore[assignment]
    from sync.client.pulling import pull_all

    with desk.engine._exchange() as exchange:
        pull_all(exchange, exchange.standing())
    row = desk.row("customer", customer.id)
    assert (row["note"], row["address"], row["ver"]) == ("ours, unsent", "theirs", 2)
    desk.sync()
    other.sync()
    assert other.row("customer", customer.id)["note"] == "ours, unsent"
    assert desk.snapshot() == other.snapshot()


def test_people_go_on_writing_while_thousands_of_rows_arrive(group: Group) -> None:
    desk = group.desk("D01")
    _many(desk, 1500, transactions=3)
    desk.sync()
    other = group.desk("D02", empty=True)
    other.sync()
    _many(desk, 1500, transactions=3)
    desk.sync()
    other.engine._page_rows = 100
    arrived: list[int] = []
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(0.005):
            other.records.save(_person(other, "趁热"))
            arrived.append(other.one("SELECT count(*) FROM customer") - len(arrived) - 1)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        other.sync()
    finally:
        stop.set()
        thread.join()
    other.sync()
    desk.sync()
    between = {count for count in arrived if 1500 < count < 3000}
    assert len(between) > 3, "nobody could write while the pages arrived"
    assert desk.one("SELECT count(*) FROM customer") == 3000 + len(arrived)
    assert desk.snapshot() == other.snapshot()


def test_searching_is_made_quick_again_after_many_rows_arrived(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_MANY_ARRIVED", 500)
    desk = group.desk("D01")
    _many(desk, 600, transactions=3)
    desk.sync()
    other = group.desk("D02", empty=True)
    other.engine._page_rows = 50
    other.sync()
    pieces = "SELECT count(DISTINCT segid) FROM search_customer_name_idx"
    assert other.one(pieces) > 1
    other.engine.tidy_search()
    assert other.one(pieces) == 1
    assert other.one("SELECT count(*) FROM search_entry WHERE kind = 'customer'") >= 600


def test_a_desk_whose_clock_runs_a_year_ahead_is_told_and_set_right(group: Group) -> None:
    desk, other = group.desk("D01"), group.desk("D02", empty=False)
    customer = customer_of(desk)
    desk.sync()
    other.sync()
    ahead = time.time_ns() // 1_000_000 + 365 * 86_400_000
    with desk.database.exclusive() as connection:
        connection.exec_driver_sql(
            "UPDATE desk_state SET hybrid_time = printf('%012x', ?) || substr(hybrid_time, 13)", (ahead,)
        )
    desk.set(Customer, customer.id, note="from next year")
    desk.sync()
    assert "minutes ahead" in desk.engine.status.message
    assert dict(desk.engine.status.message_params)["minutes"] > 500_000
    desk.set(Customer, customer.id, note="soon after")
    desk.sync()
    other.sync()
    other.set(Customer, customer.id, note="the other desk, later")
    other.sync()
    desk.sync()
    assert desk.row("customer", customer.id)["note"] == "the other desk, later"
    assert int(desk.one("SELECT hybrid_time FROM desk_state")[:12], 16) < time.time_ns() // 1_000_000 + 600_000
    assert desk.snapshot() == other.snapshot()


def test_healing_gives_up_when_it_does_not_help(small_group: Group) -> None:
    desk = small_group.desk("D01")
    desk.sync()

    class Forgetful(LosingTransport):
        def pull(self, message: dict[str, Any]) -> Any:
            raise CentreLostOperations()

    desk.engine.transport = Forgetful(desk.engine.transport, lambda name, count: "")  # type: ignore[assignment]
    with pytest.raises(CentreLostOperations):
        desk.sync()
    assert desk.engine.status.state == SyncState.OFFLINE
