"""What should stand in the house, and what is to be ordered from the makers."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import IsoDate, Money, UtcDateTime


class StockMinimum(Replicated, Base):
    """So many units of a series, colour or trim should be available in a branch at any time."""

    __tablename__ = "stock_minimum"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "branch_id", "series_id"),)

    branch_id: Mapped[str] = mapped_column(Id)
    series_id: Mapped[str] = mapped_column(Id)
    trim_id: Mapped[str | None] = mapped_column(Id)
    exterior_colour: Mapped[str] = mapped_column(String(40), default="")
    """As stored in units; empty for any colour."""
    quantity: Mapped[int] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(String(200), default="")
    set_by_staff_id: Mapped[str] = mapped_column(Id)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReplenishmentPolicy(Replicated, Base):
    """How a branch orders: the service level its manager chose, and how often it orders. One row a branch; its id is
    the branch's."""

    __tablename__ = "replenishment_policy"

    branch_id: Mapped[str] = mapped_column(Id)
    service_level: Mapped[int] = mapped_column(Integer)
    """In percent, 90 to 99."""
    review_days: Mapped[int] = mapped_column(Integer)
    set_by_staff_id: Mapped[str] = mapped_column(Id)


class LeadTime(Replicated, Base):
    """Days from an order until arrival as somebody entered them for a make; counts before what was measured."""

    __tablename__ = "lead_time"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "branch_id", "make_id"),)

    branch_id: Mapped[str] = mapped_column(Id)
    make_id: Mapped[str] = mapped_column(Id)
    mean_days: Mapped[int] = mapped_column(Integer)
    spread_days: Mapped[int] = mapped_column(Integer)
    """Standard deviation."""
    set_by_staff_id: Mapped[str] = mapped_column(Id)


class PurchaseProposal(Replicated, Base):
    """A list of units to order from the makers."""

    __tablename__ = "purchase_proposal"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "branch_id", "state"),)

    branch_id: Mapped[str] = mapped_column(Id)
    number: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20), default="DRAFT")
    note: Mapped[str] = mapped_column(String(400), default="")
    service_level: Mapped[int] = mapped_column(Integer)
    drafted_by_staff_id: Mapped[str] = mapped_column(Id)
    drafted_on: Mapped[date] = mapped_column(IsoDate)
    decided_by_staff_id: Mapped[str | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_note: Mapped[str] = mapped_column(String(400), default="")
    ordered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PurchaseLine(Replicated, Base):
    """So many units of a trim in a colour."""

    __tablename__ = "purchase_line"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "proposal_id"), Index(None, "trim_id"))

    branch_id: Mapped[str] = mapped_column(Id)
    proposal_id: Mapped[str] = mapped_column(Id)
    position: Mapped[int] = mapped_column(Integer)
    series_id: Mapped[str] = mapped_column(Id)
    trim_id: Mapped[str] = mapped_column(Id)
    exterior_colour: Mapped[str] = mapped_column(String(40), default="")
    quantity: Mapped[int] = mapped_column(Integer)
    suggested: Mapped[int] = mapped_column(Integer, default=0)
    unit_cost: Mapped[Decimal] = mapped_column(Money)
    note: Mapped[str] = mapped_column(String(200), default="")
