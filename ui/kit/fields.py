"""The fields of a form, declared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from ui.kit.controls import Choice
from ui.kit.editors import (
    Editor,
    IntegerEditor,
    LineEditor,
    MoneyEditor,
    MultiLineEditor,
    NumberEditor,
    PercentEditor,
    SegmentEditor,
    ToggleEditor,
    WidgetEditor,
)
from ui.kit.text import Words

if TYPE_CHECKING:
    from ui.kit.context import PageContext

TEXT_LIMIT = 200
NOTE_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Advice:
    """What a check says without refusing the value: shown below the field in its tone."""

    text: Words
    tone: str = "warn"


Check = Callable[[Any], "Words | Advice | None"]
"""Looks at a value that is not empty: returns what is wrong, an `Advice`, or None; may raise a DomainError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    required: bool = False
    check: Check | None = None
    span: int = 1
    hint: Words = ""
    mark_optional: bool = True
    """Whether "(optional)" stands beside the label of a field that may be empty; not where almost all may be."""


@dataclass(frozen=True, slots=True)
class Field(_Options):
    """Base: `name` is the field of the command, `label` stands above. `span=2` takes the whole width."""

    name: str
    label: Words

    def make_editor(self, context: "PageContext") -> Editor:
        """The control for this field."""
        raise TypeError(f"{type(self).__name__} makes no editor")


@dataclass(frozen=True, slots=True)
class TextField(Field):
    """One line of text; "" when empty."""

    max_length: int = field(default=TEXT_LIMIT, kw_only=True)
    placeholder: Words = field(default="", kw_only=True)
    suffix: Words = field(default="", kw_only=True)

    def make_editor(self, context: "PageContext") -> Editor:
        return LineEditor(max_length=self.max_length, placeholder=self.placeholder, suffix=self.suffix)


@dataclass(frozen=True, slots=True)
class PasswordField(Field):
    """Text that is not shown and never kept in a draft."""

    def make_editor(self, context: "PageContext") -> Editor:
        return LineEditor(max_length=TEXT_LIMIT, password=True)


@dataclass(frozen=True, slots=True)
class PhoneField(Field):
    """A telephone number: digits, a leading +, blanks and dashes while typing; the value is without them."""

    def make_editor(self, context: "PageContext") -> Editor:
        return _PhoneEditor()


class _PhoneEditor(LineEditor):
    def __init__(self) -> None:
        super().__init__(
            max_length=24, clean=lambda text: "".join(c for c in text if c.isascii() and (c.isdigit() or c in "+ -"))
        )

    def value(self) -> str:
        return self.text().replace(" ", "").replace("-", "")


def _code(text: str) -> str:
    return "".join(c for c in text.upper() if c.isascii() and c.isalnum())


@dataclass(frozen=True, slots=True)
class VinField(Field):
    """A vehicle identification number: typed, pasted or scanned; 17 capitals and digits at most. Says below what the
    number tells by itself; `check` says what is wrong with it."""

    def make_editor(self, context: "PageContext") -> Editor:
        from ui.kit.vin_editor import VinEditor

        return VinEditor(context)


@dataclass(frozen=True, slots=True)
class IdentityField(Field):
    """An identity card or company code: capitals and digits, 18 at most."""

    def make_editor(self, context: "PageContext") -> Editor:
        return LineEditor(max_length=18, clean=_code)


@dataclass(frozen=True, slots=True)
class MoneyField(Field):
    """An amount in yuan: Decimal with two places, or None."""

    def make_editor(self, context: "PageContext") -> Editor:
        return MoneyEditor()


@dataclass(frozen=True, slots=True)
class IntegerField(Field):
    """A whole number, or None."""

    suffix: Words = field(default="", kw_only=True)
    least: int | None = field(default=None, kw_only=True)
    most: int | None = field(default=None, kw_only=True)

    def make_editor(self, context: "PageContext") -> Editor:
        return IntegerEditor(suffix=self.suffix, least=self.least, most=self.most)


