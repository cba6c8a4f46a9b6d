"""Ways back when this desk and the centre no longer share one history. Each is one transaction, and may be repeated."""

import json
from typing import Any

from db.base import replicated_models
from db.engine import Database
from db.schema import device_stamp
from db.search import remove_entries
from sync.client import leases
from sync.client.connection import DirectConnection
from sync.client.exchange import Exchange
from sync.client.keeping import kept_for_waiting
from sync.protocol.guarding import GUARDED

_AT_ONCE = 1_000
"""Rows in one transaction: people write in between."""
FROM_THE_START = "UPDATE sync_cursor SET seq = 0, sweeping = 0, snapshot_id = '', snapshot_part = 0"
"""Everything is read again; which scopes there were stays known."""


def start_over(database: Database, *, epoch: str) -> None:
    """The centre came from a backup: nothing here counts as acknowledged by it, all is shown to it and read again."""
    with database.exclusive() as raw:
        connection = DirectConnection(raw)
        for table in replicated_models():
            connection.exec_driver_sql(f"UPDATE {table} SET ver = 0, seq = NULL WHERE ver <> 0 OR seq IS NOT NULL")
        # The scopes stay known: one that was taken from this desk meanwhile is not told of to whom does not name it.
        connection.exec_driver_sql(FROM_THE_START)
        connection.exec_driver_sql(
            "UPDATE desk_state SET epoch = ?, publish_due = 1, names_heard = 0 WHERE id = 1", (epoch,)
        )
        leases.doubt_all(connection)


def take_identity(database: Database, answer: dict[str, Any]) -> None:
    """Go on under the identity the centre has given; clocks carry its short name from now on."""
    device = str(answer["device_id"])
    with database.exclusive() as raw:
        connection = DirectConnection(raw)
        stored = connection.exec_driver_sql("SELECT hybrid_time FROM desk_state WHERE id = 1").scalar()
        connection.exec_driver_sql(
            "UPDATE desk_state SET device_id = ?, hybrid_time = ? WHERE id = 1",
            (device, device_stamp(stored, device)),
        )
        leases.forget_identity(connection)


def read_again(database: Database, scope: str) -> None:
    """Read one scope from the start; what the feed does not show by its head was deleted at the centre."""
    with database.exclusive() as raw:
        connection = DirectConnection(raw)
        for table in replicated_models():
            connection.exec_driver_sql(f"UPDATE {table} SET seq = NULL WHERE scope = ? AND ver > 0", (scope,))
        connection.exec_driver_sql(
            "INSERT INTO sync_cursor (scope, seq, sweeping) VALUES (?, 0, 1)"
            " ON CONFLICT (scope) DO UPDATE SET seq = 0, sweeping = 1",
            (scope,),
        )


def sweep(exchange: Exchange) -> None:
    """Bury, piece by piece, the rows that a scope read from the start did not show; it may be interrupted anywhere.

    What a person changed here and the centre refused stays to be looked at.
    """
    with exchange.database.read() as session:
        found = session.connection().exec_driver_sql("SELECT scope FROM sync_cursor WHERE sweeping = 1 AND leaving = 0")
        scopes = [row[0] for row in found]
    for scope in scopes:
        for table in replicated_models():
            while _bury_some(exchange, table, scope) == _AT_ONCE:
                if exchange.stopping.is_set():
                    return
        with exchange.database.exclusive() as connection:
            connection.exec_driver_sql("UPDATE sync_cursor SET sweeping = 0 WHERE scope = ?", (scope,))


def _bury_some(exchange: Exchange, table: str, scope: str) -> int:
    with exchange.database.exclusive() as raw:
        connection = DirectConnection(raw)
        needed = kept_for_waiting(connection) | exchange.needed.keys() if table in GUARDED else ()
        kept = json.dumps([one for of, one in needed if of == table])
        rows = connection.exec_driver_sql(
            f"UPDATE {table} SET deleted_at = ?, revision = revision + 1 WHERE id IN (SELECT id FROM {table}"
            " WHERE scope = ? AND ver > 0 AND seq IS NULL AND deleted_at IS NULL"
            f" AND id NOT IN (SELECT value FROM json_each(?)) LIMIT {_AT_ONCE}) RETURNING id",
            (exchange.now(), scope, kept),
        ).fetchall()
        ids = [row[0] for row in rows]
        remove_entries(connection, ids)
    if ids:
        exchange.gathered.add({table: ids})
    return len(ids)
