"""Desks ask what outside authorities say of the certificates they seal with."""

import time
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from pydantic import Field

from sync.protocol.codes import ErrorCode
from sync.protocol.limits import OUTSIDE_CHAIN, OUTSIDE_LIST
from sync.server.devices import Device
from sync.server.endpoints import Endpoint, Pace, Parts, Work
from sync.server.list_fetching import fetch, networks_of
from sync.server.messages import Answer, Message, Moment
from sync.server.outside_lists import Fetched, OutsideLists, Pair, chain_pairs
from sync.server.refusals import Refusal
from sync.server.store import Store

LIST_NETWORKS = "revocation_networks"
"""Under this name the parts hold the networks that may be asked although they are not public."""
_PART = "outside_lists"
_SECONDS = 8.0
"""After so long nothing more is fetched for one question: the desk asks again, and finds what is there by then."""
_REASONS = (
    "empty with a list; else none, busy, address, private, unreachable, status, size, unreadable, other_issuer, "
    "partial or outdated"
)
Certificate = Annotated[str, Field(max_length=8000, pattern="^-----BEGIN CERTIFICATE-----[\\x20-\\x7e\\r\\n]*$")]


class OutsideListsMessage(Message):
    """A chain, the signer's certificate first and its root last, each issued by the next one (PEM)."""

    certificates: Annotated[list[Certificate], Field(min_length=2, max_length=OUTSIDE_CHAIN)]


class OutsideList(Answer):
    """What there is about one certificate: the issuer's list (PEM), or why there is none."""

    certificate: Annotated[str, Field(description="SHA-256 of the certificate it is about")]
    list: str
    address: str
    reason: Annotated[str, Field(description=_REASONS)]


class OutsideListsAnswer(Answer):
    """One entry a certificate but the root."""

    lists: list[OutsideList]
    now: Moment


def _known(parts: Parts) -> OutsideLists:
    known = parts.extra.get(_PART)
    if known is None:
        allowed = networks_of(parts.extra.get(LIST_NETWORKS, ""))
        known = parts.extra[_PART] = OutsideLists(partial(fetch, most=OUTSIDE_LIST, allowed=allowed))
    assert isinstance(known, OutsideLists)
    return known


def _outside_lists(parts: Parts) -> Work:
    def tell(store: Store, caller: Device, message: OutsideListsMessage, /, *, now_ms: int) -> dict[str, Any]:
        if caller.revoked_at is not None:
            raise Refusal(ErrorCode.DEVICE_REVOKED)
        try:
            pairs = chain_pairs([x509.load_pem_x509_certificate(one.encode()) for one in message.certificates])
        except ValueError as error:
            raise Refusal(ErrorCode.MALFORMED, field="certificates") from error
        lists, now = _known(parts), datetime.fromtimestamp(now_ms / 1000, UTC)
        until = time.monotonic() + _SECONDS
        told = [_told(lists, pair, now, late=time.monotonic() > until) for pair in pairs]
        return {"lists": told, "now": now_ms}

    return tell


def _told(lists: OutsideLists, pair: Pair, now: datetime, *, late: bool) -> dict[str, str]:
    found = Fetched(reason="busy") if late else lists.of(*pair, now=now)
    return {
        "certificate": pair[0].fingerprint(hashes.SHA256()).hex(), "list": _pem(found.content),
        "address": found.address, "reason": found.reason,
    }  # fmt: skip


def _pem(content: bytes) -> str:
    if not content:
        return ""
    read = x509.load_pem_x509_crl if content.startswith(b"-----") else x509.load_der_x509_crl
    return read(content).public_bytes(serialization.Encoding.PEM).decode("ascii")


OUTSIDE_LIST_ENDPOINTS = (
    Endpoint(
        name="outside-lists", path="/v1/outside-lists", summary="Revocation lists of outside authorities",
        tag="time-stamps", pace=Pace.QUESTION, message=OutsideListsMessage, answer=OutsideListsAnswer,
        bound=_outside_lists, codes=(ErrorCode.DEVICE_REVOKED,),
    ),
)  # fmt: skip
