"""One service a SQLite file: two would each answer desks, tend the tables and archive, and neither knew of the other.

The lock is the operating system's and ends with its process, however that ends. What stands in the file only says who
has it. Commands such as `enrol` and `check` work beside the service and do not ask for it; on PostgreSQL several
services are meant to run.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

_LOCKED_BYTE = 1 << 20
"""Beyond what is written: Windows lets nobody read a locked byte."""
_MOST = 4096


class ServiceElsewhere(ValueError):
    """Another service works on this file. The text says which, for whoever runs the services."""


class SoleService:
    """Holds the right to serve from SQLite files until it is left: `with SoleService() as sole: sole.take(url)`."""

    def __init__(self) -> None:
        self._held = ExitStack()
        self._files: dict[Path, int] = {}

    def __enter__(self) -> "SoleService":
        return self

    def __exit__(self, *details: object) -> None:
        self._held.close()

    def take(self, url: str) -> None:
        """Hold the database of this URL, once, if it is a file. Raises ServiceElsewhere, OSError."""
        path = file_of(url)
        if path is None or path in self._files:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        self._files[path] = self._held.enter_context(_locked(path))

    def say_where(self, address: str) -> None:
        """Write down at which address this service answers, for whoever tries to start another one."""
        for handle in self._files.values():
            _write(handle, address)


def file_of(url: str) -> Path | None:
    """The SQLite file of a database URL; None for a database of a server, in memory, or for what is none."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return None  # whoever opens it says how databases are named
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database).resolve()


def lock_path(database: Path) -> Path:
    """The file that stands for the right to serve from this database."""
    return database.with_name(f"{database.name}.serving")


@contextmanager
def _locked(database: Path) -> Iterator[int]:
    handle = os.open(lock_path(database), os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        if not _take(handle):
            raise ServiceElsewhere(_told(handle, database))
        _write(handle, "")
        try:
            yield handle
        finally:
            os.ftruncate(handle, 0)
            _give_back(handle)
    finally:
        os.close(handle)


def _write(handle: int, address: str) -> None:
    since = datetime.now().astimezone().isoformat(" ", "seconds")
    told = json.dumps({"pid": os.getpid(), "since": since, "address": address}).encode("utf-8")
    os.lseek(handle, 0, os.SEEK_SET)
    os.ftruncate(handle, 0)
    os.write(handle, told)


def _told(handle: int, database: Path) -> str:
    os.lseek(handle, 0, os.SEEK_SET)
    try:
        holder = json.loads(os.read(handle, _MOST))
        who = f"process {int(holder['pid'])}, since {holder['since']}"
        who += f", at {holder['address']}" if holder["address"] else ""
    except (ValueError, KeyError, TypeError):  # it is about to say so
        who = "it has only just begun"
    return (
        f"another service works on {database} ({who}): stop it first, or give this one --data or --database of its own"
    )


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> bool:
        os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _give_back(handle: int) -> None:
        os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _give_back(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
