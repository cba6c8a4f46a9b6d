"""The manager's figures, counted from the desk's own data: they are there without the network.

Months are cut in branch time. Gross is the agreed vehicle price less the unit's cost, of orders that count as sold
(`app.analytics.rules.SOLD_STATES`), in the month the order was made. `branch_id` None counts every branch this desk
has data of.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, case, func, select, type_coerce

from app.analytics.drill_down import AgedUnitRow, SoldOrderRow, list_aged_units, list_sold_orders
from app.analytics.rules import STANDING_STATES, StockAge, arrival_bounds, comparable_span, months_until
from app.analytics.selections import (
    SUMS,
    arrived_between,
    branch_today,
    checked_months,
    sold_orders,
    standing_units,
)
from app.kernel.clock import branch_day
from app.kernel.money import ZERO, cents
from app.kernel.months import Month
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.runtime.language import pick
from db.models.catalog import Make
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.types import instant_at

__all__ = [
    "AgedUnitRow", "Figure", "Headline", "MakeRow", "MonthRow", "SoldOrderRow", "StockAgeRow", "get_headline",
    "list_aged_units", "list_sales_by_make", "list_sales_by_month", "list_sold_orders", "list_stock_age",
]  # fmt: skip

_OFFSET = 8 * 3600
"""Seconds from UTC to branch time."""


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month's bar: `month` is "2026-11". `price` is the sum of agreed vehicle prices, `gross` price less cost."""

    month: str
    units: int
    price: Decimal
    gross: Decimal
    complete: bool
    """False for the present month, which is still running."""

    @property
    def id(self) -> str:
        """The month."""
        return self.month


@dataclass(frozen=True, slots=True)
class MakeRow:
    """One make's bar; `id` is the make's, empty for the rest that is not shown one by one."""

    id: str
    name_zh: str
    name_en: str
    units: int
    gross: Decimal

    @property
    def name(self) -> str:
        """The make's name in the language in use; empty for the rest."""
        return pick(self.name_zh, self.name_en)


@dataclass(frozen=True, slots=True)
class StockAgeRow:
    """One age group of the units on the floor; `id` is a `StockAge`, `cost` what they cost the house."""

    id: str
    label: str
    units: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and the one it is compared with."""

    value: Decimal
    previous: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """The change in relation to the previous figure (0.25 is a quarter more); None where that was zero."""
        return (self.value - self.previous) / abs(self.previous) if self.previous else None


@dataclass(frozen=True, slots=True)
class Headline:
    """The figures at the top: this month so far against as much of the month before; stock against a month ago."""

    month: str
    units_sold: Figure
    gross: Figure
    gross_per_unit: Figure
    stock_units: Figure
    stock_cost: Figure
    average_age_days: int | None
    """None with an empty floor."""
    units_over_90_days: int


def list_sales_by_month(
    reader: Reader, *, months: int = 24, branch_id: str | None = None, make_id: str | None = None
) -> tuple[MonthRow, ...]:
    """Units sold, their price and gross by month, the oldest first, months without a sale included."""
    reader.require(Permission.ANALYTICS_VIEW)
    wanted = months_until(reader.now, checked_months(months))
    month = func.strftime("%Y-%m", type_coerce(SalesOrder.ordered_at, BigInteger) // 1_000_000 + _OFFSET, "unixepoch")
    query = sold_orders(month, func.count(), *SUMS, begins=wanted[0].begins_at, branch_id=branch_id)
    if make_id is not None:
        query = query.where(SalesOrder.make_id == make_id)
    found = {row[0]: row for row in reader.session.execute(query.group_by(month))}
    rows = []
    for each in wanted:
        _, units, price, gross = found.get(str(each), (None, 0, ZERO, ZERO))
        rows.append(MonthRow(str(each), units, price, gross, complete=each != wanted[-1]))
    return tuple(rows)


def list_sales_by_make(
    reader: Reader, *, months: int = 12, branch_id: str | None = None, limit: int = 10
) -> tuple[MakeRow, ...]:
    """Units sold and gross by make over the last months, the largest first; what is beyond `limit` in one last row."""
    reader.require(Permission.ANALYTICS_VIEW)
    begins = months_until(reader.now, checked_months(months))[0].begins_at
    query = sold_orders(SalesOrder.make_id, func.count(), *SUMS, begins=begins, branch_id=branch_id)
    found = sorted(reader.session.execute(query.group_by(SalesOrder.make_id)), key=lambda row: (-row[1], row[0]))
    shown = found[: max(limit, 1)]
    makes = {make.id: make for make in reader.session.scalars(select(Make).where(Make.id.in_([r[0] for r in shown])))}
    rows = [_make_row(make_id, makes.get(make_id), units, gross) for make_id, units, _, gross in shown]
    rest = found[len(shown) :]
    if rest:
        rows.append(MakeRow("", "", "", sum(row[1] for row in rest), sum((row[3] for row in rest), ZERO)))
    return tuple(rows)


def list_stock_age(reader: Reader, *, branch_id: str | None = None) -> tuple[StockAgeRow, ...]:
    """Units on the floor and their cost by age, the youngest group first, empty groups included."""
    reader.require(Permission.ANALYTICS_VIEW)
    today = branch_today(reader)
    rows = []
    for age in StockAge:
        earliest, latest = arrival_bounds(age, today)
        query = standing_units(select(func.count(), func.sum(VehicleUnit.cost)), branch_id)
        units, cost = reader.session.execute(arrived_between(query, earliest, latest)).one()
        rows.append(StockAgeRow(age.value, age.label, units, cost or ZERO))
    return tuple(rows)


def get_headline(reader: Reader, *, branch_id: str | None = None) -> Headline:
    """The figures at the top of the manager's page."""
    reader.require(Permission.ANALYTICS_VIEW)
    now_span, before_span = comparable_span(reader.now)
    units, gross = _sales_between(reader, now_span, branch_id)
    units_before, gross_before = _sales_between(reader, before_span, branch_id)
    stock, cost, average_age, over_90 = _floor_now(reader, branch_id)
    stock_before, cost_before = _floor_at(reader, before_span[1], branch_id)
    per_unit, per_unit_before = _each(gross, units), _each(gross_before, units_before)
    return Headline(
        month=str(Month.of(reader.now)),
        units_sold=Figure(Decimal(units), Decimal(units_before)),
        gross=Figure(gross, gross_before),
        gross_per_unit=Figure(per_unit or ZERO, per_unit_before),
        stock_units=Figure(Decimal(stock), Decimal(stock_before)),
        stock_cost=Figure(cost, cost_before),
        average_age_days=average_age,
        units_over_90_days=over_90,
    )


