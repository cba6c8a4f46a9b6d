"""Which view of a page is in sight: side by side where there is room, else in a list to unfold."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLayout, QSizePolicy, QWidget

from ui.kit.choice_editors import ChoiceEditor
from ui.kit.controls import Choice, Segmented
from ui.kit.layout import STRETCH, row
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import theme

_FOLDED_WIDTH = 200


class ViewChoice(Retranslated, QWidget):
    """Emits `chosen(value)` when a person chooses."""

    chosen = Signal(object)

    def __init__(self, choices: Sequence[Choice], *, name: Words) -> None:
        super().__init__()
        self._name = name
        self.segments = Segmented(choices, name=name)
        self.folded = ChoiceEditor(list(choices), may_be_empty=False)
        self.folded.setFixedWidth(theme().px(_FOLDED_WIDTH))
        self.folded.hide()
        side_by_side = row(self.segments, self.folded, STRETCH, gap=0)
        side_by_side.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # it may be narrower than all names
        self.setLayout(side_by_side)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.segments.chosen.connect(self._on_chosen)
        self.folded.edited.connect(lambda: self._on_chosen(self.folded.value()))
        self.retranslate()

    def value(self) -> Any:
        """The chosen value."""
        return self.segments.value()

    def set_value(self, value: Any) -> None:
        """Choose without emitting."""
        self.segments.set_value(value)
        self.folded.set_value(value)

    def retranslate(self) -> None:
        self.folded.set_name(words(self._name), "")
        self.updateGeometry()
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(_FOLDED_WIDTH), self.segments.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Nothing of a name is cut: what does not fit side by side is unfolded from one."""
        fits = self.segments.sizeHint().width() <= self.width()
        if fits is not self.segments.isHidden():
            return
        had_focus = self.focusWidget() is not None and self.focusWidget().hasFocus()
        self.segments.setVisible(fits)
        self.folded.setHidden(fits)
        if had_focus:
            (self.segments if fits else self.folded.focus_widget()).setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_chosen(self, value: Any) -> None:
        self.set_value(value)
        self.chosen.emit(value)
