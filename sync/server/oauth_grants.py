"""What the OAuth 2.0 server (oauthlib) asks and remembers here: who a client is, which grants are good.

Two kinds of clients. Desks are confidential: `TENANT.DEVICE_ID` with the device's key, client credentials, the scope
`sync`. People come through the program `forecourt-desktop`, a public client of the house itself: authorization code
with PKCE (S256 only), back to this computer's loopback address, refresh tokens that are used once.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from oauthlib.oauth2 import (
    AuthorizationCodeGrant,
    AuthorizationEndpoint,
    BearerToken,
    ClientCredentialsGrant,
    RefreshTokenGrant,
    RequestValidator,
    RevocationEndpoint,
    TokenEndpoint,
)
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidRequestError, InvalidScopeError

from sync.protocol.codes import ErrorCode
from sync.protocol.limits import TOKEN_SECONDS
from sync.server import person_sessions as sessions
from sync.server.accounts import account_of
from sync.server.administration_log import Act, note
from sync.server.devices import Device, device_with_key, ensure_open, is_tenant, keep_token
from sync.server.store import Store

DESKTOP = "forecourt-desktop"
DESK_SCOPE = "sync"
BY_HAND = "urn:ietf:wg:oauth:2.0:oob"
"""Instead of an address to go back to: the code is shown, and carried to the desk by hand."""
CALLBACK_PATH = "/signed-in"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_LOOPBACK = ("127.0.0.1", "::1")
StoreOf = Callable[[str], Store]


class Client:
    """Who asks, for oauthlib."""

    def __init__(self, client_id: str, device: Device | None = None) -> None:
        self.client_id, self.device = client_id, device


def comes_back_here(address: str) -> bool:
    """Whether a redirect goes to the person's own computer (RFC 8252, 7.3) or is shown by hand, and nowhere else."""
    if address == BY_HAND:
        return True
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    exact = f"http://{'[::1]' if parts.hostname == '::1' else parts.hostname}:{port}{CALLBACK_PATH}"
    return parts.hostname in _LOOPBACK and bool(port) and address == exact


