"""Where this desk and the centre do not say the same of vehicles, transfers and orders, why, and what resolves it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication, QFileDialog, QStackedWidget

from app.desk.record_titles import RecordKey, RecordTitle, find_record_titles
from app.kernel.permissions import Permission
from app.month_close.queries import list_late_postings
from app.runtime.language import language, tr, tr_noop, trn
from app.staff.queries import BranchRow, list_branches
from sync.client.differences import ORDERS, PAYMENTS, TABLES, TRANSFERS, UNITS, Comparison, Difference, Remedy, Why
from sync.client.errors import NotEnrolled, SyncProblem
from sync.client.group_reconciliation import GroupComparison
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column, State
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label, Segmented
from ui.kit.dialogs import ask_reason
from ui.kit.feedback import EmptyState
from ui.kit.filters import Facet, FacetOption
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.operations import Progress
from ui.kit.page import Page
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel
from ui.kit.text import words
from ui.sync.details import page_of
from ui.sync.difference_panel import difference_content
from ui.sync.difference_words import (
    KINDS,
    VERBS,
    cause_text,
    here_text,
    named_records,
    record_text,
    there_text,
)
from ui.sync.reconciliation_port import ReconciliationPort
from ui.sync.reconciliation_report import AGREES, DIFFERS, UNDER_WAY, Made, report_of, state_of
from ui.sync.words import table_text

_MOST_NAMES = 300
_FOR_MANY = frozenset({Remedy.FETCH, Remedy.SHOW_AGAIN, Remedy.SETTLE, Remedy.ASK_AGAIN, Remedy.FREE_UNIT})
_OPENING = frozenset({Remedy.OPEN_UNIT, Remedy.OPEN_RECORD})
LIST, BRANCHES = "list", "branches"
_STANDING = {AGREES: State(AGREES, "good"), UNDER_WAY: State(UNDER_WAY, "warn"), DIFFERS: State(DIFFERS, "bad")}


class ReconciliationPage(Page):
    """Compared on demand, in the background; each difference with its cause and one verb that ends it."""

    title = tr_noop("Reconciliation")
    scope = "reconciliation"

    def __init__(self, context: PageContext, port: ReconciliationPort) -> None:
        super().__init__(context)
        self._port = port
        self.comparison: GroupComparison | None = None
        self.codes: Mapping[str, str] = {}
        self._titles: Mapping[str, str] = {}
        self._everywhere = False
        self._rows: list[Difference] = []
        self.summary = Label("", role="section", wrap=True)
        self.looked_at = Label("", role="secondary", wrap=True)
        self.model = KeysetTableModel(context.operations, self._columns(), self._list_rows, parent=self)
        self.table = RecordTable(
            self.model, name=tr_noop("Differences"), views=context.views, view_key="reconciliation", multiple=True
        )
        self.table.selected.connect(self._on_selected)
        self.table.opened.connect(lambda _row: self._resolve())
        self.branch_model = KeysetTableModel(
            context.operations, self._branch_columns(), self._list_branches, parent=self
        )
        self.branch_table = RecordTable(
            self.branch_model, name=tr_noop("Branches"), views=context.views, view_key="reconciliation.branches"
        )
        self.branch_table.opened.connect(self._show_branch)
        self.agreed = EmptyState(
            tr_noop("Both sides say the same"),
            tr_noop("Every vehicle, order, payment and contract, and every transfer, is here as the centre has it."),
            icon="check-circle",
        )
        self.nothing_fits = EmptyState(
            tr_noop("No difference like this"), tr_noop("Take a filter away to see the others."), icon="search"
        )
        self._views = QStackedWidget()
        for view in (self.table, self.agreed, self.branch_table, self.nothing_fits):
            self._views.addWidget(view)
        self.scope_choice = Segmented(
            [Choice(False, tr_noop("This branch")), Choice(True, tr_noop("All branches"))], name=tr_noop("Compare")
        )
        self.scope_choice.set_value(False)
        self.scope_choice.hide()
        self.scope_choice.chosen.connect(self._on_scope_chosen)
        self.shown = Segmented(
            [Choice(LIST, tr_noop("Differences")), Choice(BRANCHES, tr_noop("Branches"))], name=tr_noop("Show")
        )
        self.shown.set_value(LIST)
        self.shown.chosen.connect(lambda _chosen: self._show_view())
        self._add_filters()
        self._add_actions()
        self.set_body(boxed(column(self.summary, self.looked_at, row(self.shown, STRETCH), self._views, gap=8)))
        self.set_empty(self._not_yet())

    # --- life ------------------------------------------------------------------------------------

    def activate(self, params: Mapping[str, Any]) -> None:
        self.context.operations.run_plain(self, self._port.branches, on_done=self._on_branches_counted)
        self.context.operations.run_query(self, list_branches, on_done=self._on_branches, key="branches")
        if self.comparison is None:
            self.compare()

    def retranslate(self) -> None:
        super().retranslate()
        if hasattr(self, "model") and self.comparison is not None:
            self._show_summary()

    def _on_branches_counted(self, count: int) -> None:
        self.scope_choice.setVisible(count > 1)

    def _on_branches(self, branches: Sequence[BranchRow]) -> None:
        self._titles = {branch.id: branch.name for branch in branches}
        self._know({branch.id: branch.code for branch in branches})
        self._show_facets()

    def _on_names(self, titles: Mapping[RecordKey, RecordTitle]) -> None:
        self._know({key[1]: found.title for key, found in titles.items() if found.title})

    def _know(self, names: Mapping[str, str]) -> None:
        self.codes = {**self.codes, **names}
        self.model.retranslate()
        self.branch_model.retranslate()

    # --- filters ---------------------------------------------------------------------------------

    def _add_filters(self) -> None:
        self.filters.add_facet(Facet("why", tr_noop("What differs")))
        self.filters.add_facet(Facet("table", tr_noop("Kind")))
        self.filters.add_facet(Facet("branch", tr_noop("Branch")))
        self.filters.add_widget(self.scope_choice)
        self.filters.changed.connect(self._on_filtered)
        self.filters.show()

    def _show_facets(self) -> None:
        """Offer what was found, with how often."""
        found = [] if self.comparison is None else self.comparison.differences
        whys, tables, branches = (
            Counter(one.why for one in found), Counter(one.table for one in found),
            Counter(one.branch_id for one in found),
        )  # fmt: skip
        self.filters.set_options("why", [FacetOption(why, KINDS[why].label, n) for why, n in whys.most_common()])
        self.filters.set_options(
            "table", [FacetOption(one, partial(table_text, one), tables[one]) for one in TABLES if tables[one]]
        )
        self.filters.set_options(
            "branch",
            [FacetOption(one, partial(self._code_of, one), n) for one, n in branches.most_common()],
        )

    def _code_of(self, branch_id: str) -> str:
        return self.codes.get(branch_id, "–")

    def _on_filtered(self, _values: object) -> None:
        self._filter()
        self._show_view()

    def _filter(self) -> None:
        found = [] if self.comparison is None else self.comparison.differences
        values = self.filters.values()
        wanted = {name: set(_listed(values[name])) for name in ("why", "table", "branch") if values.get(name)}
        text = str(values.get("text") or "").strip().casefold()
        self._rows = [
            one
            for one in found
            if one.why in wanted.get("why", {one.why})
            and one.table in wanted.get("table", {one.table})
            and one.branch_id in wanted.get("branch", {one.branch_id})
            and (not text or text in record_text(one).casefold())
        ]
        self.panel.close_panel()
        self.model.load()

    def _on_scope_chosen(self, everywhere: bool) -> None:
        self._everywhere = everywhere
        self.compare()

    def _show_view(self) -> None:
        """The list, the branches, or that there is nothing to show."""
        found = self.comparison
        if found is None:
            return
        several = len(found.branches) > 1
        self.shown.setVisible(several)
        if several and self.shown.value() == BRANCHES:
            self._views.setCurrentWidget(self.branch_table)
        elif not found.total:
            self._views.setCurrentWidget(self.agreed)
        else:
            self._views.setCurrentWidget(self.table if self._rows else self.nothing_fits)

    # --- comparing -------------------------------------------------------------------------------

    def compare(self) -> None:
        """Hold everything against the centre once more."""
        self.messages.clear()
        self.panel.close_panel()
        self.context.operations.run_long(
            self, partial(self._port.compare, everywhere=self._everywhere), title=tr_noop("Comparing with the centre"),
            on_done=self._on_compared, on_error=self._on_failed,
        )  # fmt: skip

    def _on_compared(self, comparison: GroupComparison) -> None:
        fresh = self.comparison is None or len(self.comparison.branches) != len(comparison.branches)
        self.comparison = comparison
        self.set_empty(None)
        if fresh:
            self.shown.set_value(BRANCHES if len(comparison.branches) > 1 else LIST)
        self._show_facets()
        self._filter()
        self.branch_model.load()
        self._show_view()
        self._show_summary()
        wanted = sorted(named_records(comparison.differences))[:_MOST_NAMES]
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
        seen = found.looked_at
        self.summary.set_words(
            lambda: tr("Both sides say the same.") if not found.total else
            trn("{n} difference", "{n} differences", found.total)
        )  # fmt: skip
        self.looked_at.set_words(
            lambda: tr(
                "{units} vehicles, {orders} orders, {payments} payments and {transfers} transfers looked at, {time}.",
                units=formats.count(seen[UNITS]), orders=formats.count(seen[ORDERS]),
                payments=formats.count(seen[PAYMENTS]), transfers=formats.count(seen[TRANSFERS]),
                time=formats.moment(found.at),
            )
        )  # fmt: skip

    # --- the list --------------------------------------------------------------------------------

    def _columns(self) -> tuple[Column, ...]:
        def same(difference: Difference) -> Difference:
            return difference

        return (
            Column("branch_id", tr_noop("Branch"), width=72, format=self._code_of),
            Column("why", tr_noop("What differs"), kind="state", width=168, states=KINDS),
            Column("table", tr_noop("Kind"), width=88, format=table_text),
            Column("record", tr_noop("Record"), kind="code", width=160, value=record_text),
            Column("here", tr_noop("Here"), width=184, value=same,
                   format=lambda one: here_text(one, self.codes), tooltip=lambda one: here_text(one, self.codes)),
            Column("there", tr_noop("At the centre"), width=196, value=same,
                   format=lambda one: there_text(one, self.codes), tooltip=lambda one: there_text(one, self.codes)),
            Column("cause", tr_noop("Why"), width=200, stretch=True, value=same,
                   format=lambda one: cause_text(one, self.codes), tooltip=lambda one: cause_text(one, self.codes)),
        )  # fmt: skip

    def _branch_columns(self) -> tuple[Column, ...]:
        def looked(table: str) -> Callable[[Comparison], int]:
            return lambda branch: branch.looked_at.get(table, 0)

        return (
            Column("code", tr_noop("Branch"), width=88, value=lambda branch: self._code_of(branch.branch_id)),
            Column("name", tr_noop("Name"), width=200, stretch=True,
                   value=lambda branch: self._titles.get(branch.branch_id, "")),
            Column("vehicles", tr_noop("Vehicles"), kind="integer", width=96, value=looked(UNITS)),
            Column("orders", tr_noop("Orders"), kind="integer", width=96, value=looked(ORDERS)),
            Column("payments", tr_noop("Payments"), kind="integer", width=96, value=looked(PAYMENTS)),
            Column("total", tr_noop("Differences"), kind="integer", width=104),
            Column("kinds", tr_noop("What differs"), width=240, value=_kinds_text),
            Column("state", tr_noop("Status"), kind="state", width=148, value=state_of, states=_STANDING),
        )  # fmt: skip

    def _list_branches(self, _reader: Any, *, after: Any, limit: int) -> Sequence[Comparison]:
        rows = [] if self.comparison is None else self.comparison.branches
        start = next((place + 1 for place, one in enumerate(rows) if one.branch_id == after), 0)
        return rows[start : start + limit]

    def _show_branch(self, branch: Comparison) -> None:
        """The differences of one branch."""
        self.shown.set_value(LIST)
        self.filters.set_values({"branch": [branch.branch_id]}, silently=False)
        self._on_filtered(None)

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
        if difference.remedy not in _OPENING and self._may_open():
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
        add(Action("reconciliation.save", tr_noop("Save the report"), self.ask_path, key=Key.SAVE, icon="download",
                   enabled=lambda: self.comparison is not None), menu=True)  # fmt: skip
        add(Action("reconciliation.close_month", tr_noop("Close a month"), self._open_months, icon="calendar-check",
                   permission=Permission.MONTHS_CLOSE), menu=True)  # fmt: skip

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
            self, title=tr_noop("Free the vehicle"),
            text=lambda: trn("The vehicle can be sold again.", "{n} vehicles can be sold again.", len(units)),
            verb=tr_noop("Free it"),
            on_reason=lambda reason: self._settle(partial(self._port.free_units, units, reason=reason), differences),
        )  # fmt: skip

    def _copy(self, differences: list[Difference]) -> None:
        """What to tell whoever runs the service, onto the clipboard."""
        lines = [
            f"{one.why.value} {one.table} {one.record_id} {record_text(one)}: {cause_text(one, self.codes)}"
            for one in differences
        ]
        QApplication.clipboard().setText("\n".join(lines))
        self.context.notifications.show(tr_noop("Copied: send it to whoever runs the service."), tone="good")

    def _open_months(self) -> None:
        self.context.navigator.open("months")

    def _settle(self, work: Callable[[], None], differences: list[Difference]) -> None:
        """Do it and compare again at once: what is said afterwards is what was seen."""

        def run(progress: Progress) -> GroupComparison:
            work()
            return self._port.compare(progress, everywhere=self._everywhere)

        def done(found: GroupComparison) -> None:
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

    # --- the report as a file --------------------------------------------------------------------

    def ask_path(self) -> QFileDialog:
        """Ask where; returns at once."""
        dialog = QFileDialog(self, tr("Save the report"), "", "Excel (*.xlsx);;PDF (*.pdf);;CSV (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("xlsx")
        dialog.selectFile(f"{tr('Reconciliation')}.xlsx")
        dialog.fileSelected.connect(lambda chosen: self.save(Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def save(self, path: Path) -> None:
        """Write all that was found; the ending decides the form."""
        found = self.comparison
        if found is None:
            return

        def said(_path: Any) -> None:
            self.context.notifications.show(lambda: tr("Saved as {file}", file=path.name), tone="good")

        self.context.operations.run_query(self, self._written, path, found, language(), on_done=said)

    def _written(self, reader: Any, path: Path, found: GroupComparison, spoken: str) -> Path:
        """On a reader thread: the report with what came late for closed months."""
        from app.documents.reconciliation_report import HEADS, reconciliation_book, render_reconciliation
        from app.documents.tables import csv_table
        from app.runtime.atomic_file import write_atomically

        late = list_late_postings(reader, [one.branch_id for one in found.branches])
        actor = reader.actor
        desk = f"{actor.branch_code}-{actor.desk_code}"
        paper = report_of(found, Made(reader.now, actor.name, desk, self.codes, self._titles), late=late)
        match path.suffix.lower():
            case ".pdf":
                content = render_reconciliation(paper, spoken).pdf
            case ".xlsx":
                content = reconciliation_book(paper, spoken)
            case _:
                content = csv_table([tr(head) for head in HEADS], [line.cells for line in paper.lines])
        write_atomically(path, content, mode=0o644)
        return path


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple, set, frozenset)) else [value]


def _kinds_text(branch: Comparison) -> str:
    """The kinds found in a branch, the most frequent first."""
    kinds: Counter[str] = Counter()
    for (_table, why), count in branch.kinds.items():
        kinds[why] += count
    return " · ".join(f"{words(KINDS[Why(why)].label)} {formats.count(n)}" for why, n in kinds.most_common(3))
