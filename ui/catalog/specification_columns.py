"""The mapping page: what each column of a specification book stands for, in which unit, and what holds for all rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QScrollArea

from app.catalog.import_commands import Level
from app.catalog.package_specifications import DOLLAR
from app.catalog.source_tables import SourceTable
from app.catalog.specification_mapping import (
    ParameterColumn,
    PriceUnit,
    SpecificationField,
    SpecificationMapping,
)
from app.catalog.specification_sources import ReadOptions
from app.runtime.language import tr, tr_noop
from ui.catalog.column_meanings import (
    PARAMETER,
    first_unit,
    indicator_words,
    meaning_words,
    unit_choices,
    unit_words,
)
from ui.catalog.mapping_forms import CONSTANTS, column_form, reading_form, whole_form
from ui.catalog.source_words import COLUMNS, SEVERAL, about_table, layout_of, listed_fields, names_words
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label
from ui.kit.disclosure import Disclosure
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel
from ui.kit.theme import set_role, set_size

SAMPLES = 3
FORM_WIDTH = 320
_ENGLISH = {
    SpecificationField.MAKE_ZH: SpecificationField.MAKE_EN, SpecificationField.SERIES_ZH: SpecificationField.SERIES_EN,
    SpecificationField.TRIM_ZH: SpecificationField.TRIM_EN,
}  # fmt: skip
"""The English name stays while nobody changes the Chinese one it came with."""


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
        self.reading = reading_form(context)
        self.reading.set_value("published", True)
        self.reading.changed.connect(self._on_reading_changed)
        self.column_form = column_form(context)
        self.column_form.changed.connect(self._on_column_changed)
        self.whole = whole_form(context)
        self.whole.changed.connect(self._on_whole_changed)
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
        self._about.set_words(lambda: about_table(table))
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
        constants = {target: str(said[target.value]) for target in CONSTANTS if said.get(target.value)}
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

    def read_as_recognised(self) -> None:
        """Another file: what is known is read as what it is."""
        self.reading.set_value("published", True)

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
            self._units[number] = unit if unit is not None else first_unit(key)
        self._reload()
        self._show_column(number)
        self._say_missing()
        self.changed.emit()

    def set_unit(self, number: int, unit: str) -> None:
        """Say which unit a column is in."""
        self._units[number] = unit
        self._reload()
        self.changed.emit()

    # --- inside ----------------------------------------------------------------------------------

    def _show_reading(self, table: SourceTable) -> None:
        is_text, has_sheets = bool(table.delimiter), bool(table.sheets)
        self.reading.set_choices("sheet", [Choice(name, partial(str, name)) for name in table.sheets])
        self.reading.set_field_visible("published", bool(table.published) or not self.reading.value("published"))
        self.reading.set_values({"layout": layout_of(table), "sheet": table.sheet or None})
        self.reading.set_field_visible("encoding", is_text or bool(table.encoding))
        self.reading.set_field_visible("delimiter", is_text)
        self.reading.set_field_visible("sheet", has_sheets)

    def _show_whole(self, mapping: SpecificationMapping) -> None:
        kept = {target.value: mapping.constants.get(target, "") for target in CONSTANTS}
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
        self._names.set_words(lambda: names_words(taken))
        for widget in (self._names, self.forget):
            widget.setVisible(bool(taken))

    def _show_fields(self) -> None:
        """Only what no column says is asked for all rows."""
        told = set(self._meanings.values())
        level = self.whole.value("level") or Level.TRIM
        needed = {target.value for target in CONSTANTS[: list(Level).index(level) + 1]}
        full = SpecificationField.FULL_NAME.value in told
        spread = {one.target for one in self._mapping.indicators}
        for target in CONSTANTS:
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
        meaning = meaning_words(key) if key else indicator_words(said.target, said.value) if said else tr("Left out")
        samples = " · ".join(value[:40] for value in list(values)[:SAMPLES])
        return ColumnLine(
            id=number, heading=table.headers[number], samples=samples, meaning=meaning,
            unit=unit_words(key, self._units.get(number, "")),
        )  # fmt: skip

    def _on_line_selected(self, line: ColumnLine | None) -> None:
        if line is not None and line.id != self._column:
            self._show_column(line.id)

    def _show_column(self, number: int) -> None:
        self._column = number
        key = self._meanings.get(number, "")
        editor = self.column_form.editor("key")
        editor.choose(Choice(key, partial(meaning_words, key)) if key else None)
        choices = unit_choices(key)
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
            skip=said.get("skip"), published=bool(said.get("published")),
            turned=said.get("layout") == COLUMNS if name == "layout" else None,
            several=said.get("layout") == SEVERAL if name == "layout" else None,
        )  # fmt: skip
        self.reading_changed.emit(options)

    def _say_missing(self) -> None:
        missing = self.missing()
        set_role(self._missing, "field-message", tone="bad" if missing else "good")
        self._missing.set_words(
            (lambda: tr("Still needed: {fields}", fields=listed_fields(missing)))
            if missing
            else tr_noop("Everything needed is assigned.")
        )
