"""A page that lists records: declare columns and two queries, and the rest is here."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from PySide6.QtWidgets import QWidget

from app.kernel.changes import Changes
from app.runtime.language import tr, tr_noop
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.feedback import EmptyState
from ui.kit.keys import Key
from ui.kit.page import Page
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel
from ui.kit.text import words


class ListPage(Page):
    """Search, facets, table, count, detail panel. `list_rows` and `count_rows` run on a reader thread."""

    key: ClassVar[str] = ""
    columns: ClassVar[Sequence[Column]] = ()
    watches: ClassVar[Sequence[str]] = ()
    multiple: ClassVar[bool] = False

    def __init__(self, context: PageContext, *, parent: QWidget | None = None) -> None:
        super().__init__(context, parent=parent)
        self._stale = False
        self._count: Any = None
        self.model = KeysetTableModel(
            context.operations, self.columns, self.list_rows, count_rows=self._counter(), parent=self
        )
        self.table = RecordTable(
            self.model, name=self.title, views=context.views, view_key=self.key, multiple=self.multiple
        )
        self.set_body(self.table)
        self.filters.show()
        self.filters.changed.connect(self._on_filters_changed)
        self.filters.search.downwards.connect(self.table.setFocus)
        self.model.counted.connect(self._on_model_counted)
        self.model.rows_shown.connect(self._on_model_rows_shown)
        self.table.selected.connect(self._on_table_selected)
        self.table.opened.connect(self.open_row)
        self.panel.closed.connect(self.table.setFocus)
        self._add_list_actions()

    # --- what pages implement --------------------------------------------------------------------

    def list_rows(self, reader: Any, *, after: Any, limit: int, **filters: Any) -> Any:
        """One page of rows, newest filters given by name; see `KeysetTableModel`."""
        raise TypeError(f"{type(self).__name__} declares no list_rows")

    def count_rows(self, reader: Any, **filters: Any) -> Any:
        """How many match: an int, or (matched, all)."""
        raise TypeError(f"{type(self).__name__} declares no count_rows")

    def describe_count(self, matched: int, total: int | None) -> str:
        """The words beside the title."""
        if total is None or total == matched:
            return f"{matched:,}"
        return tr("{n} of {total}", n=f"{matched:,}", total=f"{total:,}")

    def show_details(self, row: Any) -> None:
        """A row was selected: fill the panel."""

    def open_row(self, row: Any) -> None:
        """Return or double click on a row."""

    def empty_state(self, filtered: bool) -> EmptyState:
        """What to show when there is nothing."""
        if filtered:
            return EmptyState(
                tr_noop("Nothing matches"),
                tr_noop("Take a filter away, or look for part of a name, VIN or number."),
                icon="search",
                action=Button(tr_noop("Clear filters"), on_click=self.filters.clear),
            )
        return EmptyState(tr_noop("Nothing here yet"), icon="inbox")

    # --- life ------------------------------------------------------------------------------------

    def activate(self, params: Mapping[str, Any]) -> None:
        """Fetch; `params["filters"]` sets the filters, `params["select"]` selects a row by its id."""
        if "filters" in params:
            self.filters.set_values(dict(params["filters"]))
        if params.get("select") is not None:
            self.table.select_id(params["select"])
        if self._stale or "filters" in params or not self.model.rows:
            self._stale = False
            self.model.load(self.filters.values())
        self.table.setFocus()

    def on_changes(self, changes: Changes, initiator: object) -> None:
        """Fetch again when a watched table changed: now, or when the page is opened next."""
        if not changes.touches(*self.watches):
            return
        if self.isVisible():
            self.model.refresh()
        else:
            self._stale = True

    def retranslate(self) -> None:
        super().retranslate()
        self._say_count()

    # --- inside ----------------------------------------------------------------------------------

    def _counter(self) -> Any:
        return self.count_rows if type(self).count_rows is not ListPage.count_rows else None

    def _add_list_actions(self) -> None:
        scope = self.scope
        self.add_action(Action(f"{scope}.filter", tr_noop("Filter"), self._focus_filter, key=Key.FILTER, icon="search"))
        self.add_action(
            Action(f"{scope}.refresh", tr_noop("Fetch again"), self.model.refresh, key=Key.REFRESH, icon="refresh-cw")
        )
        self.add_action(
            Action(f"{scope}.open", tr_noop("Open selected"), self.table.open_current, key=Key.OPEN, icon="eye")
        )
        self.add_action(
            Action(
                f"{scope}.details",
                tr_noop("Show or hide details"),
                self._toggle_panel,
                key=Key.DETAILS,
                icon="panel-right",
            )
        )
        self.add_action(
            Action(f"{scope}.columns", tr_noop("Choose columns"), self.table.open_column_menu, icon="columns-3"),
            menu=True,
        )

    def _focus_filter(self) -> None:
        self.filters.search.setFocus()
        self.filters.search.selectAll()

    def _toggle_panel(self) -> None:
        row = self.table.current_row()
        if self.panel.isVisible():
            self.panel.close_panel()
        elif row is not None:
            self.show_details(row)

    def _on_filters_changed(self, values: dict[str, Any]) -> None:
        self.model.load(values)

    def _on_table_selected(self, row: Any) -> None:
        if row is None:
            self.panel.close_panel()
        else:
            self.show_details(row)

    def _on_model_rows_shown(self) -> None:
        if self.model.rows:
            self.set_empty(None)
        elif not self.model.loading:
            self.set_empty(self.empty_state(filtered=bool(self.model.filters)))

    def _on_model_counted(self, answer: Any) -> None:
        self._count = answer
        self._say_count()

    def _say_count(self) -> None:
        count = getattr(self, "_count", None)
        if count is None:
            return
        matched, total = count if isinstance(count, tuple) else (count, None)
        self.set_subtitle(lambda: self.describe_count(matched, total))

    def describe(self) -> str:
        """Title and count, for tests and screen readers."""
        return f"{words(self.title)} {self._subtitle.text()}".strip()
