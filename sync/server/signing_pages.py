"""The pages on which a customer reads and signs on a phone. The rules are those of `signing_requests`.

The QR code leads to `/sign#GROUP.TOKEN`: what follows `#` is sent to nobody on the way, and no proxy writes it down.
The page shows it together with the code; from then on a cookie of this browser holds both the token and a secret of
the browser's own.
"""

import json
import logging
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import Response

from app.contracts.sealing.errors import SignatureTooLong, SignatureTooShort
from app.contracts.sealing.evidence import PenKind, require_signature, strokes_from
from app.runtime.language import LANGUAGES
from sync.protocol.codes import ErrorCode
from sync.server.attempts import Attempts
from sync.server.devices import digest, is_tenant
from sync.server.document_pictures import page_picture
from sync.server.endpoints import Call, Caller, Endpoint, Pace
from sync.server.placing import placed
from sync.server.refusals import Refusal
from sync.server.sign_in import language_of, read_form
from sync.server.signing_requests import NotTaken, Request, State, Visit, Wrong
from sync.server.signing_texts import ENDS, ICON, PAGE_HEADERS, PROBLEMS, json_answer, show, static_file
from sync.server.store import StoreUnavailable

PATH = "/sign"
COOKIE = "forecourt_signing"
FORM_BYTES, ANSWER_BYTES = 4 << 10, 2 << 20
"""An answer: the most points a signature may have, and a reason."""
_REASON, _AGENT = 400, 200
_COOKIE_SECONDS = 24 * 3600
_FILES = {"page.css": "text/css", "page.js": "text/javascript", ICON: "image/svg+xml"}
_ATTEMPT = "signing_code"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Key:
    """What a browser shows: the group, the request's token, and the browser's own secret once it has one."""

    tenant: str
    token: str
    session: str = ""

    @classmethod
    def read(cls, text: str) -> "_Key | None":
        parts = text.split(".")
        if len(parts) not in (2, 3) or len(text) > 200 or not is_tenant(parts[0]) or not text.isascii():
            return None
        return cls(*parts)


def _base(call: Call) -> str:
    return f"{call.request.scope.get('root_path', '')}{PATH}"


def _cookie(call: Call) -> str:
    return f"__Host-{COOKIE}" if call.request.url.scheme == "https" else COOKIE


def _shown(call: Call) -> _Key:
    """What the browser's cookie shows. Raises NotTaken."""
    key = _Key.read(call.request.cookies.get(_cookie(call), ""))
    if key is None:
        raise NotTaken(Wrong.UNKNOWN)
    return key


def _foreign(call: Call) -> bool:
    """Whether another site sent this; a cookie that such a request brings is not believed."""
    return call.request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")


# --- letting in ----------------------------------------------------------------------------------------


def _begin(call: Call) -> Response:
    known = _Key.read(call.request.cookies.get(_cookie(call), "")) is not None
    return show("code", language_of(call.request), base=_base(call), known=known, key="", problem=None)


def _enter(call: Call) -> Response:
    form = read_form(call.body)
    language = form.get("language", "")
    spoken = language if language in LANGUAGES else language_of(call.request)
    key = _Key.read(form.get("key", ""))

    def again(problem: str, status: int) -> Response:
        kept = form.get("key", "")[:200] if key is not None else ""
        return show("code", spoken, base=_base(call), status=status, known=False, key=kept, problem=PROBLEMS[problem])

    if key is None or _foreign(call):
        return again("unknown", 400)
    attempts, now = Attempts(call.parts.store.every()[0]), call.now_ms * 1000
    thing, session = digest(key.token), secrets.token_urlsafe(32)
    before = _Key.read(call.request.cookies.get(_cookie(call), ""))
    try:
        attempts.check(_ATTEMPT, call.address, thing, now=now)
        with placed(call.parts.store, key.tenant) as store:
            code = "".join(form.get("code", "").split())
            own = before.session if before is not None and before.token == key.token else ""
            Visit(store, key.tenant, key.token, now=now).enter(code, session=session, browser=own)
    except NotTaken as error:
        if error.why in (Wrong.CODE, Wrong.UNKNOWN, State.LOCKED):
            attempts.failed(_ATTEMPT, call.address, thing, now=now)
        if error.why in PROBLEMS:
            return again(error.why, 403)
        return _over(call, spoken, error.why)
    except Refusal as refusal:
        return again("attempts" if refusal.code is ErrorCode.TOO_MANY_ATTEMPTS else "busy", refusal.status)
    chosen = f"?language={language}" if language in LANGUAGES else ""
    page = Response(status_code=303, headers={**PAGE_HEADERS, "location": f"{_base(call)}/read{chosen}"})
    page.set_cookie(
        _cookie(call), f"{key.tenant}.{key.token}.{session}", httponly=True, samesite="strict", path="/",
        secure=call.request.url.scheme == "https", max_age=_COOKIE_SECONDS,
    )  # fmt: skip
    return page


