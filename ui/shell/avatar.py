"""A person's mark: the first character of the name in a quiet circle."""

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from ui.kit.theme import TYPE, Themed, theme

_TONES = ("accent", "info", "good", "warn")


class Avatar(Themed, QWidget):
    """A circle with a character; the tone is always the same for the same name."""

    def __init__(self, name: str = "", *, size: int = 32, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._size = name, size
        self.restyle()

    def set_name(self, name: str) -> None:
        """Another person."""
        self._name = name
        self.update()

    def restyle(self) -> None:
        side = theme().px(self._size)
        self.setFixedSize(side, side)

    def paintEvent(self, _event: QEvent) -> None:
        painter = QPainter(self)
        paint_avatar(painter, QRectF(self.rect()), self._name)
        painter.end()


def paint_avatar(painter: QPainter, rect: QRectF, name: str) -> None:
    """Paint the mark of a name into a square."""
    look = theme()
    tone = _TONES[sum(map(ord, name)) % len(_TONES)]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.wash(tone))
    painter.drawEllipse(rect)
    painter.setPen(look.tone(tone))
    font = look.font("body", bold=True)
    font.setPixelSize(max(look.px(TYPE["body"]), int(rect.height() * 0.42)))
    painter.setFont(font)
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), name[:1].upper())
    painter.restore()
