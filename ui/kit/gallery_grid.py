"""The grid of a gallery: tiles that fetch their pictures when they are seen, moved about by mouse and keys."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QByteArray,
    QEvent,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QDrag, QDragMoveEvent, QDropEvent, QKeyEvent, QPainter, QPainterPath, QPixmap, QResizeEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.attachments.queries import AttachmentRow, ContentRef, Whereabouts
from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.picture_loading import Loaded, load_small
from ui.kit.text import Retranslated
from ui.kit.theme import Themed, set_role, theme

ROW_ROLE = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex
TILE_WIDTH, TILE_RATIO, CAPTION, GAP = 108, 0.75, 22, 8
MOST_LINES = 3
_AT_ONCE = 12
_MIME = "application/x-forecourt-attachment"
WHERE_WORDS = {
    Whereabouts.WAITING: tr_noop("Waiting to be sent to the centre"),
    Whereabouts.ELSEWHERE: tr_noop("Not at this desk yet; fetched when you open it"),
}
_WHERE_ICONS = {Whereabouts.WAITING: "upload", Whereabouts.ELSEWHERE: "cloud"}


class TileModel(QAbstractListModel):
    """The attachments of a gallery, with the small pictures that have been asked for so far."""

    def __init__(self, context: PageContext, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._parent = context, parent
        self.rows: list[AttachmentRow] = []
        self._pictures: dict[str, QPixmap | None] = {}
        self._wanted: dict[str, ContentRef] = {}
        self._size, self._ratio = QSize(), 1.0
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._load)

    def show_rows(self, rows: Sequence[AttachmentRow]) -> None:
        """Other rows, or the same ones as they are now; what was not here before is tried again."""
        self.beginResetModel()
        self.rows = list(rows)
        self._pictures = {sha256: picture for sha256, picture in self._pictures.items() if picture is not None}
        self.endResetModel()

    def set_picture_size(self, size: QSize, ratio: float) -> None:
        """How large pictures are shown (in device-independent pixels); what was loaded for another size goes."""
        if (size, ratio) != (self._size, self._ratio):
            self._size, self._ratio = size, ratio
            self._pictures.clear()

    def picture(self, row: AttachmentRow) -> QPixmap | None:
        """The small picture; None while it is on its way, asked for by this."""
        small = row.thumb
        if small is None or small.sha256 in self._pictures:
            return None if small is None else self._pictures[small.sha256]
        self._wanted[small.sha256] = small
        if not self._soon.isActive():
            self._soon.start()
        return None

    def is_missing(self, row: AttachmentRow) -> bool:
        """Whether it was looked for and is not at this desk."""
        return row.thumb_sha256 in self._pictures and self._pictures[row.thumb_sha256] is None

    def _load(self) -> None:
        newest = list(self._wanted)[-_AT_ONCE:]  # what is seen now was asked for last
        batch = [self._wanted.pop(sha256) for sha256 in newest]
        if batch and not self._size.isEmpty():
            size = self._size * self._ratio
            self._context.operations.run_query(
                self._parent, load_small, batch, size,
                on_done=lambda loaded: self._take(loaded, size), on_error=lambda _error: self._forget(batch),
            )  # fmt: skip

    def _take(self, loaded: Sequence[Loaded], size: QSize) -> None:
        if size == self._size * self._ratio:
            for one in loaded:
                picture = None
                if one.image is not None:
                    picture = QPixmap.fromImage(one.image)
                    picture.setDevicePixelRatio(self._ratio)
                self._pictures[one.sha256] = picture
            self.dataChanged.emit(self.index(0), self.index(len(self.rows) - 1))
        if self._wanted:
            self._soon.start()

    def _forget(self, batch: Sequence[ContentRef]) -> bool:
        """A row that went away meanwhile takes its picture along; nothing to tell."""
        self._pictures |= dict.fromkeys((one.sha256 for one in batch), None)
        return True

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(row, index.row())
        if role == Qt.ItemDataRole.ToolTipRole:
            where = WHERE_WORDS.get(row.whereabouts)
            return row.name if where is None else f"{row.name}\n{tr(where)}"
        return None

    def _spoken(self, row: AttachmentRow, place: int) -> str:
        parts = [tr("{name}, {n} of {total}", name=row.name, n=place + 1, total=len(self.rows))]
        if place == 0 and row.is_picture:
            parts.append(tr("main picture"))
        where = WHERE_WORDS.get(row.whereabouts)
        return ", ".join(parts if where is None else [*parts, tr(where)])

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled


class _TilePainter(QStyledItemDelegate):
    """A tile: the picture or what stands for it, its name below, in a corner where its bytes are."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:
        grid: Any = self.parent()
        size: QSize = grid.gridSize()
        return size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        look, row = theme(), index.data(ROW_ROLE)
        model: Any = index.model()
        place = option.rect.adjusted(0, 0, -look.px(GAP), -look.px(GAP))
        frame = QRect(place.left(), place.top(), place.width(), place.height() - look.px(CAPTION))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(frame), look.px(6), look.px(6))
        painter.fillPath(shape, look.color("skeleton"))
        picture = model.picture(row)
        if picture is not None:
            painter.setClipPath(shape)
            painter.drawPixmap(frame, picture)
            painter.setClipping(False)
        else:
            self._paint_stand_in(painter, frame, row, missing=model.is_missing(row))
        self._paint_frame(painter, frame, option)
        self._paint_badges(painter, frame, row, is_main=index.row() == 0)
        self._paint_name(painter, place, row)
        painter.restore()

    def _paint_stand_in(self, painter: QPainter, frame: QRect, row: AttachmentRow, *, missing: bool) -> None:
        look = theme()
        name = "file-spreadsheet" if "sheet" in row.media_type else "file-text"
        icon = ("cloud" if missing else "image") if row.is_picture else name
        side = look.px(28)
        look.icon(icon).paint(
            painter, frame.center().x() - side // 2, frame.center().y() - side // 2, side, side
        )  # fmt: skip

    def _paint_frame(self, painter: QPainter, frame: QRect, option: QStyleOptionViewItem) -> None:
        look = theme()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        pen = painter.pen()
        pen.setColor(look.color("accent" if chosen else "line"))
        pen.setWidthF(look.px(2) if chosen else 1)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(frame).adjusted(0.5, 0.5, -0.5, -0.5), look.px(6), look.px(6))

    def _paint_badges(self, painter: QPainter, frame: QRect, row: AttachmentRow, *, is_main: bool) -> None:
        icons = ["star"] if is_main and row.is_picture else []
        icons += [_WHERE_ICONS[row.whereabouts]] if row.whereabouts in _WHERE_ICONS else []
        look = theme()
        side, pad = look.px(14), look.px(4)
        right = frame.right() - pad
        for name in reversed(icons):
            ground = QRectF(right - side - 2 * pad, frame.top() + pad, side + 2 * pad, side + 2 * pad)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("surface"))
            painter.drawEllipse(ground)
            token = "accent" if name == "star" else "text"
            look.icon(name, token).paint(painter, ground.adjusted(pad, pad, -pad, -pad).toRect())
            right = int(ground.left()) - pad

    def _paint_name(self, painter: QPainter, place: QRect, row: AttachmentRow) -> None:
        look = theme()
        below = QRect(place.left(), place.bottom() - look.px(CAPTION) + 1, place.width(), look.px(CAPTION))
        painter.setFont(look.font("secondary"))
        painter.setPen(look.color("muted"))
        text = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideMiddle, below.width())
        painter.drawText(below, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)


