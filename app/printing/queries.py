"""Reading what was printed, and papers as they would be printed now."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.contracts.queries import contract_document
from app.kernel.errors import DomainError
from app.kernel.unit_of_work import Reader
from app.payments.queries import receipt_pdf
from app.printing.commands import PrintTarget
from app.printing.errors import NothingToPrint, TooManyPapers
from app.printing.papers import VIEWS, coming_print, printed_paper
from app.printing.rules import MOST_PAPERS, PrintMark, PrintSettings, PrintSource
from db.models.printing import DocumentPrint, PrintChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperToPrint:
    """A paper somebody wants printed. `fetch(reader)` gives its bytes; `label` is what people call it.

    `source` and `record_id` name the record its prints are recorded of; both empty where none are.
    """

    label: str
    fetch: Callable[[Reader], bytes]
    source: str = ""
    record_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyPaper:
    """A paper with its bytes and what its next print will be, or the error that kept it from being read."""

    label: str
    content: bytes = b""
    target: PrintTarget | None = None
    mark: PrintMark = PrintMark.ORIGINAL
    count: int = 1
    error: DomainError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintRow:
    """One print of a document; `mark` and `state` have labels in `app.printing.rules`."""

    id: str
    mark: str
    count: int
    stage: str
    state: str
    printed_at: datetime
    staff_name: str
    desk_code: str
    copies: int
    pages: str
    printer: str
    detail: str


def ready_papers(reader: Reader, papers: Sequence[PaperToPrint]) -> tuple[ReadyPaper, ...]:
    """All papers in their order; one that cannot be read carries its error. Raises NothingToPrint or TooManyPapers."""
    if not papers:
        raise NothingToPrint()
    if len(papers) > MOST_PAPERS:
        raise TooManyPapers(limit=MOST_PAPERS)
    return tuple(_ready(reader, paper) for paper in papers)


def _ready(reader: Reader, paper: PaperToPrint) -> ReadyPaper:
    try:
        content = paper.fetch(reader)
        if not paper.source:
            return ReadyPaper(label=paper.label, content=content)
        digest = hashlib.sha256(content).hexdigest()
        target = PrintTarget(source=paper.source, record_id=paper.record_id, digest=digest)
        mark, count = coming_print(reader.session, printed_paper(reader, target))
        return ReadyPaper(label=paper.label, content=content, target=target, mark=mark, count=count)
    except DomainError as error:
        return ReadyPaper(label=paper.label, error=error)


def list_prints(reader: Reader, source: str, record_id: str) -> tuple[PrintRow, ...]:
    """All prints of a record, the newest first."""
    reader.require(VIEWS[PrintSource(source)])
    query = select(DocumentPrint).where(
        DocumentPrint.record_id == record_id, DocumentPrint.source == source, DocumentPrint.deleted_at.is_(None)
    )
    rows = reader.session.scalars(query.order_by(DocumentPrint.printed_at.desc(), DocumentPrint.id.desc()))
    return tuple(_row(row) for row in rows)


def _row(row: DocumentPrint) -> PrintRow:
    return PrintRow(
        id=row.id, mark=row.mark, count=row.count, stage=row.stage, state=row.state, printed_at=row.printed_at,
        staff_name=row.staff_name, desk_code=row.desk_code, copies=row.copies, pages=row.pages, printer=row.printer,
        detail=row.detail,
    )  # fmt: skip


def print_choice(reader: Reader, kind: str) -> PrintSettings:
    """How papers of this kind were printed last at this desk."""
    kept = reader.session.get(PrintChoice, kind)
    settings: dict[str, Any] = kept.settings if kept is not None else {}
    return PrintSettings.from_remembered(settings)


def contract_to_print(contract_id: str, number: str) -> PaperToPrint:
    """A contract's latest bytes."""
    return PaperToPrint(
        label=number, fetch=lambda reader: contract_document(reader, contract_id).content,
        source=PrintSource.CONTRACT.value, record_id=contract_id,
    )  # fmt: skip


def receipt_to_print(payment_id: str, number: str, *, language: str = "") -> PaperToPrint:
    """The receipt of a payment, in the customer's language unless one is named."""
    return PaperToPrint(
        label=number, fetch=lambda reader: receipt_pdf(reader, payment_id, language=language),
        source=PrintSource.RECEIPT.value, record_id=payment_id,
    )  # fmt: skip
