"""What is proposed leaves a task with whoever may approve; deciding ticks it off."""

from app.clauses.commands import RecallText
from app.clauses.rules import TextSort
from app.tasks.queries import TaskRow, list_tasks
from app.tasks.rules import TaskState
from tests.app.clauses.library_desk import LibraryDesk


def tasks(library: LibraryDesk, state: str = TaskState.OPEN) -> list[TaskRow]:
    return list(library.sale.read(list_tasks, state=state, kind="approve_text", actor=library.approver))


def test_a_proposed_text_is_a_task_until_it_is_approved(library: LibraryDesk) -> None:
    version = library.clause()
    assert tasks(library) == []
    library.propose(version)
    (task,) = tasks(library)
    assert (task.record_table, task.record_id) == ("clause_version", version)
    assert task.text == f"Charging point (version 1), written by {library.writer.name}: approve or reject it"
    library.approve_only(version)
    assert tasks(library) == []
    (done,) = tasks(library, TaskState.DONE)
    assert done.id == task.id


def test_rejecting_and_taking_back_tick_it_off_too(library: LibraryDesk) -> None:
    version = library.clause()
    library.propose(version)
    library.sale.do(RecallText(**library.step(version)), library.writer)
    assert tasks(library) == []
    library.propose(version)
    assert len(tasks(library)) == 1
    library.reject(version)
    assert tasks(library) == []


def test_a_template_opens_as_a_template(library: LibraryDesk) -> None:
    version = library.template()
    library.propose(version, TextSort.TEMPLATE)
    (task,) = tasks(library)
    assert (task.record_table, task.record_id) == ("template_version", version)
    library.withdraw(version, sort=TextSort.TEMPLATE)
    assert tasks(library) == []
