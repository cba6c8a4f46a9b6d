"""Time-stamps of the centre on a sealed contract: B-B becomes B-T and B-LTA, by incremental updates only.

A document time-stamp over the sealed bytes; then a store of certificates and revocation lists (DSS); then an archive
time-stamp over all of it. Renewing adds a store with newer lists and a further archive time-stamp. The bytes given are
always the beginning of the bytes made. pyHanko does the work and comes in on first use.
"""

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from asn1crypto import tsp
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko.sign.timestamps.api import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.validation.dss import DocumentSecurityStore

from app.contracts.sealing.pades import certificate, pem_of, revocation_list
from app.contracts.stamps.errors import StampRefused
from app.contracts.stamps.time_stamp_reply import granted_for

FIELD_PREFIX = "time_stamp_"
_RESERVED_HEX = 8192
"""Room for a token, in hex digits; the centre's takes about 2,600."""
_FEWEST = 2
"""Time-stamps of a B-LTA document: one over the signatures, one over what is needed to check it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StampAuthority:
    """What the centre says of its time-stamp authority, as PEM: `certificates` with the present one last."""

    roots: tuple[bytes, ...]
    certificates: tuple[bytes, ...]
    revocation_lists: tuple[bytes, ...]


class StampCentre(Protocol):
    """Who gives time-stamps."""

    def authority(self) -> StampAuthority:
        """Its certificates, asked for now."""

    def stamp(self, query: bytes) -> bytes:
        """A TimeStampResp for a TimeStampReq, both DER."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StampedDocument:
    """The document with its time-stamps, `count` of them. `at` is the first one's time, `newest_at` the last one's, and
    `ends_at` when that one's certificate ends: an archive time-stamp has to follow before."""

    pdf: bytes
    sha256: str
    at: datetime
    newest_at: datetime
    ends_at: datetime
    count: int


class _CentreStamper(TimeStamper):
    """pyHanko's time-stamper, asking whoever was given."""

    def __init__(self, ask: Callable[[bytes], bytes]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._ask = ask

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return granted_for(req, self._ask(req.dump()))


def stamp(
    pdf: bytes, centre: StampCentre, *, authorities: Sequence[bytes], revocation_lists: Sequence[bytes]
) -> StampedDocument:
    """The document with a time-stamp, what is needed to check it, and an archive time-stamp over both.

    One that has time-stamps already gets newer lists and one further archive time-stamp. `authorities` and
    `revocation_lists` (PEM) are those of the signers that are known here; only what belongs to this document goes in.
    Raises StampRefused, and whatever asking the centre raises.
    """
    about = centre.authority()
    present = _stamp_count(pdf)
    made = pdf if present else _with_stamp(pdf, centre, number=1)
    above = _above(pdf, authorities)
    made = _with_store(made, about, above=above, lists=_lists_of(above, revocation_lists))
    made = _with_stamp(made, centre, number=max(present, 1) + 1)
    if not made.startswith(pdf):
        raise StampRefused(reason="prefix")
    tokens = _tokens(made)
    if len(tokens) < _FEWEST:
        raise StampRefused(reason="count")
    return StampedDocument(
        pdf=made,
        sha256=hashlib.sha256(made).hexdigest(),
        at=_time_of(tokens[0]),
        newest_at=_time_of(tokens[-1]),
        ends_at=tokens[-1].signer_cert.not_valid_after,
        count=len(tokens),
    )


def _time_of(token: Any) -> datetime:
    at: datetime = token.signed_data["encap_content_info"]["content"].parsed["gen_time"].native
    return at


def _with_stamp(pdf: bytes, centre: StampCentre, *, number: int) -> bytes:
    stamper = PdfTimeStamper(_CentreStamper(centre.stamp), field_name=f"{FIELD_PREFIX}{number}")
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    try:
        output = stamper.timestamp_pdf(writer, "sha256", bytes_reserved=_RESERVED_HEX)
    except TimestampRequestError as error:
        raise StampRefused(reason=str(error)) from error
    return bytes(output.getvalue())


def _with_store(pdf: bytes, about: StampAuthority, *, above: Sequence[bytes], lists: Sequence[bytes]) -> bytes:
    output = io.BytesIO(pdf)
    known = [*above, *about.roots[-1:], *about.certificates[-1:]]
    DocumentSecurityStore.add_dss(
        output,
        sig_contents=None,
        certs=[certificate(one) for one in known],
        crls=[revocation_list(one) for one in (*lists, *about.revocation_lists)],
        force_write=True,
    )
    return output.getvalue()


def _above(pdf: bytes, authorities: Sequence[bytes]) -> list[bytes]:
    """Of the known authorities those that certified a signer of this document, and those above them; authorities
    between an outside root and its signer are known from the signature, which brings them along."""
    signatures = [one for one in _embedded(pdf) if one.sig_object_type != "/DocTimeStamp"]
    between = [pem_of(above) for one in signatures for above in one.other_embedded_certs]
    by_name: dict[bytes, list[bytes]] = {}
    for pem in dict.fromkeys((*authorities, *between)):
        by_name.setdefault(certificate(pem).subject.dump(), []).append(pem)
    found: list[bytes] = []
    wanted = [one.signer_cert.issuer.dump() for one in signatures]
    while wanted:
        for pem in by_name.get(wanted.pop(), ()):
            if pem not in found:
                found.append(pem)
                wanted.append(certificate(pem).issuer.dump())
    return found


def _lists_of(above: Sequence[bytes], lists: Sequence[bytes]) -> list[bytes]:
    names = {certificate(pem).subject.dump() for pem in above}
    return [one for one in lists if revocation_list(one).issuer.dump() in names]


def _embedded(pdf: bytes) -> list[Any]:
    return list(PdfFileReader(io.BytesIO(pdf)).embedded_signatures)


def _tokens(pdf: bytes) -> list[Any]:
    found = [one for one in _embedded(pdf) if one.sig_object_type == "/DocTimeStamp"]
    return sorted(found, key=lambda one: one.signed_revision)


def _stamp_count(pdf: bytes) -> int:
    return len(_tokens(pdf))
