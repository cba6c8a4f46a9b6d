"""Money received and given back."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import Money, UtcDateTime


class Payment(Replicated, Base):
    """One receipt, or the contra entry that reverses one (`reverses_id`, negative amount). Never edited."""

    __tablename__ = "payment"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "order_id"), Index(None, "customer_id"), Index(None, "received_at"))

    branch_id: Mapped[str] = mapped_column(Id)
    number: Mapped[str] = mapped_column(String(40))
    order_id: Mapped[str] = mapped_column(Id)
    customer_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(24))
    """earnest_money (定金), advance (订金), instalment, balance, collected_on_behalf, insurance."""
    method: Mapped[str] = mapped_column(String(24))
    """cash, bank_card, transfer, wechat_pay, alipay, other."""
    amount: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    state: Mapped[str] = mapped_column(String(16), default="RECEIVED")
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Event time; `created_at` is the time of entry."""
    received_by_staff_id: Mapped[str] = mapped_column(Id)
    reference: Mapped[str] = mapped_column(String(80), default="")
    reverses_id: Mapped[str | None] = mapped_column(Id)
    reason: Mapped[str] = mapped_column(String(400), default="")
    note: Mapped[str] = mapped_column(String(400), default="")
