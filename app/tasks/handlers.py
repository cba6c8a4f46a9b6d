"""Ticking tasks off and giving them to people."""

from app.kernel.commands import requires
from app.kernel.errors import RecordNotFound
from app.kernel.permissions import Permission, Role
from app.kernel.unit_of_work import UnitOfWork
from app.tasks.commands import AssignTask, CompleteTask, ReopenTask
from app.tasks.errors import TaskAlreadyDone, TaskNotDone, TaskOfOther
from app.tasks.follow_up import tick_off
from app.tasks.rules import TaskState
from db.models.staff import StaffMember
from db.models.tasks import Task

_ARRANGERS = (Role.BRANCH_MANAGER, Role.ADMINISTRATOR)
"""Who may deal with a colleague's tasks."""


@requires(Permission.TASKS_COMPLETE)
def complete_task(command: CompleteTask, uow: UnitOfWork) -> None:
    """Raises TaskAlreadyDone, or TaskOfOther for a colleague's task (managers may)."""
    task = uow.get(Task, command.task_id)
    if task.state == TaskState.DONE:
        raise TaskAlreadyDone()
    _require_own(task, uow)
    tick_off(task, uow)
    uow.undo_with(ReopenTask(task_id=task.id))


@requires(Permission.TASKS_COMPLETE)
def reopen_task(command: ReopenTask, uow: UnitOfWork) -> None:
    """Raises TaskNotDone, or TaskOfOther for a colleague's task (managers may)."""
    task = uow.get(Task, command.task_id)
    if task.state != TaskState.DONE:
        raise TaskNotDone()
    _require_own(task, uow)
    task.state = TaskState.OPEN.value
    task.done_at = None
    task.done_by_staff_id = None


@requires(Permission.TASKS_COMPLETE)
def assign_task(command: AssignTask, uow: UnitOfWork) -> None:
    """Anybody takes or hands on their own task or nobody's; managers arrange all. Raises TaskOfOther."""
    task = uow.get(Task, command.task_id)
    _require_own(task, uow)
    if command.staff_id is not None:
        member = uow.get(StaffMember, command.staff_id, field="staff_id")
        if not member.active:
            raise RecordNotFound(field="staff_id")
    if task.assignee_staff_id == command.staff_id:
        return
    former = task.assignee_staff_id
    task.assignee_staff_id = command.staff_id
    if command.staff_id in (None, uow.actor.staff_id) or uow.actor.role in _ARRANGERS:
        uow.undo_with(AssignTask(task_id=task.id, staff_id=former))


def _require_own(task: Task, uow: UnitOfWork) -> None:
    owner = task.assignee_staff_id
    if owner in (None, uow.actor.staff_id) or uow.actor.role in _ARRANGERS:
        return
    member = uow.session.get(StaffMember, owner)
    raise TaskOfOther(name=member.name if member else "—")
