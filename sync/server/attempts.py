"""Slows down guessing: so many wrong codes, keys or passwords per address and minute."""

import threading
import time

from sync.protocol.codes import ErrorCode
from sync.server.refusals import Refusal

ATTEMPTS, WINDOW_SECONDS = 10, 60.0
_MOST_ADDRESSES = 10_000


class Attempts:
    """Remembers wrong ones by address."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed: dict[str, list[float]] = {}

    def check(self, address: str) -> None:
        """Raises Refusal TOO_MANY_ATTEMPTS."""
        with self._lock:
            recent = [at for at in self._failed.get(address, []) if time.monotonic() - at < WINDOW_SECONDS]
            if recent:
                self._failed[address] = recent
            else:
                self._failed.pop(address, None)
        if len(recent) >= ATTEMPTS:
            raise Refusal(ErrorCode.TOO_MANY_ATTEMPTS, retry_after=int(WINDOW_SECONDS))

    def failed(self, address: str) -> None:
        """Remember a wrong one."""
        with self._lock:
            if len(self._failed) >= _MOST_ADDRESSES:
                self._failed.clear()
            self._failed.setdefault(address, []).append(time.monotonic())
