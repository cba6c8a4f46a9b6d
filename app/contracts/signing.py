"""What is kept of a signature, and how evidence goes into a row and comes out as the same bytes."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contracts.commands import SignContract
from app.contracts.drafting import limiting_clauses
from app.contracts.errors import ClausesNotAcknowledged, ClauseUnknown
from app.contracts.kinds.roles import PartyRole, acknowledges, role_of
from app.contracts.sealing.errors import EvidenceUnreadable
from app.contracts.sealing.evidence import (
    Acknowledgement,
    PenKind,
    Screen,
    SignatureEvidence,
    Signer,
    SignerRole,
    SigningDevice,
    evidence_from_json,
    require_signature,
    strokes_from,
    strokes_from_json,
)
from app.contracts.signers.identity_checks import identity_evidence
from app.customers.rules import mask_identity
from app.documents.drafted_data import canonical_json
from app.documents.handwriting import Stroke
from app.kernel.errors import DomainError, ValueNotAllowed, limited_text, require_text
from app.kernel.unit_of_work import UnitOfWork
from app.runtime.language import LANGUAGES
from db.models.contracts import Contract, ContractSignature
from db.models.customers import Customer
from db.models.desk import DeskState
from db.models.signing import ContractParty
from db.models.staff import Branch

SEAL_PARTY = "seal"
_NAME_LIMIT = 60
_CHECK_LIMIT = 120
_DEALER = PartyRole.DEALER.value


def evidence_of(
    uow: UnitOfWork, contract: Contract, command: SignContract, *, party: ContractParty | None
) -> SignatureEvidence:
    """The evidence of a signature that is being given, checked field by field; `party` is None in old contracts.

    Raises ValueRequired (`signer_name`), SignatureTooShort or SignatureTooLong (`strokes`), ClausesNotAcknowledged and
    ClauseUnknown (`acknowledgements`), ValueNotAllowed (`pen`, `screen`, `language`).
    """
    strokes = strokes_from(command.strokes)
    try:
        require_signature(strokes)
    except DomainError as error:
        error.field = "strokes"
        raise
    branch = uow.get(Branch, contract.branch_id)
    return SignatureEvidence(
        document_number=contract.number,
        document_sha256=contract.document_digest,
        signer=_signer(uow, contract, command, party=party, house=branch.company_zh or branch.name_zh),
        signed_at=uow.now,
        device=_device(uow, command.pen),
        strokes=strokes,
        acknowledgements=_acknowledgements(contract, command) if acknowledges(command.party) else (),
        place=branch.address_zh or branch.name_zh,
        party=command.party,
        identity_steps=identity_evidence(uow.session, party),
        language=_one_of(LANGUAGES, command.language or contract.paper_language, field="language"),
        screen=Screen(_one_of(tuple(Screen), command.screen, field="screen")),
    )


def _one_of(allowed: Sequence[str], value: str, *, field: str) -> str:
    if value not in allowed:
        raise ValueNotAllowed(field=field, value=value)
    return value


def _signer(
    uow: UnitOfWork, contract: Contract, command: SignContract, *, party: ContractParty | None, house: str
) -> Signer:
    name = require_text(command.signer_name, field="signer_name", limit=_NAME_LIMIT)
    check = limited_text(command.identity_check, field="identity_check", limit=_CHECK_LIMIT)
    if command.party == _DEALER:
        return Signer(
            name=name,
            role=SignerRole.SELLER,
            organisation=house,
            identity_check=check or "signed in at this desk",
            record_id=uow.actor.staff_id,
        )
    role = SignerRole(role_of(command.party).value)
    if party is not None:
        return Signer(
            name=name,
            role=role,
            organisation=party.name if party.representative else "",
            identity=mask_identity(party.identity_number) if party.identity_number else "",
            identity_check=check,
            record_id=party.customer_id or party.id,
        )
    customer = uow.get(Customer, contract.customer_id)
    return Signer(
        name=name,
        role=role,
        organisation=customer.name if customer.kind == "company" else "",
        identity=mask_identity(customer.identity_number) if customer.identity_number else "",
        identity_check=check,
        record_id=customer.id,
    )


def _device(uow: UnitOfWork, pen: str) -> SigningDevice:
    known = next((kind for kind in PenKind if kind == pen), None)
    if known is None:
        raise ValueNotAllowed(field="pen", value=pen)
    device_id = uow.session.scalar(select(DeskState.device_id)) or ""
    return SigningDevice(device_id=device_id, desk_code=uow.actor.desk_code, pen=known, software="Forecourt")


def _acknowledgements(contract: Contract, command: SignContract) -> tuple[Acknowledgement, ...]:
    given = {item.clause_id: item.at for item in command.acknowledgements}
    asked = {clause["clause_id"]: clause for clause in limiting_clauses(contract)}
    unknown = next((clause_id for clause_id in given if clause_id not in asked), None)
    if unknown is not None:
        raise ClauseUnknown(field="acknowledgements", clause=unknown)
    missing = [clause["clause_number"] for clause_id, clause in asked.items() if clause_id not in given]
    if missing:
        raise ClausesNotAcknowledged(field="acknowledgements", clauses=", ".join(missing))
    return tuple(
        Acknowledgement(number=clause["number"], clause_id=clause_id, acknowledged_at=given[clause_id])
        for clause_id, clause in asked.items()
    )


_STROKES, _HANDWRITING = "strokes", "handwriting"


def stored_evidence(canonical: bytes, strokes: Sequence[Stroke] = ()) -> dict[str, Any]:
    """Canonical evidence as a row keeps it, with the strokes beside what was signed where they are no part of it."""
    stored: dict[str, Any] = json.loads(canonical)
    return stored | {_STROKES: strokes} if _HANDWRITING in stored else stored


def kept_evidence(signature: ContractSignature) -> bytes:
    """The canonical bytes of kept evidence, as they were signed."""
    kept: dict[str, Any] = signature.evidence
    if _HANDWRITING in kept:
        kept = {name: value for name, value in kept.items() if name != _STROKES}
    return canonical_json(kept)


def kept_strokes(signature: ContractSignature) -> tuple[Stroke, ...] | None:
    """The strokes that are kept beside the evidence; None where they are part of it. Raises EvidenceUnreadable."""
    kept: dict[str, Any] = signature.evidence
    return strokes_from_json(kept.get(_STROKES, ())) if _HANDWRITING in kept else None


def kept_digest(signature: ContractSignature) -> str:
    """The SHA-256 of evidence as it is kept today: the one that was signed, unless somebody changed it or the strokes
    beside it."""
    try:
        (evidence,) = read_evidence([signature]) if signature.party != SEAL_PARTY else (None,)
    except EvidenceUnreadable:
        return hashlib.sha256(canonical_json(signature.evidence)).hexdigest()
    return hashlib.sha256(kept_evidence(signature)).hexdigest() if evidence is None else evidence.sha256()


def signatures_of(session: Session, contract_id: str) -> list[ContractSignature]:
    """The parties' signatures in the order in which they were given, without the seal.

    Where two desks took the signature of one party without knowing of each other, the one under the seal counts;
    without a seal the first.
    """
    query = select(ContractSignature).where(
        ContractSignature.contract_id == contract_id,
        ContractSignature.party != SEAL_PARTY,
        ContractSignature.deleted_at.is_(None),
    )
    contract = session.get(Contract, contract_id)
    seal = seal_of(session, contract) if contract is not None else None
    sealed = frozenset(seal.evidence.get("signature_evidence", ())) if seal is not None else frozenset()
    rows = list(session.scalars(query.order_by(ContractSignature.signed_at, ContractSignature.id)))
    counting: dict[str, ContractSignature] = {}
    for signature in sorted(rows, key=lambda row: row.evidence_digest not in sealed):
        counting.setdefault(signature.party, signature)
    return [row for row in rows if counting[row.party] is row]


def seal_of(session: Session, contract: Contract) -> ContractSignature | None:
    """The seal of a contract; where two desks sealed it, the one that the contract's row tells of."""
    if contract.sealed_at is None:
        return None
    query = select(ContractSignature).where(
        ContractSignature.contract_id == contract.id,
        ContractSignature.party == SEAL_PARTY,
        ContractSignature.deleted_at.is_(None),
    )
    rows = session.scalars(query.order_by(ContractSignature.id)).all()
    return next((row for row in rows if row.signed_at == contract.sealed_at), rows[0] if rows else None)


def read_evidence(signatures: Sequence[ContractSignature]) -> list[SignatureEvidence]:
    """The evidence of signatures; raises EvidenceUnreadable."""
    return [_with_strokes(signature) for signature in signatures]


def _with_strokes(signature: ContractSignature) -> SignatureEvidence:
    evidence, strokes = evidence_from_json(kept_evidence(signature)), kept_strokes(signature)
    return evidence if strokes is None else evidence.with_strokes(strokes)
