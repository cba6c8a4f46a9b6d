"""A centre's database of before transfers gets its new tables, filled from what it has."""

from pathlib import Path

from sync.server.store import Store
from sync.server.tables import SCHEMA
from tests.sync.postgres_cluster import Cluster

VIN = "LSVAA4182E2184847"


def grown(store: Store) -> tuple[int, list[tuple[str, str]]]:
    """Take a new database back to the first schema with one vehicle in it, then let the service prepare it."""
    store.ensure_schema()
    with store.write() as connection:
        for table in ("vehicle_owner", "scope_leave"):
            store.run(connection, f"DROP TABLE {table}")
        store.run(connection, "UPDATE service_schema SET version = 1")
        store.run(
            connection,
            "INSERT INTO replica_row (tenant_id, table_name, record_id, scope, seq, ver, deleted, body, field_clock,"
            " created_at, updated_at, origin, origin_base, size)"
            " VALUES ('main', 'vehicle_unit', ?, 'b1', 1, 1, 0, '{}', '{}', 1, 1, '', 0, 2)",
            ("c" * 32,),
        )
        store.run(
            connection,
            "INSERT INTO vehicle_entry (tenant_id, vin, vehicle_id, scope) VALUES ('main', ?, ?, 'b1')",
            (VIN, "c" * 32),
        )
    store.ensure_schema()
    store.ensure_schema()
    with store.read() as connection:
        version = store.run(connection, "SELECT version FROM service_schema").scalar()
        owners = store.run(connection, "SELECT vin, scope FROM vehicle_owner").fetchall()
    return int(version), [(row[0], row[1]) for row in owners]


def test_each_vehicle_that_was_there_has_its_owner(tmp_path: Path, cluster: Cluster) -> None:
    for url in (f"sqlite:///{tmp_path / 'old.db'}", cluster.create_database()):
        store = Store(url, pool=2)
        assert grown(store) == (SCHEMA, [(VIN, "b1")])
        store.close()
