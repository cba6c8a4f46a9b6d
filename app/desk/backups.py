"""Backups of a desk: an encrypted copy with all it takes to open it, made while people work, and proved to be good.

A backup is a folder: the database, its wrapped key, the device's sealed secrets, a list of the pictures and documents
that belong to it (see `content_backup`), and a small file that says when it was made. It appears under its name only
when it is complete and was opened with the key.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.desk.backup_thinning import worth_keeping
from app.desk.content_backup import back_up_contents, thin_contents
from app.runtime.atomic_file import environment_problem, write_atomically
from app.runtime.errors import DiskFull, EnvironmentProblem, KeySlotsMissing
from app.runtime.language import tr_noop
from db.engine import Database, connect
from db.errors import DatabaseCorrupt, DatabaseProblem, WrongKey, problem_of

DATABASE_NAME = "forecourt.db"
DESCRIPTION_NAME = "backup.json"
_UNFINISHED = ".unfinished-"
_FORMAT = 1
_ROOM = 1.1
"""A copy is as large as the database and what of its write-ahead log is not folded in yet."""
_MARK = (
    "SELECT coalesce((SELECT max(n) FROM audit_entry), 0), coalesce((SELECT sum(seq) FROM sync_cursor), 0),"
    " coalesce((SELECT epoch FROM desk_state), '')"
)


class BackupDamaged(EnvironmentProblem):
    code = "backup_damaged"
    text = tr_noop("The backup {name} is damaged or incomplete. Take another one.")


class BackupOfOtherData(EnvironmentProblem):
    code = "backup_of_other_data"
    text = tr_noop("The backup {name} does not open with this key: it belongs to another database.")


class NoBackup(EnvironmentProblem):
    code = "no_backup"
    text = tr_noop("There is no backup in {folder}. Give the folder in which it lies.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A finished backup. `mark` stands for what the data was: where it is equal, nothing changed in between."""

    folder: Path
    made_at: datetime
    mark: str
    size: int
    """Bytes of the database."""

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def database_path(self) -> Path:
        return self.folder / DATABASE_NAME


def state_mark(database: Database) -> str:
    """What the data is now, in a few characters: every command and every received page changes it, a draft does not."""
    with database.read() as session:
        return _mark_of(session.connection().exec_driver_sql(_MARK).one())


def make_backup(
    database: Database, *, key: bytes, folder: Path, required: Sequence[Path], optional: Sequence[Path] = (),
    now: datetime,
) -> Backup:  # fmt: skip
    """Copy the database and the files beside it into a new folder below `folder`, and open the copy with the key.

    `required` files (the wrapped key) must be there; `optional` ones are taken where they are. Takes about a second for
    100 MB and holds nobody up. Raises KeySlotsMissing, DiskFull, ProfileReadOnly, DiskFailing, or a DatabaseProblem;
    then no new folder is left, and the older backups stay as they are.
    """
    unfinished = folder / f"{_UNFINISHED}{now:%Y%m%dT%H%M%S%f}"
    try:
        with _worded(folder):
            _sweep(folder)
            _require_room(database, folder)
            unfinished.mkdir(mode=0o700, parents=True)
            for source in required:
                if not source.exists():
                    raise KeySlotsMissing(file=str(source))
                write_atomically(unfinished / source.name, source.read_bytes())
            for source in optional:
                with suppress(FileNotFoundError):
                    write_atomically(unfinished / source.name, source.read_bytes())
            database.backup_to(unfinished / DATABASE_NAME)
            mark = _examine(unfinished / DATABASE_NAME, key)
            back_up_contents(database.contents.folder, backups=folder, backup=unfinished)
            _describe(unfinished, made_at=now, mark=mark)
            final = _free_name(folder, now)
            unfinished.rename(final)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return _read(final)


def list_backups(folder: Path) -> list[Backup]:
    """The finished backups below a folder, newest first; what is no backup is passed over."""
    found = []
    try:
        places = [place for place in folder.iterdir() if place.is_dir() and not place.name.startswith(".")]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise environment_problem(error, folder=folder) from error
    for place in places:
        with suppress(BackupDamaged):
            found.append(_read(place))
    return sorted(found, key=lambda backup: (backup.made_at, backup.id), reverse=True)


