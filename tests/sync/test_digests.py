"""A desk proves that it has what the centre has, and puts right what differs, without asking anybody."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.kernel.unit_of_work import Reader
from db.ids import new_id
from db.models.customers import Customer
from sync.client.check_queries import get_check, list_repairs
from sync.client.errors import CentreLostOperations, SyncProblem
from sync.protocol.digests import BUCKETS, Tally, bucket_of, mark_of, written
from sync.server.digests import wrong_digests
from sync.server.store import Store
from tests.sync.conftest import Group
from tests.sync.desks import Desk
from tests.sync.direct_transport import DirectTransport
from tests.sync.raw_device import BRANCH, Join, put_customer

Damage = Callable[[Any, list[str]], None]


def people(desk: Desk, count: int) -> list[str]:
    """Customers, each changed once after the centre had it: version 2."""
    rows = [
        Customer(branch_id=desk.branch.id, kind="person", name=f"客户{i}", phone=f"139{i:08d}") for i in range(count)
    ]
    desk.records.save(*rows)
    ids = sorted(row.id for row in rows)
    desk.sync()

    def rename(uow: Any) -> None:
        for record_id in ids:
            uow.get(Customer, record_id).note = "changed"

    desk.do(rename)
    desk.sync()
    return ids


def damaged(desk: Desk, *statements: tuple[str, tuple[Any, ...]]) -> None:
    """Change the file behind everybody's back."""
    with desk.database.exclusive() as connection:
        for statement, values in statements:
            connection.exec_driver_sql(statement, values)


def test_a_mark_is_what_the_protocol_says() -> None:
    import hashlib

    record_id = "0199a5c2b4e07cf1a6d35f1e8b0c7d24"
    digest = hashlib.sha256(f"{record_id}|7".encode()).digest()
    assert mark_of(record_id, 7) == int.from_bytes(digest[:8], "big") >> 2
    assert bucket_of(record_id) == 0x24 % BUCKETS
    assert written(mark_of(record_id, 7)) == f"{mark_of(record_id, 7):016x}"


def test_sums_do_not_depend_on_the_order_in_which_rows_come_and_go() -> None:
    rows = [(new_id(), n) for n in range(1, 200)]
    one, other = Tally(), Tally()
    for record_id, ver in rows:
        one.add("s", "t", record_id, ver)
    for record_id, ver in random.Random(7).sample(rows, len(rows)):
        other.add("s", "t", record_id, ver + 1)
        other.remove("s", "t", record_id, ver + 1)
        other.add("s", "t", record_id, ver)
    assert one.total("s", "t") == other.total("s", "t")
    one.remove("s", "t", *rows[0])
    one.add("s", "t", rows[0][0], rows[0][1] + 1)
    assert one.total("s", "t") != other.total("s", "t")


def test_the_centre_keeps_its_digests_with_every_change(group: Group) -> None:
    one, other = group.desk("D01"), group.desk("D02")
    ids = people(one, 120)
    one.delete(Customer, ids[0])
    one.sync()
    other.sync()
    other.set(Customer, ids[1], name="别人")
    other.sync()
    assert wrong_digests(group.store, group.tenant) == 0
    group.spoil()
    with group.store.write() as connection:
        group.store.run(connection, "UPDATE replica_row SET ver = 9 WHERE record_id = ?", (ids[2],))
    assert wrong_digests(group.store, group.tenant) == 1


def test_totals_are_told_only_where_the_desk_is_at_the_head(group: Group, join: Join) -> None:
    device = join("D01", scopes=[])
    device.push(*[put_customer(device, name=f"客户{i}") for i in range(5)])
    at_head = device.post("digest", {"cursors": {BRANCH: 5, "f" * 32: 3}}).json()
    rows, total = at_head["scopes"][BRANCH]["tables"]["customer"]
    assert rows == 5 and len(total) == 16 and list(at_head["scopes"]) == [BRANCH]
    behind = device.post("digest", {"cursors": {BRANCH: 4}}).json()["scopes"][BRANCH]
    assert behind == {"head": 5, "tables": None}
    buckets = device.post("digest", {"scope": BRANCH, "table": "customer"}).json()
    assert buckets["head"] == 5 and sum(row[1] for row in buckets["buckets"]) == 5
    asked = {"scope": BRANCH, "table": "customer", "buckets": [row[0] for row in buckets["buckets"]]}
    listed = device.post("digest", asked).json()
    assert len(listed["records"]) == 5 and listed["next"] is None
    assert device.post("digest", {**asked, "scope": "f" * 32}).status_code == 403
    assert device.post("digest", {**asked, "buckets": [64]}).status_code == 400


