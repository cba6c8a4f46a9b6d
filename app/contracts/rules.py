"""The life of a contract: nothing is edited once its bytes are hashed; an amendment is a new version."""

from collections.abc import Sequence
from datetime import datetime

from app.contracts.errors import ContractLocked
from app.kernel.labels import Labelled
from app.kernel.permissions import Permission
from app.kernel.state_machine import StateMachine, Transition
from app.runtime.language import tr_noop


class ContractState(Labelled):
    DRAFT = "DRAFT", tr_noop("Draft")
    LOCKED = "LOCKED", tr_noop("Ready to sign")
    PARTIALLY_SIGNED = "PARTIALLY_SIGNED", tr_noop("Partly signed")
    SIGNED = "SIGNED", tr_noop("Signed")
    SEALED = "SEALED", tr_noop("Sealed")
    ARCHIVED = "ARCHIVED", tr_noop("Archived")
    DECLINED = "DECLINED", tr_noop("Declined")
    EXPIRED = "EXPIRED", tr_noop("Expired")
    VOIDED = "VOIDED", tr_noop("Voided")
    SUPERSEDED = "SUPERSEDED", tr_noop("Amended")
    TERMINATED = "TERMINATED", tr_noop("Terminated")
    DISPOSED = "DISPOSED", tr_noop("Destroyed")
    """After its time of keeping: number, digests and days remain (`app.archive.disposal`)."""


class ContractAction(Labelled):
    LOCK = "lock", tr_noop("Lock for signing")
    SIGN = "sign", tr_noop("Sign")
    SIGN_LAST = "sign_last", tr_noop("Sign as the last party")
    SEAL = "seal", tr_noop("Seal")
    ARCHIVE = "archive", tr_noop("Archive")
    DECLINE = "decline", tr_noop("Decline")
    EXPIRE = "expire", tr_noop("Let expire")
    VOID = "void", tr_noop("Void")
    SUPERSEDE = "supersede", tr_noop("Take the place of")
    REINSTATE = "reinstate", tr_noop("Put into force again")
    TERMINATE = "terminate", tr_noop("Terminate")
    DISPOSE = "dispose", tr_noop("Destroy")


class PartyState(Labelled):
    AWAITED = "AWAITED", tr_noop("Has still to sign")
    SIGNED = "SIGNED", tr_noop("Signed")
    DECLINED = "DECLINED", tr_noop("Declined")


_AWAITING = (ContractState.LOCKED, ContractState.PARTIALLY_SIGNED)
UNSEALED = (ContractState.DRAFT, *_AWAITING, ContractState.SIGNED)
"""On the way to the seal."""
IN_FORCE = (ContractState.SEALED, ContractState.ARCHIVED)
"""Everybody has signed, and nothing has taken its place or ended it."""
BY_CONSEQUENCE = (
    ContractAction.EXPIRE, ContractAction.SUPERSEDE, ContractAction.REINSTATE, ContractAction.DISPOSE,
)  # fmt: skip
"""What follows from time, from another contract or from a list; nobody is offered it for one contract."""

CLOSED = (
    *IN_FORCE, ContractState.DECLINED, ContractState.EXPIRED, ContractState.VOIDED, ContractState.SUPERSEDED,
    ContractState.TERMINATED,
)  # fmt: skip
"""Nothing is left to be signed: whose time of keeping runs."""

CONTRACT = StateMachine(
    document=tr_noop("contract"),
    initial=ContractState.DRAFT,
    transitions=(
        Transition(ContractAction.LOCK, (ContractState.DRAFT,), ContractState.LOCKED, Permission.CONTRACTS_SIGN),
        Transition(
            ContractAction.SIGN,
            _AWAITING,
            ContractState.PARTIALLY_SIGNED,
            Permission.CONTRACTS_SIGN,
        ),
        Transition(ContractAction.SIGN_LAST, _AWAITING, ContractState.SIGNED, Permission.CONTRACTS_SIGN),
        Transition(ContractAction.SEAL, (ContractState.SIGNED,), ContractState.SEALED, Permission.CONTRACTS_SEAL),
        Transition(ContractAction.ARCHIVE, (ContractState.SEALED,), ContractState.ARCHIVED, Permission.CONTRACTS_SEAL),
        Transition(
            ContractAction.DECLINE,
            _AWAITING,
            ContractState.DECLINED,
            Permission.CONTRACTS_SIGN,
            reason_required=True,
        ),
        Transition(ContractAction.EXPIRE, _AWAITING, ContractState.EXPIRED, Permission.CONTRACTS_DRAFT),
        Transition(
            ContractAction.VOID,
            (*_AWAITING, ContractState.SIGNED, ContractState.SEALED, ContractState.ARCHIVED),
            ContractState.VOIDED,
            Permission.CONTRACTS_VOID,
            reason_required=True,
        ),
        # By sealing its amendment, and by voiding that.
        Transition(ContractAction.SUPERSEDE, IN_FORCE, ContractState.SUPERSEDED, Permission.CONTRACTS_SEAL),
        Transition(
            ContractAction.REINSTATE, (ContractState.SUPERSEDED,), ContractState.SEALED, Permission.CONTRACTS_VOID
        ),
        Transition(
            ContractAction.TERMINATE,
            IN_FORCE,
            ContractState.TERMINATED,
            Permission.CONTRACTS_VOID,
            reason_required=True,
        ),
        # By the list that names it, after its time.
        Transition(ContractAction.DISPOSE, CLOSED, ContractState.DISPOSED, Permission.CONTRACTS_DISPOSE),
    ),
)


def signing_action(awaited: Sequence[str]) -> ContractAction:
    """What the next of the awaited parties does: SIGN_LAST where it is the only one left."""
    return ContractAction.SIGN if len(awaited) > 1 else ContractAction.SIGN_LAST


def signing_is_over(sign_until: datetime | None, now: datetime) -> bool:
    """Whether the time for signing has passed; a contract without one does not expire."""
    return sign_until is not None and now >= sign_until


def require_editable(state: ContractState | str) -> None:
    """Raises ContractLocked for every state but DRAFT."""
    if state != ContractState.DRAFT:
        raise ContractLocked()
