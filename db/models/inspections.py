"""Inspections before delivery: one a visit, its answers, and the defects that were found."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import UtcDateTime


class Inspection(Replicated, Base):
    """One inspection of a unit, from the first answer to its result. A unit may have several: the newest counts."""

    __tablename__ = "inspection"
    __follows_unit__ = "unit_id"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "unit_id", "started_at"), Index(None, "branch_id", "state"))

    branch_id: Mapped[str] = mapped_column(Id)
    unit_id: Mapped[str] = mapped_column(Id)
    checklist: Mapped[str] = mapped_column(String(24))
    """Version of the checklist it was begun with."""
    energy: Mapped[str] = mapped_column(String(16))
    """Which items of the checklist apply."""
    state: Mapped[str] = mapped_column(String(12), default="OPEN")
    """OPEN, PASSED, FAILED, ABANDONED."""
    inspector_staff_id: Mapped[str] = mapped_column(Id)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_by_staff_id: Mapped[str | None] = mapped_column(Id)
    odometer_km: Mapped[int | None] = mapped_column(Integer)
    battery_percent: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(String(400), default="")


class InspectionAnswer(Replicated, Base):
    """What was found at one item. Its id follows from inspection and item, so that two desks write one row."""

    __tablename__ = "inspection_answer"
    __follows_unit__ = "unit_id"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "inspection_id"),)

    branch_id: Mapped[str] = mapped_column(Id)
    inspection_id: Mapped[str] = mapped_column(Id)
    unit_id: Mapped[str] = mapped_column(Id)
    """The inspection's unit: an answer changes branches with it."""
    item: Mapped[str] = mapped_column(String(40))
    verdict: Mapped[str] = mapped_column(String(12))
    """OK, DEFECT, NOT_APPLICABLE; empty where the answer was taken back."""
    measured: Mapped[str] = mapped_column(String(40), default="")
    note: Mapped[str] = mapped_column(String(400), default="")
    answered_by_staff_id: Mapped[str] = mapped_column(Id)
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class InspectionDefect(Replicated, Base):
    """Something that is wrong with a unit: found, repaired, looked at again."""

    __tablename__ = "inspection_defect"
    __follows_unit__ = "unit_id"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "inspection_id"), Index(None, "unit_id"))

    branch_id: Mapped[str] = mapped_column(Id)
    inspection_id: Mapped[str] = mapped_column(Id)
    unit_id: Mapped[str] = mapped_column(Id)
    item: Mapped[str] = mapped_column(String(40))
    severity: Mapped[str] = mapped_column(String(12))
    """SAFETY, QUALITY, COSMETIC."""
    description: Mapped[str] = mapped_column(String(400))
    responsible: Mapped[str] = mapped_column(String(80), default="")
    """Who has it put right: workshop, maker, carrier, a name."""
    state: Mapped[str] = mapped_column(String(12), default="OPEN")
    """OPEN, REPAIRED, CLEARED, WITHDRAWN."""
    repair: Mapped[str] = mapped_column(String(400), default="")
    repaired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    repaired_by: Mapped[str] = mapped_column(String(80), default="")
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cleared_by_staff_id: Mapped[str | None] = mapped_column(Id)
