"""The claims one request works with: locked, changed in memory, written at the end."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields

from sync.protocol.operations import ORDER
from sync.server.store import Connection, Store

_COLUMNS = (
    "vin", "kind", "holder_id", "scope", "vehicle_id", "number", "branch_id", "desk_code", "staff_id", "customer_id",
    "until", "at",
)  # fmt: skip


@dataclass(slots=True)
class Claim:
    """Who has the vehicle with this VIN; `kind` is empty when nobody has."""

    vin: str
    kind: str = ""
    holder_id: str = ""
    scope: str = ""
    vehicle_id: str = ""
    number: str = ""
    branch_id: str = ""
    desk_code: str = ""
    staff_id: str = ""
    customer_id: str = ""
    until: int | None = None
    at: int = 0
    units: dict[str, str] = field(default_factory=dict)
    """Records entered for this VIN, `{vehicle id: scope}`; kept in a table of their own."""

    def lives(self, now: int) -> bool:
        """Whether somebody has the vehicle at this instant (microseconds)."""
        return bool(self.kind) and (self.until is None or self.until > now)

    def copy(self) -> "Claim":
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return Claim(**{**values, "units": dict(self.units)})

    def free(self) -> None:
        """Nobody has it any more; the vehicle's records stay known."""
        empty = Claim(self.vin, units=self.units)
        for one in fields(self):
            setattr(self, one.name, getattr(empty, one.name))


@dataclass(frozen=True, slots=True)
class Conflict:
    """An order that lost the vehicle with this VIN; `tasks` are those made for it, `{id: scope}`."""

    vin: str
    tasks: dict[str, str]


