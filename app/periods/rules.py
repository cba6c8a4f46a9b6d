"""Closed months: their states, and up to which month a branch's books are closed."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from app.kernel.labels import Labelled
from app.kernel.months import Month
from app.periods.errors import MonthIsClosed
from app.runtime.language import tr_noop


class MonthState(Labelled):
    """Where one closing of a month stands."""

    CLOSED = "CLOSED", tr_noop("Month closed")
    REOPEN_ASKED = "REOPEN_ASKED", tr_noop("To be reopened")
    REOPENED = "REOPENED", tr_noop("Reopened")


STANDING = (MonthState.CLOSED, MonthState.REOPEN_ASKED)
"""The month is closed until a second person has opened it again."""


POSTED: Mapping[str, str] = {
    "payment": "received_at",
    "unit_cost": "happened_on",
    "floor_plan": "drawn_on",
    "floor_plan_repayment": "paid_on",
}
"""Entries of money, and the day that says into which month each belongs. They are never changed, only entered."""
DATED: Mapping[str, str] = {**POSTED, "vehicle_unit": "arrived_on"}
"""What nobody dates into a closed month: money, and vehicles, which count in the stock from the day they came."""


def closed_until(closings: Iterable[tuple[str, str]]) -> Month | None:
    """The last closed month of a branch by its closings `(month, state)`; None where none is closed.

    Months are closed and opened again one after the other: whatever lies before the last closed one is closed with it.
    """
    months = [month for month, state in closings if state in STANDING]
    return Month.parse(max(months)) if months else None


def month_of_entry(dated: datetime | date) -> Month:
    """The month that an entry with this instant, or this day in the branch, belongs to."""
    return Month.of(dated) if isinstance(dated, datetime) else Month(dated.year, dated.month)


def require_open_month(dated: datetime | date, *, closed: Month | None, field: str | None) -> None:
    """Raises MonthIsClosed (field `field`) for a day in a closed month; it names the first month that is open."""
    month = month_of_entry(dated)
    if closed is not None and month <= closed:
        raise MonthIsClosed(field=field, month=str(month), open=str(closed.plus(1)))
