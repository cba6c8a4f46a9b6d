"""One flush hook: whatever a command changes is, in the same transaction, an operation for the centre, a line in the
audit trail, a new revision, and an entry in the search index.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import LargeBinary, event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction, object_mapper

from db.audit_trail import PORTION, AuditPortion, audit_values, write_entry
from db.base import BOOKKEEPING, GROUP_SCOPE, Replicated
from db.caching import cached
from db.direct import driver_of
from db.errors import WriteOutsideUnitOfWork
from db.ids import new_id
from db.many_changes import changed_rows, require_plain, write_changes
from db.many_rows import row_table
from db.search import Lookups, index_new_records, index_rows
from db.types import Json, PlainJson, dump_fast, dump_json, microseconds, wire_converter
from sync.protocol.hlc import HybridTime, tick
from sync.protocol.merging import signed
from sync.protocol.versions import SCHEMA_VERSION

_INSERTED_TOGETHER = 10_000
_WIDE_CACHE_KB = 131_072
"""While very many rows are written: a page that leaves the cache before the commit is encrypted and written again."""
_KEPT = 200
"""How many records a command read last are at hand without asking the database again."""
_INSERT_OPERATION = (
    "INSERT INTO outbox_operation (txn_id, kind, table_name, record_id, body, created_at, state)"
    " VALUES (?, ?, ?, ?, ?, ?, 'pending')"
)


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, as far as the records need to know."""

    staff_id: str
    branch_id: str
    desk_code: str


class CapturedSession(Session):
    """A session whose writes are captured.

    A command asks for the same few records again and again, each rule for what it needs; those it read last are kept
    until its end, for the identity map alone forgets what nobody holds.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.read_last: deque[Any] = deque(maxlen=_KEPT)


@dataclass(slots=True)
class _Change:
    row: Any
    fields: AbstractSet[str]
    base_ver: int
    created: bool

    def wire(self) -> dict[str, Any]:
        """The changed fields as they travel, of a new row only those that have a value."""
        converters, values, created = _converters(type(self.row)), self.row.__dict__, self.created
        fields: dict[str, Any] = {}
        for name in self.fields:
            value = values.get(name)
            if value is not None:
                convert = converters[name]
                fields[name] = value if convert is None else convert(value)
            elif not created:
                fields[name] = None
        return fields


_FIELDS: dict[type, dict[str, Any]] = {}
_CONVERTERS: dict[type, dict[str, Callable[[Any], Any] | None]] = {}


def replicated_fields(model: type[Any]) -> dict[str, Any]:
    """The columns of a model that travel as fields: `{name: column type}`."""
    known = _FIELDS.get(model)
    if known is None:
        known = {c.name: c.type for c in model.__table__.columns if c.name not in BOOKKEEPING}
        _FIELDS[model] = known
    return known


def _converters(model: type[Any]) -> dict[str, Callable[[Any], Any] | None]:
    known = _CONVERTERS.get(model)
    if known is None:
        known = {name: wire_converter(kind) for name, kind in replicated_fields(model).items()}
        _CONVERTERS[model] = known
    return known


@cached
def _dump_for(model: type[Any]) -> Callable[[Any], str]:
    """What makes JSON of a model's travelling fields: the fast one where no column holds JSON of any kind."""
    plain = not any(isinstance(c, Json) and not isinstance(c, PlainJson) for c in replicated_fields(model).values())
    return dump_fast if plain else dump_json


@dataclass(frozen=True, slots=True)
class _Wired:
    """A change as it travels, and the JSON of its fields."""

    table: str
    record_id: str
    change: _Change
    fields: dict[str, Any]
    text: str

    @classmethod
    def of(cls, table: str, record_id: str, change: _Change) -> Self:
        fields = change.wire()
        return cls(table, record_id, change, fields, _dump_for(type(change.row))(fields))

    def audited(self) -> str:
        """The JSON of the fields as the trail shows them."""
        row = self.change.row
        shown = audit_values(self.fields, personal=row.__personal__, row=row.__dict__)
        return self.text if shown == self.fields else dump_json(shown)


