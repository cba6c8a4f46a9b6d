"""Price lists and specification books of ours: CSV, XLSX, JSON, with headings in either language and their codes.

What is exported is what each entry says itself, so that importing the file again changes nothing. Inherited values
stand in rows of their own level.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.catalog.energies import Energy
from app.catalog.heading_names import OF_PARAMETERS
from app.catalog.import_commands import Level
from app.catalog.import_errors import NothingToExport
from app.catalog.import_report import harmless
from app.catalog.rules import Parameter, ParameterType, specification_dictionary
from app.catalog.specification_mapping import SpecificationField
from app.catalog.specification_sources import TAKEN_AWAY
from app.kernel.labels import Labelled, state_label
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.runtime.atomic_file import write_atomically
from app.runtime.language import CHINESE, tr_in, tr_noop
from db.models.catalog import Make, ModelYear, Series, Trim

FORMAT = "forecourt.specifications"
_FIELDS = frozenset(member.value for member in SpecificationField)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_PLAIN = re.compile(r"(?:[^\W_]|[ （）()·.,:/%-])*")
"""Texts that a workbook takes as they are; the others are made cells with care."""
_PROGRESS_EVERY = 200
Progress = Callable[[str, float], None]
_YES_NO = {True: tr_noop("Yes"), False: tr_noop("No")}


class ExportKind(Labelled):
    """How much of each entry is exported."""

    PRICE_LIST = "price_list", tr_noop("Price list")
    SPECIFICATIONS = "specifications", tr_noop("Specification book")


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One entry: its fields and own parameters as they are stored; energy and level as codes, the price as Decimal."""

    fields: Mapping[SpecificationField, Any]
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SpecificationExport:
    """What is to be written, in the order of the catalogue."""

    kind: ExportKind
    made_at: datetime
    fields: tuple[SpecificationField, ...]
    codes: tuple[str, ...]
    rows: tuple[ExportRow, ...]


_F = SpecificationField
_NAMES = (_F.MAKE_ZH, _F.MAKE_EN, _F.SERIES_ZH, _F.SERIES_EN, _F.YEAR, _F.TRIM_ZH, _F.TRIM_EN)
_COLUMNS: Mapping[ExportKind, tuple[SpecificationField, ...]] = {
    ExportKind.PRICE_LIST: (*_NAMES, _F.ENERGY, _F.GUIDE_PRICE, _F.RECORD_ID),
    ExportKind.SPECIFICATIONS: (
        _F.LEVEL, *_NAMES, _F.COUNTRY, _F.SERIES_BODY, _F.ENERGY, _F.SEATS, _F.GUIDE_PRICE, _F.TAX_DIRECTORY,
        _F.RECORD_ID,
    ),
}  # fmt: skip


def collect_export(
    reader: Reader,
    *,
    kind: ExportKind,
    make_id: str | None = None,
    series_id: str | None = None,
    trim_ids: Sequence[str] | None = None,
) -> SpecificationExport:
    """Gather the trims of a make, of a series, these trims, or all; raises NothingToExport."""
    reader.require(Permission.CATALOG_VIEW)
    query = (
        select(Make, Series, ModelYear, Trim)
        .join(Series, Series.make_id == Make.id)
        .join(ModelYear, ModelYear.series_id == Series.id)
        .join(Trim, Trim.model_year_id == ModelYear.id)
        .where(*(model.deleted_at.is_(None) for model in (Make, Series, ModelYear, Trim)))
        .order_by(Make.name_en, Make.name_zh, Make.id, Series.name_zh, Series.id, ModelYear.year, ModelYear.id, Trim.id)
    )
    if make_id is not None:
        query = query.where(Make.id == make_id)
    if series_id is not None:
        query = query.where(Series.id == series_id)
    wanted = None if trim_ids is None else set(trim_ids)
    rows: list[ExportRow] = []
    told: set[str] = set()
    for path in reader.session.execute(query):
        if wanted is not None and path[3].id not in wanted:
            continue
        if kind is ExportKind.SPECIFICATIONS:
            rows += _levels_above(path, told)
        rows.append(_row(Level.TRIM, path, kind))
    if not rows:
        raise NothingToExport()
    return SpecificationExport(kind, reader.now, _COLUMNS[kind], _codes(rows), tuple(rows))


