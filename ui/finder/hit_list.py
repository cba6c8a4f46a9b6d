"""The hits: name and price, key figures, what is free where, and how well each fits."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPainterPath
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.finder.queries import HitRow
from app.finder.wording import shown
from app.runtime.language import tr, tr_noop
from ui.finder.words import stock_parts, stock_text
from ui.kit.text import Retranslated, name_widget
from ui.kit.theme import Themed, theme

_HEIGHT, _PAD, _BOX, _SCORE = 84, 12, 16, 64
PICTURE = (88, 62)
"""Width and height of the small picture of a hit, in pixels of the design."""
_Index = QModelIndex | QPersistentModelIndex
_SAY_ENOUGH = ("drive", "body", "transmission")
"""Parameters whose values need no name before them."""
_LEAST_WIDE = 420
_MOST_PICTURES = 1_000
_NOWHERE = QModelIndex()
NAME = tr_noop("Vehicles that fit")


def price_text(row: HitRow) -> str:
    """The guide price without its cents, which no maker has."""
    return f"¥{row.guide_price:,.0f}"


def facts_text(row: HitRow) -> str:
    """The key figures in one line; what is not stated is said."""
    facts = []
    for fact in row.facts:
        text = tr("not stated") if fact.text is None else str(fact.text)
        bare = fact.code in _SAY_ENOUGH and fact.text is not None
        facts.append(text if bare else tr("{name} {value}", name=shown(fact.label), value=text))
    return " · ".join(facts) or tr(row.energy.label)


class HitModel(QAbstractListModel):
    """The rows that were fetched; asks for more at the end."""

    more_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[HitRow] = []
        self.compared: list[str] = []
        self.pictures: dict[str, QImage | None] = {}
        """Of the trims that were asked for; None where there is none."""
        self._next: int | None = None
        self._asked = False

    @property
    def next(self) -> int | None:
        """Where the list goes on."""
        return self._next

    def show(self, rows: Sequence[HitRow], next_: int | None) -> None:
        """A new answer."""
        self.beginResetModel()
        self.rows, self._next, self._asked = list(rows), next_, False
        self.endResetModel()

    def append(self, rows: Sequence[HitRow], next_: int | None) -> None:
        """More of the same answer."""
        self._next, self._asked = next_, False
        if rows:
            self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(rows) - 1)
            self.rows += rows
            self.endInsertRows()

    def without_picture(self, rows: Sequence[HitRow]) -> list[str]:
        """The trims whose pictures were not asked for yet."""
        return [row.id for row in rows if row.id not in self.pictures]

    def show_pictures(self, asked: Sequence[str], pictures: Mapping[str, QImage]) -> None:
        """What came of asking."""
        if len(self.pictures) > _MOST_PICTURES:
            self.forget_pictures()
        self.pictures.update({trim_id: pictures.get(trim_id) for trim_id in asked})
        if pictures and self.rows:
            self.dataChanged.emit(self.index(0), self.index(len(self.rows) - 1))

    def forget_pictures(self) -> None:
        """They have to be asked for again."""
        self.pictures = {}

    def has_pictures(self) -> bool:
        """Whether any of the rows has one: then all of them keep the place for it."""
        return any(self.pictures.get(row.id) is not None for row in self.rows)

    def set_compared(self, trim_ids: Sequence[str]) -> None:
        """What is marked for comparison."""
        self.compared = list(trim_ids)
        if self.rows:
            self.dataChanged.emit(self.index(0), self.index(len(self.rows) - 1))

    def rowCount(self, parent: _Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def canFetchMore(self, parent: _Index) -> bool:
        return not parent.isValid() and self._next is not None and not self._asked

    def fetchMore(self, parent: _Index) -> None:
        self._asked = True
        self.more_wanted.emit()

    def data(self, index: _Index, role: int = 0) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return str(row.title)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            score = "" if row.score is None else tr("fit {n} of 100", n=row.score)
            parts = (str(row.title), price_text(row), facts_text(row), stock_text(row), score)
            return ", ".join(part for part in parts if part)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{row.title}\n{facts_text(row)}"
        return None


class HitDelegate(QStyledItemDelegate):
    """Paints one hit."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(200, theme().px(_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        assert isinstance(model, HitModel)
        row = model.rows[index.row()]
        look, room = theme(), option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(room, look.color("accent_wash"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(room, look.color("hover"))
        painter.fillRect(room.left(), room.bottom(), room.width(), 1, look.color("line"))
        inside = room.adjusted(look.px(_PAD), look.px(9), -look.px(_PAD), -look.px(9))
        self._paint_box(painter, inside, row.id in model.compared)
        inside.setLeft(inside.left() + look.px(_BOX + 12))
        if model.has_pictures() and inside.width() >= look.px(_LEAST_WIDE + PICTURE[0]):
            self._paint_picture(painter, inside, model.pictures.get(row.id))
            inside.setLeft(inside.left() + look.px(PICTURE[0] + 12))
        if row.score is not None:
            self._paint_score(painter, inside, row.score)
            inside.setRight(inside.right() - look.px(_SCORE))
        self._paint_texts(painter, inside, row)
        painter.restore()

    def _paint_box(self, painter: QPainter, inside: QRect, marked: bool) -> None:
        look = theme()
        side = look.px(_BOX)
        box = QRectF(inside.left() + 0.5, inside.center().y() - side / 2, side, side)
        painter.setPen(look.color("accent" if marked else "strong_line"))
        painter.setBrush(look.color("accent" if marked else "input"))
        painter.drawRoundedRect(box, 4, 4)
        if marked:
            look.icon("check", "on_accent").paint(painter, box.toRect().adjusted(2, 2, -2, -2))

    def _paint_picture(self, painter: QPainter, inside: QRect, image: QImage | None) -> None:
        look, shape = theme(), QPainterPath()
        wide, high = look.px(PICTURE[0]), look.px(PICTURE[1])
        place = QRect(inside.left(), inside.center().y() - high // 2, wide, high)
        shape.addRoundedRect(QRectF(place), look.px(4), look.px(4))
        painter.save()
        painter.setClipPath(shape)
        painter.fillRect(place, look.color("skeleton"))
        if image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, image)
        painter.restore()

    def _paint_score(self, painter: QPainter, inside: QRect, score: int) -> None:
        look = theme()
        place = QRect(inside.right() - look.px(_SCORE - 12), inside.top(), look.px(_SCORE - 12), inside.height())
        painter.setFont(look.font("title", bold=True, tabular=True))
        painter.setPen(look.color("text"))
        upper = QRect(place.left(), place.top() + look.px(6), place.width(), look.px(30))
        painter.drawText(upper, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), str(score))
        bar = QRectF(place.left(), place.top() + look.px(44), place.width(), look.px(4))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("line"))
        painter.drawRoundedRect(bar, 2, 2)
        painter.setBrush(look.color("accent"))
        painter.drawRoundedRect(QRectF(bar.left(), bar.top(), bar.width() * score / 100, bar.height()), 2, 2)

    def _paint_texts(self, painter: QPainter, inside: QRect, row: HitRow) -> None:
        look = theme()
        line = inside.height() // 3
        left, width, top = inside.left(), inside.width(), inside.top()
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(look.font("body", bold=True, tabular=True))
        painter.setPen(look.color("text"))
        price = price_text(row)
        wide = width >= look.px(_LEAST_WIDE)
        taken = painter.fontMetrics().horizontalAdvance(price) + look.px(12)
        price_top = top if wide else top + 2 * line  # a narrow list has the price beside the stock
        painter.drawText(QRect(left, price_top, width, line), middle | int(Qt.AlignmentFlag.AlignRight), price)
        stock_width, taken = (width, taken) if wide else (width - taken, 0)
        title = painter.fontMetrics().elidedText(str(row.title), Qt.TextElideMode.ElideRight, width - taken)
        painter.drawText(QRect(left, top, width - taken, line), middle, title)
        painter.setFont(look.font("secondary"))
        painter.setPen(look.color("muted"))
        facts = painter.fontMetrics().elidedText(facts_text(row), Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(left, top + line, width, line), middle, facts)
        self._paint_stock(painter, QRect(left, top + 2 * line, stock_width, line), row)

    def _paint_stock(self, painter: QPainter, place: QRect, row: HitRow) -> None:
        look = theme()
        painter.setFont(look.font("secondary", tabular=True))
        parts = stock_parts(row) or [(tr("None free"), "")]
        left, dot = place.left(), look.px(8)
        for text, tone in parts:
            width = painter.fontMetrics().horizontalAdvance(text)
            if left + width + (dot + look.px(6) if tone else 0) > place.right() + look.px(4):
                break
            if tone:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.tone(tone))
                painter.drawEllipse(QRectF(left, place.center().y() - dot / 2 + 1, dot, dot))
                left += dot + look.px(6)
            painter.setPen(look.color("text" if tone else "muted"))
            room = QRect(left, place.top(), width + 2, place.height())
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)
            left += width + look.px(16)


