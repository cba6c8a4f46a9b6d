"""The left of the finder: facets to narrow down by, or what matters to the customer."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QStackedWidget

from app.runtime.language import tr_noop
from ui.finder.facet_rail import FacetRail
from ui.finder.weights import Weights
from ui.kit.controls import Choice, Segmented
from ui.kit.layout import column
from ui.kit.theme import set_role, set_size

RAIL_WIDTH = 260
_NARROW, _MATTERS = "narrow", "matters"


class FinderSide(QFrame):
    """`rail` and `weights`, one of them shown."""

    def __init__(self) -> None:
        super().__init__()
        set_role(self, "plain")
        self.rail, self.weights = FacetRail(), Weights()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.rail)
        self.stack.addWidget(self.weights)
        self.choice = Segmented(
            [Choice(_NARROW, tr_noop("Narrow down")), Choice(_MATTERS, tr_noop("What matters"))], name=tr_noop("Side")
        )
        self.choice.set_value(_NARROW)
        self.choice.chosen.connect(lambda value: self.show_side(str(value)))
        layout = column(self.choice, gap=10)
        layout.addWidget(self.stack, 1)
        self.setLayout(layout)
        set_size(self, width=RAIL_WIDTH)
        self.setMinimumWidth(1)  # it may be squeezed for the moment in which a window is made narrower

    def show_side(self, which: str) -> None:
        """Facets or what matters."""
        self.choice.set_value(which)
        self.stack.setCurrentWidget(self.weights if which == _MATTERS else self.rail)

    def turn(self) -> None:
        """To the other one, and into it."""
        self.show_side(_NARROW if self.stack.currentWidget() is self.weights else _MATTERS)
        inside = self.weights.adder.combo if self.stack.currentWidget() is self.weights else self.choice.buttons()[0]
        inside.setFocus(Qt.FocusReason.OtherFocusReason)
