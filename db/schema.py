"""Bringing a database to the present schema; Alembic is imported only when there is something to do."""

from pathlib import Path

from sqlalchemy import Connection

from db.engine import Database
from db.errors import DatabaseTooNew
from db.ids import new_id

HEAD = "0030"
"""The newest migration; a test proves that Alembic agrees."""

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_NEVER_READ = "0" * 16
"""Where a desk's hybrid clock begins: its own clock takes it on from there with the first change."""


def version_of(connection: Connection) -> str | None:
    """The migration a database stands at, None for an empty one."""
    exists = connection.exec_driver_sql(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    ).scalar()
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() if exists else None


def upgrade(database: Database) -> bool:
    """Bring the database to the present schema; tells whether anything had to be done.

    Runs in one transaction: a process that dies halfway leaves the old schema. Raises DatabaseTooNew for a database
    that a later version of the program wrote.
    """
    with database.read() as session:
        if version_of(session.connection()) == HEAD:
            return False
    with database.exclusive() as connection:
        _run(connection, "upgrade", HEAD)
    return True


def downgrade(database: Database, revision: str) -> None:
    """Take the schema back, for tests and for going back to an older version after an export."""
    with database.exclusive() as connection:
        _run(connection, "downgrade", revision)


def _run(connection: Connection, direction: str, revision: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        getattr(command, direction)(config, revision)
    except CommandError as error:
        if "Can't locate revision" in str(error):
            raise DatabaseTooNew() from error
        raise


def ensure_desk(database: Database, *, branch_id: str | None = None, desk_code: str = "D01") -> str:
    """Give the desk its identity if it has none; returns the device's id."""
    with database.exclusive() as connection:
        known = connection.exec_driver_sql("SELECT device_id FROM desk_state WHERE id = 1").scalar()
        if known:
            return str(known)
        device = new_id()
        stamp = device_stamp(_NEVER_READ, device)
        connection.exec_driver_sql(
            "INSERT INTO desk_state (id, device_id, desk_code, branch_id, hybrid_time, service_url, epoch,"
            " acknowledged_n, acknowledged_hash, publish_due) VALUES (1, ?, ?, ?, ?, '', '', 0, '', 1)",
            (device, desk_code, branch_id, stamp),
        )
        return device


def device_stamp(reading: str, device_id: str) -> str:
    """A reading of the hybrid clock under a device's short name: the end of its id, which is random."""
    return f"{reading.partition('-')[0]}-{device_id[-8:]}"
