"""The rows of the Sync page: what the engine's queries tell, with the names of the records. Reader threads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.attachments.queries import NOTHING_UNSENT, UnsentContents, get_unsent_contents
from app.desk.record_titles import RecordKey, find_record_titles
from app.document_log.queries import NO_LOG, LogRow, read_log
from app.leases.queries import all_leases
from sync.client import quarantine, queries
from sync.client.quarantine import Replaced, Unwritten
from sync.client.queries import ConflictRow, DeskRow, OutboxRow, ScopeRow, SyncCounts
from ui.sync.value_words import reference_names


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A record with unsent changes, its own and those of what belongs to it, such as the lines of an order."""

    owner: RecordKey
    title: str
    tables: tuple[str, ...]
    """What kinds of records changed, the record's own first."""
    operations: int
    since: datetime
    cursor: int

    @property
    def id(self) -> str:
        return ":".join(self.owner)

    @property
    def table(self) -> str:
        return self.owner[0]

    @property
    def record_id(self) -> str:
        return self.owner[1]


@dataclass(frozen=True, slots=True)
class OperationLine:
    """One operation with the name of its record. Where it lost against somebody, `winner_branch` and `winner_person`
    name them as far as they are known here."""

    row: OutboxRow
    title: str
    owner: RecordKey
    winner_branch: str = ""
    winner_person: str = ""

    @property
    def id(self) -> str:
        return self.row.id

    @property
    def cursor(self) -> int:
        return self.row.n

    @property
    def table(self) -> str:
        return self.row.table

    @property
    def record_id(self) -> str:
        return self.row.record_id

    @property
    def state(self) -> str:
        return self.row.state


@dataclass(frozen=True, slots=True)
class ConflictLine:
    """An order that lost its vehicle, with names."""

    row: ConflictRow
    number: str
    customer: str
    vin: str
    winner_branch: str
    winner_person: str

    @property
    def id(self) -> str:
        return self.row.order_id

    @property
    def owner(self) -> RecordKey:
        return "sales_order", self.row.order_id


@dataclass(frozen=True, slots=True)
class ReplacedLine:
    """A value of this desk that another one's change replaced, with the name of its record."""

    row: Replaced
    title: str
    owner: RecordKey
    names: Mapping[str, str]
    """Of records that the values refer to."""

    @property
    def id(self) -> str:
        return self.row.id

    @property
    def table(self) -> str:
        return self.row.table


@dataclass(frozen=True, slots=True)
class UnwrittenLine:
    """A record the centre has and this desk could not write."""

    row: Unwritten
    title: str
    branch: str

    @property
    def id(self) -> str:
        return self.row.id

    @property
    def table(self) -> str:
        return self.row.table


def list_replaced(reader: Any, *, after: Any = None, limit: int) -> list[ReplacedLine]:
    """Values that were replaced; all of them at once, they are few."""
    rows = [] if after is not None else quarantine.list_replaced(reader, limit=limit)
    titles = find_record_titles(reader, [(row.table, row.record_id) for row in rows])
    named = ((row, titles[row.table, row.record_id]) for row in rows)
    names = reference_names(reader, [(row.field, value) for row in rows for value in (row.own_value, row.their_value)])
    return [ReplacedLine(row, title.title, title.owner, names) for row, title in named]


