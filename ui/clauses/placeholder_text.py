"""Where the words of a clause are written: placeholders stand out, mistakes are underlined at their place, and a list
of what can be asked for opens with “{” or Ctrl+Space."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import (
    QFont,
    QKeyEvent,
    QStandardItem,
    QStandardItemModel,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QCompleter, QTextEdit

from app.clauses.text_checks import TextProblem
from ui.kit.context import PageContext
from ui.kit.editors import CappedText, Editor, MultiLineEditor
from ui.kit.fields import NOTE_LIMIT, Field
from ui.kit.theme import Themed, set_role, theme

_MARKED = re.compile(r"\{[^{}]*\}|\*\*[^*]+\*\*")
_OPEN = re.compile(r"\{([a-z0-9_]*)$")
_FOUND_BY, _NAME = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_ROWS_SHOWN, _LEAST_WIDTH = 10, 420
_COMPLETING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Escape)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A placeholder: its name, what it is, and what it looks like."""

    name: str
    description: str
    sample: str


class _Marks(QSyntaxHighlighter):
    """Placeholders in the accent colour, what is printed bold in bold."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self.placeholder, self.bold = QTextCharFormat(), QTextCharFormat()
        self.bold.setFontWeight(QFont.Weight.Bold)
        self.colour()

    def colour(self) -> None:
        """Take the colours of the look."""
        self.placeholder.setForeground(theme().color("accent"))
        self.placeholder.setBackground(theme().color("accent_wash"))

    def highlightBlock(self, text: str) -> None:
        for piece in _MARKED.finditer(text):
            shown = self.bold if piece[0].startswith("**") else self.placeholder
            self.setFormat(piece.start(), len(piece[0]), shown)


class PlaceholderBox(Themed, CappedText):
    """The text field itself."""

    def __init__(self, max_length: int) -> None:
        super().__init__(max_length)
        self._marks = _Marks(self.document())
        self._problems: list[TextProblem] = []
        self._model = QStandardItemModel(self)
        self.completer = QCompleter(self._model, self)
        self.completer.setWidget(self)
        self.completer.setCompletionRole(_FOUND_BY)
        self.completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.completer.setMaxVisibleItems(_ROWS_SHOWN)
        self.completer.activated[QModelIndex].connect(self._on_chosen)  # type: ignore[index]  # of its overloads
        popup = self.completer.popup()
        if popup is not None:
            set_role(popup, "popup")

    def suggest(self, found: Iterable[Suggestion]) -> None:
        """What can be asked for from now on."""
        self._model.clear()
        for one in found:
            item = QStandardItem(f"{one.name}    {one.description}    {one.sample}")
            item.setData(f"{one.name} {one.description}", _FOUND_BY)
            item.setData(one.name, _NAME)
            self._model.appendRow(item)

    def suggestions(self) -> list[str]:
        """The names that can be chosen."""
        return [str(self._model.item(place).data(_NAME)) for place in range(self._model.rowCount())]

    def show_problems(self, problems: Sequence[TextProblem]) -> None:
        """Underline what is wrong."""
        self._problems = list(problems)
        wavy = QTextCharFormat()
        wavy.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        wavy.setUnderlineColor(theme().color("bad"))
        wavy.setBackground(theme().color("bad_wash"))
        shown = []
        for problem in self._problems:
            mark = QTextEdit.ExtraSelection()
            mark.format = wavy
            cursor = QTextCursor(self.document())
            cursor.setPosition(min(problem.start, len(self.toPlainText())))
            cursor.setPosition(
                min(problem.start + problem.length, len(self.toPlainText())), QTextCursor.MoveMode.KeepAnchor
            )
            mark.cursor = cursor
            shown.append(mark)
        self.setExtraSelections(shown)

    def restyle(self) -> None:
        self._marks.colour()
        self._marks.rehighlight()
        self.show_problems(self._problems)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        popup = self.completer.popup()
        if popup is not None and popup.isVisible() and event.key() in _COMPLETING:
            event.ignore()  # the list takes them
            return
        if event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self._open_list(asked=True)
            return
        super().keyPressEvent(event)
        if event.text() or event.key() == Qt.Key.Key_Backspace:
            self._open_list(asked=False)

    def _before(self) -> str:
        cursor = self.textCursor()
        return cursor.block().text()[: cursor.positionInBlock()]

    def _open_list(self, *, asked: bool) -> None:
        """Show what fits what is typed after the brace; without a brace only where it was asked for."""
        popup = self.completer.popup()
        begun = _OPEN.search(self._before())
        if popup is None or (begun is None and not asked):
            if popup is not None:
                popup.hide()
            return
        self.completer.setCompletionPrefix(begun[1] if begun else "")
        if self.completer.completionCount() == 0:
            popup.hide()
            return
        popup.setCurrentIndex(self.completer.completionModel().index(0, 0))
        where = self.cursorRect()
        needed = popup.sizeHintForColumn(0) + popup.verticalScrollBar().sizeHint().width() + theme().px(16)
        where.setWidth(max(theme().px(_LEAST_WIDTH), needed))
        self.completer.complete(where)

    def _on_chosen(self, index: QModelIndex) -> None:
        self.write_placeholder(str(index.data(_NAME)))

    def write_placeholder(self, name: str) -> None:
        """Put a placeholder in the place of what was begun of it."""
        cursor = self.textCursor()
        begun = _OPEN.search(self._before())
        if begun is not None:
            cursor.movePosition(
                QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, len(begun[0])
            )  # fmt: skip
        after = cursor.block().text()[max(cursor.position(), cursor.anchor()) - cursor.block().position() :]
        if after.startswith("}"):
            cursor.setPosition(min(cursor.position(), cursor.anchor()))
            cursor.movePosition(
                QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor, (len(begun[0]) if begun else 0) + 1
            )
        cursor.insertText(f"{{{name}}}")
        self.setTextCursor(cursor)


class PlaceholderEditor(MultiLineEditor):
    """The same as an editor of a form."""

    box: PlaceholderBox

    def __init__(self, *, max_length: int, lines: int) -> None:
        super().__init__(max_length=max_length, lines=lines, box=PlaceholderBox(max_length))

    def set_value(self, value: object) -> None:
        super().set_value(value)
        self.box.show_problems(())


@dataclass(frozen=True, slots=True)
class PlaceholderField(Field):
    """Several lines of text in which placeholders stand."""

    max_length: int = field(default=NOTE_LIMIT, kw_only=True)
    lines: int = field(default=8, kw_only=True)

    def make_editor(self, context: PageContext) -> Editor:
        return PlaceholderEditor(max_length=self.max_length, lines=self.lines)


