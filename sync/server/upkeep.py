"""What keeps the centre's tables small and honest: answers nobody asks for again, old tombstones, checks."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from sync.protocol.digests import Tally
from sync.server.databases import Stores
from sync.server.devices import Device, ensure_open
from sync.server.digests import write_tally
from sync.server.epochs import start_epoch
from sync.server.invariants import Finding, check, tenants_in
from sync.server.refusals import Refusal
from sync.server.signing_requests import erase_old
from sync.server.snapshots import drop_old
from sync.server.store import Connection, Store

__all__ = [
    "CursorNotes", "Finding", "check", "compact", "prune", "recount_digests", "start_epoch", "tend",
]  # fmt: skip

_log = logging.getLogger(__name__)
TOMBSTONE_DAYS = 90
KEPT_ANSWERS = 1000
"""Of each desk, although they have arrived: as many as a push may have operations."""
_PORTION = 2000
"""Rows a transaction of upkeep deletes at most."""
_LOCK = 0x666F7263
"""The first number of the advisory locks of upkeep on PostgreSQL; the second is of the group."""
_DAY = 24 * 3600 * 1_000_000
_CURSOR_SECONDS, _CHANGED_SECONDS = 600, 60
_DROP_FOLLOWERS = (
    "DELETE FROM unit_follower WHERE tenant_id = ? AND NOT EXISTS (SELECT 1 FROM replica_row r WHERE r.tenant_id ="
    " unit_follower.tenant_id AND r.table_name = unit_follower.table_name AND r.record_id = unit_follower.record_id)"
)
"""Of what belonged to vehicles: whose record is gone for good."""


@dataclass(slots=True)
class _Noted:
    """What is stored of one desk: since when (monotonic seconds), and how far it had read."""

    at: float
    all_at: float
    cursors: dict[str, int]


class CursorNotes:
    """Remembers how far desks have read: reading should not have to write.

    Of each desk at most once a minute what it has read since, and every ten minutes all of it.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._lock = threading.Lock()
        self._noted: dict[tuple[str, str], _Noted] = {}

    def note(self, device: Device, cursors: dict[str, int], *, now: int) -> None:
        """A desk has read so far. `now` in microseconds."""
        key, clock = (device.tenant, device.id), time.monotonic()
        with self._lock:
            last = self._noted.get(key)
            if last is None or clock - last.all_at >= _CURSOR_SECONDS:
                self._noted[key] = _Noted(clock, clock, dict(cursors))
            elif clock - last.at < _CHANGED_SECONDS:
                return
            else:
                cursors = {scope: seq for scope, seq in cursors.items() if last.cursors.get(scope) != seq}
                if not cursors:
                    return
                last.at = clock
                last.cursors |= cursors
        store = self._stores.of(device.tenant)
        with store.write() as connection:
            ensure_open(store, connection, device.tenant)
            store.run_many(
                connection,
                "INSERT INTO device_cursor (tenant_id, device_id, scope, seq, seen_at) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (tenant_id, device_id, scope) DO UPDATE SET seq = excluded.seq,"
                " seen_at = excluded.seen_at",
                [(device.tenant, device.id, scope, seq, now) for scope, seq in sorted(cursors.items())],
            )


def prune(store: Store, *, now: int, keep: int = KEPT_ANSWERS) -> int:
    """Drop answers that have arrived at their desks and what has expired; tells how many rows went.

    The last `keep` answers of each desk stay, for requests that come twice and late. In small transactions, so that no
    desk waits; of several instances one does it, the others go home. `now` in microseconds.
    """
    with store.read() as connection:
        rows = store.run(connection, "SELECT tenant_id, device_id, seen_n FROM device ORDER BY tenant_id, device_id")
        desks = [(str(row[0]), str(row[1]), int(row[2]) - keep) for row in rows.fetchall()]
    gone = 0
    for tenant, device_id, until in desks:
        portion = -1
        while portion:
            portion = _prune_answers(store, tenant, device_id, until)
            gone += max(portion, 0)
    for tenant in sorted({desk[0] for desk in desks}):
        with _turn(store, tenant) as connection:
            if connection is not None:
                gone += _prune_expired(store, connection, tenant, now)
    return gone


def _prune_answers(store: Store, tenant: str, device_id: str, until: int) -> int:
    """A portion of a desk's answers up to `until`; tells how many, 0 at the end."""
    with _turn(store, tenant) as connection:
        if connection is None:
            return 0
        first = store.run(
            connection, "SELECT min(n) FROM applied_operation WHERE tenant_id = ? AND device_id = ?",
            (tenant, device_id),
        ).scalar()  # fmt: skip
        if first is None or first > until:
            return 0
        return store.run(
            connection, "DELETE FROM applied_operation WHERE tenant_id = ? AND device_id = ? AND n <= ?",
            (tenant, device_id, min(until, first + _PORTION - 1)),
        ).rowcount  # fmt: skip


def _prune_expired(store: Store, connection: Connection, tenant: str, now: int) -> int:
    tokens = store.run(
        connection, "DELETE FROM access_token WHERE tenant_id = ? AND expires_at <= ?", (tenant, now)
    )  # fmt: skip
    codes = store.run(
        connection, "DELETE FROM enrolment_code WHERE tenant_id = ? AND expires_at <= ?",
        (tenant, now - TOMBSTONE_DAYS * _DAY),
    )  # fmt: skip
    return tokens.rowcount + codes.rowcount + erase_old(store, connection, tenant, now=now)


