"""Certificates that are good for nothing any more: what authorities say in their revocation lists (RFC 5280, CRL).

A desk's authority signs its list with the key that stays at the desk; the list travels with its certificate. A list is
believed only where it bears the signature of whoever issued the certificate it speaks of.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization

from app.contracts.keys.errors import SigningKeyUnusable
from app.contracts.keys.signing_keys import unpacked
from app.kernel.labels import Labelled
from app.runtime.language import tr_noop

if TYPE_CHECKING:
    from app.contracts.keys.signing_keys import SigningKey

LIST_LIFE = timedelta(days=90)
REFRESHED_AFTER = timedelta(days=30)
"""A list says it is followed by another one in 90 days; the desk signs a new one after 30."""
_CLOCK_SLACK = timedelta(minutes=10)


class RevocationReason(Labelled):
    """Why; the codes are those of RFC 5280 (5.3.1)."""

    KEY_COMPROMISE = "keyCompromise", tr_noop("The key may be in other hands")
    AFFILIATION_CHANGED = "affiliationChanged", tr_noop("The person left the house")
    SUPERSEDED = "superseded", tr_noop("Replaced by another certificate")
    CESSATION = "cessationOfOperation", tr_noop("No longer used")
    UNSPECIFIED = "unspecified", tr_noop("No reason given")


@dataclass(frozen=True, slots=True, order=True)
class Revoked:
    """From when on a certificate is good for nothing. `serial` is its number, 0 where a whole authority is meant."""

    at: datetime
    serial: int
    reason: str

    @property
    def is_compromise(self) -> bool:
        """Whether somebody else may have used the key, so that what it signed has to prove its time."""
        return self.reason not in ("superseded", "cessationOfOperation", "affiliationChanged")

    def label(self) -> str:
        """The reason's English text, to be translated when it is shown."""
        return next((one.label for one in RevocationReason if one == self.reason), RevocationReason.UNSPECIFIED.label)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An authority that headquarters no longer trust from a time on, because its desk and its key are gone."""

    certificate_sha256: str
    at: datetime
    reason: str


def new_list(authority: "SigningKey", revoked: Iterable[Revoked], *, now: datetime) -> bytes:
    """A list signed by the authority (PEM), good for 90 days. Raises SigningKeyUnusable."""
    certificate, key = unpacked(authority)
    at = now.replace(microsecond=0)
    draft = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(certificate.subject)
        .last_update(at - _CLOCK_SLACK)
        .next_update(at + LIST_LIFE)
        .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    )
    for one in sorted(revoked):
        entry = x509.RevokedCertificateBuilder().serial_number(one.serial)
        entry = entry.revocation_date(one.at.replace(microsecond=0))
        if one.reason != RevocationReason.UNSPECIFIED:
            entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags(one.reason)), critical=False)
        draft = draft.add_revoked_certificate(entry.build())
    return draft.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def revoked_in(pem: bytes) -> tuple[Revoked, ...]:
    """What a list says. Raises SigningKeyUnusable for what is no list."""
    return tuple(_read(entry) for entry in _list(pem))


def is_stale(pem: bytes, *, now: datetime) -> bool:
    """Whether it is time to sign the list anew."""
    return now - _list(pem).last_update_utc >= REFRESHED_AFTER


def list_days(pem: bytes) -> tuple[datetime, datetime | None]:
    """When a list was signed, and by when another one follows. Raises SigningKeyUnusable."""
    read = _list(pem)
    return read.last_update_utc + _CLOCK_SLACK, read.next_update_utc


class RevocationLists:
    """Lists from wherever they came; each counts only for certificates whose issuer has signed it."""

    def __init__(self, lists: Sequence[bytes]) -> None:
        """`lists` as PEM or DER; what cannot be read is passed over."""
        self._lists = [read for read in map(_read_list, lists) if read is not None]
        self._signed_by: dict[bytes, list[x509.CertificateRevocationList]] = {}

    def of(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Revoked | None:
        """The earliest revocation of a certificate, None where nobody revoked it."""
        found = []
        for one in self._by(issuer):
            entry = one.get_revoked_certificate_by_serial_number(certificate.serial_number)
            if entry is not None:
                found.append(_read(entry))
        return min(found, default=None)

    def cover(self, issuer: x509.Certificate) -> bool:
        """Whether there is any list of this issuer."""
        return bool(self._by(issuer))

    def _by(self, issuer: x509.Certificate) -> list[x509.CertificateRevocationList]:
        known = issuer.fingerprint(hashes.SHA256())
        if known not in self._signed_by:
            self._signed_by[known] = [one for one in self._lists if _is_signed_by(one, issuer)]
        return self._signed_by[known]


def _is_signed_by(one: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    if one.issuer != issuer.subject:
        return False
    try:
        return one.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False


def _read_list(data: bytes) -> x509.CertificateRevocationList | None:
    try:
        return x509.load_pem_x509_crl(data) if data.startswith(b"-----") else x509.load_der_x509_crl(data)
    except ValueError:
        return None


def _list(pem: bytes) -> x509.CertificateRevocationList:
    read = _read_list(pem)
    if read is None:
        raise SigningKeyUnusable()
    return read


def _read(entry: x509.RevokedCertificate) -> Revoked:
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except x509.ExtensionNotFound:
        reason = RevocationReason.UNSPECIFIED.value
    return Revoked(entry.revocation_date_utc.astimezone(UTC), entry.serial_number, reason)
