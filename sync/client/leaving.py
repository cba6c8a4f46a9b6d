"""Takes a scope off this desk that it may read no more: rows, search entries, pictures and documents, piece by piece.

What was entered here and not sent stays in the outbox: it is pushed as everything is, and refused visibly. A row that
merely left for that scope, and is kept to name it on old papers, stays as well.
"""

from typing import Any

from db.base import replicated_models
from db.search import remove_entries
from db.types import dump_json
from sync.client.connection import DirectConnection
from sync.client.exchange import Exchange

_AT_ONCE = 500
"""Rows in one transaction: people write in between, and whoever dies in between goes on there."""
_OURS = "scope = ? AND NOT (deleted_at IS NOT NULL AND seq IS NULL AND ver > 0)"
_CONTENTS = ("sha256", "thumb_sha256", "icon_sha256")
_NOTES = ("unwritten_row", "skipped_table")
"""What was noted about single rows and tables of a scope."""


def remove_lost(exchange: Exchange) -> None:
    """Remove what is left of every scope that was taken from this desk, unless it is told to stop."""
    exchange.has_lost = False
    try:
        for scope in exchange.standing().leaving:
            for table in replicated_models():
                while not exchange.stopping.is_set() and _remove_some(exchange, table, scope) == _AT_ONCE:
                    pass
            if exchange.stopping.is_set():
                return
            with exchange.database.exclusive() as raw:
                connection = DirectConnection(raw)
                for table in _NOTES:
                    connection.exec_driver_sql(f"DELETE FROM {table} WHERE scope = ?", (scope,))
                connection.exec_driver_sql("DELETE FROM sync_cursor WHERE scope = ? AND leaving = 1", (scope,))
    finally:
        exchange.tell_gathered()


def _remove_some(exchange: Exchange, table: str, scope: str) -> int:
    with exchange.database.exclusive() as raw:
        connection = DirectConnection(raw)
        rows = connection.exec_driver_sql(
            f"SELECT id FROM {table} WHERE {_OURS} LIMIT {_AT_ONCE}", (scope,)
        ).fetchall()
        ids = [row[0] for row in rows]
        if not ids:
            return 0
        remove_entries(connection, ids)
        named = _contents_of(connection, ids) if table == "attachment" else set()
        connection.exec_driver_sql(
            f"DELETE FROM {table} WHERE id IN (SELECT value FROM json_each(?))", (dump_json(ids),)
        )
        unused = [sha256 for sha256 in sorted(named) if not _is_named(connection, sha256)]
        connection.exec_driver_sql("DELETE FROM local_content WHERE sha256 = ?", [(sha256,) for sha256 in unused])
    for sha256 in unused:
        exchange.database.contents.remove(sha256)
    exchange.gathered.add({table: ids})
    return len(ids)


def _contents_of(connection: DirectConnection, ids: list[str]) -> set[str]:
    """The contents that these attachments name."""
    rows: list[Any] = connection.exec_driver_sql(
        f"SELECT {', '.join(_CONTENTS)} FROM attachment WHERE id IN (SELECT value FROM json_each(?))",
        (dump_json(ids),),
    ).fetchall()
    return {sha256 for row in rows for sha256 in row if sha256}


def _is_named(connection: DirectConnection, sha256: str) -> bool:
    """Whether another attachment has the same content."""
    return any(
        connection.exec_driver_sql(f"SELECT 1 FROM attachment WHERE {column} = ? LIMIT 1", (sha256,)).first()
        for column in _CONTENTS
    )
