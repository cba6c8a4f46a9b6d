"""The replicated rows one request works with: read once, changed in memory, written at the end with their places."""

from collections.abc import Collection, Iterable
from typing import Any

from sync.protocol.codec import dump, embed, load
from sync.protocol.digests import Tally
from sync.protocol.hlc import HybridTime
from sync.protocol.merging import EVERY, after, clock_of, merge
from sync.server import document_log
from sync.server.digests import write_tally
from sync.server.store import Connection, Store

CENTRE = "centre"
"""Stands for the centre itself where a device's short name is expected."""

_COLUMNS = (
    "table_name, record_id, scope, seq, ver, deleted, body, field_clock, created_at, updated_at, origin, origin_base,"
    " size"
)
_ALL = ("tenant_id", *_COLUMNS.split(", "))
_LEAVE = ("tenant_id", "scope", "table_name", "record_id", "seq", "ver", "to_scope", "at")
_UPDATE = (
    "UPDATE replica_row SET scope = ?, seq = ?, ver = ?, deleted = ?, body = ?, field_clock = ?, updated_at = ?,"
    " origin = ?, origin_base = ?, size = ? WHERE tenant_id = ? AND table_name = ? AND record_id = ?"
)


class Row:
    """One record as the centre has it. `fields` and `clocks` are read from their JSON when first looked at."""

    __slots__ = (
        "_body", "_clock_text", "_clocks", "_fields", "counted", "created_at", "deleted", "foreign", "id", "known",
        "origin", "origin_base", "scope", "seq", "size", "table", "updated_at", "ver",
    )  # fmt: skip

    def __init__(self, table: str, record_id: str, scope: str, *, at: int) -> None:
        self.table, self.id, self.scope = table, record_id, scope
        self.seq = self.ver = self.deleted = self.origin_base = self.size = 0
        self.origin = ""
        self.created_at = self.updated_at = at
        self.known = self.foreign = False
        self.counted: tuple[str, int] | None = None
        """Scope and version in which it stands in the digests, None where it does not."""
        self._body = self._clock_text = ""
        self._fields: dict[str, Any] | None = {}
        self._clocks: dict[str, str] | None = {}

    @classmethod
    def stored(cls, values: Any) -> "Row":
        """From the columns as read."""
        row = cls.__new__(cls)
        row.table, row.id, row.scope, row.seq, row.ver, row.deleted = values[:6]
        row._body, row._clock_text, row.created_at, row.updated_at, row.origin, row.origin_base, row.size = values[6:13]
        row._fields = row._clocks = None
        row.known, row.foreign = True, False
        row.counted = None if row.deleted else (row.scope, row.ver)
        return row

    @property
    def fields(self) -> dict[str, Any]:
        if self._fields is None:
            self._fields = load(self._body.encode("utf-8"))
        return self._fields

    @fields.setter
    def fields(self, values: dict[str, Any]) -> None:
        self._fields = values

    def erase(self, clock: str) -> None:
        """Nothing stays of a deleted record but that it was deleted."""
        self.fields, self.clocks = {"deleted_at": self.fields["deleted_at"]}, {EVERY: clock}

    @property
    def clocks(self) -> dict[str, str]:
        if self._clocks is None:
            self._clocks = load(self._clock_text.encode("utf-8"))
        return self._clocks

    @clocks.setter
    def clocks(self, values: dict[str, str]) -> None:
        self._clocks = values

    def texts(self) -> tuple[str, str]:
        """The JSON of fields and clocks as stored."""
        if self._fields is None:
            body = self._body
        else:
            encoded = dump(self._fields)
            body, self.size = encoded.decode("utf-8"), len(encoded)
        clocks = self._clocks
        if clocks is None:
            return body, self._clock_text
        if len(clocks) == 1 and EVERY in clocks:
            return body, f'{{"*":"{clocks[EVERY]}"}}'
        return body, dump(clocks).decode("utf-8")

    def on_wire(self) -> list[Any]:
        """The row as pages of the feed and answers carry it; see `docs/sync_protocol.md`."""
        body, clock = self.texts()
        return [
            self.scope, self.table, self.id, self.ver, self.seq, self.created_at, self.updated_at,
            embed(body), embed(clock),
        ]  # fmt: skip

    def copy(self) -> "Row":
        """An independent copy, to go back to."""
        other = Row.__new__(Row)
        for name in Row.__slots__:
            setattr(other, name, getattr(self, name))
        other._fields = None if self._fields is None else dict(self._fields)
        other._clocks = None if self._clocks is None else dict(self._clocks)
        return other

    def become(self, other: "Row") -> None:
        """Be as the copy is: whoever holds this row goes on with what it was."""
        for name in Row.__slots__:
            setattr(self, name, getattr(other, name))

    def knows(self, *, base: int, device_id: str) -> bool:
        """Whether a change based on version `base` was made knowing the record as it stands."""
        return base == self.ver or (self.origin == device_id and base >= self.origin_base)

    def now_held_by(self, device_id: str, *, base: int) -> None:
        """Note that this device's copy is exactly this, so that the feed need not bring it back."""
        if self.foreign:
            return
        if self.origin != device_id:
            self.origin, self.origin_base = device_id, base

    def now_held_by_nobody(self) -> None:
        """Note that no device has exactly this: the feed brings it to all, also to the one that wrote last."""
        self.foreign = True
        self.origin, self.origin_base = "", 0