@contextmanager
def _turn(store: Store, tenant: str) -> Iterator[Connection | None]:
    """A short transaction of upkeep; None while another instance is at it, or the group is on its way elsewhere."""
    with store.write() as connection:
        free = not store.is_postgres or store.run(
            connection, "SELECT pg_try_advisory_xact_lock(?, hashtext(?))", (_LOCK, tenant)
        ).scalar()
        closed = store.run(connection, "SELECT closed FROM tenant WHERE tenant_id = ?", (tenant,)).scalar()
        yield connection if free and closed == "" else None


def compact(store: Store, tenant: str, *, now: int) -> dict[str, int]:
    """Drop tombstones older than 90 days that every active desk has read; `{scope: tombstones dropped}`.

    First the scope's `min_seq` rises: a desk that comes back from further behind has to read the scope again. Then they
    go in portions; whoever is killed in between goes on the next time.
    """
    dropped: dict[str, int] = {}
    before = now - TOMBSTONE_DAYS * _DAY
    for scope, horizon in _raise_horizons(store, tenant, before):
        gone, portion = 0, -1
        while portion:
            with _turn(store, tenant) as connection:
                portion = 0 if connection is None else _drop_tombstones(
                    store, connection, tenant, scope=scope, horizon=horizon, before=before
                )  # fmt: skip
            gone += portion
        if gone:
            dropped[scope] = gone
    return dropped


def _raise_horizons(store: Store, tenant: str, before: int) -> list[tuple[str, int]]:
    """The scopes where something can be dropped, and up to which place."""
    with _turn(store, tenant) as connection:
        if connection is None:
            return []
        found = [
            (scope, horizon)
            for scope, horizon in _horizons(store, connection, tenant, before)
            if store.run(connection, _ANY_OLD, (tenant, scope, horizon, before) * 2).first() is not None
        ]
        store.run_many(
            connection,
            "UPDATE sync_scope SET min_seq = CASE WHEN min_seq < ? THEN ? ELSE min_seq END"
            " WHERE tenant_id = ? AND scope = ?",
            [(horizon, horizon, tenant, scope) for scope, horizon in found],
        )
    return found


_OLD_ROWS = (
    "FROM replica_row WHERE tenant_id = ? AND scope = ? AND deleted = 1 AND seq <= ? AND updated_at < ?"
)
_OLD_LEAVES = "FROM scope_leave WHERE tenant_id = ? AND scope = ? AND seq <= ? AND at < ?"
_ANY_OLD = f"SELECT 1 {_OLD_ROWS} UNION ALL SELECT 1 {_OLD_LEAVES} LIMIT 1"


def _drop_tombstones(
    store: Store, connection: Connection, tenant: str, *, scope: str, horizon: int, before: int
) -> int:  # fmt: skip
    """A portion of a scope's tombstones and leave-markers; tells how many, 0 at the end."""
    values = (tenant, scope, horizon, before)
    rows = store.run(
        connection, f"SELECT table_name, record_id {_OLD_ROWS} ORDER BY seq LIMIT ?", (*values, _PORTION)
    ).fetchall()  # fmt: skip
    store.run_many(
        connection, "DELETE FROM replica_row WHERE tenant_id = ? AND table_name = ? AND record_id = ?",
        [(tenant, row[0], row[1]) for row in rows],
    )  # fmt: skip
    if rows:
        store.run(connection, _DROP_FOLLOWERS, (tenant,))
    leaves = store.run(connection, f"SELECT seq {_OLD_LEAVES} ORDER BY seq LIMIT ?", (*values, _PORTION)).fetchall()
    store.run_many(
        connection, "DELETE FROM scope_leave WHERE tenant_id = ? AND scope = ? AND seq = ?",
        [(tenant, scope, row[0]) for row in leaves],
    )  # fmt: skip
    return len(rows) + len(leaves)


def _horizons(store: Store, connection: Connection, tenant: str, since: int) -> list[tuple[str, int]]:
    """How far every desk seen in the last 90 days has read, per scope; without such a desk, up to the head."""
    rows = store.run(
        connection,
        "SELECT s.scope, coalesce((SELECT min(c.seq) FROM device_cursor c JOIN device d ON d.tenant_id = c.tenant_id"
        " AND d.device_id = c.device_id WHERE c.tenant_id = s.tenant_id AND c.scope = s.scope"
        " AND d.revoked_at IS NULL AND c.seen_at >= ?), s.head) FROM sync_scope s WHERE s.tenant_id = ?" + store.lock,
        (since, tenant),
    )
    return [(row[0], row[1]) for row in rows.fetchall()]


def recount_digests(store: Store, tenant: str) -> None:
    """Count every digest of a group anew from its rows; who writes for the group waits meanwhile."""
    with store.write() as connection:
        ensure_open(store, connection, tenant)
        store.run(
            connection, f"SELECT scope FROM sync_scope WHERE tenant_id = ? ORDER BY scope{store.lock}", (tenant,)
        ).fetchall()  # fmt: skip
        tally = Tally()
        rows = store.stream(
            connection, "SELECT scope, table_name, record_id, ver FROM replica_row WHERE tenant_id = ? AND deleted = 0",
            (tenant,),
        )  # fmt: skip
        for scope, table, record_id, ver in rows:
            tally.add(scope, table, record_id, ver)
        store.run(connection, "DELETE FROM scope_digest WHERE tenant_id = ?", (tenant,))
        write_tally(store, connection, tenant, tally)


def tend(stores: Stores, *, now: int) -> None:
    """What is done from time to time by itself, in every database. `now` in microseconds."""
    for store in stores.every():
        prune(store, now=now)
        with store.read() as connection:
            tenants = tenants_in(store, connection)
        for tenant in tenants:
            compact(store, tenant, now=now)
            with suppress(Refusal):  # the group is on its way elsewhere
                drop_old(store, tenant, now=now)
