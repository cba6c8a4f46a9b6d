"""When this desk's copy is compared with the centre's, and what becomes of the result."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from db.engine import Database
from db.types import instant_at, microseconds
from sync.client.errors import NotOffered
from sync.client.exchange import Exchange
from sync.client.healing import read_again
from sync.client.verification import Verified, verify

_log = logging.getLogger(__name__)
EVERY = timedelta(days=1)
PAUSE = timedelta(minutes=10)
"""After an attempt that did not come to an end: looking through everything is not for every exchange."""
_TRIES = 3
"""So often it begins anew in one go where somebody wrote, here or there, while it looked."""


class Checking:
    """Knows when it is time, so that the database need not be asked after every exchange."""

    def __init__(self) -> None:
        self._not_before: datetime | None = None
        self._settled: set[str] = set()
        self._read_again: set[str] = set()
        self._total = Verified()

    def is_due(self, database: Database, now: datetime) -> bool:
        """Whether it is time: something happened that asks for it, or the last time was a day ago."""
        if self._not_before is not None and self._not_before - EVERY <= now < self._not_before:
            return False
        with database.read() as session:
            row = session.connection().exec_driver_sql("SELECT due, checked_at FROM sync_check WHERE id = 1").first()
        if row is None or row[0] or row[1] is None:
            return True
        last = instant_at(row[1])
        # A clock that was set back must not put it off until it has caught up.
        if last <= now < last + EVERY:
            self._not_before = last + EVERY
            return False
        return True

    def want(self, database: Database) -> None:
        """Compare everything as soon as both sides agree."""
        self._not_before = None
        self._settled, self._read_again, self._total = set(), set(), Verified()
        _note_due(database)

    @property
    def so_far(self) -> Verified:
        """What an attempt that did not come to an end has compared and put right by now."""
        return self._total

    def check(self, exchange: Exchange, agree: Callable[[], bool]) -> Verified | None:
        """Agree, compare, put right; a scope that differs still is read again, once. None where it did not come to an
        end: what was settled by then need not be looked at again. Raises SyncProblem; NotOffered where the service is
        too old to be asked, which it is not again before a day has passed."""
        try:
            return self._check(exchange, agree)
        except NotOffered:
            self._not_before = exchange.clock.now() + EVERY
            raise

    def _check(self, exchange: Exchange, agree: Callable[[], bool]) -> Verified | None:
        self._not_before = exchange.clock.now() + PAUSE
        for _ in range(_TRIES):
            if not agree():
                break
            # Scopes that were settled in an earlier attempt are not looked at again.
            open_scopes = [scope for scope in exchange.cursors if scope not in self._settled]
            found = verify(exchange, open_scopes)
            if found.unlike and not found.differing:
                self._total.repaired += found.repaired
                # Look once more at what was to be put right.
                found = verify(exchange, found.settled, repair=False) if agree() else Verified()
            self._take(exchange, found)
            if self._settled >= exchange.cursors.keys():
                return self._finish(exchange)
        if not exchange.abandoned.is_set():
            _note_due(exchange.database)  # it goes on after the pause, also where only somebody's asking began it
        return None

    def _take(self, exchange: Exchange, found: Verified) -> None:
        """Count what is settled; what differs still is to be read again, unless that was done before."""
        stubborn = set(found.differing) - self._read_again
        for scope in sorted(stubborn):
            _log.warning("scope %s still differs in %s records; reading it again", scope, found.differing[scope])
            _read_again(exchange, scope)
        self._read_again |= stubborn
        self._settled |= found.settled - stubborn
        total = self._total
        total.rows, total.left_alone = max(total.rows, found.rows), max(total.left_alone, found.left_alone)
        total.repaired += found.repaired
        total.differing = {**total.differing, **found.differing}
        for scope in stubborn:
            del total.differing[scope]

    def _finish(self, exchange: Exchange) -> Verified:
        found, self._total = self._total, Verified()
        found.settled, self._settled, self._read_again = self._settled, set(), set()
        self._note(exchange, found)
        return found

    def _note(self, exchange: Exchange, found: Verified) -> None:
        now = exchange.clock.now()
        self._not_before = now + EVERY
        with exchange.database.exclusive() as connection:
            connection.exec_driver_sql(
                "INSERT INTO sync_check (id, due, checked_at, rows, repaired, differing, left_alone)"
                " VALUES (1, 0, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET due = 0,"
                " checked_at = excluded.checked_at, rows = excluded.rows, repaired = excluded.repaired,"
                " differing = excluded.differing,"
                " left_alone = excluded.left_alone",
                (microseconds(now), found.rows, found.repaired, sum(found.differing.values()), found.left_alone),
            )


def _note_due(database: Database) -> None:
    with database.exclusive() as connection:
        connection.exec_driver_sql(
            "INSERT INTO sync_check (id, due, rows, repaired, differing, left_alone) VALUES (1, 1, 0, 0, 0, 0)"
            " ON CONFLICT (id) DO UPDATE SET due = 1"
        )


def _read_again(exchange: Exchange, scope: str) -> None:
    read_again(exchange.database, scope)
    with exchange.database.exclusive() as connection:
        connection.exec_driver_sql(
            "INSERT INTO sync_repair (at, scope, table_name, fetched, buried, read_again) VALUES (?, ?, '', 0, 0, 1)",
            (exchange.now(), scope),
        )
