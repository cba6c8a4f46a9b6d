"""Lists that are read page by page: a cursor that survives new rows, and the records that match a typed text."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, false, text, tuple_, union
from sqlalchemy.sql.elements import TextClause
from sqlalchemy.sql.expression import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from db.search import match_plans, match_sql
from db.types import instant_at, microseconds


def cursor_of(instant: datetime, record_id: str) -> str:
    """Where a page ended that is sorted by an instant and the id, newest first."""
    return f"{microseconds(instant)}.{record_id}"


def older_than(cursor: str, instant: Any, record_id: Any) -> ColumnElement[bool]:
    """The condition for what follows a cursor; raises ValueError for a text that is none."""
    stored, _, last_id = cursor.partition(".")
    return tuple_(instant, record_id) < tuple_(
        bindparam(None, instant_at(int(stored)), instant.type), bindparam(None, last_id, record_id.type)
    )


def is_one_of(column: Any, wanted: Any) -> ColumnElement[bool]:
    """The condition that a column has a value, or one of several."""
    return column.in_([wanted] if isinstance(wanted, str) else list(wanted))  # type: ignore[no-any-return]


def unindexed(column: Any) -> Any:
    """The column as SQLite's planner will not look up in an index (its unary plus).

    A page is read in the order of one index that holds everything it is filtered by; a range on another column must not
    tempt the planner into another index and a sort.
    """
    return UnaryExpression(column, operator=custom_op("+"), type_=column.type)


def found(kind: str, typed: str, record_id: Any) -> ColumnElement[bool]:
    """The condition that a record is among those found by a typed text; nothing is found by blanks or punctuation."""
    plans = match_plans(typed)
    if not plans:
        return false()
    parts = [_match(kind, plan, number) for number, plan in enumerate(plans)]
    matches = union(*(part.columns(record_id) for part in parts)) if len(parts) > 1 else parts[0].columns(record_id)
    return record_id.in_(matches)  # type: ignore[no-any-return]


def _match(kind: str, plan: tuple[str | None, str | None], number: int) -> TextClause:
    sql, values = match_sql(kind, plan)
    names = [f"{kind}_{number}_{position}" for position in range(len(values))]
    for name in names:
        sql = sql.replace("?", f":{name}", 1)
    return text(f"SELECT record_id FROM search_entry WHERE id IN ({sql})").bindparams(
        **dict(zip(names, values, strict=True))
    )
