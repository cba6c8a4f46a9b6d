"""How each kind of caller shows who it is."""

from collections.abc import Callable
from typing import Any

from fastapi import Request

from sync.server.bodies import request_id_of
from sync.server.devices import authenticate, tenant_in_token
from sync.server.endpoints import Caller, Parts
from sync.server.person_sessions import authenticate_person
from sync.server.placing import placed


def _nobody(parts: Parts, request: Request, now_ms: int) -> None:
    return None


def _desk(parts: Parts, request: Request, now_ms: int) -> Any:
    authorization = request.headers.get("authorization", "")
    with placed(parts.store, tenant_in_token(authorization)) as store:
        device = authenticate(store, authorization, now=now_ms * 1000)
    if parts.visits is not None:
        parts.visits.note(device, request.headers, now=now_ms * 1000)
    return device


def _person(parts: Parts, request: Request, now_ms: int) -> Any:
    authorization = request.headers.get("authorization", "")
    with placed(parts.store, tenant_in_token(authorization)) as store:
        return authenticate_person(
            store, authorization, now=now_ms * 1000, address=request.client.host if request.client else "",
            request_id=request_id_of(request),
        )  # fmt: skip


AUTHENTICATE: dict[Caller, Callable[[Parts, Request, int], Any]] = {
    Caller.ANYONE: _nobody,
    Caller.DESK: _desk,
    Caller.PERSON: _person,
}
"""Each runs on a worker thread, before the message is read, and raises Refusal."""
