"""Statements straight to the driver, for the fixed ones that every write carries along.

SQLAlchemy takes some 40 µs a statement for what it does not have to do here: there is nothing to compile, convert or
cache. The transaction is the same: the driver's connection is the one the session writes through.
"""

from typing import Any

from sqlalchemy import Connection


class PooledConnection:
    """A connection of the pool, looking like SQLAlchemy's as far as `driver_of` and its kind look."""

    __slots__ = ("connection",)

    def __init__(self, connection: Any) -> None:
        self.connection = connection


def driver_of(connection: Connection | PooledConnection) -> Any:
    """The driver's own connection under a SQLAlchemy connection; `execute` and `executemany` as in `sqlite3`."""
    return connection.connection.driver_connection
