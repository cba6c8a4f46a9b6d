"""A range of numbers over its histogram: two handles for the mouse and the arrow keys, two fields for exact ends."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from app.finder.queries import FacetRow
from app.finder.rules import Restriction
from app.finder.wording import name_of, number_text, unit_of
from app.runtime.language import tr
from ui.kit.controls import Label
from ui.kit.layout import column, row
from ui.kit.text import Retranslated, name_widget
from ui.kit.theme import Themed, theme

_HEIGHT, _BARS, _HANDLE, _PAD = 56, 36, 12, 8
_LONGEST = 14


class RangeSlider(Retranslated, Themed, QWidget):
    """Left and Right move the lower end, with Shift the upper one; Home opens both. An end at the edge is open."""

    moved = Signal(object, object)
    """(low, high), None for an open end."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self._code = code
        self._facet: FacetRow | None = None
        self.low: float | None = None
        self.high: float | None = None
        self._dragged = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.retranslate()

    def show_facet(self, facet: FacetRow) -> None:
        """Other counts."""
        self._facet = facet
        self.update()

    def show_range(self, low: float | None, high: float | None) -> None:
        """Other ends, without saying so."""
        self.low, self.high = low, high
        self.retranslate()
        self.update()

    def retranslate(self) -> None:
        ends = [tr("any") if end is None else number_text(self._code, end) for end in (self.low, self.high)]
        name_widget(self, tr("{name}, from {low} to {high}", name=name_of(self._code), low=ends[0], high=ends[1]))

    def sizeHint(self) -> QSize:
        return QSize(theme().px(160), theme().px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(80), theme().px(_HEIGHT))

    def restyle(self) -> None:
        self.updateGeometry()

    # --- places ----------------------------------------------------------------------------------

    def _edges(self) -> tuple[float, float]:
        assert self._facet is not None
        return self._facet.start, self._facet.start + self._facet.step * max(1, len(self._facet.counts))

    def _left_of(self, value: float) -> float:
        start, end = self._edges()
        share = (min(max(value, start), end) - start) / (end - start)
        pad = theme().px(_PAD)
        return pad + share * (self.width() - 2 * pad)

    def _value_at(self, left: float) -> float:
        start, end = self._edges()
        assert self._facet is not None
        pad = theme().px(_PAD)
        share = (left - pad) / max(1, self.width() - 2 * pad)
        steps = round(share * (end - start) / self._facet.step)
        return round(start + steps * self._facet.step, 6)

    def _set_end(self, which: str, value: float) -> None:
        start, end = self._edges()
        step = self._facet.step if self._facet else 1.0
        if which == "low":
            top = end if self.high is None else self.high
            self.low = None if value <= start else min(value, top - step if self.high is None else top)
        else:
            bottom = start if self.low is None else self.low
            self.high = None if value >= end else max(value, bottom + step if self.low is None else bottom)
        self.retranslate()
        self.update()
        self.moved.emit(self.low, self.high)

    # --- mouse and keys --------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._facet is None or not self._facet.counts:
            return
        start, end = self._edges()
        low = self._left_of(start if self.low is None else self.low)
        high = self._left_of(end if self.high is None else self.high)
        left = event.position().x()
        self._dragged = "low" if abs(left - low) <= abs(left - high) else "high"
        self._set_end(self._dragged, self._value_at(left))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged:
            self._set_end(self._dragged, self._value_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged = ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._facet is None or not self._facet.counts:
            super().keyPressEvent(event)
            return
        start, end = self._edges()
        step = self._facet.step
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            delta = step if event.key() == Qt.Key.Key_Right else -step
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._set_end("high", round((end if self.high is None else self.high) + delta, 6))
            else:
                self._set_end("low", round((start if self.low is None else self.low) + delta, 6))
        elif event.key() == Qt.Key.Key_Home:
            self.show_range(None, None)
            self.moved.emit(None, None)
        else:
            super().keyPressEvent(event)

    # --- painting --------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._facet is None or not self._facet.counts:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        start, end = self._edges()
        low, high = (start if self.low is None else self.low), (end if self.high is None else self.high)
        self._paint_bars(painter, low, high)
        self._paint_line(painter, self._left_of(low), self._left_of(high))
        painter.end()

    def _paint_bars(self, painter: QPainter, low: float, high: float) -> None:
        assert self._facet is not None
        look, bins = theme(), self._facet.counts
        most, base = max(max(bins), 1), theme().px(_BARS)
        width = (self.width() - 2 * look.px(_PAD)) / len(bins)
        painter.setPen(Qt.PenStyle.NoPen)
        for place, count in enumerate(bins):
            if not count:
                continue
            middle = self._facet.start + (place + 0.5) * self._facet.step
            color = look.color("accent" if low <= middle <= high else "strong_line")
            color.setAlphaF(0.55 if low <= middle <= high else 0.7)
            painter.setBrush(color)
            height = max(2.0, count / most * base)
            gap = 1.0 if width > 3 else 0.0
            painter.drawRect(QRectF(look.px(_PAD) + place * width, base - height, max(1.0, width - gap), height))

    def _paint_line(self, painter: QPainter, low: float, high: float) -> None:
        look = theme()
        middle = look.px(_BARS) + look.px(_HANDLE) / 2 + 2
        painter.setBrush(look.color("line"))
        painter.drawRoundedRect(QRectF(look.px(_PAD), middle - 1.5, self.width() - 2 * look.px(_PAD), 3), 1.5, 1.5)
        painter.setBrush(look.color("accent"))
        painter.drawRoundedRect(QRectF(low, middle - 1.5, max(0.0, high - low), 3), 1.5, 1.5)
        radius = look.px(_HANDLE) / 2
        painter.setPen(look.color("accent"))
        painter.setBrush(look.color("accent" if self.hasFocus() else "surface"))
        for left in (low, high):
            painter.drawEllipse(QPointF(left, middle), radius, radius)


class RangeBox(Retranslated, QWidget):
    """Histogram, two handles, and the two ends to be typed."""

    changed = Signal(object)
    """A Restriction."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code
        self.slider = RangeSlider(code)
        self.low, self.high = _End(), _End()
        self._unit = Label(lambda: unit_of(code) or ("¥" if code == "@price" else ""), role="secondary")
        self._dash = Label(lambda: "–", role="secondary")
        line = row(self.low, self._dash, self.high, self._unit, gap=6)
        line.setStretch(0, 1)
        line.setStretch(2, 1)
        self.setLayout(column(self.slider, line, gap=4, margins=(0, 2, 0, 8)))
        self.slider.moved.connect(self._on_moved)
        self.low.editingFinished.connect(self._on_typed)
        self.high.editingFinished.connect(self._on_typed)
        self.retranslate()

    def show_facet(self, facet: FacetRow) -> None:
        """Other counts."""
        self.slider.show_facet(facet)

    def show_restriction(self, restriction: Restriction | None) -> None:
        """What is restricted now."""
        low, high = (None, None) if restriction is None else (restriction.low, restriction.high)
        self.slider.show_range(low, high)
        for field, end in ((self.low, low), (self.high, high)):
            if not field.hasFocus() or not field.isModified():
                field.setText("" if end is None else number_text(self.code, end))

    def retranslate(self) -> None:
        for field, text in ((self.low, tr("from")), (self.high, tr("to"))):
            field.setPlaceholderText(text)
            name_widget(field, f"{name_of(self.code)}, {text}")

    def _on_moved(self, low: float | None, high: float | None) -> None:
        self.changed.emit(Restriction(code=self.code, low=low, high=high))

    def _on_typed(self) -> None:
        low, high = self.low.number(), self.high.number()
        if low is not None and high is not None and low > high:
            low, high = high, low
        if (low, high) != (self.slider.low, self.slider.high):
            self.changed.emit(Restriction(code=self.code, low=low, high=high))


class _End(QLineEdit):
    """A number to be typed; 20万 and 200k are understood, anything else is no end."""

    def __init__(self) -> None:
        super().__init__()
        self.setMaxLength(_LONGEST)

    def number(self) -> float | None:
        """What was typed."""
        text = self.text().strip().replace(",", "").casefold()
        factor = 1.0
        for ending, times in (("万", 10_000.0), ("w", 10_000.0), ("k", 1_000.0)):
            if text.endswith(ending):
                text, factor = text[: -len(ending)], times
        try:
            return float(text) * factor
        except ValueError:
            return None
