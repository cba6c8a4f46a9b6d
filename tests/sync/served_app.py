"""An application behind uvicorn on a thread of this process, for what happens below it: connections and heads."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from sync.server.connections import HEAD_BYTES, PatientProtocol


async def hello(scope: Any, receive: Any, send: Any) -> None:
    """Answers everything."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@contextmanager
def served(app: Any = hello, *, head_seconds: float = 5.0, **options: Any) -> Iterator[tuple[str, int]]:
    """Host and port while it is served."""

    class Protocol(PatientProtocol):
        pass

    Protocol.head_seconds = head_seconds
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, http=Protocol, ws="none", log_config=None, lifespan="off", h11_max_incomplete_event_size=HEAD_BYTES,
        **options,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield listening.getsockname()[:2]
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def exchange(place: tuple[str, int], text: bytes, *, seconds: float = 10.0) -> bytes:
    """Sends bytes and reads until the other side closes."""
    with socket.create_connection(place, timeout=seconds) as connection:
        connection.sendall(text)
        told = b""
        while part := connection.recv(1 << 16):
            told += part
        return told
