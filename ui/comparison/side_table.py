"""The table of a comparison: a bar where trims differ, a tick and bold where one is better, distances beneath."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from app.catalog.rules import specification_dictionary
from ui.comparison.side_model import CELL_ROLE, ROW_ROLE, SideCell, SideModel, SideRow
from ui.kit.text import Retranslated, Words, name_widget, words
from ui.kit.theme import Themed, set_role, theme

FIRST, NARROWEST, WIDEST = 188, 128, 300
_LOW, _HIGH, _PAD = 30, 46, 12
_TICK = " ✓"
_RESTED_MS = 900
"""So long a cursor stays on what is read, not passed over."""


class SideDelegate(QStyledItemDelegate):
    """Paints a cell as a whole."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        look, place = theme(), option.rect
        row: SideRow | None = index.data(ROW_ROLE)
        if row is None:
            return
        painter.save()
        if row.is_heading or row.strong:
            painter.fillRect(place, look.color("canvas" if row.is_heading else "accent_wash"))
        view = option.widget
        if isinstance(view, QTableView) and view.hasFocus() and view.currentIndex() == index and index.column():
            painter.setPen(look.color("accent"))
            painter.drawRect(place.adjusted(1, 1, -2, -2))
        if index.column() == 0:
            self._paint_name(painter, place, row)
        else:
            cell = index.data(CELL_ROLE)
            if cell is not None:
                self._paint_cell(painter, place, cell, strong=row.strong, alike=not row.differs)
        painter.setPen(look.color("line"))
        painter.drawLine(place.bottomLeft(), place.bottomRight())
        painter.restore()

    def _paint_name(self, painter: QPainter, place: QRect, row: SideRow) -> None:
        look = theme()
        if row.differs and not row.is_heading:
            painter.fillRect(
                QRect(place.left(), place.top() + look.px(6), look.px(3), place.height() - look.px(13)),
                look.color("accent"),
            )
        painter.setPen(look.color("text" if row.differs or row.is_heading else "muted"))
        painter.setFont(look.font(bold=row.is_heading or row.strong))
        room = place.adjusted(look.px(_PAD), 0, -look.px(6), 0)
        _write(painter, room, words(row.name))

    def _paint_cell(self, painter: QPainter, place: QRect, cell: SideCell, *, strong: bool, alike: bool) -> None:
        look = theme()
        room = place.adjusted(look.px(_PAD), 0, -look.px(6), 0)
        delta = words(cell.delta)
        painter.setFont(look.font(bold=cell.best or strong, tabular=True))
        painter.setPen(look.color("accent" if cell.best else "muted" if alike else "text"))
        upper = QRect(room)
        if delta:
            upper.setHeight(place.height() // 2 + look.px(3))
        _write(painter, upper, words(cell.text) + (_TICK if cell.best else ""))
        if delta:
            lower = QRect(room.left(), upper.bottom() - look.px(5), room.width(), place.height() - upper.height())
            painter.setFont(look.font("secondary", tabular=True))
            painter.setPen(look.color("accent" if cell.asks else {1: "good", -1: "warn"}.get(cell.step, "muted")))
            _write(painter, lower, delta)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(theme().px(NARROWEST), theme().px(_LOW))


def _write(painter: QPainter, room: QRect, text: str) -> None:
    shown = QFontMetrics(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)


class SideTable(Retranslated, Themed, QTableView):
    """`laid_out` when columns moved; `explained(Words)` with what the current cell has to say; `rested(code)` when the
    cursor stayed on a parameter; `wanted(trim, code)` when Return, a double click, or a click on a cell that asks wants
    something else there."""

    laid_out = Signal()
    rested = Signal(str)
    explained = Signal(object)
    wanted = Signal(int, str)

    def __init__(self, model: SideModel, name: Words) -> None:
        super().__init__()
        self._model, self._name = model, name
        set_role(self, "comparison")
        model.setParent(self)
        self.setModel(model)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setMinimumSectionSize(1)
        self.setItemDelegate(SideDelegate(self))
        self.clicked.connect(self._on_clicked)
        self.doubleClicked.connect(self._want)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_RESTED_MS)
        self._rest.timeout.connect(self._on_rested)
        self.horizontalScrollBar().valueChanged.connect(self._on_scrolled)
        model.modelReset.connect(self._on_reset)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        self.retranslate()

    def fit(self) -> None:
        """Equal columns that fill the width, never narrower than can be read."""
        look, count = theme(), len(self._model.names)
        header = self.horizontalHeader()
        if not header.count():
            return
        header.resizeSection(0, look.px(FIRST))
        room = self.viewport().width() - look.px(FIRST)
        wide = max(look.px(NARROWEST), min(look.px(WIDEST), room // max(1, count)))
        for number in range(1, count + 1):
            header.resizeSection(number, wide)
        for number, row in enumerate(self._model.rows):
            high = any(words(cell.delta) for cell in row.cells)
            self.setRowHeight(number, look.px(_HIGH if high else _LOW))
        self.laid_out.emit()

    def place_of(self, number: int) -> tuple[int, int]:
        """Left edge in this widget's coordinates, and width, of a trim's column."""
        return self.columnViewportPosition(number + 1) + self.viewport().x(), self.columnWidth(number + 1)

    # --- the names stay in sight -----------------------------------------------------------------

    @property
    def names_width(self) -> int:
        """Width of the column of names, which stays where it is when the trims scroll, in pixels."""
        return self.columnWidth(0)

    def show_trim(self, number: int) -> None:
        """Scroll so far that a trim's column is in sight."""
        line = self.currentIndex().row() if self.currentIndex().isValid() else self.rowAt(0)
        self.scrollTo(self._model.index(max(0, line), number + 1))

    def _scrolled(self) -> bool:
        return self.horizontalScrollBar().value() > 0

    def _on_scrolled(self) -> None:
        self.viewport().update()  # the names are painted over what was moved
        self.laid_out.emit()

    def indexAt(self, place: QPoint) -> QModelIndex:
        if self._scrolled() and place.x() < self.names_width:
            return self._model.index(self.rowAt(place.y()), 0)
        return super().indexAt(place)

    def scrollTo(
        self,
        index: QModelIndex | QPersistentModelIndex,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        super().scrollTo(index, hint)
        covered = self.names_width - self.columnViewportPosition(index.column())
        if index.column() and covered > 0:
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - covered)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._scrolled() and self._model.rows:
            self._paint_names()

    def _paint_names(self) -> None:
        look, painter, option = theme(), QPainter(self.viewport()), QStyleOptionViewItem()
        wide, high = self.names_width, self.viewport().height()
        painter.setClipRect(0, 0, wide, high)
        painter.fillRect(0, 0, wide, high, look.color("surface"))
        last = self.rowAt(high - 1)
        for line in range(max(0, self.rowAt(0)), (last if last >= 0 else len(self._model.rows) - 1) + 1):
            place = QRect(0, self.rowViewportPosition(line), wide, self.rowHeight(line))
            option.rect = place
            self.itemDelegate().paint(painter, option, self._model.index(line, 0))
        painter.fillRect(wide - 1, 0, 1, high, look.color("strong_line"))
        painter.end()

    # --- following -------------------------------------------------------------------------------

    def _on_reset(self) -> None:
        self.clearSpans()
        for number, row in enumerate(self._model.rows):
            if row.is_heading:
                self.setSpan(number, 0, 1, self._model.columnCount())
        self.fit()

    def _on_current_changed(self, index: QModelIndex, _before: QModelIndex) -> None:
        cell = index.data(CELL_ROLE) if index.isValid() else None
        self.explained.emit(cell.explained if cell is not None else "")
        self._rest.start()

    def _on_clicked(self, index: QModelIndex) -> None:
        cell = index.data(CELL_ROLE)
        if cell is not None and cell.asks:
            self._want(index)

    def _want(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE) if index.isValid() else None
        if row is not None and row.code and index.column():
            self.wanted.emit(index.column() - 1, row.code)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._want(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _on_rested(self) -> None:
        row = self.currentIndex().data(ROW_ROLE) if self.currentIndex().isValid() else None
        if row is not None and row.code in specification_dictionary().parameters:
            self.rested.emit(row.code)

    def restyle(self) -> None:
        self.fit()

    def retranslate(self) -> None:
        name_widget(self, words(self._name))
        self.fit()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()
