"""Reads the signatures of one PDF with pyHanko. Imported lazily; raises freely on damaged bytes."""

import hashlib
import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any

from asn1crypto import cms, parser
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel, SuspiciousModification
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import SignatureValidationError, ValidationInfoReadingError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleTrustManager

from app.contracts.keys.revocation import RevocationLists, Revoked, Withdrawal, list_addresses
from app.contracts.keys.signing_keys import is_issued_by
from app.contracts.proof.revision_changes import RevisionChanges, compare_revisions, page_count
from app.contracts.proof.time_proof import FoundStamp
from app.contracts.sealing.pades import certificate

# What is wrong comes back in the report; the same as a stack trace in the log would look like a fault of ours.
logging.getLogger("pyhanko.sign.validation").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)

_STAMP = "/DocTimeStamp"
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
    revision: int
    ends_at: datetime
    revoked: Revoked | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What the examination believes, all of it from outside the file.

    `roots` for signatures and `time_roots` for time-stamps are PEM; `lists` are revocation lists of whomever.
    """

    roots: Sequence[bytes]
    time_roots: Sequence[bytes] = ()
    lists: Sequence[bytes] = ()
    withdrawn: Sequence[Withdrawal] = ()


class Examination:
    """One reading of one file."""

    def __init__(self, pdf: bytes, trust: Trust) -> None:
        self._pdf = pdf
        self._reader = PdfFileReader(io.BytesIO(pdf))
        self._trust = SimpleTrustManager.build(trust_roots=[certificate(root) for root in trust.roots])
        self._time_trust = SimpleTrustManager.build(trust_roots=[certificate(root) for root in trust.time_roots])
        self._withdrawn = trust.withdrawn
        self.damaged: list[str] = []
        self.awaiting: list[str] = []
        found = self._read_fields()
        self._embedded = [one for one in found if one.sig_object_type != _STAMP]
        self._stamps = [one for one in found if one.sig_object_type == _STAMP]
        self._last = found[-1] if found else None
        self._lists = RevocationLists([*trust.lists, *self._lists_in(self._newest)])
        self.pages = page_count(self._newest)

    def signatures(self) -> list[FoundSignature]:
        """All signatures, oldest first."""
        return [self._found(embedded) for embedded in self._embedded]

    def stamps(self) -> list[FoundStamp]:
        """All document time-stamps, oldest first."""
        return [self._found_stamp(embedded) for embedded in self._stamps]

    def ends_covered(self) -> bool:
        """Whether the last signature or time-stamp covers the file to its end."""
        if self._last is None:
            return False
        self._last.compute_integrity_info()
        return self._last.coverage is SignatureCoverageLevel.ENTIRE_FILE

    def changes_after_last(self) -> RevisionChanges | None:
        """What differs between the revision of the last signature or time-stamp and the end of the file."""
        return self._changes_since(self._last) if self._last is not None else None

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
            coverage=_COVERAGE.get(embedded.coverage, "less") if embedded.coverage is not None else "less",
            intact=status is not None and status.intact and status.valid,
            trusted=status is not None and status.trusted,
            forbidden_change=forbidden,
            changes=self._changes_since(embedded) if forbidden else None,
            container_clean=self._container_clean(embedded),
            certificate_sha256=hashlib.sha256(signer.dump()).hexdigest(),
            revision=embedded.signed_revision,
            ends_at=signer.not_valid_after,
            revoked=self._revoked(_path(status)),
        )

    def _found_stamp(self, embedded: EmbeddedPdfSignature) -> FoundStamp:
        authority = embedded.signer_cert
        told = embedded.signed_data["encap_content_info"]["content"].parsed
        at = told["gen_time"].native
        status = self._stamp_status(embedded, at)
        sound = status is not None and status.intact and status.valid and not _is_forbidden(status)
        path = _path(status)
        return FoundStamp(
            field=embedded.field_name,
            at=at,
            authority=str(authority.subject.native.get("common_name", "")),
            intact=sound and self._spelled_plainly(embedded),
            known=status is not None and status.trusted,
            ends_at=authority.not_valid_after,
            revoked=self._revoked(path),
            revision=embedded.signed_revision,
            with_lists=self._has_lists(embedded, path),
            certificate_sha256=hashlib.sha256(authority.dump()).hexdigest(),
        )

    def _stamp_status(self, embedded: EmbeddedPdfSignature, at: datetime) -> Any:
        # Whether the certificate still holds is judged by the time the next time-stamp proves: `time_proof`.
        context = ValidationContext(
            trust_manager=self._time_trust, moment=at, allow_fetching=False, revocation_mode="soft-fail"
        )
        try:
            return validate_pdf_timestamp(embedded, validation_context=context)
        except SignatureValidationError:
            return None

    def _revoked(self, path: list[x509.Certificate]) -> Revoked | None:
        """The earliest revocation anywhere on the way from the root to the certificate, which stands last."""
        pairs = zip(path[1:], path, strict=False)
        found = [one for one in (self._lists.of(below, above) for below, above in pairs) if one is not None]
        digests = {hashlib.sha256(_der(one)).hexdigest() for one in path}
        found += [Revoked(one.at, 0, one.reason) for one in self._withdrawn if one.certificate_sha256 in digests]
        return min(found, default=None)

    def _lists_in(self, revision: Any) -> list[bytes]:
        """The revocation lists a state of the file holds."""
        try:
            store = DocumentSecurityStore.read_dss(revision)
        except ValidationInfoReadingError:
            return []
        return [reference.get_object().data for reference in store.crls]

    def _has_lists(self, stamp: EmbeddedPdfSignature, path: list[x509.Certificate]) -> bool:
        """Whether what a time-stamp covers has a list of its own issuer and of every signature's, and of those above
        an issuer where a certificate says that there is one."""
        held = RevocationLists(self._lists_in(self._reader.get_historical_resolver(stamp.signed_revision)))
        issuers = [path[-2]] if len(path) > 1 else []
        for embedded in self._embedded:
            signing = _path(self._status(embedded, embedded.self_reported_timestamp))
            issuers += signing[-2:-1]
            issuers += [above for above, below in pairwise(signing[:-1]) if list_addresses(below)]
        return len(issuers) > len(self._embedded) and all(held.cover(issuer) for issuer in issuers)

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

        Upper-case hex, nothing but zeros behind the structure, only certificates above the signer's, no unsigned
        additions.
        """
        return (
            self._spelled_plainly(embedded)
            and _plain_structure(embedded.signed_data)
            and _one_chain(embedded.signer_cert.dump(), [one.dump() for one in embedded.signed_data["certificates"]])
        )

    def _spelled_plainly(self, embedded: EmbeddedPdfSignature) -> bool:
        _, before, after, _ = (int(edge) for edge in embedded.byte_range)
        container = embedded.pkcs7_content
        if self._pdf[before:after] != b"<" + container.hex().upper().encode("ascii") + b">":
            return False
        return not any(container[parser.peek(container) :])


