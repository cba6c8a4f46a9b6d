"""Reads a scope by snapshot: part after part, each written with how far it has come, the next one under way meanwhile.

Whatever interrupts it, the parts written stay written. Where the centre has dropped the snapshot meanwhile, another one
is begun, and what that does not show is buried at the head.
"""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sync.client.applying import RowWriter, receive_time
from sync.client.connection import DirectConnection
from sync.client.errors import AnswerDamaged, AnswerNotUnderstood, ServiceBusy, ServiceTimedOut
from sync.client.exchange import Exchange, Progress
from sync.client.healing import read_again
from sync.client.new_file import note_totals
from sync.protocol import codec

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
_PATIENCE = 120.0
"""Seconds without a further part after which it is left for the next exchange."""


class Cancelled(Exception):
    """It is time to stop; everything is as far as it got."""


class SnapshotReplaced(Exception):
    """The centre has another snapshot than the one whose parts a new file holds: the file begins anew."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A snapshot as the centre tells of it, at its time `now_ms`. `parts` are `(rows, bytes, SHA-256)`; more follow
    until it is finished."""

    id: str
    now_ms: int
    seq: int
    rows: int
    finished: bool
    parts: list[tuple[int, int, str]]
    tables: dict[str, tuple[int, str]]


class Course:
    """Tells how far all scopes together have come, and guesses how long it still takes."""

    def __init__(self, exchange: Exchange, *, rows_all: int) -> None:
        self._exchange = exchange
        self._rows_all = rows_all
        self._rows = self._bytes = 0
        self._bytes_all: int | None = None
        self._began, self._rows_before = time.monotonic(), 0

    def resume(self, rows: int, size: int) -> None:
        """So much was there before. Raises as `add`."""
        if rows:
            self._rows_before += rows
            self.add(rows, size)

    def expect(self, size: int | None) -> None:
        """So many bytes it will be with the scope in hand, None where that is not known yet."""
        self._bytes_all = size

    def add(self, rows: int, size: int) -> None:
        """A part was written. Raises Cancelled, or what whoever is told raises to cancel."""
        self._rows += rows
        self._bytes += size
        self.tell()
        if self._exchange.stopping.is_set():
            raise Cancelled

    def tell_finishing(self, checked: int) -> None:
        """Everything is here; so many rows were gone through. Raises as `add`."""
        self.tell(finishing=True, checked=checked)
        if self._exchange.stopping.is_set():
            raise Cancelled

    def tell(self, *, finishing: bool = False, checked: int = 0) -> None:
        """Say how things stand."""
        if self._exchange.tell_progress is None:
            return
        read, left = self._rows - self._rows_before, max(self._rows_all - self._rows, 0)
        seconds = (time.monotonic() - self._began) * left / read if read else None
        self._exchange.tell_progress(
            Progress(
                self._rows, max(self._rows_all, self._rows), self._bytes, self._bytes_all, seconds,
                finishing=finishing, rows_checked=checked, rows_before=self._rows_before,
            )
        )

    @property
    def bytes_done(self) -> int:
        return self._bytes


def read_scope(exchange: Exchange, scope: str, course: Course) -> Listing:
    """Read one scope to the place of its snapshot. Raises SyncProblem or Cancelled; whole parts stay."""
    snapshot_id, done = _place(exchange, scope)
    listing = _list(exchange, scope, snapshot_id)
    if listing.id != snapshot_id:
        if done and exchange.fills_new_file:
            raise SnapshotReplaced
        _begin(exchange, scope, listing.id, anew=done > 0)
        done = 0
    course.resume(sum(part[0] for part in listing.parts[:done]), sum(part[1] for part in listing.parts[:done]))
    quiet_since = time.monotonic()
    while True:
        total = course.bytes_done + sum(part[1] for part in listing.parts[done:])
        course.expect(total if listing.finished else None)
        for body in _bodies(exchange, scope, listing, done):
            _write_part(exchange, scope, body, part=done, now_ms=listing.now_ms)
            course.add(*listing.parts[done][:2])
            done += 1
            quiet_since = time.monotonic()
        if listing.finished:
            break
        if time.monotonic() - quiet_since > _PATIENCE:
            raise ServiceTimedOut(address=exchange.transport.address)
        if exchange.stopping.wait(_FIRST_PAUSE):
            raise Cancelled
        again = _list(exchange, scope, listing.id)
        if again.id != listing.id:
            return read_scope(exchange, scope, course)
        listing = again
    _finish(exchange, scope, listing)
    return listing


