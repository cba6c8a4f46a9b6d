"""What was printed, and how this desk prints."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Replicated
from db.types import PlainJson, UtcDateTime


class DocumentPrint(Replicated, Base):
    """One print of a document. It says what was given to a printer; whether paper came out nobody tells a program."""

    __tablename__ = "document_print"

    @classmethod
    def __more_table_args__(cls) -> tuple[Any, ...]:
        return (Index(None, "record_id"),)

    branch_id: Mapped[str] = mapped_column(Id)
    source: Mapped[str] = mapped_column(String(16))
    """A `PrintSource`: contract or receipt."""
    record_id: Mapped[str] = mapped_column(Id)
    """The contract or the payment."""
    number: Mapped[str] = mapped_column(String(40))
    stage: Mapped[str] = mapped_column(String(24))
    """draft, locked or sealed as `contract_document.stage`; issued for a receipt."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the stored bytes that were printed, without what the print laid over them."""
    mark: Mapped[str] = mapped_column(String(16))
    """A `PrintMark`: original, copy, draft or void."""
    count: Mapped[int] = mapped_column(Integer)
    """Which print of this stage, as far as the desk knew; two desks that are apart may both print number 1."""
    printed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    staff_id: Mapped[str] = mapped_column(Id)
    staff_name: Mapped[str] = mapped_column(String(120))
    desk_code: Mapped[str] = mapped_column(String(16))
    copies: Mapped[int] = mapped_column(Integer, default=1)
    pages: Mapped[str] = mapped_column(String(80), default="")
    """As the person wrote them; empty for all."""
    printer: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(16), default="begun")
    """A `PrintState`."""
    sides: Mapped[int] = mapped_column(Integer, default=0)
    """How many sides the system's spooler took."""
    detail: Mapped[str] = mapped_column(String(200), default="")


class PrintChoice(Base):
    """How papers of one kind were printed last at this desk."""

    __tablename__ = "print_choice"

    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    settings: Mapped[dict[str, Any]] = mapped_column(PlainJson)
    chosen_at: Mapped[datetime] = mapped_column(UtcDateTime)
