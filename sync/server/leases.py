"""Vehicles secured for one desk, so that it can sell them bindingly while it is offline.

The centre gives a lease on a vehicle for some hours. While it counts, every other desk's claim, lease or transfer of
the vehicle loses against it. It ends by its time, by being given back, and with the desk's rights; it sleeps while the
vehicle is promised to another branch. An order does not use it up: a desk that cancels and sells again within its lease
still sells bindingly.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from app.kernel.permissions import Permission
from db.ids import new_id
from sync.protocol.codes import ErrorCode, Rejection
from sync.protocol.limits import LEASE_HOURS, LEASE_MOST_HOURS, LEASES_A_DESK
from sync.protocol.operations import HOLD
from sync.server.claim_book import Claim, ClaimBook
from sync.server.claims import ClaimCourt
from sync.server.devices import Device, ensure_open, find_device
from sync.server.endpoints import Endpoint
from sync.server.inquiries import require_permission
from sync.server.lease_book import LEASE_COLUMNS, Lease, LeaseBook, leases_of
from sync.server.ledger import Ledger
from sync.server.messages import Answer, Identifier, Message
from sync.server.owner_book import OwnerBook
from sync.server.refusals import Refusal
from sync.server.scope_heads import ScopeHeads
from sync.server.store import Connection, Store
from sync.server.transfers import promise

_HOUR = 3_600_000_000
_KEPT = 24 * _HOUR
"""Leases that are over stay so long, for whoever looks at the list."""
Vin = Annotated[str, Field(pattern="^[0-9A-Z]{3,17}$", examples=["LSVAA4182E2184847"])]
Given = Annotated[list[str], Field(min_length=2, max_length=2, examples=[["LSVAA4182E2184847", "0" * 32]])]


class LeaseMessage(Message):
    """Vehicles to secure (again), and leases to give back: `[VIN, id of the lease]`."""

    by: Annotated[str, Field(max_length=64, pattern="^[^\\x00]*$")] = ""
    take: Annotated[list[Vin], Field(max_length=2 * LEASES_A_DESK, default_factory=list)]
    give_back: Annotated[list[Given], Field(max_length=2 * LEASES_A_DESK, default_factory=list)]
    hours: Annotated[int, Field(ge=1, le=LEASE_MOST_HOURS)] = LEASE_HOURS


class LeaseRow(Answer):
    """One lease of this desk; `at` and `until` in microseconds of the centre's clock."""

    lease: Identifier
    vehicle_id: str
    at: int
    until: int


class LeaseRefused(Answer):
    """Why a vehicle was not secured: a code of refused operations, with its detail."""

    code: str
    detail: dict[str, Any]


class LeaseAnswer(Answer):
    """All leases the desk has now, by VIN, and what it did not get."""

    now: int
    leases: dict[str, LeaseRow]
    refused: dict[str, LeaseRefused]


def change_leases(store: Store, device: Device, message: Any, /, *, now_ms: int) -> dict[str, Any]:
    """Take and give back. Raises Refusal; then nothing has changed.

    What is given back is named by VIN and lease: a request that comes late ends no newer lease.
    """
    wanted: LeaseMessage = message
    with store.write() as connection:
        ensure_open(store, connection, device.tenant)
        current = find_device(store, connection, device.tenant, device.id, lock=True)
        if current is None:
            raise Refusal(ErrorCode.TOKEN_EXPIRED)
        if current.revoked_at is not None:
            raise Refusal(ErrorCode.DEVICE_REVOKED)
        if wanted.take:  # giving back is nobody's privilege
            require_permission(store, connection, current, wanted.by, Permission.INVENTORY_SECURE)
        own = leases_of(store, connection, device.tenant, device_id=device.id)
        named = {vin for vin, lease_id in wanted.give_back if _is_among(own, vin, lease_id)}
        books = _Books(store, connection, current.tenant, now_ms=now_ms, device_id=current.id)
        books.lock({*wanted.take, *named})
        for vin in sorted(named):
            books.end(vin)
        refused = {}
        room = LEASES_A_DESK - sum(lease.lives(books.now) and lease.vin not in named for lease in own)
        for vin in dict.fromkeys(wanted.take):
            problem = books.problem_with(vin, current, by=wanted.by, room=room)
            if problem is not None:
                refused[vin] = problem
                continue
            room -= not books.is_held(vin)
            books.take(vin, current, by=wanted.by, until=books.now + wanted.hours * _HOUR)
        books.write()
        store.run(
            connection, "DELETE FROM vehicle_lease WHERE tenant_id = ? AND device_id = ? AND until < ?",
            (current.tenant, current.id, books.now - _KEPT),
        )  # fmt: skip
        now_held = leases_of(store, connection, current.tenant, device_id=current.id)
    return {"now": now_ms, "leases": _told(now_held, now_ms * 1000), "refused": refused}


