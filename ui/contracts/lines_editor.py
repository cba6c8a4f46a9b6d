"""A list to fill in line by line: each column an editor of its own, lines added and taken away."""

from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button, IconButton, Label
from ui.kit.editors import Editor
from ui.kit.fields import Field
from ui.kit.layout import STRETCH, column, row
from ui.kit.text import words
from ui.kit.theme import theme


@dataclass(frozen=True, slots=True)
class LinesField(Field):
    """A list: a tuple of mappings by column. `columns` are fields with their shares of the width."""

    columns: tuple[tuple[Field, int], ...] = field(default=(), kw_only=True)
    most: int = field(default=60, kw_only=True)

    def make_editor(self, context: PageContext) -> Editor:
        return LinesEditor(context, self.columns, most=self.most)


class _Line:
    """The editors of one line, and the button that takes it away."""

    def __init__(self, context: PageContext, columns: tuple[tuple[Field, int], ...], owner: "LinesEditor") -> None:
        self.editors: dict[str, Editor] = {}
        for each, _share in columns:
            editor = each.make_editor(context)
            editor.edited.connect(owner.edited)
            editor.left.connect(owner.left)
            editor.cut.connect(owner.cut)
            self.editors[each.name] = editor
        self.remove = IconButton("x", tr_noop("Remove this line"), on_click=lambda: owner.drop(self))

    @property
    def widgets(self) -> list[QWidget]:
        return [*self.editors.values(), self.remove]

    def values(self) -> dict[str, Any]:
        """Raises Unreadable where an editor cannot read what stands in it."""
        return {name: editor.value() for name, editor in self.editors.items()}


class LinesEditor(Editor):
    """Its value is a list of mappings; lines in which nothing was typed do not count."""

    def __init__(self, context: PageContext, columns: tuple[tuple[Field, int], ...], *, most: int) -> None:
        super().__init__()
        self._context, self._columns, self._most = context, columns, most
        self._lines: list[_Line] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme().px(8))
        self._grid.setVerticalSpacing(theme().px(6))
        self._heads = [Label(each.label, role="secondary") for each, _share in columns]
        for place, (head, (_field, share)) in enumerate(zip(self._heads, columns, strict=True)):
            self._grid.addWidget(head, 0, place)
            self._grid.setColumnStretch(place, share)
            head.hide()
        self._add = Button(tr_noop("Add a line"), kind="quiet", icon="plus", on_click=self._on_add_clicked)
        outer = column(gap=6)
        outer.addLayout(self._grid)
        outer.addLayout(row(self._add, STRETCH))
        self._line.addLayout(outer)

    def focus_widget(self) -> QWidget:
        first = next(iter(self._lines[0].editors.values())) if self._lines else None
        return first.focus_widget() if first is not None else self._add

    def value(self) -> list[dict[str, Any]]:
        return [line.values() for line in self._lines if not self._is_blank(line)]

    def set_value(self, value: Any) -> None:
        for line in list(self._lines):
            self._take(line)
        for given in value or ():
            line = self._append()
            for name, cell in given.items():
                line.editors[name].set_value(cell)

    def is_empty(self) -> bool:
        return all(self._is_blank(line) for line in self._lines)

    def raw(self) -> list[dict[str, Any]]:
        return [
            {name: editor.raw() for name, editor in line.editors.items()}
            for line in self._lines
            if not self._is_blank(line)
        ]

    def set_raw(self, raw: Any) -> None:
        self.set_value(())
        for given in raw or ():
            line = self._append()
            for name, cell in given.items():
                if name in line.editors:
                    line.editors[name].set_raw(cell)

    def set_invalid(self, invalid: bool) -> None:
        """The words below say which line; the lines carry no outline."""

    def drop(self, line: _Line) -> None:
        """Take a line away, as a person does."""
        self._take(line)
        self.edited.emit()

    def _is_blank(self, line: _Line) -> bool:
        """A choice alone, which stands there from the beginning, is no entry."""
        typed = [editor for editor in line.editors.values() if not hasattr(editor, "set_choices")]
        return all(editor.is_empty() for editor in typed)

    def _append(self) -> _Line:
        line = _Line(self._context, self._columns, self)
        number = len(self._lines) + 1
        for (each, _share), editor in zip(self._columns, line.editors.values(), strict=True):
            focus = editor.focus_widget()
            focus.setAccessibleName(tr("{column}, line {n}", column=words(each.label), n=number))
        self._lines.append(line)
        self._place()
        return line

    def _take(self, line: _Line) -> None:
        self._lines.remove(line)
        for widget in line.widgets:
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._place()

    def _place(self) -> None:
        for place, line in enumerate(self._lines, start=1):
            for across, widget in enumerate(line.widgets):
                self._grid.addWidget(widget, place, across, Qt.AlignmentFlag.AlignTop)
        for head in self._heads:
            head.setVisible(bool(self._lines))
        self._add.setEnabled(len(self._lines) < self._most)

    def _on_add_clicked(self) -> None:
        line = self._append()
        next(iter(line.editors.values())).focus_widget().setFocus()
        self.edited.emit()
