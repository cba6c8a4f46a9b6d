"""Quotations: immutable versions of an offer, itemised to the on-road total."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import IsoDate, Json, Money, PlainJson, UtcDateTime


class Quotation(Replicated, Base):
    """One version of an offer. After DRAFT only its state and approval change; a change of terms is a new version."""

    __tablename__ = "quotation"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (
            Index(None, "customer_id"),
            Index(None, "vehicle_unit_id"),
            Index(None, "state", "created_at"),
        )

    branch_id: Mapped[str] = mapped_column(Id)
    number: Mapped[str] = mapped_column(String(40))
    version_number: Mapped[int] = mapped_column(Integer, default=1)
    supersedes_id: Mapped[str | None] = mapped_column(Id)
    state: Mapped[str] = mapped_column(String(24), default="DRAFT")
    customer_id: Mapped[str] = mapped_column(Id)
    vehicle_unit_id: Mapped[str] = mapped_column(Id)
    specification_versions: Mapped[dict[str, str] | None] = mapped_column(PlainJson)
    """Catalogue versions it was offered by: `{"make": id, "series": …, "model_year": …, "trim": …}`."""
    salesperson_id: Mapped[str] = mapped_column(Id)
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    vehicle_price: Mapped[Decimal] = mapped_column(Money)
    """Agreed price of the vehicle with VAT, after the discount."""
    list_price: Mapped[Decimal] = mapped_column(Money)
    floor_price: Mapped[Decimal] = mapped_column(Money)
    discount: Mapped[Decimal] = mapped_column(Money, default=Decimal("0.00"))
    subsidy: Mapped[Decimal] = mapped_column(Money, default=Decimal("0.00"))
    on_road_total: Mapped[Decimal] = mapped_column(Money)
    finance: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """None for cash, else {"method", "down_payment_fen", "principal_fen", "annual_rate", "months", "first_fen",
    "interest_fen"}."""
    terms: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """What was entered, to make the next version from it; amounts in fen, rates as text."""
    valid_until: Mapped[date] = mapped_column(IsoDate)
    approval_reason: Mapped[str] = mapped_column(String(400), default="")
    decided_by_staff_id: Mapped[str | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_note: Mapped[str] = mapped_column(String(400), default="")


class QuotationLine(Replicated, Base):
    """One line of the on-road total; discounts and subsidies are negative."""

    __tablename__ = "quotation_line"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "quotation_id"),)

    quotation_id: Mapped[str] = mapped_column(Id)
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(32))
    """vehicle, option, purchase_tax, compulsory_insurance, commercial_insurance, vessel_tax, plate_fee, service,
    discount, subsidy."""
    label_zh: Mapped[str] = mapped_column(String(120))
    label_en: Mapped[str] = mapped_column(String(120))
    amount: Mapped[Decimal] = mapped_column(Money)
    source: Mapped[str] = mapped_column(String(300), default="")
    """Where the figure comes from: rule, version, basis."""
