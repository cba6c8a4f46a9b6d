"""The table of records: Return opens, states are dots with words, columns stay as their user left them."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    QRectF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QTableView,
    QWidget,
)

from ui.kit.context import ViewSettings
from ui.kit.feedback import SKELETON_AFTER_MS
from ui.kit.row_painting import Cell, RowPainter
from ui.kit.table_model import ROW_ROLE, KeysetTableModel
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import Themed, set_role, theme

PREFETCH_ROWS = 40
MIN_COLUMN = 48


class RecordTable(Retranslated, Themed, QTableView):
    """Shows a `KeysetTableModel`. `selected(row or None)` on selection, `opened(row)` on Return or double click."""

    selected = Signal(object)
    opened = Signal(object)

    def __init__(
        self,
        model: KeysetTableModel,
        *,
        name: Words,
        views: ViewSettings | None = None,
        view_key: str = "",
        multiple: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._name, self._views, self._view_key = name, views, view_key
        self._keep: Any = None
        self._keep_several: list[Any] = []
        self._wait_is_long = False
        self._laid_out = False
        self._sorted, self._descending = -1, False
        self._place = 0
        self._scale = theme().look.scale
        self._rows = RowPainter()
        self._hovered = -1
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(SKELETON_AFTER_MS)
        self._wait.timeout.connect(self._on_wait_timeout)
        self._save = QTimer(self)
        self._save.setSingleShot(True)
        self._save.setInterval(400)
        self._save.timeout.connect(self.save_view)
        set_role(self, "records")
        self._set_up_view(multiple)
        self._model = model
        self.setModel(model)
        self._connect_model(model)
        self._restore_view()
        self.restyle()
        self.retranslate()

    # --- what pages call -------------------------------------------------------------------------

    def current_row(self) -> Any | None:
        """The row that is current and selected, or None."""
        index = self.currentIndex()
        if not index.isValid() or not self.selectionModel().isRowSelected(index.row()):
            return None
        return self._model.row_at(index.row())

    def selected_rows(self) -> list[Any]:
        """All selected rows."""
        return [index.data(ROW_ROLE) for index in self.selectionModel().selectedRows()]

    def select_id(self, row_id: Any) -> bool:
        """Select a row by its id, if it is fetched; otherwise as soon as it arrives."""
        line = self._model.line_of(row_id)
        self._keep = row_id
        if line < 0:
            return False
        self.selectRow(line)
        self.scrollTo(self._model.index(line, 0))
        return True

    def open_current(self) -> None:
        """What Return does."""
        row = self.current_row()
        if row is not None:
            self.opened.emit(row)

    def open_column_menu(self, at: QPoint | None = None) -> None:
        """Which columns are shown."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for number, column in enumerate(self._model.columns):
            entry = menu.addAction(words(column.title))
            entry.setCheckable(True)
            entry.setChecked(not self.isColumnHidden(number))
            entry.toggled.connect(lambda on, number=number: self.show_column(number, on))
        menu.popup(at or self.mapToGlobal(self.horizontalHeader().rect().bottomLeft()))

    def show_column(self, number: int, shown: bool) -> None:
        """Show or hide a column; the last one cannot be hidden."""
        visible = [n for n in range(len(self._model.columns)) if not self.isColumnHidden(n)]
        if not shown and visible == [number]:
            return
        self.setColumnHidden(number, not shown)
        self._share_room()
        self._save.start()

    # --- look and place --------------------------------------------------------------------------

    def _set_up_view(self, multiple: bool) -> None:
        mode = QAbstractItemView.SelectionMode
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(mode.ExtendedSelection if multiple else mode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setSectionsClickable(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(lambda at: self.open_column_menu(header.mapToGlobal(at)))
        header.sectionClicked.connect(self._on_header_clicked)
        header.sectionMoved.connect(lambda *_: self._save.start())
        header.sectionResized.connect(self._on_section_resized)

    def _connect_model(self, model: KeysetTableModel) -> None:
        model.modelAboutToBeReset.connect(self._on_model_about_to_be_reset)
        model.modelReset.connect(self._on_model_reset)
        model.loading_changed.connect(self._on_model_loading_changed)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.doubleClicked.connect(lambda _index: self.open_current())
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    def restyle(self) -> None:
        look = theme()
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(look.row_height)
        self.horizontalHeader().setFixedHeight(look.px(32))
        self.horizontalHeader().setMinimumSectionSize(look.px(MIN_COLUMN))
        self.setFont(look.font(tabular=True))
        self._rows.restyle(self.font())
        ratio, self._scale = look.look.scale / self._scale, look.look.scale
        if ratio != 1.0 and self.model() is not None:
            header = self.horizontalHeader()
            for number in range(header.count()):
                header.resizeSection(number, round(header.sectionSize(number) * ratio))

    def retranslate(self) -> None:
        self.setAccessibleName(words(self._name))
        self._model.retranslate()

    def _share_room(self) -> None:
        """Columns that stretch take the room the others leave."""
        header = self.horizontalHeader()
        shown = [n for n in range(len(self._model.columns)) if not self.isColumnHidden(n)]
        stretching = [n for n in shown if self._model.columns[n].stretch] or shown[-1:]
        others = sum(header.sectionSize(n) for n in shown if n not in stretching)
        room = self.viewport().width() - others
        header.blockSignals(True)
        for place, number in enumerate(stretching):
            least = theme().px(self._model.columns[number].width)
            share = room // (len(stretching) - place)
            header.resizeSection(number, max(least, share))
            room -= header.sectionSize(number)
        header.blockSignals(False)
        self.updateGeometries()
        self.viewport().update()

    # --- how the view was left -------------------------------------------------------------------

    def save_view(self) -> None:
        """Remember order, widths, visibility and sorting."""
        self._save.stop()
        if self._views is None:
            return
        header = self.horizontalHeader()
        columns = [
            {
                "key": self._model.columns[number].key,
                "width": round(header.sectionSize(number) / theme().look.scale),
                "hidden": self.isColumnHidden(number),
            }
            for number in (header.logicalIndex(place) for place in range(header.count()))
        ]
        sort: dict[str, Any] | None = None
        if self._sorted >= 0:
            sort = {"key": self._model.columns[self._sorted].key, "descending": self._descending}
        self._views.save(self._view_key, {"columns": columns, "sort": sort})

    def _restore_view(self) -> None:
        saved = (self._views.load(self._view_key) if self._views is not None else None) or {}
        numbers = {column.key: number for number, column in enumerate(self._model.columns)}
        header = self.horizontalHeader()
        header.blockSignals(True)
        for number, column in enumerate(self._model.columns):
            header.resizeSection(number, theme().px(column.width))
            self.setColumnHidden(number, not column.visible)
        for place, entry in enumerate(item for item in saved.get("columns", []) if item.get("key") in numbers):
            number = numbers[entry["key"]]
            header.moveSection(header.visualIndex(number), place)
            header.resizeSection(number, theme().px(max(MIN_COLUMN, min(2000, int(entry["width"])))))
            self.setColumnHidden(number, bool(entry["hidden"]))
        header.blockSignals(False)
        sort = saved.get("sort") or {}
        if sort.get("key") in numbers:
            self._sort_by(numbers[sort["key"]], bool(sort.get("descending")))

    def _sort_by(self, number: int, descending: bool) -> None:
        self._sorted, self._descending = number, descending
        self._show_sorting()
        self._model.sort(number, Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder)

    # --- slots -----------------------------------------------------------------------------------

    def _on_header_clicked(self, number: int) -> None:
        if not self._model.columns[number].sort:
            self._show_sorting()
            return
        self._sort_by(number, descending=self._sorted == number and not self._descending)
        self._save.start()

    def _show_sorting(self) -> None:
        header = self.horizontalHeader()
        order = Qt.SortOrder.DescendingOrder if self._descending else Qt.SortOrder.AscendingOrder
        header.setSortIndicator(self._sorted, order)
        header.setSortIndicatorShown(self._sorted >= 0)

    def _on_section_resized(self, _number: int, _old: int, _new: int) -> None:
        if self._laid_out:
            self._save.start()

    def _on_selection_changed(self, *_: Any) -> None:
        row = self.current_row() if self.selectionModel().hasSelection() else None
        if row is not None:
            self._keep = row.id
        self.selected.emit(row)

    def _on_model_about_to_be_reset(self) -> None:
        row = self.current_row()
        self._keep = row.id if row is not None else self._keep
        chosen = [one.id for one in self.selected_rows() if one is not None]
        self._keep_several = chosen if len(chosen) > 1 else []
        self._place = self.verticalScrollBar().value()
        self.selectionModel().blockSignals(True)

    def _on_model_reset(self) -> None:
        self.selectionModel().blockSignals(False)
        line = self._model.line_of(self._keep) if self._keep is not None else -1
        several = [place for one in self._keep_several if (place := self._model.line_of(one)) >= 0]
        if len(several) > 1:
            self._select_lines(several, current=line if line in several else several[0])
            self.verticalScrollBar().setValue(self._place)
        elif line >= 0:
            self.selectRow(line)
            self.verticalScrollBar().setValue(self._place)
        elif self._keep is not None:
            self._keep = None
            self.selected.emit(None)

    def _select_lines(self, lines: Sequence[int], *, current: int) -> None:
        """Select these rows, with one signal for all."""
        chosen, last = QItemSelection(), len(self._model.columns) - 1
        for line in lines:
            chosen.select(self._model.index(line, 0), self._model.index(line, last))
        flag = QItemSelectionModel.SelectionFlag
        self.selectionModel().setCurrentIndex(self._model.index(current, 0), flag.NoUpdate)
        self.selectionModel().select(chosen, flag.ClearAndSelect)

    def _on_model_loading_changed(self, loading: bool) -> None:
        self._wait_is_long = False
        if loading:
            self._wait.start()
        else:
            self._wait.stop()
            self.viewport().update()

    def _on_wait_timeout(self) -> None:
        self._wait_is_long = True
        self.viewport().update()

    def _on_scrolled(self, _value: int) -> None:
        last = self.rowAt(self.viewport().height() - 1)
        if last >= 0 and last > self._model.rowCount() - PREFETCH_ROWS:
            self._model.fetchMore(QModelIndex())

    # --- Qt --------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        modified = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not modified:
            self.open_current()
            return
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
            return
        moves = event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up)
        if moves and self._model.rowCount() and not self.selectionModel().hasSelection():
            self.selectRow(max(0, self.currentIndex().row()))  # the first arrow selects, it does not skip a row
            return
        super().keyPressEvent(event)

    def _copy(self) -> None:
        lines = []
        for index in self.selectionModel().selectedRows():
            cells = (
                self._model.index(index.row(), number).data(0)
                for number in range(len(self._model.columns))
                if not self.isColumnHidden(number)
            )
            lines.append("\t".join(cells))
        QGuiApplication.clipboard().setText("\n".join(lines))

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._share_room()
        self._laid_out = True
        self._model.show_lines(-(-self.viewport().height() // theme().row_height))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.rowAt(event.position().toPoint().y()))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def _hover(self, line: int) -> None:
        """The line under the mouse is this one now."""
        before, self._hovered = self._hovered, line
        if line != before:
            for changed in (before, line):
                if changed >= 0:
                    top = self.rowViewportPosition(changed)
                    self.viewport().update(0, top, self.viewport().width(), self.rowHeight(changed))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        if self._model.rowCount():
            self._paint_rows(painter, event.rect())
        elif self._wait_is_long:
            self._paint_skeleton(painter)
        painter.end()

    def _paint_rows(self, painter: QPainter, room: QRect) -> None:
        """The lines that meet `room`, all their cells."""
        first, last = self.rowAt(max(0, room.top())), self.rowAt(room.bottom())
        if first < 0:
            return
        last = last if last >= 0 else self._model.rowCount() - 1
        header, columns = self.horizontalHeader(), self._model.columns
        cells = [
            Cell(number, columns[number], header.sectionViewportPosition(number), header.sectionSize(number))
            for number in range(len(columns))
            if not header.isSectionHidden(number)
        ]
        left, width = -header.offset(), header.length()
        selection, dots = self.selectionModel(), []
        self._rows.begin(painter)
        for line in range(first, last + 1):
            row = QRect(left, self.rowViewportPosition(line), width, self.rowHeight(line))
            self._rows.paint_row(
                painter, row, cells, self._model.texts_of(line),
                selected=selection.isRowSelected(line), hovered=line == self._hovered,
            )  # fmt: skip
            for cell in cells:
                if cell.column.states is not None and self._model.texts_of(line)[cell.number]:
                    dots.append((cell.left, row, cell.column.tone_of(self._model.row_at(line)) or "neutral"))
        self._rows.paint_dots(painter, dots)

    def _paint_skeleton(self, painter: QPainter) -> None:
        """What stands there when the first rows take long."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("skeleton"))
        step, bar, pad = theme().row_height, theme().px(10), theme().px(8)
        for line in range(self.viewport().height() // step):
            for number in range(len(self._model.columns)):
                if self.isColumnHidden(number):
                    continue
                left = self.columnViewportPosition(number) + pad
                width = (self.columnWidth(number) - 2 * pad) * (0.9, 0.6, 0.75)[(line + number) % 3]
                painter.drawRoundedRect(QRectF(left, line * step + (step - bar) / 2, width, bar), 3, 3)
