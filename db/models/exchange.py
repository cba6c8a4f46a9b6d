"""What a desk imported into the catalogue and can take back, and which specification checks were put aside."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import Json, UtcDateTime


class SpecificationImport(Base):
    """One import of specifications at this desk. It stays here: what it changed travels as changes of the rows."""

    __tablename__ = "specification_import"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    source: Mapped[str] = mapped_column(String(120))
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    staff_id: Mapped[str] = mapped_column(Id)
    added: Mapped[int] = mapped_column(Integer)
    """Trims that were not there before."""
    changed: Mapped[int] = mapped_column(Integer)
    """Trims, and levels above them, that were there and got other values."""
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by_staff_id: Mapped[str | None] = mapped_column(Id)


class SpecificationImportChange(Base):
    """One row an import added or changed, with what it takes to go back and to see whether somebody was there since."""

    __tablename__ = "specification_import_change"

    import_id: Mapped[str] = mapped_column(Id, primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    """The order in which it was done; going back runs the other way."""
    table_name: Mapped[str] = mapped_column(String(16))
    """make, series, model_year, trim."""
    record_id: Mapped[str] = mapped_column(Id)
    version_id: Mapped[str] = mapped_column(Id)
    """The version of the entry that was made for it."""
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """Wire values of the changed fields, parameters one by one as `parameters.<code>`; None for an added row.

    A parameter the row did not have is missing here and stands in `after`."""
    after: Mapped[dict[str, Any]] = mapped_column(Json)


class AnomalyDismissal(Replicated, Base):
    """Somebody looked at what a check said and found it right. Comes back when the values change."""

    __tablename__ = "anomaly_dismissal"
    __shared__ = True

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "subject_id"),)

    subject_table: Mapped[str] = mapped_column(String(16))
    """trim, vehicle_unit."""
    subject_id: Mapped[str] = mapped_column(Id)
    rule: Mapped[str] = mapped_column(String(80))
    fingerprint: Mapped[str] = mapped_column(String(64))
    """Of the values the check was about; other values are another finding."""
    reason: Mapped[str] = mapped_column(String(400))
    staff_id: Mapped[str] = mapped_column(Id)
    dismissed_at: Mapped[datetime] = mapped_column(UtcDateTime)