def _is_among(own: Sequence[Lease], vin: str, lease_id: str) -> bool:
    return any((lease.vin, lease.lease_id) == (vin, lease_id) for lease in own)


def _told(leases: Iterable[Lease], now: int) -> dict[str, dict[str, Any]]:
    return {
        lease.vin: {
            "lease": lease.lease_id, "vehicle_id": lease.vehicle_id, "at": lease.at, "until": lease.until,
        }
        for lease in leases if lease.until > now
    }  # fmt: skip


class _Books:
    """What a change of leases works with. Order of locks as everywhere: device, claims, owners, scopes."""

    def __init__(
        self, store: Store, connection: Connection, tenant: str, *, now_ms: int, device_id: str = ""
    ) -> None:
        self._store, self._connection, self._tenant = store, connection, tenant
        self.now = now_ms * 1000
        self._ledger = Ledger(store, connection, tenant=tenant, now_ms=now_ms)
        self._claims = ClaimBook(store, connection, tenant=tenant, now=self.now)
        self._owners = OwnerBook(store, connection, tenant=tenant)
        self._leases = LeaseBook(store, connection, tenant=tenant, now=self.now)
        self._court = ClaimCourt(
            store, connection, self._ledger, self._claims, owners=self._owners, leases=self._leases, tenant=tenant,
            device_id=device_id,
        )  # fmt: skip
        self._scopes = ScopeHeads(store, connection, tenant=tenant)
        self._known: set[str] = set()
        self._changed: dict[str, Lease | None] = {}

    def lock(self, vins: Iterable[str]) -> None:
        """Lock the vehicles the centre knows, and read what is to be known of them; the others are left alone."""
        listed = self._store.listed(sorted(vins))
        rows = self._store.run(
            self._connection,
            f"SELECT vin FROM vehicle_owner WHERE tenant_id = ? AND {self._store.any_of('vin')} AND scope <> ''",
            (self._tenant, listed),
        )
        self._known = {str(row[0]) for row in rows.fetchall()}
        self._claims.lock(self._known)
        self._owners.lock(self._known)
        self._leases.load(self._known)
        self._scopes.lock(self._claims.scopes() | self._owners.scopes())
        self._ledger.load(self._claims.keys() | self._owners.keys())

    def is_held(self, vin: str) -> bool:
        """Whether the desk in question has this vehicle already. Asked after `problem_with` found nothing."""
        lease = self._leases.standing(vin, self._owners.get(vin))
        return lease is not None and vin not in self._changed

    def problem_with(self, vin: str, device: Device, *, by: str, room: int) -> dict[str, Any] | None:
        """Why this desk cannot have the vehicle, None if it can."""
        owner = self._owners.get(vin) if vin in self._known else None
        if owner is None or not self._live_units(vin):
            return _no(Rejection.RECORD_UNKNOWN)
        if owner.scope != device.branch_id:
            return _no(Rejection.RECORD_MOVED, branch_id=owner.scope)
        if owner.transfer_id:
            return _no(Rejection.VEHICLE_CLAIMED, winner=promise(owner))
        claim = self._claims.get(vin)
        if claim is not None and claim.lives(self.now) and not _is_own_hold(claim, by):
            return _no(Rejection.VEHICLE_CLAIMED, winner=self._court.winner(claim))
        lease = self._leases.standing(vin, owner)
        if lease is not None and lease.device_id != device.id and not self._is_orphaned(lease, device):
            return _no(Rejection.VEHICLE_CLAIMED, winner=lease.reference())
        if lease is None and room <= 0:
            return _no(Rejection.LEASE_LIMIT, limit=LEASES_A_DESK)
        return None

    def _is_orphaned(self, lease: Lease, device: Device) -> bool:
        """Whether the desk had it under the identity that ended when the centre was restored."""
        return not lease.lease_id and self._leases.is_for(lease, device.id)

    def _live_units(self, vin: str) -> list[str]:
        claim = self._claims.get(vin)
        owner = self._owners.get(vin)
        ids = {*(claim.units if claim is not None else ()), *([owner.vehicle_id] if owner is not None else ())}
        rows = (self._ledger.get("vehicle_unit", unit_id) for unit_id in sorted(ids))
        return [row.id for row in rows if row is not None and not row.deleted]

    def take(self, vin: str, device: Device, *, by: str, until: int) -> None:
        """Give the desk the vehicle, or more time for it; never less than it was promised before."""
        lease = self._leases.standing(vin, self._owners.get(vin))
        if lease is not None:
            until = max(until, lease.until)
        taken = Lease(
            vin, new_id(), device.id, device.branch_id, device.branch_code, device.desk_code, by,
            self._live_units(vin)[0], self.now, until,
        )  # fmt: skip
        self._changed[vin] = taken
        self._mark(vin, {"secured_until": until, "secured_for": taken.desk})

    def end(self, vin: str) -> None:
        """Nobody has the vehicle secured any more."""
        self._changed[vin] = None
        self._mark(vin, {"secured_until": None, "secured_for": None})

    def _mark(self, vin: str, fields: dict[str, Any]) -> None:
        """Let the vehicle's records say it, so that every desk that reads them knows."""
        for unit_id in self._live_units(vin):
            row = self._ledger.get("vehicle_unit", unit_id)
            if row is not None and row.scope in self._scopes.heads:
                self._ledger.write_as_centre(row, fields)

    def write(self) -> None:
        """Store what changed; the heads of the scopes come last."""
        before = dict(self._scopes.heads)
        marks = ", ".join("?" * (len(LEASE_COLUMNS) + 1))
        kept = ", ".join(f"{name} = excluded.{name}" for name in LEASE_COLUMNS[1:])
        rows = [
            (self._tenant, *(getattr(lease, name) for name in LEASE_COLUMNS))
            for lease in self._changed.values() if lease is not None
        ]  # fmt: skip
        self._store.run_many(
            self._connection,
            f"INSERT INTO vehicle_lease (tenant_id, {', '.join(LEASE_COLUMNS)}) VALUES ({marks})"
            f" ON CONFLICT (tenant_id, vin) DO UPDATE SET {kept}",
            rows,
        )
        self._store.run_many(
            self._connection, "DELETE FROM vehicle_lease WHERE tenant_id = ? AND vin = ?",
            [(self._tenant, vin) for vin, lease in self._changed.items() if lease is None],
        )  # fmt: skip
        self._ledger.write(self._scopes.heads)
        self._scopes.write(before)


