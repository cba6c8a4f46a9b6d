"""Signing on the screen by mouse, finger or pen; with the keyboard arrows move the pen and Space sets it down.

What is kept is evidence, so it is kept as it came: every point with the time and pressure the device gave it. Nothing
here makes a picture of it that could be used elsewhere; what stands on paper is drawn from the evidence at sealing.
"""

import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPen, QTabletEvent, QTouchEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.runtime.language import tr, tr_noop
from ui.kit.text import Retranslated
from ui.kit.theme import Themed, set_role, theme

Point = tuple[int, float, float, float]
"""(milliseconds since the first touch, x, y, pressure 0 to 1); x and y in pixels of the pad at 100 %."""

Speak = Callable[[str], str]
"""An English literal in the language of whoever signs."""
MOUSE, TOUCH, PEN = "mouse", "touch", "pen"
_TOOLS = (MOUSE, TOUCH, PEN)
MAX_POINTS = 20_000
MOUSE_PRESSURE = 0.5
_STEP, _BIG_STEP = 4.0, 20.0
_MARGIN = 24
_ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}


def pen_width(pressure: float) -> float:
    """The width of the ink for a pressure, in pixels at 100 %."""
    return 1.2 + 2.4 * max(0.0, min(1.0, pressure))


class SignaturePad(Retranslated, Themed, QWidget):
    """Collects strokes. `changed` after each stroke, and when strokes are taken back."""

    changed = Signal()

    def __init__(
        self, *, width: int = 480, height: int = 180, speak: Speak = tr, parent: QWidget | None = None
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._speak = speak
        self._tool = MOUSE
        self._touch_id = -1
        self._design = QSize(width, height)
        self._strokes: list[list[Point]] = []
        self._stroke: list[Point] | None = None
        self._began: float | None = None
        self._last = 0
        self._origins: dict[bool, float] = {}
        self._count = 0
        self._cursor: QPointF | None = None
        set_role(self, "signature")
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.restyle()
        self.retranslate()

    # --- what pages call -------------------------------------------------------------------------

    def strokes(self) -> list[list[Point]]:
        """All finished strokes, oldest first."""
        return [list(stroke) for stroke in self._strokes]

    def canvas(self) -> tuple[int, int]:
        """Width and height of the space the points lie in."""
        return self._design.width(), self._design.height()

    def is_empty(self) -> bool:
        """Whether nothing has been drawn."""
        return not self._strokes

    def tool(self) -> str:
        """What was signed with: "pen", "touch", or "mouse", which stands for the keyboard, too."""
        return self._tool

    def clear(self) -> None:
        """Begin again."""
        self._strokes, self._stroke, self._began, self._count, self._last = [], None, None, 0, 0
        self._tool, self._origins = MOUSE, {}
        self.update()
        self.changed.emit()

    def take_back(self) -> None:
        """Remove the last stroke."""
        if self._strokes:
            self._count -= len(self._strokes.pop())
            self.update()
            self.changed.emit()

    # --- drawing ---------------------------------------------------------------------------------

    def _milliseconds(self, stamp: int) -> int:
        """Since the first point; by the device's own clock where it has one, which does not wait for the screen."""
        arrived = time.monotonic()
        if self._began is None:
            self._began = arrived
        told = stamp / 1000 if stamp else arrived
        origin = self._origins.setdefault(bool(stamp), told - (arrived - self._began))
        self._last = max(self._last, round((told - origin) * 1000))
        return self._last

    def _begin(self, at: QPointF, pressure: float, *, tool: str = MOUSE, stamp: int = 0) -> None:
        if self._count < MAX_POINTS:
            self._stroke = []
            self._tool = max(self._tool, tool, key=_TOOLS.index)
            self._add(at, pressure, stamp)

    def _add(self, at: QPointF, pressure: float, stamp: int = 0) -> None:
        if self._stroke is None or self._count >= MAX_POINTS:
            return
        scale = theme().look.scale
        x = max(0.0, min(float(self._design.width()), at.x() / scale))
        y = max(0.0, min(float(self._design.height()), at.y() / scale))
        self._stroke.append((self._milliseconds(stamp), round(x, 2), round(y, 2), round(pressure, 3)))
        self._count += 1
        self.update(self._dirty_rect())

    def _end(self) -> None:
        if self._stroke:
            self._strokes.append(self._stroke)
            self._stroke = None
            self.changed.emit()
        self.update()

    def _dirty_rect(self) -> QRect:
        assert self._stroke is not None
        last = self._stroke[-2:]
        scale, around = theme().look.scale, 6
        left, right = min(p[1] for p in last) * scale, max(p[1] for p in last) * scale
        top, bottom = min(p[2] for p in last) * scale, max(p[2] for p in last) * scale
        return QRect(
            int(left) - around, int(top) - around, int(right - left) + 2 * around, int(bottom - top) + 2 * around
        )

    # --- Qt --------------------------------------------------------------------------------------

    def restyle(self) -> None:
        self.setFixedSize(theme().px(self._design.width()), theme().px(self._design.height()))

    def retranslate(self) -> None:
        self.setAccessibleName(self._speak(tr_noop("Signature")))
        self.setAccessibleDescription(
            self._speak(
                tr_noop(
                    "Arrow keys move the pen, with Shift faster. Space sets it down and lifts it. "
                    "Backspace takes a stroke back."
                )
            )
        )
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._cursor = None
            self._begin(event.position(), MOUSE_PRESSURE, stamp=event.timestamp())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._add(event.position(), MOUSE_PRESSURE, event.timestamp())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._end()

    def tabletEvent(self, event: QTabletEvent) -> None:
        kind = event.type()
        if kind == QEvent.Type.TabletPress:
            self._cursor = None
            self._begin(event.position(), event.pressure(), tool=PEN, stamp=event.timestamp())
        elif kind == QEvent.Type.TabletMove:
            self._add(event.position(), event.pressure(), event.timestamp())
        elif kind == QEvent.Type.TabletRelease:
            self._end()
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QTouchEvent):
            self._touch(event)
            event.accept()
            return True
        return super().event(event)

    def _touch(self, event: QTouchEvent) -> None:
        points = event.points()
        if event.type() in (QEvent.Type.TouchEnd, QEvent.Type.TouchCancel) or not points:
            self._end()
            return
        if event.type() == QEvent.Type.TouchBegin:
            self._cursor = None
            self.setFocus()
            self._touch_id = points[0].id()
        # One finger writes; the ball of the hand on the glass is another point.
        finger = next((point for point in points if point.id() == self._touch_id), None)
        if finger is None:
            self._end()
            return
        at, pressure = self.mapFromGlobal(finger.globalPosition()), finger.pressure() or MOUSE_PRESSURE
        if event.type() == QEvent.Type.TouchBegin:
            self._begin(at, pressure, tool=TOUCH, stamp=event.timestamp())
        else:
            self._add(at, pressure, event.timestamp())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in _ARROWS:
            self._move_pen(_ARROWS[Qt.Key(key)], fast=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key == Qt.Key.Key_Space:
            self._lift_or_set_down()
        elif key == Qt.Key.Key_Backspace:
            self._end()
            self.take_back()
        else:
            super().keyPressEvent(event)

    def _move_pen(self, direction: tuple[float, float], *, fast: bool) -> None:
        scale = theme().look.scale
        step = (_BIG_STEP if fast else _STEP) * scale
        pen = self._pen_place()
        moved = QPointF(pen.x() + direction[0] * step, pen.y() + direction[1] * step)
        self._cursor = QPointF(max(0.0, min(self.width(), moved.x())), max(0.0, min(self.height(), moved.y())))
        self._add(self._cursor, MOUSE_PRESSURE)
        self.update()

    def _lift_or_set_down(self) -> None:
        self._cursor = self._pen_place()
        if self._stroke is None:
            self._begin(self._cursor, MOUSE_PRESSURE)
        else:
            self._end()
        self.update()

    def _pen_place(self) -> QPointF:
        return self._cursor or QPointF(theme().px(_MARGIN), self.height() * 0.6)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._end()
        super().focusOutEvent(event)

    def paintEvent(self, event: Any) -> None:
        super().paintEvent(event)
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        painter.scale(look.look.scale, look.look.scale)
        for stroke in [*self._strokes, *([self._stroke] if self._stroke else [])]:
            _draw(painter, stroke, look.color("text"))
        painter.resetTransform()
        if self.hasFocus() and self._cursor is not None:
            pen = QPen(look.color("accent"), look.px(2))
            painter.setPen(pen)
            reach = look.px(7)
            painter.drawLine(self._cursor - QPointF(reach, 0), self._cursor + QPointF(reach, 0))
            painter.drawLine(self._cursor - QPointF(0, reach), self._cursor + QPointF(0, reach))
        painter.end()

    def _paint_ground(self, painter: QPainter) -> None:
        look = theme()
        painter.setPen(QPen(look.color("accent" if self.hasFocus() else "strong_line"), 2 if self.hasFocus() else 1))
        painter.setBrush(look.color("input"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), look.px(6), look.px(6))
        line = self.height() * 0.75
        painter.setPen(QPen(look.color("line"), 1))
        painter.drawLine(QPointF(look.px(_MARGIN), line), QPointF(self.width() - look.px(_MARGIN), line))
        if self.is_empty() and not self._stroke:
            painter.setPen(look.color("muted"))
            painter.setFont(look.font("secondary"))
            area = QRectF(look.px(_MARGIN), line + look.px(4), self.width(), look.px(24))
            words = self._speak(tr_noop("Sign here: pen, finger or mouse"))
            painter.drawText(area, int(Qt.AlignmentFlag.AlignLeft), words)


def _draw(painter: QPainter, stroke: list[Point], ink: QColor) -> None:
    """Draw a stroke in the coordinates of the pad at 100 %."""
    pen = QPen(ink)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    if len(stroke) == 1:
        pen.setWidthF(pen_width(stroke[0][3]) * 1.5)
        painter.setPen(pen)
        painter.drawPoint(QPointF(stroke[0][1], stroke[0][2]))
        return
    for before, after in pairwise(stroke):
        pen.setWidthF(pen_width((before[3] + after[3]) / 2))
        painter.setPen(pen)
        painter.drawLine(QPointF(before[1], before[2]), QPointF(after[1], after[2]))
