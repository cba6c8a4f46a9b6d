"""Endpoints of the feed: push, pull and publish.

Their messages are large and checked by hand where they are worked on; the models here say the same for the OpenAPI
document, and tests compare the two.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from pydantic import Field

from sync.protocol.codes import ErrorCode
from sync.protocol.limits import FIRST_PAGE_ROWS, PAGE_ROWS, PUBLISH_ROWS, TRANSACTION_OPERATIONS
from sync.server.bodies import parsed
from sync.server.devices import Device
from sync.server.endpoints import Endpoint, Pace, Parts, Work
from sync.server.epochs import found_restored
from sync.server.measuring import note_operations
from sync.server.messages import NUMBER_LIMIT, Answer, Count, Identifier, Message, Moment, Scope, Word
from sync.server.publish import apply_publication
from sync.server.pull import page_after_push, read_page
from sync.server.push import Push, apply_push
from sync.server.refusals import Refusal
from sync.server.store import Store

_MOST_SCHEMA = 10_000


class Acknowledged(Message):
    """The last operation a desk knows the centre has, and the hash of all up to it."""

    n: Count
    hash: Word = ""


Waiting = Annotated[
    list[Count],
    Field(min_length=2, max_length=2, description="How many operations the desk has behind this message, and when the"
          " first of them was made (microseconds, 0 for none); for headquarters. Earlier desks do not say."),
]  # fmt: skip


class PullMessage(Message):
    """What a desk has read so far: its place in each scope. A scope that is not named is read from the start."""

    cursors: dict[str, Count]
    limit: Annotated[
        int, Field(ge=1, lt=NUMBER_LIMIT, description=f"Rows wanted; at most {PAGE_ROWS} are given.")
    ] = FIRST_PAGE_ROWS
    epoch: Word | None = None
    acknowledged: Annotated[
        Any, Field(description="As `previous` of a push: rows of which the desk has the exact copy are left out then.")
    ] = None
    floors: Annotated[
        dict[str, Count] | None, Field(description="As the page before told them, while a scope is read anew.")
    ] = None
    snapshots: Annotated[
        int | None,
        Field(ge=1, lt=NUMBER_LIMIT, description="Leave out scopes not begun that have so many rows: see `snapshot`."),
    ] = None
    desk: Annotated[Word | None, Field(description="`branch_id/desk_code` as the desk knows them.")] = None
    names: Annotated[
        Count | None, Field(description="How far the desk knows what desks are called: `to` as told last, 0 at first.")
    ] = None
    waiting: Waiting | None = None
    tables: Annotated[
        list[Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$")]] | None,
        Field(max_length=200, description="Only these tables: what an earlier version of the desk could not read."),
    ] = None


class OperationMessage(Message):
    """One change: the keys that stand in the chain of hashes. What else is wrong with a single operation is told in its
    result as `operation_malformed`, not by refusing the request; the schema `Operation` says what is right."""

    n: Count
    txn: str
    kind: str
    table: str
    id: str


class Operation(Message):
    """An operation that is not refused as `operation_malformed`."""

    n: Count
    txn: Identifier
    v: Annotated[int, Field(ge=1, lt=NUMBER_LIMIT, description="schema version of the fields")] = 1
    kind: Literal["put", "claim", "release", "transfer", "void"]
    table: Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$", examples=["customer"])]
    id: Annotated[str, Field(description="the record's; of claims and releases the VIN", max_length=32)]
    scope: Scope
    base: Annotated[Count, Field(description="version of the record the change was made on, 0 for a new one")] = 0
    fields: Annotated[dict[str, Any], Field(description="the changed fields as stored; all of a new record")]
    clock: Annotated[str, Field(pattern="^[0-9a-f]{16}-[0-9a-zA-Z]{1,40}$", examples=["0199a5c2b4e00000-8b0c7d24"])]
    at: Annotated[Count, Field(description="the desk's time in microseconds")] = 0
    by: Annotated[str, Field(description="id of the person")] = ""
    new: Annotated[bool, Field(description="these are all fields of a new record")] = False


class PushMessage(Message):
    """A desk's next operations, numbered without gaps after `previous`: `operations[0].n` is `previous.n + 1`."""

    epoch: Word | None = None
    previous: Acknowledged
    operations: Annotated[list[OperationMessage], Field(max_length=TRANSACTION_OPERATIONS)]
    pull: Annotated[
        PullMessage | Any, Field(description="Asks for a page as well; one that cannot be read gives the page null.")
    ] = None
    waiting: Annotated[Waiting | Any, Field(description="As in a pull, where there is none with this push.")] = None


