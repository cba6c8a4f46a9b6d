"""What outside authorities say of their certificates: revocation lists (RFC 5280, CRL), fetched for the desks.

Desks have one peer, and many have no way out of the house; so the service asks. It gives on nothing but a list that
the issuer in the given chain has signed. Lists are kept for an hour and failures for ten minutes, in memory.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes

from app.contracts.keys.revocation import list_addresses
from sync.server.list_fetching import NotFetched

KEPT, KEPT_FAILURE = timedelta(hours=1), timedelta(minutes=10)
_MOST_KEPT = 64
_MOST_ADDRESSES = 2
"""Addresses of one certificate that are tried."""
_MOST_AT_ONCE = 2
Fetch = Callable[[str], bytes]
Pair = tuple[x509.Certificate, x509.Certificate]
"""A certificate and the one above it."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What is known of one certificate's list: the list (DER), or why there is none.

    `reason`: none (the certificate names no address), busy, address, private, unreachable, status, size, unreadable,
    other_issuer, partial, outdated.
    """

    content: bytes = b""
    address: str = ""
    reason: str = ""


class OutsideLists:
    """The lists of one process. `fetch` gives the bytes at an address or raises NotFetched."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._known: OrderedDict[tuple[str, bytes], tuple[datetime, Fetched]] = OrderedDict()
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(_MOST_AT_ONCE)

    def of(self, certificate: x509.Certificate, issuer: x509.Certificate, *, now: datetime) -> Fetched:
        """The list that tells of this certificate; raises nothing."""
        found = Fetched(reason="none")
        for address in list_addresses(certificate)[:_MOST_ADDRESSES]:
            found = self._at(address, issuer, now)
            if found.content:
                return found
        return found

    def _at(self, address: str, issuer: x509.Certificate, now: datetime) -> Fetched:
        key = (address, issuer.fingerprint(hashes.SHA256()))
        with self._lock:
            until, known = self._known.get(key, (None, Fetched()))
        if until is not None and now < until:
            return known
        if not self._slots.acquire(blocking=False):
            return Fetched(address=address, reason="busy")
        try:
            found = self._asked(address, issuer, now)
        finally:
            self._slots.release()
        with self._lock:
            self._known[key] = (now + (KEPT if found.content else KEPT_FAILURE), found)
            self._known.move_to_end(key)
            while len(self._known) > _MOST_KEPT:
                self._known.popitem(last=False)
        return found

    def _asked(self, address: str, issuer: x509.Certificate, now: datetime) -> Fetched:
        try:
            content = self._fetch(address)
        except NotFetched as problem:
            return Fetched(address=address, reason=problem.reason)
        reason = _what_is_wrong(content, issuer, now)
        return Fetched(b"" if reason else content, address, reason)


def _what_is_wrong(content: bytes, issuer: x509.Certificate, now: datetime) -> str:
    try:
        read = (x509.load_pem_x509_crl if content.startswith(b"-----") else x509.load_der_x509_crl)(content)
        signed = read.issuer == issuer.subject and read.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
        partial = _is_partial(read)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return "unreadable"
    if not signed:
        return "other_issuer"
    if partial:
        return "partial"
    return "outdated" if read.next_update_utc is not None and read.next_update_utc < now else ""


def _is_partial(read: x509.CertificateRevocationList) -> bool:
    """Whether it is only what changed since another list, or holds other authorities' certificates or some reasons."""
    for extension in read.extensions:
        value = extension.value
        if isinstance(value, x509.DeltaCRLIndicator):
            return True
        if isinstance(value, x509.IssuingDistributionPoint) and (value.indirect_crl or value.only_some_reasons):
            return True
    return False


def chain_pairs(chain: Sequence[x509.Certificate]) -> list[Pair]:
    """Each certificate with the one above it. Raises ValueError where one did not issue the other."""
    pairs = list(pairwise(chain))
    for below, above in pairs:
        try:
            below.verify_directly_issued_by(above)
        except (InvalidSignature, TypeError) as error:
            raise ValueError("not a chain") from error
    return pairs
