"""Service appointments."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import UtcDateTime


class ServiceAppointment(Replicated, Base):
    """A time at the workshop for a customer's vehicle."""

    __tablename__ = "service_appointment"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "branch_id", "starts_at"), Index(None, "customer_id"))

    branch_id: Mapped[str] = mapped_column(Id)
    number: Mapped[str] = mapped_column(String(40))
    customer_id: Mapped[str] = mapped_column(Id)
    customer_vehicle_id: Mapped[str] = mapped_column(Id)
    state: Mapped[str] = mapped_column(String(16), default="CONFIRMED")
    bay_type: Mapped[str] = mapped_column(String(24))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    duration_minutes: Mapped[int] = mapped_column(Integer)
    work: Mapped[str] = mapped_column(String(1000))
    advisor_staff_id: Mapped[str] = mapped_column(Id)
    note: Mapped[str] = mapped_column(String(1000), default="")
