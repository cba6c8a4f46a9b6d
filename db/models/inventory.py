"""Vehicle units in stock."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import IsoDate, Json, Money, UtcDateTime

FILTERED = (
    "make_id",
    "energy",
    "exterior_colour",
    "allocation_state",
    "held_until",
    "branch_id",
    "deleted_at",
)
"""What stock lists are filtered and counted by: part of both of their indexes, so that neither reads the rows."""

PER_TRIM = ("trim_id", "exterior_colour", "allocation_state", "held_until", "quality_state", "deleted_at")
"""What the stock of a branch is counted by where replenishment looks at it: read from one index alone."""

STANDING = ("trim_id", "branch_id", "stock_state", "allocation_state", "quality_state", "held_until")
"""What tells how many units of a trim are free and where, over the units that can be sold only."""


class VehicleUnit(Replicated, Base):
    """One car that exists, on four independent axes (stock, allocation, quality, certificate).

    `make_id`, `series_id` and `energy` repeat what the trim says so that facets over a million units need no join.
    """

    __tablename__ = "vehicle_unit"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (
            Index(None, "vin"),
            Index(None, "stock_number"),
            Index(None, "trim_id"),
            Index(None, "order_id"),
            Index(None, "allocation_state", "held_until"),
            Index("ix_vehicle_unit_by_arrival", "stock_state", "arrived_on", "id", "list_price", *FILTERED),
            Index("ix_vehicle_unit_by_trim", "branch_id", "stock_state", *PER_TRIM),
            Index("ix_vehicle_unit_by_price", "stock_state", "list_price", "id", "arrived_on", *FILTERED),
            Index("ix_vehicle_unit_standing", *STANDING,
                  sqlite_where=text("deleted_at IS NULL AND stock_state IN ('IN_STOCK', 'IN_TRANSIT')")),
        )

    branch_id: Mapped[str] = mapped_column(Id)
    trim_id: Mapped[str] = mapped_column(Id)
    make_id: Mapped[str] = mapped_column(Id)
    series_id: Mapped[str] = mapped_column(Id)
    energy: Mapped[str] = mapped_column(String(16))
    vin: Mapped[str] = mapped_column(String(17))
    stock_number: Mapped[str] = mapped_column(String(24), default="")
    engine_number: Mapped[str] = mapped_column(String(40), default="")
    exterior_colour: Mapped[str] = mapped_column(String(40), default="")
    interior_colour: Mapped[str] = mapped_column(String(40), default="")
    location: Mapped[str] = mapped_column(String(60), default="")
    cost: Mapped[Decimal] = mapped_column(Money)
    list_price: Mapped[Decimal] = mapped_column(Money)
    floor_price: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    manufactured_on: Mapped[date | None] = mapped_column(IsoDate)
    arrived_on: Mapped[date] = mapped_column(IsoDate)
    odometer_km: Mapped[int] = mapped_column(Integer, default=0)

    stock_state: Mapped[str] = mapped_column(String(16), default="IN_STOCK")
    """IN_TRANSIT, IN_STOCK, LENT, OUT."""
    allocation_state: Mapped[str] = mapped_column(String(16), default="FREE")
    """FREE, HELD, ALLOCATED, DELIVERED."""
    pdi_state: Mapped[str] = mapped_column(String(16), default="UNCHECKED")
    """UNCHECKED, PASS, FAIL."""
    quality_state: Mapped[str] = mapped_column(String(16), default="NORMAL")
    """NORMAL, DAMAGED, FROZEN."""
    certificate_state: Mapped[str] = mapped_column(String(16), default="PENDING_SCAN")
    """PENDING_SCAN, AT_BANK, IN_SAFE, ISSUED."""

    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_by_staff_id: Mapped[str | None] = mapped_column(Id)
    held_for_customer_id: Mapped[str | None] = mapped_column(Id)
    order_id: Mapped[str | None] = mapped_column(Id)
    """The live order this unit is allocated to."""
    secured_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until when the centre keeps it for one desk alone; the centre's word, for everybody to see."""
    secured_for: Mapped[str | None] = mapped_column(String(40))
    """That desk, as people call it: SH01-D02."""

    options: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    """Fitted options: `[{"name_zh", "name_en", "price_fen"}]`."""