Key = tuple[str, str]


class Ledger:
    """All rows of one request, with the way back to the beginning of a transaction that is refused."""

    def __init__(self, store: Store, connection: Connection, *, tenant: str, now_ms: int) -> None:
        self._store = store
        self._connection = connection
        self._tenant = tenant
        self._rows: dict[Key, Row | None] = {}
        self._read: dict[str, set[str]] = {}
        """The ids of `_rows` by table."""
        self._had: dict[tuple[str, str, str], frozenset[str]] = {}
        """What the store answered `having`: the ids by table, field and value."""
        self._changed: dict[Key, None] = {}
        self._before: dict[Key, Row | None] = {}
        self._newly_changed: list[Key] = []
        self._left: dict[tuple[Key, str], None] = {}
        self._newly_left: list[tuple[Key, str]] = []
        self.now_ms = now_ms
        self._stamp = str(HybridTime(now_ms, 0, CENTRE))

    def load(self, keys: Iterable[Key]) -> None:
        """Read these records, those already read excepted; the scopes they are in must be locked by now."""
        wanted: dict[str, list[str]] = {}
        for table, record_id in keys:
            if (table, record_id) not in self._rows:
                self._rows[table, record_id] = None
                wanted.setdefault(table, []).append(record_id)
        for table, ids in wanted.items():
            self._read.setdefault(table, set()).update(ids)
        condition = self._store.any_of("record_id")
        for table, ids in wanted.items():
            found = self._store.run(
                self._connection,
                f"SELECT {_COLUMNS} FROM replica_row WHERE tenant_id = ? AND table_name = ? AND {condition}",
                (self._tenant, table, self._store.listed(ids)),
            )
            for values in found.fetchall():
                self._rows[table, values[1]] = Row.stored(values)

    def get(self, table: str, record_id: str) -> Row | None:
        """The record, read now if it was not loaded before."""
        key = (table, record_id)
        if key not in self._rows:
            self.load([key])
        return self._rows[key]

    def having(self, table: str, field: str, values: Collection[str]) -> list[Row]:
        """The records of a table that have one of these values in a field and are not deleted, as they stand now.

        The store looks through the whole table for what was not asked before: for small tables, and rarely.
        """
        fresh = [value for value in values if (table, field, value) not in self._had]
        if fresh:
            column = self._store.field("r", field)
            found = self._store.run(
                self._connection,
                f"SELECT r.record_id, {column} FROM replica_row r WHERE r.tenant_id = ? AND r.table_name = ?"
                f" AND r.deleted = 0 AND {self._store.any_of(column)}",
                (self._tenant, table, self._store.listed(fresh)),
            ).fetchall()
            for value in fresh:
                self._had[table, field, value] = frozenset(row[0] for row in found if row[1] == value)
        ids = set().union(self._read.get(table, ()), *(self._had[table, field, value] for value in values))
        self.load((table, record_id) for record_id in ids)
        rows = (self._rows[table, record_id] for record_id in sorted(ids))
        return [row for row in rows if row is not None and not row.deleted and row.fields.get(field) in values]

    def has_read(self, table: str, record_id: str) -> bool:
        """Whether `get` knows the record, or that there is none, without reading."""
        return (table, record_id) in self._rows

    def begin(self) -> None:
        """Remember the present state as the one `rollback` goes back to."""
        if self._before:
            self._before.clear()
            self._newly_changed.clear()
            self._newly_left.clear()

    def rollback(self) -> None:
        """Forget everything since `begin`."""
        for key, before in self._before.items():
            row = self._rows.get(key)
            if row is None or before is None:
                self._rows[key] = before
            else:
                row.become(before)
        for key in self._newly_changed:
            del self._changed[key]
        for left in self._newly_left:
            del self._left[left]
        self.begin()

    def remember(self, row: Row) -> None:
        """Keep the row as it is for `rollback`; called before it is changed."""
        key = (row.table, row.id)
        if key not in self._before:
            known = self._rows.get(key)
            self._before[key] = None if known is None else known.copy()

    def mark(self, row: Row) -> None:
        """Note that the row was changed and has to be written."""
        key = (row.table, row.id)
        if key not in self._changed:
            self._changed[key] = None
            self._newly_changed.append(key)

    def create(self, row: Row) -> Row:
        """Take in a new record."""
        key = (row.table, row.id)
        self._before.setdefault(key, None)
        self._rows[key] = row
        self._read.setdefault(row.table, set()).add(row.id)
        if key not in self._changed:
            self._changed[key] = None
            self._newly_changed.append(key)
        return row

    def stamp_after(self, seen: str) -> str:
        """The centre's time for a change of what was written at `seen`."""
        return self._stamp if self._stamp > seen else after(seen, CENTRE)

    def write_as_centre(self, row: Row, changes: dict[str, Any]) -> bool:
        """Set what only the centre decides, so that every desk gets it; tells whether anything changed."""
        different = {name: value for name, value in changes.items() if row.fields.get(name) != value}
        if not different:
            return False
        self.remember(row)
        self.mark(row)
        for name, value in different.items():
            stamp = self.stamp_after(clock_of(row.clocks, name))
            merge(row.fields, row.clocks, incoming={name: value}, clock=stamp, aware=True)
        row.updated_at = self.now_ms * 1000
        row.now_held_by_nobody()
        return True

    def move(self, row: Row, scope: str) -> None:
        """Take the record from its scope into another: a mark in the feed it leaves, the record in the other one."""
        if row.scope == scope:
            return
        self.remember(row)
        self.mark(row)
        left = ((row.table, row.id), row.scope)
        if left not in self._left:
            self._left[left] = None
            self._newly_left.append(left)
        row.scope = scope
        row.updated_at = self.now_ms * 1000
        row.now_held_by_nobody()

    def has_left(self, row: Row, scope: str) -> bool:
        """Whether this record was in that scope once and is elsewhere now."""
        if row.scope == scope:
            return False
        if ((row.table, row.id), scope) in self._left:
            return True
        found = self._store.run(
            self._connection,
            "SELECT 1 FROM scope_leave WHERE tenant_id = ? AND scope = ? AND table_name = ? AND record_id = ?",
            (self._tenant, scope, row.table, row.id),
        )
        return found.first() is not None

    def create_as_centre(self, *, table: str, record_id: str, scope: str, fields: dict[str, Any]) -> Row:
        """A new record written by the centre."""
        row = Row(table, record_id, scope, at=self.now_ms * 1000)
        row.fields, row.clocks = fields, {EVERY: self._stamp}
        row.now_held_by_nobody()
        return self.create(row)

    def changed_rows(self) -> list[Row]:
        """The changed records, in the order in which they were first changed."""
        return [row for key in self._changed if (row := self._rows[key]) is not None]

    def write(self, heads: dict[str, int]) -> None:
        """Give every changed record its next version and place, and store it; `heads` are raised accordingly."""
        fresh, stale = [], []
        tally = Tally()
        for row in self.changed_rows():
            seq = heads[row.scope] = heads[row.scope] + 1
            row.seq = seq
            row.ver += 1
            if row.counted is not None:
                tally.remove(row.counted[0], row.table, row.id, row.counted[1])
            if not row.deleted:
                tally.add(row.scope, row.table, row.id, row.ver)
            body, clock = row.texts()
            if row.known:
                stale.append(
                    (
                        row.scope, seq, row.ver, row.deleted, body, clock, row.updated_at, row.origin,
                        row.origin_base, row.size, self._tenant, row.table, row.id,
                    )
                )  # fmt: skip
            else:
                fresh.append(
                    (
                        self._tenant, row.table, row.id, row.scope, seq, row.ver, row.deleted, body, clock,
                        row.created_at, row.updated_at, row.origin, row.origin_base, row.size,
                    )
                )  # fmt: skip
        self._write_leaves(heads)
        self._store.run_many(self._connection, _UPDATE, stale)
        if fresh:
            self._store.insert_many(self._connection, "replica_row", _ALL, fresh)
        if tally.entries:
            write_tally(self._store, self._connection, self._tenant, tally)
        self._log_sealed()

    def _log_sealed(self) -> None:
        """What was sealed stands in the log from this commit on."""
        digests = [
            row.fields.get(document_log.FIELD) for row in self.changed_rows()
            if row.table == document_log.TABLE and not row.deleted
        ]  # fmt: skip
        if any(digests):
            document_log.enter(
                self._store, self._connection, tenant=self._tenant, digests=digests, now=self.now_ms * 1000
            )  # fmt: skip

    def _write_leaves(self, heads: dict[str, int]) -> None:
        """The marks of records that left a scope; a record that came back has none there any more."""
        marks, returned = [], []
        for (table, record_id), scope in self._left:
            row = self._rows[table, record_id]
            if row is None or row.scope == scope:
                continue
            seq = heads[scope] = heads[scope] + 1
            marks.append((self._tenant, scope, table, record_id, seq, row.ver, row.scope, self.now_ms * 1000))
            returned.append((self._tenant, row.scope, table, record_id))
        self._store.run_many(
            self._connection,
            "DELETE FROM scope_leave WHERE tenant_id = ? AND scope = ? AND table_name = ? AND record_id = ?",
            returned + [mark[:4] for mark in marks],
        )
        self._store.insert_many(self._connection, "scope_leave", _LEAVE, marks)
