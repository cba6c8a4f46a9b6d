"""Makes everything a file holds findable in one go: what is there is thrown away and written anew, in large pieces.

Record by record, as people work, each write flushes a little of the index and merges it with what was there. For a file
that is being filled that is work for nothing.
"""

from collections.abc import Sequence
from typing import Any

from db.direct import driver_of
from db.search import KINDS, MERGED_TOGETHER, Lookups, index_new_records, tables_of

_HASH_BYTES = 8 << 20
"""Terms kept in memory before a piece of the index is written."""
_USUAL = (("automerge", MERGED_TOGETHER), ("hashsize", 1 << 20))
"""What tables are written with as people work; kept in the file."""
_MOST_REMEMBERED = 20_000
"""Answers of lookups, so that memory does not grow with the rows."""


class SearchFilling:
    """`add` every record once, then `close`; all in one transaction of `connection`."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._lookups = Lookups(connection)
        self._next = 1
        self._configure((("automerge", 0), ("hashsize", _HASH_BYTES)))
        execute = driver_of(connection).execute
        for table in self._tables():
            execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")
        execute("DELETE FROM search_entry")

    def add(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        """Records of one table, each with its id and the fields of its `SearchSource`."""
        if self._lookups.remembered > _MOST_REMEMBERED:
            self._lookups = Lookups(self._connection)
        index_new_records(self._connection, table=table, rows=rows, first_id=self._next, lookups=self._lookups)
        self._next += len(rows)

    def close(self) -> None:
        """From here on the index is written as people work."""
        self._configure(_USUAL)

    def _configure(self, values: Sequence[tuple[str, int]]) -> None:
        execute = driver_of(self._connection).execute
        for table in self._tables():
            for name, value in values:
                execute(f"INSERT INTO {table} ({table}, rank) VALUES (?, ?)", (name, value))

    @staticmethod
    def _tables() -> list[str]:
        return [table for kind in KINDS for table in tables_of(kind)]
