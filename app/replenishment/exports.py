"""A purchase proposal for the maker: a table for spreadsheet programs, and paper."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from app.catalog.import_report import harmless, needs_apostrophe
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.replenishment.proposal_queries import ProposalDetail, get_proposal
from app.runtime.language import language, tr

Cell = str | int | Decimal


def proposal_table(detail: ProposalDetail) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    """Headings and rows in the language in use; costs only where the reader sees them."""
    costs = any(line.unit_cost is not None for line in detail.lines)
    head = [tr("Number"), tr("Model"), tr("Colour"), tr("Quantity"), tr("Note")]
    head += [tr("Cost per unit"), tr("Cost in all")] if costs else []
    rows: list[tuple[Cell, ...]] = []
    for line in detail.lines:
        row: list[Cell] = [detail.row.number, str(line.name), str(line.colour), line.quantity, line.note]
        if costs:
            row += [line.unit_cost or Decimal(0), line.value or Decimal(0)]
        rows.append(tuple(row))
    return tuple(head), rows


def proposal_csv(reader: Reader, proposal_id: str) -> bytes:
    """CSV in UTF-8 with a byte order mark; no cell can be taken for a formula."""
    head, rows = proposal_table(get_proposal(reader, proposal_id))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> str:
    return harmless(cell) if isinstance(cell, str) else str(cell)


def proposal_xlsx(reader: Reader, proposal_id: str) -> bytes:
    """A workbook; texts are texts, amounts are numbers."""
    from openpyxl import Workbook  # takes long to import

    head, rows = proposal_table(get_proposal(reader, proposal_id))
    book = Workbook()
    sheet = book.active
    sheet.title = tr("Purchase proposal")[:31]
    for number, row in enumerate([head, *rows], start=1):
        _write_row(sheet, number, row)
    for letter, width in zip("ABCDEFG", (20, 52, 24, 10, 32, 16, 16), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _write_row(sheet: object, number: int, row: Sequence[Cell]) -> None:
    for place, value in enumerate(row, start=1):
        cell = sheet.cell(row=number, column=place)  # type: ignore[attr-defined]
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"  # a text is never a formula, whatever it begins with
            cell.quotePrefix = needs_apostrophe(value)  # nor when somebody edits it
        elif isinstance(value, Decimal):
            cell.number_format = "#,##0.00"


def proposal_pdf(reader: Reader, proposal_id: str, *, paper_language: str = "") -> bytes:
    """The proposal on paper in one language."""
    from app.replenishment.paper import render_proposal  # needs ReportLab

    reader.require(Permission.REPLENISHMENT_VIEW)
    detail = get_proposal(reader, proposal_id)
    made: datetime = reader.now
    return render_proposal(detail, made_at=made, language=paper_language or language())

