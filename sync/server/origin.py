"""Sees by itself that a PostgreSQL server came from a backup, or that a standby took over: nobody has to say it.

A server that goes back to a moment, or takes over, begins a new timeline; one that was filled from a dump is another
system. Every new connection of the pool compares both with what was noted; where they differ, each group begins a new
epoch, in one transaction, once.
"""

import logging
from typing import Any

_log = logging.getLogger(__name__)
_PRESENT = (
    "SELECT CASE WHEN pg_is_in_recovery() OR to_regclass('service_state') IS NULL THEN NULL ELSE"
    " (SELECT system_identifier FROM pg_control_system()) || '/' ||"
    " substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END"
)
_NOTED = "SELECT value FROM service_state WHERE name = 'origin'"
_NOTE = (
    "INSERT INTO service_state (name, value) VALUES ('origin', %s) ON CONFLICT (name) DO UPDATE SET value ="
    " excluded.value"
)
_NEW_EPOCHS = "UPDATE tenant SET epoch = md5(tenant_id || clock_timestamp()::text || random()::text)"


def note_origin(connection: Any) -> bool:
    """Compare and note, on a new connection of the driver; tells whether every group began a new epoch.

    Where the account may not ask, nothing is noted: then `restored` has to be said by hand.
    """
    import psycopg

    try:
        present = connection.execute(_PRESENT).fetchone()[0]
        noted = None if present is None else connection.execute(_NOTED).fetchone()
        if present is None or (noted is not None and noted[0] == present):
            connection.rollback()
            return False
        connection.execute("LOCK TABLE service_state IN EXCLUSIVE MODE")
        noted = connection.execute(_NOTED).fetchone()
        new = noted is not None and noted[0] != present
        if new:
            _log.warning("the database came from a backup (%s, before %s): desks send again", present, noted[0])
            connection.execute(_NEW_EPOCHS)
        connection.execute(_NOTE, (present,))
        connection.commit()
        return bool(new)
    except psycopg.Error:
        connection.rollback()
        _log.warning("cannot see whether the database came from a backup; after one, run `restored`", exc_info=True)
        return False
