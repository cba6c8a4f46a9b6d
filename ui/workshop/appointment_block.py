"""One appointment on the day's board."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from app.runtime.language import tr
from app.workshop.queries import AppointmentRow
from ui.kit import formats
from ui.kit.text import Retranslated
from ui.kit.theme import Themed, theme
from ui.workshop.words import bay_words, brief_state_words, state_of, state_words

_RADIUS, _BAR, _PAD, _DOT, _LINE = 5, 3, 6, 7, 16


class AppointmentBlock(Retranslated, Themed, QAbstractButton):
    """Customer and plate, state, work; as many lines as fit. The board moves the focus, so the block takes none."""

    def __init__(self, row: AppointmentRow, parent: QWidget) -> None:
        super().__init__(parent)
        self.row = row
        self.current = False
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.retranslate()

    def set_row(self, row: AppointmentRow) -> None:
        """Show newer values."""
        if row != self.row:
            self.row = row
            self.retranslate()

    def set_current(self, current: bool) -> None:
        """Whether the keys act on it."""
        if current != self.current:
            self.current = current
            if current:
                self.raise_()
            self.update()

    def describe(self) -> str:
        """Everything the block stands for, in one sentence."""
        row = self.row
        return tr(
            "{begins}–{ends}, {customer}, {plate}, {work}, {state}, {bay}",
            begins=formats.clock_time(row.starts_at), ends=formats.clock_time(row.ends_at),
            customer=row.customer_name, plate=row.plate or row.vehicle, work=row.work,
            state=state_words(row.state), bay=bay_words(row.bay_type),
        )  # fmt: skip

    def retranslate(self) -> None:
        row = self.row
        self.setAccessibleName(self.describe())
        head = f"{formats.clock_time(row.starts_at)}–{formats.clock_time(row.ends_at)}  {state_words(row.state)}"
        about = " · ".join(part for part in (row.customer_name, row.plate, row.vehicle) if part)
        self.setToolTip("\n".join(part for part in (head, about, row.work, row.note) if part))
        self.update()

    def restyle(self) -> None:
        self.update()

    # --- painting --------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        look = theme()
        line, pad = look.px(_LINE), look.px(_PAD)
        left = look.px(_BAR) + pad
        room = QRectF(left, 0, self.width() - left - look.px(4), self.height())
        count = max(1, int((self.height() + look.px(2)) // line))
        beside = self._plate_fits(painter, room.width())
        if count == 1:
            self._paint_head(painter, room, with_dot=True, with_plate=True)
        else:
            # Two lines stand in the middle of a short block, more hang from the top of a tall one.
            line = min(line, round((self.height() - 2) / 2)) if count == 2 else line
            top = (self.height() - 2 * line) / 2 if count == 2 else look.px(4)
            self._paint_head(
                painter, QRectF(room.left(), top, room.width(), line), with_dot=False, with_plate=beside or count == 2
            )
            self._paint_state(painter, QRectF(room.left(), top + line, room.width(), line), with_work=count == 2)
            if count > 2:
                rest = QRectF(room.left(), top + 2 * line, room.width(), self.height() - top - 2 * line - look.px(2))
                self._paint_work(painter, rest, line, with_plate=not beside)
        painter.end()

    def _paint_ground(self, painter: QPainter) -> None:
        look, tone = theme(), state_of(self.row.state).tone
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        radius = look.px(_RADIUS)
        shape = QPainterPath()
        shape.addRoundedRect(area, radius, radius)
        painter.fillPath(shape, look.wash(tone))
        painter.save()
        painter.setClipPath(shape)
        painter.fillRect(QRectF(0, 0, look.px(_BAR), self.height()), look.tone(tone))
        painter.restore()
        edge = look.tone(tone)
        edge.setAlpha(110 if not self.underMouse() else 200)
        painter.setPen(edge)
        painter.drawPath(shape)
        if self.current:
            pen = painter.pen()
            pen.setColor(look.color("accent"))
            pen.setWidthF(look.px(2))
            painter.setPen(pen)
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def _paint_head(self, painter: QPainter, place: QRectF, *, with_dot: bool, with_plate: bool) -> None:
        look = theme()
        if with_dot:
            place = self._paint_dot(painter, place)
        painter.setPen(look.color("text"))
        painter.setFont(look.font("secondary", bold=True))
        self._paint_text(painter, place, self._name())
        used = painter.fontMetrics().horizontalAdvance(self._name()) + look.px(6)
        painter.setFont(look.font("secondary", tabular=True))
        if with_plate and place.width() - used > look.px(32):
            self._paint_text(painter, place.adjusted(used, 0, 0, 0), self._plate())

    def _plate_fits(self, painter: QPainter, width: float) -> bool:
        """Whether name and plate stand whole on one line."""
        look = theme()
        painter.setFont(look.font("secondary", bold=True))
        used = painter.fontMetrics().horizontalAdvance(self._name()) + look.px(6)
        painter.setFont(look.font("secondary", tabular=True))
        return used + painter.fontMetrics().horizontalAdvance(self._plate()) <= width

    def _paint_state(self, painter: QPainter, place: QRectF, *, with_work: bool) -> None:
        place = self._paint_dot(painter, place)
        painter.setPen(theme().color("text"))
        painter.setFont(theme().font("secondary"))
        text = brief_state_words(self.row.state)
        self._paint_text(painter, place, f"{text} · {self._work()}" if with_work else text)

    def _paint_work(self, painter: QPainter, place: QRectF, line: int, *, with_plate: bool) -> None:
        text = f"{self._plate()} · {self._work()}" if with_plate else self._work()
        painter.setPen(theme().color("muted"))
        painter.setFont(theme().font("secondary"))
        pitch = painter.fontMetrics().lineSpacing()
        lines = max(1, int(place.height() // pitch))
        if lines == 1:
            self._paint_text(painter, QRectF(place.left(), place.top(), place.width(), line), text)
            return
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        painter.save()
        painter.setClipRect(QRectF(place.left(), place.top(), place.width(), lines * pitch))
        painter.drawText(place, int(flags), text)
        painter.restore()

    def _name(self) -> str:
        return self.row.customer_name or tr("Unknown customer")

    def _plate(self) -> str:
        return self.row.plate or self.row.vehicle

    def _work(self) -> str:
        return " ".join(self.row.work.split())

    def _paint_dot(self, painter: QPainter, place: QRectF) -> QRectF:
        look = theme()
        side = look.px(_DOT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.tone(state_of(self.row.state).tone))
        painter.drawEllipse(QPointF(place.left() + side / 2, place.center().y()), side / 2, side / 2)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        return place.adjusted(side + look.px(5), 0, 0, 0)

    @staticmethod
    def _paint_text(painter: QPainter, place: QRectF, text: str) -> None:
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(0, int(place.width())))
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
