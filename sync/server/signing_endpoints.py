"""What a desk asks about signing on a phone: where the page is, open a request, look how far it is, withdraw it, say
that it is stored.

The customer's side stands in `signing_pages`. Every question shows the request's token, which only its desk has.
"""

import base64
import binascii
import hashlib
import hmac
from typing import Annotated, Any

from pydantic import Field

from sync.protocol.codes import ErrorCode
from sync.protocol.limits import (
    SIGNING_DOCUMENT,
    SIGNING_MOST_SECONDS,
    SIGNING_OPEN,
    SIGNING_SECONDS,
)
from sync.server.devices import Device, digest, ensure_open
from sync.server.document_pictures import NotDrawable, page_sizes
from sync.server.endpoints import Endpoint, Parts, Work
from sync.server.messages import Answer, Count, Identifier, Message, Text
from sync.server.refusals import Refusal
from sync.server.signing_requests import Opening, Request, State, add, answer_of, end, find, open_requests
from sync.server.store import Connection, Store

PUBLIC_URL = "public_url"
"""Under this name the parts hold where phones reach the service; empty where that is as the desks reach it."""
_SECOND = 1_000_000
_BASE64 = (SIGNING_DOCUMENT + 2) // 3 * 4
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=["5dc9da79" * 8])]
Token = Annotated[str, Field(pattern="^[0-9A-Za-z_-]{43}$", examples=["kq3Z" * 10 + "abc"])]
"""32 random bytes in URL-safe base64."""
Words = Annotated[str, Field(max_length=4000, pattern="^[^\\x00]*$")]


class ClauseTerms(Message):
    """A clause to be acknowledged by itself, as numbered on paper."""

    id: Annotated[str, Field(min_length=1, max_length=64, pattern="^[^\\x00]*$")]
    number: Text
    zh: Words
    en: Words


class SigningTerms(Message):
    """What the page says around the document. `zh` and `en` are the two languages it speaks."""

    number: Text
    house: Text
    signer: Text
    role_zh: Text
    role_en: Text
    language: Annotated[str, Field(pattern="^(zh_CN|en)$")]
    clauses: Annotated[list[ClauseTerms], Field(max_length=60)]
    notice_zh: Annotated[list[Words], Field(max_length=12)]
    notice_en: Annotated[list[Words], Field(max_length=12)]


class SigningPlaceMessage(Message):
    """Where phones find the page."""


class SigningPlaceAnswer(Answer):
    """`page` is empty where phones reach the service as the desk does: then it is `/sign` there."""

    page: str


class SigningOpenMessage(Message):
    """A locked document (PDF in base64) for one person; `digest` is its SHA-256. `code` is what the person is told."""

    request_id: Identifier
    token: Token
    code: Annotated[str, Field(pattern="^[0-9]{6}$", examples=["204817"])]
    digest: Sha256
    document: Annotated[str, Field(max_length=_BASE64, pattern="^[0-9A-Za-z+/]*={0,2}$")]
    terms: SigningTerms
    seconds: Annotated[int, Field(ge=60, le=SIGNING_MOST_SECONDS)] = SIGNING_SECONDS


class SigningMessage(Message):
    """A request that was opened before."""

    request_id: Identifier
    token: Token


class SigningStateAnswer(Answer):
    """Where a request stands; times in microseconds of the centre's clock, null before it happened.

    `state`: open, signed, declined, withdrawn, locked, expired, taken, or unknown. `answer` is what was given on the
    phone, while the centre keeps it.
    """

    state: str
    now: Count
    until: Count | None
    pages: Count
    pages_seen: Count
    acknowledged: dict[str, Count]
    wrong_codes: Count
    opened_at: Count | None
    read_at: Count | None
    finished_at: Count | None
    answer: dict[str, Any] | None


def _signing_place(parts: Parts) -> Work:
    def tell(store: Store, device: Device, message: SigningPlaceMessage, /, *, now_ms: int) -> dict[str, Any]:
        _require_active(device)
        told = str(parts.extra.get(PUBLIC_URL, "")).rstrip("/")
        return {"page": f"{told}/sign" if told else ""}

    return tell


def open_signing(store: Store, device: Device, message: SigningOpenMessage, /, *, now_ms: int) -> dict[str, Any]:
    """Open a request; asked again with the same id and token it stays the one it is. Raises Refusal."""
    _require_active(device)
    asked = _opening(message, now=now_ms * 1000)
    with store.write() as connection:
        ensure_open(store, connection, device.tenant)
        present = find(store, connection, device.tenant, asked.request_id)
        if present is None:
            if open_requests(store, connection, device, now=now_ms * 1000) >= SIGNING_OPEN:
                raise Refusal(ErrorCode.TOO_MANY_REQUESTS, retry_after=60)
            add(store, connection, device, asked, now=now_ms * 1000)
            present = find(store, connection, device.tenant, asked.request_id)
        assert present is not None
        if not _is_of(present, device, message.token):
            raise Refusal(ErrorCode.MALFORMED, field="request_id")
    return _told(present, message.token, now=now_ms * 1000)


