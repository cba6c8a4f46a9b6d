"""Pictures and documents of models, units and inspections: the rows travel, their bytes are contents of their own."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import UtcDateTime

Digest = String(64)


class Attachment(Replicated, Base):
    """A picture or document of one record. It lives in the scope of that record.

    `sha256` names the bytes, and so do `thumb_sha256` (a picture for cards) and `icon_sha256` (one for lines), both
    empty where there is nothing to see. The bytes are kept and travel apart from the row.
    """

    __tablename__ = "attachment"
    __follows_unit__ = "unit_id"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (
            Index(None, "subject_id", "purpose", "position"),
            Index(None, "sha256"),
            Index(None, "thumb_sha256"),
            Index(None, "icon_sha256"),
        )

    branch_id: Mapped[str | None] = mapped_column(Id)
    """None for what all branches share."""
    subject_table: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(Id)
    unit_id: Mapped[str | None] = mapped_column(Id)
    """The unit it belongs to, directly or through its inspection: it moves to another branch with it."""
    purpose: Mapped[str] = mapped_column(String(24), default="picture")
    position: Mapped[int] = mapped_column(Integer, default=0)
    """Order within subject and purpose; the first picture is the main one."""
    file_name: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(120), default="")
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(Integer)
    """Bytes of the content."""
    sha256: Mapped[str] = mapped_column(Digest)
    source_sha256: Mapped[str] = mapped_column(Digest, default="")
    """Of the file as it was given, so that the same file is recognised."""
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    thumb_sha256: Mapped[str] = mapped_column(Digest, default="")
    thumb_size: Mapped[int] = mapped_column(Integer, default=0)
    icon_sha256: Mapped[str] = mapped_column(Digest, default="")
    icon_size: Mapped[int] = mapped_column(Integer, default=0)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    added_by_staff_id: Mapped[str] = mapped_column(Id)


class LocalContent(Base):
    """A content that lies at this desk (`db.contents`)."""

    __tablename__ = "local_content"
    __table_args__ = (Index(None, "sent_epoch"),)

    sha256: Mapped[str] = mapped_column(Digest, primary_key=True)
    size: Mapped[int] = mapped_column(Integer)
    stored_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_epoch: Mapped[str] = mapped_column(String(32), default="")
    """The service's epoch in which the centre said that it has it; empty while it was not sent."""
