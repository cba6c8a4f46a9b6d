"""What keeps the centre's tables small and honest: answers nobody asks for again, old tombstones, checks."""

import threading
import time
from dataclasses import dataclass

from db.ids import new_id
from sync.server.databases import Stores
from sync.server.devices import Device, ensure_open
from sync.server.store import Connection, Store

TOMBSTONE_DAYS = 90
_DAY = 24 * 3600 * 1_000_000
_CURSOR_SECONDS = 600
_DROP_FOLLOWERS = (
    "DELETE FROM unit_follower WHERE tenant_id = ? AND NOT EXISTS (SELECT 1 FROM replica_row r WHERE r.tenant_id ="
    " unit_follower.tenant_id AND r.table_name = unit_follower.table_name AND r.record_id = unit_follower.record_id)"
)
"""Of what belonged to vehicles: whose record is gone for good."""


class CursorNotes:
    """Remembers how far desks have read, at most every ten minutes a desk: reading should not have to write."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._lock = threading.Lock()
        self._noted: dict[tuple[str, str], float] = {}

    def note(self, device: Device, cursors: dict[str, int], *, now: int) -> None:
        """A desk has read up to the heads. `now` in microseconds."""
        key = (device.tenant, device.id)
        with self._lock:
            last = self._noted.get(key)
            if last is not None and time.monotonic() - last < _CURSOR_SECONDS:
                return
            self._noted[key] = time.monotonic()
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


def prune(store: Store, *, now: int) -> int:
    """Drop answers that have arrived at their desks and tokens that have expired; tells how many rows went."""
    with store.write() as connection:
        answers = store.run(
            connection,
            "DELETE FROM applied_operation WHERE n <= (SELECT seen_n FROM device WHERE device.tenant_id ="
            " applied_operation.tenant_id AND device.device_id = applied_operation.device_id)",
        )
        tokens = store.run(connection, "DELETE FROM access_token WHERE expires_at <= ?", (now,))
        codes = store.run(
            connection, "DELETE FROM enrolment_code WHERE expires_at <= ?", (now - TOMBSTONE_DAYS * _DAY,)
        )
        return int(answers.rowcount + tokens.rowcount + codes.rowcount)


def compact(store: Store, tenant: str, *, now: int) -> dict[str, int]:
    """Drop tombstones older than 90 days that every active desk has read; `{scope: tombstones dropped}`.

    Then the scope's `min_seq` rises: a desk that comes back from further behind has to read the scope again.
    """
    dropped: dict[str, int] = {}
    with store.write() as connection:
        for scope, horizon in _horizons(store, connection, tenant, now):
            gone = store.run(
                connection,
                "DELETE FROM replica_row WHERE tenant_id = ? AND scope = ? AND deleted = 1 AND seq <= ?"
                " AND updated_at < ?",
                (tenant, scope, horizon, now - TOMBSTONE_DAYS * _DAY),
            ).rowcount
            gone += store.run(
                connection,
                "DELETE FROM scope_leave WHERE tenant_id = ? AND scope = ? AND seq <= ? AND at < ?",
                (tenant, scope, horizon, now - TOMBSTONE_DAYS * _DAY),
            ).rowcount
            if gone:
                store.run(connection, _DROP_FOLLOWERS, (tenant,))
                store.run(
                    connection,
                    "UPDATE sync_scope SET min_seq = ? WHERE tenant_id = ? AND scope = ?",
                    (horizon, tenant, scope),
                )
                dropped[scope] = gone
    return dropped


def _horizons(store: Store, connection: Connection, tenant: str, now: int) -> list[tuple[str, int]]:
    """How far every desk seen in the last 90 days has read, per scope; without such a desk, up to the head."""
    rows = store.run(
        connection,
        "SELECT s.scope, coalesce((SELECT min(c.seq) FROM device_cursor c JOIN device d ON d.tenant_id = c.tenant_id"
        " AND d.device_id = c.device_id WHERE c.tenant_id = s.tenant_id AND c.scope = s.scope"
        " AND d.revoked_at IS NULL AND c.seen_at >= ?), s.head) FROM sync_scope s WHERE s.tenant_id = ?" + store.lock,
        (now - TOMBSTONE_DAYS * _DAY, tenant),
    )
    return [(row[0], row[1]) for row in rows.fetchall()]


def start_epoch(store: Store, tenant: str) -> str:
    """Tell all desks that this database came from a backup: they send what it may lack, and read everything again."""
    epoch = new_id()
    with store.write() as connection:
        store.run(connection, "UPDATE tenant SET epoch = ? WHERE tenant_id = ?", (epoch, tenant))
    return epoch


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that must not be."""

    what: str
    count: int


