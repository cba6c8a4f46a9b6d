"""Records this desk keeps although the centre has deleted them: payments and contracts that wait here need them."""

import json

from sync.client.connection import DirectConnection
from sync.protocol.guarding import GUARDS, guarded_by

Key = tuple[str, str]
_TABLES = ", ".join(f"'{table}'" for table in GUARDS)
_WAITING = (
    "SELECT table_name, body FROM outbox_operation WHERE n > (SELECT acknowledged_n FROM desk_state WHERE id = 1)"
    f" AND kind = 'put' AND table_name IN ({_TABLES})"
)
_OPERATION = "SELECT table_name, body FROM outbox_operation WHERE n = ? AND kind = 'put'"


def kept_for_waiting(connection: DirectConnection) -> set[Key]:
    """The records, as (table, id), that payments and contracts are about which the centre has not answered."""
    rows = connection.exec_driver_sql(_WAITING).fetchall()
    return {key for table, body in rows for key in guarded_by(table, json.loads(body)["fields"])}


def kept_for(connection: DirectConnection, n: int) -> set[Key]:
    """The records that operation `n` is about, where it is a payment or a contract."""
    rows = connection.exec_driver_sql(_OPERATION, (n,)).fetchall()
    return {key for table, body in rows for key in guarded_by(table, json.loads(body)["fields"])}
