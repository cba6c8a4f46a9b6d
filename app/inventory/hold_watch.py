"""What ends soon, has ended, or was offered and not taken: found alike by who asks and by who acts.

The stored rows are not touched by an end: a hold is over at its very instant wherever it is read. So a colleague who
extended it at a desk that was away loses nothing to the desk that noticed its end.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.inventory.rules import AllocationState, WishState, queue_policy
from app.inventory.waiting import RECENT, next_in_line
from app.kernel.clock import branch_date
from app.kernel.ids import derived_id
from app.tasks.rules import TaskKind
from db.models.inventory import VehicleUnit
from db.models.tasks import Task
from db.models.wishes import UnitWish


def ending_holds(session: Session, *, branch_id: str, now: datetime) -> list[VehicleUnit]:
    """Units whose hold ends within the reminder's span and whose holder was not told yet."""
    until = now + queue_policy(branch_date(now)).reminder
    held = _held(session, branch_id, VehicleUnit.held_until > now, VehicleUnit.held_until <= until)
    return _untold(session, held, TaskKind.HOLD_ENDING)


def ended_holds(session: Session, *, branch_id: str, now: datetime) -> list[VehicleUnit]:
    """Units whose hold is over and whose holder was not told yet."""
    held = _held(session, branch_id, VehicleUnit.held_until <= now, VehicleUnit.held_until > now - RECENT)
    return _untold(session, held, TaskKind.HOLD_ENDED)


def lapsed_offers(session: Session, *, branch_id: str, now: datetime) -> list[VehicleUnit]:
    """Units that were offered to somebody who did not take them in time, while somebody else waits."""
    query = (
        select(VehicleUnit)
        .join(UnitWish, UnitWish.offered_unit_id == VehicleUnit.id)
        .where(
            UnitWish.branch_id == branch_id,
            UnitWish.state == WishState.WAITING.value,
            UnitWish.offered_until <= now,
            UnitWish.offered_until > now - RECENT,
            VehicleUnit.deleted_at.is_(None),
        )
        .distinct()
    )
    return [unit for unit in session.scalars(query) if next_in_line(session, unit, now) is not None]


def vain_wishes(session: Session, *, branch_id: str) -> list[tuple[UnitWish, VehicleUnit]]:
    """Who waits for a unit that is not to be had any more: it went to another branch, to a customer, out of the books.

    A unit this desk does not know yet is still on its way here.
    """
    query = (
        select(UnitWish, VehicleUnit)
        .join(VehicleUnit, VehicleUnit.id == UnitWish.unit_id)
        .where(
            UnitWish.branch_id == branch_id,
            UnitWish.state == WishState.WAITING.value,
            UnitWish.deleted_at.is_(None),
            or_(
                VehicleUnit.deleted_at.is_not(None),
                VehicleUnit.branch_id != branch_id,
                VehicleUnit.allocation_state == AllocationState.DELIVERED.value,
            ),
        )
        .order_by(UnitWish.rank, UnitWish.id)
    )
    return [(wish, unit) for wish, unit in session.execute(query)]


def _held(session: Session, branch_id: str, *span: ColumnElement[bool]) -> list[VehicleUnit]:
    query = select(VehicleUnit).where(
        VehicleUnit.allocation_state == AllocationState.HELD.value,
        *span,
        VehicleUnit.branch_id == branch_id,
        VehicleUnit.deleted_at.is_(None),
    )
    return list(session.scalars(query.order_by(VehicleUnit.held_until, VehicleUnit.id)))


def _untold(session: Session, units: list[VehicleUnit], kind: TaskKind) -> list[VehicleUnit]:
    ids = {derived_id(kind.value, u.id, u.held_until.timestamp()): u for u in units if u.held_until is not None}
    told = set(session.scalars(select(Task.id).where(Task.id.in_(list(ids))))) if ids else set()
    return [unit for task_id, unit in ids.items() if task_id not in told]
