"""Locking, signing by hand and sealing a contract, each an incremental update that leaves what was signed untouched.

PAdES B-B signatures (ETSI.CAdES.detached) with ECDSA P-256. pyHanko costs 0.7 s to import and comes in on first use.
"""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.contracts.keys.signing_keys import SigningKey, check_key, create_event_key
from app.contracts.kinds.roles import acknowledges, party_of_field
from app.contracts.sealing.errors import (
    AcknowledgementsIncomplete,
    EvidenceForOtherDocument,
    SignatureBoxMissing,
    SignatureBoxTaken,
    SignaturesMissing,
)
from app.contracts.sealing.evidence import SealEvidence, SignatureEvidence, require_signature
from app.documents.handwriting import seal_picture, signature_picture
from app.documents.places import TICKED
from app.documents.wording import branch_date, moment_in_words
from app.runtime.language import CHINESE

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

SEAL_FIELD = "seal_seller"
ACKNOWLEDGEMENT_PREFIX = "acknowledge_"
EVIDENCE_MARK = "evidence sha256:"
_RESERVED_HEX = 6144
"""Room for the signature container, in hex digits; ours takes about 3,000. Certificates above it come on top."""
_SEAL_WORDS = "电子签章"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedDocument:
    """Bytes that nobody edits any more, and their SHA-256."""

    pdf: bytes
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedDocument:
    """The document after one more signature; `certificate_pem` is the signer's, `evidence` what to keep beside it."""

    pdf: bytes
    sha256: str
    field: str
    certificate_pem: bytes
    evidence: bytes
    evidence_sha256: str


def lock(pdf: bytes) -> LockedDocument:
    """Fix the bytes of a drafted document. From here on there are only signatures, or a new version."""
    return LockedDocument(pdf=pdf, sha256=hashlib.sha256(pdf).hexdigest())


def sign_by_hand(pdf: bytes, *, evidence: SignatureEvidence, authority: SigningKey) -> SignedDocument:
    """Put a handwritten signature into the box of the signer's role, with its acknowledgements ticked.

    Raises SignatureTooShort, EvidenceForOtherDocument, AcknowledgementsIncomplete, SignatureBoxTaken,
    SignatureBoxMissing or SigningKeyUnusable. The one-off key does not leave this function.
    """
    require_signature(evidence.strokes)
    require_locked_bytes(pdf, evidence.document_sha256)
    digest = evidence.sha256()
    signer = evidence.signer
    field = evidence.field
    key = create_event_key(
        authority,
        signer=signer.name,
        organisation=signer.organisation,
        evidence_sha256=digest,
        now=evidence.signed_at,
    )
    writer = _writer(pdf)
    box = _free_box(writer, field)
    if acknowledges(party_of_field(field)):
        _tick(writer, [item.number for item in evidence.acknowledgements])
    captions = [
        f"{signer.name}  {moment_in_words(evidence.signed_at, CHINESE)}",
        f"{evidence.document_number}  {digest[:16]}",
    ]
    signed = _sign(
        writer,
        field=field,
        key=key,
        picture=signature_picture(evidence.strokes, size=box, captions=captions),
        name=signer.name,
        reason=f"手写签名 signed by hand · {EVIDENCE_MARK}{digest}",
        location=evidence.place,
        signed_at=evidence.signed_at,
        final=False,
    )
    return _result(signed, field=field, key=key, evidence=evidence)


def seal(
    pdf: bytes, *, evidence: SealEvidence, key: SigningKey, authority_pem: bytes, organisation: str
) -> SignedDocument:
    """The dealer's seal, after the signature of every party there is a box for; it forbids every later change.

    Raises SignaturesMissing, EvidenceForOtherDocument, SignatureBoxTaken, SignatureBoxMissing or SigningKeyUnusable.
    """
    check_key(key, authority_pem=authority_pem, now=evidence.sealed_at)
    require_locked_bytes(pdf, evidence.document_sha256)
    writer = _writer(pdf)
    boxes = [reference for name, reference in _fields(writer).items() if party_of_field(name)]
    if not boxes or not all(map(_is_signed, boxes)) or len(evidence.signature_evidence) < len(boxes):
        raise SignaturesMissing()
    box = _free_box(writer, SEAL_FIELD)
    day = branch_date(evidence.sealed_at).isoformat()
    signed = _sign(
        writer,
        field=SEAL_FIELD,
        key=key,
        picture=seal_picture(size=box, name=organisation, lines=[_SEAL_WORDS, day, key.fingerprint()[:8].upper()]),
        name=organisation,
        reason=f"电子签章 sealed by {evidence.sealed_by} · {EVIDENCE_MARK}{evidence.sha256()}",
        location="",
        signed_at=evidence.sealed_at,
        final=True,
    )
    return _result(signed, field=SEAL_FIELD, key=key, evidence=evidence)


