"""Two versions of a text beside each other: what was taken out struck through, what came in underlined."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from app.clauses.clause_queries import ClauseVersionRow
from app.clauses.differences import Change, Stretch, word_changes
from app.clauses.version_rows import VersionRow
from app.runtime.language import tr, tr_noop
from ui.clauses.words import PHASES, conditions_words, days_words, version_words
from ui.kit.choice_editors import ChoiceEditor
from ui.kit.controls import Button, Choice, Label
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import Themed, set_role, set_size, theme, widen_marks

_CHOICE_WIDTH = 248


class ChangedText(Retranslated, Themed, QPlainTextEdit):
    """A text with its changes, to read and to copy."""

    def __init__(self, name: Words) -> None:
        super().__init__()
        self._stretches: Sequence[Stretch] = ()
        self.setReadOnly(True)
        set_role(self, "input")
        self._name = name
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(words(self._name))

    def show_changes(self, stretches: Sequence[Stretch]) -> None:
        """Show them."""
        self._stretches = stretches
        self._write()

    def restyle(self) -> None:
        self._write()

    def _write(self) -> None:
        self.clear()
        cursor = QTextCursor(self.document())
        for piece in self._stretches:
            cursor.insertText(piece.text, _format(piece.change))
        self.moveCursor(QTextCursor.MoveOperation.Start)
        widen_marks(self, self.toPlainText())
        said = (f"{_SPOKEN[one.change]()} {one.text}" for one in self._stretches if one.change is not Change.SAME)
        self.setAccessibleDescription(tr("; ").join(said))


_SPOKEN: dict[Change, Callable[[], str]] = {
    Change.ADDED: lambda: tr("added:"), Change.REMOVED: lambda: tr("taken out:"), Change.SAME: lambda: "",
}  # fmt: skip


def _format(change: Change) -> QTextCharFormat:
    shown = QTextCharFormat()
    if change is Change.REMOVED:
        shown.setForeground(theme().color("bad"))
        shown.setBackground(theme().color("bad_wash"))
        shown.setFontStrikeOut(True)
    elif change is Change.ADDED:
        shown.setForeground(theme().color("good"))
        shown.setBackground(theme().color("good_wash"))
        shown.setFontUnderline(True)
        shown.setFontWeight(QFont.Weight.DemiBold)
    else:
        shown.setForeground(theme().color("text"))
    return shown


class VersionDifferences(Retranslated, QWidget):
    """Versions to choose, the newest and the one that counts (or the one before) at first."""

    chosen = Signal()

    def __init__(self, versions: Sequence[Any], *, back: Button, newer: str = "") -> None:
        super().__init__()
        self._versions = {version.id: version for version in versions}
        ids = list(self._versions)
        begin = ids.index(newer) if newer in ids else 0
        choices = [Choice(one.id, partial(_choice_words, one)) for one in versions]
        self.before, self.after = (ChoiceEditor(choices, may_be_empty=False, placeholder="") for _ in range(2))
        self.after.set_value(ids[begin])
        self.before.set_value(ids[min(begin + 1, len(ids) - 1)])
        for editor in (self.before, self.after):
            editor.edited.connect(self.compare)
            set_size(editor, width=_CHOICE_WIDTH)
        self.retranslate()
        self.zh, self.en = ChangedText(tr_noop("Chinese")), ChangedText(tr_noop("English"))
        self.others = Label("", role="secondary", wrap=True)
        tools = row(
            back, STRETCH, Label(tr_noop("Before"), role="secondary"), self.before,
            Label(tr_noop("After"), role="secondary"), self.after, gap=12,
        )  # fmt: skip
        both = row(gap=16)
        for title, box in ((tr_noop("Chinese (governs)"), self.zh), (tr_noop("English"), self.en)):
            side = column(Label(title, role="section"), gap=8)
            side.addWidget(box, 1)
            both.addWidget(boxed(side), 1)
        stack = column(tools, self.others, gap=16)
        stack.addLayout(both, 1)
        self.setLayout(stack)
        self.compare()

    def retranslate(self) -> None:
        for editor, name in ((self.before, tr_noop("Before")), (self.after, tr_noop("After"))):
            editor.set_name(tr(name))

    def compare(self) -> None:
        """Show what lies between the two that are chosen."""
        self.show_differences(self._versions[self.before.value()], self._versions[self.after.value()])
        self.chosen.emit()

    def show_differences(self, before: Any, after: Any) -> None:
        """Fill both sides."""
        raise TypeError(f"{type(self).__name__} shows no differences")


class DifferenceView(VersionDifferences):
    """Two versions of a clause."""

    def show_differences(self, before: ClauseVersionRow, after: ClauseVersionRow) -> None:
        self.zh.show_changes(word_changes(before.text.zh, after.text.zh))
        self.en.show_changes(word_changes(before.text.en, after.text.en))
        self.others.set_words(lambda: _others(before, after))


def _choice_words(version: VersionRow) -> str:
    if version.shipped:
        return version_words(version)
    return f"{version_words(version)} · {tr(PHASES[version.phase].label)}"  # type: ignore[arg-type]


def _others(before: ClauseVersionRow, after: ClauseVersionRow) -> str:
    """What else changed, in a line; that nothing did, else."""
    found = []
    if before.text.limits_customer != after.text.limits_customer:
        limits = after.text.limits_customer
        found.append(tr("now limits the customer") if limits else tr("no longer limits the customer"))
    if set(before.text.conditions) != set(after.text.conditions):
        found.append(tr("printed: {before} → {after}", before=conditions_words(before.text.conditions),
                        after=conditions_words(after.text.conditions)))  # fmt: skip
    found.append(f"{days_words(before)} → {days_words(after)}")
    if (before.text.zh, before.text.en) == (after.text.zh, after.text.en):
        found.insert(0, tr("The words are the same."))
    return " · ".join(found)


