"""Tasks that ask for the approval of a text, once it has been decided at a desk that does not know the task."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contracts.templates.text_versions import TextState
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.tasks.rules import TaskKind, TaskState
from db.models.clause_library import ClauseVersion, TemplateVersion
from db.models.tasks import Task

_VERSIONS: dict[str, type[Any]] = {model.__tablename__: model for model in (ClauseVersion, TemplateVersion)}


def approval_tasks_are_over(reader: Reader) -> bool:
    """Whether `TendApprovalTasks` would tick anything off; False for somebody who may not."""
    return reader.actor.may(Permission.CLAUSES_EDIT) and bool(decided_tasks(reader.session))


def decided_tasks(session: Session) -> list[Task]:
    """Open tasks about versions that await nobody any more."""
    query = select(Task).where(
        Task.kind == TaskKind.APPROVE_TEXT.value, Task.state == TaskState.OPEN.value, Task.deleted_at.is_(None)
    )
    return [task for task in session.scalars(query) if not _is_proposed(session, task)]


def _is_proposed(session: Session, task: Task) -> bool:
    version = session.get(_VERSIONS[task.record_table], task.record_id)
    return version is not None and version.deleted_at is None and version.state == TextState.PROPOSED
