"""The window: navigation by role, keys, palette, undo, notifications, lock and switch, look and language."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.kernel.changes import Changes
from app.kernel.clock import FixedClock
from app.kernel.permissions import Role
from app.runtime.language import language, set_language
from tests.ui.workplaces import PASSWORD, PIN, MemoryDrafts, MemoryStart, MemoryWorkplace, RenameNote
from ui.kit.feedback import ProgressStrip
from ui.kit.operations import Operations
from ui.kit.theme import Theme
from ui.shell.bug_dialog import BugDialog
from ui.shell.main_window import MainWindow
from ui.shell.notifications import AT_ONCE
from ui.shell.pages import Group, PageSpec
from ui.shell.palette import matches
from ui.shell.ports import SyncStatus
from ui.shell.preferences import MemoryPreferences
from ui.shell.status_bar import sync_tone, sync_words

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def key(qtbot: QtBot, which: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the focus is."""
    focus = QApplication.focusWidget()
    assert focus is not None
    qtbot.keyClick(focus, which, modifier)


def titles(window: MainWindow) -> list[str]:
    """The lines of the palette."""
    return [entry.title for entry in window.palette_overlay.model.entries]


# --- navigation ------------------------------------------------------------------------------------


def test_the_navigation_shows_what_the_role_may_open(make_window: Callable[..., MainWindow]) -> None:
    window = make_window()
    assert [item.spec.key for item in window.navigation.items] == ["units", "notes", "sync"]
    assert window.pages.current_key == "units" and window.windowTitle() == "Vehicles – Forecourt"
    window.close()
    manager = make_window(Role.BRANCH_MANAGER)
    assert [item.spec.key for item in manager.navigation.items] == ["units", "notes", "approvals", "sync"]


def test_pages_are_made_when_they_are_first_opened(window: MainWindow, qtbot: QtBot) -> None:
    assert window.pages.page("notes") is None
    qtbot.mouseClick(window.navigation.items[1], Qt.MouseButton.LeftButton)
    page: Any = window.pages.page("notes")
    window.pages.open("units")
    window.pages.open("notes", customer_id="c1")
    assert window.pages.page("notes") is page and page.visits == [{}, {"customer_id": "c1"}]
    assert window.navigation.items[1].accessibleName() == "Notes, current page"


def test_keys_lead_to_pages_and_back(window: MainWindow, qtbot: QtBot) -> None:
    window.pages.current_page.table.setFocus()
    key(qtbot, Qt.Key.Key_2, ALT)
    assert window.pages.current_key == "notes"
    window.pages.current_page.form.focus_first()
    key(qtbot, Qt.Key.Key_Left, ALT)
    assert window.pages.current_key == "units"
    window.pages.back()
    assert window.pages.current_key == "units" and not window.pages.can_go_back


def test_what_may_not_be_opened_is_said(window: MainWindow) -> None:
    window.pages.open("approvals")
    window.pages.open("no such page")
    said = [toast.text() for toast in window.toasts.toasts]
    assert said == [
        "Your role cannot open Approvals. Switch user, or ask a manager.",
        "This page is not part of this installation.",
    ]
    assert window.pages.current_key == "units"


def test_a_page_key_is_registered_once(window: MainWindow) -> None:
    with pytest.raises(ValueError, match="twice"):
        window.register_page(PageSpec("units", "Again", "car", lambda context: window.pages.current_page))


