"""What runs when: a bar for each campaign and price change over four months, today marked."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QFrame, QScrollArea, QToolTip, QWidget

from app.kernel.clock import branch_date
from app.pricing.queries import PriceChangeRow, list_timeline
from app.pricing.rules import PricePhase
from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.feedback import EmptyState
from ui.kit.layout import STRETCH, column, row
from ui.kit.text import Retranslated, words
from ui.kit.theme import Themed, theme
from ui.pricing.words import PHASES, days_words

DAYS_BEFORE, DAYS_AHEAD = 30, 90
_ROW, _HEAD, _FOOT, _NAMES, _PHASES, _PAD = 34, 40, 20, 340, 132, 12
_TOKENS = {
    PricePhase.IN_FORCE: "good", PricePhase.SCHEDULED: "info", PricePhase.PENDING_APPROVAL: "warn",
    PricePhase.ENDED: "faint",
}  # fmt: skip


class Timeline(Retranslated, Themed, QWidget):
    """Bars by day. Arrow keys go from bar to bar, Return or a click opens one: `opened(change_id)`."""

    opened = Signal(str)

    def __init__(self, today: date) -> None:
        super().__init__()
        self.rows: list[PriceChangeRow] = []
        self.current = -1
        self._first = today - timedelta(days=DAYS_BEFORE)
        self._today = today
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.retranslate()

    @property
    def until(self) -> date:
        """The last day shown."""
        return self._today + timedelta(days=DAYS_AHEAD)

    @property
    def since(self) -> date:
        """The first day shown."""
        return self._first

    def show_rows(self, rows: Sequence[PriceChangeRow]) -> None:
        """Show these, the first to begin on top."""
        self.rows = list(rows)
        self.current = 0 if rows else -1
        self.setMinimumHeight(self.sizeHint().height())
        self.retranslate()
        self.update()

    # --- drawing ---------------------------------------------------------------------------------

    def paintEvent(self, _event: QEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_months(painter)
        for number, line in enumerate(self.rows):
            self._paint_row(painter, number, line)
        self._paint_today(painter)
        painter.end()

    def _paint_months(self, painter: QPainter) -> None:
        look = theme()
        painter.setFont(look.font("secondary"))
        day = date(self._first.year, self._first.month, 1)
        while day <= self.until:
            following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
            left = max(self._x(day), look.px(_NAMES))
            painter.setPen(QPen(look.color("line"), 1))
            if day >= self._first:
                painter.drawLine(left, look.px(_HEAD) - look.px(14), left, self.height())
            painter.setPen(look.color("muted"))
            room = QRect(left + look.px(6), 0, self._x(following) - left - look.px(8), look.px(_HEAD) - look.px(10))
            text = f"{day:%Y-%m}"
            if painter.fontMetrics().horizontalAdvance(text) <= room.width():  # the rest of a month may be too short
                painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)
            day = following

    def _paint_row(self, painter: QPainter, number: int, line: PriceChangeRow) -> None:
        look = theme()
        place = self._row_rect(number)
        if number == self.current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("accent_wash"))
            painter.drawRoundedRect(place, 6, 6)
        painter.setFont(look.font("body"))
        painter.setPen(look.color("text"))
        names = QRect(look.px(_PAD), place.top(), look.px(_NAMES - _PHASES - 2 * _PAD), place.height())
        text = painter.fontMetrics().elidedText(str(line.title), Qt.TextElideMode.ElideRight, names.width())
        painter.drawText(names, int(Qt.AlignmentFlag.AlignVCenter), text)
        painter.setFont(look.font("secondary"))
        painter.setPen(look.color("muted"))
        phases = QRect(names.right() + look.px(_PAD), place.top(), look.px(_PHASES - _PAD), place.height())
        text = painter.fontMetrics().elidedText(
            words(PHASES[line.phase].label), Qt.TextElideMode.ElideRight, phases.width()
        )
        painter.drawText(phases, int(Qt.AlignmentFlag.AlignVCenter), text)
        bar = self._bar(number, line)
        color = look.color(_TOKENS.get(line.phase, "faint"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(QRectF(bar), 4, 4)
        if line.valid_to is None:  # goes on: fades at its end
            painter.setBrush(look.color("surface"))
            painter.setOpacity(0.55)
            painter.drawRect(QRect(bar.right() - look.px(24), bar.top(), look.px(25), bar.height()))
            painter.setOpacity(1.0)

    def _paint_today(self, painter: QPainter) -> None:
        look = theme()
        x = self._x(self._today)
        painter.setPen(QPen(look.color("accent"), 2))
        painter.drawLine(x, look.px(_HEAD) - look.px(10), x, self.height() - look.px(_FOOT))
        painter.setFont(look.font("secondary"))
        painter.setPen(look.color("accent"))
        text = tr("Today")
        width = painter.fontMetrics().horizontalAdvance(text)
        painter.drawText(x - width // 2, self.height() - look.px(4), text)

    def _x(self, day: date) -> int:
        span = (self.until - self._first).days
        room = self.width() - theme().px(_NAMES) - theme().px(_PAD)
        return theme().px(_NAMES) + round(room * (day - self._first).days / span)

    def _row_rect(self, number: int) -> QRect:
        look = theme()
        return QRect(look.px(4), look.px(_HEAD) + number * look.px(_ROW), self.width() - look.px(8), look.px(_ROW))

    def _bar(self, number: int, line: PriceChangeRow) -> QRect:
        place, look = self._row_rect(number), theme()
        left = self._x(max(line.valid_from, self._first))
        last = line.valid_to or self.until
        right = self._x(min(last + timedelta(days=1), self.until))
        return QRect(left, place.top() + look.px(9), max(right - left, look.px(6)), place.height() - look.px(18))

    def sizeHint(self) -> QSize:
        look = theme()
        return QSize(look.px(640), look.px(_HEAD) + max(1, len(self.rows)) * look.px(_ROW) + look.px(_PAD + _FOOT))

    # --- hands -----------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is not None and self.rows:
            self.current = min(max(self.current + step, 0), len(self.rows) - 1)
            self.retranslate()
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current >= 0:
            self.opened.emit(self.rows[self.current].id)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._row_at(event.position().toPoint())
        if number >= 0:
            self.current = number
            self.update()
            self.opened.emit(self.rows[number].id)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        number = self._row_at(event.position().toPoint())
        if number >= 0:
            QToolTip.showText(event.globalPosition().toPoint(), row_words(self.rows[number]), self)

    def _row_at(self, point: QPoint) -> int:
        found = [number for number in range(len(self.rows)) if self._row_rect(number).contains(point)]
        return found[0] if found else -1

    def restyle(self) -> None:
        self.update()

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Calendar of prices"))
        said = row_words(self.rows[self.current]) if 0 <= self.current < len(self.rows) else ""
        self.setAccessibleDescription(said)
        self.update()


def row_words(line: PriceChangeRow) -> str:
    """A bar in words."""
    return tr("{name}: {phase}, {days}", name=str(line.title), phase=words(PHASES[line.phase].label),
              days=days_words(line))  # fmt: skip


class TimelineSheet(QWidget):
    """The calendar in the place of the list."""

    def __init__(self, context: PageContext, *, back: Button) -> None:
        super().__init__()
        self.context = context
        self.timeline = Timeline(branch_date(context.clock.now()))
        self._empty = EmptyState(
            tr_noop("Nothing is planned"),
            tr_noop("Campaigns and price changes of four months appear here once they are submitted."), icon="calendar",
        )  # fmt: skip
        self._empty.hide()
        frame = QFrame()
        frame.setLayout(column(self.timeline, STRETCH))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(frame)
        stack = column(row(back, STRETCH), self._empty, gap=12)
        stack.addWidget(scroll, 1)
        self.setLayout(stack)
        self._scroll = scroll
        self.load()

    def load(self) -> None:
        """Fetch what runs."""
        self.context.operations.run_query(
            self, list_timeline, since=self.timeline.since, until=self.timeline.until, on_done=self._on_rows,
            key="timeline",
        )  # fmt: skip

    def _on_rows(self, rows: Any) -> None:
        self.timeline.show_rows(rows)
        self._empty.setVisible(not rows)
        self._scroll.setVisible(bool(rows))
        if rows:
            self.timeline.setFocus()
