"""A signature as it was drawn, small, in the colour of the text."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.runtime.language import tr
from ui.kit.text import Retranslated
from ui.kit.theme import Themed, theme

Strokes = Sequence[Sequence[tuple[float, float, float, float]]]
"""Strokes of points (t_ms, x, y, pressure 0 to 1) in pixels of the pad."""

_WIDTH, _HEIGHT, _PAD = 132, 44, 3


class SignaturePicture(Retranslated, Themed, QWidget):
    """Draws strokes into a small box, keeping their proportions."""

    def __init__(self, strokes: Strokes, *, signer: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._strokes, self._signer = strokes, signer
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.retranslate()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(_WIDTH), theme().px(_HEIGHT))

    def restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def retranslate(self) -> None:
        self.setAccessibleName(tr("Signature of {name}", name=self._signer))
        self.setToolTip(self.accessibleName())

    def paintEvent(self, _event: QEvent) -> None:
        points = [point for stroke in self._strokes for point in stroke]
        if not points:
            return
        left, right = min(point[1] for point in points), max(point[1] for point in points)
        top, bottom = min(point[2] for point in points), max(point[2] for point in points)
        pad = theme().px(_PAD)
        scale = min(
            (self.width() - 2 * pad) / max(right - left, 1.0), (self.height() - 2 * pad) / max(bottom - top, 1.0)
        )
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = QPen(theme().color("text"), theme().px(1.4))
        ink.setCapStyle(Qt.PenCapStyle.RoundCap)
        ink.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(ink)
        for stroke in self._strokes:
            line = [QPointF(pad + (x - left) * scale, pad + (y - top) * scale) for _t, x, y, _p in stroke]
            painter.drawPolyline(line)
        painter.end()
