"""What one exchange with the centre works with, and how far it has come."""

import gc
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from app.kernel.changes import Changes
from app.kernel.clock import Clock
from db.engine import Database
from db.types import microseconds
from sync.client.applying import BadRows, RowWriter, pulled_rows
from sync.client.connection import DirectConnection
from sync.client.errors import AnswerNotUnderstood, ServiceTimedOut
from sync.client.outbox import Acknowledged, highest_n
from sync.client.tables import PulledRow
from sync.client.transport import HttpTransport

_log = logging.getLogger(__name__)
T = TypeVar("T")


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the cyclic collector: a page makes tens of thousands of values at once and drops them all at its end."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the desk stands: `given_n` is the last operation ever made here, `cursors` how far each feed was read."""

    epoch: str
    desk_code: str
    acknowledged: Acknowledged
    publish_due: bool
    given_n: int
    cursors: dict[str, int]
    is_sweeping: bool

    @property
    def unsent(self) -> int:
        """Operations the centre has not answered."""
        return self.given_n - self.acknowledged.n


@dataclass(slots=True)
class Exchange:
    """One run of sending and receiving."""

    database: Database
    transport: HttpTransport
    clock: Clock
    page_rows: int
    batch_operations: int
    stopping: threading.Event
    abandoned: threading.Event
    tell_changes: Callable[[Changes], None]
    pushed: int = 0
    rejected: int = 0
    conflicts: int = 0
    pulled: int = 0
    ahead_ms: int = 0
    page: dict[str, Any] | None = None
    """The first page, where it came with the answer to the last push."""

    def standing(self) -> Standing:
        """Read afresh."""
        self._check()
        with self.database.read() as session:
            connection = DirectConnection(session.connection())
            row = connection.exec_driver_sql(
                "SELECT epoch, desk_code, acknowledged_n, acknowledged_hash, publish_due FROM desk_state WHERE id = 1"
            ).first()
            cursors = connection.exec_driver_sql("SELECT scope, seq, sweeping FROM sync_cursor").fetchall()
            given = highest_n(connection)
        return Standing(
            epoch=row[0], desk_code=row[1], acknowledged=Acknowledged(row[2], row[3]), publish_due=bool(row[4]),
            given_n=given, cursors={one[0]: one[1] for one in cursors}, is_sweeping=any(one[2] for one in cursors),
        )  # fmt: skip

    def _check(self) -> None:
        """The application has gone on without this exchange: its database may be closed. Raises ServiceTimedOut."""
        if self.abandoned.is_set():
            raise ServiceTimedOut(address=self.transport.address)

    def now(self) -> int:
        """The desk's time in microseconds."""
        return microseconds(self.clock.now())

    def rows_of(self, answer: dict[str, Any]) -> list[PulledRow]:
        """The rows an answer carries; raises AnswerNotUnderstood."""
        try:
            return pulled_rows(answer.get("rows") or [])
        except (ValueError, TypeError) as error:
            raise AnswerNotUnderstood(address=self.transport.address) from error

    def write(self, rows: list[PulledRow], work: Callable[[DirectConnection, RowWriter], T]) -> T:
        """Run `work` in one transaction with a writer for `rows`, and publish what was written after the commit.

        Where one of the rows cannot be written, everything is done once more, row by row, without it.
        """
        self._check()
        with uncollected():
            try:
                return self._write(work, careful=False)
            except BadRows:
                _log.warning("%s rows are written one by one", len(rows), exc_info=True)
                return self._write(work, careful=True)

    def _write(self, work: Callable[[DirectConnection, RowWriter], T], *, careful: bool) -> T:
        with self.database.exclusive() as raw:
            connection = DirectConnection(raw)
            writer = RowWriter(connection, careful=careful)
            value = work(connection, writer)
        self._tell(writer)
        return value

    def _tell(self, writer: RowWriter) -> None:
        if writer.changed:
            self.tell_changes(Changes({table: frozenset(ids) for table, ids in writer.changed.items()}))
