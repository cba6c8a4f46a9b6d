"""Customers, what they consented to, and the vehicles they bring to the workshop."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import UtcDateTime


class Customer(Replicated, Base):
    """A person or a company."""

    __tablename__ = "customer"
    __personal__ = frozenset(
        {"identity_number", "phone", "second_phone", "email", "address", "contact_identity_number"}
    )

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (
            Index(None, "phone"),
            Index(None, "second_phone"),
            Index(None, "identity_number"),
            Index(None, "name_pinyin", "id"),
        )

    branch_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(8))
    """person or company."""
    name: Mapped[str] = mapped_column(String(120))
    name_initials: Mapped[str] = mapped_column(String(120), default="")
    name_pinyin: Mapped[str] = mapped_column(String(240), default="")
    identity_kind: Mapped[str] = mapped_column(String(16), default="identity_card")
    """identity_card, passport, company_code, other."""
    identity_number: Mapped[str] = mapped_column(String(32), default="")
    phone: Mapped[str] = mapped_column(String(32))
    second_phone: Mapped[str] = mapped_column(String(32), default="")
    email: Mapped[str] = mapped_column(String(120), default="")
    region_code: Mapped[str] = mapped_column(String(6), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    contact_name: Mapped[str] = mapped_column(String(60), default="")
    """For a company: the person who acts for it."""
    contact_identity_number: Mapped[str] = mapped_column(String(32), default="")
    """That person's identity card."""
    legal_representative: Mapped[str] = mapped_column(String(60), default="")
    """For a company: 法定代表人, as the business licence names them."""
    paper_language: Mapped[str] = mapped_column(String(8), default="zh_CN")
    source: Mapped[str] = mapped_column(String(24), default="walk_in")
    owner_staff_id: Mapped[str | None] = mapped_column(Id)
    note: Mapped[str] = mapped_column(String(2000), default="")


class Consent(Replicated, Base):
    """One customer's consent to one purpose; withdrawing keeps the row and sets `withdrawn_at`."""

    __tablename__ = "consent"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "customer_id"),)

    customer_id: Mapped[str] = mapped_column(Id)
    purpose: Mapped[str] = mapped_column(String(32))
    """marketing, share_with_insurer, share_with_bank, share_with_maker, sensitive_identity."""
    recipient: Mapped[str] = mapped_column(String(120), default="")
    notice_version: Mapped[str] = mapped_column(String(24))
    channel: Mapped[str] = mapped_column(String(24), default="in_person")
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    contract_id: Mapped[str | None] = mapped_column(Id)
    """The sealed document in which it was given, if it was."""


class CustomerVehicle(Replicated, Base):
    """A vehicle a customer owns, as the workshop knows it."""

    __tablename__ = "customer_vehicle"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "customer_id"), Index(None, "plate"), Index(None, "vin"))

    customer_id: Mapped[str] = mapped_column(Id)
    plate: Mapped[str] = mapped_column(String(12), default="")
    vin: Mapped[str] = mapped_column(String(17), default="")
    description: Mapped[str] = mapped_column(String(160), default="")
    odometer_km: Mapped[int] = mapped_column(Integer, default=0)
