"""Reads of the stock: pages by key, counts, facets, one unit in full."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_

from app.catalog.queries import get_trim
from app.inventory.allocation import order_number_of, standing_of
from app.inventory.facets import TEXT_CAP, FacetValue, UnitFacets, count_facets
from app.inventory.holding import secured_elsewhere
from app.inventory.rules import (
    AllocationState,
    QualityState,
    StockState,
    effective_allocation,
    handover_obstacles,
    sale_obstacles,
)
from app.inventory.unit_filters import (
    IN_THE_HOUSE,
    AgeBand,
    Facet,
    PriceBand,
    UnitFilter,
    UnitSort,
    allocation_now,
    conditions,
    depends_on_time,
    entries,
    in_stock_states,
    of_entries,
)
from app.inventory.unit_rows import (
    UNIT_COLUMNS,
    Cursor,
    HoldInfo,
    LeaseInfo,
    OptionRow,
    OrderLink,
    UnitCount,
    UnitDetail,
    UnitPage,
    UnitRow,
    make_rows,
    rows_by_id,
)
from app.kernel.labels import Bilingual
from app.kernel.permissions import Permission
from app.kernel.reading import stop_if_unwanted
from app.kernel.unit_of_work import Reader
from app.leases.queries import lease_of
from app.leases.rules import LeaseStanding
from db.freshness import until_next_write
from db.models.customers import Customer
from db.models.desk import SearchEntry
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.staff import StaffMember
from db.one_piece import OnePiece
from db.search import find_rowids

__all__ = [
    "COUNT_CAP",
    "IN_THE_HOUSE",
    "AgeBand",
    "Facet",
    "FacetValue",
    "HoldInfo",
    "LeaseInfo",
    "OptionRow",
    "OrderLink",
    "PriceBand",
    "UnitCount",
    "UnitDetail",
    "UnitFacets",
    "UnitFilter",
    "UnitPage",
    "UnitRow",
    "UnitSort",
    "count_units",
    "find_unit_by_vin",
    "find_units_for_sale",
    "get_unit",
    "list_colours",
    "list_locations",
    "list_units",
    "unit_facets",
]

COUNT_CAP = 10_000
"""Units are counted up to here; more are "10,000+". With a text, so many of its newest matches are looked at as the
facets count (`facets.TEXT_CAP`)."""


_LARGEST_CHUNK = 2_000
_COUNTED_AT_ONCE = 500
_MOST_LOOKED_THROUGH = 40_000
"""So many matches of a text one page looks through for those that fit the rest of the filter."""
_NEWEST_LOOKED_AT = 5_000
_STOCK_STATE = 1 + [column.key for column in UNIT_COLUMNS].index("stock_state")
"""Where it stands in what `_units_of_entries` finds."""


def list_units(
    reader: Reader,
    *,
    filter: UnitFilter,
    after: Cursor | None = None,
    limit: int = 100,
    sort: UnitSort = UnitSort.NEWEST,
) -> UnitPage:
    """A page of units; the cursor belongs to the same filter and sort.

    With a text and a filter that hardly anything fits, a page may hold fewer rows than the limit and still have a next
    one.
    """
    reader.require(Permission.INVENTORY_VIEW)
    if filter.text.strip():
        return _text_page(reader, filter, after, limit)
    return _key_page(reader, filter, after, limit, UnitSort(sort))


def _key_page(reader: Reader, filter: UnitFilter, after: Cursor | None, limit: int, sort: UnitSort) -> UnitPage:
    rules = conditions(filter, now=reader.now)
    keys: list[Cursor]
    if sort is UnitSort.HERE_FIRST:
        keys = _here_first(reader, filter, rules, after=after, limit=limit + 1)
    else:
        keys = [*_keys(reader, filter, rules, after=after, limit=limit + 1, sort=sort)]
    page = keys[:limit]
    return UnitPage(
        rows=rows_by_id(reader, [key[-1] for key in page]), next_cursor=page[-1] if len(keys) > limit else None
    )


_PARTS = (
    ((StockState.IN_STOCK, StockState.LENT), UnitSort.NEWEST),
    ((StockState.IN_TRANSIT,), UnitSort.OLDEST),
    ((StockState.OUT,), UnitSort.NEWEST),
)
"""What `UnitSort.HERE_FIRST` lists one after the other."""


def _here_first(
    reader: Reader, filter: UnitFilter, rules: Sequence[ColumnElement[bool]], *, after: Cursor | None, limit: int
) -> list[Cursor]:
    """Part, sort key and id of the next units; a part is read when the one before it is at its end."""
    begin, within = (0, None) if after is None else (after[0], after[1:])
    wanted = filter.stock_states or tuple(StockState)
    keys: list[Cursor] = []
    for number, (states, sort) in list(enumerate(_PARTS))[begin:]:
        shown = tuple(state for state in states if state in wanted)
        if shown and len(keys) < limit:
            part = replace(filter, stock_states=shown)
            found = _keys(reader, part, rules, after=within, limit=limit - len(keys), sort=sort)
            keys += [(number, *key) for key in found]
        within = None
    return keys


def _keys(
    reader: Reader,
    filter: UnitFilter,
    rules: Sequence[ColumnElement[bool]],
    *,
    after: Cursor | None,
    limit: int,
    sort: UnitSort,
) -> list[tuple[Any, str]]:
    """Sort key and id of the next units, out of the index alone: each stock state by itself, merged."""
    key = VehicleUnit.arrived_on if sort in (UnitSort.NEWEST, UnitSort.OLDEST) else VehicleUnit.list_price
    falling = sort in (UnitSort.NEWEST, UnitSort.DEAREST)
    order = (key.desc(), VehicleUnit.id.desc()) if falling else (key, VehicleUnit.id)
    place = tuple_(key, VehicleUnit.id)
    query = select(key, VehicleUnit.id).where(*rules).order_by(*order).limit(limit)
    if after is not None:
        query = query.where(place < after if falling else place > after)
    keys: list[tuple[Any, str]] = []
    for state in filter.stock_states or tuple(StockState):
        found = reader.session.execute(query.where(VehicleUnit.stock_state == state.value))
        keys += [(row[0], row[1]) for row in found]
    return sorted(keys, reverse=falling)[:limit]


def _text_page(reader: Reader, filter: UnitFilter, after: Cursor | None, limit: int) -> UnitPage:
    """Matches of the text from the newest entry down, in growing chunks until the page is full."""
    before = after[0] if after else None
    statement = _statement_for(filter, reader.now)
    found: list[list[Any]] = []
    looked_through, size = 0, limit + 1
    while looked_through < _MOST_LOOKED_THROUGH:
        rowids = find_rowids(reader.session.connection(), kind="vehicle", text=filter.text, limit=size, before=before)
        fitting = _units_of_entries(reader, rowids, statement)
        found += fitting
        if len(found) > limit:
            return _page_of(reader, found[:limit], next_cursor=(found[limit - 1][0],))
        if len(rowids) < size:
            return _page_of(reader, found, next_cursor=None)
        before = rowids[-1]
        looked_through += len(rowids)
        share = max(len(fitting) / len(rowids), 0.01)
        size = min(int((limit + 1 - len(found)) / share * 1.3) + 20, _LARGEST_CHUNK)
    return _page_of(reader, found, next_cursor=(before,))


def _page_of(reader: Reader, found: Sequence[Sequence[Any]], *, next_cursor: Cursor | None) -> UnitPage:
    return UnitPage(rows=make_rows(reader, (values[1:] for values in found)), next_cursor=next_cursor)


def _statement_for(filter: UnitFilter, now: datetime) -> OnePiece:
    """What reads the units behind search entries that fit the filter: rowid, then UNIT_COLUMNS."""
    bare = replace(filter, text="")
    return _statement(bare, now) if depends_on_time(bare) else _timeless_statement(bare)


@lru_cache(maxsize=64)
def _timeless_statement(filter: UnitFilter) -> OnePiece:
    # Kept because every letter that is typed asks for it, and putting it together takes longer than executing it.
    return _statement(filter, datetime.min)


def _statement(filter: UnitFilter, now: datetime) -> OnePiece:
    return _statement_with([*conditions(filter, now=now), *in_stock_states(filter)])


def _statement_with(rules: Iterable[ColumnElement[bool]]) -> OnePiece:
    query = select(SearchEntry.id, *UNIT_COLUMNS).join(VehicleUnit, VehicleUnit.id == SearchEntry.record_id)
    return OnePiece(query.where(of_entries(), *rules))


def _units_of_entries(reader: Reader, rowids: Sequence[int], statement: OnePiece) -> list[list[Any]]:
    """What a `_statement` finds behind these search entries, newest entry first."""
    if not rowids:
        return []
    return sorted(statement.rows(reader.session.connection(), entries(rowids)), key=itemgetter(0), reverse=True)


def count_units(reader: Reader, filter: UnitFilter) -> UnitCount:
    """How many units match, at most COUNT_CAP (then `capped`), and how many there are in the filter's stock states."""
    reader.require(Permission.INVENTORY_VIEW)
    total = until_next_write(
        reader.session, ("stock total", filter.stock_states), lambda: _count_in_states(reader, filter.stock_states)
    )
    if filter.text.strip():
        matching, capped = _count_matches(reader, filter)
        return UnitCount(matching=matching, capped=capped, total=total)
    matching = _count_by_key(reader, filter, COUNT_CAP + 1)
    return UnitCount(matching=min(matching, COUNT_CAP), capped=matching > COUNT_CAP, total=total)


