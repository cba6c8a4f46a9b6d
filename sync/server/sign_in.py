"""Signing in through a browser: from the program's request to the code it gets back, page by page.

What was proved so far travels in a ticket, sealed by the service's key and bound to a cookie of this browser: nothing
is stored for somebody who has shown nothing, and a form from another site has no ticket that fits.
"""

import io
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import Request, Response
from oauthlib.oauth2.rfc6749.errors import FatalClientError, OAuth2Error

from app.kernel.permissions import Permission
from app.runtime.language import LANGUAGES, tr_in
from sync.server import person_sessions as sessions
from sync.server.accounts import (
    Account,
    account_of,
    choose_password,
    forget_failures,
    judge_password,
    locked_for,
    note_failure,
    password_problem,
    plain_login,
)
from sync.server.administration_log import Act, note
from sync.server.attempts import Attempts
from sync.server.devices import digest, ensure_open, is_tenant
from sync.server.endpoints import Call
from sync.server.oauth_grants import BY_HAND, GrantKeeper, OAuthServer
from sync.server.refusals import Refusal
from sync.server.second_factor import (
    address_of,
    enrol_second_factor,
    is_set_up,
    looks_like_digits,
    new_secret,
    use_recovery_code,
    use_second_factor,
)
from sync.server.service_key import ServiceKey
from sync.server.sign_in_texts import PROBLEMS, preferred_language, show_page
from sync.server.store import Store

TICKET_SECONDS = 600
COOKIE = "forecourt_sign_in"
_ASKED = ("client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method")
_LONGEST = 2000
_ATTEMPT = "sign_in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """How far somebody has come. `asked` is the program's request; `person_id` whom the browser showed to be."""

    browser: str
    tenant: str
    language: str
    asked: Mapping[str, str]
    stage: str = "password"
    person_id: str = ""
    setup_hash: str = ""
    secret: str = ""
    codes: tuple[str, ...] = field(default=())

    def sealed(self, key: ServiceKey) -> str:
        return key.seal(json.dumps({name: getattr(self, name) for name in Ticket.__slots__}))

    @classmethod
    def opened(cls, key: ServiceKey, sealed: str) -> "Ticket | None":
        text = key.open_young(sealed, seconds=TICKET_SECONDS)
        if text is None:
            return None
        values = json.loads(text)
        return cls(**{**values, "codes": tuple(values["codes"])}) if set(values) == set(Ticket.__slots__) else None

    @property
    def back(self) -> str:
        """The origin the browser goes to in the end; "" where it stays here."""
        if self.asked["redirect_uri"] == BY_HAND:
            return ""
        parts = urlsplit(self.asked["redirect_uri"])
        return f"{parts.scheme}://{parts.netloc}"


