"""How each kind of caller shows who it is."""

from collections.abc import Callable
from typing import Any

from fastapi import Request

from sync.server.devices import authenticate
from sync.server.endpoints import Caller, Parts


def _nobody(parts: Parts, request: Request, now_ms: int) -> None:
    return None


def _desk(parts: Parts, request: Request, now_ms: int) -> Any:
    return authenticate(parts.store, request.headers.get("authorization", ""), now=now_ms * 1000)


AUTHENTICATE: dict[Caller, Callable[[Parts, Request, int], Any]] = {
    Caller.ANYONE: _nobody,
    Caller.DESK: _desk,
}
"""Each runs on a worker thread, before the message is read, and raises Refusal."""
