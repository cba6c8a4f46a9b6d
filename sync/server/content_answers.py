"""Requests about contents over HTTP: HEAD asks how much is there, PUT sends a part, GET fetches one."""

import re
from typing import Any

from fastapi import Request, Response

from sync.protocol import codec
from sync.protocol.codes import ErrorCode
from sync.protocol.limits import CONTENT_PART
from sync.server.contents import Contents
from sync.server.devices import Device
from sync.server.endpoints import Call, Endpoint, Pace
from sync.server.messages import Answer
from sync.server.refusals import Refusal

RECEIVED_HEADER, SIZE_HEADER, COMPLETE_HEADER = "forecourt-received", "forecourt-size", "forecourt-complete"
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SENT = re.compile(r"bytes (\d{1,12})-(\d{1,12})/(\d{1,12})")
_WANTED = re.compile(r"bytes=(\d{1,12})-\d{0,12}")


def answer_content(contents: Contents, device: Device, request: Request, body: bytes, *, now: int) -> Response:
    """Do what the request asks; raises Refusal. `now` in microseconds."""
    sha256 = str(request.path_params["sha256"])
    if _DIGEST.fullmatch(sha256) is None:
        raise Refusal(ErrorCode.MALFORMED, field="sha256")
    attachment_id = request.query_params.get("attachment", "")
    if request.method == "PUT":
        start, total = _sent_range(request, len(body))
        taken = contents.receive(device, sha256, attachment_id, start=start, total=total, body=body, now=now)
        return Response(codec.dump(taken.told()), media_type="application/json")
    if request.method == "HEAD":
        known = contents.standing(device, sha256, attachment_id)
        told = {
            RECEIVED_HEADER: str(known.received),
            SIZE_HEADER: str(known.size),
            COMPLETE_HEADER: str(int(known.complete)),
        }
        return Response(headers=told, media_type="application/octet-stream")
    start = _wanted_start(request)
    part, size = contents.part(device, sha256, attachment_id, start=start)
    return Response(
        part, 206, media_type="application/octet-stream",
        headers={"content-range": f"bytes {start}-{start + len(part) - 1}/{size}", "cache-control": "no-store"},
    )  # fmt: skip


def _sent_range(request: Request, length: int) -> tuple[int, int]:
    """Where the part begins, and the size of the whole."""
    if request.headers.get("content-encoding", ""):
        raise Refusal(ErrorCode.ENCODING_UNKNOWN, accepted=[])
    said = _SENT.fullmatch(request.headers.get("content-range", ""))
    if said is None or int(said[2]) - int(said[1]) + 1 != length:
        raise Refusal(ErrorCode.MALFORMED, field="range")
    return int(said[1]), int(said[3])


def _wanted_start(request: Request) -> int:
    """What HTTP wants of a range that cannot be read: it is passed over, and the answer says what it holds."""
    said = _WANTED.fullmatch(request.headers.get("range", ""))
    return int(said[1]) if said else 0


class ReceivedAnswer(Answer):
    """How much of a content is here."""

    size: int
    received: int
    complete: bool


def _content(call: Call) -> Response:
    with call.parts.contents.turn():
        return answer_content(call.parts.contents, call.caller, call.request, call.body, now=call.now_ms * 1000)


_CODES = (ErrorCode.DEVICE_REVOKED, ErrorCode.CONTENT_DENIED)
_BYTES = "application/octet-stream"
_NAMED: list[dict[str, Any]] = [
    {
        "name": "sha256", "in": "path", "required": True, "description": "The digest of the whole content",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    },
    {
        "name": "attachment", "in": "query", "required": True, "description": "A row that names it",
        "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    },
]  # fmt: skip
_REQUEST_ID = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}


def _header(name: str, description: str, pattern: str, *, required: bool) -> dict[str, Any]:
    return {
        "name": name, "in": "header", "required": required, "description": description,
        "schema": {"type": "string", "pattern": pattern},
    }  # fmt: skip


def _told(description: str) -> dict[str, Any]:
    return {"description": description, "required": True, "schema": {"type": "integer", "minimum": 0}}


_STANDING = {
    "parameters": _NAMED,
    "responses": {
        "200": {
            "description": "How much of it is here",
            "headers": {
                **_REQUEST_ID, "Forecourt-Size": _told("bytes of the whole"),
                "Forecourt-Received": _told("bytes that are here"), "Forecourt-Complete": _told("1 once it is proved"),
            },
        }
    },
}  # fmt: skip
_PART = {
    "parameters": [
        *_NAMED,
        {
            "name": "Range", "in": "header", "required": False, "schema": {"type": "string"}, "example": "bytes=0-",
            "description": "`bytes=N-`: from which byte on. Anything else is passed over",
        },
    ],
    "responses": {
        "206": {
            "description": f"Bytes from there on, at most {CONTENT_PART}",
            "headers": {
                **_REQUEST_ID,
                "Content-Range": {"required": True, "schema": {"type": "string"}, "description": "bytes A-B/SIZE"},
            },
            "content": {_BYTES: {"schema": {"type": "string", "contentEncoding": "binary"}}},
        }
    },
}
_SENDING = {
    "parameters": [
        *_NAMED,
        _header("Content-Range", "Which bytes", "^bytes [0-9]{1,12}-[0-9]{1,12}/[0-9]{1,12}$", required=True),
    ],
    "requestBody": {
        "required": True, "description": f"At most {CONTENT_PART} bytes, not compressed",
        "content": {_BYTES: {"schema": {"type": "string", "contentEncoding": "binary"}}},
    },
}  # fmt: skip
_PATH = "/v1/content/{sha256}"
CONTENT_ENDPOINTS = (
    Endpoint(
        name="content_standing", path=_PATH, method="HEAD", tag="contents", pace=Pace.CONTENT, reply=_content,
        serves_any_version=True,
        summary="How much of a content the centre has", codes=_CODES, body_limit=CONTENT_PART, openapi=_STANDING,
    ),
    Endpoint(
        name="content_part", path=_PATH, method="GET", tag="contents", pace=Pace.CONTENT, reply=_content,
        summary="A part of a content", body_limit=CONTENT_PART, openapi=_PART,
        codes=(*_CODES, ErrorCode.CONTENT_UNKNOWN),
    ),
    Endpoint(
        name="send_content", path=_PATH, method="PUT", tag="contents", pace=Pace.CONTENT, reply=_content,
        serves_any_version=True,
        summary="Send a part of a content", answer=ReceivedAnswer, body_limit=CONTENT_PART, openapi=_SENDING,
        codes=(*_CODES, ErrorCode.CONTENT_OFFSET, ErrorCode.CONTENT_CORRUPT, ErrorCode.CONTENT_FULL),
    ),
)  # fmt: skip
