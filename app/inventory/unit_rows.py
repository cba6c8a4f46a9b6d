"""What reads of the stock return, and how a row is put together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from app.catalog.energies import Energy
from app.catalog.queries import TrimDetail
from app.inventory.rules import (
    AllocationState,
    CertificateState,
    PdiState,
    QualityState,
    StockState,
)
from app.kernel.clock import branch_date
from app.kernel.labels import UNNAMED, Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.leases.rules import LeaseStanding
from db.freshness import until_next_write
from db.lists import listed
from db.models.catalog import Make, ModelYear, Series, Trim
from db.models.inventory import VehicleUnit
from db.models.staff import Branch


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """One line of the stock table. `allocation` counts expired holds as free; `cost` is None without the permission."""

    id: str
    vin: str
    stock_number: str
    trim_id: str
    make: Bilingual
    series: Bilingual
    year: int
    trim: Bilingual
    energy: Energy
    exterior_colour: Bilingual
    interior_colour: Bilingual
    branch_id: str
    branch_code: str
    location: str
    list_price: Decimal
    floor_price: Decimal
    cost: Decimal | None
    arrived_on: date
    age_days: int
    stock: StockState
    allocation: AllocationState
    held_until: datetime | None
    pdi: PdiState
    quality: QualityState
    certificate: CertificateState
    revision: int
    secured_for: str = ""
    """The desk for which the centre keeps it now, this one or another, such as SH01-D02; "" for none."""
    secured_until: datetime | None = None

    @property
    def name(self) -> Bilingual:
        """Make, series, year and trim in one line."""
        return Bilingual(
            f"{self.make.zh} {self.series.zh} {self.year}款 {self.trim.zh}",
            f"{self.make.en or self.make.zh} {self.series.en or self.series.zh} {self.year} "
            f"{self.trim.en or self.trim.zh}",
        )


class AboutUnit:
    """What a line of any list says of the unit it is about."""

    __slots__ = ()
    unit: UnitRow

    @property
    def name(self) -> Bilingual:
        """What the unit is called."""
        return self.unit.name

    @property
    def vin(self) -> str:
        """The unit's VIN."""
        return self.unit.vin


