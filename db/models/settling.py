"""What stays at this desk about its exchange with the centre: what was sent when, what could not be written here, what
of one's own was overridden, and what somebody decided about changes the centre refused."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id
from db.types import Json, UtcDateTime


class SentBatch(Base):
    """One push the centre has answered: operations `first_n` to `last_n`. Kept as long as the operations themselves."""

    __tablename__ = "sent_batch"

    last_n: Mapped[int] = mapped_column(Integer, primary_key=True)
    first_n: Mapped[int] = mapped_column(Integer)
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """By the desk's clock."""
    centre_ms: Mapped[int] = mapped_column(Integer)
    """By the centre's clock, in milliseconds: whoever wrote before that cannot have seen these operations."""
    request_id: Mapped[str] = mapped_column(String(64), default="")


class UnwrittenRow(Base):
    """A row of the feed that this desk could not write. The others went on; this one is tried again after an update of
    the program and by hand, and is gone once it is written."""

    __tablename__ = "unwritten_row"

    table_name: Mapped[str] = mapped_column(String(40), primary_key=True)
    record_id: Mapped[str] = mapped_column(Id, primary_key=True)
    scope: Mapped[str] = mapped_column(String(32))
    ver: Mapped[int] = mapped_column(Integer)
    seq: Mapped[int] = mapped_column(Integer)
    body: Mapped[str] = mapped_column(Text)
    """JSON of the row as it arrived."""
    error: Mapped[str] = mapped_column(String(400))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    tried_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tried_with: Mapped[str] = mapped_column(String(8))
    """The newest migration of the program that tried last."""


class SkippedTable(Base):
    """A table of the feed that this version of the program does not have. A later version reads it from the centre."""

    __tablename__ = "skipped_table"

    table_name: Mapped[str] = mapped_column(String(40), primary_key=True)
    scope: Mapped[str] = mapped_column(String(32), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class OverriddenValue(Base):
    """A value entered at this desk that another desk's change of the same field replaced, made without knowing it."""

    __tablename__ = "overridden_value"
    __table_args__ = (
        Index(None, "record_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    table_name: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[str] = mapped_column(Id)
    field: Mapped[str] = mapped_column(String(60))
    n: Mapped[int] = mapped_column(Integer)
    """The operation of this desk that carried the value."""
    own_value: Mapped[Any] = mapped_column(Json, nullable=True)
    """As it travels, like the other one."""
    own_at: Mapped[datetime] = mapped_column(UtcDateTime)
    own_staff_id: Mapped[str] = mapped_column(String(64), default="")
    their_value: Mapped[Any] = mapped_column(Json, nullable=True)
    their_clock: Mapped[str] = mapped_column(String(60))
    """Hybrid time of the other change; its end names the desk."""
    noticed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12), default="open")
    """open, theirs (somebody saw it and let it be), own (the own value was entered again), passed (changed since)."""
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_staff_id: Mapped[str | None] = mapped_column(Id)


class RefusalDecision(Base):
    """What somebody decided about an operation the centre refused."""

    __tablename__ = "refusal_decision"
    __table_args__ = (Index(None, "n"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    n: Mapped[int] = mapped_column(Integer)
    decision: Mapped[str] = mapped_column(String(12))
    """dropped, resent, corrected, taken_up (a dropped one is looked at again)."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    staff_id: Mapped[str] = mapped_column(Id)
    fields: Mapped[Any] = mapped_column(Json, nullable=True)
    """The names of corrected fields."""
