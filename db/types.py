"""Column types whose stored form is the same on every backend and on the wire."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import BigInteger, LargeBinary, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CENT = Decimal("0.01")


def microseconds(instant: datetime) -> int:
    """Microseconds since the epoch; raises ValueError for an instant without a zone."""
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone cannot be stored")
    return (instant - _EPOCH) // _MICROSECOND


def instant_at(stored: int) -> datetime:
    """The aware UTC instant stored as microseconds since the epoch."""
    return _EPOCH + timedelta(microseconds=stored)


class Money(TypeDecorator[Decimal]):
    """An amount with two places, stored as an integer number of fen. Refuses what has more places."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else self.stored(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2).quantize(_CENT)

    @staticmethod
    def stored(value: Decimal) -> int:
        """Fen; raises ValueError when the amount is not whole fen, TypeError for a float."""
        if isinstance(value, float):
            raise TypeError("money is Decimal, never float")
        fen = Decimal(value).scaleb(2)
        if fen != fen.to_integral_value():
            raise ValueError(f"{value} has more than two places; round it where the rule says how")
        return int(fen)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, stored as microseconds since the epoch in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else instant_at(value)


class IsoDate(TypeDecorator[date]):
    """A calendar day, stored as `YYYY-MM-DD`."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat()

    def process_result_value(self, value: str | None, dialect: Dialect) -> date | None:
        return None if value is None else date.fromisoformat(value)


class Json(TypeDecorator[Any]):
    """A JSON value, stored as text with sorted keys so that equal values are equal bytes."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else dump_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class PlainJson(Json):
    """JSON of texts, whole numbers, booleans and lists and mappings of these: the same text, several times as fast."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else dump_fast(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


dump_json: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
"""Compact JSON with sorted keys, Chinese as it is. One encoder for all: making one costs as much as a short text."""


def dump_fast(value: Any) -> str:
    """The same text as `dump_json`, several times as fast, for plain values: texts, whole numbers, booleans, None and
    lists and mappings of these."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode("utf-8")


def wire_converter(column_type: Any) -> Callable[[Any], Any] | None:
    """What turns a value of a column, None apart, into its travelling form; None where it travels as it is."""
    if isinstance(column_type, Money):
        return Money.stored
    if isinstance(column_type, UtcDateTime):
        return microseconds
    if isinstance(column_type, IsoDate):
        return date.isoformat
    if isinstance(column_type, LargeBinary):
        return _base64_text
    return None


def _base64_text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def to_wire(column_type: Any, value: Any) -> Any:
    """The value of a column as it travels: integers, text, booleans, JSON; binary as base64 text."""
    convert = wire_converter(column_type)
    return value if value is None or convert is None else convert(value)


def wire_to_storage(column_type: Any, value: Any) -> Any:
    """The travelling value as the database stores it, for inserts that bypass the object layer."""
    if value is None:
        return None
    if isinstance(column_type, Json):
        return dump_json(value)
    if isinstance(column_type, LargeBinary):
        return base64.b64decode(value)
    return value
