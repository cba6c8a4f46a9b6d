"""Removing what nobody refers to any more from the folder of contents."""

import time
from datetime import datetime, timedelta

from db.engine import Database
from db.types import microseconds

GRACE = timedelta(days=30)
"""So long a content stays after the last row that had it went: removing can be undone, a row may come back."""
STRANGERS = timedelta(days=1)
"""So long a file may lie there without being listed: between storing and attaching there is the person."""
_UNUSED = (
    "SELECT sha256 FROM local_content AS l WHERE stored_at < ? AND NOT EXISTS (SELECT 1 FROM attachment AS a"
    " WHERE {} = l.sha256 AND (a.deleted_at IS NULL OR a.deleted_at >= ?))"
)
_COLUMNS = ("sha256", "thumb_sha256", "icon_sha256")


def collect_contents(database: Database, *, now: datetime) -> int:
    """Remove contents without a live row for 30 days, and files nobody knows of for a day; tells how many went.

    What a row refers to is never removed. Holds the writer for as long as it takes to find and unlink them.
    """
    before = microseconds(now - GRACE)
    store, removed = database.contents, 0
    with database.exclusive() as connection:
        unused: set[str] | None = None
        for column in _COLUMNS:
            rows = connection.exec_driver_sql(_UNUSED.format(f"a.{column}"), (before, before)).fetchall()
            found = {row[0] for row in rows}
            unused = found if unused is None else unused & found
        for sha256 in sorted(unused or ()):
            # Somebody may just have stored the same file again, and be about to attach it.
            if not store.touched_since(sha256, time.time() - STRANGERS.total_seconds()):
                connection.exec_driver_sql("DELETE FROM local_content WHERE sha256 = ?", (sha256,))
                store.remove(sha256)
                removed += 1
        known = [row[0] for row in connection.exec_driver_sql("SELECT sha256 FROM local_content").fetchall()]
    return removed + store.sweep(known, before=time.time() - STRANGERS.total_seconds())
