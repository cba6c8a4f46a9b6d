"""Desks of earlier versions: a database as an earlier program left it, and a program that knows fewer columns."""

from sqlalchemy import Column, Connection, MetaData, Table

from db import schema
from db.base import Base
from db.engine import Database


def upgrade_to(database: Database, revision: str) -> None:
    """Bring an empty database to some migration."""
    with database.exclusive() as connection:
        schema._run(connection, "upgrade", revision)


def present_columns(connection: Connection, model: type[Base]) -> Table:
    """The model's table with those of its columns that the database has, and their defaults: to insert into."""
    name = model.__tablename__
    present = {row.name for row in connection.exec_driver_sql(f"PRAGMA table_info({name})")}
    return Table(name, MetaData(), *(
        Column(one.name, one.type, default=one.default.arg if one.default is not None else None)  # type: ignore[attr-defined]
        for one in model.__table__.columns if one.name in present
    ))  # fmt: skip