def _count_in_states(reader: Reader, states: Sequence[StockState]) -> int:
    query = select(func.count()).select_from(VehicleUnit).where(VehicleUnit.deleted_at.is_(None))
    wanted = [state.value for state in states or tuple(StockState)]
    return reader.session.execute(query.where(VehicleUnit.stock_state.in_(wanted))).scalar_one()


def _count_by_key(reader: Reader, filter: UnitFilter, most: int) -> int:
    rules = conditions(filter, now=reader.now)
    found = 0
    for state in filter.stock_states or tuple(StockState):
        matching = select(VehicleUnit.id).where(VehicleUnit.stock_state == state.value, *rules).limit(most - found)
        found += reader.session.execute(select(func.count()).select_from(matching.subquery())).scalar_one()
    return found


def _count_matches(reader: Reader, filter: UnitFilter) -> tuple[int, bool]:
    """Of the newest matches of the text, those that fit the rest of the filter; and whether there are more."""
    rowids = find_rowids(reader.session.connection(), kind="vehicle", text=filter.text, limit=TEXT_CAP + 1)
    query = (
        select(func.count())
        .select_from(SearchEntry)
        .join(VehicleUnit, VehicleUnit.id == SearchEntry.record_id)
        .where(of_entries(), *conditions(filter, now=reader.now), *in_stock_states(filter))
    )
    connection, found = reader.session.connection(), 0
    for start in range(0, min(len(rowids), TEXT_CAP), _COUNTED_AT_ONCE):
        stop_if_unwanted()
        piece = entries(rowids[start : min(start + _COUNTED_AT_ONCE, TEXT_CAP)])
        found += connection.execute(query, piece).scalar_one()
    return found, len(rowids) > TEXT_CAP


