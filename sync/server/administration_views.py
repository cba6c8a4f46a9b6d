"""What headquarters see: branches, desks, conflicts, leases, what is set aside. Read as it is kept, page by page.

Nothing here looks through all rows: heads, cursors and counts are kept anyway, lists are read by their keys.
"""

import json
from dataclasses import dataclass
from typing import Any

from db.base import GROUP_SCOPE
from sync.protocol.codec import load
from sync.server.devices import NO_KEY
from sync.server.quarantine import count_open
from sync.server.store import Connection, Store

_BRANCHES = "SELECT record_id, body FROM replica_row WHERE tenant_id = ? AND table_name = 'branch' AND deleted = 0"
_DESKS = (
    "SELECT d.device_id, d.branch_id, d.branch_code, d.desk_code, d.scopes, d.role, d.enrolled_at, d.last_seen_at,"
    " d.revoked_at, d.replaces, d.last_n, v.program, v.platform, v.protocol, v.seen_at, v.ahead_ms,"
    " v.schema_version, (SELECT min(r.enrolled_at) FROM device r WHERE r.tenant_id = d.tenant_id AND r.replaces ="
    " d.device_id), v.unsent, v.oldest_unsent_at, v.unsent_said_at FROM device d"
    " LEFT JOIN device_visit v ON v.tenant_id = d.tenant_id AND v.device_id = d.device_id"
    f" WHERE d.tenant_id = ? AND d.key_hash <> '{NO_KEY}'"
)
_LAGS = (
    "SELECT c.device_id, c.scope, s.head - c.seq, c.seen_at FROM device_cursor c JOIN sync_scope s"
    " ON s.tenant_id = c.tenant_id AND s.scope = c.scope WHERE c.tenant_id = ?"
)
_REFUSED = (
    "SELECT device_id, count(*) FROM applied_operation WHERE tenant_id = ? AND outcome = 'rejected' GROUP BY device_id"
)
_DOUBTED = "SELECT device_id, max(at) FROM restore_claim WHERE tenant_id = ? AND granted = 0 GROUP BY device_id"
_CONFLICTS = (
    "SELECT c.order_id, c.vin, c.at, r.scope, r.body FROM claim_conflict c LEFT JOIN replica_row r"
    " ON r.tenant_id = c.tenant_id AND r.table_name = 'sales_order' AND r.record_id = c.order_id"
    " WHERE c.tenant_id = ?"
)


@dataclass(slots=True)
class _Lag:
    """How far a desk is behind: rows it has not read, by its last visit."""

    rows: int = 0
    seen_at: int = 0
    by_scope: dict[str, int] | None = None


def overview(store: Store, connection: Connection, tenant: str, *, now: int) -> dict[str, Any]:
    """Every branch with what is to be known of it, and the group's sums. `now` in microseconds."""
    branches = {row["id"]: row for row in _branches(store, connection, tenant)}
    for desk in _read_desks(store, connection, tenant):
        branch = branches.get(desk["branch_id"])
        if branch is None:
            branch = branches[desk["branch_id"]] = _branch(desk["branch_id"], {"code": desk["branch_code"]})
        _count_desk(branch, desk)
    # Counted here: asked to group by the scope, SQLite walks the group's whole feed.
    for (scope,) in store.run(
        connection, "SELECT r.scope FROM claim_conflict c JOIN replica_row r ON r.tenant_id = c.tenant_id"
        " AND r.table_name = 'sales_order' AND r.record_id = c.order_id WHERE c.tenant_id = ?", (tenant,),
    ).fetchall():  # fmt: skip
        if scope in branches:
            branches[scope]["conflicts"] += 1
    for branch_id, count in _grouped(
        store, connection, "SELECT branch_id, count(*) FROM vehicle_lease WHERE tenant_id = ? AND until > ?"
        " GROUP BY branch_id", (tenant, now),
    ).items():  # fmt: skip
        if branch_id in branches:
            branches[branch_id]["leases"] = count
    rows = _grouped(
        store, connection, "SELECT scope, sum(row_count) FROM scope_digest WHERE tenant_id = ? GROUP BY scope",
        (tenant,),
    )  # fmt: skip
    for branch_id, branch in branches.items():
        branch["rows"] = rows.get(branch_id, 0)
    listed = sorted(branches.values(), key=lambda one: (one["code"], one["id"]))
    return {"branches": listed, "group_rows": rows.get(GROUP_SCOPE, 0), "now": now}


def _grouped(store: Store, connection: Connection, statement: str, values: tuple[Any, ...]) -> dict[str, int]:
    return {str(row[0]): int(row[1]) for row in store.run(connection, statement, values).fetchall()}


def _branches(store: Store, connection: Connection, tenant: str) -> list[dict[str, Any]]:
    return [_branch(row[0], load(row[1].encode("utf-8"))) for row in store.run(connection, _BRANCHES, (tenant,))]


def _branch(branch_id: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": branch_id, "code": fields.get("code") or "", "name_zh": fields.get("name_zh") or "",
        "name_en": fields.get("name_en") or "", "desks": 0, "revoked": 0, "last_contact": 0, "lag": None,
        "lag_at": 0, "conflicts": 0, "refused": 0, "quarantined": 0, "leases": 0, "rows": 0,
    }  # fmt: skip


def _count_desk(branch: dict[str, Any], desk: dict[str, Any]) -> None:
    branch["refused"] += desk["refused"]
    branch["quarantined"] += desk["quarantined"]
    if desk["revoked_at"] is not None:
        branch["revoked"] += 1
        return
    if desk["replaced"]:
        return
    branch["desks"] += 1
    branch["last_contact"] = max(branch["last_contact"], desk["last_contact"])
    if desk["lag"] is not None and (branch["lag"] is None or desk["lag"] > branch["lag"]):
        branch["lag"], branch["lag_at"] = desk["lag"], desk["lag_at"]


