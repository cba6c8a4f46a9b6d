"""Questions a desk asks besides its feed: what other branches have, and what the centre holds of its own branch.

Nothing is changed here. Every answer is bounded, and says only what the desk, and the person who asks, may read.
"""

from collections.abc import Iterable
from typing import Any

from app.kernel.permissions import Permission
from db.base import replicated_models
from db.digests import row_digest
from sync.protocol.codec import embed, load
from sync.protocol.codes import ErrorCode
from sync.protocol.limits import FIRST_PAGE_ROWS, STOCK_ROWS, STOCK_TRIMS
from sync.protocol.operations import ORDER, is_identifier, is_scope
from sync.server.devices import Device
from sync.server.order_inquiries import about_orders, unknown_orders
from sync.server.refusals import Refusal
from sync.server.rights import permissions_of
from sync.server.store import Connection, Store

_LOOKED_THROUGH = 5_000
_CHUNK = 500
_SHOWN = (
    "vin", "trim_id", "exterior_colour", "interior_colour", "stock_number", "stock_state", "list_price", "arrived_on",
    "odometer_km",
)  # fmt: skip


def find_stock(store: Store, device: Device, message: Any, *, now_ms: int) -> dict[str, Any]:
    """Vehicles of other branches that stand in the house or are on their way: never what they cost.

    `taken` says what has a vehicle: "order", "hold", "transfer", "lease" (secured for a desk), or nothing.
    Raises Refusal.
    """
    message = _checked(message)
    trims, text = _listed(message, "trims", STOCK_TRIMS), str(message.get("text") or "").strip().upper()[:40]
    after = str(message.get("after") or "")
    with store.read() as connection:
        require(store, connection, device, message, Permission.TRANSFERS_REQUEST)
        found: list[dict[str, Any]] = []
        looked = 0
        cursor: str | None = after
        while cursor is not None and looked < _LOOKED_THROUGH and len(found) < STOCK_ROWS:
            rows = _units_after(store, connection, device, trims=trims, text=text, after=cursor)
            looked += _CHUNK
            fitting = [row for row in rows if _fits(row, text)]
            room = STOCK_ROWS - len(found)
            found += fitting[:room]
            last = rows[-1]["id"] if len(rows) == _CHUNK else None
            cursor = found[-1]["id"] if len(fitting) > room else last
        taken = _taken(store, connection, device.tenant, [row["vin"] for row in found], now=now_ms * 1000)
    return {"rows": [{**row, "taken": taken.get(row["vin"], "")} for row in found], "next": cursor}


def _units_after(
    store: Store, connection: Connection, device: Device, *, trims: list[str], text: str, after: str
) -> list[dict[str, Any]]:  # fmt: skip
    wanted = "".join(f" AND ({' OR '.join(['body LIKE ?'] * len(trims))})" if trims else "")
    searched = " AND upper(body) LIKE ? ESCAPE '!'" if text else ""
    escaped = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    values = [f'%"trim_id":"{trim}"%' for trim in trims] + ([f"%{escaped}%"] if text else [])
    rows = store.run(
        connection,
        "SELECT record_id, scope, body FROM replica_row WHERE tenant_id = ? AND table_name = 'vehicle_unit'"
        f" AND record_id > ? AND deleted = 0 AND scope <> ?{wanted}{searched} ORDER BY record_id LIMIT {_CHUNK}",
        (device.tenant, after, device.branch_id, *values),
    )
    made = []
    for record_id, scope, body in rows:
        fields = load(body.encode("utf-8"))
        made.append({"id": record_id, "branch_id": scope, **{name: fields.get(name) for name in _SHOWN}})
    return made


def _fits(row: dict[str, Any], text: str) -> bool:
    if (row["stock_state"] or "IN_STOCK") not in ("IN_STOCK", "IN_TRANSIT"):
        return False
    return not text or any(text in str(row[name] or "").upper() for name in ("vin", "stock_number"))


