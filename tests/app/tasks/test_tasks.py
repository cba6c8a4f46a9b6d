"""What is left to be done, by whom, and in which words."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.kernel.clock import FixedClock
from app.kernel.commands import Command
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import DomainError, RecordNotFound
from app.kernel.ids import new_id
from app.kernel.permissions import Actor, Role
from app.kernel.unit_of_work import unit_of_work
from app.runtime.language import set_language
from app.tasks.commands import AssignTask, CompleteTask, ReopenTask
from app.tasks.follow_up import close_tasks, create_task
from app.tasks.queries import count_open, count_tasks, get_task, list_tasks
from app.tasks.rules import TaskKind, task_text
from tests.factories.people import STAFF, actor_of

QUOTATION = {"number": "SH01-D01-QU-000003", "customer": "张伟", "gap_fen": 250000}


def leave(dispatcher: Dispatcher, actor: Actor, **values: Any) -> str:
    given = {
        "kind": TaskKind.APPROVE_QUOTATION, "record_table": "quotation", "record_id": new_id(), "params": QUOTATION,
    }  # fmt: skip
    with unit_of_work(dispatcher.database, actor=actor, now=dispatcher.clock.now()) as (uow, transaction):
        task_id = create_task(uow, **(given | values))
        transaction.commit(name="Test")
    return task_id


def refusal(dispatcher: Dispatcher, command: Command, actor: Actor) -> str:
    with pytest.raises(DomainError) as refused:
        dispatcher.execute(command, actor)
    return refused.value.code


def test_a_task_says_what_to_do_in_the_language_in_use(dispatcher: Dispatcher, salesperson: Actor) -> None:
    task_id = leave(dispatcher, salesperson)
    row = dispatcher.read(get_task, salesperson, task_id)
    assert row.text == (
        "Quotation SH01-D01-QU-000003 for 张伟 is ¥2,500.00 below the floor price: approve or reject it"
    )
    set_language("zh_CN")
    assert "¥2,500.00" in row.text
    assert "报价" in row.text


def test_missing_words_and_unknown_kinds_still_read(dispatcher: Dispatcher) -> None:
    assert task_text("resolve_claim_conflict", {"number": "A"}).startswith("Order A: its vehicle went to order —")
    assert task_text("from_the_future", {"record": "X 1"}) == "Look at X 1"
    assert task_text("follow_up", {"customer": None, "extra": {"a": 1}}) == "Follow up with —"
    for kind in TaskKind:
        assert "{" not in task_text(kind, {})


def test_a_task_is_ticked_off_and_that_is_undone(dispatcher: Dispatcher, salesperson: Actor, clock: FixedClock) -> None:
    task_id = leave(dispatcher, salesperson)
    outcome = dispatcher.execute(CompleteTask(task_id=task_id), salesperson)
    assert dispatcher.read(list_tasks, salesperson) == ()
    row = dispatcher.read(get_task, salesperson, task_id)
    assert (row.state, row.done_at) == ("DONE", clock.now())
    assert refusal(dispatcher, CompleteTask(task_id=task_id), salesperson) == "task_already_done"
    assert outcome.undo == ReopenTask(task_id=task_id)
    dispatcher.execute(outcome.undo, salesperson)
    assert [row.id for row in dispatcher.read(list_tasks, salesperson)] == [task_id]
    assert refusal(dispatcher, outcome.undo, salesperson) == "task_not_done"


def test_the_same_thing_is_asked_once(dispatcher: Dispatcher, salesperson: Actor) -> None:
    first = leave(dispatcher, salesperson, record_id="a" * 32)
    again = leave(dispatcher, salesperson, record_id="a" * 32, params=QUOTATION | {"gap_fen": 100})
    assert first == again
    (row,) = dispatcher.read(list_tasks, salesperson)
    assert "¥1.00" in row.text
    leave(dispatcher, salesperson, record_id="a" * 32, kind=TaskKind.FOLLOW_UP)
    assert dispatcher.read(count_tasks, salesperson) == (2, 2)


def test_what_has_happened_is_ticked_off_for_everybody(dispatcher: Dispatcher, salesperson: Actor) -> None:
    leave(dispatcher, salesperson, record_id="a" * 32)
    leave(dispatcher, salesperson, record_id="a" * 32, kind=TaskKind.FOLLOW_UP)
    leave(dispatcher, salesperson, record_id="c" * 32)
    with unit_of_work(dispatcher.database, actor=salesperson, now=dispatcher.clock.now()) as (uow, transaction):
        assert close_tasks(uow, record_id="a" * 32, kind=TaskKind.FOLLOW_UP) == 1
        assert close_tasks(uow, record_id="a" * 32) == 1
        assert close_tasks(uow, record_id="a" * 32) == 0
        transaction.commit(name="Test")
    assert dispatcher.read(count_tasks, salesperson) == (1, 3)
    assert len(dispatcher.read(list_tasks, salesperson, state=None, record_id="a" * 32)) == 2


def test_a_colleagues_task_is_the_colleagues(dispatcher: Dispatcher, salesperson: Actor, manager: Actor) -> None:
    colleague = actor_of(STAFF[1])
    task_id = leave(dispatcher, salesperson, assignee_staff_id=colleague.staff_id)
    assert dispatcher.read(get_task, salesperson, task_id).assignee_name == "李强"
    for command in (CompleteTask(task_id=task_id), AssignTask(task_id=task_id, staff_id=salesperson.staff_id)):
        assert refusal(dispatcher, command, salesperson) == "task_of_other"
    assert (dispatcher.read(count_open, salesperson), dispatcher.read(count_open, colleague)) == (0, 1)
    outcome = dispatcher.execute(AssignTask(task_id=task_id, staff_id=None), manager)
    assert dispatcher.read(count_open, salesperson) == 1
    assert outcome.undo == AssignTask(task_id=task_id, staff_id=colleague.staff_id)
    dispatcher.execute(outcome.undo, manager)
    dispatcher.execute(CompleteTask(task_id=task_id), colleague)
    assert refusal(dispatcher, ReopenTask(task_id=task_id), salesperson) == "task_of_other"


def test_a_task_goes_only_to_somebody_who_is_there(dispatcher: Dispatcher, salesperson: Actor) -> None:
    task_id = leave(dispatcher, salesperson)
    with pytest.raises(RecordNotFound) as refused:
        dispatcher.execute(AssignTask(task_id=task_id, staff_id="x"), salesperson)
    assert refused.value.field == "staff_id"
    taken = dispatcher.execute(AssignTask(task_id=task_id, staff_id=salesperson.staff_id), salesperson)
    assert taken.undo == AssignTask(task_id=task_id, staff_id=None)
    assert not dispatcher.execute(AssignTask(task_id=task_id, staff_id=salesperson.staff_id), salesperson).changes


def test_lists_page_and_know_what_is_late(dispatcher: Dispatcher, salesperson: Actor, clock: FixedClock) -> None:
    ids = [leave(dispatcher, salesperson, due_at=clock.now() + timedelta(hours=n)) for n in range(5)]
    clock.advance(timedelta(hours=1, minutes=30))
    rows = dispatcher.read(list_tasks, salesperson, limit=3)
    rest = dispatcher.read(list_tasks, salesperson, limit=3, after=rows[-1].cursor)
    assert [row.id for row in rows + rest] == ids[::-1]
    assert [row.overdue for row in rows + rest] == [False, False, False, True, True]
    assert dispatcher.read(list_tasks, salesperson, kind="follow_up") == ()


def test_another_branchs_tasks_are_not_shown(dispatcher: Dispatcher, salesperson: Actor) -> None:
    leave(dispatcher, salesperson, branch_id="b" * 31 + "2")
    assert dispatcher.read(count_tasks, salesperson) == (0, 0)


def test_roles(dispatcher: Dispatcher, actor_with: Callable[[Role], Actor]) -> None:
    task_id = leave(dispatcher, actor_with(Role.SALESPERSON))
    for role in Role:
        dispatcher.execute(CompleteTask(task_id=task_id), actor_with(role))
        dispatcher.execute(ReopenTask(task_id=task_id), actor_with(role))
    nobody = replace(actor_with(Role.CASHIER), permissions=frozenset())
    for command in (
        CompleteTask(task_id=task_id),
        AssignTask(task_id=task_id, staff_id=None),
    ):
        assert refusal(dispatcher, command, nobody) == "permission_denied"
    for query in (list_tasks, count_tasks, count_open):
        with pytest.raises(DomainError):
            dispatcher.read(query, nobody)