def check_backup(backup: Backup, key: bytes) -> None:
    """Open the copy with the key and look through it. Raises BackupOfOtherData or BackupDamaged."""
    try:
        _examine(backup.database_path, key)
    except WrongKey as problem:
        raise BackupOfOtherData(name=backup.id) from problem
    except (DatabaseProblem, OSError) as problem:
        raise BackupDamaged(name=backup.id) from problem


def thin_out(folder: Path, *, now: datetime) -> list[Backup]:
    """Remove the backups that are not worth keeping any more; returns them. What cannot be removed stays."""
    backups = list_backups(folder)
    kept = worth_keeping((backup.made_at for backup in backups), now=now)
    removed = []
    for backup in backups:
        if backup.made_at not in kept:
            shutil.rmtree(backup.folder, ignore_errors=True)
            if not backup.folder.exists():
                removed.append(backup)
    thin_contents(folder, (backup.folder for backup in backups if backup not in removed))
    return removed


def find_backup(folder: Path, name: str = "") -> Backup:
    """A backup by its name or path, the newest without one. Raises NoBackup or BackupDamaged."""
    if name:
        place = Path(name) if Path(name).is_dir() else folder / name
        if not place.is_dir():
            raise NoBackup(folder=str(folder))
        return _read(place.absolute())
    backups = list_backups(folder)
    if not backups:
        raise NoBackup(folder=str(folder))
    return backups[0]


@contextmanager
def _worded(folder: Path) -> Iterator[None]:
    """Gives the driver's and the system's errors their words."""
    try:
        yield
    except (EnvironmentProblem, DatabaseProblem):
        raise
    except OSError as error:
        raise environment_problem(error, folder=folder) from error
    except Exception as error:
        problem = problem_of(error)
        if problem is None:
            raise
        raise (DiskFull(folder=str(folder)) if problem.code == DiskFull.code else problem) from error


def _sweep(folder: Path) -> None:
    """Remove what an interrupted backup has left."""
    if folder.is_dir():
        for left in folder.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left, ignore_errors=True)


def _require_room(database: Database, folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = (database.path, database.path.with_name(database.path.name + "-wal"))
    needed = sum(file.stat().st_size for file in files if file.exists()) * _ROOM
    if shutil.disk_usage(folder).free < needed:
        raise DiskFull(folder=str(folder))


def _examine(path: Path, key: bytes) -> str:
    """Open a copy with the key, look through all its pages; returns its mark. Raises a DatabaseProblem."""
    if not path.exists():
        raise DatabaseCorrupt()
    try:
        with closing(connect(path, key)) as connection:
            findings = [row[0] for row in connection.execute("PRAGMA quick_check").fetchall()]
            mark = _mark_of(connection.execute(_MARK).fetchone())
    except Exception as error:
        raise (problem_of(error) or DatabaseCorrupt()) from error
    if findings != ["ok"]:
        raise DatabaseCorrupt() from RuntimeError(str(findings[:1]))
    return mark


def _mark_of(values: Iterable[Any]) -> str:
    return ":".join(str(value) for value in values)


def _describe(folder: Path, *, made_at: datetime, mark: str) -> None:
    content = {"format": _FORMAT, "made_at": made_at.astimezone(UTC).isoformat(), "mark": mark}
    write_atomically(folder / DESCRIPTION_NAME, json.dumps(content, indent=2).encode("utf-8"))


def _read(folder: Path) -> Backup:
    try:
        stored = json.loads((folder / DESCRIPTION_NAME).read_text(encoding="utf-8"))
        made_at = datetime.fromisoformat(stored["made_at"]).astimezone(UTC)
        size = (folder / DATABASE_NAME).stat().st_size
        return Backup(folder=folder, made_at=made_at, mark=str(stored["mark"]), size=size)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupDamaged(name=folder.name) from error


def _free_name(folder: Path, now: datetime) -> Path:
    """A name that sorts by time and tells it: `2026-11-22_040000Z`."""
    stem = f"{now.astimezone(UTC):%Y-%m-%d_%H%M%S}Z"
    for number in range(1, 1000):
        place = folder / (stem if number == 1 else f"{stem}-{number}")
        if not place.exists():
            return place
    raise FileExistsError(str(folder / stem))
