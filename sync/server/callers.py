"""How each kind of caller shows who it is."""

from collections.abc import Callable
from typing import Any

from fastapi import Request

from sync.server.devices import authenticate, tenant_in_token
from sync.server.endpoints import Caller, Parts
from sync.server.placing import placed


def _nobody(parts: Parts, request: Request, now_ms: int) -> None:
    return None


def _desk(parts: Parts, request: Request, now_ms: int) -> Any:
    authorization = request.headers.get("authorization", "")
    with placed(parts.store, tenant_in_token(authorization)) as store:
        return authenticate(store, authorization, now=now_ms * 1000)


AUTHENTICATE: dict[Caller, Callable[[Parts, Request, int], Any]] = {
    Caller.ANYONE: _nobody,
    Caller.DESK: _desk,
}
"""Each runs on a worker thread, before the message is read, and raises Refusal."""
