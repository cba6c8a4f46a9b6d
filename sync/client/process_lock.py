"""One exchange at a time for a database file, whichever processes have it open.

The lock is the operating system's and ends with its process, however that ends; the file itself means nothing.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync.client.errors import ExchangeElsewhere


def lock_path(database: Path) -> Path:
    """The file that stands for the right to exchange."""
    return database.with_name(f"{database.name}.exchange")


@contextmanager
def sole_exchange(database: Path) -> Iterator[None]:
    """Hold the right to exchange for this database; raises ExchangeElsewhere where another one has it."""
    handle = os.open(lock_path(database), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _take(handle):
            raise ExchangeElsewhere()
        try:
            yield
        finally:
            _give_back(handle)
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _give_back(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
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
