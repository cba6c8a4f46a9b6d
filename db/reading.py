"""How a read is asked for: one that nobody waits for any more is stopped, such as the count for a letter that was typed
over; one that somebody waits for with their eyes comes first.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_CHECK_EVERY = 20_000
"""In steps of SQLite's machine: about a millisecond, so that asking costs nothing."""


class ReadStopped(Exception):
    """Nobody waits for this read any more."""


class Stop:
    """Asks a read to end, from any thread: a statement under way is interrupted at once, the next ones do not begin."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = False
        self._connection: Any = None

    def set(self) -> None:
        """Ask."""
        with self._lock:
            self._asked = True
            if self._connection is not None:
                self._connection.interrupt()

    def is_set(self) -> bool:
        """Whether somebody asked."""
        return self._asked

    @contextmanager
    def reaching(self, connection: Any) -> Iterator[None]:
        """While inside, `set()` reaches the statements on this driver's connection, and no others later on."""
        with self._lock:
            self._connection = connection
        # What is asked between two statements interrupts neither: the next one asks by itself.
        connection.set_progress_handler(lambda: int(self._asked), _CHECK_EVERY)
        try:
            yield
        except Exception as error:
            if self._asked and "interrupted" in str(error):
                raise ReadStopped from error
            raise
        finally:
            with self._lock:
                self._connection = None
            connection.set_progress_handler(None, 0)


_stop: ContextVar[Stop | None] = ContextVar("stop", default=None)
_first: ContextVar[bool] = ContextVar("first", default=False)


@contextmanager
def stoppable(stop: Stop) -> Iterator[None]:
    """Reads begun inside, on this thread, end with ReadStopped soon after `stop.set()`."""
    token = _stop.set(stop)
    try:
        yield
    finally:
        _stop.reset(token)


def stop_if_unwanted() -> None:
    """Raise ReadStopped when nobody waits any more; for loops over what was read."""
    stop = _stop.get()
    if stop is not None and stop.is_set():
        raise ReadStopped


@contextmanager
def watched(driver_connection: Callable[[], Any]) -> Iterator[None]:
    """Let the statements on a connection be stopped by whoever called `stoppable`; for the database's reads."""
    stop = _stop.get()
    if stop is None:
        yield
        return
    with stop.reaching(driver_connection()):
        yield


@contextmanager
def reading_first() -> Iterator[None]:
    """Reads begun inside, on this thread, have a connection of their own. For one thread at a time."""
    token = _first.set(True)
    try:
        yield
    finally:
        _first.reset(token)


def is_first() -> bool:
    """Whether this thread is inside `reading_first`."""
    return _first.get()
