"""What the Sync page shows of refused changes, of rows that could not be written, and of values that were replaced."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.desk.refused_rules import HIDDEN, FieldRule, field_rules
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.types import instant_at
from sync.client.override_rules import may_be_entered_again
from sync.client.tables import plan_of, read_clocks
from sync.client.writers import OWN, Writer, Writers, people_by_id
from sync.protocol.codes import Rejection
from sync.protocol.merging import clock_of

NOT_KNOWN = object()
"""Stands for a value nobody here knows any more."""
_PAGE = 100


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a refused change. Personal values are hidden; `before` may be NOT_KNOWN.

    `rule` is None for a field this version does not know.
    """

    name: str
    before: Any
    after: Any
    centre: Any
    rule: FieldRule | None

    @property
    def is_personal(self) -> bool:
        return self.rule is not None and self.rule.personal


@dataclass(frozen=True, slots=True)
class Member:
    """One operation of the transaction that was refused; `is_culprit` for the one that was the reason."""

    n: int
    table: str
    record_id: str
    kind: str
    fields: tuple[str, ...]
    code: str
    is_culprit: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided about the change before: dropped, resent, corrected, taken_up."""

    what: str
    at: datetime
    person: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A refused change in full. `centre_has_it` says whether the centre has the record at all."""

    n: int
    table: str
    record_id: str
    kind: str
    person: str
    at: datetime
    refused_at: datetime | None
    request_id: str
    changes: tuple[FieldChange, ...]
    members: tuple[Member, ...]
    decisions: tuple[Decision, ...]
    centre_has_it: bool
    is_here: bool
    """Whether the record is still here and can be sent again."""


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A row of the feed that could not be written here."""

    table: str
    record_id: str
    scope: str
    error: str
    since: datetime
    tried_at: datetime

    @property
    def id(self) -> str:
        return f"{self.table}:{self.record_id}"


@dataclass(frozen=True, slots=True)
class Replaced:
    """A value of this desk that another desk's change replaced. Personal values are hidden.

    `other` is who entered the value in force. `revision` is the record's present one.
    """

    entry: int
    table: str
    record_id: str
    field: str
    own_value: Any
    own_at: datetime
    own_person: str
    their_value: Any
    other: Writer
    noticed_at: datetime
    revision: int
    may_use_own: bool
    is_personal: bool

    @property
    def id(self) -> str:
        return f"replaced:{self.entry}"


@dataclass(frozen=True, slots=True)
class FieldOrigin:
    """Why a field says what it says: who wrote it last and when, as far as is known here, and what was there before."""

    name: str
    value: Any
    writer: Writer
    before: Any
    is_personal: bool


def get_refused(reader: Reader, n: int) -> Refused | None:
    """One refused change with all that went with it; None where it was settled meanwhile."""
    reader.require(Permission.SYNC_VIEW)
    connection = reader.session.connection()
    row = connection.exec_driver_sql(
        "SELECT txn_id, table_name, record_id, body, created_at, answered_at FROM outbox_operation WHERE n = ?", (n,)
    ).first()
    if row is None:
        return None
    txn, table, record_id, body = row[0], row[1], row[2], json.loads(row[3])
    here = _stored_fields(connection, table, record_id)
    sent = connection.exec_driver_sql(
        "SELECT request_id FROM sent_batch WHERE last_n >= ? ORDER BY last_n LIMIT 1", (n,)
    ).scalar()
    return Refused(
        n=n, table=table, record_id=record_id, kind=body.get("kind", ""),
        person=people_by_id(connection, [body.get("by", "")]).get(body.get("by", ""), ""),
        at=instant_at(row[4]), refused_at=None if row[5] is None else instant_at(row[5]), request_id=sent or "",
        changes=tuple(_changes(connection, n, table, record_id, body.get("fields", {}), here)),
        members=tuple(_members(connection, txn)), decisions=tuple(_decisions(connection, n)),
        centre_has_it=here is not None and here.ver > 0, is_here=here is not None and not here.removed,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Here:
    fields: dict[str, Any]
    clocks: dict[str, str]
    ver: int
    revision: int
    removed: bool


def _stored_fields(connection: Any, table: str, record_id: str) -> _Here | None:
    """The record as it stands here, its values as they travel."""
    plan = plan_of(table)
    if plan is None:
        return None
    found = connection.exec_driver_sql(
        f"SELECT ver, revision, deleted_at, field_clock, {', '.join(plan.names)} FROM {table} WHERE id = ?",
        (record_id,),
    ).first()
    if found is None:
        return None
    fields = dict(zip(plan.names, found[4:], strict=True))
    fields = {name: plan.shown(name, value) for name, value in fields.items()}
    return _Here(fields, read_clocks(found[3]), found[0], found[1], found[2] is not None)


def _changes(
    connection: Any, n: int, table: str, record_id: str, fields: dict[str, Any], here: _Here | None
) -> Iterable[FieldChange]:
    rules = field_rules(table)
    before = _earlier_values(connection, table, record_id, before_n=n)
    has = here is not None and here.ver > 0
    for name, value in sorted(fields.items()):
        rule = rules.get(name)
        hidden = rule is not None and rule.personal
        centre = here.fields.get(name) if has and here is not None else NOT_KNOWN
        yield FieldChange(
            name, _hide(before.get(name, NOT_KNOWN), hidden), _hide(value, hidden), _hide(centre, hidden), rule
        )


def _hide(value: Any, hidden: bool) -> Any:
    return HIDDEN if hidden and value not in (None, "") and value is not NOT_KNOWN else value


def _earlier_values(connection: Any, table: str, record_id: str, *, before_n: int) -> dict[str, Any]:
    """What this desk had entered before, by field: from its own operations, the newest last."""
    rows = connection.exec_driver_sql(
        "SELECT body FROM outbox_operation WHERE record_id = ? AND table_name = ? AND n < ? AND kind = 'put'"
        " AND state IN ('pending', 'accepted') ORDER BY n",
        (record_id, table, before_n),
    )
    values: dict[str, Any] = {}
    for (body,) in rows:
        values |= json.loads(body).get("fields", {})
    return values


def _members(connection: Any, txn: str) -> Iterable[Member]:
    rows = connection.exec_driver_sql(
        "SELECT n, table_name, record_id, body, result FROM outbox_operation WHERE txn_id = ?"
        " AND state = 'rejected' AND state <> 'pending' ORDER BY n",
        (txn,),
    )
    for n, table, record_id, text, result in rows:
        body, code = json.loads(text), (json.loads(result) if result else {}).get("code", "")
        yield Member(
            n, table, record_id, body.get("kind", ""), tuple(sorted(body.get("fields", {}))), code,
            code != Rejection.TRANSACTION_REJECTED,
        )  # fmt: skip


def _decisions(connection: Any, n: int) -> Iterable[Decision]:
    rows = connection.exec_driver_sql(
        "SELECT d.decision, d.at, coalesce(s.name, ''), d.fields FROM refusal_decision d"
        " LEFT JOIN staff_member s ON s.id = d.staff_id WHERE d.n = ? ORDER BY d.id DESC",
        (n,),
    )
    for what, at, person, fields in rows:
        yield Decision(what, instant_at(at), person, tuple(json.loads(fields) if fields else ()))


def list_unwritten(reader: Reader, *, limit: int = _PAGE) -> list[Unwritten]:
    """Rows that could not be written here, the newest first."""
    reader.require(Permission.SYNC_VIEW)
    rows = reader.session.connection().exec_driver_sql(
        "SELECT table_name, record_id, scope, error, since, tried_at FROM unwritten_row ORDER BY since DESC LIMIT ?",
        (limit,),
    )
    return [Unwritten(row[0], row[1], row[2], row[3], instant_at(row[4]), instant_at(row[5])) for row in rows]


_OPEN = "SELECT id, table_name, record_id, field, own_value, own_at, own_staff_id, their_value, their_clock, noticed_at"


def list_replaced(reader: Reader, *, limit: int = _PAGE) -> list[Replaced]:
    """Values that were replaced and that nobody has looked at, the newest first.

    One whose field was changed once more since is over: whoever did that saw the present value.
    """
    reader.require(Permission.SYNC_VIEW)
    connection = reader.session.connection()
    rows = connection.exec_driver_sql(
        f"{_OPEN} FROM overridden_value WHERE state = 'open' ORDER BY id DESC LIMIT ?", (limit,)
    ).fetchall()
    people = people_by_id(connection, [row[6] for row in rows])
    writers = Writers(connection, [row[8] for row in rows])
    found = (_replaced(connection, row, people.get(row[6], ""), writers) for row in rows)
    return [one for one in found if one is not None]


def _replaced(connection: Any, row: Any, person: str, writers: Writers) -> Replaced | None:
    table, record_id, name, clock = row[1], row[2], row[3], row[8]
    here = _stored_fields(connection, table, record_id)
    if here is None or here.removed or clock_of(here.clocks, name) != clock:
        return None
    rule = field_rules(table).get(name)
    hidden = rule is not None and rule.personal
    own, theirs = (None if text is None else json.loads(text) for text in (row[4], row[7]))
    return Replaced(
        entry=row[0], table=table, record_id=record_id, field=name, own_value=_hide(own, hidden),
        own_at=instant_at(row[5]), own_person=person, their_value=_hide(theirs, hidden),
        other=writers.of(clock), noticed_at=instant_at(row[9]), revision=here.revision,
        may_use_own=rule is not None and may_be_entered_again(name), is_personal=hidden,
    )  # fmt: skip


def list_origins(reader: Reader, table: str, record_id: str) -> list[FieldOrigin]:
    """Why each field of a record says what it says, the latest change first."""
    reader.require(Permission.SYNC_VIEW)
    connection = reader.session.connection()
    here = _stored_fields(connection, table, record_id)
    if here is None:
        return []
    writers = Writers(connection, here.clocks.values())
    writes = _own_writes(connection, table, record_id)
    people = people_by_id(connection, [write[2] for field in writes.values() for write in field])
    rules = field_rules(table)
    found = []
    for name, value in here.fields.items():
        clock = clock_of(here.clocks, name)
        if (value in (None, "") and name not in here.clocks) or not clock:
            continue
        hidden = rules[name].personal if name in rules else False
        mine = next((write for write in reversed(writes.get(name, [])) if write[1] == clock), None)
        earlier = [write for write in writes.get(name, []) if write[1] < clock]
        # Programs of before did not sign their times: who it was is known here as long as the operation is.
        writer = writers.of(clock, signed_by=people.get(mine[2], "") if mine is not None else "")
        if mine is not None:  # perhaps under an earlier identity of this desk
            writer = replace(writer, kind=OWN)
        before = _hide(earlier[-1][3], hidden) if earlier else NOT_KNOWN
        found.append(FieldOrigin(name, _hide(value, hidden), writer, before, hidden))
    return sorted(found, key=lambda one: one.writer.at, reverse=True)


def _own_writes(connection: Any, table: str, record_id: str) -> dict[str, list[tuple[int, str, str, Any]]]:
    """This desk's own accepted or waiting writes by field: `(n, clock, person, value)`, the oldest first."""
    rows = connection.exec_driver_sql(
        "SELECT n, body FROM outbox_operation WHERE record_id = ? AND table_name = ? AND kind = 'put'"
        " AND state = 'pending' ORDER BY n",
        (record_id, table),
    )
    writes: dict[str, list[tuple[int, str, str, Any]]] = {}
    for n, text in rows:
        body = json.loads(text)
        for name, value in body.get("fields", {}).items():
            writes.setdefault(name, []).append((n, body["clock"], body.get("by", ""), value))
    return writes
