"""A line that leads to a record: icon, title with a figure at its right, a quieter line below."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import Themed, theme

_HEIGHT, _LOW_HEIGHT = 48, 32
_PAD, _ICON, _GAP, _DOT = 8, 16, 10, 8


class RecordLine(Retranslated, Themed, QAbstractButton):
    """Clicked, or Return and Space with the focus on it, opens what it names. `tone` puts a dot before the subtitle."""

    def __init__(
        self,
        title: Words,
        *,
        subtitle: Words = "",
        figure: Words = "",
        icon: str = "",
        tone: str = "",
        tooltip: Words = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._title, self._subtitle, self._figure = title, subtitle, figure
        self._icon, self._tone, self._tooltip = icon, tone, tooltip
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.retranslate()

    def retranslate(self) -> None:
        parts = [words(part) for part in (self._title, self._figure, self._subtitle)]
        self.setAccessibleName(", ".join(part for part in parts if part))
        self.setToolTip(words(self._tooltip))
        self.updateGeometry()
        self.update()

    def restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        look = theme()
        return QSize(look.px(200), look.px(_HEIGHT if words(self._subtitle) else _LOW_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(120), self.sizeHint().height())

    def keyPressEvent(self, event: object) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # type: ignore[attr-defined]
            self.click()
            return
        super().keyPressEvent(event)  # type: ignore[arg-type]

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        left = look.px(_PAD)
        if self._icon:
            side = look.px(_ICON)
            top = (self.height() - side) // 2
            look.icon(self._icon).paint(painter, left, top, side, side)
            left += side + look.px(_GAP)
        right = self.width() - look.px(_PAD)
        upper = QRectF(left, look.px(5), right - left, look.px(20))
        subtitle = words(self._subtitle)
        if not subtitle:
            upper = QRectF(left, 0, right - left, self.height())
        self._paint_upper(painter, upper)
        if subtitle:
            self._paint_lower(painter, QRectF(left, look.px(25), right - left, look.px(18)))
        painter.end()

    def _paint_ground(self, painter: QPainter) -> None:
        look = theme()
        if self.isEnabled() and (self.underMouse() or self.isDown()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("pressed" if self.isDown() else "hover"))
            painter.drawRoundedRect(QRectF(self.rect()), look.px(6), look.px(6))
        if self.hasFocus():
            painter.setPen(look.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), look.px(6), look.px(6))

    def _paint_upper(self, painter: QPainter, place: QRectF) -> None:
        look = theme()
        painter.setPen(look.color("text" if self.isEnabled() else "muted"))
        painter.setFont(look.font("body", tabular=True))
        figure = words(self._figure)
        if figure:
            painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), figure)
            place.setRight(place.right() - painter.fontMetrics().horizontalAdvance(figure) - look.px(_GAP))
        title = painter.fontMetrics().elidedText(words(self._title), Qt.TextElideMode.ElideRight, int(place.width()))
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), title)

    def _paint_lower(self, painter: QPainter, place: QRectF) -> None:
        look = theme()
        if self._tone:
            dot = look.px(_DOT)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.tone(self._tone))
            painter.drawEllipse(QRectF(place.left(), place.center().y() - dot / 2, dot, dot))
            place.setLeft(place.left() + dot + look.px(6))
        painter.setPen(look.color("muted"))
        painter.setFont(look.font("secondary"))
        text = painter.fontMetrics().elidedText(words(self._subtitle), Qt.TextElideMode.ElideRight, int(place.width()))
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)
