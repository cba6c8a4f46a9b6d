"""The service dies in the middle of a push; a desk is put back from a backup. Nothing is lost, nothing doubled."""

import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.desk.backups import make_backup
from app.desk.restoring import restore_backup
from app.kernel.clock import SystemClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Role
from app.payments.commands import RecordSale
from app.quotations.commands import QuotationTerms
from app.runtime.paths import Profile
from db.engine import Database
from sync.client.credentials import SealedCredentials
from sync.client.engine import SyncEngine
from sync.client.enrolment import enrol
from sync.client.errors import SyncProblem
from sync.client.status import SyncState
from sync.client.transport import HttpTransport
from tests.factories.databases import KEY, open_copy
from tests.factories.people import actor_of, staff_of
from tests.journeys.centre import Centre
from tests.journeys.test_sigkill import stocked  # noqa: F401  (a fixture)

SMALL_BATCH = 30
"""Operations a request: a sale has about twenty, so that a push of some sales takes several requests."""


class HeadlessDesk:
    """A desk without a window: a profile, its database, and the engine that exchanges."""

    def __init__(self, profile: Profile, centre: Centre, name: str) -> None:
        self.profile, self.centre, self.name = profile, centre, name
        self.open()

    def open(self) -> None:
        """Open the file that lies in the profile now."""
        self.database = Database(self.profile.database_path, KEY)
        self.transport = HttpTransport(self.centre.url, SealedCredentials(self.profile, KEY), read_seconds=20.0)
        self.engine = SyncEngine(
            self.database, self.transport, clock=SystemClock(), batch_operations=SMALL_BATCH
        )  # fmt: skip

    def close(self) -> None:
        """Close file and connections."""
        self.transport.close()
        self.database.close()

    def join(self) -> None:
        """Enrol, and agree for the first time."""
        enrol(self.database, self.transport, code=self.centre.code(self.name), now=datetime.now(UTC))
        self.agree()

    def agree(self) -> None:
        """Exchange until both sides hold the same."""
        for _ in range(3):
            self.engine.sync_once()
        assert self.engine.status.state == SyncState.AGREED and self.engine.status.unsent == 0

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read with plain SQL."""
        with self.database.read() as session:
            return [tuple(row) for row in session.connection().exec_driver_sql(sql, values)]

    def ids(self, table: str) -> list[str]:
        """All records of a kind at this desk."""
        return [row[0] for row in self.rows(f"SELECT id FROM {table} WHERE deleted_at IS NULL ORDER BY id")]

    def sell(self, count: int) -> list[str]:
        """Sell so many free vehicles; the orders' ids."""
        dispatcher, actor = Dispatcher(self.database), actor_of(staff_of(Role.SALESPERSON), desk_code=self.name)
        units = self.rows("SELECT id FROM vehicle_unit WHERE allocation_state = 'FREE' ORDER BY id LIMIT ?", count)
        ((customer,),) = self.rows("SELECT id FROM customer LIMIT 1")
        sold = []
        for (unit_id,) in units:
            sale = RecordSale(
                customer_id=customer, earnest_amount=Decimal("5000.00"), method="cash",
                terms=QuotationTerms(vehicle_unit_id=unit_id, vessel_tax=Decimal("420.00")),
            )  # fmt: skip
            sold.append(dispatcher.execute(sale, actor).value.order_id)
        return sold


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """A service of this test's own."""
    with Centre(tmp_path / "service") as running:
        yield running


@pytest.fixture
def make_desk(stocked: Path, centre: Centre, tmp_path: Path) -> Iterator[Callable[[str], HeadlessDesk]]:  # noqa: F811
    """Makes desks with a stock to sell."""
    made: list[HeadlessDesk] = []

    def make(name: str) -> HeadlessDesk:
        profile = Profile(tmp_path / name).prepare()
        open_copy(stocked, profile.database_path, desk_code=name).close()
        profile.key_slots_path.write_text("{}", encoding="utf-8")
        made.append(HeadlessDesk(profile, centre, name))
        return made[-1]

    yield make
    for desk in made:
        desk.close()


def _whole(desk: HeadlessDesk, centre: Centre) -> None:
    """Everything of this desk is at the centre, once; no vehicle has two buyers; the file is sound."""
    for table in ("sales_order", "payment", "quotation", "sales_order_line", "quotation_line", "vehicle_unit"):
        assert sorted(centre.ids(table)) == desk.ids(table), table
    orders = desk.rows("SELECT id, claim_state, final_number FROM sales_order")
    assert {state for _id, state, _number in orders} == {"confirmed"}
    numbers = [number for _id, _state, number in orders]
    assert len(set(numbers)) == len(numbers) and None not in numbers
    assert sorted(centre.owners().values()) == desk.ids("sales_order")
    assert centre.findings() == []
    desk.database.check_integrity()