class HitList(Retranslated, Themed, QListView):
    """Arrows go through the hits, Space marks one for comparison, Return goes into the panel, / to the text."""

    chosen = Signal(object)
    opened = Signal(object)
    marked = Signal(object)
    search_wanted = Signal()

    def __init__(self, model: HitModel) -> None:
        super().__init__()
        self.setModel(model)
        self._model = model
        model.setParent(self)
        self.setItemDelegate(HitDelegate(self))
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        self.doubleClicked.connect(lambda index: self.opened.emit(self.row_of(index)))
        self.retranslate()

    def row_of(self, index: _Index) -> HitRow | None:
        """The hit at a place of the list."""
        return self._model.rows[index.row()] if index.isValid() and index.row() < len(self._model.rows) else None

    def current_row(self) -> HitRow | None:
        """The hit that has the cursor."""
        return self.row_of(self.currentIndex())

    def select_id(self, trim_id: str) -> bool:
        """Put the cursor on a hit; tells whether it is among those fetched."""
        for place, row in enumerate(self._model.rows):
            if row.id == trim_id:
                self.setCurrentIndex(self._model.index(place))
                return True
        return False

    def retranslate(self) -> None:
        name_widget(self, tr(NAME))
        self.viewport().update()

    def restyle(self) -> None:
        self.doItemsLayout()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.current_row()
        if row is not None and event.key() == Qt.Key.Key_Space:
            self.marked.emit(row)
        elif event.key() == Qt.Key.Key_Slash:
            self.search_wanted.emit()
        elif row is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(row)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        row = self.row_of(index)
        edge = theme().px(_PAD + _BOX + 8)
        if row is not None and event.position().x() <= edge:
            self.marked.emit(row)
            return
        super().mousePressEvent(event)

    def _on_current_changed(self, now: QModelIndex, _before: QModelIndex) -> None:
        row = self.row_of(now)
        if row is not None:
            self.chosen.emit(row)
