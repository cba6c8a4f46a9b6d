"""Named points at which a process kills itself with SIGKILL: armed in a victim just after it was forked."""

import os
import signal
from collections.abc import Callable
from typing import Any

DESK_POINTS = (
    "desk before the local commit", "desk after the local commit", "desk mid-request",
    "desk after the answer before the acknowledgement", "desk between acknowledgement and its commit",
    "desk mid-page", "desk between a page and its commit",
)  # fmt: skip
SERVICE_POINTS = (
    "service before commit", "service after commit before the answer", "service mid-transaction", "service mid-answer",
)  # fmt: skip
MIGRATION_POINT = "desk mid-migration"


class Fuse:
    """Kills this process at the `count`-th time it is reached."""

    def __init__(self, count: int) -> None:
        self._left = count

    def burn(self) -> None:
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str, fuse: Fuse) -> None:
    """Burn before a function does its work."""
    inner = getattr(owner, name)

    def wrapped(*given: Any, **named: Any) -> Any:
        fuse.burn()
        return inner(*given, **named)

    setattr(owner, name, wrapped)


def after(owner: Any, name: str, fuse: Fuse) -> None:
    """Burn when a function has done its work and before anybody learns of it."""
    inner = getattr(owner, name)

    def wrapped(*given: Any, **named: Any) -> Any:
        value = inner(*given, **named)
        fuse.burn()
        return value

    setattr(owner, name, wrapped)


def _half_sent(fuse: Fuse) -> None:
    """The body of a request stops in the middle."""
    from http.client import HTTPConnection

    inner = HTTPConnection.send

    def send(self: Any, data: Any) -> None:
        if isinstance(data, bytes) and len(data) > 40:
            inner(self, data[: len(data) // 2])
            fuse.burn()
            inner(self, data[len(data) // 2 :])
            return
        inner(self, data)

    HTTPConnection.send = send  # type: ignore[method-assign]


def _half_answered(fuse: Fuse) -> None:
    """The body of an answer stops in the middle, with the length of the whole announced."""
    from starlette.responses import Response

    async def answer(self: Any, scope: Any, receive: Any, send: Any) -> None:
        body = self.body
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        fuse.burn()
        await send({"type": "http.response.body", "body": body[len(body) // 2 :]})

    Response.__call__ = answer  # type: ignore[method-assign]


def _around_commit(fuse: Fuse, *, late: bool) -> None:
    """Before the database hears of the commit, or after it, when nobody has been told."""
    from sync.server.store import Store

    def transaction(connection: Any) -> Any:
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        if not late:
            fuse.burn()
        connection.commit()
        if late:
            fuse.burn()

    Store._transaction = staticmethod(transaction)  # type: ignore[method-assign]


def _page(fuse: Fuse) -> None:
    from sync.client.applying import RowWriter

    after(RowWriter, "_write", fuse)


def arm(point: str, count: int) -> None:
    """Kill this process when it comes to `point` for the `count`-th time."""
    fuse = Fuse(count)
    _ARMING[point](fuse)


def _captured(fuse: Fuse, arming: Callable[[Any, str, Fuse], None]) -> None:
    from db.capture import CapturedSession

    arming(CapturedSession, "commit", fuse)


def _pushing(fuse: Fuse, arming: Callable[[Any, str, Fuse], None]) -> None:
    from sync.client import pushing

    arming(pushing, "acknowledge", fuse)


def _pulling(fuse: Fuse) -> None:
    from sync.client import pulling

    after(pulling, "receive_time", fuse)


def _ledger(fuse: Fuse) -> None:
    from sync.server.ledger import Ledger

    after(Ledger, "write", fuse)


def _migration(fuse: Fuse) -> None:
    from alembic.runtime.migration import HeadMaintainer

    before(HeadMaintainer, "update_to_step", fuse)


_ARMING: dict[str, Callable[[Fuse], None]] = {
    "desk before the local commit": lambda fuse: _captured(fuse, before),
    "desk after the local commit": lambda fuse: _captured(fuse, after),
    "desk mid-request": _half_sent,
    "desk after the answer before the acknowledgement": lambda fuse: _pushing(fuse, before),
    "desk between acknowledgement and its commit": lambda fuse: _pushing(fuse, after),
    "desk mid-page": _page,
    "desk between a page and its commit": _pulling,
    "service before commit": lambda fuse: _around_commit(fuse, late=False),
    "service after commit before the answer": lambda fuse: _around_commit(fuse, late=True),
    "service mid-transaction": _ledger,
    "service mid-answer": _half_answered,
    MIGRATION_POINT: _migration,
}
