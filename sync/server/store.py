"""The centre's database: one class for SQLite (a file, WAL) and PostgreSQL, with the few statements that differ.

Statements are written with `?`; `Store.run` turns them into the driver's form. Bulk writes go the fastest way each
database has: COPY on PostgreSQL, one executemany on SQLite.
"""

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import make_url

from sync.server.settings import ServiceSettings
from sync.server.tables import SCHEMA, metadata, service_schema

_COPY_FROM = 40
_BUSY_SECONDS = 10
_POOL = 12


class ServiceTooOld(RuntimeError):
    """The database was written by a later version of the service."""


@lru_cache(maxsize=512)
def _percent(statement: str) -> str:
    return statement.replace("?", "%s")


class Store:
    """One database of the service. Threads share it; each works on a connection of its own."""

    def __init__(self, url: str, *, pool: int = _POOL) -> None:
        parsed = make_url(url)
        self.is_postgres = parsed.get_backend_name() in ("postgresql", "postgres")
        self._one_writer = threading.Lock()
        self.engine: Engine
        if self.is_postgres:
            self.engine = create_engine(
                parsed.set(drivername="postgresql+psycopg"), pool_size=pool, max_overflow=0, pool_timeout=_BUSY_SECONDS
            )
        else:
            self.engine = _sqlite_engine(url, pool)
        self.lock = " FOR UPDATE" if self.is_postgres else ""

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at the end of the block and rolls back on an error."""
        if self.is_postgres:
            with self.engine.begin() as connection:
                yield connection
            return
        with self._one_writer, self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read from. On SQLite one snapshot, on PostgreSQL each statement sees the last commits."""
        with self.engine.connect() as connection:
            if self.is_postgres:
                yield connection
                return
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def run(self, connection: Connection, statement: str, values: Sequence[Any] = ()) -> Any:
        """One statement with `?` marks; SQLAlchemy's result, whose rows are plain tuples here."""
        return connection.exec_driver_sql(_percent(statement) if self.is_postgres else statement, tuple(values))

    def run_many(self, connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """One statement for many rows; does nothing without rows."""
        if rows:
            connection.exec_driver_sql(_percent(statement) if self.is_postgres else statement, list(rows))

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
            driver: Any = connection.connection.driver_connection
            with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join("?" * len(columns))
        self.run_many(connection, f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)

    def insert_missing(self, connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Any]) -> None:
        """Insert those rows whose key is not there yet."""
        marks = ", ".join("?" * len(columns))
        names = ", ".join(columns)
        self.run_many(
            connection, f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING", rows
        )  # fmt: skip

    def ensure_schema(self) -> None:
        """Create the tables in an empty database; raises ServiceTooOld when a later version made them."""
        with self.write() as connection:
            if not inspect(connection).has_table(service_schema.name):
                metadata.create_all(connection, checkfirst=False)
                self.run(connection, "INSERT INTO service_schema (version) VALUES (?)", (SCHEMA,))
                return
            version = self.run(connection, "SELECT max(version) FROM service_schema").scalar_one()
        if version > SCHEMA:
            raise ServiceTooOld(f"the database has schema {version}, this service knows {SCHEMA}")

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_store(settings: ServiceSettings) -> Store:
    """The database, its tables made if it is empty; the data folder is for its owner only."""
    if not settings.database:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = Store(settings.database_url)
    store.ensure_schema()
    return store


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
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -32768")
        connection.execute("PRAGMA wal_autocheckpoint = 4000")

    return engine
