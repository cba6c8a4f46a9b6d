"""The head of a comparison: where trims are added, and how it lays out beside the tools of a view."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from app.catalog.queries import TrimRow
from app.comparison.queries import find_trims_to_compare
from app.runtime.language import tr_noop
from ui.comparison.comparison_views import ViewTools
from ui.kit import formats
from ui.kit.choice_editors import LookupEditor
from ui.kit.context import PageContext
from ui.kit.controls import Choice
from ui.kit.text import words
from ui.kit.theme import set_size, theme

_LEAST_LOOKUP = 88
_APART = 24

class ComparisonHead(QWidget):
    """What is chosen at the left, the tools of the view at the right, below each other where there is no room."""

    def __init__(self, left: QWidget, right: ViewTools) -> None:
        super().__init__()
        self._across = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._across.setContentsMargins(0, 0, 0, 0)
        self._left = left
        self._across.addWidget(left, 3)
        self._across.addStretch(1)
        self._across.addWidget(right)
        self._right = right
        self.setLayout(self._across)
        self.setMinimumWidth(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        needed = self._left.minimumSizeHint().width() + self._right.sizeHint().width() + theme().px(_APART)
        narrow = event.size().width() < needed
        wanted = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if wanted != self._across.direction():
            self._across.setDirection(wanted)
            self._across.setAlignment(self._right, Qt.AlignmentFlag.AlignLeft if narrow else Qt.AlignmentFlag(0))
            self._right.lean(left=narrow)


def trim_lookup(context: PageContext) -> LookupEditor:
    """Where a trim is added by name."""
    lookup = LookupEditor(
        _search, context.operations, placeholder=tr_noop("Add a trim: make, series, year or initials")
    )
    lookup.set_name(words(tr_noop("Add a trim")))
    set_size(lookup, width=_LEAST_LOOKUP, at_least=True)
    lookup.setMaximumWidth(theme().px(300))
    return lookup


def _search(reader: Any, text: str) -> list[Choice]:
    return [_choice(trim) for trim in find_trims_to_compare(reader, text)]


def _choice(trim: TrimRow) -> Choice:
    return Choice(trim.id, lambda: str(trim.full_name), lambda: formats.yuan(trim.guide_price))
