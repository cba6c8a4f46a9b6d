"""Brings this desk and the centre into agreement: send what waits, take over what is new.

Everything is done in pieces that are complete by themselves. Whatever interrupts an exchange, what was done stays done,
and the next one goes on from there.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.kernel.changes import Changes
from app.kernel.clock import Clock, SystemClock
from app.runtime.language import tr_noop
from db.engine import Database
from db.types import instant_at, microseconds
from sync.client.applying import RowWriter, pulled_rows, receive_time
from sync.client.connection import DirectConnection
from sync.client.errors import (
    AnswerNotUnderstood,
    CentreLostOperations,
    CursorTooOld,
    EpochChanged,
    HistoryDiffers,
    NotEnrolled,
    RequestRefused,
    SyncProblem,
)
from sync.client.healing import read_again, start_over, sweep, take_identity
from sync.client.outbox import (
    Acknowledged,
    Batch,
    acknowledge,
    forget_old,
    highest_n,
    next_batch,
    read_acknowledged,
    void,
)
from sync.client.publishing import Progress, claims, note_published, pieces
from sync.client.queries import counts_of
from sync.client.status import ChangesListener, StatusListener, SyncReport, SyncState, SyncStatus
from sync.client.transport import HttpTransport
from sync.protocol.hlc import HybridTime
from sync.protocol.limits import PAGE_ROWS, PUSH_OPERATIONS
from sync.protocol.merging import device_of

_log = logging.getLogger(__name__)
_MOST_HEALINGS = 4
_AGREED_EVERY = 60_000_000
CLOCK_AHEAD = tr_noop("This computer's clock is {minutes} minutes ahead of the centre's. Set it right.")


class SyncEngine:
    """One desk's side. One exchange at a time; holds the database's writer page by page only.

    `on_status` and `on_changes` are called on the thread that synchronises and must return at once.
    """

    def __init__(
        self, database: Database, transport: HttpTransport, *, clock: Clock | None = None,
        on_status: StatusListener | None = None, on_changes: ChangesListener | None = None,
        page_rows: int = PAGE_ROWS, batch_operations: int = PUSH_OPERATIONS,
    ) -> None:  # fmt: skip
        self.database = database
        self.transport = transport
        self.clock: Clock = clock or SystemClock()
        self._on_status = on_status
        self._on_changes = on_changes
        self._page_rows, self._batch_operations = page_rows, batch_operations
        self._busy = threading.Lock()
        self._stopping = threading.Event()
        self._clock_ahead_ms = 0
        self._pushed = self._rejected = self._conflicts = self._pulled = 0
        self._status = SyncStatus()

    # -- what the application sees

    @property
    def status(self) -> SyncStatus:
        """The last known status."""
        return self._status

    def refresh_status(self) -> SyncStatus:
        """Count again what waits here, without talking to the service."""
        state = self._status.state if self.transport.is_enrolled else SyncState.NOT_ENROLLED
        if state == SyncState.NOT_ENROLLED and self.transport.is_enrolled:
            state = SyncState.WORKING
        self._tell(state)
        return self._status

    def stop(self) -> None:
        """Let the exchange in hand end after its present piece; the next one has to be asked for by `resume`."""
        self._stopping.set()

    def resume(self) -> None:
        """Take back `stop`."""
        self._stopping.clear()

    def sync_once(self) -> SyncReport:
        """Push everything, pull everything. Raises SyncProblem after the status has been told."""
        with self._exchange():
            for remaining in reversed(range(_MOST_HEALINGS)):
                try:
                    self._publish_if_due(None)
                    self._push_all()
                    self._pull_all()
                    break
                except (CentreLostOperations, HistoryDiffers, CursorTooOld) as problem:
                    if not remaining:
                        raise
                    self._heal(problem)
            self._agreed()
        return SyncReport(
            pushed=self._pushed, rejected=self._rejected, conflicts=self._conflicts, pulled=self._pulled
        )  # fmt: skip

    def publish_all(self, progress: Progress | None = None) -> int:
        """Send rows that the centre has never seen and that no operation carries (a seeded branch); tells how many.

        `sync_once` does this by itself after an enrolment; this is for whoever wants to show a bar.
        """
        with self._exchange():
            taken = self._publish_if_due(progress, always=True)
        return taken

    @contextmanager
    def _exchange(self) -> Iterator[None]:
        with self._busy:
            self._pushed = self._rejected = self._conflicts = self._pulled = 0
            if not self.transport.is_enrolled:
                self._tell(SyncState.NOT_ENROLLED)
                raise NotEnrolled()
            self._tell(SyncState.WORKING)
            try:
                yield
            except SyncProblem as problem:
                self._tell(SyncState.OFFLINE if problem.passing else SyncState.REFUSED, problem)
                raise

    # -- pushing

    def _push_all(self) -> None:
        """Batch after batch; the next one is made and sent while the last one's answers are written down."""
        epoch, done = self._where()
        batch = next_batch(self.database, done, most=self._batch_operations)
        if batch is None:
            return
        with ThreadPoolExecutor(1, thread_name_prefix="sync-send") as sender:
            sending: Future[dict[str, Any]] | None = sender.submit(self.transport.push, batch.message(epoch))
            while batch is not None and sending is not None:
                following = next_batch(self.database, batch.last, most=self._batch_operations)
                try:
                    answer = sending.result()
                except RequestRefused:
                    self._push_alone(batch, epoch)
                    answer, following = None, None
                sending = None
                if following is not None and not self._stopping.is_set():
                    sending = sender.submit(self.transport.push, following.message(epoch))
                if answer is not None:
                    self._take_answers(batch, answer)
                batch = following
        if next_batch(self.database, self._where()[1], most=1) is not None and not self._stopping.is_set():
            self._push_all()

    def _push_alone(self, batch: Batch, epoch: str) -> None:
        """The service cannot take this batch in: send its first transaction alone, or else only its numbers."""
        if batch.transactions > 1:
            single = next_batch(self.database, batch.previous, most=1)
            if single is None:
                return
            try:
                self._take_answers(single, self.transport.push(single.message(epoch)))
            except RequestRefused:
                self._push_alone(single, epoch)
            return
        _log.warning("operations %s to %s cannot be sent", batch.operations[0][0], batch.last.n)
        void(self.database, batch)
        emptied = next_batch(self.database, batch.previous, most=1)
        if emptied is not None:
            self._take_answers(emptied, self.transport.push(emptied.message(epoch)))

    def _where(self) -> tuple[str, Acknowledged]:
        with self.database.read() as session:
            connection = session.connection()
            epoch = connection.exec_driver_sql("SELECT epoch FROM desk_state WHERE id = 1").scalar_one()
            return epoch, read_acknowledged(connection)

    def _take_answers(self, batch: Batch, answer: dict[str, Any]) -> None:
        results, rows = answer.get("results"), answer.get("rows", [])
        if not isinstance(results, list) or [result[0] for result in results] != [one[0] for one in batch.operations]:
            raise AnswerNotUnderstood(address=self.transport.address)
        with self.database.exclusive() as raw:
            connection = DirectConnection(raw)
            rejected, conflicts = acknowledge(connection, batch, results, now=microseconds(self.clock.now()))
            writer = RowWriter(connection)
            taken = self._rows_of(rows)
            writer.apply(taken, again=True)
            self._note_clock(connection, answer)
            receive_time(connection, taken, now_ms=int(answer.get("now", 0)))
        self._pushed += len(results)
        self._rejected += rejected
        self._conflicts += conflicts
        self._publish_changes(writer)

    def _note_clock(self, connection: DirectConnection, answer: dict[str, Any]) -> None:
        """Where this desk's clock ran far ahead, take the centre's time: what comes next must not be cut again."""
        self._clock_ahead_ms = int(answer.get("ahead_ms", 0))
        if not self._clock_ahead_ms:
            return
        stored = connection.exec_driver_sql("SELECT hybrid_time FROM desk_state WHERE id = 1").scalar()
        sober = HybridTime(int(answer["now"]), 0, device_of(stored))
        connection.exec_driver_sql("UPDATE desk_state SET hybrid_time = ? WHERE id = 1", (str(sober),))

    def _rows_of(self, rows: Any) -> list[Any]:
        try:
            return pulled_rows(rows)
        except (ValueError, TypeError) as error:
            raise AnswerNotUnderstood(address=self.transport.address) from error

    # -- pulling

    def _pull_all(self) -> None:
        """Page after page; the next one is asked for while the last one is written."""
        message = self._pull_message()
        with ThreadPoolExecutor(1, thread_name_prefix="sync-receive") as receiver:
            page = self.transport.pull(message)
            while True:
                self._check_history(page)
                cursors = {**message["cursors"], **page.get("cursors", {})}
                message = {**message, "cursors": cursors, "epoch": page.get("epoch", "")}
                asking = None
                if page.get("more") and not self._stopping.is_set():
                    asking = receiver.submit(self.transport.pull, message)
                self._take_page(page)
                if asking is None:
                    break
                page = asking.result()
        if not page.get("more"):
            self._sweep()

    def _pull_message(self) -> dict[str, Any]:
        with self.database.read() as session:
            connection = session.connection()
            rows = connection.exec_driver_sql("SELECT scope, seq, sweeping FROM sync_cursor").fetchall()
            epoch = connection.exec_driver_sql("SELECT epoch FROM desk_state WHERE id = 1").scalar_one()
            done = read_acknowledged(connection)
        message: dict[str, Any] = {
            "epoch": epoch, "cursors": {row[0]: row[1] for row in rows}, "limit": self._page_rows,
        }  # fmt: skip
        if not any(row[2] for row in rows):
            # Told how far this desk's own operations are known here, the centre leaves out what it has from this desk.
            message["acknowledged"] = {"n": done.n, "hash": done.hash}
        return message

    def _check_history(self, page: dict[str, Any]) -> None:
        """The centre has operations under this desk's name that this desk never made: a restored or cloned disk."""
        with self.database.read() as session:
            given = highest_n(session.connection())
        if int(page.get("applied", 0)) > given:
            raise HistoryDiffers(detail={"applied": page["applied"]})

    def _take_page(self, page: dict[str, Any]) -> None:
        rows = self._rows_of(page.get("rows", []))
        cursors = page.get("cursors", {})
        with self.database.read() as session:
            known = dict(session.connection().exec_driver_sql("SELECT scope, seq FROM sync_cursor").fetchall())
        moved = [(scope, seq) for scope, seq in cursors.items() if known.get(scope) != seq]
        if not rows and not moved:
            return
        with self.database.exclusive() as raw:
            connection = DirectConnection(raw)
            writer = RowWriter(connection)
            writer.apply(rows)
            receive_time(connection, rows, now_ms=int(page.get("now", 0)))
            connection.exec_driver_sql(
                "INSERT INTO sync_cursor (scope, seq, sweeping) VALUES (?, ?, 0)"
                " ON CONFLICT (scope) DO UPDATE SET seq = excluded.seq",
                moved,
            )
            connection.exec_driver_sql("UPDATE desk_state SET epoch = ? WHERE id = 1", (page.get("epoch", ""),))
        self._pulled += len(rows)
        self._publish_changes(writer)

    def _sweep(self) -> None:
        with self.database.read() as session:
            due = session.connection().exec_driver_sql("SELECT 1 FROM sync_cursor WHERE sweeping = 1").first()
        if due is not None:
            buried = sweep(self.database, now=microseconds(self.clock.now()))
            self._tell_changes({table: frozenset(ids) for table, ids in buried.items()})

    # -- publishing

    def _publish_if_due(self, progress: Progress | None, *, always: bool = False) -> int:
        with self.database.read() as session:
            row = (
                session.connection()
                .exec_driver_sql("SELECT publish_due, desk_code, epoch FROM desk_state WHERE id = 1")
                .one()
            )
        if not row[0] and not always:
            return 0
        taken = refused = 0
        for piece in pieces(self.database):
            answer = self.transport.publish({"epoch": row[2], "rows": piece.rows})
            with self.database.exclusive() as raw:
                connection = DirectConnection(raw)
                done = note_published(connection, piece, answer["results"])
                writer = RowWriter(connection)
                writer.apply(self._rows_of(answer.get("rows", [])), again=True)
            self._publish_changes(writer)
            taken, refused = taken + done.taken, refused + done.refused
            if progress is not None:
                progress(tr_noop("Sending what this desk was set up with"), None)
            if self._stopping.is_set():
                return taken
        for listed in claims(self.database, row[1]):
            self._take_claims(self.transport.publish({"epoch": row[2], "rows": [], "claims": listed}))
        with self.database.exclusive() as raw:
            raw.exec_driver_sql("UPDATE desk_state SET publish_due = 0 WHERE id = 1")
        if refused:
            _log.warning("%s rows stay at this desk only: the centre does not take them from it", refused)
        return taken

    def _take_claims(self, answer: dict[str, Any]) -> None:
        with self.database.exclusive() as raw:
            writer = RowWriter(DirectConnection(raw))
            writer.apply(self._rows_of(answer.get("rows", [])), again=True)
        self._publish_changes(writer)

    # -- healing

    def _heal(self, problem: SyncProblem) -> None:
        _log.warning("healing: %s %s", problem.code, problem.detail)
        if isinstance(problem, CursorTooOld):
            read_again(self.database, str(problem.detail.get("scope", "")))
            return
        done = self._where()[1]
        take_identity(self.database, self.transport.renew(after_n=done.n, after_hash=done.hash))
        if isinstance(problem, CentreLostOperations):
            epoch = str(problem.detail.get("epoch") or self._where()[0])
            start_over(self.database, epoch=epoch)
            if isinstance(problem, EpochChanged):
                _log.warning("the centre began epoch %s", epoch)
            self._on_changes and self._on_changes(Changes(everything=True))

    # -- telling

    def _agreed(self) -> None:
        now = self.clock.now()
        last = self._status.last_agreed_at
        with self.database.exclusive() as raw:
            connection = DirectConnection(raw)
            forget_old(connection, now=microseconds(now))
            connection.exec_driver_sql(
                "UPDATE desk_state SET last_agreed_at = ? WHERE id = 1", (microseconds(now),)
            )  # fmt: skip
        self._status = replace(self._status, last_agreed_at=max(now, last) if last else now)
        self._tell(SyncState.AGREED)

    def _tell(self, state: SyncState, problem: SyncProblem | None = None) -> None:
        with self.database.read() as session:
            connection = session.connection()
            counts = counts_of(connection)
            stored = connection.exec_driver_sql("SELECT last_agreed_at FROM desk_state WHERE id = 1").scalar()
        message, params = self._words(problem)
        self._status = SyncStatus(
            state=state, unsent=counts.unsent, oldest_unsent_at=counts.oldest_unsent_at,
            last_agreed_at=self._status.last_agreed_at or (None if stored is None else instant_at(stored)),
            offline_since=self._offline_since(state), conflicts=counts.conflicts, rejected=counts.rejected,
            message=message, message_params=params, problem="" if problem is None else problem.code,
        )  # fmt: skip
        if self._on_status is not None:
            self._on_status(self._status)

    def _words(self, problem: SyncProblem | None) -> tuple[str, tuple[tuple[str, object], ...]]:
        if problem is not None:
            return problem.text, tuple(sorted(problem.params.items()))
        if self._clock_ahead_ms:
            return CLOCK_AHEAD, (("minutes", self._clock_ahead_ms // 60_000),)
        return "", ()

    def _offline_since(self, state: SyncState) -> datetime | None:
        if state == SyncState.OFFLINE:
            return self._status.offline_since or self.clock.now()
        return self._status.offline_since if state == SyncState.WORKING else None

    def _publish_changes(self, writer: RowWriter) -> None:
        self._tell_changes({table: frozenset(ids) for table, ids in writer.changed.items()})

    def _tell_changes(self, rows: dict[str, frozenset[str]]) -> None:
        if rows and self._on_changes is not None:
            self._on_changes(Changes(rows))


Callback = Callable[[], None]
