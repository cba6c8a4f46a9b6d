"""What the Sync page shows. Every function takes a reader first, as the queries of the features do."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.desk.record_titles import owner_columns
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.types import instant_at
from sync.client.writers import people_by_id

_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One operation of this desk. `fields` are the names of what it changes, never their values.

    `state`: pending, accepted, conflict, rejected, dismissed. `code` and `detail` are the centre's answer to a rejected
    one; `sync.client.errors.rejection_text(code)` is its text.
    """

    n: int
    txn_id: str
    kind: str
    table: str
    record_id: str
    fields: tuple[str, ...]
    created_at: datetime
    state: str
    answered_at: datetime | None
    code: str
    detail: dict[str, Any]
    person: str = ""
    """Who did it; empty where nobody signed, or this desk does not have the name."""

    @property
    def id(self) -> str:
        return str(self.n)

    @property
    def cursor(self) -> int:
        return self.n


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsentRecordRow:
    """One record with changes that have not been acknowledged, its own and those of what belongs to it."""

    table: str
    record_id: str
    tables: tuple[str, ...]
    """What kinds of records changed, the record's own first."""
    operations: int
    since: datetime
    last_n: int

    @property
    def id(self) -> str:
        return f"{self.table}:{self.record_id}"

    @property
    def cursor(self) -> int:
        return self.last_n


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictRow:
    """An order that lost its vehicle to another one; `winner` as in `SalesOrder.claim_winner`."""

    order_id: str
    number: str
    branch_id: str
    customer_id: str
    vehicle_unit_id: str
    ordered_at: datetime
    state: str
    winner: dict[str, Any]

    @property
    def id(self) -> str:
        return self.order_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncCounts:
    """How much waits here: `oldest_unsent_at` belongs to the first unsent operation."""

    unsent: int
    unsent_records: int
    rejected: int
    conflicts: int
    oldest_unsent_at: datetime | None
    unwritten: int = 0
    overridden: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeRow:
    """How far this desk has read one scope's feed; `name` is the branch's code, empty for the group."""

    scope: str
    name: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRow:
    """Who this desk is to the centre."""

    device_id: str
    desk_code: str
    branch_id: str | None
    service_url: str
    enrolled_at: datetime | None
    last_agreed_at: datetime | None


_UNSENT = "n > (SELECT acknowledged_n FROM desk_state WHERE id = 1)"
_OWNER_TABLE, _OWNER_ID = owner_columns("outbox_operation")
_UNSENT_RECORDS = (
    "SELECT CASE WHEN owner_id IS NULL THEN table_name ELSE owner_table END, coalesce(owner_id, record_id),"
    " group_concat(DISTINCT table_name), count(*), min(created_at), max(n)"
    f" FROM (SELECT table_name, record_id, created_at, n, {_OWNER_TABLE} AS owner_table, {_OWNER_ID} AS owner_id"
    f" FROM outbox_operation WHERE {_UNSENT}) GROUP BY 1, 2 HAVING ? IS NULL OR max(n) < ? ORDER BY max(n) DESC LIMIT ?"
)
"""Grouped here and not by page: what belongs together may have been changed at any time."""
_STATE = f"CASE WHEN state <> 'pending' THEN state WHEN {_UNSENT} THEN 'pending' ELSE 'accepted' END"
_OPERATION = f"n, txn_id, kind, table_name, record_id, body, created_at, {_STATE}, answered_at, result"
_IN_STATE = {
    "pending": _UNSENT,
    "accepted": f"state = 'pending' AND NOT {_UNSENT}",
    # The index holds answered operations only; it is used where the query says so itself.
    "conflict": "state = 'conflict' AND state <> 'pending'",
    "rejected": "state = 'rejected' AND state <> 'pending'",
    "dismissed": "state = 'dismissed' AND state <> 'pending'",
}


def _operation(row: Sequence[Any], body: dict[str, Any], people: dict[str, str]) -> OutboxRow:
    result = json.loads(row[9]) if row[9] else {}
    return OutboxRow(
        n=row[0], txn_id=row[1], kind=row[2], table=row[3], record_id=row[4],
        fields=tuple(sorted(body.get("fields", {}))), person=people.get(body.get("by", ""), ""),
        created_at=instant_at(row[6]), state=row[7],
        answered_at=None if row[8] is None else instant_at(row[8]),
        code=result.get("code", ""), detail=result.get("detail") or {},
    )  # fmt: skip


def list_outbox(
    reader: Reader, *, state: str | None = None, record_id: str | None = None, owner_id: str | None = None,
    after: int | None = None, limit: int = _PAGE,
) -> list[OutboxRow]:  # fmt: skip
    """Operations of this desk, newest first; `state` pending, accepted, conflict, rejected or dismissed.

    `record_id` for those about one record, `owner_id` besides for unsent ones about what belongs to it. Raises
    ValueError for another state.
    """
    reader.require(Permission.SYNC_VIEW)
    if state is not None and state not in _IN_STATE:
        raise ValueError(f"no such state of an operation: {state}")
    where: list[str] = ["1 = 1" if state is None else _IN_STATE[state]]
    values: list[Any] = []
    if owner_id is not None:
        where.append(f"(record_id = ? OR ({_UNSENT} AND {_OWNER_ID} = ?))")
        values += [owner_id, owner_id]
    for condition, value in (("record_id = ?", record_id), ("n < ?", after)):
        if value is not None:
            where.append(condition)
            values.append(value)
    connection = reader.session.connection()
    rows = connection.exec_driver_sql(
        f"SELECT {_OPERATION} FROM outbox_operation WHERE {' AND '.join(where)} ORDER BY n DESC LIMIT ?",
        (*values, limit),
    ).fetchall()
    bodies = [json.loads(row[5]) for row in rows]
    people = people_by_id(connection, sorted({body.get("by", "") for body in bodies}))
    return [_operation(row, body, people) for row, body in zip(rows, bodies, strict=True)]


