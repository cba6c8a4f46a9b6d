"""Rows of the feed that this desk could not write, and tables it does not know: kept aside, never forgotten.

They hold up nothing. A row is tried again after an update of the program and by hand; a table that a later version
knows is read from the centre then (`sync.client.updating`).
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import sqlcipher3.dbapi2 as driver

from db.schema import HEAD
from db.types import dump_json
from sync.client.connection import DirectConnection
from sync.client.tables import PulledRow

BAD_VALUES = (
    driver.IntegrityError, driver.InterfaceError, driver.ProgrammingError, driver.DataError, ValueError, TypeError,
    KeyError, OverflowError,
)  # fmt: skip
"""What one row's values can cause. A full disk or a damaged file is not a row's fault and ends the page."""
_ERROR_LIMIT = 400
MOST_KEPT = 5_000
"""So many rows are kept with their bodies. What is beyond is read from the centre again by the comparison of both."""


def keep(connection: DirectConnection, row: PulledRow, error: BaseException, *, now: int) -> None:
    """Keep a row that cannot be written; a newer version of it takes the place of an older one. `now` in µs."""
    full = connection.exec_driver_sql("SELECT count(*) >= ? FROM unwritten_row", (MOST_KEPT,)).scalar()
    if full:
        return
    connection.exec_driver_sql(
        "INSERT INTO unwritten_row (table_name, record_id, scope, ver, seq, body, error, since, tried_at, tried_with)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (table_name, record_id) DO UPDATE SET"
        " scope = excluded.scope, ver = excluded.ver, seq = excluded.seq, body = excluded.body,"
        " error = excluded.error, tried_at = excluded.tried_at, tried_with = excluded.tried_with",
        (
            row.table, row.id, row.scope, row.ver, row.seq, dump_json(list(row)), words_of(error), now, now, HEAD,
        ),
    )  # fmt: skip


def words_of(error: BaseException) -> str:
    """What the database or the conversion said, without the values of the row: these may be personal."""
    if not isinstance(error, driver.Error):
        return type(error).__name__
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"[:_ERROR_LIMIT]


def any_kept(connection: Any) -> bool:
    """Whether a row is kept at all: mostly not."""
    return connection.exec_driver_sql("SELECT 1 FROM unwritten_row LIMIT 1").first() is not None


def forget(connection: DirectConnection, table: str, ids: Iterable[str]) -> None:
    """These records were written after all, or are gone."""
    connection.exec_driver_sql(
        "DELETE FROM unwritten_row WHERE table_name = ? AND record_id IN (SELECT value FROM json_each(?))",
        (table, json.dumps(list(ids))),
    )


def kept_rows(connection: DirectConnection, *, ids: Sequence[str] | None = None) -> list[PulledRow]:
    """The kept rows as they arrived, in the order of their places; with `ids`, those of these records."""
    where, values = ("", ()) if ids is None else (" WHERE record_id IN (SELECT value FROM json_each(?))",
                                                 (json.dumps(list(ids)),))  # fmt: skip
    found = connection.exec_driver_sql(f"SELECT body FROM unwritten_row{where} ORDER BY scope, seq", values)
    return [PulledRow._make(json.loads(row[0])) for row in found]


def note_skipped(connection: DirectConnection, skipped: Iterable[tuple[str, str]], *, now: int) -> None:
    """Remember that rows of these (table, scope) were passed over."""
    connection.exec_driver_sql(
        "INSERT INTO skipped_table (table_name, scope, since) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(table, scope, now) for table, scope in skipped],
    )


def skipped_tables(connection: DirectConnection) -> list[tuple[str, str]]:
    """All (table, scope) that were passed over so far."""
    rows = connection.exec_driver_sql("SELECT table_name, scope FROM skipped_table ORDER BY table_name, scope")
    return [(row[0], row[1]) for row in rows]
