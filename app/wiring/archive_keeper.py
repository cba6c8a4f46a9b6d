"""Reads documents into the archive's search behind the work: after they were locked here, or came from elsewhere."""

import logging

from PySide6.QtCore import QObject, QTimer

from app.kernel.changes import Changes
from app.wiring.desk import Desk
from ui.kit.operations import Operations

log = logging.getLogger(__name__)
_AFTER_CHANGE_MS = 400
_BETWEEN_MS = 150
"""So that others get the reading thread in between."""
_AFTER_TROUBLE_MS = 10 * 60_000


class ArchiveKeeper(QObject):
    """A portion at a time, with a pause after each; pages hear of what became findable."""

    def __init__(self, desk: Desk, operations: Operations, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk, self._operations = desk, operations
        self._reading = False
        self._again = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._read)
        self._listening = False

    def start(self) -> None:
        """Take up what is left of the last time."""
        if not self._listening:
            self._operations.changes_published.connect(self._on_changes)
            self._listening = True
        self._timer.start(_AFTER_CHANGE_MS)

    def stop(self) -> None:
        """Read no more. Idempotent."""
        if self._listening:
            self._operations.changes_published.disconnect(self._on_changes)
            self._listening = False
        self._timer.stop()

    def _on_changes(self, changes: Changes, initiator: object) -> None:
        if initiator is self or not changes.touches("contract", "contract_document"):
            return
        if self._reading:
            self._again = True
        elif not self._timer.isActive() or self._timer.remainingTime() > _AFTER_CHANGE_MS:
            self._timer.start(_AFTER_CHANGE_MS)

    def _read(self) -> None:
        from app.archive.indexing import Tended, tend_archive

        if self._reading or not self._desk.is_open:
            return

        def done(tended: Tended) -> None:
            self._reading = False
            self._operations.publish(tended.changes, self)
            if tended.more or self._again:
                self._again = False
                self._timer.start(_BETWEEN_MS)

        def failed(error: BaseException) -> bool:
            self._reading = False
            log.error("documents could not be read into the archive", exc_info=error)
            self._timer.start(_AFTER_TROUBLE_MS)
            return True

        self._reading = True
        database = self._desk.database
        self._operations.run_plain(self, lambda: tend_archive(database), on_done=done, on_error=failed)