def _over(call: Call, language: str, why: State | Wrong, *, status: int = 200) -> Response:
    tone, title, line = ENDS[why if why in ENDS else Wrong.UNKNOWN]
    return show("over", language, base=_base(call), status=status, tone=tone, title=title, line=line, state=why.value)


# --- reading -------------------------------------------------------------------------------------------


def _read(call: Call) -> Response:
    asked = call.request.query_params.get("language", "")
    spoken = asked if asked in LANGUAGES else language_of(call.request)
    try:
        with _visit(call) as (visit, session):
            request = visit.read(session, whatever_state=True)
            state = request.standing(call.now_ms * 1000)
            if state is not State.OPEN:
                return _over(call, spoken, state)
            terms = visit.terms(request)
    except NotTaken as error:
        return _over(call, spoken, error.why, status=403)
    language = asked if asked in LANGUAGES else terms["language"]
    return show(
        "read", language, base=_base(call), terms=terms, request=request, times=request.times(),
        until_ms=request.until // 1000,
    )  # fmt: skip


@contextmanager
def _visit(call: Call) -> Iterator[tuple[Visit, str]]:
    """The request the browser's cookie opens, and its session. Raises NotTaken, Refusal."""
    key = _shown(call)
    with placed(call.parts.store, key.tenant) as store:
        yield Visit(store, key.tenant, key.token, now=call.now_ms * 1000), key.session


def _document_of(call: Call) -> tuple[Request, bytes]:
    with _visit(call) as (visit, session):
        request = visit.read(session)
        return request, visit.document(request)


def _picture(call: Call) -> Response:
    request, document = _document_of(call)
    number = str(call.request.path_params["number"])
    if not number.isdecimal() or not 0 < int(number[:4]) <= request.pages:
        raise NotTaken(Wrong.MALFORMED)
    return Response(page_picture(document, int(number)), media_type="image/png", headers=PAGE_HEADERS)


def _document(call: Call) -> Response:
    _request, document = _document_of(call)
    headers = {**PAGE_HEADERS, "content-disposition": 'inline; filename="document.pdf"'}
    return Response(document, media_type="application/pdf", headers=headers)


def _file(call: Call) -> Response:
    name = call.request.url.path.rpartition("/")[2]
    headers = {"cache-control": "public, max-age=31536000, immutable", "x-content-type-options": "nosniff"}
    return Response(static_file(name), media_type=_FILES[name], headers=headers)


# --- what the page's script says -----------------------------------------------------------------------


def _state(call: Call) -> Response:
    with _visit(call) as (visit, session):
        return _told(call, visit.read(session, whatever_state=True))


def _note(call: Call) -> Response:
    said = _said(call)
    with _visit(call) as (visit, session):
        if type(said.get("seen")) is int:
            return _told(call, visit.note_seen(session, said["seen"]))
        clause, taken = said.get("clause"), said.get("taken")
        if not isinstance(clause, str) or not isinstance(taken, bool):
            raise NotTaken(Wrong.MALFORMED)
        return _told(call, visit.note_clause(session, clause, taken=taken))


def _give(call: Call) -> Response:
    said = _said(call)
    pen = said.get("pen")
    if pen not in tuple(PenKind):
        raise NotTaken(Wrong.MALFORMED)
    answer = {**_evidence(call, said), "pen": pen, "strokes": _strokes(said.get("strokes"))}
    with _visit(call) as (visit, session):
        return _told(call, visit.sign(session, answer))


def _decline(call: Call) -> Response:
    said = _said(call)
    reason = said.get("reason")
    if not isinstance(reason, str) or not reason.strip() or "\x00" in reason:
        raise NotTaken(Wrong.REASON)
    answer = {**_evidence(call, said), "reason": reason.strip()[:_REASON]}
    with _visit(call) as (visit, session):
        return _told(call, visit.decline(session, answer))


def _said(call: Call) -> dict[str, Any]:
    """The message of the page's own script. Raises NotTaken."""
    if _foreign(call) or call.request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise NotTaken(Wrong.MALFORMED)
    try:
        said = json.loads(call.body)
    except (ValueError, RecursionError) as error:
        raise NotTaken(Wrong.MALFORMED) from error
    if not isinstance(said, dict):
        raise NotTaken(Wrong.MALFORMED)
    return said


