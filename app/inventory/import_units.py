"""Taking in a list of units from a file: mapping of columns, check row by row, report. Nothing is written here.

The steps: `app.catalog.source_tables.read_file` or `read_text`, `suggest_mapping`, `check_units` (a read), then the
command `ImportUnits` with what the check returned.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalog.import_report import RowProblem, Severity
from app.catalog.source_tables import SourceTable, read_file, read_text
from app.catalog.vin import VinCheck, check_vin
from app.inventory.errors import (
    ColumnNotMapped,
    StockNumberTaken,
    StockNumberTwiceInFile,
    VinAlreadyInStock,
    VinCheckDigitWrong,
    VinTwiceInFile,
)
from app.inventory.import_columns import (
    REQUIRED,
    UnitField,
    amount_reader,
    read_day,
    read_odometer,
    read_state,
    read_words,
    suggest_mapping,
)
from app.inventory.rules import StockState
from app.inventory.trim_names import TrimEntry, TrimNames
from app.inventory.unit_checks import STOCK_NUMBER_LIMIT, check_days, check_prices
from app.kernel.clock import branch_date
from app.kernel.errors import DomainError, limited_text, require_text
from app.kernel.labels import Listing
from app.kernel.months import Month
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.periods.guard import last_closed_month
from app.periods.rules import require_open_month
from app.runtime.language import tr
from db.lists import listed
from db.models.inventory import VehicleUnit
from db.models.staff import Branch

__all__ = [
    "REQUIRED",
    "PreparedUnit",
    "Progress",
    "UnitField",
    "UnitImport",
    "check_units",
    "read_file",
    "read_text",
    "suggest_mapping",
]

Progress = Callable[[str, float], None]
Mapped = Mapping["UnitField", int]

_CHUNK = 5_000


class PreparedUnit(NamedTuple):
    """A row that can be taken in; an empty stock number is filled when it is."""

    line: int
    vin: str
    trim: TrimEntry
    exterior_colour: str
    interior_colour: str
    cost: Decimal
    list_price: Decimal
    floor_price: Decimal
    stock_number: str
    engine_number: str
    location: str
    arrived_on: date
    manufactured_on: date | None
    odometer_km: int
    stock_state: StockState


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitImport:
    """A checked file: the rows that can be taken in, and everything worth saying about the others.

    `refused` counts rows with at least one error, `warned` rows that are taken in with a warning.
    """

    name: str
    total: int
    prepared: tuple[PreparedUnit, ...]
    problems: tuple[RowProblem, ...]
    refused: int
    warned: int


def check_units(
    reader: Reader, *, table: SourceTable, mapping: Mapped, progress: Progress | None = None
) -> UnitImport:
    """Check every row against the rules, the catalogue and the stock, and gather what can be taken in.

    Raises ColumnNotMapped. `progress(message, fraction)` may raise to cancel.
    """
    reader.require(Permission.INVENTORY_IMPORT)
    missing = [target.label for target in REQUIRED if target not in mapping]
    if missing:
        raise ColumnNotMapped(fields=Listing(missing), field="mapping")
    check = _Check(
        table, mapping, TrimNames(reader.session), today=branch_date(reader.now), now=reader.now,
        closed=last_closed_month(reader.session, reader.actor.branch_id),
    )  # fmt: skip
    check.read_columns(progress)
    check.gather_rows()
    check.compare_with_stock(reader.session)
    if progress is not None:
        progress(tr("Checked"), 1.0)
    return check.result()


@dataclass(frozen=True, slots=True)
class _Refused:
    """A cell that cannot be taken in."""

    error: DomainError


@dataclass(slots=True)
class _Check:
    """One run over a table: collects prepared rows and problems.

    Columns are read one after the other: most of their texts occur again and again, and each is read once. Every cell
    is looked at, so that a row is mended once, not once per error.
    """

    table: SourceTable
    mapping: Mapped
    trims: TrimNames
    today: date
    now: Any
    closed: Month | None = None
    columns: dict[UnitField, list[Any]] = field(default_factory=dict)
    prepared: list[PreparedUnit] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)

    def read_columns(self, progress: Progress | None) -> None:
        """Read every field's column, and keep what cannot be read as problems."""
        total = len(self.table.rows)
        for number, target in enumerate(UnitField):
            if progress is not None:
                progress(tr("Checking {column}, {total} rows", column=self.heading(target), total=total), number / 20)
            if target in _PARTS_OF_TRIM:
                continue
            texts, once = self._texts(target), target in _ONCE
            read = self._reader_of(target)
            values = self._read_once(target, texts, read) if once else _read_repeated(texts, read)
            self.columns[target] = values
            for row in _refused_rows(values):
                self._refuse(row, values[row].error, target)
            if target is UnitField.VIN:
                self._warn_of_check_digits(values)

    def _texts(self, target: UnitField) -> list[Any]:
        """The cells of a field; for the trim all parts of its name together."""
        if target is UnitField.TRIM:
            parts = [self._cells(part) for part in (*_PARTS_OF_TRIM, UnitField.TRIM)]
            return list(zip(*parts, strict=True))
        return self._cells(target)

    def _cells(self, target: UnitField) -> list[str]:
        column = self.mapping.get(target)
        if column is None:
            return [""] * len(self.table.rows)
        return [row[column] if column < len(row) else "" for row in self.table.rows]

    def _reader_of(self, target: UnitField) -> Callable[[Any], Any]:
        amount = amount_reader(self.heading(target))
        readers: dict[UnitField, Callable[[Any], Any]] = {
            UnitField.VIN: lambda text: check_vin(require_text(text, field="vin", limit=80)),
            UnitField.TRIM: self.trims.find,
            UnitField.EXTERIOR_COLOUR: read_words(40, required=True),
            UnitField.INTERIOR_COLOUR: read_words(40),
            UnitField.COST: amount,
            UnitField.LIST_PRICE: amount,
            UnitField.FLOOR_PRICE: lambda text: amount(text) if text else None,
            UnitField.STOCK_NUMBER: partial(limited_text, field="stock_number", limit=STOCK_NUMBER_LIMIT),
            UnitField.ENGINE_NUMBER: read_words(40),
            UnitField.LOCATION: read_words(60),
            UnitField.ARRIVED_ON: lambda text: read_day(text) or self.today,
            UnitField.MANUFACTURED_ON: read_day,
            UnitField.ODOMETER: read_odometer,
            UnitField.STOCK_STATE: read_state,
        }
        return readers[target]

    def _read_once(self, target: UnitField, texts: list[str], read: Callable[[str], Any]) -> list[Any]:
        """Values of a column in which each may stand once only; a later one names the line of the first."""
        first: dict[str, int] = {}
        values: list[Any] = []
        for row, text in enumerate(texts):
            try:
                value = read(text)
                plain = value.vin if target is UnitField.VIN else value
                if plain and first.setdefault(plain, row) != row:
                    raise _ONCE[target](field=target.value, line=self.table.lines[first[plain]])
            except DomainError as error:
                value = _Refused(error)
            values.append(value)
        return values

    def _warn_of_check_digits(self, values: list[Any]) -> None:
        column, code = self.heading(UnitField.VIN), VinCheckDigitWrong.code
        for row, found in enumerate(values):
            if isinstance(found, VinCheck):
                if not found.check_digit_ok and (warning := found.warning) is not None:
                    line = self.table.lines[row]
                    self.problems.append(
                        RowProblem(line=line, column=column, value=found.vin, code=code, note=warning,
                                   severity=Severity.WARNING)
                    )  # fmt: skip
                values[row] = found.vin

    def gather_rows(self) -> None:
        """Put the rows together whose cells are all good, and check what concerns several cells."""
        self.columns[UnitField.FLOOR_PRICE] = [
            price if floor is None else floor
            for floor, price in zip(
                self.columns[UnitField.FLOOR_PRICE], self.columns[UnitField.LIST_PRICE], strict=True
            )
        ]
        names = [target.value for target in self.columns]
        checks = _Together(self.now, closed=self.closed)
        for row, values in enumerate(zip(*self.columns.values(), strict=True)):
            line = self.table.lines[row]
            if line in self.refused:
                continue
            unit = PreparedUnit(line=line, **dict(zip(names, values, strict=True)))
            problem = checks.problem_of(unit)
            if problem is None:
                self.prepared.append(unit)
            else:
                self._refuse(row, problem, UnitField(problem.field) if problem.field in _FIELDS else UnitField.VIN)

    def _refuse(self, row: int, error: DomainError, target: UnitField) -> None:
        column = self.mapping.get(target)
        cells = self.table.rows[row]
        text = "" if column is None else self.table.cell(cells, column)
        line = self.table.lines[row]
        self.problems.append(RowProblem.of(error, line=line, column=self.heading(target), value=text))
        self.refused.add(line)

    def compare_with_stock(self, session: Session) -> None:
        """Refuse rows whose VIN or stock number is in the books already."""
        found = problems_with_stock(session, self.prepared, self.heading)
        if found:
            self.problems += found
            self.refused |= {problem.line for problem in found}
            self.prepared = [unit for unit in self.prepared if unit.line not in self.refused]

    def heading(self, target: UnitField) -> str:
        """The heading of the column that stands for a field."""
        column = self.mapping.get(target)
        return self.table.headers[column] if column is not None else target.label

    def result(self) -> UnitImport:
        """Everything found, problems in the order of lines."""
        warned = {problem.line for problem in self.problems} - self.refused
        return UnitImport(
            name=self.table.name,
            total=len(self.table.rows),
            prepared=tuple(self.prepared),
            problems=tuple(sorted(self.problems, key=lambda problem: problem.line)),
            refused=len(self.refused),
            warned=len(warned),
        )


