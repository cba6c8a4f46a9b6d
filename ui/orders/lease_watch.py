"""Watches the vehicles secured for this desk behind all pages: says what ends soon, and what is provisional again."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import QObject, QTimer

from app.kernel.permissions import Permission
from app.orders.commands import TendLeases
from app.orders.securing import LeasesToTend, leases_to_tend
from app.runtime.language import tr, tr_noop, trn
from ui.kit import formats
from ui.kit.context import PageContext

LOOKS_EVERY_MS = 30_000


class LeaseWatch(QObject):
    """Looks twice a minute; the first time half a minute after somebody signed in, when the desk is at rest.

    A lease that is renewed never comes near its end: what ends soon belongs to a desk that is offline.
    """

    def __init__(self, context: PageContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._said: set[tuple[str, datetime]] = set()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOKS_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Find out whether there is anything to do or to say."""
        ask = self._context.operations.run_query
        ask(self, leases_to_tend, on_done=self._on_found, on_error=_quietly, key="leases")

    def _on_found(self, found: LeasesToTend) -> None:
        if found.count and self._context.may(Permission.ORDERS_EDIT):
            self._context.operations.run_command(self, TendLeases(), on_error=_quietly)
        fresh = [one for one in found.ending if one not in self._said]
        if fresh:
            self._said.update(fresh)
            self._context.notifications.show(
                partial(ending_words, fresh), tone="warn", action=tr_noop("Secured vehicles"),
                on_action=partial(self._context.navigator.open, "sync", tab="leases"),
            )  # fmt: skip


def ending_words(ending: Sequence[tuple[str, datetime]]) -> str:
    """Which vehicles are secured not much longer."""
    if len(ending) == 1:
        vin, until = ending[0]
        return tr(
            "{vin} is secured only until {time}. Connect before, or its sale is provisional.", vin=vin,
            time=formats.clock_time(until),
        )  # fmt: skip
    first = min(until for _, until in ending)
    return trn(
        "{n} vehicle is secured not much longer, the first until {time}. Connect before.",
        "{n} vehicles are secured not much longer, the first until {time}. Connect before.", len(ending),
        time=formats.clock_time(first),
    )  # fmt: skip


def _quietly(_error: BaseException) -> bool:
    return True  # it is tried again in half a minute; nobody waits for it
