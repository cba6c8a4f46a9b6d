"""The service over HTTP: reads and writes the messages, turns refusals into typed answers, never leaks an error."""

import logging
import re
import threading
import time
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from db.ids import new_id
from sync.protocol import codec
from sync.protocol.codes import HTTP_STATUS, ErrorCode
from sync.protocol.limits import BODY_BYTES, COMPRESS_FROM, CONTENT_PART
from sync.protocol.versions import PROTOCOL_VERSION, SCHEMA_VERSION
from sync.server.content_answers import answer_content
from sync.server.contents import Contents
from sync.server.devices import Device, authenticate, enrol, issue_token, renew
from sync.server.inquiries import compare, fetch_rows, find_stock
from sync.server.publish import apply_publication
from sync.server.pull import page_after_push, read_page
from sync.server.push import Push, apply_push
from sync.server.refusals import Refusal
from sync.server.store import Store, StoreUnavailable
from sync.server.upkeep import CursorNotes

PROTOCOL_HEADER = "forecourt-protocol"
REQUEST_ID_HEADER = "x-request-id"
ERROR_HEADER = "forecourt-error"
"""The code of a refusal once more: the answer to a HEAD has no body."""
_REQUEST_ID = re.compile(r"[0-9A-Za-z-]{8,64}")
_RETRY_SECONDS = 2
_ATTEMPTS, _ATTEMPT_WINDOW = 10, 60.0
_MOST_ADDRESSES = 10_000
_log = logging.getLogger(__name__)
M = TypeVar("M", bound=BaseModel)
_Hash = Annotated[str, Field(max_length=32)]
_Count = Annotated[int, Field(ge=0, lt=1 << 62)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class EnrolMessage(_Strict):
    """A one-time code, the desk's branch (empty for a desk without data), and where its operations begin."""

    code: Annotated[str, Field(min_length=4, max_length=80)]
    branch_id: Annotated[str, Field(max_length=32)] = ""
    after_n: _Count = 0
    after_hash: _Hash = ""


class TokenMessage(_Strict):
    """A desk showing its key."""

    tenant: Annotated[str, Field(max_length=32)]
    device_id: Annotated[str, Field(max_length=32)]
    key: Annotated[str, Field(max_length=200)]


class RenewMessage(_Strict):
    """A desk asking for a further identity, and where its operations begin."""

    after_n: _Count
    after_hash: _Hash


class Attempts:
    """Slows down guessing: so many wrong codes or keys per address and minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed: dict[str, list[float]] = {}

    def check(self, address: str) -> None:
        """Raises Refusal TOO_MANY_ATTEMPTS."""
        with self._lock:
            recent = [at for at in self._failed.get(address, []) if time.monotonic() - at < _ATTEMPT_WINDOW]
            if recent:
                self._failed[address] = recent
            else:
                self._failed.pop(address, None)
        if len(recent) >= _ATTEMPTS:
            raise Refusal(ErrorCode.TOO_MANY_ATTEMPTS, retry_after=int(_ATTEMPT_WINDOW))

    def failed(self, address: str) -> None:
        """Remember a wrong one."""
        with self._lock:
            if len(self._failed) >= _MOST_ADDRESSES:
                self._failed.clear()
            self._failed.setdefault(address, []).append(time.monotonic())


def make_app(
    store: Store, *, clock_ms: Callable[[], int] | None = None, contents: Contents | None = None
) -> FastAPI:  # fmt: skip
    """The application on a prepared store. `clock_ms` tells the time in milliseconds since the epoch."""
    app = FastAPI(title="Forecourt service", docs_url=None, redoc_url=None, openapi_url=None)
    service = _Service(store, clock_ms or (lambda: time.time_ns() // 1_000_000))
    content_endpoint = service.content_endpoint(contents or Contents(store))
    app.add_api_route("/v1/content/{sha256}", content_endpoint, methods=["HEAD", "GET", "PUT"])
    app.add_api_route("/v1/health", service.health, methods=["GET"])
    for name in ("enrol", "token", "renew", "push", "pull", "publish", "stock", "compare", "rows"):
        app.add_api_route(f"/v1/{name}", service.endpoint(getattr(service, f"do_{name}")), methods=["POST"])
    app.add_exception_handler(HTTPException, _unknown_address)
    return app


class _Service:
    """The endpoints. Each `do_…` runs on a worker thread with the request's plain message."""

    def __init__(self, store: Store, clock_ms: Callable[[], int]) -> None:
        self._store, self._clock_ms = store, clock_ms
        self._attempts = Attempts()
        self._cursors = CursorNotes(store)

    def health(self) -> Response:
        """Whether the service and its database answer."""
        request_id = new_id()
        try:
            with self._store.read() as connection:
                self._store.run(connection, "SELECT 1").scalar()
        except StoreUnavailable:
            return _refused(Refusal(ErrorCode.BUSY, retry_after=_RETRY_SECONDS), request_id)
        message = {
            "status": "ok", "protocol": PROTOCOL_VERSION, "schema": SCHEMA_VERSION, "now": self._clock_ms(),
            "database": "postgresql" if self._store.is_postgres else "sqlite",
        }  # fmt: skip
        return Response(codec.dump(message), media_type="application/json")

    def endpoint(self, work: Callable[[Any, Request], dict[str, Any]]) -> Callable[[Request], Any]:
        """An endpoint that reads the body within its limits and does the work on a thread."""

        async def handle(request: Request) -> Response:
            request_id = request.headers.get(REQUEST_ID_HEADER, "")
            if not _REQUEST_ID.fullmatch(request_id):
                request_id = new_id()
            try:
                _check_version(request)
                body = await _read_body(request)
                return await run_in_threadpool(_answer, work, body, request, request_id)
            except Refusal as refusal:
                return _refused(refusal, request_id)

        return handle

    def content_endpoint(self, contents: Contents) -> Callable[[Request], Any]:
        """The one address that is no POST of JSON: bytes of a content, a part at a time."""

        async def handle(request: Request) -> Response:
            request_id = request.headers.get(REQUEST_ID_HEADER, "")
            if not _REQUEST_ID.fullmatch(request_id):
                request_id = new_id()
            try:
                _check_version(request)
                body = await _read_body(request, limit=CONTENT_PART)
                with contents.turn():
                    return await run_in_threadpool(
                        _answered, lambda: self._do_content(contents, request, body), request_id
                    )
            except Refusal as refusal:
                return _refused(refusal, request_id)

        return handle

    def _do_content(self, contents: Contents, request: Request, body: bytes) -> Response:
        device = self._device(request)
        return answer_content(contents, device, request, body, now=self._clock_ms() * 1000)

    def _device(self, request: Request) -> Device:
        return authenticate(self._store, request.headers.get("authorization", ""), now=self._clock_ms() * 1000)

    def do_enrol(self, message: Any, request: Request) -> dict[str, Any]:
        wanted = _parsed(EnrolMessage, message)
        with _Guarded(self._attempts, request):
            return enrol(
                self._store, code=wanted.code, branch_id=wanted.branch_id, after_n=wanted.after_n,
                after_hash=wanted.after_hash, now=self._clock_ms() * 1000,
            )  # fmt: skip

    def do_token(self, message: Any, request: Request) -> dict[str, Any]:
        shown = _parsed(TokenMessage, message)
        with _Guarded(self._attempts, request):
            return issue_token(
                self._store, tenant=shown.tenant, device_id=shown.device_id, key=shown.key,
                now=self._clock_ms() * 1000,
            )  # fmt: skip

    def do_renew(self, message: Any, request: Request) -> dict[str, Any]:
        wanted = _parsed(RenewMessage, message)
        return renew(
            self._store, self._device(request), after_n=wanted.after_n, after_hash=wanted.after_hash,
            now=self._clock_ms() * 1000,
        )  # fmt: skip

    def do_push(self, message: Any, request: Request) -> dict[str, Any]:
        device = self._device(request)
        answer = apply_push(self._store, device, Push.read(message), now_ms=self._clock_ms())
        asked = message.get("pull")
        if asked is not None:
            answer["page"] = page_after_push(self._store, device, asked, now_ms=self._clock_ms())
        return answer

    def do_pull(self, message: Any, request: Request) -> dict[str, Any]:
        device = self._device(request)
        page = read_page(self._store, device, message, now_ms=self._clock_ms())
        # What the desk says it has, not what it is being sent: that may never arrive.
        told = {scope: seq for scope, seq in message["cursors"].items() if scope in page["cursors"]}
        if told:
            self._cursors.note(device, told, now=self._clock_ms() * 1000)
        return page

    def do_publish(self, message: Any, request: Request) -> dict[str, Any]:
        return apply_publication(self._store, self._device(request), message, now_ms=self._clock_ms())

    def do_stock(self, message: Any, request: Request) -> dict[str, Any]:
        return find_stock(self._store, self._device(request), message, now_ms=self._clock_ms())

    def do_compare(self, message: Any, request: Request) -> dict[str, Any]:
        return compare(self._store, self._device(request), message, now_ms=self._clock_ms())

    def do_rows(self, message: Any, request: Request) -> dict[str, Any]:
        return fetch_rows(self._store, self._device(request), message)


class _Guarded:
    """Counts refusals of codes and keys against the address they came from."""

    def __init__(self, attempts: Attempts, request: Request) -> None:
        self._attempts = attempts
        self._address = request.client.host if request.client else ""

    def __enter__(self) -> None:
        self._attempts.check(self._address)

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        wrong = (ErrorCode.ENROLMENT_CODE_WRONG, ErrorCode.DEVICE_KEY_WRONG)
        if isinstance(error, Refusal) and error.code in wrong:
            self._attempts.failed(self._address)


def _check_version(request: Request) -> None:
    told = request.headers.get(PROTOCOL_HEADER, str(PROTOCOL_VERSION))
    if not told.isascii() or not told.isdigit() or int(told) not in (PROTOCOL_VERSION, PROTOCOL_VERSION - 1):
        raise Refusal(ErrorCode.UPGRADE_REQUIRED, protocol=PROTOCOL_VERSION)


async def _read_body(request: Request, *, limit: int = BODY_BYTES) -> bytes:
    """The body as it travelled; refused as soon as it is larger than allowed."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > limit:
        raise Refusal(ErrorCode.TOO_LARGE, limit=limit)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise Refusal(ErrorCode.TOO_LARGE, limit=limit)
        parts.append(part)
    return b"".join(parts)


def _answer(
    work: Callable[[Any, Request], dict[str, Any]], body: bytes, request: Request, request_id: str
) -> Response:  # fmt: skip
    """Runs on a worker thread, from bytes to bytes."""

    def answered() -> Response:
        plain = codec.decompress(body, request.headers.get("content-encoding", ""))
        return _response(codec.dump(work(_message(plain), request)), request, request_id)

    return _answered(answered, request_id)


def _answered(work: Callable[[], Response], request_id: str) -> Response:
    """What the work answers, or the refusal that became of it."""
    try:
        answer = work()
        answer.headers[REQUEST_ID_HEADER] = request_id
        return answer
    except Refusal as refusal:
        return _refused(refusal, request_id)
    except codec.ExplosiveBody:
        return _refused(Refusal(ErrorCode.TOO_LARGE), request_id)
    except codec.CorruptBody:
        return _refused(Refusal(ErrorCode.BODY_CORRUPT), request_id)
    except codec.UnknownEncoding:
        return _refused(Refusal(ErrorCode.ENCODING_UNKNOWN, accepted=list(codec.encodings())), request_id)
    except StoreUnavailable:
        _log.warning("request %s: the database did not answer", request_id, exc_info=True)
        return _refused(Refusal(ErrorCode.BUSY, retry_after=_RETRY_SECONDS), request_id)
    except Exception:
        _log.exception("request %s", request_id)
        return _refused(Refusal(ErrorCode.INTERNAL), request_id)


def _message(plain: bytes) -> Any:
    """What arrived whole but is no JSON was sent so: another try would not help."""
    try:
        return codec.load(plain)
    except codec.CorruptBody as error:
        raise Refusal(ErrorCode.MALFORMED, field="body") from error


def _response(body: bytes, request: Request, request_id: str) -> Response:
    encoding = codec.choose_encoding(request.headers.get("accept-encoding", ""))
    headers = {REQUEST_ID_HEADER: request_id}
    if encoding != codec.IDENTITY and len(body) >= COMPRESS_FROM:
        body = codec.compress(body, encoding)
        headers["content-encoding"] = encoding
    return Response(body, media_type="application/json", headers=headers)


def _refused(refusal: Refusal, request_id: str) -> Response:
    body = {"error": refusal.code.value, "detail": refusal.detail, "request_id": request_id}
    headers = {REQUEST_ID_HEADER: request_id, ERROR_HEADER: refusal.code.value}
    if refusal.retry_after is not None:
        headers["retry-after"] = str(refusal.retry_after)
    return Response(codec.dump(body), refusal.status, media_type="application/json", headers=headers)


async def _unknown_address(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", HTTP_STATUS[ErrorCode.NOT_FOUND])
    wrong_method = status == HTTP_STATUS[ErrorCode.METHOD_NOT_ALLOWED]
    return _refused(Refusal(ErrorCode.METHOD_NOT_ALLOWED if wrong_method else ErrorCode.NOT_FOUND), new_id())


def _parsed(kind: type[M], message: Any) -> M:
    try:
        return kind.model_validate(message)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise Refusal(ErrorCode.MALFORMED, field=".".join(str(part) for part in first["loc"])) from error
