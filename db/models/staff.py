"""Branches, desks and the people who work at them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import Json, UtcDateTime


class Branch(Replicated, Base):
    """A place of business with its own stock."""

    __tablename__ = "branch"
    __shared__ = True

    code: Mapped[str] = mapped_column(String(16))
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    company_zh: Mapped[str] = mapped_column(String(120), default="")
    company_en: Mapped[str] = mapped_column(String(120), default="")
    uscc: Mapped[str] = mapped_column(String(18), default="")
    address_zh: Mapped[str] = mapped_column(String(200), default="")
    address_en: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(32), default="")
    legal_representative: Mapped[str] = mapped_column(String(60), default="")
    """法定代表人, as the business licence names them."""
    bank_zh: Mapped[str] = mapped_column(String(120), default="")
    bank_account: Mapped[str] = mapped_column(String(40), default="")
    work_bays: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    """Bays by type for appointments: `{"general": 4, "body": 2, …}`."""

    lock_minutes: Mapped[int] = mapped_column(Integer, default=10)
    """After so many idle minutes a desk locks."""


class StaffMember(Replicated, Base):
    """A person who signs in."""

    __tablename__ = "staff_member"
    __shared__ = True
    __personal__ = frozenset({"password_hash", "pin_hash", "phone"})

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "login"),)

    branch_id: Mapped[str] = mapped_column(Id)
    login: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60), default="")
    name_initials: Mapped[str] = mapped_column(String(60), default="")
    role: Mapped[str] = mapped_column(String(24))
    phone: Mapped[str] = mapped_column(String(32), default="")
    password_hash: Mapped[str] = mapped_column(String(200))
    pin_hash: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class SignInAttempt(Base):
    """Failed sign-ins of one person at this desk; the delay grows with them and survives a restart. Stays local."""

    __tablename__ = "sign_in_attempt"

    staff_id: Mapped[str] = mapped_column(Id, primary_key=True)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    last_failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
