"""What one exchange with the centre works with, and how far it has come."""

import gc
import logging
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
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
from sync.protocol.limits import SNAPSHOT_ROWS, SNAPSHOT_ROWS_AT_WORK

_log = logging.getLogger(__name__)
T = TypeVar("T")
_MOST_GATHERED = 20_000
"""Changed rows that are told one by one; of more it is said that everything may be different."""


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
    branch_id: str = ""
    leaving: tuple[str, ...] = ()
    """Scopes taken from this desk whose rows are still on their way out; they have no cursor any more."""
    names_heard: int = 0
    """How far this desk was told what desks are called."""

    @property
    def unsent(self) -> int:
        """Operations the centre has not answered."""
        return self.given_n - self.acknowledged.n


@dataclass(frozen=True, slots=True)
class Progress:
    """How far reading has come. By snapshot: `bytes_all` is None while the centre still prepares, `seconds_left` until
    something can be said. Page by page `rows_all` is `about` right, and 0 where nothing can be said. `rows_before` of
    the rows were there from an attempt that was interrupted."""

    rows_done: int
    rows_all: int
    bytes_done: int
    bytes_all: int | None
    seconds_left: float | None
    finishing: bool = False
    """Everything is here: it is proved, and takes its place."""
    rows_checked: int = 0
    """How many were gone through by then."""
    rows_before: int = 0
    about: bool = False


class Gathered:
    """What pages wrote, until it is told all at once: open lists read again at the head, not with every page."""

    def __init__(self) -> None:
        self._rows: dict[str, set[str]] = {}
        self._room = _MOST_GATHERED
        self._everything = False

    def add(self, changed: Mapping[str, Collection[str]]) -> None:
        """More rows, by table."""
        for table, ids in changed.items():
            if self._room <= 0:
                break
            known = self._rows.setdefault(table, set())
            before = len(known)
            known.update(ids)
            self._room -= len(known) - before
        if self._room <= 0:
            self.add_everything()

    def add_everything(self) -> None:
        """So much that nobody should look for single rows; needs no memory any more."""
        self._everything, self._room = True, 0
        self._rows.clear()

    def take(self) -> Changes | None:
        """What was gathered, None for nothing; forgotten here from now on."""
        rows, everything = self._rows, self._everything
        self._rows, self._room, self._everything = {}, _MOST_GATHERED, False
        if everything:
            return Changes(everything=True)
        return Changes({table: frozenset(ids) for table, ids in rows.items()}) if rows else None


