"""A new desk reads large scopes by snapshot, into a new file that takes the place of the old one; others in place."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from app.desk.commands import SaveDraft
from app.kernel.dispatcher import Dispatcher
from db.engine import Database
from db.models.customers import Customer
from db.search import KINDS, find_entries
from sync.client import snapshot_reading
from sync.client.errors import AnswerDamaged, NotOffered, ServiceUnreachable, SnapshotGone
from sync.client.exchange import Progress
from sync.client.status import SyncState
from sync.server.snapshots import drop_old
from tests.factories.databases import KEY
from tests.sync.conftest import Group
from tests.sync.desks import Desk
from tests.sync.losing_transport import LosingTransport
from tests.sync.raw_device import BRANCH, Join, put_customer
from tests.sync.service_process import ROOT


def filled(group: Group, customers: int = 400) -> Desk:
    """A desk with a branch's data at the centre: customers, vehicles, orders, something deleted."""
    desk = group.desk("D01")
    rows = [
        Customer(branch_id=desk.branch.id, kind="person", name=f"客户{i}", phone=f"139{i:08d}", note="备注" * 20)
        for i in range(customers)
    ]
    desk.records.save(*rows)
    for n in range(5):
        desk.sell(desk.records.unit(vin=f"LSVAA4182E21848{n:02d}").id, rows[n].id)
    desk.delete(Customer, rows[-1].id)
    desk.sync()
    return desk


def new_desk(group: Group, name: str = "D02", *, rows: int = 100) -> Desk:
    """An empty desk that reads by snapshot from so many rows on."""
    desk = group.desk(name, empty=True)
    desk.engine._snapshot_rows = rows
    return desk


def joining(desk: Desk) -> Path:
    """The new file while it is being filled."""
    return desk.database.path.with_name(desk.database.path.name + ".joining")


def test_a_new_desk_gets_everything_by_snapshot(group: Group) -> None:
    desk = filled(group)
    other = new_desk(group)
    told: list[Progress] = []
    other.engine._on_progress = told.append
    other.sync()
    assert other.snapshot() == desk.snapshot()
    assert not joining(other).exists() and other.one("SELECT count(*) FROM sync_bootstrap") == 0
    assert told[-1].finishing and told[-1].rows_done == told[-1].rows_all >= 400
    assert told[-1].bytes_done == told[-1].bytes_all
    kinds = "SELECT kind, count(*) FROM search_entry GROUP BY kind ORDER BY kind"
    assert other.rows(kinds) == desk.rows(kinds)
    assert any(changes.everything for changes in other.changes)
    found = other.engine.check_copy()
    assert found is not None and found.repaired == 0 and not found.differing
    desk.set(Customer, desk.rows("SELECT id FROM customer WHERE deleted_at IS NULL")[0][0], name="改名")
    desk.sync()
    other.sync()
    assert other.snapshot() == desk.snapshot()
    assert group.scalar("SELECT count(*) FROM scope_snapshot WHERE tenant_id = ? AND finished = 1") == 1


def test_the_next_new_desk_gets_the_same_snapshot_and_the_feed_after_it(group: Group) -> None:
    desk = filled(group)
    new_desk(group).sync()
    desk.records.customer(name="后来")
    desk.sync()
    third = new_desk(group, "D03")
    third.sync()
    assert third.snapshot() == desk.snapshot()
    assert group.scalar("SELECT count(*) FROM scope_snapshot WHERE tenant_id = ?") == 1


