"""A desk without data joins a group: it is enrolled, then receives everything of its branch."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.kernel.changes import Changes
from app.runtime.language import tr, trn
from app.wiring.desk import Desk

if TYPE_CHECKING:
    from sync.client.transport import HttpTransport

Progress = Callable[[str, float | None], None]


def join_group(desk: Desk, *, address: str, code: str, progress: Progress) -> None:
    """Enrol with the one-time code, unless that was done before, and receive. Raises a SyncProblem.

    What was received when it is interrupted stays; doing it again goes on from there.
    """
    from sync.client.enrolment import enrol
    from ui.sync.connect_form import complete_address

    transport = _transport(desk, complete_address(address))
    try:
        progress(tr("Asking {address}", address=transport.address), None)
        if not transport.is_enrolled:
            enrol(desk.database, transport, code=code, now=desk.clock.now())
        _receive(desk, transport, progress)
    finally:
        transport.close()


def finish_joining(desk: Desk) -> None:
    """Receive what is missing where joining was cut off by the computer; nothing happens at any other desk."""
    with desk.database.read() as session:
        address = session.connection().exec_driver_sql("SELECT service_url FROM desk_state WHERE id = 1").scalar()
    if not address:
        return
    transport = _transport(desk, str(address))
    try:
        if transport.is_enrolled:
            _receive(desk, transport, lambda _message, _fraction: None)
    finally:
        transport.close()


def _transport(desk: Desk, address: str) -> "HttpTransport":
    from sync.client.credentials import SealedCredentials
    from sync.client.transport import HttpTransport

    return HttpTransport(address, SealedCredentials(desk.profile, desk.key))


def _receive(desk: Desk, transport: "HttpTransport", progress: Progress) -> None:
    from sync.client.engine import SyncEngine

    received = 0

    def count(changes: Changes) -> None:
        nonlocal received
        received += sum(len(ids) for ids in changes.rows.values())
        progress(trn("{n} record received", "{n} records received", received), None)

    engine = SyncEngine(desk.database, transport, clock=desk.clock, on_changes=count)
    engine.sync_once()
    engine.tidy_search()
    progress(trn("{n} record received", "{n} records received", received), 1.0)
