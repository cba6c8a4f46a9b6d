"""The service's schema: models and steps are equal, steps go up and down with data, whole or not at all, once."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Table

from sync.server import schema
from sync.server.schema import HEAD, ServiceTooOld, all_tables, downgrade, upgrade, version_of
from sync.server.store import Store
from tests.sync.conftest import BACKENDS
from tests.sync.postgres_cluster import Cluster
from tests.sync.service_process import ROOT

MIGRATIONS = Path(schema.__file__).resolve().parent / "migrations"
VIN = "LSVAA4182E2184847"
Empty = Callable[[], Store]


@pytest.fixture(params=BACKENDS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Empty]:
    """Makes databases with nothing in them."""
    made: list[Store] = []

    def make() -> Store:
        url = f"sqlite:///{tmp_path / f'{len(made)}.db'}"
        if request.param == "postgresql":
            cluster: Cluster = request.getfixturevalue("cluster")
            url = cluster.create_database()
        made.append(Store(url, pool=2))
        return made[-1]

    yield make
    for store in made:
        store.close()


def script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)


def steps() -> list[str]:
    """All steps, the oldest first."""
    return [step.revision for step in script().walk_revisions()][::-1]


def tables(connection: Connection) -> set[str]:
    return set(sa.inspect(connection).get_table_names())


def version(store: Store) -> str | None:
    with store.engine.connect() as connection:
        return version_of(connection)


def to(store: Store, step: str) -> None:
    """Go up to a step."""
    with schema._alone(store.engine) as connection:
        schema.run(connection, "upgrade", step)


def test_the_newest_step_is_the_one_the_service_asks_for() -> None:
    assert script().get_heads() == [HEAD]
    assert script().get_bases() == ["0001"]


def test_models_and_steps_are_equal(empty: Empty) -> None:
    store = empty()
    assert upgrade(store.engine) is True
    assert upgrade(store.engine) is False
    with store.engine.connect() as connection:
        found = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(found, all_tables()) == []
        assert tables(connection) == set(all_tables().tables) | {"alembic_version"}
        inspector = sa.inspect(connection)
        for name, table in all_tables().tables.items():
            assert inspector.get_pk_constraint(name)["constrained_columns"] == [
                column.name for column in table.primary_key.columns
            ]


def test_what_sqlite_is_told_of_tables_is_equal_too(tmp_path: Path) -> None:
    """Autogenerate compares neither the order of columns nor WITHOUT ROWID."""
    said = []
    for name in ("steps", "models"):
        store = Store(f"sqlite:///{tmp_path / name}.db", pool=1)
        if name == "steps":
            store.ensure_schema()
        else:
            all_tables().create_all(store.engine)
        with store.engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT name, wr FROM pragma_table_list WHERE schema = 'main'")
            said.append({
                name: (without_rowid, connection.exec_driver_sql(f"PRAGMA table_xinfo({name})").fetchall())
                for name, without_rowid in found.fetchall() if name != "alembic_version"
            })  # fmt: skip
        store.close()
    assert said[0] == said[1]


def sample(column: Any, n: int) -> Any:
    """A value that fits a reflected column; different for each n."""
    kind = column.type
    if isinstance(kind, sa.Integer | sa.BigInteger | sa.Numeric):
        return n
    if isinstance(kind, sa.LargeBinary):
        return b"\x00\xff" * n
    if column.name in ("body", "field_clock"):
        return '{"unit_id":"u1"}'
    return f"{n}文"[: getattr(kind, "length", None) or 20]


def fill(connection: Connection) -> dict[str, int]:
    """Two rows in every table; returns how many rows each has."""
    counts = {}
    for name in sorted(tables(connection) - {"alembic_version"}):
        table = Table(name, sa.MetaData(), autoload_with=connection)
        for n in (1, 2):
            values = {column.name: sample(column, n) for column in table.columns}
            with connection.begin_nested():
                keys = [column == values[column.name] for column in table.primary_key.columns]
                if connection.execute(sa.select(sa.literal(1)).select_from(table).where(*keys)).first() is None:
                    connection.execute(table.insert().values(**values))
        counts[name] = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    return counts


def test_every_step_goes_up_down_and_up_with_data(empty: Empty) -> None:
    store = empty()
    for below, step in zip(["base", *steps()], steps(), strict=False):
        to(store, step)
        with schema._alone(store.engine) as connection:
            filled = fill(connection)
        assert all(filled.values())
        downgrade(store.engine, below)
        assert version(store) == (None if below == "base" else below)
        to(store, step)
        with schema._alone(store.engine) as connection:
            assert set(filled) <= tables(connection)
            assert version_of(connection) == step
            fill(connection)
    downgrade(store.engine, "base")
    with store.engine.connect() as connection:
        # A service of before made the tables of contents by itself, so they are never taken away.
        assert tables(connection) == {"alembic_version", "content", "content_part"}


def old(store: Store, counted: int) -> None:
    """A database as services kept it that counted their versions in a table of their own, with one vehicle in it."""
    to(store, f"{counted:04d}")
    with store.write() as connection:
        store.run(connection, "DROP TABLE alembic_version")
        store.run(connection, "CREATE TABLE service_schema (version INTEGER PRIMARY KEY)")
        store.run(connection, "INSERT INTO service_schema VALUES (?)", (counted,))
        rows = [("vehicle_unit", "c" * 32, 1, "{}"), ("unit_cost", "d" * 32, 2, '{"unit_id":"u1"}')]
        store.insert_many(
            connection, "replica_row",
            ("tenant_id", "table_name", "record_id", "scope", "seq", "ver", "deleted", "body", "field_clock",
             "created_at", "updated_at", "origin", "origin_base", "size"),
            [("main", table, record, "b1", seq, 1, 0, body, "{}", 1, 1, "", 0, 2) for table, record, seq, body in rows],
        )  # fmt: skip
        store.run(
            connection, "INSERT INTO vehicle_entry (tenant_id, vin, vehicle_id, scope) VALUES ('main', ?, ?, 'b1')",
            (VIN, "c" * 32),
        )  # fmt: skip


@pytest.mark.parametrize("counted", [1, 2, 3])
def test_databases_that_counted_their_versions_are_brought_along(empty: Empty, counted: int) -> None:
    store = empty()
    old(store, counted)
    assert version(store) == f"{counted:04d}"
    store.ensure_schema()
    store.ensure_schema()
    assert version(store) == HEAD
    with store.read() as connection:
        owners = store.run(connection, "SELECT vin, scope FROM vehicle_owner").fetchall()
        followers = store.run(connection, "SELECT unit_id, record_id FROM unit_follower").fetchall()
    assert [tuple(row) for row in owners] == ([(VIN, "b1")] if counted < 2 else [])
    assert [tuple(row) for row in followers] == ([("u1", "d" * 32)] if counted < 3 else [])
    with store.engine.connect() as connection:
        assert "service_schema" not in tables(connection)
        assert compare_metadata(MigrationContext.configure(connection), all_tables()) == []


def test_pictures_of_before_stay_where_they_are(empty: Empty) -> None:
    store = empty()
    old(store, 3)
    all_tables().create_all(store.engine, tables=[all_tables().tables["content"]])
    with store.write() as connection:
        store.run(connection, "INSERT INTO content VALUES ('main', ?, 3, 3, 1, 1)", ("a" * 64,))
    store.ensure_schema()
    downgrade(store.engine, "0007")
    store.ensure_schema()
    with store.read() as connection:
        assert store.run(connection, "SELECT count(*) FROM content").scalar() == 1


@pytest.mark.parametrize("table", ["alembic_version", "service_schema"])
def test_a_database_of_a_later_service_is_left_alone(empty: Empty, table: str) -> None:
    store = empty()
    store.ensure_schema()
    with store.write() as connection:
        store.run(connection, "DROP TABLE alembic_version")
        column = "version INTEGER" if table == "service_schema" else "version_num VARCHAR(32)"
        store.run(connection, f"CREATE TABLE {table} ({column})")
        store.run(connection, f"INSERT INTO {table} VALUES ('9999')")
    with pytest.raises(ServiceTooOld, match=f"schema 9999, this service knows up to {HEAD}"):
        store.ensure_schema()
    assert version(store) == "9999"


_DIES = """
import os, signal, sys
from sqlalchemy import event
from sync.server.store import Store
store = Store(sys.argv[1], pool=1)
seen = 0
@event.listens_for(store.engine, "before_cursor_execute")
def die(connection, cursor, statement, values, context, many):
    global seen
    seen += "CREATE TABLE" in statement or statement.startswith("INSERT INTO vehicle_owner")
    if seen == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
