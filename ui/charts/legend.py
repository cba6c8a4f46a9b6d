"""A legend that goes on in a further line where the width ends, each name with how its line is drawn."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui.kit.controls import Label
from ui.kit.layout import Flow, empty
from ui.kit.text import Words, words
from ui.kit.theme import Themed, theme

_WIDE, _SIDE = 22, 10


class Sample(Themed, QWidget):
    """A square in a colour, or a stretch of a line as it is dashed."""

    def __init__(self, token: str, dash: Sequence[float] | None = None) -> None:
        super().__init__()
        self._token, self._dash = token, dash
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(_WIDE if self._dash is not None else _SIDE), theme().px(16))

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        if self._dash is None:
            side = look.px(_SIDE)
            painter.fillRect(QRectF(0, middle - side / 2, side, side), look.color(self._token))
        else:
            pen = QPen(look.color(self._token), look.px(2))
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            if self._dash:
                pen.setDashPattern(list(self._dash))
            painter.setPen(pen)
            painter.drawLine(0, int(middle), self.width(), int(middle))
        painter.end()


class WrappedLegend(QWidget):
    """Names with samples, from left to right and on."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = Flow(gap=6)
        self._shown: list[tuple[str, str, Sequence[float] | None]] = []
        self.setLayout(self._flow)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_names(self, entries: Sequence[tuple[Words, str, Sequence[float] | None]]) -> None:
        """Name, colour token, and the dashes of the line (None: a filled square).

        What stands there already stays: a chart draws itself anew at each size, and its legend must not change that.
        """
        wanted = [(words(name), token, dash) for name, token, dash in entries]
        if wanted == self._shown:
            return
        self._shown = wanted
        empty(self._flow)
        for name, token, dash in entries:
            entry = QWidget()
            line = QHBoxLayout(entry)
            line.setContentsMargins(0, 0, theme().px(6), 0)
            line.setSpacing(theme().px(6))
            line.addWidget(Sample(token, dash))
            line.addWidget(Label(name, role="secondary"))
            self._flow.addWidget(entry)
        self.updateGeometry()
