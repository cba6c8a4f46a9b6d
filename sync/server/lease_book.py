"""Which desk may sell a vehicle although it is offline, as the requests that decide about vehicles see it.

The row of a lease is read and written only by whoever has locked the claim of its VIN: so a claim and a lease never
pass each other by.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from sync.protocol.limits import LEASE_GRACE_SECONDS
from sync.protocol.operations import LEASE
from sync.server.owner_book import Owner
from sync.server.store import Connection, Store

_GRACE = LEASE_GRACE_SECONDS * 1_000_000
_IDENTITIES = 16
"""So many identities of one desk are looked back."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One vehicle secured for one desk; `at` and `until` in microseconds of the centre's clock. `lease_id` is empty for
    one from before the centre was restored from a backup: its desk takes it anew under its next identity."""

    vin: str
    lease_id: str
    device_id: str
    branch_id: str
    branch_code: str
    desk_code: str
    staff_id: str
    vehicle_id: str
    at: int
    until: int

    def lives(self, now: int) -> bool:
        """Whether others are kept away at this instant: a little longer than the desk was promised."""
        return self.until + _GRACE > now

    @property
    def desk(self) -> str:
        """How people call the desk: SH01-D02."""
        return "-".join(part for part in (self.branch_code, self.desk_code) if part)

    def reference(self) -> dict[str, Any]:
        """What a loser is told, in the form of all winners."""
        return {
            "order_id": None, "number": self.desk, "branch_id": self.branch_id, "desk_code": self.desk_code,
            "at": self.at, "kind": LEASE, "until": self.until, "staff_id": self.staff_id,
        }  # fmt: skip


LEASE_COLUMNS = tuple(one.name for one in fields(Lease))
_SELECT = f"SELECT {', '.join(LEASE_COLUMNS)} FROM vehicle_lease WHERE tenant_id = ?"


class LeaseBook:
    """The leases one request has to respect."""

    def __init__(self, store: Store, connection: Connection, *, tenant: str, now: int) -> None:
        self._store, self._connection, self._tenant, self._now = store, connection, tenant, now
        self._leases: dict[str, Lease | None] = {}

    def load(self, vins: Iterable[str]) -> None:
        """Read the leases of these VINs, whose claims are locked by now."""
        wanted = [vin for vin in vins if vin not in self._leases]
        if not wanted:
            return
        self._leases.update(dict.fromkeys(wanted))
        found = self._store.run(
            self._connection, f"{_SELECT} AND {self._store.any_of('vin')}", (self._tenant, self._store.listed(wanted))
        )
        self._leases.update({row[0]: Lease(*row) for row in found.fetchall()})

    def is_for(self, lease: Lease, device_id: str) -> bool:
        """Whether a desk may sell under this lease: its own, or the one it had under an earlier identity.

        A restored or cloned disk goes on under a new identity. Both copies may have sold: the first commit wins
        between them, as ever, and everybody else is kept away from both.
        """
        known = device_id
        for _ in range(_IDENTITIES):
            if known == lease.device_id:
                return True
            known = self._store.run(
                self._connection, "SELECT replaces FROM device WHERE tenant_id = ? AND device_id = ?",
                (self._tenant, known),
            ).scalar()  # fmt: skip
            if not known:
                return False
        return False

    def scopes(self) -> set[str]:
        """The branches to be told when somebody loses to one of these leases."""
        return {lease.branch_id for lease in self._leases.values() if lease is not None}

    def stored(self, vin: str) -> Lease | None:
        """The row as it is, over or not; None without one."""
        if vin not in self._leases:
            self.load([vin])
        return self._leases[vin]

    def standing(self, vin: str, owner: Owner | None) -> Lease | None:
        """The lease that counts now.

        One that is over does not, nor one of a vehicle that its branch no longer has or has promised away.
        """
        lease = self.stored(vin)
        if lease is None or not lease.lives(self._now) or owner is None:
            return None
        return lease if owner.scope == lease.branch_id and not owner.transfer_id else None


def leases_of(store: Store, connection: Connection, tenant: str, *, device_id: str = "") -> list[Lease]:
    """All leases of a group, or of one desk, those that are over among them; the first to end comes first."""
    only = " AND device_id = ?" if device_id else ""
    rows = store.run(
        connection, f"{_SELECT}{only} ORDER BY until, vin", (tenant, device_id) if device_id else (tenant,)
    )
    return [Lease(*row) for row in rows.fetchall()]