class SignIn:
    """The pages for one request."""

    def __init__(self, call: Call, key: ServiceKey) -> None:
        self._call, self._key, self._now = call, key, call.now_ms * 1000
        self._keeper = GrantKeeper(
            call.parts.store.of, now=self._now, address=call.address, request_id=call.request_id
        )
        self._server = OAuthServer(self._keeper)
        self._attempts = Attempts(call.parts.store.every()[0])

    # --- the program's request -------------------------------------------------------------------

    def begin(self) -> Response:
        """GET /oauth/authorize: the first page, or why there is none."""
        request = self._call.request
        asked = {name: request.query_params.get(name, "") for name in (*_ASKED, "tenant", "ui_locales")}
        language = preferred_language(asked["ui_locales"], request.headers.get("accept-language", ""))
        if any(len(value) > _LONGEST or "\x00" in value for value in asked.values()):
            return self._failed(language, "request", status=400, reason="invalid_request")
        try:
            self._server.validate_authorization_request(str(request.url), "GET")
        except FatalClientError as error:
            return self._failed(language, "request", status=400, reason=error.error)
        except OAuth2Error as error:
            # It is known by now that the address is the person's own computer.
            return self._back_with_error(language, asked, error.error)
        if not is_tenant(asked["tenant"]):
            return self._failed(language, "request", status=400, reason="tenant")
        browser = request.cookies.get(self._cookie_name(), "") or secrets.token_urlsafe(24)
        ticket = Ticket(
            browser=digest(browser), tenant=asked["tenant"], language=language,
            asked={name: asked[name] for name in _ASKED if asked[name]},
        )  # fmt: skip
        page = self._page(ticket)
        page.set_cookie(
            self._cookie_name(), browser, httponly=True, samesite="strict", secure=self._is_secure(), path="/",
            max_age=TICKET_SECONDS * 6,
        )  # fmt: skip
        return page

    def go_on(self) -> Response:
        """POST /oauth/sign-in: what somebody filled in."""
        request, form = self._call.request, read_form(self._call.body)
        told = preferred_language("", request.headers.get("accept-language", ""))
        ticket = Ticket.opened(self._key, form.get("ticket", ""))
        browser = request.cookies.get(self._cookie_name(), "")
        foreign = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
        if ticket is None or foreign or not secrets.compare_digest(ticket.browser, digest(browser)):
            return self._failed(told if ticket is None else ticket.language, "stale", status=403)
        if form.get("language") in LANGUAGES:
            return self._page(replace(ticket, language=form["language"]))
        steps = {"password": self._password, "choose": self._choose, "enrol": self._enrol, "digits": self._digits,
                 "keep": self._keep}  # fmt: skip
        return steps[ticket.stage](ticket, form)

    # --- the pages in their order ----------------------------------------------------------------

    def _password(self, ticket: Ticket, form: Mapping[str, str]) -> Response:
        store, login, typed = self._store(ticket), form.get("login", ""), form.get("password", "")
        waiting = self._waiting(store, ticket, login)
        if waiting:
            return self._page(ticket, "locked", status=429, values={"login": login}, seconds=waiting)
        shown = judge_password(store, ticket.tenant, login=login, typed=typed, now=self._now)
        if shown is None:
            self._failed_once(store, self._act(ticket, login), login, "password_wrong")
            return self._page(ticket, "password_wrong", status=403, values={"login": login})
        if not shown.account.may_enter:
            self._note(ticket, shown.account, "no_rights")
            return self._failed(ticket.language, "no_rights", status=403)
        proved = replace(ticket, person_id=shown.account.id)
        if shown.by_code:
            return self._page(replace(proved, stage="choose", setup_hash=shown.account.setup_hash))
        return self._second(proved, shown.account)

    def _choose(self, ticket: Ticket, form: Mapping[str, str]) -> Response:
        account = self._account(ticket)
        if account is None or account.setup_hash != ticket.setup_hash:
            return self._failed(ticket.language, "stale", status=403)
        password = form.get("password", "")
        problem = password_problem(account, password)
        if problem is None and password != form.get("again", ""):
            problem = "unlike"
        if problem is not None:
            return self._page(ticket, problem, status=422)
        if not choose_password(self._store(ticket), self._act(ticket, account.login, account.id), account, password):
            return self._failed(ticket.language, "stale", status=403)
        return self._second(ticket, account)

    def _second(self, ticket: Ticket, account: Account) -> Response:
        if is_set_up(account):
            return self._page(replace(ticket, stage="digits"))
        return self._page(replace(ticket, stage="enrol", secret=new_secret()))

    def _enrol(self, ticket: Ticket, form: Mapping[str, str]) -> Response:
        account = self._account(ticket)
        if account is None or is_set_up(account):
            return self._failed(ticket.language, "stale", status=403)
        codes = enrol_second_factor(
            self._store(ticket), self._key, self._act(ticket, account.login, account.id), account,
            secret=ticket.secret, typed=form.get("digits", ""),
        )  # fmt: skip
        if codes is None:
            return self._page(ticket, "digits_wrong", status=403)
        return self._page(replace(ticket, stage="keep", secret="", codes=tuple(codes)))

    def _digits(self, ticket: Ticket, form: Mapping[str, str]) -> Response:
        account, store, typed = self._account(ticket), self._store(ticket), form.get("digits", "")
        if account is None or not is_set_up(account):
            return self._failed(ticket.language, "stale", status=403)
        waiting = self._waiting(store, ticket, account.login)
        if waiting:
            return self._page(ticket, "locked", status=429, seconds=waiting)
        act = self._act(ticket, account.login, account.id)
        if looks_like_digits(typed):
            good = use_second_factor(store, self._key, act, account, typed)
        else:
            good = use_recovery_code(store, act, account, typed) is not None
        if not good:
            self._failed_once(store, act, account.login, "second_factor_wrong")
            return self._page(ticket, "digits_wrong", status=403)
        return self._finish(ticket, account)

    def _keep(self, ticket: Ticket, form: Mapping[str, str]) -> Response:
        account = self._account(ticket)
        if account is None or not is_set_up(account):
            return self._failed(ticket.language, "stale", status=403)
        return self._finish(ticket, account)

    def _finish(self, ticket: Ticket, account: Account) -> Response:
        """Both factors were shown: the program gets its code."""
        store = self._store(ticket)
        with store.write() as connection:
            ensure_open(store, connection, ticket.tenant)
            forget_failures(store, connection, ticket.tenant, account.login)
            store.run(
                connection, "UPDATE person_account SET signed_in_at = ? WHERE tenant_id = ? AND person_id = ?",
                (self._now, ticket.tenant, account.id),
            )  # fmt: skip
            note(store, connection, self._act(ticket, account.login, account.id), "signed_in", account.login)
        wanted = (ticket.asked.get("scope") or sessions.READ).split()
        if Permission.HEADQUARTERS_MANAGE not in account.permissions:
            wanted = [scope for scope in wanted if scope != sessions.WRITE]
        address = f"{self._call.request.url.replace(query='')}?{urlencode(ticket.asked)}"
        headers, _body, status = self._server.create_authorization_response(
            address, "GET", scopes=wanted, credentials={"person": account}
        )
        if ticket.asked["redirect_uri"] == BY_HAND:
            code = parse_qs(urlsplit(headers["Location"]).query)["code"][0]
            return self._end(show_page("shown", ticket.language, shown_code=code))
        return self._end(Response(status_code=303 if status == 302 else status, headers={**_QUIET, **headers}))

    # --- parts -----------------------------------------------------------------------------------

    def _page(
        self, ticket: Ticket, problem: str = "", *, status: int = 200, values: Mapping[str, str] | None = None,
        **params: Any,
    ) -> Response:  # fmt: skip
        more: dict[str, Any] = {"codes": ticket.codes}
        account = self._account(ticket) if ticket.stage == "enrol" else None
        if account is not None:
            more |= {"secret": _grouped(ticket.secret), "qr": _qr(address_of(ticket.secret, account))}
        said = tr_in(ticket.language, PROBLEMS[problem], **params) if problem else ""
        return show_page(
            ticket.stage, ticket.language, status=status, ticket=ticket.sealed(self._key), problem=said,
            back=ticket.back, values=values, **more,
        )  # fmt: skip

    def _failed(self, language: str, problem: str, *, status: int, **params: Any) -> Response:
        return failed_page(language, problem, status=status, **params)

    def _back_with_error(self, language: str, asked: Mapping[str, str], error: str) -> Response:
        if asked["redirect_uri"] == BY_HAND:
            return self._failed(language, "request", status=400, reason=error)
        told = {"error": error} | ({"state": asked["state"]} if asked["state"] else {})
        return Response(status_code=303, headers={**_QUIET, "location": f"{asked['redirect_uri']}?{urlencode(told)}"})

    def _end(self, answer: Response) -> Response:
        answer.delete_cookie(
            self._cookie_name(), httponly=True, samesite="strict", secure=self._is_secure(), path="/"
        )  # fmt: skip
        return answer

    def _waiting(self, store: Store, ticket: Ticket, login: str) -> int:
        """Seconds for which nobody gets in: under this login, or from where the browser is."""
        try:
            self._attempts.check(_ATTEMPT, self._call.address, f"{ticket.tenant} {plain_login(login)}", now=self._now)
        except Refusal as refusal:
            return refusal.retry_after or 1
        return locked_for(store, ticket.tenant, login, now=self._now)

    def _failed_once(self, store: Store, act: Act, login: str, what: str) -> None:
        """Count a wrong one: against the login, and against the address, which may try many."""
        note_failure(store, act, login, what)
        self._attempts.failed(_ATTEMPT, self._call.address, f"{act.tenant} {plain_login(login)}", now=self._now)

    def _store(self, ticket: Ticket) -> Store:
        return self._call.parts.store.of(ticket.tenant)

    def _account(self, ticket: Ticket) -> Account | None:
        """Whoever the ticket is about, if nothing has shut them out meanwhile."""
        store = self._store(ticket)
        with store.read() as connection:
            account = account_of(store, connection, ticket.tenant, ticket.person_id)
        return account if account is not None and account.may_enter else None

    def _act(self, ticket: Ticket, login: str, person_id: str = "") -> Act:
        return self._keeper.act(ticket.tenant, plain_login(login), person_id)

    def _note(self, ticket: Ticket, account: Account, what: str) -> None:
        store = self._store(ticket)
        with store.write() as connection:
            ensure_open(store, connection, ticket.tenant)
            note(store, connection, self._act(ticket, account.login, account.id), what, account.login)

    def _is_secure(self) -> bool:
        return self._call.request.url.scheme == "https"

    def _cookie_name(self) -> str:
        return f"__Host-{COOKIE}" if self._is_secure() else COOKIE


_QUIET = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


def failed_page(language: str, problem: str, *, status: int, **params: Any) -> Response:
    """A page that only says what is wrong."""
    return show_page("failed", language, status=status, problem=tr_in(language, PROBLEMS[problem], **params))


def language_of(request: Request) -> str:
    """The language of somebody of whom nothing else is known."""
    return preferred_language(request.query_params.get("ui_locales", ""), request.headers.get("accept-language", ""))


def read_form(body: bytes) -> dict[str, str]:
    """The fields of a form; the first of each name. Empty for what is none."""
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=20)
    except (UnicodeDecodeError, ValueError):
        return {}
    return {name: values[0].replace("\x00", "") for name, values in fields.items()}


def _grouped(secret: str) -> str:
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def _qr(address: str) -> str:
    """The code as SVG without styles or scripts."""
    import segno

    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=0, dark="#000", light=None, nl=False
    )
    return out.getvalue().decode("ascii")
