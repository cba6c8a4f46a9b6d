"""Specification books as makers deliver them: CSV, XLSX or JSON, packed or not, trims as rows or as columns.

`app.catalog.source_tables` reads plain tables; here is what specification books have besides: parameters as rows under
group headings, merged cells, lists of objects, and a person who says how to read when recognition was wrong.
"""

import gzip
import io
import json
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.catalog.encodings import decode
from app.catalog.errors import FileEmpty, FileNotReadable, FileTooLarge, NotATable, OldWorkbook, TooManyRows
from app.catalog.heading_names import code_of_heading, is_known_heading, unit_named
from app.catalog.import_errors import EncodingDoesNotFit, JsonMalformed, UnpackedTooLarge
from app.catalog.import_report import needs_apostrophe
from app.catalog.numbered_columns import laid_out_singly
from app.catalog.source_tables import (
    FILE_BYTES,
    HEADING_LIMIT,
    MOST_COLUMNS,
    MOST_ROWS,
    TAKEN_AWAY,
    UNPACKED_BYTES,
    Numbered,
    SourceTable,
    cell_text,
    column_letter,
    rows_of_text,
    rows_of_workbook,
    sniff_delimiter,
    table_of,
)

ENCODINGS: tuple[str, ...] = ("utf-8", "gb18030", "big5", "utf-16", "latin-1")
DELIMITERS: tuple[str, ...] = (",", ";", "\t", "|")
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MONEY = frozenset({"元", "万元", "人民币", "yuan", "CNY", "USD", "$"})
_UNIT_TITLES = frozenset({"单位", "计量单位", "unit", "Unit", "units", "Units"})
_LABEL_COLUMNS = 4
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a person wants a file read; what is empty or None is recognised."""

    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    skip: int | None = None
    turned: bool | None = None
    several: bool | None = None
    """Whether several cars stand in a row, in numbered columns."""
    published: bool = True
    """Whether a published list is read as its documentation says."""


def read_specifications(path: Path, options: ReadOptions | None = None) -> SourceTable:
    """The table in a file of any of the forms.

    Raises FileNotReadable, FileTooLarge, UnpackedTooLarge, OldWorkbook, NotATable, EncodingDoesNotFit, JsonMalformed,
    FileEmpty, and what the CSV and XLSX readers raise.
    """
    try:
        size = path.stat().st_size
        if size > FILE_BYTES:
            raise FileTooLarge(size=size // (1 << 20), limit=FILE_BYTES // (1 << 20))
        content = path.read_bytes()
    except OSError as error:
        raise FileNotReadable(name=path.name) from error
    return table_from(content, name=path.name, options=options or ReadOptions())


def table_from(content: bytes, *, name: str, options: ReadOptions) -> SourceTable:
    """The table in the bytes of a file; raises what `read_specifications` raises."""
    if content.startswith(b"\x1f\x8b"):
        content, name = _unpacked(content, name), name.removesuffix(".gz")
    if content.startswith(_OLD_WORKBOOK):
        raise OldWorkbook(name=name)
    if content.startswith(b"PK\x03\x04"):
        rows, sheet, sheets = rows_of_workbook(content, name, options.sheet, as_shown=True)
        return _laid_out(_each_once(rows, unescaped), name, options, sheet=sheet, sheets=sheets)
    text, encoding = _decoded(content, name, options.encoding)
    if text.lstrip()[:1] in ("[", "{"):
        return _from_json(text, name, encoding, options)
    return table_from_text(text, name=name, encoding=encoding, options=options)


def table_from_text(
    text: str, *, name: str = "", encoding: str = "", options: ReadOptions | None = None
) -> SourceTable:
    """The table in a CSV text; raises what the CSV reader raises."""
    chosen = options or ReadOptions()
    delimiter = chosen.delimiter or sniff_delimiter(text)
    rows = _each_once(rows_of_text(text, delimiter), unharmed)
    return _laid_out(rows, name, chosen, encoding=encoding, delimiter=delimiter)


def _each_once(rows: Numbered, clean: Callable[[str], str]) -> Numbered:
    """The rows with their cells cleaned. In a book of millions of cells most texts stand many times: once is enough."""
    known: dict[str, str] = {}

    def cleaned(text: str) -> str:
        found = known.get(text)
        if found is None:
            found = known[text] = clean(text)
        return found

    return [(line, [cleaned(cell) for cell in row]) for line, row in rows]


def unharmed(text: str) -> str:
    """A cell without the apostrophe that an export put before what a spreadsheet program would take for a formula."""
    return text[1:] if text.startswith("'") and needs_apostrophe(text[1:]) else text


def unescaped(text: str) -> str:
    """A cell of a workbook with the characters that stand in it as `_x000B_`."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text)