def test_the_page_in_front_is_in_sight_in_the_navigation(
    make_window: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = make_window()
    navigation = window.navigation
    spec, other = navigation.items[0].spec, navigation.items[1].spec
    navigation.show_pages([replace(spec, key=f"page{n}") for n in range(60)])
    navigation.set_current("page59")
    last = navigation.items[-1]
    qtbot.waitUntil(lambda: bool(last.accessibleName()) and not last.visibleRegion().isEmpty())
    window.pages.register(replace(other, key="tab", in_navigation=False, under="units"))
    navigation.show_pages([spec])
    window.pages.open("tab")
    assert "current page" in navigation.items[0].accessibleName()


def test_the_navigation_can_be_narrowed_and_stays_so(
    window: MainWindow, qtbot: QtBot, preferences: MemoryPreferences, make_window: Callable[..., MainWindow]
) -> None:
    assert window.navigation.width() == 208
    window.pages.current_page.table.setFocus()
    key(qtbot, Qt.Key.Key_B, CTRL)
    qtbot.waitUntil(lambda: window.navigation.width() == 56)
    assert window.navigation.items[0].toolTip() == "Vehicles (Alt+1)"
    window.close()
    assert make_window().navigation.width() == 56


def test_where_there_is_no_room_for_names_the_navigation_is_narrow_by_itself(
    window: MainWindow, qtbot: QtBot, theme: Theme
) -> None:
    window.resize(1280, 800)
    assert not window.navigation.narrow
    theme.choose(replace(theme.look, scale=2.0))
    window.resize(1280, 800)
    qtbot.waitUntil(lambda: window.navigation.width() == 112)
    assert window.navigation.narrow and not window.navigation.wanted_narrow
    key(qtbot, Qt.Key.Key_B, CTRL)
    assert not window.navigation.narrow
    key(qtbot, Qt.Key.Key_B, CTRL)
    assert window.navigation.wanted_narrow
    key(qtbot, Qt.Key.Key_B, CTRL)
    theme.choose(replace(theme.look, scale=1.0))
    qtbot.waitUntil(lambda: window.navigation.width() == 208)


def test_groups_keep_their_order() -> None:
    assert [str(group) for group in Group] == ["Sales", "Stock", "Service", "Office", "Desk"]


def test_every_page_hears_of_changes(window: MainWindow, operations: Operations, qtbot: QtBot) -> None:
    window.pages.open("notes")
    asked = len(window.pages.page("units").source.asked)
    operations.publish(Changes({"vehicle_unit": frozenset({"1"})}))
    window.pages.open("units")
    qtbot.waitUntil(lambda: len(window.pages.page("units").source.asked) == asked + 1)


def test_f6_goes_round_the_areas(window: MainWindow, qtbot: QtBot) -> None:
    page = window.pages.current_page
    page.table.selectRow(0)
    page.table.setFocus()
    been = []
    for _step in range(4):
        key(qtbot, Qt.Key.Key_F6)
        focus = QApplication.focusWidget()
        been.append(next(name for name, area in {
            "navigation": window.navigation, "filters": page.filters, "panel": page.panel, "table": page.table,
        }.items() if area is focus or area.isAncestorOf(focus)))  # fmt: skip
    assert been == ["panel", "navigation", "filters", "table"]


# --- palette and keys ------------------------------------------------------------------------------


def test_the_palette_finds_records_and_actions_by_role(window: MainWindow, qtbot: QtBot, settle: Any) -> None:
    window.pages.current_page.table.setFocus()
    key(qtbot, Qt.Key.Key_K, CTRL)
    assert window.palette_overlay.isVisible() and window.palette_overlay.field.hasFocus()
    assert "New vehicle" in titles(window) and "Lock or switch user" in titles(window)
    qtbot.keyClicks(window.palette_overlay.field, "note")
    qtbot.waitUntil(lambda: "LDCnote1" in titles(window))
    found = titles(window)
    assert found[:4] == ["Vehicles", "LDCnote1", "Customers", "王小明"] and "Notes" in found
    assert "Quotation 7" not in found  # a salesperson cannot open approvals
    key(qtbot, Qt.Key.Key_Down)
    key(qtbot, Qt.Key.Key_Return)
    assert not window.palette_overlay.isVisible() and window.pages.current_key == "notes"
    assert window.pages.current_page.visits[-1] == {"customer_id": "c1"}
    settle()


def test_the_palette_runs_an_action_and_says_when_there_is_nothing(
    window: MainWindow, qtbot: QtBot, settle: Any
) -> None:
    window.palette_overlay._search_query = None
    window.open_palette()
    qtbot.keyClicks(window.palette_overlay.field, "dark")
    assert titles(window) == ["Look", "Dark", "Light or dark as the system"]
    key(qtbot, Qt.Key.Key_Return)
    assert window.preferences.settings.theme == "dark"
    window.open_palette()
    qtbot.keyClicks(window.palette_overlay.field, "zzz")
    assert titles(window) == ["Nothing found for “zzz”"]
    key(qtbot, Qt.Key.Key_Return)
    key(qtbot, Qt.Key.Key_Escape)
    assert not window.palette_overlay.isVisible()


def test_words_match_their_beginnings_and_chinese_anywhere(window: MainWindow) -> None:
    action = window.actions_registry.get("window.lock")
    assert matches("lock us", action) and matches("", action) and not matches("ock", action)
    set_language("zh_CN")
    assert matches("切换", action)


def test_overlays_keep_the_focus_inside_and_give_it_back(window: MainWindow, qtbot: QtBot) -> None:
    table = window.pages.current_page.table
    table.setFocus()
    window.open_keys()
    for _step in range(6):
        key(qtbot, Qt.Key.Key_Tab)
        assert window.keys_overlay.isAncestorOf(QApplication.focusWidget())
    key(qtbot, Qt.Key.Key_Escape)
    assert table.hasFocus()
    window.open_palette()
    qtbot.mouseClick(window.palette_overlay, Qt.MouseButton.LeftButton, pos=window.rect().bottomLeft() / 2 * 1)
    assert not window.palette_overlay.isVisible()


def test_f1_lists_every_key_of_the_page_and_finds_them(window: MainWindow, qtbot: QtBot) -> None:
    window.pages.current_page.table.setFocus()
    key(qtbot, Qt.Key.Key_F1)
    shown = window.keys_overlay.shown()
    assert shown["New vehicle"] == "Ctrl+N" and shown["Find or do anything"] == "Ctrl+K" and shown["Notes"] == "Alt+2"
    with_keys = [action for action in window.actions_registry.available() if action.key]
    assert len(shown) == len(with_keys)
    qtbot.keyClicks(window.keys_overlay.field, "lock")
    assert list(window.keys_overlay.shown()) == ["Lock or switch user"]
    labels = [label.text() for label in window.keys_overlay.findChildren(QLabel) if label.isVisible()]
    assert "Lock or switch user" in labels and "New vehicle" not in labels
    set_language("zh_CN")
    window.keys_overlay.field.clear()
    assert "通用" in [label.text() for label in window.keys_overlay.findChildren(QLabel) if label.isVisible()]


# --- undo, notifications, long work, bugs ----------------------------------------------------------


def test_ctrl_z_takes_back_and_says_what(
    window: MainWindow, operations: Operations, workplace: MemoryWorkplace, qtbot: QtBot, settle: Any
) -> None:
    operations.run_command(window, RenameNote(note_id="n1", text="b"), name="Rename the note")
    settle()
    assert any(action.id == "window.undo" for action in window.actions_registry.available())
    window.pages.current_page.table.setFocus()
    key(qtbot, Qt.Key.Key_Z, CTRL)
    settle()
    assert workplace.notes["n1"] == "first" and window.toasts.toasts[-1].text() == "Undone: Rename the note"
    key(qtbot, Qt.Key.Key_Z, CTRL)
    assert window.toasts.toasts[-1].text() == "There is nothing to undo."


def test_ctrl_z_in_a_field_takes_back_typing(window: MainWindow, qtbot: QtBot, workplace: MemoryWorkplace) -> None:
    window.pages.open("notes")
    form = window.pages.current_page.form
    form.focus_first()
    qtbot.keyClicks(QApplication.focusWidget(), "abc")
    key(qtbot, Qt.Key.Key_Z, CTRL)
    assert form.value("text") == "" and window.toasts.toasts == []


def test_notifications_pass_by_and_stay_in_the_list(window: MainWindow, qtbot: QtBot, later: Any) -> None:
    ran: list[int] = []
    for number in range(5):
        window.notifications.show(f"news {number}")
    window.notifications.show("disk full", tone="bad", action="Try again", on_action=lambda: ran.append(1))
    assert len(window.toasts.toasts) == AT_ONCE and window.status._unread.text() == "6"
    button = next(one for one in window.toasts.findChildren(QPushButton) if one.text() == "Try again")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert ran == [1] and len(window.toasts.toasts) == AT_ONCE - 1
    window.toasts.toasts[0]._timer.setInterval(1)
    window.toasts.toasts[0]._timer.start()
    qtbot.waitUntil(lambda: len(window.toasts.toasts) == AT_ONCE - 2)
    later(12)
    window.open_messages()
    labels = [label.text() for label in window.messages_overlay.findChildren(QLabel) if label.text()]
    assert labels[:3] == ["Messages", "disk full", "12 min ago"] and not window.status._unread.isVisible()


def test_toasts_stand_inside_the_window(window: MainWindow, qtbot: QtBot) -> None:
    window.notifications.show("A long piece of news that goes on in a second line because there is so much to say.")
    QApplication.processEvents()
    assert window.rect().contains(window.toasts.geometry())
    window.resize(1024, 640)
    QApplication.processEvents()
    assert window.rect().contains(window.toasts.geometry())


def test_long_work_has_a_bar_in_the_window(window: MainWindow, operations: Operations, qtbot: QtBot) -> None:
    gate = threading.Event()
    job = operations.run_long(window, lambda progress: gate.wait(5), title="Importing vehicles")
    qtbot.waitUntil(lambda: any(strip.isVisible() for strip in window.findChildren(ProgressStrip)))
    with qtbot.waitSignal(job.finished):
        gate.set()
    qtbot.waitUntil(lambda: not window.findChildren(ProgressStrip))


def test_a_bug_is_shown_once_and_can_be_copied(
    window: MainWindow, errors: Any, qtbot: QtBot, expected_errors: list[str]
) -> None:
    expected_errors.append("unexpected error")
    errors.present(ZeroDivisionError("13800138000"))
    errors.present(ZeroDivisionError("again"))
    (dialog,) = window.findChildren(BugDialog)
    qtbot.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert "ZeroDivisionError" in QGuiApplication.clipboard().text()
    assert "13800138000" not in QGuiApplication.clipboard().text() and dialog.copy.text() == "Copied"
    dialog.close()
    qtbot.waitUntil(lambda: not window.findChildren(BugDialog))


# --- lock and switch -------------------------------------------------------------------------------


def test_locked_nothing_can_be_seen_or_done(
    window: MainWindow, qtbot: QtBot, operations: Operations, settle: Any
) -> None:
    window.pages.current_page.table.selectRow(0)
    window.pages.current_page.table.setFocus()
    before = window.grab().toImage()
    key(qtbot, Qt.Key.Key_L, CTRL)
    settle()
    assert window.locked
    for which in (Qt.Key.Key_K, Qt.Key.Key_N, Qt.Key.Key_Z):
        key(qtbot, which, CTRL)
    key(qtbot, Qt.Key.Key_Escape)
    assert window.locked and not window.palette_overlay.isVisible()
    for _step in range(8):
        key(qtbot, Qt.Key.Key_Tab)
        assert window.lock_overlay.isAncestorOf(QApplication.focusWidget())
    picture = window.grab().toImage()
    changed = sum(picture.pixel(x, y) != before.pixel(x, y) for x in range(220, 1200, 7) for y in range(110, 180, 3))
    assert changed > 1000  # the rows behind are gone


def test_locking_closes_dialogs_and_menus(window: MainWindow, qtbot: QtBot, settle: Any) -> None:
    from ui.kit.dialogs import ask

    ran: list[int] = []
    ask(window, title="Cancel order?", text="For good.", verb="Cancel order", on_yes=lambda: ran.append(1))
    window.lock()
    settle()
    assert [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()] == [window] and ran == []


def test_the_same_person_comes_back_to_the_same_place(window: MainWindow, qtbot: QtBot, settle: Any) -> None:
    window.pages.open("notes")
    page = window.pages.current_page
    page.form.focus_first()
    qtbot.keyClicks(QApplication.focusWidget(), "half a sent")
    window.lock()
    settle()
    card = window.lock_overlay.sign_in
    assert card._secret.hasFocus() and card._secret.placeholderText() == "PIN or password"
    qtbot.keyClicks(card._secret, PIN)
    key(qtbot, Qt.Key.Key_Return)
    settle()
    assert not window.locked and window.pages.current_page is page and page.form.value("text") == "half a sent"
    page.form.drop_draft()
    settle()


def test_another_person_gets_a_clean_desk_and_the_draft_stays_with_its_owner(
    window: MainWindow, qtbot: QtBot, operations: Operations, drafts: MemoryDrafts, settle: Any
) -> None:
    switched: list[str] = []
    window.user_changed.connect(lambda actor: switched.append(actor.name))
    operations.run_command(window, RenameNote(note_id="n1", text="b"))
    window.pages.open("notes")
    settle()
    window.pages.current_page.form.focus_first()
    qtbot.keyClicks(QApplication.focusWidget(), "mine")
    window.lock()
    settle()
    card = window.lock_overlay.sign_in
    item = card._list.item(1)
    qtbot.mouseClick(card._list.viewport(), Qt.MouseButton.LeftButton, pos=card._list.visualItemRect(item).center())
    qtbot.keyClicks(card._secret, PASSWORD)
    key(qtbot, Qt.Key.Key_Return)
    settle()
    assert switched == ["赵敏"] and not window.locked and window.actor.role == Role.BRANCH_MANAGER
    assert window.pages.current_key == "units" and window.pages.page("notes") is None
    assert "approvals" in [item.spec.key for item in window.navigation.items]
    assert operations.undo_step is None and drafts.kept["note"]["text"] == "mine"


def test_a_wrong_secret_is_said_and_locks_nobody_out(window: MainWindow, qtbot: QtBot, settle: Any) -> None:
    window.lock()
    settle()
    card = window.lock_overlay.sign_in
    qtbot.keyClicks(card._secret, "wrong")
    key(qtbot, Qt.Key.Key_Return)
    settle()
    assert window.locked and card.message() == "Name and password do not fit."
    qtbot.keyClicks(card._secret, PIN)
    key(qtbot, Qt.Key.Key_Return)
    settle()
    assert not window.locked


def test_idle_time_locks_by_the_stricter_limit(
    make_window: Callable[..., MainWindow],
    start_port: MemoryStart,
    preferences: MemoryPreferences,
    qtbot: QtBot,
    settle: Any,
) -> None:
    start_port.minutes = 3
    preferences.change(lock_minutes=10)
    window = make_window()
    settle()
    now = [0.0]
    window.inactivity._seconds = lambda: now[0]
    window.inactivity.touch()
    now[0] = 179.0
    window.inactivity.check()
    assert not window.locked
    window.pages.current_page.table.setFocus()
    from PySide6.QtTest import QTest

    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Down)  # somebody is there
    now[0] = 300.0
    window.inactivity.check()
    assert not window.locked
    now[0] = 360.0
    window.inactivity.check()
    settle()
    assert window.locked


