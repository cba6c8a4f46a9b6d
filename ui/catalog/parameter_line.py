"""One parameter of an entry: name, value, who says it; opened, it tells more and offers what can be done."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.catalog.entries import EntryValue
from app.runtime.language import tr
from ui.kit.layout import column
from ui.kit.text import Retranslated
from ui.kit.theme import Themed, set_role, theme

_HEIGHT, _PAD, _DOT, _GAP = 30, 8, 7, 12
_NAME_SHARE, _VALUE_SHARE = 0.40, 0.32


class _Handle(Retranslated, Themed, QAbstractButton):
    """The line itself: Return, Space or a click opens and closes it, Right and Left as in a tree."""

    def __init__(self, value: EntryValue, parent: QWidget) -> None:
        super().__init__(parent)
        self._value = value
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.retranslate()

    def retranslate(self) -> None:
        value = self._value
        said = ", ".join((str(value.shown.parameter.name), str(value.text), origin_words(value)))
        self.setAccessibleName(said)
        self.setToolTip(said)
        self.update()

    def restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(320), theme().px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(_HEIGHT))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Left):
            if self.isChecked() != (event.key() == Qt.Key.Key_Right):
                self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        pad, width = look.px(_PAD), self.width()
        name_end = pad + (width - 2 * pad) * _NAME_SHARE
        value_end = name_end + (width - 2 * pad) * _VALUE_SHARE
        painter.setFont(look.font("body"))
        self._text(painter, str(self._value.shown.parameter.name), pad, name_end - look.px(_GAP), "muted")
        painter.setFont(look.font("body", tabular=True))
        token = "muted" if self._value.taken_away else "text"
        self._text(painter, str(self._value.text), name_end, value_end - look.px(_GAP), token)
        if self._value.overrides or not self._value.own:
            self._paint_origin(painter, value_end)
        painter.end()

    def _paint_origin(self, painter: QPainter, left: float) -> None:
        """Who says it: a dot marks what stands over something inherited."""
        look = theme()
        if self._value.overrides:
            dot = look.px(_DOT)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("accent"))
            painter.drawEllipse(QRectF(left, (self.height() - dot) / 2, dot, dot))
        painter.setFont(look.font("secondary"))
        text_at = left + look.px(_DOT) + look.px(6)
        self._text(painter, origin_words(self._value), text_at, self.width() - look.px(_PAD), "muted")

    def _text(self, painter: QPainter, text: str, left: float, right: float, token: str) -> None:
        painter.setPen(theme().color(token))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(right - left))
        align = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.drawText(QRectF(left, 0, right - left, self.height()), align, shown)

    def _paint_ground(self, painter: QPainter) -> None:
        look, shape = theme(), QRectF(self.rect())
        painter.setPen(Qt.PenStyle.NoPen)
        if self.underMouse() or self.isChecked():
            painter.setBrush(look.color("hover"))
            painter.drawRoundedRect(shape, look.px(4), look.px(4))
        if self.hasFocus():
            painter.setPen(look.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(shape.adjusted(0.5, 0.5, -0.5, -0.5), look.px(4), look.px(4))


class ParameterLine(QWidget):
    """`looked_at(code)` when it is opened; `details(value)` makes what stands below it then."""

    looked_at = Signal(str)

    def __init__(
        self, value: EntryValue, details: Callable[[EntryValue], QWidget], *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, "plain")
        self.value = value
        self._details: QWidget | None = None
        self._make = details
        self.handle = _Handle(value, self)
        self.handle.toggled.connect(self._on_handle_toggled)
        self._stack = column(self.handle, gap=2)
        self.setLayout(self._stack)

    @property
    def is_open(self) -> bool:
        """Whether more is told."""
        return self.handle.isChecked()

    def details(self) -> QWidget | None:
        """What stands below the line; None before it was first opened."""
        return self._details

    def _on_handle_toggled(self, on: bool) -> None:
        if on and self._details is None:
            self._details = self._make(self.value)
            self._stack.addWidget(self._details)
        if self._details is not None:
            self._details.setVisible(on)
        if on:
            self.looked_at.emit(self.value.code)


def origin_words(value: EntryValue) -> str:
    """Who says it, in a few words; empty for an entry's own value that overrides nothing."""
    if value.taken_away:
        return tr("Taken away, {name} says {value}", name=value.origin_name, value=value.inherited)
    if value.overrides:
        return tr("Own, {name} says {value}", name=value.origin_name, value=value.inherited)
    if value.own:
        return tr("Own value")
    level = tr(value.origin.label) if value.origin is not None else ""
    return tr("From {name} ({level})", name=value.origin_name, level=level)