def _evidence(call: Call, said: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of the phone; the times are in the row."""
    language = said.get("language")
    if language not in LANGUAGES:
        raise NotTaken(Wrong.MALFORMED)
    agent = "".join(one for one in call.request.headers.get("user-agent", "") if one.isprintable())
    return {"language": language, "address": call.address, "user_agent": agent[:_AGENT]}


def _strokes(told: Any) -> list[list[list[float]]]:
    """Strokes of points (milliseconds, x, y, pressure), which have to be a signature. Raises NotTaken."""
    if not isinstance(told, list) or not all(isinstance(stroke, list) for stroke in told):
        raise NotTaken(Wrong.MALFORMED)
    strokes = [[_point(point) for point in stroke] for stroke in told]
    try:
        require_signature(strokes_from(strokes))
    except SignatureTooShort as error:
        raise NotTaken(Wrong.SHORT) from error
    except SignatureTooLong as error:
        raise NotTaken(Wrong.LONG) from error
    return strokes


_LIMITS = ((0, 3_600_000), (-10_000, 10_000), (-10_000, 10_000), (0, 1))


def _point(told: Any) -> list[float]:
    if not isinstance(told, list) or len(told) != len(_LIMITS):
        raise NotTaken(Wrong.MALFORMED)
    for value, (low, high) in zip(told, _LIMITS, strict=True):
        if type(value) not in (int, float) or not low <= value <= high:
            raise NotTaken(Wrong.MALFORMED)
    return told


def _told(call: Call, request: Request) -> Response:
    """How far the request is, for the page's script."""
    return json_answer(
        {
            "state": request.standing(call.now_ms * 1000).value, "seen": request.pages_seen,
            "acknowledged": request.times(),
        }
    )  # fmt: skip


# --- the endpoints -------------------------------------------------------------------------------------


def _guarded(reply: Callable[[Call], Response], *, script: bool) -> Callable[[Call], Response]:
    """What is not taken, and trouble of the service, as the page's script or a person understands it."""

    def guarded(call: Call) -> Response:
        try:
            return reply(call)
        except NotTaken as error:
            if script:
                return json_answer({"why": error.why.value}, status=409)
            return _over(call, language_of(call.request), error.why, status=403)
        except (StoreUnavailable, Refusal):
            return _trouble(call, "busy", status=503, script=script)
        except Exception:
            _log.exception("request %s", call.request_id)
            return _trouble(call, "fault", status=500, script=script)

    return guarded


def _trouble(call: Call, problem: str, *, status: int, script: bool) -> Response:
    if script:
        return json_answer({"why": problem}, status=status)
    return show(
        "trouble", language_of(call.request), base=_base(call), status=status, problem=PROBLEMS[problem],
        request_id=call.request_id,
    )  # fmt: skip


def _page(
    name: str, path: str, reply: Callable[[Call], Response], summary: str, *, method: str = "GET",
    pace: Pace = Pace.QUESTION, limit: int = 0, script: bool = False,
) -> Endpoint:  # fmt: skip
    return Endpoint(
        name=f"signing_{name}", path=f"{PATH}{path}", method=method, tag="signing", caller=Caller.ANYONE, pace=pace,
        reply=_guarded(reply, script=script), summary=summary, documented=False, body_limit=limit,
    )  # fmt: skip


SIGNING_PAGES = (
    _page("page", "", _begin, "Where the QR code leads: asks for the code", pace=Pace.SECRET),
    _page("enter", "/enter", _enter, "The code", method="POST", pace=Pace.SECRET, limit=FORM_BYTES),
    _page("read", "/read", _read, "The document, its clauses, and the place to sign"),
    _page("picture", "/pages/{number}", _picture, "A page of the document as a picture"),
    _page("document", "/document.pdf", _document, "The document itself"),
    _page("style", "/page.css", _file, "The pages' style", pace=Pace.STATUS),
    _page("script", "/page.js", _file, "The pages' script", pace=Pace.STATUS),
    _page("icon", f"/{ICON}", _file, "The pages' icon", pace=Pace.STATUS),
    _page("look", "/state", _state, "How far the request is", pace=Pace.STATUS, script=True),
    _page("note", "/note", _note, "What was read or acknowledged", method="POST", limit=FORM_BYTES, script=True),
    _page("give", "/give", _give, "The signature", method="POST", limit=ANSWER_BYTES, script=True),
    _page("decline", "/decline", _decline, "Why somebody does not sign", method="POST", limit=FORM_BYTES, script=True),
)
