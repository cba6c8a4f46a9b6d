"""What can be wrong with the database, in words that say what to do next.

Plain exceptions with `code` and `text`, shown by the same presenter as the errors of the rules.
"""

import sqlite3
from typing import ClassVar


class DatabaseProblem(Exception):
    """Base: `code` is stable, `text` says what to do."""

    code: ClassVar[str] = "database_problem"
    text: ClassVar[str] = "The database cannot be used. Restart the application; if it happens again, restore a backup."


class WrongKey(DatabaseProblem):
    code = "wrong_key"
    text = "This passphrase or key does not open the database. Check it and try again, or use the recovery code."


class DatabaseCorrupt(DatabaseProblem):
    code = "database_corrupt"
    text = (
        "The database file is damaged. Nothing was changed. Restore the newest backup; what was sent is at the centre."
    )


class DiskFull(DatabaseProblem):
    code = "disk_full"
    text = "The disk is full. Nothing was saved just now; free some space and try again. Your entries are still here."


class DatabaseReadOnly(DatabaseProblem):
    code = "database_read_only"
    text = "The folder of the database cannot be written to. Give yourself write access to it and try again."


class DatabaseBusy(DatabaseProblem):
    code = "database_busy"
    text = "Another program is writing to the database. Close it and try again."


class ProfileInUse(DatabaseProblem):
    code = "profile_in_use"
    text = "Forecourt is already running with this data. Switch to its window."


class DatabaseTooNew(DatabaseProblem):
    code = "database_too_new"
    text = "A newer version of Forecourt wrote this data. Install that version or a later one."


class WriteOutsideUnitOfWork(RuntimeError):
    """A program error: a replicated row was written where the change would not be captured."""


def problem_of(error: BaseException) -> DatabaseProblem | None:
    """The problem behind an error of SQLAlchemy or the driver, None where it is a bug of ours."""
    if isinstance(error, DatabaseProblem):
        return error
    original = getattr(error, "orig", None) or error
    text = str(original).lower()
    known: tuple[tuple[str, type[DatabaseProblem]], ...] = (
        ("file is not a database", WrongKey),
        ("malformed", DatabaseCorrupt),
        ("vtable constructor failed", DatabaseCorrupt),  # a damaged page of the search index
        ("disk i/o error", DatabaseCorrupt),
        ("database or disk is full", DiskFull),
        ("readonly database", DatabaseReadOnly),
        ("unable to open database file", DatabaseReadOnly),
        ("database is locked", DatabaseBusy),
    )
    if not isinstance(original, (sqlite3.Error, OSError)) and type(original).__module__.split(".")[0] not in (
        "sqlcipher3",
        "sqlite3",
    ):
        return None
    if isinstance(original, OSError) and original.errno == 28:
        return DiskFull()
    for fragment, problem in known:
        if fragment in text:
            return problem()
    return None
