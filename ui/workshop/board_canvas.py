"""The lanes themselves: cells, free places, blocks, the cursor that the arrow keys move, the line of the present."""

from datetime import datetime

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from app.kernel.clock import Clock
from app.runtime.language import tr, trn
from app.workshop.queries import AppointmentRow, LaneRow
from ui.kit import formats
from ui.kit.text import Retranslated
from ui.kit.theme import Themed, theme
from ui.workshop.appointment_block import AppointmentBlock
from ui.workshop.board_layout import BoardLayout
from ui.workshop.words import bay_words

_ARROWS = {
    Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1), Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0),
}  # fmt: skip
_DAYS = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}


class BoardCanvas(Retranslated, Themed, QWidget):
    """Shows one `BoardLayout`. It alone takes the focus; its accessible description says what the cursor is on."""

    slot_chosen = Signal(object, object)
    """(LaneRow, start): Return or a click on a free place."""
    appointment_chosen = Signal(object)
    """(AppointmentRow): Return or a click on a block."""
    moved = Signal()
    """The cursor stands elsewhere."""
    turned = Signal(int)
    """Page Up and Page Down: days to go."""

    def __init__(self, clock: Clock, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._layout: BoardLayout | None = None
        self._blocks: dict[str, AppointmentBlock] = {}
        self._cursor = (0, 0)
        self._hover: tuple[int, int] | None = None
        self._pinned = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._now_line = _NowLine(self)

    # --- what the board calls --------------------------------------------------------------------

    def show_layout(self, layout: BoardLayout) -> None:
        """Show a day; the cursor stays on its cell, or on its appointment wherever that went."""
        kept = self.current_appointment()
        before = self._layout.view if self._layout is not None else None
        self._layout = layout
        self.resize(round(layout.width), round(layout.height))
        self._place_blocks()
        if before is None or before.day != layout.view.day:
            self._cursor = layout.first_free(self._clock.now()) or (0, 0)
        elif kept is None or not self.select_appointment(kept.id):
            self._cursor = self._inside(*self._cursor)
        self._after_move(tell=False)

    def tick(self) -> None:
        """Put the line of the present where it stands now."""
        now, layout = self._clock.now(), self._layout
        shown = layout is not None and layout.is_within(now)
        self._now_line.setVisible(shown)
        if layout is not None and shown:
            self._now_line.place(round(layout.y_of(now)), self.width())

    def current_appointment(self) -> AppointmentRow | None:
        """The appointment under the cursor."""
        if self._layout is None or not self._layout.lanes or not self._layout.slots:
            return None
        return self._layout.appointment_in(*self._cursor)

    def current_slot(self) -> tuple[LaneRow, datetime] | None:
        """The lane and start under the cursor, where nothing stands and it can still be booked."""
        layout = self._layout
        if layout is None or not layout.lanes or not layout.slots or self.current_appointment() is not None:
            return None
        return self.slot_at(*self._cursor)

    def slot_at(self, lane: int, slot: int) -> tuple[LaneRow, datetime] | None:
        """The lane of a cell and when a booking into it would begin; None where it is past."""
        assert self._layout is not None
        begins = self._layout.bookable_from(slot, self._clock.now())
        return None if begins is None else (self._layout.lanes[lane].row, begins)

    def select_appointment(self, appointment_id: str) -> bool:
        """Put the cursor on an appointment; False when it is not on the board."""
        found = self._layout.find(appointment_id) if self._layout is not None else None
        if found is None or self._layout is None:
            return False
        lane, row = found
        self._cursor = (lane, self._layout.cells_of(lane, row)[0])
        self._after_move(tell=False)
        return True

    def select_slot(self, lane: int, slot: int) -> None:
        """Put the cursor on a cell."""
        self._cursor = self._inside(lane, slot)
        self._after_move()

    def choose(self) -> None:
        """What Return does."""
        appointment, free = self.current_appointment(), self.current_slot()
        if appointment is not None:
            self.appointment_chosen.emit(appointment)
        elif free is not None:
            self.slot_chosen.emit(*free)

    def pin(self, pinned: bool) -> None:
        """Show the cursor's place also while something else has the focus: a booking is being made for it."""
        self._pinned = pinned
        self.update()

    def cursor_rect(self) -> QRect:
        """The cell or block under the cursor, to scroll to."""
        if self._layout is None or not self._layout.lanes or not self._layout.slots:
            return QRect()
        return self._layout.slot_rect(*self._cursor).toAlignedRect()

    def blocks(self) -> list[AppointmentBlock]:
        """The blocks shown."""
        return list(self._blocks.values())

    def describe_cursor(self) -> str:
        """What the cursor is on: "09:30, Maintenance and repair, bay 2: free"."""
        layout, appointment = self._layout, self.current_appointment()
        if appointment is not None:
            return self._blocks[appointment.id].describe()
        if layout is None or not layout.lanes or not layout.slots:
            return ""
        lane, cell = layout.lanes[self._cursor[0]].row, layout.slots[self._cursor[1]]
        place = tr(
            "{time}, {bay}, bay {n}",
            time=formats.clock_time(cell.starts_at), bay=bay_words(lane.bay_type), n=lane.bay_number,
        )  # fmt: skip
        if cell.past:
            return tr("{place}: past", place=place)
        free = cell.free(lane.bay_type)
        return trn("{place}: free, {n} bay of this kind", "{place}: free, {n} bays of this kind", free, place=place)

    # --- inside ----------------------------------------------------------------------------------

    def _inside(self, lane: int, slot: int) -> tuple[int, int]:
        layout = self._layout
        if layout is None:
            return 0, 0
        return (
            min(max(lane, 0), max(len(layout.lanes) - 1, 0)),
            min(max(slot, 0), max(len(layout.slots) - 1, 0)),
        )

    def _place_blocks(self) -> None:
        assert self._layout is not None
        left_over = dict(self._blocks)
        for number, lane in enumerate(self._layout.lanes):
            for row in lane.row.appointments:
                block = left_over.pop(row.id, None)
                if block is None:
                    block = self._blocks[row.id] = AppointmentBlock(row, self)
                    block.clicked.connect(lambda _checked=False, block=block: self._on_block_clicked(block))
                block.set_row(row)
                block.setGeometry(self._layout.block_rect(number, row).toRect())
                block.show()
        for gone in left_over:
            self._blocks.pop(gone).deleteLater()
        self._now_line.raise_()

    def _step(self, across: int, down: int) -> None:
        lane, slot = self._cursor
        appointment = self.current_appointment()
        if appointment is not None and down and self._layout is not None:
            first, last = self._layout.cells_of(lane, appointment)
            slot = last if down > 0 else first
        self.select_slot(lane + across, slot + down)

    def _after_move(self, *, tell: bool = True) -> None:
        current = self.current_appointment()
        for block in self._blocks.values():
            block.set_current(self.hasFocus() and current is not None and block.row.id == current.id)
        self._now_line.raise_()
        self.retranslate()
        self.update()
        if tell:
            self.moved.emit()

    def _on_block_clicked(self, block: AppointmentBlock) -> None:
        self.setFocus()
        self.select_appointment(block.row.id)
        self.moved.emit()
        self.appointment_chosen.emit(block.row)

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Appointments of the day"))
        said = self.describe_cursor()
        if said != self.accessibleDescription():
            self.setAccessibleDescription(said)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    def restyle(self) -> None:
        self.update()

    # --- Qt --------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and key in _ARROWS:
            self._step(*_ARROWS[key])
        elif plain and key in _DAYS:
            self.turned.emit(_DAYS[key])
        elif plain and key in (Qt.Key.Key_Home, Qt.Key.Key_End) and self._layout is not None:
            self.select_slot(self._cursor[0], 0 if key == Qt.Key.Key_Home else len(self._layout.slots) - 1)
        elif plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.choose()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self._layout.cell_at(event.position()) if self._layout is not None else None
        if event.button() != Qt.MouseButton.LeftButton or cell is None:
            super().mousePressEvent(event)
            return
        self.select_slot(*cell)
        self.choose()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._set_hover(self._layout.cell_at(QPointF(event.position())) if self._layout is not None else None)

    def leaveEvent(self, event: QEvent) -> None:
        self._set_hover(None)
        super().leaveEvent(event)

    def _set_hover(self, cell: tuple[int, int] | None) -> None:
        wanted = cell if cell is not None and self.slot_at(*cell) is not None else None
        if wanted != self._hover:
            self._hover = wanted
            self.setCursor(Qt.CursorShape.PointingHandCursor if wanted else Qt.CursorShape.ArrowCursor)
            self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._after_move(tell=False)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._after_move(tell=False)

    # --- painting --------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        layout = self._layout
        if layout is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_cells(painter, layout)
        self._paint_free_counts(painter, layout)
        if self._hover is not None and layout.appointment_in(*self._hover) is None:
            self._paint_place(painter, layout.slot_rect(*self._hover), strong=False)
        shown = self.hasFocus() or self._pinned
        if shown and self.current_appointment() is None and layout.lanes and layout.slots:
            self._paint_place(painter, layout.slot_rect(*self._cursor), strong=True)
        painter.end()

    def _paint_cells(self, painter: QPainter, layout: BoardLayout) -> None:
        look = theme()
        past = sum(1 for slot in layout.slots if slot.past) * layout.slot_height
        half = look.color("line")
        half.setAlpha(120)
        for group in layout.groups:
            area = QRectF(group.left, 0, group.width, layout.height)
            painter.fillRect(area, look.color("surface"))
            if past:
                painter.fillRect(QRectF(group.left, 0, group.width, past), look.color("canvas"))
            for number, slot in enumerate(layout.slots):
                painter.setPen(look.color("line") if slot.starts_at.minute == 0 else half)
                y = number * layout.slot_height + 0.5
                painter.drawLine(QPointF(group.left, y), QPointF(group.left + group.width, y))
        painter.setPen(look.color("line"))
        for lane in layout.lanes:
            painter.drawLine(QPointF(lane.left + 0.5, 0), QPointF(lane.left + 0.5, layout.height))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for group in layout.groups:
            painter.drawRect(QRectF(group.left + 0.5, 0.5, group.width - 1, layout.height - 1))

    def _paint_free_counts(self, painter: QPainter, layout: BoardLayout) -> None:
        look = theme()
        for group in layout.groups:
            for number, slot in enumerate(layout.slots):
                if slot.past:
                    continue
                free = slot.free(group.bay_type)
                painter.setFont(look.font("secondary", tabular=True))
                painter.setPen(look.color("muted") if free else look.color("bad"))
                place = QRectF(group.left, number * layout.slot_height, group.strip_width, layout.slot_height)
                painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), str(free))

    def _paint_place(self, painter: QPainter, place: QRectF, *, strong: bool) -> None:
        look = theme()
        area = place.adjusted(2, 1.5, -1.5, -1.5)
        painter.setBrush(look.color("accent_wash"))
        painter.setPen(QPen(look.color("accent"), look.px(2) if strong else 1))
        painter.drawRoundedRect(area, look.px(5), look.px(5))
        side = look.px(14)
        where = area.center()
        icon = look.icon("plus", "accent")
        icon.paint(painter, round(where.x() - side / 2), round(where.y() - side / 2), side, side)


class _NowLine(QWidget):
    """A thin line over everything; clicks go through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def place(self, y: int, width: int) -> None:
        """Stand at a height."""
        side = theme().px(8)
        self.setGeometry(0, y - side // 2, width, side)
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        painter.setPen(QPen(look.color("bad"), 1))
        painter.drawLine(QPointF(0, middle), QPointF(self.width(), middle))
        painter.setBrush(look.color("bad"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(QPointF(middle, middle), middle - 1, middle - 1)
        painter.end()
