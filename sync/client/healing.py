"""Ways back when this desk and the centre no longer share one history. Each is one transaction, and may be repeated."""

from typing import Any

from db.base import replicated_models
from db.engine import Database
from db.schema import device_stamp
from sync.client.connection import DirectConnection


def start_over(database: Database, *, epoch: str) -> None:
    """The centre came from a backup: nothing here counts as acknowledged by it, all is shown to it and read again."""
    with database.exclusive() as raw:
        connection = DirectConnection(raw)
        for table in replicated_models():
            connection.exec_driver_sql(f"UPDATE {table} SET ver = 0, seq = NULL WHERE ver <> 0 OR seq IS NOT NULL")
        connection.exec_driver_sql("DELETE FROM sync_cursor")
        connection.exec_driver_sql("UPDATE desk_state SET epoch = ?, publish_due = 1 WHERE id = 1", (epoch,))


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


def sweep(database: Database, *, now: int) -> dict[str, set[str]]:
    """Bury the rows that a scope read from the start did not show; returns them by table. `now` in microseconds."""
    buried: dict[str, set[str]] = {}
    with database.exclusive() as raw:
        connection = DirectConnection(raw)
        scopes = [row[0] for row in connection.exec_driver_sql("SELECT scope FROM sync_cursor WHERE sweeping = 1")]
        for scope in scopes:
            for table in replicated_models():
                rows = connection.exec_driver_sql(
                    f"UPDATE {table} SET deleted_at = ?, revision = revision + 1 WHERE scope = ? AND ver > 0"
                    " AND seq IS NULL AND deleted_at IS NULL RETURNING id",
                    (now, scope),
                ).fetchall()
                if rows:
                    buried.setdefault(table, set()).update(row[0] for row in rows)
        connection.exec_driver_sql("UPDATE sync_cursor SET sweeping = 0 WHERE sweeping = 1")
    return buried
