"""Looks whether an entry would change a month that a branch has closed."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.months import Month
from app.kernel.unit_of_work import UnitOfWork
from app.periods.rules import STANDING, closed_until, require_open_month
from db.models.month_close import MonthClose


def last_closed_month(session: Session, branch_id: str) -> Month | None:
    """The last month a branch has closed, None without one."""
    query = select(MonthClose.month, MonthClose.state).where(
        MonthClose.branch_id == branch_id, MonthClose.state.in_(STANDING), MonthClose.deleted_at.is_(None)
    )
    return closed_until((row[0], row[1]) for row in session.execute(query))


def require_open(uow: UnitOfWork, instant: datetime, *, field: str, branch_id: str | None = None) -> None:
    """Refuse an entry of the actor's branch, or of the one named, that is dated in a closed month.

    What is dated in the present month is never looked up: a month is closed only once it is over. Raises MonthIsClosed.
    """
    if Month.of(instant) >= Month.of(uow.now):
        return
    closed = last_closed_month(uow.session, branch_id or uow.actor.branch_id)
    require_open_month(instant, closed=closed, field=field)
