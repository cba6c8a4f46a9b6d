"""Endpoints by which a desk proves its copy and a new desk gets one: digests and snapshots."""

from typing import Annotated, Any

from pydantic import Field

from sync.protocol.codes import ErrorCode
from sync.protocol.digests import BUCKETS
from sync.server.devices import Device
from sync.server.digests import digest
from sync.server.endpoints import Endpoint, Parts, Work
from sync.server.messages import Answer, Count, Identifier, Message, Moment, Scope, Word
from sync.server.snapshots import Snapshots
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
    """What there is of a scope to be read as a whole; with `snapshot` and `part` one part of it. `snapshot` alone names
    the one that is being read: it is given as long as it is there."""

    epoch: Word | None = None
    scope: Scope
    snapshot: Identifier | None = None
    part: Annotated[int, Field(ge=0, lt=1 << 31)] | None = None


class SnapshotAnswer(Answer):
    """The list of parts, `[rows, size, sha256 of the plain text]`, or one part as base64 of zstd."""

    epoch: Identifier | None = None
    now: Moment | None = None
    snapshot: Identifier | None = None
    scope: Scope | None = None
    seq: int | None = None
    rows: int | None = None
    tables: dict[str, tuple[int, _Sum]] | None = None
    finished: bool | None = None
    parts: list[tuple[int, int, str]] | None = None
    sha256: str | None = None
    zstd: str | None = None


def _snapshot_with(parts: Parts) -> Work:
    snapshots = Snapshots(parts.clock_ms)

    def work(store: Store, device: Device, message: SnapshotMessage, /, *, now_ms: int) -> dict[str, Any]:
        return snapshots.answer(store, device, message.model_dump(), now_ms=now_ms)

    return work


def _digest(store: Store, device: Device, message: DigestMessage, /, *, now_ms: int) -> dict[str, Any]:
    return digest(store, device, message.model_dump(), now_ms=now_ms)


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
            ErrorCode.DEVICE_REVOKED, ErrorCode.NOT_PERMITTED, ErrorCode.EPOCH_CHANGED, ErrorCode.SNAPSHOT_GONE,
        ),
    ),
)  # fmt: skip
