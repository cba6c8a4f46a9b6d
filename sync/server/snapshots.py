"""Snapshots of a scope for desks that have to read all of it: built once, in the background, kept for the next ones.

A snapshot holds the live records as they stood at one place of the feed, read from one snapshot of the database, in
parts of a few mebibytes, with the digests of that place. Parts are kept in the database as they travel, so that any
worker and any instance can serve them without compressing them again; whoever builds holds one part in memory and
blocks nobody for longer than it takes to store it.
"""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from db.ids import new_id
from sync.protocol import codec
from sync.protocol.codec import dump, embed
from sync.protocol.codes import ErrorCode
from sync.protocol.limits import SNAPSHOT_PART_ROWS, SNAPSHOT_PLAIN
from sync.protocol.operations import is_identifier, is_scope
from sync.server.devices import Device, ensure_open, epoch_of
from sync.server.digests import totals_of
from sync.server.refusals import Refusal
from sync.server.store import Connection, Store

_log = logging.getLogger(__name__)
_BUILDERS = 2
"""Snapshots one process builds at a time."""
_AGE = 24 * 3600 * 1_000_000
"""Older ones go."""
_BEHIND = 0.2
"""A snapshot is no more given to new desks when the feed has gone on by this share of its rows."""
_SILENT = 60 * 1_000_000
"""One that is being written and was not touched for so long has lost its writer."""
_RETRY_SECONDS = 1
_ROW = "scope, table_name, record_id, ver, seq, created_at, updated_at, body, field_clock"


@dataclass(frozen=True, slots=True)
class _Known:
    """A snapshot as it is kept."""

    id: str
    scope: str
    epoch: str
    seq: int
    finished: bool
    rows: int
    digest: str


class Snapshots:
    """Gives and builds snapshots. `clock_ms` as of the service."""

    def __init__(self, clock_ms: Callable[[], int]) -> None:
        self._clock_ms = clock_ms
        self._free = threading.BoundedSemaphore(_BUILDERS)

    def answer(self, store: Store, device: Device, message: Any, /, *, now_ms: int) -> dict[str, Any]:
        """What there is of a scope. Raises Refusal, BUSY while there is nothing yet."""
        if device.revoked_at is not None:
            raise Refusal(ErrorCode.DEVICE_REVOKED)
        scope, wanted = message.get("scope"), message.get("snapshot")
        if not is_scope(scope) or not device.may_use(scope):
            raise Refusal(ErrorCode.NOT_PERMITTED, scope=str(scope)[:40])
        if wanted is not None and not is_identifier(wanted):
            raise Refusal(ErrorCode.MALFORMED, field="snapshot")
        with store.read() as connection:
            epoch = epoch_of(store, connection, device.tenant)
            told = str(message.get("epoch") or "")
            if told and told != epoch:
                raise Refusal(ErrorCode.EPOCH_CHANGED, epoch=epoch)
            known = _find(store, connection, device.tenant, scope=scope, wanted=wanted, epoch=epoch, now=now_ms * 1000)
            parts = [] if known is None else _parts(store, connection, device.tenant, known.id)
        if known is None:
            self._start(store, device.tenant, scope, now=now_ms * 1000)
        if known is None or not parts:
            raise Refusal(ErrorCode.BUSY, retry_after=_RETRY_SECONDS)
        if known.finished:
            _note_reader(store, device, known, now=now_ms * 1000)
        return {
            "epoch": epoch, "now": now_ms, "snapshot": known.id, "scope": scope, "seq": known.seq, "rows": known.rows,
            "tables": json.loads(known.digest), "finished": known.finished, "parts": parts,
        }  # fmt: skip

    def _start(self, store: Store, tenant: str, scope: str, *, now: int) -> None:
        """Begin to build, unless somebody does or too much is being built here."""
        if not self._free.acquire(blocking=False):
            raise Refusal(ErrorCode.BUSY, retry_after=2 * _RETRY_SECONDS)
        try:
            snapshot_id = _announce(store, tenant, scope, now=now)
            if snapshot_id is None:
                self._free.release()
                return
            threading.Thread(
                target=self._build, args=(store, tenant, scope, snapshot_id), name="snapshot", daemon=True
            ).start()
        except BaseException:
            self._free.release()
            raise

    def _build(self, store: Store, tenant: str, scope: str, snapshot_id: str) -> None:
        try:
            build(store, tenant, scope, snapshot_id, clock=lambda: self._clock_ms() * 1000)
        except Exception:
            # Whoever waits asks again, and somebody builds anew.
            _log.exception("a snapshot of %s could not be built", scope)
        finally:
            self._free.release()


