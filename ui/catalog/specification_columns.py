"""The mapping page: what each column of a specification book stands for, in which unit, and what holds for all rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QScrollArea

from app.catalog.energies import Energy
from app.catalog.heading_names import folded
from app.catalog.import_commands import Level
from app.catalog.package_specifications import DOLLAR
from app.catalog.rules import specification_dictionary
from app.catalog.source_tables import SourceTable
from app.catalog.specification_mapping import (
    ParameterColumn,
    PriceUnit,
    SpecificationField,
    SpecificationMapping,
)
from app.catalog.specification_sources import DELIMITERS, ENCODINGS, ReadOptions
from app.catalog.units import units, units_like
from app.kernel.labels import Bilingual
from app.runtime.language import tr, tr_noop, trn
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label
from ui.kit.disclosure import Disclosure
from ui.kit.fields import (
    ChoiceField,
    DateField,
    IntegerField,
    LookupField,
    MoneyField,
    Section,
    SegmentField,
    TextField,
)
from ui.kit.form import Form
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel
from ui.kit.text import words
from ui.kit.theme import set_role, set_size

SAMPLES = 3
FORM_WIDTH = 320
PARAMETER = "parameter:"
FOUND = 24
NAMES_SHOWN = 5
_SEPARATORS = {",": tr_noop("comma"), ";": tr_noop("semicolon"), "\t": tr_noop("tab"), "|": tr_noop("bar")}
_CONSTANTS = (
    SpecificationField.MAKE_ZH, SpecificationField.SERIES_ZH, SpecificationField.YEAR, SpecificationField.TRIM_ZH,
)  # fmt: skip
_ENGLISH = {
    SpecificationField.MAKE_ZH: SpecificationField.MAKE_EN, SpecificationField.SERIES_ZH: SpecificationField.SERIES_EN,
    SpecificationField.TRIM_ZH: SpecificationField.TRIM_EN,
}  # fmt: skip
"""The English name stays while nobody changes the Chinese one it came with."""
ROWS, COLUMNS, SEVERAL = "rows", "columns", "several"


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """One column of the file as the list shows it."""

    id: int
    heading: str
    samples: str
    meaning: str
    unit: str


_COLUMNS = (
    Column("heading", tr_noop("Heading in the file"), width=150, tooltip=lambda line: line.heading),
    Column("samples", tr_noop("Examples"), width=130, stretch=True, tooltip=lambda line: line.samples),
    Column("meaning", tr_noop("Stands for"), width=170, tooltip=lambda line: line.meaning),
    Column("unit", tr_noop("Unit of measure"), width=110),
)


class SpecificationColumns(QFrame):
    """`changed` when the mapping did; `reading_changed(ReadOptions)` when the file is to be read in another way."""

    changed = Signal()
    sheet_chosen = Signal(str)
    reading_changed = Signal(object)

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        set_role(self, "card")
        self._source: SourceTable | None = None
        self._mapping = SpecificationMapping({})
        self._meanings: dict[int, str] = {}
        self._units: dict[int, str] = {}
        self._column = -1
        self._about = Label("", role="secondary", wrap=True)
        self._missing = Label("", role="field-message", wrap=True)
        self._names = Label("", role="secondary", wrap=True)
        self.forget = Button(tr_noop("Ask again"), kind="quiet", on_click=self.forget_names)
        self.reading = self._reading_form(context)
        self.column_form = self._column_form(context)
        self.whole = self._whole_form(context)
        self.model = KeysetTableModel(context.operations, _COLUMNS, self._list_lines, parent=self)
        self.table = RecordTable(
            self.model, name=tr_noop("Columns of the file"), views=context.views, view_key="import.specifications.lines"
        )
        self.table.selected.connect(self._on_line_selected)
        self.table.opened.connect(lambda _line: self.column_form.focus_first())
        self._how = Disclosure(tr_noop("How the file is read"), lambda: self.reading)
        self._lay_out()

    def _lay_out(self) -> None:
        side = QScrollArea()
        side.setWidgetResizable(True)
        side.setFrameShape(QFrame.Shape.NoFrame)
        side.setWidget(boxed(column(self.column_form, self.whole, STRETCH, gap=16, margins=(0, 0, 12, 0))))
        set_size(side, width=FORM_WIDTH)
        left = column(gap=8)
        left.addWidget(self._how)
        left.addWidget(self.table, 1)
        across = row(gap=24)
        across.addLayout(left, 1)
        across.addWidget(side)
        stack = column(
            Label(tr_noop("What do the columns stand for?"), role="section"), self._about,
            self._missing, row(self._names, self.forget, STRETCH, gap=8), gap=8, margins=24,
        )  # fmt: skip
        stack.addLayout(across, 1)
        self.setLayout(stack)

    # --- what the sheet asks ---------------------------------------------------------------------

    def show_table(self, table: SourceTable, mapping: SpecificationMapping) -> None:
        """A line for each column of a table, with the suggested meanings."""
        self._source, self._mapping = table, mapping
        self._meanings = {number: target.value for target, number in mapping.fields.items()}
        self._meanings |= {one.column: f"{PARAMETER}{one.code}" for one in mapping.parameters}
        self._units = {one.column: one.unit for one in mapping.parameters}
        price = mapping.fields.get(SpecificationField.GUIDE_PRICE)
        if price is not None:
            self._units[price] = mapping.price_unit.value
        self._about.set_words(lambda: _about(table))
        self._show_reading(table)
        self._show_whole(mapping)
        self._show_names()
        self._column = -1
        self._reload()
        self.table.select_id(next((line for line in range(len(table.headers)) if line not in self._meanings), 0))

    def mapping(self) -> SpecificationMapping:
        """What was assigned."""
        fields = {SpecificationField(key): n for n, key in self._meanings.items() if not key.startswith(PARAMETER)}
        parameters = tuple(
            ParameterColumn(key.removeprefix(PARAMETER), number, self._units.get(number, ""))
            for number, key in sorted(self._meanings.items()) if key.startswith(PARAMETER)
        )  # fmt: skip
        price = fields.get(SpecificationField.GUIDE_PRICE)
        said = self.whole.values()
        constants = {target: str(said[target.value]) for target in _CONSTANTS if said.get(target.value)}
        if said.get("energy"):
            constants[SpecificationField.ENERGY] = str(said["energy"])
        suggested = self._mapping.constants
        for chinese, english in _ENGLISH.items():
            if suggested.get(english) and constants.get(chinese) == suggested.get(chinese):
                constants[english] = suggested[english]
        return SpecificationMapping(
            fields=fields,
            parameters=parameters,
            level=said.get("level") or Level.TRIM,
            constants=constants,
            indicators=tuple(one for one in self._mapping.indicators if one.column not in self._meanings),
            price_unit=PriceUnit(self._units.get(price, PriceUnit.YUAN.value)) if price is not None else PriceUnit.YUAN,
            rate=said.get("rate") or DOLLAR,
            number_doubles=said.get("doubles") == "number",
            taken_as=self._mapping.taken_as,
        )

    def take_names_as(self, decided: Mapping[str, str]) -> None:
        """Keep what somebody said of names that look misspelt: the name meant by key, empty to leave it."""
        self._mapping = replace(self._mapping, taken_as={**self._mapping.taken_as, **decided})
        self._show_names()

    def forget_names(self) -> None:
        """Ask about all names again."""
        self._mapping = replace(self._mapping, taken_as={})
        self._show_names()
        self.changed.emit()

    def missing(self) -> list[SpecificationField]:
        """What is needed and not given yet."""
        mapping = self.mapping()
        return [] if SpecificationField.LEVEL in mapping.fields else mapping.missing()

    @property
    def effective_from(self) -> date | None:
        """The day the values come into force; None for today."""
        said = self.whole.value("effective_from")
        return date.fromisoformat(said) if said else None

    @property
    def reason(self) -> str:
        """Why the values change, as it will stand in the history."""
        return str(self.whole.value("reason") or "")

    # --- what a person does ----------------------------------------------------------------------

    def assign(self, number: int, key: str | None, unit: str | None = None) -> None:
        """Let a column stand for a field ("year") or a parameter ("parameter:length"); nothing stands twice."""
        self._meanings = {n: told for n, told in self._meanings.items() if n != number and told != key}
        if key:
            self._meanings[number] = key
            self._units[number] = unit if unit is not None else _first_unit(key)
        self._reload()
        self._show_column(number)
        self._say_missing()
        self.changed.emit()

    def set_unit(self, number: int, unit: str) -> None:
        """Say which unit a column is in."""
        self._units[number] = unit
        self._reload()
        self.changed.emit()

    # --- forms -----------------------------------------------------------------------------------

    def _reading_form(self, context: PageContext) -> Form:
        encodings = [Choice(name, partial(str, name.upper())) for name in ENCODINGS]
        separators = [Choice(mark, _SEPARATORS[mark]) for mark in DELIMITERS]
        layout = [Choice(ROWS, tr_noop("One row each")), Choice(COLUMNS, tr_noop("One column each")),
                  Choice(SEVERAL, tr_noop("Several in a row"))]  # fmt: skip
        form = Form(
            context,
            [
                Section(
                    "",
                    [
                        ChoiceField("encoding", tr_noop("Encoding"), choices=encodings, placeholder=RECOGNISED),
                        ChoiceField("delimiter", tr_noop("Separator"), choices=separators, placeholder=RECOGNISED),
                        IntegerField("skip", tr_noop("Lines to skip"), least=0, most=200),
                        ChoiceField("sheet", tr_noop("Sheet"), choices=[], required=True),
                        SegmentField("layout", tr_noop("Trims stand in"), choices=layout, required=True, span=2),
                    ],
                )
            ],
            submit_keys=False,
        )
        form.changed.connect(self._on_reading_changed)
        return form

    def _column_form(self, context: PageContext) -> Form:
        form = Form(
            context,
            [
                Section(
                    tr_noop("The selected column"),
                    [
                        LookupField("key", tr_noop("Stands for"), search=find_meanings, span=2,
                                    placeholder=tr_noop("Nothing: leave it out")),
                        ChoiceField("unit", tr_noop("In this unit"), choices=[], required=True, span=2),
                    ],
                )
            ],
            columns=1,
            submit_keys=False,
        )  # fmt: skip
        form.changed.connect(self._on_column_changed)
        return form

    def _whole_form(self, context: PageContext) -> Form:
        levels = [Choice(level, level.label) for level in reversed(Level)]
        energies = [Choice(energy.value, energy.label) for energy in Energy]
        doubles = [Choice("refuse", tr_noop("Refuse")), Choice("number", tr_noop("Number them"))]
        names = [TextField(target.value, target.label, max_length=120) for target in _CONSTANTS]
        form = Form(
            context,
            [
                Section(
                    tr_noop("For all rows"),
                    [
                        ChoiceField("level", tr_noop("Each row is about a"), choices=levels, required=True),
                        *names,
                        ChoiceField("energy", tr_noop("Energy"), choices=energies,
                                    placeholder=tr_noop("As the trim has it")),
                        MoneyField("rate", tr_noop("Yuan for a US dollar")),
                        SegmentField("doubles", tr_noop("Rows of the same name"), choices=doubles, required=True),
                    ],
                ),
                Section(
                    tr_noop("Since when, and why"),
                    [
                        DateField("effective_from", tr_noop("In force from"),
                                  earliest=context.clock.now().date().isoformat(),
                                  hint=tr_noop("Today, if left empty. New trims are there at once.")),
                        TextField("reason", tr_noop("Reason"), max_length=400,
                                  placeholder=tr_noop("The file's name, if left empty")),
                    ],
                ),
            ],
            columns=1,
            submit_keys=False,
        )  # fmt: skip
        form.changed.connect(self._on_whole_changed)
        return form

    # --- inside ----------------------------------------------------------------------------------

    def _show_reading(self, table: SourceTable) -> None:
        is_text, has_sheets = bool(table.delimiter), bool(table.sheets)
        self.reading.set_choices("sheet", [Choice(name, partial(str, name)) for name in table.sheets])
        self.reading.set_values({"layout": _layout(table), "sheet": table.sheet or None})
        self.reading.set_field_visible("encoding", is_text or bool(table.encoding))
        self.reading.set_field_visible("delimiter", is_text)
        self.reading.set_field_visible("sheet", has_sheets)

    def _show_whole(self, mapping: SpecificationMapping) -> None:
        kept = {target.value: mapping.constants.get(target, "") for target in _CONSTANTS}
        self.whole.set_values(
            {
                **kept, "level": mapping.level, "energy": mapping.constants.get(SpecificationField.ENERGY) or None,
                "rate": Decimal(mapping.rate), "doubles": "number" if mapping.number_doubles else "refuse",
            }
        )  # fmt: skip
        self._show_fields()

    def _show_names(self) -> None:
        """What is read for names that somebody said are misspelt: never without being told."""
        taken = self._mapping.taken_as
        self._names.set_words(lambda: _names_words(taken))
        for widget in (self._names, self.forget):
            widget.setVisible(bool(taken))

    def _show_fields(self) -> None:
        """Only what no column says is asked for all rows."""
        told = set(self._meanings.values())
        level = self.whole.value("level") or Level.TRIM
        needed = {target.value for target in _CONSTANTS[: list(Level).index(level) + 1]}
        full = SpecificationField.FULL_NAME.value in told
        spread = {one.target for one in self._mapping.indicators}
        for target in _CONSTANTS:
            by_name = full and target is not SpecificationField.YEAR
            asked = target.value in needed and target.value not in told | spread and not by_name
            self.whole.set_field_visible(target.value, asked)
        is_trim = level is Level.TRIM
        self.whole.set_field_visible("energy", is_trim and SpecificationField.ENERGY.value not in told)
        self.whole.set_field_visible("doubles", is_trim)
        price = next((n for n, key in self._meanings.items() if key == SpecificationField.GUIDE_PRICE), None)
        dollars = price is not None and self._units.get(price, "").startswith("USD")
        self.whole.set_field_visible("rate", dollars)

    def _reload(self) -> None:
        self.model.load({})
        self._show_fields()
        self._say_missing()

    def _list_lines(self, _reader: Any, *, after: Any, limit: int, **_filters: Any) -> Sequence[ColumnLine]:
        table = self._source
        if table is None:
            return ()
        start = 0 if after is None else int(after) + 1
        end = min(start + limit, len(table.headers))
        return [self._line(table, number) for number in range(start, end)]

    def _line(self, table: SourceTable, number: int) -> ColumnLine:
        values = dict.fromkeys(cells[number] for cells in table.rows[:60] if number < len(cells) and cells[number])
        key = self._meanings.get(number, "")
        said = next((one for one in self._mapping.indicators if one.column == number and not key), None)
        meaning = _meaning_words(key) if key else _indicator_words(said.target, said.value) if said else tr("Left out")
        samples = " · ".join(value[:40] for value in list(values)[:SAMPLES])
        return ColumnLine(
            id=number, heading=table.headers[number], samples=samples, meaning=meaning,
            unit=_unit_words(key, self._units.get(number, "")),
        )  # fmt: skip

    def _on_line_selected(self, line: ColumnLine | None) -> None:
        if line is not None and line.id != self._column:
            self._show_column(line.id)

    def _show_column(self, number: int) -> None:
        self._column = number
        key = self._meanings.get(number, "")
        editor = self.column_form.editor("key")
        editor.choose(Choice(key, partial(_meaning_words, key)) if key else None)
        choices = _unit_choices(key)
        self.column_form.set_choices("unit", choices)
        self.column_form.set_field_visible("unit", len(choices) > 1)
        self.column_form.set_value("unit", self._units.get(number) or (choices[0].value if choices else None))

    def _on_column_changed(self, name: str) -> None:
        if self._column < 0:
            return
        editor = self.column_form.editor(name)
        if name == "unit":
            self.set_unit(self._column, str(editor.value() or ""))
        elif editor.is_empty():
            self.assign(self._column, None)
        elif editor.chosen is not None:
            self.assign(self._column, str(editor.value()))

    def _on_whole_changed(self, name: str) -> None:
        if name == "level":
            self._show_fields()
        self._say_missing()
        self.changed.emit()

    def _on_reading_changed(self, name: str) -> None:
        said = self.reading.values()
        options = ReadOptions(
            sheet=said.get("sheet") or "", encoding=said.get("encoding") or "", delimiter=said.get("delimiter") or "",
            skip=said.get("skip"), turned=said.get("layout") == COLUMNS if name == "layout" else None,
            several=said.get("layout") == SEVERAL if name == "layout" else None,
        )  # fmt: skip
        self.reading_changed.emit(options)

    def _say_missing(self) -> None:
        missing = self.missing()
        set_role(self._missing, "field-message", tone="bad" if missing else "good")
        self._missing.set_words(
            (lambda: tr("Still needed: {fields}", fields=_listed(missing)))
            if missing
            else tr_noop("Everything needed is assigned.")
        )


RECOGNISED = tr_noop("Recognised")


def find_meanings(_reader: Any, text: str) -> list[Choice]:
    """Fields and parameters with a text in one of their names."""
    wanted = folded(text)
    if not wanted:
        return []
    named = [(target.value, _field_names(target)) for target in SpecificationField]
    named += [
        (f"{PARAMETER}{code}", (code, parameter.name.zh, parameter.name.en))
        for code, parameter in specification_dictionary().parameters.items()
    ]
    ranked = []
    for key, names in named:
        places = [place for name in names if (place := folded(name).find(wanted)) >= 0]
        if places:
            ranked.append((min(places), key))
    ranked.sort(key=lambda found: found[0])
    return [Choice(key, partial(_meaning_words, key), partial(_group_words, key)) for _place, key in ranked[:FOUND]]


def _field_names(target: SpecificationField) -> tuple[str, ...]:
    return target.value, target.label, tr(target.label)


def _meaning_words(key: str) -> str:
    if not key.startswith(PARAMETER):
        return tr(SpecificationField(key).label)
    parameter = specification_dictionary().parameters.get(key.removeprefix(PARAMETER))
    return str(parameter.name) if parameter else key.removeprefix(PARAMETER)


def _group_words(key: str) -> str:
    dictionary = specification_dictionary()
    parameter = dictionary.parameters.get(key.removeprefix(PARAMETER)) if key.startswith(PARAMETER) else None
    return str(dictionary.groups[parameter.group]) if parameter else tr("Catalogue")


def _indicator_words(target: str, value: str) -> str:
    if target in {member.value for member in SpecificationField}:
        return tr("{field}: {value}", field=tr(SpecificationField(target).label), value=value)
    parameter = specification_dictionary().parameters[target]
    name = next((choice.name for choice in parameter.choices if choice.code == value), Bilingual(value, value))
    return tr("{field}: {value}", field=str(parameter.name), value=str(name))


def _first_unit(key: str) -> str:
    if key == SpecificationField.GUIDE_PRICE.value:
        return PriceUnit.YUAN.value
    return ""


def _unit_choices(key: str) -> list[Choice]:
    if key == SpecificationField.GUIDE_PRICE.value:
        return [Choice(unit.value, unit.label) for unit in PriceUnit]
    parameter = specification_dictionary().parameters.get(key.removeprefix(PARAMETER))
    if not key.startswith(PARAMETER) or parameter is None or not parameter.unit:
        return []
    return [Choice(unit.code, partial(str, unit.symbol)) for unit in units_like(parameter.unit)]


def _unit_words(key: str, unit: str) -> str:
    if key == SpecificationField.GUIDE_PRICE.value:
        return tr(PriceUnit(unit or PriceUnit.YUAN.value).label)
    parameter = specification_dictionary().parameters.get(key.removeprefix(PARAMETER))
    if not key.startswith(PARAMETER) or parameter is None or not parameter.unit:
        return ""
    return str(units()[unit or parameter.unit].symbol)


def _layout(table: SourceTable) -> str:
    return COLUMNS if table.turned else SEVERAL if table.in_row > 1 else ROWS


def _about(table: SourceTable) -> str:
    count = len(table.rows)
    parts = [table.name or tr("Pasted text")]
    if table.in_row > 1:
        parts += _about_several(table)
    else:
        parts.append(trn("{n} column of values", "{n} columns of values", count) if table.turned else
                     trn("{n} row", "{n} rows", count))  # fmt: skip
    if table.encoding:
        parts.append(table.encoding.upper().removesuffix("-SIG"))
    if table.delimiter in _SEPARATORS:
        parts.append(tr("separated by {mark}", mark=tr(_SEPARATORS[table.delimiter])))
    if table.skipped:
        parts.append(trn("{n} line skipped", "{n} lines skipped", table.skipped))
    if table.sheet:
        parts.append(tr("sheet “{name}”", name=table.sheet))
    return " · ".join(parts)


def _about_several(table: SourceTable) -> list[str]:
    parts = [trn("{n} different car", "{n} different cars", len(table.rows)),
             trn("{n} car in each row", "{n} cars in each row", table.in_row)]  # fmt: skip
    if table.folded:
        parts.append(trn("{n} repetition counted once", "{n} repetitions counted once", table.folded))
    if table.left_out:
        parts.append(trn("{n} column about no car left out", "{n} columns about no car left out", table.left_out))
    return parts


def _names_words(taken: Mapping[str, str]) -> str:
    meant = [
        tr("“{written}” as {name}", written=key.rpartition(":")[2], name=Bilingual.from_stored(name))
        for key, name in taken.items() if name
    ]  # fmt: skip
    left = len(taken) - len(meant)
    parts = [tr("Taken: {names}", names=" · ".join(meant[:NAMES_SHOWN]))] if meant else []
    if len(meant) > NAMES_SHOWN:
        parts.append(trn("and {n} more name", "and {n} more names", len(meant) - NAMES_SHOWN))
    if left:
        parts.append(trn("{n} name left as it is", "{n} names left as they are", left))
    return " · ".join(parts)


def _listed(fields: Sequence[SpecificationField]) -> str:
    from app.runtime.language import CHINESE, language

    return ("、" if language() == CHINESE else ", ").join(words(field.label) for field in fields)


# --- remembered per layout -------------------------------------------------------------------------


def kept_form(mapping: SpecificationMapping, headers: Sequence[str]) -> dict[str, Any]:
    """A mapping by the headings it belongs to, for the next file of this layout."""
    return {
        "fields": {target.value: headers[number] for target, number in mapping.fields.items()},
        "parameters": {one.code: [headers[one.column], one.unit] for one in mapping.parameters},
        "level": mapping.level.value,
        "constants": {target.value: text for target, text in mapping.constants.items()},
        "price_unit": mapping.price_unit.value,
        "rate": str(mapping.rate),
        "doubles": mapping.number_doubles,
        "taken_as": dict(mapping.taken_as),
    }


def restored(
    kept: Mapping[str, Any], headers: Sequence[str], suggested: SpecificationMapping
) -> SpecificationMapping:
    """The mapping used last for these headings; what cannot be read any more is as suggested."""
    places = {heading: number for number, heading in enumerate(headers)}
    dictionary = specification_dictionary().parameters
    try:
        return replace(
            suggested,
            fields={
                SpecificationField(key): places[heading]
                for key, heading in kept["fields"].items() if heading in places
            },
            parameters=tuple(
                ParameterColumn(code, places[heading], unit)
                for code, (heading, unit) in kept["parameters"].items()
                if heading in places and code in dictionary and (not unit or unit in units())
            ),
            level=Level(kept["level"]),
            constants={SpecificationField(key): str(text) for key, text in kept["constants"].items()},
            price_unit=PriceUnit(kept["price_unit"]),
            rate=Decimal(kept["rate"]),
            number_doubles=bool(kept["doubles"]),
            taken_as={str(key): str(text) for key, text in kept.get("taken_as", {}).items()},
        )  # fmt: skip
    except (AttributeError, KeyError, ValueError, TypeError, ArithmeticError):
        return suggested
