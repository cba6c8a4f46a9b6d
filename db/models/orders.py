"""Sales orders."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import IsoDate, Json, Money, PlainJson, UtcDateTime

_FIGURES = ("state", "ordered_at", "claim_state", "branch_id", "make_id", "vehicle_price", "unit_cost", "deleted_at")
"""All the manager's charts read of an order: from this index alone they come in a third of the time."""
_SOLD = ("branch_id", "ordered_at", "state", "deleted_at", "trim_id", "exterior_colour")
"""What sold in a span of months is counted from this index alone, however many orders and vehicles there are."""


class SalesOrder(Replicated, Base):
    """A customer's order for one unit.

    `claim_state` is the centre's word on the unit: `provisional` until it has spoken, then `confirmed` or `conflict`
    (then `claim_winner` names the order that holds the unit); `released` after a cancellation.
    """

    __tablename__ = "sales_order"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (
            Index(None, "customer_id"),
            Index(None, "vehicle_unit_id"),
            Index(None, "ordered_at"),
            Index("ix_sales_order_figures", *_FIGURES),
            Index("ix_sales_order_sold", *_SOLD),
            Index(None, "claim_state"),
        )

    branch_id: Mapped[str] = mapped_column(Id)
    number: Mapped[str] = mapped_column(String(40))
    """Provisional number of the desk, as printed."""
    final_number: Mapped[str | None] = mapped_column(String(40))
    """Given by the centre; never reused."""
    state: Mapped[str] = mapped_column(String(24), default="DRAFT")
    claim_state: Mapped[str] = mapped_column(String(16), default="provisional")
    claim_winner: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """{"order_id", "number", "branch_id", "desk_code", "at"} of the order that won the unit."""
    customer_id: Mapped[str] = mapped_column(Id)
    vehicle_unit_id: Mapped[str] = mapped_column(Id)
    specification_versions: Mapped[dict[str, str] | None] = mapped_column(PlainJson)
    """Catalogue versions it was sold by: `{"make": id, "series": …, "model_year": …, "trim": …}`."""
    quotation_id: Mapped[str | None] = mapped_column(Id)
    salesperson_id: Mapped[str] = mapped_column(Id)
    make_id: Mapped[str] = mapped_column(Id)
    """Repeated from the unit for the branch's charts."""
    trim_id: Mapped[str | None] = mapped_column(Id)
    """Repeated from the unit, as is the colour, for what is counted of sales; None in orders of earlier versions."""
    exterior_colour: Mapped[str | None] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    vehicle_price: Mapped[Decimal] = mapped_column(Money)
    on_road_total: Mapped[Decimal] = mapped_column(Money)
    unit_cost: Mapped[Decimal] = mapped_column(Money)
    finance: Mapped[dict[str, Any] | None] = mapped_column(Json)
    ordered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Event time."""
    planned_delivery_on: Mapped[date | None] = mapped_column(IsoDate)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str] = mapped_column(String(400), default="")


class SalesOrderLine(Replicated, Base):
    """One line of an order, taken over from the quotation."""

    __tablename__ = "sales_order_line"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "order_id"),)

    order_id: Mapped[str] = mapped_column(Id)
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(32))
    label_zh: Mapped[str] = mapped_column(String(120))
    label_en: Mapped[str] = mapped_column(String(120))
    amount: Mapped[Decimal] = mapped_column(Money)
    source: Mapped[str] = mapped_column(String(300), default="")
