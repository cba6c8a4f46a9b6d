"""What two databases compare instead of whole rows: one short text a row, equal where the rows say the same."""

import hashlib
from functools import cache
from typing import Any

import orjson
from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary

from db.base import replicated_models
from db.capture import replicated_fields
from db.types import Json

DIGEST_DIGITS = 16


def row_digest(table: str, fields: dict[str, Any]) -> str:
    """The digest of a record's fields, in stored values.

    A field that is empty, or holds what a row of an older version has there, counts as not said: a desk fills such
    fields in, the centre leaves them out.
    """
    defaults = defaults_of(table)
    said = {
        name: value for name, value in fields.items() if value is not None and value != defaults.get(name, _NOTHING)
    }  # fmt: skip
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()[:DIGEST_DIGITS]


_NOTHING = object()


def differing_fields(table: str, one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """The fields for which two copies of a record would have another digest, by their names."""
    defaults = defaults_of(table)

    def said(fields: dict[str, Any], name: str) -> Any:
        value = fields.get(name)
        return defaults.get(name) if value is None else value

    return [name for name in sorted(one.keys() | other.keys()) if said(one, name) != said(other, name)]


@cache
def defaults_of(table: str) -> dict[str, Any]:
    """What each field of a table holds where a row does not say it; empty for a table this version does not know."""
    model = replicated_models().get(table)
    if model is None:
        return {}
    columns = model.__table__.columns
    return {name: default_of(columns[name]) for name in replicated_fields(model)}


def default_of(column: Any) -> Any:
    """What a row of an older version has in a column it does not know."""
    if column.nullable:
        return None
    given = None if column.default is None else column.default
    if given is not None and given.is_scalar:
        value = given.arg
        return int(value * 100) if type(column.type).__name__ == "Money" else value
    if given is not None and given.is_callable:
        return given.arg(None)
    if isinstance(column.type, Json):
        return {}
    python_type = bytes if isinstance(column.type, LargeBinary) else _stored_type(column.type)
    return python_type()


def _stored_type(kind: Any) -> type:
    inner = getattr(kind, "impl", kind)
    return int if isinstance(inner, (BigInteger, Integer, Boolean)) else str
