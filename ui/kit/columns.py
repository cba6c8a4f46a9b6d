"""Columns of a table, declared: what they show of a row, how, and whether one can sort by them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ui.kit import formats
from ui.kit.text import Words, words

RIGHT_KINDS = frozenset({"money", "integer", "percent"})


@dataclass(frozen=True, slots=True)
class State:
    """A state's word and tone (good, warn, bad, info, accent, neutral)."""

    label: Words
    tone: str = "neutral"


MARKED, UNMARKED = "\x02", "\x03"
"""Around what was looked for, in the text of a cell."""


def without_marks(text: str) -> str:
    """The text of a cell as it reads."""
    return text.replace(MARKED, "").replace(UNMARKED, "") if MARKED in text else text


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table of rows.

    `key` names the row's attribute; `value(row)` replaces it. `kind`: text, code (identifiers), money, integer,
    percent, date, moment, state. `format(value)` gives the text for a value that is not None. `sort` is passed to the
    query as `sort=` when people sort by this column. Widths are pixels at 100 %; `stretch` columns share the room left.
    `struck(row)` is what counted before, such as a list price under a campaign: it stands struck out before the value.
    What stands between `MARKED` and `UNMARKED` in a text is underlined: what was looked for.
    """

    key: str
    title: Words
    kind: str = "text"
    width: int = 120
    value: Callable[[Any], Any] | None = None
    format: Callable[[Any], str] | None = None
    sort: str | None = None
    states: Mapping[Any, State] | None = None
    stretch: bool = False
    visible: bool = True
    tooltip: Callable[[Any], str] | None = None
    struck: Callable[[Any], str] | None = None

    def value_of(self, row: Any) -> Any:
        """The row's value in this column."""
        return self.value(row) if self.value is not None else getattr(row, self.key)

    def text_of(self, row: Any) -> str:
        """The row's text in this column; what is struck out stands in a line of its own behind it."""
        before = self.struck(row) if self.struck is not None else ""
        return f"{self._text_of(row)}\n{before}" if before else self._text_of(row)

    def _text_of(self, row: Any) -> str:
        value = self.value_of(row)
        if value is None:
            return ""
        if self.states is not None:
            state = self.states.get(value)
            return words(state.label) if state is not None else str(value)
        if self.format is not None:
            return self.format(value)
        return _FORMATS.get(self.kind, str)(value)

    def tone_of(self, row: Any) -> str | None:
        """The tone of the row's state; None where the column shows no states."""
        if self.states is None:
            return None
        state = self.states.get(self.value_of(row))
        return state.tone if state is not None else "neutral"

    @property
    def is_right(self) -> bool:
        """Figures stand at the right."""
        return self.kind in RIGHT_KINDS


_FORMATS: dict[str, Callable[[Any], str]] = {
    "money": formats.money,
    "integer": formats.count,
    "percent": formats.percent,
    "date": formats.date_text,
    "moment": formats.moment,
}
