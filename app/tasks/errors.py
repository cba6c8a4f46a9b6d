"""What tasks refuse."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class TaskAlreadyDone(DomainError):
    code = "task_already_done"
    text = tr_noop("This task is already done. Refresh the list.")


class TaskOfOther(DomainError):
    code = "task_of_other"
    text = tr_noop("This task is {name}'s. Ask them, or have it assigned to you first.")


class TaskNotDone(DomainError):
    code = "task_not_done"
    text = tr_noop("This task is still open. There is nothing to take back.")
