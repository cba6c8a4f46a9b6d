"""Rows painted by hand: a whole table has to stand there before the next key is pressed.

The picture is the style sheet's (`QTableView::item`), in a fraction of the time it takes to ask for every cell by
itself; a test compares the two.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QStaticText

from ui.kit.columns import MARKED, UNMARKED, Column, without_marks
from ui.kit.theme import has_wide_marks, theme, with_wide_marks

_MOST_KEPT = 4096
_LaidOut = tuple[QStaticText, float, int, bool]
"""A shaped text with its width and height in pixels, and whether its marks are Chinese."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a column of the model stands in the window: its left edge and its width, in pixels."""

    number: int
    column: Column
    left: int
    width: int


class RowPainter:
    """Background, line below, and each text in one line with its end left out where it is too long; figures at the
    right, states as a dot in their tone before the word. Call `restyle()` when the look changes."""

    def __init__(self) -> None:
        self.restyle(QFont())

    def restyle(self, font: QFont) -> None:
        """Take sizes and colours from the theme again."""
        look = theme()
        self._font, self._metrics = font, QFontMetrics(font)
        self._wide_font = with_wide_marks(font)
        self._wide_metrics = QFontMetrics(self._wide_font)
        self._pad, self._dot, self._narrow = look.px(8), look.px(8), look.px(4)
        self._line, self._text = look.color("line"), look.color("text")
        self._quiet, self._found = look.color("muted"), look.color("accent")
        self._selected, self._hovered = look.color("accent_wash"), look.color("hover")
        self._tones: dict[str, QColor] = {}
        self._laid_out: dict[tuple[str, int], _LaidOut] = {}

    def begin(self, painter: QPainter) -> None:
        """Before the first row."""
        painter.setFont(self._font)
        painter.setPen(self._text)

    def paint_row(
        self, painter: QPainter, room: QRect, cells: Sequence[Cell], texts: Sequence[str], *,
        selected: bool, hovered: bool,
    ) -> None:  # fmt: skip
        """One row; `texts` has one text for each column of the model, `room` is the row from the first cell to the
        last."""
        if selected or hovered:
            painter.fillRect(room, self._selected if selected else self._hovered)
        painter.fillRect(room.left(), room.bottom(), room.width(), 1, self._line)
        top, height, pad = room.top(), room.height() - 1, self._pad
        known = self._laid_out.get
        for cell in cells:
            text = texts[cell.number]
            if not text:
                continue
            width, left = cell.width - 2 * pad, cell.left + pad
            if cell.column.struck is not None:
                self._paint_struck(painter, text, QRect(left, top, width, height))
                text = text.partition("\n")[0]
            if cell.column.states is not None:
                left += self._dot + pad
                width -= self._dot + self._narrow
            if MARKED in text:
                self._paint_marks(painter, text, QRect(left, top, width, height))
                text = without_marks(text)
            laid_out, taken, high, chinese = known((text, width)) or self._lay_out(text, width)
            if cell.column.is_right:
                at = QPointF(left + width - taken, top + (height - high) // 2)
            else:
                at = QPointF(left, top + (height - high) // 2)
            if chinese:
                painter.setFont(self._wide_font)
                painter.drawStaticText(at, laid_out)
                painter.setFont(self._font)
            else:
                painter.drawStaticText(at, laid_out)

    def _paint_marks(self, painter: QPainter, text: str, room: QRect) -> None:
        """A line in the accent below what was looked for, as far as there is room for the text."""
        before, below = "", room.top() + (room.height() + self._metrics.height()) // 2
        advance = (self._wide_metrics if has_wide_marks(text) else self._metrics).horizontalAdvance
        for part in text.split(MARKED)[1:]:
            before = before or text[: text.index(MARKED)]
            found, _, after = part.partition(UNMARKED)
            left = room.left() + advance(before)
            width = min(advance(found), room.right() - left)
            if width > 0:
                painter.fillRect(left, below - self._narrow // 2, width, self._narrow // 2, self._found)
            before += found + after

    def _paint_struck(self, painter: QPainter, text: str, room: QRect) -> None:
        """What counted before, quietly, where there is room for all of it before the value."""
        value, _, before = text.partition("\n")
        if not before:
            return
        laid_out, taken, high, _chinese = (
            self._laid_out.get((before, room.width())) or self._lay_out(before, room.width())
        )
        left = room.right() + 1 - self._metrics.horizontalAdvance(value) - self._pad - taken
        if left < room.left():
            return
        middle = room.top() + room.height() // 2
        painter.setPen(self._quiet)
        painter.drawStaticText(QPointF(left, room.top() + (room.height() - high) // 2), laid_out)
        painter.drawLine(QPointF(left, middle), QPointF(left + taken, middle))
        painter.setPen(self._text)

    def paint_dots(self, painter: QPainter, dots: Sequence[tuple[int, QRect, str]]) -> None:
        """The dots of all states at once: (left edge of the cell, row, tone)."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        dot = self._dot
        for left, room, tone in dots:
            color = self._tones.get(tone)
            if color is None:
                color = self._tones[tone] = theme().tone(tone)
            painter.setBrush(color)
            middle = room.center().y() + 0.5
            painter.drawEllipse(QRectF(left + self._pad, middle - dot / 2, dot, dot))

    def _lay_out(self, text: str, width: int) -> _LaidOut:
        """The text, or as much of it as there is room for; measured and shaped once."""
        chinese = has_wide_marks(text)
        font, metrics = (self._wide_font, self._wide_metrics) if chinese else (self._font, self._metrics)
        laid_out = _shape(text, font)
        if laid_out.size().width() > width:
            laid_out = _shape(metrics.elidedText(text, Qt.TextElideMode.ElideRight, width), font)
        if len(self._laid_out) >= _MOST_KEPT:
            self._laid_out = {}
        size = laid_out.size()
        found = self._laid_out[text, width] = (laid_out, size.width(), round(size.height()), chinese)
        return found


def _shape(text: str, font: QFont) -> QStaticText:
    shaped = QStaticText(text)
    shaped.setTextFormat(Qt.TextFormat.PlainText)
    shaped.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    shaped.prepare(font=font)
    return shaped
