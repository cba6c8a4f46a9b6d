"""The centre's database: one class for SQLite (a file, WAL) and PostgreSQL, with the few statements that differ.

SQLAlchemy defines the tables and keeps the pool; statements go to the driver itself, because a push is some twenty
small ones and nothing in them has to be compiled or converted. They are written with `?`; `Store.run` turns them into
the driver's form. Bulk writes go the fastest way each database has: COPY on PostgreSQL, one executemany on SQLite.
"""

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sync.server.origin import note_origin
from sync.server.schema import ServiceTooOld, upgrade
from sync.server.settings import ServiceSettings

__all__ = ["Connection", "Result", "ServiceTooOld", "Store", "StoreRefused", "StoreUnavailable", "open_store"]
_COPY_FROM = 40
_BUSY_SECONDS = 10
_POOL = 12
_STREAM_ROWS = 2000
_AGAIN_SECONDS = 0.02
_NO_RIGHT = "42501"
"""PostgreSQL's code for what an account may not do."""
Connection = Any
"""The driver's connection, inside a transaction of `Store.write` or `Store.read`."""


class StoreUnavailable(RuntimeError):
    """The database does not answer, is busy or out of space: it may be different in a moment."""


class StoreRefused(RuntimeError):
    """The database cannot hold what it was given: another try would end the same way."""


@lru_cache(maxsize=512)
def _percent(statement: str) -> str:
    return statement.replace("?", "%s")


class Result:
    """A finished statement."""

    __slots__ = ("_cursor",)

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor.fetchall())

    def fetchall(self) -> list[Any]:
        return list(self._cursor.fetchall())

    def first(self) -> Any:
        """The first row, None without one."""
        return self._cursor.fetchone()

    def scalar(self) -> Any:
        """The first column of the first row, None without one."""
        row = self._cursor.fetchone()
        return None if row is None else row[0]

    @property
    def rowcount(self) -> int:
        return int(self._cursor.rowcount)


