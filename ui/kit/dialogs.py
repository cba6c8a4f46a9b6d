"""Questions: in the page where there is room (`InlinePanel`), else in a small window whose buttons are verbs."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QWidget

from app.runtime.language import tr_noop
from ui.kit.controls import Button, Label
from ui.kit.editors import MultiLineEditor
from ui.kit.layout import STRETCH, column, row
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import set_role, set_size

CANCEL = tr_noop("Cancel")
REASON_LIMIT = 500


class Dialog(Retranslated, QDialog):
    """A small window over its parent: title, content, verbs. Esc dismisses it. Opened with `open()`, never blocking."""

    def __init__(self, parent: QWidget, *, title: Words, width: int = 440) -> None:
        super().__init__(parent)
        self._title = title
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        set_size(self, width=width, at_least=True)
        self.content = column(gap=8)
        self._buttons = row(STRETCH)
        self.setLayout(column(Label(title, role="section"), self.content, 8, self._buttons, margins=24, gap=12))
        self.retranslate()

    def add(self, *widgets: QWidget) -> None:
        """Append to the content."""
        for widget in widgets:
            self.content.addWidget(widget)

    def add_button(
        self, text: Words, on_click: Callable[[], object], *, kind: str = "secondary", default: bool = False
    ) -> Button:
        """A verb at the right; `default` is what Return does."""
        button = Button(text, kind=kind, on_click=on_click)
        button.setDefault(default)
        self._buttons.addWidget(button)
        return button

    def retranslate(self) -> None:
        self.setWindowTitle(words(self._title))


def ask(
    parent: QWidget,
    *,
    title: Words,
    text: Words,
    verb: Words,
    on_yes: Callable[[], object],
    danger: bool = False,
    keep: Words = CANCEL,
) -> Dialog:
    """Ask before something that cannot be undone. Returns at once; `on_yes` runs when the verb is chosen."""
    dialog = Dialog(parent, title=title)
    dialog.add(Label(text, wrap=True))

    def yes() -> None:
        dialog.accept()
        on_yes()

    dialog.add_button(keep, dialog.reject, default=danger)
    dialog.add_button(verb, yes, kind="danger" if danger else "primary", default=not danger)
    dialog.open()
    return dialog


def ask_reason(
    parent: QWidget, *, title: Words, text: Words, verb: Words, on_reason: Callable[[str], object], danger: bool = False
) -> Dialog:
    """Ask for a reason that is kept with the change; the verb works once there is one."""
    dialog = Dialog(parent, title=title)
    reason = MultiLineEditor(max_length=REASON_LIMIT, placeholder=tr_noop("Reason"))
    reason.set_name(words(title))
    dialog.add(Label(text, wrap=True), reason)

    def yes() -> None:
        said = reason.value()
        dialog.accept()
        on_reason(said)

    dialog.add_button(tr_noop("Cancel"), dialog.reject)
    go = dialog.add_button(verb, yes, kind="danger" if danger else "primary", default=True)
    go.setEnabled(False)
    reason.edited.connect(lambda: go.setEnabled(bool(reason.value())))
    dialog.open()
    reason.focus_widget().setFocus()
    return dialog


class InlinePanel(QFrame):
    """A question in the page: heading, content, verbs. Put it where the answer belongs; `dismiss()` takes it away."""

    def __init__(self, title: Words, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.content = column(gap=8)
        self._buttons = row(STRETCH)
        self.setLayout(column(Label(title, role="section"), self.content, self._buttons, margins=16, gap=12))

    def add(self, *widgets: QWidget) -> None:
        """Append to the content."""
        for widget in widgets:
            self.content.addWidget(widget)

    def add_button(self, text: Words, on_click: Callable[[], object], *, kind: str = "secondary") -> Button:
        """A verb at the right."""
        button = Button(text, kind=kind, on_click=on_click)
        self._buttons.addWidget(button)
        return button

    def dismiss(self) -> None:
        """Take it away."""
        self.hide()
        self.deleteLater()
