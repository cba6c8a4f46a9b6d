"""Brings this desk and the centre into agreement: send what waits, take over what is new."""

from collections.abc import Callable
from typing import Any

from app.kernel.clock import Clock, SystemClock
from db.engine import Database
from sync.client.status import ChangesListener, StatusListener, SyncReport, SyncStatus


class SyncEngine:
    """One desk's side. Safe to call from any one thread at a time; holds the database's writer page by page only.

    `transport` is a `sync.client.transport.HttpTransport`; `on_status` and `on_changes` are called on the calling
    thread and must return at once.
    """

    def __init__(
        self, database: Database, transport: Any, *, clock: Clock | None = None,
        on_status: StatusListener | None = None, on_changes: ChangesListener | None = None,
    ) -> None:  # fmt: skip
        self.database = database
        self.transport = transport
        self.clock: Clock = clock or SystemClock()
        self._on_status = on_status
        self._on_changes = on_changes
        self._status = SyncStatus()

    @property
    def status(self) -> SyncStatus:
        """The last known status."""
        return self._status

    def sync_once(self) -> SyncReport:
        """Push everything, pull everything; what was done stays done when it is interrupted.

        Raises a `SyncProblem` (`sync.client.errors`) after having set the status accordingly.
        """
        return SyncReport()

    def publish_all(self, progress: Callable[[str, float | None], None] | None = None) -> int:
        """Send rows that the centre has never seen and that no operation carries (a seeded branch); tells how many."""
        return 0
