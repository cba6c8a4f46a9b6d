"""What a new database file is spared while it is filled, and gets in one go at the end: indexes, search, proof."""

import json
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any

import sqlcipher3.dbapi2 as driver

from db.base import replicated_models
from db.engine import Database
from db.search_filling import SearchFilling
from db.types import dump_json
from sync.client.connection import DirectConnection
from sync.client.tables import TablePlan, plan_of
from sync.protocol.digests import marks_of, written

_AT_ONCE = 5_000
"""Rows looked at in one step."""
_FIRST = ("scope", "id", "ver")
_NOTHING = (0, written(0))
Totals = Mapping[str, tuple[int, str]]
"""By table: how many live rows a scope has, and the sum of their marks as it travels."""


class CopyNotProved(RuntimeError):
    """What was read is not what the centre says it has; the new file is gone."""


def prepare(database: Database) -> None:
    """Drop what can be made again; only the keys stay, because rows are looked up by them.

    Each of these indexes would be written to at a place of its own for every row, and each such page encrypted again
    with every part. Made at the end, each is sorted once and written once.
    """
    with database.exclusive() as connection:
        for name, _ in _indexes(DirectConnection(connection)):
            connection.exec_driver_sql(f"DROP INDEX {name}")
        connection.exec_driver_sql("CREATE TABLE joining_scope (scope TEXT PRIMARY KEY, totals TEXT NOT NULL)")


def note_totals(connection: DirectConnection, scope: str, totals: Totals) -> None:
    """A scope was read to the end, in the transaction that says so; this is what proves it."""
    connection.exec_driver_sql(
        "INSERT INTO joining_scope (scope, totals) VALUES (?, ?)", (scope, dump_json(dict(totals)))
    )


def read_totals(database: Database) -> dict[str, Totals]:
    """The scopes that were read to the end."""
    with database.read() as session:
        rows = session.connection().exec_driver_sql("SELECT scope, totals FROM joining_scope").fetchall()
    return {scope: {table: tuple(told) for table, told in json.loads(totals).items()} for scope, totals in rows}


def forget_totals(connection: Any) -> None:
    """The file is a desk's from here on."""
    connection.exec_driver_sql("DROP TABLE joining_scope")


def complete(
    database: Database, like: Database, totals: Mapping[str, Totals], *, tell: Callable[[int], None]
) -> None:  # fmt: skip
    """Prove these scopes, make everything findable, and make the indexes that `like` has; all or nothing.

    The file is read once for both. `tell` is told how many rows were looked at, and may raise to stop. Raises
    CopyNotProved. Interrupted, it is done again from the start.
    """
    wanted = _read_indexes(like)
    with database.exclusive() as raw:
        connection = DirectConnection(raw)
        found, searching, looked_at = _Found(), SearchFilling(connection), 0
        for table in replicated_models():
            plan = plan_of(table)
            assert plan is not None
            for rows in _portions(connection, plan):
                found.add(table, rows, totals)
                if plan.searched:
                    names = (*_FIRST, *plan.searched)
                    searching.add(table, [dict(zip(names, row, strict=True)) for row in rows])
                looked_at += len(rows)
                tell(looked_at)
        searching.close()
        _prove(connection, found, totals)
        _make_indexes(connection, wanted)


def _portions(connection: DirectConnection, plan: TablePlan) -> Iterator[list[Any]]:
    """The live rows of a table, a few thousand at a time: key and version, then what makes them findable."""
    columns = ", ".join((*_FIRST, *plan.searched))
    cursor = connection.connection.driver_connection.cursor()
    cursor.execute(f"SELECT {columns} FROM {plan.table} WHERE deleted_at IS NULL")
    while rows := cursor.fetchmany(_AT_ONCE):
        yield rows


class _Found:
    """Counts and sums of what is here, by scope and table."""

    def __init__(self) -> None:
        self._totals: dict[tuple[str, str], tuple[int, int]] = {}

    def add(self, table: str, rows: list[Any], scopes: Container[str]) -> None:
        for scope in {row[0] for row in rows}:
            if scope in scopes:
                own = [(row[1], row[2]) for row in rows if row[0] == scope and row[2] > 0]
                count, total = self._totals.get((scope, table), (0, 0))
                self._totals[scope, table] = count + len(own), total + marks_of(own)

    def told(self, scope: str, table: str) -> tuple[int, str]:
        """As the centre tells it."""
        count, total = self._totals.get((scope, table), (0, 0))
        return count, written(total)


def _prove(connection: DirectConnection, found: _Found, totals: Mapping[str, Totals]) -> None:
    if connection.exec_driver_sql("SELECT 1 FROM unwritten_row LIMIT 1").first() is not None:
        return  # they are missing, and known to be; the comparison of both sides leaves them out
    for scope, told in totals.items():
        for table in replicated_models():
            here = found.told(scope, table)
            if here != tuple(told.get(table, _NOTHING)):
                raise CopyNotProved(f"{table} of {scope}: {here[0]} rows here")


def _read_indexes(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        return _indexes(DirectConnection(session.connection()))


def _indexes(connection: DirectConnection) -> list[tuple[str, str]]:
    """Name and statement of the indexes that rows of the feed, and finding them, need; without those of keys."""
    tables = {*replicated_models(), "search_entry"}
    rows = connection.exec_driver_sql(
        "SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY tbl_name"
    )
    return [(row[0], row[1]) for row in rows if row[2] in tables]


def _make_indexes(connection: DirectConnection, wanted: list[tuple[str, str]]) -> None:
    there = {name for name, _ in _indexes(connection)}
    for name, statement in wanted:
        if name not in there:
            try:
                connection.exec_driver_sql(statement)
            except driver.IntegrityError as error:
                raise CopyNotProved(f"{name} cannot be made") from error
