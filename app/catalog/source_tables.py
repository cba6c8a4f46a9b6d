"""Tables that people bring along: CSV in the encodings and with the separators that occur, XLSX, and JSON.

Nothing here trusts the file: sizes are capped before and while reading, a packed workbook is measured before it is
unpacked, and whatever cannot be read says what to do.
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.catalog.encodings import decode
from app.catalog.errors import (
    CsvMalformed,
    FileEmpty,
    FileNotReadable,
    FileTooLarge,
    FormulasUnsolved,
    NotATable,
    OldWorkbook,
    PastedTextTooLarge,
    TooManyColumns,
    TooManyRows,
    WorkbookMalformed,
    WorkbookTooLarge,
)
from app.catalog.heading_rows import header_place, told_apart

MOST_ROWS = 250_000
MOST_COLUMNS = 400
FILE_BYTES = 100 << 20
TEXT_BYTES = 5 << 20
"""Pasted text passes through the window; what is larger belongs into a file."""
UNPACKED_BYTES = 200 << 20
MOST_PARTS = 2_000
MOST_MERGED = 5_000
CELL_LIMIT = 2_000
HEADING_LIMIT = 160
TAKEN_AWAY = "∅"
"""In a cell: this entry takes an inherited value away."""

_DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT_FOR_HEADERS = 15
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_AFTER_A_QUOTED_CELL = re.compile(r'\s*"(?:[^"]|"")*"([,;\t|])"')
_BROKEN = (KeyError, ValueError, TypeError, AttributeError, OSError, SyntaxError, EOFError, zipfile.BadZipFile)
"""What the reader of workbooks raises where one is not what it says."""
_UNSOLVED = re.compile(
    rb'<c\s+r="([A-Z]+[0-9]+)"(?![^>]*t="str")[^>]*><f(?:\s[^>]*)?(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>'
)
"""A cell with a formula and no result; where its result is an empty text, the cell says so."""


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table as it was read: texts only, `lines` are the line numbers a person sees beside the rows.

    `headers` are the texts of the heading row, or letters (A, B, …) where the file has none.
    """

    name: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    has_header: bool
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    skipped: int = 0
    """So many lines above the headings were left out."""
    turned: bool = False
    """Each row was a column of the source, as in specification books; `lines` are the numbers of the columns."""
    in_row: int = 1
    """So many cars stood in each row of the source, in numbered columns."""
    folded: int = 0
    """So many cars were left out because the same car is there already."""
    left_out: int = 0
    """So many columns of the source say nothing of a car."""
    published: str = ""
    """The key of the published list it is known to be."""

    def place(self, line: int) -> str:
        """What a person looks for to find a row: its line, or the letter of its column."""
        return column_letter(line - 1) if self.turned else str(line)

    def cell(self, row: Sequence[str], column: int) -> str:
        """A cell's text, empty beyond the end of a short row."""
        return row[column] if column < len(row) else ""