def _sales_between(reader: Reader, span: tuple[datetime, datetime], branch_id: str | None) -> tuple[int, Decimal]:
    query = sold_orders(func.count(), *SUMS, begins=span[0], ends=span[1], branch_id=branch_id)
    units, _, gross = reader.session.execute(query).one()
    return units, gross or ZERO


def _floor_now(reader: Reader, branch_id: str | None) -> tuple[int, Decimal, int | None, int]:
    today = branch_today(reader)
    age = func.julianday(today.isoformat()) - func.julianday(VehicleUnit.arrived_on)
    over_90 = func.coalesce(func.sum(case((age > 90, 1), else_=0)), 0)
    query = standing_units(select(func.count(), func.sum(VehicleUnit.cost), func.avg(age), over_90), branch_id)
    units, cost, average, old = reader.session.execute(query).one()
    return units, cost or ZERO, None if average is None else round(average), old


def _floor_at(reader: Reader, instant: datetime, branch_id: str | None) -> tuple[int, Decimal]:
    """Units on the floor at an earlier instant: those still there, and those delivered since. Units that left in
    another way are not counted, since their leaving is not dated."""
    day = date.fromisoformat(branch_day(instant))
    still = standing_units(select(func.count(), func.sum(VehicleUnit.cost)), branch_id)
    units, cost = reader.session.execute(arrived_between(still, None, day)).one()
    gone = sold_orders(func.count(), func.sum(VehicleUnit.cost), begins=instant_at(0), branch_id=branch_id).join(
        VehicleUnit, VehicleUnit.id == SalesOrder.vehicle_unit_id
    )
    gone = gone.where(SalesOrder.delivered_at > instant, VehicleUnit.stock_state.not_in(STANDING_STATES))
    units_gone, cost_gone = reader.session.execute(arrived_between(gone, None, day)).one()
    return units + units_gone, (cost or ZERO) + (cost_gone or ZERO)


def _each(total: Decimal, count: int) -> Decimal | None:
    return cents(total / count) if count else None


def _make_row(make_id: str, make: Make | None, units: int, gross: Decimal) -> MakeRow:
    return MakeRow(make_id, make.name_zh if make else "—", make.name_en if make else "—", units, gross)