# --- status ----------------------------------------------------------------------------------------


def test_the_sync_state_is_honest(clock: FixedClock) -> None:
    now = clock.now()

    def said(**values: Any) -> tuple[str, str]:
        status = SyncStatus(configured=True, **values)
        return sync_words(status, clock), sync_tone(status, clock)

    assert said(last_agreed_at=now - timedelta(minutes=2)) == ("last agreed 2 min ago", "good")
    assert said(last_agreed_at=now - timedelta(hours=3)) == ("last agreed 3 h ago", "warn")
    assert said(unsent=3, oldest_unsent_at=now - timedelta(minutes=12), last_agreed_at=now) == (
        "3 changes not yet sent · oldest 12 min",
        "warn",
    )
    assert said(offline_since=now - timedelta(hours=2, minutes=48), unsent=1) == (
        "offline since 09:12 · 1 change not yet sent",
        "warn",
    )
    assert said(offline_since=now - timedelta(hours=1), unsent=1, problem="It does not answer.")[0] == (
        "offline since 11:00 · 1 change not yet sent · It does not answer."
    )
    assert said(offline_since=now - timedelta(days=3))[0] == "offline since 2026-11-19 12:00"
    assert said(refused=1, last_agreed_at=now) == ("1 change refused by the centre · last agreed just now", "bad")
    assert said(lost=2, refused=1, last_agreed_at=now) == (
        "2 orders lost their vehicles · 1 change refused by the centre · last agreed just now", "bad"
    )  # fmt: skip
    assert said() == ("has not agreed with the centre yet", "neutral")
    assert said(problem="certificate not trusted") == ("certificate not trusted", "warn")
    set_back = SyncStatus(configured=True, last_agreed_at=clock.now(), clock_was=clock.now() + timedelta(days=1))
    assert sync_words(set_back, clock).startswith("the clock was set back from 2026-")
    assert sync_tone(set_back, clock) == "warn"
    alone = SyncStatus()
    assert (sync_words(alone, clock), sync_tone(alone, clock)) == ("works without a centre", "neutral")


