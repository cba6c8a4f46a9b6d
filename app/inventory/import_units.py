"""Taking in a list of units from a file: mapping of columns, check row by row, report. Nothing is written here.

The steps: `app.catalog.source_tables.read_file` or `read_text`, `suggest_mapping`, `check_units` (a read), then the
command `ImportUnits` with what the check returned.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalog.import_report import RowProblem, Severity
from app.catalog.source_tables import SourceTable, read_file, read_text
from app.catalog.vin import check_vin
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
    read_amount,
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
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr
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

T = TypeVar("T")
Progress = Callable[[str, float], None]
Mapped = Mapping["UnitField", int]

_PROGRESS_EVERY = 250
_CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedUnit:
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
    check = _Check(table, mapping, TrimNames(reader.session), today=branch_date(reader.now), now=reader.now)
    for number, row in enumerate(table.rows):
        if progress is not None and number % _PROGRESS_EVERY == 0:
            progress(tr("Checking row {n} of {total}", n=number + 1, total=len(table.rows)), number / len(table.rows))
        check.row(row, table.lines[number])
    check.compare_with_stock(reader.session)
    return check.result()


@dataclass(slots=True)
class _Check:
    """One run over a table: collects prepared rows and problems."""

    table: SourceTable
    mapping: Mapped
    trims: TrimNames
    today: date
    now: Any
    prepared: list[PreparedUnit] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)
    vins: dict[str, int] = field(default_factory=dict)
    stock_numbers: dict[str, int] = field(default_factory=dict)

    def row(self, row: Sequence[str], line: int) -> None:
        """Check one row; every cell is looked at, so that a row is mended once, not once per error."""
        unit = _Row(self, row, line)
        values: dict[str, Any] = {
            "vin": unit.take(UnitField.VIN, self._vin),
            "trim": unit.take(UnitField.TRIM, lambda text: self.trims.find(unit.trim_parts())),
            "exterior_colour": unit.take(UnitField.EXTERIOR_COLOUR, read_words(40, required=True)),
            "interior_colour": unit.take(UnitField.INTERIOR_COLOUR, read_words(40)),
            "cost": unit.take(UnitField.COST, read_amount),
            "list_price": unit.take(UnitField.LIST_PRICE, read_amount),
            "floor_price": unit.take(UnitField.FLOOR_PRICE, lambda text: read_amount(text) if text else None),
            "stock_number": unit.take(UnitField.STOCK_NUMBER, self._stock_number),
            "engine_number": unit.take(UnitField.ENGINE_NUMBER, read_words(40)),
            "location": unit.take(UnitField.LOCATION, read_words(60)),
            "arrived_on": unit.take(UnitField.ARRIVED_ON, lambda text: read_day(text) or self.today),
            "manufactured_on": unit.take(UnitField.MANUFACTURED_ON, read_day),
            "odometer_km": unit.take(UnitField.ODOMETER, read_odometer),
            "stock_state": unit.take(UnitField.STOCK_STATE, read_state),
        }
        if unit.good:
            values["floor_price"] = values["list_price"] if values["floor_price"] is None else values["floor_price"]
            unit.take_all(lambda: self._together(values))
        if unit.good:
            self.prepared.append(PreparedUnit(line=line, **values))

    def _together(self, values: dict[str, Any]) -> None:
        check_prices(list_price=values["list_price"], floor_price=values["floor_price"], cost=values["cost"])
        in_transit = values["stock_state"] == StockState.IN_TRANSIT
        check_days(
            arrived_on=values["arrived_on"], manufactured_on=values["manufactured_on"], in_transit=in_transit,
            now=self.now,
        )  # fmt: skip

    def _vin(self, text: str) -> str:
        found = check_vin(require_text(text, field="vin", limit=80))
        first = self.vins.get(found.vin)
        if first is not None:
            raise VinTwiceInFile(field="vin", line=first)
        return found.vin

    def _stock_number(self, text: str) -> str:
        number = limited_text(text, field="stock_number", limit=STOCK_NUMBER_LIMIT)
        first = self.stock_numbers.get(number) if number else None
        if first is not None:
            raise StockNumberTwiceInFile(field="stock_number", line=first)
        return number

    def note(self, problem: RowProblem) -> None:
        """Keep a problem; an error refuses its row."""
        self.problems.append(problem)
        if problem.severity is Severity.ERROR:
            self.refused.add(problem.line)

    def compare_with_stock(self, session: Session) -> None:
        """Refuse rows whose VIN or stock number is in the books already."""
        for problem in problems_with_stock(session, self.prepared, self.heading):
            self.note(problem)
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


class _Row:
    """One row on its way through the check."""

    def __init__(self, check: _Check, cells: Sequence[str], line: int) -> None:
        self._check, self._cells, self._line = check, cells, line
        self.good = True

    def text(self, target: UnitField) -> str:
        """The cell mapped to a field, empty without one."""
        column = self._check.mapping.get(target)
        return "" if column is None else self._check.table.cell(self._cells, column)

    def trim_parts(self) -> list[str]:
        """What the row says about its model, from make to trim."""
        return [self.text(target) for target in (UnitField.MAKE, UnitField.SERIES, UnitField.YEAR, UnitField.TRIM)]

    def take(self, target: UnitField, read: Callable[[str], T]) -> T | None:
        """The value of a field; a refusal becomes a problem of this cell."""
        text = self.text(target)
        try:
            value = read(text)
        except DomainError as error:
            self._refuse(error, target, text)
            return None
        self._remember(target, value)
        return value

    def _remember(self, target: UnitField, value: Any) -> None:
        if target is UnitField.VIN:
            self._check.vins[value] = self._line
            warning = check_vin(value).warning
            if warning is not None:
                column, code = self._check.heading(target), VinCheckDigitWrong.code
                self._check.note(
                    RowProblem(
                        line=self._line, column=column, value=value, code=code, note=warning, severity=Severity.WARNING
                    )
                )
        elif target is UnitField.STOCK_NUMBER and value:
            self._check.stock_numbers[value] = self._line

    def take_all(self, check: Callable[[], None]) -> None:
        """A rule over several cells; its refusal names the one it is about."""
        try:
            check()
        except DomainError as error:
            target = UnitField(error.field) if error.field in set(UnitField) else UnitField.VIN
            self._refuse(error, target, self.text(target))

    def _refuse(self, error: DomainError, target: UnitField, text: str) -> None:
        self.good = False
        column = self._check.heading(target)
        self._check.note(RowProblem.of(error, line=self._line, column=column, value=text))


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
        for vin, number, code in session.execute(live.where(VehicleUnit.vin.in_(chunk))):
            error: DomainError = VinAlreadyInStock(stock_number=number or "—", branch=code or "—")
            found.append(RowProblem.of(error, line=by_vin[vin].line, column=heading(UnitField.VIN), value=vin))
    for chunk in _chunks(list(by_number)):
        for vin, number, _code in session.execute(live.where(VehicleUnit.stock_number.in_(chunk))):
            error = StockNumberTaken(stock_number=number, vin=vin)
            column = heading(UnitField.STOCK_NUMBER)
            found.append(RowProblem.of(error, line=by_number[number].line, column=column, value=number))
    return found


def _chunks(values: list[str]) -> list[list[str]]:
    return [values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK)]
