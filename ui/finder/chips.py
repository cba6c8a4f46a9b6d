"""What is restricted, one chip each, to be taken away with a press."""

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from app.runtime.language import tr
from ui.kit.controls import ReturnClicks
from ui.kit.layout import Flow, empty
from ui.kit.text import Retranslated
from ui.kit.theme import Themed, set_role, theme


class TakenChip(ReturnClicks, Retranslated, Themed, QToolButton):
    """A restriction in words; pressing it takes it away. `waiting` ones say what is still to be typed."""

    def __init__(self, text: Callable[[], str], *, waiting: bool, on_click: Callable[[], object]) -> None:
        super().__init__()
        self._words = text
        set_role(self, "chip", active=not waiting)
        self._waiting = waiting
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the cross stands behind the words
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(lambda: on_click())
        self.restyle()
        self.retranslate()

    def restyle(self) -> None:
        self.setIcon(theme().icon("x", "muted" if self._waiting else "accent"))
        self.setIconSize(QSize(theme().px(12), theme().px(12)))

    def retranslate(self) -> None:
        text = self._words()
        short = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, theme().px(340))
        self.setText(short.replace("&", "&&"))
        self.setToolTip(tr("Take away: {what}", what=text))
        self.setAccessibleName(tr("Take away: {what}", what=text))


class Chips(QWidget):
    """A flow of chips; hidden while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._flow = Flow(gap=6)
        self.setLayout(self._flow)
        self._shown: tuple[str, ...] = ()
        self.hide()

    def show_chips(self, chips: Iterable[tuple[Callable[[], str], bool, Callable[[], object]]]) -> None:
        """(words, whether something is still waited for, what a press does) of each."""
        wanted = list(chips)
        texts = tuple(words() for words, _, _ in wanted)
        had = self.isAncestorOf(self.window().focusWidget()) if self.window().focusWidget() else False
        empty(self._flow)
        for words, waiting, on_click in wanted:
            self._flow.addWidget(TakenChip(words, waiting=waiting, on_click=partial(on_click)))
        self._shown = texts
        self.setVisible(bool(wanted))
        self.updateGeometry()
        first = self._flow.itemAt(0)
        chip = first.widget() if first is not None else None
        if had and chip is not None:
            chip.setFocus()

    def texts(self) -> tuple[str, ...]:
        """What the chips say."""
        return self._shown
