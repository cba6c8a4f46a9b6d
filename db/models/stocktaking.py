"""Stock counts: what should stand where, what was scanned, and what was decided about the differences."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import Json, UtcDateTime


class StockCount(Replicated, Base):
    """One count of a branch, of some of its places, or of chosen vehicles. Stands as it is once signed off."""

    __tablename__ = "stock_count"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "branch_id", "state"),)

    branch_id: Mapped[str] = mapped_column(Id)
    number: Mapped[str] = mapped_column(String(40))
    coverage: Mapped[str] = mapped_column(String(12))
    """BRANCH, PLACES, SELECTION."""
    places: Mapped[list[str] | None] = mapped_column(Json)
    """The zones that are counted, as codes."""
    state: Mapped[str] = mapped_column(String(12), default="COUNTING")
    """COUNTING, RECOUNTING, SIGNED, ABANDONED."""
    expected: Mapped[int] = mapped_column(Integer, default=0)
    """How many lines the list had when it was frozen."""
    note: Mapped[str] = mapped_column(String(400), default="")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_by_staff_id: Mapped[str] = mapped_column(Id)
    recounted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the differences began to be looked for again."""
    recounted_by_staff_id: Mapped[str | None] = mapped_column(Id)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    signed_by_staff_id: Mapped[str | None] = mapped_column(Id)
    abandon_reason: Mapped[str] = mapped_column(String(400), default="")
    result: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """The figures as they were signed: `{"matched": …, "counters": [names], …}`."""


class StockCountLine(Replicated, Base):
    """A vehicle that should stand there: frozen when the count began, never changed."""

    __tablename__ = "stock_count_line"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "count_id", "vin"),)

    branch_id: Mapped[str] = mapped_column(Id)
    count_id: Mapped[str] = mapped_column(Id)
    unit_id: Mapped[str] = mapped_column(Id)
    vin: Mapped[str] = mapped_column(String(17))
    stock_number: Mapped[str] = mapped_column(String(24), default="")
    trim_id: Mapped[str] = mapped_column(Id)
    exterior_colour: Mapped[str] = mapped_column(String(40), default="")
    location: Mapped[str] = mapped_column(String(60), default="")


class StockCountScan(Replicated, Base):
    """Somebody read a number at a place; added and never changed, so that any number of desks count at once."""

    __tablename__ = "stock_count_scan"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "count_id", "vin"),)

    branch_id: Mapped[str] = mapped_column(Id)
    count_id: Mapped[str] = mapped_column(Id)
    vin: Mapped[str] = mapped_column(String(17))
    unit_id: Mapped[str | None] = mapped_column(Id)
    """The vehicle this desk knew under the number; empty for one nobody here knows."""
    location: Mapped[str] = mapped_column(String(60), default="")
    round: Mapped[int] = mapped_column(Integer, default=1)
    method: Mapped[str] = mapped_column(String(8), default="SCAN")
    """SCAN, TYPED, PASTED, TAIL, TICKED."""
    withdraws_id: Mapped[str | None] = mapped_column(Id)
    """The scan that this one takes back: it was read by mistake."""
    scanned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    scanned_by_staff_id: Mapped[str] = mapped_column(Id)
    desk_code: Mapped[str] = mapped_column(String(16), default="")


class StockCountFinding(Replicated, Base):
    """What was decided about one difference. Its id follows from count and VIN, so that two desks write one row."""

    __tablename__ = "stock_count_finding"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "count_id"),)

    branch_id: Mapped[str] = mapped_column(Id)
    count_id: Mapped[str] = mapped_column(Id)
    vin: Mapped[str] = mapped_column(String(17))
    unit_id: Mapped[str | None] = mapped_column(Id)
    outcome: Mapped[str] = mapped_column(String(12))
    """WRONG_PLACE, MISSING, SURPLUS, UNKNOWN."""
    expected_location: Mapped[str] = mapped_column(String(60), default="")
    found_location: Mapped[str] = mapped_column(String(60), default="")
    reason: Mapped[str] = mapped_column(String(24))
    """The reason code, which says what is posted."""
    note: Mapped[str] = mapped_column(String(400), default="")
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_staff_id: Mapped[str] = mapped_column(Id)
    posted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the adjustment was made, with the sign-off; the finding stands from then on."""
