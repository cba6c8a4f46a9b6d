"""Which branch owns the vehicle with a VIN, and to which one it is promised: one row a VIN, so never two.

All records entered for one VIN lie in the scope of its owner. They change it together, by a transfer that the centre
has settled, and by nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from sync.server.store import Connection, Store


@dataclass(frozen=True, slots=True)
class Owner:
    """`scope` is empty for a VIN nobody owns yet; `transfer_id` and `to_scope` of the transfer it is promised to."""

    vin: str
    scope: str = ""
    vehicle_id: str = ""
    transfer_id: str = ""
    to_scope: str = ""
    order_id: str = ""
    number: str = ""
    at: int = 0


_COLUMNS = tuple(one.name for one in fields(Owner))


class OwnerBook:
    """The owners one request works with: locked after the claims and before the scopes, written at the end."""

    def __init__(self, store: Store, connection: Connection, *, tenant: str) -> None:
        self._store, self._connection, self._tenant = store, connection, tenant
        self._owners: dict[str, Owner] = {}
        self._stored: dict[str, Owner] = {}
        self._before: dict[str, Owner] = {}

    def lock(self, vins: Iterable[str]) -> None:
        """Read and lock the rows of these VINs in their order; those that are missing are made first."""
        wanted = sorted(set(vins) - self._owners.keys())
        if not wanted:
            return
        empty = [tuple(getattr(Owner(vin), name) for name in _COLUMNS) for vin in wanted]
        self._store.insert_missing(
            self._connection, "vehicle_owner", ("tenant_id", *_COLUMNS), [(self._tenant, *row) for row in empty]
        )
        found = self._store.run(
            self._connection,
            f"SELECT {', '.join(_COLUMNS)} FROM vehicle_owner WHERE tenant_id = ? AND {self._store.any_of('vin')}"
            f" ORDER BY vin{self._store.lock}",
            (self._tenant, self._store.listed(wanted)),
        )
        for row in found.fetchall():
            self._owners[row[0]] = self._stored[row[0]] = Owner(*row)

    def look_up(self, vin: str) -> None:
        """Read a further owner, to look at only."""
        if vin in self._owners:
            return
        found = self._store.run(
            self._connection, f"SELECT {', '.join(_COLUMNS)} FROM vehicle_owner WHERE tenant_id = ? AND vin = ?",
            (self._tenant, vin),
        ).first()  # fmt: skip
        if found is not None:
            self._owners[vin] = self._stored[vin] = Owner(*found)

    def scopes(self) -> set[str]:
        """Every scope a decision about these vehicles may write to."""
        named = {scope for owner in self._owners.values() for scope in (owner.scope, owner.to_scope)}
        return named - {""}

    def keys(self) -> set[tuple[str, str]]:
        """The records a decision about these vehicles looks at."""
        return {("vehicle_unit", owner.vehicle_id) for owner in self._owners.values() if owner.vehicle_id}

    def get(self, vin: str) -> Owner | None:
        """The owner; None for a VIN that nobody owns or that was not locked."""
        owner = self._owners.get(vin)
        return owner if owner is not None and owner.scope else None

    def set(self, vin: str, **values: str | int) -> Owner:
        """Change the row of a VIN that was locked."""
        known = self._owners[vin]
        self._before.setdefault(vin, known)
        self._owners[vin] = replace(known, **values)  # type: ignore[arg-type]
        return self._owners[vin]

    def begin(self) -> None:
        """Remember the present state as the one `rollback` goes back to."""
        self._before.clear()

    def rollback(self) -> None:
        """Forget everything since `begin`."""
        self._owners.update(self._before)
        self._before.clear()

    def write(self) -> None:
        """Store what changed."""
        marks = ", ".join(f"{name} = ?" for name in _COLUMNS[1:])
        changed = [owner for vin, owner in sorted(self._owners.items()) if owner != self._stored[vin]]
        self._store.run_many(
            self._connection,
            f"UPDATE vehicle_owner SET {marks} WHERE tenant_id = ? AND vin = ?",
            [(*(getattr(owner, name) for name in _COLUMNS[1:]), self._tenant, owner.vin) for owner in changed],
        )
