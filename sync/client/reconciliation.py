"""Holds this desk's vehicles and transfers against what the centre has, record by record, and says why they differ.

Both sides are read in pages in the order of ids and merged: memory does not grow with the stock. Nothing is changed
here but by the remedies, each of which may be repeated.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, Protocol

from app.kernel.changes import Changes
from app.runtime.language import tr
from db.base import GROUP_SCOPE
from db.digests import row_digest
from db.engine import Database
from db.search import index_record
from db.types import dump_json, microseconds
from sync.client.applying import RowWriter, pulled_rows
from sync.client.connection import DirectConnection
from sync.client.tables import PulledRow, TablePlan, plan_of
from sync.protocol.codec import dump, load
from sync.protocol.limits import FIRST_PAGE_ROWS

_log = logging.getLogger(__name__)
MOST_DIFFERENCES = 2_000
"""So many are told one by one; of more, only how many."""
UNITS, TRANSFERS = "vehicle_unit", "vehicle_transfer"
_SHOWN = (
    "vin", "stock_number", "allocation_state", "order_id", "held_until", "stock_state", "location", "number", "state",
)  # fmt: skip
Progress = Callable[[str, float | None], None]


class Why(StrEnum):
    """Why a record is not the same on both sides."""

    NOT_SENT = "not_sent"
    """Changed here, and the centre has not answered yet."""
    NOT_SHOWN = "not_shown"
    """Came here without an operation, as in a seeded branch, and was never shown to the centre."""
    NOT_RECEIVED = "not_received"
    """Changed at the centre after this desk's last exchange."""
    REFUSED = "refused"
    """The centre refused a change of it, and nobody has looked at that."""
    MISSING = "missing"
    """The centre has it and this desk has passed it by."""
    BEHIND = "behind"
    """This desk has an older version, although it has read further."""
    DIFFERS = "differs"
    """The same version, and yet not the same contents."""
    UNKNOWN_THERE = "unknown_there"
    """This desk counts it as acknowledged, and the centre does not have it."""
    ELSEWHERE = "elsewhere"
    """Another branch owns it at the centre."""
    TWICE = "twice"
    """The same VIN stands under several records."""
    CLAIMED_THERE = "claimed_there"
    """An order has it at the centre that this desk's record does not say."""
    NOT_CLAIMED = "not_claimed"
    """This desk has it on an order that does not hold it at the centre."""
    HOLD_ENDED = "hold_ended"
    """This desk has it held, and at the centre no hold runs."""


class Remedy(StrEnum):
    """What puts it right."""

    EXCHANGE = "exchange"
    SHOW_AGAIN = "show_again"
    FETCH = "fetch"
    LOOK_AT_REFUSED = "look_at_refused"
    OPEN_ORDER = "open_order"
    OPEN_UNIT = "open_unit"


