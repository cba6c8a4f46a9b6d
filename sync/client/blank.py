"""Whether a desk has nothing yet."""

from db.base import replicated_models
from db.engine import Database
from sync.client.connection import DirectConnection
from sync.client.outbox import highest_n


def is_blank(database: Database) -> bool:
    """Whether a desk has no records at all, and has read nothing."""
    with database.read() as session:
        connection = DirectConnection(session.connection())
        if connection.exec_driver_sql("SELECT 1 FROM sync_cursor LIMIT 1").first() or highest_n(connection):
            return False
        return not any(
            connection.exec_driver_sql(f"SELECT 1 FROM {table} LIMIT 1").first() for table in replicated_models()
        )
