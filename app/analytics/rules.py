"""What counts as sold, how months are cut, and the age groups of stock."""

from datetime import date, datetime, timedelta

from app.kernel.labels import Labelled
from app.kernel.months import Month
from app.orders.rules import ClaimState, OrderState
from app.runtime.language import tr_noop

SOLD_STATES = (
    OrderState.CONFIRMED,
    OrderState.DELIVERY_CONFIRMING,
    OrderState.DELIVERED,
    OrderState.COMPLETED,
    OrderState.RETURN_PENDING,
)
"""From the confirmation on; a returned vehicle is not sold."""

NOT_SOLD_CLAIMS = (ClaimState.CONFLICT, ClaimState.RELEASED)
"""An order whose unit another order holds sold nothing."""

STANDING_STATES = ("IN_STOCK", "LENT")
"""Stock states of units that stand on the floor and cost money."""


class StockAge(Labelled):
    """How long a unit has been standing, in days."""

    FRESH = "0-30", tr_noop("Up to 30 days")
    MONTH = "31-60", tr_noop("31 to 60 days")
    TWO_MONTHS = "61-90", tr_noop("61 to 90 days")
    QUARTER = "91-180", tr_noop("91 to 180 days")
    OLD = "181-", tr_noop("Over 180 days")

    @property
    def first_day(self) -> int:
        """The youngest age of the group."""
        return int(self.value.partition("-")[0])

    @property
    def last_day(self) -> int | None:
        """The oldest age of the group, None where there is no limit."""
        last = self.value.partition("-")[2]
        return int(last) if last else None


def months_until(now: datetime, count: int) -> tuple[Month, ...]:
    """So many months up to and including the present one, the oldest first."""
    last = Month.of(now)
    return tuple(last.plus(back) for back in range(1 - count, 1))


def comparable_span(now: datetime) -> tuple[tuple[datetime, datetime], tuple[datetime, datetime]]:
    """The present month until now, and as much of the month before: a half month is not held against a whole one."""
    month = Month.of(now)
    before = month.plus(-1)
    elapsed = now - month.begins_at
    return (month.begins_at, now), (before.begins_at, min(before.begins_at + elapsed, before.ends_at))


def arrival_bounds(age: StockAge, today: date) -> tuple[date | None, date]:
    """The first and last day of arrival of units of an age group; no first day for the oldest group."""
    last = None if age.last_day is None else today - timedelta(days=age.last_day)
    return last, today - timedelta(days=age.first_day)
