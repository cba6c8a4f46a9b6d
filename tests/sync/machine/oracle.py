"""The final oracle: what must be true once everybody has met the centre, whatever happened before."""

import json
from collections import Counter
from typing import Any

from app.document_log.queries import proof_of
from db.base import GROUP_SCOPE
from db.digests import row_digest
from sync.client.document_log import LogKeeper
from sync.client.outbox import Acknowledged, next_batch
from sync.client.status import SyncState
from sync.client.tables import plan_of, replicated_tables
from sync.protocol.codec import dump, load
from sync.protocol.document_log import Fault
from sync.protocol.guarding import GUARDS, guarded_by
from tests.sync.machine.centre import TENANT, Centre
from tests.sync.machine.station import Station
from tests.sync.machine.world import World

Key = tuple[str, str]
LIVE = ("CANCELLED", "RETURNED")
_OF_A_BACKUP = {
    Fault.RESTORED, Fault.SHORTER, Fault.FORKED, Fault.REWRITTEN, Fault.OTHER_LOG, Fault.KEY_CHANGED,
}  # fmt: skip
"""What a desk may say of the log of a centre that came from a backup, also before anybody told that centre."""
_REFUSED_VISIBLY = (
    "SELECT record_id FROM outbox_operation WHERE table_name = 'sales_order' AND state = 'rejected'"
    " AND (result LIKE '%scope_denied%' OR result LIKE '%transaction_rejected%')"
)
"""What was made for a branch that was taken from the desk meanwhile: nobody may write there in its name any more."""


def judge(world: World) -> None:
    """Everything `sync.md` promises; raises AssertionError with what is not so."""
    findings = world.centre.findings()
    assert not findings, f"check: {findings}"
    at_centre = _records(world.centre)
    _orders_arrived(world, at_centre)
    _sold_once(world.centre, at_centre)
    _leases_held(world, at_centre)
    _nothing_needed_is_gone(world, at_centre)
    for station in world.stations.values():
        _agrees(station, world.centre, at_centre)
    _replicas_are_identical(world)
    _log_only_grew(world)
    before = _dump(world.centre)
    for station in world.stations.values():
        _replayed(station, world)
    assert _dump(world.centre) == before, "a replay changed the centre"


def _records(centre: Centre) -> dict[Key, tuple[str, int, int, int, dict[str, Any]]]:
    """`{(table, id): (scope, ver, seq, deleted, fields)}`"""
    rows = centre.rows(
        "SELECT table_name, record_id, scope, ver, seq, deleted, body FROM replica_row WHERE tenant_id = ?", TENANT
    )
    return {(row[0], row[1]): (row[2], row[3], row[4], row[5], json.loads(row[6])) for row in rows}


def _orders_arrived(world: World, at_centre: dict[Key, Any]) -> None:
    missing = {order: name for order, name in world.orders.items() if ("sales_order", order) not in at_centre}
    for order in _refused_visibly(world):
        missing.pop(order, None)
    assert not missing, f"orders that never arrived: {missing}"


def _refused_visibly(world: World) -> set[str]:
    """Orders that stand in the list of what was refused, at desks that lost a branch: somebody there has to decide."""
    lost = (world.stations[name] for name in getattr(world, "lost_rights", ()))
    return {order for station in lost for order in station.ids(_REFUSED_VISIBLY)}


def _leases_held(world: World, at_centre: dict[Key, Any]) -> None:
    """No order made under a lease lost its vehicle to anybody but another one made so at the same desk."""
    bound = getattr(world, "bound", {})
    lost = set(world.centre.rows("SELECT order_id, vin FROM claim_conflict")) if bound else set()
    for order, vin in bound.items():
        fields = at_centre["sales_order", order][4]
        if (order, vin) in lost and (fields.get("claim_winner") or {}).get("order_id") not in bound:
            raise AssertionError(f"{order} was sold under a lease of {vin} and lost it: {fields}")