def test_the_status_bar_shows_it_and_opens_its_page(
    window: MainWindow, clock: FixedClock, qtbot: QtBot, later: Any
) -> None:
    window.set_sync_status(SyncStatus(configured=True, last_agreed_at=clock.now()))
    assert window.status.sync.text() == "last agreed just now" and window.status.sync.accessibleName()
    later(2)
    window.status.sync._timer.timeout.emit()
    assert window.status.sync.text() == "last agreed 2 min ago"
    assert "2026-11-22 12:00" in window.status.sync.toolTip()
    qtbot.mouseClick(window.status.sync, Qt.MouseButton.LeftButton)
    assert window.pages.current_key == "sync"


# --- look and language -----------------------------------------------------------------------------


def test_a_problem_has_its_reference_in_the_tooltip(window: MainWindow) -> None:
    window.set_sync_status(SyncStatus(configured=True, problem="The service is busy.", reference="a" * 32))
    assert f"Reference: {'a' * 32}" in window.status.sync.toolTip()


def test_closing_says_what_is_unsent(window: MainWindow, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QCloseEvent, "spontaneous", lambda _event: True)
    oldest = clock.now() - timedelta(hours=2)
    window.set_sync_status(SyncStatus(configured=True, unsent=3, oldest_unsent_at=oldest, offline_since=oldest))
    window.close()
    assert window.isVisible()
    (question,) = [one for one in window.findChildren(QDialog) if one.isVisible()]
    said = "\n".join(label.text() for label in question.findChildren(QLabel))
    assert "3 changes have not been sent to the centre. The oldest has waited for 2 h." in said
    assert "cannot be reached" in said
    question.reject()
    assert window.isVisible()
    window.close()
    (question,) = [one for one in window.findChildren(QDialog) if one.isVisible()]
    next(one for one in question.findChildren(QPushButton) if one.text() == "Close all the same").click()
    assert not window.isVisible()