def _killed_while_pushing(desk: HeadlessDesk, centre: Centre, seed: int) -> str:
    """Begin to push, kill the service after its first answers, start it again; the code of what the desk noticed."""
    noticed: list[SyncProblem] = []

    def push() -> None:
        try:
            desk.engine.sync_once()
        except SyncProblem as problem:
            noticed.append(problem)

    ((before,),) = desk.rows("SELECT acknowledged_n FROM desk_state")
    pushing = threading.Thread(target=push)
    pushing.start()
    until = time.monotonic() + 20
    while pushing.is_alive() and time.monotonic() < until:
        if desk.rows("SELECT acknowledged_n FROM desk_state")[0][0] > before:
            break
        time.sleep(0.001)
    time.sleep(random.Random(seed).uniform(0.0, 0.03))
    centre.service.kill()
    pushing.join(30)
    assert not pushing.is_alive()
    centre.service.start()
    assert all(problem.passing for problem in noticed)
    return noticed[0].code if noticed else ""


def test_the_service_is_killed_in_the_middle_of_pushes(
    make_desk: Callable[[str], HeadlessDesk], centre: Centre
) -> None:
    desk = make_desk("D01")
    desk.join()
    sold, noticed = [], []
    for seed in range(4):
        sold += desk.sell(12)
        noticed.append(_killed_while_pushing(desk, centre, seed))
    assert any(noticed), "at least one push was cut off"
    desk.agree()
    assert desk.ids("sales_order") == sorted(sold)
    _whole(desk, centre)
    other = make_desk("D02")
    other.join()
    assert other.ids("sales_order") == sorted(sold)
    assert other.rows("SELECT id, order_id FROM vehicle_unit ORDER BY id") == desk.rows(
        "SELECT id, order_id FROM vehicle_unit ORDER BY id"
    )


@pytest.mark.parametrize("sent", [True, False], ids=["what came after was sent", "what came after was not sent"])
def test_a_desk_put_back_from_a_backup_loses_and_doubles_nothing(
    make_desk: Callable[[str], HeadlessDesk], centre: Centre, sent: bool
) -> None:
    desk = make_desk("D01")
    desk.join()
    before = desk.sell(2)
    desk.agree()
    backup = make_backup(
        desk.database, key=KEY, folder=desk.profile.backups_dir, required=[desk.profile.key_slots_path],
        optional=[desk.profile.device_secrets_path], now=datetime.now(UTC),
    )  # fmt: skip
    after = desk.sell(2)
    if sent:
        desk.agree()
    desk.close()
    restore_backup(backup, key=KEY, root=desk.profile.root, now=datetime.now(UTC) + timedelta(minutes=1))
    desk.open()
    assert desk.ids("sales_order") == sorted(before)
    new = desk.sell(3)  # numbered anew, in the place of operations the centre may know already
    numbers = [row[0] for row in desk.rows("SELECT number FROM sales_order")]
    desk.agree()
    expected = [*before, *new, *(after if sent else [])]
    confirmed = {row[0] for row in desk.rows("SELECT id FROM sales_order WHERE claim_state = 'confirmed'")}
    assert sorted(centre.ids("sales_order")) == desk.ids("sales_order") == sorted(expected)
    assert len(set(numbers)) == len(numbers)
    all_numbers = [row[0] for row in desk.rows("SELECT number FROM sales_order")]
    assert len(set(all_numbers)) == len(all_numbers), "no document number was given twice"
    # A vehicle sold again after the restore went to whom it was sold to first; the other order is flagged, not lost.
    conflicts = {row[0] for row in desk.rows("SELECT id FROM sales_order WHERE claim_state = 'conflict'")}
    assert confirmed | conflicts == set(expected) and len(centre.owners()) == len(confirmed)
    if sent:
        assert set(after) <= confirmed and conflicts <= set(new)
    else:
        assert conflicts == set()
    assert centre.findings() == []


def test_a_copied_profile_gets_a_name_of_its_own(
    make_desk: Callable[[str], HeadlessDesk], centre: Centre, tmp_path: Path
) -> None:
    """Two computers with one backup: both sell, and the centre keeps them apart."""
    first = make_desk("D01")
    first.join()
    first.database.close()
    twin_profile = Profile(tmp_path / "twin")
    shutil.copytree(first.profile.root, twin_profile.root)
    first.open()
    twin = HeadlessDesk(twin_profile, centre, "D01")
    try:
        ours, theirs = first.sell(2), twin.sell(5)[2:]
        first.agree()
        twin.agree()
        first.agree()
        assert set(ours) | set(theirs) <= set(first.ids("sales_order"))
        assert first.ids("sales_order") == twin.ids("sales_order")
        owners = centre.owners()
        assert set(ours) | set(theirs) <= set(owners.values()) and len(owners) == 5
        assert centre.findings() == []
    finally:
        twin.close()
