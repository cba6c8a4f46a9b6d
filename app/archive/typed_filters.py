"""What may be typed into the archive's search line besides words: days and amounts, as ranges, in both languages.

`sealed:2023-05` · `盖章:2023-05..2023-07` · `drafted:2024` · `until:2031` · `amount:150000..170000` · `金额:150000`.
What is no filter stays a word to look for.
"""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType

_FILTER = re.compile(r"(?P<name>[a-z]+|[\u4e00-\u9fff]+)[:：](?P<value>\S+)", re.IGNORECASE)
_DAYS = {
    "drafted": "drafted_on", "起草": "drafted_on", "sealed": "sealed_on", "盖章": "sealed_on", "签章": "sealed_on",
    "until": "kept_until", "保管至": "kept_until",
}  # fmt: skip
_AMOUNTS = ("amount", "金额")
_VERSIONS = ("version", "版本")
_DAY = re.compile(r"(\d{4})(?:[-./年](\d{1,2}))?(?:[-./月](\d{1,2}))?[年月日]?")
_AMOUNT = re.compile(r"¥?([\d,]{1,15}(?:\.\d{1,2})?)(万)?")


@dataclass(frozen=True, slots=True)
class TypedFilters:
    """`days` by the entry's field, first and last; `amount` likewise; `words` is the rest of the line."""

    words: str
    days: Mapping[str, tuple[date, date]] = field(default_factory=lambda: MappingProxyType({}))
    amount: tuple[Decimal, Decimal] | None = None
    version: str = ""


def read_filters(typed: str) -> TypedFilters:
    """Take the filters out of a typed line."""
    days: dict[str, tuple[date, date]] = {}
    amount, version, words = None, "", []
    for word in typed.split():
        found = _FILTER.fullmatch(word)
        name, value = (found["name"].casefold(), found["value"]) if found else ("", "")
        if name in _DAYS and (span := day_span(value)) is not None:
            days[_DAYS[name]] = span
        elif name in _AMOUNTS and (sums := amount_span(value)) is not None:
            amount = sums
        elif name in _VERSIONS:
            version = value
        else:
            words.append(word)
    return TypedFilters(" ".join(words), days, amount, version)


def day_span(text: str) -> tuple[date, date] | None:
    """The first and last day of a year, a month, a day, or from one to another; None for anything else."""
    first, _, last = text.partition("..")
    begin, end = _period(first), _period(last or first)
    return (begin[0], end[1]) if begin and end and begin[0] <= end[1] else None


def _period(text: str) -> tuple[date, date] | None:
    found = _DAY.fullmatch(text)
    if not found:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        if year is None or not 1990 <= year <= 2200:
            return None
        if month is None:
            return date(year, 1, 1), date(year, 12, 31)
        if day is None:
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        return date(year, month, day), date(year, month, day)
    except (ValueError, calendar.IllegalMonthError):
        return None


def amount_span(text: str) -> tuple[Decimal, Decimal] | None:
    """The smallest and largest amount in yuan; a single whole amount takes its fen with it."""
    first, dots, last = text.partition("..")
    begin, end = _amount(first), _amount(last) if dots else _amount(first)
    if begin is None or end is None:
        return None
    if not dots and begin == begin.to_integral_value() and "." not in text:
        end = begin + Decimal("0.99")
    return (begin, end) if begin <= end else None


def _amount(text: str) -> Decimal | None:
    found = _AMOUNT.fullmatch(text)
    if not found:
        return None
    digits = found[1].replace(",", "")
    if not digits.strip("."):
        return None
    return Decimal(digits) * (10_000 if found[2] else 1)
