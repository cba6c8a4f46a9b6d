"""What the fields of any record may hold, read off their columns: for entering again what the centre refused."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Boolean, Integer, String, Text

from app.desk.errors import FieldValueWrong
from app.kernel.errors import ValueRequired, ValueTooLong
from db.base import replicated_models
from db.capture import replicated_fields
from db.types import IsoDate, Money, UtcDateTime

NEVER_SHOWN = frozenset({("contract_signature", "evidence")})
"""Fields nobody is shown, for no reason: table and field. How a hand moved cannot be given back like a wrong number."""

HIDDEN = "•••"
"""Stands for a personal value where it was not asked for."""
_INTEGER_LIMIT = 1 << 63
_LONG = 120


class FieldKind(StrEnum):
    """How a value is entered."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    MONEY = "money"
    INTEGER = "integer"
    YES_NO = "yes_no"
    DAY = "day"
    MOMENT = "moment"
    FIXED = "fixed"
    """References and structures: not typed by hand."""


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What one column takes. `longest` is in characters, 0 without a limit."""

    name: str
    kind: FieldKind
    required: bool
    longest: int
    personal: bool


@cache
def field_rules(table: str) -> dict[str, FieldRule]:
    """The rules of a table's fields; empty for a table this version does not know."""
    model = replicated_models().get(table)
    if model is None:
        return {}
    columns = model.__table__.columns
    return {
        name: FieldRule(
            name, _kind_of(name, column_type), _is_required(columns[name]),
            getattr(column_type, "length", None) or 0, name in model.__personal__,
        )
        for name, column_type in replicated_fields(model).items()
    }  # fmt: skip


def _is_required(column: Any) -> bool:
    """A text that is empty unless somebody enters one need not be entered."""
    is_text = isinstance(column.type, (String, Text)) and not isinstance(column.type, IsoDate)
    return not column.nullable and not (is_text and column.default is not None)


def _kind_of(name: str, column_type: Any) -> FieldKind:
    if name.endswith("_id") or name == "deleted_at":
        return FieldKind.FIXED
    for kinds, kind in (
        (Money, FieldKind.MONEY), (UtcDateTime, FieldKind.MOMENT), (IsoDate, FieldKind.DAY),
        (Boolean, FieldKind.YES_NO), (Integer, FieldKind.INTEGER),
    ):  # fmt: skip
        if isinstance(column_type, kinds):
            return kind
    if type(column_type) is Text or (type(column_type) is String and (column_type.length or 0) > _LONG):
        return FieldKind.LONG_TEXT
    return FieldKind.TEXT if type(column_type) is String else FieldKind.FIXED


def checked(rule: FieldRule, value: Any) -> Any:
    """A value as somebody entered it, as the object layer takes it.

    Raises ValueRequired, ValueTooLong or FieldValueWrong, each with the field's name.
    """
    if rule.kind is FieldKind.FIXED:
        raise FieldValueWrong(field=rule.name)
    is_text = rule.kind in (FieldKind.TEXT, FieldKind.LONG_TEXT)
    if value is None or value == "":
        if rule.required:
            raise ValueRequired(field=rule.name)
        return "" if is_text else None
    if is_text:
        text = str(value)
        if rule.longest and len(text) > rule.longest:
            raise ValueTooLong(field=rule.name, limit=rule.longest, length=len(text))
        return text
    return _converted(rule, value)


def _converted(rule: FieldRule, value: Any) -> Any:
    try:
        if rule.kind is FieldKind.MONEY:
            amount = Decimal(value)
            Money.stored(amount)
            return amount
        if rule.kind is FieldKind.INTEGER:
            if type(value) is not int or not -_INTEGER_LIMIT <= value < _INTEGER_LIMIT:
                raise ValueError
            return value
        if rule.kind is FieldKind.DAY:
            return value if isinstance(value, date) else date.fromisoformat(value)
        if rule.kind is FieldKind.MOMENT and (not isinstance(value, datetime) or value.tzinfo is None):
            raise ValueError
        if rule.kind is FieldKind.YES_NO and type(value) is not bool:
            raise ValueError
    except (ValueError, TypeError, InvalidOperation) as error:
        raise FieldValueWrong(field=rule.name) from error
    return value


def from_wire(table: str, name: str, value: Any) -> Any:
    """A travelling value as the object layer takes it; raises FieldValueWrong where it is none of that column."""
    model = replicated_models()[table]
    kind = replicated_fields(model)[name]
    try:
        if value is None:
            return None
        if isinstance(kind, Boolean) or not hasattr(kind, "process_result_value"):
            return _plain(kind, value)
        if isinstance(kind, (Money, UtcDateTime)) and type(value) is not int:
            raise ValueError
        if isinstance(kind, (Money, UtcDateTime, IsoDate)):
            return kind.process_result_value(value, None)  # type: ignore[arg-type]
        return value
    except (ValueError, TypeError, OverflowError) as error:
        raise FieldValueWrong(field=name) from error


def _plain(kind: Any, value: Any) -> Any:
    wanted: type = bool if isinstance(kind, Boolean) else int if isinstance(kind, Integer) else str
    if type(value) is wanted:
        if not isinstance(kind, (Boolean, Integer, String, Text)):
            import base64

            return base64.b64decode(str(value))
        return value
    raise ValueError
