"""Stopping a read that nobody waits for any more, such as the count for a letter that was typed over."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_CHECK_EVERY = 50_000
"""In steps of SQLite's machine: a few milliseconds, so that asking costs nothing."""

_stop: ContextVar[Callable[[], bool] | None] = ContextVar("stop", default=None)


@contextmanager
def stoppable(stop: Callable[[], bool]) -> Iterator[None]:
    """Reads begun inside, on this thread, end with an error soon after `stop()` turns true."""
    token = _stop.set(stop)
    try:
        yield
    finally:
        _stop.reset(token)


class ReadStopped(Exception):
    """Nobody waits for this read any more."""


def stop_if_unwanted() -> None:
    """Raise ReadStopped when nobody waits any more; for loops over what was read."""
    stop = _stop.get()
    if stop is not None and stop():
        raise ReadStopped


@contextmanager
def watched(driver_connection: Callable[[], Any]) -> Iterator[None]:
    """Let the statements on a connection be stopped by whoever called `stoppable`; for the database's reads."""
    stop = _stop.get()
    if stop is None:
        yield
        return
    connection = driver_connection()
    connection.set_progress_handler(lambda: int(stop()), _CHECK_EVERY)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)