def build(store: Store, tenant: str, scope: str, snapshot_id: str, *, clock: Callable[[], int]) -> None:
    """Write all parts of an announced snapshot. `clock` tells microseconds."""
    with store.snapshot() as connection:
        head, tables = totals_of(store, connection, tenant, scope)
        rows = sum(entry[0] for entry in tables.values())
        with store.write() as writing:
            ensure_open(store, writing, tenant)
            store.run(
                writing,
                "UPDATE scope_snapshot SET seq = ?, row_count = ?, digest = ?, touched_at = ?"
                " WHERE tenant_id = ? AND snapshot_id = ?",
                (head or 0, rows, dump(tables).decode("utf-8"), clock(), tenant, snapshot_id),
            )
        pieces = _Pieces(store, tenant, snapshot_id, clock)
        for row in _rows(store, connection, tenant, scope, head or 0):
            pieces.add(row)
        pieces.close()
    with store.write() as writing:
        ensure_open(store, writing, tenant)
        if pieces.rows != rows:
            _log.error("a snapshot of %s has %s rows, its digests say %s", scope, pieces.rows, rows)
            _drop(store, writing, tenant, [snapshot_id])
            return
        store.run(
            writing, "UPDATE scope_snapshot SET finished = 1, touched_at = ? WHERE tenant_id = ? AND snapshot_id = ?",
            (clock(), tenant, snapshot_id),
        )  # fmt: skip


def _rows(store: Store, connection: Connection, tenant: str, scope: str, head: int) -> Iterator[bytes]:
    """The JSON of each live record, in the order of the feed; one pass, whatever its length."""
    found = store.stream(
        connection,
        f"SELECT {_ROW} FROM replica_row WHERE tenant_id = ? AND scope = ? AND seq <= ? AND deleted = 0 ORDER BY seq",
        (tenant, scope, head),
    )
    for row in found:
        yield dump([*row[:7], embed(row[7]), embed(row[8])])


class _Pieces:
    """Cuts rows into parts and stores each in a transaction of its own."""

    def __init__(self, store: Store, tenant: str, snapshot_id: str, clock: Callable[[], int]) -> None:
        self._store, self._tenant, self._id, self._clock = store, tenant, snapshot_id, clock
        self._number = 0
        self.rows = 0
        self._waiting: list[bytes] = []
        self._plain = 0

    def add(self, row: bytes) -> None:
        """One more row; where it does not fit it begins the next part."""
        if self._waiting and (self._plain + len(row) > SNAPSHOT_PLAIN or len(self._waiting) >= SNAPSHOT_PART_ROWS):
            self._store_part()
        self._waiting.append(row)
        self._plain += len(row) + 1

    def close(self) -> None:
        """Store what is left; a snapshot has at least one part."""
        if self._waiting or not self._number:
            self._store_part()

    def _store_part(self) -> None:
        count, plain = len(self._waiting), b"".join((b'{"rows":[', b",".join(self._waiting), b"]}"))
        self._waiting.clear()
        self._plain = 0
        # Compressed here, once, for every desk that will read it.
        body, digest = codec.compress(plain, codec.ZSTD), sha256(plain).hexdigest()
        with self._store.write() as connection:
            ensure_open(self._store, connection, self._tenant)
            self._store.run(
                connection,
                "INSERT INTO snapshot_part (tenant_id, snapshot_id, part, row_count, size, sha256, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (self._tenant, self._id, self._number, count, len(body), digest, body),
            )
            self._store.run(
                connection, "UPDATE scope_snapshot SET touched_at = ? WHERE tenant_id = ? AND snapshot_id = ?",
                (self._clock(), self._tenant, self._id),
            )  # fmt: skip
        self._number += 1
        self.rows += count


_COLUMNS = "snapshot_id, scope, epoch, seq, finished, row_count, digest"


def _find(
    store: Store, connection: Connection, tenant: str, *, scope: str, wanted: str | None, epoch: str, now: int
) -> _Known | None:  # fmt: skip
    """The snapshot a desk is reading, as long as it is there; else the newest one that is worth beginning."""
    rows = store.run(
        connection,
        f"SELECT {_COLUMNS}, made_at, touched_at FROM scope_snapshot WHERE tenant_id = ? AND scope = ? AND epoch = ?"
        " AND made_at > ? ORDER BY made_at DESC",
        (tenant, scope, epoch, now - 2 * _AGE),
    ).fetchall()
    place = store.run(
        connection, "SELECT head, min_seq FROM sync_scope WHERE tenant_id = ? AND scope = ?", (tenant, scope)
    ).first() or (0, 0)  # fmt: skip
    for row in sorted(rows, key=lambda row: row[0] != wanted):
        known = _Known(row[0], row[1], row[2], row[3], bool(row[4]), row[5], row[6])
        if not known.finished and (row[8] < now - _SILENT or not known.digest):
            # It has lost its writer, or has nothing to show yet: the latter is waited for.
            if row[8] >= now - _SILENT:
                return known
            continue
        whole = known.seq >= place[1]
        if whole and (known.id == wanted or (row[7] > now - _AGE and place[0] - known.seq <= known.rows * _BEHIND)):
            return known
    return None


