"""What finding a vehicle keeps: the columns of the catalogue at this desk, and wishes under a name."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import Json, UtcDateTime


class FinderColumns(Base):
    """All trims as columns, packed: what spares reading the whole catalogue when the program starts. Stays at this
    desk; what changed since is read row by row."""

    __tablename__ = "finder_columns"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    shape: Mapped[str] = mapped_column(String(64))
    """Fingerprint of the dictionary and of the way of packing; another one makes the pack worthless."""
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class SavedSearch(Replicated, Base):
    """A question to the catalogue under a name, perhaps what a customer said they want."""

    __tablename__ = "saved_search"
    __personal__ = frozenset({"name"})

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "branch_id", "staff_id"), Index(None, "customer_id"))

    branch_id: Mapped[str] = mapped_column(Id)
    staff_id: Mapped[str] = mapped_column(Id)
    customer_id: Mapped[str | None] = mapped_column(Id)
    name: Mapped[str] = mapped_column(String(60))
    question: Mapped[dict[str, Any]] = mapped_column(Json)
    """`app.finder.rules.question_as_json`."""
