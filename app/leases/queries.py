"""The leases of this desk as they count now. Nothing here asks the centre."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.leases.rules import ENDING, LeaseStanding, LeaseTimes, standing, time_left
from db.models.desk import DeskState
from db.models.leases import VehicleLease
from sync.protocol.hlc import HybridTime


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRow:
    """One vehicle secured for this desk; `until` is the centre's time, the others this desk's own."""

    vin: str
    vehicle_id: str
    staff_id: str
    until: datetime
    ends_at: datetime
    left: timedelta
    """Zero for one that does not count."""
    standing: LeaseStanding
    hours: int
    wanted: bool
    """Renewed while the desk is online."""
    refusal: str
    """A code of refused operations where the centre ended it, else "" """

    @property
    def id(self) -> str:
        return self.vin

    @property
    def counts(self) -> bool:
        """Whether the desk may sell the vehicle bindingly now."""
        return self.standing is LeaseStanding.SECURED

    @property
    def ends_soon(self) -> bool:
        """Whether it is time to do something about it."""
        return self.counts and self.left <= ENDING


def lease_of(session: Session, vin: str, *, now: datetime) -> LeaseRow | None:
    """The lease on a vehicle, over or not; None where this desk never had one, or gave it back for good."""
    found = session.get(VehicleLease, vin)
    return None if found is None else _row(found, now=now, hybrid_ms=hybrid_ms(session))


def all_leases(session: Session, *, now: datetime) -> list[LeaseRow]:
    """All of them, the first to end first."""
    found = session.scalars(select(VehicleLease).order_by(VehicleLease.until, VehicleLease.vin)).all()
    if not found:
        return []
    hybrid = hybrid_ms(session)
    return [_row(one, now=now, hybrid_ms=hybrid) for one in found]


def list_leases(reader: Reader, *, after: Any = None, limit: int = 100) -> list[LeaseRow]:
    """The same for pages; they are few, and come at once."""
    reader.require(Permission.INVENTORY_VIEW)
    return [] if after is not None else all_leases(reader.session, now=reader.now)[:limit]


def find_lease(reader: Reader, vin: str) -> LeaseRow | None:
    """The lease on one vehicle, for pages."""
    reader.require(Permission.INVENTORY_VIEW)
    return lease_of(reader.session, vin, now=reader.now)


def hybrid_ms(session: Session) -> int:
    """Where the desk's hybrid clock stands, as it was written with the last change."""
    stored = session.scalar(select(DeskState.hybrid_time).where(DeskState.id == 1))
    return 0 if stored is None else HybridTime.parse(stored).ms


def times_of(lease: VehicleLease) -> LeaseTimes:
    """What the rules need of a stored lease."""
    return LeaseTimes(
        taken_at=lease.taken_at, ends_at=lease.ends_at, seen_at=lease.seen_at, hybrid_ms=lease.hybrid_ms,
        given_back=lease.given_back, refused=bool(lease.refusal),
    )  # fmt: skip


def _row(lease: VehicleLease, *, now: datetime, hybrid_ms: int) -> LeaseRow:
    times = times_of(lease)
    counted = standing(times, now=now, hybrid_ms=hybrid_ms)
    left = time_left(times, now=now, hybrid_ms=hybrid_ms) if counted is LeaseStanding.SECURED else timedelta(0)
    return LeaseRow(
        vin=lease.vin, vehicle_id=lease.vehicle_id, staff_id=lease.staff_id, until=lease.until,
        ends_at=lease.ends_at, left=left, standing=counted, hours=lease.hours,
        wanted=lease.wanted and counted is LeaseStanding.SECURED, refusal=lease.refusal,
    )  # fmt: skip
