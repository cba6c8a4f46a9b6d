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

    def remembering(self) -> "RememberingConnection":
        """The same connection for a stretch in which what is looked up does not change."""
        return RememberingConnection(self)


class _Remembered:
    """The rows of a statement that was asked before."""

    __slots__ = ("_rows",)

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows

    def fetchone(self) -> Any:
        return self._rows[0] if self._rows else None


class _RememberingDriver:
    """Answers a lookup it has seen without asking again; everything else goes through."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._seen: dict[tuple[str, Any], _Remembered] = {}
        self.executemany = driver.executemany

    def execute(self, statement: str, values: Any = ()) -> Any:
        if not statement.startswith("SELECT"):
            return self._driver.execute(statement, values)
        key = (statement, values)
        known = self._seen.get(key)
        if known is None:
            known = self._seen[key] = _Remembered(self._driver.execute(statement, values).fetchall())
        return known


class RememberingConnection:
    """For `db.search.index_new_records`: a thousand orders of a few hundred customers ask for each name once."""

    __slots__ = ("_direct", "connection")

    def __init__(self, direct: DirectConnection) -> None:
        self._direct = direct
        self.connection = _Behind(_RememberingDriver(direct.connection.driver_connection))

    def exec_driver_sql(self, statement: str, values: Any = ()) -> DirectResult:
        return self._direct.exec_driver_sql(statement, values)


class _Behind:
    """Where `db.direct.driver_of` looks for the driver."""

    __slots__ = ("driver_connection",)

    def __init__(self, driver: Any) -> None:
        self.driver_connection = driver
