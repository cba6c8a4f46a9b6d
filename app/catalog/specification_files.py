"""Specification books, row by row: what is in them as records, and what is wrong with which cell.

Nothing is written here: the checked records go into the command `ImportSpecifications`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from app.catalog.energies import NEW_ENERGY
from app.catalog.errors import (
    NothingToTakeIn,
    NotNewEnergy,
    SpecificationColumnMissing,
    SpecificationsRefused,
    SpecificationTwice,
)
from app.catalog.heading_names import folded, make_at_start, make_behind, said_besides, said_instead
from app.catalog.import_cells import UNSAID, read_energy, read_parameter, read_price, read_seats, read_year, read_yes
from app.catalog.import_commands import Level, SpecificationRecord
from app.catalog.import_errors import PriceRateOutOfRange
from app.catalog.import_report import RowProblem
from app.catalog.makes import make_named
from app.catalog.rules import specification_dictionary
from app.catalog.source_tables import SourceTable
from app.catalog.specification_mapping import (
    NEEDED,
    ParameterColumn,
    SpecificationField,
    SpecificationMapping,
    name_key,
    suggest_mapping,
)
from app.kernel.errors import DomainError, ValueNotAllowed, limited_text, require_text
from app.kernel.labels import Bilingual, Listing, state_label
from app.runtime.language import CHINESE

Progress = Callable[[str, float], None]
T = TypeVar("T")
REQUIRED = NEEDED[Level.TRIM]
_PROGRESS_EVERY = 200
_MOST_KEPT = 200_000
_ALL_ROWS = -1
_NAMES = {
    SpecificationField.MAKE_ZH: SpecificationField.MAKE_EN, SpecificationField.SERIES_ZH: SpecificationField.SERIES_EN,
}  # fmt: skip
__all__ = [
    "REQUIRED", "CheckedSpecifications", "ParameterColumn", "SpecificationField", "SpecificationMapping",
    "check_specifications", "suggest_mapping",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSpecifications:
    """A checked file: the records that can be taken in, their lines, and what is wrong with the other rows."""

    name: str
    total: int
    records: tuple[SpecificationRecord, ...]
    problems: tuple[RowProblem, ...]
    refused: int
    lines: tuple[int, ...] = ()
    places: tuple[str, ...] = ()

    def require_good(self) -> tuple[SpecificationRecord, ...]:
        """The records if no row was refused; raises SpecificationsRefused or NothingToTakeIn."""
        if self.refused:
            raise SpecificationsRefused(rows=self.refused)
        if not self.records:
            raise NothingToTakeIn()
        return self.records


def check_specifications(
    table: SourceTable, mapping: SpecificationMapping, *, progress: Progress | None = None
) -> CheckedSpecifications:
    """Check every row by the dictionary; raises SpecificationColumnMissing or PriceRateOutOfRange.

    `progress` may raise to cancel.
    """
    missing = mapping.missing()
    if missing and SpecificationField.LEVEL not in mapping.fields:
        raise SpecificationColumnMissing(field="mapping", fields=Listing(target.label for target in missing))
    if mapping.rate <= 0:
        raise PriceRateOutOfRange(field="rate", rate=mapping.rate)
    problems: list[RowProblem] = []
    found: list[tuple[SpecificationRecord, int]] = []
    read: dict[tuple[int, str, str], Mapping[str, Any]] = {}
    seen: dict[tuple[Any, ...], int] = {}
    doubles: dict[tuple[Any, ...], int] = {}
    for number, (row, line) in enumerate(zip(table.rows, table.lines, strict=True)):
        if progress is not None and number % _PROGRESS_EVERY == 0:
            progress("", number / len(table.rows))
        checked = _Row(table, mapping, row, line, problems, read)
        record = checked.record()
        if record is not None and mapping.number_doubles:
            record = _numbered(record, doubles)
        if record is not None and checked.is_new(record, seen):
            found.append((record, line))
    return CheckedSpecifications(
        name=table.name,
        total=len(table.rows),
        records=tuple(record for record, _line in found),
        problems=tuple(problems),
        refused=len({problem.line for problem in problems}),
        lines=tuple(line for _record, line in found),
        places=tuple(table.place(line) for _record, line in found),
    )


def _numbered(record: SpecificationRecord, doubles: dict[tuple[Any, ...], int]) -> SpecificationRecord:
    """The record, with a number behind the name of its trim if that name was there before."""
    doubles[record.key] = number = doubles.get(record.key, 0) + 1
    if number == 1 or record.level is not Level.TRIM:
        return record
    english = f"{record.trim_en} ({number})" if record.trim_en else ""
    return replace(record, trim_zh=f"{record.trim_zh[:112]} ({number})", trim_en=english)


class _Row:
    """One row on its way through the check."""

    def __init__(
        self,
        table: SourceTable,
        mapping: SpecificationMapping,
        cells: Sequence[str],
        line: int,
        problems: list[RowProblem],
        read: dict[tuple[int, str, str], Mapping[str, Any]],
    ) -> None:
        self._table, self._mapping, self._cells, self._line = table, mapping, cells, line
        self._problems, self._read, self._good = problems, read, True

    def record(self) -> SpecificationRecord | None:
        """The record, None where anything is wrong."""
        take, field = self._take, SpecificationField
        level = take(field.LEVEL, self._level) or self._mapping.level
        needs = NEEDED[level]
        energy = take(field.ENERGY, read_energy) if level is Level.TRIM else None
        values: dict[str, Any] = {
            "level": level,
            "record_id": self._text(field.RECORD_ID),
            **self._names(needs),
            "country": take(field.COUNTRY, lambda text: limited_text(text, field="", limit=2)) or "",
            "body": take(field.SERIES_BODY, lambda text: limited_text(text, field="", limit=24)) or "",
            "year": take(field.YEAR, read_year) if field.YEAR in needs else None,
            "energy": energy,
            "parameters": {
                **(said_besides(field.ENERGY.value, self._text(field.ENERGY)) if energy else {}),
                **self._parameters(str(energy or "")),
            },
        }
        if level is Level.TRIM:
            factor = self._mapping.price_unit.factor(self._mapping.rate)
            values |= {
                "seats": take(field.SEATS, read_seats),
                "guide_price": take(field.GUIDE_PRICE, lambda text: read_price(text, factor=factor)),
                "in_tax_directory": read_yes(self._text(field.TAX_DIRECTORY)),
            }
            if values["in_tax_directory"] and energy is not None and energy not in NEW_ENERGY:
                self._refuse(NotNewEnergy(), self._column(field.TAX_DIRECTORY))
        if not self._good:
            return None
        record = SpecificationRecord(**values)
        return replace(record, country=record.country or make_named(record.make_en or record.make_zh).country)

    def is_new(self, record: SpecificationRecord, seen: dict[tuple[Any, ...], int]) -> bool:
        """Whether the file did not name this entry before."""
        if record.key in seen:
            place = self._table.place(seen[record.key])
            self._refuse(SpecificationTwice(line=place), self._column(SpecificationField.TRIM_ZH))
            return False
        seen[record.key] = self._line
        return True

    # --- names -----------------------------------------------------------------------------------

    def _names(self, needs: Sequence[SpecificationField]) -> dict[str, str]:
        field = SpecificationField
        texts = {
            target: self._text(target) for target in
            (field.MAKE_ZH, field.MAKE_EN, field.SERIES_ZH, field.SERIES_EN, field.TRIM_ZH, field.TRIM_EN)
        }  # fmt: skip
        if self._text(field.FULL_NAME):
            self._take_apart(texts, self._text(field.FULL_NAME))
        if texts[field.MAKE_ZH] and not texts[field.MAKE_EN] and field.MAKE_EN not in self._mapping.fields:
            texts[field.MAKE_ZH], texts[field.MAKE_EN] = _both_names(texts[field.MAKE_ZH])
        if self._mapping.taken_as:
            self._take_as(texts)
        names: dict[str, str] = {}
        for target, limit in ((field.MAKE_ZH, 60), (field.SERIES_ZH, 80), (field.TRIM_ZH, 120)):
            english = field(target.value.replace("_zh", "_en"))
            if target not in needs:
                continue
            names[target.value] = self._checked(target, texts[target], limit=limit, required=True)
            names[english.value] = self._checked(english, texts[english], limit=limit, required=False)
        return names

    def _take_as(self, texts: dict[SpecificationField, str]) -> None:
        """Put the names that somebody said are meant."""
        for target, english in _NAMES.items():
            make = texts[SpecificationField.MAKE_ZH] if target is SpecificationField.SERIES_ZH else ""
            meant = self._mapping.taken_as.get(name_key(target, texts[target], make=make))
            if meant:
                known = Bilingual.from_stored(meant)
                texts[target], texts[english] = known.zh, known.en

    @staticmethod
    def _take_apart(texts: dict[SpecificationField, str], name: str) -> None:
        """Fill from a full name what nothing else says: make, series (one word), trim (the rest)."""
        field = SpecificationField
        make, rest = make_at_start(name)
        if texts[field.MAKE_ZH] and folded(rest).startswith(folded(texts[field.MAKE_ZH])):
            rest = rest[len(texts[field.MAKE_ZH]) :].strip()
        texts[field.MAKE_ZH] = texts[field.MAKE_ZH] or make
        series, _, trim = rest.partition(" ")
        for zh, en, text in (
            (field.SERIES_ZH, field.SERIES_EN, (series or name).title() if series.islower() else series or name),
            (field.TRIM_ZH, field.TRIM_EN, trim.strip()),
        ):
            if not texts[zh]:
                texts[zh] = text or "标准型"
                texts[en] = texts[en] or text or "Standard"

    def _checked(self, target: SpecificationField, text: str, *, limit: int, required: bool) -> str:
        check = require_text if required else limited_text
        return self._guarded(target, lambda: check(text, field="", limit=limit)) or ""

    def _level(self, text: str) -> Level | None:
        plain = folded(text)
        if not plain:
            return None
        for level in Level:
            if plain in (folded(level.value), folded(level.label), folded(state_label(level, CHINESE))):
                return level
        raise ValueNotAllowed(value=text[:40])

    # --- cells -----------------------------------------------------------------------------------

    def _parameters(self, energy: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for column in self._mapping.parameters:
            try:
                values.update(self._said_in(column, energy))
            except DomainError as error:
                self._refuse(error, column.column)
        dictionary = specification_dictionary().parameters
        for one in self._mapping.indicators:
            if one.target in dictionary and read_yes(self._table.cell(self._cells, one.column)):
                values[one.target] = one.value
        return values

    def _said_in(self, column: ParameterColumn, energy: str) -> Mapping[str, Any]:
        """What a cell says of parameters. Thousands of rows say the same of most: each text is read once."""
        text = self._table.cell(self._cells, column.column)
        key = (column.column, text, energy)
        said = self._read.get(key)
        if said is None:
            parameter = specification_dictionary().parameters[column.code]
            said = said_instead(column.code, text)
            if not said:
                value = read_parameter(parameter, text, unit=column.unit, energy=energy)
                said = {} if value is UNSAID else {column.code: value}
            if len(self._read) < _MOST_KEPT:
                self._read[key] = said
        return said

    def _text(self, target: SpecificationField) -> str:
        """What stands in the field's column, else what an indicator says, else what holds for all rows."""
        column = self._mapping.fields.get(target)
        text = "" if column is None else self._table.cell(self._cells, column)
        if not text:
            said = (one for one in self._mapping.indicators if one.target == target.value)
            text = next((one.value for one in said if read_yes(self._table.cell(self._cells, one.column))), "")
        return text or self._mapping.constants.get(target, "")

    def _take(self, target: SpecificationField, read: Callable[[str], T]) -> T | None:
        return self._guarded(target, lambda: read(self._text(target)))

    def _guarded(self, target: SpecificationField, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except DomainError as error:
            self._refuse(error, self._column(target))
            return None

    def _column(self, target: SpecificationField) -> int:
        fields = self._mapping.fields
        return fields.get(target, fields.get(SpecificationField.FULL_NAME, _ALL_ROWS))

    def _refuse(self, error: DomainError, column: int) -> None:
        self._good = False
        known = 0 <= column < len(self._table.headers)
        self._problems.append(
            RowProblem.of(
                error,
                line=self._line,
                column=self._table.headers[column] if known else "",
                value=self._table.cell(self._cells, column) if known else "",
                place=self._table.place(self._line) if self._table.turned else "",
            )
        )


def _both_names(text: str) -> tuple[str, str]:
    """Chinese and English of a make that is known by either."""
    english = make_behind(text)
    if not english:
        return text, ""
    known = make_named(english)
    return known.zh, known.en
