"""The feeds a push writes to: which they are, and their heads, locked until the commit."""

from collections.abc import Collection, Iterable
from itertools import groupby
from typing import Any

from sync.server.ledger import Key
from sync.server.store import Connection, Store


class ScopeHeads:
    """The heads of the scopes of one request; `heads` holds those that are locked, and is the same object always."""

    def __init__(self, store: Store, connection: Connection, *, tenant: str) -> None:
        self._store, self._connection, self._tenant = store, connection, tenant
        self.heads: dict[str, int] = {}

    def of(self, keys: Iterable[Key]) -> set[str]:
        """Only a vehicle's records change their scope, and whoever moves them has locked the vehicle: so this may be
        read before the scopes are locked. Each once is made here: asked to, SQLite walks the group's whole feed."""
        found: set[str] = set()
        for table, group in groupby(sorted(keys), key=lambda key: key[0]):
            rows = self._store.run(
                self._connection,
                "SELECT scope FROM replica_row WHERE tenant_id = ? AND table_name = ? AND "
                + self._store.any_of("record_id"),
                (self._tenant, table, self._store.listed(key[1] for key in group)),
            )
            found.update(row[0] for row in rows.fetchall())
        return found

    def branches_among(self, named: Collection[str]) -> set[str]:
        """Those of these ids that are branches of the group: a desk must not make up scopes."""
        if not named:
            return set()
        listed, tenant = self._store.listed(named), self._tenant
        rows = self._store.run(
            self._connection,
            f"SELECT scope FROM sync_scope WHERE tenant_id = ? AND {self._store.any_of('scope')} UNION"
            " SELECT record_id FROM replica_row WHERE tenant_id = ? AND table_name = 'branch' AND "
            + self._store.any_of("record_id"),
            (tenant, listed, tenant, listed),
        )
        return {str(row[0]) for row in rows.fetchall()}

    def lock(self, scopes: Iterable[str]) -> None:
        """Lock the heads of these scopes, sorted, until the commit: the order of places is the order of commits."""
        ordered = sorted(scopes)
        if not ordered:
            return
        tenant = self._tenant
        statement = (
            "SELECT scope, head FROM sync_scope WHERE tenant_id = ? AND "
            f"{self._store.any_of('scope')} ORDER BY scope{self._store.lock}"
        )
        values = (tenant, self._store.listed(ordered))
        self._read(statement, values)
        missing = [scope for scope in ordered if scope not in self.heads]
        if missing:
            self._store.insert_missing(
                self._connection, "sync_scope", ("tenant_id", "scope", "head", "min_seq"),
                [(tenant, scope, 0, 0) for scope in missing],
            )  # fmt: skip
            self._read(statement, values)

    def _read(self, statement: str, values: tuple[Any, ...]) -> None:
        self.heads.clear()
        for scope, head in self._store.run(self._connection, statement, values).fetchall():
            self.heads[scope] = head

    def write(self, before: dict[str, int]) -> None:
        """Store the heads that rose above what they were."""
        self._store.run_many(
            self._connection,
            "UPDATE sync_scope SET head = ? WHERE tenant_id = ? AND scope = ?",
            [(head, self._tenant, scope) for scope, head in sorted(self.heads.items()) if head != before[scope]],
        )
