"""Closed months: their states, and up to which month a branch's books are closed."""

from collections.abc import Iterable
from datetime import datetime

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


def closed_until(closings: Iterable[tuple[str, str]]) -> Month | None:
    """The last closed month of a branch by its closings `(month, state)`; None where none is closed.

    Months are closed and opened again one after the other: whatever lies before the last closed one is closed with it.
    """
    months = [month for month, state in closings if state in STANDING]
    return Month.parse(max(months)) if months else None


def require_open_month(instant: datetime, *, closed: Month | None, field: str) -> None:
    """Raises MonthIsClosed (field `field`) for an instant in a closed month; it names the first month that is open."""
    month = Month.of(instant)
    if closed is not None and month <= closed:
        raise MonthIsClosed(field=field, month=str(month), open=str(closed.plus(1)))
