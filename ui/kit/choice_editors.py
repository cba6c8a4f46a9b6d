"""Editors for choosing: a short list, or a search in a long one."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QModelIndex, QSize, QStringListModel, QTimer
from PySide6.QtWidgets import QComboBox, QCompleter, QListView, QStyledItemDelegate, QWidget

from app.runtime.language import tr, tr_noop
from ui.kit.controls import Choice
from ui.kit.editors import Editor, Unreadable, _Line
from ui.kit.operations import Operations
from ui.kit.text import Words, words
from ui.kit.theme import set_role, theme

LOOKUP_LIMIT = 100
_LOOKUP_DELAY_MS = 40
_LEAST_WIDTH = 88
Search = Callable[..., list[Choice]]


class _Combo(QComboBox):
    """Does not change when the wheel passes over it; gives way where there is little room for its longest words."""

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), theme().px(_LEAST_WIDTH)), hint.height())

    def wheelEvent(self, event: Any) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ChoiceEditor(Editor):
    """One of a short list; with `may_be_empty` also none of it, which says what the placeholder says."""

    def __init__(self, choices: list[Choice], *, may_be_empty: bool, placeholder: Words = "") -> None:
        super().__init__()
        self._placeholder = placeholder
        self._may_be_empty = may_be_empty
        self._choices: list[Choice] = []
        self.combo = _Combo()
        set_role(self.combo, "input")
        self.combo.setMaxVisibleItems(16)
        self.combo.setItemDelegate(QStyledItemDelegate(self.combo))  # the style's own ignores the style sheet
        self._line.addWidget(self.combo, 1)
        self.combo.activated.connect(lambda _index: self.edited.emit())
        self.set_choices(choices)
        self.retranslate()

    def focus_widget(self) -> QWidget:
        return self.combo

    def set_choices(self, choices: list[Choice]) -> None:
        """Other choices; the value stays if it is among them."""
        kept = self.value()
        nothing = [Choice(None, self._placeholder)] if self._may_be_empty else []
        self._choices = nothing + list(choices)
        self.combo.blockSignals(True)
        self.combo.clear()
        for choice in self._choices:
            self.combo.addItem(words(choice.label))
        self.combo.setCurrentIndex(-1)
        self.combo.blockSignals(False)
        self.set_value(kept)

    def value(self) -> Any:
        index = self.combo.currentIndex()
        return self._choices[index].value if 0 <= index < len(self._choices) else None

    def set_value(self, value: Any) -> None:
        for index, choice in enumerate(self._choices):
            if choice.value == value:
                self.combo.setCurrentIndex(index)
                return
        self.combo.setCurrentIndex(-1)

    def retranslate(self) -> None:
        for index, choice in enumerate(self._choices):
            self.combo.setItemText(index, words(choice.label))
        self.combo.setPlaceholderText(words(self._placeholder) or tr("Choose"))


class LookupEditor(Editor):
    """Type to search, choose from the list below. `search(reader, text)` runs on a reader thread."""

    def __init__(self, search: Search, operations: Operations, *, placeholder: Words = "") -> None:
        super().__init__()
        self._search, self._operations = search, operations
        self._placeholder: Words = placeholder or tr_noop("Type to search")
        self._chosen: Choice | None = None
        self._found: list[Choice] = []
        self.line = _Line()
        self.line.setMaxLength(LOOKUP_LIMIT)
        set_role(self.line, "input")
        self._names = QStringListModel(self)
        self._completer = QCompleter(self._names, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setMaxVisibleItems(10)
        self._completer.setWidget(self.line)
        self._popup = QListView()
        self._completer.setPopup(self._popup)
        self._completer.activated[QModelIndex].connect(self._on_completer_activated)  # type: ignore[index]
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_LOOKUP_DELAY_MS)
        self._timer.timeout.connect(self._look_up)
        self._line.addWidget(self.line, 1)
        self.line.textEdited.connect(self._on_line_edited)
        self.line.left.connect(self.left.emit)
        self.retranslate()

    def focus_widget(self) -> QWidget:
        return self.line

    @property
    def chosen(self) -> Choice | None:
        """The chosen entry with its words."""
        return self._chosen

    def choose(self, choice: Choice | None) -> None:
        """Choose an entry without emitting; gives a value its words."""
        self._chosen = choice
        self.line.setText(words(choice.label) if choice is not None else "")
        self.line.setCursorPosition(0)

    def value(self) -> Any:
        if self._chosen is not None:
            return self._chosen.value
        if self.line.text().strip():
            raise Unreadable(tr_noop("Choose one of the entries found."))
        return None

    def set_value(self, value: Any) -> None:
        """A value without words is shown as it is; use `choose` where words are known."""
        self.choose(None if value is None else Choice(value, lambda: str(value)))

    def is_empty(self) -> bool:
        return self._chosen is None and not self.line.text().strip()

    def raw(self) -> Any:
        if self._chosen is None:
            return {"text": self.line.text()}
        return {"value": self._chosen.value, "text": words(self._chosen.label)}

    def set_raw(self, raw: Any) -> None:
        kept = raw or {}
        if "value" in kept:
            text = str(kept.get("text", ""))
            self.choose(Choice(kept["value"], lambda: text))
        else:
            self.line.setText(str(kept.get("text", "")))

    def _on_line_edited(self, text: str) -> None:
        self._chosen = None
        self.edited.emit()
        if text.strip():
            self._timer.start()
        else:
            self._timer.stop()
            self._popup.hide()

    def _look_up(self) -> None:
        self._operations.run_query(self, self._search, self.line.text().strip(), on_done=self._on_found, key="lookup")

    def _on_found(self, found: list[Choice]) -> None:
        self._found = list(found)
        names = [f"{words(c.label)}   {words(c.hint)}".strip() for c in self._found]
        self._names.setStringList(names or [tr("Nothing found")])
        if self.line.hasFocus():
            self._completer.complete()
            if self._found:
                self._popup.setCurrentIndex(self._completer.completionModel().index(0, 0))

    def _on_completer_activated(self, index: QModelIndex) -> None:
        if 0 <= index.row() < len(self._found):
            self.choose(self._found[index.row()])
            self.edited.emit()

    def retranslate(self) -> None:
        self.line.setPlaceholderText(words(self._placeholder))
