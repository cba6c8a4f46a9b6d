"""Cells painted by hand: a whole table has to stand there before the next key is pressed.

The picture is the style sheet's (`QTableView::item`), in a fraction of the time it takes to look itself up for every
cell; a test compares the two.
"""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QStaticText
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.kit.theme import theme

TONE_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_SELECTED = QStyle.StateFlag.State_Selected.value
_HOVERED = QStyle.StateFlag.State_MouseOver.value
_MOST_KEPT = 4096
_Index = QModelIndex | QPersistentModelIndex


class CellDelegate(QStyledItemDelegate):
    """Background, line below, and the text in one line with its end left out where it is too long.

    `right` is for figures. The table calls `restyle()` when the look changes.
    """

    def __init__(self, parent: QWidget, *, right: bool = False) -> None:
        super().__init__(parent)
        self._right = right
        self.restyle()

    def restyle(self) -> None:
        """Take sizes and colours from the theme again."""
        look = theme()
        self._pad = look.px(8)
        self._line, self._text = look.color("line"), look.color("text")
        self._selected, self._hovered = look.color("accent_wash"), look.color("hover")
        self._laid_out: dict[tuple[str, int], QStaticText] = {}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rect = self._paint_ground(painter, option)
        text = index.data(0)
        if text:
            self._paint_text(painter, option, text, rect.adjusted(self._pad, 0, -self._pad, -1))

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> QRect:
        rect: QRect = option.rect
        state = option.state.value
        if state & _SELECTED:
            painter.fillRect(rect, self._selected)
        elif state & _HOVERED:
            painter.fillRect(rect, self._hovered)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, self._line)
        return rect

    def _paint_text(self, painter: QPainter, option: QStyleOptionViewItem, text: str, room: QRect) -> None:
        laid_out = self._laid_out.get((text, room.width()))
        if laid_out is None:
            laid_out = self._lay_out(text, room.width(), option.font, option.fontMetrics)
        size = laid_out.size()
        left = room.right() + 1 - size.width() if self._right else room.left()
        painter.setFont(option.font)
        painter.setPen(self._text)
        painter.drawStaticText(QPointF(left, room.top() + (room.height() - round(size.height())) // 2), laid_out)

    def _lay_out(self, text: str, width: int, font: QFont, metrics: QFontMetrics) -> QStaticText:
        """The text, or as much of it as there is room for; measured and shaped once."""
        laid_out = QStaticText(metrics.elidedText(text, Qt.TextElideMode.ElideRight, width))
        laid_out.setTextFormat(Qt.TextFormat.PlainText)
        laid_out.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        laid_out.prepare(font=font)
        if len(self._laid_out) >= _MOST_KEPT:
            self._laid_out = {}
        self._laid_out[text, width] = laid_out
        return laid_out


class StateDelegate(CellDelegate):
    """A state: a dot in its tone, then its word."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        rect = self._paint_ground(painter, option)
        text = index.data(0)
        if not text:
            return
        look = theme()
        dot = look.px(8)
        left, middle = rect.left() + self._pad, rect.center().y() + 0.5
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.tone(index.data(TONE_ROLE) or "neutral"))
        painter.drawEllipse(QRectF(left, middle - dot / 2, dot, dot))
        painter.restore()
        room = QRect(rect)
        room.setLeft(left + dot + self._pad)
        room.setRight(rect.right() - look.px(4))
        room.setBottom(rect.bottom() - 1)  # the line below the row is no part of the cell
        self._paint_text(painter, option, text, room)
