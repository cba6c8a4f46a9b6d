"""Who has what of a unit: its certificate, its keys, and the place where it stands."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import IsoDate, UtcDateTime


class CertificateEntry(Replicated, Base):
    """A line of the certificate ledger: never changed and never removed, corrected by a contra entry."""

    __tablename__ = "certificate_entry"
    __follows_unit__ = "unit_id"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (
            Index(None, "unit_id", "happened_at"),
            Index(None, "branch_id", "due_back_on"),
            Index(None, "contra_of"),
        )

    branch_id: Mapped[str] = mapped_column(Id)
    unit_id: Mapped[str] = mapped_column(Id)
    step: Mapped[str] = mapped_column(String(16))
    """RECEIVE, PLEDGE, REDEEM, LEND, RETURN, ISSUE, CORRECT."""
    from_kind: Mapped[str] = mapped_column(String(12))
    from_name: Mapped[str] = mapped_column(String(80), default="")
    to_kind: Mapped[str] = mapped_column(String(12))
    to_name: Mapped[str] = mapped_column(String(80), default="")
    """MAKER, CARRIER, BANK, SAFE, AGENT, CUSTOMER, with the name, the number of the safe, the branch of the bank."""
    document_number: Mapped[str] = mapped_column(String(40), default="")
    """The number printed on the certificate."""
    contract_number: Mapped[str] = mapped_column(String(60), default="")
    """The floor plan contract it secures."""
    reason: Mapped[str] = mapped_column(String(400), default="")
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_back_on: Mapped[date | None] = mapped_column(IsoDate)
    state_before: Mapped[str] = mapped_column(String(16))
    state_after: Mapped[str] = mapped_column(String(16))
    contra_of: Mapped[str | None] = mapped_column(Id)
    recorded_by_staff_id: Mapped[str] = mapped_column(Id)


class VehicleKey(Replicated, Base):
    """One key of a unit and where it is now. Its id follows from unit and number, so that two desks write one row."""

    __tablename__ = "vehicle_key"
    __follows_unit__ = "unit_id"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "unit_id"), Index(None, "branch_id", "state", "due_back_at"))

    branch_id: Mapped[str] = mapped_column(Id)
    unit_id: Mapped[str] = mapped_column(Id)
    number: Mapped[int] = mapped_column(Integer)
    tag: Mapped[str] = mapped_column(String(24), default="")
    state: Mapped[str] = mapped_column(String(12), default="BOARD")
    """BOARD, OUT, CUSTOMER, LOST."""
    slot: Mapped[str] = mapped_column(String(24), default="")
    holder_staff_id: Mapped[str | None] = mapped_column(Id)
    holder_name: Mapped[str] = mapped_column(String(80), default="")
    purpose: Mapped[str] = mapped_column(String(16), default="")
    out_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class KeyEntry(Replicated, Base):
    """A line of the key register: who handed which key to whom; never changed and never removed."""

    __tablename__ = "key_entry"
    __follows_unit__ = "unit_id"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "key_id"), Index(None, "unit_id"))

    branch_id: Mapped[str] = mapped_column(Id)
    key_id: Mapped[str] = mapped_column(Id)
    unit_id: Mapped[str] = mapped_column(Id)
    number: Mapped[int] = mapped_column(Integer)
    step: Mapped[str] = mapped_column(String(16))
    """REGISTER, HAND_OUT, RETURN, GIVE, LOSE."""
    from_name: Mapped[str] = mapped_column(String(80), default="")
    to_name: Mapped[str] = mapped_column(String(80), default="")
    purpose: Mapped[str] = mapped_column(String(16), default="")
    reason: Mapped[str] = mapped_column(String(400), default="")
    due_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_staff_id: Mapped[str] = mapped_column(Id)


class StockPlace(Replicated, Base):
    """A zone of the branch where units stand. Its id follows from branch and code, so that two desks write one row."""

    __tablename__ = "stock_place"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "branch_id", "code"),)

    branch_id: Mapped[str] = mapped_column(Id)
    code: Mapped[str] = mapped_column(String(12))
    name_zh: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(40), default="")
    kind: Mapped[str] = mapped_column(String(16))
    """SHOWROOM, YARD, WAREHOUSE, WORKSHOP, DELIVERY."""
    capacity: Mapped[int] = mapped_column(Integer, default=0)
    """How many units it takes; 0 where nobody counted."""
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class UnitMove(Replicated, Base):
    """A unit was put somewhere else; never changed and never removed."""

    __tablename__ = "unit_move"
    __follows_unit__ = "unit_id"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "unit_id"),)

    branch_id: Mapped[str] = mapped_column(Id)
    unit_id: Mapped[str] = mapped_column(Id)
    from_location: Mapped[str] = mapped_column(String(60), default="")
    to_location: Mapped[str] = mapped_column(String(60), default="")
    place_id: Mapped[str | None] = mapped_column(Id)
    """The registered place it stands in, None for a place that is only text."""
    note: Mapped[str] = mapped_column(String(200), default="")
    moved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    moved_by_staff_id: Mapped[str] = mapped_column(Id)
