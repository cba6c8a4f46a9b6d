"""The service over HTTP: one route for each declared endpoint; errors never leak."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette._utils import get_route_path
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import Route, compile_path

from sync.protocol.codes import HTTP_STATUS, ErrorCode
from sync.server.allowances import Allowances
from sync.server.attempts import Attempts
from sync.server.bodies import (
    ERROR_HEADER,
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
from sync.server.logs import note_request
from sync.server.measuring import IN_HAND, note_answer, note_pool
from sync.server.placing import placed, tenant_of
from sync.server.refusals import Refusal
from sync.server.upkeep import CursorNotes

_ONLY_TLS = "max-age=31536000"


def make_app(
    store: Stores, *, clock_ms: Callable[[], int] | None = None, contents: Contents | None = None,
    extra: Mapping[str, Any] | None = None, allowances: Allowances | None = None,
) -> FastAPI:  # fmt: skip
    """The application on a prepared store. `clock_ms` tells the time in milliseconds since the epoch; `extra` is what
    only some endpoints need (`Parts.extra`)."""
    app = FastAPI(title="Forecourt service", docs_url=None, redoc_url=None, openapi_url=None)
    parts = Parts(
        store=store, contents=contents or Contents(store), cursors=CursorNotes(store),
        visits=DeskVisits(store),
        clock_ms=clock_ms or (lambda: time.time_ns() // 1_000_000), extra=dict(extra or {}),
    )  # fmt: skip
    counted = _Counted(Attempts(store.every()[0]), allowances or Allowances())
    for endpoint in ENDPOINTS:
        route = _Route(endpoint, parts, counted)
        app.router.routes.append(_plain(endpoint, route.handler()))
    app.add_exception_handler(HTTPException, _unknown_address)
    return app


def _plain(endpoint: Endpoint, handler: Callable[[Request], Any]) -> Route:
    """A route of one method whose handler reads and checks the request itself: nothing is to be injected."""
    route = Route(endpoint.path, handler, methods=[endpoint.method], name=endpoint.name)
    route.methods = {endpoint.method}  # not HEAD beside GET, which nobody declared
    return route


@dataclass(frozen=True, slots=True)
class _Counted:
    """What requests are counted against."""

    attempts: Attempts
    allowances: Allowances


@dataclass(slots=True)
class _Trace:
    """What becomes known of a request while it is answered, for the log and the metrics."""

    request: Request
    request_id: str
    began: float
    address: str
    taken: int = 0
    caller: Any = None
    rows: int | None = None


class _Route:
    """Reads a request within its limits and does its work on a thread."""

    def __init__(self, endpoint: Endpoint, parts: Parts, counted: _Counted) -> None:
        self._endpoint, self._parts, self._counted = endpoint, parts, counted
        self._work: Work | None = None if endpoint.reply is not None else endpoint.work_in(parts)

    def handler(self) -> Callable[[Request], object]:
        async def handle(request: Request) -> Response:
            address = request.client.host if request.client else ""
            trace = _Trace(request, request_id_of(request), time.perf_counter(), address)
            IN_HAND.inc()
            note_pool(self._parts.store)
            try:
                answer = await self._answer(trace)
            finally:
                IN_HAND.dec()
            return finished(self._endpoint.name, trace, answer)

        return handle

    async def _answer(self, trace: _Trace) -> Response:
        try:
            self._counted.allowances.of_address(self._endpoint.pace, trace.address)
            served_in_full = check_version(trace.request, any_earlier=self._endpoint.serves_any_version)
            body = await read_body(trace.request, limit=self._endpoint.body_limit)
        except Refusal as refusal:
            return refused(refusal, trace.request_id)
        trace.taken = len(body)
        work = partial(self._done, trace, body, served_in_full=served_in_full)
        return await run_in_threadpool(answered, work, trace.request_id)

    def _done(self, trace: _Trace, body: bytes, *, served_in_full: bool) -> Response:
        """Runs on a worker thread, from bytes to bytes."""
        endpoint, now_ms = self._endpoint, self._parts.clock_ms()
        caller = trace.caller = AUTHENTICATE[endpoint.caller](self._parts, trace.request, now_ms)
        if caller is not None:
            self._counted.allowances.of_caller(endpoint.pace, str(getattr(caller, "id", "")))
        if endpoint.reply is not None:
            call = Call(self._parts, trace.request, body, caller, trace.address, trace.request_id, now_ms)
            with self._guarded(trace, call, now_ms), placed(self._parts.store, tenant_of(caller)):
                return endpoint.reply(call)
        message = self._message(trace, body, served_in_full=served_in_full)
        tenant = tenant_of(caller) if endpoint.tenant_of is None else endpoint.tenant_of(message)
        assert self._work is not None
        with self._guarded(trace, message, now_ms), placed(self._parts.store, tenant) as store:
            told = self._work(store, caller, message, now_ms=now_ms)
        listed = told.get("results") or told.get("rows")
        trace.rows = len(listed) if isinstance(listed, list) else None
        return json_response(told, trace.request)

    def _message(self, trace: _Trace, body: bytes, *, served_in_full: bool) -> Any:
        endpoint = self._endpoint
        if endpoint.message is None:
            return None
        message = message_in(body, trace.request)
        if not endpoint.checked_by_work:
            message = parsed(endpoint.message, message)
        if not served_in_full and isinstance(message, dict):
            message.pop("pull", None)  # it may bring what it has; reading needs a version that is spoken here
        return message

    @contextmanager
    def _guarded(self, trace: _Trace, asked: Any, now_ms: int) -> Iterator[None]:
        """Counts wrong codes and keys, and refuses where there were too many."""
        endpoint, attempts, now = self._endpoint, self._counted.attempts, now_ms * 1000
        if not endpoint.guesses:
            yield
            return
        thing = endpoint.guessed(asked) if endpoint.guessed is not None else ""
        attempts.check(endpoint.name, trace.address, thing, now=now)
        try:
            yield
        except Refusal as refusal:
            if refusal.code in endpoint.guesses:
                attempts.failed(endpoint.name, trace.address, thing, now=now)
            raise


def finished(endpoint: str, trace: _Trace, answer: Response) -> Response:
    """The answer with what every answer carries; log and metrics are told how it went."""
    answer.headers.setdefault("cache-control", "no-store")
    answer.headers["x-content-type-options"] = "nosniff"
    if trace.request.url.scheme == "https":
        answer.headers["strict-transport-security"] = _ONLY_TLS
    _note(endpoint, trace, answer)
    return answer


def _note(endpoint: str, trace: _Trace, answer: Response) -> None:
    seconds = time.perf_counter() - trace.began
    given, code = len(getattr(answer, "body", b"")), answer.headers.get(ERROR_HEADER, "")
    note_answer(endpoint, answer.status_code, seconds=seconds, taken=trace.taken, given=given, code=code)
    caller = trace.caller
    told: dict[str, Any] = {
        "request_id": trace.request_id, "endpoint": endpoint, "status": answer.status_code, "code": code,
        "ms": round(seconds * 1000, 1), "in": trace.taken, "out": given, "rows": trace.rows,
    }  # fmt: skip
    if caller is not None:
        told |= {"tenant": getattr(caller, "tenant", ""), type(caller).__name__.lower(): getattr(caller, "id", "")}
    note_request(told, status=answer.status_code)


async def _unknown_address(request: Request, error: Exception) -> Response:
    trace = _Trace(request, request_id_of(request), time.perf_counter(), "")
    status = getattr(error, "status_code", HTTP_STATUS[ErrorCode.NOT_FOUND])
    wrong_method = status == HTTP_STATUS[ErrorCode.METHOD_NOT_ALLOWED]
    answer = refused(
        Refusal(ErrorCode.METHOD_NOT_ALLOWED if wrong_method else ErrorCode.NOT_FOUND), trace.request_id
    )
    if wrong_method:
        methods = {one.method for one in ENDPOINTS if compile_path(one.path)[0].match(get_route_path(request.scope))}
        answer.headers["allow"] = ", ".join(sorted(methods))
    return finished("unknown", trace, answer)
