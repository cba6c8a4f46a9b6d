"""Words for stored values: enum members with a label, notes that are worded late, names kept in both languages.

Values are stored and sent as codes; what a person reads is worded when it is shown, in the language of that moment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from app.runtime.language import CHINESE, language, tr, tr_in

_SEPARATOR = " / "


class Labelled(StrEnum):
    """A stored code with a human label: `DRAFT = "DRAFT", tr_noop("Draft")`. The member *is* its stored code."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        if not label:
            raise ValueError(f"{value} has no label")
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


def state_label(state: Labelled, language_code: str | None = None) -> str:
    """The member's label in the language in use, or in a given one for paper."""
    return tr(state.label) if language_code is None else tr_in(language_code, state.label)


@dataclass(frozen=True, slots=True)
class Note:
    """A remark whose wording waits until it is shown: an English key and what fills its placeholders.

    Strings among the values are keys too and are translated with it; `str(note)` is the text in the language in use.
    """

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def in_language(self, language_code: str) -> str:
        """The text in a given language."""
        shown = {name: _worded(value, language_code) for name, value in self.values.items()}
        return tr_in(language_code, self.text, **shown)

    def __str__(self) -> str:
        return self.in_language(language())


def note(text: str, /, **values: object) -> Note:
    """A `Note` for an English key that was marked with `tr_noop`."""
    return Note(text, values)


class Listing:
    """Several labels or notes as one enumeration, worded when shown: "Approve, Reject" or 「批准、驳回」."""

    def __init__(self, items: Iterable[object]) -> None:
        self.items = tuple(items)

    def in_language(self, language_code: str) -> str:
        """The enumeration in a given language."""
        comma = "、" if language_code == CHINESE else ", "
        return comma.join(str(_worded(item, language_code)) for item in self.items)

    def __str__(self) -> str:
        return self.in_language(language())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Listing) and self.items == other.items

    def __hash__(self) -> int:
        return hash(self.items)


def _worded(value: object, language_code: str) -> object:
    if isinstance(value, Labelled):
        return tr_in(language_code, value.label)
    if isinstance(value, Note | Listing | Bilingual):
        return value.in_language(language_code)
    if isinstance(value, str):
        return tr_in(language_code, value)
    return value


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A name kept as data in Chinese and English, such as a source or a parameter's name."""

    zh: str
    en: str

    def in_language(self, language_code: str) -> str:
        """The name in a given language, the other one where it is missing."""
        first, second = (self.zh, self.en) if language_code == CHINESE else (self.en, self.zh)
        return first or second

    def __str__(self) -> str:
        return self.in_language(language())

    def stored(self) -> str:
        """Both names in one text column; `Bilingual.from_stored` takes them apart again."""
        return self.zh if self.zh == self.en else f"{self.zh}{_SEPARATOR}{self.en}"

    @classmethod
    def from_stored(cls, stored: str) -> Self:
        """The two names of a stored text; a text without a separator stands for both."""
        zh, separator, en = stored.partition(_SEPARATOR)
        return cls(zh, en if separator else zh)


UNNAMED = Bilingual("", "")
"""A name that is not there."""
