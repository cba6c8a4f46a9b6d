"""Every key begins with the group, and every statement names it: what spreading groups over servers rests on."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from sync.server.contents import Contents
from sync.server.invariants import check
from sync.server.schema import all_tables
from sync.server.store import Store
from sync.server.upkeep import recount_digests, tend
from tests.sync.conftest import Group
from tests.sync.postgres_cluster import Cluster
from tests.sync.raw_device import Join, put_customer
from tests.sync.watched_service import WITHOUT_GROUP, fault_in, faults, group_tables, walked_by, watch


def test_every_key_and_every_index_begins_with_the_group() -> None:
    tables = all_tables().tables
    assert set(tables) - group_tables() == WITHOUT_GROUP
    for name in group_tables():
        table = tables[name]
        keys = [table.primary_key, *table.indexes]
        keys += [one for one in table.constraints if isinstance(one, sa.UniqueConstraint)]
        for key in keys:
            first = next(iter(key.columns))
            assert first.name == "tenant_id", f"{name}: {key.name}"
            assert not first.nullable
        assert not table.foreign_keys, f"{name}: a foreign key would bind groups' tables to each other"


def test_the_database_has_no_other_keys_either(tmp_path: Path, cluster: Cluster) -> None:
    store = Store(cluster.create_database(), pool=1)
    store.ensure_schema()
    with store.read() as connection:
        found = store.run(
            connection,
            "SELECT c.relname, i.relname, a.attname FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid"
            " JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0] WHERE n.nspname = 'public'",
        ).fetchall()
        sequences = store.run(connection, "SELECT count(*) FROM pg_class WHERE relkind = 'S'").scalar()
    store.close()
    others = {row[0] for row in found if row[2] != "tenant_id"}
    assert others == {"alembic_version", *WITHOUT_GROUP}
    assert sequences == 0, "a sequence would be one for all groups, and lose places to late commits"


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ("SELECT 1 FROM device WHERE device_id = ?", "other groups"),
        ("SELECT 1 FROM device d JOIN access_token t ON t.device_id = d.device_id WHERE d.tenant_id = ?", "other"),
        ("DELETE FROM replica_row WHERE record_id = ?", "other groups"),
        ("INSERT INTO device (device_id, tenant_id) VALUES (?, ?)", "first column"),
        ("SELECT 1 FROM device WHERE tenant_id = ?", ""),
        ("SELECT 1", ""),
    ],
)
def test_a_statement_that_forgets_the_group_is_found(statement: str, wrong: str) -> None:
    found = fault_in(statement, checked=True, tables=group_tables())
    assert (wrong in found) if wrong else not found


def test_a_statement_that_walks_through_all_a_group_has_is_found() -> None:
    named = "WHERE tenant_id = ? AND table_name = ? AND record_id IN (SELECT value FROM json_each(?))"
    assert walked_by(f"SELECT DISTINCT scope FROM replica_row {named}") == "replica_row"
    assert walked_by("SELECT r.ver FROM replica_row r WHERE r.tenant_id = ? AND r.ver > ?") == "replica_row"
    assert walked_by("DELETE FROM record_guard WHERE guarded_by = ?") == "record_guard"
    assert walked_by(f"SELECT scope FROM replica_row {named}") == ""
    assert walked_by("SELECT 1 FROM device WHERE tenant_id = ?") == ""


def test_a_write_that_does_not_look_whether_the_group_is_open_is_found() -> None:
    statement = "UPDATE device SET role = ? WHERE tenant_id = ?"
    assert "open here" in fault_in(statement, checked=False, tables=group_tables())
    assert fault_in(statement, checked=True, tables=group_tables()) == ""


def test_upkeep_goes_group_by_group(small_group: Group, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It runs once an hour, so that the watched services never come to it."""
    for name in ("run", "run_many", "insert_many", "stream", "_transaction"):
        monkeypatch.setattr(Store, name, Store.__dict__[name])  # so that they come back
    small_group.code()
    watch(tmp_path / "statements")
    store = small_group.store
    tend(store, now=1)
    Contents(store).drop_orphans(now=1)
    check(store, tenant=small_group.tenant)
    recount_digests(store, small_group.tenant)
    assert faults(tmp_path / "statements", upkeep=True) == []


def test_scaling_names_every_table_with_its_key() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "scaling.md").read_text(encoding="utf-8")
    for name in group_tables():
        keys = ", ".join(f"`{column.name}`" for column in all_tables().tables[name].primary_key.columns)
        assert f"| `{name}` | {keys} |" in text, name
        assert f"create_distributed_table('{name}', 'tenant_id'" in text, name
    named = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `") and "`tenant_id`" in line}
    assert named == group_tables()


def test_the_services_of_these_tests_are_watched(group: Group, join: Join) -> None:
    """What all tests together made the service say is looked at when it ends: see `services` in conftest."""
    device = join()
    device.push(put_customer(device, name="王"))
    device.pull_all()
    assert group.service.statements.exists()
    assert faults(group.service.statements) == []
