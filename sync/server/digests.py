"""Counts and sums over the live records of each scope, kept with every change, and the questions about them.

One upsert a touched bucket, in the transaction of the rows, under the locks of their scopes: a digest is never ahead of
its feed and never behind it. A desk that has read up to the head compares its own; where they differ, it asks for the
buckets of a table, and then for the records of a bucket.
"""

from collections.abc import Iterable
from typing import Any

from sync.protocol.codes import ErrorCode
from sync.protocol.digests import BUCKETS, MASK, Tally, bucket_of, written
from sync.protocol.limits import DIGEST_ROWS
from sync.protocol.operations import is_scope
from sync.server.devices import Device, epoch_of
from sync.server.refusals import Refusal
from sync.server.store import Connection, Store

_COLUMNS = "tenant_id, scope, table_name, bucket, row_count, row_sum"
_ADD = (
    "ON CONFLICT (tenant_id, scope, table_name, bucket) DO UPDATE SET"
    " row_count = scope_digest.row_count + excluded.row_count,"
    f" row_sum = (scope_digest.row_sum + excluded.row_sum) & {MASK}"
)
_UPSERT = f"INSERT INTO scope_digest ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?) {_ADD}"
_UPSERT_ALL = (
    f"INSERT INTO scope_digest ({_COLUMNS}) SELECT ?, * FROM"
    " unnest(?::text[], ?::text[], ?::int[], ?::bigint[], ?::bigint[])"
    f" {_ADD}"
)
_FEW = 3


def write_tally(store: Store, connection: Connection, tenant: str, tally: Tally) -> None:
    """Add the changes of one transaction. The scopes' heads are locked: nobody else is at these rows."""
    rows = [
        (tenant, *key, count, total & MASK) for key, (count, total) in sorted(tally.entries.items()) if count or total
    ]
    if store.is_postgres and len(rows) > _FEW:
        store.run(connection, _UPSERT_ALL, (tenant, *(list(column) for column in list(zip(*rows, strict=True))[1:])))
    elif len(rows) == 1:
        store.run(connection, _UPSERT, rows[0])
    else:
        store.run_many(connection, _UPSERT, rows)


def rows_of(store: Store, connection: Connection, tenant: str, scope: str) -> int:
    """How many live records a scope has."""
    return int(
        store.run(
            connection,
            "SELECT coalesce(sum(row_count), 0) FROM scope_digest WHERE tenant_id = ? AND scope = ?", (tenant, scope),
        ).scalar()
    )  # fmt: skip


def totals_of(
    store: Store, connection: Connection, tenant: str, scope: str
) -> tuple[int | None, dict[str, list[Any]]]:
    """Head and `{table: [rows, sum]}` of a scope, read in one statement; the head is None where there is no feed.

    Sums are written as they travel.
    """
    rows = store.run(
        connection,
        "SELECT s.head, d.table_name, d.row_count, d.row_sum FROM sync_scope s LEFT JOIN scope_digest d"
        " ON d.tenant_id = s.tenant_id AND d.scope = s.scope WHERE s.tenant_id = ? AND s.scope = ?",
        (tenant, scope),
    ).fetchall()
    totals: dict[str, list[int]] = {}
    for _, table, count, total in rows:
        if table is not None:
            entry = totals.setdefault(table, [0, 0])
            entry[0] += count
            entry[1] += total
    told = {table: [count, written(total)] for table, (count, total) in sorted(totals.items()) if count or total & MASK}
    return (rows[0][0] if rows else None), told


def wrong_digests(store: Store, tenant: str) -> int:
    """How many digests of a group are not those of its rows; reads every row once, in pages by key."""
    with store.snapshot() as connection:
        tally = Tally()
        after = ("", "")
        while True:
            rows = store.run(
                connection,
                "SELECT table_name, record_id, scope, ver, deleted FROM replica_row WHERE tenant_id = ?"
                " AND (table_name, record_id) > (?, ?) ORDER BY table_name, record_id LIMIT ?",
                (tenant, *after, DIGEST_ROWS),
            ).fetchall()
            for table, record_id, scope, ver, deleted in rows:
                if not deleted:
                    tally.add(scope, table, record_id, ver)
            if len(rows) < DIGEST_ROWS:
                break
            after = (rows[-1][0], rows[-1][1])
        kept = store.run(
            connection, "SELECT scope, table_name, bucket, row_count, row_sum FROM scope_digest WHERE tenant_id = ?",
            (tenant,),
        ).fetchall()  # fmt: skip
    stored = {(row[0], row[1], row[2]): (row[3], row[4]) for row in kept if row[3] or row[4]}
    counted = {key: (count, total & MASK) for key, (count, total) in tally.entries.items()}
    return sum(stored.get(key) != counted.get(key) for key in stored.keys() | counted.keys())


