"""Waits on this computer's own address for a browser that comes back from signing in (RFC 8252, 7.3)."""

import secrets
from collections.abc import Callable
from html import escape
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.runtime.language import CHINESE, language, tr

CALLBACK_PATH = "/signed-in"
_LOOK_SECONDS = 0.2
_READ_SECONDS = 5.0


class Loopback:
    """Listens while it is used as a context; `address` is where the browser is to come back to.

    `state` is a word that only the page this program opened can know: anything else that knocks is turned away and
    waited past.
    """

    def __init__(self, state: str) -> None:
        self._state = state
        self._came: dict[str, str] | None = None
        self._server = HTTPServer(("127.0.0.1", 0), self._handler())
        self._server.timeout = _LOOK_SECONDS
        self.address = f"http://127.0.0.1:{self._server.server_port}{CALLBACK_PATH}"

    def __enter__(self) -> "Loopback":
        return self

    def __exit__(self, *details: object) -> None:
        self._server.server_close()

    def wait(self, goes_on: Callable[[], bool]) -> dict[str, str] | None:
        """What the browser brought; None once `goes_on` says no. It is asked five times a second, and may raise."""
        while self._came is None and goes_on():
            self._server.handle_request()
        return self._came

    def _take(self, path: str) -> bool:
        """Whether this is the browser that was waited for."""
        parts = urlsplit(path)
        told = {name: values[0] for name, values in parse_qs(parts.query, max_num_fields=10).items()}
        if parts.path != CALLBACK_PATH or not secrets.compare_digest(
            told.get("state", "").encode(), self._state.encode()
        ):
            return False
        self._came = told
        return True

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take = self._take

        class Handler(BaseHTTPRequestHandler):
            timeout = _READ_SECONDS

            def do_GET(self) -> None:
                try:
                    known = take(self.path)
                except ValueError:
                    known = False
                page = _page(known).encode("utf-8")
                self.send_response(200 if known else 404)
                for name, value in _HEADERS.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, format: str, *args: Any) -> None:
                """The address holds the code: it is written down nowhere."""

        return Handler


_HEADERS = {
    "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Connection": "close",
}  # fmt: skip
_STYLE = "color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:12vh auto;padding:0 1.25rem"


def _page(known: bool) -> str:
    title = tr("You are signed in") if known else tr("Nothing is here")
    text = tr("Go back to Forecourt. This page may be closed.") if known else ""
    tag = "zh-CN" if language() == CHINESE else "en"
    return (
        f'<!doctype html><html lang="{tag}"><head><meta charset="utf-8"><title>{escape(title)} · Forecourt</title>'
        f'</head><body style="{_STYLE}"><h1>{escape(title)}</h1><p>{escape(text)}</p></body></html>'
    )
