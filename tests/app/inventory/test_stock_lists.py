"""Pages, counts and facets agree with each other and with a plain look through all units."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.catalog.energies import Energy
from app.inventory import unit_rows
from app.inventory.queries import (
    AgeBand,
    PriceBand,
    UnitFilter,
    UnitRow,
    UnitSort,
    count_units,
    find_units_for_sale,
    list_colours,
    list_locations,
    list_units,
    unit_facets,
)
from app.inventory.rules import AllocationState, StockState
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied
from app.kernel.labels import Bilingual
from app.kernel.permissions import Actor, Role
from app.kernel.reading import ReadStopped
from db.models.inventory import VehicleUnit
from tests.conftest import NOON
from tests.factories.databases import open_copy
from tests.factories.people import BRANCHES, actor_of, staff_of
from tests.factories.records import Records
from tests.factories.vins import vin_number

UNITS = 160
COLOURS = ("珍珠白 / Pearl White", "曜石黑 / Obsidian Black", "冰川蓝 / Glacier Blue")
SELLER = actor_of(staff_of(Role.SALESPERSON))


@pytest.fixture(scope="module")
def stock(database_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dispatcher]:
    """A desk with 160 units over everything that can be filtered."""
    database = open_copy(database_template, tmp_path_factory.mktemp("stock") / "stock.db")
    clock = FixedClock(NOON)
    _fill(Records(database, clock=clock, actor=SELLER))
    yield Dispatcher(database, clock=clock)
    database.close()


def _fill(records: Records) -> None:
    chance = Random(7)
    trims = []
    for zh, en, initials, series in (("比亚迪", "BYD", "byd", "汉"), ("大众", "Volkswagen", "dz", "朗逸")):
        make = records.make(name_zh=zh, name_en=en, name_initials=initials)
        year = records.model_year(records.series(make, name_zh=series, name_en=f"{en} {initials}"))
        for energy in ("petrol", "electric", "plug_in_hybrid"):
            trims.append((records.trim(year, name_zh=f"{energy} 版", energy=energy), make, year.series_id))
    units = []
    for n in range(UNITS):
        trim, make, series_id = chance.choice(trims)
        price = Decimal(chance.randrange(70_000, 620_000, 10_000))
        units.append(
            VehicleUnit(
                branch_id=chance.choice(BRANCHES).id,
                trim_id=trim.id,
                make_id=make.id,
                series_id=series_id,
                energy=trim.energy,
                vin=vin_number(n),
                stock_number=f"K{n:05d}",
                location=f"A-{n % 7:02d}",
                exterior_colour=chance.choice(COLOURS),
                cost=price,
                list_price=price,
                floor_price=price,
                arrived_on=date(2026, 11, 22) - timedelta(days=chance.randrange(0, 250)),
                stock_state=chance.choice(("IN_STOCK", "IN_STOCK", "IN_TRANSIT", "OUT")),
                allocation_state=(state := chance.choice(("FREE", "FREE", "HELD", "ALLOCATED", "DELIVERED"))),
                held_until=NOON + timedelta(hours=chance.randrange(-5, 6)) if state == "HELD" else None,
                deleted_at=NOON if n % 40 == 39 else None,
            )
        )
    records.save(*units)


def all_rows(
    stock: Dispatcher, filter: UnitFilter, *, sort: UnitSort = UnitSort.NEWEST, limit: int = 7
) -> list[UnitRow]:
    rows: list[UnitRow] = []
    after = None
    while True:
        page = stock.read(list_units, SELLER, filter=filter, after=after, limit=limit, sort=sort)
        assert len(page.rows) <= limit
        rows += page.rows
        after = page.next
        if after is None:
            return rows


def fits(row: UnitRow, filter: UnitFilter) -> bool:
    bands = {AgeBand.UNDER_30: (0, 30), AgeBand.UNDER_60: (31, 60), AgeBand.UNDER_90: (61, 90),
             AgeBand.UNDER_180: (91, 180), AgeBand.OVER_180: (181, 10_000)}  # fmt: skip
    return all(
        (
            not filter.energies or row.energy in filter.energies,
            not filter.colours or row.exterior_colour.stored() in filter.colours,
            not filter.allocation_states or row.allocation in filter.allocation_states,
            not filter.stock_states or row.stock in filter.stock_states,
            not filter.branch_ids or row.branch_id in filter.branch_ids,
            not filter.age_bands or any(bands[b][0] <= row.age_days <= bands[b][1] for b in filter.age_bands),
            not filter.price_bands
            or any(
                b.least <= row.list_price and (b.limit is None or row.list_price < b.limit) for b in filter.price_bands
            ),
            filter.price_from is None or row.list_price >= filter.price_from,
            filter.price_to is None or row.list_price <= filter.price_to,
        )
    )


def some(values: object) -> st.SearchStrategy[tuple[object, ...]]:
    return st.one_of(
        st.just(()), st.lists(st.sampled_from(list(values)), min_size=1, max_size=3, unique=True).map(tuple)
    )  # type: ignore[call-overload]


FILTERS = st.builds(
    UnitFilter,
    text=st.sampled_from(["", "", "byd", "大众", "珍珠", "K000", vin_number(3)[3:9], "byd 白", "dz electric"]),
    price_bands=some(PriceBand), energies=some(list(Energy)[:5]), colours=some(COLOURS), age_bands=some(AgeBand),
    allocation_states=some(AllocationState), stock_states=some(StockState), branch_ids=some([b.id for b in BRANCHES]),
    price_from=st.one_of(st.none(), st.decimals(70_000, 300_000, places=2)),
    price_to=st.one_of(st.none(), st.decimals(200_000, 600_000, places=2)),
)  # fmt: skip


@settings(max_examples=70, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filter=FILTERS, sort=st.sampled_from(UnitSort))
def test_pages_hold_exactly_what_fits(stock: Dispatcher, filter: UnitFilter, sort: UnitSort) -> None:
    rows = all_rows(stock, filter, sort=sort)
    everything = all_rows(stock, UnitFilter(text=filter.text), limit=50)
    assert {row.id for row in rows} == {row.id for row in everything if fits(row, filter)}
    assert len({row.id for row in rows}) == len(rows)
    count = stock.read(count_units, SELLER, filter)
    assert (count.matching, count.capped) == (len(rows), False)


@pytest.mark.parametrize(
    ("sort", "key", "falling"),
    [
        (UnitSort.NEWEST, "arrived_on", True),
        (UnitSort.OLDEST, "arrived_on", False),
        (UnitSort.CHEAPEST, "list_price", False),
        (UnitSort.DEAREST, "list_price", True),
    ],
)
def test_rows_are_in_order(stock: Dispatcher, sort: UnitSort, key: str, falling: bool) -> None:
    rows = all_rows(stock, UnitFilter(), sort=sort, limit=11)
    keys = [(getattr(row, key), row.id) for row in rows]
    assert keys == sorted(keys, reverse=falling)
    assert len(rows) == UNITS - UNITS // 40


def test_what_stands_here_comes_before_what_is_on_its_way_and_what_left(stock: Dispatcher) -> None:
    rows = all_rows(stock, UnitFilter(), sort=UnitSort.HERE_FIRST, limit=11)
    assert len(rows) == UNITS - UNITS // 40
    parts = [(StockState.IN_STOCK, StockState.LENT), (StockState.IN_TRANSIT,), (StockState.OUT,)]
    expected = []
    for states, falling in zip(parts, (True, False, True), strict=True):
        part = [row for row in rows if row.stock in states]
        expected += sorted(part, key=lambda row: (row.arrived_on, row.id), reverse=falling)
    assert rows == expected


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filter=FILTERS)
def test_facets_count_what_the_filter_without_them_shows(stock: Dispatcher, filter: UnitFilter) -> None:
    facets = stock.read(unit_facets, SELLER, filter)
    checks = {
        "energies": lambda row: row.energy.value,
        "allocation_states": lambda row: row.allocation.value,
        "stock_states": lambda row: row.stock.value,
        "colours": lambda row: row.exterior_colour.stored(),
        "branch_ids": lambda row: row.branch_id,
    }
    for field, value_of in checks.items():
        rows = all_rows(stock, _without(filter, field), limit=50)
        shown = facets.branches if field == "branch_ids" else getattr(facets, field)
        assert {one.value: one.count for one in shown if one.count} == dict(Counter(value_of(row) for row in rows)), (
            field
        )
    rows = all_rows(stock, _without(filter, "price_bands"), limit=50)
    for band in facets.price_bands:
        alone = UnitFilter(price_bands=(PriceBand(band.value),))
        assert band.count == sum(fits(row, alone) for row in rows)
    rows = all_rows(stock, _without(filter, "age_bands"), limit=50)
    for band in facets.age_bands:
        assert band.count == sum(fits(row, UnitFilter(age_bands=(AgeBand(band.value),))) for row in rows)


def _without(filter: UnitFilter, field: str) -> UnitFilter:
    return replace(filter, **{field: ()})


def test_chosen_values_stay_in_their_facets(stock: Dispatcher) -> None:
    filter = UnitFilter(colours=(COLOURS[0],), price_from=Decimal("10000000.00"))
    facets = stock.read(unit_facets, SELLER, filter)
    assert [(one.value, one.label.en, one.count) for one in facets.colours] == [(COLOURS[0], "Pearl White", 0)]


def test_names_come_with_makes_and_branches(stock: Dispatcher) -> None:
    facets = stock.read(unit_facets, SELLER, UnitFilter())
    assert {str(one.label) for one in facets.makes} == {"BYD", "Volkswagen"}
    assert {str(one.label) for one in facets.branches} == {branch.name_en for branch in BRANCHES}


def test_typing_letter_by_letter_finds_the_unit(stock: Dispatcher) -> None:
    unit = all_rows(stock, UnitFilter(), limit=50)[0]
    for length in range(3, 18):
        found = all_rows(stock, UnitFilter(text=unit.vin[:length]), limit=50)
        assert unit.id in {row.id for row in found}
    assert {row.id for row in all_rows(stock, UnitFilter(text=unit.stock_number))} >= {unit.id}


def test_pieces_of_a_vin_together_with_a_name(stock: Dispatcher) -> None:
    unit = all_rows(stock, UnitFilter(), limit=50)[5]
    found = all_rows(stock, UnitFilter(text=f"{unit.make.zh} {unit.vin[-6:]}"))
    assert [row.id for row in found] == [unit.id]


def test_completions_are_values_in_use(stock: Dispatcher) -> None:
    assert set(stock.read(list_colours, SELLER)) == set(COLOURS)
    assert set(stock.read(list_locations, SELLER, BRANCHES[0].id)) <= {f"A-{n:02d}" for n in range(7)}


def test_whoever_may_not_see_the_stock_sees_nothing(stock: Dispatcher) -> None:
    nobody = Actor("x" * 32, "x", Role.SALESPERSON, "b" * 32, "SH01", "D01", frozenset())
    for query in (lambda reader: list_units(reader, filter=UnitFilter()), lambda r: count_units(r, UnitFilter())):
        with pytest.raises(PermissionDenied):
            stock.read(query, nobody)


def test_a_read_that_is_stopped_leaves_no_name_out_of_the_next_one(
    database_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_copy(database_template, tmp_path / "stopped.db")
    _fill(Records(database, clock=FixedClock(NOON), actor=SELLER))
    dispatcher = Dispatcher(database, clock=FixedClock(NOON))
    named = []

    def stopped_at_the_third(*names: str) -> Bilingual:
        named.append(names)
        if len(named) == 3:
            raise ReadStopped
        return Bilingual(*names)

    with monkeypatch.context() as patch:
        patch.setattr(unit_rows, "Bilingual", stopped_at_the_third)
        with pytest.raises(ReadStopped):
            dispatcher.read(list_units, SELLER, filter=UnitFilter())
    rows = dispatcher.read(list_units, SELLER, filter=UnitFilter()).rows
    database.close()
    assert rows and all(row.make.en in ("BYD", "Volkswagen") for row in rows)


@pytest.mark.parametrize("text", ["", "汉"])
def test_what_stands_here_is_offered_before_what_is_on_its_way(stock: Dispatcher, text: str) -> None:
    rows = stock.read(find_units_for_sale, SELLER, text=text, limit=UNITS).rows
    here = [row for row in rows if row.stock is StockState.IN_STOCK]
    assert 0 < len(here) < len(rows) and list(rows[: len(here)]) == here
    assert {row.stock for row in rows} == {StockState.IN_STOCK, StockState.IN_TRANSIT}
    few = stock.read(find_units_for_sale, SELLER, text=text, limit=len(here) + 2).rows
    assert few == rows[: len(here) + 2]
    if not text:
        assert [row.arrived_on for row in here] == sorted((row.arrived_on for row in here), reverse=True)
