"""The service, with every statement it makes written down once: run in its place by the tests of `tests/sync`.

`python -m tests.sync.watched_service FILE serve …`. A line a statement: whether the transaction had looked at the
group's row before it wrote, and the statement.
"""

import json
import os
import re
import sqlite3
import sys
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sync.server.schema import all_tables
from sync.server.store import Store

_TABLE = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+([a-z_]+)\b")
_WRITES = re.compile(r"^\s*(?:INSERT|UPDATE|DELETE)", re.IGNORECASE)
_READS_GROUP = re.compile(r"\b(?:FROM|JOIN)\s+tenant\b")
_FILTER = re.compile(r"\btenant_id\s*=")
_INSERTED = re.compile(r"^\s*INSERT\s+INTO\s+[a-z_]+\s*\(\s*(\w+)", re.IGNORECASE)
WITHOUT_GROUP = frozenset({"service_state"})
"""Tables whose rows belong to no group."""

ALL_GROUPS = {
    "SELECT tenant_id, device_id, seen_n FROM device ORDER BY": "upkeep: which desks there are",
    "SELECT tenant_id FROM tenant WHERE closed": "upkeep and check: which groups there are",
    "SELECT count(*) FROM": "metrics: how much there is in all",
}
"""Statements that look at all groups on purpose, by their beginning, with the reason."""

UNCHECKED_WRITES = {
    "INSERT INTO tenant": "makes the group's row; `ensure_open` follows",
    "INSERT INTO sync_scope": "stands beside the making of a group",
    "INSERT INTO failed_attempt": "wrong guesses of an address, counted for no group",
}
"""Writes that may come before the group's row is read, with the reason."""

FEW_ROWS = frozenset(
    {
        "access_token", "claim_conflict", "device", "device_cursor", "document_log", "document_log_key",
        "enrolment_code", "needed_record", "number_series", "quarantined_operation", "restore_claim", "sync_scope",
        "tenant", "vehicle_lease",
    }
)  # fmt: skip
"""Tables with about as many rows as a group has desks, branches or people, or open questions: to look through all of
them is no harm."""

WHOLE_GROUP = {
    "SELECT count(*), min(found.k) FROM": "check: what must hold of all rows",
    "SELECT device_id, count(*) FROM applied_operation": "headquarters: what was refused; answers are dropped in time",
    "SELECT scope, sum(row_count) FROM scope_digest": "headquarters: how many rows a branch has",
    "SELECT coalesce(sum(size), 0) FROM content": "how much a group keeps, before a new content is begun",
}
"""Statements that walk through all a group has on purpose, by their beginning, with the reason."""

_NAMED = re.compile(r"\b(?:FROM|JOIN|UPDATE)\s+([a-z_]+)(?:\s+(?:AS\s+)?([a-z_]+)\b)?")
_WALKS = re.compile(r"SCAN (\w+)\b(?! VIRTUAL)|SEARCH (\w+) USING .*\(tenant_id=\?\)$")


def group_tables() -> frozenset[str]:
    """Tables whose rows belong to groups."""
    return frozenset(name for name, table in all_tables().tables.items() if "tenant_id" in table.columns)


def fault_in(statement: str, *, checked: bool, tables: frozenset[str]) -> str:
    """What is wrong with a statement, empty for nothing."""
    plain = " ".join(statement.split())
    named = [name for name in _TABLE.findall(plain) if name in tables]
    if not named or any(plain.startswith(known) for known in ALL_GROUPS):
        return ""
    inserted = _INSERTED.match(plain)
    if inserted is not None:
        if inserted[1] != "tenant_id":
            return "a row is inserted whose first column is not the group"
        named = named[1:]
    if len(_FILTER.findall(plain)) < len(named):
        return "it looks at rows of other groups"
    if _WRITES.match(plain) and not checked and not any(plain.startswith(known) for known in UNCHECKED_WRITES):
        return "it writes without having looked whether the group is open here"
    return ""


@cache
def _empty_centre() -> sqlite3.Connection:
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    all_tables().create_all(engine)
    connection = engine.raw_connection().driver_connection
    assert isinstance(connection, sqlite3.Connection)
    return connection


def walked_by(statement: str) -> str:
    """The table of which SQLite would walk through all rows of a group for this statement, empty for none."""
    plain = " ".join(statement.split())
    if any(plain.startswith(known) for known in WHOLE_GROUP):
        return ""
    try:
        plan = _empty_centre().execute("EXPLAIN QUERY PLAN " + statement, [None] * statement.count("?")).fetchall()
    except sqlite3.OperationalError:
        return ""  # as PostgreSQL says it
    known = group_tables() - FEW_ROWS
    tables = {alias or table: table for table, alias in _NAMED.findall(plain)} | {name: name for name in known}
    for *_, step in plan:
        walks = _WALKS.fullmatch(step)
        if walks is not None and tables.get(walks[1] or walks[2]) in known:
            return tables[walks[1] or walks[2]]
    return ""


class _Watch:
    """Keeps, for each connection of a transaction that writes, whether the group's row was read."""

    def __init__(self, file: Path) -> None:
        self._stream = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._seen: set[tuple[str, bool]] = set()
        self._looked: set[int] = set()

    def begin(self, connection: Any) -> None:
        self._looked.discard(id(connection))

    def see(self, connection: Any, statement: str) -> None:
        if _READS_GROUP.search(statement):
            self._looked.add(id(connection))
        key = (statement, id(connection) in self._looked)
        if key not in self._seen:
            self._seen.add(key)
            os.write(self._stream, (json.dumps(key) + "\n").encode())


def watch(file: Path) -> None:
    """Have every Store of this process write down what it is asked."""
    watching = _Watch(file)
    run, run_many, insert_many, stream = Store.run, Store.run_many, Store.insert_many, Store.stream
    begin = Store._transaction

    def transaction(connection: Any) -> Any:
        watching.begin(connection)
        return begin(connection)

    def watched(method: Any) -> Any:
        def call(self: Store, connection: Any, statement: str, *values: Any) -> Any:
            watching.see(connection, statement)
            return method(self, connection, statement, *values)

        return call

    def inserting(self: Store, connection: Any, table: str, columns: Any, rows: Any) -> None:
        if rows:
            watching.see(connection, f"INSERT INTO {table} ({', '.join(columns)})")
        insert_many(self, connection, table, columns, rows)

    Store._transaction = staticmethod(transaction)  # type: ignore[method-assign]
    Store.run, Store.run_many, Store.stream = watched(run), watched(run_many), watched(stream)  # type: ignore[method-assign]
    Store.insert_many = inserting  # type: ignore[method-assign]


def faults(file: Path, *, upkeep: bool = False) -> list[str]:
    """What is wrong with the statements written down, each once. Those of upkeep may walk through all a group has."""
    tables, found = group_tables(), set()
    for line in file.read_text(encoding="utf-8").splitlines():
        statement, checked = json.loads(line)
        wrong = fault_in(statement, checked=checked, tables=tables)
        if not wrong and not upkeep and (walked := walked_by(statement)):
            wrong = f"it walks through all a group has in {walked}"
        if wrong:
            found.add(f"{wrong}: {statement}")
    return sorted(found)


if __name__ == "__main__":
    from sync.server.command_line import main

    watch(Path(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