def _taken(store: Store, connection: Connection, tenant: str, vins: list[str], *, now: int) -> dict[str, str]:
    named = (tenant, store.listed(vins))
    promised = store.run(
        connection,
        f"SELECT vin FROM vehicle_owner WHERE tenant_id = ? AND {store.any_of('vin')} AND transfer_id <> ''", named,
    )  # fmt: skip
    leased = store.run(
        connection, f"SELECT vin FROM vehicle_lease WHERE tenant_id = ? AND {store.any_of('vin')} AND until > ?",
        (*named, now),
    )  # fmt: skip
    taken = dict.fromkeys((str(row[0]) for row in leased), "lease")
    taken |= dict.fromkeys((str(row[0]) for row in promised), "transfer")
    claims = store.run(
        connection,
        f"SELECT vin, kind, until FROM vehicle_claim WHERE tenant_id = ? AND {store.any_of('vin')} AND kind <> ''",
        named,
    )
    taken.update({str(vin): str(kind) for vin, kind, until in claims if until is None or until > now})
    return taken


def compare(store: Store, device: Device, message: Any, *, now_ms: int) -> dict[str, Any]:
    """What the centre has of one table in one scope, in pages of `[id, ver, seq, deleted, digest]` in the order of ids.

    For vehicles `about` says by VIN who owns it, who has it, under which ids it was entered, and which of its orders
    the centre does not have; for orders by id what `about_orders` says. Raises Refusal.
    """
    message = _checked(message)
    table, scope = str(message.get("table") or ""), message.get("scope")
    if table not in replicated_models():
        raise Refusal(ErrorCode.MALFORMED, field="table")
    if not is_scope(scope) or not device.may_use(scope):
        raise Refusal(ErrorCode.NOT_PERMITTED, scope=str(scope))
    limit = message.get("limit", FIRST_PAGE_ROWS)
    if type(limit) is not int or not 1 <= limit <= FIRST_PAGE_ROWS:
        raise Refusal(ErrorCode.MALFORMED, field="limit")
    with store.read() as connection:
        require(store, connection, device, message, Permission.SYNC_VIEW)
        rows = store.run(
            connection,
            "SELECT record_id, ver, seq, deleted, body FROM replica_row WHERE tenant_id = ? AND table_name = ?"
            " AND record_id > ? AND scope = ? ORDER BY record_id LIMIT ?",
            (device.tenant, table, str(message.get("after") or ""), scope, limit),
        ).fetchall()
        listed: list[list[Any]] = []
        alive: dict[str, dict[str, Any]] = {}
        for record_id, ver, seq, deleted, body in rows:
            fields = load(body.encode("utf-8"))
            listed.append([record_id, ver, seq, deleted, "" if deleted else row_digest(table, fields)])
            if table in _EXPLAINED and not deleted:
                alive[record_id] = fields
        about = _EXPLAINED[table](store, connection, device.tenant, alive, now=now_ms * 1000) if alive else {}
    return {"rows": listed, "about": about, "next": rows[-1][0] if len(rows) == limit else None, "now": now_ms}


