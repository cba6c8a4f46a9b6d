"""The encrypted database of a desk: opening it, reading from it, writing to it in one place at a time."""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Dialect, Engine, create_engine, event, make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool, QueuePool
from sqlalchemy.util import LRUCache

from db.capture import Author, Capture, CapturedSession
from db.contents import ContentStore, contents_folder
from db.direct import PooledConnection, driver_of
from db.errors import DatabaseBusy, DatabaseCorrupt, problem_of
from db.reading import is_first, watched

KEY_BYTES = 32
BUSY_TIMEOUT_MS = 5000
_CACHE = "PRAGMA cache_size = -32768"
_WRITING_CACHE = "PRAGMA cache_size = -16384"
"""Who writes comes back to the last pages of a table and to those of its indexes: half of what a reader keeps of a
large file is no slower there, and is what a desk holds in memory while it takes over days of a branch."""
_CHECKPOINT = "PRAGMA wal_autocheckpoint = 4000"
"""Pages after which the log is carried into the file. Indexes are written at the same places again and again while many
rows arrive; SQLite's own 1000 would carry them over with nearly every page of the feed."""
_DURABLE = ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL")
_FILLING = ("PRAGMA journal_mode = TRUNCATE", "PRAGMA synchronous = OFF")
_FILLING_CACHE = "PRAGMA cache_size = -65536"
"""Of a file that counts for nothing until it is complete (`Database.beside`). A rollback journal costs a load nothing:
only pages that were there before go into it, and what is loaded is nearly all new ones; a write-ahead log would carry
every page twice. A process that is killed leaves the last commit, as ever, because the system has what was written. It
is a power cut that may leave pages of several commits side by side: without waiting for the disk nothing orders them.
Whoever goes on with such a file has to check it (`check_integrity`), and to prove what it holds, before it counts."""

_ADDRESS = make_url("sqlite://")

_NOTHING: dict[None, None] = {}
sqlcipher.register_adapter(type(None), _NOTHING.get)
"""The driver asks for an adapter of every value that is no number and no text. Without one for None it searches the
object for what it does not have, for a microsecond each: three quarters of the time in which a row with a dozen empty
columns is written. An empty mapping's `get` answers None to None without a frame of Python."""


def connect(path: Path, key: bytes, *, read_only: bool = False, filling: bool = False) -> sqlcipher.Connection:
    """One keyed connection. A raw key spares the 81 ms that deriving one from a passphrase costs a connection.

    `synchronous=FULL` because an acknowledged sale must survive a power cut; NORMAL lost some in the project's own
    power-cut simulation. Pages are authenticated by HMAC-SHA-256, which processors compute: reading one takes half as
    long as with SQLCipher's own choice of SHA-512.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"the database key has {KEY_BYTES} bytes")
    connection = sqlcipher.connect(str(path), isolation_level=None, check_same_thread=False, cached_statements=400)
    try:
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("PRAGMA cipher_hmac_algorithm = HMAC_SHA256")
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        for statement in _FILLING if filling else _DURABLE:
            connection.execute(statement)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute(_CACHE if read_only else _FILLING_CACHE if filling else _WRITING_CACHE)
        connection.execute("PRAGMA query_only = ON" if read_only else _CHECKPOINT)
    except BaseException:
        connection.close()
        raise
    return connection


@cache
def _dialect() -> Dialect:
    """What all engines speak, in a process: so that a statement is compiled once, not once for the writer, once for the
    readers and once for each further file."""
    first = create_engine("sqlite://", module=sqlcipher, poolclass=NullPool)
    with first.connect():  # a dialect learns from its first connection what this SQLite can do
        return first.dialect


_COMPILED: LRUCache[Any, Any] = LRUCache(2000)
"""Statements of all engines as SQL. An engine of one's own would keep 500."""


def _engine(path: Path, key: bytes, *, read_only: bool, size: int, filling: bool) -> Engine:
    dialect = _dialect()
    pool = QueuePool(
        lambda: connect(path, key, read_only=read_only, filling=filling),
        pool_size=size,
        max_overflow=0,
        use_lifo=True,
        reset_on_return="rollback",
        dialect=dialect,
    )
    engine = Engine(pool, dialect, _ADDRESS, execution_options={"compiled_cache": _COMPILED})
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


class Transaction:
    """A write that is rolled back unless `commit()` was called."""

    def __init__(self, session: CapturedSession, capture: Capture) -> None:
        self.session = session
        self.capture = capture
        self.committed = False

    def commit(self, *, name: str, reason: str = "") -> dict[str, frozenset[str]]:
        """Write what was captured beside the rows, commit, and tell which rows changed: `{table: ids}`."""
        self.session.flush()
        rows = self.capture.finish(name=name, reason=reason)
        self.session.commit()
        self.committed = True
        return rows