def locked_length(pdf: bytes, sha256: str) -> int | None:
    """How many leading bytes are the locked document of that digest; None where it is not in there."""
    digest = hashlib.sha256()
    start = 0
    while (mark := pdf.find(b"%%EOF", start)) >= 0:
        end = mark + len(b"%%EOF")
        digest.update(pdf[start:end])
        start = end
        for ending in (b"", b"\n", b"\r\n"):
            if pdf.startswith(ending, end):
                candidate = digest.copy()
                candidate.update(ending)
                if candidate.hexdigest() == sha256:
                    return end + len(ending)
    return None


def require_locked_bytes(pdf: bytes, sha256: str) -> None:
    """Raise EvidenceForOtherDocument unless the document begins with the locked bytes of that digest."""
    if locked_length(pdf, sha256) is None:
        raise EvidenceForOtherDocument()


def _result(
    signed: bytes, *, field: str, key: SigningKey, evidence: SignatureEvidence | SealEvidence
) -> SignedDocument:
    return SignedDocument(
        pdf=signed,
        sha256=hashlib.sha256(signed).hexdigest(),
        field=field,
        certificate_pem=key.certificate_pem,
        evidence=evidence.canonical(),
        evidence_sha256=evidence.sha256(),
    )


def _writer(pdf: bytes) -> "IncrementalPdfFileWriter":
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    return IncrementalPdfFileWriter(io.BytesIO(pdf))


def _fields(writer: "IncrementalPdfFileWriter") -> dict[str, Any]:
    """References to all form fields by name; ours have no hierarchy."""
    try:
        fields = writer.root["/AcroForm"]["/Fields"]
    except KeyError:
        return {}
    references = [fields.raw_get(index) for index in range(len(fields))]
    return {str(reference.get_object()["/T"]): reference for reference in references}


def _field(writer: "IncrementalPdfFileWriter", name: str) -> Any:
    try:
        return _fields(writer)[name]
    except KeyError:
        raise SignatureBoxMissing(field=name) from None


def _is_signed(reference: Any) -> bool:
    return "/V" in reference.get_object()


def _free_box(writer: "IncrementalPdfFileWriter", name: str) -> tuple[float, float]:
    """Width and height in points of a box that nobody signed yet."""
    reference = _field(writer, name)
    if _is_signed(reference):
        raise SignatureBoxTaken(field=name)
    left, bottom, right, top = (float(edge) for edge in reference.get_object()["/Rect"])
    return (right - left, top - bottom)


def _tick(writer: "IncrementalPdfFileWriter", numbers: Sequence[int]) -> None:
    """Tick the box beside every clause that limits the customer; all of them, or nobody signs.

    Boxes that an earlier party has ticked stay as they are: what that one signed is not touched again.
    """
    from pyhanko.pdf_utils.generic import pdf_name

    boxes = {
        int(name.removeprefix(ACKNOWLEDGEMENT_PREFIX)): reference
        for name, reference in _fields(writer).items()
        if name.startswith(ACKNOWLEDGEMENT_PREFIX)
    }
    missing = sorted(set(boxes) - set(numbers))
    if missing or set(numbers) - set(boxes):
        raise AcknowledgementsIncomplete(numbers=", ".join(map(str, missing or numbers)))
    for reference in boxes.values():
        box = reference.get_object()
        if box.get("/V") == f"/{TICKED}":
            continue
        box[pdf_name("/V")] = box[pdf_name("/AS")] = pdf_name(f"/{TICKED}")
        writer.mark_update(reference)


def _sign(
    writer: "IncrementalPdfFileWriter",
    *,
    field: str,
    key: SigningKey,
    picture: bytes,
    name: str,
    reason: str,
    location: str,
    signed_at: datetime,
    final: bool,
) -> bytes:
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata

    from app.contracts.sealing.pades import DatedSigner, pades_signer, pages_as_stamp

    metadata = PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        name=name,
        reason=reason,
        location=location or None,
        docmdp_permissions=MDPPerm.NO_CHANGES if final else MDPPerm.FILL_FORMS,
    )
    signer = DatedSigner(metadata, signer=pades_signer(key), stamp_style=pages_as_stamp(picture), signed_at=signed_at)
    above = sum(len(pem) for pem in key.intermediates())
    output = signer.sign_pdf(writer, existing_fields_only=True, bytes_reserved=_RESERVED_HEX + 2 * above)
    return bytes(output.getvalue())
