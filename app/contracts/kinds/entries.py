"""What a person filled in, checked: from the values of a form, or of a stored row, to typed values.

A wrong value names its field: `odometer_km`, or `jobs.2.price` for the third line of a list.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from app.catalog.vin import check_vin
from app.contracts.kinds.errors import (
    DayOver,
    EntryOutOfRange,
    EntryUnknown,
    EntryUnreadable,
    LicenceWrong,
    TimeUnreadable,
    TooManyLines,
)
from app.contracts.kinds.parts import MOST_LINES, DocumentKind, Entry, EntryForm, EntryType
from app.customers.choices import normal_plate
from app.documents.fonts import require_printable
from app.kernel.errors import ValueNotAllowed, ValueRequired, require_text
from app.kernel.money import format_money, parse_money, require_amount

_TIME = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)")
_LICENCE = re.compile(r"[A-Z0-9]{12,18}")
_WHOLE = re.compile(r"-?\d{1,9}")


def checked_entries(kind: DocumentKind, given: Mapping[str, Any], *, today: date | None) -> dict[str, Any]:
    """Typed values of all entries; what may be empty and is, is "" (text), [] (lines) or None.

    Takes typed values and their stored forms alike. Without `today` no day is too early, as for entries that were
    checked when they were given. Raises ValueRequired, ValueTooLong, ValueNotAllowed, EntryUnreadable,
    EntryOutOfRange, DayOver, TooManyLines, EntryUnknown, CharactersNotPrintable and what money, VINs and plates raise.
    """
    for name in given:
        if name not in kind.entry_names:
            raise EntryUnknown(field=name, name=name)
    return {entry.name: _checked(entry, given.get(entry.name), field=entry.name, today=today) for entry in kind.entries}


def stored_entries(values: Mapping[str, Any]) -> dict[str, Any]:
    """Checked values as JSON: amounts and days as text."""
    return {name: _stored(value) for name, value in values.items()}


def _stored(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [{name: _stored(cell) for name, cell in line.items()} for line in value]
    return value


def _checked(entry: Entry, value: Any, *, field: str, today: date | None) -> Any:
    if entry.type is EntryType.LINES:
        return _lines(entry, value, field=field, today=today)
    if value is None or (isinstance(value, str) and not value.strip()):
        if entry.required:
            raise ValueRequired(field=field)
        return "" if entry.type in (EntryType.TEXT, EntryType.CHOICE) else None
    if entry.type is EntryType.MONEY:
        return _money(entry, value, field=field)
    if entry.type is EntryType.DAY:
        return _day(entry, value, field=field, today=today)
    if entry.type is EntryType.WHOLE_NUMBER:
        return _whole_number(entry, value, field=field)
    if entry.type is EntryType.CHOICE:
        if value not in {answer.code for answer in entry.choices}:
            raise ValueNotAllowed(field=field, value=str(value)[:40])
        return value
    return _text(entry, value, field=field)


def _lines(entry: Entry, value: Any, *, field: str, today: date | None) -> list[dict[str, Any]]:
    if value is None:
        value = []
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise EntryUnreadable(field=field, value=str(value)[:40])
    if not value and entry.required:
        raise ValueRequired(field=field)
    if len(value) > MOST_LINES:
        raise TooManyLines(field=field, limit=MOST_LINES)
    return [_line(entry, line, field=f"{field}.{index}", today=today) for index, line in enumerate(value)]


def _line(entry: Entry, line: Any, *, field: str, today: date | None) -> dict[str, Any]:
    if not isinstance(line, Mapping):
        raise EntryUnreadable(field=field, value=str(line)[:40])
    unknown = next((name for name in line if name not in {column.name for column in entry.columns}), None)
    if unknown is not None:
        raise EntryUnknown(field=f"{field}.{unknown}", name=unknown)
    return {
        column.name: _checked(column, line.get(column.name), field=f"{field}.{column.name}", today=today)
        for column in entry.columns
    }


def _money(entry: Entry, value: Any, *, field: str) -> Decimal:
    amount = (
        require_amount(Decimal(value), field=field)
        if isinstance(value, Decimal | int)
        else parse_money(str(value), field=field)
    )
    smallest, largest = entry.smallest, entry.largest
    if (smallest is not None and amount < smallest) or (largest is not None and amount > largest):
        raise EntryOutOfRange(
            field=field, smallest=format_money(Decimal(smallest or 0)),
            largest=format_money(Decimal(largest)) if largest is not None else "…",
        )  # fmt: skip
    return amount


def _day(entry: Entry, value: Any, *, field: str, today: date | None) -> date:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value).strip())
    except ValueError as error:
        raise EntryUnreadable(field=field, value=str(value)[:40]) from error
    if entry.not_past and today is not None and day < today:
        raise DayOver(field=field)
    return day


def _whole_number(entry: Entry, value: Any, *, field: str) -> int:
    plain = unicodedata.normalize("NFKC", str(value)).replace(",", "").strip()
    if isinstance(value, bool) or not _WHOLE.fullmatch(plain):
        raise EntryUnreadable(field=field, value=str(value)[:40])
    number, smallest, largest = int(plain), entry.smallest, entry.largest
    if (smallest is not None and number < smallest) or (largest is not None and number > largest):
        raise EntryOutOfRange(field=field, smallest=smallest or 0, largest=f"{largest:,}" if largest else "…")
    return number


def _text(entry: Entry, value: Any, *, field: str) -> str:
    if not isinstance(value, str):
        raise EntryUnreadable(field=field, value=str(value)[:40])
    said = require_text(" ".join(value.split()), field=field, limit=entry.limit)
    require_printable(said, field=field)
    if entry.form is EntryForm.VIN:
        return check_vin(said, field=field).vin
    if entry.form is EntryForm.PLATE:
        return normal_plate(said, field=field)
    if entry.form is EntryForm.TIME:
        match = _TIME.fullmatch(unicodedata.normalize("NFKC", said))
        if match is None:
            raise TimeUnreadable(field=field)
        return f"{int(match[1]):02d}:{match[2]}"
    if entry.form is EntryForm.LICENCE:
        licence = unicodedata.normalize("NFKC", said).replace(" ", "").upper()
        if not _LICENCE.fullmatch(licence):
            raise LicenceWrong(field=field)
        return licence
    return said
