"""Tables that people bring along: CSV in the encodings and with the separators that occur, XLSX, and JSON.

Nothing here trusts the file: sizes are capped before and while reading, a packed workbook is measured before it is
unpacked, and whatever cannot be read says what to do.
"""

import codecs
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

from app.catalog.errors import (
    CsvMalformed,
    FileEmpty,
    FileNotReadable,
    FileTooLarge,
    NotATable,
    OldWorkbook,
    PastedTextTooLarge,
    TooManyColumns,
    TooManyRows,
    WorkbookMalformed,
    WorkbookTooLarge,
)

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

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT_FOR_HEADERS = 15
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_AFTER_A_QUOTED_CELL = re.compile(r'\s*"(?:[^"]|"")*"([,;\t|])"')
_CODED = re.compile(r"\[[a-z0-9_.]+\]$")
"""How the headings of our own exports end."""
_NUMERIC = re.compile(r"[\d\s.,:/%¥+-]*")


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


def decode(content: bytes, *, name: str = "") -> tuple[str, str]:
    """The text and the encoding it was read with; raises NotATable for what is no text."""
    marked = [encoding for mark, encoding in _MARKS if content.startswith(mark)]
    for encoding in marked or ["utf-8", "gb18030"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding
    raise NotATable(name=name)


def _from_text(text: str, name: str, encoding: str) -> SourceTable:
    delimiter = sniff_delimiter(text)
    return table_of(rows_of_text(text, delimiter), name=name, encoding=encoding, delimiter=delimiter)


Numbered = list[tuple[int, list[str]]]
"""Rows of texts with the numbers of the lines they stand on."""


def rows_of_text(text: str, delimiter: str) -> Numbered:
    """The rows of a CSV text; raises CsvMalformed, TooManyRows or TooManyColumns."""
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return [(reader.line_num, row) for row in _capped(reader)]
    except csv.Error as error:
        raise CsvMalformed(line=_line_of_trouble(text, delimiter)) from error


def _capped(rows: Iterable[Sequence[Any]]) -> Iterator[list[str]]:
    """Rows as texts; raises TooManyRows or TooManyColumns as soon as there are too many."""
    for number, row in enumerate(rows):
        if number > MOST_ROWS + _LOOKED_AT_FOR_HEADERS:
            raise TooManyRows(limit=f"{MOST_ROWS:,}")
        cells = _plain_cells(row) or [cell_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > MOST_COLUMNS:
            raise TooManyColumns(line=number + 1, limit=MOST_COLUMNS)
        yield cells


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
    content: bytes, name: str, wanted: str = "", *, merged: bool = False
) -> tuple[Numbered, str, tuple[str, ...]]:
    """The rows of a sheet, its name, and the names of all; with `merged`, every merged cell has the text of its range.

    Raises WorkbookMalformed, WorkbookTooLarge, NotATable, FileEmpty, TooManyRows or TooManyColumns.
    """
    _measure(content, name)
    import openpyxl  # type: ignore[import-untyped]  # costs 150 ms

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = tuple(sheet.title for sheet in book.worksheets)
        if not sheets:
            raise FileEmpty(name=name)
        chosen = book[wanted] if wanted in sheets else book.worksheets[0]
        chosen.reset_dimensions()
        rows = chosen.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True)
        numbered = list(enumerate(_capped(rows), start=1))
        if merged:
            _fill_merged(numbered, _merged_ranges(content, chosen))
        book.close()
    except (KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile, SyntaxError, EOFError) as error:
        raise WorkbookMalformed(name=name) from error
    return numbered, chosen.title, sheets


def _merged_ranges(content: bytes, sheet: Any) -> list[tuple[int, int, int, int]]:
    """Column, row, column, row of each merged range: what reading cell by cell does not tell."""
    from openpyxl.utils.cell import range_boundaries  # type: ignore[import-untyped]

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        part = packed.read(sheet._worksheet_path)
    found = re.findall(rb'<mergeCell\s+ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"', part[part.rfind(b"<mergeCells") :])
    return [range_boundaries(ref.decode()) for ref in found[:MOST_MERGED]] if b"<mergeCells" in part else []


def _fill_merged(numbered: Numbered, ranges: list[tuple[int, int, int, int]]) -> None:
    for left, top, right, bottom in ranges:
        if top > len(numbered) or left > MOST_COLUMNS:
            continue
        first = numbered[top - 1][1]
        text = first[left - 1] if left <= len(first) else ""
        if not text:
            continue
        right = min(right, MOST_COLUMNS)
        for _line, cells in numbered[top - 1 : bottom]:
            cells.extend([""] * (right - len(cells)))
            cells[left - 1 : right] = [text] * (right - left + 1)


def _measure(content: bytes, name: str) -> None:
    """Refuse a workbook that would unpack into something enormous, or whose parts declare entities of their own."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > UNPACKED_BYTES:
                raise WorkbookTooLarge(name=name, limit=UNPACKED_BYTES // (1 << 20))
            if "[Content_Types].xml" not in packed.namelist():
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
    if not filled:
        raise FileEmpty(name=name)
    at = _header_place([row for _, row in filled[:_LOOKED_AT_FOR_HEADERS]]) if skip is None else 0
    body = filled if at is None else filled[at + 1 :]
    if len(body) > MOST_ROWS:
        raise TooManyRows(limit=f"{MOST_ROWS:,}")
    width = max(len(row) for _, row in filled)
    headers = [column_letter(i) for i in range(width)]
    if at is not None:
        for i, text in enumerate(filled[at][1]):
            headers[i] = text[:HEADING_LIMIT] or headers[i]
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


def _header_place(rows: list[list[str]]) -> int | None:
    """Which row holds the headings: the first as wide as most whose filled cells are distinct words, not figures."""
    widths = [sum(1 for cell in row if cell) for row in rows]
    usual = max(widths)
    for number, row in enumerate(rows):
        cells = [cell for cell in row if cell]
        if len(cells) > 1 and sum(bool(_CODED.search(cell)) for cell in cells) * 2 > len(cells):
            return number
        words = [cell for cell in cells if not _NUMERIC.fullmatch(cell) and len(cell) <= 60]
        distinct = len({cell.casefold() for cell in cells}) == len(cells)
        if len(cells) * 2 > usual and len(words) == len(cells) and distinct:
            return None if _looks_like_data(cells) else number
    return None


def _looks_like_data(cells: list[str]) -> bool:
    """Whether a row of words is data all the same: one of them is a VIN or a date."""
    return any(re.fullmatch(r"[A-HJ-NPR-Z0-9]{17}|\d{4}[-/.年]\d{1,2}.*", cell.upper()) for cell in cells)


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
