"""Records that were deleted before the centre heard of a payment or a contract that needs them.

Their bodies were erased. The centre asks its desks for them with every page until one of them shows the record: at
first those that still hold it whole, later any desk that has what deleting left of it.
"""

from collections.abc import Iterable
from typing import Any

from sync.server.devices import Device
from sync.server.ledger import Key, Ledger
from sync.server.store import Connection, Store

WHOLE_FOR = 3 * 24 * 3600 * 1_000_000
"""So long (microseconds) only desks are asked that hold the record whole: one of them may be away."""
_MOST = 200
"""Records a page asks for."""


def ask_for(
    store: Store, connection: Connection, ledger: Ledger, *, tenant: str, guarded: dict[Key, str | None], now: int
) -> None:  # fmt: skip
    """Note which of these records are deleted; of those with a scope (of who needs them) also which are not there.

    `now` in microseconds.
    """
    wanted: dict[Key, str] = {}
    unread: dict[str, list[str]] = {}
    for key, scope in guarded.items():
        if not ledger.has_read(*key):
            unread.setdefault(key[0], []).append(key[1])
            continue
        row = ledger.get(*key)
        if row is None and scope is not None:
            wanted[key] = scope
        elif row is not None and row.deleted:
            wanted[key] = row.scope
    for table, ids in unread.items():
        found = store.run(
            connection,
            "SELECT record_id, scope, deleted FROM replica_row WHERE tenant_id = ? AND table_name = ? AND "
            + store.any_of("record_id"),
            (tenant, table, store.listed(ids)),
        ).fetchall()
        wanted |= {(table, record_id): scope for record_id, scope, deleted in found if deleted}
        missing = set(ids) - {row[0] for row in found}
        wanted |= {(table, one): scope for one in missing if (scope := guarded[table, one]) is not None}
    store.insert_missing(
        connection, "needed_record", ("tenant_id", "table_name", "record_id", "scope", "asked_at"),
        [(tenant, *key, scope, now) for key, scope in sorted(wanted.items())],
    )  # fmt: skip


def forget(store: Store, connection: Connection, *, tenant: str, keys: Iterable[Key]) -> None:
    """These records are there again."""
    by_table: dict[str, list[str]] = {}
    for table, record_id in keys:
        by_table.setdefault(table, []).append(record_id)
    for table, ids in by_table.items():
        store.run(
            connection,
            f"DELETE FROM needed_record WHERE tenant_id = ? AND table_name = ? AND {store.any_of('record_id')}",
            (tenant, table, store.listed(ids)),
        )


def asked_of(store: Store, connection: Connection, device: Device, *, now: int) -> list[list[Any]]:
    """What this desk is asked for: `[table, id, whether what deleting left of it will do]`. `now` in microseconds."""
    found = store.run(
        connection,
        "SELECT table_name, record_id, scope, asked_at FROM needed_record WHERE tenant_id = ?"
        " ORDER BY asked_at, table_name, record_id",
        (device.tenant,),
    ).fetchall()
    return [[row[0], row[1], now - row[3] >= WHOLE_FOR] for row in found if device.may_use(row[2])][:_MOST]
