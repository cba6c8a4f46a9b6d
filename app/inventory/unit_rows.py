"""What reads of the stock return, and how a row is put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select

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
from app.kernel.labels import Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
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

    @property
    def name(self) -> Bilingual:
        """Make, series, year and trim in one line."""
        return Bilingual(
            f"{self.make.zh} {self.series.zh} {self.year}款 {self.trim.zh}",
            f"{self.make.en or self.make.zh} {self.series.en or self.series.zh} {self.year} "
            f"{self.trim.en or self.trim.zh}",
        )


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
class OptionRow:
    """A fitted option."""

    name: Bilingual
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitDetail:
    """A unit in full. `obstacles` are the notes that keep it from being sold to anybody (`str()` words them)."""

    row: UnitRow
    seats: int
    in_tax_directory: bool
    engine_number: str
    manufactured_on: date | None
    odometer_km: int
    options: tuple[OptionRow, ...]
    hold: HoldInfo | None
    order: OrderLink | None
    obstacles: tuple[object, ...]
    specification: TrimDetail
    created_at: datetime
    updated_at: datetime


_COLUMNS: tuple[Any, ...] = (
    VehicleUnit.id,
    VehicleUnit.vin,
    VehicleUnit.stock_number,
    VehicleUnit.trim_id,
    Make.name_zh,
    Make.name_en,
    Series.name_zh,
    Series.name_en,
    ModelYear.year,
    Trim.name_zh,
    Trim.name_en,
    VehicleUnit.energy,
    VehicleUnit.exterior_colour,
    VehicleUnit.interior_colour,
    VehicleUnit.branch_id,
    Branch.code,
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
)


def row_select() -> Select[Any]:
    """All columns of rows, joined outward so that a unit whose trim has not arrived yet is still shown."""
    return (
        select(*_COLUMNS)
        .outerjoin(Trim, Trim.id == VehicleUnit.trim_id)
        .outerjoin(ModelYear, ModelYear.id == Trim.model_year_id)
        .outerjoin(Series, Series.id == VehicleUnit.series_id)
        .outerjoin(Make, Make.id == VehicleUnit.make_id)
        .outerjoin(Branch, Branch.id == VehicleUnit.branch_id)
    )


def rows_by_id(reader: Reader, ids: Sequence[str]) -> tuple[UnitRow, ...]:
    """The rows of these units in this order."""
    if not ids:
        return ()
    found = {
        values[0]: unit_row(reader, values)
        for values in reader.session.execute(row_select().where(VehicleUnit.id.in_(ids)))
    }
    return tuple(found[unit_id] for unit_id in ids if unit_id in found)


def unit_row(reader: Reader, values: Sequence[Any]) -> UnitRow:
    (
        unit_id, vin, stock_number, trim_id, make_zh, make_en, series_zh, series_en, year, trim_zh, trim_en, energy,
        exterior, interior, branch_id, branch_code, location, list_price, floor_price, cost, arrived_on, stock,
        allocation, held_until, pdi, quality, certificate, revision,
    ) = values  # fmt: skip
    expired = allocation == AllocationState.HELD and held_until is not None and held_until <= reader.now
    running = allocation == AllocationState.HELD and not expired
    return UnitRow(
        id=unit_id,
        vin=vin,
        stock_number=stock_number,
        trim_id=trim_id,
        make=Bilingual(make_zh or "", make_en or ""),
        series=Bilingual(series_zh or "", series_en or ""),
        year=year or 0,
        trim=Bilingual(trim_zh or "", trim_en or ""),
        energy=Energy(energy),
        exterior_colour=Bilingual.from_stored(exterior),
        interior_colour=Bilingual.from_stored(interior),
        branch_id=branch_id,
        branch_code=branch_code or "",
        location=location,
        list_price=list_price,
        floor_price=floor_price,
        cost=cost if reader.actor.may(Permission.INVENTORY_VIEW_COST) else None,
        arrived_on=arrived_on,
        age_days=max(0, (branch_date(reader.now) - arrived_on).days),
        stock=StockState(stock),
        allocation=AllocationState.FREE
        if allocation == AllocationState.HELD and expired
        else AllocationState(allocation),
        held_until=held_until if running else None,
        pdi=PdiState(pdi),
        quality=QualityState(quality),
        certificate=CertificateState(certificate),
        revision=revision,
    )
