"""Staff and branches on the real database, and everybody's own password."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied
from app.kernel.permissions import Actor, Role
from app.runtime.language import set_language
from app.staff.queries import get_branch, get_staff_member, list_staff
from app.staff.sign_in import sign_in, sign_in_with_pin
from db.engine import Database
from tests.factories.people import HANGZHOU, PASSWORD, SHANGHAI, staff_of
from tests.ui.workplaces import Notes
from ui.kit.context import PageContext
from ui.kit.editing import FormSheet
from ui.kit.operations import Operations
from ui.staff.own_access import AccessDialog, add_own_access_actions, change_own_password, set_own_pin
from ui.staff.staff_page import BranchSheet, StaffPage

Settle = Callable[[], None]
NEW_PASSWORD = "harbour lantern seven"


@pytest.fixture
def actor(administrator: Actor) -> Actor:
    """周涛, who may do everything."""
    return administrator


@pytest.fixture
def page(context: PageContext, show: Callable[..., Any], settle: Settle, operations: Operations) -> StaffPage:
    page = show(StaffPage(context))
    operations.changes_published.connect(page.on_changes)
    page.activate({})
    settle()
    return page


def _select(page: StaffPage, settle: Settle, role: Role) -> str:
    person = staff_of(role)
    page.table.select_id(person.id)
    settle()
    return person.id


def test_people_with_role_branch_and_access(page: StaffPage, settle: Settle, qtmodeltester: ModelTester) -> None:
    assert page.describe() == "Staff and branches 9 of 9 people"
    row = page.model.row_at(0)
    assert [column.text_of(row) for column in page.columns][:5] == [
        "周涛", "Administrator", "Shanghai Test Branch", "May sign in", "admin",
    ]  # fmt: skip
    qtmodeltester.check(page.model)
    page.filters.chip("role").choose("branch_manager")
    page.filters.chip("branch_id").choose(HANGZHOU.id)
    settle()
    assert [row.name for row in page.model.rows] == ["徐军"]
    page.filters.clear()
    page.filters.search.setText("wf")
    page.filters.search._say()
    settle()
    assert [row.name for row in page.model.rows] == ["王芳"]


def test_a_new_colleague_may_sign_in(
    page: StaffPage, settle: Settle, qtbot: QtBot, database: Database, clock: FixedClock, notifications: Notes
) -> None:
    qtbot.keyClick(page, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert isinstance(page.sheet, FormSheet)
    form = page.sheet.form
    form.editor("name").line.setFocus()
    form.editor("name").line.insert("诸葛亮")
    form.editor("name").edited.emit()
    assert form.value("login") == "zhugeliang" and form.value("branch_id") == SHANGHAI.id
    form.submitted.emit()
    assert set(form.problems()) == {"role", "password"}
    form.set_value("role", "cashier")
    form.set_value("password", "12345678")
    form.submitted.emit()
    assert "first that are tried" in form.problems()["password"]
    form.set_value("password", NEW_PASSWORD)
    form.set_value("login", "chenjing")
    form.submitted.emit()
    settle()
    assert "陈静 already signs in" in form.problems()["login"]
    form.set_value("login", "zhugeliang")
    form.submitted.emit()
    settle()
    assert page.sheet is None and page.record.name == "诸葛亮" and page.panel.isVisible()
    assert notifications.shown[-1][0]() == "诸葛亮 may sign in now."
    assert sign_in(database, "zhugeliang", NEW_PASSWORD, clock=clock).role == Role.CASHIER


def test_changed_with_the_last_administrator_kept(
    page: StaffPage, settle: Settle, qtbot: QtBot, dispatcher: Dispatcher, actor: Actor
) -> None:
    staff_id = _select(page, settle, Role.SALESPERSON)
    qtbot.keyClick(page.table, Qt.Key.Key_F2)
    assert isinstance(page.sheet, FormSheet)
    form = page.sheet.form
    assert form.value("name") == "王芳" and "password" not in form.values()
    form.set_value("role", "branch_manager")
    form.submitted.emit()
    settle()
    assert dispatcher.read(get_staff_member, actor, staff_id).role == "branch_manager"
    _select(page, settle, Role.ADMINISTRATOR)
    page.context.actions.run("staff.change")
    assert isinstance(page.sheet, FormSheet)
    page.sheet.form.set_value("role", "cashier")
    page.sheet.form.submitted.emit()
    settle()
    assert "last administrator" in page.sheet.form.problems()["role"]
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert page.sheet is None


def test_access_taken_and_given_again(
    page: StaffPage, settle: Settle, qtbot: QtBot, dispatcher: Dispatcher, actor: Actor
) -> None:
    staff_id = _select(page, settle, Role.CASHIER)
    qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    assert page.question is not None
    page.question.submit()
    assert page.question.form.problems() == {"reason": "Fill in this field."}
    page.question.form.set_value("reason", "离职")
    page.question.submit()
    settle()
    assert not dispatcher.read(get_staff_member, actor, staff_id).active
    assert not page.context.actions.run("staff.deactivate")
    page.context.actions.run("staff.reactivate")
    settle()
    assert dispatcher.read(get_staff_member, actor, staff_id).active
    _select(page, settle, Role.ADMINISTRATOR)
    page.context.actions.run("staff.deactivate")
    assert page.question is not None
    page.question.form.set_value("reason", "x")
    page.question.submit()
    settle()
    assert page.messages.text() == "You cannot take away your own access. Ask another administrator."


def test_a_forgotten_password_is_set_anew(
    page: StaffPage, settle: Settle, database: Database, clock: FixedClock
) -> None:
    _select(page, settle, Role.CASHIER)
    page.context.actions.run("staff.password")
    assert page.question is not None
    page.question.form.set_value("password", "chenjing1")
    page.question.submit()
    settle()
    assert "password" in page.question.form.problems()  # her own name
    page.question.form.set_value("password", NEW_PASSWORD)
    page.question.submit()
    settle()
    assert page.question is None
    assert sign_in(database, "chenjing", NEW_PASSWORD, clock=clock).name == "陈静"


def test_branches_and_their_bays(
    page: StaffPage, settle: Settle, qtbot: QtBot, dispatcher: Dispatcher, actor: Actor
) -> None:
    qtbot.keyClick(page, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert isinstance(page.sheet, BranchSheet)
    cards = page.sheet.cards.cards
    assert [card.accessibleName() for card in cards] == ["Hangzhou Test Branch", "Shanghai Test Branch"]
    cards[1].change.click()
    assert isinstance(page.sheet, FormSheet)
    form = page.sheet.form
    assert form.value("bays_general") == 2 and form.value("bays_wash") is None and "code" not in form.values()
    form.set_values({**form.values(), "bays_wash": 3, "bays_body": None, "lock_minutes": 200, "uscc": "123"})
    form.submitted.emit()
    assert {"lock_minutes", "uscc"} <= set(form.problems())
    form.set_value("lock_minutes", 20)
    form.set_value("uscc", "91110108MA01YBNX62")
    form.submitted.emit()
    settle()
    branch = dispatcher.read(get_branch, actor)
    assert branch.work_bays == {"general": 2, "wash": 3} and branch.lock_minutes == 20
    assert isinstance(page.sheet, BranchSheet)
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert page.sheet is None and page.table.hasFocus()


def test_a_further_branch(page: StaffPage, settle: Settle, dispatcher: Dispatcher, actor: Actor) -> None:
    page.context.actions.run("staff.new_branch")
    assert isinstance(page.sheet, FormSheet)
    form = page.sheet.form
    form.set_values({"code": "SH01", "name_zh": "苏州店", "name_en": "Suzhou", "lock_minutes": 10})
    form.submitted.emit()
    settle()
    assert "上海测试店 already has the code" in form.problems()["code"]
    form.set_value("code", "SZ01")
    form.submitted.emit()
    settle()
    assert isinstance(page.sheet, BranchSheet) and len(page.sheet.cards.cards) == 3
    assert {branch.code for branch in page.branches} == {"SH01", "HZ01", "SZ01"}


def test_in_chinese(page: StaffPage, settle: Settle) -> None:
    _select(page, settle, Role.CASHIER)
    set_language("zh_CN")
    assert page.describe() == "员工与门店 9 人中 9 人"
    assert page.panel._subtitle.text() == "收银员"


@pytest.mark.parametrize("role", [Role.SALESPERSON, Role.BRANCH_MANAGER])
def test_others_do_not_manage(dispatcher: Dispatcher, actor_with: Callable[[Role], Actor], role: Role) -> None:
    def read(reader: Any) -> Any:
        return StaffPage.list_rows(None, reader, after=None, limit=10)  # type: ignore[arg-type]

    with pytest.raises(PermissionDenied):
        dispatcher.read(read, actor_with(role))
    assert all(row.phone == "" for row in dispatcher.read(list_staff, actor_with(role)))


class TestOwnAccess:
    """Everybody's own password and PIN, from any page."""

    @pytest.fixture
    def actor(self, cashier: Actor) -> Actor:
        return cashier

    @pytest.fixture
    def window(self, show: Callable[..., Any], context: PageContext) -> QWidget:
        window = show(QWidget(), 800, 600)
        add_own_access_actions(context.actions, window, context)
        return window

    def test_the_own_password(
        self, window: QWidget, context: PageContext, settle: Settle, database: Database, clock: FixedClock,
        notifications: Notes, qtbot: QtBot,
    ) -> None:  # fmt: skip
        assert {action.id for action in context.actions.available()} == {"access.password", "access.pin"}
        dialog = change_own_password(window, context)
        form = dialog.form
        form.set_values({"current_password": "wrong", "new_password": NEW_PASSWORD, "again": "another"})
        dialog.submit()
        assert form.problems() == {"again": "The two are not the same."}
        form.set_value("again", NEW_PASSWORD)
        dialog.submit()
        settle()
        assert "not the present password" in form.problems()["current_password"]
        form.set_value("current_password", PASSWORD)
        qtbot.keyClick(form.editor("again").line, Qt.Key.Key_Return)
        settle()
        assert window.findChildren(AccessDialog) == [] and notifications.shown[-1][0] == "Your password is changed."
        assert sign_in(database, "chenjing", NEW_PASSWORD, clock=clock).name == "陈静"

    def test_the_own_pin(
        self, window: QWidget, context: PageContext, settle: Settle, database: Database, clock: FixedClock, actor: Actor
    ) -> None:
        dialog = set_own_pin(window, context)
        dialog.form.set_values({"current_password": PASSWORD, "pin": "1234"})
        dialog.submit()
        assert "neither a row nor a repeat" in dialog.form.problems()["pin"]
        dialog.form.set_value("pin", "4718")
        dialog.submit()
        settle()
        assert sign_in_with_pin(database, actor.staff_id, "4718", clock=clock).has_pin
        again = set_own_pin(window, context)
        again.form.set_value("current_password", PASSWORD)
        again.submit()
        settle()
        assert not sign_in(database, "chenjing", PASSWORD, clock=clock).has_pin
