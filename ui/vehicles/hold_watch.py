"""Watches the branch's holds behind all pages: says what ends, and lets what became free be offered to who waits."""

from functools import partial

from PySide6.QtCore import QObject, QTimer

from app.inventory.commands import TendHolds
from app.inventory.queue_queries import EndingHold, HoldsToTend, holds_to_tend
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext

LOOKS_EVERY_MS = 30_000


class HoldWatch(QObject):
    """Looks twice a minute; the first time half a minute after somebody signed in, when the desk is at rest.

    What it does is the same whichever desk does it first (`app.inventory.commands.TendHolds`).
    """

    def __init__(self, context: PageContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._timer = QTimer(self)
        self._timer.setInterval(LOOKS_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Find out whether there is anything to do."""
        self._context.operations.run_query(self, holds_to_tend, on_done=self._on_found, on_error=_quietly, key="holds")

    def _on_found(self, found: HoldsToTend) -> None:
        if found.count:
            self._context.operations.run_command(self, TendHolds(), on_error=_quietly)
        for hold in found.mine:
            self._context.notifications.show(
                partial(_said, hold), tone="warn", action=tr_noop("Open the vehicle"),
                on_action=partial(self._context.navigator.open, "vehicles", unit_id=hold.unit_id),
            )  # fmt: skip


def _said(hold: EndingHold) -> str:
    time = formats.clock_time(hold.until)
    if hold.ended:
        return tr("Your hold on {vehicle} ended at {time}.", vehicle=str(hold.vehicle), time=time)
    return tr("Your hold on {vehicle} ends at {time}.", vehicle=str(hold.vehicle), time=time)


def _quietly(_error: BaseException) -> bool:
    return True  # it is tried again in half a minute; nobody waits for it