class Store:
    """One database of the service. Threads share it; each works on a connection of its own."""

    def __init__(self, url: str, *, pool: int = _POOL) -> None:
        """Raises ValueError for what is no address of a database."""
        parsed = _address(url)
        self.shown = parsed.render_as_string(hide_password=True)
        self.is_postgres = parsed.get_backend_name() == "postgresql"
        self._one_writer = threading.Lock()
        self.engine: Engine
        if self.is_postgres:
            self.engine = create_engine(
                parsed, pool_size=pool, max_overflow=0, pool_timeout=_BUSY_SECONDS
            )
            event.listen(self.engine, "connect", lambda connection, record: note_origin(connection))
        else:
            self.engine = _sqlite_engine(url, pool)
        self._passing, self._refusing = _kinds_of_errors(self.is_postgres)
        self.lock = " FOR UPDATE" if self.is_postgres else ""

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at the end of the block and rolls back on an error.

        Raises StoreUnavailable or StoreRefused for what the database says.
        """
        if self.is_postgres:
            with self._connection() as connection:
                yield from self._transaction(connection)
        else:
            with self._one_writer, self._connection() as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield from self._transaction(connection)

    @staticmethod
    def _transaction(connection: Connection) -> Iterator[Connection]:
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.commit()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read from. On SQLite one snapshot, on PostgreSQL each statement sees the last commits.

        There the statements stand by themselves: beginning and ending a transaction around them would be two round
        trips more for each request of a desk that only looks.
        """
        with self._connection() as connection:
            if self.is_postgres:
                connection.autocommit = True
            else:
                connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if not self.is_postgres:
                    connection.rollback()
                elif not connection.closed:
                    connection.autocommit = False

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        try:
            pooled = self.engine.raw_connection()
        except (DBAPIError, PoolTimeout) as error:
            raise StoreUnavailable(str(error)) from error
        try:
            yield pooled.driver_connection
        except self._passing as error:
            pooled.invalidate()
            raise StoreUnavailable(str(error)) from error
        except self._refusing as error:
            raise StoreRefused(str(error)) from error
        finally:
            pooled.close()

    def run(self, connection: Connection, statement: str, values: Sequence[Any] = ()) -> Result:
        """One statement with `?` marks."""
        return Result(connection.execute(_percent(statement) if self.is_postgres else statement, tuple(values)))

    def stream(self, connection: Connection, statement: str, values: Sequence[Any] = ()) -> Iterator[Any]:
        """The rows of one statement, however many, without holding them all."""
        if not self.is_postgres:
            yield from connection.execute(statement, tuple(values))
            return
        with connection.cursor(name="stream") as cursor:
            cursor.itersize = _STREAM_ROWS
            cursor.execute(_percent(statement), tuple(values))
            yield from cursor

    def run_many(self, connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """One statement for many rows; does nothing without rows."""
        if rows and self.is_postgres:
            with connection.cursor() as cursor:
                cursor.executemany(_percent(statement), rows)
        elif rows:
            connection.executemany(statement, rows)

    def field(self, alias: str, name: str) -> str:
        """The text of a field in the body of a replicated record, NULL where it is null or missing."""
        return f"({alias}.body::json ->> '{name}')" if self.is_postgres else f"json_extract({alias}.body, '$.{name}')"

    def any_of(self, column: str) -> str:
        """A condition that takes `listed(values)` as its one parameter."""
        return f"{column} = ANY(?)" if self.is_postgres else f"{column} IN (SELECT value FROM json_each(?))"

    def listed(self, values: Iterable[Any]) -> Any:
        """The parameter of `any_of`."""
        return list(values) if self.is_postgres else json.dumps(list(values))

    def insert_many(self, connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Any]) -> None:
        """Insert rows known to be absent; a row that is there after all fails the transaction."""
        names = ", ".join(columns)
        if self.is_postgres and len(rows) >= _COPY_FROM:
            with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join("?" * len(columns))
        self.run_many(connection, f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)

    def insert_missing(self, connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Any]) -> None:
        """Insert those rows whose key is not there yet."""
        marks = ", ".join("?" * len(columns))
        names = ", ".join(columns)
        self.run_many(connection, f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING", rows)

    def ensure_schema(self) -> None:
        """Create the tables, or what a newer service added.

        Raises ServiceTooOld when a later version made them, StoreUnavailable when the database does not answer, cannot
        be written to, or is none.
        """
        try:
            upgrade(self.engine)
        except PoolTimeout as error:
            raise StoreUnavailable(f"the database {self.shown} does not answer") from error
        except DBAPIError as error:
            if not isinstance(error, OperationalError) and not _no_use(error.orig):
                raise
            raise StoreUnavailable(f"the database {self.shown} cannot be used: {str(error.orig).strip()}") from error

    def of(self, tenant: str) -> "Store":
        """The database of a group: this one (`databases.Databases` has several)."""
        return self

    def every(self) -> list["Store"]:
        """All databases: this one."""
        return [self]

    def look_again(self, tenant: str) -> bool:
        """Whether the group is elsewhere by now: never."""
        return False

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection to read from that sees the same state in every statement, and holds up no writer."""
        if not self.is_postgres:
            with self.read() as connection:
                yield connection
            return
        with self._connection() as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            try:
                yield connection
            finally:
                connection.rollback()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _address(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in ("postgresql", "postgres", "sqlite"):
        # Without the text itself, which may have a password in it.
        raise ValueError("a database is named like postgresql://user:password@host/name or sqlite:////folder/service.db")
    return parsed.set(drivername="postgresql+psycopg") if parsed.get_backend_name() != "sqlite" else parsed


def _no_use(error: BaseException | None) -> bool:
    """Whether this is no database, or not one whose tables may be changed."""
    return type(error) is sqlite3.DatabaseError or getattr(error, "sqlstate", "") == _NO_RIGHT


Kinds = tuple[type[Exception], ...]


def _kinds_of_errors(is_postgres: bool) -> tuple[Kinds, Kinds]:
    """The driver's errors that may pass, and those that come again."""
    if not is_postgres:
        passing: Kinds = (sqlite3.OperationalError,)
        return passing, (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError)
    import psycopg

    return (psycopg.OperationalError, psycopg.InterfaceError), (psycopg.IntegrityError, psycopg.DataError)


def open_store(settings: ServiceSettings) -> Store:
    """The database, its tables made if it is empty; the data folder is for its owner only."""
    if not settings.database:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = Store(settings.database_url)
    store.ensure_schema()
    return store


def _use_log(connection: Any) -> None:
    """Have the file use a write-ahead log. Where several processes open a new file at once, SQLite refuses this without
    waiting: so it is tried again."""
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(_AGAIN_SECONDS)


def _sqlite_engine(url: str, pool: int) -> Engine:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, pool_size=pool, max_overflow=0, pool_timeout=_BUSY_SECONDS,
        connect_args={"check_same_thread": False, "isolation_level": None, "cached_statements": 256},
    )  # fmt: skip

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, record: Any) -> None:
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
        _use_log(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -32768")
        connection.execute("PRAGMA wal_autocheckpoint = 4000")

    return engine
