"""The action registry: one key map, permissions, tooltips."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.kernel.permissions import Permission, Role
from tests.ui.workplaces import MemoryWorkplace, actor_as
from ui.kit.actions import WINDOW, Action, ActionRegistry, KeyTaken
from ui.kit.keys import SHELL_KEYS, Key


def act(action_id: str, key: str | None = None, **more: object) -> Action:
    """An action that does nothing."""
    return Action(action_id, action_id, lambda: None, key=key, **more)  # type: ignore[arg-type]


@pytest.fixture
def owner(qtbot: QtBot) -> QWidget:
    """Stands for a page."""
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def test_one_key_means_one_thing(actions: ActionRegistry, owner: QWidget) -> None:
    actions.add(act("window.palette", Key.PALETTE), owner)
    actions.add(act("a.new", Key.NEW), owner, scope="a")
    actions.add(act("b.new", Key.NEW), owner, scope="b")  # another page may use the same key
    with pytest.raises(KeyTaken):
        actions.add(act("a.other", Key.NEW), owner, scope="a")
    with pytest.raises(KeyTaken):
        actions.add(act("a.search", Key.PALETTE), owner, scope="a")
    with pytest.raises(KeyTaken):
        actions.add(act("window.new", Key.NEW), owner)
    with pytest.raises(ValueError, match="twice"):
        actions.add(act("a.new"), owner, scope="a")


def test_no_page_may_take_a_key_of_the_window_even_before_it_is_registered(
    actions: ActionRegistry, owner: QWidget
) -> None:
    for key in SHELL_KEYS:
        with pytest.raises(KeyTaken):
            actions.add(act("a.x", key), owner, scope="a")


def test_what_is_reachable_from_a_page(actions: ActionRegistry, owner: QWidget) -> None:
    actions.add(act("window.lock"), owner)
    actions.add(act("a.x"), owner, scope="a")
    actions.add(act("b.x"), owner, scope="b")
    actions.set_scope("a")
    assert [action.id for action in actions.available()] == ["a.x", "window.lock"]
    actions.set_scope(WINDOW)
    assert [action.id for action in actions.available()] == ["window.lock"]
    actions.remove_scope("a")
    assert actions.ids() == ["window.lock", "b.x"]


def test_permissions_hide_and_refuse(actions: ActionRegistry, owner: QWidget, workplace: MemoryWorkplace) -> None:
    ran: list[str] = []
    action = Action("orders.approve", "Approve", lambda: ran.append("approve"), permission=Permission.ORDERS_APPROVE)
    actions.add(action, owner)
    assert actions.available() == [] and not actions.run("orders.approve")
    workplace.actor = actor_as(Role.BRANCH_MANAGER)
    assert actions.available() == [action] and actions.run("orders.approve") and ran == ["approve"]


def test_disabled_and_blocked_actions_do_not_run(actions: ActionRegistry, owner: QWidget) -> None:
    ran: list[int] = []
    on = [False]
    actions.add(Action("a.x", "X", lambda: ran.append(1), enabled=lambda: on[0]), owner)
    assert not actions.run("a.x")
    on[0] = True
    actions.block(True)
    assert not actions.run("a.x")
    actions.block(False)
    assert actions.run("a.x") and ran == [1]


def test_keys_work_while_their_owner_has_the_focus(actions: ActionRegistry, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    first, second = QLineEdit(), QLineEdit()
    layout = QVBoxLayout(window)
    layout.addWidget(first)
    layout.addWidget(second)
    ran: list[str] = []
    actions.add(Action("a.x", "X", lambda: ran.append("a"), key="Ctrl+H"), first, scope="a")
    actions.add(Action("w.y", "Y", lambda: ran.append("w"), key="Ctrl+U"), window)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    for field in (first, second):
        field.setFocus()
        qtbot.keyClick(field, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
        qtbot.keyClick(field, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier)
    assert ran == ["a", "w", "w"]


def test_tooltips_name_the_key(actions: ActionRegistry, owner: QWidget) -> None:
    actions.add(Action("a.hold", "Hold vehicle", lambda: None, key="Ctrl+H"), owner)
    assert actions.tooltip("a.hold") == "Hold vehicle (Ctrl+H)"
    assert list(actions.by_group()) == ["This page"]
