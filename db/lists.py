"""Many values as one parameter: `IN (SELECT value FROM json_each(?))`, one statement however many there are."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, func, select


def listed(values: Iterable[Any]) -> Any:
    """These values as a subquery for `IN`."""
    return _values(as_list(values))


def listed_as(name: str) -> Any:
    """The same for a statement that is made once: it is executed with `{name: as_list(values)}`."""
    return _values(bindparam(name))


def as_list(values: Iterable[Any]) -> str:
    """The parameter of `listed_as`."""
    return json.dumps(list(values))


def _values(text: Any) -> Any:
    rows = func.json_each(text).table_valued("value")
    return select(rows.c.value)
