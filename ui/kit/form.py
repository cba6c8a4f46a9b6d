"""Forms: labels above, two columns, errors below the field, drafts at most two seconds old."""

from collections.abc import Iterable, Iterator
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from app.kernel.errors import DomainError
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label
from ui.kit.feedback import MessageBar
from ui.kit.fields import Field, PasswordField, Section, WidgetField
from ui.kit.form_cell import FormCell
from ui.kit.form_draft import DraftKeeper
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, row
from ui.kit.text import Retranslated, Words
from ui.kit.theme import set_role, theme

__all__ = ["Form", "FormFrame"]


class _SectionWidget(QWidget):
    """A heading and a grid of cells; hidden cells leave no gap."""

    def __init__(self, section: Section, cells: list[FormCell], columns: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.cells, self._columns = cells, columns
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme().px(8))
        if section.title:
            outer.addWidget(Label(section.title, role="section"))
        if section.hint:
            outer.addWidget(Label(section.hint, role="secondary", wrap=True))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme().px(16))
        self._grid.setVerticalSpacing(theme().px(6))
        for number in range(columns):
            self._grid.setColumnStretch(number, 1)
        outer.addLayout(self._grid)
        self.arrange()

    def arrange(self) -> None:
        """Place the cells that are not hidden."""
        line = place = 0
        for cell in self.cells:
            self._grid.removeWidget(cell)
            if cell.is_out:
                continue
            span = min(cell.field.span, self._columns)
            if place + span > self._columns:
                line, place = line + 1, 0
            self._grid.addWidget(cell, line, place, 1, span, Qt.AlignmentFlag.AlignTop)
            place += span
        self.setVisible(not all(cell.is_out for cell in self.cells))