def list_unsent_records(reader: Reader, *, after: int | None = None, limit: int = _PAGE) -> list[UnsentRecordRow]:
    """Records with unacknowledged changes, the most recently changed first; lines and documents with what they belong
    to."""
    reader.require(Permission.SYNC_VIEW)
    rows = reader.session.connection().exec_driver_sql(_UNSENT_RECORDS, (after, after, limit))
    return [
        UnsentRecordRow(
            table=row[0], record_id=row[1], tables=_own_first(row[0], row[2].split(",")), operations=row[3],
            since=instant_at(row[4]), last_n=row[5],
        )
        for row in rows
    ]  # fmt: skip


def _own_first(own: str, tables: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(tables, key=lambda table: (table != own, table)))


def list_rejected(reader: Reader, *, after: int | None = None, limit: int = _PAGE) -> list[OutboxRow]:
    """Operations the centre refused and nobody has looked at, newest first."""
    return list_outbox(reader, state="rejected", after=after, limit=limit)


def list_history(reader: Reader, record_id: str, *, limit: int = _PAGE) -> list[OutboxRow]:
    """All operations kept about one record, newest first."""
    return list_outbox(reader, record_id=record_id, limit=limit)


def list_conflicts(reader: Reader, *, limit: int = _PAGE) -> list[ConflictRow]:
    """Orders that lost their vehicle and are neither cancelled nor settled, newest first."""
    reader.require(Permission.SYNC_VIEW)
    rows = reader.session.connection().exec_driver_sql(
        "SELECT id, number, branch_id, customer_id, vehicle_unit_id, ordered_at, state, claim_winner FROM sales_order"
        " WHERE claim_state = 'conflict' AND state <> 'CANCELLED' AND deleted_at IS NULL"
        " ORDER BY ordered_at DESC LIMIT ?",
        (limit,),
    )
    return [
        ConflictRow(
            order_id=row[0], number=row[1], branch_id=row[2], customer_id=row[3], vehicle_unit_id=row[4],
            ordered_at=instant_at(row[5]), state=row[6], winner=json.loads(row[7]) if row[7] else {},
        )
        for row in rows
    ]  # fmt: skip


_DONE = "coalesce((SELECT acknowledged_n FROM desk_state WHERE id = 1), 0)"
_COUNTS = (
    # Told not to use an index: that on record_id would be read from end to end to find what is distinct.
    "SELECT u.unsent, u.records,"
    f" (SELECT count(*) FROM outbox_operation WHERE {_IN_STATE['rejected']}),"
    " (SELECT count(*) FROM sales_order WHERE claim_state = 'conflict' AND state <> 'CANCELLED'"
    " AND deleted_at IS NULL),"
    " (SELECT count(*) FROM unwritten_row), (SELECT count(*) FROM overridden_value WHERE state = 'open'),"
    f" (SELECT created_at FROM outbox_operation WHERE n > {_DONE} ORDER BY n LIMIT 1)"
    " FROM (SELECT count(*) AS unsent, count(DISTINCT record_id) AS records FROM outbox_operation NOT INDEXED"
    f" WHERE n > {_DONE}) AS u"
)
"""What waits, in one statement: it is asked after every exchange."""


def get_counts(reader: Reader) -> SyncCounts:
    """What waits at this desk, records counted as `list_unsent_records` lists them."""
    connection = reader.session.connection()
    counts = counts_of(connection)
    if not counts.unsent:
        return counts
    listed = connection.exec_driver_sql(f"SELECT count(*) FROM ({_UNSENT_RECORDS})", (None, None, -1)).scalar_one()
    return replace(counts, unsent_records=listed)


def counts_of(connection: Any) -> SyncCounts:
    """The same from a bare connection, for the engine; cheap enough for every status change, each row counted."""
    counted = connection.exec_driver_sql(_COUNTS).first()
    unsent, records, rejected, conflicts, unwritten, overridden, oldest = counted
    return SyncCounts(
        unsent=unsent, unsent_records=records, rejected=rejected, conflicts=conflicts, unwritten=unwritten,
        overridden=overridden, oldest_unsent_at=None if oldest is None else instant_at(oldest),
    )  # fmt: skip


def list_scopes(reader: Reader) -> list[ScopeRow]:
    """The feeds this desk reads and how far it has come."""
    reader.require(Permission.SYNC_VIEW)
    rows = reader.session.connection().exec_driver_sql(
        "SELECT c.scope, coalesce(b.code, ''), c.seq FROM sync_cursor c LEFT JOIN branch b ON b.id = c.scope"
        " ORDER BY 2, 1"
    )
    return [ScopeRow(scope=row[0], name=row[1], seq=row[2]) for row in rows]


def get_desk(reader: Reader) -> DeskRow:
    """This desk's identity and its service."""
    row = (
        reader.session.connection()
        .exec_driver_sql(
            "SELECT device_id, desk_code, branch_id, service_url, enrolled_at, last_agreed_at FROM desk_state"
            " WHERE id = 1"
        )
        .one()
    )
    return DeskRow(
        device_id=row[0], desk_code=row[1], branch_id=row[2], service_url=row[3],
        enrolled_at=None if row[4] is None else instant_at(row[4]),
        last_agreed_at=None if row[5] is None else instant_at(row[5]),
    )  # fmt: skip
