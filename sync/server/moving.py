"""Moves a dealer group from one database to another while the service runs: nothing lost, nothing in two places.

1. The group's row in `tenant` says `moving`: its desks are told `busy` and try again. Whoever was writing has finished
   by then, because every transaction that writes for a group has read that row before.
2. All its rows are copied in one transaction, counted and compared by digest; the copy says `arriving`.
3. The row left behind says `moved` and where to, in one commit: that is the switch. Then the copy is opened.

Killed anywhere, the same command brings it to its end. Other groups wait only for step 1, which is as long as the
longest request under way.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Table

from sync.server.databases import Databases
from sync.server.schema import all_tables
from sync.server.store import Connection, Store, StoreUnavailable

MOVING, ARRIVING, MOVED = "moving", "arriving", "moved"
_PORTION = 2000
_LOCK_SECONDS, _LOCK_TRIES = 5, 12
_DIGEST_BYTES = 16
Progress = Callable[[str, int], None]
"""Called with a table's name and how many of its rows were copied."""


class MoveFailed(RuntimeError):
    """The group stays where it was. The text says why, for whoever runs the service."""


@dataclass(frozen=True, slots=True)
class Sum:
    """How many rows, and a digest over them in any order."""

    rows: int
    digest: str


def move_tenant(databases: Databases, tenant: str, to: str, *, progress: Progress | None = None) -> dict[str, Sum]:
    """Move a group; tells what was copied by table. Raises MoveFailed, ValueError for a database nobody knows."""
    target = databases.named(to)
    databases.look_again(tenant)
    source = databases.of(tenant)
    copied: dict[str, Sum] = {}
    if source is target:
        if standing(target, tenant) != ARRIVING:
            raise MoveFailed(f"the group {tenant} is in {to} already")
    else:
        _close(source, tenant)
        try:
            copied = _copy(source, target, tenant, progress or (lambda table, rows: None))
        except BaseException:
            _set(source, tenant, "")
            raise
        _set(source, tenant, MOVED, to)
    _set(target, tenant, "")
    databases.write_place(tenant, to)
    databases.look_again(tenant)
    return copied


def drop_left_behind(store: Store, tenant: str) -> int:
    """Delete the rows a moved group left in this database, its mark excepted; tells how many."""
    if standing(store, tenant) != MOVED:
        raise MoveFailed(f"the group {tenant} was not moved away from this database")
    with store.write() as connection:
        return _delete(store, connection, tenant, [table for table in tenant_tables() if table.name != "tenant"])


def tenant_tables() -> list[Table]:
    """Every table whose rows belong to a group."""
    return [table for table in all_tables().sorted_tables if "tenant_id" in table.columns]


def standing(store: Store, tenant: str) -> str | None:
    """What the group's row says: empty when it is at home here, None without one."""
    with store.read() as connection:
        row = store.run(connection, "SELECT closed FROM tenant WHERE tenant_id = ?", (tenant,)).first()
    return None if row is None else str(row[0])


def sums(store: Store, connection: Connection, tenant: str) -> dict[str, Sum]:
    """What a database has of a group, by table; `tenant` itself excepted, whose marks differ."""
    return {
        table.name: _summed(_rows(store, connection, table, tenant), _Adding())
        for table in tenant_tables()
        if table.name != "tenant"
    }


def _close(store: Store, tenant: str) -> None:
    """Refuse the group from now on; afterwards nobody is left who read that it was open and may yet write."""
    if standing(store, tenant) is None:
        raise MoveFailed(f"no group {tenant}")
    for attempt in reversed(range(_LOCK_TRIES)):
        try:
            with store.write() as connection:
                if store.is_postgres:
                    connection.execute(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'")
                    connection.execute("LOCK TABLE tenant IN ACCESS EXCLUSIVE MODE")
                store.run(connection, "UPDATE tenant SET closed = ? WHERE tenant_id = ?", (MOVING, tenant))
            return
        except StoreUnavailable as error:
            if not attempt:
                raise MoveFailed("a request or a report takes very long; try again when it is over") from error


def _set(store: Store, tenant: str, closed: str, to: str = "") -> None:
    with store.write() as connection:
        store.run(
            connection, "UPDATE tenant SET closed = ?, moved_to = ? WHERE tenant_id = ?", (closed, to, tenant)
        )  # fmt: skip


def _copy(source: Store, target: Store, tenant: str, progress: Progress) -> dict[str, Sum]:
    copied: dict[str, Sum] = {}
    there = standing(target, tenant)
    if there == "":
        raise MoveFailed(f"there is another group {tenant} in that database")
    with source.snapshot() as reading, target.write() as writing:
        if there is not None:
            _delete(target, writing, tenant, tenant_tables())
        for table in tenant_tables():
            if table.name == "tenant":
                continue
            added = _Adding()
            for portion in _portions(_rows(source, reading, table, tenant), added):
                target.insert_many(writing, table.name, [column.name for column in table.columns], portion)
                progress(table.name, added.rows)
            copied[table.name] = added.sum()
        epoch, made = source.run(
            reading, "SELECT epoch, created_at FROM tenant WHERE tenant_id = ?", (tenant,)
        ).first()  # fmt: skip
        target.insert_many(
            writing, "tenant", ("tenant_id", "epoch", "created_at", "closed", "moved_to"),
            [(tenant, epoch, made, ARRIVING, "")],
        )  # fmt: skip
        arrived = sums(target, writing, tenant)
        different = sorted(name for name in copied if copied[name] != arrived[name])
        if different:
            raise MoveFailed(f"the copy differs in {', '.join(different)}; nothing was changed")
    return copied


def _delete(store: Store, connection: Connection, tenant: str, tables: Iterable[Table]) -> int:
    return sum(
        store.run(connection, f"DELETE FROM {table.name} WHERE tenant_id = ?", (tenant,)).rowcount for table in tables
    )


def _rows(store: Store, connection: Connection, table: Table, tenant: str) -> Iterator[tuple[Any, ...]]:
    """A group's rows of a table, as values both kinds of database take."""
    truths = [place for place, column in enumerate(table.columns) if isinstance(column.type, Boolean)]
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    for row in store.stream(connection, f"SELECT {names} FROM {table.name} WHERE tenant_id = ?", (tenant,)):
        values = list(row)
        for place in truths:
            values[place] = None if values[place] is None else bool(values[place])
        yield tuple(values)


class _Adding:
    """Adds digests of rows up, so that their order does not matter."""

    def __init__(self) -> None:
        self.rows = self._total = 0

    def add(self, row: Sequence[Any]) -> None:
        text = repr([bytes(value) if isinstance(value, memoryview) else value for value in row])
        found = hashlib.blake2b(text.encode("utf-8"), digest_size=_DIGEST_BYTES).digest()
        self._total = (self._total + int.from_bytes(found, "big")) % (1 << 8 * _DIGEST_BYTES)
        self.rows += 1

    def sum(self) -> Sum:
        return Sum(self.rows, f"{self._total:0{2 * _DIGEST_BYTES}x}")


def _summed(rows: Iterable[tuple[Any, ...]], added: _Adding) -> Sum:
    for row in rows:
        added.add(row)
    return added.sum()


def _portions(rows: Iterable[tuple[Any, ...]], added: _Adding) -> Iterator[list[tuple[Any, ...]]]:
    portion: list[tuple[Any, ...]] = []
    for row in rows:
        added.add(row)
        portion.append(row)
        if len(portion) == _PORTION:
            yield portion
            portion = []
    if portion:
        yield portion
