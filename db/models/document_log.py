"""What this desk has seen of the centre's log of sealed documents, and what it can prove. It stays here."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Index, Integer, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id
from db.types import Json, UtcDateTime

_NOTE = (
    " ON contract WHEN new.sealed_digest <> '' AND new.branch_id = (SELECT branch_id FROM desk_state WHERE id = 1)"
    " BEGIN INSERT INTO document_proof (digest, pending) SELECT new.sealed_digest, 1"
    " WHERE NOT EXISTS (SELECT 1 FROM document_proof WHERE digest = new.sealed_digest); END"
)
PROOF_TRIGGERS = (
    f"CREATE TRIGGER IF NOT EXISTS contract_sealed_here AFTER INSERT{_NOTE}",
    f"CREATE TRIGGER IF NOT EXISTS contract_sealed_anew AFTER UPDATE OF sealed_digest{_NOTE}",
)
"""Each sealed contract of the branch is to be proved, whichever way its row came: sealed here, by the feed or by a
snapshot. Looking for them would mean going through all contracts again and again."""


class LogHeadSeen(Base):
    """A head of the log this desk has checked; the newest is the one the next has to continue. Others stay as long as a
    proof needs them."""

    __tablename__ = "log_head"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    log: Mapped[str] = mapped_column(Id)
    epoch: Mapped[str] = mapped_column(String(32))
    size: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """The centre's time of signing."""
    key_id: Mapped[str] = mapped_column(String(32))
    signature: Mapped[str] = mapped_column(String(128))
    public_key: Mapped[str] = mapped_column(String(64))
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the centre was asked last and answered with this head, by this desk's clock."""
    retired: Mapped[bool] = mapped_column(Boolean, default=False)
    """Somebody accepted a break: the next head need not continue this one."""


class DocumentProof(Base):
    """A sealed document of the branch: where it stands in the log, once the centre has proved it."""

    __tablename__ = "document_proof"
    __table_args__ = (
        Index("ix_document_proof_pending", "digest", sqlite_where=text("pending = 1")),
        Index(None, "head_id"),
    )

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the sealed bytes."""
    pending: Mapped[bool] = mapped_column(Boolean, default=True)
    """To be asked for: never proved, or only in a log the centre has lost."""
    position: Mapped[int | None] = mapped_column(BigInteger)
    """Which entry it is, from 0."""
    entered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The centre's time, which is part of the entry."""
    path: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The hashes from the entry to the root, 32 bytes each."""
    head_id: Mapped[int | None] = mapped_column(Integer)


class LogAlarm(Base):
    """Something was wrong with the log. Never overwritten; settled by a person."""

    __tablename__ = "log_alarm"
    __table_args__ = (Index("ix_log_alarm_open", "kind", sqlite_where=text("settled_at IS NULL")),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    """A `sync.protocol.document_log.Fault`."""
    detail: Mapped[str] = mapped_column(String(200), default="")
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it was found last."""
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """The head known until then; with `after` it is the evidence, because the centre signed both."""
    after: Mapped[dict[str, Any] | None] = mapped_column(Json)
    public_key: Mapped[str] = mapped_column(String(64), default="")
    """The key the centre showed with it."""
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by_staff_id: Mapped[str | None] = mapped_column(Id)