def unit_facets(reader: Reader, filter: UnitFilter) -> UnitFacets:
    """Counts for the facet chips; run it beside the page, never before it."""
    reader.require(Permission.INVENTORY_VIEW)
    return count_facets(reader, filter)


def get_unit(reader: Reader, unit_id: str) -> UnitDetail:
    """One unit in full; raises RecordNotFound."""
    reader.require(Permission.INVENTORY_VIEW)
    unit = reader.get(VehicleUnit, unit_id)
    standing = standing_of(unit)
    specification = get_trim(reader, unit.trim_id)
    return UnitDetail(
        row=rows_by_id(reader, [unit_id])[0],
        seats=specification.row.seats,
        in_tax_directory=specification.row.in_tax_directory,
        engine_number=unit.engine_number,
        manufactured_on=unit.manufactured_on,
        odometer_km=unit.odometer_km,
        options=_options(unit),
        hold=_hold_of(reader, unit) if effective_allocation(standing, reader.now) == AllocationState.HELD else None,
        lease=_lease_on(reader, unit),
        order=_order_of(reader, unit),
        obstacles=sale_obstacles(standing),
        handover_obstacles=handover_obstacles(standing),
        specification=specification,
        created_at=unit.created_at,
        updated_at=unit.updated_at,
    )


def _options(unit: VehicleUnit) -> tuple[OptionRow, ...]:
    return tuple(
        OptionRow(name=Bilingual(option["name_zh"], option["name_en"]), price=Decimal(option["price_fen"]).scaleb(-2))
        for option in unit.options or ()
    )


def _hold_of(reader: Reader, unit: VehicleUnit) -> HoldInfo | None:
    if unit.held_until is None or unit.held_by_staff_id is None:
        return None
    holder = reader.session.get(StaffMember, unit.held_by_staff_id)
    customer = reader.session.get(Customer, unit.held_for_customer_id) if unit.held_for_customer_id else None
    return HoldInfo(
        until=unit.held_until,
        staff_id=unit.held_by_staff_id,
        staff_name=holder.name if holder else "",
        customer_id=unit.held_for_customer_id,
        customer_name=customer.name if customer else "",
    )


