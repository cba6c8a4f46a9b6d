"""What is decided about a signed contract after it was sealed: what was agreed for which day, and who holds it back."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, String
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