def list_desks(
    store: Store, connection: Connection, tenant: str, *, branch_id: str, after: str, limit: int
) -> list[dict[str, Any]]:
    """Desks in the order of their enrolment, of one branch or of all."""
    return _read_desks(store, connection, tenant, branch_id=branch_id, after=after, limit=limit)


def get_desk(store: Store, connection: Connection, tenant: str, device_id: str) -> dict[str, Any] | None:
    """One desk; None for one that is not there."""
    found = _read_desks(store, connection, tenant, device_id=device_id)
    return found[0] if found else None


def _read_desks(
    store: Store, connection: Connection, tenant: str, *, branch_id: str = "", device_id: str = "", after: str = "",
    limit: int = -1,
) -> list[dict[str, Any]]:  # fmt: skip
    where, values = "", [tenant]
    for condition, value in ((" AND d.branch_id = ?", branch_id), (" AND d.device_id = ?", device_id),
                             (" AND d.device_id > ?", after)):  # fmt: skip
        if value:
            where += condition
            values.append(value)
    # A UUIDv7: the order of ids is the order of enrolment.
    statement = f"{_DESKS}{where} ORDER BY d.device_id" + (f" LIMIT {int(limit)}" if limit >= 0 else "")
    rows = store.run(connection, statement, values).fetchall()
    lags = _lags(store, connection, tenant, [row[0] for row in rows])
    refused = _grouped(store, connection, _REFUSED, (tenant,))
    waiting = count_open(store, connection, tenant)
    doubted = _grouped(store, connection, _DOUBTED, (tenant,))
    return [
        {**_desk(row, lags.get(row[0]), refused.get(row[0], 0), waiting.get(row[0], 0)),
         "doubted_at": doubted.get(row[0], 0)} for row in rows
    ]  # fmt: skip


def _lags(store: Store, connection: Connection, tenant: str, devices: list[str]) -> dict[str, _Lag]:
    lags: dict[str, _Lag] = {}
    rows = store.run(
        connection, f"{_LAGS} AND {store.any_of('c.device_id')}", (tenant, store.listed(devices))
    ).fetchall()  # fmt: skip
    for device_id, scope, behind, seen_at in rows:
        lag = lags.setdefault(device_id, _Lag(by_scope={}))
        lag.rows += max(0, int(behind))
        lag.seen_at = max(lag.seen_at, int(seen_at))
        if behind > 0 and lag.by_scope is not None:
            lag.by_scope[scope] = int(behind)
    return lags


def _desk(row: Any, lag: _Lag | None, refused: int, waiting: int) -> dict[str, Any]:
    seen = max(row[7], row[14] or 0, lag.seen_at if lag is not None else 0)
    return {
        "id": row[0], "branch_id": row[1], "branch_code": row[2], "desk_code": row[3], "scopes": json.loads(row[4]),
        "role": row[5], "enrolled_at": row[6], "last_contact": seen, "last_push": row[7], "revoked_at": row[8],
        "replaces": row[9], "replaced": is_replaced(seen, row[17]), "operations": row[10],
        "program": row[11] or "", "platform": row[12] or "",
        "protocol": row[13] or 0, "schema": max(0, row[16] or 0), "ahead_ms": row[15] or 0,
        "lag": None if lag is None else lag.rows,
        "lag_at": 0 if lag is None else lag.seen_at,
        "unsent": row[18] if row[20] else None, "oldest_unsent_at": row[19] or 0, "unsent_said_at": row[20] or 0,
        "lag_by_scope": {} if lag is None else lag.by_scope or {}, "refused": refused, "quarantined": waiting,
    }  # fmt: skip


def is_replaced(seen: int, enrolled_at: int | None) -> bool:
    """Whether an identity is only a former one of a desk, which took another at `enrolled_at`. One that was seen since
    is at work: its disk was cloned, and the copy took the other one."""
    return enrolled_at is not None and seen <= enrolled_at


def list_conflicts(
    store: Store, connection: Connection, tenant: str, *, after: str, limit: int
) -> list[dict[str, Any]]:  # fmt: skip
    """Orders of all branches that lost their vehicle and are not settled, the newest first."""
    condition, values = ("", [tenant]) if not after else (" AND c.order_id < ?", [tenant, after])
    rows = store.run(connection, f"{_CONFLICTS}{condition} ORDER BY c.order_id DESC LIMIT ?", (*values, limit))
    codes = {one["id"]: one["code"] for one in _branches(store, connection, tenant)}
    found = []
    for order_id, vin, at, scope, body in rows.fetchall():
        fields = load(body.encode("utf-8")) if body else {}
        found.append(
            {
                "order_id": order_id, "vin": vin, "at": at, "branch_id": scope or "",
                "branch_code": codes.get(scope or "", ""), "number": fields.get("number") or "",
                "state": fields.get("state") or "", "winner": fields.get("claim_winner") or {},
            }
        )  # fmt: skip
    return found


def list_leases(
    store: Store, connection: Connection, tenant: str, *, after: str, limit: int, now: int
) -> list[dict[str, Any]]:
    """Vehicles secured for desks now, by VIN. `now` in microseconds."""
    rows = store.run(
        connection,
        "SELECT vin, lease_id, device_id, branch_id, branch_code, desk_code, staff_id, at, until FROM vehicle_lease"
        " WHERE tenant_id = ? AND until > ? AND vin > ? ORDER BY vin LIMIT ?",
        (tenant, now, after, limit),
    )
    names = ("vin", "lease_id", "device_id", "branch_id", "branch_code", "desk_code", "staff_id", "at", "until")
    return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