class Form(Retranslated, QWidget):
    """A form of declared fields. See `docs/ui_kit.md`."""

    changed = Signal(str)
    """A person changed the field of this name."""
    submitted = Signal()
    draft_restored = Signal()

    def __init__(
        self,
        context: PageContext,
        sections: Iterable[Section],
        *,
        columns: int = 2,
        submit_on_return: bool = False,
        submit_keys: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, "plain")
        self.context = context
        self.dirty = False
        self.messages = MessageBar()
        self._cells: dict[str, FormCell] = {}
        self._sections: list[_SectionWidget] = []
        self._keeper: DraftKeeper | None = None
        self._submit_on_return = submit_on_return
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme().px(16))
        outer.addWidget(self.messages)
        for section in sections:
            widget = _SectionWidget(section, [self._make_cell(field) for field in section.fields], columns, self)
            self._sections.append(widget)
            outer.addWidget(widget)
        outer.addStretch(1)
        for keys in ("Ctrl+Return", "Ctrl+Enter", Key.SAVE) if submit_keys else ():
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.submitted.emit)

    # --- values ----------------------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """All values by field name; fields that are taken out, or cannot be read, are None (text: "")."""
        return {name: cell.value() for name, cell in self._value_cells()}

    def value(self, name: str) -> Any:
        """The value of one field."""
        return self._cells[name].value()

    def set_values(self, values: dict[str, Any]) -> None:
        """Show values; names that are not fields are ignored. The form counts as untouched afterwards."""
        for name, value in values.items():
            if name in self._cells:
                self._cells[name].set_value(value)
        self.mark_clean()

    def set_value(self, name: str, value: Any) -> None:
        """Show one value, without emitting `changed`."""
        self._cells[name].set_value(value)

    def clear(self) -> None:
        """Empty all fields."""
        for _name, cell in self._value_cells():
            cell.set_value(None)
        self.messages.clear()
        self.mark_clean()

    def mark_clean(self) -> None:
        """What stands here now is what is stored."""
        self.dirty = False
        for cell in self._cells.values():
            cell.forget()

    # --- checking --------------------------------------------------------------------------------

    def check_all(self) -> bool:
        """Show every problem, put the focus on the first, and say whether there is none."""
        wrong = [cell for _name, cell in self._value_cells() if not cell.check(show=True)]
        if wrong:
            wrong[0].focus()
        return not wrong

    def is_complete(self) -> bool:
        """Whether every field is all right, without showing anything."""
        return all(cell.check(show=False) for _name, cell in self._value_cells())

    def problems(self) -> dict[str, str]:
        """The messages shown now, by field name."""
        return {name: cell.message() for name, cell in self._cells.items() if cell.is_wrong}

    def show_error(self, error: DomainError) -> bool:
        """Show the error below its field; False when the form has no such field."""
        cell = self._cells.get(error.field or "")
        if cell is None or cell.is_out:
            return False
        cell.show_problem(error.message)
        cell.focus()
        return True

    # --- fields ----------------------------------------------------------------------------------

    def cell(self, name: str) -> FormCell:
        """Label, editor and message of a field. Raises KeyError."""
        return self._cells[name]

    def editor(self, name: str) -> Any:
        """The editor of a field, to connect or to drive it. Raises KeyError."""
        return self._cells[name].editor

    def focus_field(self, name: str) -> None:
        """Put the focus on a field."""
        self._cells[name].focus()

    def focus_first(self) -> None:
        """Put the focus on the first field that can be filled in."""
        for _name, cell in self._value_cells():
            if cell.editor.isEnabled():
                cell.focus()
                return

    def set_field_visible(self, name: str, visible: bool) -> None:
        """Take a field out, or put it back; one that is out has no value and no problem."""
        self._cells[name].set_out(not visible)
        for section in self._sections:
            if self._cells[name] in section.cells:
                section.arrange()

    def set_field_enabled(self, name: str, enabled: bool) -> None:
        """Whether the field can be changed."""
        self._cells[name].editor.setEnabled(enabled)

    def set_choices(self, name: str, choices: list[Choice]) -> None:
        """Other choices for a choice field."""
        self.editor(name).set_choices(choices)

    def set_hint(self, name: str, text: Words, *, tone: str = "neutral") -> None:
        """Words below the field while nothing is wrong with it."""
        self._cells[name].set_hint(text, tone)

    # --- drafts ----------------------------------------------------------------------------------

    def keep_draft(self, form_key: str) -> None:
        """Save what is typed at most 2 s later, and offer what was left unfinished before."""
        self._keeper = DraftKeeper(self, form_key)
        self._keeper.offer()

    def drop_draft(self) -> None:
        """It is stored, or thrown away on purpose: forget the draft."""
        if self._keeper is not None:
            self._keeper.drop()

    def save_draft_if_due(self) -> None:
        """Save now what would be saved within the next second."""
        if self._keeper is not None:
            self._keeper.save_if_due()

    def raw_values(self) -> dict[str, Any]:
        """What a draft keeps; passwords are not among it."""
        return {
            name: cell.editor.raw() for name, cell in self._value_cells() if not isinstance(cell.field, PasswordField)
        }

    def set_raw_values(self, raw: dict[str, Any]) -> None:
        """Bring back a draft."""
        for name, value in raw.items():
            if name in self._cells:
                self._cells[name].editor.set_raw(value)
        self.dirty = True
        self.draft_restored.emit()

    # --- inside ----------------------------------------------------------------------------------

    def _value_cells(self) -> Iterator[tuple[str, FormCell]]:
        for name, cell in self._cells.items():
            if not cell.is_out and not isinstance(cell.field, WidgetField):
                yield name, cell

    def _make_cell(self, field: Field) -> FormCell:
        if field.name in self._cells:
            raise ValueError(f"field {field.name!r} stands twice in a form")
        cell = FormCell(field, field.make_editor(self.context))
        self._cells[field.name] = cell
        cell.editor.edited.connect(lambda name=field.name: self._on_editor_edited(name))
        cell.editor.submitted.connect(self._on_editor_submitted)
        return cell

    def _on_editor_edited(self, name: str) -> None:
        self.dirty = True
        if self._keeper is not None:
            self._keeper.touch()
        self.changed.emit(name)

    def _on_editor_submitted(self) -> None:
        if self._submit_on_return:
            self.submitted.emit()
        else:
            self.focusNextChild()


class FormFrame(QFrame):
    """A form that scrolls, over a footer that stays: the result or total at the left, verbs at the right."""

    def __init__(
        self,
        form: Form,
        *,
        buttons: Iterable[Button] = (),
        summary: QWidget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.form = form
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        holder = QWidget()
        set_role(holder, "plain")
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(*(theme().px(24),) * 4)
        scroll.setWidget(holder)
        footer = QFrame()
        set_role(footer, "form-footer")
        line = row(*([summary] if summary is not None else []), STRETCH, *buttons, margins=(24, 12, 24, 12))
        footer.setLayout(line)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.setSpacing(0)
        outer.addWidget(scroll, 1)
        outer.addWidget(footer)
        inner.addWidget(form)  # last, so that it is styled once and not again for each frame around it
