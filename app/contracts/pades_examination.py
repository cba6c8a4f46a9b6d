"""Reads the signatures of one PDF with pyHanko. Imported lazily; raises freely on damaged bytes."""

import hashlib
import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from asn1crypto import cms, parser
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel, SuspiciousModification
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleTrustManager

from app.contracts.pades import certificate
from app.contracts.revision_changes import RevisionChanges, compare_revisions, page_count

# What is wrong comes back in the report; the same as a stack trace in the log would look like a fault of ours.
logging.getLogger("pyhanko.sign.validation").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)

_SHA256 = bytes.fromhex("300d06096086480165030402010500")
_COVERAGE = {
    SignatureCoverageLevel.ENTIRE_FILE: "whole_file",
    SignatureCoverageLevel.ENTIRE_REVISION: "its_revision",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSignature:
    """What pyHanko says of one signature."""

    field: str
    signer: str
    organisation: str
    signed_at: datetime | None
    reason: str
    alternative_names: tuple[str, ...]
    coverage: str
    intact: bool
    trusted: bool
    forbidden_change: bool
    changes: RevisionChanges | None
    container_clean: bool
    certificate_sha256: str


class Examination:
    """One reading of one file."""

    def __init__(self, pdf: bytes, trusted_roots: Sequence[bytes]) -> None:
        self._pdf = pdf
        self._reader = PdfFileReader(io.BytesIO(pdf))
        self._trust = SimpleTrustManager.build(trust_roots=[certificate(root) for root in trusted_roots])
        self.damaged: list[str] = []
        self.awaiting: list[str] = []
        self._embedded = self._read_fields()
        self.pages = page_count(self._newest)

    def signatures(self) -> list[FoundSignature]:
        """All signatures, oldest first."""
        return [self._found(embedded) for embedded in self._embedded]

    def changes_after_last(self) -> RevisionChanges | None:
        """What differs between the revision of the last signature and the end of the file."""
        return self._changes_since(self._embedded[-1]) if self._embedded else None

    @cached_property
    def _newest(self) -> Any:
        return self._reader.get_historical_resolver(self._reader.xrefs.total_revisions - 1)

    def _read_fields(self) -> list[EmbeddedPdfSignature]:
        found = []
        for name, value, reference in enumerate_sig_fields(self._reader):
            if value is None:
                self.awaiting.append(name)
                continue
            try:
                found.append(EmbeddedPdfSignature(self._reader, reference.get_object(), name))
            except Exception:
                # A container that no longer parses is a damaged signature, whatever the parser calls it.
                self.damaged.append(name)
        return sorted(found, key=lambda embedded: embedded.signed_revision)

    def _found(self, embedded: EmbeddedPdfSignature) -> FoundSignature:
        signer = embedded.signer_cert
        signed_at = embedded.self_reported_timestamp
        status = self._status(embedded, signed_at)
        subject = signer.subject.native
        forbidden = status is None or _is_forbidden(status)
        return FoundSignature(
            field=embedded.field_name,
            signer=str(subject.get("common_name", "")),
            organisation=str(subject.get("organization_name", "")),
            signed_at=signed_at,
            reason=str(embedded.sig_object.get("/Reason", "")),
            alternative_names=_uris(signer),
            coverage=_COVERAGE.get(embedded.coverage, "less"),
            intact=status is not None and status.intact and status.valid,
            trusted=status is not None and status.trusted,
            forbidden_change=forbidden,
            changes=self._changes_since(embedded) if forbidden else None,
            container_clean=self._container_clean(embedded),
            certificate_sha256=hashlib.sha256(signer.dump()).hexdigest(),
        )

    def _status(self, embedded: EmbeddedPdfSignature, signed_at: datetime | None) -> Any:
        # Certificates are judged at the time of signing: a contract outlives the year in which it was made.
        context = ValidationContext(
            trust_manager=self._trust, moment=signed_at, allow_fetching=False, revocation_mode="soft-fail"
        )
        try:
            return validate_pdf_signature(embedded, signer_validation_context=context)
        except SignatureValidationError:
            return None

    def _changes_since(self, embedded: EmbeddedPdfSignature) -> RevisionChanges:
        return compare_revisions(self._reader.get_historical_resolver(embedded.signed_revision), self._newest)

    def _container_clean(self, embedded: EmbeddedPdfSignature) -> bool:
        """Whether the one part no signature covers, its own container, is exactly what a signer writes.

        Upper-case hex, nothing but zeros behind the structure, one certificate, no unsigned additions.
        """
        _, before, after, _ = (int(edge) for edge in embedded.byte_range)
        container = embedded.pkcs7_content
        if self._pdf[before:after] != b"<" + container.hex().upper().encode("ascii") + b">":
            return False
        length = parser.peek(container)
        return not any(container[length:]) and _plain_structure(embedded.signed_data)


def _plain_structure(signed: cms.SignedData) -> bool:
    (info,) = signed["signer_infos"]
    return (
        signed["version"].native == "v1"
        and [item.dump() for item in signed["digest_algorithms"]] == [_SHA256]
        and info["digest_algorithm"].dump() == _SHA256
        and signed["encap_content_info"]["content_type"].native == "data"
        and len(signed["certificates"]) == 1
        and signed["crls"].native is None
        and info["unsigned_attrs"].native is None
        and info["version"].native == "v1"
    )


def _is_forbidden(status: Any) -> bool:
    if isinstance(status.diff_result, SuspiciousModification) or status.docmdp_ok is False:
        return True
    level = status.modification_level
    return level is None or level > ModificationLevel.FORM_FILLING


def _uris(signer: Any) -> tuple[str, ...]:
    names = signer.subject_alt_name_value
    if names is None:
        return ()
    return tuple(str(name.native) for name in names if name.name == "uniform_resource_identifier")
