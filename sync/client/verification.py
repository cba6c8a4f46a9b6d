"""Holds this desk's copy against the centre's, and puts right what differs, without asking anybody to choose a side.

Both sides count their live rows and sum up their marks (`sync.protocol.digests`). Where that differs for a table, the
buckets are compared, then the records of those that differ, and these are taken from the centre as they stand. Rows are
read in pieces and never kept: memory does not grow with them. What people wrote and the centre has not answered, or has
refused, is left alone.
"""

import logging
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from db.base import replicated_models
from db.search import remove_entries
from db.types import dump_json
from sync.client.applying import RowWriter
from sync.client.connection import DirectConnection
from sync.client.errors import AnswerNotUnderstood
from sync.client.exchange import Exchange
from sync.client.outbox import highest_n, read_acknowledged
from sync.client.tables import PulledRow
from sync.protocol.digests import BUCKETS, Tally, bucket_of, written

_log = logging.getLogger(__name__)
_AT_ONCE = 200
"""Records asked for together: they may be large."""
_MOST_SINGLY = 5_000
"""With more differing records than this in a scope, it is quicker to read the scope again."""
_NOTHING = [0, written(0)]


@dataclass(slots=True)
class Verified:
    """What came out."""

    settled: set[str] = field(default_factory=set)
    """Scopes compared to the end. Others went on at the centre meanwhile, or somebody wrote here: they come again."""
    rows: int = 0
    unlike: int = 0
    """Records that were not the same; `repaired` of them were written or buried, which has yet to be proved."""
    repaired: int = 0
    left_alone: int = 0
    differing: dict[str, int] = field(default_factory=dict)
    """Scopes with records that this could not put right, and how many: they have to be read again."""


@dataclass(slots=True)
class _Repairs:
    """What was done to one table of a scope."""

    fetched: int = 0
    buried: int = 0
    left_alone: int = 0
    remaining: int = 0


def verify(exchange: Exchange, scopes: Iterable[str], *, repair: bool = True) -> Verified:
    """Compare these scopes, as far as they were read to their heads in this exchange; with `repair`, put right what
    differs.

    Raises SyncProblem; what was put right by then stays so.
    """
    result = Verified()
    epoch = exchange.standing().epoch
    cursors = {scope: exchange.cursors[scope] for scope in scopes if scope in exchange.cursors}
    # The centre is asked first: looking through everything here takes so long that it may go on meanwhile.
    told = exchange.transport.ask("digest", {"epoch": epoch, "cursors": cursors}).get("scopes") or {}
    level = {scope: told[scope]["tables"] for scope in cursors if (told.get(scope) or {}).get("tables") is not None}
    tally = _tally(exchange, level, result) if level else None
    if tally is None:
        return result
    for scope, theirs in level.items():
        tables = [_Table(exchange, epoch, scope, name, head=cursors[scope]) for name in replicated_models()]
        unlike = [of for of in tables if of.differs(tally, theirs)]
        done = [_settle(of, tally, result, repair=repair) for of in unlike]
        if all(done) and not exchange.stopping.is_set():
            result.settled.add(scope)
    exchange.tell_gathered()
    return result


def _settle(of: "_Table", tally: Tally, result: Verified, *, repair: bool) -> bool:
    """One table that differs; False where the centre has gone on since."""
    buckets = of.differing_buckets(tally)
    if buckets is None:
        return False
    done = _Repairs()
    room = _MOST_SINGLY
    for ids in of.differing_records(buckets):
        if of.exchange.stopping.is_set():
            break
        if repair and room > 0:
            of.take(ids, done)
        else:
            left, others = of.without_known_trouble(ids)
            done.left_alone, done.remaining = done.left_alone + len(left), done.remaining + len(others)
        room -= len(ids)
        result.unlike += len(ids)
    result.repaired += done.fetched + done.buried
    result.left_alone += done.left_alone
    if done.remaining:
        result.differing[of.scope] = result.differing.get(of.scope, 0) + done.remaining
    if done.fetched or done.buried:
        of.note(done)
    return True


def _tally(exchange: Exchange, scopes: Container[str], result: Verified) -> Tally | None:
    """Counts and sums of what is here, from one snapshot; None where something waits to be sent."""
    tally = Tally()
    with exchange.database.read() as session:
        connection = DirectConnection(session.connection())
        if highest_n(connection) > read_acknowledged(connection).n:
            return None
        for table in replicated_models():
            if exchange.stopping.is_set():
                return None
            rows = connection.exec_driver_sql(
                f"SELECT scope, id, ver FROM {table} WHERE deleted_at IS NULL AND ver > 0"
            )
            for scope, record_id, ver in rows:
                if scope in scopes:
                    tally.add(scope, table, record_id, ver)
                    result.rows += 1
    return tally


