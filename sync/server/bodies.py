"""Bodies both ways: read within their limits, answered compressed, refusals as typed answers."""

import asyncio
import logging
import re
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel, ValidationError

from db.ids import new_id
from sync.protocol import codec
from sync.protocol.codes import ErrorCode
from sync.protocol.limits import COMPRESS_FROM
from sync.protocol.versions import PROTOCOL_VERSION, SCHEMA_VERSION
from sync.server.refusals import Refusal
from sync.server.store import StoreUnavailable

PROTOCOL_HEADER = "forecourt-protocol"
REQUEST_ID_HEADER = "x-request-id"
ERROR_HEADER = "forecourt-error"
"""The code of a refusal once more: the answer to a HEAD has no body."""
RETRY_SECONDS = 2
BODY_SECONDS = 60.0
"""A body has to be there after so long: enough for 16 MiB over a line of 2 Mbit/s."""
_LONGEST_VERSION = 6
_REQUEST_ID = re.compile(r"[0-9A-Za-z-]{8,64}")
_log = logging.getLogger(__name__)
M = TypeVar("M", bound=BaseModel)


def request_id_of(request: Request) -> str:
    """The id the caller gave its request, or a new one."""
    told = request.headers.get(REQUEST_ID_HEADER, "")
    return told if _REQUEST_ID.fullmatch(told) else new_id()


def check_version(request: Request, *, any_earlier: bool = False) -> bool:
    """Whether the caller speaks a protocol that is still served in full; with `any_earlier` others may be served too.

    Raises Refusal UPGRADE_REQUIRED: the detail says which versions are spoken here, so that a desk newer than the
    service knows who has to be updated.
    """
    told = request.headers.get(PROTOCOL_HEADER, str(PROTOCOL_VERSION))
    version = int(told) if told.isascii() and told.isdigit() and len(told) < _LONGEST_VERSION else PROTOCOL_VERSION + 1
    if version in (PROTOCOL_VERSION, PROTOCOL_VERSION - 1):
        return True
    if version > PROTOCOL_VERSION or not any_earlier:
        raise Refusal(ErrorCode.UPGRADE_REQUIRED, protocol=PROTOCOL_VERSION, schema=SCHEMA_VERSION)
    return False


async def read_body(request: Request, *, limit: int, seconds: float = BODY_SECONDS) -> bytes:
    """The body as it travelled; refused as soon as it is larger than allowed, or takes too long."""
    try:
        async with asyncio.timeout(seconds):
            return await _read_body(request, limit=limit)
    except TimeoutError as error:
        raise Refusal(ErrorCode.TOO_SLOW) from error


async def _read_body(request: Request, *, limit: int) -> bytes:
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > limit:
        raise Refusal(ErrorCode.TOO_LARGE, limit=limit)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise Refusal(ErrorCode.TOO_LARGE, limit=limit)
        parts.append(part)
    return b"".join(parts)


def message_in(body: bytes, request: Request) -> Any:
    """The plain message of a body. What arrived whole but is no JSON was sent so: another try would not help."""
    plain = codec.decompress(body, request.headers.get("content-encoding", ""))
    try:
        return codec.load(plain)
    except codec.CorruptBody as error:
        raise Refusal(ErrorCode.MALFORMED, field="body") from error


def parsed(kind: type[M], message: Any) -> M:
    """The message as its model; raises Refusal MALFORMED with the first field that does not fit."""
    try:
        return kind.model_validate(message)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise Refusal(ErrorCode.MALFORMED, field=".".join(str(part) for part in first["loc"])) from error


def answered(work: Callable[[], Response], request_id: str) -> Response:
    """What the work answers, or the refusal that became of it."""
    try:
        answer = work()
        answer.headers[REQUEST_ID_HEADER] = request_id
        return answer
    except Refusal as refusal:
        return refused(refusal, request_id)
    except codec.ExplosiveBody:
        return refused(Refusal(ErrorCode.TOO_LARGE), request_id)
    except codec.CorruptBody:
        return refused(Refusal(ErrorCode.BODY_CORRUPT), request_id)
    except codec.UnknownEncoding:
        return refused(Refusal(ErrorCode.ENCODING_UNKNOWN, accepted=list(codec.encodings())), request_id)
    except StoreUnavailable:
        _log.warning("request %s: the database did not answer", request_id, exc_info=True)
        return refused(Refusal(ErrorCode.BUSY, retry_after=RETRY_SECONDS), request_id)
    except Exception:
        _log.exception("request %s", request_id)
        return refused(Refusal(ErrorCode.INTERNAL), request_id)


def json_response(value: Any, request: Request) -> Response:
    """The answer, compressed as the caller likes it."""
    body = codec.dump(value)
    encoding = codec.choose_encoding(request.headers.get("accept-encoding", ""))
    headers = {}
    if encoding != codec.IDENTITY and len(body) >= COMPRESS_FROM:
        body = codec.compress(body, encoding)
        headers["content-encoding"] = encoding
    return Response(body, media_type="application/json", headers=headers)


def refused(refusal: Refusal, request_id: str) -> Response:
    """A refusal as it travels."""
    headers = {REQUEST_ID_HEADER: request_id, ERROR_HEADER: refusal.code.value}
    if refusal.retry_after is not None:
        headers["retry-after"] = str(refusal.retry_after)
    if refusal.status == 401:
        headers["www-authenticate"] = 'Bearer realm="forecourt"'
    headers |= {name.lower(): value for name, value in refusal.headers.items() if name.lower() != "content-type"}
    body = codec.dump(refusal.body(request_id))
    return Response(body, refusal.status, media_type="application/json", headers=headers)
