"""Wishes that are open to every branch: a branch that could give such a vehicle is told, until it is answered.

Every desk of the branch may notice it, also apart; the task is the same one. It is put away while the branch has none
to give, and comes back with the next one that is free; who ticked it off is not told again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.inventory.rules import AllocationState, StockState
from app.kernel.ids import derived_id
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.tasks.rules import TaskKind, TaskState
from app.transfers.rules import TransferState
from db.models.inventory import VehicleUnit
from db.models.tasks import Task
from db.models.transfers import VehicleTransfer

_GIVEABLE = (StockState.IN_STOCK.value, StockState.IN_TRANSIT.value)
_PROMISED = (TransferState.APPROVED.value, TransferState.DEPARTED.value)


def wish_task_id(transfer_id: str, branch_id: str) -> str:
    """The one task of a branch about a wish."""
    return derived_id("transfer wish", transfer_id, branch_id)


def giveable(*, branch_id: str, now: datetime) -> ColumnElement[bool]:
    """Which vehicles a branch could give away: in the house or on their way to it, and promised to nobody."""
    unit, transfer = VehicleUnit, aliased(VehicleTransfer)
    over = and_(unit.allocation_state == AllocationState.HELD.value, unit.held_until <= now)
    promised = exists().where(
        transfer.unit_id == unit.id, func.coalesce(transfer.asked_state, transfer.state).in_(_PROMISED),
        transfer.deleted_at.is_(None),
    )  # fmt: skip
    return and_(
        unit.branch_id == branch_id,
        unit.stock_state.in_(_GIVEABLE),
        or_(unit.allocation_state == AllocationState.FREE.value, over),
        unit.deleted_at.is_(None),
        ~promised,
    )


@dataclass(frozen=True, slots=True)
class WishesToTend:
    """What there is to do: wishes to tell of, tasks to open again, and tasks that are over or for nothing."""

    untold: Sequence[VehicleTransfer]
    again: Sequence[Task]
    answered: Sequence[Task]
    in_vain: Sequence[Task]

    def __len__(self) -> int:
        return len(self.untold) + len(self.again) + len(self.answered) + len(self.in_vain)


def wishes_to_tend(session: Session, *, branch_id: str, now: datetime) -> WishesToTend:
    """Looks at the open wishes of other branches and at this branch's tasks about wishes."""
    free_here = exists().where(VehicleUnit.trim_id == VehicleTransfer.trim_id, giveable(branch_id=branch_id, now=now))
    wish = VehicleTransfer
    query = select(wish, free_here).where(
        wish.from_branch_id.is_(None), wish.to_branch_id != branch_id, wish.state == TransferState.PENDING.value,
        wish.asked_state.is_(None), wish.deleted_at.is_(None),
    )  # fmt: skip
    wishes = {one.id: (one, bool(free)) for one, free in session.execute(query.order_by(wish.id))}
    tasks = {task.record_id: task for task in _tasks(session, branch_id, list(wishes))}
    is_open = {record_id for record_id, task in tasks.items() if task.state == TaskState.OPEN}
    return WishesToTend(
        untold=[one for one, free in wishes.values() if free and one.id not in tasks],
        again=[
            task for record_id, task in tasks.items()
            if record_id in wishes and wishes[record_id][1] and record_id not in is_open
            and task.done_by_staff_id is None
        ],
        answered=[tasks[record_id] for record_id in sorted(is_open - wishes.keys())],
        in_vain=[tasks[record_id] for record_id in sorted(is_open & wishes.keys()) if not wishes[record_id][1]],
    )  # fmt: skip


def _tasks(session: Session, branch_id: str, wishes: Sequence[str]) -> Sequence[Task]:
    """This branch's tasks about these wishes, and those about others that are still open."""
    ids = [wish_task_id(one, branch_id) for one in wishes]
    still_open = and_(
        Task.kind == TaskKind.TRANSFER_WISH.value, Task.branch_id == branch_id, Task.state == TaskState.OPEN.value
    )
    query = select(Task).where(or_(Task.id.in_(ids), still_open), Task.deleted_at.is_(None))
    return session.scalars(query.order_by(Task.id)).all()


def count_wishes_to_tend(reader: Reader) -> int:
    """How many things TendWishes would do now; none for somebody who may not ask for transfers."""
    if not reader.actor.may(Permission.TRANSFERS_REQUEST):
        return 0
    return len(wishes_to_tend(reader.session, branch_id=reader.actor.branch_id, now=reader.now))
