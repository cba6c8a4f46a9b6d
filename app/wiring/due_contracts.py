"""Contracts nobody signed in time, and photos kept long enough: looked for when somebody sits down, and every hour."""

from PySide6.QtCore import QObject, QTimer

from app.wiring.desk import Desk
from ui.kit.operations import Operations

LOOK_EVERY_MS = 60 * 60 * 1000


class DueContracts(QObject):
    """Looks on a reader thread; a transaction is opened only where something is to be done."""

    def __init__(self, desk: Desk, operations: Operations, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._operations = desk, operations
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Look now, and every hour."""
        self._timer.start()
        self.look()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def look(self) -> None:
        """Do what is due, if somebody sits here who may draft contracts."""
        from app.contracts.party_queries import contracts_need_tending

        if self._desk.signed_in:
            self._operations.run_query(self, contracts_need_tending, on_done=self._on_looked, key="due contracts")

    def _on_looked(self, due: bool) -> None:
        from app.contracts.party_commands import TendContracts

        if due and self._desk.signed_in:
            self._operations.run_command(self, TendContracts())
