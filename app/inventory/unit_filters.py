"""What stock lists are filtered by, and the conditions that follow from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, or_

from app.catalog.energies import Energy
from app.inventory.rules import AllocationState, StockState
from app.kernel.clock import branch_date
from app.kernel.labels import Labelled
from app.runtime.language import tr_noop
from db.listing import unindexed
from db.lists import as_list, listed_as
from db.models.desk import SearchEntry
from db.models.inventory import VehicleUnit


class AgeBand(Labelled):
    """Days since arrival."""

    UNDER_30 = "0-30", tr_noop("Up to 30 days")
    UNDER_60 = "31-60", tr_noop("31 to 60 days")
    UNDER_90 = "61-90", tr_noop("61 to 90 days")
    UNDER_180 = "91-180", tr_noop("91 to 180 days")
    OVER_180 = "181+", tr_noop("Over 180 days")


LAST_DAY: dict[AgeBand, int | None] = {
    AgeBand.UNDER_30: 30,
    AgeBand.UNDER_60: 60,
    AgeBand.UNDER_90: 90,
    AgeBand.UNDER_180: 180,
    AgeBand.OVER_180: None,
}
"""The last day of a band; None for the open one."""


class PriceBand(Labelled):
    """List price in CNY; the upper end is not included."""

    UNDER_100K = "0-100000", tr_noop("Under 100,000")
    UNDER_150K = "100000-150000", tr_noop("100,000 to 150,000")
    UNDER_200K = "150000-200000", tr_noop("150,000 to 200,000")
    UNDER_300K = "200000-300000", tr_noop("200,000 to 300,000")
    UNDER_500K = "300000-500000", tr_noop("300,000 to 500,000")
    OVER_500K = "500000-", tr_noop("500,000 and over")

    @property
    def limit(self) -> Decimal | None:
        """The end of the band, itself not included; None for the last."""
        text = self.value.partition("-")[2]
        return Decimal(f"{text}.00") if text else None

    @property
    def least(self) -> Decimal:
        """The beginning of the band."""
        return Decimal(self.value.partition("-")[0] + ".00")


class UnitSort(StrEnum):
    """Orders in which pages can be read. With a text they do not apply: matches come newest entry first."""

    HERE_FIRST = "here_first"
    """What stands here, the newest first; then what is on its way, the next to arrive first; then what has left."""
    NEWEST = "newest"
    OLDEST = "oldest"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"


class Facet(StrEnum):
    """What chips can restrict; the value is the name of the field in `UnitFilter`."""

    MAKES = "make_ids"
    PRICE_BANDS = "price_bands"
    ENERGIES = "energies"
    COLOURS = "colours"
    AGE_BANDS = "age_bands"
    ALLOCATION_STATES = "allocation_states"
    STOCK_STATES = "stock_states"
    BRANCHES = "branch_ids"


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

_ENTRIES = "entries"


def allocation_now(now: datetime) -> ColumnElement[str]:
    """The allocation that counts at an instant: an expired hold reads as free, as in `rules.effective_allocation`."""
    return case(
        (
            and_(VehicleUnit.allocation_state == AllocationState.HELD.value, VehicleUnit.held_until <= now),
            AllocationState.FREE.value,
        ),
        else_=VehicleUnit.allocation_state,
    )


def price_band_expression() -> ColumnElement[str]:
    """The code of the price band of a unit."""
    bands = list(PriceBand)
    ladder = [(unindexed(VehicleUnit.list_price) < band.limit, band.value) for band in bands[:-1]]
    return case(*ladder, else_=bands[-1].value)


def age_band_expression(today: date) -> ColumnElement[str]:
    """The code of the age band of a unit; what is still to arrive counts as new."""
    ladder = [
        (unindexed(VehicleUnit.arrived_on) >= today - timedelta(days=days), band.value)
        for band, days in LAST_DAY.items()
        if days is not None
    ]
    return case(*ladder, else_=AgeBand.OVER_180.value)


def in_stock_states(filter: UnitFilter) -> list[ColumnElement[bool]]:
    """The stock states as a condition on rows that are found another way than by their index."""
    states = [state.value for state in filter.stock_states]
    return [unindexed(VehicleUnit.stock_state).in_(states)] if states else []


def of_entries() -> ColumnElement[bool]:
    """That a search entry is one of those named by `entries(…)`, which the statement is executed with; for a query in
    which nothing else invites the planner to begin elsewhere."""
    return SearchEntry.id.in_(listed_as(_ENTRIES))


def entries(rowids: Sequence[int]) -> dict[str, str]:
    """The parameter of a statement with `of_entries`."""
    return {_ENTRIES: as_list(rowids)}


def depends_on_time(filter: UnitFilter) -> bool:
    """Whether `conditions` are different at another instant."""
    return bool(filter.allocation_states or filter.age_bands)


def conditions(filter: UnitFilter, *, now: datetime, without: Facet | None = None) -> list[ColumnElement[bool]]:
    """All conditions but text and stock state; `without` leaves one facet's own restriction out."""
    found: list[ColumnElement[bool]] = [VehicleUnit.deleted_at.is_(None)]
    plain = (
        (Facet.MAKES, VehicleUnit.make_id, filter.make_ids),
        (None, VehicleUnit.series_id, filter.series_ids),
        (None, VehicleUnit.trim_id, filter.trim_ids),
        (Facet.ENERGIES, VehicleUnit.energy, [energy.value for energy in filter.energies]),
        (Facet.COLOURS, VehicleUnit.exterior_colour, filter.colours),
        (Facet.BRANCHES, VehicleUnit.branch_id, filter.branch_ids),
    )
    for facet, column, values in plain:
        if values and (facet is None or facet is not without):
            found.append(column.in_(list(values)))
    if filter.allocation_states and without is not Facet.ALLOCATION_STATES:
        found.append(_allocation_condition(filter.allocation_states, now))
    found += _price_conditions(filter, with_bands=without is not Facet.PRICE_BANDS)
    if filter.age_bands and without is not Facet.AGE_BANDS:
        found.append(age_band_expression(branch_date(now)).in_([band.value for band in filter.age_bands]))
    return found


def _allocation_condition(states: Sequence[AllocationState], now: datetime) -> ColumnElement[bool]:
    return allocation_now(now).in_([state.value for state in states])


def _price_conditions(filter: UnitFilter, *, with_bands: bool) -> list[ColumnElement[bool]]:
    price = unindexed(VehicleUnit.list_price)
    found: list[ColumnElement[bool]] = []
    if filter.price_bands and with_bands:
        parts = []
        for band in filter.price_bands:
            inside = price >= band.least
            parts.append(inside if band.limit is None else and_(inside, price < band.limit))
        found.append(or_(*parts))
    if filter.price_from is not None:
        found.append(price >= filter.price_from)
    if filter.price_to is not None:
        found.append(price <= filter.price_to)
    return found
