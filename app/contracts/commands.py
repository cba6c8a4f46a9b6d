"""Drafting, locking, signing and sealing contracts.

Signing stores evidence; the signatures are put into the file when it is sealed. That needs much computing, so a query
prepares the bytes outside the write lock (`app.contracts.preparing.prepare_seal`), and the command stores them after
checking that nothing changed meanwhile. A contract is therefore either unsealed or sealed, never half.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedDraft:
    """A contract laid out by `app.contracts.preparing.prepare_draft`, and what it was laid out from."""

    number: str
    drafted_at: datetime
    template_code: str
    template_version: str
    template_version_id: str | None
    clause_versions: dict[str, str]
    language: str
    provisional: bool
    secured_until: datetime | None
    data_digest: str
    pages: int
    places: list[dict[str, Any]]
    content: bytes
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftContract(Command):
    """Write the contract of a confirmed order as a PDF from its rows. Returns `ContractDrafted`.

    An earlier draft of the order is replaced and keeps its number; one that is locked or signed has to be voided or
    declined first, and the new contract says which it replaces. A provisional sale is said on the paper, and so is one
    whose vehicle the centre has secured for the desk, with the time.
    `language` leads on the paper: "zh_CN" or "en"; empty for the customer's own. With a `prepared` draft that
    still fits, nothing is laid out while others wait to write; one that does not fit is laid out anew.
    `template`: the code of one of the house's own templates of the kind; empty for the one that fits the sale. Raises
    TemplateNotApplicable where it does not.
    With the code of another kind about an order it drafts that document from the same order and `entries`, as
    `DraftDocument` does.
    """

    order_id: str
    template_code: str = "vehicle_sale"
    entries: Mapping[str, Any] = field(default_factory=dict, repr=False)
    language: str = ""
    template: str = ""
    prepared: PreparedDraft | None = None


@dataclass(frozen=True, slots=True)
class ContractDrafted:
    """What `DraftContract` returns; `digest` is the SHA-256 of the document."""

    contract_id: str
    number: str
    revision: int
    pages: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LockContract(Command):
    """Fix the bytes: from here on nothing is edited. `shown_digest` is the draft the user looked at.

    Raises ShownDocumentDiffers, ContractOutdated.
    """

    contract_id: str
    expected_revision: int
    shown_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseAcknowledgement:
    """The customer took note of one clause that limits them, at that moment."""

    clause_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneVisit:
    """How somebody read on a phone of their own, as the centre saw it; times are those of its clock.

    `read_at`: the end of the last page was in sight; None for somebody who declined before. `wrong_codes`: how often
    another code than the one shown at the desk was entered.
    """

    request_id: str
    opened_at: datetime
    read_at: datetime | None
    given_at: datetime
    wrong_codes: int = 0
    address: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignContract(Command):
    """One party signs the locked bytes. Returns `ContractSigned`.

    `party`: the code of whose turn it is, such as "buyer", "guarantor_1", "dealer" (the actor signs for the dealer).
    `strokes` are as the pad gives them: strokes of points (milliseconds, x, y, pressure 0 to 1) in pixels.
    `shown_digest` is the SHA-256 of what was shown; everybody but the dealer acknowledges each limiting clause.
    `identity_check` says how the signer was known, beside the steps that are on record; `pen`: mouse, touch or pen;
    `screen`: "desk", "customer" or "phone", with the `phone` it was; `language`: what the signer read.
    Raises PhoneVisitWrong (field `phone`), PartyOutOfTurn, SigningPeriodOver, SignatureAlreadyGiven, BuyerUnderAge,
    ShownDocumentDiffers, ClausesNotAcknowledged, SignatureTooShort (field `strokes`).
    """

    contract_id: str
    expected_revision: int
    party: str
    signer_name: str
    strokes: Sequence[Sequence[Sequence[float]]] = field(repr=False)
    acknowledgements: tuple[ClauseAcknowledgement, ...] = ()
    shown_digest: str
    identity_check: str = ""
    pen: str = "mouse"
    screen: str = "desk"
    language: str = ""
    phone: PhoneVisit | None = None


@dataclass(frozen=True, slots=True)
class ContractSigned:
    """What `SignContract` returns; `state` is PARTIALLY_SIGNED or SIGNED."""

    contract_id: str
    state: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSeal:
    """Sealed bytes made by `app.contracts.preparing.prepare_seal`, and what they were made from."""

    contract_id: str
    locked_digest: str
    evidence_digests: tuple[str, ...]
    seal_evidence: bytes
    sealed_at: datetime
    sealed_digest: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SealContract(Command):
    """Store the sealed bytes of a signed contract; raises SealOutdated when anything changed since they were made."""

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
    """A party refuses to sign; `reason` is required. `party`: who, by code; empty where nobody in particular; with
    the `phone` the party read on.

    Raises PhoneVisitWrong (field `phone`), PartyNotAwaited (field `party`) where that party has signed.
    """

    contract_id: str
    expected_revision: int
    reason: str
    party: str = ""
    phone: PhoneVisit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidContract(Command):
    """Take a contract out of force; `reason` is required. The number is never used again.

    Where a sealed amendment is voided, the contract it amended is in force again.
    """

    contract_id: str
    expected_revision: int
    reason: str
