"""What is done about differences with the centre: the verb of each, for one or for all of its kind."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from app.runtime.language import tr, tr_noop, trn
from sync.client.differences import Difference, Remedy
from sync.client.group_reconciliation import GroupComparison
from ui.kit.actions import Action
from ui.kit.controls import Button
from ui.kit.dialogs import ask_reason
from ui.kit.keys import Key
from ui.kit.operations import Progress
from ui.sync.details import page_of
from ui.sync.difference_words import VERBS, cause_text, record_text
from ui.sync.reconciliation_port import ReconciliationPort

if TYPE_CHECKING:
    from ui.sync.reconciliation_page import ReconciliationPage

_FOR_MANY = frozenset({Remedy.FETCH, Remedy.SHOW_AGAIN, Remedy.SETTLE, Remedy.ASK_AGAIN, Remedy.FREE_UNIT})
_OPENING = frozenset({Remedy.OPEN_UNIT, Remedy.OPEN_RECORD})


class Remedies:
    """Registers the actions on the page and carries them out; compares again after each."""

    def __init__(self, page: "ReconciliationPage", port: ReconciliationPort) -> None:
        self._page, self._port, self._context = page, port, page.context
        add = page.add_action
        add(Action("reconciliation.resolve", self._verb, self._resolve, key=Key.OPEN, icon="check",
                   enabled=lambda: self._current() is not None))  # fmt: skip
        add(Action("reconciliation.resolve_all", tr_noop("All of this kind"), self._resolve_all,
                   key="Ctrl+Shift+Return", enabled=lambda: self._current() is not None))  # fmt: skip
        add(Action("reconciliation.open", tr_noop("Open it"), self._open_record, key="Ctrl+O", icon="external-link",
                   enabled=self._may_open))  # fmt: skip

    def buttons_for(self, difference: Difference) -> list[Button]:
        """What the panel offers."""
        registry = self._context.actions
        buttons = [Button.for_action(registry.get("reconciliation.resolve"), registry, kind="primary")]
        if len(self._alike(difference)) > 1 and difference.remedy in _FOR_MANY:
            buttons.append(Button.for_action(registry.get("reconciliation.resolve_all"), registry))
        if difference.remedy not in _OPENING and self._may_open():
            buttons.append(Button.for_action(registry.get("reconciliation.open"), registry))
        return buttons

    def _current(self) -> Difference | None:
        return self._page.current()

    def _alike(self, difference: Difference) -> list[Difference]:
        """All in the list that are of its kind."""
        return [one for one in self._page.rows if (one.why, one.table) == (difference.why, difference.table)]

    def _verb(self) -> str:
        current = self._current()
        return tr(VERBS[current.remedy]) if current is not None else tr("Resolve it")

    def _resolve(self) -> None:
        current = self._current()
        if current is not None:
            self._apply(current, [current])

    def _resolve_all(self) -> None:
        current = self._current()
        if current is not None:
            self._apply(current, self._alike(current))

    def _apply(self, kind: Difference, differences: list[Difference]) -> None:
        ids = [one.record_id for one in differences]
        if kind.remedy is Remedy.LOOK_AT_REFUSED:
            self._context.navigator.open("sync", tab="refused")
        elif kind.remedy in _OPENING:
            self._open_record()
        elif kind.remedy is Remedy.TELL_SERVICE:
            self._copy(differences)
        elif kind.remedy is Remedy.FETCH:
            self._settle(partial(self._fetch, differences), differences)
        elif kind.remedy is Remedy.ASK_AGAIN:
            self._settle(partial(self._port.ask_again, ids), differences)
        elif kind.remedy is Remedy.FREE_UNIT:
            self._ask_why_free(differences)
        elif kind.remedy is Remedy.EXCHANGE:
            self._settle(self._port.exchange, differences)
        else:
            self._settle(partial(self._port.show_again, kind.table, ids), differences)

    def _fetch(self, differences: list[Difference]) -> None:
        by_branch: dict[tuple[str, str], list[str]] = {}
        for one in differences:
            by_branch.setdefault((one.table, one.branch_id), []).append(one.record_id)
        for (table, branch_id), ids in by_branch.items():
            self._port.fetch(table, ids, branch_id=branch_id)

    def _ask_why_free(self, differences: list[Difference]) -> None:
        """Freeing a vehicle changes the books: it is kept with its reason."""
        units = {one.record_id: str(one.there.get("order_id") or "") for one in differences}
        ask_reason(
            self._page, title=tr_noop("Free the vehicle"),
            text=lambda: trn("The vehicle can be sold again.", "{n} vehicles can be sold again.", len(units)),
            verb=tr_noop("Free it"),
            on_reason=lambda reason: self._settle(partial(self._port.free_units, units, reason=reason), differences),
        )  # fmt: skip

    def _copy(self, differences: list[Difference]) -> None:
        """What to tell whoever runs the service, onto the clipboard."""
        lines = [
            f"{one.why.value} {one.table} {one.record_id} {record_text(one)}: {cause_text(one, self._page.codes)}"
            for one in differences
        ]
        QApplication.clipboard().setText("\n".join(lines))
        self._context.notifications.show(tr_noop("Copied: send it to whoever runs the service."), tone="good")

    def _settle(self, work: Callable[[], None], differences: list[Difference]) -> None:
        """Do it and compare again at once: what is said afterwards is what was seen."""

        def run(progress: Progress) -> GroupComparison:
            work()
            return self._port.compare(progress, everywhere=self._page.everywhere)

        def done(found: GroupComparison) -> None:
            self._page.show_compared(found)
            still = {one.id for one in found.differences}.intersection(one.id for one in differences)
            if still:
                self._context.notifications.show(tr_noop("It still differs: the list says why."), tone="warn")
            else:
                self._context.notifications.show(tr_noop("Settled: both sides say the same of it now."), tone="good")

        self._page.messages.clear()
        self._page.panel.close_panel()
        self._context.operations.run_long(
            self._page, run, title=tr_noop("Putting it right"), on_done=done, on_error=self._page.show_failure
        )  # fmt: skip

    def _may_open(self) -> bool:
        current = self._current()
        return current is not None and bool(current.here) and page_of(current.table) is not None

    def _open_record(self) -> None:
        current = self._current()
        place = None if current is None else page_of(current.table)
        if current is not None and place is not None:
            self._context.navigator.open(place[0], **{place[1]: current.record_id})