class TileGrid(Retranslated, Themed, QListView):
    """The tiles. `opened(place)`, `moved(id, place)`, `removed()`, `renamed()`, `pasted()`, `chosen()`."""

    opened = Signal(int)
    moved = Signal(str, int)
    removed = Signal()
    renamed = Signal()
    pasted = Signal()
    chosen = Signal()

    def __init__(self, model: TileModel, *, editable: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles, self._editable = model, editable
        set_role(self, "tiles")
        self.setModel(model)
        self.setItemDelegate(_TilePainter(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSpacing(0)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setDragEnabled(editable)
        self.setAcceptDrops(editable)
        self.setTabKeyNavigation(False)
        self.doubleClicked.connect(lambda index: self.opened.emit(index.row()))
        self.selectionModel().currentChanged.connect(lambda *_: self.chosen.emit())
        model.modelReset.connect(self.arrange)
        self.restyle()
        self.retranslate()

    def current_row(self) -> AttachmentRow | None:
        """The tile that is chosen, or None."""
        index = self.currentIndex()
        return index.data(ROW_ROLE) if index.isValid() else None

    def choose(self, attachment_id: str) -> None:
        """Choose a tile by its attachment; nothing happens if it is not there."""
        for place, row in enumerate(self._tiles.rows):
            if row.id == attachment_id:
                self.setCurrentIndex(self._tiles.index(place))

    def arrange(self) -> None:
        """Fit whole tiles into the width, and be as high as they need, up to some lines."""
        look, gap = theme(), theme().px(GAP)
        room = max(self.width() + gap - 2, look.px(TILE_WIDTH))  # the last tile's gap may lie outside
        columns = max(1, room // look.px(TILE_WIDTH))
        lines = -(-len(self._tiles.rows) // columns)
        scrolls = lines > MOST_LINES
        off, on = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAlwaysOn
        self.setVerticalScrollBarPolicy(on if scrolls else off)
        self.setViewportMargins(0, 0, 0 if scrolls else -gap, 0)
        width = (room - (self.verticalScrollBar().sizeHint().width() + gap if scrolls else 0)) // columns
        picture = QSize(width - gap, round((width - gap) * TILE_RATIO))
        cell = QSize(width, picture.height() + gap + look.px(CAPTION))
        self._tiles.set_picture_size(picture, self.devicePixelRatioF())
        if self.gridSize() != cell:
            self.setGridSize(cell)
        self.setFixedHeight(max(1, min(lines, MOST_LINES)) * cell.height() + 2)

    def restyle(self) -> None:
        self.arrange()

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Pictures and documents"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.arrange()

    # --- keys ------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._does(event):  # type: ignore[arg-type]
            event.accept()  # here these keys mean a tile, not what they mean on the page
            return True
        return super().event(event)

    def _does(self, event: QKeyEvent) -> bool:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            return not control and self.current_row() is not None
        if not self._editable:
            return False
        if control:
            return key in (Qt.Key.Key_V, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home)
        return key in (Qt.Key.Key_Delete, Qt.Key.Key_F2) and self.current_row() is not None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._does(event):
            super().keyPressEvent(event)
            return
        row, place, key = self.current_row(), self.currentIndex().row(), event.key()
        if key == Qt.Key.Key_V:
            self.pasted.emit()
        elif key == Qt.Key.Key_Delete:
            self.removed.emit()
        elif key == Qt.Key.Key_F2:
            self.renamed.emit()
        elif row is not None and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.moved.emit(row.id, place + (-1 if key == Qt.Key.Key_Left else 1))
        elif row is not None and key == Qt.Key.Key_Home:
            self.moved.emit(row.id, 0)
        elif row is not None:
            self.opened.emit(place)

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid() and self._tiles.rows:
            self.setCurrentIndex(self._tiles.index(0))

    # --- dragging --------------------------------------------------------------------------------

    def startDrag(self, _actions: Qt.DropAction) -> None:
        row = self.current_row()
        if row is None or not self._editable:
            return
        drag, carried = QDrag(self), QMimeData()
        carried.setData(_MIME, QByteArray(row.id.encode("ascii")))
        drag.setMimeData(carried)
        picture = self._tiles.picture(row)
        if picture is not None:
            drag.setPixmap(picture)
        drag.exec(Qt.DropAction.MoveAction)

    def dragEnterEvent(self, event: QDragMoveEvent) -> None:
        self.dragMoveEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if event.source() is self and event.mimeData().hasFormat(_MIME):
            event.acceptProposedAction()
        else:
            event.ignore()  # files: for the gallery around this

    def dropEvent(self, event: QDropEvent) -> None:
        if event.source() is not self or not event.mimeData().hasFormat(_MIME):
            event.ignore()
            return
        event.acceptProposedAction()
        self.drop_tile(bytes(event.mimeData().data(_MIME).data()).decode("ascii"), event.position().toPoint())

    def drop_tile(self, attachment_id: str, at: QPoint) -> None:
        """A tile was let go at a point: it goes before the one there, behind it in that one's right half."""
        index = self.indexAt(at)
        place = index.row() if index.isValid() else len(self._tiles.rows)
        if index.isValid() and at.x() > self.visualRect(index).center().x():
            place += 1
        old = next((n for n, row in enumerate(self._tiles.rows) if row.id == attachment_id), None)
        if old is not None:
            self.moved.emit(attachment_id, place - 1 if place > old else place)
