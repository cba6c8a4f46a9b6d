"""Desks of earlier versions: a database as an earlier program left it, and a program that knows fewer columns."""

from db import schema
from db.engine import Database


def upgrade_to(database: Database, revision: str) -> None:
    """Bring an empty database to some migration."""
    with database.exclusive() as connection:
        schema._run(connection, "upgrade", revision)
