"""Which records belong to which vehicle: they change branches with it.

The bodies of records have no index, so what they say of their vehicle is kept beside them. An entry may outlive what
it says (a record that was deleted, or names another vehicle now): who reads it looks at the record.
"""

from collections.abc import Iterable
from functools import lru_cache

from db.base import replicated_models
from sync.server.ledger import Key, Row
from sync.server.store import Connection, Store

_COLUMNS = ("tenant_id", "unit_id", "table_name", "record_id")


@lru_cache(maxsize=1)
def followers() -> dict[str, str]:
    """The field that names the vehicle, by the table whose records follow it."""
    named = {table: model.__follows_unit__ for table, model in replicated_models().items()}
    return {table: name for table, name in named.items() if name}


def followed_unit(row: Row) -> str:
    """The id of the vehicle a record belongs to, "" for none."""
    name = followers().get(row.table)
    unit_id = row.fields.get(name) if name else None
    return unit_id if isinstance(unit_id, str) else ""


def note_followers(store: Store, connection: Connection, tenant: str, rows: Iterable[Row]) -> None:
    """Keep what these records say of the vehicle they belong to."""
    known = followers()
    entries = {
        (tenant, unit_id, row.table, row.id)
        for row in rows
        if row.table in known and not row.deleted and (unit_id := followed_unit(row))
    }
    store.insert_missing(connection, "unit_follower", _COLUMNS, sorted(entries))


def find_followers(store: Store, connection: Connection, tenant: str, unit_id: str) -> list[Key]:
    """What was said to belong to a vehicle, as far as it is written: in the order of tables and ids."""
    found = store.run(
        connection,
        "SELECT table_name, record_id FROM unit_follower WHERE tenant_id = ? AND unit_id = ?"
        " ORDER BY table_name, record_id",
        (tenant, unit_id),
    )
    return [(str(table), str(record_id)) for table, record_id in found.fetchall()]
