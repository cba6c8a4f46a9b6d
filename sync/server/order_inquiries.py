"""What the centre knows about orders beyond their records: who has their vehicles, and which it does not have."""

from collections.abc import Iterable, Mapping
from typing import Any

from sync.protocol.codec import load
from sync.server.store import Connection, Store

BODIES = "SELECT record_id, body FROM replica_row WHERE tenant_id = ? AND table_name = ? AND deleted = 0 AND "


def about_orders(
    store: Store, connection: Connection, tenant: str, orders: Mapping[str, Mapping[str, Any]], *, now: int
) -> dict[str, dict[str, Any]]:
    """By order: the VIN of its vehicle, which order the vehicle's record names, and who has the VIN (`claim`, None
    where nobody has). An order whose vehicle the centre does not know has an empty `vin`. `now` in microseconds."""
    wanted = {str(fields.get("vehicle_unit_id") or "") for fields in orders.values()}
    units = bodies(store, connection, tenant, "vehicle_unit", wanted)
    claims = claims_of(store, connection, tenant, (str(unit.get("vin") or "") for unit in units.values()), now=now)
    about = {}
    for order_id, fields in orders.items():
        unit = units.get(str(fields.get("vehicle_unit_id") or ""), {})
        vin = str(unit.get("vin") or "")
        about[order_id] = {"vin": vin, "unit_order": unit.get("order_id") or "", "claim": claims.get(vin)}
    return about


def unknown_orders(store: Store, connection: Connection, tenant: str, ids: Iterable[str]) -> set[str]:
    """Which of these orders the centre does not have, or has removed."""
    wanted = {one for one in ids if one}
    if not wanted:
        return set()
    known = store.run(
        connection,
        "SELECT record_id FROM replica_row WHERE tenant_id = ? AND table_name = 'sales_order' AND deleted = 0 AND "
        + store.any_of("record_id"),
        (tenant, store.listed(sorted(wanted))),
    )
    return wanted - {row[0] for row in known}


def bodies(
    store: Store, connection: Connection, tenant: str, table: str, ids: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """The fields of records, by id; those the centre does not have, or has removed, are left out."""
    wanted = sorted({one for one in ids if one})
    if not wanted:
        return {}
    rows = store.run(connection, BODIES + store.any_of("record_id"), (tenant, table, store.listed(wanted)))
    return {record_id: load(body.encode("utf-8")) for record_id, body in rows}


def claims_of(
    store: Store, connection: Connection, tenant: str, vins: Iterable[str], *, now: int
) -> dict[str, list[Any]]:
    """By VIN the running claim on it, `[kind, holder, number, branch, until]`."""
    wanted = sorted({vin for vin in vins if vin})
    if not wanted:
        return {}
    rows = store.run(
        connection,
        "SELECT vin, kind, holder_id, number, branch_id, until FROM vehicle_claim WHERE tenant_id = ? AND"
        f" {store.any_of('vin')} AND kind <> ''",
        (tenant, store.listed(wanted)),
    )
    return {vin: [kind, *rest, until] for vin, kind, *rest, until in rows if until is None or until > now}