class PublishMessage(Message):
    """Rows and claims a desk was seeded with, or has while the centre may lack them.

    A row is `[scope, table, id, created_at, updated_at, fields, clocks]`, a claim `[scope, vin, fields]`; what is wrong
    with one of them is told in its result.
    """

    epoch: Word | None = None
    v: Annotated[Any, Field(description="schema version of the fields, 1 without it")] = 1
    rows: Annotated[
        list[Annotated[list[Any], Field(min_length=7, max_length=7)]], Field(max_length=PUBLISH_ROWS)
    ]
    claims: Annotated[
        list[Annotated[list[Any], Field(min_length=3, max_length=3)]],
        Field(max_length=PUBLISH_ROWS, default_factory=list),
    ]


class PushEnvelope(Message):
    """A push without its operations, which are checked by hand: putting them through a model would cost as much again
    as reading them."""

    epoch: Word | None = None
    previous: Acknowledged
    operations: list[Any]


class PublishEnvelope(Message):
    """The same of a publication."""

    epoch: Word | None = None
    rows: list[Any]
    claims: Annotated[list[Any], Field(default_factory=list)]


FeedRow = Annotated[list[Any], Field(min_length=9, max_length=9)]
"""`[scope, table, id, ver, seq, created_at, updated_at, fields, clocks]`"""


class PageAnswer(Answer):
    """Rows after the cursors, in the order of commits."""

    epoch: Identifier
    now: Moment
    applied: int
    rows: list[FeedRow]
    cursors: dict[str, int]
    more: bool
    floors: dict[str, int] | None = None
    """Of scopes that are being read from the start: from where on they are complete. Given back with the next pull."""
    large: dict[str, int] | None = None
    left: int | None = None
    lost: list[str] | None = None
    desk: dict[str, str] | None = None
    needed: list[Annotated[list[Any], Field(min_length=3, max_length=3)]] | None = None
    """Deleted records that a payment or a contract needs, `[table, id, whether what deleting left of it will do]`: a
    desk that has one shows it with `publish`."""
    names: dict[str, Any] | None = None
    """What desks are called, `{"to", "desks": [[short name, branch code, desk code], …]}`: what the desk lacks."""


class PushAnswer(Answer):
    """One result per operation: `[n, outcome, ver, seq]`, with a code and its detail where something is to be said."""

    epoch: Identifier
    applied: int
    now: Moment
    ahead_ms: int
    results: list[Annotated[list[Any], Field(min_length=4, max_length=6)]]
    rows: list[FeedRow]
    page: PageAnswer | None = None


class PublishAnswer(Answer):
    """One result per row: `[outcome, ver, seq]`, with a code and its detail where something is to be said."""

    epoch: Identifier
    now: Moment
    results: list[Annotated[list[Any], Field(min_length=3, max_length=5)]]
    rows: list[FeedRow]


@contextmanager
def _noticing(store: Store, device: Device, message: Any, *, now_ms: int) -> Iterator[None]:
    """Where a desk knows more than this database ever heard of, a new epoch begins: all others have to hear of it."""
    try:
        yield
    except Refusal as refusal:
        epoch = message.get("epoch")
        if refusal.code == ErrorCode.OPERATIONS_MISSING and epoch:
            refusal.detail["epoch"] = found_restored(
                store, device, epoch=str(epoch), now=now_ms * 1000
            )
        raise


def _schema_of(operations: list[Any]) -> int | None:
    """The schema version the desk writes now; None where it does not say."""
    told = operations[-1].get("v", 1) if operations and isinstance(operations[-1], dict) else None
    return told if isinstance(told, int) and 0 < told < _MOST_SCHEMA else None


