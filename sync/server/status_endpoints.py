"""Whether the service is alive."""

import shutil
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Response
from pydantic import Field

from sync.protocol.codes import ErrorCode
from sync.protocol.versions import PROTOCOL_VERSION, SCHEMA_VERSION
from sync.server import schema
from sync.server.bodies import json_response
from sync.server.endpoints import Call, Caller, Endpoint, Pace, Parts, Work
from sync.server.messages import Answer
from sync.server.refusals import Refusal
from sync.server.stopping import STOPPING
from sync.server.store import Store

_LEAST_DISK_BYTES = 256 << 20
_SOON_SECONDS = 5


class HealthAnswer(Answer):
    """The service answers. Whether it can work is another question: see `ready`."""

    status: Literal["ok"]
    protocol: int
    schema_: Annotated[int, Field(alias="schema")]
    now: int
    database: Literal["sqlite", "postgresql"]


def health(store: Store, caller: None, message: None, /, *, now_ms: int) -> dict[str, Any]:
    """That this process answers; it asks nobody else, so that nobody ends it for what a database lacks."""
    return {
        "status": "ok", "protocol": PROTOCOL_VERSION, "schema": SCHEMA_VERSION, "now": now_ms,
        "database": "postgresql" if store.is_postgres else "sqlite",
    }  # fmt: skip


class ReadyAnswer(Answer):
    """The service can work: its databases answer, stand at the right step, and have room."""

    status: Literal["ready"]


def _ready_with(parts: Parts) -> Work:
    def ready(store: Store, caller: None, message: None, /, *, now_ms: int) -> dict[str, Any]:
        if STOPPING.is_set():
            raise _not_yet("stopping")
        for one in parts.store.every():
            _look_at(one)
        return {"status": "ready"}

    return ready


def _look_at(store: Store) -> None:
    """Raises StoreUnavailable, or Refusal with a reason, where this database cannot be worked on."""
    with store.read() as connection:
        step = store.run(connection, "SELECT version_num FROM alembic_version").scalar()
    if step != schema.HEAD:
        raise _not_yet("schema")
    path = None if store.is_postgres else store.engine.url.database
    if path and path != ":memory:" and shutil.disk_usage(Path(path).parent).free < _LEAST_DISK_BYTES:
        raise _not_yet("disk")


def _not_yet(reason: str) -> Refusal:
    return Refusal(ErrorCode.BUSY, retry_after=_SOON_SECONDS, reason=reason)


def _document(call: Call) -> Response:
    from sync.server.openapi import document  # it is made from the list that this endpoint stands in

    root = str(call.request.scope.get("root_path") or "/")
    return json_response({**document(), "servers": [{"url": root}]}, call.request)


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
        summary="Whether the service is alive", answer=HealthAnswer, work=health,
    ),
    Endpoint(
        name="ready", path="/v1/ready", method="GET", tag="status", caller=Caller.ANYONE, pace=Pace.STATUS,
        summary="Whether the service can work; `busy` with `detail.reason` (stopping, schema, disk) where it cannot",
        answer=ReadyAnswer, bound=_ready_with,
    ),
)  # fmt: skip
