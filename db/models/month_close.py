"""Months that a branch has closed, and the comparisons with the centre they were closed upon."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import Json, Money, UtcDateTime


class MonthClose(Replicated, Base):
    """One closing of one month of one branch. Its figures never change; a reopened month is closed anew by a new row.

    The id follows from branch, month and round, so that two desks which close one month write one row.
    """

    __tablename__ = "month_close"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "branch_id", "month"),)

    branch_id: Mapped[str] = mapped_column(Id)
    month: Mapped[str] = mapped_column(String(7))
    """Such as "2026-11", in branch time."""
    round: Mapped[int] = mapped_column(Integer, default=1)
    """How often the month was closed, this time included."""
    state: Mapped[str] = mapped_column(String(16), default="CLOSED")
    """CLOSED, REOPEN_ASKED, REOPENED."""
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_by_staff_id: Mapped[str] = mapped_column(Id)
    desk_code: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(400), default="")

    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    orders: Mapped[int] = mapped_column(Integer, default=0)
    """Orders of the month that stood at its end."""
    orders_total: Mapped[Decimal] = mapped_column(Money)
    """What their customers pay altogether, taxes and what is collected for others included."""
    revenue: Mapped[Decimal] = mapped_column(Money)
    """The vehicles' prices of those that were sold, as the branch's figures count them."""
    cancelled: Mapped[int] = mapped_column(Integer, default=0)
    delivered: Mapped[int] = mapped_column(Integer, default=0)
    received: Mapped[Decimal] = mapped_column(Money)
    """Money that came in, contra entries taken off."""
    payments: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    """`[{"kind", "method", "count", "fen"}]`, contra entries with what they reverse."""
    stock_units: Mapped[int] = mapped_column(Integer, default=0)
    stock_value: Mapped[Decimal] = mapped_column(Money)
    """What the vehicles that stood there at the month's end had cost."""
    postings: Mapped[str] = mapped_column(Text, default="")
    """Six bytes of each order and payment of the month as it counted, sorted, in base64: what is not among them by its
    month came late, or was changed afterwards."""

    reconciled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When both sides were compared before."""
    reconciliation_digest: Mapped[str] = mapped_column(String(64))
    looked_at: Mapped[dict[str, int] | None] = mapped_column(Json)
    """Records compared by table."""

    reopen_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reopen_asked_by_staff_id: Mapped[str | None] = mapped_column(Id)
    reopen_reason: Mapped[str] = mapped_column(String(400), default="")
    reopened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reopened_by_staff_id: Mapped[str | None] = mapped_column(Id)


class ReconciliationRun(Base):
    """One comparison of a branch with the centre that was made at this desk: what a month may be closed upon."""

    __tablename__ = "reconciliation_run"
    __table_args__ = (Index(None, "branch_id", "at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    branch_id: Mapped[str] = mapped_column(Id)
    month: Mapped[str] = mapped_column(String(7), default="")
    """For which month the centre was asked, empty where it was not."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    staff_id: Mapped[str] = mapped_column(Id, default="")
    looked_at: Mapped[dict[str, int]] = mapped_column(Json)
    differences: Mapped[int] = mapped_column(Integer, default=0)
    """All that were found."""
    unsettled: Mapped[int] = mapped_column(Integer, default=0)
    """Of these, those that concern the month or what was before it."""
    kinds: Mapped[dict[str, int]] = mapped_column(Json)
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 over what both sides were found to hold, and what differed."""
    centre: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """What the centre answered about the month; see `closing` in the protocol."""