def _waiting(message: Any) -> list[int] | None:
    """What the desk says that it has behind this push; None where it does not say so readably."""
    told = message.get("waiting") if isinstance(message, dict) else None
    if not isinstance(told, list) or len(told) != 2:
        return None
    return told if all(type(one) is int and 0 <= one < NUMBER_LIMIT for one in told) else None


def _push_with(parts: Parts) -> Work:
    """A push also notes, now and then, how far the desk has read and how far its clock is ahead."""

    def push(store: Store, device: Device, message: Any, /, *, now_ms: int) -> dict[str, Any]:
        parsed(PushEnvelope, message)
        waiting = _waiting(message.get("pull") or message)
        try:
            with _noticing(store, device, message, now_ms=now_ms):
                answer = apply_push(store, device, Push.read(message), now_ms=now_ms)
        except Refusal:
            if parts.visits is not None and waiting is not None:  # these operations wait as well
                first = message["operations"][0].get("at") if message["operations"] else 0
                parts.visits.note_waiting(
                    device, waiting[0] + len(message["operations"]), first or waiting[1], now=now_ms * 1000
                )
            raise
        note_operations(message["operations"], answer["results"])
        if parts.visits is not None:
            parts.visits.note_push(
                device, ahead_ms=answer["ahead_ms"], schema_version=_schema_of(message["operations"])
            )
            if waiting is not None:
                parts.visits.note_waiting(device, *waiting, now=now_ms * 1000)
        asked = message.get("pull")
        if asked is not None:
            answer["page"] = page = page_after_push(store, device, asked, now_ms=now_ms)
            if page is not None:
                told = {scope: seq for scope, seq in asked["cursors"].items() if scope in page["cursors"]}
                parts.cursors.note(device, told, now=now_ms * 1000)
        return answer

    return push


def _pull_with(parts: Parts) -> Work:
    """Reading a page also notes, now and then, how far the desk has read."""

    def pull(store: Store, device: Device, message: Any, /, *, now_ms: int) -> dict[str, Any]:
        parsed(PullMessage, message)
        with _noticing(store, device, message, now_ms=now_ms):
            page = read_page(store, device, message, now_ms=now_ms)
        # What the desk says it has, not what it is being sent: that may never arrive.
        told = {scope: seq for scope, seq in message["cursors"].items() if scope in page["cursors"]}
        if told and not message.get("tables"):
            parts.cursors.note(device, told, now=now_ms * 1000)
        waiting = message.get("waiting")
        if waiting is not None and parts.visits is not None:
            parts.visits.note_waiting(device, *waiting, now=now_ms * 1000)
        return page

    return pull


def _publish(store: Store, device: Device, message: Any, /, *, now_ms: int) -> dict[str, Any]:
    parsed(PublishEnvelope, message)
    return apply_publication(store, device, message, now_ms=now_ms)


_PARTED = (ErrorCode.DEVICE_REVOKED, ErrorCode.EPOCH_CHANGED)
FEED_ENDPOINTS = (
    Endpoint(
        name="push", path="/v1/push", summary="Send the desk's next operations", tag="feed", pace=Pace.SYNC,
        message=PushMessage, answer=PushAnswer, bound=_push_with, checked_by_work=True,
        codes=(*_PARTED, ErrorCode.OPERATIONS_MISSING, ErrorCode.RESTORE_DOUBTED, ErrorCode.HISTORY_DIFFERS),
        serves_any_version=True,
    ),
    Endpoint(
        name="pull", path="/v1/pull", summary="Read the next page of the feed", tag="feed", pace=Pace.SYNC,
        message=PullMessage, answer=PageAnswer, bound=_pull_with, checked_by_work=True,
        links={"pull": {"cursors": "cursors"}},
        codes=(*_PARTED, ErrorCode.OPERATIONS_MISSING, ErrorCode.RESTORE_DOUBTED, ErrorCode.CURSOR_TOO_OLD),
    ),
    Endpoint(
        name="publish", path="/v1/publish", summary="Show rows that no operation carries", tag="feed", pace=Pace.SYNC,
        message=PublishMessage, answer=PublishAnswer, work=_publish, checked_by_work=True, codes=_PARTED,
        serves_any_version=True,
    ),
)  # fmt: skip
