"""The stations of the sale at the left: which are done, which is in hand, what was chosen."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.runtime.language import tr
from ui.kit.layout import STRETCH, column
from ui.kit.text import Retranslated
from ui.kit.theme import Themed, set_role, theme
from ui.sales.sale_state import ORDER, STEP_LABELS, Step

WIDTH = 184


class StepEntry(Retranslated, Themed, QAbstractButton):
    """One station: a ring with its number or a tick, its name, and what was chosen there."""

    def __init__(self, step: Step, number: int, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.step, self._number = step, number
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
        name = tr(STEP_LABELS[self.step])
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
            QRectF(text_left, name_top, room, look.px(20)), Qt.AlignmentFlag.AlignVCenter, tr(STEP_LABELS[self.step])
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
    """All stations. `chosen(step)` when a done one is clicked."""

    chosen = Signal(str)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "plain")
        self.setFixedWidth(theme().px(WIDTH))
        self._entries = {step: StepEntry(step, number) for number, step in enumerate(ORDER, 1)}
        for step, entry in self._entries.items():
            entry.clicked.connect(lambda _checked=False, step=step: self.chosen.emit(step))
        self.setLayout(column(*self._entries.values(), STRETCH, gap=4))

    def show_progress(self, current: Step, reached: Step) -> None:
        """Which station is in hand, and up to which all is done."""
        for index, step in enumerate(ORDER):
            entry = self._entries[step]
            done = index < ORDER.index(reached) or (step is Step.DONE and current is Step.DONE)
            entry.set_station(current=step is current, done=done)
            entry.setEnabled(index <= ORDER.index(reached))

    def set_note(self, step: Step, note: str) -> None:
        """What was chosen at a station."""
        self._entries[step].set_note(note)

    def entry(self, step: Step) -> StepEntry:
        """One station, for tests."""
        return self._entries[step]
