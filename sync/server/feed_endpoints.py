"""Endpoints of the feed: push, pull and publish.

Their messages are large and checked by hand where they are worked on; the models here say the same for the OpenAPI
document, and tests compare the two.
"""

from typing import Annotated, Any

from pydantic import Field

from sync.protocol.codes import ErrorCode
from sync.protocol.limits import FIRST_PAGE_ROWS, PAGE_ROWS, PUBLISH_ROWS, TRANSACTION_OPERATIONS
from sync.server.devices import Device
from sync.server.endpoints import Endpoint, Pace, Parts, Work
from sync.server.messages import Answer, Count, Identifier, Message, Scope
from sync.server.publish import apply_publication
from sync.server.pull import page_after_push, read_page
from sync.server.push import Push, apply_push
from sync.server.store import Store


class Acknowledged(Message):
    """The last operation a desk knows the centre has, and the hash of all up to it."""

    n: Count
    hash: str = ""


class PullMessage(Message):
    """What a desk has read so far."""

    cursors: dict[Scope, Count]
    limit: Annotated[int, Field(ge=1, description=f"At most {PAGE_ROWS} rows are given.")] = FIRST_PAGE_ROWS
    epoch: str | None = None
    acknowledged: Acknowledged | None = None


class OperationMessage(Message):
    """One change. What is wrong with a single one is told in its result, not by refusing the request."""

    n: Count
    txn: Any
    kind: Any
    table: Any
    id: Any


class PushMessage(Message):
    """A desk's next operations, numbered without gaps after `previous`."""

    epoch: str | None = None
    previous: Acknowledged
    operations: Annotated[list[OperationMessage], Field(max_length=TRANSACTION_OPERATIONS)]
    pull: PullMessage | None = None


class PublishMessage(Message):
    """Rows and claims a desk was seeded with, or has while the centre may lack them."""

    epoch: str | None = None
    rows: Annotated[list[list[Any]], Field(max_length=PUBLISH_ROWS)]
    claims: Annotated[list[list[Any]], Field(max_length=PUBLISH_ROWS, default_factory=list)]


FeedRow = Annotated[list[Any], Field(min_length=9, max_length=9)]
"""`[scope, table, id, ver, seq, created_at, updated_at, fields, clocks]`"""


class PageAnswer(Answer):
    """Rows after the cursors, in the order of commits."""

    epoch: Identifier
    now: int
    applied: int
    rows: list[FeedRow]
    cursors: dict[str, int]
    more: bool


class PushAnswer(Answer):
    """One result per operation: `[n, outcome, ver, seq]`, with a code and its detail where something is to be said."""

    epoch: Identifier
    applied: int
    now: int
    ahead_ms: int
    results: list[Annotated[list[Any], Field(min_length=4, max_length=6)]]
    rows: list[FeedRow]
    page: PageAnswer | None = None


class PublishAnswer(Answer):
    """One result per row: `[outcome, ver, seq]`, with a code and its detail where something is to be said."""

    epoch: Identifier
    now: int
    results: list[Annotated[list[Any], Field(min_length=3, max_length=5)]]
    rows: list[FeedRow]


def _push(store: Store, device: Device, message: Any, /, *, now_ms: int) -> dict[str, Any]:
    answer = apply_push(store, device, Push.read(message), now_ms=now_ms)
    asked = message.get("pull")
    if asked is not None:
        answer["page"] = page_after_push(store, device, asked, now_ms=now_ms)
    return answer


def _pull_with(parts: Parts) -> Work:
    """Reading a page also notes, now and then, how far the desk has read."""

    def pull(store: Store, device: Device, message: Any, /, *, now_ms: int) -> dict[str, Any]:
        page = read_page(store, device, message, now_ms=now_ms)
        # What the desk says it has, not what it is being sent: that may never arrive.
        told = {scope: seq for scope, seq in message["cursors"].items() if scope in page["cursors"]}
        if told and not message.get("tables"):
            parts.cursors.note(device, told, now=now_ms * 1000)
        return page

    return pull


_PARTED = (ErrorCode.DEVICE_REVOKED, ErrorCode.EPOCH_CHANGED)
FEED_ENDPOINTS = (
    Endpoint(
        name="push", path="/v1/push", summary="Send the desk's next operations", tag="feed", pace=Pace.SYNC,
        message=PushMessage, answer=PushAnswer, work=_push, checked_by_work=True,
        codes=(*_PARTED, ErrorCode.OPERATIONS_MISSING, ErrorCode.HISTORY_DIFFERS),
        serves_any_version=True,
    ),
    Endpoint(
        name="pull", path="/v1/pull", summary="Read the next page of the feed", tag="feed", pace=Pace.SYNC,
        message=PullMessage, answer=PageAnswer, bound=_pull_with, checked_by_work=True,
        codes=(*_PARTED, ErrorCode.OPERATIONS_MISSING, ErrorCode.CURSOR_TOO_OLD),
    ),
    Endpoint(
        name="publish", path="/v1/publish", summary="Show rows that no operation carries", tag="feed", pace=Pace.SYNC,
        message=PublishMessage, answer=PublishAnswer, work=apply_publication, checked_by_work=True, codes=_PARTED,
        serves_any_version=True,
    ),
)  # fmt: skip