class ClaimBook:
    """Rows of claims are locked before scopes, scopes before records: so no two requests wait for each other."""

    def __init__(self, store: Store, connection: Connection, *, tenant: str, now: int) -> None:
        self._store, self._connection, self._tenant = store, connection, tenant
        self.now = now
        self._claims: dict[str, Claim] = {}
        self._conflicts: dict[str, Conflict | None] = {}
        self._dirty: set[str] = set()
        self._settled: set[str] = set()
        self._entries: set[tuple[str, str, str]] = set()
        self._moved: dict[tuple[str, str], str] = {}
        self._moved_before: dict[tuple[str, str], str] = {}
        self._claims_before: dict[str, tuple[Claim, bool]] = {}
        self._conflicts_before: dict[str, tuple[Conflict | None, bool]] = {}

    def lock(self, vins: Iterable[str], *, present: Iterable[str] = ()) -> None:
        """Read and lock these claims, in the order of their VINs; of `present` those that exist."""
        wanted = sorted(vins)
        if wanted:
            self._store.insert_missing(
                self._connection, "vehicle_claim", ("tenant_id", *_COLUMNS),
                [(self._tenant, vin, "", "", "", "", "", "", "", "", "", None, 0) for vin in wanted],
            )  # fmt: skip
        every = sorted({*wanted, *present})
        if every:
            self._read(every, self._store.lock)

    def vins_of(self, order_ids: Iterable[str]) -> set[str]:
        """The vehicles these orders are about, as far as the centre has them."""
        units = self._fields_of("sales_order", order_ids, "vehicle_unit_id")
        return self.vins_of_units(units) if units else set()

    def vins_of_units(self, unit_ids: Iterable[str]) -> set[str]:
        """The VINs of these records, as far as the centre has them."""
        return self._fields_of("vehicle_unit", unit_ids, "vin")

    def _fields_of(self, table: str, ids: Iterable[str], name: str) -> set[str]:
        rows = self._store.run(
            self._connection,
            "SELECT body FROM replica_row WHERE tenant_id = ? AND table_name = ? AND "
            + self._store.any_of("record_id"),
            (self._tenant, table, self._store.listed(ids)),
        )
        return {value for row in rows.fetchall() if isinstance(value := json.loads(row[0]).get(name), str)}

    def load(self, vins: Iterable[str]) -> None:
        """Read further claims, to look at only."""
        missing = [vin for vin in vins if vin not in self._claims]
        if missing:
            self._read(missing, "")

    def _read(self, vins: list[str], lock: str) -> None:
        rows = self._store.run(
            self._connection,
            f"SELECT {', '.join(_COLUMNS)} FROM vehicle_claim WHERE tenant_id = ? AND {self._store.any_of('vin')}"
            f" ORDER BY vin{lock}",
            (self._tenant, self._store.listed(vins)),
        )
        for row in rows.fetchall():
            self._claims[row[0]] = Claim(*row)
        entries = self._store.run(
            self._connection,
            f"SELECT vin, vehicle_id, scope FROM vehicle_entry WHERE tenant_id = ? AND {self._store.any_of('vin')}",
            (self._tenant, self._store.listed(vins)),
        )
        for vin, vehicle_id, scope in entries.fetchall():
            if vin in self._claims:
                self._claims[vin].units[vehicle_id] = scope

    def load_conflicts(self, order_ids: Iterable[str]) -> None:
        """Read which of these orders lost a vehicle and are not settled."""
        listed = list(order_ids)
        self._conflicts.update(dict.fromkeys(listed))
        rows = self._store.run(
            self._connection,
            "SELECT order_id, vin, tasks FROM claim_conflict WHERE tenant_id = ? AND " + self._store.any_of("order_id"),
            (self._tenant, self._store.listed(listed)),
        )
        self._conflicts.update({row[0]: Conflict(row[1], json.loads(row[2])) for row in rows.fetchall()})

    def scopes(self) -> set[str]:
        """Every scope a decision about these claims may write to."""
        found = {claim.scope for claim in self._claims.values() if claim.scope}
        for claim in self._claims.values():
            found.update(claim.units.values())
        for conflict in self._conflicts.values():
            if conflict is not None:
                found.update(conflict.tasks.values())
        return found

    def keys(self) -> set[tuple[str, str]]:
        """The records a decision about these claims looks at."""
        found = {("sales_order", claim.holder_id) for claim in self._claims.values() if claim.kind == ORDER}
        for claim in self._claims.values():
            found.update(("vehicle_unit", unit) for unit in claim.units)
        return found

    def get(self, vin: str) -> Claim | None:
        """The claim, to look at."""
        return self._claims.get(vin)

    def held_by(self, order_id: str) -> list[Claim]:
        """The claims of an order among those read."""
        return [one for one in self._claims.values() if one.kind == ORDER and one.holder_id == order_id]

    def change(self, vin: str) -> Claim:
        """The claim, to be changed; it was locked or loaded before."""
        claim = self._claims[vin]
        if vin not in self._claims_before:
            self._claims_before[vin] = (claim.copy(), vin in self._dirty)
        self._dirty.add(vin)
        return claim

    def enter(self, vin: str, vehicle_id: str, scope: str) -> None:
        """Note that this record stands for the vehicle with this VIN; harmless when it is known."""
        self._entries.add((vin, vehicle_id, scope))
        claim = self._claims.get(vin)
        if claim is not None:
            claim.units.setdefault(vehicle_id, scope)

    def moved(self, vin: str, vehicle_id: str, scope: str) -> None:
        """A record of this vehicle stands in another scope from now on."""
        claim = self.change(vin)
        claim.units[vehicle_id] = scope
        self._moved[vin, vehicle_id] = scope

    def conflict_of(self, order_id: str) -> Conflict | None:
        """The unsettled conflict of an order."""
        return self._conflicts.get(order_id)

    def set_conflict(self, order_id: str, conflict: Conflict | None) -> None:
        """Note that an order lost its vehicle, or that this is settled."""
        if order_id not in self._conflicts_before:
            self._conflicts_before[order_id] = (self._conflicts.get(order_id), order_id in self._settled)
        self._conflicts[order_id] = conflict
        self._settled.add(order_id)

    def begin(self) -> None:
        """Remember the present state as the one `rollback` goes back to."""
        if self._claims_before or self._conflicts_before:
            self._claims_before.clear()
            self._conflicts_before.clear()
        self._moved_before = dict(self._moved)

    def rollback(self) -> None:
        """Forget everything since `begin`."""
        for vin, (claim, was_dirty) in self._claims_before.items():
            self._claims[vin] = claim
            if not was_dirty:
                self._dirty.discard(vin)
        for order_id, (conflict, was_settled) in self._conflicts_before.items():
            self._conflicts[order_id] = conflict
            if not was_settled:
                self._settled.discard(order_id)
        self._moved = dict(self._moved_before)
        self.begin()

    def write(self) -> None:
        """Store what changed."""
        marks = ", ".join(f"{name} = ?" for name in _COLUMNS[1:])
        changed = [self._claims[vin] for vin in sorted(self._dirty)]
        self._store.run_many(
            self._connection,
            f"UPDATE vehicle_claim SET {marks} WHERE tenant_id = ? AND vin = ?",
            [
                (
                    c.kind, c.holder_id, c.scope, c.vehicle_id, c.number, c.branch_id, c.desk_code, c.staff_id,
                    c.customer_id, c.until, c.at, self._tenant, c.vin,
                )
                for c in changed
            ],
        )  # fmt: skip
        self._store.insert_missing(
            self._connection, "vehicle_entry", ("tenant_id", "vin", "vehicle_id", "scope"),
            [(self._tenant, *entry) for entry in sorted(self._entries)],
        )  # fmt: skip
        self._store.run_many(
            self._connection,
            "UPDATE vehicle_entry SET scope = ? WHERE tenant_id = ? AND vin = ? AND vehicle_id = ?",
            [(scope, self._tenant, *entry) for entry, scope in sorted(self._moved.items())],
        )
        settled = sorted(self._settled)
        self._store.run_many(
            self._connection,
            "DELETE FROM claim_conflict WHERE tenant_id = ? AND order_id = ?",
            [(self._tenant, order_id) for order_id in settled],
        )
        self._store.insert_many(
            self._connection, "claim_conflict", ("tenant_id", "order_id", "vin", "tasks", "at"),
            [
                (self._tenant, order_id, conflict.vin, json.dumps(conflict.tasks), self.now)
                for order_id in settled
                if (conflict := self._conflicts[order_id]) is not None
            ],
        )  # fmt: skip