_CHECKS = {
    "rows beyond the head of their scope": (
        "SELECT count(*) FROM replica_row r JOIN sync_scope s ON s.tenant_id = r.tenant_id AND s.scope = r.scope"
        " WHERE r.seq > s.head"
    ),
    "rows of a scope without a head": (
        "SELECT count(*) FROM replica_row r LEFT JOIN sync_scope s ON s.tenant_id = r.tenant_id AND s.scope = r.scope"
        " WHERE s.scope IS NULL"
    ),
    "places given twice": (
        "SELECT count(*) FROM (SELECT 1 FROM (SELECT tenant_id, scope, seq FROM replica_row UNION ALL"
        " SELECT tenant_id, scope, seq FROM scope_leave) AS given GROUP BY tenant_id, scope, seq"
        " HAVING count(*) > 1) AS twice"
    ),
    "answers beyond a desk's last operation": (
        "SELECT count(*) FROM applied_operation a JOIN device d ON d.tenant_id = a.tenant_id"
        " AND d.device_id = a.device_id WHERE a.n > d.last_n"
    ),
    "vehicles whose records lie with two branches": (
        "SELECT count(*) FROM (SELECT 1 FROM vehicle_entry e JOIN replica_row r ON r.tenant_id = e.tenant_id"
        " AND r.table_name = 'vehicle_unit' AND r.record_id = e.vehicle_id WHERE r.deleted = 0"
        " GROUP BY e.tenant_id, e.vin HAVING count(DISTINCT r.scope) > 1) AS twice"
    ),
    "vehicles that are not with their owner": (
        "SELECT count(*) FROM vehicle_owner o JOIN replica_row r ON r.tenant_id = o.tenant_id"
        " AND r.table_name = 'vehicle_unit' AND r.record_id = o.vehicle_id WHERE r.deleted = 0 AND r.scope <> o.scope"
    ),
    "records that are not with their vehicle": (
        "SELECT count(*) FROM unit_follower f JOIN replica_row r ON r.tenant_id = f.tenant_id"
        " AND r.table_name = f.table_name AND r.record_id = f.record_id JOIN replica_row u"
        " ON u.tenant_id = f.tenant_id AND u.table_name = 'vehicle_unit' AND u.record_id = f.unit_id"
        " JOIN scope_leave l ON l.tenant_id = f.tenant_id AND l.scope = r.scope AND l.table_name = 'vehicle_unit'"
        " AND l.record_id = f.unit_id WHERE r.deleted = 0 AND u.deleted = 0 AND r.scope <> u.scope"
    ),
    "orders that hold more than one vehicle": (
        "SELECT count(*) FROM (SELECT 1 FROM vehicle_claim WHERE kind = 'order' GROUP BY tenant_id, holder_id"
        " HAVING count(*) > 1) AS twice"
    ),
}


def check(store: Store) -> list[Finding]:
    """Look for what must never be; empty when all is well."""
    with store.read() as connection:
        counts = {what: store.run(connection, statement).scalar() for what, statement in _CHECKS.items()}
    return [Finding(what, count) for what, count in counts.items() if count]
