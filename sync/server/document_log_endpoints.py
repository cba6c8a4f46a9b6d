"""Asking for the log of sealed documents: its signed head, that it only grew, and where documents stand in it."""

from typing import Annotated, Any

from pydantic import Field

from sync.protocol.codes import ErrorCode
from sync.protocol.limits import LOG_PROOFS
from sync.server.devices import Device, ensure_open
from sync.server.document_log import prove, read_state
from sync.server.endpoints import Endpoint, Parts, Work
from sync.server.log_keys import ensure_keys, read_keys, sign_head
from sync.server.messages import Answer, Count, Identifier, Message
from sync.server.oauth_endpoints import service_key_of
from sync.server.refusals import Refusal
from sync.server.service_key import ServiceKey
from sync.server.store import Store

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=["5dc9da79" * 8])]


class LogMessage(Message):
    """How many entries the desk has seen, and the documents whose place in the log it wants to know."""

    known: Count = 0
    digests: Annotated[list[Sha256], Field(max_length=LOG_PROOFS, default_factory=list)]


class LogHeadAnswer(Answer):
    """A signed head; `at` in microseconds of the centre's clock."""

    log: Identifier
    epoch: str
    size: Count
    root: Sha256
    at: Count
    key_id: Identifier
    signature: str


class LogEntryAnswer(Answer):
    """Entry `index` (from 0), entered at `at` (microseconds), and the path to the head's root."""

    index: Count
    at: Count
    path: list[Sha256]


class LogAnswer(Answer):
    """`consistency` is null where the log has fewer entries than were `known`."""

    head: LogHeadAnswer
    public_key: Sha256
    renewals: list[dict[str, Any]]
    consistency: list[Sha256] | None
    entries: dict[str, LogEntryAnswer]
    unknown: list[Sha256]


def tell_log(store: Store, device: Device, message: LogMessage, /, *, key: ServiceKey, now_ms: int) -> dict[str, Any]:
    """The head of the group's log, signed now, with the proofs that were asked for. Raises Refusal."""
    if device.revoked_at is not None:
        raise Refusal(ErrorCode.DEVICE_REVOKED)
    now = now_ms * 1000
    with store.read() as connection:
        keys = read_keys(store, connection, device.tenant)
    if keys is None:
        with store.write() as connection:
            ensure_open(store, connection, device.tenant)
            keys = ensure_keys(store, connection, key, tenant=device.tenant, now=now)
    with store.read() as connection:
        state = read_state(store, connection, device.tenant)
        assert state is not None  # made with the first key
        proofs = prove(
            store, connection, device.tenant, size=state.size, known=message.known, digests=message.digests
        )  # fmt: skip
    head = sign_head(key, keys, state, root=proofs.root, at=max(now, state.last_at))
    return {
        "head": head.as_json(), "public_key": keys.current,
        "renewals": [one.as_json() for one in keys.renewals(state.log)],
        "consistency": proofs.consistency, "entries": proofs.entries, "unknown": proofs.unknown,
    }  # fmt: skip


def _tell_with(parts: Parts) -> Work:
    key = service_key_of(parts)

    def work(store: Store, device: Device, message: LogMessage, /, *, now_ms: int) -> dict[str, Any]:
        return tell_log(store, device, message, key=key, now_ms=now_ms)

    return work


LOG_ENDPOINTS = (
    Endpoint(
        name="log", path="/v1/log", summary="The log of sealed documents", tag="questions", message=LogMessage,
        answer=LogAnswer, bound=_tell_with, codes=(ErrorCode.DEVICE_REVOKED,),
        example={"known": 0, "digests": []},
    ),
)  # fmt: skip
