"""Whether the service is alive."""

from typing import Annotated, Any, Literal

from pydantic import Field

from sync.protocol.codes import ErrorCode
from sync.protocol.versions import PROTOCOL_VERSION, SCHEMA_VERSION
from sync.server.endpoints import Caller, Endpoint, Pace
from sync.server.messages import Answer
from sync.server.store import Store


class HealthAnswer(Answer):
    """The service answers, and its database does."""

    status: Literal["ok"]
    protocol: int
    schema_: Annotated[int, Field(alias="schema")]
    now: int
    database: Literal["sqlite", "postgresql"]


def health(store: Store, caller: None, message: None, /, *, now_ms: int) -> dict[str, Any]:
    """Whether the service and its database answer."""
    with store.read() as connection:
        store.run(connection, "SELECT 1").scalar()
    return {
        "status": "ok", "protocol": PROTOCOL_VERSION, "schema": SCHEMA_VERSION, "now": now_ms,
        "database": "postgresql" if store.is_postgres else "sqlite",
    }  # fmt: skip


STATUS_ENDPOINTS = (
    Endpoint(
        name="health", path="/v1/health", method="GET", tag="status", caller=Caller.ANYONE, pace=Pace.STATUS,
        summary="Whether the service is alive", answer=HealthAnswer, work=health, codes=(ErrorCode.BUSY,),
    ),
)  # fmt: skip
