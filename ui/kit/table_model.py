"""A table of any length, fetched by key a page at a time, off the GUI thread."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from ui.kit.columns import Column, without_marks
from ui.kit.operations import Operations
from ui.kit.text import words

FIRST_PAGE = 40
"""Rows fetched first, until a table says how many it shows."""
LINES_AHEAD = 8
"""So many rows more than are seen, so that the first turn of the wheel finds some."""
PAGE_SIZE = 100
"""Rows fetched at a time from then on."""
COUNT_AFTER_MS = 300
"""Counting can take longer than a page of rows: while somebody types on, only the last text is counted."""
REFRESH_LIMIT = 500
"""So many rows are fetched again at most when something changed; the rest comes by scrolling."""

ROW_ROLE = int(Qt.ItemDataRole.UserRole)

_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()


class KeysetTableModel(QAbstractTableModel):
    """Rows of a query that pages by key.

    `list_rows(reader, *, after, limit, **filters)` gives a sequence of rows, or an object with `.rows` and `.next`; it
    runs on a reader thread. The cursor of a plain sequence is its last row's `cursor`, else `id`. Each row has an `id`.
    """

    loading_changed = Signal(bool)
    rows_shown = Signal()
    """A first page or a refresh arrived."""
    counted = Signal(object)
    """The answer of `count_rows`."""

    def __init__(
        self,
        operations: Operations,
        columns: Sequence[Column],
        list_rows: Callable[..., Any],
        *,
        count_rows: Callable[..., Any] | None = None,
        first_page: int | None = None,
        page_size: int = PAGE_SIZE,
        parent: Any = None,
    ) -> None:
        super().__init__(parent)
        self.columns = list(columns)
        self._operations = operations
        self._list_rows = list_rows
        self._count_rows = count_rows
        self._first_page, self._is_fixed, self._page_size = first_page or FIRST_PAGE, first_page is not None, page_size
        self._rows: list[Any] = []
        self._texts: list[list[str] | None] = []
        self._next: Any = None
        self._filters: dict[str, Any] = {}
        self._sort: dict[str, Any] = {}
        self._loading = False
        self._counted_once = False

    # --- what pages call -------------------------------------------------------------------------

    def show_lines(self, lines: int) -> None:
        """The table shows so many: first pages hold them and a few more, unless the model was made with another."""
        if not self._is_fixed:
            self._first_page = lines + LINES_AHEAD

    @property
    def loading(self) -> bool:
        """Whether rows are on their way."""
        return self._loading

    @property
    def rows(self) -> list[Any]:
        """The rows fetched so far."""
        return self._rows

    @property
    def filters(self) -> dict[str, Any]:
        """The filters in use."""
        return dict(self._filters)

    def load(self, filters: dict[str, Any] | None = None) -> None:
        """Fetch the first page, with other filters if given. Rows shown stay until the new ones are there."""
        if filters is not None:
            self._filters = dict(filters)
        self._fetch(None, self._first_page, self._replace)
        self._count()

    def refresh(self) -> None:
        """Fetch again what is shown, keeping selection and place."""
        limit = min(REFRESH_LIMIT, max(self._first_page, len(self._rows)))
        self._fetch(None, limit, self._replace)
        self._count()

    def row_at(self, number: int) -> Any | None:
        """The row of a line, or None."""
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def texts_of(self, line: int) -> list[str]:
        """The texts of a line, one for each column; made when they are first wanted."""
        texts = self._texts[line]
        if texts is None:
            row = self._rows[line]
            texts = self._texts[line] = [column.text_of(row) for column in self.columns]
        return texts

    def line_of(self, row_id: Any) -> int:
        """The line of a row by its id; -1 when it is not fetched."""
        for line, row in enumerate(self._rows):
            if row.id == row_id:
                return line
        return -1

    def retranslate(self) -> None:
        """Words changed: format again."""
        self._texts = [None] * len(self._rows)
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(self.columns) - 1))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    # --- fetching --------------------------------------------------------------------------------

    def _fetch(self, after: Any, limit: int, take: Callable[[list[Any], Any], None]) -> None:
        self._set_loading(True)

        def arrived(answer: Any) -> None:
            rows, following = _unpack(answer, limit)
            self._set_loading(False)
            take(rows, following)

        self._operations.run_query(
            self,
            self._list_rows,
            after=after,
            limit=limit,
            key="rows",
            first=True,
            on_done=arrived,
            on_error=self._on_fetch_failed,
            **self._filters,
            **self._sort,
        )

    def _count(self) -> None:
        if self._count_rows is not None:
            wait = COUNT_AFTER_MS if self._counted_once else 0
            self._counted_once = True
            self._operations.run_query(
                self, self._count_rows, key="count", on_done=self.counted.emit, after_ms=wait, **self._filters
            )

    def _on_fetch_failed(self, _error: BaseException) -> bool:
        self._set_loading(False)
        return False

    def _set_loading(self, loading: bool) -> None:
        if loading != self._loading:
            self._loading = loading
            self.loading_changed.emit(loading)

    def _replace(self, rows: list[Any], following: Any) -> None:
        same = len(rows) == len(self._rows) and all(new.id == old.id for new, old in zip(rows, self._rows, strict=True))
        self._next = following
        if same:
            changed = [line for line, row in enumerate(rows) if row != self._rows[line]]
            for line in changed:
                self._rows[line], self._texts[line] = rows[line], None
                self.dataChanged.emit(self.index(line, 0), self.index(line, len(self.columns) - 1))
        else:
            self.beginResetModel()
            self._rows = rows
            self._texts = [None] * len(rows)
            self.endResetModel()
        self.rows_shown.emit()

    def _append(self, rows: list[Any], following: Any) -> None:
        self._next = following
        if not rows:
            return
        first = len(self._rows)
        self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
        self._rows.extend(rows)
        self._texts.extend([None] * len(rows))
        self.endInsertRows()

    # --- Qt --------------------------------------------------------------------------------------

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = 0) -> Any:
        line = index.row()
        if line < 0 or line >= len(self._rows):
            return None
        if role == 0:  # an int: comparing the enum costs half of a repaint
            return without_marks(self.texts_of(line)[index.column()]).replace("\n", " ")
        if role == 7:  # TextAlignmentRole
            return _RIGHT if self.columns[index.column()].is_right else _LEFT
        if role == ROW_ROLE:
            return self._rows[line]
        if role == 3:  # ToolTipRole
            column = self.columns[index.column()]
            return column.tooltip(self._rows[line]) if column.tooltip is not None else None
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == 0:
            return words(self.columns[section].title)
        if role == 7:
            return _RIGHT if self.columns[section].is_right else _LEFT
        return None

    def canFetchMore(self, parent: _Index) -> bool:
        return not parent.isValid() and self._next is not None and not self._loading

    def fetchMore(self, parent: _Index) -> None:
        if self.canFetchMore(parent):
            self._fetch(self._next, self._page_size, self._append)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        key = self.columns[column].sort if 0 <= column < len(self.columns) else None
        wanted = {"sort": key, "descending": order == Qt.SortOrder.DescendingOrder} if key else {}
        if wanted != self._sort:
            self._sort = wanted
            self.load()


def _unpack(answer: Any, limit: int) -> tuple[list[Any], Any]:
    """Rows and the cursor that follows them (None at the end), from either shape of answer."""
    if hasattr(answer, "rows"):
        return list(answer.rows), answer.next
    rows = list(answer)
    if len(rows) < limit:
        return rows, None
    last = rows[-1]
    return rows, getattr(last, "cursor", last.id)
