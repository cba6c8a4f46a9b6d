"""Sealed contracts at desks, and a centre whose log somebody tampers with."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from db.ids import new_id
from db.models.contracts import Contract
from sync.server.document_log import enter
from sync.server.store import Store
from tests.sync.desks import Desk

TENANT = "main"


def digest_of(name: str) -> str:
    """The SHA-256 of a document of this name."""
    return hashlib.sha256(name.encode()).hexdigest()


def seal(desk: Desk, *names: str) -> list[str]:
    """Sealed contracts with these documents, one command each; their ids."""
    made = []
    for name in names:
        contract = Contract(
            id=new_id(), branch_id=desk.branch.id, number=name, order_id=new_id(), customer_id=new_id(), state="SEALED",
            template_code="vehicle_sale", template_version="1", sealed_digest=digest_of(name),
            sealed_at=desk.clock.now(),
        )  # fmt: skip
        desk.do(lambda uow, added=contract: uow.add(added) and None)
        made.append(contract.id)
    return made


def logged(store: Store, tenant: str = TENANT) -> list[str]:
    """The digests in the log, in their order."""
    with store.read() as connection:
        rows = store.run(
            connection, "SELECT digest FROM document_log_entry WHERE tenant_id = ? ORDER BY number", (tenant,)
        )
        return [row[0] for row in rows.fetchall()]


def forge(store: Store, digests: Sequence[str], *, at: int) -> None:
    """Put another log in the place of the group's, sound in itself: what somebody can do who has the database."""
    with store.write() as connection:
        for table in ("document_log_entry", "document_log_hash"):
            store.run(connection, f"DELETE FROM {table} WHERE tenant_id = ?", (TENANT,))
        store.run(connection, "UPDATE document_log SET size = 0, last_at = 0 WHERE tenant_id = ?", (TENANT,))
        enter(store, connection, tenant=TENANT, digests=digests, now=at)


class LyingTransport:
    """A transport whose answers about the log somebody changes on the way."""

    def __init__(self, inner: Any, lie: Callable[[dict[str, Any]], None]) -> None:
        self._inner, self.lie = inner, lie

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def ask(self, question: str, message: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self._inner.ask(question, message)
        if question == "log":
            self.lie(answer)
        return answer


def lie(desk: Desk, change: Callable[[dict[str, Any]], None]) -> None:
    """From now on this desk's answers about the log are changed."""
    desk.engine.log._transport = LyingTransport(desk.engine.transport, change)  # type: ignore[assignment]
