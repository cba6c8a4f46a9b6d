"""Carries pictures and documents between this desk and the centre, beside the exchange of rows and never in its way.

What is to be sent is not queued but worked out: contents that lie here, are named by a row the centre has acknowledged,
and were not sent in its present epoch. So nothing is lost by a crash, a restore at either end, or a change of the
service. What is fetched is what somebody looks at, the newest wish first; small pictures before large ones.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.kernel.changes import Changes
from app.kernel.clock import Clock, SystemClock
from db.contents import Asked
from db.engine import Database
from db.types import microseconds
from sync.client.errors import ContentDamaged, ContentDenied, ContentsFull, ContentUnknown, SyncProblem
from sync.client.transport import HttpTransport
from sync.protocol.limits import CONTENT_BYTES, CONTENT_PART

_log = logging.getLogger(__name__)
_AT_ONCE = 50
_REFUSED_SECONDS = 600.0
"""What the centre refused for its own sake is not offered again before this time."""
_ATTEMPTS = 3
_TELL_EVERY = 0.5
_PARTS = " UNION ALL ".join(
    f"SELECT l.sha256, l.size, a.id FROM local_content l JOIN attachment a ON a.{column} = l.sha256"
    " WHERE l.sent_epoch <> ? AND a.ver > 0 AND a.deleted_at IS NULL"
    for column in ("sha256", "thumb_sha256", "icon_sha256")
)
_DUE = f"SELECT sha256, size, min(id) FROM ({_PARTS}) GROUP BY sha256, size ORDER BY size, sha256"
_MISSING = (
    "SELECT a.{0}_sha256, a.{0}_size, min(a.id) FROM attachment a WHERE a.ver > 0 AND a.deleted_at IS NULL"
    " AND a.{0}_sha256 <> '' AND NOT EXISTS (SELECT 1 FROM local_content l WHERE l.sha256 = a.{0}_sha256)"
    " GROUP BY a.{0}_sha256, a.{0}_size LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Carried:
    """What one round did; `left` is what is still to be sent and may be."""

    sent: int = 0
    fetched: int = 0
    left: int = 0


class ContentCourier:
    """One desk's side. Call `carry` on one thread; `stop` from any.

    `on_changes` is told the attachments whose bytes arrived or left, on the carrying thread.
    """

    def __init__(
        self, database: Database, transport: HttpTransport, *, clock: Clock | None = None,
        on_changes: Callable[[Changes], Any] | None = None, prefetch: Callable[[], bool] | None = None,
    ) -> None:  # fmt: skip
        self.database, self.transport = database, transport
        self.clock: Clock = clock or SystemClock()
        self._contents = database.contents
        self._on_changes = on_changes
        self._prefetch = prefetch or (lambda: False)
        self._stopping = threading.Event()
        self._refused: dict[str, float] = {}
        self._touched: set[str] = set()
        self._told_at = 0.0

    def stop(self) -> None:
        """End after the part in hand."""
        self._stopping.set()
        self._contents.wake()

    def resume(self) -> None:
        """Take back `stop`."""
        self._stopping.clear()

    @property
    def stopping(self) -> bool:
        """Whether it is to end."""
        return self._stopping.is_set()

    def carry(self) -> Carried:
        """Fetch what is asked for, send what is due; raises a SyncProblem where the centre cannot be reached."""
        if not self.transport.is_enrolled:
            return Carried()
        sent = fetched = 0
        try:
            fetched += self._fetch_asked()
            due = self._due()
            for sha256, size, attachment_id in due[:_AT_ONCE]:
                if self._stopping.is_set():
                    break
                sent += self._send(sha256, size, attachment_id)
                fetched += self._fetch_asked()  # somebody is looking: that comes before the next one to be sent
            if not due and self._prefetch():
                fetched += self._fetch_small()
        finally:
            self._tell(now=True)
        return Carried(sent, fetched, max(0, len(due) - _AT_ONCE))

    # --- sending ---------------------------------------------------------------------------------

    def _due(self) -> list[tuple[str, int, str]]:
        """Digest, size and attachment of what the centre does not have yet, the small ones first."""
        epoch = self._epoch()
        if not epoch:
            return []
        with self.database.read() as session:
            rows = session.connection().exec_driver_sql(_DUE, (epoch,) * 3).fetchall()
        now = time.monotonic()
        self._refused = {sha256: until for sha256, until in self._refused.items() if until > now}
        return [(row[0], row[1], row[2]) for row in rows if row[0] not in self._refused]

    def _epoch(self) -> str:
        with self.database.read() as session:
            found = session.connection().exec_driver_sql("SELECT epoch FROM desk_state WHERE id = 1").scalar()
        return str(found or "")

    def _send(self, sha256: str, size: int, attachment_id: str) -> int:
        """Send one content from where the centre has it; 1 if it is there now."""
        epoch = self._epoch()
        try:
            known = self.transport.content_standing(sha256, attachment_id)
            if not known.complete:
                content = self._contents.read(sha256)
                if content is None or len(content) != size:
                    self._lost(sha256, attachment_id)
                    return 0
                if not self._send_parts(sha256, attachment_id, content, known.received):
                    return 0
        except (ContentDenied, ContentsFull, ContentDamaged) as problem:
            _log.info("a content was not taken: %s %s", sha256, problem.code)
            self._refused[sha256] = time.monotonic() + _REFUSED_SECONDS
            return 0
        self._note(sha256, size, epoch)
        self._touched.add(attachment_id)
        self._tell()
        return 1

    def _send_parts(self, sha256: str, attachment_id: str, content: bytes, start: int) -> bool:
        """The rest of a content from `start` on; tells whether it arrived whole."""
        for _attempt in range(_ATTEMPTS):
            try:
                while start < len(content):
                    if self._stopping.is_set():
                        return False
                    part = content[start : start + CONTENT_PART]
                    standing = self.transport.send_content(
                        sha256, attachment_id, start=start, total=len(content), part=part
                    )
                    if standing.complete:
                        return True
                    start = standing.received
            except ContentDamaged as problem:
                # Another desk sends the same picture, or what arrived was damaged on its way: go on from there.
                start = int(problem.detail.get("received", 0))
        raise ContentDamaged()

    def _lost(self, sha256: str, attachment_id: str) -> None:
        """The file is gone or damaged here: say so, and let the centre's copy be fetched if there is one."""
        with self.database.exclusive() as connection:
            connection.exec_driver_sql("DELETE FROM local_content WHERE sha256 = ?", (sha256,))
        self._touched.add(attachment_id)

    def _note(self, sha256: str, size: int, epoch: str) -> None:
        """It lies here, and the centre has it."""
        with self.database.exclusive() as connection:
            connection.exec_driver_sql(
                "INSERT INTO local_content (sha256, size, stored_at, sent_epoch) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (sha256) DO UPDATE SET sent_epoch = excluded.sent_epoch",
                (sha256, size, microseconds(self.clock.now()), epoch),
            )

    # --- fetching --------------------------------------------------------------------------------

    def _fetch_asked(self) -> int:
        fetched = 0
        while not self._stopping.is_set():
            asked = self._contents.next_asked()
            if asked is None:
                break
            try:
                fetched += self._fetch(asked)
            except (ContentDenied, ContentUnknown, ContentDamaged) as problem:
                _log.info("a content could not be fetched: %s %s", asked.sha256, problem.code)
            except SyncProblem:
                self._contents.ask(asked)  # still wanted when the centre answers again
                raise
        return fetched

    def _fetch_small(self) -> int:
        """The small pictures of everything, some at a time, where this desk is set to have them at hand."""
        with self.database.read() as session:
            connection = session.connection()
            rows = [
                row
                for kind in ("icon", "thumb")
                for row in connection.exec_driver_sql(_MISSING.format(kind), (_AT_ONCE,)).fetchall()
            ]
        now = time.monotonic()
        fetched = 0
        for sha256, size, attachment_id in rows:
            if self._stopping.is_set():
                break
            if self._refused.get(sha256, 0.0) > now:
                continue
            try:
                fetched += self._fetch(Asked(sha256, size, attachment_id))
            except (ContentDenied, ContentUnknown, ContentDamaged):
                self._refused[sha256] = now + _REFUSED_SECONDS
        return fetched

    def _fetch(self, asked: Asked) -> int:
        """Fetch one content, prove and keep it; 1 if it is here now."""
        if self._contents.has(asked.sha256):
            self._touched.add(asked.attachment_id)
            return 0
        if not 0 < asked.size <= CONTENT_BYTES:
            return 0
        epoch, content = self._epoch(), bytearray()
        while len(content) < asked.size:
            if self._stopping.is_set():
                self._contents.ask(asked)
                return 0
            part = self.transport.fetch_content(asked.sha256, asked.attachment_id, start=len(content))
            if not part:
                raise ContentDamaged()
            content += part
        if hashlib.sha256(content).hexdigest() != asked.sha256:
            raise ContentDamaged()
        self._contents.put(bytes(content))
        self._note(asked.sha256, asked.size, epoch)
        self._touched.add(asked.attachment_id)
        self._tell()
        return 1

    def _tell(self, *, now: bool = False) -> None:
        """Tell of attachments whose bytes moved, some at a time: pages read their rows again for each telling."""
        if self._touched and (now or time.monotonic() - self._told_at >= _TELL_EVERY):
            self._told_at = time.monotonic()
            touched, self._touched = frozenset(self._touched), set()
            if self._on_changes is not None:
                self._on_changes(Changes({"attachment": touched}))