def _missing(desk: Desk, ids: list[str]) -> None:
    damaged(desk, *[("DELETE FROM customer WHERE id = ?", (record_id,)) for record_id in ids])


def _missing_with_entries(desk: Desk, ids: list[str]) -> None:
    _missing(desk, ids)
    damaged(desk, *[("DELETE FROM search_entry WHERE record_id = ?", (record_id,)) for record_id in ids])


def _older(desk: Desk, ids: list[str]) -> None:
    damaged(desk, *[("UPDATE customer SET ver = 1, name = '旧' WHERE id = ?", (record_id,)) for record_id in ids])


def _deleted(desk: Desk, ids: list[str]) -> None:
    damaged(desk, *[("UPDATE customer SET deleted_at = 5 WHERE id = ?", (record_id,)) for record_id in ids])


def _elsewhere(desk: Desk, ids: list[str]) -> None:
    damaged(desk, *[("UPDATE customer SET scope = 'group' WHERE id = ?", (record_id,)) for record_id in ids])


def _never_sent(desk: Desk, ids: list[str]) -> None:
    damaged(desk, *[("UPDATE customer SET ver = 0 WHERE id = ?", (record_id,)) for record_id in ids])


@pytest.mark.parametrize(
    "damage", [_missing, _missing_with_entries, _older, _deleted, _elsewhere, _never_sent], ids=lambda one: one.__name__
)
def test_a_checksum_mismatch_is_put_right_without_a_person(group: Group, damage: Damage) -> None:
    desk = group.desk("D01")
    ids = people(desk, 60)
    copy = group.desk("D02", empty=True)
    copy.sync()
    assert copy.engine.check_copy(asked=True).repaired == 0
    damage(copy, ids[:7])
    assert copy.snapshot() != desk.snapshot()
    copy.changes.clear()
    found = copy.engine.check_copy(asked=True)
    assert (found.repaired, found.differing, found.left_alone) == (7, {}, 0)
    assert copy.snapshot() == desk.snapshot()
    assert copy.rows("SELECT table_name, sum(fetched + buried), sum(read_again) FROM sync_repair") == [
        ("customer", 7, 0)
    ]
    assert set(ids[:7]) <= {one for change in copy.changes for one in change.ids("customer")}
    assert copy.one("SELECT count(*) FROM search_entry WHERE kind = 'customer'") == 60


def test_a_record_that_only_this_desk_has_and_nobody_here_changed_is_buried(group: Group) -> None:
    desk = group.desk("D01")
    ids = people(desk, 20)
    stray = new_id()
    columns = [row[1] for row in desk.rows("PRAGMA table_info(customer)") if row[1] != "id"]
    damaged(
        desk,
        (f"INSERT INTO customer (id, {', '.join(columns)}) SELECT ?, {', '.join(columns)} FROM customer WHERE id = ?",
         (stray, ids[0])),
    )  # fmt: skip
    assert desk.engine.check_copy(asked=True).repaired == 1
    assert desk.one("SELECT deleted_at FROM customer WHERE id = ?", stray) is not None
    assert desk.rows("SELECT fetched, buried FROM sync_repair") == [(0, 1)]
    assert desk.engine.check_copy(asked=True).repaired == 0


def test_what_people_wrote_and_what_was_refused_is_left_alone(small_group: Group) -> None:
    small_group.spoil()
    desk = small_group.desk("D01")
    ids = people(desk, 10)
    damaged(
        desk,
        ("UPDATE customer SET ver = 1 WHERE id = ?", (ids[0],)),
        (
            "INSERT INTO outbox_operation (txn_id, kind, table_name, record_id, body, created_at, state)"
            " VALUES (?, 'put', 'customer', ?, '{}', 1, 'rejected')",
            (new_id(), ids[0]),
        ),
        ("UPDATE desk_state SET acknowledged_n = acknowledged_n + 1", ()),
    )
    with small_group.store.write() as connection:
        small_group.store.run(
            connection, "UPDATE device SET last_n = last_n + 1 WHERE tenant_id = ?", (small_group.tenant,)
        )
    found = desk.engine.check_copy(asked=True)
    assert (found.repaired, found.left_alone, found.differing) == (0, 1, {})
    assert desk.one("SELECT ver FROM customer WHERE id = ?", ids[0]) == 1
    assert desk.rows("SELECT left_alone, differing, due FROM sync_check") == [(1, 0, 0)]


def test_what_was_put_right_is_listed_for_people(small_group: Group) -> None:
    desk = small_group.desk("D01")
    ids = people(desk, 10)
    _missing(desk, ids[:2])
    desk.engine.check_copy(asked=True)
    with desk.database.read() as session:
        reader = Reader(session, actor=desk.actor(), now=desk.clock.now())
        (repair,) = list_repairs(reader)
        check = get_check(reader)
        assert list_repairs(reader, after=repair.cursor) == []
    assert (repair.scope_name, repair.table, repair.fetched, repair.buried) == ("SH01", "customer", 2, 0)
    assert not check.due and check.repaired == 2 and check.rows >= 10 and check.checked_at == repair.at