def list_unwritten(reader: Any, *, after: Any = None, limit: int) -> list[UnwrittenLine]:
    """Records that could not be written here; all of them at once."""
    rows = [] if after is not None else quarantine.list_unwritten(reader, limit=limit)
    keys = [(row.table, row.record_id) for row in rows] + [("branch", row.scope) for row in rows]
    titles = find_record_titles(reader, keys)
    return [
        UnwrittenLine(row, titles[row.table, row.record_id].title, titles["branch", row.scope].title) for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Summary:
    """What the page says above its lists."""

    desk: DeskRow
    branch_code: str
    counts: SyncCounts
    contents: UnsentContents = NOTHING_UNSENT
    secured: int = 0
    """Vehicles secured for this desk now."""
    log: LogRow = NO_LOG
    """The centre's log of sealed documents, as this desk has checked it."""


def get_summary(reader: Any) -> Summary:
    """Who the desk is, and how much waits."""
    desk = queries.get_desk(reader)
    key = ("branch", desk.branch_id or "")
    branch = find_record_titles(reader, [key])[key].title
    secured = sum(lease.counts for lease in all_leases(reader.session, now=reader.now))
    return Summary(
        desk, branch, queries.get_counts(reader), get_unsent_contents(reader), secured, read_log(reader)
    )  # fmt: skip


def list_waiting(reader: Any, *, after: Any = None, limit: int) -> list[RecordLine]:
    """Records with unsent changes, the latest changed first; lines and documents stand with what they belong to."""
    rows = queries.list_unsent_records(reader, after=after, limit=limit)
    titles = find_record_titles(reader, [(row.table, row.record_id) for row in rows])
    return [
        RecordLine(
            (row.table, row.record_id), titles[row.table, row.record_id].title, row.tables, row.operations, row.since,
            row.last_n,
        )
        for row in rows
    ]  # fmt: skip


def list_operations(
    reader: Any, *, after: Any = None, limit: int, state: str | None = None, record_id: str | None = None,
    owner_id: str | None = None,
) -> list[OperationLine]:  # fmt: skip
    """Operations, newest first."""
    rows = queries.list_outbox(
        reader, state=state, record_id=record_id, owner_id=owner_id, after=after, limit=limit
    )  # fmt: skip
    return named(reader, rows)


def list_refused(reader: Any, *, after: Any = None, limit: int) -> list[OperationLine]:
    """What the centre refused and nobody has looked at."""
    return list_operations(reader, after=after, limit=limit, state="rejected")


def named(reader: Any, rows: Sequence[OutboxRow]) -> list[OperationLine]:
    """Operations with the names of their records."""
    winners = [row.detail.get("winner") or {} for row in rows]
    keys = [(row.table, row.record_id) for row in rows] + [key for one in winners for key in _winner_keys(one)]
    titles = find_record_titles(reader, keys)
    found = []
    for row, winner in zip(rows, winners, strict=True):
        branch, person = (titles[key].title for key in _winner_keys(winner))
        own = titles[row.table, row.record_id]
        found.append(OperationLine(row, own.title, own.owner, branch, person))
    return found


def _winner_keys(winner: Mapping[str, Any]) -> tuple[RecordKey, RecordKey]:
    """The records that name who has a vehicle: the branch, and the person."""
    return ("branch", str(winner.get("branch_id") or "")), ("staff_member", str(winner.get("staff_id") or ""))


def list_conflicts(reader: Any, *, after: Any = None, limit: int) -> list[ConflictLine]:
    """Orders that lost their vehicle; all of them at once, they are few."""
    if after is not None:
        return []
    rows = queries.list_conflicts(reader, limit=limit)
    keys = [
        key
        for row in rows
        for key in (
            ("sales_order", row.order_id), ("customer", row.customer_id), ("vehicle_unit", row.vehicle_unit_id),
            *_winner_keys(row.winner),
        )
    ]  # fmt: skip
    titles = find_record_titles(reader, keys)
    return [
        ConflictLine(
            row=row,
            number=titles["sales_order", row.order_id].title or row.number,
            customer=titles["customer", row.customer_id].title,
            vin=titles["vehicle_unit", row.vehicle_unit_id].title,
            winner_branch=titles[_winner_keys(row.winner)[0]].title,
            winner_person=titles[_winner_keys(row.winner)[1]].title,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class ScopeLine:
    """One feed this desk reads."""

    row: ScopeRow

    @property
    def id(self) -> str:
        return self.row.scope


def list_scopes(reader: Any, *, after: Any = None, limit: int) -> list[ScopeLine]:
    """The feeds this desk reads; there are as many as branches."""
    return [] if after is not None else [ScopeLine(row) for row in queries.list_scopes(reader)]