_PARTS_OF_TRIM = (UnitField.MAKE, UnitField.SERIES, UnitField.YEAR)
_ONCE: dict[UnitField, type[DomainError]] = {
    UnitField.VIN: VinTwiceInFile,
    UnitField.STOCK_NUMBER: StockNumberTwiceInFile,
}
_FIELDS = frozenset(field.value for field in UnitField)


def _read_repeated(texts: list[Any], read: Callable[[Any], Any]) -> list[Any]:
    """Values of a column, each different text read once."""
    known: dict[Any, Any] = {}
    for text in set(texts):
        try:
            known[text] = read(text)
        except DomainError as error:
            known[text] = _Refused(error)
    return [known[text] for text in texts]


def _refused_rows(values: list[Any]) -> list[int]:
    return [row for row, value in enumerate(values) if type(value) is _Refused]


class _Together:
    """Rules over several cells of a row; each combination that occurs is judged once."""

    def __init__(self, now: datetime, *, closed: Month | None) -> None:
        self._now, self._closed = now, closed
        self._prices: dict[tuple[Decimal, Decimal, Decimal], DomainError | None] = {}
        self._days: dict[tuple[date, date | None, bool], DomainError | None] = {}

    def problem_of(self, unit: PreparedUnit) -> DomainError | None:
        """Why the row cannot be taken in, None where it can."""
        prices = (unit.list_price, unit.floor_price, unit.cost)
        if prices not in self._prices:
            self._prices[prices] = _problem(
                lambda: check_prices(list_price=prices[0], floor_price=prices[1], cost=prices[2])
            )
        in_transit = unit.stock_state is StockState.IN_TRANSIT
        days = (unit.arrived_on, unit.manufactured_on, in_transit)
        if days not in self._days:
            self._days[days] = _problem(lambda: self._check_days(*days))
        return self._prices[prices] or self._days[days]

    def _check_days(self, arrived_on: date, manufactured_on: date | None, in_transit: bool) -> None:
        check_days(arrived_on=arrived_on, manufactured_on=manufactured_on, in_transit=in_transit, now=self._now)
        if not in_transit:
            require_open_month(arrived_on, closed=self._closed, field="arrived_on")


