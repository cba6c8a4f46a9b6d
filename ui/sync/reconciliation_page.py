"""Where this desk and the centre do not say the same of vehicles, transfers and orders, why, and what resolves it."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QStackedWidget

from app.desk.record_titles import RecordKey, RecordTitle, find_record_titles
from app.kernel.permissions import Permission
from app.runtime.language import language, tr, tr_noop, trn
from app.staff.queries import BranchRow, list_branches
from sync.client.differences import ORDERS, PAYMENTS, TRANSFERS, UNITS, Comparison, Difference
from sync.client.errors import NotEnrolled, SyncProblem
from sync.client.group_reconciliation import GroupComparison
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label, Segmented
from ui.kit.feedback import EmptyState
from ui.kit.filters import Facet
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.page import Page
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel
from ui.sync.difference_lists import FACETS, branch_columns, difference_columns, facet_options, fitting
from ui.sync.difference_panel import difference_content
from ui.sync.difference_words import named_records, record_text, titles_of
from ui.sync.reconciliation_port import ReconciliationPort
from ui.sync.remedies import Remedies
from ui.sync.report_file import ask_path, write_report
from ui.sync.words import table_text

_MOST_NAMES = 300
LIST, BRANCHES = "list", "branches"


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
        self.everywhere = False
        self.rows: list[Difference] = []
        self.summary = Label("", role="section", wrap=True)
        self.looked_at = Label("", role="secondary", wrap=True)
        self.model = KeysetTableModel(
            context.operations, difference_columns(lambda: self.codes), self._list_rows, parent=self
        )
        self.table = RecordTable(
            self.model, name=tr_noop("Differences"), views=context.views, view_key="reconciliation", multiple=True
        )
        self.table.selected.connect(self._on_selected)
        self.table.opened.connect(lambda _row: context.actions.run("reconciliation.resolve"))
        self.branch_model = KeysetTableModel(
            context.operations, branch_columns(lambda: self.codes, lambda: self._titles), self._list_branches,
            parent=self,
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
        for name, label in FACETS.items():
            self.filters.add_facet(Facet(name, label))
        self.filters.add_widget(self.scope_choice)
        self.filters.changed.connect(self._on_filtered)
        self.filters.show()

    def _show_facets(self) -> None:
        for name, options in facet_options(self.comparison, self._code_of).items():
            self.filters.set_options(name, options)

    def _code_of(self, branch_id: str) -> str:
        return self.codes.get(branch_id, "–")

    def _on_filtered(self, _values: object) -> None:
        self._filter()
        self._show_view()

    def _filter(self) -> None:
        self.rows = fitting(self.comparison, self.filters.values())
        self.panel.close_panel()
        self.model.load()

    def _on_scope_chosen(self, everywhere: bool) -> None:
        self.everywhere = everywhere
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
            self._views.setCurrentWidget(self.table if self.rows else self.nothing_fits)

    # --- comparing -------------------------------------------------------------------------------

    def compare(self) -> None:
        """Hold everything against the centre once more."""
        self.messages.clear()
        self.panel.close_panel()
        self.context.operations.run_long(
            self, partial(self._port.compare, everywhere=self.everywhere), title=tr_noop("Comparing with the centre"),
            on_done=self.show_compared, on_error=self.show_failure,
        )  # fmt: skip

    def show_compared(self, comparison: GroupComparison) -> None:
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
        shown = self._views.currentWidget()
        if fresh and comparison.differences and shown and not isinstance(QApplication.focusWidget(), QLineEdit):
            shown.setFocus()  # there was nothing in front yet that could have it
        self._know(titles_of(comparison.differences))
        wanted = sorted(named_records(comparison.differences))[:_MOST_NAMES]
        self.context.operations.run_query(self, find_record_titles, wanted, on_done=self._on_names, key="names")

    def show_failure(self, error: BaseException) -> bool:
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

    # --- the lists -------------------------------------------------------------------------------

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
        rows = self.rows
        start = next((place + 1 for place, one in enumerate(rows) if one.id == after), 0)
        return rows[start : start + limit]

    def _on_selected(self, difference: Difference | None) -> None:
        if difference is None:
            self.panel.close_panel()
            return
        self.panel.show_content(
            lambda: record_text(difference), difference_content(difference, self.codes),
            subtitle=lambda: table_text(difference.table), actions=self._remedies.buttons_for(difference),
        )  # fmt: skip

    def current(self) -> Difference | None:
        """The difference that is selected."""
        return self.table.current_row() if hasattr(self, "table") else None

    # --- actions ---------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        add = self.add_action
        add(Action("reconciliation.compare", tr_noop("Compare again"), self.compare, key=Key.REFRESH,
                   icon="refresh-cw"), primary=True)  # fmt: skip
        self._remedies = Remedies(self, self._port)
        add(Action("reconciliation.save", tr_noop("Save the report"), self.ask_path, key=Key.SAVE, icon="download",
                   enabled=lambda: self.comparison is not None), menu=True)  # fmt: skip
        add(Action("reconciliation.close_month", tr_noop("Close a month"), self._open_months, icon="calendar-check",
                   permission=Permission.MONTHS_CLOSE), menu=True)  # fmt: skip

    def _open_months(self) -> None:
        self.context.navigator.open("months")

    def ask_path(self) -> QFileDialog:
        """Ask where the report goes; returns at once."""
        return ask_path(self, self.save)

    def save(self, path: Path) -> None:
        """Write all that was found; the ending decides the form."""
        found = self.comparison
        if found is None:
            return

        def said(_path: Any) -> None:
            self.context.notifications.show(lambda: tr("Saved as {file}", file=path.name), tone="good")

        self.context.operations.run_query(
            self, write_report, path, found, language(), self.codes, self._titles, on_done=said
        )
