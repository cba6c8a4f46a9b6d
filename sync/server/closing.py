"""What the centre knows about a branch's month that no desk can know: desks that were not heard of since, and what was
set aside. Nothing is changed here.
"""

from typing import Any

from app.kernel.permissions import Permission
from sync.protocol.codec import load
from sync.protocol.codes import ErrorCode
from sync.protocol.operations import is_identifier
from sync.server.devices import Device
from sync.server.inquiries import require
from sync.server.refusals import Refusal
from sync.server.store import Connection, Store

MOST_NAMED = 100
"""So many operations in quarantine are told one by one; of more, only how many."""


def closing(store: Store, device: Device, message: Any, /, *, now_ms: int) -> dict[str, Any]:
    """Desks of a branch with their last contact, and operations of theirs in quarantine. Raises Refusal."""
    scope, since = message.scope, message.since
    if not device.may_use(scope) or not is_identifier(scope):
        raise Refusal(ErrorCode.NOT_PERMITTED, scope=str(scope))
    with store.read() as connection:
        require(store, connection, device, {"by": message.by}, Permission.SYNC_VIEW)
        desks = desks_of(store, connection, device.tenant, scope)
        held = quarantined(store, connection, device.tenant, scope)
    return {
        "desks": [{**desk, "silent": desk["seen_at"] < since} for desk in desks],
        "quarantined": held[:MOST_NAMED], "quarantined_count": len(held), "now": now_ms,
    }  # fmt: skip


def desks_of(store: Store, connection: Connection, tenant: str, branch_id: str) -> list[dict[str, Any]]:
    """The desks of a branch that may still send, with the instant (microseconds) of their last visit, pushing or
    reading. An identity that a later one replaced is the same desk and is left out."""
    rows = store.run(
        connection,
        "SELECT d.device_id, d.branch_code, d.desk_code, d.last_n, d.enrolled_at, d.last_seen_at,"
        " coalesce((SELECT max(c.seen_at) FROM device_cursor c WHERE c.tenant_id = d.tenant_id"
        " AND c.device_id = d.device_id), 0) FROM device d WHERE d.tenant_id = ? AND d.branch_id = ?"
        " AND d.revoked_at IS NULL AND NOT EXISTS (SELECT 1 FROM device r WHERE r.tenant_id = d.tenant_id"
        " AND r.replaces = d.device_id) ORDER BY d.branch_code, d.desk_code, d.enrolled_at",
        (tenant, branch_id),
    )
    return [
        {
            "device_id": device_id, "branch_code": branch, "desk_code": desk, "last_n": last_n,
            "seen_at": max(enrolled_at, pushed_at, read_at),
        }
        for device_id, branch, desk, last_n, enrolled_at, pushed_at, read_at in rows
    ]  # fmt: skip


def quarantined(store: Store, connection: Connection, tenant: str, branch_id: str) -> list[dict[str, Any]]:
    """What desks of a branch sent and the centre set aside, the oldest first: what each was about, never its values."""
    rows = store.run(
        connection,
        "SELECT q.device_id, q.n, q.reason, q.body, q.received_at, d.desk_code FROM quarantined_operation q"
        " JOIN device d ON d.tenant_id = q.tenant_id AND d.device_id = q.device_id"
        " WHERE q.tenant_id = ? AND d.branch_id = ? ORDER BY q.received_at, q.device_id, q.n",
        (tenant, branch_id),
    )
    found = []
    for device_id, n, reason, body, received_at, desk_code in rows:
        operation = load(body.encode("utf-8"))
        found.append(
            {
                "device_id": device_id, "desk_code": desk_code, "n": n, "reason": reason, "received_at": received_at,
                "table": str(operation.get("table") or ""), "id": str(operation.get("id") or ""),
            }
        )  # fmt: skip
    return found
