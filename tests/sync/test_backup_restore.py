"""Back to a moment, end to end: the centre loses what came after it, the desks send it again, and all agree."""

import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from sync.server.backup import postgres
from sync.server.backup.archiving import Archiver
from sync.server.backup.contents_copy import ContentsCopy
from sync.server.backup.problems import NothingToRestore, ToolFailed, ToolMissing
from sync.server.backup.restoring import restore
from sync.server.devices import ensure_tenant
from sync.server.invariants import check
from sync.server.origin import note_origin
from sync.server.sole_service import ServiceElsewhere, SoleService
from sync.server.store import Store, StoreUnavailable
from tests.sync.conftest import Group
from tests.sync.desks import Desk
from tests.sync.postgres_cluster import Cluster
from tests.sync.service_process import ROOT, ServiceProcess


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat()


class Story:
    """Two desks; a sale before the moment and two after it, of which one is of the vehicle somebody else sold."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.one = group.desk("D01")
        self.units = [self.one.records.unit(vin=f"LSVAA4182E218484{n}").id for n in range(3)]
        self.customer = self.one.records.customer().id
        self.one.sync()
        self.two = group.desk("D02", empty=True)
        self.two.sync()

    def before(self) -> None:
        self.orders = [self.one.sell(self.units[0], self.customer)]
        self.agree()

    def after(self) -> None:
        self.orders += [self.one.sell(self.units[1], self.customer), self.two.sell(self.units[2], self.customer)]
        self.agree()
        # While the centre is away both sell one vehicle again: cancelled by one, taken by the other.
        self.one.cancel(self.orders[1])
        self.one.sync()
        self.two.sync()
        self.orders.append(self.two.sell(self.units[1], self.customer))
        self.two.sync()

    def agree(self, rounds: int = 1) -> None:
        for _ in range(rounds):
            for desk in (self.one, self.two):
                settle(desk)
        settle(self.one)

    def oracle(self, store: Store) -> None:
        """Every order is there, one claim a vehicle, replicas alike, nothing impossible."""
        self.agree(rounds=2)
        with store.read() as connection:
            known = {
                row[0]
                for row in store.run(
                    connection, "SELECT record_id FROM replica_row WHERE tenant_id = ? AND table_name = 'sales_order'",
                    (self.group.tenant,),
                )
            }  # fmt: skip
            claims = store.run(
                connection, "SELECT holder_id FROM vehicle_claim WHERE tenant_id = ? AND kind = 'order'",
                (self.group.tenant,),
            ).fetchall()  # fmt: skip
        assert known == set(self.orders)
        assert sorted(row[0] for row in claims) == sorted([self.orders[0], self.orders[2], self.orders[3]])
        assert self.one.snapshot() == self.two.snapshot()
        assert check(store, tenant=self.group.tenant) == []


def settle(desk: Desk) -> None:
    """An exchange; a passing failure is tried again, as the engine's runner does."""
    for remaining in reversed(range(4)):
        try:
            desk.sync()
            return
        except Exception as error:
            if not remaining or not getattr(error, "passing", False):
                raise


def test_a_centre_on_sqlite_goes_back_to_a_moment_and_gets_back_what_it_lost(
    tmp_path: Path, database_template: Path
) -> None:
    archive, data, port = tmp_path / "archive", tmp_path / "centre", 0
    service = ServiceProcess(data, arguments=("--archive", str(archive))).start()
    group = Group(service, database_template, tmp_path)
    story = Story(group)
    story.before()
    service.stop()
    moment, port = now_ms(), service._port
    service.start()
    story.after()
    service.kill()
    group.store.close()
    shutil.rmtree(data)
    again = ServiceProcess(tmp_path / "again", arguments=("--archive", str(tmp_path / "archive-2")))
    said = again.administer("restore", "--archive", str(archive), "--to", iso(moment), "--verify")
    assert "every desk sends again" in said
    again._port = port
    again.start()
    group.store = Store(f"sqlite:///{again.data / 'service.db'}", pool=2)
    assert group.scalar("SELECT count(*) FROM replica_row WHERE tenant_id = ? AND table_name = 'sales_order'") == 1
    story.oracle(group.store)
    again.stop()
    assert "can be gone back to" in again.administer("backup", "--check", "--archive", str(tmp_path / "archive-2"))
    group.close()