def _sold_once(centre: Centre, at_centre: dict[Key, Any]) -> None:
    """At most one winner a vehicle, which is the holder of the claim; every loser flagged, with a task."""
    orders = {key[1]: row[4] for key, row in at_centre.items() if key[0] == "sales_order" and not row[3]}
    vins = {key[1]: row[4].get("vin") for key, row in at_centre.items() if key[0] == "vehicle_unit"}
    claims = dict(centre.rows("SELECT vin, holder_id FROM vehicle_claim WHERE kind = 'order'"))
    winners: dict[Any, list[str]] = {}
    for order, fields in orders.items():
        if fields.get("state") in LIVE:
            continue
        state = fields.get("claim_state")
        assert state in ("confirmed", "conflict"), f"order {order} is left {state}"
        assert (state == "conflict") == bool(fields.get("claim_winner")), f"order {order} is not flagged"
        if state == "confirmed":
            winners.setdefault(vins[fields["vehicle_unit_id"]], []).append(order)
    for vin, won in winners.items():
        assert len(won) == 1, f"{vin} was sold {len(won)} times"
        assert claims.get(vin) == won[0], f"{vin} is claimed by {claims.get(vin)}, sold by {won[0]}"
    assert set(claims) == set(winners), "a vehicle is claimed by no order"
    numbers = Counter(fields["final_number"] for fields in orders.values() if fields.get("final_number"))
    assert all(count == 1 for count in numbers.values()), f"numbers given twice: {numbers.most_common(2)}"
    flagged = {
        row[4].get("params", {}).get("order_id") for key, row in at_centre.items() if key[0] == "task" and not row[3]
    }  # fmt: skip
    lost = {order for order, fields in orders.items() if fields.get("claim_state") == "conflict"}
    lost -= {order for order in lost if orders[order].get("state") in LIVE}
    assert lost <= flagged, f"no task for {lost - flagged}"


def _nothing_needed_is_gone(world: World, at_centre: dict[Key, Any]) -> None:
    """Deleting loses to payments and contracts, also to those that came after it."""
    refused = {("sales_order", order) for order in _refused_visibly(world)}
    asked = set(world.centre.rows("SELECT table_name, record_id FROM needed_record")) - refused
    assert not asked, f"still asked for: {asked}"
    for (table, record_id), (*_, deleted, fields) in at_centre.items():
        if table not in GUARDS or deleted:
            continue
        for key in set(guarded_by(table, fields)) - refused:
            assert key in at_centre and not at_centre[key][3], f"{table} {record_id} needs {key}, which is gone"


def _agrees(station: Station, centre: Centre, at_centre: dict[Key, Any]) -> None:
    """A desk holds exactly what the centre has in its scopes; beyond that only what it knows to be refused."""
    status = station.desk.engine.refresh_status()
    assert (status.state, status.unsent) == (SyncState.AGREED, 0), f"{station.name}: {status}"
    scopes = _scopes_of(station, centre)
    wanted = {
        key: (row[1], row_digest(key[0], row[4]))
        for key, row in at_centre.items()
        if not row[3] and (scopes is None or row[0] in scopes)
    }
    here = _held(station)
    refused = {
        tuple(row)
        for row in station.desk.rows("SELECT table_name, record_id FROM outbox_operation WHERE state = 'rejected'")
    }
    extra = {key for key in here.keys() - wanted.keys() if not (here[key][0] == 0 and key in refused)}
    assert not extra, f"{station.name} has what the centre has not: {_told(extra, here, at_centre)}"
    missing = wanted.keys() - here.keys()
    assert not missing, f"{station.name} lacks {_told(missing, here, at_centre)}"
    differing = {key for key in wanted if here[key] != wanted[key]}
    assert not differing, f"{station.name} differs in {_told(differing, here, at_centre)}"


def _told(keys: Any, here: Any, at_centre: Any) -> Any:
    return [(key, here.get(key), at_centre.get(key)) for key in sorted(keys)[:3]]


def _scopes_of(station: Station, centre: Centre) -> set[str] | None:
    device = next(one for one in centre.devices() if one.id == station.device_id)
    return None if device.scopes is None else {GROUP_SCOPE, *device.scopes}