def _opening(message: SigningOpenMessage, *, now: int) -> Opening:
    try:
        document = base64.b64decode(message.document, validate=True)
    except binascii.Error as error:
        raise Refusal(ErrorCode.MALFORMED, field="document") from error
    if hashlib.sha256(document).hexdigest() != message.digest:
        raise Refusal(ErrorCode.CONTENT_CORRUPT)
    try:
        sizes = page_sizes(document)
    except NotDrawable as error:
        raise Refusal(ErrorCode.MALFORMED, field="document") from error
    terms = {**message.terms.model_dump(), "sizes": [[round(side, 1) for side in size] for size in sizes]}
    return Opening(
        request_id=message.request_id, token=message.token, code=message.code, digest=message.digest,
        document=document, pages=len(sizes), terms=terms, until=now + message.seconds * _SECOND,
    )  # fmt: skip


def tell_signing(store: Store, device: Device, message: SigningMessage, /, *, now_ms: int) -> dict[str, Any]:
    """How far a request is, with what was given."""
    _require_active(device)
    with store.read() as connection:
        request = _of(store, connection, device, message)
    return _told(request, message.token, now=now_ms * 1000)


def withdraw_signing(store: Store, device: Device, message: SigningMessage, /, *, now_ms: int) -> dict[str, Any]:
    """Take an open request back. What was given before stays, and is told."""
    return _end(store, device, message, frm=(State.OPEN,), to=State.WITHDRAWN, now=now_ms * 1000)


def finish_signing(store: Store, device: Device, message: SigningMessage, /, *, now_ms: int) -> dict[str, Any]:
    """The desk has stored what was given, or will not: the centre forgets it."""
    return _end(store, device, message, frm=(State.SIGNED, State.DECLINED), to=State.TAKEN, now=now_ms * 1000)


def _end(
    store: Store, device: Device, message: SigningMessage, *, frm: tuple[State, ...], to: State, now: int
) -> dict[str, Any]:  # fmt: skip
    _require_active(device)
    with store.write() as connection:
        ensure_open(store, connection, device.tenant)
        request = _of(store, connection, device, message, lock=True)
        if request is not None and request.standing(now) in frm:
            end(store, connection, device.tenant, request.request_id, to)
            request = _of(store, connection, device, message)
    return _told(request, message.token, now=now)


def _require_active(device: Device) -> None:
    if device.revoked_at is not None:
        raise Refusal(ErrorCode.DEVICE_REVOKED)


def _of(
    store: Store, connection: Connection, device: Device, message: SigningMessage, *, lock: bool = False
) -> Request | None:  # fmt: skip
    request = find(store, connection, device.tenant, message.request_id, lock=lock)
    return request if request is not None and _is_of(request, device, message.token) else None


def _is_of(request: Request, device: Device, token: str) -> bool:
    """Whether this desk may know of it: it has the token, and is the desk that asked or one of its branch."""
    near = device.id == request.device_id or device.branch_id == request.branch_id
    return near and hmac.compare_digest(request.token_hash, digest(token))


def _told(request: Request | None, token: str, *, now: int) -> dict[str, Any]:
    if request is None:
        return {
            "state": "unknown", "now": now, "until": None, "pages": 0, "pages_seen": 0, "acknowledged": {},
            "wrong_codes": 0, "opened_at": None, "read_at": None, "finished_at": None, "answer": None,
        }  # fmt: skip
    return {
        "state": request.standing(now).value, "now": now, "until": request.until, "pages": request.pages,
        "pages_seen": request.pages_seen, "acknowledged": request.times(), "wrong_codes": request.wrong_codes,
        "opened_at": request.opened_at, "read_at": request.read_at, "finished_at": request.finished_at,
        "answer": answer_of(request, token) or None,
    }  # fmt: skip


_ONE = {"request_id": "0199a5c2b4e07cf1a6d35f1e8b0c7d24", "token": "kq3Z" * 10 + "abc"}
_CODES = (ErrorCode.DEVICE_REVOKED,)
_TERMS = {
    "number": "SH01-D01-CON-000017", "house": "上海云驰汽车销售有限公司", "signer": "李娜", "role_zh": "买方",
    "role_en": "Buyer", "language": "zh_CN", "clauses": [], "notice_zh": [], "notice_en": [],
}  # fmt: skip
SIGNING_ENDPOINTS = (
    Endpoint(
        name="signing_place", path="/v1/signing-place", summary="Where phones find the page to sign on", tag="signing",
        message=SigningPlaceMessage, answer=SigningPlaceAnswer, bound=_signing_place, codes=_CODES,
    ),
    Endpoint(
        name="signing_open", path="/v1/signing-open", summary="Ask a person to sign on a phone", tag="signing",
        message=SigningOpenMessage, answer=SigningStateAnswer, work=open_signing,
        codes=(*_CODES, ErrorCode.CONTENT_CORRUPT),
        example={**_ONE, "code": "204817", "digest": hashlib.sha256(b"").hexdigest(), "document": "",
                 "terms": _TERMS},
    ),
    Endpoint(
        name="signing_state", path="/v1/signing-state", summary="How far that person is, and what was given",
        tag="signing", message=SigningMessage, answer=SigningStateAnswer, work=tell_signing, codes=_CODES,
        example=_ONE,
    ),
    Endpoint(
        name="signing_withdraw", path="/v1/signing-withdraw", summary="Take the request back", tag="signing",
        message=SigningMessage, answer=SigningStateAnswer, work=withdraw_signing, codes=_CODES, example=_ONE,
    ),
    Endpoint(
        name="signing_done", path="/v1/signing-done", summary="What was given is stored: forget it", tag="signing",
        message=SigningMessage, answer=SigningStateAnswer, work=finish_signing, codes=_CODES, example=_ONE,
    ),
)  # fmt: skip