def test_pictures_come_along_and_those_that_are_nowhere_are_asked_for_again(tmp_path: Path) -> None:
    data, archive, folder = tmp_path / "centre", tmp_path / "archive", tmp_path / "centre" / "contents"
    data.mkdir()
    (data / "service.key").write_text("secret")
    store = Store(f"sqlite:///{data / 'service.db'}", pool=2)
    store.ensure_schema()
    bodies = [b"a picture", b"lost before it was archived", b"half"]
    names = [hashlib.sha256(body).hexdigest() for body in bodies]
    with store.write() as connection:
        ensure_tenant(store, connection, "main", now=1)
        store.insert_many(
            connection, "content", ("tenant_id", "sha256", "size", "received", "complete", "changed_at"),
            [("main", name, len(body), len(body) if place < 2 else 2, int(place < 2), 1)
             for place, (name, body) in enumerate(zip(names, bodies, strict=True))],
        )  # fmt: skip
    place = folder / "main" / names[0][:2] / names[0]
    place.parent.mkdir(parents=True)
    place.write_bytes(bodies[0])
    damaged = folder / "main" / names[1][:2] / names[1]
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"something else")  # it is not what its name says: never archived
    with Archiver(
        data / "service.db", archive, contents=ContentsCopy(store, folder, archive), key_file=data / "service.key"
    ) as archiver:
        archiver.step()
    store.close()
    target = tmp_path / "again"
    done = restore(archive, target, contents=target / "contents")
    assert (done.lacking_contents, done.findings) == (2, [])
    assert (target / "contents" / "main" / names[0][:2] / names[0]).read_bytes() == bodies[0]
    assert (target / "service.key").read_text() == "secret"
    with closing(Store(f"sqlite:///{target / 'service.db'}", pool=1)) as restored, restored.read() as connection:
        assert [row[0] for row in restored.run(connection, "SELECT sha256 FROM content")] == [names[0]]
    with pytest.raises(NothingToRestore, match="is there"):
        restore(archive, target)
    with SoleService() as serving:  # its file was moved away while it runs
        serving.take(f"sqlite:///{target / 'service.db'}")
        (target / "service.db").rename(target / "moved.db")
        with pytest.raises(ServiceElsewhere, match="stop it first"):
            restore(archive, target)
    assert not (target / "service.db").exists()
    assert restore(archive, target).findings == []


def test_one_copy_by_hand_while_the_service_runs(tmp_path: Path) -> None:
    with ServiceProcess(tmp_path / "centre") as service:
        service.enrol()
        north = {"databases": {"north": f"sqlite:///{tmp_path / 'north.db'}"}, "tenants": {"lotus": "north"}}
        (tmp_path / "tenants.json").write_text(json.dumps(north), encoding="utf-8")
        named = ("--tenants", str(tmp_path / "tenants.json"))
        service.administer("enrol", "--branch", "BJ01", "--desk", "D01", "--tenant", "lotus", *named)
        said = service.administer("backup", "--archive", str(tmp_path / "archive"), *named)
    assert said.startswith("1 base copies") and "north: 1 base copies" in said
    further = restore(tmp_path / "archive" / "databases" / "north", tmp_path / "northern")
    assert further.findings == []
    done = restore(tmp_path / "archive", tmp_path / "again")
    assert done.findings == []
    with closing(Store(f"sqlite:///{tmp_path / 'again' / 'service.db'}", pool=1)) as store, store.read() as connection:
        assert store.run(connection, "SELECT count(*) FROM enrolment_code").scalar() == 1


# --- PostgreSQL ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def only_cluster() -> Iterator[Cluster]:
    made = Cluster(archive=True)
    yield made
    made.stop()


@pytest.fixture
def archiving_cluster(only_cluster: Cluster) -> Cluster:
    """A server that archives its log, as `backup --settings` says; it runs, whatever a test before left undone."""
    if not only_cluster.is_running:
        only_cluster.start_from(only_cluster.root / "data")
    return only_cluster


