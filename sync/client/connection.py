"""The writing connection without SQLAlchemy's share of the time, for thousands of small statements.

Speaks the one method that `db.search` needs, so that the same functions work with it.
"""

from collections.abc import Iterator
from typing import Any


class DirectResult:
    """A finished statement."""

    __slots__ = ("_cursor",)

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)

    def fetchall(self) -> list[Any]:
        return list(self._cursor)

    def first(self) -> Any:
        """The first row, None without one."""
        row = self._cursor.fetchone()
        self._cursor.close()
        return row

    def scalar(self) -> Any:
        """The first column of the first row, None without one."""
        row = self.first()
        return None if row is None else row[0]

    @property
    def lastrowid(self) -> int:
        return int(self._cursor.lastrowid)

    @property
    def rowcount(self) -> int:
        return int(self._cursor.rowcount)


class DirectConnection:
    """The driver's connection behind a SQLAlchemy connection, inside the transaction that is open there.

    `connection` is the pool's, as on a SQLAlchemy connection: `db.direct.driver_of` finds its way through it.
    """

    __slots__ = ("_driver", "connection")

    def __init__(self, connection: Any) -> None:
        self.connection = connection.connection
        self._driver = self.connection.driver_connection

    def exec_driver_sql(self, statement: str, values: Any = ()) -> DirectResult:
        """One statement; with a list of tuples, the statement for each of them."""
        cursor = self._driver.cursor()
        if isinstance(values, list):
            cursor.executemany(statement, values)
        else:
            cursor.execute(statement, values)
        return DirectResult(cursor)