class _Table:
    """One table of one scope, on both sides."""

    def __init__(self, exchange: Exchange, epoch: str, scope: str, table: str, *, head: int) -> None:
        self.exchange, self.scope, self.table = exchange, scope, table
        self._epoch, self._head = epoch, head

    def _ask(self, **more: Any) -> dict[str, Any]:
        message = {"epoch": self._epoch, "scope": self.scope, "table": self.table, **more}
        return self.exchange.transport.ask("digest", message)

    def differs(self, tally: Tally, theirs: dict[str, Any]) -> bool:
        """Whether this table's count and sum are not those the centre told."""
        count, total = tally.total(self.scope, self.table)
        return [count, written(total)] != list(theirs.get(self.table, _NOTHING))

    def differing_buckets(self, tally: Tally) -> list[int] | None:
        """The buckets that are not alike; None where the centre has gone on since."""
        answer = self._ask()
        if answer.get("head") != self._head:
            return None
        theirs = {bucket: [count, total] for bucket, count, total in answer.get("buckets") or ()}
        found = []
        for bucket in range(BUCKETS):
            count, total = tally.bucket(self.scope, self.table, bucket)
            if [count, written(total)] != theirs.get(bucket, _NOTHING):
                found.append(bucket)
        return found

    def differing_records(self, buckets: list[int]) -> Iterator[list[str]]:
        """Ids of records that only one side has, or both in different versions; in pieces, in the order of ids."""
        after: str | None = ""
        while after is not None:
            answer = self._ask(buckets=buckets, after=after)
            if not isinstance(answer.get("records"), list):
                raise AnswerNotUnderstood(address=self.exchange.transport.address)
            until = answer.get("next")
            theirs: dict[str, int] = dict(answer["records"])
            ours = self._ours(frozenset(buckets), after, until)
            ids = sorted(
                record_id for record_id in theirs.keys() | ours.keys() if theirs.get(record_id) != ours.get(record_id)
            )
            for start in range(0, len(ids), _AT_ONCE):
                yield ids[start : start + _AT_ONCE]
            after = until

    def _ours(self, buckets: frozenset[int], after: str, until: str | None) -> dict[str, int]:
        """Live rows here with ids in (after, until]; without an end where that is None."""
        bound, values = ("", (self.scope, after)) if until is None else (" AND id <= ?", (self.scope, after, until))
        with self.exchange.database.read() as session:
            rows = DirectConnection(session.connection()).exec_driver_sql(
                f"SELECT id, ver FROM {self.table} WHERE scope = ? AND id > ?{bound} AND deleted_at IS NULL"
                " AND ver > 0",
                values,
            )
            return {record_id: ver for record_id, ver in rows if bucket_of(record_id) in buckets}

    def without_known_trouble(
        self, ids: list[str], connection: DirectConnection | None = None
    ) -> tuple[list[str], list[str]]:
        """Records with changes that were not answered or were refused, or that could not be written here; and the
        others."""
        if connection is None:
            with self.exchange.database.read() as session:
                return self.without_known_trouble(ids, DirectConnection(session.connection()))
        listed = dump_json(ids)
        rows = connection.exec_driver_sql(
            "SELECT record_id FROM outbox_operation WHERE record_id IN (SELECT value FROM json_each(?1))"
            " AND (n > (SELECT acknowledged_n FROM desk_state WHERE id = 1) OR state = 'rejected') UNION"
            " SELECT record_id FROM unwritten_row WHERE table_name = ?2 AND record_id IN"
            " (SELECT value FROM json_each(?1))",
            (listed, self.table),
        )
        known = {row[0] for row in rows}
        return [one for one in ids if one in known], [one for one in ids if one not in known]

    def take(self, ids: list[str], done: _Repairs) -> None:
        """Make these records here what they are at the centre."""
        answer = self.exchange.transport.ask("rows", {"table": self.table, "ids": ids})
        rows = self.exchange.rows_of(answer)
        elsewhere: dict[str, str] = answer.get("elsewhere") or {}
        unknown: list[str] = answer.get("unknown") or []

        def work(connection: DirectConnection, writer: RowWriter) -> tuple[int, int, int]:
            left, free = self.without_known_trouble(ids, connection)
            usable = set(free)
            taken = [row for row in rows if row.id in usable]
            remove_entries(connection, self._missing([row.id for row in taken], connection))
            writer.apply([*taken, *self._leaves(elsewhere, usable)], again=True)
            buried = [one for one in unknown if one in usable]
            self._bury(connection, buried)
            return len(taken) + len(elsewhere.keys() & usable), len(buried), len(left)

        fetched, buried, left = self.exchange.write(rows, work, later=True)
        done.fetched += fetched
        done.buried += buried
        done.left_alone += left

    def _missing(self, ids: list[str], connection: DirectConnection) -> list[str]:
        """Those without a row here: an entry in the search index may have stayed behind."""
        rows = connection.exec_driver_sql(
            f"SELECT id FROM {self.table} WHERE id IN (SELECT value FROM json_each(?))", (dump_json(ids),)
        )
        here = {row[0] for row in rows}
        return [one for one in ids if one not in here]

    def _leaves(self, elsewhere: dict[str, str], usable: set[str]) -> list[PulledRow]:
        at = self.exchange.now()
        return [
            PulledRow(self.scope, self.table, record_id, 0, 0, at, at, {"deleted_at": at, "left_to": scope}, {})
            for record_id, scope in elsewhere.items()
            if record_id in usable
        ]

    def _bury(self, connection: DirectConnection, ids: list[str]) -> None:
        """The centre does not have these, and nobody here changed them."""
        connection.exec_driver_sql(
            f"UPDATE {self.table} SET deleted_at = ?, revision = revision + 1"
            " WHERE id IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL",
            (self.exchange.now(), dump_json(ids)),
        )
        remove_entries(connection, ids)
        if ids:
            self.exchange.gathered.add({self.table: ids})

    def note(self, done: _Repairs) -> None:
        """Write down what was put right."""
        _log.warning("%s in %s: %s fetched, %s buried", self.table, self.scope, done.fetched, done.buried)
        with self.exchange.database.exclusive() as connection:
            connection.exec_driver_sql(
                "INSERT INTO sync_repair (at, scope, table_name, fetched, buried, read_again)"
                " VALUES (?, ?, ?, ?, ?, 0)",
                (self.exchange.now(), self.scope, self.table, done.fetched, done.buried),
            )
