"""OAuth 2.0 over HTTP: tokens for desks and for people, the pages people sign in on, what the server can do."""

import json
import logging
from base64 import b64decode
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from fastapi import Response
from oauthlib.oauth2.rfc6749.errors import InvalidRequestError, OAuth2Error

from sync.protocol.codes import ErrorCode
from sync.server.bodies import ERROR_HEADER
from sync.server.endpoints import Call, Caller, Endpoint, Pace, Parts
from sync.server.oauth_grants import DESK_SCOPE, GrantKeeper, OAuthServer
from sync.server.person_sessions import SCOPES
from sync.server.refusals import Refusal
from sync.server.service_key import ServiceKey, passing_key
from sync.server.sign_in import SignIn, failed_page, language_of
from sync.server.sign_in_texts import ACTION
from sync.server.store import StoreUnavailable

_log = logging.getLogger(__name__)
SERVICE_KEY = "service_key"
"""Under this name the running service finds its key among the parts."""
_FORM = "application/x-www-form-urlencoded"
_NOBODY = "nobody"
_FORM_BYTES = 16 << 10
_passing_key = passing_key()


class OAuthRefusal(Refusal):
    """A refusal in the form of RFC 6749 (5.2), with the house's code and the request's id beside it."""

    def __init__(self, code: ErrorCode, *, answer: Mapping[str, Any], status: int, headers: Mapping[str, str]) -> None:
        super().__init__(code)
        self._answer, self._status, self._headers = dict(answer), status, dict(headers)

    @property
    def status(self) -> int:
        return self._status

    @property
    def headers(self) -> dict[str, str]:
        return self._headers

    def body(self, request_id: str) -> dict[str, Any]:
        return {**self._answer, "code": self.code.value, "request_id": request_id}


def service_key_of(parts: Parts) -> ServiceKey:
    """The key of a running service."""
    key: ServiceKey = parts.extra.get(SERVICE_KEY, _passing_key)
    return key


def service_key(call: Call) -> ServiceKey:
    """The key of the service that was called."""
    return service_key_of(call.parts)


def _server(call: Call) -> tuple[OAuthServer, GrantKeeper]:
    keeper = GrantKeeper(
        call.parts.store.of, now=call.now_ms * 1000, address=call.address, request_id=call.request_id
    )  # fmt: skip
    return OAuthServer(keeper), keeper


def _token(call: Call) -> Response:
    server, keeper = _server(call)
    return _answered(call, keeper, server.create_token_response)


def _revoke(call: Call) -> Response:
    server, keeper = _server(call)
    return _answered(call, keeper, server.create_revocation_response)


def _answered(call: Call, keeper: GrantKeeper, create: Any) -> Response:
    request = call.request
    headers = {name: request.headers[name] for name in ("authorization",) if name in request.headers}
    titled = {name.title(): value for name, value in headers.items()}
    try:
        body = _form_in(call)
        told, answer, status = create(str(request.url), "POST", body, titled)
    except OAuth2Error as error:
        told, answer, status = error.headers, error.json, error.status_code
    if status == 401:
        told = {**told, "WWW-Authenticate": 'Basic realm="forecourt"'}
    if status != 200:
        raise OAuthRefusal(
            keeper.problem or ErrorCode.TOKEN_REFUSED, answer=json.loads(answer or "{}"), status=status,
            headers={**told, "Cache-Control": "no-store"},
        )  # fmt: skip
    told.pop("Content-Type", None)
    return Response(answer or "{}", status, media_type="application/json", headers=told)


def _form_in(call: Call) -> str:
    """The body, if it is the form it says. Raises InvalidRequestError."""
    kind = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    text = call.body.decode("utf-8", "replace")
    if kind != _FORM or "\x00" in text or "%00" in text:
        raise InvalidRequestError(description=f"The body has to be {_FORM}.")
    if "grant_type=" not in text and call.request.url.path.endswith("/token"):
        raise InvalidRequestError(description="Missing grant_type parameter.")
    return text


def _client_of(call: Call) -> str:
    """Whose key is shown: the form's client, or the header's. A message that names nobody counts as one for another
    desk: as a guess by itself, it would be one too many as soon as ten desks of a branch came with old keys."""
    named = parse_qs(call.body[:_FORM_BYTES].decode("utf-8", "replace")).get("client_id", [""])[0]
    if named:
        return named
    try:
        shown = b64decode(call.request.headers.get("authorization", "").partition(" ")[2], validate=True)
    except ValueError:
        return _NOBODY
    return shown.decode("utf-8", "replace").partition(":")[0] or _NOBODY


def _authorize(call: Call) -> Response:
    return _page(call, SignIn.begin)


def _sign_in(call: Call) -> Response:
    return _page(call, SignIn.go_on)


