"""One service a database, shared by all tests of a worker: each test has a dealer group (tenant) of its own there."""

import itertools
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import pytest

from app.kernel.clock import FixedClock
from db.engine import Database
from db.schema import ensure_desk, upgrade
from sync.client.credentials import KeptCredentials
from sync.client.engine import SyncEngine
from sync.client.enrolment import enrol
from sync.client.transport import HttpTransport
from sync.server.devices import make_code
from sync.server.store import Store
from tests.factories.databases import KEY, open_copy
from tests.factories.people import SHANGHAI, BranchFixture
from tests.sync.desks import Desk
from tests.sync.postgres_cluster import Cluster
from tests.sync.raw_device import Join, RawDevice
from tests.sync.service_process import ServiceProcess
from tests.sync.watched_service import faults

BACKENDS = ("sqlite", "postgresql")
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server; raises NoPostgres where there is none, which fails the test as it should."""
    running = Cluster()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[
    Callable[[str], ServiceProcess]
]:  # fmt: skip
    """Starts the shared service of a backend at its first use."""
    running: dict[str, ServiceProcess] = {}

    def get(backend: str) -> ServiceProcess:
        if backend not in running:
            database = request.getfixturevalue("cluster").create_database() if backend == "postgresql" else ""
            running[backend] = ServiceProcess(
                tmp_path_factory.mktemp(backend), database=database, watched=True
            ).start()
        return running[backend]

    yield get
    for service in running.values():
        service.stop()
    wrong = {fault for service in running.values() for fault in faults(service.statements)}
    assert not wrong, "\n".join(["the database was asked wrongly", *sorted(wrong)])


class Group:
    """A dealer group at a service, with desks that are closed after the test."""

    damaged: ClassVar[set[str]] = set()
    """Groups whose rows at the centre a test has spoilt on purpose."""

    def __init__(self, service: ServiceProcess, template: Path, folder: Path) -> None:
        self.service = service
        self.tenant = f"t{next(_numbers)}-{time.time_ns() % 1_000_000_000}"
        self._template, self._folder = template, folder
        self._desks: list[Desk] = []
        self._clocks: list[FixedClock] = []
        self._transports: list[HttpTransport] = []
        self.store = Store(service.database or f"sqlite:///{service.data / 'service.db'}", pool=4)

    def code(self, desk: str = "D01", *, branch: BranchFixture = SHANGHAI, scopes: object = "*") -> str:
        """An enrolment code."""
        return make_code(
            self.store, tenant=self.tenant, branch_code=branch.code, desk_code=desk,
            scopes=scopes, role="administrator", now=time.time_ns() // 1000, seconds=600,  # type: ignore[arg-type]
        )  # fmt: skip

    def transport(self, *, url: str = "", read_seconds: float = 20.0) -> HttpTransport:
        """A transport without credentials."""
        made = HttpTransport(url or self.service.url, KeptCredentials(), read_seconds=read_seconds)
        self._transports.append(made)
        return made

    def desk(
        self, name: str, *, branch: BranchFixture = SHANGHAI, empty: bool = False, scopes: object = "*",
        join: bool = True, copy_of: Path | None = None,
    ) -> Desk:  # fmt: skip
        """A desk: seeded with branches and people, or empty; enrolled unless told otherwise."""
        path = self._folder / f"{name}-{len(self._desks)}.db"
        if empty:
            database = Database(path, KEY)
            upgrade(database)
            ensure_desk(database, desk_code=name)
        else:
            database = open_copy(copy_of or self._template, path, branch_id=branch.id, desk_code=name)
        desk = self.desk_on(database, name, branch=branch)
        if join:
            self.join(desk, scopes=scopes)
        return desk

    def desk_on(self, database: Database, name: str, *, branch: BranchFixture = SHANGHAI) -> Desk:
        """A desk on a database that is there, not enrolled."""
        clock = FixedClock(datetime.now(UTC))
        self._clocks.append(clock)
        desk = Desk(name, database, None, clock, branch, [], [], self._clocks)  # type: ignore[arg-type]
        desk.engine = SyncEngine(
            database, self.transport(), clock=clock, on_status=desk.statuses.append, on_changes=desk.changes.append
        )
        self._desks.append(desk)
        return desk

    def join(self, desk: Desk, *, scopes: object = "*") -> None:
        """Enrol a desk."""
        code = self.code(desk.name, branch=desk.branch, scopes=scopes)
        enrol(desk.database, desk.engine.transport, code=code, now=desk.clock.now())

    def scalar(self, statement: str, *values: object) -> object:
        """One value from the centre's database; the first `?` is the tenant."""
        with self.store.read() as connection:
            return self.store.run(connection, statement, (self.tenant, *values)).scalar()

    def rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Rows from the centre's database; the first `?` is the tenant."""
        with self.store.read() as connection:
            return [tuple(row) for row in self.store.run(connection, statement, (self.tenant, *values))]

    def spoil(self) -> None:
        """The test is going to damage what the centre has of this group."""
        self.damaged.add(self.tenant)

    def close(self) -> None:
        for desk in self._desks:
            desk.database.close()
        for transport in self._transports:
            transport.close()
        self.store.close()


@pytest.fixture(params=BACKENDS)
def group(
    request: pytest.FixtureRequest, services: Callable[[str], ServiceProcess], database_template: Path, tmp_path: Path
) -> Iterator[Group]:
    """A dealer group at a service on SQLite, then on PostgreSQL."""
    made = Group(services(request.param), database_template, tmp_path)
    yield made
    made.close()


@pytest.fixture
def join(group: Group) -> Iterator[Join]:
    """Enrols a raw device of the test's group."""
    made: list[RawDevice] = []

    def enrol_device(desk: str = "D01", *, scopes: object = "*", branch: BranchFixture = SHANGHAI) -> RawDevice:
        code = group.code(desk, branch=branch, scopes=scopes)
        made.append(RawDevice(group.service.url, code, branch_id=branch.id))
        return made[-1]

    yield enrol_device
    for device in made:
        device.close()


@pytest.fixture
def small_group(
    services: Callable[[str], ServiceProcess], database_template: Path, tmp_path: Path
) -> Iterator[Group]:  # fmt: skip
    """A dealer group at the service on SQLite, for what does not depend on the database."""
    made = Group(services("sqlite"), database_template, tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def own_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service on SQLite that the tests of one module may kill, as long as they start it again."""
    service = ServiceProcess(tmp_path_factory.mktemp("own-service")).start()
    yield service
    service.stop()
