"""Tells a scanner from fingers: a burst of keys, faster than anybody types, where nothing is meant to be typed.

The first two keys of a burst pass, because they may be a person's. From the third on the keys wait until it is known
what they are: a scan goes to the `Scanner`, anything else to the control that would have had them, in their order.
"""

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from app.catalog.vin import SCAN_LIMIT, vin_in
from ui.kit.scanner import Scan, Scanner
from ui.kit.vin_editor import TAKES_SCANS

LEAST = 6
"""Shorter codes are taken for a person's keys."""
PASSING = 2
WAIT_MS = 120
"""A scanner that sends neither Enter nor Tab has ended after this pause."""
_ENDS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab})
_ALONE = frozenset({Qt.Key.Key_Shift, Qt.Key.Key_CapsLock})
_ORDINARY = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier


def is_typing_field(widget: QWidget | None) -> bool:
    """Whether keys pressed here are meant as text. A line for a VIN is for both: a burst is read as a whole."""
    if widget is not None and widget.property(TAKES_SCANS):
        return False
    if isinstance(widget, QComboBox):
        return widget.isEditable()
    if isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit):
        return not widget.isReadOnly()
    return isinstance(widget, QAbstractSpinBox)


class ScanWatch(QObject):
    """Watches the native windows, as `InactivityWatch` does: a filter on every widget would be paid for in repaints."""

    def __init__(self, parent: QObject, scanner: Scanner, *, listening: Callable[[], bool]) -> None:
        super().__init__(parent)
        self._scanner, self._listening = scanner, listening
        self._text = ""
        self._held: list[QKeyEvent] = []
        self._last = 0
        self._replaying = False
        self._swallow_release: set[int] = set()
        self._watched: set[int] = set()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(WAIT_MS)
        self._pause.timeout.connect(self._on_pause)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.focusWindowChanged.connect(self.watch)

    def watch(self, window: QWindow | None) -> None:
        """Hear of keys in this window, too."""
        if window is not None and id(window) not in self._watched:
            number = id(window)
            self._watched.add(number)
            window.installEventFilter(self)
            window.destroyed.connect(lambda _object=None: self._watched.discard(number))

    # --- the burst -------------------------------------------------------------------------------

    def _pressed(self, event: QKeyEvent) -> bool:
        """Look at a key; True keeps it from the control."""
        if event.key() in _ALONE:
            return bool(self._held)
        moment = event.timestamp() or int(time.monotonic() * 1000)
        quick = bool(self._text) and 0 <= moment - self._last <= self._scanner.longest_gap_ms
        self._last = moment
        if not quick:
            self._release()
        if event.key() in _ENDS and not event.modifiers() & ~_ORDINARY:
            return self._ended(event) if quick else self._start("")
        text = event.text()
        if not text or not text.isprintable() or event.modifiers() & ~_ORDINARY or event.isAutoRepeat():
            self._release()
            return False
        if not quick:
            return self._start(text)
        self._text += text
        self._pause.start()
        if len(self._text) <= PASSING:
            return False
        self._held.append(event.clone())
        if len(self._text) > SCAN_LIMIT:
            self._release()
        return True

    def _start(self, text: str) -> bool:
        self._text = text
        return False

    def _ended(self, event: QKeyEvent) -> bool:
        if self._is_taken():
            return True
        if self._held:
            self._held.append(event.clone())
            self._release()
            return True
        self._release()
        return False

    def _is_taken(self) -> bool:
        """Whether what came so far is a scan that somebody wants; forgets it then."""
        text = self._text
        if len(text) < LEAST:
            return False
        self._pause.stop()
        held, self._held, self._text = self._held, [], ""
        if self._scanner.give(Scan(text, vin_in(text))):
            return True
        self._held, self._text = held, text
        return False

    def _on_pause(self) -> None:
        """Nothing came for a while: a VIN is a scan also without Enter; the rest goes where it was typed."""
        if vin_in(self._text) is None or not self._is_taken():
            self._release()

    def _release(self) -> None:
        """The keys that waited go to the control, in their order."""
        self._pause.stop()
        self._text = ""
        held, self._held = self._held, []
        target = QApplication.focusWidget() or QApplication.activeWindow()
        if not held or target is None:
            return
        self._replaying = True
        try:
            for event in held:
                QCoreApplication.sendEvent(target, event)
        finally:
            self._replaying = False

    # --- Qt --------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.KeyPress and not self._replaying and isinstance(event, QKeyEvent):
            if is_typing_field(QApplication.focusWidget()) or not self._listening():
                self._release()
                return False
            return self._pressed(event)
        if kind == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            return bool(self._held)
        return False