def _held(station: Station) -> dict[Key, tuple[int, str]]:
    """Version and digest of every record that is alive at a desk."""
    found: dict[Key, tuple[int, str]] = {}
    for table in replicated_tables():
        plan = plan_of(table)
        assert plan is not None
        for values in station.desk.rows(f"{plan.select_sql} WHERE deleted_at IS NULL"):
            stored = plan.published(values)
            found[table, stored.id] = (stored.ver, row_digest(table, load(dump(stored.fields))))
    return found


def _replicas_are_identical(world: World) -> None:
    """Desks that read the same scopes hold the same values, column by column."""
    first: dict[Any, tuple[str, dict[str, Any]]] = {}
    for station in world.stations.values():
        scopes = _scopes_of(station, world.centre)
        if station.desk.rows("SELECT 1 FROM outbox_operation WHERE state = 'rejected' LIMIT 1"):
            continue  # what was refused stays where it was made, and is compared record by record above
        key = None if scopes is None else frozenset(scopes)
        snapshot = station.desk.snapshot()
        name, known = first.setdefault(key, (station.name, snapshot))
        assert known == snapshot, f"{name} and {station.name} differ"


def _log_only_grew(world: World) -> None:
    """No desk found anything wrong with the log, unless the centre was restored; all that was sealed is proved."""
    may_be = _OF_A_BACKUP if getattr(world, "has_come_back", False) else set[str]()
    logged = {row[0] for row in world.centre.rows("SELECT digest FROM document_log_entry WHERE tenant_id = ?", TENANT)}
    for station in world.stations.values():
        desk = station.desk
        LogKeeper(desk.database, desk.engine.transport, clock=desk.clock, on_changes=lambda _: None).keep(asked=True)
        kinds = {row[0] for row in desk.rows("SELECT kind FROM log_alarm")}
        assert kinds <= may_be, f"{station.name}: {kinds}"
        if Fault.KEY_CHANGED in kinds:
            continue  # the backup was older than the log's key: somebody has to look
        pending = {row[0] for row in desk.rows("SELECT digest FROM document_proof WHERE pending = 1")}
        assert not pending & logged, f"{station.name} has no proof of {pending & logged}"
        for digest in [row[0] for row in desk.rows("SELECT digest FROM document_proof WHERE pending = 0")]:
            with desk.database.read() as session:
                proof = proof_of(session, digest)
            assert proof is not None
            proof.check(digest=digest)


def _dump(centre: Centre) -> dict[str, list[Any]]:
    """Everything a replay must not change."""
    kept = {
        "replica_row": "table_name, record_id, scope, ver, seq, deleted, body, field_clock",
        "vehicle_claim": "vin, kind, holder_id, number", "sync_scope": "scope, head, min_seq",
        "applied_operation": "device_id, n, outcome, ver, seq, code, detail", "claim_conflict": "order_id, vin, tasks",
        "scope_leave": "scope, seq, table_name, record_id",
    }  # fmt: skip
    return {table: sorted(centre.rows(f"SELECT {columns} FROM {table}")) for table, columns in kept.items()}


def _replayed(station: Station, world: World) -> None:
    """Every operation this desk sent under its present name is sent once more: the same answers, nothing changes."""
    centre = world.centre
    begin = station.transport.begins.get(station.device_id)
    if begin is None or centre.pruned:
        return
    after: Acknowledged | None = Acknowledged(*begin)
    stored = {
        row[0]: tuple(row[1:])
        for row in centre.rows(
            "SELECT n, outcome, ver, seq, code FROM applied_operation WHERE device_id = ?", station.device_id
        )
    }
    while after is not None:
        batch = next_batch(station.desk.database, after, most=50)
        if batch is None or batch.last.n - after.n != len(batch.operations):
            return  # operations of long ago, by the desk's clock, are forgotten
        answer = station.transport.push(batch.message(""))
        for n, outcome, ver, seq, *rest in answer["results"]:
            assert stored[n] == (outcome, ver, seq, rest[0] if rest else ""), f"{station.name}: operation {n}"
        after = batch.last
