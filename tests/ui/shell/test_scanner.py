"""A keyboard-wedge scanner and human fingers, told apart by the times of their keys."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app.kernel.permissions import Role
from ui.kit.form import Form
from ui.kit.scanner import Scan
from ui.shell.main_window import MainWindow

VIN = "LDC613P23A1305189"
_KEYS = {"\r": Qt.Key.Key_Return, "\t": Qt.Key.Key_Tab}


class Keys:
    """Sends keys to the native window with times of our own."""

    def __init__(self, window: MainWindow) -> None:
        self.window, self.now = window, 1_000

    def press(self, text: str, *, gap: int) -> None:
        """Each character as one key, `gap` ms after the one before."""
        for character in text:
            self.now += gap
            key = _KEYS.get(character) or Qt.Key(ord(character.upper()) if ord(character) < 256 else 0)
            shift = Qt.KeyboardModifier.ShiftModifier if character.isupper() else Qt.KeyboardModifier.NoModifier
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, key, shift, character)
                event.setTimestamp(self.now)
                QCoreApplication.sendEvent(self.window.windowHandle(), event)
        self.now += 1_000


@pytest.fixture
def seen(window: MainWindow) -> list[Scan]:
    """What the page in front was given; it takes what holds a VIN."""
    taken: list[Scan] = []

    def take(scan: Scan) -> bool:
        taken.append(scan)
        return scan.vin is not None

    window.context.scanner.take(window.pages, take)
    return taken


@pytest.fixture
def keys(window: MainWindow) -> Keys:
    """Keys, with the focus where nothing is typed."""
    window.scan_watch.watch(window.windowHandle())
    window.navigation.setFocus()
    window.pages.current_page.table.setFocus()  # type: ignore[union-attr]
    assert not isinstance(QApplication.focusWidget(), QLineEdit)
    return Keys(window)


@pytest.mark.parametrize("sent", [
    VIN + "\r", VIN + "\t", f"I{VIN}\r", f"I{VIN}I\r", VIN.lower() + "\r", f"https://car.example/q?v={VIN}&k=7\r",
    f"vin: {VIN} 朗逸\r",
])  # fmt: skip
def test_a_burst_is_a_scan(keys: Keys, seen: list[Scan], sent: str) -> None:
    keys.press(sent, gap=8)
    assert [scan.vin for scan in seen] == [VIN]


def test_a_scanner_that_sends_no_enter(keys: Keys, seen: list[Scan], qtbot: QtBot) -> None:
    keys.press(VIN, gap=8)
    qtbot.waitUntil(lambda: [scan.vin for scan in seen] == [VIN])


@pytest.mark.parametrize("gap", [60, 90, 240])
def test_a_person_typing_a_vin_is_no_scanner(keys: Keys, seen: list[Scan], gap: int) -> None:
    keys.press(VIN + "\r", gap=gap)
    assert seen == []


def test_the_longest_gap_can_be_chosen(window: MainWindow, keys: Keys, seen: list[Scan]) -> None:
    keys.press(VIN + "\r", gap=50)
    assert seen == []
    assert window.actions_registry.run("scanner.gap_80")
    keys.press(VIN + "\r", gap=50)
    assert [scan.vin for scan in seen] == [VIN]
    assert window.preferences.settings.scanner_gap_ms == 80
    assert window.actions_registry.run("scanner.gap_20")
    keys.press(VIN + "\r", gap=30)
    assert len(seen) == 1


def test_keys_that_were_no_scan_arrive_in_their_order(window: MainWindow, keys: Keys, qtbot: QtBot) -> None:
    """Somebody rolls fingers over the keys of a list: nothing is lost, only late."""
    heard: list[str] = []

    class Ear(QLineEdit):
        def keyPressEvent(self, event: QKeyEvent) -> None:
            heard.append(event.text())

    ear = Ear(window)
    ear.setReadOnly(True)
    ear.show()
    ear.setFocus()
    keys.press("abcdefg", gap=10)
    assert "".join(heard) == "ab"
    qtbot.waitUntil(lambda: "".join(heard) == "abcdefg")
    keys.press("hijklmn\r", gap=10)
    assert "".join(heard) == "abcdefghijklmn\r"
    keys.press("xyz", gap=10)
    keys.press("!", gap=10)
    assert "".join(heard).endswith("xyz!")


def test_text_fields_are_left_alone(window: MainWindow, keys: Keys, seen: list[Scan], settle_form: Any) -> None:
    form: Form = settle_form
    line = form.editor("text").line
    line.setFocus()
    keys.press(VIN, gap=5)
    assert line.text() == VIN and seen == []


@pytest.fixture
def settle_form(window: MainWindow, qtbot: QtBot) -> Form:
    """The form of the notes page."""
    window.pages.open("notes")
    qtbot.waitUntil(lambda: window.operations.settled())
    form = window.pages.current_page.form  # type: ignore[union-attr]
    assert isinstance(form, Form)
    return form


def test_nothing_is_heard_while_the_window_is_locked(
    window: MainWindow, keys: Keys, seen: list[Scan], qtbot: QtBot
) -> None:
    window.lock()
    qtbot.waitUntil(lambda: window.operations.settled())
    keys.press(VIN + "\r", gap=5)
    assert seen == []


@pytest.mark.parametrize(("role", "opened"), [
    (Role.BRANCH_MANAGER, [("vehicles", {"unknown_vin": VIN})]), (Role.SALESPERSON, []),
])  # fmt: skip
def test_an_unknown_vin_is_offered_to_those_who_may(
    make_window: Callable[..., MainWindow], role: Role, opened: list[Any], qtbot: QtBot, monkeypatch: Any
) -> None:
    window = make_window(role)
    went: list[Any] = []
    monkeypatch.setattr(window.pages, "open", lambda key, /, **params: went.append((key, params)))
    window.scan_watch.watch(window.windowHandle())
    window.navigation.setFocus()
    Keys(window).press(VIN + "\r", gap=5)
    qtbot.waitUntil(lambda: window.operations.settled())
    qtbot.waitUntil(lambda: bool(went) or bool(window.notifications.notices))
    assert went == opened


def test_a_known_vin_opens_the_unit(window: MainWindow, keys: Keys, qtbot: QtBot, monkeypatch: Any) -> None:
    went: list[Any] = []
    monkeypatch.setattr(window.pages, "open", lambda key, /, **params: went.append((key, params)))

    keys.press("LSVAA4182T0000001\r", gap=5)
    qtbot.waitUntil(lambda: went == [("vehicles", {"unit_id": "u1"})])


def test_a_scan_takes_nobody_away_from_what_is_half_typed(
    window: MainWindow, keys: Keys, settle_form: Any, qtbot: QtBot, monkeypatch: Any
) -> None:
    went: list[Any] = []
    monkeypatch.setattr(window.pages, "open", lambda key, /, **params: went.append((key, params)))
    form: Form = settle_form
    form.editor("text").line.insert("half")
    window.navigation.setFocus()
    before = len(window.notifications.notices)
    keys.press("LSVAA4182T0000001\r", gap=5)
    qtbot.waitUntil(lambda: len(window.notifications.notices) > before)
    assert went == [] and form.value("text") == "half"
    window.notifications.notices[-1].on_action()
    assert went == [("vehicles", {"unit_id": "u1"})]
