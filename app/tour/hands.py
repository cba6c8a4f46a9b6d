"""A pair of hands for real windows: types, presses, clicks, draws, waits for what should come, takes pictures.

Clicks are counted, because the sale has a click budget.
"""

import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from PySide6.QtCore import QMessageLogContext, QPoint, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

PATIENCE_SECONDS = 30.0
_STEP = 0.01
_BETWEEN = 6


def spare_the_platforms_excuses() -> None:
    """Off-screen, Qt says at every window what that platform cannot do; everything else is still said."""

    def say(_kind: QtMsgType, _where: QMessageLogContext, text: str) -> None:
        if not text.startswith("This plugin does not support"):
            print(text, file=sys.stderr)

    qInstallMessageHandler(say)


class NothingHappened(Exception):
    """What should have come did not come in time."""


class Hands:
    """`folder` is where pictures go; without one none are taken."""

    def __init__(self, qt: QApplication, *, folder: Path | None = None, patience: float = PATIENCE_SECONDS) -> None:
        self.qt = qt
        self.folder = folder
        self.patience = patience
        self.clicks = 0
        self.pictures: list[Path] = []

    def wait(self, condition: Callable[[], Any], what: str) -> Any:
        """Let the application work until the condition holds; raises NothingHappened."""
        until = time.monotonic() + self.patience
        while time.monotonic() < until:
            self.qt.processEvents()
            found = condition()
            if found:
                return found
            time.sleep(_STEP)
        raise NothingHappened(f"waited {self.patience:.0f} s for: {what}")

    def settle(self, seconds: float = 0.25) -> None:
        """Let what is under way be painted."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.qt.processEvents()
            time.sleep(_STEP)

    def click(self, target: QWidget) -> None:
        """Press a button with the mouse, once it can be pressed."""
        self.wait(lambda: target.isVisible() and target.isEnabled(), f"{_name(target)} can be clicked")
        self.clicks += 1
        place = QPoint(12, target.height() // 2) if isinstance(target, QAbstractButton) else target.rect().center()
        QTest.mouseClick(target, Qt.MouseButton.LeftButton, pos=place)
        self.qt.processEvents()

    def press(self, key: Qt.Key, *, on: QWidget | None = None, control: bool = False) -> None:
        """Press a key where the focus is, or on a widget."""
        modifier = Qt.KeyboardModifier.ControlModifier if control else Qt.KeyboardModifier.NoModifier
        QTest.keyClick(on or self._focus(), key, modifier)
        self.qt.processEvents()

    def type(self, text: str, *, into: QWidget | None = None) -> None:
        """Type where the focus is, or into a widget; Chinese goes in as an input method would commit it."""
        target = into or self._focus()
        target.setFocus()
        if text.isascii():
            QTest.keyClicks(target, text)
        else:
            from PySide6.QtGui import QInputMethodEvent

            event = QInputMethodEvent()
            event.setCommitString(text)
            QApplication.sendEvent(target, event)
        self.qt.processEvents()

    def draw(self, pad: QWidget, strokes: Sequence[Sequence[tuple[int, int]]]) -> None:
        """Draw strokes on a pad with the mouse; points are in the pad's pixels."""
        for stroke in strokes:
            points = _along(stroke)
            QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=points[0])
            for point in points[1:]:
                QTest.mouseMove(pad, point)
                self.settle(_STEP)
            QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=points[-1])
        self.qt.processEvents()

    def picture(self, window: QWidget, name: str) -> None:
        """Keep a picture of a window."""
        if self.folder is None:
            return
        self.settle()
        path = self.folder / f"{len(self.pictures) + 1:02d}-{name}.png"
        window.grab().save(str(path))
        self.pictures.append(path)

    def _focus(self) -> QWidget:
        focus = QApplication.focusWidget() or QApplication.activeWindow()
        if focus is None:
            raise NothingHappened("no window has the focus")
        return focus


def _along(stroke: Sequence[tuple[int, int]]) -> list[QPoint]:
    """The stroke's points with those between them, as a hand passes over them."""
    points = [QPoint(*stroke[0])]
    for (left, top), (right, bottom) in pairwise(stroke):
        points += [
            QPoint(left + (right - left) * part // _BETWEEN, top + (bottom - top) * part // _BETWEEN)
            for part in range(1, _BETWEEN + 1)
        ]
    return points


def _name(widget: QWidget) -> str:
    return widget.accessibleName() or widget.objectName() or type(widget).__name__
