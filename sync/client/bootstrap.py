"""Fills a new desk: snapshots are read into a new database file beside the empty one, which then takes its place.

Why a file of its own: it can be written without waiting for the disk after every part, and a desk is either empty or
complete: nobody signs in to half a branch. It is only done where the desk holds nothing but what it is (identity,
preferences, drafts), which is carried over in the last step. A desk that is at work reads a large scope into the
database it has (`snapshot_reading`): its file cannot be taken away under open pages, unsent operations and the counters
of its documents, and it needs no second one, because every part is one transaction.
"""

import logging
from contextlib import closing
from dataclasses import replace

from db.base import Base, replicated_models
from db.engine import Database
from db.errors import DatabaseProblem
from sync.client.blank import is_blank
from sync.client.connection import DirectConnection
from sync.client.errors import CentreLostOperations, CursorTooOld, HistoryDiffers
from sync.client.exchange import Exchange, Gathered
from sync.client.pulling import pull_all
from sync.client.snapshot_reading import Cancelled, Course, Listing, read_scope
from sync.protocol.digests import Tally, written

_log = logging.getLogger(__name__)
_SUFFIX = ".joining"
_OWN = frozenset({"sync_cursor", "sync_bootstrap", "sync_check", "search_entry"})
"""Local tables that the new file has from what it read."""
_QUICK = ("PRAGMA synchronous = OFF", "PRAGMA wal_autocheckpoint = 8000", "PRAGMA cache_size = -65536")
"""The file counts for nothing until it is complete and written to the disk: power may fail before."""


class CopyNotProved(RuntimeError):
    """What was read is not what the centre says it has; the new file is gone."""


def fill(exchange: Exchange, scopes: dict[str, int]) -> bool:
    """Read these scopes (with their rows) into a new file and put it in the place of the blank one.

    False where the desk is blank no more, and nothing was done. What interrupts it leaves the new file to go on with.
    Raises SyncProblem, Cancelled, CopyNotProved, or what whoever is told of the progress raises.
    """
    fresh = _open(exchange, scopes)
    done = False
    try:
        filling = replace(exchange, database=fresh, fills_new_file=True, page=None, gathered=Gathered())
        # What is small comes first: vehicles are found by the names of their models.
        pull_all(filling, filling.standing())
        course = Course(filling, rows_all=sum(scopes.values()))
        listings = {}
        for scope in sorted(scopes, key=lambda scope: (scope != "group", scope)):
            listings[scope] = _already(filling, scope) or read_scope(filling, scope, course)
        if filling.stopping.is_set():
            raise Cancelled
        course.tell(finishing=True)
        _prove(filling, {scope: found for scope, found in listings.items() if isinstance(found, Listing)})
        exchange.pulled += filling.pulled
        done = _take_place(exchange.database, fresh)
    except (CopyNotProved, CursorTooOld, HistoryDiffers, CentreLostOperations):
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


def _open(exchange: Exchange, scopes: dict[str, int]) -> Database:
    """The file that was begun before, if it is this desk's and whole; else a new one."""
    fresh = exchange.database.beside(_SUFFIX)
    if fresh.path.exists():
        try:
            if _belongs(fresh, exchange.database):
                _hurry(fresh)
                return fresh
        except (DatabaseProblem, LookupError):
            _log.warning("what was received of a new database is not usable; it begins again", exc_info=True)
        fresh.close()
        _remove(fresh)
        fresh = exchange.database.beside(_SUFFIX)
    exchange.database.backup_to(fresh.path)
    with fresh.exclusive() as connection:
        connection.exec_driver_sql("DELETE FROM sync_bootstrap")
        connection.exec_driver_sql(
            "INSERT INTO sync_bootstrap (id, rows_all) VALUES (1, ?)", (sum(scopes.values()),)
        )
    _hurry(fresh)
    return fresh


_WHO = "SELECT device_id, epoch FROM desk_state WHERE id = 1"


def _belongs(fresh: Database, database: Database) -> bool:
    fresh.check()
    with fresh.read() as new, database.read() as old:
        begun = new.connection().exec_driver_sql("SELECT 1 FROM sync_bootstrap").scalar()
        one, other = (tuple(found.connection().exec_driver_sql(_WHO).one()) for found in (new, old))
    return bool(begun) and one == other


def _hurry(fresh: Database) -> None:
    with closing(fresh.writer_engine.raw_connection()) as raw:
        for statement in _QUICK:
            raw.driver_connection.execute(statement)  # type: ignore[union-attr]


def forget_begun(database: Database) -> None:
    """A desk that is blank no more needs no new file: one that was begun goes."""
    fresh = database.beside(_SUFFIX)
    fresh.close()
    _remove(fresh)


def _remove(fresh: Database) -> None:
    for suffix in ("", "-wal", "-shm"):
        fresh.path.with_name(fresh.path.name + suffix).unlink(missing_ok=True)


def _already(filling: Exchange, scope: str) -> bool:
    """Whether this scope was read to the end before an interruption."""
    with filling.database.read() as session:
        found = session.connection().exec_driver_sql("SELECT seq FROM sync_cursor WHERE scope = ?", (scope,)).scalar()
    return bool(found)


# --- proof, and taking the place ---------------------------------------------------------------------------------


def _prove(filling: Exchange, listings: dict[str, Listing]) -> None:
    """That the new file holds what the snapshots' digests say. Raises CopyNotProved.

    Scopes read before an interruption are compared with everything else once both sides agree.
    """
    tally = Tally()
    with filling.database.read() as session:
        connection = DirectConnection(session.connection())
        for table in replicated_models():
            for scope, record_id, ver in connection.exec_driver_sql(
                f"SELECT scope, id, ver FROM {table} WHERE deleted_at IS NULL AND ver > 0"
            ):
                if scope in listings:
                    tally.add(scope, table, record_id, ver)
        kept = connection.exec_driver_sql("SELECT 1 FROM unwritten_row LIMIT 1").first()
    for scope, listing in listings.items():
        for table in replicated_models():
            count, total = tally.total(scope, table)
            if (count, written(total)) != listing.tables.get(table, (0, written(0))) and kept is None:
                raise CopyNotProved(f"{table} of {scope}: {count} rows here")


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
        database.give_way_to(fresh)
    return True
