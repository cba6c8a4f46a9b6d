"""Somebody signing in at headquarters: a browser that fills in the forms over HTTP, and the phone beside it."""

import base64
import hashlib
import re
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp

from app.kernel.permissions import Role
from sync.server.accounts import add_account
from sync.server.administration_log import Act
from sync.server.store import Store

CALLBACK = "http://127.0.0.1:50123/signed-in"
READ_AND_WRITE = "administration.read administration.write"
PASSWORD = "correct horse battery staple"


def add_person(store: Store, tenant: str, login: str = "li.na", *, role: Role = Role.ADMINISTRATOR) -> str:
    """An account; returns its one-time code."""
    act = Act(tenant=tenant, who="test", at=time.time_ns() // 1000)
    return add_account(store, act, login=login, name="李娜", roles=[role])


class Browser:
    """One browser. `page` is what it shows; `asks` are the parameters the program opened it with."""

    def __init__(self, url: str, tenant: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=20.0, trust_env=False, follow_redirects=False)
        self.verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(self.verifier.encode()).digest()
        self.asks = {
            "response_type": "code", "client_id": "forecourt-desktop", "redirect_uri": CALLBACK,
            "scope": READ_AND_WRITE, "state": "state-of-the-program", "tenant": tenant,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), "code_challenge_method": "S256",
        }  # fmt: skip
        self.page: Any = None
        self.totp: pyotp.TOTP | None = None
        self._ahead = 0

    def open(self, **changed: str) -> Any:
        """Open the sign-in page."""
        self.page = self.http.get("/oauth/authorize", params={**self.asks, **changed})
        return self.page

    def open_address(self, address: str) -> Any:
        """Open the page by the address a program made."""
        self.page = self.http.get(address)
        return self.page

    @property
    def ticket(self) -> str:
        found = re.search(r'name="ticket" value="([^"]+)"', self.page.text)
        assert found is not None, self.page.text
        return found[1]

    @property
    def title(self) -> str:
        """The heading of the page."""
        return re.findall("<h1>(.*?)</h1>", self.page.text)[0]

    @property
    def problem(self) -> str:
        """What is wrong, as the page says it."""
        found = re.search(r'role="alert" id="problem">([^<]+)<', self.page.text)
        return found[1] if found else ""

    def fill(self, **fields: str) -> Any:
        """Send the form."""
        self.page = self.http.post("/oauth/sign-in", data={"ticket": self.ticket, **fields})
        return self.page

    def next_digits(self) -> str:
        """Digits that were not used before: the phone is at most one step ahead."""
        assert self.totp is not None
        step = int(time.time()) // 30 + self._ahead
        self._ahead = 1
        return self.totp.generate_otp(step)

    def set_up(self, login: str, code: str) -> list[str]:
        """The first sign-in, up to the page with the recovery codes, which are returned."""
        self.fill(login=login, password=code)
        self.fill(password=PASSWORD, again=PASSWORD)
        found = re.search(r'<output class="secret">([^<]+)<', self.page.text)
        assert found is not None, self.page.text
        self.totp = pyotp.TOTP(found[1].replace(" ", ""))
        self.fill(digits=self.next_digits())
        return re.findall("<li><code>([^<]+)</code>", self.page.text)

    def came_back_with(self) -> dict[str, str]:
        """What the program got at its own address."""
        assert self.page.status_code == 303, self.page.text
        address = self.page.headers["location"]
        return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}

    def exchange(self, code: str, /, **changed: str) -> Any:
        """The program exchanges its code."""
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.asks["redirect_uri"],
            "client_id": "forecourt-desktop", "code_verifier": self.verifier,
        }  # fmt: skip
        return self.http.post("/oauth/token", data={**form, **changed})

    def refresh(self, token: str) -> Any:
        """The program asks for new tokens."""
        form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "forecourt-desktop"}
        return self.http.post("/oauth/token", data=form)

    def signed_in(self, login: str, code: str, **asks: str) -> dict[str, Any]:
        """From nothing to tokens, with a new account."""
        self.open(**asks)
        self.set_up(login, code)
        self.fill()
        tokens: dict[str, Any] = self.exchange(self.came_back_with()["code"]).json()
        return tokens

    def again(self, login: str) -> dict[str, Any]:
        """Sign in with password and digits."""
        self.open()
        self.fill(login=login, password=PASSWORD)
        self.fill(digits=self.next_digits())
        tokens: dict[str, Any] = self.exchange(self.came_back_with()["code"]).json()
        return tokens

    def ask(self, name: str, token: str, **message: Any) -> Any:
        """A request of headquarters."""
        return self.http.post(
            f"/v1/administration/{name}", json=message, headers={"Authorization": f"Bearer {token}"}
        )

    def close(self) -> None:
        self.http.close()
