"""Reads of the stock: pages by key, counts, facets, one unit in full."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.catalog.energies import Energy
from app.catalog.queries import TrimDetail
from app.inventory.rules import (
    AllocationState,
    CertificateState,
    PdiState,
    QualityState,
    StockState,
)
from app.kernel.labels import Bilingual, Labelled
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr_noop

COUNT_CAP = 10_000
"""Matches are counted up to here; more are "10,000+"."""


class AgeBand(Labelled):
    """Days since arrival."""

    UNDER_30 = "0-30", tr_noop("Up to 30 days")
    UNDER_60 = "31-60", tr_noop("31 to 60 days")
    UNDER_90 = "61-90", tr_noop("61 to 90 days")
    UNDER_180 = "91-180", tr_noop("91 to 180 days")
    OVER_180 = "181+", tr_noop("Over 180 days")


class PriceBand(Labelled):
    """List price in CNY; the upper end is not included."""

    UNDER_100K = "0-100000", tr_noop("Under 100,000")
    UNDER_150K = "100000-150000", tr_noop("100,000 to 150,000")
    UNDER_200K = "150000-200000", tr_noop("150,000 to 200,000")
    UNDER_300K = "200000-300000", tr_noop("200,000 to 300,000")
    UNDER_500K = "300000-500000", tr_noop("300,000 to 500,000")
    OVER_500K = "500000-", tr_noop("500,000 and over")


class UnitSort(StrEnum):
    """Orders in which pages can be read. With a text they apply not: matches come newest entry first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFilter:
    """What to show; empty means no restriction. Within a field any value fits, fields together all must fit.

    `text` is searched as typed: words of make, series, trim, colour and place in both languages, pinyin initials, any
    piece of three characters or more of the VIN or the stock number. Colours are stored texts ("珍珠白 / Pearl White").
    """

    text: str = ""
    make_ids: tuple[str, ...] = ()
    series_ids: tuple[str, ...] = ()
    trim_ids: tuple[str, ...] = ()
    price_bands: tuple[PriceBand, ...] = ()
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    energies: tuple[Energy, ...] = ()
    colours: tuple[str, ...] = ()
    age_bands: tuple[AgeBand, ...] = ()
    allocation_states: tuple[AllocationState, ...] = ()
    stock_states: tuple[StockState, ...] = ()
    branch_ids: tuple[str, ...] = ()


IN_THE_HOUSE: tuple[StockState, ...] = (StockState.IN_TRANSIT, StockState.IN_STOCK, StockState.LENT)
"""What the stock page shows unless told otherwise."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCount:
    """How many match (at most COUNT_CAP, then `capped`) and how many there are in all."""

    matching: int
    capped: bool
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """One value of a facet: what goes into the filter, what is shown, how many units fit the other facets."""

    value: str
    label: Bilingual | Labelled
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFacets:
    """Counts per facet, each without its own restriction, so that a second value can be added.

    `capped`: only the newest COUNT_CAP matches of the text were counted.
    """

    makes: tuple[FacetValue, ...]
    price_bands: tuple[FacetValue, ...]
    energies: tuple[FacetValue, ...]
    colours: tuple[FacetValue, ...]
    age_bands: tuple[FacetValue, ...]
    allocation_states: tuple[FacetValue, ...]
    stock_states: tuple[FacetValue, ...]
    branches: tuple[FacetValue, ...]
    capped: bool


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


def list_units(
    reader: Reader,
    *,
    filter: UnitFilter,
    after: Cursor | None = None,
    limit: int = 100,
    sort: UnitSort = UnitSort.NEWEST,
) -> UnitPage:
    """A page of units; the cursor belongs to the same filter and sort."""
    raise NotImplementedError


def count_units(reader: Reader, filter: UnitFilter) -> UnitCount:
    """How many units match and how many there are."""
    raise NotImplementedError


def unit_facets(reader: Reader, filter: UnitFilter) -> UnitFacets:
    """Counts for the facet chips; run it beside the page, never before it."""
    raise NotImplementedError


def get_unit(reader: Reader, unit_id: str) -> UnitDetail:
    """One unit in full; raises RecordNotFound."""
    raise NotImplementedError


def find_units_for_sale(reader: Reader, *, text: str, customer_id: str | None = None, limit: int = 20) -> UnitPage:
    """Units this colleague could sell now (to this customer): free, or held by them or for them; newest first."""
    raise NotImplementedError


def find_unit_by_vin(reader: Reader, vin: str) -> UnitRow | None:
    """The live unit with this VIN, None without one."""
    raise NotImplementedError


def list_locations(reader: Reader, branch_id: str | None = None) -> tuple[str, ...]:
    """Places in use in a branch, for completion."""
    raise NotImplementedError


def list_colours(reader: Reader) -> tuple[str, ...]:
    """Exterior colours in use, for completion."""
    raise NotImplementedError
