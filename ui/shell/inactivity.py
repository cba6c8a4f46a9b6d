"""Notices when nobody has touched the desk for a while."""

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QWindow

CHECK_MS = 5_000
_INPUT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
    }
)


class InactivityWatch(QObject):
    """`idle` after `minutes` without input into any window; 0 never.

    It watches the native windows, not the application: a filter on every event of every widget would be paid for in
    each repaint.
    """

    idle = Signal()

    def __init__(self, parent: QObject, *, minutes: int = 0, seconds: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._seconds = seconds
        self._minutes = minutes
        self._last = seconds()
        self._watched: set[int] = set()
        self._timer = QTimer(self)
        self._timer.setInterval(CHECK_MS)
        self._timer.timeout.connect(self.check)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.focusWindowChanged.connect(self.watch)

    def set_minutes(self, minutes: int) -> None:
        """Another span; 0 never."""
        self._minutes = minutes
        self.touch()
        if minutes > 0:
            self._timer.start()
        else:
            self._timer.stop()

    def stop(self) -> None:
        """Watch no longer: the window is closed or locked."""
        self._timer.stop()

    def resume(self) -> None:
        """Watch again from now on."""
        self.set_minutes(self._minutes)

    def touch(self) -> None:
        """Somebody is there."""
        self._last = self._seconds()

    def check(self) -> None:
        """Say `idle` if it has been long enough."""
        if self._minutes > 0 and self._seconds() - self._last >= self._minutes * 60:
            self.touch()
            self.idle.emit()

    def watch(self, window: QWindow | None) -> None:
        """Hear of input into this window, too."""
        if window is not None and id(window) not in self._watched:
            self._watched.add(id(window))
            window.installEventFilter(self)
            number = id(window)
            window.destroyed.connect(lambda _object=None: self._watched.discard(number))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _INPUT:
            self.touch()
        return super().eventFilter(watched, event)
