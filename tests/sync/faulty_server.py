"""A server that answers as no service should, for one test."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class FaultyServer:
    """Answers every request with the same bytes, then closes; `heard` are the requests' first lines."""

    def __init__(self, answer: bytes, *, silent: bool = False) -> None:
        self._answer, self._silent = answer, silent
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._ending = threading.Event()
        self._held: list[socket.socket] = []
        self.heard: list[str] = []
        self._thread = threading.Thread(target=self._run, name="faulty-server")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def _run(self) -> None:
        while not self._ending.is_set():
            connection, _ = self._listening.accept()
            connection.settimeout(2.0)
            self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        heard = b""
        try:
            while b"\r\n\r\n" not in heard:
                part = connection.recv(65536)
                if not part:
                    break
                heard += part
            self.heard.append(heard.partition(b"\r\n")[0].decode("latin-1"))
            if self._silent:
                self._held.append(connection)
                return
            connection.sendall(self._answer)
        except OSError:
            pass
        connection.close()

    def start(self) -> "FaultyServer":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._ending.set()
        socket.create_connection(self._listening.getsockname()).close()  # wakes it up
        self._thread.join()
        for connection in self._held:
            connection.close()
        self._listening.close()


@contextmanager
def answering(answer: bytes, *, silent: bool = False) -> Iterator[FaultyServer]:
    """A running faulty server."""
    server = FaultyServer(answer, silent=silent).start()
    try:
        yield server
    finally:
        server.stop()


def response(status: str, body: bytes, *headers: str, length: int | None = None) -> bytes:
    """A complete HTTP response, after which the connection is closed; `length` lies about the body's."""
    told = f"Content-Length: {len(body) if length is None else length}"
    lines = [f"HTTP/1.1 {status}", *headers, told, "Connection: close", "", ""]
    return "\r\n".join(lines).encode("latin-1") + body
