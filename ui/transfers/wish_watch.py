"""Watches, behind all pages, for wishes of other branches that this one could answer."""

from typing import Any

from PySide6.QtCore import QObject, QTimer

from app.transfers.commands import TendWishes
from app.transfers.wishes import count_wishes_to_tend
from ui.kit.context import PageContext

LOOKS_EVERY_MS = 60_000
_TABLES = ("vehicle_transfer",)


class WishWatch(QObject):
    """Looks once a minute, and when a transfer came in or changed.

    What it does is the same whichever desk does it first (`app.transfers.commands.TendWishes`).
    """

    def __init__(self, context: PageContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._timer = QTimer(self)
        self._timer.setInterval(LOOKS_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        context.operations.changes_published.connect(self._on_changes)

    def look(self) -> None:
        """Find out whether there is anything to do."""
        self._context.operations.run_query(
            self, count_wishes_to_tend, on_done=self._on_found, on_error=_quietly, key="wishes"
        )

    def _on_changes(self, changes: Any, _initiator: object) -> None:
        if changes.touches(*_TABLES):
            self.look()

    def _on_found(self, found: int) -> None:
        if found:
            self._context.operations.run_command(self, TendWishes(), on_error=_quietly)


def _quietly(_error: BaseException) -> bool:
    return True  # it is tried again in a minute; nobody waits for it