def test_what_is_the_desks_own_is_carried_over(small_group: Group) -> None:
    desk = filled(small_group)
    other = new_desk(small_group)
    before = other.rows("SELECT device_id, desk_code, branch_id, service_url FROM desk_state")
    Dispatcher(other.database, clock=other.clock).execute(
        SaveDraft(form_key="half", payload={"name": "王"}), other.actor()
    )
    with other.database.exclusive() as connection:
        connection.exec_driver_sql("INSERT INTO number_series (prefix, last) VALUES ('SH01-D02-SO', 17)")
        connection.exec_driver_sql("INSERT INTO stored_preference (staff_id, key, value) VALUES ('s', 'k', '1')")
    other.sync()
    assert other.rows("SELECT device_id, desk_code, branch_id, service_url FROM desk_state") == before
    assert other.one("SELECT payload FROM form_draft WHERE form_key = 'half'") == '{"name":"王"}'
    assert other.rows("SELECT prefix, last FROM number_series") == [("SH01-D02-SO", 17)]
    assert other.one("SELECT count(*) FROM stored_preference") == 1
    assert other.snapshot() == desk.snapshot()


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Snapshots built in this process have many parts."""
    monkeypatch.setattr("sync.server.snapshots.SNAPSHOT_PART_ROWS", 40)


def built(group: Group, scope: str = BRANCH) -> None:
    """Build a snapshot in this process, as a worker of the service would."""
    import time

    from sync.server import snapshots

    now = time.time_ns() // 1000
    snapshot_id = snapshots._announce(group.store, group.tenant, scope, now=now)
    assert snapshot_id is not None
    snapshots.build(group.store, group.tenant, scope, snapshot_id, clock=lambda: time.time_ns() // 1000)


def parts_of(group: Group) -> int:
    return int(str(group.scalar("SELECT count(*) FROM snapshot_part WHERE tenant_id = ?")))


@pytest.mark.usefixtures("small_parts")
def test_it_goes_on_after_every_lost_answer_with_the_parts_it_has(small_group: Group) -> None:
    desk = filled(small_group)
    built(small_group)
    assert parts_of(small_group) > 8
    other = new_desk(small_group)
    asked: list[Any] = []

    class Watching(LosingTransport):
        def snapshot_part(self, message: dict[str, Any]) -> Any:
            asked.append(message["part"])
            return super().snapshot_part(message)

    losing = Watching(other.engine.transport, lambda name, n: "answer" if name == "snapshot_part" and not n % 4 else "")
    other.engine.transport = losing  # type: ignore[assignment]
    failures = 0
    for _ in range(30):
        try:
            other.sync()
            break
        except AnswerDamaged:
            failures += 1
    assert failures > 2 and other.snapshot() == desk.snapshot()
    assert len(asked) <= parts_of(small_group) + 2 * failures  # those written are not asked for again


_KILLED = """
import os, signal, sys
from pathlib import Path
from db.engine import Database
from sync.client import snapshot_reading
from sync.client.credentials import Credentials, KeptCredentials
from sync.client.engine import SyncEngine
from sync.client.transport import HttpTransport
from tests.factories.databases import KEY

path, url, tenant, device, key, point, at = sys.argv[1:]
kept = KeptCredentials()
kept.save(Credentials(tenant, device, key))
database = Database(Path(path), KEY)
left = int(at)

def dying(of, name):
    inner = getattr(of, name)
    def call(*given, **named):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return inner(*given, **named)
    setattr(of, name, call)

