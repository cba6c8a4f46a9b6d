"""Bringing the centre's database to the present schema; Alembic is imported only when there is something to do.

Several instances may start at once on one database: one of them works, the others wait and find it done. A step runs in
one transaction, so that a process that dies in the middle leaves the schema it found.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, inspect

HEAD = "0014"
"""The newest step; a test proves that Alembic agrees."""

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_LOCK = 0x666F7265636F7572
"""The number of the advisory lock on PostgreSQL: one for all instances of this service on a database."""
_WAIT_SECONDS, _TABLE_SECONDS = 600, 30


class ServiceTooOld(RuntimeError):
    """The database was written by a later version of the service."""


def all_tables() -> MetaData:
    """The tables as this version knows them."""
    import sync.server.account_tables
    import sync.server.content_tables
    import sync.server.log_tables
    import sync.server.signing_tables  # noqa: F401
    from sync.server.tables import metadata

    return metadata


def version_of(connection: Connection) -> str | None:
    """The step a database stands at, None for an empty one; the first three were counted in `service_schema`."""
    inspector = inspect(connection)
    if inspector.has_table("alembic_version"):
        return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if inspector.has_table("service_schema"):
        known = connection.exec_driver_sql("SELECT max(version) FROM service_schema").scalar() or 0
        return f"{known:04d}" if known else None
    return None


def upgrade(engine: Engine) -> bool:
    """Bring the database to the present schema; tells whether anything had to be done.

    Raises ServiceTooOld for a database that a later version of the service wrote.
    """
    with engine.connect() as connection:
        if _is_present(version_of(connection)):
            return False
    with _alone(engine) as connection:
        if _is_present(version_of(connection)):
            return False
        run(connection, "upgrade", HEAD)
    return True


def downgrade(engine: Engine, step: str) -> None:
    """Take the schema back to a step (`base` for nothing at all)."""
    with _alone(engine) as connection:
        run(connection, "downgrade", step)


def _is_present(version: str | None) -> bool:
    if version is not None and version > HEAD:
        raise ServiceTooOld(
            f"the database has schema {version}, this service knows up to {HEAD}: install the service that wrote it"
        )
    return version == HEAD


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """A transaction while no other instance works on the schema; what one has done before is seen in it."""
    with engine.connect() as connection, connection.begin():
        if connection.dialect.name == "sqlite":
            usual = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {_WAIT_SECONDS * 1000}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # the driver is set to leave this to us
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {usual}")
        else:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_WAIT_SECONDS}s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            # Whoever waits for a table holds up everybody behind it: better to give up and say so.
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_TABLE_SECONDS}s'")
        yield connection


def run(connection: Connection, direction: str, step: str) -> None:
    """Go up or down inside the connection's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    if inspect(connection).has_table("service_schema"):
        command.stamp(config, version_of(connection) or "base")
        connection.exec_driver_sql("DROP TABLE service_schema")
    getattr(command, direction)(config, step)
