"""The service over HTTP: one route for each declared endpoint; errors never leak."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from sync.protocol.codes import HTTP_STATUS, ErrorCode
from sync.server.attempts import Attempts
from sync.server.bodies import (
    answered,
    check_version,
    json_response,
    message_in,
    parsed,
    read_body,
    refused,
    request_id_of,
)
from sync.server.callers import AUTHENTICATE
from sync.server.contents import Contents
from sync.server.databases import Stores
from sync.server.desk_visits import DeskVisits
from sync.server.endpoint_list import ENDPOINTS
from sync.server.endpoints import Call, Endpoint, Parts, Work
from sync.server.placing import placed, tenant_of
from sync.server.refusals import Refusal
from sync.server.upkeep import CursorNotes


def make_app(
    store: Stores, *, clock_ms: Callable[[], int] | None = None, contents: Contents | None = None,
    extra: Mapping[str, Any] | None = None,
) -> FastAPI:  # fmt: skip
    """The application on a prepared store. `clock_ms` tells the time in milliseconds since the epoch; `extra` is what
    only some endpoints need (`Parts.extra`)."""
    app = FastAPI(title="Forecourt service", docs_url=None, redoc_url=None, openapi_url=None)
    parts = Parts(
        store=store, contents=contents or Contents(store), cursors=CursorNotes(store),
        visits=DeskVisits(store),
        clock_ms=clock_ms or (lambda: time.time_ns() // 1_000_000), extra=dict(extra or {}),
    )  # fmt: skip
    attempts = Attempts()
    for endpoint in ENDPOINTS:
        route = _Route(endpoint, parts, attempts)
        app.add_api_route(endpoint.path, route.handler(), methods=[endpoint.method], name=endpoint.name)
    app.add_exception_handler(HTTPException, _unknown_address)
    return app


class _Route:
    """Reads a request within its limits and does its work on a thread."""

    def __init__(self, endpoint: Endpoint, parts: Parts, attempts: Attempts) -> None:
        self._endpoint, self._parts, self._attempts = endpoint, parts, attempts
        self._work: Work | None = None if endpoint.reply is not None else endpoint.work_in(parts)

    def handler(self) -> Callable[[Request], object]:
        async def handle(request: Request) -> Response:
            request_id = request_id_of(request)
            try:
                served_in_full = check_version(request, any_earlier=self._endpoint.serves_any_version)
                body = await read_body(request, limit=self._endpoint.body_limit)
            except Refusal as refusal:
                return refused(refusal, request_id)
            work = partial(self._respond, request, body, request_id, served_in_full=served_in_full)
            return await run_in_threadpool(answered, work, request_id)

        return handle

    def _respond(self, request: Request, body: bytes, request_id: str, *, served_in_full: bool) -> Response:
        """Runs on a worker thread, from bytes to bytes."""
        endpoint = self._endpoint
        address = request.client.host if request.client else ""
        if endpoint.guesses:
            self._attempts.check(address)
        try:
            return self._done(request, body, address, request_id, served_in_full=served_in_full)
        except Refusal as refusal:
            if refusal.code in endpoint.guesses:
                self._attempts.failed(address)
            raise

    def _done(
        self, request: Request, body: bytes, address: str, request_id: str, *, served_in_full: bool
    ) -> Response:  # fmt: skip
        endpoint, now_ms = self._endpoint, self._parts.clock_ms()
        caller = AUTHENTICATE[endpoint.caller](self._parts, request, now_ms)
        if endpoint.reply is not None:
            with placed(self._parts.store, tenant_of(caller)):
                return endpoint.reply(Call(self._parts, request, body, caller, address, request_id, now_ms))
        assert self._work is not None
        message = None if endpoint.message is None else message_in(body, request)
        if endpoint.message is not None and not endpoint.checked_by_work:
            message = parsed(endpoint.message, message)
        if not served_in_full and isinstance(message, dict):
            message.pop("pull", None)  # it may bring what it has; reading needs a version that is spoken here
        tenant = tenant_of(caller) if endpoint.tenant_of is None else endpoint.tenant_of(message)
        with placed(self._parts.store, tenant) as store:
            return json_response(self._work(store, caller, message, now_ms=now_ms), request)


async def _unknown_address(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", HTTP_STATUS[ErrorCode.NOT_FOUND])
    wrong_method = status == HTTP_STATUS[ErrorCode.METHOD_NOT_ALLOWED]
    answer = refused(
        Refusal(ErrorCode.METHOD_NOT_ALLOWED if wrong_method else ErrorCode.NOT_FOUND), request_id_of(request)
    )
    if wrong_method:
        methods = {one.method for one in ENDPOINTS if compile_path(one.path)[0].match(request.url.path)}
        answer.headers["allow"] = ", ".join(sorted(methods))
    return answer
