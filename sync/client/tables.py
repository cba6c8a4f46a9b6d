"""How the rows of each table get from the wire into the desk's tables and back."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Boolean, LargeBinary, Text

from db.base import replicated_models
from db.capture import replicated_fields
from db.digests import default_of
from db.search import SOURCES
from db.types import Json
from sync.protocol.codec import embed
from sync.protocol.merging import EVERY

Convert = Callable[[Any], Any]
_BEFORE_FIELDS = 7
"""Columns of `select_sql` before the fields."""


def json_text(value: Any) -> str:
    """JSON as the desk's columns hold it: compact, keys sorted."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode("utf-8")


def clocks_text(clocks: dict[str, str]) -> str:
    """The same for field clocks, most of which have one entry for all fields."""
    if len(clocks) == 1 and EVERY in clocks:
        return f'{{"*":"{clocks[EVERY]}"}}'
    return json_text(clocks)


def read_clocks(text: str) -> dict[str, str]:
    """Field clocks from their text."""
    if text.startswith('{"*":"') and text.count('"') == 4:
        return {EVERY: text[6:-2]}
    return dict(json.loads(text))


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A local row as it would travel. JSON columns are embedded text."""

    scope: str
    id: str
    ver: int
    created_at: int
    updated_at: int
    fields: dict[str, Any]
    clocks: Any


class PulledRow(NamedTuple):
    """A record as the centre sent it, in the order of the wire."""

    scope: str
    table: str
    id: str
    ver: int
    seq: int
    created_at: int
    updated_at: int
    fields: dict[str, Any]
    clocks: dict[str, str]

    def newest_clock(self) -> str:
        """The latest hybrid time in the row."""
        return max(self.clocks.values(), default="")

    @property
    def is_tombstone(self) -> bool:
        return self.fields.get("deleted_at") is not None

    @property
    def left_to(self) -> str:
        """The scope a record went to that left this one; empty for all other rows."""
        return str(self.fields.get("left_to") or "") if self.is_tombstone else ""


Filling = tuple[str, Callable[[PulledRow], tuple[Any, ...]]]
"""A statement, and its parameters for a row."""


class TablePlan:
    """Statements and conversions of one table, worked out once."""

    def __init__(self, table: str, model: type[Any]) -> None:
        columns = model.__table__.columns
        kinds = replicated_fields(model)
        self.table = table
        self.names = tuple(kinds)
        self.defaults = {name: default_of(columns[name]) for name in self.names}
        self._values = itemgetter(*self.names)
        self._to_storage = {name: convert for name, kind in kinds.items() if (convert := _to_storage(kind))}
        self._to_wire = {name: convert for name, kind in kinds.items() if (convert := _to_wire(kind))}
        self._bulky = [
            place
            for place, name in enumerate(self.names, start=_BEFORE_FIELDS)
            if isinstance(columns[name].type, (Json, LargeBinary)) or columns[name].type.__class__ is Text
        ]
        blanks = {name: None if columns[name].nullable else self.defaults[name] for name in model.__personal__}
        self.personal = self.stored({name: blank for name, blank in blanks.items() if name in kinds})
        source = SOURCES.get(table)
        self.searched = () if source is None else tuple(sorted(source.fields))
        self._fillings: dict[tuple[str, ...], Filling | None] = {}
        self._write_statements()

    def _write_statements(self) -> None:
        names = ", ".join(self.names)
        marks = ", ".join("?" * (len(self.names) + 8))
        kept = ", ".join(
            f"{name} = excluded.{name}"
            for name in ("scope", *self.names, "ver", "seq", "created_at", "updated_at", "field_clock", "extra")
        )
        self.insert_sql = (
            f"INSERT INTO {self.table} (id, scope, {names}, ver, seq, created_at, updated_at, field_clock, extra,"
            f" revision) VALUES ({marks}, 1)"
        )
        self.upsert_sql = f"{self.insert_sql} ON CONFLICT (id) DO UPDATE SET {kept}, revision = revision + 1"
        self.known_sql = f"SELECT id, ver, seq{''.join(f', {name}' for name in self.searched)} FROM {self.table}"
        self.select_sql = (
            f"SELECT scope, id, ver, created_at, updated_at, field_clock, extra, {names} FROM {self.table}"
        )
        blank = "".join(f", {name} = ?" for name in self.personal)
        self.tombstone_sql = (
            f"UPDATE {self.table} SET deleted_at = ?, ver = ?, seq = ?, field_clock = ?, revision = revision + 1{blank}"
            " WHERE id = ?"
        )
        owner = ", branch_id = ?3" if "branch_id" in self.names else ""
        self.leave_sql = (
            f"UPDATE {self.table} SET deleted_at = ?1, ver = ?2, scope = ?3, seq = NULL, revision = revision + 1{owner}"
            " WHERE id = ?4 AND scope = ?5"
        )

    def bulk(self, values: Any) -> int:
        """About how many bytes of a row of `select_sql` are in columns that have no limit of their own."""
        return sum(len(values[place]) for place in self._bulky if values[place] is not None)

    def values(self, row: PulledRow) -> tuple[Any, ...]:
        """The parameters of `insert_sql` and `upsert_sql`; what this version does not know goes into `extra`."""
        fields = {**self.defaults, **row.fields}
        extra = None
        if len(fields) > len(self.defaults):
            extra = json_text({name: value for name, value in fields.items() if name not in self.defaults})
        for name, convert in self._to_storage.items():
            value = fields[name]
            if value is not None:
                fields[name] = convert(value)
        return (
            row.id, row.scope, *self._values(fields), row.ver, row.seq, row.created_at, row.updated_at,
            clocks_text(row.clocks), extra,
        )  # fmt: skip

    def filling(self, given: tuple[str, ...]) -> Filling | None:
        """Statement and parameters for many new rows that all say these very fields; None where one is unknown here.

        What they do not say stands in the statement: half of a row's columns need not be bound, a row at a time.
        """
        if given not in self._fillings:
            known = self.defaults.keys() >= set(given)
            self._fillings[given] = self._filling(given) if known else None
        return self._fillings[given]

    def _filling(self, given: tuple[str, ...]) -> Filling:
        said = frozenset(given)
        unsaid = {name: value for name, value in self.defaults.items() if name not in said}
        for name, convert in self._to_storage.items():
            if unsaid.get(name) is not None:
                unsaid[name] = convert(unsaid[name])
        names = "".join(f", {name}" for name in (*given, *unsaid))
        values = "".join((*(", ?" for _ in given), *(f", {_literal(value)}" for value in unsaid.values())))
        statement = (
            f"INSERT INTO {self.table} (id, scope, ver, seq, created_at, updated_at, field_clock, revision{names})"
            f" VALUES (?, ?, ?, ?, ?, ?, ?, 1{values})"
        )
        converted = [(place, self._to_storage[name]) for place, name in enumerate(given) if name in self._to_storage]

        def parameters(row: PulledRow) -> tuple[Any, ...]:
            record_scope, _, record_id, ver, seq, created_at, updated_at, fields, clocks = row
            values = list(fields.values())
            for place, convert in converted:
                if values[place] is not None:
                    values[place] = convert(values[place])
            return (record_id, record_scope, ver, seq, created_at, updated_at, clocks_text(clocks), *values)

        return statement, parameters

    def stored(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Some fields of a row as its columns hold them."""
        found = dict(fields)
        for name, convert in self._to_storage.items():
            if found.get(name) is not None:
                found[name] = convert(found[name])
        return found

    def tombstone(self, row: PulledRow) -> tuple[Any, ...]:
        """The parameters of `tombstone_sql`: what is personal is blanked."""
        return (
            row.fields["deleted_at"], row.ver, row.seq, clocks_text(row.clocks), *self.personal.values(), row.id
        )  # fmt: skip

    def leave(self, row: PulledRow) -> tuple[Any, ...]:
        """The parameters of `leave_sql`: the record is another branch's now, and kept to name it on old papers."""
        return row.fields["deleted_at"], row.ver, row.left_to, row.id, row.scope

    def shown(self, name: str, value: Any) -> Any:
        """A value as the column holds it, as it travels; structures as such."""
        if value is None or name not in self._to_wire:
            return value
        return json.loads(value) if name in self._to_storage and isinstance(value, str) else self._to_wire[name](value)

    def published(self, values: Any) -> StoredRow:
        """A row of `select_sql` as it travels: empty fields only where a clock says they were emptied."""
        scope, record_id, ver, created_at, updated_at, clocks, extra = values[:_BEFORE_FIELDS]
        changed = read_clocks(clocks)
        fields: dict[str, Any] = json.loads(extra) if extra else {}
        for name, value in zip(self.names, values[_BEFORE_FIELDS:], strict=True):
            if value is None:
                if name in changed:
                    fields[name] = None
                continue
            convert = self._to_wire.get(name)
            fields[name] = value if convert is None else convert(value)
        return StoredRow(scope, record_id, ver, created_at, updated_at, fields, changed)


@cache
def plan_of(table: str) -> TablePlan | None:
    """The plan of a table, None for one this version does not know."""
    model = replicated_models().get(table)
    return None if model is None else TablePlan(table, model)


def replicated_tables() -> list[str]:
    """All tables that travel: what all share first, then in the order of their names."""
    models = replicated_models()
    return sorted(models, key=lambda name: (not models[name].__shared__, name))


def _literal(value: Any) -> str:
    """A stored value as SQL says it."""
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    return "'{}'".format(value.replace("'", "''")) if isinstance(value, str) else str(int(value))


def _to_storage(kind: Any) -> Convert | None:
    if isinstance(kind, Json):
        return json_text
    return base64.b64decode if isinstance(kind, LargeBinary) else None


def _to_wire(kind: Any) -> Convert | None:
    if isinstance(kind, Json):
        return embed
    if isinstance(kind, LargeBinary):
        return lambda value: base64.b64encode(value).decode("ascii")
    return bool if isinstance(kind, Boolean) else None
