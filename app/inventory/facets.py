"""Counts beside the filter chips: how many units fit each value of each facet, given all other restrictions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.catalog.energies import Energy
from app.inventory.rules import AllocationState, StockState
from app.inventory.unit_filters import (
    AgeBand,
    Facet,
    PriceBand,
    UnitFilter,
    age_band_expression,
    allocation_now,
    conditions,
    entries,
    of_entries,
    price_band_expression,
)
from app.kernel.clock import branch_date
from app.kernel.labels import Bilingual, Labelled
from app.kernel.reading import stop_if_unwanted
from app.kernel.unit_of_work import Reader
from db.freshness import until_next_write
from db.models.catalog import Make
from db.models.desk import SearchEntry
from db.models.inventory import VehicleUnit
from db.models.staff import Branch
from db.one_piece import OnePiece
from db.search import find_rowids

TEXT_CAP = 3_000
"""With a text, so many of the newest matches are counted, in pieces between which people can type on."""
_CHUNK = 250

_ENUMERATED: dict[Facet, type[Labelled]] = {
    Facet.PRICE_BANDS: PriceBand,
    Facet.ENERGIES: Energy,
    Facet.AGE_BANDS: AgeBand,
    Facet.ALLOCATION_STATES: AllocationState,
    Facet.STOCK_STATES: StockState,
}

_TOGETHER: tuple[tuple[Facet, ...], ...] = (
    (Facet.MAKES, Facet.ALLOCATION_STATES, Facet.STOCK_STATES),
    (Facet.ENERGIES, Facet.COLOURS, Facet.BRANCHES),
    (Facet.PRICE_BANDS, Facet.AGE_BANDS),
)
"""Facets counted in one pass: few enough combinations that grouping stays in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """One value of a facet: what goes into the filter, what is shown, how many units fit the other facets."""

    value: str
    label: Bilingual | Labelled
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFacets:
    """Counts per facet, each without its own restriction, so that a second value can be added.

    Bands and states come whole and in order, makes, colours and branches by falling count. `capped`: only the newest
    matches of the text were counted.
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


def count_facets(reader: Reader, filter: UnitFilter) -> UnitFacets:
    """The counts for a filter, kept until the next write, the end of the next hold, or midnight."""
    key = ("facets", filter, branch_date(reader.now), _next_hold_end(reader))
    return until_next_write(reader.session, key, lambda: _count(reader, filter))


def _next_hold_end(reader: Reader) -> datetime | None:
    """When the next running hold ends: until then allocations change by writing only."""
    held = VehicleUnit.allocation_state == AllocationState.HELD.value
    return reader.session.execute(
        select(func.min(VehicleUnit.held_until)).where(held, VehicleUnit.held_until > reader.now)
    ).scalar()


def _count(reader: Reader, filter: UnitFilter) -> UnitFacets:
    capped = False
    if filter.text.strip():
        counts, capped = _counts_of_matches(reader, filter)
    else:
        counts = _counts(reader, filter)
    return UnitFacets(
        makes=_named(reader, counts[Facet.MAKES], Make, filter.make_ids),
        colours=_colours(counts[Facet.COLOURS], filter.colours),
        branches=_named(reader, counts[Facet.BRANCHES], Branch, filter.branch_ids),
        capped=capped,
        **{
            facet.name.lower(): tuple(
                FacetValue(value=label.value, label=label, count=counts[facet][label.value]) for label in labels
            )
            for facet, labels in _ENUMERATED.items()
        },
    )


def _restrictions(filter: UnitFilter) -> dict[Facet, frozenset[str]]:
    """What the chips restrict: the values that are allowed."""
    chosen = {facet: frozenset(str(value) for value in getattr(filter, facet.value)) for facet in Facet}
    return {facet: values for facet, values in chosen.items() if values}


def _counts_of_matches(reader: Reader, filter: UnitFilter) -> tuple[dict[Facet, Counter[str]], bool]:
    """With a text: all values of the newest matches in one read. A unit counts for every facet when it fits all of
    them, and for the one it does not fit when it fits all others."""
    rowids = find_rowids(reader.session.connection(), kind="vehicle", text=filter.text, limit=TEXT_CAP + 1)
    allowed = _restrictions(filter)
    counts: dict[Facet, Counter[str]] = {facet: Counter() for facet in Facet}
    for values in _values_of_entries(reader, filter, rowids[:TEXT_CAP]):
        unfit = [facet for facet, fitting in allowed.items() if values[_PLACES[facet]] not in fitting]
        if not unfit:
            for facet, value in zip(Facet, values, strict=True):
                counts[facet][value] += 1
        elif len(unfit) == 1:
            counts[unfit[0]][values[_PLACES[unfit[0]]]] += 1
    return counts, len(rowids) > TEXT_CAP


_PLACES = {facet: place for place, facet in enumerate(Facet)}


def _values_of_entries(reader: Reader, filter: UnitFilter, rowids: Sequence[int]) -> Iterable[Any]:
    """The value of every facet of each unit behind search entries that fits what is no facet."""
    none: dict[str, Any] = {facet.value: () for facet in Facet}
    bare = replace(filter, **none)
    columns = [_expression(facet, reader) for facet in Facet]
    query = select(*columns).join(SearchEntry, SearchEntry.record_id == VehicleUnit.id)
    piece = OnePiece(query.where(*conditions(bare, now=reader.now), of_entries()))
    for start in range(0, len(rowids), _CHUNK):
        stop_if_unwanted()
        yield from piece.rows(reader.session.connection(), entries(rowids[start : start + _CHUNK]))


def _counts(reader: Reader, filter: UnitFilter) -> dict[Facet, Counter[str]]:
    """Facets with a restriction of their own are counted alone, without it; the others together, from the index."""
    restricted = tuple(_restrictions(filter))
    counts: dict[Facet, Counter[str]] = {}
    for group in _TOGETHER:
        shared = tuple(facet for facet in group if facet not in restricted)
        if shared:
            counts |= _grouped(reader, filter, shared, without=None)
    for facet in restricted:
        counts |= _grouped(reader, filter, (facet,), without=facet)
    return counts


def _grouped(
    reader: Reader, filter: UnitFilter, facets: tuple[Facet, ...], *, without: Facet | None
) -> dict[Facet, Counter[str]]:
    columns = [_expression(facet, reader) for facet in facets]
    rules = conditions(filter, now=reader.now, without=without)
    states = [state.value for state in filter.stock_states]
    if not states or without is Facet.STOCK_STATES:
        states = [state.value for state in StockState]
    rules.append(VehicleUnit.stock_state.in_(states))
    counts: dict[Facet, Counter[str]] = {facet: Counter() for facet in facets}
    query = select(*columns, func.count()).where(*rules).group_by(*columns)
    for *values, count in reader.session.execute(query):
        for facet, value in zip(facets, values, strict=True):
            counts[facet][value] += count
    return counts


def _expression(facet: Facet, reader: Reader) -> Any:
    if facet is Facet.PRICE_BANDS:
        return price_band_expression()
    if facet is Facet.AGE_BANDS:
        return age_band_expression(branch_date(reader.now))
    if facet is Facet.ALLOCATION_STATES:
        return allocation_now(reader.now)
    return {
        Facet.MAKES: VehicleUnit.make_id,
        Facet.ENERGIES: VehicleUnit.energy,
        Facet.COLOURS: VehicleUnit.exterior_colour,
        Facet.STOCK_STATES: VehicleUnit.stock_state,
        Facet.BRANCHES: VehicleUnit.branch_id,
    }[facet]


def _named(
    reader: Reader, counts: Counter[str], model: type[Make] | type[Branch], chosen: Sequence[str]
) -> tuple[FacetValue, ...]:
    wanted = {*counts, *chosen}
    rows = reader.session.execute(select(model.id, model.name_zh, model.name_en).where(model.id.in_(wanted)))
    labels = {row[0]: Bilingual(row[1], row[2]) for row in rows}
    return _by_count({value: labels.get(value, Bilingual("—", "—")) for value in wanted}, counts)


def _colours(counts: Counter[str], chosen: Sequence[str]) -> tuple[FacetValue, ...]:
    return _by_count({value: Bilingual.from_stored(value) for value in {*counts, *chosen}}, counts)


def _by_count(labels: dict[str, Bilingual], counts: Counter[str]) -> tuple[FacetValue, ...]:
    ranked = sorted(labels.items(), key=lambda entry: (-counts[entry[0]], entry[1].en))
    return tuple(FacetValue(value=value, label=label, count=counts[value]) for value, label in ranked if value)
