"""Putting a backup back in the place of a desk's data, which is set aside and never removed."""

import os
import shutil
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from app.desk.backups import DATABASE_NAME, Backup, check_backup
from app.desk.content_backup import restore_contents
from app.runtime.atomic_file import environment_problem, write_atomically
from app.runtime.errors import EnvironmentProblem
from app.runtime.language import tr_noop
from db.contents import contents_folder
from db.engine import connect

SET_ASIDE = "set-aside"
LOCK_NAME = "forecourt.lock"
COMPANIONS = ("key_slots.json", "device_secrets.json")
_LOGS = (f"{DATABASE_NAME}-wal", f"{DATABASE_NAME}-shm")
_NUMBERS_LEFT_OUT = 1000


class DeskInUse(EnvironmentProblem):
    code = "desk_in_use"
    text = tr_noop("Forecourt is running with the data in {folder}. Close its window, then restore.")


def restore_backup(backup: Backup, *, key: bytes, root: Path, now: datetime) -> Path | None:
    """Make the backup the desk's data in `root`; returns where the data of before lies now, None without any.

    The backup itself stays as it is. Whatever interrupts this, no data is lost: the old files are copied before one of
    them is touched, and doing it again brings it to an end. Document numbers go on after the highest known one.
    Raises DeskInUse, BackupOfOtherData, BackupDamaged, DiskFull, ProfileReadOnly or DiskFailing.
    """
    require_closed_desk(root)
    check_backup(backup, key)
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        restore_contents(backup.folder, contents_folder(root / DATABASE_NAME))  # adds only: harmless if all else fails
        prepared = root / f".{DATABASE_NAME}.restoring"
        shutil.copyfile(backup.database_path, prepared)
        _go_on_counting(prepared, key, old=root / DATABASE_NAME)
        aside = _set_aside(root, now)
        for source in (backup.folder / name for name in COMPANIONS):
            if source.exists():
                write_atomically(root / source.name, source.read_bytes())
        # A log of the old data would be played into the new: it goes first, its copy is safe.
        for name in _LOGS:
            (root / name).unlink(missing_ok=True)
        prepared.chmod(0o600)
        prepared.replace(root / DATABASE_NAME)
    except OSError as error:
        raise environment_problem(error, folder=root) from error
    return aside


def require_closed_desk(root: Path) -> None:
    """Raises DeskInUse while a window works on this data: two would not know of each other."""
    lock = root / LOCK_NAME
    if lock.exists() and _is_held(lock):
        raise DeskInUse(folder=str(root))


def _is_held(lock: Path) -> bool:
    """The window's lock is held by the system for as long as its process lives, however that ends."""
    try:
        handle = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:
        return True  # Windows: whoever holds it shares it with nobody
    try:
        if os.name == "nt":
            return False
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(handle, fcntl.LOCK_UN)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False


def _set_aside(root: Path, now: datetime) -> Path | None:
    """Copy what is there now; None where nothing is."""
    present = [root / name for name in (DATABASE_NAME, *_LOGS, *COMPANIONS) if (root / name).exists()]
    if not present:
        return None
    place = root / SET_ASIDE / f"{now.astimezone(UTC):%Y-%m-%d_%H%M%S%f}Z"
    place.mkdir(mode=0o700, parents=True)
    for source in present:
        shutil.copy2(source, place / source.name)
    return place


def _go_on_counting(restored: Path, key: bytes, *, old: Path) -> None:
    """Let no document number be given a second time: those given since the backup was made are not in it."""
    known = _numbers_of(old, key)
    with closing(connect(restored, key)) as connection:
        if known is None:
            connection.execute("UPDATE number_series SET last = last + ?", (_NUMBERS_LEFT_OUT,))
        else:
            connection.executemany(
                "INSERT INTO number_series (prefix, last) VALUES (?, ?)"
                " ON CONFLICT (prefix) DO UPDATE SET last = max(last, excluded.last)",
                list(known.items()),
            )
    for name in (f"{restored.name}-wal", f"{restored.name}-shm"):
        restored.with_name(name).unlink(missing_ok=True)


def _numbers_of(database: Path, key: bytes) -> dict[str, int] | None:
    """The counters of the data that is being replaced; None where it cannot be read any more."""
    if not database.exists():
        return None
    with suppress(Exception), closing(connect(database, key, read_only=True)) as connection:
        return dict(connection.execute("SELECT prefix, last FROM number_series").fetchall())
    return None
