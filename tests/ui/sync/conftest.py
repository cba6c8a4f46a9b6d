"""The pages about the centre and about backups: a real database, and ports that remember what was asked of them."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.desk.backups import Backup
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from db.engine import Database
from db.types import microseconds
from sync.client.status import SyncState, SyncStatus
from tests.app.sale_desk import SaleDesk
from tests.factories.people import HANGZHOU, staff_of
from tests.factories.records import Records
from tests.ui.record_pages import Settle, Show
from ui.kit.context import PageContext
from ui.sync.backups_page import BackupsPage
from ui.sync.ports import BackupFeed, Checked, Joined, StatusFeed
from ui.sync.sync_page import SyncPage


@dataclass
class MemorySync:
    """`SyncPort` that remembers; `refuse` makes the next connection fail."""

    database: Database
    feed: StatusFeed = field(default_factory=StatusFeed)
    asked: list[Any] = field(default_factory=list)
    refuse: BaseException | None = None

    def connect(self, address: str, code: str) -> Joined:
        self.asked.append(("connect", address, code))
        if self.refuse is not None:
            error, self.refuse = self.refuse, None
            raise error
        with self.database.exclusive() as connection:
            connection.exec_driver_sql("UPDATE desk_state SET service_url = ?, desk_code = 'D07'", (address,))
        self.feed.tell(SyncStatus(state=SyncState.WORKING))
        return Joined("SH01", "D07")

    def disconnect(self) -> None:
        self.asked.append("disconnect")
        self.feed.tell(SyncStatus())

    def sync_now(self) -> None:
        self.asked.append("sync_now")

    still_unwritten = 0
    checked = Checked(rows=0, repaired=0, left_alone=0, differing=0, complete=False)

    def retry_unwritten(self) -> int:
        self.asked.append("retry_unwritten")
        return self.still_unwritten

    def accept_log(self) -> None:
        self.asked.append("accept_log")

    def check_everything(self) -> Checked:
        self.asked.append("check_everything")
        return self.checked

    prefetches = False

    def set_prefetching(self, wanted: bool) -> None:
        self.prefetches = wanted


@dataclass
class MemoryBackups:
    """`BackupPort` with backups that are only named."""

    folder: Path
    clock: FixedClock
    feed: BackupFeed = field(default_factory=BackupFeed)
    kept: list[Backup] = field(default_factory=list)
    refuse: BaseException | None = None

    def list_backups(self) -> Sequence[Backup]:
        return sorted(self.kept, key=lambda backup: backup.made_at, reverse=True)

    def back_up_now(self) -> Backup:
        if self.refuse is not None:
            error, self.refuse = self.refuse, None
            raise error
        return self.add(timedelta())

    def add(self, age: timedelta) -> Backup:
        """A backup of some age."""
        made = self.clock.now() - age
        backup = Backup(folder=self.folder / f"{made:%Y-%m-%d_%H%M%S}Z", made_at=made, mark="1:0:", size=12_400_000)
        self.kept.append(backup)
        return backup


class Centre:
    """What the centre would have said, written into the desk's database as the engine does."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self._database, self._clock = database, clock

    def _write(self, statement: str, *values: Any) -> None:
        with self._database.exclusive() as connection:
            connection.exec_driver_sql(statement, values)

    def acknowledge_all(self) -> None:
        """Everything was sent."""
        self._write("UPDATE desk_state SET acknowledged_n = (SELECT coalesce(max(n), 0) FROM outbox_operation)")
        self._write("UPDATE desk_state SET service_url = 'https://centre.example:8420'")

    def refuse(self, table: str, record_id: str, code: str, **detail: Any) -> None:
        """The operations about a record were refused."""
        result = json.dumps({"code": code, "detail": detail})
        self._write(
            "UPDATE outbox_operation SET state = 'rejected', answered_at = ?, result = ?"
            " WHERE table_name = ? AND record_id = ?",
            microseconds(self._clock.now()), result, table, record_id,
        )  # fmt: skip

    def give_away(self, order_id: str, *, number: str = "HZ01-SO-2026-000007") -> None:
        """The order's vehicle went to an order of the other branch."""
        winner = {
            "order_id": "c" * 32, "number": number, "branch_id": HANGZHOU.id, "desk_code": "D03",
            "at": microseconds(self._clock.now()), "staff_id": staff_of(Role.SALESPERSON, HANGZHOU).id,
        }  # fmt: skip
        self._write(
            "UPDATE sales_order SET claim_state = 'conflict', claim_winner = ? WHERE id = ?",
            json.dumps(winner), order_id,
        )  # fmt: skip

    def read_scopes(self) -> None:
        """Two feeds were read."""
        for scope, seq in (("group", 2031), (HANGZHOU.id, 412)):
            self._write("INSERT INTO sync_cursor (scope, seq, sweeping) VALUES (?, ?, 0)", scope, seq)


