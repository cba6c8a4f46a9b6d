"""Putting rows of one table together for inserts that pass by the object layer."""

from collections.abc import Mapping
from decimal import Decimal
from operator import itemgetter
from typing import Any

from sqlalchemy import Boolean

from db.base import Base
from db.caching import cached
from db.types import Json, Money, dump_json


class RowTable:
    """One table's columns, their defaults, and which of them hold JSON.

    Values are given as the wire carries them: money in fen, instants in microseconds, days in ISO form, JSON as
    objects. `field_clock` is text already, because it is the same for many rows.
    """

    def __init__(self, model: type[Base]) -> None:
        columns = list(model.__table__.columns)
        self.model = model
        self.names = [column.name for column in columns]
        self._json = {column.name for column in columns if isinstance(column.type, Json)} - {"field_clock"}
        self.defaults: dict[str, Any] = {}
        for column in columns:
            default = column.default
            self.defaults[column.name] = None if default is None else self._plain(default)
        yes_no = {column.name for column in columns if isinstance(column.type, Boolean)}
        self.wire_defaults = {
            name: bool(value) if name in yes_no else value
            for name, value in self.defaults.items()
            if value is not None
        }
        self._in_order = itemgetter(*self.names)
        marks = ", ".join("?" for _ in columns)
        self.insert = f"INSERT INTO {model.__tablename__} ({', '.join(self.names)}) VALUES ({marks})"

    @staticmethod
    def _plain(default: Any) -> Any:
        value = default.arg(None) if default.is_callable else default.arg
        if isinstance(value, Decimal):
            return Money.stored(value)
        return int(value) if isinstance(value, bool) else value

    def row(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """One row in the order of the columns, as the database stores it."""
        return self.stored({**self.defaults, **values})

    def stored(self, full: dict[str, Any]) -> tuple[Any, ...]:
        """A row that has a value for every column; JSON in it becomes text."""
        for name in self._json:
            value = full[name]
            if value is not None:
                full[name] = dump_json(value)
        row: tuple[Any, ...] = self._in_order(full)
        return row


@cached
def row_table(model: type[Base]) -> RowTable:
    """The table of a model; put together once."""
    return RowTable(model)
