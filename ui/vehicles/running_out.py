"""Keeps a list true while something in it runs out: holds, offers."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, QTimer

from app.kernel.clock import Clock
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel

LOOKS_EVERY_MS = 10_000


class RunningOut(QObject):
    """Fetches the list again when `until(row)` of one of its rows has come, and tells meanwhile what time is left.

    Nobody writes anything when a hold ends: it is over at its instant wherever it is read.
    """

    def __init__(
        self, table: RecordTable, model: KeysetTableModel, clock: Clock, *, until: Callable[[Any], datetime | None]
    ) -> None:  # fmt: skip
        super().__init__(table)
        self._table, self._model, self._clock, self._until = table, model, clock, until
        self._timer = QTimer(self)
        self._timer.setInterval(LOOKS_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Compare the ends in sight with the time."""
        if not self._table.isVisible():
            return
        ends = [end for row in self._model.rows if (end := self._until(row)) is not None]
        now = self._clock.now()
        if any(end <= now for end in ends):
            self._model.refresh()
        elif ends:
            self._model.retranslate()
