"""The endpoint that is asked before a month is closed."""

from typing import Annotated

from pydantic import Field

from sync.protocol.codes import ErrorCode
from sync.server.closing import MOST_NAMED, closing
from sync.server.endpoints import Endpoint
from sync.server.messages import Answer, Count, Identifier, Message, Person


class ClosingMessage(Message):
    """Which branch, and since when (microseconds) its desks should have been heard of."""

    by: Person = ""
    scope: Identifier
    since: Count


class ClosingDesk(Answer):
    """A desk of the branch; `silent`: not heard of since."""

    device_id: str
    branch_code: str
    desk_code: str
    last_n: int
    seen_at: int
    silent: bool


class SetAside(Answer):
    """An operation in quarantine, without its values."""

    device_id: str
    desk_code: str
    n: int
    reason: str
    table: str
    id: str
    received_at: int


class ClosingAnswer(Answer):
    """What stands in the way of closing a month that only the centre can know."""

    desks: list[ClosingDesk]
    quarantined: Annotated[list[SetAside], Field(max_length=MOST_NAMED)]
    quarantined_count: int
    now: int


CLOSING_ENDPOINTS = (
    Endpoint(
        name="closing", path="/v1/closing", summary="What stands in the way of closing a month", tag="questions",
        message=ClosingMessage, answer=ClosingAnswer, work=closing,
        codes=(ErrorCode.DEVICE_REVOKED, ErrorCode.NOT_PERMITTED),
    ),
)  # fmt: skip
