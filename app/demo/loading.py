"""Writing many rows at once, past the object layer: what a desk is seeded with has version 0 and is in no outbox.

Values are given as the database stores them: money in fen, instants in microseconds, days in ISO form.
"""

from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any

from db.base import GROUP_SCOPE, replicated_models
from db.many_rows import row_table
from db.search import SOURCES, index_new_records, merge_some
from db.types import microseconds

Progress = Callable[[str, float | None], None]
_CLOCK_DEVICE = "demo"
_CHUNK = 2_000


class Loader:
    """Collects rows by table and writes them in one transaction of the caller."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._tables = {name: row_table(model) for name, model in sorted(replicated_models().items())}
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in self._tables}

    def new_id(self, at: datetime) -> str:
        """An identifier in the form of UUIDv7 (RFC 9562) for a record made then; the same for the same chance."""
        milliseconds = microseconds(at) // 1000
        bits = self._chance.getrandbits(74)
        return f"{milliseconds:012x}7{bits >> 62:03x}{8 | (bits >> 60 & 3):x}{bits & (1 << 60) - 1:015x}"

    def add(
        self, table: str, *, at: datetime, scope: str = GROUP_SCOPE, changed: datetime | None = None, **values: Any
    ) -> str:
        """Keep a row made `at` an instant and last changed at another; returns its id."""
        stamp = microseconds(at)
        last = stamp if changed is None else microseconds(changed)
        values.setdefault("id", "")
        values["id"] = values["id"] or self.new_id(at)
        clock = f'{{"*":"{last // 1000:012x}0000-{_CLOCK_DEVICE}"}}'
        values.update(scope=scope, created_at=stamp, updated_at=last, field_clock=clock)
        self.rows[table].append(values)
        return str(values["id"])

    def write(self, connection: Any, progress: Progress | None = None, *, words: str = "", until: float = 1.0) -> int:
        """Insert everything and make it findable; returns how many rows were written."""
        total = sum(len(rows) for rows in self.rows.values()) or 1
        done = 0
        for name, table in self._tables.items():
            rows = self.rows[name]
            for start in range(0, len(rows), _CHUNK):
                chunk = rows[start : start + _CHUNK]
                connection.exec_driver_sql(table.insert, [table.row(row) for row in chunk])
                done += len(chunk)
                if progress is not None:
                    progress(words, until * done / total)
        return total

    def index(self, connection: Any, progress: Progress | None = None, *, words: str = "", start: float = 0.0) -> None:
        """Make the records findable, the newest last, so that searches show them first."""
        tables = [name for name in SOURCES if self.rows.get(name)]
        total = sum(len(self.rows[name]) for name in tables) or 1
        first = (connection.exec_driver_sql("SELECT max(id) FROM search_entry").scalar() or 0) + 1
        done = 0
        for name in tables:
            rows = sorted(self.rows[name], key=lambda row: (row["created_at"], row["id"]))
            for begin in range(0, len(rows), _CHUNK):
                chunk = rows[begin : begin + _CHUNK]
                index_new_records(connection, table=name, rows=chunk, first_id=first)
                first += len(chunk)
                done += len(chunk)
                if progress is not None:
                    progress(words, start + (1 - start) * done / total)
        more = merge_some(connection, begin=True)
        while more:
            more = merge_some(connection)
