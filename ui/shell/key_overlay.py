"""F1: every key of the page in front and of the window, from the action registry, searchable."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from app.runtime.language import tr_noop
from ui.kit.actions import ActionRegistry
from ui.kit.controls import IconButton, KeyCap, Label, SearchField
from ui.kit.layout import STRETCH, Divider, boxed, column, row
from ui.kit.text import Retranslated, words
from ui.kit.theme import set_size, theme
from ui.shell.overlay import Overlay


class KeyOverlay(Retranslated, Overlay):
    """Two columns of what each key does."""

    def __init__(self, parent: QWidget, actions: ActionRegistry) -> None:
        super().__init__(parent, width=760, top=72)
        self._actions = actions
        self.field = SearchField(tr_noop("Find a key"), delay_ms=0)
        self.field.textChanged.connect(lambda _text: self._fill())
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        head = row(
            Label(tr_noop("Keys on this page"), role="section"), STRETCH, self.field,
            IconButton("x", tr_noop("Close"), on_click=self.close_over), margins=(24, 16, 16, 12), gap=12,
        )  # fmt: skip
        set_size(self.field, width=240)
        self.stack.addLayout(head)
        self.stack.addWidget(Divider())
        self.stack.addWidget(self._scroll, 1)

    def open_over(self) -> None:
        """Show the keys that work now."""
        self.field.set_silently("")
        self._fill()
        super().open_over()

    def take_focus(self) -> None:
        self.field.setFocus()

    def card_height(self, width: int) -> int:
        return theme().px(560)

    def shown(self) -> dict[str, str]:
        """What is listed now: words to key."""
        typed = self.field.text().strip().lower()
        found = {}
        for members in self._actions.by_group().values():
            for action in members:
                text = words(action.text)
                if action.key and (typed in text.lower() or typed in action.key.lower()):
                    found[text] = action.key
        return found

    def retranslate(self) -> None:
        if not self.isHidden():
            self._fill()

    def _fill(self) -> None:
        wanted = self.shown()
        stack = column(gap=12, margins=(24, 16, 24, 24))
        for heading, members in self._actions.by_group().items():
            listed = [action for action in members if words(action.text) in wanted and action.key]
            if not listed:
                continue
            stack.addWidget(Label(partial(str, heading), role="secondary"))
            grid = QGridLayout()
            grid.setHorizontalSpacing(theme().px(24))
            grid.setVerticalSpacing(theme().px(8))
            grid.setColumnStretch(0, 1)
            grid.setColumnStretch(1, 1)
            for number, action in enumerate(listed):
                line = row(Label(action.text), STRETCH)
                line.addWidget(KeyCap(action.key or ""), 0, Qt.AlignmentFlag.AlignVCenter)
                grid.addLayout(line, number // 2, number % 2)
            stack.addLayout(grid)
        if not wanted:
            stack.addWidget(Label(tr_noop("No key for that. Ctrl+K finds every action by its name."), role="secondary"))
        stack.addStretch(1)
        self._scroll.setWidget(boxed(stack))