@dataclass(frozen=True, slots=True)
class Moved:
    """Where this desk belongs from now on."""

    branch_id: str
    branch_code: str
    desk_code: str


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
    """How far operations of this exchange were stamped ahead of the centre's clock, where that was too far."""
    clock_off_ms: int | None = None
    """How far this desk's clock is ahead of the centre's, behind it below zero; None before a page was read."""
    acknowledged: Acknowledged | None = None
    """The last operation whose answer was written down in this exchange."""
    page: dict[str, Any] | None = None
    """The first page, where it came with the answer to the last push."""
    cursors: dict[str, int] = field(default_factory=dict)
    """How far each feed was read in this exchange: may be beyond what is written down, past rows of this desk's own."""
    large: dict[str, int] = field(default_factory=dict)
    """Scopes that are to be read by snapshot, with their rows: the feed was not begun."""
    snapshot_rows: tuple[int, int] = (SNAPSHOT_ROWS, SNAPSHOT_ROWS_AT_WORK)
    """From so many rows on, a scope that was not begun is read by snapshot: by a new desk, and by one at work; 0 once
    that failed."""
    pages_since: float | None = None
    """When pages that do not reach the head began to come, by `time.monotonic`, and how many rows were here then."""
    pages_before: int = 0
    moved_to: Moved | None = None
    """The branch this desk was moved to meanwhile."""
    has_lost: bool = False
    """Scopes were taken from this desk: their rows have to go."""
    needed: dict[tuple[str, str], bool] = field(default_factory=dict)
    """Records the centre asks for, by (table, id), and whether what deleting left of them will do."""
    doubtful: set[tuple[str, str]] = field(default_factory=set)
    """Records that were perhaps kept for a payment or a contract that was refused now."""
    gathered: Gathered = field(default_factory=Gathered)
    fills_new_file: bool = False
    """The database is a new file that is filled beside the desk's own."""
    tell_progress: Callable[["Progress"], None] | None = None
    tell_sent: Callable[[int, int], None] | None = None
    """Told how many operations of how many were answered, while more than one batch has to go."""
    to_send: int = 0
    """Told with every page and part; raises to cancel."""

    def standing(self) -> Standing:
        """Read afresh."""
        self._check()
        with self.database.glance() as snapshot:
            connection = DirectConnection(snapshot)
            row = connection.exec_driver_sql(
                "SELECT epoch, desk_code, acknowledged_n, acknowledged_hash, publish_due, branch_id, names_heard"
                " FROM desk_state WHERE id = 1"
            ).first()
            cursors = connection.exec_driver_sql("SELECT scope, seq, sweeping, leaving FROM sync_cursor").fetchall()
            given = highest_n(connection)
        return Standing(
            epoch=row[0], desk_code=row[1], acknowledged=Acknowledged(row[2], row[3]), publish_due=bool(row[4]),
            given_n=given, cursors={one[0]: one[1] for one in cursors if not one[3]},
            is_sweeping=any(one[2] for one in cursors), leaving=tuple(one[0] for one in cursors if one[3]),
            branch_id=row[5] or "", names_heard=row[6],
        )  # fmt: skip

    def _check(self) -> None:
        """The application has gone on without this exchange: its database may be closed. Raises ServiceTimedOut."""
        if self.abandoned.is_set():
            raise ServiceTimedOut(address=self.transport.address)

    def note_centre_time(self, centre_ms: int) -> None:
        """Compare the clocks by an answer that has just come; the way it took is far below what matters."""
        if centre_ms:
            self.clock_off_ms = self.now() // 1000 - centre_ms

    def now(self) -> int:
        """The desk's time in microseconds."""
        return microseconds(self.clock.now())

    def rows_of(self, answer: dict[str, Any]) -> list[PulledRow]:
        """The rows an answer carries; raises AnswerNotUnderstood."""
        try:
            return pulled_rows(answer.get("rows") or [])
        except (ValueError, TypeError) as error:
            raise AnswerNotUnderstood(address=self.transport.address) from error

    def write(
        self, rows: list[PulledRow], work: Callable[[DirectConnection, RowWriter], T], *, later: bool = False
    ) -> T:  # fmt: skip
        """Run `work` in one transaction with a writer for `rows`, and tell what was written after the commit: at once,
        or with `tell_gathered`.

        Where one of the rows cannot be written, everything is done once more, row by row, without it.
        """
        self._check()
        with uncollected():
            try:
                return self._write(work, careful=False, later=later)
            except BadRows:
                _log.warning("%s rows are written one by one", len(rows), exc_info=True)
                return self._write(work, careful=True, later=later)

    def _write(self, work: Callable[[DirectConnection, RowWriter], T], *, careful: bool, later: bool) -> T:
        with self.database.exclusive() as raw:
            connection = DirectConnection(raw)
            writer = RowWriter(connection, careful=careful, fills=self.fills_new_file)
            value = work(connection, writer)
        if later:
            self.gathered.add(writer.changed)
        elif writer.changed:
            self.tell_changes(Changes({table: frozenset(ids) for table, ids in writer.changed.items()}))
        return value

    def tell_gathered(self) -> None:
        """Let pages look at what was written meanwhile."""
        changes = self.gathered.take()
        if changes is not None:
            self.tell_changes(changes)
