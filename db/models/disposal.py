"""Documents whose time of keeping is over: lists of what is to be destroyed, and the register of what was."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import IsoDate, UtcDateTime


class DisposalList(Replicated, Base):
    """What one person proposes to destroy; nothing goes before another one has confirmed it."""

    __tablename__ = "disposal_list"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "state", "proposed_at"),)

    branch_id: Mapped[str] = mapped_column(Id)
    number: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12), default="PROPOSED")
    """PROPOSED, CONFIRMED, REJECTED."""
    reason: Mapped[str] = mapped_column(String(400))
    documents: Mapped[int] = mapped_column(Integer)
    """How many it lists."""
    proposed_by_staff_id: Mapped[str] = mapped_column(Id)
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_staff_id: Mapped[str | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    supervisor: Mapped[str] = mapped_column(String(60), default="")
    """Who watched that it was done, as the rules for accounting archives ask."""
    decision_note: Mapped[str] = mapped_column(String(400), default="")


class DisposalLine(Replicated, Base):
    """A document on a list, and what remains of it: number, kind, digests and days. Its id is the document's, so that
    it stands on one list at a time, and whoever deletes parts of it can be asked by which list."""

    __tablename__ = "disposal_line"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "list_id"),)

    list_id: Mapped[str] = mapped_column(Id)
    contract_id: Mapped[str] = mapped_column(Id)
    number: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    data_digest: Mapped[str] = mapped_column(String(64), default="")
    document_digest: Mapped[str] = mapped_column(String(64), default="")
    sealed_digest: Mapped[str] = mapped_column(String(64), default="")
    closed_on: Mapped[date] = mapped_column(IsoDate)
    kept_until: Mapped[date] = mapped_column(IsoDate)