class CourierRunner:
    """One thread beside the one that exchanges rows. Looks after each exchange, and as soon as somebody asks."""

    FIRST_RETRY, LAST_RETRY, IDLE = 2.0, 120.0, 30.0

    def __init__(self, courier: ContentCourier) -> None:
        self.courier = courier
        self._contents = courier.database.contents
        self._poked = threading.Event()
        self._thread: threading.Thread | None = None
        self._delay = 0.0

    def start(self) -> None:
        """Begin; nothing happens when it runs already."""
        if self._thread is None:
            self.courier.resume()
            self._thread = threading.Thread(target=self._run, name="contents", daemon=True)
            self._thread.start()

    def poke(self) -> None:
        """Rows were acknowledged: there may be something to send."""
        self._poked.set()
        self._contents.wake()

    def stop(self, *, seconds: float = 5.0) -> None:
        """End after the part in hand; a request the service keeps waiting is left behind."""
        self.courier.stop()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(seconds)

    def _run(self) -> None:
        while not self.courier.stopping:
            self._poked.clear()
            rest = self._once()
            until = time.monotonic() + rest
            while not self.courier.stopping and not self._poked.is_set():
                left = until - time.monotonic()
                # After a failure a wish does not bring the centre back; an exchange that worked (a poke) means it is.
                if left <= 0 or (self._contents.wait_asked(left) and not self._delay):
                    break
                if self._delay:
                    self._poked.wait(min(left, 1.0))

    def _once(self) -> float:
        """One round; returns the seconds until the next one."""
        try:
            carried = self.courier.carry()
        except SyncProblem as problem:
            grown = min(max(self._delay * 2, self.FIRST_RETRY), self.LAST_RETRY)
            self._delay = problem.retry_after or grown
            return self._delay
        except Exception:
            if not self.courier.stopping:
                _log.exception("contents could not be carried; trying again later")
            self._delay = self.LAST_RETRY
            return self._delay
        self._delay = 0.0
        return 0.0 if carried.sent or carried.fetched or carried.left else self.IDLE
