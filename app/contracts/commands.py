"""Drafting, locking, signing and sealing contracts.

What needs much computing is prepared by a query (`prepare_seal`) outside the write lock; the command stores the bytes
after checking their digests against the rows.
"""

from dataclasses import dataclass
from datetime import datetime

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftContract(Command):
    """Write the contract of an order as a PDF from its rows. Returns `ContractDrafted`.

    An earlier draft of the same order is replaced; one that is locked or signed has to be voided or declined first.
    A provisional sale is said on the paper. `language`: zh_CN or en.
    """

    order_id: str
    template_code: str = "vehicle_sale"
    language: str = "zh_CN"


@dataclass(frozen=True, slots=True)
class ContractDrafted:
    """What `DraftContract` returns."""

    contract_id: str
    number: str
    revision: int
    pages: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LockContract(Command):
    """Fix the bytes: from here on nothing is edited. `shown_digest` is the draft the user looked at."""

    contract_id: str
    expected_revision: int
    shown_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StrokePoint:
    """A point of a handwritten signature: milliseconds since the first; place in the pad and pressure from 0 to 1."""

    t_ms: int
    x: float
    y: float
    pressure: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseAcknowledgement:
    """The customer has taken note of one clause that limits them, at that moment."""

    clause_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignContract(Command):
    """One party signs the locked bytes. Returns `ContractSigned`.

    `party`: "buyer" or "dealer". `shown_digest` is the SHA-256 of the document that was shown; the buyer acknowledges
    each limiting clause. `identity_check` says how the signer was identified. Nobody signs twice.
    """

    contract_id: str
    expected_revision: int
    party: str
    signer_name: str
    strokes: tuple[tuple[StrokePoint, ...], ...]
    acknowledgements: tuple[ClauseAcknowledgement, ...] = ()
    shown_digest: str
    identity_check: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class ContractSigned:
    """What `SignContract` returns; `state` is PARTIALLY_SIGNED or SIGNED."""

    contract_id: str
    state: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSeal:
    """Sealed bytes made by `app.contracts.queries.prepare_seal` from the rows at `revision`."""

    contract_id: str
    revision: int
    locked_digest: str
    evidence_digests: tuple[str, ...]
    sealed_digest: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SealContract(Command):
    """Store the sealed bytes of a signed contract. Refused when anything changed since they were prepared."""

    contract_id: str
    expected_revision: int
    prepared: PreparedSeal


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveContract(Command):
    """Close a sealed contract's file."""

    contract_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineContract(Command):
    """A party refuses to sign; `reason` is required."""

    contract_id: str
    expected_revision: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidContract(Command):
    """Take a contract out of force; `reason` is required. The number is never used again."""

    contract_id: str
    expected_revision: int
    reason: str
