"""Endpoints that change nothing: other branches' stock, what the centre holds, records as they stand."""

from typing import Annotated, Any, Literal

from pydantic import Field

from db.base import replicated_models
from sync.protocol.codes import ErrorCode
from sync.protocol.limits import FIRST_PAGE_ROWS, STOCK_ROWS, STOCK_TRIMS
from sync.server.devices import Device
from sync.server.endpoints import Endpoint
from sync.server.feed_endpoints import FeedRow
from sync.server.inquiries import compare, fetch_rows, find_stock
from sync.server.messages import Answer, Identifier, Message, Moment, Person, Scope, Text, Word
from sync.server.store import Store

TableName = Annotated[
    str, Field(max_length=40, pattern="^[a-z][a-z0-9_]*$", json_schema_extra={"enum": sorted(replicated_models())})
]


class StockMessage(Message):
    """Which vehicles of other branches."""

    by: Person = ""
    trims: Annotated[list[Identifier], Field(max_length=STOCK_TRIMS, default_factory=list)]
    text: Text | None = None
    after: Word | None = None


class CompareMessage(Message):
    """Which table of which scope, from which id on."""

    by: Person = ""
    scope: Scope
    table: TableName
    after: Word | None = None
    limit: Annotated[int, Field(ge=1, le=FIRST_PAGE_ROWS)] = FIRST_PAGE_ROWS


class RowsMessage(Message):
    """Which records."""

    by: Person = ""
    table: TableName
    ids: Annotated[list[Identifier], Field(max_length=FIRST_PAGE_ROWS, default_factory=list)]


class StockRow(Answer):
    """A vehicle as other branches see it: never what it cost."""

    id: Identifier
    branch_id: str
    taken: Literal["", "order", "hold", "transfer", "lease"]


class StockAnswer(Answer):
    """Ask again with `after` = `next` while it is not null."""

    rows: Annotated[list[StockRow], Field(max_length=STOCK_ROWS)]
    next: str | None


class CompareAnswer(Answer):
    """`[id, ver, seq, deleted, digest]` in the order of ids, and by VIN who owns and has it."""

    rows: list[Annotated[list[Any], Field(min_length=5, max_length=5)]]
    about: dict[str, dict[str, Any]]
    next: str | None
    now: Moment


class RowsAnswer(Answer):
    """Records as the feed carries them; of those the desk does not read, where they are."""

    rows: list[FeedRow]
    elsewhere: dict[str, str]
    unknown: list[str]


def _stock(store: Store, device: Device, message: StockMessage, /, *, now_ms: int) -> dict[str, Any]:
    return find_stock(store, device, message.model_dump(), now_ms=now_ms)


def _compare(store: Store, device: Device, message: CompareMessage, /, *, now_ms: int) -> dict[str, Any]:
    return compare(store, device, message.model_dump(), now_ms=now_ms)


def _rows(store: Store, device: Device, message: RowsMessage, /, *, now_ms: int) -> dict[str, Any]:
    return fetch_rows(store, device, message.model_dump())


_CODES = (ErrorCode.DEVICE_REVOKED, ErrorCode.NOT_PERMITTED)
QUESTION_ENDPOINTS = (
    Endpoint(
        name="stock", path="/v1/stock", summary="Vehicles of other branches", tag="questions", message=StockMessage,
        answer=StockAnswer, work=_stock, links={"stock": {"after": "next"}}, codes=_CODES,
    ),
    Endpoint(
        name="compare", path="/v1/compare", summary="What the centre has of one table", tag="questions",
        message=CompareMessage, answer=CompareAnswer, work=_compare, codes=_CODES,
    ),
    Endpoint(
        name="rows", path="/v1/rows", summary="Records as they stand", tag="questions", message=RowsMessage,
        answer=RowsAnswer, work=_rows, codes=_CODES,
    ),
)  # fmt: skip
