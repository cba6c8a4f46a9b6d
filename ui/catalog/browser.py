"""The left side of the catalogue: a search field over the tree, or over what was found."""

from typing import Any

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStackedWidget, QTreeView, QWidget

from app.catalog.queries import TrimRow, list_trims
from app.runtime.language import tr, tr_noop
from ui.catalog.tree_model import CatalogueTreeModel, Node
from ui.kit import formats
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import SearchField
from ui.kit.feedback import EmptyState
from ui.kit.layout import column
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel
from ui.kit.text import Retranslated, name_widget
from ui.kit.theme import Themed, set_role, set_size, theme

WIDTH = 320
_COUNT_WIDTH = 56
_FOUND = (
    Column("full_name", tr_noop("Model"), width=200, stretch=True, format=str,
           tooltip=lambda row: f"{row.full_name}\n{formats.yuan(row.guide_price)}"),
)  # fmt: skip


class CatalogueTree(Retranslated, Themed, QTreeView):
    """The tree of makes. Return on a trim is `opened(node)`; moving is `chosen(node)`."""

    chosen = Signal(object)
    opened = Signal(object)

    def __init__(self, model: CatalogueTreeModel, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._taking_focus = False
        set_role(self, "catalogue-tree")
        self.setModel(model)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        self.restyle()
        self.retranslate()

    def current_node(self) -> Node | None:
        """The node with the cursor."""
        index = self.currentIndex()
        return self._model.node(index) if index.isValid() else None

    def go_to(self, index: QModelIndex) -> None:
        """Put the cursor on an entry and show it."""
        self.selectionModel().setCurrentIndex(
            index, QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        )
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def restyle(self) -> None:
        self.setIndentation(theme().px(18))
        self.header().resizeSection(1, theme().px(_COUNT_WIDTH))

    def retranslate(self) -> None:
        name_widget(self, tr("Catalogue"))
        self._model.retranslate()

    def _on_current_changed(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid() and not self._taking_focus:
            self.chosen.emit(self._model.node(index))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Without a cursor Qt puts it on the first make: nobody chose that."""
        self._taking_focus = True
        super().focusInEvent(event)
        self._taking_focus = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        node = self.current_node()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and node is not None:
            if node.kind == "trim":
                self.opened.emit(node)
            else:
                self.setExpanded(self.currentIndex(), not self.isExpanded(self.currentIndex()))
            return
        super().keyPressEvent(event)


class Browser(QWidget):
    """`node_chosen(Node)` from the tree, `trim_chosen(TrimRow)` from what was found, `loaded` when makes were read."""

    node_chosen = Signal(object)
    trim_chosen = Signal(object)
    loaded = Signal()

    def __init__(self, context: PageContext, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = SearchField(tr_noop("Make, series, trim, year or initials"))
        self.model = CatalogueTreeModel(context.operations, parent=self)
        self.tree = CatalogueTree(self.model)
        self.tree.chosen.connect(self._on_tree_chosen)
        self._finding_again = False
        self.found = KeysetTableModel(context.operations, _FOUND, _list_found, parent=self)
        self.results = RecordTable(self.found, name=tr_noop("Models found"))
        self.results.horizontalHeader().hide()
        self.results.selected.connect(self._on_results_selected)
        self.nothing = EmptyState(
            tr_noop("Nothing matches"), tr_noop("Look for part of a make, series or trim."), icon="search"
        )
        self.stack = QStackedWidget()
        for view in (self.tree, self.results, self.nothing):
            self.stack.addWidget(view)
        self.search.searched.connect(self._on_searched)
        self.search.downwards.connect(self._go_down)
        self.search.returnPressed.connect(self._go_down)
        self.found.rows_shown.connect(self._on_found)
        set_size(self, width=WIDTH)
        layout = column(self.search, gap=12)
        layout.addWidget(self.stack, 1)
        self.setLayout(layout)

    def load(self) -> None:
        """Read the makes, keeping the place in the tree."""
        node = self.tree.current_node()
        path = self.model.path_of(node) if node is not None else []

        def again() -> None:
            if path:
                self.model.reveal_path(path, self._go_back_to, nearest=True)
            self.loaded.emit()

        self.model.load(again)
        if self.search.text().strip():
            self.found.refresh()

    def _go_back_to(self, index: QModelIndex) -> None:
        """The cursor where it was before the tree was read again: nobody chose anything."""
        self._finding_again = True
        self.tree.go_to(index)
        self._finding_again = False

    def _on_tree_chosen(self, node: Node) -> None:
        if not self._finding_again:
            self.node_chosen.emit(node)

    def go_to_first(self) -> None:
        """Put the cursor on the first make, if there is one."""
        if self.model.rowCount():
            self.tree.go_to(self.model.index(0, 0))

    def show_trim(self, trim: TrimRow) -> None:
        """Open the tree at a trim."""
        self.stack.setCurrentWidget(self.tree)
        self.model.reveal(trim, self.tree.go_to)

    def _on_searched(self, text: str) -> None:
        if text:
            self.found.load({"text": text})
        else:
            self.stack.setCurrentWidget(self.tree)

    def _go_down(self) -> None:
        """From the search field into what stands below it; of what was found the first."""
        below = self.stack.currentWidget()
        if below is self.results and self.found.rows and self.results.current_row() is None:
            self.results.selectRow(0)
        if below is not None and below is not self.nothing:
            below.setFocus()

    def _on_found(self) -> None:
        if self.search.text().strip():
            self.stack.setCurrentWidget(self.results if self.found.rows else self.nothing)

    def _on_results_selected(self, row: TrimRow | None) -> None:
        if row is not None:
            self.trim_chosen.emit(row)


def _list_found(reader: Any, *, after: Any, limit: int, text: str = "") -> Any:
    return list_trims(reader, text=text, after=after, limit=limit)