@pytest.fixture
def actor(request: pytest.FixtureRequest, actor_with: Callable[[Role], Actor]) -> Actor:
    """The branch manager, or the role named by `parametrize("actor", [...], indirect=True)`."""
    return actor_with(getattr(request, "param", Role.BRANCH_MANAGER))


@pytest.fixture
def centre(database: Database, clock: FixedClock) -> Centre:
    """Writes what the centre said."""
    return Centre(database, clock)


@pytest.fixture
def desk(dispatcher: Dispatcher, records: Records, clock: FixedClock) -> SaleDesk:
    """王芳's desk."""
    return SaleDesk(dispatcher, records, clock)


@pytest.fixture
def sync_port(database: Database) -> MemorySync:
    """The port the page is given."""
    return MemorySync(database)


@pytest.fixture
def agreed(clock: FixedClock) -> SyncStatus:
    """All is well since two minutes ago."""
    return SyncStatus(state=SyncState.AGREED, last_agreed_at=clock.now() - timedelta(minutes=2))


class SyncDriver:
    """The page, driven as a person does."""

    def __init__(self, page: SyncPage, context: PageContext, settle: Settle, qtbot: QtBot) -> None:
        self.page, self.context, self.settle, self.qtbot = page, context, settle, qtbot

    def tell(self, status: SyncStatus, **changes: Any) -> None:
        """The engine's status has changed."""
        self.page._port.feed.tell(replace(status, **changes))
        self.settle()

    def choose(self, tab: str) -> list[Any]:
        """Show a list; returns its rows."""
        views = self.page.views
        for button in views.segments():
            if button.text().startswith(tab):
                button.click()
                self.settle()
                return self.page.tabs[self.page.tab].content.model.rows
        menu = views.unfold()
        for entry in menu.actions():
            if entry.text().startswith(tab):
                entry.trigger()
                menu.close()
                self.settle()
                return self.page.tabs[self.page.tab].content.model.rows
        raise AssertionError(f"no list {tab}: {[views.label_of(value) for value in views.offered()]}")

    def cells(self, line: int = 0) -> list[str]:
        """The texts of a row of the list in sight."""
        model = self.page.tabs[self.page.tab].content.model
        return [model.index(line, column).data(0) for column in range(model.columnCount())]

    def select(self, line: int = 0) -> None:
        """Select a row and wait for the panel."""
        self.page.tabs[self.page.tab].content.table.selectRow(line)
        self.settle()

    def panel_texts(self) -> str:
        """Everything the panel says."""
        return "\n".join(label.text() for label in self.page.panel.findChildren(QLabel) if label.isVisible())

    def run(self, action_id: str) -> bool:
        """Run an action by its id and wait."""
        ran = self.context.actions.run(action_id)
        self.settle()
        return ran


Open = Callable[..., SyncDriver]


@pytest.fixture
def open_sync(
    context: PageContext, sync_port: MemorySync, show: Show, settle: Settle, qtbot: QtBot
) -> Open:
    """Opens the page: `open_sync(status)`."""

    def opened(status: SyncStatus | None = None, **params: Any) -> SyncDriver:
        if status is not None:
            sync_port.feed.latest = status
        page = SyncPage(context, sync_port)
        show(page, 1072, 768)
        context.operations.changes_published.connect(page.on_changes)
        context.actions.set_scope(page.scope)
        page.activate(params)
        settle()
        return SyncDriver(page, context, settle, qtbot)

    return opened


@pytest.fixture
def backup_port(tmp_path: Path, clock: FixedClock) -> MemoryBackups:
    """The port the page of backups is given."""
    return MemoryBackups(tmp_path / "backups", clock)


@pytest.fixture
def open_backups(
    context: PageContext, backup_port: MemoryBackups, show: Show, settle: Settle
) -> Callable[[], BackupsPage]:
    """Opens the page of backups."""

    def opened() -> BackupsPage:
        page = BackupsPage(context, backup_port)
        show(page, 1072, 768)
        context.actions.set_scope(page.scope)
        page.activate({})
        settle()
        return page

    return opened
