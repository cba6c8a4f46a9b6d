"""How the catalogue came to be as it is: versions of its entries, and what customers looked at."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import IsoDate, Json, UtcDateTime


class SpecificationVersion(Replicated, Base):
    """One change of a make, series, model year or trim; written once.

    It says what it sets and drops, not all that held then: what an entry says on a day is all its changes in force by
    then laid over each other (`app.catalog.version_rules`), so that changes made at two desks at once both count. Only
    a change that has not come into force is ever withdrawn.
    """

    __tablename__ = "specification_version"
    __shared__ = True

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (
            Index(None, "subject_id", "number"),
            Index("ix_specification_version_scheduled", "effective_from", sqlite_where=text("scheduled")),
        )

    subject_kind: Mapped[str] = mapped_column(String(12))
    """make, series, model_year, trim."""
    subject_id: Mapped[str] = mapped_column(Id)
    number: Mapped[int] = mapped_column(Integer)
    """Counts the versions of one entry as the desk that made it knew them: two desks may give one twice."""
    effective_from: Mapped[date] = mapped_column(IsoDate)
    scheduled: Mapped[bool] = mapped_column(default=False)
    """Made on a day before it came into force."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    staff_id: Mapped[str] = mapped_column(Id)
    reason: Mapped[str] = mapped_column(String(400), default="")
    changes: Mapped[dict[str, Any]] = mapped_column(Json)
    """`{"set": {field: value}, "drop": [field]}`; values as they travel, parameters as `parameters.<code>`."""
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ParameterInterest(Base):
    """How often a parameter was looked at on this desk on one day; who looked is not kept."""

    __tablename__ = "parameter_interest"

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    day: Mapped[date] = mapped_column(IsoDate, primary_key=True)
    opened: Mapped[int] = mapped_column(Integer, default=0)
