"""Time-stamps over HTTP (RFC 3161, 3.4), and what desks have to know to check them."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Response
from pydantic import Field

from sync.protocol.codes import ErrorCode
from sync.protocol.limits import TIME_STAMP_QUERY
from sync.server.endpoints import Call, Endpoint, Pace, Parts, Work
from sync.server.messages import Answer, Message, Moment
from sync.server.oauth_endpoints import service_key_of
from sync.server.refusals import Refusal
from sync.server.store import Store
from sync.server.time_stamp_keys import StampKeys
from sync.server.time_stamps import POLICY, QUERY, REPLY, TimeStamps

_PART = "time_stamps"
"""Under this name a process keeps its `TimeStamps` among the parts."""
Certificates = Annotated[list[str], Field(description="PEM, the oldest first")]


class AuthorityMessage(Message):
    """What is to be known of the time-stamp authority."""


class AuthorityAnswer(Answer):
    """`roots` are what a desk trusts for time-stamps, `certificates` those they were signed with, `revocation_lists`
    what each root says of them now."""

    policy: str
    roots: Certificates
    certificates: Certificates
    revocation_lists: Certificates
    now: Moment


def stamp_keys(parts: Parts) -> StampKeys:
    """The authority of this service: of all its groups, in the usual database."""
    return StampKeys(parts.store.every()[0], service_key_of(parts))


def _time_stamps(parts: Parts) -> TimeStamps:
    known = parts.extra.get(_PART)
    if known is None:
        known = parts.extra[_PART] = TimeStamps(parts.store.every()[0], stamp_keys(parts))
    assert isinstance(known, TimeStamps)
    return known


def _stamp(call: Call) -> Response:
    if call.request.headers.get("content-encoding", ""):
        raise Refusal(ErrorCode.ENCODING_UNKNOWN, accepted=[])
    if call.request.headers.get("content-type", "").split(";")[0].strip().lower() != QUERY:
        raise Refusal(ErrorCode.MALFORMED, field="content-type")
    if not call.body:
        raise Refusal(ErrorCode.MALFORMED, field="body")
    return Response(_time_stamps(call.parts).reply(call.body, now_ms=call.now_ms), media_type=REPLY)


def _authority(parts: Parts) -> Work:
    def tell(store: Store, caller: Any, message: AuthorityMessage, /, *, now_ms: int) -> dict[str, Any]:
        keys, now = stamp_keys(parts), datetime.fromtimestamp(now_ms // 1000, UTC)
        known = keys.authority(now=now)
        return {
            "policy": POLICY,
            "roots": [one.certificate for one in known.roots],
            "certificates": [one.certificate for one in known.signers],
            "revocation_lists": [one.decode("ascii") for one in keys.revocation_lists(now=now)],
            "now": now_ms,
        }

    return tell


_BINARY = {"schema": {"type": "string", "contentEncoding": "binary", "minLength": 1}}
_STAMPING = {
    "requestBody": {
        "required": True, "description": "A TimeStampReq of RFC 3161 (DER), not compressed",
        "content": {QUERY: _BINARY},
    },
    "responses": {
        "200": {
            "description": "A TimeStampResp (DER): the token, or a refusal with its PKIFailureInfo",
            "headers": {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}},
            "content": {REPLY: _BINARY},
        }
    },
}  # fmt: skip
TIME_STAMP_ENDPOINTS = (
    Endpoint(
        name="timestamp", path="/v1/timestamp", summary="A time-stamp (RFC 3161)", tag="time-stamps",
        pace=Pace.QUESTION, reply=_stamp, body_limit=TIME_STAMP_QUERY, openapi=_STAMPING,
        codes=(ErrorCode.DEVICE_REVOKED,),
    ),
    Endpoint(
        name="timestamp-authority", path="/v1/timestamp-authority", summary="Roots and revocation lists of time-stamps",
        tag="time-stamps", message=AuthorityMessage, answer=AuthorityAnswer, bound=_authority,
        codes=(ErrorCode.DEVICE_REVOKED,),
    ),
)  # fmt: skip