def _place(exchange: Exchange, scope: str) -> tuple[str, int]:
    """The snapshot that was begun here, and how many of its parts are written."""
    with exchange.database.read() as session:
        row = (
            session.connection()
            .exec_driver_sql("SELECT snapshot_id, snapshot_part FROM sync_cursor WHERE scope = ?", (scope,))
            .first()
        )
    return (str(row[0]), int(row[1])) if row is not None else ("", 0)


def _list(exchange: Exchange, scope: str, snapshot_id: str) -> Listing:
    """What there is; waits while the centre prepares the first part."""
    message: dict[str, Any] = {"epoch": exchange.standing().epoch, "scope": scope}
    if snapshot_id:
        message["snapshot"] = snapshot_id
    pause, since = _FIRST_PAUSE, time.monotonic()
    while True:
        try:
            return _listing(exchange, exchange.transport.ask("snapshot", message))
        except ServiceBusy:
            if time.monotonic() - since > _PATIENCE:
                raise
        if exchange.stopping.wait(pause):
            raise Cancelled
        pause = min(pause * 2, _LONGEST_PAUSE)


def _listing(exchange: Exchange, answer: dict[str, Any]) -> Listing:
    try:
        return Listing(
            id=str(answer["snapshot"]), now_ms=int(answer["now"]), seq=int(answer["seq"]),
            rows=int(answer["rows"]), finished=bool(answer["finished"]),
            parts=[(int(rows), int(size), str(digest)) for rows, size, digest in answer["parts"]],
            tables={table: (int(count), str(total)) for table, (count, total) in answer["tables"].items()},
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnswerNotUnderstood(address=exchange.transport.address) from error


def _bodies(exchange: Exchange, scope: str, listing: Listing, start: int) -> Iterator[dict[str, Any]]:
    """The parts from `start` on, proved and unpacked; one is always under way."""
    with ThreadPoolExecutor(1, thread_name_prefix="sync-receive") as thread:
        under_way: Future[dict[str, Any]] | None = None
        for number in range(start, len(listing.parts)):
            asked = under_way or thread.submit(_ask_part, exchange, scope, listing, number)
            part = asked.result()
            following = number + 1 < len(listing.parts) and not exchange.stopping.is_set()
            under_way = thread.submit(_ask_part, exchange, scope, listing, number + 1) if following else None
            yield part


def _ask_part(exchange: Exchange, scope: str, listing: Listing, number: int) -> dict[str, Any]:
    plain = exchange.transport.snapshot_part({"scope": scope, "snapshot": listing.id, "part": number})
    rows, _, digest = listing.parts[number]
    if sha256(plain).hexdigest() != digest:
        raise AnswerDamaged()
    try:
        message = codec.load(plain)
    except codec.CorruptBody as error:
        raise AnswerDamaged() from error
    if not isinstance(message, dict) or len(message.get("rows") or ()) != rows:
        raise AnswerNotUnderstood(address=exchange.transport.address)
    return message


def _begin(exchange: Exchange, scope: str, snapshot_id: str, *, anew: bool) -> None:
    """Note which snapshot is read. After parts of another one, what this one does not show has to be buried."""
    if anew:
        read_again(exchange.database, scope)
    with exchange.database.exclusive() as connection:
        connection.exec_driver_sql(
            "INSERT INTO sync_cursor (scope, seq, sweeping, leaving, snapshot_id, snapshot_part)"
            " VALUES (?, 0, 0, 0, ?, 0) ON CONFLICT (scope) DO UPDATE SET snapshot_id = excluded.snapshot_id,"
            " snapshot_part = 0",
            (scope, snapshot_id),
        )


def _write_part(exchange: Exchange, scope: str, body: dict[str, Any], *, part: int, now_ms: int) -> None:
    rows = exchange.rows_of(body)

    def work(connection: DirectConnection, writer: RowWriter) -> None:
        if exchange.fills_new_file:
            writer.fill(rows)
        else:
            writer.apply_snapshot(rows)
        receive_time(connection, rows, now_ms=now_ms)
        connection.exec_driver_sql("UPDATE sync_cursor SET snapshot_part = ? WHERE scope = ?", (part + 1, scope))

    exchange.write(rows, work, later=True)
    exchange.pulled += len(rows)


def _finish(exchange: Exchange, scope: str, listing: Listing) -> None:
    """From here the feed goes on."""
    with exchange.database.exclusive() as raw:
        connection = DirectConnection(raw)
        connection.exec_driver_sql(
            "UPDATE sync_cursor SET seq = ?, snapshot_id = '', snapshot_part = 0 WHERE scope = ?", (listing.seq, scope)
        )
        if exchange.fills_new_file:
            note_totals(connection, scope, listing.tables)