def test_it_is_looked_at_once_a_day_and_after_a_healing(small_group: Group) -> None:
    desk = small_group.desk("D01")
    desk.sync()
    assert desk.engine.check_copy() is not None
    assert desk.engine.check_copy() is None
    desk.clock.advance(timedelta(hours=23))
    assert desk.engine.check_copy() is None
    desk.clock.advance(timedelta(hours=2))
    assert desk.engine.check_copy() is not None
    desk.engine._checking.want(desk.database)
    assert desk.engine.check_copy() is not None


class _Changing:
    """The centre goes on while the desk looks: another desk pushes between the page and the digest."""

    def __init__(self, inner: Any, between: Callable[[], None]) -> None:
        self._inner, self._between = inner, between

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def ask(self, question: str, message: Any) -> Any:
        if question == "digest" and "cursors" in message:
            self._between()
        return self._inner.ask(question, message)


def test_where_the_centre_goes_on_meanwhile_it_is_done_again(small_group: Group) -> None:
    desk, other = small_group.desk("D01"), small_group.desk("D02")
    people(desk, 10)
    other.sync()
    left = [2]

    def between() -> None:
        if left[0]:
            left[0] -= 1
            people(desk, 1)

    other.engine.transport = _Changing(other.engine.transport, between)  # type: ignore[assignment]
    found = other.engine.check_copy(asked=True)
    assert found is not None and found.repaired == 0 and not left[0]
    assert other.snapshot() == desk.snapshot()


def test_what_did_not_come_to_an_end_goes_on_by_itself_after_a_pause(small_group: Group) -> None:
    desk = small_group.desk("D01")
    desk.sync()
    other = small_group.desk("D02", empty=True)
    other.sync()
    assert other.engine.check_copy(asked=True) is not None
    plain = other.engine.transport
    other.engine.transport = _Changing(plain, lambda: people(desk, 1))  # type: ignore[assignment]
    assert other.engine.check_copy(asked=True) is None, "somebody always goes on"
    other.engine.transport = plain
    assert other.engine.check_copy() is None, "not with every exchange"
    other.clock.advance(timedelta(minutes=11))
    assert other.engine.check_copy() is not None, "nor only a day later"
    assert other.engine.check_copy() is None


class _Stubborn(DirectTransport):
    """A centre whose single records cannot be had, so that only reading the scope again helps."""

    refuses = True

    def ask(self, question: str, message: dict[str, Any]) -> dict[str, Any]:
        if question == "rows" and self.refuses:
            return {"rows": [], "elsewhere": {}, "unknown": []}
        return super().ask(question, message)


def test_what_cannot_be_put_right_singly_makes_the_scope_be_read_again(small_group: Group) -> None:
    desk = small_group.desk("D01")
    ids = people(desk, 15)
    copy = small_group.desk("D02", empty=True, join=False)
    copy.engine.transport = _Stubborn(Store(str(small_group.store.engine.url), pool=2))  # type: ignore[assignment]
    small_group.join(copy)
    copy.sync()
    _missing(copy, ids[:3])
    found = copy.engine.check_copy(asked=True)
    assert found is not None and not found.differing
    assert copy.snapshot() == desk.snapshot()
    assert copy.rows("SELECT table_name, read_again FROM sync_repair") == [("", 1)]
    copy.engine.transport._store.close()


def test_a_centre_that_forgot_what_it_acknowledged_is_noticed_before_anything_is_buried(small_group: Group) -> None:
    small_group.spoil()
    desk = small_group.desk("D01")
    ids = people(desk, 10)
    with small_group.store.write() as connection:  # as after a backup that nobody told it about
        for statement in (
            "DELETE FROM replica_row WHERE tenant_id = ? AND table_name = 'customer'",
            "DELETE FROM scope_digest WHERE tenant_id = ? AND table_name = 'customer'",
            "UPDATE device SET last_n = 0, last_hash = '' WHERE tenant_id = ?",
        ):
            small_group.store.run(connection, statement, (small_group.tenant,))
    desk.engine.check_copy(asked=True)
    assert desk.one("SELECT count(*) FROM customer WHERE deleted_at IS NULL") == 10
    assert small_group.scalar("SELECT count(*) FROM replica_row WHERE tenant_id = ? AND table_name = 'customer'") == 10
    assert issubclass(CentreLostOperations, SyncProblem) and ids