def _page(call: Call, make: Any) -> Response:
    """A page, whatever happens: a person has no use for JSON."""
    language = language_of(call.request)
    try:
        page: Response = make(SignIn(call, service_key(call)))
        return page
    except (StoreUnavailable, Refusal):
        return failed_page(language, "busy", status=503)
    except Exception:
        _log.exception("request %s", call.request_id)
        return failed_page(language, "fault", status=500, request_id=call.request_id)


def _metadata(call: Call) -> Response:
    """RFC 8414."""
    issuer = f"{call.request.url.scheme}://{call.request.url.netloc}{call.request.scope.get('root_path', '')}"
    methods = ["none", "client_secret_basic", "client_secret_post"]
    told = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "scopes_supported": [*SCOPES, DESK_SCOPE],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        "code_challenge_methods_supported": ["S256"],
        "ui_locales_supported": ["en", "zh-CN"],
    }
    return Response(json.dumps(told), media_type="application/json", headers={"cache-control": "no-store"})


def _form_of(**properties: Any) -> dict[str, Any]:
    required = [name for name, known in properties.items() if known.pop("needed", False)]
    shape = {"type": "object", "properties": properties, "required": required}
    return {"requestBody": {"required": True, "content": {_FORM: {"schema": shape}}}}


_TEXT = {"type": "string", "maxLength": 2000}
_HTML = {"200": {"description": "A page", "content": {"text/html": {"schema": {"type": "string"}}}}}
_OAUTH_ERROR = {
    "type": "object", "required": ["error", "code", "request_id"],
    "properties": {"error": {"type": "string"}, "error_description": {"type": "string"},
                   "code": {"type": "string"}, "request_id": {"type": "string"}},
}  # fmt: skip
_REFUSED = {
    str(status): {"description": "Refused (RFC 6749, 5.2)", "content": {"application/json": {"schema": _OAUTH_ERROR}}}
    for status in (400, 401)
}
_TOKENS = {
    "type": "object", "required": ["access_token", "token_type", "expires_in", "scope"],
    "properties": {"access_token": {"type": "string"}, "token_type": {"const": "Bearer"},
                   "expires_in": {"type": "integer"}, "scope": {"type": "string"},
                   "refresh_token": {"type": "string"}},
}  # fmt: skip
_TOKEN_FORM = _form_of(
    grant_type={"type": "string", "enum": ["client_credentials", "authorization_code", "refresh_token"],
                "needed": True},
    client_id=dict(_TEXT), client_secret=dict(_TEXT), scope=dict(_TEXT), code=dict(_TEXT), redirect_uri=dict(_TEXT),
    code_verifier=dict(_TEXT), refresh_token=dict(_TEXT),
)  # fmt: skip

OAUTH_ENDPOINTS = (
    Endpoint(
        name="oauth_token", path="/oauth/token", tag="oauth", caller=Caller.ANYONE, pace=Pace.SECRET, reply=_token,
        summary="A token: for a desk by its key, for a person by what signing in gave", body_limit=_FORM_BYTES,
        guesses=(ErrorCode.DEVICE_KEY_WRONG,), guessed=_client_of, serves_any_version=True,
        openapi={**_TOKEN_FORM, "responses": {"200": {"description": "Tokens", "content": {
            "application/json": {"schema": _TOKENS}}}, **_REFUSED}},
    ),
    Endpoint(
        name="oauth_revoke", path="/oauth/revoke", tag="oauth", caller=Caller.ANYONE, pace=Pace.SECRET, reply=_revoke,
        summary="End a person's sign-in", body_limit=_FORM_BYTES,
        openapi={**_form_of(token={**_TEXT, "minLength": 1, "needed": True},
                             token_type_hint=dict(_TEXT), client_id=dict(_TEXT)),
                 "responses": {"200": {"description": "It is good for nothing any more"}, **_REFUSED}},
    ),
    Endpoint(
        name="oauth_authorize", path="/oauth/authorize", method="GET", tag="oauth", caller=Caller.ANYONE,
        pace=Pace.SECRET, reply=_authorize, summary="The page on which a person signs in", documented=False,
        openapi={"responses": _HTML},
    ),
    Endpoint(
        name="oauth_sign_in", path=ACTION, tag="oauth", caller=Caller.ANYONE, pace=Pace.SECRET, reply=_sign_in,
        summary="The forms of that page", documented=False, body_limit=_FORM_BYTES, openapi={"responses": _HTML},
    ),
    Endpoint(
        name="oauth_metadata", path="/.well-known/oauth-authorization-server", method="GET", tag="oauth",
        caller=Caller.ANYONE, pace=Pace.STATUS, reply=_metadata, summary="What the authorization server can do",
        openapi={"responses": {"200": {"description": "RFC 8414", "content": {
            "application/json": {"schema": {"type": "object", "required": ["issuer", "token_endpoint"]}}}}}},
    ),
)  # fmt: skip
__all__ = ["ERROR_HEADER", "OAUTH_ENDPOINTS", "OAuthRefusal", "service_key", "service_key_of"]
