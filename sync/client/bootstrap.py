"""Fills a new desk: snapshots are read into a new database file beside the empty one, which then takes its place.

Why a file of its own: it can be written without waiting for the disk after every part, and a desk is either empty or
complete: nobody signs in to half a branch. It is only done where the desk holds nothing but what it is (identity,
preferences, drafts), which is carried over in the last step. A desk that is at work reads a large scope into the
database it has (`snapshot_reading`): its file cannot be taken away under open pages, unsent operations and the counters
of its documents, and it needs no second one, because every part is one transaction.
"""

import logging
from contextlib import suppress
from dataclasses import replace

from db.base import Base, replicated_models
from db.engine import Database
from db.errors import DatabaseProblem
from db.schema import version_of
from sync.client.blank import is_blank
from sync.client.errors import CentreLostOperations, CursorTooOld, HistoryDiffers, NotOffered, SnapshotGone
from sync.client.exchange import Exchange, Gathered, uncollected
from sync.client.new_file import CopyNotProved, Totals, complete, forget_totals, prepare, read_totals
from sync.client.pulling import pull_all
from sync.client.snapshot_reading import Course, SnapshotReplaced, read_scope

_log = logging.getLogger(__name__)
_SUFFIX = ".joining"
_OWN = frozenset({"sync_cursor", "sync_bootstrap", "sync_check", "search_entry", "document_proof"})
"""Local tables that the new file has from what it read."""
_TRIES = 3


def fill(exchange: Exchange, scopes: dict[str, int]) -> bool:
    """Read these scopes (with their rows) into a new file and put it in the place of the blank one.

    False where the desk is blank no more, and nothing was done. What interrupts it leaves the new file to go on with.
    Raises SyncProblem, Cancelled, CopyNotProved, or what whoever is told of the progress raises.
    """
    for _ in range(_TRIES):
        with suppress(SnapshotReplaced), uncollected():
            return _fill(exchange, scopes)
    raise SnapshotGone


def _fill(exchange: Exchange, scopes: dict[str, int]) -> bool:
    fresh = _open(exchange, scopes)
    done = False
    try:
        filling = replace(exchange, database=fresh, fills_new_file=True, page=None, gathered=Gathered())
        known = read_totals(fresh)
        if not known:
            # What is small comes first, page by page. Not once a scope is complete: its proof is of one place.
            pull_all(filling, filling.standing())
        course = Course(filling, rows_all=sum(scopes.values()))
        totals = {scope: _read(filling, scope, course, known, rows=rows) for scope, rows in sorted(scopes.items())}
        complete(fresh, exchange.database, totals, tell=course.tell_finishing)
        exchange.pulled += filling.pulled
        done = _take_place(exchange.database, fresh)
    except (CopyNotProved, SnapshotReplaced, NotOffered, CursorTooOld, HistoryDiffers, CentreLostOperations):
        fresh.close()
        _remove(fresh)
        raise
    finally:
        if not done:
            fresh.close()
    if done:
        exchange.gathered.add_everything()
        exchange.tell_gathered()
    else:
        _remove(fresh)
    return done


def _read(filling: Exchange, scope: str, course: Course, known: dict[str, Totals], *, rows: int) -> Totals:
    """Read a scope, unless that was done before an interruption; what its snapshot's digests say."""
    if scope in known:
        course.resume(rows, 0)
        return known[scope]
    return read_scope(filling, scope, course).tables


def _open(exchange: Exchange, scopes: dict[str, int]) -> Database:
    """The file that was begun before, if it is this desk's and whole; else a new one."""
    fresh = exchange.database.beside(_SUFFIX)
    if fresh.path.exists():
        try:
            if _belongs(fresh, exchange.database):
                # The power may have failed meanwhile, and nothing was written in an order that survives it.
                fresh.check_integrity()
                return fresh
        except (DatabaseProblem, LookupError):
            _log.warning("what was received of a new database is not usable; it begins again", exc_info=True)
        fresh.close()
        _remove(fresh)
        fresh = exchange.database.beside(_SUFFIX)
    exchange.database.backup_to(fresh.path)
    prepare(fresh)
    with fresh.exclusive() as connection:
        connection.exec_driver_sql("DELETE FROM sync_bootstrap")
        connection.exec_driver_sql(
            "INSERT INTO sync_bootstrap (id, rows_all) VALUES (1, ?)", (sum(scopes.values()),)
        )
    return fresh


_WHO = "SELECT device_id, epoch FROM desk_state WHERE id = 1"


def _belongs(fresh: Database, database: Database) -> bool:
    fresh.check()
    with fresh.read() as new, database.read() as old:
        begun = new.connection().exec_driver_sql("SELECT 1 FROM sync_bootstrap").scalar()
        one, other = (
            (version_of(found.connection()), *found.connection().exec_driver_sql(_WHO).one()) for found in (new, old)
        )
    return bool(begun) and one == other


def forget_begun(database: Database) -> None:
    """A desk that is blank no more needs no new file: one that was begun goes."""
    fresh = database.beside(_SUFFIX)
    fresh.close()
    _remove(fresh)


def _remove(fresh: Database) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        fresh.path.with_name(fresh.path.name + suffix).unlink(missing_ok=True)


def _take_place(database: Database, fresh: Database) -> bool:
    """Carry over what is this desk's own, and let the new file be the desk's; False where it is blank no more."""
    with fresh.exclusive() as connection:
        new_time = connection.exec_driver_sql("SELECT hybrid_time FROM desk_state WHERE id = 1").scalar()
    with database.still():
        if not is_blank(database):
            return False
        local = [
            name for name in Base.metadata.tables if name not in replicated_models() and name not in _OWN
        ]  # fmt: skip
        database.copy_into(fresh, local)
        with fresh.exclusive() as connection:
            connection.exec_driver_sql(
                "UPDATE desk_state SET hybrid_time = max(hybrid_time, ?) WHERE id = 1", (new_time,)
            )
            connection.exec_driver_sql("DELETE FROM sync_bootstrap")
            forget_totals(connection)
        database.give_way_to(fresh)
    return True
