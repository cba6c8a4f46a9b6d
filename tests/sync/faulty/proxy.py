"""An HTTP proxy between desks and the service that does what networks do, by a plan with a seed.

It reads one request at a time from each connection, with its whole body, and decides what becomes of it.
"""

import random
import socket
import threading
import time
from collections import Counter
from contextlib import suppress
from enum import Enum


class Trouble(Enum):
    """What becomes of one request or its answer."""

    NONE = "none"
    DROP_BEFORE = "request dropped"
    DROP_AFTER = "answer dropped"
    DOUBLE = "request sent twice at once"
    DELAY = "answer delayed"
    LATE = "request arrives when the desk has given up"
    CUT_HEADER = "answer cut in its header"
    CUT_BODY = "answer cut in its body"
    CUT_CHUNK = "answer in chunks, cut in one"
    SWAPPED = "answer of another request"
    CORRUPT_ANSWER = "bytes of the answer changed"
    CORRUPT_REQUEST = "bytes of the request changed"
    SLOW_ANSWER = "answer byte by byte"
    SLOW_REQUEST = "request byte by byte"
    CLOSED = "connection closed after the answer without a word"
    ONE_WAY = "nothing comes back for a while"
    AWAY = "nothing arrives for a while"
    FLAPPING = "every second request is refused for a while"


_LASTING = {Trouble.ONE_WAY: 2, Trouble.AWAY: 3, Trouble.FLAPPING: 5}
"""How many requests a partition lasts."""
PATIENCE = 0.6
"""Seconds a desk waits for an answer here."""


class Proxy:
    """Listens on a free port and forwards to `target`; `troubled` is the share of requests something happens to."""

    def __init__(self, target: tuple[str, int], *, seed: int, troubled: float = 0.5) -> None:
        self._target, self._troubled = target, troubled
        self._rng = random.Random(seed)
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._ending = threading.Event()
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._lasting: tuple[Trouble, int] = (Trouble.NONE, 0)
        self._last_answer = b""
        self.calm = False
        self.met: Counter[str] = Counter()
        self.requests = 0
        self._thread = threading.Thread(target=self._accept, name="faulty-proxy")

    @property
    def url(self) -> str:
        """Where desks send to."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> "Proxy":
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._ending.set()
        with suppress(OSError):
            socket.create_connection(self._listening.getsockname()[:2], 1.0).close()
        self._thread.join()
        with self._lock:
            still_open = list(self._open)
        for one in still_open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listening.close()

    # --- connections ----------------------------------------------------------------------------

    def _accept(self) -> None:
        while not self._ending.is_set():
            desk, _ = self._listening.accept()
            thread = threading.Thread(target=self._serve, args=(desk,), name="faulty-proxy-line")
            self._threads.append(thread)
            thread.start()

    def _serve(self, desk: socket.socket) -> None:
        with self._lock:
            self._open.add(desk)
        desk.settimeout(20.0)
        with suppress(OSError), desk:
            while not self._ending.is_set():
                request = _read_message(desk)
                if not request or not self._deal(desk, request):
                    break
        with self._lock:
            self._open.discard(desk)

    def _choose(self) -> Trouble:
        with self._lock:
            self.requests += 1
            if self.calm:
                return Trouble.NONE
            trouble, left = self._lasting
            if left:
                self._lasting = (trouble, left - 1)
            elif self._rng.random() < self._troubled:
                trouble = self._rng.choice(list(Trouble)[1:])
                self._lasting = (trouble, _LASTING.get(trouble, 0))
                self.met[trouble.value] += 1
            else:
                return Trouble.NONE
            if trouble is Trouble.FLAPPING:
                return Trouble.DROP_BEFORE if left % 2 else Trouble.NONE
            return trouble

    # --- what happens ---------------------------------------------------------------------------

    def _deal(self, desk: socket.socket, request: bytes) -> bool:
        """Handle one request; tells whether the connection goes on."""
        trouble = self._choose()
        if trouble in (Trouble.DROP_BEFORE, Trouble.AWAY):
            return False
        if trouble is Trouble.LATE:
            time.sleep(PATIENCE * 1.3)
            self._forward(request)
            return False
        if trouble is Trouble.CORRUPT_REQUEST:
            request = _changed(request)
        answer = self._twice(request) if trouble is Trouble.DOUBLE else self._forward(request, trouble)
        with self._lock:
            other, self._last_answer = self._last_answer, answer
        return bool(answer) and _hand_over(desk, answer, trouble, other)

    def _forward(self, request: bytes, trouble: Trouble = Trouble.NONE) -> bytes:
        with suppress(OSError), socket.create_connection(self._target, 5.0) as service:
            service.settimeout(20.0)
            if trouble is Trouble.SLOW_REQUEST:
                for place in range(0, len(request), max(1, len(request) // 12)):
                    service.sendall(request[place : place + max(1, len(request) // 12)])
                    time.sleep(0.01)
            else:
                service.sendall(request)
            return _read_message(service)
        return b""

    def _twice(self, request: bytes) -> bytes:
        answers: list[bytes] = []
        other = threading.Thread(target=lambda: answers.append(self._forward(request)), name="faulty-proxy-double")
        other.start()
        answer = self._forward(request)
        other.join()
        return answer


def _hand_over(desk: socket.socket, answer: bytes, trouble: Trouble, other: bytes) -> bool:
    """Give the desk its answer, or what becomes of it; tells whether the connection goes on."""
    head, _, body = answer.partition(b"\r\n\r\n")
    if trouble in (Trouble.DROP_AFTER, Trouble.ONE_WAY):
        return False
    if trouble is Trouble.DELAY:
        time.sleep(PATIENCE / 4)
    if trouble is Trouble.CUT_HEADER:
        desk.sendall(head[: len(head) // 2])
        return False
    if trouble is Trouble.CUT_BODY:
        desk.sendall(head + b"\r\n\r\n" + body[: len(body) // 2])
        return False
    if trouble is Trouble.CUT_CHUNK:
        chunked = b"\r\n".join(line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length"))
        desk.sendall(chunked + b"\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) + body[: len(body) // 2])
        return False
    if trouble is Trouble.SWAPPED and other:
        desk.sendall(other)
        return True
    if trouble is Trouble.CORRUPT_ANSWER:
        answer = _changed(answer)
    if trouble is Trouble.SLOW_ANSWER:
        for place in range(0, len(answer), max(1, len(answer) // 12)):
            desk.sendall(answer[place : place + max(1, len(answer) // 12)])
            time.sleep(0.01)
        return True
    desk.sendall(answer)
    return trouble is not Trouble.CLOSED


def _changed(message: bytes) -> bytes:
    """Bytes in the middle of a body become others. What is not compressed has no checksum: it becomes no JSON at all.

    (That nobody changes a digit on the way is what TLS is for.)
    """
    head, _, body = message.partition(b"\r\n\r\n")
    middle = len(body) // 2
    return head + b"\r\n\r\n" + body[:middle] + b"\xff\xfe\xfd"[: len(body) - middle] + body[middle + 3 :]


def _read_message(connection: socket.socket) -> bytes:
    """One HTTP message with its whole body, nothing where the other side ended."""
    heard = b""
    while b"\r\n\r\n" not in heard:
        part = connection.recv(65536)
        if not part:
            return b""
        heard += part
    head = heard.partition(b"\r\n\r\n")[0]
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    while len(heard) < len(head) + 4 + length:
        part = connection.recv(65536)
        if not part:
            return b""
        heard += part
    return heard
