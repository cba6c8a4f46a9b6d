"""Wishes that are open to every branch: a branch that could give such a vehicle is told once, until it is answered.

Every desk of the branch may notice it, also apart; the task is the same one.
"""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

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


def wish_task_id(transfer_id: str, branch_id: str) -> str:
    """The one task of a branch about a wish."""
    return derived_id("transfer wish", transfer_id, branch_id)


def untold_wishes(session: Session, *, branch_id: str) -> list[VehicleTransfer]:
    """Open wishes of other branches for a model of which one is free here, of which nobody was told yet."""
    wish, unit = VehicleTransfer, VehicleUnit
    free_here = exists().where(
        unit.trim_id == wish.trim_id, unit.branch_id == branch_id, unit.stock_state.in_(_GIVEABLE),
        unit.allocation_state == AllocationState.FREE.value, unit.deleted_at.is_(None),
    )  # fmt: skip
    query = select(wish).where(
        wish.from_branch_id.is_(None), wish.to_branch_id != branch_id, wish.state == TransferState.PENDING.value,
        wish.asked_state.is_(None), wish.deleted_at.is_(None), free_here,
    )  # fmt: skip
    wishes = {wish_task_id(one.id, branch_id): one for one in session.scalars(query.order_by(wish.id))}
    told = set(session.scalars(select(Task.id).where(Task.id.in_(list(wishes))))) if wishes else set()
    return [one for task_id, one in wishes.items() if task_id not in told]


def answered_wishes(session: Session, *, branch_id: str) -> list[str]:
    """Ids of wishes this branch still has a task about, though they were given, called off or taken up elsewhere."""
    wish = VehicleTransfer
    still_open = exists().where(
        wish.id == Task.record_id, wish.state == TransferState.PENDING.value, wish.from_branch_id.is_(None),
        wish.asked_state.is_(None), wish.deleted_at.is_(None),
    )  # fmt: skip
    query = select(Task.record_id).where(
        Task.kind == TaskKind.TRANSFER_WISH.value, Task.branch_id == branch_id,
        Task.state == TaskState.OPEN.value, Task.deleted_at.is_(None), ~still_open,
    )  # fmt: skip
    return list(session.scalars(query.order_by(Task.id)))


def count_wishes_to_tend(reader: Reader) -> int:
    """How many things TendWishes would do now; none for somebody who may not ask for transfers."""
    if not reader.actor.may(Permission.TRANSFERS_REQUEST):
        return 0
    branch_id = reader.actor.branch_id
    return len(untold_wishes(reader.session, branch_id=branch_id)) + len(
        answered_wishes(reader.session, branch_id=branch_id)
    )
