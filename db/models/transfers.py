"""Vehicles on their way from one branch to another."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import IsoDate, Money, UtcDateTime


class VehicleTransfer(Replicated, Base):
    """One vehicle that changes branches; shared by the group, because both branches work with it.

    `state` is the centre's word. What a desk asks for stands in `asked_state` until the centre has answered, so that a
    desk never shows more than was decided. What the other branch needs to know of the unit is repeated here: the unit
    itself is a record of its branch alone.
    """

    __tablename__ = "vehicle_transfer"
    __shared__ = True
    __personal__ = frozenset({"driver", "driver_phone"})

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (
            Index(None, "from_branch_id", "state"),
            Index(None, "to_branch_id", "state"),
            Index(None, "unit_id"),
            Index(None, "vin"),
        )

    number: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(12))
    """REQUEST: the branch that wants it asked; OFFER: the branch that has it offered."""
    from_branch_id: Mapped[str | None] = mapped_column(Id)
    """The owning branch; empty while a wish is open to every branch."""
    to_branch_id: Mapped[str] = mapped_column(Id)
    unit_id: Mapped[str | None] = mapped_column(Id)
    """Empty while only a trim and a colour are wished for."""
    vin: Mapped[str] = mapped_column(String(17), default="")
    stock_number: Mapped[str] = mapped_column(String(24), default="")
    trim_id: Mapped[str] = mapped_column(Id)
    exterior_colour: Mapped[str] = mapped_column(String(40), default="")
    interior_colour: Mapped[str] = mapped_column(String(40), default="")
    note: Mapped[str] = mapped_column(String(400), default="")
    needed_by: Mapped[date | None] = mapped_column(IsoDate)

    state: Mapped[str] = mapped_column(String(12), default="PENDING")
    """PENDING, APPROVED, DEPARTED, MOVED, REJECTED, CANCELLED."""
    asked_state: Mapped[str | None] = mapped_column(String(12))
    """The state a desk has asked the centre for and not yet heard of."""
    order_id: Mapped[str | None] = mapped_column(Id)
    """The order that goes along with the unit by explicit choice."""
    order_number: Mapped[str] = mapped_column(String(40), default="")

    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    requested_by_staff_id: Mapped[str] = mapped_column(Id)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by_staff_id: Mapped[str | None] = mapped_column(Id)

    departed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    departed_by_staff_id: Mapped[str | None] = mapped_column(Id)
    carrier: Mapped[str] = mapped_column(String(60), default="")
    driver: Mapped[str] = mapped_column(String(60), default="")
    driver_phone: Mapped[str] = mapped_column(String(32), default="")
    keys: Mapped[int | None] = mapped_column(Integer)
    certificate_by: Mapped[str] = mapped_column(String(12), default="")
    """ALONG with the vehicle, by COURIER, or it STAYS (with the bank)."""
    courier_number: Mapped[str] = mapped_column(String(40), default="")
    departure_odometer_km: Mapped[int | None] = mapped_column(Integer)

    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    arrived_by_staff_id: Mapped[str | None] = mapped_column(Id)
    arrival_odometer_km: Mapped[int | None] = mapped_column(Integer)
    arrival_location: Mapped[str] = mapped_column(String(60), default="")
    condition: Mapped[str] = mapped_column(String(12), default="")
    """GOOD or DAMAGED, as it was received."""
    damage_note: Mapped[str] = mapped_column(String(400), default="")
    certificate_arrived: Mapped[bool | None] = mapped_column(Boolean)
    keys_arrived: Mapped[int | None] = mapped_column(Integer)

    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by_staff_id: Mapped[str | None] = mapped_column(Id)
    end_reason: Mapped[str] = mapped_column(String(400), default="")

    transfer_price: Mapped[Decimal | None] = mapped_column(Money)
    """What the receiving branch takes the unit over at; the owning branch says it when it approves."""
    freight: Mapped[Decimal | None] = mapped_column(Money)
    """What the carriage costs; part of what the unit has cost the receiving branch."""
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
