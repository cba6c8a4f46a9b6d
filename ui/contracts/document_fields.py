"""The fields of a document's form, as its kind declares them."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from app.contracts.kinds.parts import MOST_LINES
from app.contracts.kinds.registry import DocumentKind, Entry, EntryForm, EntryType
from app.documents.paper_data import Words as PaperWords
from app.runtime.language import language
from ui.contracts.lines_editor import LinesField
from ui.kit.controls import Choice
from ui.kit.fields import (
    Advice,
    ChoiceField,
    DateField,
    Field,
    IntegerField,
    MoneyField,
    MultiLineField,
    SegmentField,
    TextField,
    VinField,
)
from ui.kit.printable import printable
from ui.kit.text import Words

_LONG = 160
_SEGMENTS = 14
"""Characters that all answers together may have to stand side by side."""
_WIDTHS = {EntryType.TEXT: 5, EntryType.MONEY: 3, EntryType.DAY: 3, EntryType.WHOLE_NUMBER: 2, EntryType.CHOICE: 3}


def in_words(said: PaperWords) -> Words:
    """A name kept in both languages, in the one in use when it is shown."""
    return lambda: said.in_language(language())


def fields_of(kind: DocumentKind) -> list[Field]:
    """One field for each entry of a kind."""
    return [_field(entry) for entry in kind.entries]


def _field(entry: Entry) -> Field:
    label, required = in_words(entry.label), entry.required
    if entry.type is EntryType.MONEY:
        return MoneyField(entry.name, label, required=required)
    if entry.type is EntryType.DAY:
        return DateField(entry.name, label, required=required)
    if entry.type is EntryType.WHOLE_NUMBER:
        return IntegerField(entry.name, label, required=required, least=entry.smallest, most=entry.largest)
    if entry.type is EntryType.CHOICE:
        return _choice(entry, label)
    if entry.type is EntryType.LINES:
        columns = tuple((_field(one), _WIDTHS[one.type]) for one in entry.columns)
        return LinesField(
            entry.name, label, required=required, span=2, columns=columns, most=MOST_LINES, check=_printable_lines
        )
    if entry.form is EntryForm.VIN:
        return VinField(entry.name, label, required=required)
    if entry.limit > _LONG:
        return MultiLineField(entry.name, label, required=required, span=2, max_length=entry.limit, lines=2,
                              check=printable)  # fmt: skip
    return TextField(entry.name, label, required=required, max_length=entry.limit, check=printable)


def _printable_lines(lines: Iterable[Mapping[str, Any]]) -> Advice | None:
    """The first cell that paper cannot show."""
    cells = (cell for line in lines for cell in line.values() if isinstance(cell, str))
    return next((advice for advice in map(printable, cells) if advice is not None), None)


def _choice(entry: Entry, label: Words) -> Field:
    choices = [Choice(answer.code, in_words(answer.label)) for answer in entry.choices]
    if sum(len(answer.label.en) for answer in entry.choices) <= _SEGMENTS:
        return SegmentField(entry.name, label, required=entry.required, choices=choices)
    return ChoiceField(entry.name, label, required=entry.required, choices=choices)


def shown(kind: DocumentKind, entries: Mapping[str, Any]) -> dict[str, Any]:
    """Typed entries as the fields take them: days as ISO text, whole numbers as such."""
    return {entry.name: _shown(entry, entries[entry.name]) for entry in kind.entries if entry.name in entries}


def _shown(entry: Entry, value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if entry.type is EntryType.WHOLE_NUMBER and isinstance(value, str):
        return int(value) if value.isdigit() else None
    if entry.type is EntryType.LINES:
        columns = {column.name: column for column in entry.columns}
        return [{name: _shown(columns[name], cell) for name, cell in line.items()} for line in value or ()]
    return value
