"""Lists as files: CSV and spreadsheets in which no cell can act as a formula."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

_ACTS = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 60


def plain_cell(value: Any) -> Any:
    """Numbers as they are; a text that a spreadsheet would execute gets an apostrophe in front."""
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value)
    if isinstance(value, int | float):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(_ACTS) else text


def csv_table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """UTF-8 with a mark at the beginning, so that spreadsheets read Chinese."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([plain_cell(cell) for cell in head])
    writer.writerows([plain_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_table(head: Sequence[str], rows: Sequence[Sequence[Any]], *, title: str) -> bytes:
    """One sheet with a frozen, bold head; texts stay texts."""
    return xlsx_book([Sheet(title, head, rows)])


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook. Decimals become numbers with two places."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Any]]


def xlsx_book(sheets: Sequence[Sheet]) -> bytes:
    """A workbook; each sheet has a frozen, bold head, and its texts stay texts."""
    from openpyxl import Workbook

    book = Workbook()
    for place, one in enumerate(sheets):
        sheet = book.worksheets[0] if place == 0 else book.create_sheet()
        sheet.title = one.title[:31]
        _fill(sheet, one)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _fill(sheet: Any, one: Sheet) -> None:
    from openpyxl.styles import Font

    sheet.append([plain_cell(cell) for cell in one.head])
    for row in one.rows:
        sheet.append([cell if isinstance(cell, Decimal) else plain_cell(cell) for cell in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column in sheet.columns:
        longest = max((len(str(cell.value or "")) for cell in column), default=0)
        sheet.column_dimensions[column[0].column_letter].width = min(longest * 1.4 + 3, _WIDEST)
    for place, row in enumerate(one.rows, start=2):
        for number, value in enumerate(row, start=1):
            if isinstance(value, Decimal):
                sheet.cell(row=place, column=number).number_format = "#,##0.00"
    sheet.freeze_panes = "A2"


def save_table(path: Path, head: Sequence[str], rows: Sequence[Sequence[Any]], *, title: str) -> Path:
    """Write the whole file or none; the ending decides the form. Returns the path."""
    from app.runtime.atomic_file import write_atomically

    content = xlsx_table(head, rows, title=title) if path.suffix.lower() == ".xlsx" else csv_table(head, rows)
    write_atomically(path, content, mode=0o644)
    return path
