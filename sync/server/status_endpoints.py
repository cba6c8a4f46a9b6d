"""Whether the service is alive."""

from typing import Annotated, Any, Literal

from fastapi import Response
from pydantic import Field

from sync.protocol.codes import ErrorCode
from sync.protocol.versions import PROTOCOL_VERSION, SCHEMA_VERSION
from sync.server.bodies import json_response
from sync.server.endpoints import Call, Caller, Endpoint, Pace
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


def _document(call: Call) -> Response:
    from sync.server.openapi import document  # it is made from the list that this endpoint stands in

    return json_response(document(), call.request)


STATUS_ENDPOINTS = (
    Endpoint(
        name="openapi", path="/v1/openapi.json", method="GET", tag="status", caller=Caller.ANYONE, pace=Pace.STATUS,
        summary="This document", reply=_document,
        openapi={
            "responses": {
                "200": {
                    "description": "OpenAPI 3.1",
                    "headers": {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}},
                    "content": {"application/json": {"schema": {"type": "object", "required": ["openapi", "paths"]}}},
                }
            }
        },
    ),
    Endpoint(
        name="health", path="/v1/health", method="GET", tag="status", caller=Caller.ANYONE, pace=Pace.STATUS,
        summary="Whether the service is alive", answer=HealthAnswer, work=health, codes=(ErrorCode.BUSY,),
    ),
)  # fmt: skip