def test_a_centre_on_postgresql_goes_back_to_a_moment_and_gets_back_what_it_lost(
    archiving_cluster: Cluster, tmp_path: Path, database_template: Path
) -> None:
    server = archiving_cluster
    url, archive = server.create_database(), server.root / "archive"
    service = ServiceProcess(tmp_path / "centre", database=url).start()
    group = Group(service, database_template, tmp_path)
    story = Story(group)
    assert "base copy in" in administer(server, service, "backup", "--archive", str(archive))
    story.before()
    moment = server.moment()
    story.after()
    server.archive_now()
    assert service.administer("backup", "--check", "--archive", str(archive)) == "backups are in order"
    group.store.close()
    service.kill()
    server.stop_server()
    cluster = server.root / "restored"
    said = administer(
        server, service, "restore", "--archive", str(archive), "--to", moment.isoformat(), "--cluster", str(cluster)
    )
    assert "is ready" in said
    server.own(cluster)
    server.start_from(cluster)
    service.start()  # nobody says `restored`
    group.store = Store(url, pool=2)
    assert group.scalar("SELECT count(*) FROM replica_row WHERE tenant_id = ? AND table_name = 'sales_order'") == 1
    story.oracle(group.store)
    service.stop()
    group.close()


def administer(server: Cluster, service: ServiceProcess, *arguments: str) -> str:
    """A command that works with the server's files."""
    programs = ("--bin", str(server.programs)) if arguments[0] == "backup" else ()
    return service.administer(*arguments, *programs)


def test_a_server_that_archives_nothing_is_said_to(cluster: Cluster, tmp_path: Path) -> None:
    url = cluster.create_database()
    said = " ".join(postgres.problems(url, tmp_path))
    assert "archive_mode is off" in said
    assert "archive_timeout is 0" in said
    assert "no base copy" in said
    settings = postgres.configuration(tmp_path)
    assert "archive_mode = on" in settings and str(tmp_path / "wal") in settings
    done = subprocess.run(
        [sys.executable, "-m", "sync.server", "backup", "--check", "--database", url, "--archive", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1


def test_old_copies_and_late_logs_are_said(archiving_cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "base" / "20260101T000000.000Z").mkdir(parents=True)
    late = datetime.now(UTC) + timedelta(hours=1)
    said = " ".join(postgres.problems(archiving_cluster.create_database(), tmp_path, now=late))
    assert "the last base copy is of 2026-01-01" in said
    assert "no part of the log was archived since" in said


def test_missing_programs_and_failures_are_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing, match="pg_basebackup is not here"):
        postgres.program("pg_basebackup", tmp_path)
    with pytest.raises(ToolFailed, match="pg_basebackup"):
        postgres.copy_base("postgresql://nobody@127.0.0.1:1/nothing", tmp_path)
    with pytest.raises(StoreUnavailable, match="cannot be asked"):
        postgres.problems("postgresql://nobody@127.0.0.1:1/nothing", tmp_path)
    with pytest.raises(NothingToRestore, match="no copy that was finished before"):
        postgres.prepare_cluster(tmp_path, tmp_path / "new", to=1)
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "file").touch()
    with pytest.raises(NothingToRestore, match="not empty"):
        postgres.prepare_cluster(tmp_path, tmp_path / "used", to=None)


def test_a_new_epoch_begins_once_when_the_timeline_differs(cluster: Cluster) -> None:
    url = cluster.create_database()
    store = Store(url, pool=2)
    store.ensure_schema()
    with store.write() as connection:
        ensure_tenant(store, connection, "main", now=1)
    epoch: Callable[[], object] = lambda: _scalar(store, "SELECT epoch FROM tenant")  # noqa: E731
    with psycopg.connect(url) as connection:
        assert note_origin(connection) is False
        before = epoch()
        connection.execute("UPDATE service_state SET value = 'another/00000001'")
        connection.commit()
        assert note_origin(connection) is True
        assert note_origin(connection) is False
    assert epoch() != before
    store.close()


def _scalar(store: Store, statement: str) -> object:
    with store.read() as connection:
        return store.run(connection, statement).scalar()
