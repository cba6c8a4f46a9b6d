"""Models and migrations are equal, and every step goes up and down with data in the tables."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Table

from db import schema
from db.base import Base
from db.engine import Database
from db.errors import DatabaseTooNew
from db.schema import HEAD, downgrade, upgrade, version_of
from tests.factories.databases import KEY

MIGRATIONS = Path(schema.__file__).resolve().parent / "migrations"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    """A database file with nothing in it."""
    database = Database(tmp_path / "empty.db", KEY)
    yield database
    database.close()


def config_for(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def revisions() -> list[str]:
    """All migrations, the oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(config_for()).walk_revisions()][::-1]


def tables(connection: Connection) -> set[str]:
    return set(sa.inspect(connection).get_table_names())


def test_the_newest_migration_is_the_one_the_program_asks_for() -> None:
    script = ScriptDirectory.from_config(config_for())
    assert script.get_heads() == [HEAD]
    assert script.get_bases() == ["0001"]


def test_models_and_migrations_are_equal(empty: Database) -> None:
    upgrade(empty)
    with empty.exclusive() as connection:
        command.check(config_for(connection))  # raises with the difference


def test_the_models_tables_are_all_there(empty: Database) -> None:
    upgrade(empty)
    with empty.exclusive() as connection:
        expected = set(Base.metadata.tables) | {"alembic_version"}
        found = tables(connection)
        assert expected <= found
        assert all(name.startswith("search_") for name in found - expected)
        for name, table in Base.metadata.tables.items():
            indexes = {index["name"] for index in sa.inspect(connection).get_indexes(name)}
            assert {str(index.name) for index in table.indexes} == indexes


def test_upgrading_twice_does_nothing_the_second_time(empty: Database) -> None:
    assert upgrade(empty) is True
    assert upgrade(empty) is False


def sample(column: Any, n: int) -> Any:
    """A value that fits a reflected column; different for each n."""
    kind = column.type
    if isinstance(kind, sa.Boolean):
        return n == 1
    if isinstance(kind, sa.Integer | sa.BigInteger | sa.Numeric):
        return n
    if isinstance(kind, sa.LargeBinary):
        return b"\x00\xff" * n
    return f"{n}文"[: getattr(kind, "length", None) or 20]


def fill(connection: Connection) -> dict[str, int]:
    """Two rows in every table; returns how many rows each has."""
    counts = {}
    for name in sorted(tables(connection) - {"alembic_version"}):
        if name.startswith("search_") and name != "search_entry":
            continue
        table = Table(name, sa.MetaData(), autoload_with=connection)
        for n in (1, 2):
            values = {column.name: sample(column, n) for column in table.columns}
            connection.execute(table.insert().prefix_with("OR IGNORE"), values)
        counts[name] = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    return counts


@pytest.mark.parametrize("revision", revisions())
def test_every_step_goes_up_down_and_up_with_data(empty: Database, revision: str) -> None:
    below = "base" if revision == revisions()[0] else revisions()[revisions().index(revision) - 1]
    with empty.exclusive() as connection:
        schema._run(connection, "upgrade", revision)
        filled = fill(connection)
    assert filled
    assert all(filled.values())
    downgrade(empty, below)
    with empty.exclusive() as connection:
        assert version_of(connection) == (None if below == "base" else below)
        if below == "base":
            assert tables(connection) <= {"alembic_version"}
        schema._run(connection, "upgrade", revision)
        assert set(filled) <= tables(connection)
        fill(connection)
    empty.check_integrity()


def test_full_text_search_works_after_going_down_and_up(empty: Database) -> None:
    upgrade(empty)
    downgrade(empty, "base")
    upgrade(empty)
    with empty.exclusive() as connection:
        connection.exec_driver_sql("INSERT INTO search_customer_name (rowid, terms) VALUES (1, '王 小 王小')")
        found = connection.exec_driver_sql("SELECT rowid FROM search_customer_name('王小')")
        assert found.scalars().all() == [1]


def test_a_migration_that_dies_halfway_leaves_the_old_schema(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import op

    made: list[str] = []
    create_table = op.create_table

    def failing(name: str, *args: Any, **kwargs: Any) -> Any:
        if len(made) == 10:
            raise RuntimeError("the power went")
        made.append(name)
        return create_table(name, *args, **kwargs)

    monkeypatch.setattr(op, "create_table", failing)
    with pytest.raises(RuntimeError, match="the power went"):
        upgrade(empty)
    with empty.read() as session:
        assert tables(session.connection()) == set()
    monkeypatch.undo()
    assert upgrade(empty) is True


def test_a_database_of_a_later_version_is_left_alone(empty: Database) -> None:
    upgrade(empty)
    with empty.exclusive() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseTooNew):
        upgrade(empty)
    with empty.read() as session:
        assert version_of(session.connection()) == "9999"
