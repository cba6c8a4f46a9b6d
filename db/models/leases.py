"""Vehicles the centre has secured for this desk, so that it may sell them bindingly while offline. They stay here."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id
from db.types import UtcDateTime


class VehicleLease(Base):
    """One vehicle. Whether the lease counts now is said by `app.leases.rules.standing` and nothing else.

    `at` and `until` are the centre's time; the others are this desk's, however wrong its clock may be.
    """

    __tablename__ = "vehicle_lease"

    vin: Mapped[str] = mapped_column(String(17), primary_key=True)
    vehicle_id: Mapped[str] = mapped_column(Id)
    lease_id: Mapped[str] = mapped_column(Id)
    staff_id: Mapped[str] = mapped_column(Id)
    """Who secured it; it is renewed in their name."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When this desk asked, before the centre answered: so `ends_at` is never too late."""
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """`until` as this desk's clock will show it, if nobody sets that clock."""
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """The latest time this desk's clock has shown since: before it, the clock was set back."""
    hybrid_ms: Mapped[int] = mapped_column(BigInteger)
    """Where the desk's hybrid clock stood then, which never goes back."""
    hours: Mapped[int] = mapped_column(Integer)
    """For how long it was asked for, and is when it is renewed."""
    wanted: Mapped[bool] = mapped_column(Boolean, default=True)
    """Renewed while the desk is online, until somebody gives it back or sells the vehicle."""
    given_back: Mapped[bool] = mapped_column(Boolean, default=False)
    """Given back here, and no longer counted on; the centre has yet to hear of it."""
    refusal: Mapped[str] = mapped_column(String(40), default="")
    """Why the centre did not renew it, or took it away: a code of refused operations, "" for neither."""