class GrantKeeper(RequestValidator):
    """oauthlib's questions, answered from the store; one for each request. `now` in microseconds."""

    def __init__(self, store_of: StoreOf, *, now: int, address: str, request_id: str) -> None:
        super().__init__()
        self._store_of = store_of
        self._now, self._address, self._request_id = now, address, request_id
        self._grant: sessions.Grant | None = None
        self.problem: ErrorCode | None = None
        """Why a desk was refused, by the code that desks know."""

    def act(self, tenant: str, who: str = "", person_id: str = "") -> Act:
        """In whose name something is written down."""
        return Act(
            tenant=tenant, who=who, at=self._now, person_id=person_id, address=self._address,
            request_id=self._request_id,
        )  # fmt: skip

    # --- clients ---------------------------------------------------------------------------------

    def client_authentication_required(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        return bool(request.client_id != DESKTOP)

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """A desk by its key, in the Authorization header or in the body, not in both (RFC 6749, 2.3.1)."""
        shown = _shown(request)
        tenant, _, device_id = (shown[0] if shown else "").partition(".")
        device = None
        if shown and is_tenant(tenant):
            device = device_with_key(self._store_of(tenant), tenant=tenant, device_id=device_id, key=shown[1])
        if shown is None or device is None:
            self.problem = ErrorCode.DEVICE_KEY_WRONG
            return False
        request.client = Client(shown[0], device)
        return True

    def authenticate_client_id(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> bool:
        request.client = Client(DESKTOP)
        return client_id == DESKTOP and "Authorization" not in request.headers

    def validate_client_id(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> bool:
        return client_id == DESKTOP

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Client, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        allowed = ("client_credentials",) if client.device is not None else ("authorization_code", "refresh_token")
        return grant_type in allowed

    def validate_response_type(
        self, client_id: str, response_type: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        return response_type == "code"

    def get_default_scopes(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> list[str]:
        return [sessions.READ] if client_id == DESKTOP else [DESK_SCOPE]

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        known = sessions.SCOPES if client_id == DESKTOP else (DESK_SCOPE,)
        return bool(scopes) and set(scopes) <= set(known)

    # --- authorization codes ---------------------------------------------------------------------

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Any, *args: Any, **kwargs: Any
    ) -> bool:  # fmt: skip
        return comes_back_here(redirect_uri)

    def get_default_redirect_uri(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> None:
        return None

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        return True

    def save_authorization_code(
        self, client_id: str, code: dict[str, str], request: Any, *args: Any, **kwargs: Any
    ) -> None:  # fmt: skip
        person = request.person
        grant = sessions.Grant(
            person.tenant, person.id, client_id, tuple(request.scopes), "", redirect_uri=request.redirect_uri,
            challenge=request.code_challenge,
        )  # fmt: skip
        by_hand = request.redirect_uri == BY_HAND
        seconds = sessions.SHOWN_CODE_SECONDS if by_hand else sessions.CODE_SECONDS
        store = self._store_of(person.tenant)
        with store.write() as connection:
            ensure_open(store, connection, person.tenant)
            sessions.keep_code(store, connection, grant, code["code"], until=self._now + seconds * 1_000_000)

    def validate_code(
        self, client_id: str, code: str, client: Client, request: Any, *args: Any, **kwargs: Any
    ) -> bool:  # fmt: skip
        tenant = sessions.tenant_of(code)
        if not tenant:
            return False
        store = self._store_of(tenant)
        with store.read() as connection:
            grant = sessions.find_code(store, connection, code, now=self._now)
        return self._take(grant, client_id, request, reused="code_reused")

    def _take(self, grant: sessions.Grant | None, client_id: str, request: Any, *, reused: str) -> bool:
        """Whether a grant is good; one that was used before ends the session that came of it."""
        if grant is None or grant.client_id != client_id:
            return False
        store = self._store_of(grant.tenant)
        if grant.used:
            sessions.end_robbed_session(store, self.act(grant.tenant), grant, reused)
            return False
        with store.read() as connection:
            account = account_of(store, connection, grant.tenant, grant.person_id)
        if account is None or not account.may_enter:
            return False
        self._grant = grant
        request.user, request.scopes, request.tenant = account, list(grant.scopes), grant.tenant
        return True

    def get_code_challenge(self, code: str, request: Any) -> str:
        return self._grant.challenge if self._grant is not None else ""

    def get_code_challenge_method(self, code: str, request: Any) -> str:
        return "S256"

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        return self._grant is not None and secrets.compare_digest(
            self._grant.redirect_uri.encode(), redirect_uri.encode()
        )

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Any, *args: Any, **kwargs: Any
    ) -> None:
        """It was used up in the transaction that began the session."""

    # --- refresh tokens --------------------------------------------------------------------------

    def validate_refresh_token(
        self, refresh_token: str, client: Client, request: Any, *args: Any, **kwargs: Any
    ) -> bool:  # fmt: skip
        tenant = sessions.tenant_of(refresh_token)
        if not tenant:
            return False
        store = self._store_of(tenant)
        with store.read() as connection:
            grant = sessions.find_refresh(store, connection, refresh_token, now=self._now)
        if not self._take(grant, client.client_id, request, reused="refresh_token_reused"):
            return False
        if request.scope and set(request.scope.split()) != set(request.scopes):
            raise InvalidScopeError(request=request)  # a session has one set of scopes
        return True

    def get_original_scopes(self, refresh_token: str, request: Any, *args: Any, **kwargs: Any) -> list[str]:
        return list(self._grant.scopes) if self._grant is not None else []

    # --- tokens ----------------------------------------------------------------------------------

    def save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        device = getattr(request.client, "device", None)
        if device is not None:
            keep_token(self._store_of(device.tenant), device, token["access_token"], now=self._now)
            return
        grant = self._grant
        if grant is None:
            raise InvalidGrantError(request=request)
        store, reused = self._store_of(grant.tenant), "code_reused"
        with store.write() as connection:
            ensure_open(store, connection, grant.tenant)
            session_id: str | None
            if request.grant_type == "authorization_code":
                session_id = sessions.begin_session(store, connection, grant, request.code, now=self._now)
                if session_id:
                    act = self.act(grant.tenant, request.user.login, request.user.id)
                    note(store, connection, act, "session_began", request.user.login, scopes=list(grant.scopes))
            else:
                good = sessions.use_refresh(store, connection, grant, request.refresh_token, now=self._now)
                session_id, reused = (grant.session_id if good else None), "refresh_token_reused"
            if session_id:
                sessions.keep_tokens(
                    store, connection, grant.tenant, session_id, access=token["access_token"],
                    refresh=token["refresh_token"], now=self._now,
                )  # fmt: skip
                return
        if reused == "code_reused":  # by somebody who was quicker: what session came of it is known only now
            with store.read() as connection:
                grant = sessions.find_code(store, connection, request.code, now=self._now) or grant
        sessions.end_robbed_session(store, self.act(grant.tenant), grant, reused)
        raise InvalidGrantError(request=request)

    def revoke_token(self, token: str, token_type_hint: str, request: Any, *args: Any, **kwargs: Any) -> None:
        tenant = sessions.tenant_of(token)
        device = getattr(request.client, "device", None)
        if tenant and device is None:
            sessions.revoke_token(self._store_of(tenant), self.act(tenant), token, client_id=request.client_id)


def _shown(request: Any) -> tuple[str, str] | None:
    """The client's id and secret; None without them, or where they stand twice."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    in_body = (request.client_id, request.client_secret)
    if not scheme:
        return in_body if all(in_body) else None
    if scheme.lower() != "basic" or request.client_secret:
        return None
    try:
        client_id, _, secret = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    named = unquote_plus(client_id), unquote_plus(secret)
    return None if in_body[0] not in (None, named[0]) else named


class _CodeGrant(AuthorizationCodeGrant):
    """PKCE by S256 alone; codes that name their group."""

    _code_challenge_methods = {  # noqa: RUF012 - as in the class above it
        "S256": AuthorizationCodeGrant._code_challenge_methods["S256"]
    }

    def validate_authorization_request(self, request: Any) -> Any:
        known = super().validate_authorization_request(request)
        if _CHALLENGE.fullmatch(request.code_challenge) is None:
            raise InvalidRequestError(description="code_challenge is no SHA-256 in base64url.", request=request)
        return known

    def create_authorization_code(self, request: Any) -> dict[str, str]:
        grant = {"code": sessions.new_secret(request.person.tenant)}
        return {**grant, "state": request.state} if request.state else grant


class OAuthServer(AuthorizationEndpoint, TokenEndpoint, RevocationEndpoint):
    """The three endpoints of oauthlib with what is offered here, and nothing else."""

    def __init__(self, keeper: GrantKeeper) -> None:
        code, refresh = _CodeGrant(keeper), RefreshTokenGrant(keeper)
        desk = ClientCredentialsGrant(keeper)
        bearer = BearerToken(keeper, token_generator=_token, expires_in=TOKEN_SECONDS)
        AuthorizationEndpoint.__init__(
            self, default_response_type="code", default_token_type=bearer, response_types={"code": code}
        )
        TokenEndpoint.__init__(
            self, default_grant_type="authorization_code", default_token_type=bearer,
            grant_types={"authorization_code": code, "refresh_token": refresh, "client_credentials": desk},
        )  # fmt: skip
        RevocationEndpoint.__init__(self, keeper)


def _token(request: Any) -> str:
    device = getattr(request.client, "device", None)
    return sessions.new_secret(device.tenant if device is not None else request.tenant)
