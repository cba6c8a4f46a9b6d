"""The last step of a contract, computed without writing: the signatures, the seal, and the check of the result."""

import hashlib
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contracts.commands import PreparedSeal
from app.contracts.errors import SealNotIntact
from app.contracts.keys.errors import SealCertificateEnded, SealCertificateRevoked
from app.contracts.keys.held_keys import SigningKeys, signing_keys
from app.contracts.keys.intake import name_of
from app.contracts.keys.revocation import RevocationLists, Revoked
from app.contracts.keys.signing_keys import SigningKey, certificate_of, is_bought
from app.contracts.kinds.roles import signature_field
from app.contracts.proof.findings import shown
from app.contracts.proof.trust import TimeTrust, check, time_trust
from app.contracts.proof.verification import ExpectedDocument, Verdict
from app.contracts.rules import ContractState
from app.contracts.sealing.evidence import SealEvidence
from app.contracts.sealing.steps import SEAL_FIELD, seal, sign_by_hand
from app.contracts.signers.parties import codes_of
from app.contracts.signing import SEAL_PARTY, kept_digest, read_evidence, seal_of, signatures_of
from app.document_log.queries import known_head
from db.models.contracts import Contract, ContractDocument, ContractSignature

_MOST_REVISIONS = 40
_RENEWED_BEFORE = timedelta(days=30)
"""The seal gets another key so long before its certificate ends."""


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
    digests = tuple(kept_digest(row) for row in rows)
    closing = SealEvidence(
        document_number=contract.number,
        document_sha256=contract.document_digest,
        sealed_by=sealed_by,
        sealed_at=now,
        signature_evidence=digests,
        log=None if (known := known_head(session)) is None else known.as_json(),
    )
    dealer = usable_dealer(session, keys, now=now)
    sealed = seal(
        content,
        evidence=closing,
        key=dealer,
        authority_pem=_issuer(dealer, keys),
        organisation=organisation,
    )
    expected = _expected_seal(contract, rows, closing)
    report = check(sealed.pdf, keys.trusted_roots(), expected, time_trust(session), now=now)
    if report.verdict is not Verdict.INTACT:
        raise SealNotIntact(finding=report.summary())
    return PreparedSeal(
        contract_id=contract.id,
        locked_digest=contract.document_digest,
        evidence_digests=digests,
        seal_evidence=closing.canonical(),
        sealed_at=now,
        sealed_digest=sealed.sha256,
        content=sealed.pdf,
    )


def usable_dealer(session: Session, keys: SigningKeys, *, now: datetime) -> SigningKey:
    """The seal's key, another one where the present one was revoked or is about to end. One from a real authority is
    used to its end: nobody here can make another. Raises SealCertificateRevoked, SealCertificateEnded."""
    dealer, trust = keys.dealer(), time_trust(session)
    certificate = certificate_of(dealer.certificate_pem)
    chain = (certificate, *map(certificate_of, dealer.chain or (_issuer(dealer, keys),)))
    bought = is_bought(dealer, keys.authority())
    _require_not_withdrawn(chain, trust)
    found = RevocationLists(trust.revocation_lists).of_chain(chain)
    if found is not None and (bought or found[0] is not certificate):
        raise _revoked(chain, *found)
    left = certificate.not_valid_after_utc - now
    if bought and left < timedelta(0):
        raise SealCertificateEnded(day=shown(certificate.not_valid_after_utc))
    if found is not None or (not bought and left < _RENEWED_BEFORE):
        return keys.renew_dealer(now=now)
    return dealer


def _revoked(chain: tuple[x509.Certificate, ...], below: x509.Certificate, why: Revoked) -> SealCertificateRevoked:
    issuer = chain[chain.index(below) + 1]
    return SealCertificateRevoked(
        issuer=name_of(issuer.subject), subject=name_of(below.subject), at=shown(why.at), reason=why.label()
    )


def _require_not_withdrawn(chain: tuple[x509.Certificate, ...], trust: TimeTrust) -> None:
    by_digest = {one.fingerprint(hashes.SHA256()).hex(): one for one in chain}
    for one in trust.withdrawn:
        above = by_digest.get(one.certificate_sha256)
        if above is not None:
            why, name = Revoked(one.at, 0, one.reason), name_of(above.subject)
            raise SealCertificateRevoked(issuer=name, subject=name, at=shown(one.at), reason=why.label())


def _issuer(key: SigningKey, keys: SigningKeys) -> bytes:
    return key.chain[0] if key.chain else keys.authority().certificate_pem


def _expected_seal(contract: Contract, rows: list[ContractSignature], closing: SealEvidence) -> ExpectedDocument:
    fields = {signature_field(row.party): row.evidence_digest for row in rows}
    return ExpectedDocument(
        signed_fields=(*fields, SEAL_FIELD),
        locked_sha256=contract.document_digest,
        evidence=fields | {SEAL_FIELD: closing.sha256()},
    )


def expected_document(session: Session, contract: Contract) -> ExpectedDocument:
    """What the house remembers of a contract: its digests, and the digest of the evidence as it stands today."""
    if contract.state not in (ContractState.SEALED, ContractState.ARCHIVED) and not contract.sealed_digest:
        return ExpectedDocument(signed_fields=(), locked_sha256=contract.document_digest or None)
    seal = seal_of(session, contract)
    rows = (*signatures_of(session, contract.id), *([seal] if seal is not None else ()))
    evidence = {_field(row.party): kept_digest(row) for row in rows}
    stamped = select(ContractDocument.digest).where(
        ContractDocument.contract_id == contract.id,
        ContractDocument.stage == "stamped",
        ContractDocument.deleted_at.is_(None),
    )
    return ExpectedDocument(
        signed_fields=(*map(signature_field, codes_of(session, contract)), SEAL_FIELD),
        locked_sha256=contract.document_digest,
        file_sha256=contract.sealed_digest,
        evidence=evidence,
        stamped_sha256s=frozenset(session.scalars(stamped)),
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
