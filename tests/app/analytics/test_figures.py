"""The manager's figures against orders and units counted by hand."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analytics.queries import (
    get_headline,
    list_aged_units,
    list_sales_by_make,
    list_sales_by_month,
    list_sold_orders,
    list_stock_age,
)
from app.analytics.rules import StockAge, arrival_bounds, comparable_span, months_until
from app.kernel.clock import BRANCH_TIME, FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied, ValueNotAllowed
from app.kernel.months import Month
from app.kernel.permissions import Actor, Role
from app.runtime.language import set_language
from db.models.catalog import Make
from tests.factories.documents import make_order
from tests.factories.people import HANGZHOU
from tests.factories.records import Records


def local(year: int, month: int, day: int, hour: int = 12) -> datetime:
    """A time in the branch."""
    return datetime(year, month, day, hour, tzinfo=BRANCH_TIME)


def sell(records: Records, at: datetime, *, make: Make | None = None, price: str = "150000.00", **values: Any) -> str:
    """An order over a unit of a make that cost 128,000; the unit has left when it was delivered."""
    unit = records.unit(records.trim(records.model_year(records.series(make))), arrived_on=at.date(), stock_state="OUT")
    order = make_order(records, unit=unit, ordered_at=at, vehicle_price=Decimal(price), **values)
    return str(order.id)


def bars(dispatcher: Dispatcher, actor: Actor, **filters: Any) -> dict[str, tuple[int, Decimal]]:
    rows = dispatcher.read(list_sales_by_month, actor, **filters)
    return {row.month: (row.units, row.gross) for row in rows if row.units}


def test_months_without_a_sale_are_there(dispatcher: Dispatcher, manager: Actor) -> None:
    rows = dispatcher.read(list_sales_by_month, manager)
    assert [row.month for row in rows][:2] == ["2024-12", "2025-01"]
    assert (rows[-1].month, rows[-1].complete, rows[-2].complete) == ("2026-11", False, True)
    assert len(rows) == 24
    assert {(row.units, row.price, row.gross) for row in rows} == {(0, Decimal("0.00"), Decimal("0.00"))}
    assert len(dispatcher.read(list_sales_by_month, manager, months=10_000)) == 120
    assert len(dispatcher.read(list_sales_by_month, manager, months=-3)) == 1


def test_a_month_begins_at_midnight_in_the_branch(dispatcher: Dispatcher, manager: Actor, records: Records) -> None:
    sell(records, datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC), price="140000.00")
    sell(records, datetime(2026, 10, 31, 16, 0, tzinfo=UTC), price="150000.01")
    sell(records, local(2024, 11, 30))
    assert bars(dispatcher, manager) == {
        "2026-10": (1, Decimal("12000.00")), "2026-11": (1, Decimal("22000.01")),
    }  # fmt: skip


def test_only_what_was_sold_counts(dispatcher: Dispatcher, manager: Actor, records: Records) -> None:
    states = (
        "DRAFT", "MANAGER_REVIEW", "FINANCE_REVIEW", "CONFIRMED", "DELIVERY_CONFIRMING", "DELIVERED", "COMPLETED",
        "CANCELLED", "RETURN_PENDING", "RETURNED",
    )  # fmt: skip
    for state in states:
        sell(records, local(2026, 9, 5), state=state)
    for claim_state in ("provisional", "conflict", "released"):
        sell(records, local(2026, 8, 5), claim_state=claim_state)
    sell(records, local(2026, 7, 5), deleted_at=local(2026, 7, 6))
    counted = {month: units for month, (units, _) in bars(dispatcher, manager).items()}
    assert counted == {"2026-09": 5, "2026-08": 1}


def test_branches_and_makes_are_told_apart(dispatcher: Dispatcher, manager: Actor, records: Records) -> None:
    byd, tesla = records.make(name_zh="比亚迪", name_en="BYD"), records.make(name_zh="特斯拉", name_en="Tesla")
    for make, branch_id in ((byd, None), (byd, HANGZHOU.id), (tesla, None), (byd, None)):
        sell(records, local(2026, 11, 3), make=make, **({"branch_id": branch_id} if branch_id else {}))
    assert bars(dispatcher, manager, branch_id=HANGZHOU.id)["2026-11"][0] == 1
    assert bars(dispatcher, manager, make_id=tesla.id)["2026-11"][0] == 1
    rows = dispatcher.read(list_sales_by_make, manager)
    assert [(row.name, row.units, row.gross) for row in rows] == [
        ("BYD", 3, Decimal("66000.00")), ("Tesla", 1, Decimal("22000.00")),
    ]  # fmt: skip
    set_language("zh_CN")
    assert rows[0].name == "比亚迪"


def test_small_makes_are_put_together(dispatcher: Dispatcher, manager: Actor, records: Records) -> None:
    for n, sold in enumerate((3, 2, 1, 1)):
        make = records.make(name_en=f"Make {n}")
        for _ in range(sold):
            sell(records, local(2026, 11, 3), make=make)
    sell(records, local(2025, 11, 3))
    rows = dispatcher.read(list_sales_by_make, manager, limit=2)
    assert [(row.name_en, row.units) for row in rows] == [("Make 0", 3), ("Make 1", 2), ("", 2)]
    assert rows[-1].gross == Decimal("44000.00")
    assert (rows[-1].id, rows[-1].name) == ("", "")


def test_stock_is_sorted_by_age_to_the_day(dispatcher: Dispatcher, manager: Actor, records: Records) -> None:
    trim = records.trim()
    for age in (0, 30, 31, 60, 61, 90, 91, 180, 181, 900):
        records.unit(trim, arrived_on=records.today() - timedelta(days=age))
    for stock_state in ("OUT", "IN_TRANSIT"):
        records.unit(trim, stock_state=stock_state)
    records.unit(trim, stock_state="LENT", cost=Decimal("0.99"))
    records.unit(trim, branch_id=HANGZHOU.id)
    rows = dispatcher.read(list_stock_age, manager, branch_id=manager.branch_id)
    assert [(row.id, row.units) for row in rows] == [
        ("0-30", 3), ("31-60", 2), ("61-90", 2), ("91-180", 2), ("181-", 2),
    ]  # fmt: skip
    assert rows[0].cost == Decimal("256000.99")
    assert sum(row.units for row in dispatcher.read(list_stock_age, manager)) == 12


def test_this_month_so_far_is_held_against_as_much_of_the_last(
    dispatcher: Dispatcher, manager: Actor, records: Records, clock: FixedClock
) -> None:
    for day in (1, 5, 21):
        sell(records, local(2026, 11, day), price="148000.00")
    for day in (2, 22):
        sell(records, local(2026, 10, day, 10), price="138000.00")
    sell(records, local(2026, 10, 23))
    headline = dispatcher.read(get_headline, manager)
    assert headline.month == "2026-11"
    assert (headline.units_sold.value, headline.units_sold.previous) == (3, 2)
    assert headline.units_sold.change == Decimal("0.5")
    assert (headline.gross.value, headline.gross.previous) == (Decimal("60000.00"), Decimal("20000.00"))
    assert (headline.gross_per_unit.value, headline.gross_per_unit.previous) == (
        Decimal("20000.00"), Decimal("10000.00"),
    )  # fmt: skip


def test_the_floor_a_month_ago_had_what_was_delivered_since(
    dispatcher: Dispatcher, manager: Actor, records: Records
) -> None:
    trim = records.trim()
    today = records.today()
    for days in (5, 45, 100):
        records.unit(trim, arrived_on=today - timedelta(days=days))
    for delivered in (local(2026, 11, 10), local(2026, 9, 10)):
        unit = records.unit(trim, arrived_on=today - timedelta(days=120), stock_state="OUT")
        make_order(records, unit=unit, ordered_at=local(2026, 9, 1), state="DELIVERED", delivered_at=delivered)
    headline = dispatcher.read(get_headline, manager)
    assert (headline.stock_units.value, headline.stock_units.previous) == (3, 3)
    assert headline.stock_cost.previous == Decimal("384000.00")
    assert (headline.average_age_days, headline.units_over_90_days) == (50, 1)


def test_an_empty_branch_has_figures_too(dispatcher: Dispatcher, manager: Actor) -> None:
    headline = dispatcher.read(get_headline, manager, branch_id="nobody")
    assert (headline.units_sold.value, headline.units_sold.change) == (0, None)
    assert (headline.gross_per_unit.value, headline.gross_per_unit.previous) == (0, None)
    assert (headline.average_age_days, headline.units_over_90_days) == (None, 0)
    assert dispatcher.read(list_sales_by_make, manager) == ()


def test_behind_each_bar_stand_its_orders(dispatcher: Dispatcher, manager: Actor, records: Records) -> None:
    make = records.make(name_zh="比亚迪", name_en="BYD")
    for day in range(1, 8):
        sell(records, local(2026, 10, day), make=make if day % 2 else None)
    sell(records, local(2026, 9, 30))
    sell(records, local(2026, 10, 3), state="CANCELLED")
    for filters in ({}, {"make_id": make.id}):
        (bar,) = [row for row in dispatcher.read(list_sales_by_month, manager, **filters) if row.month == "2026-10"]
        found = []
        after = None
        while len(found) < 20 and (
            rows := dispatcher.read(list_sold_orders, manager, month="2026-10", after=after, limit=3, **filters)
        ):
            found += rows
            after = rows[-1].cursor
        assert len({row.id for row in found}) == len(found) == bar.units
        assert sum(row.gross for row in found) == bar.gross
        assert [row.ordered_at for row in found] == sorted((row.ordered_at for row in found), reverse=True)
    row = dispatcher.read(list_sold_orders, manager, make_id=make.id, limit=1)[0]
    assert (row.customer_name, row.salesperson_name, row.vehicle) == (
        "张伟",
        "王芳",
        "BYD Lavida 1.5L Automatic Comfort",
    )
    assert len(dispatcher.read(list_sold_orders, manager, months=2)) == 7


def test_behind_each_age_stand_its_units(dispatcher: Dispatcher, manager: Actor, records: Records) -> None:
    trim = records.trim()
    for age in (1, 33, 44, 55, 200):
        records.unit(trim, arrived_on=records.today() - timedelta(days=age))
    for bar in dispatcher.read(list_stock_age, manager):
        assert len(dispatcher.read(list_aged_units, manager, age=bar.id)) == bar.units
    first = dispatcher.read(list_aged_units, manager, limit=2)
    rest = dispatcher.read(list_aged_units, manager, limit=9, after=first[-1].cursor)
    assert [row.age_days for row in first + rest] == [200, 55, 44, 33, 1]
    assert first[0].vehicle == "Volkswagen Lavida 1.5L Automatic Comfort"


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        (list_sold_orders, {"month": "2026-13"}),
        (list_sold_orders, {"month": "x" * 10_000}),
        (list_sold_orders, {"after": "x"}),
        (list_sold_orders, {"after": "9" * 30 + "|x"}),
        (list_aged_units, {"age": "old"}),
        (list_aged_units, {"after": "x|y"}),
    ],
)
def test_what_is_no_month_age_or_cursor_is_refused(
    dispatcher: Dispatcher, manager: Actor, query: Callable[..., Any], wrong: dict[str, str]
) -> None:
    with pytest.raises(ValueNotAllowed):
        dispatcher.read(query, manager, **wrong)


@pytest.mark.parametrize(
    "query",
    [list_sales_by_month, list_sales_by_make, list_stock_age, get_headline, list_sold_orders, list_aged_units],
)
def test_figures_are_for_managers(
    dispatcher: Dispatcher, actor_with: Callable[[Role], Actor], query: Callable[..., Any]
) -> None:
    for role in Role:
        if role in (Role.BRANCH_MANAGER, Role.ADMINISTRATOR):
            dispatcher.read(query, actor_with(role))
        else:
            with pytest.raises(PermissionDenied):
                dispatcher.read(query, actor_with(role))


def test_the_charts_read_one_index(dispatcher: Dispatcher, manager: Actor) -> None:
    from sqlalchemy import event

    statements: list[tuple[str, Any]] = []
    engine = dispatcher.database._readers

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    dispatcher.read(list_sales_by_month, manager)
    dispatcher.read(list_sales_by_make, manager)
    event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        for text, values in statements:
            if "FROM sales_order" in text:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).fetchall()
                assert "COVERING INDEX ix_sales_order_figures" in plan[0][3]


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
def test_every_instant_lies_in_its_month(instant: datetime) -> None:
    month = Month.of(instant)
    assert month.begins_at <= instant < month.ends_at
    assert Month.parse(str(month)) == month
    assert month.plus(7).plus(-7) == month
    (begins, ends), (begins_before, ends_before) = comparable_span(instant)
    assert begins <= ends == instant
    assert begins_before <= ends_before <= begins
    assert ends_before - begins_before <= ends - begins


@given(st.dates(datetime(2000, 1, 1).date(), datetime(2100, 1, 1).date()), st.integers(0, 2000))
def test_every_age_is_in_one_group(today: Any, age: int) -> None:
    arrived = today - timedelta(days=age)
    groups = []
    for group in StockAge:
        earliest, latest = arrival_bounds(group, today)
        if arrived <= latest and (earliest is None or arrived >= earliest):
            groups.append(group)
    assert len(groups) == 1
    assert groups[0].first_day <= age


def test_months_run_backwards_over_the_year() -> None:
    months = months_until(local(2026, 1, 15), 3)
    assert [str(month) for month in months] == ["2025-11", "2025-12", "2026-01"]
    with pytest.raises(ValueError):
        Month.parse("November")