class Database:
    """One desk's database file. One writer at a time; readers see the last commit (WAL) and never wait for it.

    Reads inside `reading_first` have a connection of their own, whose cache no count over the whole stock sweeps out.
    """

    def __init__(self, path: Path, key: bytes, *, readers: int = 3, filling: bool = False) -> None:
        self.path = path
        self._key = key
        self.contents = ContentStore(contents_folder(path), key)
        self._write_lock = threading.Lock()
        self._writer = _engine(path, key, read_only=False, size=1, filling=filling)
        self._readers = _engine(path, key, read_only=True, size=readers, filling=filling)
        self._first_reader = _engine(path, key, read_only=True, size=1, filling=filling)

    @property
    def writer_engine(self) -> Engine:
        """The engine of the single writer; for migrations and bulk loads that hold `exclusive()`."""
        return self._writer

    @contextmanager
    def exclusive(self) -> Iterator[Any]:
        """The writing connection inside one transaction, for loads that bypass the object layer (sync, seeding).

        Commits at the end of the block, rolls back on an error.
        """
        with self._write_lock, self._translated(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def transaction(self, *, now: datetime, author: Author) -> Iterator[Transaction]:
        """A captured write: what the handlers use through the unit of work."""
        with self._write_lock, self._translated():
            session = CapturedSession(self._writer, expire_on_commit=False)
            capture = Capture(session, now=now, author=author)
            session.info["capture"] = capture
            session.info["contents"] = self.contents
            try:
                yield Transaction(session, capture)
            finally:
                session.close()
                if capture.widened_cache:
                    with self._writer.connect() as connection:
                        connection.exec_driver_sql(_WRITING_CACHE)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A read-only session on a snapshot of the last commit; see `db.reading` for stopping it."""
        engine = self._first_reader if is_first() else self._readers
        with (
            self._translated(),
            Session(engine, expire_on_commit=False) as session,
            watched(lambda: driver_of(session.connection())),
        ):
            session.info["contents"] = self.contents
            yield session

    @contextmanager
    def glance(self) -> Iterator[PooledConnection]:
        """A snapshot of the last commit for two or three fixed statements, which take less than a session around them
        would. Nothing stops them."""
        with self._translated():
            pooled = self._readers.raw_connection()
            try:
                driver_of(PooledConnection(pooled)).execute("BEGIN")
                yield PooledConnection(pooled)
            finally:
                pooled.close()  # ends the transaction

    def check(self) -> None:
        """Read the header with the key; raises WrongKey or DatabaseCorrupt."""
        with self._translated(), self._readers.connect() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()

    def check_integrity(self) -> None:
        """Read every page; raises DatabaseCorrupt with the first finding in its cause. Takes seconds on large files."""
        with self._translated(), self._readers.connect() as connection:
            findings = connection.exec_driver_sql("PRAGMA cipher_integrity_check").fetchall()
            if not findings:  # what cannot be decrypted cannot be understood either
                findings = [
                    row for row in connection.exec_driver_sql("PRAGMA integrity_check").fetchall() if row[0] != "ok"
                ]
        if findings:
            raise DatabaseCorrupt() from RuntimeError(str(findings[0][0]))

    def backup_to(self, target: Path) -> None:
        """Copy the database, encrypted with the same key, while it is in use; the copy is complete or absent."""
        part = target.with_name(target.name + ".part")
        part.unlink(missing_ok=True)
        source = connect(self.path, self._key, read_only=True)
        try:
            copy = connect(part, self._key)
            try:
                source.backup(copy)
            finally:
                copy.close()
        finally:
            source.close()
        part.replace(target)

    def beside(self, suffix: str) -> "Database":
        """Another file next to this one, with the same key: to be filled quickly, and then to take its place. A power
        cut may spoil it; a process that ends at any point does not."""
        return Database(self.path.with_name(self.path.name + suffix), self._key, readers=1, filling=True)

    def copy_into(self, other: "Database", tables: Sequence[str]) -> None:
        """Replace these tables of another file of the same schema and key by those here. Hold `still` meanwhile."""
        with self.read() as session, other.exclusive() as target:
            source, written = driver_of(session.connection()), driver_of(target)
            for table in tables:
                rows = source.execute(f"SELECT * FROM {table}")
                columns = [column[0] for column in rows.description]
                written.execute(f"DELETE FROM {table}")
                marks = ", ".join("?" * len(columns))
                written.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Nobody writes here inside the block."""
        with self._write_lock:
            yield

    def give_way_to(self, other: "Database") -> None:
        """The other file takes this one's name in one step; inside `still`, with no read under way.

        Whoever dies before it has the old file, whoever dies after it the new one: neither has a write-ahead log then,
        which could otherwise be taken for the other one's.
        """
        other.fold()
        other.close()
        self.fold()
        self.close()
        for path in (self.path, other.path):
            log = path.with_name(path.name + "-wal")
            if log.exists() and log.stat().st_size:
                raise DatabaseBusy()
            log.unlink(missing_ok=True)
            path.with_name(path.name + "-shm").unlink(missing_ok=True)
        other.path.with_name(other.path.name + "-journal").unlink(missing_ok=True)
        _to_disk(other.path)
        other.path.replace(self.path)
        _to_disk(self.path.parent)

    def fold(self) -> None:
        """Fold the write-ahead log back into the file."""
        raw = self._writer.raw_connection()
        try:
            if raw.driver_connection is not None:
                raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            raw.close()

    def close(self) -> None:
        """Close every connection; the write-ahead log is folded back into the file."""
        self._first_reader.dispose()
        self._readers.dispose()
        self._writer.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            problem = problem_of(error)
            if problem is None or problem is error:
                raise
            raise problem from error


def _to_disk(path: Path) -> None:
    """What was written to a file, or which names a folder has, survives a power cut from here on."""
    if path.is_dir() and os.name == "nt":
        return  # folders cannot be opened there, and need not be
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
