"""Fitted options of a unit: a line each with name and price, as many as needed."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.inventory.commands import FittedOption
from app.kernel.labels import Bilingual
from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button, IconButton
from ui.kit.editors import Editor, LineEditor, MoneyEditor, Unreadable
from ui.kit.fields import Field
from ui.kit.layout import STRETCH, column, row
from ui.kit.theme import set_size

MOST_OPTIONS = 30
NAME_LIMIT = 120


class _Line(QWidget):
    def __init__(self, owner: "OptionsEditor") -> None:
        super().__init__()
        self.name = LineEditor(
            max_length=NAME_LIMIT, placeholder=tr_noop("Name, perhaps in two languages: 脚垫 / Mats")
        )
        self.price = MoneyEditor()
        set_size(self.price, width=150)
        self.remove = IconButton("x", tr_noop("Remove this option"), on_click=lambda: owner.drop(self))
        line = row(self.name, self.price, self.remove)
        line.setStretch(0, 1)
        self.setLayout(line)
        for editor in (self.name, self.price):
            editor.edited.connect(owner.edited)
            editor.left.connect(owner.left)
            editor.cut.connect(owner.cut)
        self.name.set_name(tr("Name of the option"))
        self.price.set_name(tr("Price of the option"))

    @property
    def is_blank(self) -> bool:
        """Whether nothing was entered."""
        return self.name.is_empty() and not self.price.text()


class OptionsEditor(Editor):
    """Its value is a tuple of `FittedOption`; blank lines do not count."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[_Line] = []
        self._stack: QVBoxLayout = column(gap=6)
        self._add = Button(tr_noop("Add an option"), kind="quiet", icon="plus", on_click=self._on_add_clicked)
        outer = column(gap=4)
        outer.addLayout(self._stack)
        outer.addLayout(row(self._add, STRETCH))
        self._line.addLayout(outer)

    def focus_widget(self) -> QWidget:
        return self._lines[0].name.line if self._lines else self._add

    def value(self) -> tuple[FittedOption, ...]:
        return tuple(self._option(line) for line in self._lines if not line.is_blank)

    def set_value(self, value: Any) -> None:
        for line in list(self._lines):
            self._take(line)
        for option in value or ():
            line = self._append()
            line.name.set_value(Bilingual(option.name_zh, option.name_en or option.name_zh).stored())
            line.price.set_value(option.price)

    def is_empty(self) -> bool:
        return all(line.is_blank for line in self._lines)

    def raw(self) -> list[list[str]]:
        return [[line.name.text(), line.price.text()] for line in self._lines if not line.is_blank]

    def set_raw(self, raw: Any) -> None:
        self.set_value(())
        for name, price in raw or ():
            line = self._append()
            line.name.set_raw(name)
            line.price.set_raw(price)

    def set_invalid(self, invalid: bool) -> None:
        """The words below say which line; the lines carry no outline."""

    def drop(self, line: _Line) -> None:
        """Take a line away, as a person does."""
        self._take(line)
        self.edited.emit()

    def _take(self, line: _Line) -> None:
        self._lines.remove(line)
        self._stack.removeWidget(line)
        line.hide()
        line.deleteLater()
        self._add.setEnabled(True)

    def _append(self) -> _Line:
        line = _Line(self)
        self._lines.append(line)
        self._stack.addWidget(line)
        self._add.setEnabled(len(self._lines) < MOST_OPTIONS)
        return line

    def _on_add_clicked(self) -> None:
        self._append().name.line.setFocus()

    def _option(self, line: _Line) -> FittedOption:
        if line.name.is_empty():
            price = line.price.text()
            raise Unreadable(lambda: tr("The option for {price} has no name.", price=price))
        price_value = line.price.value()
        if price_value is None:
            name = line.name.text()
            raise Unreadable(lambda: tr("“{name}” has no price; 0 if it costs nothing.", name=name))
        both = Bilingual.from_stored(line.name.text())
        return FittedOption(name_zh=both.zh, name_en="" if both.en == both.zh else both.en, price=price_value)


@dataclass(frozen=True, slots=True)
class OptionsField(Field):
    """Fitted options: a tuple of `FittedOption`."""

    def make_editor(self, context: PageContext) -> Editor:
        return OptionsEditor()
