"""Parts of a panel that open on demand: one line with a chevron, the rest below it."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ui.kit.detail_panel import Facts
from ui.kit.layout import column
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import Themed, set_role, theme

FactLines = Sequence[tuple[Words, Words]]


class _Handle(Retranslated, Themed, QToolButton):
    """The line that opens and closes; Right opens, Left closes, as in a tree."""

    def __init__(self, title: Words) -> None:
        super().__init__()
        self._title = title
        set_role(self, "disclosure")
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.toggled.connect(lambda _on: self.restyle())
        self.restyle()
        self.retranslate()

    def restyle(self) -> None:
        self.setIcon(theme().icon("chevron-down" if self.isChecked() else "chevron-right"))
        self.setIconSize(QSize(theme().px(14), theme().px(14)))

    def retranslate(self) -> None:
        self.setText(words(self._title).replace("&", "&&"))
        self.setAccessibleName(words(self._title))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Left):
            self.setChecked(event.key() == Qt.Key.Key_Right)
            return
        super().keyPressEvent(event)


class Disclosure(QWidget):
    """A heading that shows its content when it is opened; `make` builds the content at the first opening."""

    toggled = Signal(bool)

    def __init__(
        self, title: Words, make: Callable[[], QWidget], *, opened: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._make = make
        self._content: QWidget | None = None
        self.handle = _Handle(title)
        self._stack: QVBoxLayout = column(self.handle, gap=4)
        self.setLayout(self._stack)
        self.handle.toggled.connect(self._on_handle_toggled)
        self.handle.setChecked(opened)

    @property
    def is_open(self) -> bool:
        """Whether the content is in sight."""
        return self.handle.isChecked()

    def content(self) -> QWidget | None:
        """What it shows; None before it was first opened."""
        return self._content

    def _on_handle_toggled(self, on: bool) -> None:
        if on and self._content is None:
            self._content = self._make()
            self._stack.addWidget(self._content)
        if self._content is not None:
            self._content.setVisible(on)
        self.toggled.emit(on)


class FactGroups(QWidget):
    """Groups of facts in layers: those named in `opened` stand open, the others open on demand."""

    def __init__(
        self,
        groups: Iterable[tuple[Words, FactLines]],
        *,
        opened: int = 1,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        stack = column(gap=4)
        self.groups: list[Disclosure] = []
        for number, (title, facts) in enumerate(groups):
            group = Disclosure(title, partial(_made, facts), opened=number < opened)
            self.groups.append(group)
            stack.addWidget(group)
        self.setLayout(stack)


def _made(lines: FactLines) -> QWidget:
    frame = QWidget()
    set_role(frame, "plain")
    frame.setLayout(column(Facts(lines), margins=(20, 0, 0, 8)))
    return frame