def _no(code: Rejection, **detail: Any) -> dict[str, Any]:
    return {"code": code.value, "detail": detail}


def _is_own_hold(claim: Claim, by: str) -> bool:
    """What somebody holds for a customer, they may secure as well."""
    return claim.kind == HOLD and bool(by) and claim.staff_id == by


# --- the centre's own side -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KnownLease:
    """A lease as the headquarters see it; `lives` says whether it still keeps others away."""

    lease: Lease
    lives: bool


def list_leases(store: Store, tenant: str, *, now: int) -> list[KnownLease]:
    """All leases of a group, the first to end first; those over since less than a day too. `now` in microseconds."""
    with store.read() as connection:
        known = leases_of(store, connection, tenant)
    return [KnownLease(lease, lease.lives(now)) for lease in known if lease.until > now - _KEPT]


def end_lease(store: Store, tenant: str, vin: str, *, now: int) -> Lease | None:
    """Take a lease away before its time; tells which it was, None where nobody had the vehicle secured.

    The desk learns of it at its next contact. Until then it may sell under the lease in good faith: such a sale is
    decided as any other, the first commit wins. Whoever does this tells the branch.
    """
    with store.write() as connection:
        ensure_open(store, connection, tenant)
        books = _Books(store, connection, tenant, now_ms=now // 1000)
        books.lock([vin])
        row = next((one for one in leases_of(store, connection, tenant) if one.vin == vin), None)
        if row is None:
            return None
        books.end(vin)
        books.write()
        return row


def end_leases_of(store: Store, connection: Connection, tenant: str, device_id: str, *, now: int) -> int:
    """The desk has no rights any more, or another branch: its leases end. Call it with the device's row locked."""
    own = leases_of(store, connection, tenant, device_id=device_id)
    if not own:
        return 0
    books = _Books(store, connection, tenant, now_ms=now // 1000)
    books.lock(lease.vin for lease in own)
    for lease in own:
        books.end(lease.vin)
    books.write()
    return len(own)


LEASE_ENDPOINTS = (
    Endpoint(
        name="lease", path="/v1/lease", summary="Secure vehicles for selling offline", tag="questions",
        message=LeaseMessage, answer=LeaseAnswer, work=change_leases,
        codes=(ErrorCode.DEVICE_REVOKED, ErrorCode.NOT_PERMITTED),
        example={"by": "", "take": ["LSVAA4182E2184847"], "give_back": [], "hours": LEASE_HOURS},
    ),
)  # fmt: skip

__all__ = [
    "LEASE_ENDPOINTS", "KnownLease", "Lease", "change_leases", "end_lease", "end_leases_of", "list_leases",
]  # fmt: skip
