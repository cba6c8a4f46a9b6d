"""Where this branch and the centre do not say the same of a vehicle or a transfer, why, and what resolves it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtWidgets import QFileDialog, QStackedWidget

from app.desk.record_titles import RecordKey, RecordTitle, find_record_titles
from app.runtime.language import tr, tr_noop, trn
from app.staff.queries import BranchRow, list_branches
from sync.client.differences import TRANSFERS, UNITS, Comparison, Difference, Remedy
from sync.client.errors import NotEnrolled, SyncProblem
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.feedback import EmptyState
from ui.kit.keys import Key
from ui.kit.layout import boxed, column
from ui.kit.operations import Progress
from ui.kit.page import Page
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel
from ui.sync.details import page_of
from ui.sync.difference_panel import difference_content
from ui.sync.difference_words import (
    KINDS,
    VERBS,
    cause_text,
    here_text,
    named_records,
    record_text,
    resolve_text,
    there_text,
)
from ui.sync.words import table_text

_MOST_NAMES = 300
_FOR_MANY = frozenset({Remedy.FETCH, Remedy.SHOW_AGAIN, Remedy.SETTLE, Remedy.ASK_AGAIN})


class ReconciliationPort(Protocol):
    """What asks the centre. Every call is made on a worker thread and raises a SyncProblem."""

    def compare(self, progress: Progress) -> Comparison: ...

    def fetch(self, table: str, ids: Sequence[str]) -> None:
        """Take these records from the centre once more."""

    def show_again(self, table: str, ids: Sequence[str]) -> None:
        """Show the centre these records, and have it decide again who has the vehicles among them."""

    def exchange(self) -> None:
        """Send and read everything; returns when both sides have agreed."""

    def ask_again(self, ids: Sequence[str]) -> None:
        """Have the centre decide once more who gets the vehicles of these orders; raises also DomainErrors."""

    def free_units(self, units: Mapping[str, str], *, reason: str) -> None:
        """Free vehicles, by id, of the orders they are kept for and that nobody has; raises also DomainErrors."""


class ReconciliationPage(Page):
    """Compared on demand, in the background; each difference with its cause and one verb that ends it."""

    title = tr_noop("Reconciliation")
    scope = "reconciliation"

    def __init__(self, context: PageContext, port: ReconciliationPort) -> None:
        super().__init__(context)
        self._port = port
        self.comparison: Comparison | None = None
        self.codes: Mapping[str, str] = {}
        self._rows: list[Difference] = []
        self.summary = Label("", role="section", wrap=True)
        self.looked_at = Label("", role="secondary", wrap=True)
        self.model = KeysetTableModel(context.operations, self._columns(), self._list_rows, parent=self)
        self.table = RecordTable(
            self.model, name=tr_noop("Differences"), views=context.views, view_key="reconciliation", multiple=True
        )
        self.table.selected.connect(self._on_selected)
        self.table.opened.connect(lambda _row: self._resolve())
        self.agreed = EmptyState(
            tr_noop("Both sides say the same"),
            tr_noop("Every vehicle of the branch and every transfer is here as the centre has it."),
            icon="check-circle",
        )
        self._views = QStackedWidget()
        self._views.addWidget(self.table)
        self._views.addWidget(self.agreed)
        self._add_actions()
        self.set_body(boxed(column(self.summary, self.looked_at, self._views, gap=8)))
        self.set_empty(self._not_yet())

    # --- life ------------------------------------------------------------------------------------

    def activate(self, params: Mapping[str, Any]) -> None:
        self.context.operations.run_query(self, list_branches, on_done=self._on_branches, key="branches")
        if self.comparison is None:
            self.compare()

    def retranslate(self) -> None:
        super().retranslate()
        if hasattr(self, "model") and self.comparison is not None:
            self._show_summary()

    def _on_branches(self, branches: Sequence[BranchRow]) -> None:
        self._know({branch.id: branch.code for branch in branches})

    def _on_names(self, titles: Mapping[RecordKey, RecordTitle]) -> None:
        self._know({key[1]: found.title for key, found in titles.items() if found.title})

    def _know(self, names: Mapping[str, str]) -> None:
        self.codes = {**self.codes, **names}
        self.model.retranslate()

    # --- comparing -------------------------------------------------------------------------------

    def compare(self) -> None:
        """Hold everything against the centre once more."""
        self.messages.clear()
        self.panel.close_panel()
        self.context.operations.run_long(
            self, self._port.compare, title=tr_noop("Comparing with the centre"), on_done=self._on_compared,
            on_error=self._on_failed,
        )  # fmt: skip

    def _on_compared(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self._rows = list(comparison.differences)
        self.set_empty(None)
        self._views.setCurrentWidget(self.table if self._rows else self.agreed)
        self.model.load()
        self._show_summary()
        wanted = sorted(named_records(self._rows))[:_MOST_NAMES]
        self.context.operations.run_query(self, find_record_titles, wanted, on_done=self._on_names, key="names")

    def _on_failed(self, error: BaseException) -> bool:
        """Without the centre there is nothing to compare with: say so, and what it needs."""
        if not isinstance(error, SyncProblem):
            return False
        text, params = error.text, dict(error.params)
        again = Button(tr_noop("Try again"), icon="refresh-cw", on_click=self.compare)
        if isinstance(error, NotEnrolled):
            again = Button(tr_noop("Connect this desk"), icon="log-in", on_click=self._open_sync)
        if self.comparison is None:
            self.set_empty(
                EmptyState(
                    tr_noop("The centre has to be reached for this"),
                    lambda: tr(text, **params),
                    icon="cloud-off",
                    action=again,
                )
            )
        else:
            self.messages.show_error(lambda: tr(text, **params))
        return True

    def _open_sync(self) -> None:
        self.context.navigator.open("sync")

    def _not_yet(self) -> EmptyState:
        return EmptyState(
            tr_noop("Not compared yet"),
            tr_noop("Every vehicle of this branch is held against what the centre has of it."),
            icon="git-compare",
            action=Button(tr_noop("Compare now"), kind="primary", icon="git-compare", on_click=self.compare),
        )

    def _show_summary(self) -> None:
        found = self.comparison
        if found is None:
            return
        units, transfers = found.looked_at.get(UNITS, 0), found.looked_at.get(TRANSFERS, 0)
        self.summary.set_words(
            lambda: tr("Both sides say the same.") if not found.total else
            trn("{n} difference", "{n} differences", found.total)
        )  # fmt: skip
        self.looked_at.set_words(
            lambda: tr(
                "{units} vehicles and {transfers} transfers looked at, {time}.", units=formats.count(units),
                transfers=formats.count(transfers), time=formats.moment(found.at),
            )
        )  # fmt: skip

    # --- the list --------------------------------------------------------------------------------

    def _columns(self) -> tuple[Column, ...]:
        def same(difference: Difference) -> Difference:
            return difference

        return (
            Column("why", tr_noop("What differs"), kind="state", width=168, states=KINDS),
            Column("table", tr_noop("Kind"), width=80, format=table_text),
            Column("record", tr_noop("Record"), kind="code", width=160, value=record_text),
            Column("here", tr_noop("Here"), width=184, value=same,
                   format=lambda one: here_text(one, self.codes), tooltip=lambda one: here_text(one, self.codes)),
            Column("there", tr_noop("At the centre"), width=196, value=same,
                   format=lambda one: there_text(one, self.codes), tooltip=lambda one: there_text(one, self.codes)),
            Column("cause", tr_noop("Why"), width=200, stretch=True, value=same,
                   format=lambda one: cause_text(one, self.codes), tooltip=lambda one: cause_text(one, self.codes)),
        )  # fmt: skip

    def _list_rows(self, _reader: Any, *, after: Any, limit: int) -> Sequence[Difference]:
        rows = self._rows
        start = next((place + 1 for place, one in enumerate(rows) if one.id == after), 0)
        return rows[start : start + limit]

    def _on_selected(self, difference: Difference | None) -> None:
        if difference is None:
            self.panel.close_panel()
            return
        registry = self.context.actions
        buttons = [Button.for_action(registry.get("reconciliation.resolve"), registry, kind="primary")]
        if self._same_kind(difference) > 1 and difference.remedy in _FOR_MANY:
            buttons.append(Button.for_action(registry.get("reconciliation.resolve_all"), registry))
        if difference.remedy is not Remedy.OPEN_UNIT and self._may_open():
            buttons.append(Button.for_action(registry.get("reconciliation.open"), registry))
        self.panel.show_content(
            lambda: record_text(difference), difference_content(difference, self.codes),
            subtitle=lambda: table_text(difference.table), actions=buttons,
        )  # fmt: skip

    def _same_kind(self, difference: Difference) -> int:
        return sum((one.why, one.table) == (difference.why, difference.table) for one in self._rows)

    # --- actions ---------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        add = self.add_action
        add(Action("reconciliation.compare", tr_noop("Compare again"), self.compare, key=Key.REFRESH,
                   icon="refresh-cw"), primary=True)  # fmt: skip
        add(Action("reconciliation.resolve", self._verb, self._resolve, key=Key.OPEN, icon="check",
                   enabled=lambda: self.table.current_row() is not None))  # fmt: skip
        add(Action("reconciliation.resolve_all", tr_noop("All of this kind"), self._resolve_all,
                   key="Ctrl+Shift+Return", enabled=lambda: self.table.current_row() is not None))  # fmt: skip
        add(Action("reconciliation.open", tr_noop("Open it"), self._open_record, key="Ctrl+O", icon="external-link",
                   enabled=self._may_open))  # fmt: skip
        add(Action("reconciliation.save", tr_noop("Save the list"), self.ask_path, key=Key.SAVE, icon="download",
                   enabled=lambda: bool(self._rows)), menu=True)  # fmt: skip

    def _verb(self) -> str:
        current = self.table.current_row() if hasattr(self, "table") else None
        return tr(VERBS[current.remedy]) if current is not None else tr("Resolve it")

    def _resolve(self) -> None:
        current = self.table.current_row()
        if current is not None:
            self._apply(current, [current])

    def _resolve_all(self) -> None:
        current = self.table.current_row()
        if current is not None:
            alike = [one for one in self._rows if (one.why, one.table) == (current.why, current.table)]
            self._apply(current, alike)

    def _apply(self, kind: Difference, differences: list[Difference]) -> None:
        ids = [one.record_id for one in differences]
        if kind.remedy is Remedy.LOOK_AT_REFUSED:
            self.context.navigator.open("sync", tab="refused")
        elif kind.remedy is Remedy.OPEN_UNIT:
            self._open_record()
        elif kind.remedy is Remedy.FETCH:
            self._settle(partial(self._port.fetch, kind.table, ids), differences)
        elif kind.remedy is Remedy.EXCHANGE:
            self._settle(self._port.exchange, differences)
        else:
            self._settle(partial(self._port.show_again, kind.table, ids), differences)

    def _settle(self, work: Callable[[], None], differences: list[Difference]) -> None:
        """Do it and compare again at once: what is said afterwards is what was seen."""

        def run(progress: Progress) -> Comparison:
            work()
            return self._port.compare(progress)

        def done(found: Comparison) -> None:
            self._on_compared(found)
            still = {one.id for one in found.differences}.intersection(one.id for one in differences)
            if still:
                self.context.notifications.show(tr_noop("It still differs: the list says why."), tone="warn")
            else:
                self.context.notifications.show(tr_noop("Settled: both sides say the same of it now."), tone="good")

        self.messages.clear()
        self.panel.close_panel()
        self.context.operations.run_long(
            self, run, title=tr_noop("Putting it right"), on_done=done, on_error=self._on_failed
        )  # fmt: skip

    def _may_open(self) -> bool:
        current = self.table.current_row()
        return current is not None and bool(current.here) and page_of(current.table) is not None

    def _open_record(self) -> None:
        current = self.table.current_row()
        place = None if current is None else page_of(current.table)
        if current is not None and place is not None:
            self.context.navigator.open(place[0], **{place[1]: current.record_id})

    # --- the list as a file ----------------------------------------------------------------------

    def ask_path(self) -> QFileDialog:
        """Ask where; returns at once."""
        dialog = QFileDialog(self, tr("Save the list"), "", "Excel (*.xlsx);;CSV (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("xlsx")
        dialog.selectFile(f"{tr('Reconciliation')}.xlsx")
        dialog.fileSelected.connect(lambda chosen: self.save(Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def save(self, path: Path) -> None:
        """Write what is listed; the ending decides the form."""
        from app.documents.tables import save_table

        head = [tr(str(column.title)) for column in self.model.columns] + [tr("What resolves it")]
        rows = [
            [
                tr(str(KINDS[one.why].label)), table_text(one.table), record_text(one),
                here_text(one, self.codes), there_text(one, self.codes), cause_text(one, self.codes), resolve_text(one),
            ]
            for one in self._rows
        ]  # fmt: skip

        def said(_path: Any) -> None:
            self.context.notifications.show(lambda: tr("Saved as {file}", file=path.name), tone="good")

        work = partial(save_table, path, head, rows, title=tr("Reconciliation"))
        self.context.operations.run_plain(self, work, on_done=said)
