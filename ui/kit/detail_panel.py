"""The panel at the right of a page: 380 px, opens on selection, stands beside the table and never over it."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from app.runtime.language import tr_noop
from ui.kit.controls import IconButton, Label
from ui.kit.layout import STRETCH, column, empty, row
from ui.kit.text import Words
from ui.kit.theme import set_role, set_size, theme

PANEL_WIDTH = 380


class Facts(QWidget):
    """Names at the left, values at the right, one below the other. A value may be words, or a widget."""

    def __init__(self, facts: Iterable[tuple[Words, Words | QWidget]] = (), *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme().px(16))
        self._grid.setVerticalSpacing(theme().px(6))
        self._grid.setColumnStretch(1, 1)
        self.set_facts(facts)

    def set_facts(self, facts: Iterable[tuple[Words, Words | QWidget]]) -> None:
        """Show other facts. Plain strings as values are data: give a callable for words that are translated."""
        empty(self._grid)
        for line, (name, value) in enumerate(facts):
            label = Label(name, role="secondary")
            set_size(label, width=104, at_least=True)
            self._grid.addWidget(label, line, 0, Qt.AlignmentFlag.AlignTop)
            if isinstance(value, QWidget):
                self._grid.addWidget(value, line, 1)
            else:
                shown = Label("", wrap=True)
                if callable(value):
                    shown.set_words(value)
                else:
                    shown.set_text(value)
                shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                self._grid.addWidget(shown, line, 1)


class DetailPanel(QFrame):
    """Title, close button, scrolling content, and a row of buttons that stays in sight."""

    closed = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "panel")
        self._title = Label("", role="section", wrap=True)
        self._subtitle = Label("", role="secondary", wrap=True)
        self._close = IconButton("x", tr_noop("Close details"), on_click=self.close_panel)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._buttons = row(gap=8, margins=(16, 12, 16, 12))
        self._button_area = QFrame()
        set_role(self._button_area, "panel-buttons")
        self._button_area.setLayout(self._buttons)
        head = row(column(self._title, self._subtitle, gap=2), margins=(16, 12, 8, 8))
        head.setStretch(0, 1)
        head.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(head)
        outer.addWidget(self._scroll, 1)
        outer.addWidget(self._button_area)
        set_size(self, width=PANEL_WIDTH)
        self.hide()

    def show_content(
        self, title: Words, content: QWidget, *, subtitle: Words = "", actions: Iterable[QWidget] = ()
    ) -> None:
        """Show something; it replaces, and deletes, what was shown before."""
        self._title.set_words(title)
        self._subtitle.set_words(subtitle)
        self._subtitle.setVisible(bool(subtitle))
        frame = QWidget()
        set_role(frame, "plain")
        frame.setLayout(column(content, STRETCH, margins=(16, 4, 16, 16)))
        old = self._scroll.takeWidget()
        if old is not None:
            old.deleteLater()
        self._scroll.setWidget(frame)
        self.set_actions(actions)
        self.show()

    def set_actions(self, actions: Iterable[QWidget]) -> None:
        """Other buttons for what is shown."""
        empty(self._buttons)
        buttons = list(actions)
        for button in buttons:
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self._button_area.setVisible(bool(buttons))

    def content(self) -> QWidget | None:
        """What is shown, or None."""
        frame = self._scroll.widget()
        layout = frame.layout() if frame is not None else None
        item = layout.itemAt(0) if layout is not None else None
        return item.widget() if item is not None else None

    def close_panel(self) -> None:
        """Close it; what it showed stays until something else is shown."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()
