"""One flush hook: whatever a command changes is, in the same transaction, an operation for the centre, a line in the
audit trail, a new revision, and an entry in the search index.
"""

import hashlib
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, object_mapper

from db.base import BOOKKEEPING, GROUP_SCOPE, Replicated
from db.errors import WriteOutsideUnitOfWork
from db.ids import new_id
from db.search import index_rows
from db.types import dump_json, microseconds, to_wire
from sync.protocol.hlc import HybridTime, tick
from sync.protocol.versions import SCHEMA_VERSION

_AUDIT_VALUE_LIMIT = 200
_FIRST_HASH = "0" * 64


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, as far as the records need to know."""

    staff_id: str
    branch_id: str
    desk_code: str


class CapturedSession(Session):
    """A session whose writes are captured."""


@dataclass(slots=True)
class _Change:
    row: Any
    fields: set[str]
    base_ver: int
    created: bool


_FIELDS: dict[type, dict[str, Any]] = {}


def replicated_fields(model: type[Any]) -> dict[str, Any]:
    """The columns of a model that travel as fields: `{name: column type}`."""
    known = _FIELDS.get(model)
    if known is None:
        known = {c.name: c.type for c in model.__table__.columns if c.name not in BOOKKEEPING}
        _FIELDS[model] = known
    return known


class Capture:
    """Collects what one transaction changes and writes it down at its end."""

    def __init__(self, session: Session, *, now: datetime, author: Author) -> None:
        self._session = session
        self._now = now
        self._author = author
        self._changes: dict[tuple[str, str], _Change] = {}
        self._claims: list[tuple[str, str, dict[str, Any]]] = []
        self._txn_id = new_id()
        self._time: str | None = None
        self._notes: list[tuple[str, str, dict[str, Any]]] = []

    def hybrid_time(self) -> str:
        """The transaction's reading of the hybrid clock; taken once, persisted with the commit."""
        if self._time is None:
            connection = self._session.connection()
            stored = connection.exec_driver_sql("SELECT hybrid_time FROM desk_state WHERE id = 1").scalar()
            if stored is None:
                raise WriteOutsideUnitOfWork("the desk has no identity yet; set it up before writing")
            self._time = str(tick(HybridTime.parse(stored), time.time_ns() // 1_000_000))
        return self._time

    def claim(self, *, kind: str, vin: str, fields: dict[str, Any]) -> None:
        """Queue what only the centre can decide: `claim` or `release` of a vehicle, known by its VIN."""
        self._claims.append((kind, vin, fields))

    def note(self, *, table: str, record_id: str, detail: dict[str, Any]) -> None:
        """Put something into the audit entry that is not a change of a row, such as a reveal."""
        self._notes.append((table, record_id, detail))

    def before_flush(self, session: Session) -> None:
        """Note the fields about to be written and set what every replicated row carries."""
        if any(isinstance(row, Replicated) for row in session.deleted):
            raise WriteOutsideUnitOfWork("replicated rows are never removed: set deleted_at")
        for row in session.new:
            if isinstance(row, Replicated):
                self._created(row)
        for row in session.dirty:
            if isinstance(row, Replicated):
                self._updated(row)

    def _created(self, row: Any) -> None:
        if row.scope is None:
            row.scope = GROUP_SCOPE if row.__shared__ else getattr(row, "branch_id", None) or self._author.branch_id
        row.created_at = row.created_at or self._now
        row.updated_at = self._now
        row.revision = row.revision or 1
        row.ver = row.ver or 0
        row.field_clock = {"*": self.hybrid_time()}
        fields = set(replicated_fields(type(row)))
        self._changes[row.__tablename__, row.id] = _Change(row, fields, 0, True)

    def _updated(self, row: Any) -> None:
        known = replicated_fields(type(row))
        mapper = object_mapper(row)
        state = mapper.class_manager.state_getter()(row)
        changed = {key for key, old in state.committed_state.items() if key in known and state.dict.get(key) != old}
        if not changed:
            return
        stamp = self.hybrid_time()
        row.revision += 1
        row.updated_at = self._now
        row.field_clock = {**(row.field_clock or {}), **dict.fromkeys(changed, stamp)}
        change = self._changes.setdefault((row.__tablename__, row.id), _Change(row, set(), row.ver or 0, False))
        change.fields |= changed

    def finish(self, *, name: str, reason: str) -> dict[str, frozenset[str]]:
        """Write outbox, audit and search entries; returns the changed rows by table."""
        rows: dict[str, set[str]] = {}
        for table, record_id in self._changes:
            rows.setdefault(table, set()).add(record_id)
        if self._changes or self._claims:
            self._write_outbox()
        if self._changes or self._notes:
            self._write_audit(name, reason)
            index_rows(self._session.connection(), [(c.row, c.fields) for c in self._changes.values()])
        if self._time is not None:
            self._session.connection().exec_driver_sql(
                "UPDATE desk_state SET hybrid_time = ? WHERE id = 1", (self._time,)
            )
        return {table: frozenset(ids) for table, ids in rows.items()}

    def _write_outbox(self) -> None:
        at = microseconds(self._now)
        stamp = self.hybrid_time()
        operations = [self._operation(table, record_id, c, stamp) for (table, record_id), c in self._changes.items()]
        operations += [
            (
                kind,
                "vehicle_claim",
                vin,
                self._body(kind, "vehicle_claim", vin, self._author.branch_id, 0, fields, stamp),
            )
            for kind, vin, fields in self._claims
        ]
        self._session.connection().exec_driver_sql(
            "INSERT INTO outbox_operation (txn_id, kind, table_name, record_id, body, created_at, state)"
            " VALUES (?, ?, ?, ?, ?, ?, 'pending')",
            [(self._txn_id, *operation, at) for operation in operations],
        )

    def _operation(self, table: str, record_id: str, change: _Change, stamp: str) -> tuple[str, str, str, str]:
        known = replicated_fields(type(change.row))
        values = change.row.__dict__
        fields = {key: to_wire(known[key], values.get(key)) for key in change.fields}
        if change.created:
            fields = {key: value for key, value in fields.items() if value is not None}
        # `new` tells the centre that these are all fields: a part of a record it does not know would be refused.
        given = {"new": True} if change.created else {}
        body = self._body("put", table, record_id, change.row.scope, change.base_ver, fields, stamp, **given)
        return "put", table, record_id, body

    def _body(
        self, kind: str, table: str, record_id: str, scope: str, base: int, fields: dict[str, Any], stamp: str,
        **more: Any,
    ) -> str:  # fmt: skip
        return dump_json(
            {
                "txn": self._txn_id, "v": SCHEMA_VERSION, "kind": kind, "table": table, "id": record_id,
                "scope": scope, "base": base, "fields": fields, "clock": stamp,
                "at": microseconds(self._now), "by": self._author.staff_id, **more,
            }
        )  # fmt: skip

    def _write_audit(self, name: str, reason: str) -> None:
        connection = self._session.connection()
        changes = [
            [table, record_id, _audit_values(change)] for (table, record_id), change in self._changes.items()
        ] + [[table, record_id, detail] for table, record_id, detail in self._notes]
        text = dump_json(changes)
        previous = (
            connection.exec_driver_sql("SELECT hash FROM audit_entry ORDER BY n DESC LIMIT 1").scalar() or _FIRST_HASH
        )
        at = microseconds(self._now)
        author = self._author
        digest = audit_hash(
            previous=previous, at=at, staff_id=author.staff_id, desk_code=author.desk_code,
            command=name, reason=reason, changes=text,
        )  # fmt: skip
        cursor = connection.exec_driver_sql(
            "INSERT INTO audit_entry (at, staff_id, desk_code, command, reason, changes, previous_hash, hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (at, author.staff_id, author.desk_code, name, reason, text, previous, digest),
        )
        subjects = {record_id for _, record_id in self._changes} | {record_id for _, record_id, _ in self._notes}
        connection.exec_driver_sql(
            "INSERT INTO audit_subject (record_id, n) VALUES (?, ?)",
            [(record_id, cursor.lastrowid) for record_id in subjects],
        )


def audit_hash(
    *, previous: str, at: int, staff_id: str, desk_code: str, command: str, reason: str, changes: str
) -> str:
    """SHA-256 over the entry and the hash of the entry before: a removed or edited line breaks the chain."""
    line = dump_json([previous, at, staff_id, desk_code, command, reason, changes])
    return hashlib.sha256(line.encode("utf-8")).hexdigest()


def _audit_values(change: _Change) -> dict[str, Any]:
    known = replicated_fields(type(change.row))
    personal = change.row.__personal__
    values = change.row.__dict__
    shown: dict[str, Any] = {}
    for key in change.fields:
        value = values.get(key)
        if value is None and change.created:
            continue
        if key in personal:
            shown[key] = "•••"
        elif isinstance(value, bytes):
            shown[key] = f"{len(value)} bytes"
        else:
            wire = to_wire(known[key], value)
            if isinstance(wire, str) and len(wire) > _AUDIT_VALUE_LIMIT:
                wire = wire[:_AUDIT_VALUE_LIMIT] + "…"
            shown[key] = wire
    return shown


@event.listens_for(CapturedSession, "before_flush")
def _before_flush(session: Session, context: UOWTransaction, instances: Any) -> None:
    session.info["capture"].before_flush(session)


@event.listens_for(CapturedSession, "do_orm_execute")
def _refuse_bulk_writes(state: ORMExecuteState) -> None:
    if not (state.is_update or state.is_delete or state.is_insert) or state.bind_mapper is None:
        return
    if issubclass(state.bind_mapper.class_, Replicated):
        raise WriteOutsideUnitOfWork("bulk writes of replicated rows would not be captured")
