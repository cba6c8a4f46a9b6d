"""Certificates that are good for nothing any more: what authorities say in their revocation lists (RFC 5280, CRL).

A desk's authority signs its list with the key that stays at the desk; the list travels with its certificate. A list is
believed only where it bears the signature of whoever issued the certificate it speaks of.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization

from app.contracts.keys.errors import RevocationListsNotReadable, SigningKeyUnusable
from app.contracts.keys.signing_keys import unpacked
from app.kernel.labels import Labelled
from app.runtime.language import tr_noop

if TYPE_CHECKING:
    from app.contracts.keys.signing_keys import SigningKey

LIST_LIFE = timedelta(days=90)
REFRESHED_AFTER = timedelta(days=30)
"""A list says it is followed by another one in 90 days; the desk signs a new one after 30."""
_CLOCK_SLACK = timedelta(minutes=10)
_TAKEN_AGAIN_AFTER = timedelta(days=1)
_LIST_END = b"-----END X509 CRL-----"


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
    """What a list says (of several, the first). Raises SigningKeyUnusable for what is no list."""
    return tuple(_read(entry) for entry in _list(pem))


def lists_in(text: str) -> tuple[bytes, ...]:
    """The lists of a row, each by itself: an outside authority's row holds one for each authority of its chain."""
    ends = _LIST_END.decode("ascii")
    return tuple((part + ends + "\n").lstrip().encode("ascii") for part in text.split(ends)[:-1])


def is_stale(pem: bytes, *, now: datetime) -> bool:
    """Whether it is time to sign the list anew."""
    return now - _list(pem).last_update_utc >= REFRESHED_AFTER


def list_days(pem: bytes) -> tuple[datetime, datetime | None]:
    """When a list was signed, and by when another one follows. Raises SigningKeyUnusable."""
    read = _list(pem)
    return read.last_update_utc + _CLOCK_SLACK, read.next_update_utc


def issuer_of(pem: bytes) -> x509.Name:
    """Who says it. Raises SigningKeyUnusable."""
    return _list(pem).issuer


def lists_of_file(content: bytes, name: str = "") -> tuple[bytes, ...]:
    """All lists of a file, one in DER or any number in PEM, as PEM. Raises RevocationListsNotReadable."""
    pems = lists_in(content.decode("ascii", "replace")) if content.startswith(b"-----") else (content,)
    read = [_read_list(pem) for pem in pems]
    found = [one.public_bytes(serialization.Encoding.PEM) for one in read if one is not None]
    if not found or len(found) < len(read):
        raise RevocationListsNotReadable(name=name)
    return tuple(found)


def with_newer(present: Sequence[bytes], further: Iterable[bytes], *, chain: Sequence[x509.Certificate]) -> list[bytes]:
    """The lists of a row with newer ones in their places, as PEM.

    Of `further` counts what an authority of the chain has signed (the seal's certificate first, its root last). A newer
    list that says the same of the chain takes the older one's place only when that is a day old: lists travel.
    """
    kept = {read.issuer.public_bytes(): (pem, read) for pem in present if (read := _read_list(pem)) is not None}
    pairs = list(pairwise(chain))
    for pem in further:
        read = _read_list(pem)
        signed = read is not None and any(_is_signed_by(read, above) for _below, above in pairs)
        if read is None or not signed:
            continue
        before = kept.get(read.issuer.public_bytes())
        if before is None or _is_worth_more(read, before[1], [below for below, _above in pairs]):
            kept[read.issuer.public_bytes()] = (pem, read)
    return [pem for pem, _read in kept.values()]


def _is_worth_more(
    read: x509.CertificateRevocationList, before: x509.CertificateRevocationList, chain: Sequence[x509.Certificate]
) -> bool:  # fmt: skip
    later = read.last_update_utc - before.last_update_utc
    told = [{one.serial_number for one in chain if _entry(every, one) is not None} for every in (read, before)]
    return later >= _TAKEN_AGAIN_AFTER or (later > timedelta(0) and told[0] != told[1])


def _entry(one: x509.CertificateRevocationList, certificate: x509.Certificate) -> x509.RevokedCertificate | None:
    return one.get_revoked_certificate_by_serial_number(certificate.serial_number)


def list_addresses(certificate: x509.Certificate) -> list[str]:
    """Where its issuer says that the list lies (http and https); empty where the certificate does not tell. What is
    another authority's list, or tells only some reasons, is left out."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    whole = [one.full_name or () for one in points if one.crl_issuer is None and one.reasons is None]
    values = [name.value for names in whole for name in names if isinstance(name, x509.UniformResourceIdentifier)]
    return [one for one in values if one.lower().startswith(("http://", "https://"))]


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
            entry = _entry(one, certificate)
            if entry is not None:
                found.append(_read(entry))
        return min(found, default=None)

    def of_chain(self, chain: Sequence[x509.Certificate]) -> tuple[x509.Certificate, Revoked] | None:
        """The first certificate of a chain (the signer's first, the root last) that is revoked, and since when."""
        for below, above in pairwise(chain):
            found = self.of(below, above)
            if found is not None:
                return below, found
        return None

    def newest(self, issuer: x509.Certificate) -> datetime | None:
        """When this issuer's newest list was signed."""
        return max((one.last_update_utc for one in self._by(issuer)), default=None)

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
