"""Something went wrong that is the program's fault: says so, and gives support what it needs to mend it."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from app.runtime.language import tr_noop
from ui.kit.controls import Label
from ui.kit.dialogs import Dialog
from ui.kit.theme import set_role, set_size


class BugDialog(Dialog):
    """Shows the debug text, without anything people typed, and copies it."""

    def __init__(self, parent: QWidget, debug_text: str) -> None:
        super().__init__(parent, title=tr_noop("This should not have happened"), width=600)
        self._debug_text = debug_text
        explanation = Label(
            tr_noop(
                "Nothing half-done was saved, and what was saved before is safe. Try again; if it happens twice, copy "
                "the details and send them to support. They hold no customer data."
            ),
            wrap=True,
        )
        self.details = QPlainTextEdit(debug_text)
        self.details.setReadOnly(True)
        set_size(self.details, height=200)
        set_role(self.details, "debug")
        self.details.setAccessibleName(explanation.text())
        self.add(explanation, self.details)
        self.copy = self.add_button(tr_noop("Copy details"), self._copy)
        self.add_button(tr_noop("Continue working"), self.accept, kind="primary", default=True)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._debug_text)
        self.copy.set_words(tr_noop("Copied"))
