"""The last step of a contract, computed without writing: the signatures, the seal, and the check of the result."""

import hashlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contracts.commands import PreparedSeal
from app.contracts.errors import SealNotIntact
from app.contracts.evidence import SealEvidence
from app.contracts.keys import SigningKeys, signing_keys
from app.contracts.parties import codes_of
from app.contracts.roles import signature_field
from app.contracts.rules import ContractState
from app.contracts.sealing import SEAL_FIELD, seal, sign_by_hand
from app.contracts.signing import SEAL_PARTY, kept_evidence, read_evidence, signatures_of
from app.contracts.verification import ExpectedDocument, Verdict, verify
from db.models.contracts import Contract, ContractSignature

_MOST_REVISIONS = 40


def finish(
    session: Session, contract: Contract, *, locked: bytes, organisation: str, sealed_by: str, now: datetime
) -> PreparedSeal:
    """Apply the kept signatures in the order they were given, seal, and verify; raises SealNotIntact or key errors."""
    keys = signing_keys()
    authority = keys.authority()
    rows = signatures_of(session, contract.id)
    content = locked
    for evidence in read_evidence(rows):
        content = sign_by_hand(content, evidence=evidence, authority=authority).pdf
    digests = tuple(hashlib.sha256(kept_evidence(row)).hexdigest() for row in rows)
    closing = SealEvidence(
        document_number=contract.number,
        document_sha256=contract.document_digest,
        sealed_by=sealed_by,
        sealed_at=now,
        signature_evidence=digests,
    )
    sealed = seal(
        content,
        evidence=closing,
        key=keys.dealer(),
        authority_pem=authority.certificate_pem,
        organisation=organisation,
    )
    _require_intact(sealed.pdf, contract, rows, closing, keys)
    return PreparedSeal(
        contract_id=contract.id,
        locked_digest=contract.document_digest,
        evidence_digests=digests,
        seal_evidence=closing.canonical(),
        sealed_at=now,
        sealed_digest=sealed.sha256,
        content=sealed.pdf,
    )


def _require_intact(
    content: bytes,
    contract: Contract,
    rows: list[ContractSignature],
    closing: SealEvidence,
    keys: SigningKeys,
) -> None:
    fields = {signature_field(row.party): row.evidence_digest for row in rows}
    expected = ExpectedDocument(
        signed_fields=(*fields, SEAL_FIELD),
        locked_sha256=contract.document_digest,
        evidence=fields | {SEAL_FIELD: closing.sha256()},
    )
    report = verify(content, keys.trusted_roots(), expected)
    if report.verdict is not Verdict.INTACT:
        raise SealNotIntact(finding=report.summary())


def expected_document(session: Session, contract: Contract) -> ExpectedDocument:
    """What the house remembers of a contract: its digests, and the digest of the evidence as it stands today."""
    if contract.state not in (ContractState.SEALED, ContractState.ARCHIVED) and not contract.sealed_digest:
        return ExpectedDocument(signed_fields=(), locked_sha256=contract.document_digest or None)
    query = select(ContractSignature).where(
        ContractSignature.contract_id == contract.id,
        ContractSignature.party == SEAL_PARTY,
        ContractSignature.deleted_at.is_(None),
    )
    rows = (*signatures_of(session, contract.id), *session.scalars(query))
    evidence = {_field(row.party): hashlib.sha256(kept_evidence(row)).hexdigest() for row in rows}
    return ExpectedDocument(
        signed_fields=(*map(signature_field, codes_of(session, contract)), SEAL_FIELD),
        locked_sha256=contract.document_digest,
        file_sha256=contract.sealed_digest,
        evidence=evidence,
    )


def _field(party: str) -> str:
    return SEAL_FIELD if party == SEAL_PARTY else signature_field(party)


def locked_digests(content: bytes) -> list[str]:
    """The SHA-256 of every revision a PDF consists of: one of them is the text that was locked for signing."""
    digests: list[str] = []
    running, start = hashlib.sha256(), 0
    while (mark := content.find(b"%%EOF", start)) >= 0 and len(digests) < 3 * _MOST_REVISIONS:
        end = mark + len(b"%%EOF")
        running.update(content[start:end])
        start = end
        for ending in (b"", b"\n", b"\r\n"):
            if content.startswith(ending, end):
                candidate = running.copy()
                candidate.update(ending)
                digests.append(candidate.hexdigest())
    return digests
