"""Results read in one piece, for reads that somebody waits for while a window paints.

The driver gives the interpreter up for every row it steps to. Where another thread wants it, each row costs a change of
threads there and back: thirty rows that are read in a millisecond take ten. As one JSON text they are one step.
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, func
from sqlalchemy.types import TypeDecorator

from db.direct import driver_of


class OnePiece:
    """A SELECT whose rows come all at once, in any order, as lists of Python values. Not for columns of bytes."""

    def __init__(self, statement: Select[Any]) -> None:
        columns = list(statement.selected_columns)
        self._statement = statement.with_only_columns(
            func.json_group_array(func.json_array(*columns)), maintain_column_froms=True
        )
        self._converted = [
            (place, column.type.process_result_value)
            for place, column in enumerate(columns)
            if isinstance(column.type, TypeDecorator)
        ]

    def rows(self, connection: Connection, parameters: Mapping[str, Any]) -> list[list[Any]]:
        """Execute it."""
        found: list[list[Any]] = json.loads(connection.execute(self._statement, parameters).scalar_one())
        dialect = connection.dialect
        for place, converted in self._converted:
            for row in found:
                row[place] = converted(row[place], dialect)
        return found


def integers(connection: Connection, statement: str, parameters: tuple[Any, ...]) -> list[int]:
    """The integers a SELECT of one column named `n` gives, the largest first."""
    text = driver_of(connection).execute(f"SELECT json_group_array(n) FROM ({statement})", parameters).fetchone()[0]
    return sorted(json.loads(text), reverse=True)
