"""Fixtures for everything with widgets: a theme, a page's context, and guards that let nothing be left behind."""

import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMessageLogContext,
    Qt,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from tests.ui.workplaces import MemoryDrafts, Notes, Travels
from ui.kit.actions import ActionRegistry
from ui.kit.context import PageContext
from ui.kit.errors import ErrorPresenter
from ui.kit.operations import Operations, Workplace
from ui.kit.text import follow_language
from ui.kit.theme import Look, Theme, install_theme
from ui.kit.theme import theme as current_theme
from ui.kit.view_settings import MemoryViewSettings

HARMLESS = (
    "This plugin does not support",  # what the off-screen platform cannot do, such as grabbing the keyboard
    "Couldn't load ",  # libraries that Qt's cameras can do without
    "Couldn't resolve ",
)
THREADS_END_WITHIN = 2.0


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(f"{record.name}: {record.getMessage()}")


@pytest.fixture
def expected_errors() -> list[str]:
    """Parts of Qt messages and logged errors that this test provokes: `expected_errors.append("unexpected error")`."""
    return []


@pytest.fixture(autouse=True)
def guards(qapp: QApplication, expected_errors: list[str]) -> Iterator[None]:
    """Fail on Qt warnings, logged errors, and threads, timers or windows that a test leaves behind."""
    gc.freeze()  # what was there before is not looked through again after each test
    said: list[str] = []

    def hear(kind: QtMsgType, _where: QMessageLogContext, text: str) -> None:
        if kind != QtMsgType.QtDebugMsg and kind != QtMsgType.QtInfoMsg and not text.startswith(HARMLESS):
            said.append(f"Qt: {text}")

    errors = _Errors()
    logging.getLogger().addHandler(errors)
    before = set(threading.enumerate())
    former = qInstallMessageHandler(hear)
    yield
    left = [f"window left open: {widget!r}" for widget in qapp.topLevelWidgets() if widget.isVisible()]
    _close_everything(qapp)
    qInstallMessageHandler(former)
    logging.getLogger().removeHandler(errors)
    left += _timers_left(qapp) + _threads_left(before)
    left += [text for text in said + errors.said if not any(part in text for part in expected_errors)]
    assert not left, "\n".join(left)


def _close_everything(qapp: QApplication) -> None:
    for widget in qapp.topLevelWidgets():
        widget.close()
        widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.processEvents()


def _timers_left(qapp: QApplication) -> list[str]:
    gc.collect()
    return [
        f"timer left running in {widget!r}"
        for widget in qapp.topLevelWidgets()
        for timer in widget.findChildren(QTimer)
        if timer.isActive()
    ]


def _threads_left(before: set[threading.Thread]) -> list[str]:
    until = time.monotonic() + THREADS_END_WITHIN
    while time.monotonic() < until:
        left = [thread for thread in threading.enumerate() if thread not in before and thread.is_alive()]
        if not left:
            return []
        left[0].join(0.05)
    return [f"thread left running: {thread.name}" for thread in left]


@pytest.fixture(autouse=True)
def _released_keys(qapp: QApplication) -> None:
    """Qt takes Ctrl or Shift for held after a `keyClick` with it, and `selectRow` would add to what is selected."""
    if qapp.keyboardModifiers() != Qt.KeyboardModifier.NoModifier:
        QTest.keyRelease(QWidget(), Qt.Key.Key_Shift)


@pytest.fixture(autouse=True)
def theme(qapp: QApplication, guards: None) -> Theme:
    """The theme: light, 100 %, comfortable at the start of each test, whichever windows were open before."""
    try:
        known = current_theme()
    except RuntimeError:
        return install_theme(qapp, Look(scheme="light"))
    if known.look != Look(scheme="light"):
        known.choose(Look(scheme="light"))
    return known


@pytest.fixture(autouse=True)
def _language_events(qapp: QApplication) -> Iterator[None]:
    stop = follow_language(qapp)
    yield
    stop()


@dataclass
class DatabaseWorkplace:
    """`Workplace` on the real encrypted test database."""

    dispatcher: Dispatcher
    actor: Actor

    def read(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self.dispatcher.read(function, self.actor, *args, **kwargs)


@pytest.fixture
def workplace(dispatcher: Dispatcher, actor: Actor) -> Workplace:
    """The desk: the real dispatcher on the test's database, as the fixture `actor`; override that for other roles."""
    return DatabaseWorkplace(dispatcher, actor)


@pytest.fixture
def notifications() -> Notes:
    """What was notified: `notifications.shown` is a list of (text, tone, action, on_action)."""
    return Notes()


@pytest.fixture
def navigator() -> Travels:
    """Where the page sent people: `navigator.went` is a list of (page key, params)."""
    return Travels()


@pytest.fixture
def drafts() -> MemoryDrafts:
    """Drafts in memory: `drafts.kept`."""
    return MemoryDrafts()


@pytest.fixture
def bugs() -> list[str]:
    """Debug texts the bug dialog would have shown."""
    return []


@pytest.fixture
def errors(notifications: Notes, bugs: list[str]) -> ErrorPresenter:
    """The funnel, ending in `notifications` and `bugs`."""
    presenter = ErrorPresenter()
    presenter.attach(notifications=notifications, show_bug=bugs.append)
    return presenter


@pytest.fixture
def operations(workplace: Workplace, errors: ErrorPresenter) -> Iterator[Operations]:
    """Real operations with their threads; closed after the test."""
    made = Operations(workplace, errors=errors)
    yield made
    made.close()


@pytest.fixture
def actions(operations: Operations) -> ActionRegistry:
    """The action registry, seen as whoever is signed in."""
    registry = ActionRegistry()
    registry.use_actor(lambda: operations.actor)
    return registry


@pytest.fixture
def context(
    operations: Operations,
    navigator: Travels,
    drafts: MemoryDrafts,
    notifications: Notes,
    theme: Theme,
    actions: ActionRegistry,
    clock: FixedClock,
) -> PageContext:
    """What a page is made with."""
    return PageContext(
        operations=operations,
        navigator=navigator,
        drafts=drafts,
        notifications=notifications,
        theme=theme,
        actions=actions,
        views=MemoryViewSettings(),
        clock=clock,
    )


@pytest.fixture
def show(qtbot: QtBot) -> Callable[..., Any]:
    """Shows a widget in a window of a size and waits until it is exposed: `show(page, 1072, 768)`."""

    def shown(widget: QWidget, width: int = 1072, height: int = 768) -> QWidget:
        qtbot.addWidget(widget)
        widget.resize(width, height)
        with qtbot.waitExposed(widget):
            widget.show()
        widget.activateWindow()
        qtbot.waitUntil(lambda: QApplication.activeWindow() is widget)
        return widget

    return shown


@pytest.fixture
def settle(qtbot: QtBot, operations: Operations) -> Callable[[], None]:
    """Waits until nothing is under way: every command and query has been answered and shown."""

    def settled() -> None:
        qtbot.waitUntil(lambda: operations.settled())
        QApplication.processEvents()
        qtbot.waitUntil(lambda: operations.settled())

    return settled
