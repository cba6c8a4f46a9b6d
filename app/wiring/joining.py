"""A desk without data joins a group: it is enrolled, then receives everything of its branch."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.runtime.language import tr, trn
from app.wiring.desk import Desk

if TYPE_CHECKING:
    from sync.client.exchange import Progress as Reading
    from sync.client.transport import HttpTransport

Progress = Callable[[str, float | None], None]


def join_group(desk: Desk, *, address: str, code: str, progress: Progress) -> None:
    """Enrol with the one-time code, unless that was done before, and receive. Raises a SyncProblem.

    What was received when it is interrupted stays; doing it again goes on from there. A large branch is read into a
    file beside the desk's, which takes its place when all of it is there.
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

    engine = SyncEngine(
        desk.database, transport, clock=desk.clock, on_progress=lambda reading: progress(*_worded(reading))
    )  # fmt: skip
    report = engine.sync_once()
    engine.tidy_search()
    progress(trn("{n} record received", "{n} records received", report.pulled), 1.0)


def _worded(reading: "Reading") -> tuple[str, float | None]:
    """What is said of the reading, and how far the bar is."""
    if not reading.rows_all:
        return trn("{n} record received", "{n} records received", reading.rows_done), None
    fraction = min(reading.rows_done / reading.rows_all, 1.0)
    if reading.finishing:
        return tr("All {all} records received; checking them", all=f"{reading.rows_all:,}"), None
    received = tr(
        "{done} of {all} records received ({size} MB)", done=f"{reading.rows_done:,}", all=f"{reading.rows_all:,}",
        size=f"{reading.bytes_done / 1e6:.1f}",
    )  # fmt: skip
    if reading.bytes_all is not None:
        received = tr(
            "{done} of {all} records received ({size} of {whole} MB)", done=f"{reading.rows_done:,}",
            all=f"{reading.rows_all:,}", size=f"{reading.bytes_done / 1e6:.1f}", whole=f"{reading.bytes_all / 1e6:.1f}",
        )  # fmt: skip
    left = reading.seconds_left
    if left is None:
        return received, fraction
    minutes = round(left / 60)
    still = (
        trn("about {n} minute left", "about {n} minutes left", minutes)
        if minutes
        else trn("about {n} second left", "about {n} seconds left", max(round(left), 1))
    )
    return f"{received}, {still}", fraction
