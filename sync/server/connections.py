"""Connections that take too long or ask for too much: bounded where uvicorn leaves it open."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 15.0
"""The head of a request (its line and headers) has to be there after so long, also the first one of a connection."""
HEAD_BYTES = 16 << 10
"""The head may be so large."""
KEEP_ALIVE_SECONDS = 75
GOODBYE_SECONDS = 1.0
"""A connection that is closed may take so long to end in form."""
AT_ONCE = 1_000
"""Connections of one process; more are told 503 and to come again."""


class PatientProtocol(H11Protocol):
    """Closes connections whose next request does not arrive whole: patience is bounded before the headers are there,
    as `bodies.read_body` bounds it afterwards."""

    _waiting: asyncio.TimerHandle | None = None
    _parting: asyncio.TimerHandle | None = None
    head_seconds = HEAD_SECONDS

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        if self._parting is not None:
            self._parting.cancel()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        super().shutdown()
        self._part()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._part()

    def _part(self) -> None:
        """Over TLS closing waits for the other side's goodbye (asyncio: 30 s), and a client that keeps a connection for
        later does not listen: once everything is sent, it is cut off a moment later."""
        if self.transport.is_closing():
            self._parting = self.loop.call_later(GOODBYE_SECONDS, self._cut_off)

    def _cut_off(self) -> None:
        if self.transport.get_write_buffer_size():
            self._part()
        else:
            self.transport.abort()

    def handle_events(self) -> None:
        super().handle_events()
        begun = self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])
        if begun and self._waiting is None:
            self._wait()
        elif not begun:
            self._stop_waiting()

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(self.head_seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.abort()


def tls_context(config: uvicorn.Config, usual: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """TLS 1.2 or newer, whatever the system's policy allows besides."""
    context = usual()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    return context
