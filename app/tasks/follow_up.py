"""Tasks as other features make them and tick them off, inside their own transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from app.kernel.unit_of_work import UnitOfWork
from app.tasks.rules import TaskKind, TaskState
from db.listing import unindexed
from db.lists import as_list, listed_as
from db.models.tasks import Task

_OPEN = (
    select(Task)
    .where(
        Task.record_id == bindparam("record"),
        unindexed(Task.state) == TaskState.OPEN.value,
        Task.deleted_at.is_(None),
    )
    .order_by(Task.id)
)
_OPEN_OF_KINDS = _OPEN.where(Task.kind.in_(listed_as("kinds")))


def create_task(
    uow: UnitOfWork,
    *,
    kind: TaskKind,
    record_table: str,
    record_id: str,
    params: Mapping[str, Any],
    branch_id: str | None = None,
    assignee_staff_id: str | None = None,
    due_at: datetime | None = None,
    task_id: str | None = None,
) -> str:
    """Leave something to be done about a record; returns the task's id.

    `params` fills the placeholders of the kind's text; amounts as whole fen under `<name>_fen`. Without `branch_id` it
    is for the actor's branch, without an assignee for whoever is there. An open task of the same kind about the same
    record is brought up to date instead of doubled. A `task_id` that follows from the event (`derived_id`) makes it one
    task although several desks notice the event; once it is there, done or not, it stays as it is.
    """
    if task_id is not None and uow.session.get(Task, task_id) is not None:
        return task_id
    known = _open_tasks(uow, record_id=record_id, kind=kind) if task_id is None else []
    about = {"kind": kind.value, "record_table": record_table, "record_id": record_id}
    task = known[0] if known else uow.add(Task(**about, **({"id": task_id} if task_id else {})))
    task.branch_id = branch_id or uow.actor.branch_id
    task.params = dict(params)
    task.assignee_staff_id = assignee_staff_id
    task.due_at = due_at
    task.state = TaskState.OPEN.value
    return task.id


def close_tasks(uow: UnitOfWork, *, record_id: str, kind: TaskKind | tuple[TaskKind, ...] | None = None) -> int:
    """Tick off what was open about a record (of one kind, of some, or all): it has happened. Returns how many."""
    tasks = _open_tasks(uow, record_id=record_id, kind=kind)
    for task in tasks:
        tick_off(task, uow)
    return len(tasks)


def open_again(uow: UnitOfWork, *, record_id: str, kind: TaskKind) -> int:
    """Open what was ticked off about a record because something had happened that is taken back. Returns how many."""
    done = select(Task).where(
        Task.record_id == record_id, Task.kind == kind.value, Task.state == TaskState.DONE.value,
        Task.deleted_at.is_(None),
    )  # fmt: skip
    tasks = list(uow.session.scalars(done))
    for task in tasks:
        task.state, task.done_at, task.done_by_staff_id = TaskState.OPEN.value, None, None
    return len(tasks)


def tick_off(task: Task, uow: UnitOfWork) -> None:
    """Mark one task done by the actor, now."""
    task.state = TaskState.DONE.value
    task.done_at = uow.now
    task.done_by_staff_id = uow.actor.staff_id


def _open_tasks(
    uow: UnitOfWork, *, record_id: str, kind: TaskKind | tuple[TaskKind, ...] | None
) -> list[Task]:
    if kind is None:
        return list(uow.session.scalars(_OPEN, {"record": record_id}))
    kinds = kind if isinstance(kind, tuple) else (kind,)
    named = {"record": record_id, "kinds": as_list(one.value for one in kinds)}
    return list(uow.session.scalars(_OPEN_OF_KINDS, named))