def test_closing_asks_nothing_when_all_is_sent(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QCloseEvent, "spontaneous", lambda _event: True)
    window.set_sync_status(SyncStatus(configured=True))
    window.close()
    assert not window.isVisible()


def test_language_and_look_change_while_it_runs(
    window: MainWindow, theme: Theme, preferences: MemoryPreferences
) -> None:
    run = window.actions_registry.run
    run("look.language")
    assert language() == "zh_CN" and preferences.settings.language == "zh_CN"
    assert [label.text() for label in window.navigation._groups] == ["销售", "终端"]
    run("look.language")
    assert language() == "en"
    run("look.dark")
    assert theme.scheme == "dark" and preferences.settings.theme == "dark"
    run("look.density")
    assert theme.row_height == 28 and preferences.settings.density == "compact"
    run("look.scale_150")
    QApplication.processEvents()
    assert window.navigation.width() == 312 and preferences.settings.scale == 150


def test_no_text_is_left_in_english(window: MainWindow) -> None:
    set_language("zh_CN")
    window.open_keys()
    said = [label.text() for label in window.keys_overlay.findChildren(QLabel) if label.isVisible()]
    ours = [text for text in said if text.isascii() and len(text) > 9 and not text.startswith(("Ctrl", "Alt"))]
    assert [text for text in ours if text not in ("New vehicle", "Vehicles")] == []


def test_every_control_of_the_window_has_a_name(window: MainWindow) -> None:
    window.pages.current_page.table.selectRow(0)
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled():
            named = widget.accessibleName() or (widget.text() if hasattr(widget, "text") else "")
            assert named, widget


def test_the_window_remembers_its_place(
    window: MainWindow, make_window: Callable[..., MainWindow], preferences: MemoryPreferences
) -> None:
    window.resize(1024, 700)  # no larger: the off-screen screen is small
    window.close()
    assert preferences.settings.window
    again = make_window()
    assert (again.width(), again.height()) == (1024, 700)
