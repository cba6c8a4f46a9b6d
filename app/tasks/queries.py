"""Reading what is to be done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.tasks.rules import TaskState, task_text
from db.models.staff import StaffMember
from db.models.tasks import Task


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task; `record_table` and `record_id` say what it is about."""

    id: str
    cursor: str
    revision: int
    kind: str
    params: Mapping[str, Any]
    record_table: str
    record_id: str
    assignee_staff_id: str | None
    assignee_name: str
    due_at: datetime | None
    overdue: bool
    state: str
    created_at: datetime
    done_at: datetime | None

    @property
    def text(self) -> str:
        """What is to be done, in the language in use."""
        return task_text(self.kind, self.params)


def list_tasks(
    reader: Reader,
    *,
    after: str | None = None,
    limit: int = 100,
    state: str | None = TaskState.OPEN,
    kind: str | None = None,
    mine: bool = False,
    record_id: str | None = None,
) -> tuple[TaskRow, ...]:
    """Tasks of the branch, the newest first, from behind the cursor `after`.

    `state` None lists all; `mine` leaves out what is assigned to others; `record_id` lists those about one record.
    """
    reader.require(Permission.TASKS_VIEW)
    query = _filtered(_tasks(reader), reader, state=state, kind=kind, mine=mine, record_id=record_id)
    if after is not None:
        query = query.where(Task.id < after)
    rows = reader.session.execute(query.order_by(Task.id.desc()).limit(limit))
    return tuple(_task_row(task, name, reader.now) for task, name in rows)


def count_tasks(
    reader: Reader,
    *,
    state: str | None = TaskState.OPEN,
    kind: str | None = None,
    mine: bool = False,
    record_id: str | None = None,
) -> tuple[int, int]:
    """How many match, and how many the branch has in all."""
    reader.require(Permission.TASKS_VIEW)
    everything = _of_branch(select(func.count()).select_from(Task), reader)
    matching = _filtered(everything, reader, state=state, kind=kind, mine=mine, record_id=record_id)
    return reader.session.scalar(matching) or 0, reader.session.scalar(everything) or 0


def count_open(reader: Reader) -> int:
    """Open tasks that are the actor's or nobody's; the number beside the navigation's word."""
    return count_tasks(reader, mine=True)[0]


def get_task(reader: Reader, task_id: str) -> TaskRow:
    """One task; raises RecordNotFound."""
    reader.require(Permission.TASKS_VIEW)
    task = reader.get(Task, task_id)
    assignee = reader.session.get(StaffMember, task.assignee_staff_id) if task.assignee_staff_id else None
    return _task_row(task, assignee.name if assignee else None, reader.now)


def _tasks(reader: Reader) -> Any:
    joined = select(Task, StaffMember.name).outerjoin(StaffMember, StaffMember.id == Task.assignee_staff_id)
    return _of_branch(joined, reader)


def _of_branch(query: Any, reader: Reader) -> Any:
    return query.where(Task.deleted_at.is_(None), Task.branch_id == reader.actor.branch_id)


def _filtered(
    query: Any, reader: Reader, *, state: str | None, kind: str | None, mine: bool, record_id: str | None
) -> Any:
    if state is not None:
        query = query.where(Task.state == state)
    if kind is not None:
        query = query.where(Task.kind == kind)
    if mine:
        own = Task.assignee_staff_id == reader.actor.staff_id
        query = query.where(or_(own, Task.assignee_staff_id.is_(None)))
    if record_id is not None:
        query = query.where(Task.record_id == record_id)
    return query


def _task_row(task: Task, assignee_name: str | None, now: datetime) -> TaskRow:
    is_open = task.state == TaskState.OPEN
    return TaskRow(
        id=task.id,
        cursor=task.id,
        revision=task.revision,
        kind=task.kind,
        params=task.params,
        record_table=task.record_table,
        record_id=task.record_id,
        assignee_staff_id=task.assignee_staff_id,
        assignee_name=assignee_name or "",
        due_at=task.due_at,
        overdue=is_open and task.due_at is not None and task.due_at < now,
        state=task.state,
        created_at=task.created_at,
        done_at=task.done_at,
    )
