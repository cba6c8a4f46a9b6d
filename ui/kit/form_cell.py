"""One field as it stands in a form: label, editor, and a line below for what is wrong."""

from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from app.kernel.errors import DomainError, ValueRequired
from app.runtime.language import tr
from ui.kit.controls import Label
from ui.kit.editors import Editor, Unreadable
from ui.kit.fields import Advice, Field
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import set_role, set_size, theme

_AROUND = 16
CHECK_AFTER_MS = 700
"""While one types, a mistake is said when the typing pauses; a mended one is taken back at once."""


class FormCell(Retranslated, QWidget):
    """Shows a field. Nothing jumps: the line below keeps its room also when it is empty."""

    def __init__(self, field: Field, editor: Editor) -> None:
        super().__init__()
        self.field, self.editor = field, editor
        self.is_wrong = False
        self.is_out = False
        self._hint: Words = field.hint
        self._hint_tone = "neutral"
        self._label = Label(lambda: self._label_text(), role="label")
        self._label.setBuddy(editor.focus_widget())
        self._message = Label("", role="field-message", wrap=True)
        set_size(self._message, height=18, at_least=True)
        stack = QVBoxLayout(self)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(theme().px(4))
        stack.addWidget(self._label)
        stack.addWidget(editor)
        stack.addWidget(self._message)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(CHECK_AFTER_MS)
        self._timer.timeout.connect(lambda: self.check(show=True))
        editor.edited.connect(self._on_editor_edited)
        editor.left.connect(self._on_editor_left)
        editor.cut.connect(self._on_editor_cut)
        self.setFocusProxy(editor.focus_widget())
        self.retranslate()
        self._show_hint()

    def value(self) -> Any:
        """The value, or None where it cannot be read."""
        try:
            return self.editor.value()
        except Unreadable:
            return None

    def set_value(self, value: Any) -> None:
        """Show a value; nothing is wrong with it until it is touched."""
        self.editor.set_value(value)
        self.forget()

    def forget(self) -> None:
        """Take back any message."""
        self._timer.stop()
        self.is_wrong = False
        self.editor.set_invalid(False)
        self._show_hint()

    def focus(self) -> None:
        """Put the focus here, and scroll to where it can be seen."""
        self.editor.focus_widget().setFocus()
        around = self.parentWidget()
        while around is not None:
            if isinstance(around, QScrollArea):
                around.ensureWidgetVisible(self, 0, theme().px(_AROUND))
            around = around.parentWidget()

    def set_out(self, out: bool) -> None:
        """Take the field out of the form, or put it back."""
        self.is_out = out
        self.setVisible(not out)
        if out:
            self.forget()

    def message(self) -> str:
        """What stands below the field."""
        return self._message.text()

    def check(self, *, show: bool) -> bool:
        """Whether the value will do; with `show`, say what is wrong."""
        problem, advice = self._examine()
        if show:
            self._timer.stop()
            if problem is not None:
                self.show_problem(problem)
            else:
                self.forget()
                if advice is not None:
                    self._say(advice.text, advice.tone)
        return problem is None

    def show_problem(self, text: Words) -> None:
        """Say below the field what is wrong and how to mend it."""
        self.is_wrong = True
        self.editor.set_invalid(True)
        self._say(text, "bad")

    def set_hint(self, text: Words, tone: str = "neutral") -> None:
        """Words that stand below while nothing is wrong."""
        self._hint, self._hint_tone = text, tone
        if not self.is_wrong:
            self._show_hint()

    def _examine(self) -> tuple[Words | None, Advice | None]:
        try:
            value = self.editor.value()
            if self.editor.is_empty():
                return (ValueRequired().message if self.field.required else None), None
            found = self.field.check(value) if self.field.check is not None else None
        except Unreadable as unreadable:
            return unreadable.message, None
        except DomainError as error:
            return error.message, None
        if isinstance(found, Advice):
            return None, found
        return found, None

    def _show_hint(self) -> None:
        self._say(self._hint, self._hint_tone)

    def _say(self, text: Words, tone: str) -> None:
        self._message.set_words(text)
        set_role(self._message, "field-message", tone=tone)
        self._name_editor()

    def _label_text(self) -> str:
        label = words(self.field.label)
        plain = self.field.required or not self.field.mark_optional or not label
        return label if plain else tr("{label} (optional)", label=label)

    def _name_editor(self) -> None:
        self.editor.set_name(words(self.field.label), self._message.text())

    def _on_editor_edited(self) -> None:
        if self.is_wrong:
            problem, _advice = self._examine()
            if problem is None:
                self.check(show=True)
                return
        self._timer.start()

    def _on_editor_left(self) -> None:
        pending = self._timer.isActive()
        self._timer.stop()
        if pending or not self.editor.is_empty_or_unreadable():
            self.check(show=True)

    def _on_editor_cut(self, limit: int) -> None:
        self._timer.stop()
        self._say(lambda: tr("Only {limit} characters fit; the rest was left out.", limit=f"{limit:,}"), "warn")

    def retranslate(self) -> None:
        self._name_editor()
