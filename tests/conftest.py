"""Fixtures for all tests: an encrypted database of one's own, a clock that stands still, people of every role."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything imports Qt

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from app.runtime.language import ENGLISH, set_language
from db.engine import Database
from tests.factories.databases import build_template, open_copy
from tests.factories.people import SHANGHAI, BranchFixture, actor_of, staff_of
from tests.factories.records import Records

# The first example may pay for a lazy import, and the machine is shared: pytest's own timeout bounds every test.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
"""Noon in the branch on the day all tests take place."""


LONGEST = (
    "journeys/test_every_page.py", "sync/machine/test_machine.py", "sync/test_openapi.py", "journeys/test_tour.py",
    "sync/killing/test_killing.py", "sync/faulty/test_faulty.py", "journeys/test_two_desks.py",
    "journeys/test_killed_service.py", "journeys/test_settling.py", "sync/test_workers.py",
    "sync/test_backup_restore.py", "journeys/test_reconciliation.py", "sync/test_tenants.py", "sync/test_proxy.py",
    "journeys/test_phone_signing.py", "journeys/test_phone_sizes.py", "journeys/test_leases.py",
    "journeys/test_pictures.py",
    "app/contracts/test_killed_at_each_step.py", "app/contracts/test_killed_while_sealing.py",
    "journeys/test_sigkill_sync.py", "journeys/test_prices_and_orders.py", "journeys/test_headquarters.py",
    "app/demo/test_demo.py",
)  # fmt: skip
"""Files that take more than ten seconds, the longest first. With several workers they begin: a worker that began one of
them last would leave the others without work."""


def longest_first(items: list[pytest.Item]) -> None:
    """Put the tests of the longest files before all others; each file's own order stays."""
    here = Path(__file__).parent
    places = {here / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        longest_first(items)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    set_language(ENGLISH)
    yield
    set_language(ENGLISH)


@pytest.fixture(scope="session")
def database_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file all test databases are copies of: schema, two branches, nine people, a desk D01 in SH01."""
    return build_template(tmp_path_factory.mktemp("template") / "template.db")


@pytest.fixture
def make_database(database_template: Path, tmp_path: Path) -> Iterator[Callable[..., Database]]:
    """Makes further databases: `make_database("second.db", branch_id=…, desk_code="D02")`; closed after the test."""
    opened: list[Database] = []

    def make(name: str, *, branch_id: str = SHANGHAI.id, desk_code: str = "D01") -> Database:
        database = open_copy(database_template, tmp_path / name, branch_id=branch_id, desk_code=desk_code)
        opened.append(database)
        return database

    yield make
    for database in opened:
        database.close()


@pytest.fixture
def database(make_database: Callable[..., Database]) -> Database:
    """The desk's database: two branches, nine people, nothing else."""
    return make_database("forecourt.db")


@pytest.fixture
def clock() -> FixedClock:
    """Noon of 2026-11-22 in the branch; `clock.advance(timedelta)` moves it."""
    return FixedClock(NOON)


@pytest.fixture
def dispatcher(database: Database, clock: FixedClock) -> Dispatcher:
    """Executes commands and reads queries on `database` at `clock`."""
    return Dispatcher(database, clock=clock)


@pytest.fixture
def branch() -> BranchFixture:
    """The branch the desk stands in."""
    return SHANGHAI


@pytest.fixture
def actor_with() -> Callable[[Role], Actor]:
    """Somebody of any role in the branch: `actor_with(Role.CASHIER)`."""
    return lambda role: actor_of(staff_of(role))


@pytest.fixture
def salesperson() -> Actor:
    """王芳, who sells."""
    return actor_of(staff_of(Role.SALESPERSON))


@pytest.fixture
def actor(salesperson: Actor) -> Actor:
    """Whoever uses the desk: the salesperson."""
    return salesperson


@pytest.fixture
def manager() -> Actor:
    """赵敏, who manages the branch."""
    return actor_of(staff_of(Role.BRANCH_MANAGER))


@pytest.fixture
def cashier() -> Actor:
    """陈静 at the cash desk."""
    return actor_of(staff_of(Role.CASHIER))


@pytest.fixture
def advisor() -> Actor:
    """刘洋 at the workshop counter."""
    return actor_of(staff_of(Role.SERVICE_ADVISOR))


@pytest.fixture
def administrator() -> Actor:
    """周涛, who may do everything."""
    return actor_of(staff_of(Role.ADMINISTRATOR))


@pytest.fixture
def records(database: Database, clock: FixedClock, salesperson: Actor) -> Records:
    """Makes makes, trims, units, customers: `records.unit(list_price=Decimal("99000.00"))`."""
    return Records(database, clock=clock, actor=salesperson)
