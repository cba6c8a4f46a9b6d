"""Things somebody has to do: durable follow-ups of what happened."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import Json, UtcDateTime


class Task(Replicated, Base):
    """A follow-up for a branch or one person, with the record it is about."""

    __tablename__ = "task"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "state", "due_at"), Index(None, "record_id"))

    branch_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(32))
    """approve_quotation, resolve_claim_conflict, …"""
    assignee_staff_id: Mapped[str | None] = mapped_column(Id)
    record_table: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[str] = mapped_column(Id)
    params: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """Fills the placeholders of the text shown for this kind."""
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12), default="OPEN")
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by_staff_id: Mapped[str | None] = mapped_column(Id)