def read_file(path: Path, *, sheet: str = "") -> SourceTable:
    """The table in a file; the first sheet of a workbook unless one is named.

    Raises FileNotReadable, FileTooLarge, OldWorkbook, NotATable, FileEmpty, and what the CSV and XLSX readers raise.
    """
    try:
        size = path.stat().st_size
        if size > FILE_BYTES:
            raise FileTooLarge(size=size // (1 << 20), limit=FILE_BYTES // (1 << 20))
        content = path.read_bytes()
    except OSError as error:
        raise FileNotReadable(name=path.name) from error
    if content.startswith(_OLD_WORKBOOK):
        raise OldWorkbook(name=path.name)
    if content.startswith(b"PK\x03\x04"):
        return _from_workbook(content, path.name, sheet)
    text, encoding = decode(content, name=path.name)
    return _from_text(text, path.name, encoding)


def read_text(text: str) -> SourceTable:
    """The table in a pasted text; raises PastedTextTooLarge and what the CSV reader raises."""
    if len(text) > TEXT_BYTES:
        raise PastedTextTooLarge(size=len(text) // (1 << 20), limit=TEXT_BYTES // (1 << 20))
    return _from_text(text, "", "")


def _from_text(text: str, name: str, encoding: str) -> SourceTable:
    delimiter = sniff_delimiter(text)
    return table_of(rows_of_text(text, delimiter), name=name, encoding=encoding, delimiter=delimiter)


Numbered = list[tuple[int, list[str]]]
"""Rows of texts with the numbers of the lines they stand on."""


def rows_of_text(text: str, delimiter: str) -> Numbered:
    """The filled rows of a CSV text; raises CsvMalformed, TooManyRows or TooManyColumns."""
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return list(_capped((reader.line_num, row) for row in reader))
    except csv.Error as error:
        raise CsvMalformed(line=_line_of_trouble(text, delimiter)) from error


def _capped(rows: Iterable[tuple[int, Sequence[Any]]]) -> Iterator[tuple[int, list[str]]]:
    """The filled rows as texts, equal ones kept once; raises TooManyRows or TooManyColumns as soon as there are too
    many."""
    filled = 0
    once: dict[str, str] = {}
    for line, row in rows:
        cells = _plain_cells(row) or [cell_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        filled += 1
        if filled > MOST_ROWS + _LOOKED_AT_FOR_HEADERS:
            raise TooManyRows(limit=f"{MOST_ROWS:,}")
        if len(cells) > MOST_COLUMNS:
            raise TooManyColumns(line=line, limit=MOST_COLUMNS)
        yield line, [once.setdefault(cell, cell) for cell in cells]


def _plain_cells(row: Sequence[Any]) -> list[str] | None:
    """The cells of a row of nothing but short texts, as a text file has them; None for any other row."""
    try:
        return None if len("".join(row)) > CELL_LIMIT else [cell.strip() for cell in row]
    except TypeError:
        return None


def sniff_delimiter(text: str) -> str:
    """The separator that splits the first lines most evenly; a comma for want of any."""
    lines = [line for line in text[:20_000].splitlines()[:20] if line.strip()]
    if len(text) > 20_000 and len(lines) > 1:
        lines = lines[:-1]
    quoted = _AFTER_A_QUOTED_CELL.match(text)
    if quoted:
        return quoted.group(1)
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        counts = [_outside_quotes(line, delimiter) for line in lines]
        usual = max(set(counts), key=counts.count, default=0)
        score = usual * counts.count(usual) / max(1, len(counts))
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _outside_quotes(line: str, delimiter: str) -> int:
    count, quoted = 0, False
    for character in line:
        if character == '"':
            quoted = not quoted
        elif character == delimiter and not quoted:
            count += 1
    return count


def _line_of_trouble(text: str, delimiter: str) -> int:
    """The line on which the row begins that cannot be read."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for _ in reader:
            line = reader.line_num + 1
    except csv.Error:
        pass
    return line


def cell_text(cell: Any) -> str:
    """A cell as text, without surrounding blanks; dates in ISO form, whole numbers without a point, long ones cut."""
    if type(cell) is str:
        return cell.strip()[:CELL_LIMIT]
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if (cell.hour, cell.minute, cell.second) == (0, 0, 0) else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        number = Decimal(repr(cell))
        return f"{number.to_integral_value() if number == number.to_integral_value() else number:f}"
    return str(cell).strip()[:CELL_LIMIT]


def _from_workbook(content: bytes, name: str, wanted: str) -> SourceTable:
    rows, sheet, sheets = rows_of_workbook(content, name, wanted)
    return table_of(rows, name=name, sheet=sheet, sheets=sheets)


def rows_of_workbook(
    content: bytes, name: str, wanted: str = "", *, as_shown: bool = False
) -> tuple[Numbered, str, tuple[str, ...]]:
    """The rows of a sheet, its name, and the names of all. With `as_shown`, every merged cell has the text of its
    range, and what people see but the file does not hold, the results of formulas nobody has computed, is refused.

    Raises WorkbookMalformed, WorkbookTooLarge, NotATable, FileEmpty, FormulasUnsolved, TooManyRows or TooManyColumns.
    """
    _measure(content, name)
    import openpyxl  # costs 150 ms

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = tuple(sheet.title for sheet in book.worksheets)
        if not sheets:
            raise FileEmpty(name=name)
        chosen = book[wanted] if wanted in sheets else book.worksheets[0]
        chosen.reset_dimensions()
        numbered = list(_capped(enumerate(chosen.iter_rows(values_only=True), start=1)))
        if as_shown and numbered:
            part = _part_of(content, chosen)
            _refuse_unsolved(part, name)
            _fill_merged(numbered, _merged_ranges(part))
        book.close()
    except _BROKEN as error:
        raise WorkbookMalformed(name=name) from error
    return numbered, chosen.title, sheets


def _part_of(content: bytes, sheet: Any) -> bytes:
    """A sheet as it stands in the file."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return packed.read(sheet._worksheet_path)


def _refuse_unsolved(part: bytes, name: str) -> None:
    """A spreadsheet program keeps the results of formulas; a program that only wrote them does not."""
    found = [cell.decode() for cell in _UNSOLVED.findall(part)] if b"<f" in part else []
    if found:
        raise FormulasUnsolved(name=name, n=len(found), cell=found[0])


def _merged_ranges(part: bytes) -> list[tuple[int, int, int, int]]:
    """Column, row, column, row of each merged range: what reading cell by cell does not tell."""
    from openpyxl.utils.cell import range_boundaries

    found = re.findall(rb'<mergeCell\s+ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"', part[part.rfind(b"<mergeCells") :])
    return [range_boundaries(ref.decode()) for ref in found[:MOST_MERGED]] if b"<mergeCells" in part else []


def _fill_merged(numbered: Numbered, ranges: list[tuple[int, int, int, int]]) -> None:
    by_line = dict(numbered)
    for left, top, right, bottom in ranges:
        first = by_line.get(top, [])
        text = first[left - 1] if left <= len(first) else ""
        if not text or left > MOST_COLUMNS:
            continue
        right = min(right, MOST_COLUMNS)
        for line in range(top, min(bottom, numbered[-1][0]) + 1):
            cells = by_line.get(line)
            if cells is not None:
                cells.extend([""] * (right - len(cells)))
                cells[left - 1 : right] = [text] * (right - left + 1)


def _measure(content: bytes, name: str) -> None:
    """Refuse a workbook that would unpack into something enormous, or whose parts declare entities of their own."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > UNPACKED_BYTES:
                raise WorkbookTooLarge(name=name, limit=UNPACKED_BYTES // (1 << 20))
            names = packed.namelist()
            if "[Content_Types].xml" not in names or not any(one.startswith("xl/") for one in names):
                raise NotATable(name=name)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with packed.open(part) as stream:
                        if b"<!DOCTYPE" in stream.read(1024).upper():
                            raise WorkbookMalformed(name=name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise WorkbookMalformed(name=name) from error


def table_of(
    numbered: Numbered,
    *,
    name: str,
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
    sheets: tuple[str, ...] = (),
    skip: int | None = None,
    turned: bool = False,
) -> SourceTable:
    """A table of rows; its headings are looked for, or are the first filled line after `skip` lines.

    Raises FileEmpty or TooManyRows.
    """
    filled = [(line, row) for line, row in numbered if any(row) and (skip is None or line > skip)]
    at = header_place([row for _, row in filled[:_LOOKED_AT_FOR_HEADERS]]) if skip is None and filled else 0
    body = filled if at is None else filled[at + 1 :]
    if not body:
        raise FileEmpty(name=name)
    if len(body) > MOST_ROWS:
        raise TooManyRows(limit=f"{MOST_ROWS:,}")
    width = max(len(row) for _, row in filled)
    headers = [column_letter(i) for i in range(width)]
    if at is not None:
        for i, text in enumerate(filled[at][1]):
            headers[i] = text[:HEADING_LIMIT] or headers[i]
        headers = told_apart(headers)
    return SourceTable(
        name=name,
        headers=tuple(headers),
        rows=tuple(tuple(row) for _, row in body),
        lines=tuple(line for line, _ in body),
        has_header=at is not None,
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
        sheets=sheets,
        skipped=0 if at is None or turned else filled[at][0] - 1,
        turned=turned,
    )


def column_letter(index: int) -> str:
    """A, B, … Z, AA for columns without headings, as spreadsheets name them."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def plain_heading(text: str) -> str:
    """A heading reduced to what is compared: width, case, blanks, punctuation and remarks in brackets aside."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "", re.sub(r"[(\[].*?[)\]]", "", folded))
