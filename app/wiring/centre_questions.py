"""What pages ask the centre besides the exchange: other branches' stock, and where both sides differ."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from app.kernel.changes import Changes
from app.kernel.commands import Command
from app.kernel.months import Month
from app.runtime.language import tr_noop
from app.transfers.group_stock import Wanted
from app.wiring.desk import Desk
from ui.transfers.ports import StockAnswer

if TYPE_CHECKING:
    from sync.client.group_reconciliation import GroupComparison, GroupReconciler
    from sync.client.transport import HttpTransport


class Link(Protocol):
    """The part of the link to the centre that is needed here."""

    def transport(self) -> "HttpTransport":
        """Raises NotEnrolled where no service is set up."""

    def exchange(self) -> None:
        """Exchange on the caller's thread. Raises SyncProblem."""


class CentreQuestions:
    """`GroupStockPort` and `ReconciliationPort`. Every call is made on a worker thread."""

    def __init__(self, desk: Desk, link: Link, *, on_changes: Callable[[Changes], Any]) -> None:
        self._desk, self._link, self._on_changes = desk, link, on_changes

    def find_stock(self, wanted: Wanted) -> StockAnswer:
        """See `GroupStockPort`."""
        answer = self._link.transport().ask(
            "stock", {"by": wanted.by, "trims": list(wanted.trims), "text": wanted.text, "after": ""}
        )
        return StockAnswer(tuple(answer.get("rows") or ()), answer.get("next") is not None)

    def branches(self) -> int:
        """See `ReconciliationPort`."""
        with self._desk.database.read() as session:
            found = session.connection().exec_driver_sql("SELECT count(*) FROM sync_cursor WHERE scope <> 'group'")
            return int(found.scalar_one())

    def compare(
        self, progress: Callable[[str, float | None], None], *, everywhere: bool = False
    ) -> "GroupComparison":  # fmt: skip
        """See `ReconciliationPort`."""
        asked, own = self._reconciler(), self._desk.actor.branch_id
        others = [one for one in asked.branches() if one != own] if everywhere else []
        return asked.compare([own, *others], progress)

    def review(self, month: str, progress: Callable[[str, float | None], None]) -> str:
        """See `ReconciliationPort`."""
        self._link.transport()  # says at once that there is no centre
        progress(tr_noop("Exchanging with the centre"), None)
        self._link.exchange()
        _found, run_id = self._reconciler().review(self._desk.actor.branch_id, Month.parse(month), progress)
        return run_id

    def fetch(self, table: str, ids: Sequence[str], *, branch_id: str = "") -> None:
        """See `ReconciliationPort`."""
        changes = self._reconciler().of(branch_id or self._desk.actor.branch_id).fetch(table, list(ids))
        self._on_changes(changes)

    def show_again(self, table: str, ids: Sequence[str]) -> None:
        """See `ReconciliationPort`."""
        self._reconciler().of(self._desk.actor.branch_id).show_again(table, list(ids))
        self._link.exchange()

    def exchange(self) -> None:
        """See `ReconciliationPort`."""
        self._link.exchange()

    def ask_again(self, ids: Sequence[str]) -> None:
        """See `ReconciliationPort`."""
        from app.orders.commands import AskForUnitAgain
        from app.orders.queries import get_order

        for order_id in ids:
            revision = self._desk.read(get_order, order_id).row.revision
            self._execute(AskForUnitAgain(order_id=order_id, expected_revision=revision))
        self._link.exchange()

    def free_units(self, units: Mapping[str, str], *, reason: str) -> None:
        """See `ReconciliationPort`."""
        from app.orders.commands import FreeFromLostOrder

        for unit_id, order_id in units.items():
            self._execute(FreeFromLostOrder(unit_id=unit_id, order_id=order_id, reason=reason))
        self._link.exchange()

    def _execute(self, command: Command) -> None:
        self._on_changes(self._desk.dispatcher.execute(command, self._desk.actor).changes)

    def _reconciler(self) -> "GroupReconciler":
        from sync.client.group_reconciliation import GroupReconciler

        return GroupReconciler(
            self._desk.database, self._link.transport(), by=self._desk.actor.staff_id, now=self._desk.clock.now()
        )
