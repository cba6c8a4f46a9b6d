"""What this desk knows of the printers beside it."""

from datetime import datetime

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import UtcDateTime


class PrintOffset(Base):
    """How far a printer has to shift a form, in tenths of a millimetre."""

    __tablename__ = "print_offset"

    printer: Mapped[str] = mapped_column(String(200), primary_key=True)
    form: Mapped[str] = mapped_column(String(40), primary_key=True)
    right: Mapped[int] = mapped_column(Integer)
    down: Mapped[int] = mapped_column(Integer)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
