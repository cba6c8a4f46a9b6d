"""A person at headquarters, as this desk knows them: signing in through the browser, tokens, questions.

Tokens live in memory. Who wants to stay signed in has the token for new ones kept in the key store of the operating
system, under their own name at this desk; nowhere else.
"""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

from app.runtime.errors import KeyringUnavailable
from app.runtime.language import CHINESE, language, tr_noop
from sync.client.errors import (
    CodeNotAccepted,
    NoBrowser,
    NotEnrolled,
    SignInOver,
    SignInRefused,
    SignInTimedOut,
    SyncProblem,
    TokenExpired,
)
from sync.client.loopback import Loopback
from sync.client.transport import HttpTransport

CLIENT = "forecourt-desktop"
BY_HAND = "urn:ietf:wg:oauth:2.0:oob"
_SCOPES = "administration.read administration.write"
_STAY = "offline_access"
_WAIT_SECONDS = 600
_MARGIN = 20.0
Progress = Callable[[str, float | None], None]


class TokenKeeper(Protocol):
    """Keeps the one secret that outlives the program, if the person wants it kept."""

    def load(self) -> str | None: ...

    def save(self, token: str) -> None: ...

    def forget(self) -> None: ...


class KeyringTokens:
    """In the operating system's key store. `owner` tells people and services apart. Raises KeyringUnavailable."""

    def __init__(self, owner: str) -> None:
        self._account = f"headquarters:{owner}"

    def load(self) -> str | None:
        from app.runtime import os_keyring

        return os_keyring.get(self._account)

    def save(self, token: str) -> None:
        from app.runtime import os_keyring

        os_keyring.put(self._account, token)

    def forget(self) -> None:
        from app.runtime import os_keyring

        os_keyring.remove(self._account)


@dataclass(frozen=True, slots=True)
class _Request:
    """One attempt to sign in."""

    address: str
    redirect: str
    verifier: str
    state: str
    stay: bool


