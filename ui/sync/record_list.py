"""A table with its own empty state, one of several on the Sync page."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.feedback import EmptyState
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel
from ui.kit.text import Words


class RecordList(QStackedWidget):
    """`selected(row or None)`, `opened(row)`; `refresh()` fetches again and keeps selection and place."""

    selected = Signal(object)
    opened = Signal(object)

    def __init__(
        self,
        context: PageContext,
        *,
        key: str,
        name: Words,
        columns: Sequence[Column],
        list_rows: Callable[..., Any],
        empty: EmptyState,
        multiple: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.model = KeysetTableModel(context.operations, columns, list_rows, parent=self)
        self.table = RecordTable(self.model, name=name, views=context.views, view_key=f"sync.{key}", multiple=multiple)
        self._empty = empty
        self.addWidget(self.table)
        self.addWidget(empty)
        self.model.rows_shown.connect(self._on_rows_shown)
        self.table.selected.connect(self.selected.emit)
        self.table.opened.connect(self.opened.emit)

    def refresh(self) -> None:
        """Fetch what is shown, or the first page."""
        self.model.refresh()

    def retranslate_times(self) -> None:
        """Times in words have grown older."""
        self.model.retranslate()

    def current_row(self) -> Any:
        """The selected row, None without one."""
        return self.table.current_row() if self.currentWidget() is self.table else None

    def selected_rows(self) -> list[Any]:
        """All selected rows, in the order in which they stand."""
        return self.table.selected_rows() if self.currentWidget() is self.table else []

    def forget_choice(self) -> None:
        """Nothing is selected, so that the next choice is one although it is the same row."""
        self.table.select_id(None)
        self.table.clearSelection()

    def take_focus(self) -> None:
        """The keyboard goes to the rows."""
        self.table.setFocus()

    def _on_rows_shown(self) -> None:
        self.setCurrentWidget(self.table if self.model.rows else self._empty)