class Capture:
    """Collects what one transaction changes and writes it down at its end."""

    def __init__(self, session: Session, *, now: datetime, author: Author) -> None:
        self._session = session
        self._now = now
        self._author = author
        self._changes: dict[tuple[str, str], _Change] = {}
        self._claims: list[tuple[str, str, str, str, dict[str, Any]]] = []
        self._txn_id = new_id()
        self._time: str | None = None
        self._signed: str | None = None
        self._notes: list[tuple[str, str, dict[str, Any]]] = []
        self._added: dict[str, list[str]] = {}
        self._audited: list[AuditPortion] = []
        self.widened_cache = False
        self.in_portions = False
        """Whether the centre may take the changes in by portions: none needs another to make sense."""

    def hybrid_time(self) -> str:
        """The transaction's reading of the hybrid clock, which the desk's own clock drives; taken once, persisted with
        the commit. While that clock stands still or was set back, the counter goes on."""
        if self._time is None:
            row = self._driver().execute("SELECT hybrid_time FROM desk_state WHERE id = 1").fetchone()
            if row is None:
                raise WriteOutsideUnitOfWork("the desk has no identity yet; set it up before writing")
            self._time = str(tick(HybridTime.parse(row[0]), microseconds(self._now) // 1000))
        return self._time

    def stamp(self) -> str:
        """The same with the author behind it: the hybrid time that the changes of this transaction carry."""
        if self._signed is None:
            self._signed = signed(self.hybrid_time(), self._author.staff_id)
        return self._signed

    def _driver(self) -> Any:
        return driver_of(self._session.connection())

    def claim(self, *, kind: str, vin: str, fields: dict[str, Any]) -> None:
        """Queue what only the centre can decide: `claim` or `release` of a vehicle, known by its VIN."""
        self._claims.append((kind, "vehicle_claim", vin, self._author.branch_id, fields))

    def transfer(self, *, transfer_id: str, fields: dict[str, Any]) -> None:
        """Queue what a desk asks the centre about a transfer; the record itself belongs to the whole group."""
        self._claims.append(("transfer", "vehicle_transfer", transfer_id, GROUP_SCOPE, fields))

    def ask_again(self, *, kind: str, table: str, record_id: str, scope: str, fields: dict[str, Any]) -> None:
        """Queue once more what only the centre can decide, as it was asked before."""
        self._claims.append((kind, table, record_id, scope, fields))

    def send_whole(self, row: Any) -> None:
        """The centre has nothing of this record: send it with all its fields, as a new one."""
        row.revision += 1
        row.updated_at = self._now
        row.field_clock = {"*": self.stamp()}
        self._changes[row.__tablename__, row.id] = _Change(row, set(_converters(type(row))), 0, True)

    def note(self, *, table: str, record_id: str, detail: dict[str, Any]) -> None:
        """Put something into the audit entry that is not a change of a row, such as a reveal."""
        self._notes.append((table, record_id, detail))

    def add_many(
        self, model: type[Any], rows: Sequence[dict[str, Any]], *, progress: Callable[[int], None] | None = None
    ) -> list[str]:
        """Insert new rows past the object layer, with everything a row written through it has; returns their ids.

        Values as they travel (fen, microseconds, ISO days), without bookkeeping. Each portion reaches the centre as a
        transaction of its own. `progress` is told how many are done and may raise to cancel. For tables without
        personal or binary columns; raises TypeError for others.
        """
        if model.__personal__ or any(isinstance(kind, LargeBinary) for kind in replicated_fields(model).values()):
            raise TypeError(f"{model.__tablename__} has columns that are not written as they are")
        ids: list[str] = []
        lookups = Lookups(self._session.connection())
        if len(rows) > _INSERTED_TOGETHER:
            self._driver().execute(f"PRAGMA cache_size = -{_WIDE_CACHE_KB}")
            self.widened_cache = True
        for start in range(0, len(rows), _INSERTED_TOGETHER):
            if progress is not None:
                progress(start)
            ids += self._insert(model, rows[start : start + _INSERTED_TOGETHER], lookups)
        self._added.setdefault(model.__tablename__, []).extend(ids)
        return ids

    def _insert(self, model: type[Any], rows: Sequence[dict[str, Any]], lookups: Lookups) -> list[str]:
        """Some thousand rows, table after table: going to and fro would sweep each table's pages out of the cache."""
        name, table, driver = model.__tablename__, row_table(model), self._driver()
        whole, wired = self._completed(model, rows)
        ids = [row["id"] for row in whole]
        driver.executemany(table.insert, [table.stored(row) for row in whole])
        operations = []
        for start in range(0, len(whole), PORTION):
            end, txn = start + PORTION, new_id()
            portion = list(zip(ids[start:end], wired[start:end], whole[start:end], strict=True))
            for record_id, fields, row in portion:
                body = self._text_body(name, record_id, row["scope"], fields, txn)
                operations.append((txn, "put", name, record_id, body, row["created_at"]))
            audited = ",".join(f'["{name}","{record_id}",{fields}]' for record_id, fields, _ in portion)
            self._audited.append(AuditPortion.of({name: ids[start:end]}, f"[{audited}]"))
        driver.executemany(_INSERT_OPERATION, operations)
        first_id = driver.execute("SELECT coalesce(max(id), 0) + 1 FROM search_entry").fetchone()[0]
        index_new_records(
            self._session.connection(), table=name, rows=whole, first_id=first_id, lookups=lookups
        )
        return ids

    def _completed(
        self, model: type[Any], rows: Sequence[dict[str, Any]]
    ) -> tuple[list[dict[str, Any]], list[str]]:
        """The rows with a value for every column, and the fields of each as JSON."""
        table, at = row_table(model), microseconds(self._now)
        plain = {key: value for key, value in table.wire_defaults.items() if key in replicated_fields(model)}
        clock = f'{{"*":"{self.stamp()}"}}'
        kept = {**table.defaults, "ver": 0, "revision": 1, "created_at": at, "updated_at": at, "field_clock": clock}
        own = GROUP_SCOPE if model.__shared__ else self._author.branch_id
        whole, wired = [], []
        for values in rows:
            scope = own if model.__shared__ else values.get("branch_id") or own
            whole.append({**kept, **values, "id": new_id(), "scope": scope})
            fields = plain | values
            if None in fields.values():
                fields = {key: value for key, value in fields.items() if value is not None}
            wired.append(dump_fast(fields))
        return whole, wired

    def change_many(
        self,
        model: type[Any],
        changes: Mapping[str, Mapping[str, Any]],
        *,
        progress: Callable[[int], None] | None = None,
    ) -> int:
        """Change rows past the object layer, with everything a row changed through it gets; returns how many changed.

        `changes` is `{id: {field: value as it travels}}`. Each portion reaches the centre as a transaction of its own;
        `progress` is told how many are done and may raise to cancel. Raises TypeError for columns that are personal,
        binary, JSON or searched for, WriteOutsideUnitOfWork for a row this transaction changes through the object
        layer too.
        """
        names = sorted({name for fields in changes.values() for name in fields})
        require_plain(model, names)
        self._session.flush()
        self._let_go(model, changes)
        ids, changed = list(changes), 0
        for start in range(0, len(ids), _INSERTED_TOGETHER):
            if progress is not None:
                progress(start)
            together = {one: changes[one] for one in ids[start : start + _INSERTED_TOGETHER]}
            changed += self._change(model, together, names)
        return changed

    def _let_go(self, model: type[Any], changes: Mapping[str, Any]) -> None:
        """Objects of these rows read themselves anew when they are next asked."""
        if not self._changes.keys().isdisjoint((model.__tablename__, one) for one in changes):
            raise WriteOutsideUnitOfWork("a row is changed as an object and past the object layer")
        for row in list(self._session.identity_map.values()):
            if isinstance(row, model) and row.__dict__.get("id") in changes:
                self._session.expire(row)

    def _change(self, model: type[Any], changes: Mapping[str, Mapping[str, Any]], names: Sequence[str]) -> int:
        name, driver, at, stamp = model.__tablename__, self._driver(), microseconds(self._now), self.stamp()
        rows = list(changed_rows(driver, model, changes, names, stamp=stamp))
        write_changes(driver, model, rows, at=at)
        operations = []
        for start in range(0, len(rows), PORTION):
            portion, txn = [(row, dump_fast(row.fields)) for row in rows[start : start + PORTION]], new_id()
            for row, fields in portion:
                body = self._text_body(name, row.id, row.scope, fields, txn, base=row.ver, new=False)
                operations.append((txn, "put", name, row.id, body, at))
            audited = ",".join(f'["{name}","{row.id}",{fields}]' for row, fields in portion)
            self._audited.append(AuditPortion.of({name: [row.id for row, _ in portion]}, f"[{audited}]"))
        driver.executemany(_INSERT_OPERATION, operations)
        self._added.setdefault(name, []).extend(row.id for row in rows)
        return len(rows)

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
        # A row that is not yet inserted has no history to keep: its dictionary is what the INSERT is made of.
        values = row.__dict__
        if values.get("scope") is None:
            values["scope"] = GROUP_SCOPE if row.__shared__ else values.get("branch_id") or self._author.branch_id
        values["created_at"] = values.get("created_at") or self._now
        values["updated_at"] = self._now
        values["revision"] = values.get("revision") or 1
        values["ver"] = values.get("ver") or 0
        values["field_clock"] = {"*": self.stamp()}
        fields = _converters(type(row)).keys()
        self._changes[row.__tablename__, values["id"]] = _Change(row, fields, 0, True)

    def _updated(self, row: Any) -> None:
        known = replicated_fields(type(row))
        mapper = object_mapper(row)
        state = mapper.class_manager.state_getter()(row)
        changed = {key for key, old in state.committed_state.items() if key in known and state.dict.get(key) != old}
        if not changed:
            return
        stamp = self.stamp()
        row.revision += 1
        row.updated_at = self._now
        row.field_clock = {**(row.field_clock or {}), **dict.fromkeys(changed, stamp)}
        change = self._changes.setdefault((row.__tablename__, row.id), _Change(row, set(), row.ver or 0, False))
        change.fields = change.fields | changed

    def finish(self, *, name: str, reason: str) -> dict[str, frozenset[str]]:
        """Write outbox, audit and search entries; returns the changed rows by table."""
        rows: dict[str, set[str]] = {}
        for table, record_id in self._changes:
            rows.setdefault(table, set()).add(record_id)
        wired = [_Wired.of(*known, change) for known, change in self._changes.items()]
        for table, added in self._added.items():
            rows.setdefault(table, set()).update(added)
        if wired or self._claims:
            self._write_outbox(wired)
        if wired or self._notes or self._added:
            self._write_audit(name, reason, wired)
            index_rows(self._session.connection(), [(c.row, c.fields) for c in self._changes.values()])
        if self._time is not None:
            self._driver().execute("UPDATE desk_state SET hybrid_time = ? WHERE id = 1", (self._time,))
        return {table: frozenset(ids) for table, ids in rows.items()}

    def _write_outbox(self, wired: Sequence[_Wired]) -> None:
        at, txn, operations = microseconds(self._now), self._txn_id, []
        for number, one in enumerate(wired):
            if self.in_portions and number and number % PORTION == 0:
                txn = new_id()
            change = one.change
            body = self._text_body(
                one.table, one.record_id, change.row.scope, one.text, txn, base=change.base_ver, new=change.created
            )
            operations.append((txn, "put", one.table, one.record_id, body, at))
        for kind, table, record_id, scope, fields in self._claims:
            named = dump_fast(record_id)[1:-1]  # a VIN, which nobody here made
            body = self._text_body(table, named, scope, dump_fast(fields), txn, kind=kind, new=False)
            operations.append((txn, kind, table, record_id, body, at))
        self._driver().executemany(_INSERT_OPERATION, operations)

    def _write_audit(self, name: str, reason: str, wired: Sequence[_Wired]) -> None:
        noted = [(table, record_id, dump_json(detail)) for table, record_id, detail in self._notes]
        write_entry(
            self._driver(), at=microseconds(self._now), staff_id=self._author.staff_id,
            desk_code=self._author.desk_code, command=name, reason=reason,
            changes=[*((one.table, one.record_id, one.audited()) for one in wired), *noted], added=self._audited,
        )  # fmt: skip

    def _text_body(
        self, table: str, record_id: str, scope: str, fields: str, txn: str, *, base: int = 0, new: bool = True,
        kind: str = "put",
    ) -> str:  # fmt: skip
        """What the centre is told of a record, around fields that are text already; its keys are sorted.

        `new` tells it that these are all fields: a part of a record it does not know would be refused.
        """
        given = '"new":true,' if new else ""
        return (
            f'{{"at":{microseconds(self._now)},"base":{base},"by":"{self._author.staff_id}","clock":"{self.stamp()}",'
            f'"fields":{fields},"id":"{record_id}","kind":"{kind}",{given}"scope":"{scope}",'
            f'"table":"{table}","txn":"{txn}","v":{SCHEMA_VERSION}}}'
        )


@event.listens_for(CapturedSession, "before_flush")
def _before_flush(session: Session, context: UOWTransaction, instances: Any) -> None:
    session.info["capture"].before_flush(session)


@event.listens_for(CapturedSession, "loaded_as_persistent")
def _keep(session: Session, row: Any) -> None:
    session.read_last.append(row)  # type: ignore[attr-defined]


@event.listens_for(Session, "before_flush")
def _refuse_uncaptured(session: Session, context: UOWTransaction, instances: Any) -> None:
    if isinstance(session, CapturedSession):
        return
    written = (*session.new, *session.dirty, *session.deleted)
    if any(isinstance(row, Replicated) for row in written):
        raise WriteOutsideUnitOfWork("a replicated row was written where the change is not captured")


@event.listens_for(CapturedSession, "do_orm_execute")
def _refuse_bulk_writes(state: ORMExecuteState) -> None:
    if not (state.is_update or state.is_delete or state.is_insert) or state.bind_mapper is None:
        return
    if issubclass(state.bind_mapper.class_, Replicated):
        raise WriteOutsideUnitOfWork("bulk writes of replicated rows would not be captured")