class HeadquartersSession:
    """Signed in or not. Every call talks to the service, on a worker thread; calls may come from several.

    `transport` is the desk's line to the service; it raises NotEnrolled where there is none.
    """

    def __init__(
        self, transport: Callable[[], HttpTransport], *, keeper: TokenKeeper,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._transport, self._keeper, self._monotonic = transport, keeper, monotonic
        self._lock = threading.Lock()
        self._access, self._refresh, self._until = "", "", 0.0
        self._stays = False
        self._by_hand: _Request | None = None

    @property
    def is_signed_in(self) -> bool:
        """Whether there is something to ask with; the service may see it differently."""
        return bool(self._refresh)

    # --- signing in ------------------------------------------------------------------------------

    def resume(self) -> bool:
        """Go on with what was kept at this computer, if anything was; tells whether somebody is signed in then."""
        with self._lock:
            if not self._refresh:
                try:
                    kept = self._keeper.load()
                except KeyringUnavailable:
                    kept = None
                if kept:
                    self._refresh, self._stays = kept, True
        return self.is_signed_in

    def sign_in(self, open_page: Callable[[str], bool], progress: Progress, *, stay: bool) -> None:
        """Open the service's page and wait until the browser comes back. `progress` may raise to end the waiting.

        Raises NoBrowser where no page can be opened, SignInTimedOut, SignInRefused, or another SyncProblem.
        """
        state = secrets.token_urlsafe(24)
        until = self._monotonic() + _WAIT_SECONDS

        def goes_on() -> bool:
            progress(tr_noop("Sign in on the page that has opened in the browser"), None)
            return self._monotonic() < until

        with Loopback(state) as loopback:
            request = self._request(loopback.address, stay=stay, state=state)
            if not open_page(request.address):
                raise NoBrowser()
            came = loopback.wait(goes_on)
        if came is None:
            raise SignInTimedOut()
        if "code" not in came:
            raise SignInRefused(reason=came.get("error", "?"))
        self._exchange(request, came["code"], wrong=SignInRefused(reason="invalid_grant"))

    def begin_by_hand(self, *, stay: bool) -> str:
        """The address to open in a browser anywhere; the page shows a code for `finish_by_hand`."""
        self._by_hand = self._request(BY_HAND, stay=stay, state=secrets.token_urlsafe(24))
        return self._by_hand.address

    def finish_by_hand(self, code: str) -> None:
        """The code that the page showed. Raises CodeNotAccepted or another SyncProblem."""
        request = self._by_hand
        if request is None:
            raise CodeNotAccepted()
        self._exchange(request, "".join(code.split()), wrong=CodeNotAccepted())
        self._by_hand = None

    def sign_out(self) -> None:
        """End it here and at the service; here also where the service cannot be reached."""
        with self._lock:
            token, self._access, self._refresh, self._until = self._refresh, "", "", 0.0
            kept, self._stays = self._stays, False
        if kept:
            self._keeper.forget()
        if token:
            self._transport().send_form("revoke", {"token": token, "client_id": CLIENT})

    def _request(self, redirect: str, *, stay: bool, state: str) -> _Request:
        from oauthlib.oauth2 import WebApplicationClient

        transport = self._transport()
        known = transport.credentials.load()
        if known is None:
            raise NotEnrolled()
        client = WebApplicationClient(CLIENT)
        verifier = client.create_code_verifier(64)
        asked = {
            "response_type": "code", "client_id": CLIENT, "redirect_uri": redirect, "state": state,
            "scope": f"{_SCOPES} {_STAY}" if stay else _SCOPES,
            "code_challenge": client.create_code_challenge(verifier, "S256"), "code_challenge_method": "S256",
            "tenant": known.tenant, "ui_locales": "zh-CN" if language() == CHINESE else "en",
        }  # fmt: skip
        return _Request(f"{transport.address}/oauth/authorize?{urlencode(asked)}", redirect, verifier, state, stay)

    def _exchange(self, request: _Request, code: str, *, wrong: SyncProblem) -> None:
        form = {
            "grant_type": "authorization_code", "client_id": CLIENT, "code": code, "redirect_uri": request.redirect,
            "code_verifier": request.verifier,
        }  # fmt: skip
        try:
            told = self._transport().send_form("token", form)
        except SignInOver as error:
            raise wrong from error
        with self._lock:
            self._stays = request.stay
            self._take(told)

    def _take(self, told: dict[str, Any]) -> None:
        """Call it with the lock held."""
        self._access, self._refresh = str(told.get("access_token", "")), str(told.get("refresh_token", ""))
        self._until = self._monotonic() + float(told.get("expires_in", 0)) - _MARGIN
        if self._stays:
            try:
                self._keeper.save(self._refresh)
            except KeyringUnavailable:
                self._stays = False  # good for as long as the program runs

    # --- asking ----------------------------------------------------------------------------------

    def ask(self, question: str, **message: Any) -> dict[str, Any]:
        """Ask, or have something done. Raises SignInOver once somebody has to sign in again, or another SyncProblem."""
        try:
            return self._transport().ask_as_person(question, message, self._token())
        except TokenExpired:
            with self._lock:
                self._until = 0.0
            try:
                return self._transport().ask_as_person(question, message, self._token())
            except TokenExpired as error:
                self._forget()
                raise SignInOver() from error

    def _token(self) -> str:
        with self._lock:
            if not self._refresh:
                raise SignInOver()
            if self._access and self._monotonic() < self._until:
                return self._access
            form = {"grant_type": "refresh_token", "client_id": CLIENT, "refresh_token": self._refresh}
            try:
                self._take(self._transport().send_form("token", form))
            except SignInOver:
                self._forget_held()
                raise
            return self._access

    def _forget(self) -> None:
        with self._lock:
            self._forget_held()

    def _forget_held(self) -> None:
        self._access, self._refresh, self._until = "", "", 0.0
        if self._stays:
            self._stays = False
            try:
                self._keeper.forget()
            except KeyringUnavailable:
                return
