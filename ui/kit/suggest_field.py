"""A text field that suggests what is in use, and takes anything."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit

from app.runtime.language import tr
from ui.kit.context import PageContext
from ui.kit.editors import Editor, LineEditor
from ui.kit.fields import TEXT_LIMIT, Field
from ui.kit.text import Words
from ui.kit.theme import set_role, theme

Suggest = Callable[[Any], Sequence[str]]


class SuggestEditor(LineEditor):
    """Suggestions come from `suggest(reader)`, read once, on a reader thread. What is typed narrows them; the arrow at
    the right, or Down, shows them all."""

    def __init__(self, suggest: Suggest, context: PageContext, *, max_length: int, placeholder: Words = "") -> None:
        super().__init__(max_length=max_length, placeholder=placeholder)
        self._show_all = QAction(tr("Choose"), self)
        self._show_all.setIcon(theme().icon("chevron-down"))
        self._show_all.triggered.connect(self.show_all)
        self.line.addAction(self._show_all, QLineEdit.ActionPosition.TrailingPosition)
        self.line.installEventFilter(self)
        self._names = QStringListModel(self)
        completer = QCompleter(self._names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        popup = completer.popup()
        if popup is not None:
            set_role(popup, "popup")
        self.line.setCompleter(completer)
        completer.activated.connect(lambda _text: self.edited.emit())
        context.operations.run_query(
            self, suggest, on_done=lambda found: self._names.setStringList(list(found)), key="suggestions"
        )

    def show_all(self) -> None:
        """Open the list with everything that can be chosen."""
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        completer = self.line.completer()
        if completer is not None and self._names.rowCount():
            completer.setCompletionPrefix("")
            completer.complete()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.line and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            completer = self.line.completer()
            popup = completer.popup() if completer is not None else None
            if event.key() == Qt.Key.Key_Down and popup is not None and not popup.isVisible():
                self.show_all()
                return True
        return super().eventFilter(watched, event)

    def retranslate(self) -> None:
        super().retranslate()
        if hasattr(self, "_show_all"):
            self._show_all.setText(tr("Choose"))

    def suggestions(self) -> list[str]:
        """What can be chosen."""
        return self._names.stringList()


@dataclass(frozen=True, slots=True)
class SuggestField(Field):
    """One line of text with suggestions; "" when empty. `suggest(reader)` runs on a reader thread."""

    suggest: Suggest = field(kw_only=True)
    max_length: int = field(default=TEXT_LIMIT, kw_only=True)
    placeholder: Words = field(default="", kw_only=True)

    def make_editor(self, context: PageContext) -> Editor:
        return SuggestEditor(self.suggest, context, max_length=self.max_length, placeholder=self.placeholder)