def _about_units(
    store: Store, connection: Connection, tenant: str, units: dict[str, dict[str, Any]], *, now: int
) -> dict[str, Any]:
    vins = [str(fields.get("vin") or "") for fields in units.values()]
    holders = {str(fields.get("vin") or ""): {fields.get("order_id") or ""} for fields in units.values()}
    named = (tenant, store.listed(vins))
    about: dict[str, dict[str, Any]] = {vin: {} for vin in vins}
    for vin, scope, number, to_scope in store.run(
        connection,
        f"SELECT vin, scope, number, to_scope FROM vehicle_owner WHERE tenant_id = ? AND {store.any_of('vin')}", named,
    ):  # fmt: skip
        about[vin] |= {"owner": scope, "transfer": number, "to": to_scope}
    for vin, kind, holder, number, branch, until in store.run(
        connection,
        "SELECT vin, kind, holder_id, number, branch_id, until FROM vehicle_claim WHERE tenant_id = ? AND"
        f" {store.any_of('vin')} AND kind <> ''",
        named,
    ):  # fmt: skip
        lives = until is None or until > now
        about[vin] |= {"claim": [kind, holder, number, branch, until] if lives else None, "ended": not lives}
        if lives and kind == ORDER:
            holders[vin].add(holder)
    for vin, vehicle_id in store.run(
        connection,
        "SELECT e.vin, e.vehicle_id FROM vehicle_entry e JOIN replica_row r ON r.tenant_id = e.tenant_id AND"
        " r.table_name = 'vehicle_unit' AND r.record_id = e.vehicle_id WHERE e.tenant_id = ? AND"
        f" {store.any_of('e.vin')} AND r.deleted = 0",
        named,
    ):
        about[vin].setdefault("entries", []).append(vehicle_id)
    unknown = unknown_orders(store, connection, tenant, (one for orders in holders.values() for one in orders))
    for vin, orders in holders.items():
        if not unknown.isdisjoint(orders):
            about[vin]["orders_unknown"] = sorted(orders & unknown)
    return about


_EXPLAINED = {"vehicle_unit": _about_units, "sales_order": about_orders}
"""Tables of which the centre says more than the digests: what nobody can work out from the records alone."""


def fetch_rows(store: Store, device: Device, message: Any) -> dict[str, Any]:
    """These records as they stand, as the feed carries them; of those the desk does not read, where they are.

    Without a person it is the desk that asks, to put its copy right: it may have what its feeds carry. Raises Refusal.
    """
    message = _checked(message)
    table, ids = str(message.get("table") or ""), _listed(message, "ids", FIRST_PAGE_ROWS)
    with store.read() as connection:
        require(store, connection, device, message, Permission.SYNC_VIEW)
        found = store.run(
            connection,
            "SELECT scope, table_name, record_id, ver, seq, created_at, updated_at, body, field_clock FROM replica_row"
            f" WHERE tenant_id = ? AND table_name = ? AND {store.any_of('record_id')} ORDER BY record_id",
            (device.tenant, table, store.listed(ids)),
        ).fetchall()
    rows = [[*row[:7], embed(row[7]), embed(row[8])] for row in found if device.may_use(row[0])]
    elsewhere = {row[2]: row[0] for row in found if not device.may_use(row[0])}
    return {"rows": rows, "elsewhere": elsewhere, "unknown": sorted(set(ids) - {row[2] for row in found})}


def _checked(message: Any) -> dict[str, Any]:
    if not isinstance(message, dict):
        raise Refusal(ErrorCode.MALFORMED, field="message")
    return message


def _listed(message: dict[str, Any], name: str, most: int) -> list[str]:
    values = message.get(name, [])
    if not isinstance(values, list) or len(values) > most or not all(is_identifier(value) for value in values):
        raise Refusal(ErrorCode.MALFORMED, field=name)
    return values


def require(
    store: Store, connection: Connection, device: Device, message: Any, permission: Permission
) -> None:  # fmt: skip
    require_permission(store, connection, device, message.get("by"), permission)


def require_permission(
    store: Store, connection: Connection, device: Device, person: Any, permission: Permission
) -> None:  # fmt: skip
    """That the desk is in good standing and the person's role, as the centre knows it, allows this. Raises Refusal."""
    if device.revoked_at is not None:
        raise Refusal(ErrorCode.DEVICE_REVOKED)
    role: Iterable[str] | Any = device.role
    if isinstance(person, str) and person:
        body = store.run(
            connection,
            "SELECT body FROM replica_row WHERE tenant_id = ? AND table_name = 'staff_member' AND record_id = ?"
            " AND deleted = 0",
            (device.tenant, person),
        ).scalar()
        role = device.role if body is None else load(body.encode("utf-8")).get("role", "")
    if permission not in permissions_of(str(role)):
        raise Refusal(ErrorCode.NOT_PERMITTED, permission=permission.value)
