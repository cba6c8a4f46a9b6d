"""Acknowledgements half given survive a crash: kept as a draft of the salesperson's at this desk, for a day."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import QObject

from app.contracts.commands import ClauseAcknowledgement
from ui.kit.context import PageContext

KEPT_FOR = timedelta(days=1)
"""Whoever comes back later is asked every clause anew."""


class KeptAcknowledgements:
    """Only which clause and when; a signature itself is never kept half."""

    def __init__(self, context: PageContext, parent: QObject) -> None:
        self._context, self._parent = context, parent
        self._last: tuple[str, dict[str, str]] | None = None

    def save(
        self, contract_id: str, party: str, digest: str, acknowledged: Iterable[ClauseAcknowledgement]
    ) -> None:  # fmt: skip
        """Keep what stands ticked, if it changed."""
        key, given = _key(contract_id, party), {item.clause_id: item.at.isoformat() for item in acknowledged}
        if self._last == (key, given) or (not given and (self._last is None or self._last[0] != key)):
            return
        self._last = (key, given)
        drafts, payload = self._context.drafts, {"digest": digest, "given": given}
        self._context.operations.run_plain(
            self._parent, lambda: drafts.save(key, payload), writes=True, on_error=lambda _error: True
        )

    def load(
        self, contract_id: str, party: str, digest: str, on_done: Callable[[dict[str, datetime]], object]
    ) -> None:  # fmt: skip
        """What was given for these very bytes within the last day, clause id → when; empty where there is nothing."""
        key, drafts, now = _key(contract_id, party), self._context.drafts, self._context.clock.now()
        self._last = None
        self._context.operations.run_plain(
            self._parent, lambda: drafts.load(key), on_done=lambda found: on_done(_usable(found, digest, now)),
            on_error=lambda _error: True,
        )  # fmt: skip

    def forget(self, contract_id: str, party: str) -> None:
        """Signed or declined."""
        key, drafts = _key(contract_id, party), self._context.drafts
        self._last = None
        self._context.operations.run_plain(self._parent, lambda: drafts.discard(key), writes=True)


def _key(contract_id: str, party: str) -> str:
    return f"signing-{contract_id}-{party}"


def _usable(found: dict[str, Any] | None, digest: str, now: datetime) -> dict[str, datetime]:
    if not found or found.get("digest") != digest:
        return {}
    given = {str(clause): datetime.fromisoformat(at) for clause, at in dict(found.get("given", {})).items()}
    return {clause: at for clause, at in given.items() if now - KEPT_FOR < at <= now}
