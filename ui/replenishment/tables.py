"""A table over a query that answers in one piece or page by page, with what to say when it is empty."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.feedback import EmptyState
from ui.kit.layout import column
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel
from ui.kit.text import Words


class TableView(QWidget):
    """`selected(row or None)`, `opened(row)`. `read(reader, after=, limit=, **filters)` runs on a reader thread."""

    selected = Signal(object)
    opened = Signal(object)

    def __init__(
        self, context: PageContext, key: str, name: Words, columns: Sequence[Column], read: Callable[..., Any],
        *, empty: EmptyState, above: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.model = KeysetTableModel(context.operations, columns, read, parent=self)
        self.table = RecordTable(self.model, name=name, views=context.views, view_key=f"replenishment.{key}")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(empty)
        self._empty = empty
        self.loaded = False
        stack = column(gap=12)
        if above is not None:
            stack.addWidget(above)
        stack.addWidget(self._stack, 1)
        self.setLayout(stack)
        self.table.selected.connect(self.selected)
        self.table.opened.connect(self.opened)
        self.model.rows_shown.connect(self._on_rows_shown)

    def load(self, filters: dict[str, Any] | None = None) -> None:
        """Fetch from the beginning; what is shown stays until the answer is there."""
        self.loaded = True
        if self.model.rows and self.model.filters == (filters or {}):
            self.model.refresh()
        else:
            self.model.load(filters or {})

    def _on_rows_shown(self) -> None:
        empty = not self.model.rows and not self.model.loading and not self.model.filters
        self._stack.setCurrentWidget(self._empty if empty else self.table)


def whole(read: Callable[..., Sequence[Any]]) -> Callable[..., Sequence[Any]]:
    """A query that answers in one piece, as pages: what follows a cursor is cut from the same answer."""

    def page(reader: Any, *, after: Any = None, limit: int = 100, **filters: Any) -> Sequence[Any]:
        rows = read(reader, **filters)
        start = 0 if after is None else next((n + 1 for n, row in enumerate(rows) if row.id == after), len(rows))
        return rows[start : start + limit]

    return page
