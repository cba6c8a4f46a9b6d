"""Brings this desk and the centre into agreement: send what waits, take over what is new.

Everything is done in pieces that are complete by themselves. Whatever interrupts an exchange, what was done stays done,
and the next one goes on from there.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from app.desk.clock_watch import ClockWatch
from app.kernel.changes import Changes
from app.kernel.clock import Clock, SystemClock
from app.runtime.language import tr_noop
from db.engine import Database
from db.errors import DatabaseProblem
from db.search import merge_some
from db.types import instant_at, microseconds
from sync.client.blank import is_blank
from sync.client.bootstrap import fill, forget_begun
from sync.client.bringing_back import bring_back, let_go
from sync.client.checking import Checking
from sync.client.connection import DirectConnection
from sync.client.document_log import LogKeeper
from sync.client.errors import (
    CentreLostOperations,
    CursorTooOld,
    HistoryDiffers,
    NotEnrolled,
    NotOffered,
    RestoreDoubted,
    SnapshotGone,
    SyncProblem,
)
from sync.client.exchange import Exchange, Moved
from sync.client.exchange import Progress as ReadingProgress
from sync.client.healing import read_again, start_over, take_identity
from sync.client.keeping import Key
from sync.client.leases import LeaseKeeper
from sync.client.leaving import remove_lost
from sync.client.new_file import CopyNotProved
from sync.client.outbox import forget_old
from sync.client.overriding import age_out
from sync.client.process_lock import sole_exchange
from sync.client.publishing import Progress, publish
from sync.client.pulling import pull_all
from sync.client.pushing import push_all
from sync.client.queries import counts_of
from sync.client.snapshot_reading import Cancelled, Course, read_scope
from sync.client.status import ChangesListener, StatusListener, SyncReport, SyncState, SyncStatus
from sync.client.status import Progress as SyncProgress
from sync.client.transport import HttpTransport
from sync.client.updating import is_updated, retry_kept, settle_update
from sync.client.verification import Verified
from sync.protocol.hlc import MAX_AHEAD_MS
from sync.protocol.limits import PUSH_OPERATIONS, SNAPSHOT_ROWS, SNAPSHOT_ROWS_AT_WORK

_log = logging.getLogger(__name__)
_MOST_HEALINGS = 4
_WORTH_TELLING = 2_000
"""Rows received in one exchange from which on people are told how far it is."""
_NOTED_EVERY = timedelta(minutes=1)
_PAGE_ROWS = 4_000
"""Of a page's rows every value is in memory, and people's writes wait for them; the service would give more."""
_MANY_ARRIVED = 5_000
"""Rows from elsewhere after which the search index is worth merging."""
CLOCK_BEHIND = tr_noop("This computer's clock is {minutes} minutes behind the centre's. Set it right.")
CLOCK_AHEAD = tr_noop("This computer's clock is {minutes} minutes ahead of the centre's. Set it right.")


class SyncEngine:
    """One desk's side. One exchange at a time; holds the database's writer page by page only.

    `on_status` and `on_changes` are called on the thread that synchronises and must return at once.
    """

    def __init__(
        self, database: Database, transport: HttpTransport, *, clock: Clock | None = None,
        on_status: StatusListener | None = None, on_changes: ChangesListener | None = None,
        page_rows: int = _PAGE_ROWS, batch_operations: int = PUSH_OPERATIONS,
        on_progress: Callable[[ReadingProgress], None] | None = None, snapshot_rows: int | None = None,
        on_moved: Callable[[Moved], None] | None = None, clock_watch: ClockWatch | None = None,
    ) -> None:  # fmt: skip
        self.database = database
        self.transport = transport
        self.clock: Clock = clock or SystemClock()
        self._clock_watch = clock_watch or ClockWatch(self.clock)
        self._on_status = on_status
        self._on_changes = on_changes
        self._page_rows, self._batch_operations = page_rows, batch_operations
        self._on_progress, self._snapshot_rows, self._on_moved = on_progress, snapshot_rows, on_moved
        self._busy = threading.Lock()
        self._stopping = threading.Event()
        self._abandoned = threading.Event()
        self._noted_at: datetime | None = None
        self._arrived = 0
        self._checking = Checking()
        self._took_stock = False
        self._not_wanted: set[Key] = set()
        self._telling = threading.RLock()
        self._status = SyncStatus()
        self.leases = LeaseKeeper(database, transport, clock=self.clock, on_changes=self._tell_changes)
        """Vehicles the centre keeps for this desk."""
        self.log = LogKeeper(database, transport, clock=self.clock, on_changes=self._tell_changes)
        """The centre's log of sealed documents, as this desk watches it."""

    @property
    def status(self) -> SyncStatus:
        """The last known status."""
        return self._status

    def refresh_status(self) -> SyncStatus:
        """Count again what waits here, without talking to the service; on any thread, also during an exchange."""
        with self._telling:
            known = self._status
            if not self.transport.is_enrolled:
                known = SyncStatus(last_agreed_at=known.last_agreed_at)
            elif known.state == SyncState.NOT_ENROLLED:
                known = replace(known, state=SyncState.WORKING)
            self._set(self._counted(known))
            return self._status

    def stop(self) -> None:
        """Let the exchange in hand end after its present piece, and others not begin, until `resume`."""
        self._stopping.set()

    def resume(self) -> None:
        """Take back `stop`."""
        self._stopping.clear()

    def abandon(self) -> None:
        """Never touch the database again, whatever an exchange that is under way may still bring."""
        self._abandoned.set()

    def sync_once(self) -> SyncReport:
        """Push everything, pull everything. Raises SyncProblem after the status has been told."""
        with self._exchange() as exchange:
            if self._agree_at_last(exchange):
                self._note_agreement(exchange)
        self._arrived += exchange.pulled
        return SyncReport(
            pushed=exchange.pushed, rejected=exchange.rejected, conflicts=exchange.conflicts, pulled=exchange.pulled
        )

    def check_copy(self, *, asked: bool = False) -> Verified | None:
        """Hold this desk's rows against the centre's and put right what differs; None where it is not time.

        Time is once a day, after a bootstrap or a healing, and when somebody asked. Agrees first; where something
        always waits here, or the centre always goes on, it is left for the next time. Raises SyncProblem; NotOffered,
        which changes nothing else, only where somebody asked.
        """
        if not asked and not self._checking.is_due(self.database, self.clock.now()):
            return None
        too_old: NotOffered | None = None
        with self._exchange() as exchange:
            try:
                result = self._checking.check(exchange, lambda: self._agree_at_last(exchange))
            except NotOffered as problem:
                result, too_old = None, problem
            if (result is not None or too_old is not None) and not self._stopping.is_set():
                self._note_agreement(exchange)
        if too_old is not None and asked:
            raise too_old
        return result

    @property
    def checked_so_far(self) -> Verified:
        """What a comparison that did not come to an end has done by now; it goes on by itself."""
        return self._checking.so_far

    def keep_leases(self) -> None:
        """Renew what is wanted of the vehicles secured here, and give back what is not. Nothing else waits for it."""
        try:
            self.leases.keep()
        except SyncProblem as problem:
            _log.warning("leases were not renewed: %s %s", problem.code, problem.detail)

    def keep_log(self) -> None:
        """See whether the log of sealed documents only grew, and have proved what was sealed here. Nothing else waits
        for it."""
        alarms = self.log.open_alarms
        try:
            self.log.keep()
        except SyncProblem as problem:
            _log.warning("the log of sealed documents was not asked for: %s %s", problem.code, problem.detail)
        if self.log.open_alarms != alarms:
            self.refresh_status()

    def note_end(self) -> None:
        """Write down what this desk's clock shows when the program is closed: set back meanwhile, it is noticed."""
        if self._abandoned.is_set():
            return
        try:
            self.leases.note_time(at_once=True)
        except DatabaseProblem:
            _log.warning("the time of closing was not written down", exc_info=True)

    def tidy_search(self) -> None:
        """After many records arrived: make searching as quick as it was, step by step, with people's writes between."""
        if self._arrived < _MANY_ARRIVED:
            return
        self._arrived, more = 0, True
        begin = True
        while more and not self._stopping.is_set():
            with self.database.exclusive() as connection:
                more = merge_some(connection, begin=begin)
            begin = False

    def retry_unwritten(self) -> int:
        """Write the rows that were kept aside once more; tells how many remain aside. Needs no service."""
        with self._busy:
            remaining = retry_kept(self._new_exchange())
        self.refresh_status()
        return remaining

    def note_next_attempt(self, seconds: float) -> None:
        """Tell when the next attempt is made by itself."""
        if self._abandoned.is_set():
            return
        with self._telling:
            self._set(replace(self._status, next_at=self.clock.now() + timedelta(seconds=seconds)))

    def publish_all(self, progress: Progress | None = None) -> int:
        """Send rows that the centre has never seen and that no operation carries (a seeded branch); tells how many.

        `sync_once` does this by itself after an enrolment; this is for whoever wants to show a bar.
        """
        with self._exchange() as exchange:
            taken = publish(exchange, exchange.standing(), progress)
            self._tell(SyncState.WORKING)
        return taken

    def _agree_at_last(self, exchange: Exchange) -> bool:
        """Rounds until both sides agree, with what has to be healed in between; tells whether they do."""
        for remaining in reversed(range(_MOST_HEALINGS)):
            try:
                return self._agree(exchange)
            except RestoreDoubted:
                self.leases.doubt()
                raise
            except (CentreLostOperations, HistoryDiffers, CursorTooOld) as problem:
                if not remaining:
                    raise
                self._heal(exchange, problem)
                self._checking.want(self.database)
        return False

    def _agree(self, exchange: Exchange) -> bool:
        """One round; tells whether both sides agree at its end."""
        if not self._took_stock:
            if is_updated(self.database):
                settle_update(exchange)
            self._took_stock = True
        exchange.page = None
        standing = exchange.standing()
        if standing.publish_due:
            publish(exchange, standing)
        push_all(exchange, standing)
        if standing.leaving:
            remove_lost(exchange)
        if standing.publish_due or standing.leaving:
            standing = exchange.standing()
        elif exchange.acknowledged is not None:
            standing = replace(standing, acknowledged=exchange.acknowledged)
        done = pull_all(exchange, standing)
        if exchange.moved_to is not None and self._on_moved is not None:
            self._on_moved(exchange.moved_to)
        if exchange.has_lost:
            remove_lost(exchange)
        if exchange.doubtful:
            let_go(exchange)
        if exchange.needed:
            self._not_wanted |= bring_back(exchange, but=self._not_wanted)
        if exchange.large and not self._stopping.is_set():
            return self._read_large(exchange) and self._agree(exchange)
        return done and not self._stopping.is_set()

    def _read_large(self, exchange: Exchange) -> bool:
        """Read by snapshot what is too large for pages; False where it has to stop. Everything is compared after it."""
        large = dict(exchange.large)
        self._checking.want(self.database)
        try:
            if not (is_blank(self.database) and fill(exchange, large)):
                forget_begun(self.database)
                course = Course(exchange, rows_all=sum(large.values()))
                for scope in sorted(large):
                    read_scope(exchange, scope, course)
        except Cancelled:
            return False
        except (CopyNotProved, NotOffered, SnapshotGone):
            _log.warning("snapshots cannot be read; going on page by page", exc_info=True)
            exchange.snapshot_rows = (0, 0)
        finally:
            exchange.tell_gathered()
        return not self._stopping.is_set()

    @contextmanager
    def _exchange(self) -> Iterator[Exchange]:
        with self._busy, sole_exchange(self.database.path):
            if not self.transport.is_enrolled:
                self._tell(SyncState.NOT_ENROLLED)
                raise NotEnrolled()
            exchange = self._new_exchange()
            with self._telling:
                self._set(replace(self._status, state=SyncState.WORKING, next_at=None))
            try:
                yield exchange
            except SyncProblem as problem:
                if self._abandoned.is_set():
                    raise
                self._tell(SyncState.OFFLINE if problem.passing else SyncState.REFUSED, problem)
                raise

    def _new_exchange(self) -> Exchange:
        return Exchange(
            self.database, self.transport, self.clock, self._page_rows, self._batch_operations, self._stopping,
            self._abandoned, self._tell_changes, snapshot_rows=self._by_snapshot(), tell_progress=self._note_reading,
            tell_sent=self._note_sent,
        )  # fmt: skip

    def _by_snapshot(self) -> tuple[int, int]:
        """From how many rows on, at a new desk and at one at work."""
        given = self._snapshot_rows
        return (SNAPSHOT_ROWS, SNAPSHOT_ROWS_AT_WORK) if given is None else (given, given)

    def _note_sent(self, sent: int, to_send: int) -> None:
        self._note_progress(SyncProgress(sent=sent, to_send=to_send))

    def _note_reading(self, reading: ReadingProgress) -> None:
        if self._on_progress is not None:
            self._on_progress(reading)
        if reading.rows_done >= _WORTH_TELLING:
            self._note_progress(
                SyncProgress(
                    received=reading.rows_done, to_receive=reading.rows_all, about=reading.about,
                    seconds_left=reading.seconds_left,
                )
            )

    def _note_progress(self, progress: SyncProgress) -> None:
        """Tell how far a long exchange has come, with what travelled since the desk was opened."""
        sent, received = getattr(self.transport, "traffic", (0, 0))
        with self._telling:
            told = replace(progress, bytes_out=sent, bytes_in=received)
            self._set(replace(self._status, progress=told))

    def _heal(self, exchange: Exchange, problem: SyncProblem) -> None:
        _log.warning("healing: %s %s", problem.code, problem.detail)
        if isinstance(problem, CursorTooOld):
            read_again(self.database, str(problem.detail.get("scope", "")))
            return
        standing = exchange.standing()
        done = standing.acknowledged
        take_identity(self.database, self.transport.renew(after_n=done.n, after_hash=done.hash))
        if isinstance(problem, CentreLostOperations):
            start_over(self.database, epoch=str(problem.detail.get("epoch") or standing.epoch))
            self._tell_changes(Changes(everything=True))

    def _note_agreement(self, exchange: Exchange) -> None:
        """Write the time of agreement down now and then; every few seconds would be a write for nothing."""
        now = self.clock.now()
        if self._noted_at is None or abs(now - self._noted_at) >= _NOTED_EVERY:
            self._noted_at = now
            with self.database.exclusive() as raw:
                connection = DirectConnection(raw)
                forget_old(connection, now=microseconds(now))
                age_out(connection, now=microseconds(now))
                connection.exec_driver_sql(
                    "UPDATE desk_state SET last_agreed_at = ? WHERE id = 1", (microseconds(now),)
                )  # fmt: skip
        self._clock_watch.confirm()
        self._tell(SyncState.AGREED, agreed_at=now, off_ms=_clock_off(exchange))

    def _tell(
        self, state: SyncState, problem: SyncProblem | None = None, *, agreed_at: datetime | None = None,
        off_ms: int = 0,
    ) -> None:  # fmt: skip
        """Count what waits and tell the listener."""
        message, params = _words(problem, off_ms)
        with self._telling:
            told = SyncStatus(
                state=state, last_agreed_at=agreed_at or self._status.last_agreed_at,
                offline_since=self._offline_since(state), message=message, message_params=params,
                problem="" if problem is None else problem.code,
                request_id="" if problem is None else problem.request_id,
            )  # fmt: skip
            self._set(self._counted(told))

    def _counted(self, status: SyncStatus) -> SyncStatus:
        """The status with what waits here now, and with the time of agreement written down where it knows none."""
        ending = self.leases.ending_soon()
        broken, restored = self.log.open_alarms
        with self.database.glance() as snapshot:
            connection = DirectConnection(snapshot)
            counts = counts_of(connection)
            agreed = status.last_agreed_at
            if agreed is None:
                stored = connection.exec_driver_sql("SELECT last_agreed_at FROM desk_state WHERE id = 1").scalar()
                agreed = None if stored is None else instant_at(stored)
        return replace(
            status, unsent=counts.unsent, oldest_unsent_at=counts.oldest_unsent_at, last_agreed_at=agreed,
            conflicts=counts.conflicts, rejected=counts.rejected, unwritten=counts.unwritten,
            overridden=counts.overridden, leases_ending=len(ending), lease_ends_at=min(ending, default=None),
            clock_was=self._clock_watch.shown_before(), log_alarms=broken, log_restored=restored,
        )  # fmt: skip

    def _set(self, status: SyncStatus) -> None:
        self._status = status
        if self._on_status is not None:
            self._on_status(status)

    def _offline_since(self, state: SyncState) -> datetime | None:
        if state == SyncState.OFFLINE:
            return self._status.offline_since or self.clock.now()
        return self._status.offline_since if state == SyncState.WORKING else None

    def _tell_changes(self, changes: Changes) -> None:
        if self._on_changes is not None:
            self._on_changes(changes)


def _clock_off(exchange: Exchange) -> int:
    """By how many milliseconds this desk's clock is too far ahead of the centre's, or was when it stamped what it sent;
    below zero behind; else 0."""
    off = exchange.clock_off_ms or 0
    return off if abs(off) > MAX_AHEAD_MS else exchange.ahead_ms


def _words(problem: SyncProblem | None, off_ms: int) -> tuple[str, tuple[tuple[str, object], ...]]:
    if problem is not None:
        return problem.text, tuple(sorted(problem.params.items()))
    if not off_ms:
        return "", ()
    return CLOCK_AHEAD if off_ms > 0 else CLOCK_BEHIND, (("minutes", abs(off_ms) // 60_000),)