@dataclass(frozen=True, slots=True)
class NumberField(Field):
    """A number above zero as Decimal, or None."""

    suffix: Words = field(default="", kw_only=True)
    most: Decimal = field(default=Decimal(1_000_000), kw_only=True)
    places: int = field(default=2, kw_only=True)

    def make_editor(self, context: "PageContext") -> Editor:
        return NumberEditor(suffix=self.suffix, most=self.most, places=self.places)


@dataclass(frozen=True, slots=True)
class PercentField(Field):
    """A share in percent as Decimal, or None."""

    most: Decimal = field(default=Decimal(100), kw_only=True)

    def make_editor(self, context: "PageContext") -> Editor:
        return PercentEditor(most=self.most)


@dataclass(frozen=True, slots=True)
class DateField(Field):
    """A day as ISO text, or None; `earliest` and `latest` are ISO days."""

    earliest: str | None = field(default=None, kw_only=True)
    latest: str | None = field(default=None, kw_only=True)

    def make_editor(self, context: "PageContext") -> Editor:
        from ui.kit.date_editors import DateEditor

        return DateEditor(context.clock, earliest=self.earliest, latest=self.latest)


@dataclass(frozen=True, slots=True)
class DateTimeField(Field):
    """A moment as aware UTC datetime, or None."""

    def make_editor(self, context: "PageContext") -> Editor:
        from ui.kit.date_editors import DateTimeEditor

        return DateTimeEditor(context.clock)


@dataclass(frozen=True, slots=True)
class ChoiceField(Field):
    """One of a short list."""

    choices: list[Choice] = field(default_factory=list, kw_only=True)
    placeholder: Words = field(default="", kw_only=True)

    def make_editor(self, context: "PageContext") -> Editor:
        from ui.kit.choice_editors import ChoiceEditor

        return ChoiceEditor(self.choices, may_be_empty=not self.required, placeholder=self.placeholder)


@dataclass(frozen=True, slots=True)
class SegmentField(Field):
    """One of two to five, all in sight."""

    choices: list[Choice] = field(default_factory=list, kw_only=True)

    def make_editor(self, context: "PageContext") -> Editor:
        return SegmentEditor(self.choices, self.label)


@dataclass(frozen=True, slots=True)
class LookupField(Field):
    """One of a long list, found by typing. `search(reader, text)` runs on a reader thread and returns choices."""

    search: Callable[..., list[Choice]] = field(kw_only=True)
    placeholder: Words = field(default="", kw_only=True)

    def make_editor(self, context: "PageContext") -> Editor:
        from ui.kit.choice_editors import LookupEditor

        return LookupEditor(self.search, context.operations, placeholder=self.placeholder)


@dataclass(frozen=True, slots=True)
class MultiLineField(Field):
    """Several lines of text."""

    max_length: int = field(default=NOTE_LIMIT, kw_only=True)
    lines: int = field(default=3, kw_only=True)
    placeholder: Words = field(default="", kw_only=True)

    def make_editor(self, context: "PageContext") -> Editor:
        return MultiLineEditor(max_length=self.max_length, lines=self.lines, placeholder=self.placeholder)


@dataclass(frozen=True, slots=True)
class ToggleField(Field):
    """Yes or no; `text` stands at the right of the box."""

    text: Words = field(default="", kw_only=True)
    mark_optional: bool = field(default=False, kw_only=True)
    """A box is always answered."""

    def make_editor(self, context: "PageContext") -> Editor:
        return ToggleEditor(self.text or self.label)


@dataclass(frozen=True, slots=True)
class WidgetField(Field):
    """Any widget among the fields; it has no value and is not in `values()`."""

    make: Callable[[], QWidget] = field(kw_only=True)

    def make_editor(self, context: "PageContext") -> Editor:
        return WidgetEditor(self.make())


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together, under a heading (may be empty)."""

    title: Words
    fields: Sequence[Field]
    hint: Words = ""
