"""Specifications from CSV and XLSX: one trim a row, a column for each parameter, its unit in the heading.

Nothing is written here: the checked records go into the command `ImportSpecifications`.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.catalog.commands import SpecificationRecord
from app.catalog.energies import NEW_ENERGY, Energy
from app.catalog.errors import (
    EnergyUnknown,
    NothingToTakeIn,
    NotNewEnergy,
    NumberExpected,
    SeatsOutOfRange,
    SpecificationColumnMissing,
    SpecificationsRefused,
    SpecificationTwice,
    YearOutOfRange,
)
from app.catalog.import_report import RowProblem
from app.catalog.rules import check_value, specification_dictionary, stored_value
from app.catalog.source_tables import SourceTable, plain_heading
from app.catalog.units import find_unit
from app.kernel.errors import DomainError, require_text
from app.kernel.labels import Labelled, Listing
from app.kernel.money import parse_money
from app.runtime.language import tr_noop

Progress = Callable[[str, float], None]
FIRST_YEAR, LAST_YEAR = 1950, 2100
_PROGRESS_EVERY = 200
_UNIT = re.compile(r"[(\[（]([^)\]）]+)[)\]）]\s*$")
_YES = frozenset({"1", "true", "yes", "y", "是", "有", "√"})


class SpecificationField(Labelled):
    """What a column can stand for, apart from the parameters of the dictionary."""

    MAKE_ZH = "make_zh", tr_noop("Make (Chinese)")
    MAKE_EN = "make_en", tr_noop("Make (English)")
    SERIES_ZH = "series_zh", tr_noop("Series (Chinese)")
    SERIES_EN = "series_en", tr_noop("Series (English)")
    YEAR = "year", tr_noop("Model year")
    TRIM_ZH = "trim_zh", tr_noop("Trim (Chinese)")
    TRIM_EN = "trim_en", tr_noop("Trim (English)")
    ENERGY = "energy", tr_noop("Energy")
    SEATS = "seats", tr_noop("Seats")
    GUIDE_PRICE = "guide_price", tr_noop("Guide price")
    TAX_DIRECTORY = "in_tax_directory", tr_noop("In the tax directory")


REQUIRED: tuple[SpecificationField, ...] = (
    SpecificationField.MAKE_ZH,
    SpecificationField.SERIES_ZH,
    SpecificationField.YEAR,
    SpecificationField.TRIM_ZH,
    SpecificationField.ENERGY,
    SpecificationField.GUIDE_PRICE,
)

_HEADINGS: dict[SpecificationField, tuple[str, ...]] = {
    SpecificationField.MAKE_ZH: ("品牌", "厂牌", "make", "brand"),
    SpecificationField.MAKE_EN: ("品牌英文", "make english", "brand english"),
    SpecificationField.SERIES_ZH: ("车系", "series", "model"),
    SpecificationField.SERIES_EN: ("车系英文", "series english", "model english"),
    SpecificationField.YEAR: ("年款", "年份", "年型", "model year", "year"),
    SpecificationField.TRIM_ZH: ("车型", "款型", "配置", "trim", "variant", "version"),
    SpecificationField.TRIM_EN: ("车型英文", "trim english", "variant english"),
    SpecificationField.ENERGY: ("能源类型", "能源", "燃料类型", "energy", "powertrain"),
    SpecificationField.SEATS: ("座位数", "座位", "seats"),
    SpecificationField.GUIDE_PRICE: ("指导价", "厂商指导价", "guide price", "msrp", "price"),
    SpecificationField.TAX_DIRECTORY: ("免税目录", "购置税减免目录", "in the tax directory", "tax directory"),
}

_ENERGIES = {
    "汽油": Energy.PETROL, "gasoline": Energy.PETROL, "柴油": Energy.DIESEL, "油电混合": Energy.HYBRID,
    "混合动力": Energy.HYBRID, "插电混动": Energy.PLUG_IN_HYBRID, "插电式混合动力": Energy.PLUG_IN_HYBRID,
    "phev": Energy.PLUG_IN_HYBRID, "增程": Energy.RANGE_EXTENDED, "增程式": Energy.RANGE_EXTENDED,
    "erev": Energy.RANGE_EXTENDED, "纯电": Energy.ELECTRIC, "纯电动": Energy.ELECTRIC, "ev": Energy.ELECTRIC,
    "bev": Energy.ELECTRIC, "燃料电池": Energy.FUEL_CELL, "氢燃料": Energy.FUEL_CELL,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ParameterColumn:
    """A column with values of one parameter; `unit` is the code of the heading's unit, empty for the dictionary's."""

    code: str
    column: int
    unit: str = ""


@dataclass(frozen=True, slots=True)
class SpecificationMapping:
    """Which column stands for what."""

    fields: Mapping[SpecificationField, int]
    parameters: tuple[ParameterColumn, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSpecifications:
    """A checked file: the records that can be taken in and what is wrong with the others."""

    name: str
    total: int
    records: tuple[SpecificationRecord, ...]
    problems: tuple[RowProblem, ...]
    refused: int

    def require_good(self) -> tuple[SpecificationRecord, ...]:
        """The records if no row was refused; raises SpecificationsRefused or NothingToTakeIn."""
        if self.refused:
            raise SpecificationsRefused(rows=self.refused)
        if not self.records:
            raise NothingToTakeIn()
        return self.records


def suggest_mapping(headers: Sequence[str]) -> SpecificationMapping:
    """What each column most likely stands for: fields by their usual headings, the rest by the dictionary's names."""
    plain = [plain_heading(header) for header in headers]
    fields: dict[SpecificationField, int] = {}
    for target, names in _HEADINGS.items():
        wanted = {plain_heading(name) for name in names}
        for column, heading in enumerate(plain):
            if heading in wanted and column not in fields.values():
                fields[target] = column
                break
    known = _parameter_names()
    parameters: dict[str, ParameterColumn] = {}
    for column, heading in enumerate(plain):
        code = known.get(heading)
        if code and column not in fields.values() and code not in parameters:
            parameters[code] = ParameterColumn(code, column, _unit_in(headers[column]))
    return SpecificationMapping(fields, tuple(parameters.values()))


