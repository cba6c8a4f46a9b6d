"""The differences an import would make, entry by entry, field by field: old and new in words, worded when looked at.

A book may change hundreds of values of thousands of trims; what is kept of each is what the list says, nothing more.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import accumulate
from typing import Any, overload

from app.catalog.energies import Energy
from app.catalog.import_commands import Level
from app.catalog.rules import specification_dictionary, value_text
from app.catalog.version_rules import PARAMETER, code_in
from app.kernel.labels import Bilingual, Labelled, Note, note
from app.kernel.money import format_money
from app.runtime.language import tr_noop
from db.models.catalog import ModelYear
from db.types import to_wire

_YES, _NO = tr_noop("Yes"), tr_noop("No")
_LABELS = {
    "name_zh": tr_noop("Chinese name"), "name_en": tr_noop("English name"), "country": tr_noop("Country"),
    "body": tr_noop("Body"), "year": tr_noop("Model year"), "energy": tr_noop("Energy"), "seats": tr_noop("Seats"),
    "guide_price": tr_noop("Guide price"), "in_tax_directory": tr_noop("In the tax directory"),
    "source": tr_noop("Source"),
}  # fmt: skip


class PreviewKind(Labelled):
    """What happens to an entry."""

    ADDED = "added", tr_noop("New")
    CHANGED = "changed", tr_noop("Will change")


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    """One difference: a new entry, or one field of an entry that is there. Texts are worded when shown."""

    id: str
    line: int
    place: str
    kind: PreviewKind
    level: Level
    name: Bilingual
    field: str
    label: object
    before: object
    after: object
    percent: Decimal | None = None
    """By how much a price changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChange:
    """What happens to one entry: `node` is the entry as it is, apart from its session, `said` the fields it gets anew,
    laid over `earlier`, what rows above gave it; `inherited` is what it has from above."""

    line: int
    place: str
    name: Bilingual
    node: Any
    is_new: bool
    said: Mapping[str, Any]
    earlier: Mapping[str, Any]
    inherited: Mapping[str, Any]
    fields: tuple[str, ...]
    """Those of the changed fields that are shown."""

    @property
    def count(self) -> int:
        """How many rows it has."""
        return 1 if self.is_new else len(self.fields)

    def row(self, number: int) -> PreviewRow:
        """One of its rows."""
        if self.is_new:
            return self._row("", kind=PreviewKind.ADDED, label="", before="", after=self._about_new())
        field = self.fields[number]
        code, value = code_in(field), self.said[field]
        known = field in self.earlier or (code in (self.node.parameters or {}) if code else True)
        old = self._old(field) if known else None
        now = worded(field, old) if known else ""
        if not now and code in self.inherited:
            now = note(tr_noop("{value} (inherited)"), value=worded(field, self.inherited[code]))
        percent = _percent(old, value) if field == "guide_price" else None
        return self._row(field, kind=PreviewKind.CHANGED, label=field_label(field), before=now,
                         after=worded(field, value), percent=percent)  # fmt: skip

    def narrowed(self, wanted: Collection[str]) -> "EntryChange":
        """The same with these of its fields alone."""
        return replace(self, fields=tuple(field for field in self.fields if field in wanted))

    def price_change(self) -> Decimal | None:
        """By how many percent its price changes."""
        if self.is_new or "guide_price" not in self.fields:
            return None
        return _percent(self._old("guide_price"), self.said["guide_price"])

    def _old(self, field: str) -> Any:
        if field in self.earlier:
            return self.earlier[field]
        code = code_in(field)
        if code:
            return (self.node.parameters or {}).get(code)
        return to_wire(self.node.__table__.columns[field].type, getattr(self.node, field))

    def _row(self, field: str, **told: Any) -> PreviewRow:
        return PreviewRow(id=f"{self.node.id}:{field}", line=self.line, place=self.place, name=self.name, field=field,
                          level=Level(self.node.__tablename__), **told)  # fmt: skip

    def _about_new(self) -> object:
        count = len(self.node.parameters or {})
        if self.node.__tablename__ != "trim":
            return note(tr_noop("Parameters: {n}"), n=count) if count else ""
        if not self.node.guide_price:
            return note(tr_noop("No price; parameters: {n}"), n=count)
        price = format_money(self.node.guide_price, symbol=False)
        return note(tr_noop("{price}; parameters: {n}"), price=price, n=count)


class PreviewRows(Sequence[PreviewRow]):
    """The rows of many entries, each worded when it is asked for."""

    def __init__(self, entries: Iterable[EntryChange] = ()) -> None:
        self.entries = tuple(one for one in entries if one.count)
        self._ends = list(accumulate(one.count for one in self.entries))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> PreviewRow: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[PreviewRow, ...]: ...
    def __getitem__(self, index: int | slice) -> PreviewRow | tuple[PreviewRow, ...]:
        if isinstance(index, slice):
            return tuple(self._at(number) for number in range(*index.indices(len(self))))
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._at(index % len(self))

    def __iter__(self) -> Iterator[PreviewRow]:
        return (entry.row(number) for entry in self.entries for number in range(entry.count))

    def _at(self, number: int) -> PreviewRow:
        place = bisect_right(self._ends, number)
        entry = self.entries[place]
        return entry.row(number - (self._ends[place] - entry.count))

    def chosen(self, *, kind: str | None = None, prices: bool = False, text: str = "") -> "PreviewRows":
        """Those of one kind, of prices alone, and with a text in the entry's name or the field's."""
        if kind is None and not prices and not text:
            return self
        found = [one for one in self.entries if kind is None or (kind == PreviewKind.ADDED) == one.is_new]
        if prices:
            found = [one.narrowed({"guide_price"}) for one in found if one.price_change() is not None]
        if text:
            wanted = text.casefold()
            labels = {field for one in found for field in one.fields}
            fitting = {field for field in labels if wanted in str(field_label(field)).casefold()}
            named = {id(one) for one in found if wanted in f"{one.name.zh} {one.name.en}".casefold()}
            found = [one if id(one) in named else one.narrowed(fitting)
                     for one in found if id(one) in named or not one.is_new]  # fmt: skip
        return PreviewRows(found)


def full_name(path: Sequence[Any]) -> Bilingual:
    """The names from the make down, in one line."""
    zh = [f"{node.year}款" if isinstance(node, ModelYear) else node.name_zh for node in path]
    en = [str(node.year) if isinstance(node, ModelYear) else node.name_en or node.name_zh for node in path]
    return Bilingual(" ".join(zh), " ".join(en))


def field_label(field: str) -> object:
    """What a field of an entry is called."""
    if field.startswith(PARAMETER):
        parameter = specification_dictionary().parameters.get(field.removeprefix(PARAMETER))
        return parameter.name if parameter else field.removeprefix(PARAMETER)
    return Note(_LABELS[field])


def worded(field: str, value: Any) -> object:
    """A stored value of a field in words, in both languages."""
    if value is None:
        return Note(tr_noop("taken away"))
    if field.startswith(PARAMETER):
        parameter = specification_dictionary().parameters.get(field.removeprefix(PARAMETER))
        return value_text(parameter, value) if parameter else str(value)
    if field == "guide_price":
        return format_money(Decimal(value).scaleb(-2), symbol=False)
    if field == "energy":
        return Note(Energy(value).label)
    if isinstance(value, bool):
        return Note(_YES if value else _NO)
    return str(value)


def _percent(before: Any, after: Any) -> Decimal | None:
    if not before:
        return None
    return ((Decimal(after) - Decimal(before)) * 100 / Decimal(before)).quantize(Decimal("0.1"))
