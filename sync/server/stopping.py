"""Ending gracefully: first `/v1/ready` says no, then nothing new is taken, what is in hand is answered, and all is
bounded."""

import asyncio
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn

STOPPING = threading.Event()
"""Set in a process that was told to end: proxies and balancers should send nothing more."""
GRACE_SECONDS = 25
"""What is in hand may take so long once nothing new is taken."""


class GracefulServer(uvicorn.Server):
    """Says not ready for `drain_seconds`, still answering; then ends. A second signal cuts that time short."""

    def __init__(
        self, config: uvicorn.Config, *, drain_seconds: float = 0.0, on_ready: Callable[[], None] = lambda: None
    ) -> None:  # fmt: skip
        super().__init__(config)
        self._on_ready = on_ready
        self._drain_seconds = drain_seconds
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        again = STOPPING.is_set()
        STOPPING.set()
        loop = self._loop
        if again or self._drain_seconds <= 0 or loop is None:
            self._end(sig)
            return
        loop.call_soon_threadsafe(loop.call_later, self._drain_seconds, self._end, sig)

    def _end(self, sig: int) -> None:
        super().handle_exit(sig, None)
        # It would raise the signal once more at its end, which then kills the process before the archive has taken the
        # last commits and the database is closed.
        self._captured_signals.clear()


def end_this_process() -> None:
    """As if it had been told to end; on any thread."""
    signal.raise_signal(signal.SIGTERM)
