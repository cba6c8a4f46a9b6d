"""Endpoints that change nothing: other branches' stock, what the centre holds, records as they stand."""

from typing import Annotated, Any, Literal

from pydantic import Field

from sync.protocol.codes import ErrorCode
from sync.protocol.limits import FIRST_PAGE_ROWS, STOCK_ROWS, STOCK_TRIMS
from sync.server.devices import Device
from sync.server.endpoints import Endpoint
from sync.server.feed_endpoints import FeedRow
from sync.server.inquiries import compare, fetch_rows, find_stock
from sync.server.messages import Answer, Identifier, Message, Scope
from sync.server.store import Store


class StockMessage(Message):
    """Which vehicles of other branches."""

    by: str = ""
    trims: Annotated[list[Identifier], Field(max_length=STOCK_TRIMS, default_factory=list)]
    text: str | None = None
    after: str | None = None


class CompareMessage(Message):
    """Which table of which scope, from which id on."""

    by: str = ""
    scope: Scope
    table: str
    after: str | None = None
    limit: Annotated[int, Field(ge=1, le=FIRST_PAGE_ROWS)] = FIRST_PAGE_ROWS


class RowsMessage(Message):
    """Which records."""

    by: str = ""
    table: str
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
    now: int


class RowsAnswer(Answer):
    """Records as the feed carries them; of those the desk does not read, where they are."""

    rows: list[FeedRow]
    elsewhere: dict[str, str]
    unknown: list[str]


def _rows(store: Store, device: Device, message: Any, /, *, now_ms: int) -> dict[str, Any]:
    return fetch_rows(store, device, message)


_CODES = (ErrorCode.DEVICE_REVOKED, ErrorCode.NOT_PERMITTED)
QUESTION_ENDPOINTS = (
    Endpoint(
        name="stock", path="/v1/stock", summary="Vehicles of other branches", tag="questions", message=StockMessage,
        answer=StockAnswer, work=find_stock, checked_by_work=True, codes=_CODES,
    ),
    Endpoint(
        name="compare", path="/v1/compare", summary="What the centre has of one table", tag="questions",
        message=CompareMessage, answer=CompareAnswer, work=compare, checked_by_work=True, codes=_CODES,
    ),
    Endpoint(
        name="rows", path="/v1/rows", summary="Records as they stand", tag="questions", message=RowsMessage,
        answer=RowsAnswer, work=_rows, checked_by_work=True, codes=_CODES,
    ),
)  # fmt: skip
