"""The orders and units behind the bars of the manager's page."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import literal, select, tuple_

from app.analytics.rules import StockAge, arrival_bounds, months_until
from app.analytics.selections import arrived_between, branch_today, checked_months, sold_orders, standing_units
from app.kernel.errors import ValueNotAllowed
from app.kernel.months import Month
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.runtime.language import pick
from db.models.catalog import Make, Series, Trim
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.staff import StaffMember
from db.types import IsoDate, UtcDateTime, instant_at, microseconds


@dataclass(frozen=True, slots=True)
class SoldOrderRow:
    """An order behind a bar."""

    id: str
    cursor: str
    number: str
    ordered_at: datetime
    state: str
    customer_id: str
    customer_name: str
    vehicle_unit_id: str
    vin: str
    vehicle_zh: str
    vehicle_en: str
    salesperson_name: str
    vehicle_price: Decimal
    gross: Decimal

    @property
    def vehicle(self) -> str:
        """Make, series and trim in the language in use."""
        return pick(self.vehicle_zh, self.vehicle_en)


@dataclass(frozen=True, slots=True)
class AgedUnitRow:
    """A unit behind an age group's bar, the oldest first."""

    id: str
    cursor: str
    vin: str
    stock_number: str
    vehicle_zh: str
    vehicle_en: str
    exterior_colour: str
    location: str
    arrived_on: date
    age_days: int
    list_price: Decimal
    cost: Decimal
    allocation_state: str

    @property
    def vehicle(self) -> str:
        """Make, series and trim in the language in use."""
        return pick(self.vehicle_zh, self.vehicle_en)


def list_sold_orders(
    reader: Reader,
    *,
    month: str | None = None,
    make_id: str | None = None,
    branch_id: str | None = None,
    months: int = 24,
    after: str | None = None,
    limit: int = 100,
) -> tuple[SoldOrderRow, ...]:
    """The orders behind a bar, the newest first: of one month ("2026-11") or of the last `months`, of one make or all.

    Raises ValueNotAllowed for a month or a cursor that is none.
    """
    reader.require(Permission.ANALYTICS_VIEW)
    begins, ends = _span(reader, month, months)
    query = sold_orders(
        SalesOrder, Customer.name, VehicleUnit.vin, Trim, Series, Make, StaffMember.name, begins=begins, ends=ends,
        branch_id=branch_id,
    )  # fmt: skip
    for model, key in (
        (Customer, SalesOrder.customer_id),
        (VehicleUnit, SalesOrder.vehicle_unit_id),
        (Trim, VehicleUnit.trim_id),
        (Series, VehicleUnit.series_id),
        (Make, SalesOrder.make_id),
        (StaffMember, SalesOrder.salesperson_id),
    ):
        query = query.outerjoin(model, model.id == key)
    if make_id is not None:
        query = query.where(SalesOrder.make_id == make_id)
    if after is not None:
        query = query.where(tuple_(SalesOrder.ordered_at, SalesOrder.id) < _order_place(after))
    query = query.order_by(SalesOrder.ordered_at.desc(), SalesOrder.id.desc()).limit(limit)
    return tuple(_sold_row(*row) for row in reader.session.execute(query))


def list_aged_units(
    reader: Reader,
    *,
    age: str | None = None,
    branch_id: str | None = None,
    after: str | None = None,
    limit: int = 100,
) -> tuple[AgedUnitRow, ...]:
    """The units behind an age group's bar (`age` is a `StockAge`), or all, the oldest first.

    Raises ValueNotAllowed for a group or a cursor that is none.
    """
    reader.require(Permission.ANALYTICS_VIEW)
    today = branch_today(reader)
    query = standing_units(select(VehicleUnit, Trim, Series, Make), branch_id)
    for model, key in ((Trim, VehicleUnit.trim_id), (Series, VehicleUnit.series_id), (Make, VehicleUnit.make_id)):
        query = query.outerjoin(model, model.id == key)
    if age is not None:
        query = arrived_between(query, *arrival_bounds(_stock_age(age), today))
    if after is not None:
        query = query.where(tuple_(VehicleUnit.arrived_on, VehicleUnit.id) > _unit_place(after))
    query = query.order_by(VehicleUnit.arrived_on, VehicleUnit.id).limit(limit)
    return tuple(_aged_row(*row, today=today) for row in reader.session.execute(query))


def _span(reader: Reader, month: str | None, months: int) -> tuple[datetime, datetime | None]:
    if month is None:
        return months_until(reader.now, checked_months(months))[0].begins_at, None
    try:
        wanted = Month.parse(month)
    except ValueError as error:
        raise ValueNotAllowed(field="month", value=month[:20]) from error
    return wanted.begins_at, wanted.ends_at


def _stock_age(age: str) -> StockAge:
    if age not in list(StockAge):
        raise ValueNotAllowed(field="age", value=age[:20])
    return StockAge(age)


def _order_place(cursor: str) -> Any:
    at, _, record_id = cursor.partition("|")
    if not at.isdecimal() or len(at) > 18:
        raise ValueNotAllowed(value=cursor[:40])
    return tuple_(literal(instant_at(int(at)), UtcDateTime), literal(record_id))


def _unit_place(cursor: str) -> Any:
    day, _, record_id = cursor.partition("|")
    try:
        return tuple_(literal(date.fromisoformat(day), IsoDate), literal(record_id))
    except ValueError as error:
        raise ValueNotAllowed(value=cursor[:40]) from error


def _vehicle_name(language: str, *parts: Make | Series | Trim | None) -> str:
    return " ".join(getattr(part, f"name_{language}") for part in parts if part is not None)


def _sold_row(
    order: SalesOrder,
    customer_name: str | None,
    vin: str | None,
    trim: Trim | None,
    series: Series | None,
    make: Make | None,
    salesperson_name: str | None,
) -> SoldOrderRow:
    return SoldOrderRow(
        id=order.id,
        cursor=f"{microseconds(order.ordered_at)}|{order.id}",
        number=order.final_number or order.number,
        ordered_at=order.ordered_at,
        state=order.state,
        customer_id=order.customer_id,
        customer_name=customer_name or "",
        vehicle_unit_id=order.vehicle_unit_id,
        vin=vin or "",
        vehicle_zh=_vehicle_name("zh", make, series, trim),
        vehicle_en=_vehicle_name("en", make, series, trim),
        salesperson_name=salesperson_name or "",
        vehicle_price=order.vehicle_price,
        gross=order.vehicle_price - order.unit_cost,
    )


def _aged_row(
    unit: VehicleUnit, trim: Trim | None, series: Series | None, make: Make | None, *, today: date
) -> AgedUnitRow:
    return AgedUnitRow(
        id=unit.id,
        cursor=f"{unit.arrived_on.isoformat()}|{unit.id}",
        vin=unit.vin,
        stock_number=unit.stock_number,
        vehicle_zh=_vehicle_name("zh", make, series, trim),
        vehicle_en=_vehicle_name("en", make, series, trim),
        exterior_colour=unit.exterior_colour,
        location=unit.location,
        arrived_on=unit.arrived_on,
        age_days=(today - unit.arrived_on).days,
        list_price=unit.list_price,
        cost=unit.cost,
        allocation_state=unit.allocation_state,
    )
