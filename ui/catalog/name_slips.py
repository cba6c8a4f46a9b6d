"""Names in a list that look misspelt: each is asked about in one line, and answered with one click."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLayout, QWidget

from app.catalog.name_slips import NameSlip
from app.runtime.language import tr, tr_noop, trn
from ui.kit.controls import Button, Label
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.theme import set_role

SHOWN = 4


class NameSlips(QFrame):
    """`decided(key, meant)`: take a name as another one (both languages in one text), or, with an empty text, leave it.

    A few are shown at a time; what is decided makes room for the next.
    """

    decided = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        set_role(self, "plain")
        self._slips: Sequence[NameSlip] = ()
        self._takes: list[Button] = []
        self._lines = column(gap=4)
        self._held: QWidget | None = None
        self.setLayout(self._lines)
        self.hide()

    def show_slips(self, slips: Sequence[NameSlip]) -> None:
        """Ask about these."""
        self._slips = slips
        if self._held is not None:
            self._lines.removeWidget(self._held)
            self._held.hide()
            self._held.deleteLater()
        self._takes = []
        lines: list[QLayout] = [self._line(slip) for slip in slips[:SHOWN]]
        more = len(slips) - SHOWN
        if more > 0:
            rest = Label(lambda: trn("and {n} more name", "and {n} more names", more), role="secondary")
            every = Button(tr_noop("Take all as suggested"), kind="quiet", on_click=self._take_all)
            lines.append(row(rest, STRETCH, every))
        self._held = boxed(column(*lines, gap=4))
        widest = max((button.sizeHint().width() for button in self._takes), default=0)
        for button in self._takes:
            button.setMinimumWidth(widest)
        self._lines.addWidget(self._held)
        self.setVisible(bool(slips))

    def _line(self, slip: NameSlip) -> QLayout:
        take = Button(lambda: tr("Take it as {name}", name=slip.known), icon="check",
                      on_click=partial(self.decided.emit, {slip.key: slip.known.stored()}))  # fmt: skip
        leave = Button(tr_noop("Leave it as it is"), kind="quiet", on_click=partial(self.decided.emit, {slip.key: ""}))
        self._takes.append(take)
        return row(Label(partial(slip_words, slip)), STRETCH, take, leave, gap=8)

    def _take_all(self) -> None:
        self.decided.emit({slip.key: slip.known.stored() for slip in self._slips})


def slip_words(slip: NameSlip) -> str:
    """“toyouta” looks like Toyota (1 row)."""
    rows = trn("{n} row", "{n} rows", slip.rows)
    return tr("“{written}” looks like {name} ({rows})", written=slip.written, name=slip.known, rows=rows)
