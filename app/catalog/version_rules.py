"""How changes of one entry of the catalogue add up to what it says on a day.

The content of an entry is flat: `{"name_zh": …, "guide_price": fen, "parameters.airbags": 6}`, values as they travel. A
parameter of None takes an inherited value away; a dropped one lets it count again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

PARAMETER = "parameters."
"""Before a parameter's code in the fields of an entry."""

REMOVED = "removed"
"""The field of the version that took an entry out of the catalogue."""


@lru_cache(maxsize=4096)
def field_of(code: str) -> str:
    """The field of a parameter: one text for all entries that say something of it."""
    return f"{PARAMETER}{code}"


@lru_cache(maxsize=4096)
def code_in(field: str) -> str:
    """The parameter a field is about, empty for a column."""
    return field.removeprefix(PARAMETER) if field.startswith(PARAMETER) else ""


@dataclass(frozen=True, slots=True)
class Delta:
    """What a change sets and what it drops."""

    set: Mapping[str, Any]
    drop: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.set or self.drop)

    @property
    def fields(self) -> frozenset[str]:
        """All it touches."""
        return frozenset(self.set) | self.drop

    def over(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """The content with this change laid over it."""
        kept = {field: value for field, value in content.items() if field not in self.drop}
        return {**kept, **self.set}

    def stored(self) -> dict[str, Any]:
        """As a version keeps it."""
        return {"set": dict(self.set), "drop": sorted(self.drop)}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> "Delta":
        """The other way round."""
        return cls(dict(stored.get("set") or {}), frozenset(stored.get("drop") or ()))


@dataclass(frozen=True, slots=True)
class Change:
    """A version as far as adding up needs it."""

    id: str
    number: int
    effective_from: date
    made_at: datetime
    delta: Delta
    withdrawn: bool = False

    @property
    def place(self) -> tuple[date, datetime, int, str]:
        """Where it stands among the others: a later day counts more, then what was said later."""
        return self.effective_from, self.made_at, self.number, self.id


def in_order(changes: Iterable[Change]) -> list[Change]:
    """Those that count, each laid over the ones before it."""
    return sorted((change for change in changes if not change.withdrawn), key=lambda change: change.place)


def content_on(changes: Iterable[Change], day: date) -> dict[str, Any]:
    """What the entry says on a day; empty before its first version."""
    return laid_over({}, (change for change in in_order(changes) if change.effective_from <= day))


def content_by(changes: Iterable[Change], change: Change, *, known_at: datetime | None = None) -> dict[str, Any]:
    """What the entry says by one of its versions: that one over all before it.

    `known_at` leaves out what was only said later, such as what another desk sent afterwards. A withdrawn version is
    shown as it would have come.
    """
    before = [
        other
        for other in in_order(changes)
        if other.place < change.place and (known_at is None or other.made_at <= known_at)
    ]
    return laid_over({}, [*before, change])


def content_before(changes: Iterable[Change], change: Change) -> dict[str, Any]:
    """What the entry said before one of its versions."""
    return laid_over({}, (other for other in in_order(changes) if other.place < change.place))


def in_force(changes: Iterable[Change], day: date) -> Change | None:
    """The newest version in force on a day."""
    return next((change for change in reversed(in_order(changes)) if change.effective_from <= day), None)


def laid_over(content: Mapping[str, Any], changes: Iterable[Change]) -> dict[str, Any]:
    """The content after these changes, one after the other."""
    for change in changes:
        content = change.delta.over(content)
    return dict(content)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Delta:
    """The change that makes one content of another."""
    changed = {field: value for field, value in after.items() if field not in before or not same(before[field], value)}
    return Delta(changed, frozenset(before) - frozenset(after))


def inverse(delta: Delta, before: Mapping[str, Any]) -> Delta:
    """The change that takes a change back which was laid over `before`."""
    back = {field: before[field] for field in delta.fields if field in before}
    return Delta(back, delta.fields - frozenset(back))


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> Sequence[str]:
    """The fields in which two contents differ, in the order in which they stand there."""
    fields = list(dict.fromkeys([*one, *other]))
    return [f for f in fields if (f in one) != (f in other) or not same(one.get(f), other.get(f))]


def same(one: Any, other: Any) -> bool:
    """Equal in value and kind: 1 is not yes."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
