"""Customers who wait for a unit that somebody else has, or for one like it that has not come yet."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import UtcDateTime


class UnitWish(Replicated, Base):
    """A place in a queue: for one unit, or for any unit of a trim and perhaps a colour.

    An offer is over at the very instant `offered_until` passes, whoever has noticed that or not.
    """

    __tablename__ = "unit_wish"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (
            Index(None, "unit_id"),
            Index(None, "branch_id", "trim_id", "state"),
            Index(None, "customer_id"),
            Index(None, "state", "offered_until"),
        )

    branch_id: Mapped[str] = mapped_column(Id)
    unit_id: Mapped[str | None] = mapped_column(Id)
    trim_id: Mapped[str] = mapped_column(Id)
    exterior_colour: Mapped[str] = mapped_column(String(40), default="")
    """Empty for any colour."""
    customer_id: Mapped[str] = mapped_column(Id)
    salesperson_id: Mapped[str] = mapped_column(Id)
    note: Mapped[str] = mapped_column(String(400), default="")
    earnest_reference: Mapped[str] = mapped_column(String(40), default="")
    """The receipt of money paid to stand in the queue."""
    rank: Mapped[str] = mapped_column(Text)
    """Sorts the queue: the hybrid time of joining, or the place a manager gave (`app.inventory.queue_order`)."""
    state: Mapped[str] = mapped_column(String(12), default="WAITING")
    """WAITING, FULFILLED, LEFT."""
    offered_unit_id: Mapped[str | None] = mapped_column(Id)
    offered_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    order_id: Mapped[str | None] = mapped_column(Id)
    left_reason: Mapped[str] = mapped_column(String(400), default="")
