"""Archives a SQLite database continuously: every few seconds what was committed since, so that a disk that dies takes
seconds with it, and any moment can be gone back to.

How nothing gets past it: a reader that stays open (`_guard`) keeps SQLite from using its log anew, whoever asks for it,
also other processes. When the log has become long, the archive takes what is left of it under the write lock, lets go
of the guard, has the log written into the database, and takes a new guard before the write lock ends. That guard stands
at the empty log, so the log can be used anew once, by the next writer, and not again. Whatever went another way all the
same (the service was off, somebody put another file there) begins a new generation.
"""

import logging
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from sync.server.backup.contents_copy import ContentsCopy
from sync.server.backup.log_file import START, LogParted, Position, read_commits
from sync.server.backup.pieces import PieceWriter, generation_name, generations, pack_base, read_base
from sync.server.backup.problems import ArchiveInUse

EVERY_SECONDS = 2.0
KEEP_DAYS = 14
KEY_FILE = "service.key"
_LOG_BYTES = 8 << 20
_BASE_SECONDS = 24 * 3600
_BUSY_MS = 10_000
_DAY_MS = 24 * 3600 * 1000
_log = logging.getLogger(__name__)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Archiver:
    """Archives one database into one folder. `with Archiver(…)` does it on a thread; tests call `begin` and `step`."""

    def __init__(
        self, database: Path, archive: Path, *, contents: ContentsCopy | None = None, key_file: Path | None = None,
        every: float = EVERY_SECONDS, keep_days: int = KEEP_DAYS, clock_ms: Callable[[], int] = _now_ms,
    ) -> None:  # fmt: skip
        self._database, self._archive, self._contents, self._key_file = database, archive, contents, key_file
        self._log_path = database.with_name(database.name + "-wal")
        self._every, self._keep_days, self._clock_ms = every, keep_days, clock_ms
        self._guard: sqlite3.Connection
        self._lock: sqlite3.Connection
        self._position: Position = START
        self._writer: PieceWriter | None = None
        self._began_at = 0
        self._last_at = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="service-archive", daemon=True)

    @staticmethod
    def _connect(path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        return connection

    def __enter__(self) -> "Archiver":
        self.begin()
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._stop.set()
        self._thread.join()
        try:
            self.step()
        except Exception:
            _log.exception("the last commits were not archived; the next start makes a new base copy")
        self.close()

    def begin(self) -> None:
        """Take the folder, and make the first base copy. Raises ArchiveInUse."""
        self._archive.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = self._connect(self._archive / "in-use.db")
        self._lock.execute("PRAGMA busy_timeout = 0")
        try:
            self._lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            self._lock.close()
            raise ArchiveInUse(f"another process archives into {self._archive}") from error
        self._guard = self._connect(self._database)
        self._begin_generation()

    def close(self) -> None:
        """Let go of the database and of the folder."""
        self._guard.close()
        self._lock.close()

    @property
    def last_at(self) -> int:
        """Up to when everything is archived, in milliseconds since the epoch; 0 before the first time."""
        return self._last_at

    def step(self) -> int:
        """Archive what was committed since the last time; tells how many bytes of the log that were."""
        began = self._clock_ms()
        try:
            taken = self._take()
            if self._position.offset > _LOG_BYTES:
                taken += self._shorten_log()
        except LogParted as parted:
            _log.warning("a new base copy: %s", parted)
            self._begin_generation()
            taken = 0
        if self._contents is not None:
            self._contents.copy_new()
        self._last_at = began
        if began - self._began_at > _BASE_SECONDS * 1000:
            self._begin_generation()
            self._drop_old()
        return taken

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                self.step()
            except Exception:
                _log.exception("archiving failed; trying again")

    def _take(self) -> int:
        frames, position = read_commits(self._log_path, self._position)
        if frames:
            assert self._writer is not None
            self._writer.write(frames, at=self._clock_ms())
        self._position = position
        return len(frames)

    def _shorten_log(self) -> int:
        """Have the log written into the database, so that it begins anew; nothing is committed meanwhile."""
        with self._alone():
            taken = self._take()
            self._hold(False)
            with closing(self._connect(self._database)) as other:
                busy, length, written = other.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            self._hold(True)
            self._position = replace(self._position, may_begin_anew=not busy and length == written)
            return taken

    def _hold(self, hold: bool) -> None:
        """Begin or end the reader that keeps the log from being used anew."""
        with suppress(sqlite3.OperationalError):
            self._guard.execute("ROLLBACK")
        if hold:
            self._guard.execute("BEGIN")
            self._guard.execute("SELECT count(*) FROM sqlite_master").fetchall()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody commits meanwhile."""
        with closing(self._connect(self._database)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                writer.execute("ROLLBACK")

    def _begin_generation(self) -> None:
        """A base copy and the place in the log from which it goes on; desks write while it is copied."""
        with self._alone():
            _, position = read_commits(self._log_path, START)
            self._hold(True)
            self._position = replace(position, may_begin_anew=True)
            at = self._clock_ms()
        generation = self._archive / generation_name(at)
        generation.mkdir(mode=0o700, exist_ok=True)
        plain = generation / ".base.db"
        with closing(sqlite3.connect(plain, isolation_level=None)) as copy:
            self._guard.backup(copy)
            page_size = copy.execute("PRAGMA page_size").fetchone()[0]
        pack_base(plain, generation, at=at, page_size=page_size)
        plain.unlink()
        if self._key_file is not None and self._key_file.exists():
            shutil.copy2(self._key_file, generation / self._key_file.name)
        self._writer, self._began_at, self._last_at = PieceWriter(generation), at, at

    def _drop_old(self) -> None:
        """Generations that are not needed to go back as many days as asked for."""
        known = generations(self._archive)
        before = self._clock_ms() - self._keep_days * _DAY_MS
        for generation, following in pairwise(known):
            if read_base(following).at <= before:
                shutil.rmtree(generation)
