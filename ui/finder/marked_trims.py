"""The bar beneath the hits: which of them are marked, to be compared side by side."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from app.finder.queries import HitRow
from app.runtime.language import tr_noop, trn
from ui.kit.controls import Button, Label
from ui.kit.layout import STRETCH, row
from ui.kit.theme import set_role

MOST_COMPARED = 6
LEAST_COMPARED = 2


class MarkedTrims(QFrame):
    """`rows` in the order in which they were marked; `changed` with each mark. Hidden while nothing is marked."""

    changed = Signal()

    def __init__(self, *, on_compare: Callable[[], None], on_clear: Callable[[], None]) -> None:
        super().__init__()
        set_role(self, "plain")
        self.rows: list[HitRow] = []
        self.words = Label("", role="secondary")
        self.compare = Button(tr_noop("Compare"), kind="primary", icon="git-compare", on_click=on_compare)
        none = Button(tr_noop("Clear marks"), kind="quiet", on_click=on_clear)
        self.setLayout(row(self.words, STRETCH, none, self.compare, margins=(0, 8, 0, 0)))
        self.hide()

    @property
    def are_enough(self) -> bool:
        """Whether there is something to compare."""
        return len(self.rows) >= LEAST_COMPARED

    def has(self, trim_id: str) -> bool:
        """Whether this trim is marked."""
        return any(one.id == trim_id for one in self.rows)

    def turn(self, hit: HitRow) -> bool:
        """Mark it, or take its mark away; False where there is no room for another."""
        if self.has(hit.id):
            self._take([one for one in self.rows if one.id != hit.id])
        elif len(self.rows) >= MOST_COMPARED:
            return False
        else:
            self._take([*self.rows, hit])
        return True

    def clear(self) -> None:
        """Nothing is marked any more."""
        self._take([])

    def _take(self, rows: list[HitRow]) -> None:
        self.rows = rows
        self.changed.emit()
        self.setVisible(bool(rows))
        self.words.set_words(lambda: trn("{n} marked for comparison", "{n} marked for comparison", len(self.rows)))
        self.compare.setEnabled(self.are_enough)
