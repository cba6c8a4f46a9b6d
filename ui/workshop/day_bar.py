"""In the filter bar: going to another day, and what takes no bay any more."""

from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.kernel.clock import Clock, branch_date
from app.runtime.language import tr, tr_noop, trn
from ui.kit.actions import key_text
from ui.kit.controls import Button, IconButton
from ui.kit.date_editors import DateEditor
from ui.kit.editors import Unreadable
from ui.kit.layout import row
from ui.kit.text import Words
from ui.kit.theme import set_size

PREVIOUS_KEY, NEXT_KEY, TODAY_KEY = "Ctrl+Left", "Ctrl+Right", "Ctrl+T"
_ISO_LENGTH = 10


class DayBar(QWidget):
    """`day_chosen(date)`, `turned(days)`, `today_wanted`, `dropped_wanted`."""

    day_chosen = Signal(object)
    turned = Signal(int)
    today_wanted = Signal()
    dropped_wanted = Signal()

    def __init__(self, clock: Clock, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._day = branch_date(clock.now())
        before = IconButton(
            "chevron-left", _with_key(tr_noop("Previous day"), PREVIOUS_KEY), on_click=lambda: self.turned.emit(-1)
        )
        after = IconButton(
            "chevron-right", _with_key(tr_noop("Next day"), NEXT_KEY), on_click=lambda: self.turned.emit(1)
        )
        today = tr_noop("Today")
        self.today = Button(today, on_click=self.today_wanted.emit, tooltip=_with_key(today, TODAY_KEY))
        self.jump = DateEditor(clock)
        set_size(self.jump, width=132)
        missed = tr_noop("Appointments that were cancelled, or to which nobody came")
        self.dropped = Button("", kind="quiet", on_click=self.dropped_wanted.emit, tooltip=missed)
        self.dropped.hide()
        self.setLayout(row(self.dropped, before, self.today, after, self.jump))
        self.jump.edited.connect(self._on_jump_edited)
        self.jump.submitted.connect(self._on_jump_submitted)
        self.jump.left.connect(lambda: self.jump.set_value(self._day.isoformat()))
        self.jump.set_name("")
        self.show_day(self._day)

    def show_day(self, day: date) -> None:
        """Name the day that is shown."""
        self._day = day
        self.jump.set_value(day.isoformat())

    def show_dropped(self, number: int) -> None:
        """How many appointments take no bay any more."""
        self.dropped.setVisible(number > 0)
        self.dropped.set_words(lambda: trn("{n} not kept", "{n} not kept", number))

    def _on_jump_edited(self) -> None:
        if len(self.jump.text()) == _ISO_LENGTH:  # stepped or picked; a short form goes with Return
            self._on_jump_submitted()

    def _on_jump_submitted(self) -> None:
        try:
            chosen = self.jump.value()
        except Unreadable:
            self.jump.set_invalid(True)
            return
        self.jump.set_invalid(False)
        if chosen and chosen != self._day.isoformat():
            self.day_chosen.emit(date.fromisoformat(chosen))


def _with_key(text: str, key: str) -> Words:
    return lambda: f"{tr(text)} ({key_text(key)})"