def _problem(check: Callable[[], None]) -> DomainError | None:
    try:
        check()
    except DomainError as error:
        return error
    return None


def problems_with_stock(
    session: Session, units: Sequence[PreparedUnit], heading: Callable[[UnitField], str]
) -> list[RowProblem]:
    """Rows whose VIN or stock number a live unit of any branch has."""
    by_vin = {unit.vin: unit for unit in units}
    by_number = {unit.stock_number: unit for unit in units if unit.stock_number}
    live = select(VehicleUnit.vin, VehicleUnit.stock_number, Branch.code).outerjoin(
        Branch, Branch.id == VehicleUnit.branch_id
    )
    live = live.where(VehicleUnit.deleted_at.is_(None))
    found: list[RowProblem] = []
    for chunk in _chunks(list(by_vin)):
        for vin, number, code in session.execute(live.where(VehicleUnit.vin.in_(listed(chunk)))):
            error: DomainError = VinAlreadyInStock(stock_number=number or "—", branch=code or "—")
            found.append(RowProblem.of(error, line=by_vin[vin].line, column=heading(UnitField.VIN), value=vin))
    for chunk in _chunks(list(by_number)):
        for vin, number, _code in session.execute(live.where(VehicleUnit.stock_number.in_(listed(chunk)))):
            error = StockNumberTaken(stock_number=number, vin=vin)
            column = heading(UnitField.STOCK_NUMBER)
            found.append(RowProblem.of(error, line=by_number[number].line, column=column, value=number))
    return found


def _chunks(values: list[str]) -> list[list[str]]:
    return [values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK)]