module, name = point.rsplit(".", 1)
dying(__import__("importlib").import_module(module) if module != "Database" else Database, name)
SyncEngine(database, HttpTransport(url, kept), snapshot_rows=100).sync_once()
"""


def killed_at(desk: Desk, group: Group, point: str, at: int) -> int:
    """Read in a process that is killed at the n-th call of a function; its exit status."""
    known = desk.engine.transport.credentials.load()
    desk.database.close()
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(desk.database.path), group.service.url, known.tenant, known.device_id,
         known.key, point, str(at)],
        cwd=ROOT, timeout=60, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True,
    )  # fmt: skip
    return done.returncode


@pytest.mark.usefixtures("small_parts")
def test_a_desk_killed_mid_bootstrap_goes_on_where_it_was(small_group: Group) -> None:
    desk = filled(small_group)
    built(small_group)
    other = new_desk(small_group)
    written: list[int] = []
    for point, at in (
        ("sync.client.snapshot_reading._write_part", 1),
        ("sync.client.snapshot_reading._write_part", 4),
        ("sync.client.snapshot_reading._finish", 1),
        ("sync.client.bootstrap.complete", 1),
        ("sync.client.new_file._prove", 1),
        ("sync.client.bootstrap._take_place", 1),
        ("Database.give_way_to", 1),
    ):
        assert killed_at(other, small_group, point, at) == -signal.SIGKILL
        assert joining(other).exists() and other.one("SELECT count(*) FROM customer") == 0, point
        fresh = Database(joining(other), KEY)
        with fresh.read() as session:
            written.append(session.connection().exec_driver_sql("SELECT count(*) FROM customer").scalar() or 0)
        fresh.close()
    assert written[:2] == [0, pytest.approx(3 * 40, abs=45)] and written == sorted(written) and written[-1] == 399
    other.sync()
    assert other.snapshot() == desk.snapshot() and not joining(other).exists()
    assert other.one("SELECT count(*) FROM search_entry WHERE kind = 'customer'") == 399


def test_a_damaged_new_file_is_thrown_away(small_group: Group) -> None:
    desk = filled(small_group)
    other = new_desk(small_group)
    joining(other).write_bytes(b"not a database" * 1000)
    other.sync()
    assert other.snapshot() == desk.snapshot()


def begun(small_group: Group, other: Desk, *, parts: int = 4) -> None:
    """The desk has read so many parts into its new file when the network goes."""
    plan: Any = lambda name, n: "request" if name == "snapshot_part" and n > parts else ""  # noqa: E731
    inner = other.engine.transport
    other.engine.transport = LosingTransport(inner, plan)  # type: ignore[assignment]
    with pytest.raises(ServiceUnreachable):
        other.sync()
    other.engine.transport = inner
    assert joining(other).exists()


def counted_parts(other: Desk) -> list[int]:
    """Notes which parts this desk asks for."""
    asked: list[int] = []

    class Watching(LosingTransport):
        def snapshot_part(self, message: dict[str, Any]) -> Any:
            asked.append(message["part"])
            return super().snapshot_part(message)

    other.engine.transport = Watching(other.engine.transport, lambda _name, _n: "")  # type: ignore[assignment]
    return asked


@pytest.mark.usefixtures("small_parts")
def test_a_new_file_that_a_power_cut_spoilt_is_begun_anew(small_group: Group) -> None:
    desk = filled(small_group)
    built(small_group)
    other = new_desk(small_group)
    begun(small_group, other)
    asked = counted_parts(other)
    with joining(other).open("r+b") as file:  # a page that never reached the disk, where a later commit needs it
        file.seek(joining(other).stat().st_size - 3 * 4096)
        file.write(bytes(4096))
    other.sync()
    assert asked[:2] == [0, 1] and other.snapshot() == desk.snapshot()


@pytest.mark.usefixtures("small_parts")
def test_a_new_file_of_an_earlier_version_of_the_program_is_begun_anew(small_group: Group) -> None:
    desk = filled(small_group)
    built(small_group)
    other = new_desk(small_group)
    begun(small_group, other)
    fresh = Database(joining(other), KEY)
    with fresh.exclusive() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    fresh.close()
    asked = counted_parts(other)
    other.sync()
    assert asked[0] == 0 and other.snapshot() == desk.snapshot()


@pytest.mark.usefixtures("small_parts")
def test_what_went_while_the_snapshot_was_replaced_is_not_there(small_group: Group) -> None:
    desk = filled(small_group)
    built(small_group)
    other = new_desk(small_group)
    begun(small_group, other)
    for row in desk.rows("SELECT id FROM customer WHERE deleted_at IS NULL ORDER BY id LIMIT 5"):
        desk.delete(Customer, row[0])
    desk.sync()
    drop_old(small_group.store, small_group.tenant, now=1 << 60)
    other.sync()
    assert other.snapshot() == desk.snapshot() and not joining(other).exists()
    # By snapshot all the same: nothing was buried page by page.
    assert other.one("SELECT count(*) FROM customer") == 394


def test_a_filled_desk_is_like_one_that_read_pages(small_group: Group) -> None:
    filled(small_group)
    by_pages, by_snapshot = small_group.desk("D02", empty=True), new_desk(small_group, "D03")
    by_pages.sync()
    by_snapshot.sync()
    for asked in (
        "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE '%_data' ORDER BY 1, 2",
        "SELECT kind, record_id, title, subtitle FROM search_entry ORDER BY 1, 2",
        "PRAGMA journal_mode",
    ):
        assert by_snapshot.rows(asked) == by_pages.rows(asked)
    for text in ("客户39", "1390000", "LSVAA4182"):
        found = []
        for one in (by_pages, by_snapshot):
            with one.database.read() as session:
                hits = [find_entries(session.connection(), kind=kind, text=text, limit=100) for kind in KINDS]
            found.append({(hit.kind, hit.record_id) for of in hits for hit in of})
        assert found[0] == found[1] and found[0], text
    by_snapshot.database.check_integrity()


@pytest.mark.usefixtures("small_parts")
def test_whoever_goes_on_hears_what_was_there(small_group: Group) -> None:
    filled(small_group)
    built(small_group)
    other = new_desk(small_group)
    begun(small_group, other, parts=5)
    told: list[Progress] = []
    other.engine._on_progress = told.append
    other.sync()
    first = next(one for one in told if one.rows_all)
    assert 3 * 40 <= first.rows_done == first.rows_before < first.rows_all
    assert told[-1].finishing and told[-1].rows_checked >= told[-1].rows_all and told[-1].rows_before


class Older(LosingTransport):
    """A service from before digests and snapshots."""

    def ask(self, question: str, message: dict[str, Any]) -> Any:
        if question in ("digest", "snapshot"):
            raise NotOffered(address="http://older")
        return super().ask(question, message)

    def snapshot_part(self, message: dict[str, Any]) -> Any:
        raise NotOffered(address="http://older")


@pytest.mark.parametrize("fresh", [True, False])
def test_a_desk_goes_on_without_what_an_older_service_does_not_offer(small_group: Group, fresh: bool) -> None:
    desk = filled(small_group)
    other = new_desk(small_group) if fresh else small_group.desk("D02")
    other.engine._snapshot_rows = 100
    other.engine.transport = Older(other.engine.transport, lambda _name, _n: "")  # type: ignore[assignment]
    other.sync()
    assert other.snapshot() == desk.snapshot() and not joining(other).exists()
    assert other.engine.check_copy() is None
    assert other.engine.status.state == SyncState.AGREED and not other.engine.status.problem
    assert other.engine.check_copy() is None  # nor is it asked after every exchange
    with pytest.raises(NotOffered):
        other.engine.check_copy(asked=True)  # a person is told why
    assert other.engine.status.state == SyncState.AGREED


def test_an_address_that_is_not_there_is_said_as_such(small_group: Group) -> None:
    desk = small_group.desk("D01")
    with pytest.raises(NotOffered):
        desk.engine.transport.ask("no-such-question", {})


def test_a_copy_that_cannot_be_proved_is_not_taken(small_group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = filled(small_group)
    other = new_desk(small_group)
    listing = snapshot_reading._listing
    monkeypatch.setattr(
        snapshot_reading, "_listing", lambda *given: replace(listing(*given), tables={"customer": (1, "0" * 16)})
    )
    other.sync()  # page by page instead
    assert other.snapshot() == desk.snapshot() and not joining(other).exists()


def test_a_snapshot_that_went_away_is_begun_anew(small_group: Group) -> None:
    desk = filled(small_group)
    built(small_group)
    other = new_desk(small_group)

    def go(name: str, count: int) -> str:
        if name == "snapshot_part" and count == 2:
            drop_old(small_group.store, small_group.tenant, now=1 << 60)
        return ""

    other.engine.transport = LosingTransport(other.engine.transport, go)  # type: ignore[assignment]
    other.sync()
    assert other.snapshot() == desk.snapshot()
    assert issubclass(SnapshotGone, Exception)


def test_reading_can_be_cancelled_and_goes_on_later(small_group: Group) -> None:
    desk = filled(small_group)
    other = new_desk(small_group)

    class Enough(Exception):
        pass

    def cancel(_progress: Progress) -> None:
        raise Enough

    other.engine._on_progress = cancel
    with pytest.raises(Enough):
        other.sync()
    assert joining(other).exists()
    other.engine._on_progress = None
    other.sync()
    assert other.snapshot() == desk.snapshot()


def test_a_desk_at_work_reads_a_large_scope_in_place_and_keeps_what_it_wrote(group: Group) -> None:
    desk = filled(group)
    busy = group.desk("D02")
    busy.engine._snapshot_rows = 100
    mine = busy.records.customer(name="这里写的")
    busy.sync()
    assert busy.row("customer", mine.id)["ver"] == 1
    desk.sync()
    assert busy.snapshot() == desk.snapshot()
    found = busy.engine.check_copy()
    assert found is not None and not found.repaired


@pytest.mark.usefixtures("small_parts")
def test_what_a_desk_wrote_while_it_reads_an_older_snapshot_is_not_taken_back(small_group: Group) -> None:
    desk = filled(small_group)
    built(small_group)
    busy = small_group.desk("D02")
    busy.engine._snapshot_rows = 100
    ids = [row[0] for row in desk.rows("SELECT id FROM customer WHERE deleted_at IS NULL ORDER BY id")]
    plan: Any = lambda name, n: "request" if name == "snapshot_part" and n == 8 else ""  # noqa: E731
    losing = LosingTransport(busy.engine.transport, plan)
    busy.engine.transport = losing  # type: ignore[assignment]
    with pytest.raises(ServiceUnreachable):
        busy.sync()
    here = [row[0] for row in busy.rows("SELECT id FROM customer")]
    assert 0 < len(here) < len(ids)
    busy.set(Customer, here[0], name="新名")
    desk.set(Customer, ids[-1], name="别处")
    desk.sync()
    busy.sync()
    desk.sync()
    assert busy.row("customer", here[0])["name"] == "新名" == desk.row("customer", here[0])["name"]
    assert busy.snapshot() == desk.snapshot()


def test_a_desk_that_was_away_too_long_sends_first_and_then_reads_by_snapshot(group: Group) -> None:
    from sync.server.upkeep import TOMBSTONE_DAYS, compact

    desk = filled(group)
    away = new_desk(group)
    away.sync()
    gone = away.rows("SELECT id FROM customer WHERE deleted_at IS NULL ORDER BY id")[0][0]
    mine = away.records.customer(name="离线时写的")
    desk.delete(Customer, gone)
    desk.records.customer(name="之后")
    desk.sync()
    with group.store.write() as connection:
        group.store.run(
            connection, "UPDATE replica_row SET updated_at = 1 WHERE tenant_id = ? AND deleted = 1", (group.tenant,)
        )
        group.store.run(connection, "DELETE FROM device_cursor WHERE tenant_id = ?", (group.tenant,))
    now = int((away.clock.now() + timedelta(days=TOMBSTONE_DAYS)).timestamp() * 1e6)
    assert compact(group.store, group.tenant, now=now)[BRANCH] >= 1
    drop_old(group.store, group.tenant, now=1 << 60)
    away.sync()
    desk.sync()
    assert away.snapshot() == desk.snapshot()
    assert away.row("customer", gone)["deleted_at"] is not None and desk.row("customer", mine.id)
    assert away.one("SELECT count(*) FROM search_entry WHERE record_id = ?", gone) == 0
    assert parts_of(group) >= 1
    found = away.engine.check_copy()
    assert found is not None and not found.repaired


def test_snapshots_are_dropped_when_they_are_old(small_group: Group) -> None:
    filled(small_group, 120)
    built(small_group)
    assert drop_old(small_group.store, small_group.tenant, now=1) == 0
    assert drop_old(small_group.store, small_group.tenant, now=1 << 60) == 1
    assert parts_of(small_group) == 0


def test_only_those_who_read_a_scope_get_its_snapshot(group: Group, join: Join) -> None:
    device = join("D01", scopes=[])
    device.push(*[put_customer(device, name=f"客户{i}") for i in range(3)])
    assert device.post("snapshot", {"scope": "f" * 32}).status_code == 403
    gone = device.post("snapshot-part", {"scope": BRANCH, "snapshot": "1" * 32, "part": 0})
    assert gone.status_code == 404 and gone.json()["error"] == "snapshot_gone"
    first = device.post("snapshot", {"scope": BRANCH})
    while first.status_code == 503:
        assert first.headers["retry-after"] == "1"
        first = device.post("snapshot", {"scope": BRANCH})
    assert first.json()["rows"] == 3 and first.json()["seq"] == 3
    part = {"scope": BRANCH, "snapshot": first.json()["snapshot"], "part": 0}
    read = [
        device.http.post("/v1/snapshot-part", json=part, headers={**device.headers, "Accept-Encoding": coded})
        for coded in ("zstd", "gzip", "identity")
    ]
    assert [one.headers.get("content-encoding") for one in read] == ["zstd", "gzip", None]
    assert sha256(read[2].content).hexdigest() == first.json()["parts"][0][2]
    assert len(read[2].json()["rows"]) == 3
    assert device.post("snapshot-part", {**part, "scope": "f" * 32}).status_code == 403


def test_vehicles_are_found_by_the_names_of_their_models(small_group: Group) -> None:
    desk = filled(small_group)
    other = new_desk(small_group)  # the models come page by page, after the vehicles' snapshot
    other.sync()
    titles = "SELECT record_id, title, subtitle FROM search_entry WHERE kind = 'vehicle' ORDER BY record_id"
    assert other.rows(titles) == desk.rows(titles) and len(other.rows(titles)) == 5