def _parts(store: Store, connection: Connection, tenant: str, snapshot_id: str) -> list[list[Any]]:
    """`[rows, size, sha256]` of each part there is."""
    rows = store.run(
        connection,
        "SELECT row_count, size, sha256 FROM snapshot_part WHERE tenant_id = ? AND snapshot_id = ? ORDER BY part",
        (tenant, snapshot_id),
    )
    return [[row[0], row[1], row[2]] for row in rows]


def part_body(store: Store, device: Device, *, scope: str, snapshot_id: str, part: int) -> bytes:
    """One part as it is kept: zstd of JSON. Raises Refusal."""
    if device.revoked_at is not None:
        raise Refusal(ErrorCode.DEVICE_REVOKED)
    if not device.may_use(scope):
        raise Refusal(ErrorCode.NOT_PERMITTED, scope=scope[:40])
    with store.read() as connection:
        row = store.run(
            connection,
            "SELECT p.body FROM snapshot_part p JOIN scope_snapshot s ON s.tenant_id = p.tenant_id AND s.snapshot_id ="
            " p.snapshot_id WHERE p.tenant_id = ? AND p.snapshot_id = ? AND p.part = ? AND s.scope = ?",
            (device.tenant, snapshot_id, part, scope),
        ).first()
    if row is None:
        raise Refusal(ErrorCode.SNAPSHOT_GONE)
    return bytes(row[0])


def _announce(store: Store, tenant: str, scope: str, *, now: int) -> str | None:
    """Say that a snapshot is being built; None where another worker has said so."""
    with store.write() as connection:
        ensure_open(store, connection, tenant)
        store.run(
            connection, "SELECT head FROM sync_scope WHERE tenant_id = ? AND scope = ?" + store.lock, (tenant, scope)
        ).first()  # fmt: skip
        busy = store.run(
            connection,
            "SELECT 1 FROM scope_snapshot WHERE tenant_id = ? AND scope = ? AND finished = 0 AND touched_at >= ?",
            (tenant, scope, now - _SILENT),
        ).first()
        if busy is not None:
            return None
        snapshot_id = new_id()
        epoch = epoch_of(store, connection, tenant)
        store.run(
            connection,
            "INSERT INTO scope_snapshot (tenant_id, snapshot_id, scope, epoch, seq, made_at, touched_at, finished,"
            " row_count, digest) VALUES (?, ?, ?, ?, 0, ?, ?, 0, 0, '')",
            (tenant, snapshot_id, scope, epoch, now, now),
        )
    return snapshot_id


def _note_reader(store: Store, device: Device, known: _Known, *, now: int) -> None:
    """A desk goes on from here: tombstones after this place are kept until it has read them."""
    with store.write() as connection:
        ensure_open(store, connection, device.tenant)
        store.insert_missing(
            connection, "device_cursor", ("tenant_id", "device_id", "scope", "seq", "seen_at"),
            [(device.tenant, device.id, known.scope, known.seq, now)],
        )  # fmt: skip


def drop_old(store: Store, tenant: str, *, now: int) -> int:
    """Drop snapshots that are old, or that nobody writes any more; tells how many. `now` in microseconds."""
    dropped = 0
    while True:
        with store.write() as connection:
            ensure_open(store, connection, tenant)
            found = store.run(
                connection,
                "SELECT snapshot_id FROM scope_snapshot WHERE tenant_id = ? AND (made_at < ? OR (finished = 0 AND"
                " touched_at < ?)) LIMIT 1",
                (tenant, now - _AGE, now - 10 * _SILENT),
            ).first()
            if found is None:
                return dropped
            _drop(store, connection, tenant, [found[0]])
        dropped += 1


def _drop(store: Store, connection: Connection, tenant: str, ids: list[str]) -> None:
    for table in ("snapshot_part", "scope_snapshot"):
        store.run_many(
            connection, f"DELETE FROM {table} WHERE tenant_id = ? AND snapshot_id = ?", [(tenant, one) for one in ids]
        )