store.ensure_schema()
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
@pytest.mark.parametrize("table", [2, 5])
def test_a_service_killed_in_the_middle_of_a_step_leaves_the_schema_it_found(empty: Empty, table: int) -> None:
    store = empty()
    old(store, 1)
    url = store.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    done = subprocess.run([sys.executable, "-c", _DIES, url, str(table)], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    with store.engine.connect() as connection:
        assert version_of(connection) == "0001"
        assert not {"vehicle_owner", "scope_leave", "unit_follower", "alembic_version"} & tables(connection)
    store.ensure_schema()
    assert version(store) == HEAD
    with store.read() as connection:
        assert store.run(connection, "SELECT count(*) FROM vehicle_owner").scalar() == 1


_STARTS = """
import sys
from sync.server.schema import upgrade
from sync.server.store import Store
store = Store(sys.argv[1], pool=1)
print("ready", flush=True)
sys.stdin.readline()
print("worked" if upgrade(store.engine) else "found it done", flush=True)
"""


def test_of_instances_that_start_at_once_one_works_and_the_others_find_it_done(empty: Empty) -> None:
    store = empty()
    url = store.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", _STARTS, url], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    assert [one.stdout.readline() for one in starting if one.stdout] == ["ready\n"] * 3
    for one in starting:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    said = sorted(one.communicate(timeout=60)[0].strip() for one in starting)
    assert said == ["found it done", "found it done", "worked"]
    assert version(store) == HEAD


def test_alembic_is_not_imported_where_there_is_nothing_to_do(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'there.db'}"
    store = Store(url, pool=1)
    store.ensure_schema()
    store.close()
    code = (
        "import sys; from sync.server.store import Store; store = Store(sys.argv[1], pool=1); store.ensure_schema();"
        " sys.exit(any(name.partition('.')[0] == 'alembic' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code, url], cwd=ROOT, timeout=60, check=False).returncode == 0