def _levels_above(path: Any, told: set[str]) -> Iterable[ExportRow]:
    """The levels above a trim that say something themselves, each once, before their first trim."""
    for at, level in enumerate((Level.MAKE, Level.SERIES, Level.MODEL_YEAR)):
        if path[at].id not in told and path[at].parameters:
            yield _row(level, path, ExportKind.SPECIFICATIONS)
        told.add(path[at].id)


def _row(level: Level, path: Any, kind: ExportKind) -> ExportRow:
    make, series, year, trim = path
    depth = list(Level).index(level)
    node = path[depth]
    fields: dict[SpecificationField, Any] = {
        _F.LEVEL: level.value, _F.RECORD_ID: node.id, _F.MAKE_ZH: make.name_zh, _F.MAKE_EN: make.name_en,
        _F.COUNTRY: make.country,
    }  # fmt: skip
    if depth >= 1:
        fields |= {_F.SERIES_ZH: series.name_zh, _F.SERIES_EN: series.name_en, _F.SERIES_BODY: series.body}
    if depth >= 2:
        fields[_F.YEAR] = year.year
    if depth >= 3:
        fields |= {
            _F.TRIM_ZH: trim.name_zh, _F.TRIM_EN: trim.name_en, _F.ENERGY: trim.energy, _F.SEATS: trim.seats,
            _F.GUIDE_PRICE: trim.guide_price, _F.TAX_DIRECTORY: trim.in_tax_directory,
        }  # fmt: skip
    return ExportRow(fields, dict(node.parameters or {}) if kind is ExportKind.SPECIFICATIONS else {})


def _codes(rows: Sequence[ExportRow]) -> tuple[str, ...]:
    """The parameters anybody says anything of, in the dictionary's order, unknown ones last."""
    used = {code for row in rows for code in row.parameters}
    known = [code for code in specification_dictionary().parameters if code in used]
    return (*known, *sorted(used - set(known)))


# --- writing ---------------------------------------------------------------------------------------


def save_export(
    export: SpecificationExport, path: Path, *, language: str, progress: Progress | None = None
) -> None:
    """Write the export in the form its name ends with: .xlsx, .json, else CSV. Language: "zh_CN" or "en".

    `progress` may raise to cancel; then nothing is written. Raises ProfileReadOnly, DiskFull or DiskFailing.
    """
    write_atomically(path, export_bytes(export, path.suffix, language=language, progress=progress))


def export_bytes(
    export: SpecificationExport, suffix: str, *, language: str, progress: Progress | None = None
) -> bytes:
    """The content of the file."""
    form = suffix.casefold().removeprefix(".")
    rows = _told(export.rows, progress)
    if form == "json":
        return _as_json(export, rows)
    return _as_workbook(export, rows, language) if form == "xlsx" else _as_csv(export, rows, language)


def _told(rows: Sequence[ExportRow], progress: Progress | None) -> Iterator[ExportRow]:
    for number, row in enumerate(rows):
        if progress is not None and number % _PROGRESS_EVERY == 0:
            progress("", number / len(rows))
        yield row


def headings(export: SpecificationExport, language: str) -> list[str]:
    """Name, unit and code of every column."""
    yuan = "元" if language == CHINESE else "yuan"
    found = []
    for field in export.fields:
        name = tr_in(language, field.label)
        found.append(f"{name} ({yuan}) [{field.value}]" if field is _F.GUIDE_PRICE else f"{name} [{field.value}]")
    return [*found, *(_heading(code, language) for code in export.codes)]


def _heading(code: str, language: str) -> str:
    parameter = specification_dictionary().parameters.get(code)
    shown = f"{OF_PARAMETERS}{code}" if code in _FIELDS else code
    if parameter is None:
        return f"{code} [{shown}]"
    unit = f" ({parameter.unit})" if parameter.unit else ""
    return f"{parameter.name.in_language(language)}{unit} [{shown}]"