def _unpacked(content: bytes, name: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            plain = stream.read(UNPACKED_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise NotATable(name=name) from error
    if len(plain) > UNPACKED_BYTES:
        raise UnpackedTooLarge(name=name, limit=UNPACKED_BYTES // (1 << 20))
    return plain


def _decoded(content: bytes, name: str, encoding: str) -> tuple[str, str]:
    if not encoding:
        return decode(content, name=name)
    try:
        return content.decode("utf-8-sig" if encoding == "utf-8" else encoding), encoding
    except (UnicodeDecodeError, LookupError) as error:
        raise EncodingDoesNotFit(name=name, encoding=encoding.upper()) from error


# --- lists of objects ------------------------------------------------------------------------------


def _from_json(text: str, name: str, encoding: str, options: ReadOptions) -> SourceTable:
    """A list of objects, each a row; the list may stand under any name in an object, as in our own export."""
    try:
        listed = _entries(json.loads(text))
    except json.JSONDecodeError as error:
        raise JsonMalformed(name=name, line=error.lineno) from error
    except (RecursionError, ValueError) as error:  # nested, or a number longer, than anybody means
        raise JsonMalformed(name=name, line=1) from error
    if listed is None:
        raise JsonMalformed(name=name, line=1)
    if not listed:
        raise FileEmpty(name=name)
    if len(listed) > MOST_ROWS:
        raise TooManyRows(limit=f"{MOST_ROWS:,}")
    flat = [dict(_flat(entry)) for entry in listed]
    headers = list(dict.fromkeys(key for entry in flat for key in entry))[:MOST_COLUMNS]
    rows = tuple(tuple(entry.get(key, "") for key in headers) for entry in flat)
    table = SourceTable(
        name=name, headers=tuple(headers), rows=rows, lines=tuple(range(1, len(rows) + 1)), has_header=True,
        encoding=encoding,
    )  # fmt: skip
    return table if options.several is False else laid_out_singly(table)


def _entries(found: Any) -> list[Mapping[str, Any]] | None:
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list) and _are_objects(value)]
        found = max(lists, key=len, default=None)
    if isinstance(found, list) and _are_objects(found):
        return found
    return None


def _are_objects(listed: list[Any]) -> bool:
    return all(isinstance(entry, dict) for entry in listed)


def _flat(entry: Mapping[str, Any], before: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    for key, value in entry.items():
        name = f"{before}{key}"
        if isinstance(value, dict) and depth < _DEEPEST:
            yield from _flat(value, f"{name}.", depth + 1)
        else:
            yield name[:HEADING_LIMIT], _json_text(value)


def _json_text(value: Any) -> str:
    if value is None:  # in other people's data: unknown
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and value and value[0] == value[-1]:
        return _json_text(value[0])
    if isinstance(value, list):
        return "–".join(_json_text(end) for end in value)
    return cell_text(value)


# --- books in which trims are columns --------------------------------------------------------------


def _laid_out(
    rows: Numbered, name: str, options: ReadOptions, *, encoding: str = "", delimiter: str = "", sheet: str = "",
    sheets: tuple[str, ...] = (),
) -> SourceTable:  # fmt: skip
    known = {"name": name, "encoding": encoding, "delimiter": delimiter, "sheet": sheet, "sheets": sheets}
    used = [(line, row) for line, row in rows if options.skip is None or line > options.skip]
    turned = looks_turned(used) if options.turned is None else options.turned
    if not turned:
        table = table_of(rows, skip=options.skip, **known)  # type: ignore[arg-type]
        return table if options.several is False else laid_out_singly(table)
    table = table_of(_turned(used, name), skip=0, turned=True, **known)  # type: ignore[arg-type]
    return table


def looks_turned(rows: Numbered) -> bool:
    """Whether parameters stand in a column rather than in a row."""
    filled = [row for _line, row in rows if any(row)]
    if len(filled) < 3:
        return False
    across = max(sum(map(is_known_heading, set(row))) for row in filled[:15])
    down = max(_known_down(filled, column) for column in range(_LABEL_COLUMNS))
    return down >= 3 and down > across


def _known_down(rows: Sequence[Sequence[str]], column: int) -> int:
    return sum(is_known_heading(text) for text in {row[column] for row in rows if len(row) > column})


def _turned(rows: Numbered, name: str) -> Numbered:
    """Columns as rows, the first of them with the headings; each row is numbered as its column."""
    filled = [row for _line, row in rows if any(row)]
    if not filled:
        raise FileEmpty(name=name)
    label = max(range(_LABEL_COLUMNS), key=lambda column: _known_down(filled, column))
    width = max(len(row) for row in filled)
    first = label + 1
    units: list[str] = [""] * len(filled)
    if _is_unit_column([row for row in filled if not _is_group(row, label)], first):
        units = [row[first] if len(row) > first else "" for row in filled]
        first += 1
    headings = _headings(filled, label, units)
    kept = [at for at, heading in enumerate(headings) if heading][:MOST_COLUMNS]
    found: Numbered = [(0, [headings[at] for at in kept])]
    for column in range(first, width):
        cells = [filled[at][column] if len(filled[at]) > column else "" for at in kept]
        if any(cells):
            found.append((column + 1, cells))
    return [(line or 1, cells) for line, cells in found]


def _headings(rows: Sequence[Sequence[str]], label: int, units: Sequence[str]) -> list[str]:
    """What each row is about: its name, its unit in brackets, its group before a name that occurs twice."""
    names = [row[label].strip() if len(row) > label else "" for row in rows]
    names = ["" if _is_group(row, label) else text for row, text in zip(rows, names, strict=True)]
    often = Counter(name for name in names if name)
    headings, group = [], ""
    for row, text, unit in zip(rows, names, units, strict=True):
        title = row[label].strip() if len(row) > label and _is_group(row, label) else ""
        group = title or next((cell for cell in row[:label] if cell), group)
        if text and _is_unit(unit) and not _is_unit(_bracketed(text)):
            text = f"{text}({unit})"
        headings.append(f"{group} · {text}" if text and often[text] > 1 and group else text)
    if not any(code_of_heading(heading) == "trim_zh" for heading in headings):
        _name_trims(rows, headings, label)
    return headings


def _name_trims(rows: Sequence[Sequence[str]], headings: list[str], label: int) -> None:
    """The first row of distinct words with no known name above the parameters holds the names of the trims."""
    for at, row in enumerate(rows):
        cells = [cell for cell in row[label + 1 :] if cell]
        if is_known_heading(headings[at]):
            if at > 3:
                return
            continue
        if len(cells) >= 1 and len(set(cells)) == len(cells) and not _is_group(row, label):
            headings[at] = unicodedata.normalize("NFC", "车型")
            return


def _is_group(row: Sequence[str], label: int) -> bool:
    """A heading over the whole width: alone in its row, or the same in all of it, as merged cells are."""
    if len(row) <= label or not row[label]:
        return False
    rest = [cell for cell in row[label + 1 :] if cell]
    return not rest or (len(rest) > 1 and all(cell == row[label] for cell in rest))


def _is_unit_column(rows: Sequence[Sequence[str]], column: int) -> bool:
    cells = [row[column] for row in rows if len(row) > column and row[column]]
    units = sum(_is_unit(cell) or cell in ("-", "/", *_UNIT_TITLES) for cell in cells)
    return bool(cells) and units * 10 >= len(cells) * 8


def _is_unit(text: str) -> bool:
    return text in _MONEY or bool(unit_named(text))


def _bracketed(heading: str) -> str:
    plain = unicodedata.normalize("NFKC", heading).strip()
    return plain[plain.rfind("(") + 1 : -1] if plain.endswith(")") and "(" in plain else ""


__all__ = [
    "DELIMITERS", "ENCODINGS", "TAKEN_AWAY", "ReadOptions", "column_letter", "read_specifications", "table_from",
    "table_from_text",
]  # fmt: skip
