"""Which windows of their own open while something is made."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget


class ShownWindows(QObject):
    """Hears which top-level widgets are shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(type(watched).__name__)
        return False
