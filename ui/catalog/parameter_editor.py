"""The large dictionary in a form: the core at once, every group on demand, any parameter by a piece of its name.

Fields are made when they are first wanted; an untouched parameter keeps its value without ever having had a field.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from app.catalog.history import parameter_text
from app.catalog.rules import Parameter, ParameterType, check_value, specification_dictionary, stored_value, value_text
from app.catalog.version_rules import PARAMETER
from app.runtime.language import tr, tr_noop
from ui.kit.controls import Choice, Label, SearchField
from ui.kit.disclosure import Disclosure
from ui.kit.feedback import EmptyState
from ui.kit.fields import Advice, ChoiceField, Field, TextField
from ui.kit.form_cell import FormCell
from ui.kit.layout import column
from ui.kit.text import Words
from ui.kit.theme import set_role, theme

CORE = "core"
TAKEN_AWAY = "taken away"
"""The choice that takes an inherited value away; in a text field a dash does."""
_DASHES = frozenset({"-", "–", "—", "无"})
_COLUMNS = 2
_PAUSE_AFTER = 0.008
"""Seconds of making fields after which events are let through."""


class _Group(QWidget):
    """The parameters of a group; only those that match are in sight while one searches.

    `wanting` when fields are to be made: the editor lets `make_some` do it between events, so that nobody waits for a
    large group. One that is needed comes at once.
    """

    wanting = Signal()

    def __init__(
        self,
        title: Words,
        parameters: Sequence[Parameter],
        make_cell: Callable[[Parameter], FormCell],
        *,
        opened: bool,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        set_role(self, "plain")
        self.parameters = parameters
        self.cells: dict[str, FormCell] = {}
        self._make_cell = make_cell
        self._wanted: tuple[Parameter, ...] = tuple(parameters)
        self._searching = False
        self._was_open = opened
        self._frame: QWidget | None = None
        self._grid = QGridLayout()
        self.disclosure = Disclosure(title, self._make_grid, opened=opened)
        self.setLayout(column(self.disclosure))

    def cell(self, parameter: Parameter) -> FormCell:
        """The field of a parameter, made if it is missing."""
        self.disclosure.handle.setChecked(True)
        return self.cells.get(parameter.code) or self._made(parameter)

    def show_matching(self, text: str) -> bool:
        """Show what contains a text, all for none; says whether anything is in sight."""
        searched, self._searching = self._searching, bool(text)
        if self._searching and not searched:
            self._was_open = self.disclosure.is_open
        wanted = tuple(one for one in self.parameters if not text or text in _findable(one))
        if wanted != self._wanted:
            self._wanted = wanted
            self._arrange()
        if self._searching or searched:
            self.disclosure.handle.setChecked(bool(wanted) if self._searching else self._was_open)
        self.setVisible(bool(wanted))
        return bool(wanted)

    @property
    def wanted(self) -> tuple[Parameter, ...]:
        """The parameters that are in sight, or will be in a moment."""
        return self._wanted

    def _make_grid(self) -> QWidget:
        self._frame = QWidget()
        set_role(self._frame, "plain")
        self._grid = QGridLayout(self._frame)
        self._grid.setContentsMargins(*(theme().px(side) for side in (20, 4, 0, 8)))
        self._grid.setHorizontalSpacing(theme().px(16))
        self._grid.setVerticalSpacing(theme().px(6))
        for number in range(_COLUMNS):
            self._grid.setColumnStretch(number, 1)
        self.wanting.emit()
        return self._frame

    def make_some(self, until: float) -> bool:
        """The next fields that are wanted, until this second; says whether all are there."""
        if self._frame is None:
            return True
        missing = [one for one in self._wanted if one.code not in self.cells]
        for parameter in missing:
            if time.perf_counter() > until:
                return False
            self._made(parameter)
        if missing:
            self._put_in_tab_order()
        return True

    def _made(self, parameter: Parameter) -> FormCell:
        cell = self.cells[parameter.code] = self._make_cell(parameter)
        cell.setParent(self._frame)
        if parameter in self._wanted:
            self._place(cell, self._wanted.index(parameter))
        else:
            cell.hide()
        return cell

    def _arrange(self) -> None:
        """Those that are wanted close up, whichever of them are made already."""
        for cell in self.cells.values():
            self._grid.removeWidget(cell)
            cell.hide()
        for place, parameter in enumerate(self._wanted):
            made = self.cells.get(parameter.code)
            if made is not None:
                self._place(made, place)
                made.show()
        self.wanting.emit()

    def _place(self, cell: FormCell, place: int) -> None:
        self._grid.addWidget(cell, place // _COLUMNS, place % _COLUMNS, Qt.AlignmentFlag.AlignTop)

    def _put_in_tab_order(self) -> None:
        """Tab goes as one reads, in whatever order the fields were made."""
        fields = [self.cells[one.code].editor.focus_widget() for one in self._wanted]
        for before, after in pairwise(fields):
            QWidget.setTabOrder(before, after)


class ParameterEditor(QWidget):
    """Own values of an entry over those it inherits. `make_cell(field)` puts a field into the form it stands in."""

    def __init__(
        self,
        make_cell: Callable[[Field], FormCell],
        *,
        own: Mapping[str, Any],
        inherited: Mapping[str, Any],
        energy: Callable[[], str],
    ) -> None:
        super().__init__()
        set_role(self, "plain")
        self._make_cell_of = make_cell
        self._own, self._inherited, self._energy = own, inherited, energy
        self.search = SearchField(tr_noop("Find a parameter, such as brakes or 质保"))
        self.search.searched.connect(self.look_for)
        self.search.returnPressed.connect(self.go_to_first)
        self.nothing = EmptyState(tr_noop("No such parameter"), tr_noop("Look for another word."), icon="search")
        self._stack = column(Label(tr_noop("Parameters"), role="section"), _hint(), self.search, self.nothing, gap=8)
        self.setLayout(self._stack)
        self.nothing.hide()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._make_some)
        self.groups: dict[str, _Group] = {}
        self._waiting = _groups()
        self._add_group()
        self._soon.start()

    def _add_group(self) -> None:
        """The next group, above the word that nothing was found."""
        code, title, members = self._waiting.pop(0)
        group = _Group(
            partial(self._title, title, members), members, self._make_cell, opened=code == CORE, parent=self
        )
        group.wanting.connect(self._soon.start)
        self.groups[code] = group
        self._stack.insertWidget(self._stack.count() - 1, group)

    def _have_all_groups(self) -> None:
        while self._waiting:
            self._add_group()

    def _make_some(self) -> None:
        """A few groups and fields, then whatever else waits to be done."""
        until = time.perf_counter() + _PAUSE_AFTER
        while self._waiting and time.perf_counter() < until:
            self._add_group()
        if self._waiting or not all(group.make_some(until) for group in self.groups.values()):
            self._soon.start()

    def cell(self, code: str) -> FormCell:
        """The field of a parameter. Raises KeyError for an unknown one."""
        parameter = specification_dictionary().parameters[code]
        self._have_all_groups()
        return self.groups[CORE if parameter.core else parameter.group].cell(parameter)

    def look_for(self, text: str) -> None:
        """Show only parameters whose name, unit or group contains the text."""
        wanted = text.strip().casefold()
        self._have_all_groups()
        found = [group.show_matching(wanted) for group in self.groups.values()]
        self.nothing.setVisible(not any(found))

    def go_to(self, code: str) -> None:
        """Put the cursor into the field of a parameter and show it."""
        cell = self.cell(code)
        entry = cell.editor.focus_widget()
        entry.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if isinstance(entry, QLineEdit):
            entry.selectAll()

    def go_to_first(self) -> None:
        """Put the cursor into the first field of what was looked for, or of all."""
        self.look_for(self.search.text())
        found = next((group.wanted for group in self.groups.values() if group.wanted), ())
        if found:
            self.go_to(found[0].code)

    def values(self) -> dict[str, Any]:
        """The own values as they shall be stored: None takes an inherited one away, a missing one lets it count.

        Raises the specification errors.
        """
        values = dict(self._own)
        for group in self.groups.values():
            for code, cell in group.cells.items():
                values.pop(code, None)
                typed = cell.value()
                if typed in (None, ""):
                    continue
                values[code] = self._stored(code, str(typed))
        return values

    def _stored(self, code: str, typed: str) -> Any:
        if self._takes_away(code, typed):
            return None
        parameter = specification_dictionary().parameters[code]
        return stored_value(check_value(parameter, typed, field=PARAMETER + code, energy=self._energy()))

    def _takes_away(self, code: str, typed: str) -> bool:
        return code in self._inherited and (typed == TAKEN_AWAY or typed.strip() in _DASHES)

    def _title(self, title: Words, members: Sequence[Parameter]) -> str:
        own = sum(one.code in self._own for one in members)
        name = title() if callable(title) else tr(title)
        return tr("{group} ({own} of {n} here)", group=name, own=own, n=len(members))

    def _make_cell(self, parameter: Parameter) -> FormCell:
        cell = self._make_cell_of(self._field(parameter))
        if parameter.code in self._own:
            cell.set_value(_typed(parameter, self._own[parameter.code]))
        return cell

    def _field(self, parameter: Parameter) -> Field:
        name, label = PARAMETER + parameter.code, partial(str, parameter.name)
        hint = self._inherited_words(parameter)
        if parameter.type is ParameterType.CHOICE:
            choices = [Choice(choice.code, partial(str, choice.name)) for choice in parameter.choices]
            return ChoiceField(name, label, choices=[*choices, *self._taking_away(parameter)], placeholder=hint,
                               mark_optional=False)  # fmt: skip
        if parameter.type is ParameterType.BOOLEAN:
            yes_no = [Choice("true", tr_noop("Yes")), Choice("false", tr_noop("No"))]
            return ChoiceField(name, label, choices=[*yes_no, *self._taking_away(parameter)], placeholder=hint,
                               mark_optional=False)  # fmt: skip
        return TextField(
            name, label, max_length=max(parameter.limit, 40), placeholder=hint,
            suffix=partial(str, parameter.unit_symbol) if parameter.unit else "",
            check=partial(self._check, parameter), mark_optional=False,
        )  # fmt: skip

    def _inherited_words(self, parameter: Parameter) -> Words:
        if parameter.code not in self._inherited:
            return ""
        text = parameter_text(parameter.code, self._inherited[parameter.code])
        return lambda: tr("Inherited: {value}", value=text)

    def _taking_away(self, parameter: Parameter) -> list[Choice]:
        if parameter.code not in self._inherited:
            return []
        return [Choice(TAKEN_AWAY, tr_noop("None here (take the inherited value away)"))]

    def _check(self, parameter: Parameter, text: str) -> Advice | None:
        """Says what is wrong; a value in another unit is shown converted."""
        if self._takes_away(parameter.code, text):
            return Advice(tr_noop("Takes the inherited value away"), tone="info")
        value = check_value(parameter, text, field=PARAMETER + parameter.code, energy=self._energy())
        if not parameter.is_number and parameter.type is not ParameterType.RANGE:
            return None
        stored = stored_value(value)
        if _plain(text) in (_plain(str(value)), _plain(_typed(parameter, stored))):
            return None
        shown = value_text(parameter, stored)
        return Advice(lambda: tr("Kept as {value}", value=str(shown)), tone="good")


def _hint() -> Label:
    return Label(
        tr_noop("Values in another unit are converted, such as 150 PS. An empty field lets the inherited value count."),
        role="secondary", wrap=True,
    )  # fmt: skip


def _groups() -> list[tuple[str, Words, Sequence[Parameter]]]:
    dictionary = specification_dictionary()
    rest = [
        (code, partial(str, name), [one for one in dictionary.of_group(code) if not one.core])
        for code, name in dictionary.groups.items()
    ]
    return [(CORE, tr_noop("Core parameters"), dictionary.core()), *rest]


def _findable(parameter: Parameter) -> str:
    group = specification_dictionary().groups[parameter.group]
    unit = parameter.unit_symbol
    names = (parameter.name.zh, parameter.name.en, unit.zh, unit.en, group.zh, group.en)
    return " ".join(names).casefold()


def _typed(parameter: Parameter, stored: Any) -> str:
    """A stored value as it stands in its field."""
    if stored is None:
        return TAKEN_AWAY if parameter.type in (ParameterType.CHOICE, ParameterType.BOOLEAN) else "–"
    if isinstance(stored, bool):
        return "true" if stored else "false"
    if isinstance(stored, list):
        return "–".join(str(end) for end in stored)
    return str(stored)


def _plain(text: str) -> str:
    plain = text.replace(",", "").strip()
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
