"""The day's board: bays above, hours at the left, both staying in sight while the lanes scroll."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from app.kernel.clock import Clock
from app.runtime.language import tr, tr_noop, trn
from app.workshop.queries import AppointmentRow, DayView
from ui.kit import formats
from ui.kit.feedback import EmptyState
from ui.kit.text import Retranslated
from ui.kit.theme import Themed, set_role, set_size, theme
from ui.workshop.board_canvas import BoardCanvas
from ui.workshop.board_layout import BoardLayout, Lane
from ui.workshop.words import bay_words

_HEAD, _HOURS = 44, 52
_TICK_MS = 20_000


class DayBoard(Retranslated, Themed, QWidget):
    """One day. `canvas` has the signals and the cursor."""

    day_turned = Signal(int)

    def __init__(self, clock: Clock, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self.view: DayView | None = None
        self._kinds: frozenset[str] = frozenset()
        self.layout_shown: BoardLayout | None = None
        self.canvas = BoardCanvas(clock)
        self._scroll = _Scroll()
        self._scroll.setWidget(self.canvas)
        self._head = _BayHead(self)
        self._hours = _Hours(self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        grid.addWidget(self._head, 0, 1)
        grid.addWidget(self._hours, 1, 0)
        grid.addWidget(self._scroll, 1, 1)
        grid.setRowStretch(1, 1)
        grid.setColumnStretch(1, 1)
        self._scroll.horizontalScrollBar().valueChanged.connect(self._head.update)
        self._scroll.verticalScrollBar().valueChanged.connect(self._hours.update)
        self._scroll.resized.connect(self._arrange)
        self.canvas.moved.connect(self._show_cursor)
        self.canvas.turned.connect(self.day_turned)
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._tick.timeout.connect(self.tick)

    def show_day(self, view: DayView) -> None:
        """Show a day; on another day, the cursor goes to the first free place."""
        self.view = view
        self._arrange()

    def show_kinds(self, kinds: Iterable[str]) -> None:
        """Only the lanes of these bay types; all without any."""
        self._kinds = frozenset(kinds)
        self._arrange()

    def _shown(self, view: DayView) -> DayView:
        lanes = tuple(lane for lane in view.lanes if lane.bay_type in self._kinds)
        return replace(view, lanes=lanes) if lanes else view

    def tick(self) -> None:
        """Time went on: move the line of the present."""
        self.canvas.tick()
        self._hours.update()

    def appointment(self, appointment_id: str) -> AppointmentRow | None:
        """An appointment on the board."""
        found = self.layout_shown.find(appointment_id) if self.layout_shown is not None else None
        return found[1] if found else None

    def select_appointment(self, appointment_id: str) -> bool:
        """Put the cursor on an appointment and bring it into sight."""
        found = self.canvas.select_appointment(appointment_id)
        self._show_cursor()
        return found

    def scroll_place(self) -> QPointF:
        """How far the lanes are scrolled."""
        return QPointF(self._scroll.horizontalScrollBar().value(), self._scroll.verticalScrollBar().value())

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self._clock.now()

    def _arrange(self) -> None:
        if self.view is None:
            return
        room, view = self._scroll.maximumViewportSize(), self._shown(self.view)
        layout = BoardLayout(view, room.width(), room.height())
        bar = self._scroll.verticalScrollBar().sizeHint().width()
        if layout.width > room.width():
            layout = BoardLayout(view, room.width(), room.height() - bar)
        elif layout.height > room.height():
            layout = BoardLayout(view, room.width() - bar, room.height())
        self.layout_shown = layout
        self.canvas.show_layout(layout)
        self.tick()
        self._head.update()

    def _show_cursor(self) -> None:
        where = self.canvas.cursor_rect()
        if not where.isNull():
            centre = where.center()
            self._scroll.ensureVisible(centre.x(), centre.y(), where.width() // 2 + 8, where.height())

    def retranslate(self) -> None:
        self._head.update()

    def restyle(self) -> None:
        self._arrange()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self._tick.start()
        self.tick()

    def hideEvent(self, event: object) -> None:
        self._tick.stop()
        super().hideEvent(event)  # type: ignore[arg-type]


class _Scroll(QScrollArea):
    """The lanes' view; the focus goes to the lanes, not to it."""

    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        set_role(self.viewport(), "plain")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


