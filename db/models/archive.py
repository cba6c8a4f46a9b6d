"""What is decided about a signed contract after it was sealed: what was agreed for which day, and who holds it back;
and the desk's own index of what its documents say."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import IsoDate, Money, UtcDateTime


class LegalHold(Replicated, Base):
    """A contract that must not be disposed of, whatever its age: a dispute, an inspection. Ends when it is lifted."""

    __tablename__ = "legal_hold"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "contract_id"),)

    contract_id: Mapped[str] = mapped_column(Id)
    reason: Mapped[str] = mapped_column(String(400))
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    placed_by_staff_id: Mapped[str] = mapped_column(Id)
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lifted_by_staff_id: Mapped[str | None] = mapped_column(Id)
    lift_reason: Mapped[str] = mapped_column(String(400), default="")


class ContractMilestone(Replicated, Base):
    """What a sealed contract says has to have happened by a day. Whether it has is read from payments and the order."""

    __tablename__ = "contract_milestone"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "contract_id"), Index(None, "order_id"))

    branch_id: Mapped[str] = mapped_column(Id)
    contract_id: Mapped[str] = mapped_column(Id)
    order_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(24))
    """payment_due, delivery_due."""
    due_on: Mapped[date] = mapped_column(IsoDate)
    amount: Mapped[Decimal | None] = mapped_column(Money)
    """What the customer has to have paid in all by that day; None for what is not about money."""


_MARK = "BEGIN INSERT INTO archive_pending (contract_id) VALUES ({row}.{column}); END"
ARCHIVE_TRIGGERS = (
    "CREATE TRIGGER IF NOT EXISTS contract_to_archive AFTER INSERT ON contract WHEN new.state <> 'DRAFT' "
    + _MARK.format(row="new", column="id"),
    "CREATE TRIGGER IF NOT EXISTS contract_to_archive_anew AFTER UPDATE OF state, number, customer_id, order_id,"
    " sealed_digest, stamped_digest, deleted_at ON contract WHEN new.state <> 'DRAFT' "
    + _MARK.format(row="new", column="id"),
    "CREATE TRIGGER IF NOT EXISTS contract_from_archive AFTER DELETE ON contract WHEN old.state <> 'DRAFT' "
    + _MARK.format(row="old", column="id"),
    "CREATE TRIGGER IF NOT EXISTS document_to_archive AFTER INSERT ON contract_document WHEN new.stage <> 'draft' "
    + _MARK.format(row="new", column="contract_id"),
    "CREATE TRIGGER IF NOT EXISTS document_to_archive_anew AFTER UPDATE OF stage, content, deleted_at"
    " ON contract_document WHEN new.stage <> 'draft' " + _MARK.format(row="new", column="contract_id"),
)
"""Whatever way a document comes or changes (here, by the feed, by a snapshot), the archive's index hears of it."""


class ArchivePending(Base):
    """A document whose entry has to be made anew; several rows may name one."""

    __tablename__ = "archive_pending"
    __table_args__ = (Index(None, "contract_id"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    contract_id: Mapped[str] = mapped_column(Id)


class ArchiveEntry(Base):
    """What a document in the archive is looked for by; narrow, so that reading all of them takes milliseconds.

    The id says when it was drafted, in tenths of a second, so that the newest are the highest; it is also the row of
    the full-text table (`db.archive_words`). It stays at this desk.
    """

    __tablename__ = "archive_entry"
    __table_args__ = (
        Index("uq_archive_entry_contract_id", "contract_id", unique=True),
        Index(None, "customer_id"),
        Index(None, "order_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    contract_id: Mapped[str] = mapped_column(Id)
    branch_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(24))
    template_version: Mapped[str] = mapped_column(String(16))
    customer_id: Mapped[str] = mapped_column(Id)
    order_id: Mapped[str] = mapped_column(Id)
    vehicle_unit_id: Mapped[str | None] = mapped_column(Id)
    """The one it is about, the order's where it names none itself."""
    salesperson_id: Mapped[str | None] = mapped_column(Id)
    amount: Mapped[Decimal | None] = mapped_column(Money)
    drafted_on: Mapped[date] = mapped_column(IsoDate)
    sealed_on: Mapped[date | None] = mapped_column(IsoDate)
    kept_until: Mapped[date | None] = mapped_column(IsoDate)
    """None while it is open."""
    sealed_digest: Mapped[str] = mapped_column(String(64), default="")
    stamped: Mapped[bool] = mapped_column(Boolean, default=False)
    read_digest: Mapped[str] = mapped_column(String(64), default="")
    """SHA-256 of the bytes whose text is in the index; empty where there are none here yet."""


class ArchiveText(Base):
    """The text of a document, to show where something was found. It stays at this desk."""

    __tablename__ = "archive_text"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    """Of the entry."""
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """UTF-8, compressed by Zstandard."""
