"""Prices whose day has come are carried into the stock: when somebody sits down, at midnight, after records arrived."""

from PySide6.QtCore import QObject, QTimer

from app.kernel.changes import Changes
from app.kernel.permissions import Permission
from app.wiring.desk import Desk
from ui.kit.operations import Operations

LOOK_EVERY_MS = 5 * 60 * 1000
_TABLES = ("price_change", "price_line")


class DuePrices(QObject):
    """Looks for due prices on a reader thread; a transaction is opened only where there are some."""

    def __init__(self, desk: Desk, operations: Operations, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._operations = desk, operations
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Look now, and every few minutes: midnight is only noticed by looking."""
        self._timer.start()
        self.look()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def note_changes(self, changes: Changes) -> None:
        """Records arrived from the centre."""
        if changes.touches(*_TABLES):
            self.look()

    def look(self) -> None:
        """Apply what is due, if somebody sits here who may write stock."""
        from app.pricing.applying import prices_are_due

        if not self._desk.signed_in or not self._desk.actor.may(Permission.INVENTORY_HOLD):
            return
        self._operations.run_query(self, prices_are_due, on_done=self._on_looked, key="due prices")

    def _on_looked(self, due: bool) -> None:
        from app.pricing.commands import ApplyDuePrices

        if due and self._desk.signed_in:
            self._operations.run_command(self, ApplyDuePrices())
