"""The first windows: signing in, the database's secret, problems, and the first run."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.runtime.errors import DiskFailing, KeyringUnavailable, PassphraseTooShort
from app.runtime.language import language, set_language
from sync.client.errors import ServiceUnreachable
from tests.ui.workplaces import CODE, PASSWORD, MemoryFirstRun, MemoryStart
from ui.kit.operations import Operations
from ui.kit.theme import Theme
from ui.shell.first_run import FirstRunWindow
from ui.shell.ports import Beginning, NewBranch
from ui.shell.preferences import DeskPreferences, MemoryPreferences, look_of
from ui.shell.start_window import StartWindow

ROOT = Path(__file__).resolve().parents[3]
HEAVY = (
    "sqlalchemy",
    "pyqtgraph",
    "PySide6.QtPdf",
    "PySide6.QtPrintSupport",
    "requests",
    "reportlab",
    "keyring",
    "numpy",
)


def press(qtbot: QtBot, where: QWidget, text: str) -> None:
    """Click the visible button with these words."""
    button = next(one for one in where.findChildren(QPushButton) if one.text() == text and one.isVisible())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def make_start(
    start_port: MemoryStart, operations: Operations, preferences: MemoryPreferences, qtbot: QtBot, settle: Any
) -> Callable[[], StartWindow]:
    """Makes and shows the first window."""

    def make() -> StartWindow:
        window = StartWindow(start_port, operations, preferences)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is window and window._started)
        QApplication.processEvents()
        settle()
        return window

    return make


def test_before_the_first_paint_nothing_heavy_is_imported() -> None:
    program = (
        "import os, sys; os.environ['QT_QPA_PLATFORM'] = 'offscreen'\n"
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "from ui.kit.theme import install_theme, Look\n"
        "install_theme(app, Look())\n"
        "from ui.kit.operations import Operations; from ui.kit.errors import ErrorPresenter\n"
        "from ui.shell.start_window import StartWindow; from ui.shell.preferences import MemoryPreferences\n"
        "operations = Operations(None, errors=ErrorPresenter())\n"
        "window = StartWindow(None, operations, MemoryPreferences()); window.grab()\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])\n"
        "operations.close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip().splitlines()[-1] == "[]", done.stdout


def test_signing_in_by_keyboard_alone(
    make_start: Any, qtbot: QtBot, settle: Any, preferences: MemoryPreferences
) -> None:
    window, came = make_start(), []
    window.signed_in.connect(lambda actor: came.append(actor.name))
    assert window.sign_in._name.hasFocus() and window.sign_in._list.count() == 6
    qtbot.keyClicks(QApplication.focusWidget(), "zm")
    assert window.sign_in._list.count() == 1
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert window.sign_in._secret.hasFocus() and window.sign_in._person.text() == "赵敏"
    qtbot.keyClicks(QApplication.focusWidget(), PASSWORD)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    settle()
    assert came == ["赵敏"] and preferences.settings.last_staff_id == "s2"


def test_a_login_that_is_not_in_the_list_may_be_typed(
    make_start: Any, qtbot: QtBot, settle: Any, start_port: Any
) -> None:
    start_port.staff = ()
    window, came = make_start(), []
    window.signed_in.connect(lambda actor: came.append(actor.name))
    from tests.ui.workplaces import STAFF

    start_port.staff = STAFF
    qtbot.keyClicks(window.sign_in._name, "zhaomin")
    qtbot.keyClick(window.sign_in._name, Qt.Key.Key_Return)
    qtbot.keyClicks(QApplication.focusWidget(), PASSWORD)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    settle()
    assert came == ["赵敏"]


def test_the_last_person_is_chosen_already(make_start: Any, preferences: MemoryPreferences) -> None:
    preferences.change(last_staff_id="s3")
    window = make_start()
    assert window.sign_in._person.text() == "陈静" and window.sign_in._secret.hasFocus()


def test_arrows_choose_among_the_names(make_start: Any, qtbot: QtBot) -> None:
    window = make_start()
    qtbot.keyClick(window.sign_in._name, Qt.Key.Key_Down)
    qtbot.keyClick(window.sign_in._name, Qt.Key.Key_Down)
    qtbot.keyClick(window.sign_in._name, Qt.Key.Key_Return)
    assert window.sign_in._person.text() == "陈静"


def test_a_delay_counts_down_and_refuses_meanwhile(
    make_start: Any, qtbot: QtBot, settle: Any, start_port: MemoryStart
) -> None:
    start_port.delay_seconds = 3
    window, came = make_start(), []
    window.signed_in.connect(came.append)
    card = window.sign_in
    qtbot.keyClick(card._name, Qt.Key.Key_Return)
    qtbot.keyClicks(card._secret, PASSWORD)
    qtbot.keyClick(card._secret, Qt.Key.Key_Return)
    settle()
    assert card.message() == "Too many wrong attempts. Wait 3 s, then try again." and not card._go.isEnabled()
    qtbot.keyClick(card._secret, Qt.Key.Key_Return)
    settle()
    assert came == []
    card._tick.timeout.emit()
    assert "Wait 2 s" in card.message()
    card._tick.timeout.emit()
    card._tick.timeout.emit()
    assert card.message() == "" and card._go.isEnabled() and not card._tick.isActive()


def test_an_empty_password_is_said(make_start: Any, qtbot: QtBot) -> None:
    window = make_start()
    qtbot.keyClick(window.sign_in._name, Qt.Key.Key_Return)
    qtbot.keyClick(window.sign_in._secret, Qt.Key.Key_Return)
    assert window.sign_in.message() == "Enter the password."


def test_without_a_key_store_the_passphrase_is_asked_for(
    make_start: Any, qtbot: QtBot, settle: Any, start_port: Any
) -> None:
    start_port.passphrase = "blue horse battery"
    window = make_start()
    assert window.card() is window.unlock and window.unlock._secret.hasFocus()
    qtbot.keyClicks(window.unlock._secret, "wrong one")
    qtbot.keyClick(window.unlock._secret, Qt.Key.Key_Return)
    settle()
    assert window.card() is window.unlock and "does not open this database" in window.unlock._message.text()
    qtbot.keyClicks(window.unlock._secret, "blue horse battery")
    press(qtbot, window.unlock, "Unlock")
    settle()
    assert window.card() is window.sign_in and window.sign_in._list.count() == 6


def test_the_recovery_code_opens_too(make_start: Any, qtbot: QtBot, settle: Any, start_port: Any) -> None:
    start_port.passphrase = "blue horse battery"
    window = make_start()
    press(qtbot, window.unlock, "Use the recovery code")
    assert window.unlock._secret.accessibleName() == "Recovery code"
    asked: list[Any] = []
    start_port.open_database = lambda **secrets: asked.append(secrets)
    qtbot.keyClicks(window.unlock._secret, CODE)
    qtbot.keyClick(window.unlock._secret, Qt.Key.Key_Return)
    settle()
    assert asked == [{"passphrase": None, "recovery_code": CODE}] and window.card() is window.sign_in


def test_a_database_that_cannot_be_opened_says_why_and_can_be_tried_again(
    make_start: Any, qtbot: QtBot, settle: Any, start_port: MemoryStart
) -> None:
    start_port.problem = DiskFailing(folder="/data", reason="I/O error")
    window = make_start()
    assert window.card() is window.problem and "Check the disk" in window.problem.text()
    set_language("zh_CN")
    assert "Check the disk" not in window.problem.text()
    set_language("en")
    press(qtbot, window.problem, "Try again")
    settle()
    assert window.card() is window.sign_in


def test_language_and_look_are_chosen_on_the_first_window(
    make_start: Any, qtbot: QtBot, preferences: MemoryPreferences, theme: Theme
) -> None:
    window = make_start()
    press(qtbot, window, "中文")
    assert language() == "zh_CN" and window.sign_in._heading.text() == "现在是谁在使用？"
    from ui.kit.controls import IconButton

    dark = next(button for button in window.findChildren(IconButton) if button.accessibleName() == "深色")
    qtbot.mouseClick(dark, Qt.MouseButton.LeftButton)
    assert theme.scheme == "dark" and preferences.settings.theme == "dark" and dark.accessibleName() == "浅色"


# --- first run -------------------------------------------------------------------------------------


@pytest.fixture
def first_port() -> MemoryFirstRun:
    """A computer with a key store."""
    return MemoryFirstRun()


@pytest.fixture
def make_first(
    first_port: MemoryFirstRun, operations: Operations, preferences: MemoryPreferences, show: Any, settle: Any
) -> Callable[[], FirstRunWindow]:
    """Makes and shows the first-run window."""

    def make() -> FirstRunWindow:
        window = show(FirstRunWindow(first_port, operations, preferences), 1024, 720)
        settle()
        return window

    return make


def test_the_whole_first_run_with_the_key_store(
    make_first: Any, first_port: MemoryFirstRun, qtbot: QtBot, settle: Any
) -> None:
    window, done = make_first(), []
    window.finished.connect(lambda: done.append(1))
    press(qtbot, window, "Create the database")
    settle()
    assert window.step() is window.recovery and window.recovery.code() == CODE and first_port.made_with == [None]
    press(qtbot, window, "Copy")
    assert QGuiApplication.clipboard().text() == CODE
    press(qtbot, window, "I have written it down")
    assert window.step() is window.recovery and "Compare your paper" in window.recovery.message.text()
    for entry, group in zip(window.recovery.entries, ("2m9qa", "5hjne"), strict=True):
        entry.clear()
        qtbot.keyClicks(entry, group)
    press(qtbot, window, "I have written it down")
    assert window.step() is window.contents
    press(qtbot, window, "Begin")
    settle()
    assert done == [1] and first_port.filled == ["demo"]


def test_without_a_key_store_only_the_passphrase_is_left(
    make_first: Any, first_port: Any, qtbot: QtBot, settle: Any
) -> None:
    first_port.problem = "This computer has no safe place for the key."
    window = make_first()
    step = window.protection
    assert not step._ways.isVisible() and step.first.isVisible() and "no safe place" in step._explanation.text()
    press(qtbot, window, "Create the database")
    assert "Enter a passphrase" in step.message.text()
    qtbot.keyClicks(step.first, "blue horse battery")
    qtbot.keyClicks(step.second, "blue horse")
    press(qtbot, window, "Create the database")
    assert "differ" in step.message.text() and first_port.made_with == []
    step.second.clear()
    qtbot.keyClicks(step.second, "blue horse battery")
    qtbot.keyClick(step.second, Qt.Key.Key_Return)
    settle()
    assert first_port.made_with == ["blue horse battery"] and step.first.text() == ""


def test_a_refused_passphrase_and_a_vanished_key_store(
    make_first: Any, first_port: Any, qtbot: QtBot, settle: Any
) -> None:
    window = make_first()
    first_port.fail_with = KeyringUnavailable(reason="locked")
    press(qtbot, window, "Create the database")
    settle()
    assert window.step() is window.protection and window.protection.by_passphrase
    qtbot.keyClicks(window.protection.first, "short")
    qtbot.keyClicks(window.protection.second, "short")
    first_port.fail_with = PassphraseTooShort(field="passphrase", limit=10)
    press(qtbot, window, "Create the database")
    settle()
    assert "at least 10" in window.protection.message.text()


def test_an_empty_branch(make_first: Any, first_port: Any, qtbot: QtBot, settle: Any) -> None:
    window, done = make_first(), []
    window.finished.connect(lambda: done.append(1))
    window._show(window.contents)
    press(qtbot, window, "Empty branch")
    press(qtbot, window, "Begin")
    assert "Fill in all fields" in window.contents.message.text() and done == []
    values = {
        "name_zh": "Xihu",
        "code": "HZ01",
        "desk_code": "D01",
        "administrator": "Zhou",
        "login": "zt",
        "password": "x" * 12,
    }
    for name, text in values.items():
        qtbot.keyClicks(window.contents.fields[name], text)
    press(qtbot, window, "Begin")
    settle()
    assert done == [1] and first_port.filled == [NewBranch(**values, name_en="Xihu")]


def test_filling_can_be_cancelled(make_first: Any, first_port: MemoryFirstRun, qtbot: QtBot, settle: Any) -> None:
    first_port.gate = threading.Event()
    window, done = make_first(), []
    window.finished.connect(lambda: done.append(1))
    window._show(window.contents)
    press(qtbot, window, "Begin")
    qtbot.waitUntil(lambda: window.progress.say.text() == "step 1")
    press(qtbot, window, "Cancel")
    first_port.gate.set()
    settle()
    assert window.step() is window.contents and done == [] and first_port.filled == []
    assert window.contents.go.hasFocus()


# --- preferences -----------------------------------------------------------------------------------


def test_preferences_are_kept_in_the_profile(tmp_path: Path) -> None:
    from app.runtime.paths import Profile

    profile = Profile(tmp_path).prepare()
    DeskPreferences(profile).change(theme="dark", language="zh_CN", density="compact", scale=150)
    settings = DeskPreferences(profile).settings
    assert (settings.theme, settings.language) == ("dark", "zh_CN")
    look = look_of(settings)
    assert (look.scheme, look.scale, look.density) == ("dark", 1.5, "compact")
    assert look_of(MemoryPreferences().settings).scale == 1.0


def test_a_preference_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.runtime.errors import DiskFull
    from app.runtime.paths import Profile
    from ui.shell import preferences

    def full(_profile: Any, _settings: Any) -> None:
        raise DiskFull(folder="x")

    monkeypatch.setattr(preferences, "save_settings", full)
    kept = DeskPreferences(Profile(tmp_path).prepare())
    kept.change(theme="dark")
    assert kept.settings.theme == "dark"


STEPS = (
    ("Going on: 45,000 of 100,000 records are here already", 0.36),
    ("60,000 of 100,000 records received (7.8 of 13.0 MB), about 2 minutes left", 0.48),
)


def test_a_desk_that_was_cut_off_while_joining_goes_on_and_says_how_far_it_is(
    start_port: MemoryStart, operations: Operations, preferences: MemoryPreferences, show: Any, qtbot: QtBot,
    settle: Any,
) -> None:  # fmt: skip
    start_port.holds, start_port.join_steps, start_port.join_gate = Beginning.JOINING, STEPS, threading.Event()
    window = show(StartWindow(start_port, operations, preferences), 1280, 800)
    qtbot.waitUntil(lambda: window.joining is not None)
    card = window.joining
    qtbot.waitUntil(lambda: card.say.text() == STEPS[0][0])
    assert window.card() is card and card.bar.value() == 360 and not card.go.isVisible()
    assert card.bar.accessibleName() == "Receiving the branch's data" and card.cancel.hasFocus()
    qtbot.mouseClick(card.cancel, Qt.MouseButton.LeftButton)
    start_port.join_gate.set()
    qtbot.waitUntil(lambda: card.go.isVisible())
    assert "What was received by now is kept" in card.message.text() and not card.bar.isVisible()
    start_port.join_problem = ServiceUnreachable(address="http://centre.example:8420")
    start_port.join_gate = None
    qtbot.keyClick(card.go, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: "does not answer" in card.message.text())
    assert "tried again by itself" in card.message.text() and card.again.isActive()
    set_language("zh_CN")
    assert card.go.text() == "继续接收" and "centre.example" in card.message.text()
    set_language("en")
    card.again.timeout.emit()
    qtbot.waitUntil(lambda: window.card() is window.sign_in)
    settle()
    assert window.sign_in.staff_list.count() == len(start_port.staff)


def test_a_first_start_that_was_left_before_its_end_goes_on(
    make_start: Any, start_port: MemoryStart, first_port: MemoryFirstRun, operations: Operations,
    preferences: MemoryPreferences, show: Any, settle: Any, qtbot: QtBot,
) -> None:  # fmt: skip
    start_port.holds = Beginning.EMPTY
    window = make_start()
    with qtbot.waitSignal(window.nothing_here):
        window.open_database()
    first = show(FirstRunWindow(first_port, operations, preferences, created=True), 1024, 720)
    settle()
    assert first.step() is first.contents and first.contents.go.hasFocus()


def test_joining_a_group(make_first: Any, first_port: Any, qtbot: QtBot, settle: Any) -> None:
    from sync.client.errors import EnrolmentCodeRefused, ServiceUnreachable

    window, done = make_first(), []
    window.finished.connect(lambda: done.append(1))
    window._show(window.contents)
    press(qtbot, window, "Join a group")
    assert window.contents._text.text().startswith("A further desk")
    press(qtbot, window, "Begin")
    assert "one-time code" in window.contents.message.text() and window.contents.join_fields.address.hasFocus()
    qtbot.keyClicks(window.contents.join_fields.address, "centre.example:8420")
    qtbot.keyClicks(window.contents.join_fields.code, "K7QF-2M9D-XR4T")
    first_port.fail_with = EnrolmentCodeRefused()
    press(qtbot, window, "Begin")
    settle()
    assert "mistyped, used or expired" in window.contents.message.text() and done == []
    assert window.contents.join_fields.code.hasFocus()
    first_port.fail_with = ServiceUnreachable(address="centre.example:8420")
    press(qtbot, window, "Begin")
    settle()
    assert "does not answer" in window.contents.message.text() and window.contents.join_fields.address.hasFocus()
    assert "Check the address" in window.contents.message.text()
    qtbot.keyClick(window.contents.join_fields.code, Qt.Key.Key_Return)
    settle()
    assert done == [1] and first_port.filled == [("centre.example:8420", "K7QF-2M9D-XR4T")]
