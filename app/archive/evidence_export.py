"""From the rows of a sealed contract to its evidence package."""

import hashlib
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.archive.commands import ExportedEvidence
from app.contracts.keys.held_keys import known_roots
from app.contracts.keys.signing_keys import certificate_of
from app.contracts.kinds.registry import KINDS
from app.contracts.kinds.roles import signature_field
from app.contracts.proof.package import PACKAGE_SUFFIX, EvidencePackage, PackageAbout, readme_of, write_package
from app.contracts.sealing.evidence import strokes_json
from app.contracts.sealing.handwriting import seal_handwriting
from app.contracts.sealing.steps import SEAL_FIELD
from app.contracts.signing import SEAL_PARTY, kept_evidence, kept_strokes, seal_of, signatures_of
from app.document_log.queries import proof_of
from app.kernel.errors import RecordNotFound
from db.models.contracts import Contract, ContractDocument, TimeStampRoot


def package_of(
    session: Session, contract: Contract, *, exported_by: str, reason: str, now: datetime, passphrase: str = ""
) -> ExportedEvidence:
    """Everything that proves this contract, as it is known at this desk; strokes under the passphrase or not at all.
    Raises RecordNotFound."""
    document = _document(session, contract)
    kind = KINDS.get(contract.template_code)
    proof = proof_of(session, contract.sealed_digest)
    about = PackageAbout(
        number=contract.number, kind=contract.template_code, title=kind.title.zh if kind else contract.template_code,
        locked=contract.document_digest, sealed=contract.sealed_digest, exported_at=now, exported_by=exported_by,
        reason=reason,
    )  # fmt: skip
    evidence, handwriting = _evidence(session, contract, passphrase)
    package = EvidencePackage(
        about=about,
        readme=readme_of(contract.number),
        document=document,
        evidence=evidence,
        handwriting=handwriting,
        authorities=_authorities(document, known_roots()),
        time_stamp_authorities=_time_authorities(session),
        proofs={proof.digest: proof.as_json()} if proof is not None else {},
    )
    return ExportedEvidence(
        name=f"{contract.number}{PACKAGE_SUFFIX}", content=write_package(package), logged=proof is not None
    )


def _document(session: Session, contract: Contract) -> bytes:
    """The newest bytes: with time-stamps where there are some, else as sealed."""
    query = select(ContractDocument).where(
        ContractDocument.contract_id == contract.id, ContractDocument.deleted_at.is_(None)
    )
    kept = {document.digest: document.content for document in session.scalars(query)}
    for digest in (contract.stamped_digest, contract.sealed_digest):
        if digest in kept:
            return kept[digest]
    raise RecordNotFound(field="contract_id")


def _evidence(session: Session, contract: Contract, passphrase: str) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Evidence by field, and handwriting by field, sealed. Evidence of earlier versions has the strokes in it, and goes
    in sealed as a whole or not at all."""
    seal = seal_of(session, contract)
    evidence: dict[str, bytes] = {}
    secret: dict[str, tuple[bytes, str]] = {}
    for row in (*signatures_of(session, contract.id), *([seal] if seal is not None else ())):
        name, content = SEAL_FIELD if row.party == SEAL_PARTY else signature_field(row.party), kept_evidence(row)
        strokes = () if row.party == SEAL_PARTY else kept_strokes(row)
        if strokes is None:
            secret[name] = (content, row.evidence_digest)
            continue
        evidence[name] = content
        if strokes:
            secret[name] = (strokes_json(strokes), row.evidence_digest)
    if not passphrase:
        return evidence, {}
    return evidence, {
        name: seal_handwriting(content, passphrase=passphrase, belongs_to=digest)
        for name, (content, digest) in secret.items()
    }


def _authorities(document: bytes, roots: Sequence[bytes]) -> tuple[bytes, ...]:
    """Those roots that a certificate in the document says it is from; a group has many that are of no use here."""
    issuers = set(_issuers(document))
    return tuple(root for root in roots if certificate_of(root).subject.public_bytes() in issuers)


def _issuers(document: bytes) -> Iterable[bytes]:
    from pyhanko.pdf_utils.reader import PdfFileReader

    for signature in PdfFileReader(io.BytesIO(document)).embedded_signatures:
        for certificate in signature.signed_data["certificates"]:
            yield certificate.chosen.issuer.dump()


def _time_authorities(session: Session) -> tuple[bytes, ...]:
    query = select(TimeStampRoot.certificate_pem).order_by(TimeStampRoot.fingerprint)
    return tuple(pem.encode("ascii") for pem in session.scalars(query))


def digest_of(content: bytes) -> str:
    """SHA-256, as it stands in the audit trail beside an export."""
    return hashlib.sha256(content).hexdigest()
