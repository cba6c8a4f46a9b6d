"""Prices with a day from which they count: price changes, their lines, and what this desk carried into its stock."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import IsoDate, Json, Money, UtcDateTime


class PriceChange(Replicated, Base):
    """One decision about prices of a branch: list prices, floor prices, or a campaign, for some units or trims.

    After DRAFT only its state changes, and the last day of a campaign that is ended early.
    """

    __tablename__ = "price_change"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "branch_id", "state", "valid_from"),)

    branch_id: Mapped[str] = mapped_column(Id)
    number: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(12))
    """LIST, FLOOR, BOTH (list and floor of one unit), CAMPAIGN."""
    origin: Mapped[str] = mapped_column(String(12), default="BULK")
    """BULK, UNIT (the quick change of one unit), CAMPAIGN."""
    name_zh: Mapped[str] = mapped_column(String(60), default="")
    name_en: Mapped[str] = mapped_column(String(60), default="")
    """What a campaign is called on paper."""
    valid_from: Mapped[date] = mapped_column(IsoDate)
    valid_to: Mapped[date | None] = mapped_column(IsoDate)
    """The last day of a campaign; list and floor prices count until the next ones."""
    formula: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """How the new prices follow: `{"kind", "value", "rounding"}`; counts for lines without amounts."""
    below_floor: Mapped[bool] = mapped_column(default=False)
    """A campaign that was approved to go below the floor."""
    needs_approval: Mapped[bool] = mapped_column(default=True)
    largest_change: Mapped[str] = mapped_column(String(12), default="")
    """The largest change of a line in percent, as text."""
    lines: Mapped[int] = mapped_column(Integer, default=0)
    reason: Mapped[str] = mapped_column(String(400), default="")
    state: Mapped[str] = mapped_column(String(20), default="DRAFT")
    drafted_by_staff_id: Mapped[str] = mapped_column(Id)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_staff_id: Mapped[str | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_note: Mapped[str] = mapped_column(String(400), default="")


class PriceLine(Replicated, Base):
    """What a price change says about one unit, trim or series. An amount that is None leaves that price as it is."""

    __tablename__ = "price_line"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "change_id"), Index(None, "subject_id"))

    branch_id: Mapped[str] = mapped_column(Id)
    change_id: Mapped[str] = mapped_column(Id)
    level: Mapped[str] = mapped_column(String(8))
    """UNIT, TRIM, SERIES."""
    subject_id: Mapped[str] = mapped_column(Id)
    list_before: Mapped[Decimal | None] = mapped_column(Money)
    floor_before: Mapped[Decimal | None] = mapped_column(Money)
    list_price: Mapped[Decimal | None] = mapped_column(Money)
    floor_price: Mapped[Decimal | None] = mapped_column(Money)
    campaign_price: Mapped[Decimal | None] = mapped_column(Money)


class PriceApplied(Base):
    """Which price changes this desk has already carried into the units it holds. Belongs to the desk; does not travel:
    every desk writes the same prices by itself, so that none depends on another one having been opened."""

    __tablename__ = "price_applied"

    change_id: Mapped[str] = mapped_column(Id, primary_key=True)
    applied_at: Mapped[datetime] = mapped_column(UtcDateTime)
