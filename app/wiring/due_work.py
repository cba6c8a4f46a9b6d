"""What falls due by itself: looked for when somebody sits down, every so often, and after records arrived.

Each kind of work is asked about on a reader thread; a transaction is opened only where something is to be done. What
is done is the same whichever desk does it first. The features' modules are imported at the first look, not at start-up.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer

from app.kernel.changes import Changes
from app.kernel.commands import Command
from app.kernel.permissions import Permission
from app.wiring.desk import Desk
from ui.kit.operations import Operations

log = logging.getLogger(__name__)

_MINUTE_MS = 60 * 1000


@dataclass(frozen=True, slots=True)
class DueWork:
    """One kind of work: `parts()` imports and returns the query that says whether there is some, and its command."""

    key: str
    every_minutes: int
    parts: Callable[[], tuple[Callable[..., Any], type[Command]]]
    permission: Permission | None = None
    """Whoever has it does the work; None: everybody."""
    tables: tuple[str, ...] = ()
    """Records of these changed, here or at another desk: look at once."""


def _prices() -> tuple[Callable[..., Any], type[Command]]:
    from app.pricing.applying import prices_are_due
    from app.pricing.commands import ApplyDuePrices

    return prices_are_due, ApplyDuePrices


def _contracts() -> tuple[Callable[..., Any], type[Command]]:
    from app.contracts.signers.party_commands import TendContracts
    from app.contracts.signers.party_queries import contracts_need_tending

    return contracts_need_tending, TendContracts


def _wishes() -> tuple[Callable[..., Any], type[Command]]:
    from app.transfers.commands import TendWishes
    from app.transfers.wishes import count_wishes_to_tend

    return count_wishes_to_tend, TendWishes


def _approvals() -> tuple[Callable[..., Any], type[Command]]:
    from app.clauses.approval_tasks import approval_tasks_are_over
    from app.clauses.commands import TendApprovalTasks

    return approval_tasks_are_over, TendApprovalTasks


def _signing_keys() -> tuple[Callable[..., Any], type[Command]]:
    from app.contracts.authorities.commands import WarnOfEndingKeys
    from app.contracts.authorities.watch import keys_end_unwarned

    return keys_end_unwarned, WarnOfEndingKeys


DUE_WORK = (
    # Prices whose day has come are carried into the stock; midnight is only noticed by looking.
    DueWork("due prices", 5, _prices, Permission.INVENTORY_HOLD, tables=("price_change", "price_line")),
    # Contracts nobody signed in time or goes on signing, and photos kept long enough.
    DueWork("due contracts", 60, _contracts),
    # Tasks about texts that were decided in another branch.
    DueWork("approvals", 60, _approvals, Permission.CLAUSES_EDIT, tables=("clause_version", "template_version")),
    # Wishes of other branches that this one could answer.
    DueWork("wishes", 1, _wishes, Permission.TRANSFERS_REQUEST, tables=("vehicle_transfer",)),
    # Certificates of this desk that end, and that only people can replace.
    DueWork("ending keys", 720, _signing_keys, Permission.CONTRACTS_REVOKE),
)


class DueWorks(QObject):
    """Looks for all of `works` while a window stands."""

    def __init__(
        self, desk: Desk, operations: Operations, parent: QObject, works: Iterable[DueWork] = DUE_WORK
    ) -> None:
        super().__init__(parent)
        self._desk, self._operations = desk, operations
        self._works = tuple(works)
        self._timers = [self._timer(work) for work in self._works]
        operations.changes_published.connect(self._on_changes)

    def _timer(self, work: DueWork) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(work.every_minutes * _MINUTE_MS)
        timer.timeout.connect(lambda: self._look_for(work))
        return timer

    def start(self) -> None:
        """Look now, and every so often."""
        for timer in self._timers:
            timer.start()
        self.look()

    def stop(self) -> None:
        """Look no more."""
        for timer in self._timers:
            timer.stop()

    def look(self) -> None:
        """Look for everything, if somebody sits here."""
        for work in self._works:
            self._look_for(work)

    def _look_for(self, work: DueWork) -> None:
        if not self._may(work):
            return
        query, command = work.parts()

        def looked(due: object) -> None:
            if due and self._may(work):
                self._operations.run_command(self, command(), on_error=trouble)

        def trouble(error: BaseException) -> bool:
            log.warning("%s: not done this time", work.key, exc_info=error)
            return True  # it is tried again at the next look; nobody waits for it

        self._operations.run_query(self, query, on_done=looked, on_error=trouble, key=work.key)

    def _on_changes(self, changes: Changes, _initiator: object) -> None:
        for work in self._works:
            if work.tables and changes.touches(*work.tables):
                self._look_for(work)

    def _may(self, work: DueWork) -> bool:
        if not self._desk.signed_in:
            return False
        return work.permission is None or self._desk.actor.may(work.permission)
