"""What outside authorities say of the key this desk bought, asked for at the centre after an exchange."""

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from app.kernel.changes import Changes
from app.kernel.errors import DomainError
from app.kernel.permissions import Permission
from app.wiring.desk import Desk

if TYPE_CHECKING:
    from app.contracts.authorities.outside import OutsideChain

log = logging.getLogger(__name__)
ASKED_SECONDS = 4 * 3600.0
"""A revocation is known at the desk after so long, and what the authority and the service take to tell."""
AFTER_TROUBLE_SECONDS = 600.0


class Transport(Protocol):
    """What is needed of `sync.client.transport.HttpTransport`."""

    def ask(self, question: str, message: dict[str, Any]) -> dict[str, Any]:
        """Raises SyncProblem."""


class OutsideListKeeper:
    """Called after each exchange, on its thread, before contracts are time-stamped: so lists get into their proof."""

    def __init__(
        self, desk: Desk, transport: Transport, *, on_changes: Callable[[Changes], Any],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._desk, self._transport, self._on_changes = desk, transport, on_changes
        self._monotonic = monotonic
        self._due = float("-inf")
        self._asked: list[OutsideChain] = []

    def follow_up(self) -> None:
        """Ask for the lists of this desk's chains, a few times a day. Raises nothing the exchange would end for."""
        from sync.client.errors import SyncProblem

        if not (self._desk.is_open and self._desk.signed_in and self._desk.actor.may(Permission.CONTRACTS_SEAL)):
            return
        chains = self._chains()
        if not chains or (chains == self._asked and self._monotonic() < self._due):
            return
        self._asked, self._due = chains, self._monotonic() + AFTER_TROUBLE_SECONDS
        try:
            told = [one for chain in chains for one in self._ask(chain)]
        except (SyncProblem, DomainError) as problem:
            log.info("no revocation lists (%s); asking again later", problem.code)
            return
        self._keep(tuple(one["list"].encode("ascii") for one in told if one["list"]))
        for one in told:
            if one["reason"]:
                log.warning("no revocation list for certificate %.16s: %s", one["certificate"], one["reason"])
        if not any(_may_pass(one["reason"]) for one in told):
            self._due = self._monotonic() + ASKED_SECONDS

    def _chains(self) -> "list[OutsideChain]":
        from app.contracts.authorities.outside import outside_chains
        from app.wiring.signing import signing_keys_are_there

        return outside_chains() if signing_keys_are_there(self._desk) else []

    def _ask(self, chain: "OutsideChain") -> list[dict[str, str]]:
        from sync.client.errors import AnswerNotUnderstood

        certificates = [pem.decode("ascii") for pem in chain.certificates]
        told = self._transport.ask("outside-lists", {"certificates": certificates})
        try:
            return [{name: str(one[name]) for name in ("certificate", "list", "reason")} for one in told["lists"]]
        except (KeyError, TypeError) as error:
            raise AnswerNotUnderstood(address="") from error

    def _keep(self, lists: tuple[bytes, ...]) -> None:
        from app.contracts.authorities.commands import KeepOutsideLists

        if lists:
            changes = self._desk.dispatcher.execute(KeepOutsideLists(lists=lists), self._desk.actor).changes
            if changes:
                self._on_changes(changes)


def _may_pass(reason: str) -> bool:
    """Whether a list may be had soon although it could not be now."""
    return reason in ("busy", "unreachable", "status", "outdated")
