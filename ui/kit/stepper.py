"""The stations of a way at the left: which are done, which is in hand, what was chosen."""

from collections.abc import Mapping

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.runtime.language import tr
from ui.kit.layout import STRETCH, column
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import Themed, set_role, theme

WIDTH = 184
ROOMY = 880
"""From this width on a page has room for its steps beside a document with its verbs."""


class StepEntry(Retranslated, Themed, QAbstractButton):
    """One station: a ring with its number or a tick, its name, and what was chosen there."""

    def __init__(self, label: Words, number: int, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label, self._number = label, number
        self._note = ""
        self._current = self._done = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.restyle()
        self.retranslate()

    def set_station(self, *, current: bool, done: bool) -> None:
        """Whether it is in hand, and whether it is done."""
        self._current, self._done = current, done
        self.retranslate()
        self.update()

    def set_note(self, note: str) -> None:
        """What was chosen there."""
        self._note = note
        self.retranslate()
        self.update()

    def restyle(self) -> None:
        self.setFixedHeight(theme().px(56))
        self.update()

    def retranslate(self) -> None:
        name = words(self._label)
        state = tr("in hand") if self._current else tr("done") if self._done else tr("to do")
        self.setAccessibleName(", ".join(part for part in (name, state, self._note) if part))
        self.setToolTip(self._note)

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, middle = look.px(8), self.height() / 2
        if self._current or self.hasFocus():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("accent_wash" if self._current else "canvas"))
            painter.drawRoundedRect(QRectF(0, 2, self.width(), self.height() - 4), look.px(6), look.px(6))
        self._paint_ring(painter, QRectF(left, middle - look.px(12), look.px(24), look.px(24)))
        text_left = left + look.px(36)
        room = self.width() - text_left - look.px(8)
        has_note = bool(self._note)
        painter.setPen(look.color("text" if self._current or self._done else "muted"))
        painter.setFont(look.font("body", bold=self._current))
        name_top = middle - look.px(20 if has_note else 10)
        painter.drawText(
            QRectF(text_left, name_top, room, look.px(20)), Qt.AlignmentFlag.AlignVCenter, words(self._label)
        )
        if has_note:
            painter.setPen(look.color("muted"))
            painter.setFont(look.font("secondary"))
            shown = painter.fontMetrics().elidedText(self._note, Qt.TextElideMode.ElideRight, int(room))
            painter.drawText(QRectF(text_left, middle, room, look.px(20)), Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_ring(self, painter: QPainter, ring: QRectF) -> None:
        look = theme()
        accent = look.color("accent")
        filled = self._done and not self._current
        painter.setPen(QPen(accent if self._current or self._done else look.color("strong_line"), 1.5))
        painter.setBrush(accent if filled else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(ring)
        painter.setPen(look.color("on_accent") if filled else accent if self._current else look.color("muted"))
        painter.setFont(look.font("secondary", bold=True))
        painter.drawText(ring, Qt.AlignmentFlag.AlignCenter, "✓" if filled else str(self._number))


class Stepper(QWidget):
    """All stations, by code, in their order. `chosen(code)` when one is clicked that was reached."""

    chosen = Signal(str)

    def __init__(self, labels: Mapping[str, Words], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "plain")
        self.setFixedWidth(theme().px(WIDTH))
        self._order = tuple(labels)
        self._entries = {code: StepEntry(label, number) for number, (code, label) in enumerate(labels.items(), 1)}
        for code, entry in self._entries.items():
            entry.clicked.connect(lambda _checked=False, code=code: self.chosen.emit(code))
        self.setLayout(column(*self._entries.values(), STRETCH, gap=4))

    def show_progress(self, current: str, reached: str) -> None:
        """Which station is in hand, and up to which all is done; at the last one all is."""
        limit, last = self._order.index(reached), self._order[-1]
        for index, (code, entry) in enumerate(self._entries.items()):
            done = index < limit or (code == last and current == last)
            entry.set_station(current=code == current, done=done)
            entry.setEnabled(index <= limit)

    def set_note(self, code: str, note: str) -> None:
        """What was chosen at a station."""
        self._entries[code].set_note(note)

    def entry(self, code: str) -> StepEntry:
        """One station, for tests."""
        return self._entries[code]
