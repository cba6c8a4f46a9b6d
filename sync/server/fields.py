"""Whether values can be what the desks' tables hold. What this service does not know passes: a newer desk wrote it."""

import re
from collections.abc import Callable
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, String, Text

from db.base import replicated_models
from db.capture import replicated_fields
from db.types import IsoDate, Json, Money, UtcDateTime

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INTEGER_LIMIT = 1 << 63


@cache
def required_types(table: str) -> dict[str, frozenset[type]]:
    """The types each field of a table may have; empty for a table this version does not know."""
    model = replicated_models().get(table)
    if model is None:
        return {}
    known: dict[str, frozenset[type]] = {}
    for name, column_type in replicated_fields(model).items():
        allowed = _python_types(column_type)
        if allowed is not None:
            nullable = model.__table__.columns[name].nullable
            known[name] = frozenset({*allowed, type(None)} if nullable else allowed)
    return known


@cache
def _days_of(table: str) -> frozenset[str]:
    model = replicated_models().get(table)
    if model is None:
        return frozenset()
    return frozenset(name for name, kind in replicated_fields(model).items() if isinstance(kind, IsoDate))


def _python_types(column_type: Any) -> tuple[type, ...] | None:
    if isinstance(column_type, Json):
        return None
    if isinstance(column_type, (Money, UtcDateTime)):
        return (int,)
    if isinstance(column_type, (IsoDate, String, Text, LargeBinary)):
        return (str,)
    if isinstance(column_type, Boolean):
        return (bool,)
    return (int,) if isinstance(column_type, (Integer, BigInteger)) else None


class _Looked(NamedTuple):
    """What has to be looked at in each row of a shape: its integers, which are read in one go, and its days."""

    integers: tuple[str, ...]
    read_integers: Callable[[dict[str, Any]], tuple[int, ...]]
    days: tuple[str, ...]


_Shape = tuple[object, ...]
"""A table, the names of the fields, and the types of their values."""
_SHAPES: dict[_Shape, str | _Looked] = {}
_MOST_SHAPES = 10_000


def invalid_field(table: str, fields: dict[str, Any]) -> str | None:
    """The first field whose value its column cannot hold, None if all can.

    Rows of one table mostly have the same names with the same types: each such shape is judged once.
    """
    shape = (table, *fields, *map(type, fields.values()))
    verdict = _SHAPES.get(shape)
    if verdict is None:
        if len(_SHAPES) >= _MOST_SHAPES:
            _SHAPES.clear()
        verdict = _SHAPES[shape] = _judged(table, fields)
    if isinstance(verdict, str):
        return verdict
    if verdict.integers:
        values = verdict.read_integers(fields)
        if max(values) >= _INTEGER_LIMIT or min(values) < -_INTEGER_LIMIT:
            return next(n for n in verdict.integers if not -_INTEGER_LIMIT <= fields[n] < _INTEGER_LIMIT)
    for name in verdict.days:
        if _DAY.fullmatch(fields[name]) is None:
            return name
    return None


def _judged(table: str, fields: dict[str, Any]) -> str | _Looked:
    """The name of a field of the wrong type, or the integers and days whose values have to be looked at each time."""
    types = required_types(table)
    for name, value in fields.items():
        if name in types and type(value) not in types[name]:
            return name
    integers = tuple(name for name, value in fields.items() if type(value) is int and name in types)
    days = tuple(name for name in _days_of(table) if fields.get(name) is not None)
    return _Looked(integers, _reader(integers), days)


def _reader(names: tuple[str, ...]) -> Callable[[dict[str, Any]], tuple[int, ...]]:
    """Reads these fields as a tuple, however many they are."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda fields: tuple(fields[name] for name in names)
