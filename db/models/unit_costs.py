"""What a unit has cost beyond its purchase price, and the loans it stands on."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import IsoDate, Money


class UnitCost(Replicated, Base):
    """One cost of a unit; never changed, taken back by a contra entry. A rebate is negative."""

    __tablename__ = "unit_cost"
    __follows_unit__: ClassVar[str] = "unit_id"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "unit_id", "happened_on"),)

    branch_id: Mapped[str] = mapped_column(Id)
    unit_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(16))
    """FREIGHT, INSURANCE, CUSTOMS, PREPARATION, ACCESSORY, REPAIR, REGISTRATION, REBATE, OTHER."""
    amount: Mapped[Decimal] = mapped_column(Money)
    happened_on: Mapped[date] = mapped_column(IsoDate)
    supplier: Mapped[str] = mapped_column(String(120), default="")
    document_number: Mapped[str] = mapped_column(String(60), default="")
    note: Mapped[str] = mapped_column(String(200), default="")
    contra_of: Mapped[str | None] = mapped_column(Id)
    recorded_by_staff_id: Mapped[str] = mapped_column(Id)


class FloorPlan(Replicated, Base):
    """A loan that one unit stands on, as a rule secured by its certificate."""

    __tablename__ = "floor_plan"
    __follows_unit__: ClassVar[str] = "unit_id"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "unit_id"), Index(None, "branch_id", "closed_on", "drawn_on"))

    branch_id: Mapped[str] = mapped_column(Id)
    unit_id: Mapped[str] = mapped_column(Id)
    lender: Mapped[str] = mapped_column(String(120))
    contract_number: Mapped[str] = mapped_column(String(60), default="")
    principal: Mapped[Decimal] = mapped_column(Money)
    rate_millionths: Mapped[int] = mapped_column(Integer)
    """The annual rate in millionths: 4.5 % is 45,000."""
    day_basis: Mapped[int] = mapped_column(Integer)
    """Days a year has in this contract: 360 or 365."""
    drawn_on: Mapped[date] = mapped_column(IsoDate)
    free_days: Mapped[int] = mapped_column(Integer, default=0)
    due_on: Mapped[date | None] = mapped_column(IsoDate)
    closed_on: Mapped[date | None] = mapped_column(IsoDate)
    note: Mapped[str] = mapped_column(String(200), default="")


class FloorPlanRepayment(Replicated, Base):
    """Principal paid back on a floor plan; never changed, taken back by a contra entry."""

    __tablename__ = "floor_plan_repayment"
    __follows_unit__: ClassVar[str] = "unit_id"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "floor_plan_id", "paid_on"),)

    branch_id: Mapped[str] = mapped_column(Id)
    unit_id: Mapped[str] = mapped_column(Id)
    floor_plan_id: Mapped[str] = mapped_column(Id)
    amount: Mapped[Decimal] = mapped_column(Money)
    paid_on: Mapped[date] = mapped_column(IsoDate)
    reference: Mapped[str] = mapped_column(String(60), default="")
    contra_of: Mapped[str | None] = mapped_column(Id)
    recorded_by_staff_id: Mapped[str] = mapped_column(Id)