def _parameter_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for code, parameter in specification_dictionary().parameters.items():
        for name in (code, parameter.name.zh, parameter.name.en):
            names.setdefault(plain_heading(name), code)
    return names


def _unit_in(heading: str) -> str:
    """The code of the unit in brackets at the end of a heading, empty without a known one."""
    found = _UNIT.search(unicodedata.normalize("NFKC", heading))
    unit = find_unit(found.group(1)) if found else None
    return unit.code if unit else ""


def check_specifications(
    table: SourceTable, mapping: SpecificationMapping, *, progress: Progress | None = None
) -> CheckedSpecifications:
    """Check every row by the dictionary; raises SpecificationColumnMissing. `progress` may raise to cancel."""
    missing = [target.label for target in REQUIRED if target not in mapping.fields]
    if missing:
        raise SpecificationColumnMissing(field="mapping", fields=Listing(missing))
    problems: list[RowProblem] = []
    records: list[SpecificationRecord] = []
    seen: dict[tuple[Any, ...], int] = {}
    for number, (row, line) in enumerate(zip(table.rows, table.lines, strict=True)):
        if progress is not None and number % _PROGRESS_EVERY == 0:
            progress("", number / len(table.rows))
        checked = _Row(table, mapping, row, line, problems)
        record = checked.record()
        if record is not None and checked.is_new(record, seen):
            records.append(record)
    return CheckedSpecifications(
        name=table.name,
        total=len(table.rows),
        records=tuple(records),
        problems=tuple(problems),
        refused=len({problem.line for problem in problems}),
    )


