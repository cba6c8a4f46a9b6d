"""What is kept of a signature, and how evidence goes into a row and comes out as the same bytes."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contracts.commands import SignContract
from app.contracts.drafting import limiting_clauses
from app.contracts.errors import ClausesNotAcknowledged, ClauseUnknown
from app.contracts.evidence import (
    Acknowledgement,
    PenKind,
    SignatureEvidence,
    Signer,
    SignerRole,
    SigningDevice,
    evidence_from_json,
    require_signature,
    strokes_from,
)
from app.contracts.rules import Party
from app.customers.rules import mask_identity
from app.documents.drafted_data import canonical_json
from app.kernel.errors import DomainError, ValueNotAllowed, limited_text, require_text
from app.kernel.unit_of_work import UnitOfWork
from db.models.contracts import Contract, ContractSignature
from db.models.customers import Customer
from db.models.desk import DeskState
from db.models.staff import Branch

SEAL_PARTY = "seal"
_NAME_LIMIT = 60
_CHECK_LIMIT = 120
_ROLES = {Party.BUYER: SignerRole.BUYER, Party.DEALER: SignerRole.SELLER}


def party_of(code: str) -> Party:
    """The party of a code; raises ValueNotAllowed (field `party`)."""
    party = next((member for member in Party if member == code), None)
    if party is None:
        raise ValueNotAllowed(field="party", value=code)
    return party


def evidence_of(uow: UnitOfWork, contract: Contract, command: SignContract, *, party: Party) -> SignatureEvidence:
    """The evidence of a signature that is being given, checked field by field.

    Raises ValueRequired (`signer_name`), SignatureTooShort or SignatureTooLong (`strokes`), ClausesNotAcknowledged and
    ClauseUnknown (`acknowledgements`), ValueNotAllowed (`pen`).
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
        acknowledgements=_acknowledgements(contract, command) if party is Party.BUYER else (),
        place=branch.address_zh or branch.name_zh,
    )


def _signer(uow: UnitOfWork, contract: Contract, command: SignContract, *, party: Party, house: str) -> Signer:
    name = require_text(command.signer_name, field="signer_name", limit=_NAME_LIMIT)
    check = limited_text(command.identity_check, field="identity_check", limit=_CHECK_LIMIT)
    if party is Party.DEALER:
        return Signer(
            name=name,
            role=_ROLES[party],
            organisation=house,
            identity_check=check or "signed in at this desk",
            record_id=uow.actor.staff_id,
        )
    customer = uow.get(Customer, contract.customer_id)
    return Signer(
        name=name,
        role=_ROLES[party],
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


def stored_evidence(canonical: bytes) -> dict[str, Any]:
    """Canonical evidence as a row keeps it."""
    return json.loads(canonical)  # type: ignore[no-any-return]


def kept_evidence(signature: ContractSignature) -> bytes:
    """The canonical bytes of kept evidence, as they were signed."""
    return canonical_json(signature.evidence)


def signatures_of(session: Session, contract_id: str) -> list[ContractSignature]:
    """The parties' signatures in the order in which they were given, without the seal."""
    query = select(ContractSignature).where(
        ContractSignature.contract_id == contract_id,
        ContractSignature.party != SEAL_PARTY,
        ContractSignature.deleted_at.is_(None),
    )
    return list(session.scalars(query.order_by(ContractSignature.signed_at, ContractSignature.id)))


def read_evidence(signatures: Sequence[ContractSignature]) -> list[SignatureEvidence]:
    """The evidence of signatures; raises EvidenceUnreadable."""
    return [evidence_from_json(kept_evidence(signature)) for signature in signatures]
