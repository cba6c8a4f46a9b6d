"""Tasks on the real database: worded, due, opened at their record, ticked off, handed on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.ids import new_id
from app.kernel.permissions import Actor, Role
from app.runtime.language import set_language
from app.tasks.queries import get_task
from db.models.tasks import Task
from tests.factories.people import SHANGHAI, staff_of
from tests.factories.records import Records
from tests.ui.workplaces import Notes, Travels
from ui.kit.context import PageContext
from ui.kit.operations import Operations
from ui.tasks.tasks_page import TasksPage
from ui.tasks.words import RECORD_PLACES, due_words

Settle = Callable[[], None]


@pytest.fixture
def actor(manager: Actor) -> Actor:
    """赵敏, who approves."""
    return manager


@pytest.fixture
def leave(records: Records) -> Callable[..., Task]:
    """Leaves a task; by default an approval, for whoever is there."""

    def left(**values: Any) -> Task:
        given = {
            "branch_id": SHANGHAI.id, "kind": "approve_quotation", "record_table": "quotation", "record_id": new_id(),
            "params": {"number": "SH01-D01-QU-000003", "customer": "张伟", "gap_fen": 250000},
        }  # fmt: skip
        task = Task(**(given | values))
        records.save(task)
        return task

    return left


@pytest.fixture
def open_page(context: PageContext, show: Callable[..., Any], settle: Settle, operations: Operations) -> Any:
    def opened(**params: Any) -> TasksPage:
        page = show(TasksPage(context))
        operations.changes_published.connect(page.on_changes)
        page.activate(params)
        settle()
        return page

    return opened


def _cell(page: TasksPage, line: int, key: str) -> str:
    number = [column.key for column in page.columns].index(key)
    return str(page.model.index(line, number).data())


def test_what_is_to_be_done_stands_in_words(
    open_page: Any, leave: Any, clock: FixedClock, qtmodeltester: ModelTester
) -> None:
    conflict = {"number": "SH01-D01-SO-000087", "winner": "HZ01-D01-SO-000041"}
    leave(kind="resolve_claim_conflict", record_table="sales_order", params=conflict, due_at=clock.now())
    leave(due_at=clock.now() + timedelta(hours=2, minutes=5))
    clock.advance(timedelta(hours=1))
    page = open_page()
    assert page.describe() == "Tasks 2 tasks"
    assert _cell(page, 0, "text").startswith("Quotation SH01-D01-QU-000003 for 张伟 is ¥2,500.00 below")
    assert [_cell(page, n, "due_at") for n in (0, 1)] == ["in 1 h", "1 h overdue"]
    assert [_cell(page, n, "state") for n in (0, 1)] == ["Open", "Overdue"]
    assert _cell(page, 0, "assignee_name") == "Anybody"
    qtmodeltester.check(page.model)
    set_language("zh_CN")
    assert _cell(page, 1, "text").startswith("订单 SH01-D01-SO-000087 的车辆已归订单")
    assert _cell(page, 1, "due_at") == "逾期 1 小时"
    clock.advance(timedelta(hours=3))
    page.activate({})
    assert _cell(page, 0, "due_at").startswith("逾期")


def test_return_opens_the_record_of_each_kind(
    open_page: Any, leave: Any, settle: Settle, navigator: Travels, qtbot: QtBot
) -> None:
    order = leave(kind="resolve_claim_conflict", record_table="sales_order")
    quotation = leave()
    nowhere = leave(kind="record_rejected", record_table="", params={"record": "X"})
    page = open_page()
    for task in (quotation, order, nowhere):
        page.table.select_id(task.id)
        settle()
        qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert navigator.went == [
        ("quotations", {"quotation_id": quotation.record_id}),
        ("orders", {"order_id": order.record_id}),
    ]
    assert "tasks.open_record" not in [button.objectName() for button in page.verb_buttons()]
    page.table.select_id(order.id)
    settle()
    assert page.verb_buttons()[0].text() == "Open the order"
    page.verb_buttons()[0].click()
    assert navigator.went[-1] == ("orders", {"order_id": order.record_id})


def test_every_record_leads_to_a_page_that_exists() -> None:
    from app.wiring.pages import page_specs

    assert {place.page for place in RECORD_PLACES.values()} <= {spec.key for spec in page_specs()}


def test_ticked_off_and_opened_again(
    open_page: Any, leave: Any, settle: Settle, qtbot: QtBot, dispatcher: Dispatcher, actor: Actor, notifications: Notes
) -> None:
    task = leave()
    page = open_page(task_id=task.id)
    qtbot.keyClick(page.table, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    settle()
    assert dispatcher.read(get_task, actor, task.id).state == "DONE"
    assert notifications.shown[-1][0] == "Ticked off." and page.model.rowCount() == 0
    assert page.context.operations.undo_step is not None
    page.filters.chip("state").choose("DONE")
    settle()
    page.table.select_id(task.id)
    settle()
    assert not page.context.actions.run("tasks.complete")
    page.context.actions.run("tasks.reopen")
    settle()
    assert dispatcher.read(get_task, actor, task.id).state == "OPEN"
    page.filters.chip("state").choose("all")
    settle()
    assert page.model.rowCount() == 1


def test_mine_and_the_branchs(open_page: Any, leave: Any, settle: Settle) -> None:
    leave(assignee_staff_id=staff_of(Role.SALESPERSON).id, params={"number": "N2", "customer": "李娜", "gap_fen": 1})
    leave(branch_id="b" * 31 + "2")
    leave()
    page = open_page()
    assert page.model.rowCount() == 1
    page.whose.buttons()[1].click()
    settle()
    assert page.model.rowCount() == 2 and page.describe() == "Tasks 2 tasks"
    page.filters.search.setText("李娜")
    page.filters.search._say()
    settle()
    assert page.model.rowCount() == 1 and _cell(page, 0, "assignee_name") == "王芳"
    page.filters.search.setText("nothing such")
    page.filters.search._say()
    settle()
    assert page._empty is not None and page._empty.isVisible()
    page.filters.clear()
    page.on_changes(type("C", (), {"touches": lambda self, *t: True})(), None)  # type: ignore[arg-type]
    settle()
    assert page.model.rowCount() == 2  # still the branch's


def test_handed_on_and_taken_over(
    open_page: Any, leave: Any, settle: Settle, dispatcher: Dispatcher, actor: Actor, qtbot: QtBot
) -> None:
    task = leave()
    page = open_page(task_id=task.id)
    qtbot.keyClick(page.table, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    assert page.question is not None
    page.question.submit()
    assert page.question.form.problems() == {"staff_id": "Fill in this field."}
    lookup = page.question.form.editor("staff_id")
    qtbot.keyClicks(lookup.line, "wf")
    qtbot.waitUntil(lambda: lookup._completer.popup().isVisible())
    qtbot.keyClick(lookup._completer.popup(), Qt.Key.Key_Return)
    page.question.submit()
    settle()
    assert dispatcher.read(get_task, actor, task.id).assignee_name == "王芳"
    page.whose.buttons()[1].click()
    settle()
    page.table.select_id(task.id)
    settle()
    page.context.actions.run("tasks.take")
    settle()
    assert dispatcher.read(get_task, actor, task.id).assignee_staff_id == actor.staff_id
    assert not page.context.actions.run("tasks.take")


class TestColleague:
    """A salesperson may not tick off a colleague's task: the refusal says whose it is."""

    @pytest.fixture
    def actor(self, salesperson: Actor) -> Actor:
        return salesperson

    def test_somebody_elses_task(self, open_page: Any, leave: Any, settle: Settle) -> None:
        task = leave(assignee_staff_id=staff_of(Role.BRANCH_MANAGER).id)
        page = open_page(task_id=task.id)
        page.context.actions.run("tasks.complete")
        settle()
        assert page.messages.text() == ("This task is 赵敏's. Ask them, or have it assigned to you first.")


def test_nothing_to_do(open_page: Any) -> None:
    page = open_page()
    assert page._empty is not None and page._empty.isVisible()


def test_due_in_words(clock: FixedClock) -> None:
    now = clock.now()
    said = [due_words(now + delta, now) for delta in (
        timedelta(minutes=40), timedelta(hours=20), timedelta(days=3), timedelta(days=40), timedelta(days=-2),
    )]  # fmt: skip
    assert said == ["in 40 min", "tomorrow 08:00", "in 3 days", "2027-01-01", "2 days overdue"]
    assert due_words(None, now) == "–"