Cursor = tuple[Any, ...]
"""Where a page ended; give it back as `after`, do not look inside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPage:
    """Some rows and where to go on; `next_cursor` None after the last row."""

    rows: tuple[UnitRow, ...]
    next_cursor: Cursor | None

    @property
    def next(self) -> Cursor | None:
        """The cursor by the name tables ask for."""
        return self.next_cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCount:
    """How many match (at most COUNT_CAP, then `capped`) and how many there are in all."""

    matching: int
    capped: bool
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldInfo:
    """A running hold; the customer only by name."""

    until: datetime
    staff_id: str
    staff_name: str
    customer_id: str | None
    customer_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLink:
    """The live order a unit is allocated to."""

    order_id: str
    number: str
    state: str
    claim_state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseInfo:
    """For which desk the centre keeps a unit. `own` where it is this one; `counts` whether it may be sold offline."""

    desk: str
    until: datetime
    own: bool
    standing: LeaseStanding

    @property
    def counts(self) -> bool:
        """Whether the lease holds at this moment."""
        return self.standing is LeaseStanding.SECURED


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionRow:
    """A fitted option."""

    name: Bilingual
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDetail:
    """A unit in full. `obstacles` are the notes that keep it from being sold to anybody (`str()` words them),
    `handover_obstacles` those that keep a sold one from its buyer."""

    row: UnitRow
    seats: int
    in_tax_directory: bool
    engine_number: str
    manufactured_on: date | None
    odometer_km: int
    options: tuple[OptionRow, ...]
    hold: HoldInfo | None
    lease: LeaseInfo | None
    order: OrderLink | None
    obstacles: tuple[object, ...]
    handover_obstacles: tuple[object, ...]
    specification: TrimDetail
    created_at: datetime
    updated_at: datetime


UNIT_COLUMNS: tuple[Any, ...] = (
    VehicleUnit.id,
    VehicleUnit.vin,
    VehicleUnit.stock_number,
    VehicleUnit.trim_id,
    VehicleUnit.energy,
    VehicleUnit.exterior_colour,
    VehicleUnit.interior_colour,
    VehicleUnit.branch_id,
    VehicleUnit.location,
    VehicleUnit.list_price,
    VehicleUnit.floor_price,
    VehicleUnit.cost,
    VehicleUnit.arrived_on,
    VehicleUnit.stock_state,
    VehicleUnit.allocation_state,
    VehicleUnit.held_until,
    VehicleUnit.pdi_state,
    VehicleUnit.quality_state,
    VehicleUnit.certificate_state,
    VehicleUnit.revision,
    VehicleUnit.secured_for,
    VehicleUnit.secured_until,
)
"""What a query selects of units whose rows are wanted, in the order `make_rows` expects."""


@dataclass(frozen=True, slots=True)
class _TrimNames:
    """What every unit of a trim is called."""

    make: Bilingual
    series: Bilingual
    year: int
    trim: Bilingual


_NOT_HERE_YET = _TrimNames(UNNAMED, UNNAMED, 0, UNNAMED)
"""A unit can arrive before its trim does."""


def make_rows(reader: Reader, found: Iterable[Sequence[Any]]) -> tuple[UnitRow, ...]:
    """Rows from the values of UNIT_COLUMNS."""
    listed = list(found)
    names = _names_of(reader, {values[3] for values in listed})
    codes = until_next_write(reader.session, "branch codes", lambda: _branch_codes(reader))
    today = branch_date(reader.now)
    costs = reader.actor.may(Permission.INVENTORY_VIEW_COST)
    return tuple(
        _unit_row(values, names[values[3]], codes.get(values[7], ""), now=reader.now, today=today, costs=costs)
        for values in listed
    )


def rows_by_id(reader: Reader, ids: Sequence[str]) -> tuple[UnitRow, ...]:
    """The rows of these units in this order."""
    if not ids:
        return ()
    query = select(*UNIT_COLUMNS).where(VehicleUnit.id.in_(listed(ids)))
    found = {values[0]: values for values in reader.session.execute(query)}
    return make_rows(reader, (found[unit_id] for unit_id in ids if unit_id in found))


def _names_of(reader: Reader, trim_ids: set[str]) -> dict[str, _TrimNames]:
    """Names by trim; looked up once, since the same trims come up with every letter that is typed."""
    known: dict[str, _TrimNames] = until_next_write(reader.session, "trim names", dict)
    missing = [trim_id for trim_id in trim_ids if trim_id not in known]
    if missing:
        query = (
            select(
                Trim.id, Make.name_zh, Make.name_en, Series.name_zh, Series.name_en, ModelYear.year, Trim.name_zh,
                Trim.name_en,
            )
            .join(ModelYear, ModelYear.id == Trim.model_year_id)
            .join(Series, Series.id == ModelYear.series_id)
            .join(Make, Make.id == Series.make_id)
            .where(Trim.id.in_(listed(missing)))
        )  # fmt: skip
        found = dict.fromkeys(missing, _NOT_HERE_YET)
        for trim_id, make_zh, make_en, series_zh, series_en, year, zh, en in reader.session.execute(query):
            make, series = Bilingual(make_zh, make_en), Bilingual(series_zh, series_en)
            found[trim_id] = _TrimNames(make, series, year, Bilingual(zh, en))
        known.update(found)  # all at once: a read that is stopped half-way must leave no name out
    return known


def _branch_codes(reader: Reader) -> dict[str, str]:
    return {row[0]: row[1] for row in reader.session.execute(select(Branch.id, Branch.code))}


def _unit_row(
    values: Sequence[Any], names: _TrimNames, branch_code: str, *, now: datetime, today: date, costs: bool
) -> UnitRow:
    (
        unit_id, vin, stock_number, trim_id, energy, exterior, interior, branch_id, location, list_price, floor_price,
        cost, arrived_on, stock, allocation, held_until, pdi, quality, certificate, revision,
        secured_for, secured_until,
    ) = values  # fmt: skip
    secured = secured_until is not None and secured_until > now
    expired = allocation == _HELD and held_until is not None and held_until <= now
    return UnitRow(
        id=unit_id,
        vin=vin,
        stock_number=stock_number,
        trim_id=trim_id,
        make=names.make,
        series=names.series,
        year=names.year,
        trim=names.trim,
        energy=_ENERGIES[energy],
        exterior_colour=_colour(exterior),
        interior_colour=_colour(interior),
        branch_id=branch_id,
        branch_code=branch_code,
        location=location,
        list_price=list_price,
        floor_price=floor_price,
        cost=cost if costs else None,
        arrived_on=arrived_on,
        age_days=max(0, (today - arrived_on).days),
        stock=_STOCK[stock],
        allocation=AllocationState.FREE if expired else _ALLOCATIONS[allocation],
        held_until=held_until if allocation == _HELD and not expired else None,
        pdi=_PDI[pdi],
        quality=_QUALITIES[quality],
        certificate=_CERTIFICATES[certificate],
        revision=revision,
        secured_for=(secured_for or "") if secured else "",
        secured_until=secured_until if secured else None,
    )


_HELD = AllocationState.HELD.value
_ENERGIES = {member.value: member for member in Energy}
_STOCK = {member.value: member for member in StockState}
_ALLOCATIONS = {member.value: member for member in AllocationState}
_PDI = {member.value: member for member in PdiState}
_QUALITIES = {member.value: member for member in QualityState}
_CERTIFICATES = {member.value: member for member in CertificateState}
_colour = lru_cache(maxsize=1024)(Bilingual.from_stored)
