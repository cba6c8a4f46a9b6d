"""What every station of a sale or a document has: content, a footer with its verbs, Ctrl+Return for the primary one."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QWidget

from app.kernel.errors import DomainError
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.feedback import MessageBar
from ui.kit.layout import STRETCH, Item, column, row
from ui.kit.theme import set_role


class Station(QFrame):
    """A card with content and verbs. Errors are shown above the content."""

    def __init__(self, context: PageContext, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        set_role(self, "card")
        self.messages = MessageBar()
        self.primary: Button | None = None

    def arrange(
        self,
        content: Iterable[Item],
        *,
        secondary: Iterable[Item] = (),
        primary: Button | None = None,
        form_submits: bool = False,
    ) -> None:
        """Content from top to bottom, then the footer.

        Ctrl+Return presses `primary` from anywhere inside, unless a form inside already listens to these keys.
        """
        body = column(self.messages, *content, gap=12, margins=24)
        footer = QFrame()
        set_role(footer, "form-footer")
        buttons: list[Item] = [*secondary, STRETCH]
        if primary is not None:
            buttons.append(primary)
            if not form_submits:
                self._bind(primary)
        footer.setLayout(row(*buttons, margins=(24, 12, 24, 12)))
        outer = column(gap=0, margins=1)
        outer.addLayout(body, 1)
        outer.addWidget(footer)
        self.setLayout(outer)
        self.primary = primary

    def show_error(self, error: DomainError) -> bool:
        """The funnel asks: the message stands above the content."""
        self.messages.show_error(error.message)
        return True

    def take_focus(self) -> None:
        """Where typing begins at this station."""

    def _bind(self, button: Button) -> None:
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(button.click)
