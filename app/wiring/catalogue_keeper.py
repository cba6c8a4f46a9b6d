"""Puts scheduled changes of the catalogue into force: when a day begins, and when the centre sent rows of it."""

from datetime import date

from PySide6.QtCore import QObject, QTimer

from app.kernel.changes import Changes
from app.kernel.clock import branch_date
from app.wiring.desk import Desk
from ui.kit.operations import Operations

_LOOK_EVERY_MS = 60_000


class CatalogueKeeper(QObject):
    """Started with the window; opening the desk has settled the catalogue for the day already."""

    def __init__(self, desk: Desk, operations: Operations, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk, self._operations = desk, operations
        self._settled_on: date | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begin to watch the day."""
        self._settled_on = branch_date(self._desk.clock.now())
        self._timer.start()

    def stop(self) -> None:
        """Watch no longer. Idempotent."""
        self._timer.stop()

    def look(self) -> None:
        """A new day: what was scheduled for it comes into force."""
        today = branch_date(self._desk.clock.now())
        if self._settled_on != today and self._desk.is_open:
            self._settled_on = today
            self._settle(None)

    def note_received(self, changes: Changes) -> None:
        """Rows came from the centre."""
        from app.catalog.settling import concerns_catalogue

        if concerns_catalogue(changes) and self._desk.is_open:
            self._settle(changes)

    def _settle(self, arrived: Changes | None) -> None:
        from app.catalog.settling import settle_catalogue

        desk = self._desk
        self._operations.run_plain(
            self, lambda: settle_catalogue(desk.database, clock=desk.clock, arrived=arrived),
            on_done=lambda settled: self._operations.publish(settled, self), writes=True,
        )  # fmt: skip