def _lease_on(reader: Reader, unit: VehicleUnit) -> LeaseInfo | None:
    """This desk's own lease by its own clocks; another desk's as far as the centre's word has come here."""
    own = lease_of(reader.session, unit.vin, now=reader.now)
    if own is not None and own.standing is not LeaseStanding.GIVEN_BACK:
        desk = f"{reader.actor.branch_code}-{reader.actor.desk_code}"
        return LeaseInfo(desk=desk, until=own.until, own=True, standing=own.standing)
    until = secured_elsewhere(unit, reader.actor, now=reader.now)
    if until is None:
        return None
    return LeaseInfo(desk=unit.secured_for or "", until=until, own=False, standing=LeaseStanding.SECURED)


def _order_of(reader: Reader, unit: VehicleUnit) -> OrderLink | None:
    order = reader.session.get(SalesOrder, unit.order_id) if unit.order_id else None
    if order is None:
        return None
    number = order_number_of(reader, unit)
    return OrderLink(order_id=order.id, number=number, state=order.state, claim_state=order.claim_state)


def find_units_for_sale(reader: Reader, *, text: str, customer_id: str | None = None, limit: int = 20) -> UnitPage:
    """Units this colleague could sell now (to this customer): free, or held by them or for them, and secured for no
    other desk; those that stand here first, then those on their way, each the newest first."""
    reader.require(Permission.INVENTORY_VIEW)
    filter = UnitFilter(text=text, stock_states=(StockState.IN_STOCK, StockState.IN_TRANSIT))
    allocation = allocation_now(reader.now)
    mine = VehicleUnit.held_by_staff_id == reader.actor.staff_id
    if customer_id is not None:
        mine = or_(mine, VehicleUnit.held_for_customer_id == customer_id)
    rules = [
        *conditions(filter, now=reader.now),
        VehicleUnit.quality_state == QualityState.NORMAL.value,
        or_(
            VehicleUnit.secured_until.is_(None), VehicleUnit.secured_until <= reader.now,
            VehicleUnit.secured_for == f"{reader.actor.branch_code}-{reader.actor.desk_code}",
        ),
        or_(
            allocation == AllocationState.FREE.value,
            and_(allocation == AllocationState.HELD.value, mine),
        ),
    ]
    if text.strip():
        rowids = find_rowids(reader.session.connection(), kind="vehicle", text=text, limit=_LARGEST_CHUNK)
        found = _units_of_entries(reader, rowids, _statement_with([*rules, *in_stock_states(filter)]))
        found.sort(key=lambda values: values[_STOCK_STATE] != StockState.IN_STOCK.value)
        return _page_of(reader, found[:limit], next_cursor=None)
    keys: list[tuple[Any, str]] = []
    for state in filter.stock_states:
        here = replace(filter, stock_states=(state,))
        keys += _keys(reader, here, rules, after=None, limit=limit - len(keys), sort=UnitSort.NEWEST)
    return UnitPage(rows=rows_by_id(reader, [unit_id for _, unit_id in keys]), next_cursor=None)


def find_unit_by_vin(reader: Reader, vin: str) -> UnitRow | None:
    """The live unit with this VIN, None without one."""
    reader.require(Permission.INVENTORY_VIEW)
    query = select(VehicleUnit.id).where(VehicleUnit.vin == vin, VehicleUnit.deleted_at.is_(None)).limit(1)
    unit_id = reader.session.execute(query).scalar()
    return rows_by_id(reader, [unit_id])[0] if unit_id else None


def list_locations(reader: Reader, branch_id: str | None = None) -> tuple[str, ...]:
    """Places in use in a branch, for completion; looks at the newest units only."""
    reader.require(Permission.INVENTORY_VIEW)
    return _values_in_use(reader, VehicleUnit.location, branch_id)


def list_colours(reader: Reader) -> tuple[str, ...]:
    """Exterior colours in use, as stored, for completion; looks at the newest units only."""
    reader.require(Permission.INVENTORY_VIEW)
    return _values_in_use(reader, VehicleUnit.exterior_colour, None)


def _values_in_use(reader: Reader, column: Any, branch_id: str | None) -> tuple[str, ...]:
    newest = (
        select(column.label("value"))
        .where(VehicleUnit.stock_state == StockState.IN_STOCK.value, VehicleUnit.deleted_at.is_(None))
        .order_by(VehicleUnit.arrived_on.desc(), VehicleUnit.id.desc())
        .limit(_NEWEST_LOOKED_AT)
    )
    if branch_id is not None:
        newest = newest.where(VehicleUnit.branch_id == branch_id)
    values = newest.subquery().c.value
    query = select(values).where(values != "").distinct().order_by(values)
    return tuple(reader.session.execute(query).scalars())
