"""A text field that suggests what is in use, and takes anything."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtWidgets import QCompleter

from ui.kit.context import PageContext
from ui.kit.editors import Editor, LineEditor
from ui.kit.fields import TEXT_LIMIT, Field
from ui.kit.text import Words
from ui.kit.theme import set_role

Suggest = Callable[[Any], Sequence[str]]


class SuggestEditor(LineEditor):
    """Suggestions come from `suggest(reader)`, read once, on a reader thread."""

    def __init__(self, suggest: Suggest, context: PageContext, *, max_length: int, placeholder: Words = "") -> None:
        super().__init__(max_length=max_length, placeholder=placeholder)
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