class _BayHead(QWidget):
    """Above the lanes: what the bays are for, and their numbers."""

    def __init__(self, board: DayBoard) -> None:
        super().__init__()
        self._board = board
        set_size(self, height=_HEAD)

    def paintEvent(self, _event: QPaintEvent) -> None:
        layout = self._board.layout_shown
        if layout is None:
            return
        look, painter = theme(), QPainter(self)
        painter.translate(-self._board.scroll_place().x(), 0)
        line = look.px(_HEAD) / 2
        for group in layout.groups:
            lanes = [lane for lane in layout.lanes if lane.row.bay_type == group.bay_type]
            painter.setFont(look.font("secondary", bold=True))
            painter.setPen(look.color("text"))
            title = f"{bay_words(group.bay_type)} · {trn('{n} bay', '{n} bays', _real(lanes))}"
            _draw(painter, QRectF(group.left, 0, group.width, line), title, Qt.AlignmentFlag.AlignLeft)
            painter.setFont(look.font("secondary"))
            painter.setPen(look.color("muted"))
            _draw(painter, QRectF(group.left, line, group.strip_width, line), tr("free"), Qt.AlignmentFlag.AlignHCenter)
            for lane in lanes:
                over = lane.row.overbooked
                painter.setPen(look.color("bad") if over else look.color("muted"))
                words = tr("Overbooked") if over else tr("Bay {n}", n=lane.row.bay_number)
                _draw(painter, QRectF(lane.left, line, lane.width, line), words, Qt.AlignmentFlag.AlignHCenter)
        painter.end()


class _Hours(QWidget):
    """At the left: the hours, and the present time on its line."""

    def __init__(self, board: DayBoard) -> None:
        super().__init__()
        self._board = board
        set_size(self, width=_HOURS)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(_HOURS), 10)

    def paintEvent(self, _event: QPaintEvent) -> None:
        layout = self._board.layout_shown
        if layout is None:
            return
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(0, -self._board.scroll_place().y())
        painter.setFont(look.font("secondary", tabular=True))
        painter.setPen(look.color("muted"))
        width, now = self.width() - look.px(8), self._board.now
        here = layout.y_of(now) if layout.is_within(now) else None
        for number, slot in enumerate(layout.slots):
            place = QRectF(0, number * layout.slot_height + look.px(2), width, look.px(16))
            hidden = here is not None and abs(place.center().y() - here) < look.px(17)
            if (slot.starts_at.minute == 0 or number == 0) and not hidden:
                _draw(painter, place, formats.clock_time(slot.starts_at), Qt.AlignmentFlag.AlignRight)
        if layout.is_within(self._board.now):
            self._paint_now(painter, layout, width)
        painter.end()

    def _paint_now(self, painter: QPainter, layout: BoardLayout, width: int) -> None:
        look = theme()
        middle, high = layout.y_of(self._board.now), look.px(18)
        area = QRectF(look.px(2), middle - high / 2, width - look.px(2) + look.px(4), high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("bad"))
        painter.drawRoundedRect(area, look.px(4), look.px(4))
        painter.setPen(look.color("on_bad"))
        painter.setFont(look.font("secondary", bold=True, tabular=True))
        painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), formats.clock_time(self._board.now))


def no_bays() -> EmptyState:
    """In place of the board where the branch has no bay."""
    return EmptyState(
        tr_noop("This branch has no bays yet"),
        tr_noop("An administrator enters the number of bays of each kind under Staff and branches."),
        icon="wrench",
    )


def _real(lanes: Sequence[Lane]) -> int:
    return sum(1 for lane in lanes if not lane.row.overbooked)


def _draw(painter: QPainter, place: QRectF, text: str, side: Qt.AlignmentFlag) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(place.width()))
    painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | side), shown)