REMEDIES: dict[Why, Remedy] = {
    Why.NOT_SENT: Remedy.EXCHANGE,
    Why.NOT_SHOWN: Remedy.SHOW_AGAIN,
    Why.NOT_RECEIVED: Remedy.EXCHANGE,
    Why.REFUSED: Remedy.LOOK_AT_REFUSED,
    Why.MISSING: Remedy.FETCH,
    Why.BEHIND: Remedy.FETCH,
    Why.DIFFERS: Remedy.FETCH,
    Why.UNKNOWN_THERE: Remedy.SHOW_AGAIN,
    Why.ELSEWHERE: Remedy.FETCH,
    Why.TWICE: Remedy.OPEN_UNIT,
    Why.CLAIMED_THERE: Remedy.FETCH,
    Why.NOT_CLAIMED: Remedy.OPEN_ORDER,
    Why.HOLD_ENDED: Remedy.OPEN_UNIT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One record that is not the same on both sides. `here` and `there` are stored values worth showing."""

    table: str
    record_id: str
    title: str
    why: Why
    here: dict[str, Any]
    there: dict[str, Any]

    @property
    def id(self) -> str:
        return f"{self.table}:{self.record_id}:{self.why}"

    @property
    def remedy(self) -> Remedy:
        """What puts it right."""
        return REMEDIES[self.why]


@dataclass(slots=True)
class Comparison:
    """What was looked at, and what differs; `total` counts also what is not listed."""

    at: datetime
    looked_at: dict[str, int] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    total: int = 0

    def add(self, difference: Difference) -> None:
        """List it, as long as there is room."""
        self.total += 1
        if len(self.differences) < MOST_DIFFERENCES:
            self.differences.append(difference)


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

    def title(self, table: str) -> str:
        """What people call it."""
        return str(self.fields.get("vin" if table == UNITS else "number") or "")


class Reconciler:
    """Compares one branch. `by` is the person who asks; raises SyncProblem when the centre does not answer."""

    def __init__(self, database: Database, transport: Asks, *, branch_id: str, by: str, now: datetime) -> None:
        self._database, self._transport, self._branch_id, self._by = database, transport, branch_id, by
        self._now = now

    def compare(self, progress: Progress) -> Comparison:
        """Look at every vehicle of the branch and at every transfer."""
        found = Comparison(at=self._now)
        for place, (table, scope) in enumerate(((UNITS, self._branch_id), (TRANSFERS, GROUP_SCOPE))):
            self._compare_table(table, scope, found, partial(_share_of, progress, place))
        return found

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
            for theirs in page["rows"]:
                while ours.next is not None and ours.next.id < theirs[0]:
                    only_here.append(ours.take())
                mine = ours.take() if ours.next is not None and ours.next.id == theirs[0] else None
                seen += 1
                for difference in self._differences(table, mine, theirs, about, pending, cursor):
                    found.add(difference)
            tell(min(seen / max(total, 1), 1.0))
            only_here = self._judge_only_here(table, only_here, found)
        while ours.next is not None:
            only_here.append(ours.take())
            if len(only_here) >= FIRST_PAGE_ROWS:
                only_here = self._judge_only_here(table, only_here, found)
        self._judge_only_here(table, only_here, found)
        found.looked_at[table] = seen

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
        gone = fields.get("deleted_at") is not None
        return _Here(stored.id, stored.ver, gone, "" if gone else row_digest(plan.table, fields), fields)

    def _pending(self, ids: list[str]) -> dict[str, str]:
        """Of these records: `pending` where operations wait, `refused` where one was refused and nobody has looked."""
        with self._database.read() as session:
            rows = (
                DirectConnection(session.connection())
                .exec_driver_sql(
                    "SELECT record_id, max(CASE WHEN n > (SELECT acknowledged_n FROM desk_state) THEN 'pending'"
                    " WHEN state = 'rejected' THEN 'refused' ELSE '' END) FROM outbox_operation"
                    " WHERE record_id IN (SELECT value FROM json_each(?)) GROUP BY record_id",
                    (dump_json(ids),),
                )
                .fetchall()
            )
        return {row[0]: row[1] for row in rows if row[1]}

    # --- what a difference is --------------------------------------------------------------------

    def _differences(
        self, table: str, mine: _Here | None, theirs: list[Any], about: dict[str, Any], pending: dict[str, str],
        cursor: int,
    ) -> Iterator[Difference]:  # fmt: skip
        record_id, ver, seq, deleted, digest = theirs
        there = {"ver": ver}
        if mine is None:
            if not deleted:
                reason = Why.NOT_RECEIVED if seq > cursor else Why.MISSING
                yield Difference(table=table, record_id=record_id, title="", why=reason, here={}, there=there)
            return
        standing = pending.get(record_id, "")
        why = self._why(mine, standing, ver=ver, seq=seq, deleted=deleted, digest=digest, cursor=cursor)
        if why is not None:
            yield self._difference(table, mine, why, there)
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
        if ver != mine.ver:
            return Why.NOT_RECEIVED if seq > cursor else Why.BEHIND
        return Why.DIFFERS if digest != mine.digest else None

    def _of_unit(self, mine: _Here, about: dict[str, Any]) -> Iterator[Difference]:
        """What the centre says of the vehicle beyond its record: claims, and further records of the VIN."""
        claim, allocation = about.get("claim"), mine.fields.get("allocation_state", "FREE")
        entries = about.get("entries") or []
        if len(entries) > 1:
            yield self._difference(UNITS, mine, Why.TWICE, {"entries": sorted(set(entries) - {mine.id})})
        if claim and claim[0] == "order" and mine.fields.get("order_id") != claim[1]:
            yield self._difference(UNITS, mine, Why.CLAIMED_THERE, _claim_facts(claim))
        elif not claim and allocation == "ALLOCATED":
            yield self._difference(UNITS, mine, Why.NOT_CLAIMED, {})
        elif not claim and allocation == "HELD" and (mine.fields.get("held_until") or 0) > microseconds(self._now):
            yield self._difference(UNITS, mine, Why.HOLD_ENDED, {})

    def _difference(self, table: str, mine: _Here, why: Why, there: dict[str, Any]) -> Difference:
        here = {name: mine.fields[name] for name in _SHOWN if mine.fields.get(name) not in (None, "")}
        return Difference(
            table=table, record_id=mine.id, title=mine.title(table), why=why, here={"ver": mine.ver, **here},
            there=there,
        )  # fmt: skip

    def _judge_only_here(self, table: str, rows: list[_Here], found: Comparison) -> list[_Here]:
        """Rows that the centre does not list in this scope; returns the empty list to go on with."""
        alive = [row for row in rows if not row.deleted]
        if not alive:
            return []
        pending = self._pending([row.id for row in alive])
        answer = self._transport.ask("rows", {"by": self._by, "table": table, "ids": [row.id for row in alive]})
        elsewhere, unknown = answer.get("elsewhere") or {}, set(answer.get("unknown") or ())
        for row in alive:
            standing = pending.get(row.id, "")
            if row.id in elsewhere:
                found.add(self._difference(table, row, Why.ELSEWHERE, {"branch_id": elsewhere[row.id]}))
            elif standing:
                why = Why.NOT_SENT if standing == "pending" else Why.REFUSED
                found.add(self._difference(table, row, why, {}))
            elif row.id in unknown:
                found.add(self._difference(table, row, Why.UNKNOWN_THERE if row.ver else Why.NOT_SHOWN, {}))
            else:
                found.add(self._difference(table, row, Why.NOT_RECEIVED, {}))
        return []

    # --- remedies --------------------------------------------------------------------------------

    def fetch(self, table: str, ids: list[str]) -> Changes:
        """Take these records from the centre once more, as they stand; of those that moved, that they did."""
        changed: dict[str, set[str]] = {}
        for start in range(0, len(ids), FIRST_PAGE_ROWS):
            part = ids[start : start + FIRST_PAGE_ROWS]
            answer = self._transport.ask("rows", {"by": self._by, "table": table, "ids": part})
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
        """Count these records as unknown to the centre: the next exchange shows them whole."""
        with self._database.exclusive() as raw:
            connection = DirectConnection(raw)
            connection.exec_driver_sql(
                f"UPDATE {_table(table)} SET ver = 0, seq = NULL WHERE id IN (SELECT value FROM json_each(?))",
                (dump_json(ids),),
            )
            connection.exec_driver_sql("UPDATE desk_state SET publish_due = 1 WHERE id = 1")


def _share_of(progress: Progress, place: int, share: float) -> None:
    """Vehicles are the first half of the way, transfers the second."""
    progress(tr("Comparing with the centre"), (place + share) / 2)


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
    return {"kind": kind, "order_id": holder, "number": number, "branch_id": branch, "until": until}


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