def signer_of(pdf: bytes, field: str) -> x509.Certificate | None:
    """The certificate that signed a field; None where nobody did."""
    for embedded in PdfFileReader(io.BytesIO(pdf)).embedded_signatures:
        if embedded.field_name == field:
            return x509.load_der_x509_certificate(embedded.signer_cert.dump())
    return None


def _path(status: Any) -> list[x509.Certificate]:
    """The certificates from the root down to the signer's, as they were traced; empty where they could not be."""
    if status is None or status.validation_path is None:
        return []
    return [x509.load_der_x509_certificate(one.dump()) for one in status.validation_path]


def _der(one: x509.Certificate) -> bytes:
    return one.public_bytes(serialization.Encoding.DER)


def _one_chain(signer: bytes, certificates: list[bytes]) -> bool:
    """Whether the certificates are the signer's and those above it, each once."""
    left = [x509.load_der_x509_certificate(one) for one in certificates if one != signer]
    below = x509.load_der_x509_certificate(signer)
    if len(left) + 1 != len(certificates):
        return False
    while left:
        issuer = next((one for one in left if is_issued_by(below, one)), None)
        if issuer is None:
            return False
        left.remove(issuer)
        below = issuer
    return True


def _plain_structure(signed: cms.SignedData) -> bool:
    (info,) = signed["signer_infos"]
    return (
        signed["version"].native == "v1"
        and [item.dump() for item in signed["digest_algorithms"]] == [_SHA256]
        and info["digest_algorithm"].dump() == _SHA256
        and signed["encap_content_info"]["content_type"].native == "data"
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
