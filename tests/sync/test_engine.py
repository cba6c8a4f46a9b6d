"""What the application sees of synchronisation: status, changes, the background thread, refused operations, seeding."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.kernel.permissions import Role
from app.kernel.unit_of_work import Reader
from db.models.customers import Customer
from sync.client import queries
from sync.client.connection import DirectConnection
from sync.client.enrolment import enrol
from sync.client.errors import BranchDiffers, NotEnrolled, ServiceUnreachable
from sync.client.outbox import forget_old
from sync.client.runner import Rhythm, SyncRunner
from sync.client.status import SyncState
from sync.protocol.codec import load
from tests.factories.people import HANGZHOU
from tests.sync.conftest import Group
from tests.sync.desks import Desk, customer_of
from tests.sync.faulty_server import answering
from tests.sync.losing_transport import LosingTransport

QUICK = Rhythm(lively=0.01, idle=0.05, first_retry=0.02, last_retry=0.1, refused=0.1)


def _until(condition: Callable[[], bool], *, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def _reader(desk: Desk, work: Callable[[Reader], object]) -> object:
    with desk.database.read() as session:
        return work(Reader(session, actor=desk.actor(), now=desk.clock.now()))


def test_a_desk_without_a_service_says_so_and_counts(small_group: Group) -> None:
    desk = small_group.desk("D01", join=False)
    customer_of(desk)
    with pytest.raises(NotEnrolled):
        desk.sync()
    status = desk.engine.status
    assert (status.state, status.unsent, status.message) == (SyncState.NOT_ENROLLED, 1, "")
    assert status.oldest_unsent_at == desk.clock.now()
    assert desk.engine.refresh_status() == status


def test_the_status_is_honest_while_the_service_is_away_and_after(small_group: Group) -> None:
    desk = small_group.desk("D01")
    desk.sync()
    agreed = desk.engine.status.last_agreed_at
    away = LosingTransport(desk.engine.transport, lambda name, count: "request")
    desk.engine.transport = away  # type: ignore[assignment]
    customer_of(desk)
    gone_at = desk.clock.now()
    for _ in range(2):
        with pytest.raises(ServiceUnreachable):
            desk.sync()
        desk.clock.advance(timedelta(minutes=2))
    status = desk.engine.status
    assert (status.state, status.unsent, status.offline_since) == (SyncState.OFFLINE, 1, gone_at)
    assert (status.problem, status.last_agreed_at) == ("service_unreachable", agreed)
    assert dict(status.message_params)["address"] == desk.engine.transport.address
    away.plan = lambda name, count: ""
    desk.sync()
    status = desk.engine.status
    assert (status.state, status.unsent, status.offline_since, status.message) == (SyncState.AGREED, 0, None, "")
    assert status.last_agreed_at == desk.clock.now()
    assert [one.state for one in desk.statuses[-2:]] == [SyncState.WORKING, SyncState.AGREED]


def test_what_waits_is_counted_while_the_service_is_away(small_group: Group) -> None:
    desk = small_group.desk("D01")
    desk.sync()
    desk.engine.transport = LosingTransport(desk.engine.transport, lambda name, count: "request")  # type: ignore[assignment]
    with pytest.raises(ServiceUnreachable):
        desk.sync()
    before = desk.engine.status
    assert (before.state, before.unsent) == (SyncState.OFFLINE, 0)
    customer_of(desk)
    after = desk.engine.refresh_status()
    assert after == replace(before, unsent=1, oldest_unsent_at=desk.clock.now()) and after.message


def test_changes_are_told_once_for_what_came_from_elsewhere(small_group: Group) -> None:
    desk, other = small_group.desk("D01"), small_group.desk("D02")
    desk.sync()
    other.sync()
    customer = customer_of(desk)
    desk.changes.clear()
    other.changes.clear()
    desk.sync()
    other.sync()
    other.sync()
    assert desk.changes == []
    assert [changes.rows for changes in other.changes] == [{"customer": frozenset({customer.id})}]


def test_a_long_push_tells_how_far_it_is(small_group: Group) -> None:
    desk = small_group.desk("D01")
    desk.sync()
    for _ in range(12):
        customer_of(desk)
    desk.engine._batch_operations = 2
    desk.statuses.clear()
    desk.sync()
    told = [status.progress for status in desk.statuses if status.progress is not None]
    assert [(one.sent, one.to_send) for one in told] == [(8, 12), (12, 12)]
    assert told[-1].bytes_out > 0 and desk.statuses[-1].progress is None


def test_a_long_reading_tells_how_far_it_is(small_group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.client.engine._WORTH_TELLING", 1)
    desk, other = small_group.desk("D01"), small_group.desk("D02")
    desk.sync()
    other.sync()
    for _ in range(20):
        customer_of(desk)
    desk.sync()
    other.engine._page_rows = 6
    other.statuses.clear()
    other.sync()
    told = [status.progress for status in other.statuses if status.progress is not None]
    assert [(one.received, one.to_receive, one.about) for one in told] == [
        (6, 20, True), (12, 20, True), (18, 20, True), (20, 20, True)
    ]  # fmt: skip
    assert told[0].seconds_left is None and all(one.seconds_left is not None for one in told[1:])
    assert other.statuses[-1].progress is None
    other.statuses.clear()
    customer_of(desk)
    desk.sync()
    other.sync()
    assert [status.progress.to_receive for status in other.statuses if status.progress is not None] == [0]


def test_the_outbox_can_be_read_by_record_and_state(small_group: Group) -> None:
    desk = small_group.desk("D01")
    first = customer_of(desk, name="一")
    desk.sync()
    desk.set(Customer, first.id, note="changed")
    desk.set(Customer, first.id, note="changed again")
    second = customer_of(desk, name="二")
    counts = _reader(desk, queries.get_counts)
    assert (counts.unsent, counts.unsent_records) == (3, 2)  # type: ignore[attr-defined]
    records = _reader(desk, queries.list_unsent_records)
    assert [(one.record_id, one.operations) for one in records] == [(second.id, 1), (first.id, 2)]  # type: ignore[attr-defined]
    pending = _reader(desk, lambda reader: queries.list_outbox(reader, state="pending", limit=2))
    assert [one.record_id for one in pending] == [second.id, first.id]  # type: ignore[attr-defined]
    older = _reader(desk, lambda reader: queries.list_outbox(reader, after=pending[-1].cursor))  # type: ignore[index]
    assert [one.state for one in older] == ["pending", "accepted"]  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="no such state"):
        _reader(desk, lambda reader: queries.list_outbox(reader, state="lost"))
    scopes = _reader(desk, queries.list_scopes)
    assert {(one.name, one.scope) for one in scopes} == {("", "group"), ("SH01", desk.branch.id)}  # type: ignore[attr-defined]
    place = _reader(desk, queries.get_desk)
    assert (place.desk_code, place.service_url) == ("D01", small_group.service.url)  # type: ignore[attr-defined]


def test_old_answers_are_forgotten_but_never_what_waits_or_was_refused(small_group: Group) -> None:
    desk = small_group.desk("D01")
    customer_of(desk)
    made = desk.records
    made.actor = desk.actor(Role.PARTS_CLERK)
    made.customer()
    desk.sync()
    customer_of(desk)
    with desk.database.exclusive() as raw:
        assert forget_old(DirectConnection(raw), now=1 << 60) == 1
    assert len(desk.rows("SELECT n FROM outbox_operation")) == 2


def test_a_seeded_branch_reaches_the_centre_with_its_sold_vehicles(group: Group) -> None:
    desk = group.desk("D01", join=False)
    unit, customer = desk.records.unit(), customer_of(desk)
    old = desk.sell(unit.id, customer.id)
    desk.set(Customer, customer.id, note="changed before anybody was told")
    with desk.database.exclusive() as connection:  # as a seeded branch: rows, and nothing that would carry them
        connection.exec_driver_sql("DELETE FROM outbox_operation WHERE kind = 'claim' OR table_name <> 'customer'")
        connection.exec_driver_sql("DELETE FROM outbox_operation WHERE n = (SELECT min(n) FROM outbox_operation)")
        connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = 'outbox_operation'")
        connection.exec_driver_sql("UPDATE outbox_operation SET n = 1")
        connection.exec_driver_sql(
            "UPDATE sales_order SET claim_state = 'confirmed', final_number = 'SH01-SO-2024-000007'"
        )
    group.join(desk)
    shown: list[str] = []
    assert desk.engine.publish_all(lambda message, fraction: shown.append(message)) > 10
    assert shown
    desk.sync()
    other = group.desk("D02", empty=True)
    other.sync()
    assert other.snapshot() == desk.snapshot()
    assert other.row("sales_order", old)["final_number"] == "SH01-SO-2024-000007"
    second = other.sell(unit.id, customer.id)
    other.sync()
    assert other.row("sales_order", second)["claim_state"] == "conflict"
    assert "SH01-SO-2024-000007" in other.row("sales_order", second)["claim_winner"]
    assert desk.one("SELECT publish_due FROM desk_state") == 0


def test_joining_another_service_shows_it_everything(small_group: Group, services: object) -> None:
    desk = small_group.desk("D01")
    customer = customer_of(desk)
    desk.sync()
    elsewhere = Group(small_group.service, desk.database.path, desk.database.path.parent)
    try:
        desk.engine.transport.credentials.forget()
        code = elsewhere.code("D07")
        fresh = small_group.transport()
        joined = enrol(desk.database, fresh, code=code, now=desk.clock.now())
        assert (joined.branch_code, joined.desk_code) == ("SH01", "D07")
        desk.engine.transport = fresh
        assert desk.row("customer", customer.id)["ver"] == 0
        desk.sync()
        assert elsewhere.scalar("SELECT count(*) FROM replica_row WHERE tenant_id = ?") == 12
    finally:
        elsewhere.close()


def test_a_desk_with_other_data_for_the_branch_is_not_let_in(small_group: Group) -> None:
    first = small_group.desk("D01")
    first.sync()
    other = small_group.desk("D02", join=False)
    with other.database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE branch SET id = ? WHERE code = 'SH01'", ("c" * 32,))
        connection.exec_driver_sql("UPDATE desk_state SET branch_id = ?", ("c" * 32,))
    with pytest.raises(BranchDiffers, match="branch_differs"):
        small_group.join(other)


def test_the_runner_sends_what_is_poked_and_notices_what_others_did(small_group: Group) -> None:
    desk, other = small_group.desk("D01"), small_group.desk("D02", branch=HANGZHOU)
    desk.sync()
    runner = SyncRunner(other.engine, rhythm=QUICK)
    runner.start()
    runner.start()
    try:
        customer = customer_of(desk)
        desk.sync()
        _until(lambda: bool(other.row("customer", customer.id)))
        answered = customer_of(other)
        runner.poke()
        _until(lambda: other.one("SELECT acknowledged_n FROM desk_state") == 1)
        assert _reader(other, queries.list_rejected) == []
        assert small_group.scalar(
            "SELECT count(*) FROM replica_row WHERE tenant_id = ? AND record_id = ?", answered.id
        ) == 1  # fmt: skip
        _until(lambda: other.engine.status.state == SyncState.AGREED)
    finally:
        runner.stop()
    assert not runner.is_running
    assert not any(thread.name.startswith("sync") for thread in threading.enumerate())
    assert desk.sync().pulled == 1


def test_the_centre_is_told_what_waits_behind_each_message(small_group: Group) -> None:
    desk = small_group.desk("D01")
    desk.sync()
    told: list[Any] = []
    inner = desk.engine.transport

    class Listening:
        def __getattr__(self, name: str) -> Any:
            return getattr(inner, name)

        def push(self, body: bytes) -> Any:
            message = load(body)
            told.append((message["pull"] or message)["waiting"])
            return inner.push(body)

        def pull(self, message: Any) -> Any:
            told.append(message["waiting"])
            return inner.pull(message)

    desk.engine.transport = Listening()  # type: ignore[assignment]
    desk.engine._batch_operations = 2
    made = []
    for n in range(5):
        desk.records.customer(name=f"客户{n}")
        made.append(desk.one("SELECT created_at FROM outbox_operation ORDER BY n DESC LIMIT 1"))
        desk.clock.advance(timedelta(minutes=1))
    desk.sync()
    assert told == [[3, made[2]], [1, made[4]], [0, 0], [0, 0]]
    told.clear()
    desk.sync()
    assert told == [[0, 0]]


def test_a_failed_push_is_tried_again_without_a_new_change(small_group: Group) -> None:
    desk = small_group.desk("D01")
    losing = LosingTransport(desk.engine.transport, lambda name, count: "answer" if count <= 2 else "")
    desk.engine.transport = losing  # type: ignore[assignment]
    customer_of(desk)
    runner = SyncRunner(desk.engine, rhythm=QUICK)
    runner.start()
    try:
        _until(lambda: desk.one("SELECT acknowledged_n FROM desk_state") == 1)
        _until(lambda: desk.engine.status.state == SyncState.AGREED)
    finally:
        runner.stop()
    runner.start()  # and it can be started again
    runner.stop()


def test_closing_does_not_wait_for_a_service_that_says_nothing(small_group: Group) -> None:
    desk = small_group.desk("D01")
    desk.sync()
    customer_of(desk)
    known = desk.engine.transport.credentials.load()
    with answering(b"", silent=True) as server:
        stuck = small_group.transport(url=server.url, read_seconds=1.5)
        assert known is not None
        stuck.credentials.save(known)
        desk.engine.transport = stuck
        runner = SyncRunner(desk.engine, rhythm=QUICK)
        runner.start()
        thread = runner._thread
        assert thread is not None
        _until(lambda: bool(server.heard))
        runner.stop(seconds=0.1)
        told = len(desk.statuses)
        thread.join()
    assert len(desk.statuses) == told  # it ended in silence
    assert desk.one("SELECT acknowledged_n FROM desk_state") == 0
