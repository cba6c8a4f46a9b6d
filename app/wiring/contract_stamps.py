"""Sealed contracts get their time-stamps from the centre after an exchange, and before those end, others."""

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from app.kernel.changes import Changes
from app.kernel.errors import DomainError
from app.kernel.permissions import Permission
from app.wiring.desk import Desk
from app.wiring.signing import signing_keys_are_there

if TYPE_CHECKING:
    from app.contracts.stamps.time_stamping import StampAuthority

log = logging.getLogger(__name__)
AT_ONCE = 10
"""Contracts time-stamped after one exchange; the others wait for the next one."""
LOOK_SECONDS = 30.0
"""Looking again costs two small reads: at most so often."""
ROOTS_SECONDS = 24 * 3600.0
AFTER_TROUBLE_SECONDS = 600.0


class Transport(Protocol):
    """What is needed of `sync.client.transport.HttpTransport`."""

    def ask(self, question: str, message: dict[str, Any]) -> dict[str, Any]:
        """Raises SyncProblem."""

    def time_stamp(self, query: bytes) -> bytes:
        """Raises SyncProblem."""


class CentreStamps:
    """`app.contracts.stamps.time_stamping.StampCentre` over the desk's connection."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def authority(self) -> "StampAuthority":
        """Asked anew: the lists are signed for the moment. Raises SyncProblem."""
        from app.contracts.stamps.time_stamping import StampAuthority
        from sync.client.errors import AnswerNotUnderstood

        told = self._transport.ask("timestamp-authority", {})
        try:
            listed = [
                tuple(str(pem).encode("ascii") for pem in told[name])
                for name in ("roots", "certificates", "revocation_lists")
            ]
        except (KeyError, TypeError, UnicodeEncodeError) as error:
            raise AnswerNotUnderstood(address="") from error
        return StampAuthority(roots=listed[0], certificates=listed[1], revocation_lists=listed[2])

    def stamp(self, query: bytes) -> bytes:
        """See `HttpTransport.time_stamp`."""
        return self._transport.time_stamp(query)


class ContractStamps:
    """Called after each exchange, on its thread, and after a refusal not for ten minutes."""

    def __init__(
        self, desk: Desk, transport: Transport, *, on_changes: Callable[[Changes], Any],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._desk, self._centre, self._on_changes = desk, CentreStamps(transport), on_changes
        self._monotonic = monotonic
        self._next = self._roots_due = float("-inf")

    def follow_up(self) -> None:
        """Learn roots once a day, keep the revocation list fresh, have contracts time-stamped. Raises nothing the
        exchange would have to end for."""
        from sync.client.errors import SyncProblem

        if self._monotonic() < self._next or not self._may():
            return
        self._next = self._monotonic() + LOOK_SECONDS
        try:
            if self._monotonic() >= self._roots_due:
                self._learn_roots()
            self._refresh_list()
            self._stamp_some()
        except (SyncProblem, DomainError) as problem:
            log.info("no time-stamp (%s); trying again later", problem.code)
            self._next = self._monotonic() + AFTER_TROUBLE_SECONDS

    def _may(self) -> bool:
        return self._desk.is_open and self._desk.signed_in and self._desk.actor.may(Permission.CONTRACTS_SEAL)

    def _learn_roots(self) -> None:
        from app.contracts.stamps.roots import keep_roots

        about = self._centre.authority()
        keep_roots(self._desk.database, about, now=self._desk.clock.now())
        self._roots_due = self._monotonic() + ROOTS_SECONDS

    def _refresh_list(self) -> None:
        from app.contracts.authorities.commands import RefreshRevocationList
        from app.contracts.authorities.own import revocation_list_is_due

        if signing_keys_are_there(self._desk) and self._desk.read(revocation_list_is_due):
            self._execute(RefreshRevocationList())

    def _stamp_some(self) -> None:
        from app.contracts.stamps.stamping import contracts_to_stamp

        waiting = self._desk.read(contracts_to_stamp, limit=AT_ONCE)
        for contract_id in waiting:
            self._stamp(contract_id)
        if len(waiting) == AT_ONCE:
            self._next = self._monotonic()

    def _stamp(self, contract_id: str) -> None:
        """One contract. What is wrong with it alone keeps no other from its time-stamp."""
        from app.contracts.stamps.commands import StampContract
        from app.contracts.stamps.errors import NotYetSealed, StampNotSound, StampOutdated
        from app.contracts.stamps.stamping import make_stamp, stamp_material

        try:
            material = self._desk.read(stamp_material, contract_id)
            prepared = make_stamp(material, self._centre, now=self._desk.clock.now())
            self._execute(StampContract(contract_id=contract_id, prepared=prepared))
        except (NotYetSealed, StampOutdated) as passing:
            log.info("contract %s needs no time-stamp now (%s)", contract_id, passing.code)
        except StampNotSound as problem:
            log.warning("contract %s got no time-stamp: %s", contract_id, problem)

    def _execute(self, command: Any) -> None:
        changes = self._desk.dispatcher.execute(command, self._desk.actor).changes
        if changes:
            self._on_changes(changes)