class _Row:
    """One row on its way through the check."""

    def __init__(
        self,
        table: SourceTable,
        mapping: SpecificationMapping,
        cells: Sequence[str],
        line: int,
        problems: list[RowProblem],
    ) -> None:
        self._table, self._mapping, self._cells, self._line = table, mapping, cells, line
        self._problems, self._good = problems, True

    def record(self) -> SpecificationRecord | None:
        """The record, None where anything is wrong."""
        take, field = self._take, SpecificationField
        values: dict[str, Any] = {
            "make_zh": take(field.MAKE_ZH, lambda text: require_text(text, field="", limit=60)),
            "make_en": self._text(field.MAKE_EN)[:60],
            "series_zh": take(field.SERIES_ZH, lambda text: require_text(text, field="", limit=80)),
            "series_en": self._text(field.SERIES_EN)[:80],
            "year": take(field.YEAR, _year),
            "trim_zh": take(field.TRIM_ZH, lambda text: require_text(text, field="", limit=120)),
            "trim_en": self._text(field.TRIM_EN)[:120],
            "energy": take(field.ENERGY, _energy),
            "seats": take(field.SEATS, _seats),
            "guide_price": take(field.GUIDE_PRICE, lambda text: parse_money(text) if text else Decimal("0.00")),
            "in_tax_directory": self._text(field.TAX_DIRECTORY).casefold() in _YES,
            "parameters": self._parameters(),
        }
        if values["in_tax_directory"] and self._good and values["energy"] not in NEW_ENERGY:
            self._refuse(NotNewEnergy(), self._mapping.fields[field.TAX_DIRECTORY])
        return SpecificationRecord(**values) if self._good else None

    def is_new(self, record: SpecificationRecord, seen: dict[tuple[Any, ...], int]) -> bool:
        """Whether the file did not name this trim before."""
        key = (record.make_zh, record.series_zh, record.year, record.trim_zh)
        if key in seen:
            self._refuse(SpecificationTwice(line=seen[key]), self._mapping.fields[SpecificationField.TRIM_ZH])
            return False
        seen[key] = self._line
        return True

    def _parameters(self) -> dict[str, Any]:
        dictionary = specification_dictionary()
        values: dict[str, Any] = {}
        for column in self._mapping.parameters:
            text = self._table.cell(self._cells, column.column)
            if not text or text in ("-", "—", "/"):
                continue
            try:
                values[column.code] = stored_value(
                    check_value(dictionary.parameters[column.code], text, unit=column.unit)
                )
            except DomainError as error:
                self._refuse(error, column.column)
        return values

    def _text(self, target: SpecificationField) -> str:
        column = self._mapping.fields.get(target)
        return "" if column is None else self._table.cell(self._cells, column)

    def _take(self, target: SpecificationField, read: Callable[[str], Any]) -> Any:
        try:
            return read(self._text(target))
        except DomainError as error:
            self._refuse(error, self._mapping.fields.get(target, 0))
            return None

    def _refuse(self, error: DomainError, column: int) -> None:
        self._good = False
        value = self._table.cell(self._cells, column)
        heading = self._table.headers[column]
        self._problems.append(RowProblem.of(error, line=self._line, column=heading, value=value))


def _year(text: str) -> int:
    digits = text.removesuffix("款").strip()
    if not digits.isdecimal() or len(digits) != 4:
        raise NumberExpected(value=text[:40])
    if not FIRST_YEAR <= int(digits) <= LAST_YEAR:
        raise YearOutOfRange(year=digits, lowest=FIRST_YEAR, highest=LAST_YEAR)
    return int(digits)


def _seats(text: str) -> int:
    if not text:
        return 5
    if not text.isdecimal() or len(text) > 3:
        raise NumberExpected(value=text[:40])
    if not 1 <= int(text) <= 60:
        raise SeatsOutOfRange(seats=text)
    return int(text)


def _energy(text: str) -> Energy:
    plain = plain_heading(text)
    for energy in Energy:
        if plain in (plain_heading(energy.value), plain_heading(energy.label)):
            return energy
    found = _ENERGIES.get(plain)
    if found is None:
        raise EnergyUnknown(value=text[:40], choices=Listing(energy.label for energy in Energy))
    return found
