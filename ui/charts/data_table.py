"""A chart's data as a table: for reading exactly, and for those who do not see the chart."""

from decimal import Decimal
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ui.charts.chart_data import Cell, ChartData
from ui.kit import formats
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import Themed, set_role, theme

_Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def cell_text(cell: Cell) -> str:
    """A cell as people read it: grouped numbers, money with two places."""
    if isinstance(cell, Decimal):
        return formats.money(cell)
    return formats.count(cell) if isinstance(cell, int) else cell


class ChartTableModel(QAbstractTableModel):
    """The rows of a `ChartData`."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.data_shown = ChartData()

    def show_data(self, data: ChartData) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.data_shown = data
        self.endResetModel()

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.data_shown.rows)

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.data_shown.columns)

    def data(self, index: _Index, role: int = 0) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self.data_shown.rows):
            return None
        cell = self.data_shown.rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_text(cell)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if isinstance(cell, str) else _RIGHT
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.data_shown.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.data_shown.columns[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            first = self.data_shown.rows[0][section] if self.data_shown.rows else ""
            return _LEFT if isinstance(first, str) else _RIGHT
        return None


class ChartTable(Retranslated, Themed, QTableView):
    """`chosen(key)` on Return or a double click, like the chart's bars."""

    chosen = Signal(str)

    def __init__(self, name: Words, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        set_role(self, "records")
        self._rows = ChartTableModel(self)
        self.setModel(self._rows)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        self.doubleClicked.connect(lambda index: self._choose(index.row()))
        self.restyle()
        self.retranslate()

    def show_data(self, data: ChartData) -> None:
        """Show other rows; the current one stays current."""
        current = self.currentIndex().row()
        self._rows.show_data(data)
        header = self.horizontalHeader()
        for number in range(len(data.columns)):
            header.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
        if data.rows:
            self.setCurrentIndex(self._rows.index(min(max(current, 0), len(data.rows) - 1), 0))

    def _choose(self, number: int) -> None:
        keys = self._rows.data_shown.keys
        if 0 <= number < len(keys) and keys[number]:
            self.chosen.emit(keys[number])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.currentIndex().row())
            return
        super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(240), theme().px(120))  # the chart in whose place it stands says how high it is

    def restyle(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme().px(28))
        self.setFont(theme().font(tabular=True))

    def retranslate(self) -> None:
        self.setAccessibleName(words(self._name))
