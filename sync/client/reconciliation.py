"""Holds this desk's vehicles, transfers and orders against what the centre has, record by record, and says why they
differ.

Both sides are read in pages in the order of ids and merged: memory does not grow with the rows. Nothing is changed
here but by the remedies, each of which may be repeated.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from app.kernel.changes import Changes
from app.runtime.language import tr_noop
from db.base import GROUP_SCOPE
from db.digests import row_digest
from db.engine import Database
from db.search import index_record
from db.types import dump_json, microseconds
from sync.client.applying import RowWriter, pulled_rows
from sync.client.connection import DirectConnection
from sync.client.differences import (
    MOST_DIFFERENCES,
    ORDERS,
    TABLES,
    TRANSFERS,
    TWO_COPIES,
    UNITS,
    Comparison,
    Difference,
    Why,
    facts_of,
    removed,
    title_of,
)
from sync.client.order_facts import OrderJudge
from sync.client.tables import PulledRow, TablePlan, plan_of
from sync.client.writers import Writers
from sync.protocol.codec import dump, load
from sync.protocol.limits import FIRST_PAGE_ROWS
from sync.protocol.merging import clock_of

Progress = Callable[[str, float | None], None]


class Asks(Protocol):
    """The part of the transport that is needed here."""

    def ask(self, question: str, message: dict[str, Any]) -> dict[str, Any]: ...


@dataclass(slots=True)
class _Here:
    """A local row, as far as it is compared."""

    id: str
    ver: int
    deleted: bool
    digest: str
    fields: dict[str, Any]
    clocks: dict[str, str]


class Reconciler:
    """Compares one branch. `by` is the person who asks; raises SyncProblem when the centre does not answer."""

    def __init__(self, database: Database, transport: Asks, *, branch_id: str, by: str, now: datetime) -> None:
        self._database, self._transport, self._branch_id, self._by = database, transport, branch_id, by
        self._now = now
        self._judge = OrderJudge(database, transport, branch_id=branch_id, by=by, now=now)

    def compare(
        self, progress: Progress, *, tables: Collection[str] = TABLES, until: datetime | None = None,
        room: int | None = None,
    ) -> Comparison:  # fmt: skip
        """Look at every vehicle, order, payment and contract of the branch, and at every transfer of the group.

        `tables` names those that are looked at, `until` the end of the month that matters; of what differs at most
        `room` are listed one by one. `progress` may raise to cancel.
        """
        found = Comparison(
            at=self._now, branch_id=self._branch_id, until=None if until is None else microseconds(until),
            room=MOST_DIFFERENCES if room is None else room,
        )  # fmt: skip
        wanted = [table for table in TABLES if table in tables]
        shares = _Shares(progress, [self._counted(table, self._scope_of(table))[0] for table in wanted])
        for place, table in enumerate(wanted):
            self._compare_table(table, self._scope_of(table), found, partial(shares.tell, place))
        if ORDERS in wanted:
            for one in self._judge.orphans():
                found.add(one)
        found.name_lines()
        return found

    def _scope_of(self, table: str) -> str:
        return GROUP_SCOPE if table == TRANSFERS else self._branch_id

    def _compare_table(
        self, table: str, scope: str, found: Comparison, tell: Callable[[float], None]
    ) -> None:  # fmt: skip
        plan = plan_of(table)
        if plan is None:
            return
        total, seen, cursor = self._counted(table, scope)
        ours, only_here = _Peeking(self._local_rows(plan, scope)), []
        for page in self._pages(table, scope):
            about = page.get("about") or {}
            pending = self._pending([row[0] for row in page["rows"]])
            told: list[tuple[Difference, _Here | None]] = []
            for theirs in page["rows"]:
                while ours.next is not None and ours.next.id < theirs[0]:
                    only_here.append(ours.take())
                mine = ours.take() if ours.next is not None and ours.next.id == theirs[0] else None
                seen += 1
                told += ((one, mine) for one in self._differences(table, mine, theirs, about, pending, cursor))
            found.seen.update(dump([[row[0], row[1], row[4]] for row in page["rows"]]))
            self._list(table, told, found)
            if table == ORDERS:
                self._judge_page(page["rows"], about, {one.record_id for one, _ in told}, found)
            tell(min(seen / max(total, 1), 1.0))
            seen += self._judge_only_here(table, only_here, found)
            only_here = []
        while ours.next is not None:
            only_here.append(ours.take())
            if len(only_here) >= FIRST_PAGE_ROWS:
                seen += self._judge_only_here(table, only_here, found)
                only_here = []
        seen += self._judge_only_here(table, only_here, found)
        found.looked_at[table] = seen

    def _list(self, table: str, told: list[tuple[Difference, _Here | None]], found: Comparison) -> None:
        """Keep what differs, as far as it is listed with both copies side by side."""
        room = MOST_DIFFERENCES - len(found.differences)
        wanted = [one.record_id for one, _ in told[:room] if one.why in TWO_COPIES]
        copies = _copies(self._ask_rows(table, wanted)) if wanted else {}
        for one, mine in self._judge.named(told):
            found.add(self._dated(self._beside(one, mine, copies), mine, copies))

    def _beside(self, one: Difference, mine: _Here | None, copies: dict[str, PulledRow]) -> Difference:
        """With the centre's copy beside the one here, and who wrote what they say differently."""
        theirs = copies.get(one.record_id)
        if theirs is None:
            return one
        told = one.beside(None if mine is None else mine.fields, theirs.fields)
        if mine is None or not told.fields:
            return told
        clocks = [(clock_of(mine.clocks, pair.name), clock_of(theirs.clocks, pair.name)) for pair in told.fields]
        with self._database.read() as session:
            writers = Writers(session.connection(), (clock for both in clocks for clock in both))
        pairs = (
            replace(pair, here_by=writers.of(here) if here else None, there_by=writers.of(there) if there else None)
            for pair, (here, there) in zip(told.fields, clocks, strict=True)
        )
        return replace(told, fields=tuple(pairs))

    def _judge_page(
        self, rows: list[list[Any]], about: dict[str, Any], differing: set[str], found: Comparison
    ) -> None:
        """Of orders whose copies agree, whether everything else that is written about them does."""
        agreed = [row[0] for row in rows if not row[3] and row[0] not in differing]
        for one in self._judge.faults(agreed, about):
            found.add(one)

    def _dated(self, one: Difference, mine: _Here | None, copies: dict[str, PulledRow]) -> Difference:
        """With the branch it was found in, and the instant it belongs to."""
        theirs = copies.get(one.record_id)
        fields = mine.fields if mine is not None else {} if theirs is None else theirs.fields
        dated = fields.get("ordered_at") or fields.get("received_at") or one.dated
        return replace(one, branch_id=self._branch_id, dated=dated)

    def _ask_rows(self, table: str, ids: list[str]) -> dict[str, Any]:
        return self._transport.ask("rows", {"by": self._by, "table": table, "ids": ids})

    def _counted(self, table: str, scope: str) -> tuple[int, int, int]:
        with self._database.read() as session:
            connection = session.connection()
            total = connection.exec_driver_sql(f"SELECT count(*) FROM {table} WHERE scope = ?", (scope,)).scalar()
            cursor = connection.exec_driver_sql("SELECT seq FROM sync_cursor WHERE scope = ?", (scope,)).scalar()
        return int(total or 0), 0, int(cursor or 0)

    def _pages(self, table: str, scope: str) -> Iterator[dict[str, Any]]:
        after: str | None = ""
        while after is not None:
            page = self._transport.ask(
                "compare",
                {"by": self._by, "table": table, "scope": scope, "after": after, "limit": FIRST_PAGE_ROWS},
            )
            yield page
            after = page.get("next")

    def _local_rows(self, plan: TablePlan, scope: str) -> Iterator[_Here]:
        after = ""
        while True:
            with self._database.read() as session:
                rows = (
                    DirectConnection(session.connection())
                    .exec_driver_sql(
                        f"{plan.select_sql} WHERE scope = ? AND id > ? ORDER BY id LIMIT ?",
                        (scope, after, FIRST_PAGE_ROWS),
                    )
                    .fetchall()
                )
            for values in rows:
                yield self._local(plan, values)
            if len(rows) < FIRST_PAGE_ROWS:
                return
            after = rows[-1][1]

    @staticmethod
    def _local(plan: TablePlan, values: Any) -> _Here:
        stored = plan.published(values)
        fields = load(dump(stored.fields))
        gone = removed(fields)
        return _Here(stored.id, stored.ver, gone, "" if gone else row_digest(plan.table, fields), fields, stored.clocks)

    def _pending(self, ids: list[str]) -> dict[str, tuple[str, int]]:
        """Of these records: `pending` where operations wait, `refused` where one was refused and nobody has looked;
        and the instant of the earliest of them."""
        with self._database.read() as session:
            rows = (
                DirectConnection(session.connection())
                .exec_driver_sql(
                    "SELECT record_id, max(CASE WHEN n > (SELECT acknowledged_n FROM desk_state) THEN 'pending'"
                    " WHEN state = 'rejected' THEN 'refused' ELSE '' END), min(CASE WHEN state = 'rejected' OR n >"
                    " (SELECT acknowledged_n FROM desk_state) THEN created_at END) FROM outbox_operation"
                    " WHERE record_id IN (SELECT value FROM json_each(?)) GROUP BY record_id",
                    (dump_json(ids),),
                )
                .fetchall()
            )
        return {row[0]: (row[1], row[2]) for row in rows if row[1]}

    # --- what a difference is --------------------------------------------------------------------

    def _differences(
        self, table: str, mine: _Here | None, theirs: list[Any], about: dict[str, Any],
        pending: dict[str, tuple[str, int]], cursor: int,
    ) -> Iterator[Difference]:  # fmt: skip
        record_id, ver, seq, deleted, digest = theirs
        there = {"ver": ver}
        if mine is None:
            if not deleted:
                reason = Why.NOT_RECEIVED if seq > cursor else Why.MISSING
                yield Difference(table=table, record_id=record_id, title="", why=reason, here={}, there=there)
            return
        standing, since = pending.get(record_id, ("", None))
        why = self._why(mine, standing, ver=ver, seq=seq, deleted=deleted, digest=digest, cursor=cursor)
        if why is not None:
            yield replace(self._difference(table, mine, why, there), dated=since)
        elif table == UNITS and not mine.deleted:
            yield from self._of_unit(mine, about.get(str(mine.fields.get("vin")), {}))

    @staticmethod
    def _why(
        mine: _Here, standing: str, *, ver: int, seq: int, deleted: int, digest: str, cursor: int
    ) -> Why | None:  # fmt: skip
        if standing:
            return Why.NOT_SENT if standing == "pending" else Why.REFUSED
        if bool(deleted) and mine.deleted:
            return None
        if ver < mine.ver:
            return Why.AHEAD
        if ver != mine.ver:
            return Why.NOT_RECEIVED if seq > cursor else Why.BEHIND
        return Why.DIFFERS if digest != mine.digest else None

    def _of_unit(self, mine: _Here, about: dict[str, Any]) -> Iterator[Difference]:
        """What the centre says of the vehicle beyond its record: claims, and further records of the VIN."""
        claim, allocation = about.get("claim"), mine.fields.get("allocation_state", "FREE")
        held = allocation == "HELD" and (mine.fields.get("held_until") or 0) > microseconds(self._now)
        entries = about.get("entries") or []
        lost = self._judge.missing_order(mine.fields, about)
        if lost:
            sale = allocation == "DELIVERED" and mine.fields.get("order_id") == lost
            yield self._difference(UNITS, mine, Why.SALE_LOST if sale else Why.ORDER_LOST, {"order_id": lost})
            return
        if len(entries) > 1:
            yield self._difference(UNITS, mine, Why.TWICE, {"entries": sorted(set(entries) - {mine.id})})
        if claim and claim[0] == "order" and mine.fields.get("order_id") != claim[1]:
            yield self._difference(UNITS, mine, Why.CLAIMED_THERE, _claim_facts(claim))
        elif claim and claim[0] == "hold" and not held:
            yield self._difference(UNITS, mine, Why.HELD_THERE, _claim_facts(claim))
        elif not claim and allocation == "ALLOCATED":
            yield self._difference(UNITS, mine, Why.NOT_CLAIMED, {})
        elif not claim and held:
            yield self._difference(UNITS, mine, Why.HOLD_ENDED, {})

    def _difference(self, table: str, mine: _Here, why: Why, there: dict[str, Any]) -> Difference:
        return Difference(
            table=table, record_id=mine.id, title=title_of(table, mine.fields), why=why,
            here={"ver": mine.ver, **facts_of(mine.fields)}, there=there,
        )  # fmt: skip

    def _judge_only_here(self, table: str, rows: list[_Here], found: Comparison) -> int:
        """Rows that the centre does not list in this scope; tells how many there are."""
        alive = [row for row in rows if not row.deleted]
        for start in range(0, len(alive), FIRST_PAGE_ROWS):
            part = alive[start : start + FIRST_PAGE_ROWS]
            pending = self._pending([row.id for row in part])
            answer = self._ask_rows(table, [row.id for row in part])
            copies = _copies(answer)
            for row in part:
                standing, since = pending.get(row.id, ("", None))
                why, there = _why_only_here(row, answer, standing)
                one = replace(self._difference(table, row, why, there), dated=since)
                ((named, _),) = self._judge.named([(one, row)])
                found.add(self._dated(self._beside(named, row, copies), row, copies))
        return len(alive)

    # --- remedies --------------------------------------------------------------------------------

    def fetch(self, table: str, ids: list[str]) -> Changes:
        """Take these records from the centre once more, as they stand; of those that moved, that they did."""
        changed: dict[str, set[str]] = {}
        for start in range(0, len(ids), FIRST_PAGE_ROWS):
            part = ids[start : start + FIRST_PAGE_ROWS]
            answer = self._ask_rows(table, part)
            rows = pulled_rows(answer.get("rows") or [])
            rows += self._leaves(table, answer.get("elsewhere") or {})
            with self._database.exclusive() as raw:
                connection = DirectConnection(raw)
                _forget_entries(connection, table, rows)
                writer = RowWriter(connection, careful=True)
                writer.apply(rows, again=True)
            for name, touched in writer.changed.items():
                changed.setdefault(name, set()).update(touched)
        return Changes({name: frozenset(touched) for name, touched in changed.items()})

    def _leaves(self, table: str, elsewhere: dict[str, str]) -> list[PulledRow]:
        at = microseconds(self._now)
        return [
            PulledRow(self._branch_id, table, record_id, 0, 0, at, at, {"deleted_at": at, "left_to": scope}, {})
            for record_id, scope in elsewhere.items()
        ]

    def show_again(self, table: str, ids: list[str]) -> None:
        """Count these records, and the vehicles of orders among them, as unknown to the centre: the next exchange shows
        them whole, and then who has which.

        The centre decides about each vehicle that is shown to it once more.
        """
        with self._database.exclusive() as raw:
            connection = DirectConnection(raw)
            connection.exec_driver_sql(
                f"UPDATE {_table(table)} SET ver = 0, seq = NULL WHERE id IN (SELECT value FROM json_each(?))",
                (dump_json(ids),),
            )
            if table == ORDERS:
                connection.exec_driver_sql(
                    "UPDATE vehicle_unit SET ver = 0, seq = NULL WHERE id IN (SELECT vehicle_unit_id FROM sales_order"
                    " WHERE id IN (SELECT value FROM json_each(?)))",
                    (dump_json(ids),),
                )
            connection.exec_driver_sql("UPDATE desk_state SET publish_due = 1 WHERE id = 1")


