"""Which rows count: orders that are sold, units that stand on the floor."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, type_coerce

from app.analytics.rules import NOT_SOLD_CLAIMS, SOLD_STATES, STANDING_STATES
from app.kernel.clock import branch_day
from app.kernel.unit_of_work import Reader
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.types import Money

MOST_MONTHS = 120
SUMS = (
    func.sum(SalesOrder.vehicle_price),
    type_coerce(func.sum(SalesOrder.vehicle_price) - func.sum(SalesOrder.unit_cost), Money),
)
"""Agreed vehicle prices, and what they bring above the cost."""


def sold_orders(*columns: Any, begins: datetime, ends: datetime | None = None, branch_id: str | None) -> Any:
    """A query over the orders that count as sold, made in the span."""
    query = select(*columns).select_from(SalesOrder)
    query = query.where(
        SalesOrder.ordered_at >= begins,
        SalesOrder.state.in_([state.value for state in SOLD_STATES]),
        SalesOrder.claim_state.not_in([state.value for state in NOT_SOLD_CLAIMS]),
        SalesOrder.deleted_at.is_(None),
    )
    if ends is not None:
        query = query.where(SalesOrder.ordered_at < ends)
    return query if branch_id is None else query.where(SalesOrder.branch_id == branch_id)


def standing_units(query: Any, branch_id: str | None) -> Any:
    """The query narrowed to units on the floor."""
    query = query.where(VehicleUnit.stock_state.in_(STANDING_STATES), VehicleUnit.deleted_at.is_(None))
    return query if branch_id is None else query.where(VehicleUnit.branch_id == branch_id)


def arrived_between(query: Any, earliest: date | None, latest: date) -> Any:
    """The query narrowed to units by their day of arrival, both bounds included."""
    query = query.where(VehicleUnit.arrived_on <= latest)
    return query if earliest is None else query.where(VehicleUnit.arrived_on >= earliest)


def checked_months(months: int) -> int:
    """A number of months between one and ten years."""
    return max(1, min(months, MOST_MONTHS))


def branch_today(reader: Reader) -> date:
    """Today in the branch."""
    return date.fromisoformat(branch_day(reader.now))