def cells(export: SpecificationExport, row: ExportRow, language: str) -> list[Any]:
    """The cells of a row: texts, and numbers where they are numbers."""
    dictionary = specification_dictionary().parameters
    found = [_field_cell(field, row.fields.get(field), language) for field in export.fields]
    for code in export.codes:
        said = code in row.parameters
        found.append(_cell(dictionary.get(code), row.parameters[code], language) if said else "")
    return found


def _field_cell(field: SpecificationField, value: Any, language: str) -> Any:
    if value is None:
        return ""
    if field is _F.LEVEL:
        return state_label(Level(value), language)
    if field is _F.ENERGY:
        return state_label(Energy(value), language)
    if field is _F.TAX_DIRECTORY:
        return tr_in(language, _YES_NO[value])
    return value


def _cell(parameter: Parameter | None, value: Any, language: str) -> Any:
    if value is None:
        return TAKEN_AWAY
    if isinstance(value, bool):
        return tr_in(language, _YES_NO[value])
    if isinstance(value, list):
        ends = [str(end) for end in value]
        return ends[0] if len(set(ends)) == 1 else "–".join(ends)
    if parameter is not None and parameter.type is ParameterType.CHOICE:
        named = (choice.name.in_language(language) for choice in parameter.choices if choice.code == value)
        return next(named, str(value))
    if isinstance(value, str):
        return f"'{value}" if value.lstrip("'") == TAKEN_AWAY else value
    return value


def _as_csv(export: SpecificationExport, rows: Iterable[ExportRow], language: str) -> bytes:
    """UTF-8 with the mark by which spreadsheet programs know it; every cell quoted and harmless."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(headings(export, language))
    for row in rows:
        writer.writerow([harmless(_plain(cell)) for cell in cells(export, row, language)])
    return out.getvalue().encode("utf-8-sig")


def _plain(cell: Any) -> str:
    return f"{Decimal(repr(cell)):f}" if isinstance(cell, float) else str(cell)


def _as_workbook(export: SpecificationExport, rows: Iterable[ExportRow], language: str) -> bytes:
    import openpyxl  # costs 150 ms
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils.cell import get_column_letter

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(tr_in(language, export.kind.label))
    titles = headings(export, language)
    for position, title in enumerate(titles, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = min(34, max(12, len(title) + 2))
    sheet.freeze_panes = "A2"
    sheet.row_dimensions[1].height = 32
    top = []
    for title in titles:
        cell = WriteOnlyCell(sheet, value=title)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="E3F1F0")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        top.append(cell)
    sheet.append(top)
    for row in rows:
        sheet.append([_workbook_cell(sheet, cell, WriteOnlyCell) for cell in cells(export, row, language)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _workbook_cell(sheet: Any, value: Any, make: Any) -> Any:
    if value == "":
        return None
    if not isinstance(value, str | Decimal):
        return value
    if not isinstance(value, str):
        cell = make(sheet, value=value)
        cell.number_format = "#,##0.00"
        return cell
    if _PLAIN.fullmatch(value):
        return value
    cell = make(sheet, value=_UNPRINTABLE.sub(lambda found: f"_x{ord(found.group()):04X}_", value))
    cell.data_type = "s"  # a text is never a formula, whatever it begins with
    return cell


def _as_json(export: SpecificationExport, rows: Iterable[ExportRow]) -> bytes:
    entries = []
    for row in rows:
        entry = {field.value: row.fields[field] for field in export.fields if field in row.fields}
        if _F.GUIDE_PRICE.value in entry:
            entry[_F.GUIDE_PRICE.value] = str(entry[_F.GUIDE_PRICE.value])
        if row.parameters:
            entry["parameters"] = {code: _json_value(value) for code, value in row.parameters.items()}
        entries.append(entry)
    whole = {
        "format": FORMAT, "version": 1, "kind": export.kind.value, "made_at": export.made_at.isoformat(),
        "entries": entries,
    }  # fmt: skip
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _json_value(value: Any) -> Any:
    if value is None:
        return TAKEN_AWAY
    return f"'{value}" if isinstance(value, str) and value.lstrip("'") == TAKEN_AWAY else value
