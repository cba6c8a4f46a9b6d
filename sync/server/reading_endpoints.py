"""Endpoints by which a desk proves its copy and a new desk gets one: digests and snapshots."""

from typing import Annotated, Any

from fastapi import Response
from pydantic import Field

from sync.protocol import codec
from sync.protocol.codes import ErrorCode
from sync.protocol.digests import BUCKETS
from sync.server.bodies import message_in, parsed
from sync.server.devices import Device
from sync.server.digests import digest
from sync.server.endpoints import Call, Endpoint, Parts, Work
from sync.server.messages import Answer, Count, Identifier, Message, Moment, Scope, Word
from sync.server.placing import tenant_of
from sync.server.snapshots import Snapshots, part_body
from sync.server.store import Store

_Table = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$", examples=["customer"])]
_Sum = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]


class DigestMessage(Message):
    """Totals of the scopes of `cursors`; with `scope` and `table` the buckets of one table; with `buckets` the records
    of those."""

    epoch: Word | None = None
    cursors: Annotated[dict[Scope, Count], Field(default_factory=dict)]
    scope: Scope | None = None
    table: _Table | None = None
    buckets: Annotated[list[Annotated[int, Field(ge=0, lt=BUCKETS)]], Field(max_length=BUCKETS)] | None = None
    after: Annotated[Word, Field(max_length=32)] | None = None


class ScopeTotals(Answer):
    """Of one scope. `tables` is null where the cursor is not the head: such totals could not be compared."""

    head: int
    tables: dict[str, tuple[int, _Sum]] | None


class DigestAnswer(Answer):
    """`scopes` for totals; `head` and `buckets`, `[bucket, rows, sum]`, for a table; for buckets `records`, `[id, ver]`
    in the order of ids, and `next`."""

    epoch: Identifier
    now: Moment
    scopes: dict[str, ScopeTotals] | None = None
    head: int | None = None
    buckets: list[tuple[int, int, _Sum]] | None = None
    records: list[tuple[str, int]] | None = None
    next: str | None = None


class SnapshotMessage(Message):
    """What there is of a scope to be read as a whole. `snapshot` names the one that is being read: it is given as long
    as it is there."""

    epoch: Word | None = None
    scope: Scope
    snapshot: Identifier | None = None


class SnapshotAnswer(Answer):
    """The snapshot, and its parts as far as they are ready: `[rows, size as zstd, sha256 of the plain text]`."""

    epoch: Identifier
    now: Moment
    snapshot: Identifier
    scope: Scope
    seq: int
    rows: int
    tables: dict[str, tuple[int, _Sum]]
    finished: bool
    parts: list[tuple[int, int, str]]


class SnapshotPartMessage(Message):
    """One part of a snapshot, counted from 0."""

    scope: Scope
    snapshot: Identifier
    part: Annotated[int, Field(ge=0, lt=1 << 31)]


class SnapshotPartAnswer(Answer):
    """Records as a page carries them. The SHA-256 of this text, without the compression, is that of the list."""

    rows: list[list[Any]]


def _snapshot_with(parts: Parts) -> Work:
    snapshots = Snapshots(parts.clock_ms)

    def work(store: Store, device: Device, message: SnapshotMessage, /, *, now_ms: int) -> dict[str, Any]:
        return snapshots.answer(store, device, message.model_dump(), now_ms=now_ms)

    return work


def _digest(store: Store, device: Device, message: DigestMessage, /, *, now_ms: int) -> dict[str, Any]:
    return digest(store, device, message.model_dump(), now_ms=now_ms)


def _snapshot_part(call: Call) -> Response:
    """The bytes as they are kept. A desk without zstd gets them as it can read them."""
    asked = parsed(SnapshotPartMessage, message_in(call.body, call.request))
    store = call.parts.store.of(tenant_of(call.caller))
    body = part_body(store, call.caller, scope=asked.scope, snapshot_id=asked.snapshot, part=asked.part)
    encoding = codec.choose_encoding(call.request.headers.get("accept-encoding", ""))
    if encoding != codec.ZSTD:
        body = codec.compress(codec.decompress(body, codec.ZSTD), encoding)
    headers = {} if encoding == codec.IDENTITY else {"content-encoding": encoding}
    return Response(body, media_type="application/json", headers=headers)


READING_ENDPOINTS = (
    Endpoint(
        name="digest", path="/v1/digest", summary="Counts and sums of what the centre has", message=DigestMessage,
        answer=DigestAnswer, work=_digest,
        codes=(ErrorCode.DEVICE_REVOKED, ErrorCode.NOT_PERMITTED, ErrorCode.EPOCH_CHANGED),
    ),
    Endpoint(
        name="snapshot", path="/v1/snapshot", summary="A scope as a whole, in parts", message=SnapshotMessage,
        answer=SnapshotAnswer, bound=_snapshot_with,
        codes=(
            ErrorCode.DEVICE_REVOKED, ErrorCode.NOT_PERMITTED, ErrorCode.EPOCH_CHANGED,
        ),
        links={"snapshot_part": {"scope": "scope", "snapshot": "snapshot"}},
    ),
    Endpoint(
        name="snapshot_part", path="/v1/snapshot-part", summary="One part of a snapshot", reply=_snapshot_part,
        message=SnapshotPartMessage, answer=SnapshotPartAnswer,
        codes=(ErrorCode.DEVICE_REVOKED, ErrorCode.NOT_PERMITTED, ErrorCode.SNAPSHOT_GONE),
    ),
)  # fmt: skip
