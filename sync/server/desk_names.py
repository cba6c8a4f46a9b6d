"""What desks are called. A desk is told of those that got their names since it heard last, and of no others.

Written times name a device by the last digits of its id; with these names people read which desk that is.
"""

from typing import Any

from sync.protocol.merging import short_name
from sync.server.store import Connection, Store

_AT_ONCE = 1_000
"""Names that travel with one page; the next page has the following ones."""


def note_named(store: Store, connection: Connection, tenant: str, device_id: str) -> None:
    """This desk got its name, or another one: everybody hears of it with their next page.

    The tenant's row stays locked until the commit, so that numbers become visible in their order.
    """
    store.run(connection, "UPDATE tenant SET names = names + 1 WHERE tenant_id = ?", (tenant,))
    store.run(
        connection,
        "UPDATE device SET named = (SELECT names FROM tenant WHERE tenant_id = ?)"
        " WHERE tenant_id = ? AND device_id = ?",
        (tenant, tenant, device_id),
    )


def names_since(store: Store, connection: Connection, tenant: str, *, told: int, known: int) -> dict[str, Any]:
    """`{"to", "desks": [[short name, branch code, desk code], …]}` beyond `told`.

    `known` is the tenant's present number. A desk that was told more than there is heard it from a centre that came
    back from a backup since: it begins again.
    """
    after = told if told < known else 0
    rows = store.run(
        connection,
        "SELECT named, device_id, branch_code, desk_code FROM device WHERE tenant_id = ? AND named > ? AND named <= ?"
        " ORDER BY named LIMIT ?",
        (tenant, after, known, _AT_ONCE),
    ).fetchall()
    to = rows[-1][0] if len(rows) == _AT_ONCE else known
    return {"to": to, "desks": [[short_name(row[1]), row[2], row[3]] for row in rows]}