def digest(store: Store, device: Device, message: Any, *, now_ms: int) -> dict[str, Any]:
    """What the centre has of the desk's scopes: totals by table, buckets of a table, or the records of buckets.

    Raises Refusal.
    """
    if device.revoked_at is not None:
        raise Refusal(ErrorCode.DEVICE_REVOKED)
    cursors = _cursors(message)
    with store.read() as connection:
        epoch = epoch_of(store, connection, device.tenant)
        told = str(message.get("epoch") or "")
        if told and told != epoch:
            raise Refusal(ErrorCode.EPOCH_CHANGED, epoch=epoch)
        answer: dict[str, Any] = {"epoch": epoch, "now": now_ms}
        if message.get("table"):
            return answer | _of_table(store, connection, device, message)
        scopes = {}
        for scope, seq in sorted(cursors.items()):
            if device.may_use(scope):
                head, tables = totals_of(store, connection, device.tenant, scope)
                scopes[scope] = {"head": head or 0, "tables": tables if head == seq else None}
    return answer | {"scopes": scopes}


def _cursors(message: Any) -> dict[str, int]:
    cursors = message.get("cursors", {}) if isinstance(message, dict) else None
    if not isinstance(cursors, dict) or any(type(seq) is not int or seq < 0 for seq in cursors.values()):
        raise Refusal(ErrorCode.MALFORMED, field="cursors")
    return cursors


def _of_table(store: Store, connection: Connection, device: Device, message: dict[str, Any]) -> dict[str, Any]:
    """One table in one scope: all its buckets, or with `buckets` the records of those."""
    table, scope = message["table"], message.get("scope")
    if not isinstance(table, str) or len(table) > 40:
        raise Refusal(ErrorCode.MALFORMED, field="table")
    if not isinstance(scope, str) or not is_scope(scope) or not device.may_use(scope):
        raise Refusal(ErrorCode.NOT_PERMITTED, scope=str(scope)[:40])
    wanted = message.get("buckets")
    if wanted is not None:
        return _records(store, connection, device.tenant, (scope, table), _buckets(wanted), message.get("after") or "")
    rows = store.run(
        connection,
        "SELECT s.head, d.bucket, d.row_count, d.row_sum FROM sync_scope s LEFT JOIN scope_digest d ON d.tenant_id ="
        " s.tenant_id AND d.scope = s.scope AND d.table_name = ? WHERE s.tenant_id = ? AND s.scope = ?",
        (table, device.tenant, scope),
    ).fetchall()
    listed = sorted([bucket, count, written(total)] for _, bucket, count, total in rows if bucket is not None and count)
    return {"head": rows[0][0] if rows else 0, "buckets": listed}


def _buckets(wanted: Any) -> frozenset[int]:
    if not isinstance(wanted, list) or not all(type(one) is int and 0 <= one < BUCKETS for one in wanted):
        raise Refusal(ErrorCode.MALFORMED, field="buckets")
    return frozenset(wanted)


def _records(
    store: Store, connection: Connection, tenant: str, of: tuple[str, str], wanted: Iterable[int], after: Any
) -> dict[str, Any]:
    """`[id, ver]` of the live records of these buckets, in the order of ids, as far as one look reaches."""
    if not isinstance(after, str) or len(after) > 32:
        raise Refusal(ErrorCode.MALFORMED, field="after")
    scope, table = of
    rows = store.run(
        connection,
        "SELECT record_id, ver, scope, deleted FROM replica_row WHERE tenant_id = ? AND table_name = ?"
        " AND record_id > ? ORDER BY record_id LIMIT ?",
        (tenant, table, after, DIGEST_ROWS),
    ).fetchall()
    listed = [[row[0], row[1]] for row in rows if row[2] == scope and not row[3] and bucket_of(row[0]) in wanted]
    return {"records": listed, "next": rows[-1][0] if len(rows) == DIGEST_ROWS else None}