def _why_only_here(row: _Here, answer: dict[str, Any], standing: str) -> tuple[Why, dict[str, Any]]:
    """Why the centre does not list a row in this scope, by its answer about it; and what it says of it."""
    elsewhere = answer.get("elsewhere") or {}
    if row.id in elsewhere:
        return Why.ELSEWHERE, {"branch_id": elsewhere[row.id]}
    if standing:
        return (Why.NOT_SENT if standing == "pending" else Why.REFUSED), {}
    if row.id in (answer.get("unknown") or ()):
        return (Why.UNKNOWN_THERE if row.ver else Why.NOT_SHOWN), {}
    return Why.NOT_RECEIVED, {}


def _copies(answer: dict[str, Any]) -> dict[str, PulledRow]:
    """The centre's copies of records, by id."""
    return {row.id: row for row in pulled_rows(answer.get("rows") or [])}


class _Shares:
    """Tells how far the whole comparison has come, by the rows of each table."""

    def __init__(self, progress: Progress, rows: list[int]) -> None:
        self._progress, self._rows, self._whole = progress, rows, max(sum(rows), 1)

    def tell(self, place: int, share: float) -> None:
        """So much of the table at this place is done."""
        done = sum(self._rows[:place]) + share * self._rows[place]
        self._progress(tr_noop("Comparing with the centre"), min(done / self._whole, 1.0))


def _forget_entries(connection: DirectConnection, table: str, rows: list[PulledRow]) -> None:
    """A row that got lost may have left its entry in the search index behind."""
    plan = plan_of(table)
    if plan is None or not plan.searched:
        return
    for row in rows:
        known = connection.exec_driver_sql(f"SELECT 1 FROM {table} WHERE id = ?", (row.id,)).first()
        if known is None and not row.is_tombstone:
            values = {**plan.defaults, **row.fields, "id": row.id, "deleted_at": row.updated_at}
            index_record(connection, table=table, values=values)


def _table(name: str) -> str:
    if plan_of(name) is None:
        raise ValueError(f"no such table: {name}")
    return name


def _claim_facts(claim: list[Any]) -> dict[str, Any]:
    kind, holder, number, branch, until = claim
    return {"kind": kind, "holder_id": holder, "number": number, "branch_id": branch, "until": until}


class _Peeking:
    """An iterator that shows its next row."""

    def __init__(self, rows: Iterator[_Here]) -> None:
        self._rows = rows
        self.next: _Here | None = next(rows, None)

    def take(self) -> _Here:
        """The next row, and go on."""
        row = self.next
        if row is None:
            raise StopIteration
        self.next = next(self._rows, None)
        return row
