"""Looks whether an entry would change a month that a branch has closed.

Every command that takes a day for money, or for the arrival of a vehicle, asks here: `app.periods.rules.DATED`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.clock import branch_date
from app.kernel.months import Month
from app.kernel.unit_of_work import UnitOfWork
from app.periods.rules import DATED, STANDING, closed_until, month_of_entry, require_open_month
from db.models.month_close import MonthClose


def last_closed_month(session: Session, branch_id: str) -> Month | None:
    """The last month a branch has closed, None without one."""
    query = select(MonthClose.month, MonthClose.state).where(
        MonthClose.branch_id == branch_id, MonthClose.state.in_(STANDING), MonthClose.deleted_at.is_(None)
    )
    return closed_until((row[0], row[1]) for row in session.execute(query))


def require_open(
    uow: UnitOfWork, dated: datetime | date, *, field: str | None, branch_id: str | None = None
) -> None:  # fmt: skip
    """Refuse an entry of the actor's branch, or of the one named, that is dated in a closed month.

    What is dated in the present month is never looked up: a month is closed only once it is over. Raises MonthIsClosed.
    """
    if month_of_entry(dated) >= Month.of(uow.now):
        return
    closed = last_closed_month(uow.session, branch_id or uow.actor.branch_id)
    require_open_month(dated, closed=closed, field=field)


def open_day(uow: UnitOfWork, day: date, *, branch_id: str) -> date:
    """The day an entry is taken back on: its own, or today where its month is closed by now."""
    closed = last_closed_month(uow.session, branch_id)
    return branch_date(uow.now) if closed is not None and month_of_entry(day) <= closed else day


def require_open_record(uow: UnitOfWork, table: str, values: Mapping[str, Any]) -> None:
    """The same for a record as a whole, by its table and its values. Raises MonthIsClosed, with the field's name."""
    field = DATED.get(table)
    dated = None if field is None else values.get(field)
    if dated is not None:
        require_open(uow, dated, field=field, branch_id=values.get("branch_id"))
