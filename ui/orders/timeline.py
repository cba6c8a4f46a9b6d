"""What happened to a record, one event below the other, joined by a line; what is still to come stands hollow."""

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.kit.controls import Label
from ui.kit.text import Words
from ui.kit.theme import Themed, theme

_DOT, _LANE = 8, 24


@dataclass(frozen=True, slots=True)
class Event:
    """When (as it is written), what, and the tone of its dot."""

    when: Words
    what: Words
    tone: str = "neutral"
    ahead: bool = False


class Timeline(Themed, QWidget):
    """Events from top to bottom, the newest last."""

    def __init__(self, events: Iterable[Event], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.events = list(events)
        grid = QGridLayout(self)
        grid.setContentsMargins(theme().px(_LANE), 0, 0, 0)
        grid.setHorizontalSpacing(theme().px(12))
        grid.setVerticalSpacing(theme().px(10))
        grid.setColumnStretch(0, 1)
        self._labels: list[Label] = []
        for number, event in enumerate(self.events):
            what, when = Label(event.what, wrap=True), Label(event.when, role="secondary")
            self._labels.append(what)
            grid.addWidget(what, number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(when, number, 1, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)

    def restyle(self) -> None:
        self.update()

    def paintEvent(self, _event: QEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side, x = look.px(_DOT), look.px(_DOT)
        places = [label.y() + look.px(10) for label in self._labels]
        if len(places) > 1:
            painter.setPen(QPen(look.color("strong_line"), look.px(1)))
            painter.drawLine(QPointF(x, places[0]), QPointF(x, places[-1]))
        for event, y in zip(self.events, places, strict=True):
            tone = look.tone(event.tone)
            painter.setPen(QPen(tone, look.px(2)) if event.ahead else QPen(look.color("surface"), look.px(2)))
            painter.setBrush(look.color("surface") if event.ahead else tone)
            painter.drawEllipse(QRectF(x - side / 2, y - side / 2, side, side))
        painter.end()
