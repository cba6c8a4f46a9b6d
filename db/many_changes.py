"""Putting changes of thousands of rows of one table together, past the object layer: which of them are changes at all,
what each row's clocks then say, and the statements that write them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary

from db.base import BOOKKEEPING
from db.search import SOURCES
from db.types import Json, dump_fast


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """One row that really changes: the fields as they travel, and what the operation says of the row."""

    id: str
    scope: str
    ver: int
    fields: dict[str, Any]
    clocks: str


def require_plain(model: type[Any], names: Sequence[str]) -> None:
    """Raise TypeError for columns that are not written as they are: personal, binary or JSON ones, bookkeeping, and
    what the search index speaks of."""
    source = SOURCES.get(model.__tablename__)
    found = source.fields if source is not None else frozenset()
    columns = model.__table__.columns
    for name in names:
        special = name in model.__personal__ or name in BOOKKEEPING or name in found
        if special or isinstance(columns[name].type, LargeBinary | Json):
            raise TypeError(f"{model.__tablename__}.{name} is not written past the object layer")


def changed_rows(
    driver: Any, model: type[Any], changes: Mapping[str, Mapping[str, Any]], names: Sequence[str], *, stamp: str
) -> Iterator[ChangedRow]:
    """Those of these rows that are there and would be others afterwards, in the order of their ids."""
    selected = ", ".join(("id", "scope", "ver", "field_clock", *names))
    statement = (
        f"SELECT {selected} FROM {model.__tablename__}"
        " WHERE id IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL ORDER BY id"
    )
    for row_id, scope, ver, clocks, *present in driver.execute(statement, (json.dumps(list(changes)),)).fetchall():
        wanted = changes[row_id]
        before = dict(zip(names, present, strict=True))
        fields = {name: value for name, value in wanted.items() if before[name] != value}
        if fields:
            told = json.loads(clocks) if clocks else {}
            yield ChangedRow(row_id, scope, ver or 0, fields, dump_fast({**told, **dict.fromkeys(fields, stamp)}))


def write_changes(driver: Any, model: type[Any], rows: Sequence[ChangedRow], *, at: int) -> None:
    """Write the rows, each with its next revision."""
    by_fields: dict[tuple[str, ...], list[ChangedRow]] = {}
    for row in rows:
        by_fields.setdefault(tuple(sorted(row.fields)), []).append(row)
    for names, alike in by_fields.items():
        given = ", ".join(f"{name} = ?" for name in names)
        driver.executemany(
            f"UPDATE {model.__tablename__} SET {given}, revision = revision + 1, updated_at = ?, field_clock = ?"
            " WHERE id = ?",
            [(*(row.fields[name] for name in names), at, row.clocks, row.id) for row in alike],
        )
