"""What can be done about tasks."""

from dataclasses import dataclass

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteTask(Command):
    """Tick a task off. Undone by ReopenTask."""

    task_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenTask(Command):
    """Open a task again that was ticked off."""

    task_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignTask(Command):
    """Give a task to somebody, or with None to whoever is there. Undone by the former assignment."""

    task_id: str
    staff_id: str | None
