"""A desk without data joins a group: it is enrolled, then receives everything of its branch."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.runtime.language import tr, trn
from app.wiring.desk import Desk
from ui.kit import formats

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


def is_joining(desk: Desk) -> bool:
    """Whether this desk was taken into a group. Without data it has yet to receive its branch."""
    return bool(_address(desk))


def finish_joining(desk: Desk, progress: Progress) -> None:
    """Receive what is missing where joining was cut off; nothing happens at a desk of no group. Raises a SyncProblem.

    What was received before stays, and is said first.
    """
    address = _address(desk)
    if not address:
        return
    transport = _transport(desk, address)
    try:
        _receive(desk, transport, progress)
    finally:
        transport.close()


def _address(desk: Desk) -> str:
    with desk.database.read() as session:
        found = session.connection().exec_driver_sql("SELECT service_url FROM desk_state WHERE id = 1").scalar()
    return str(found or "")


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


_READING_SHARE = 0.8
"""Of the bar; what is left belongs to proving what was read and making it findable."""


def _worded(reading: "Reading") -> tuple[str, float | None]:
    """What is said of the reading, and how far the bar is."""
    done, whole = f"{reading.rows_done:,}", f"{reading.rows_all:,}"
    if not reading.rows_all:
        return trn("{n} record received", "{n} records received", reading.rows_done), None
    fraction = min(reading.rows_done / reading.rows_all, 1.0)
    if reading.finishing:
        checked = min(reading.rows_checked, reading.rows_all)
        said = tr("All {all} records received; {n} of them checked", all=whole, n=f"{checked:,}")
        return said, _READING_SHARE + (1 - _READING_SHARE) * checked / reading.rows_all
    if reading.about:
        return _with_rest(tr("{done} of about {all} records received", done=done, all=whole), reading), fraction
    if reading.rows_done == reading.rows_before:
        return tr("Going on: {done} of {all} records are here already", done=done, all=whole), fraction * _READING_SHARE
    return _with_rest(_received(reading, done=done, whole=whole), reading), fraction * _READING_SHARE


def _received(reading: "Reading", *, done: str, whole: str) -> str:
    size = f"{reading.bytes_done / 1e6:.1f}"
    if reading.bytes_all is None:
        return tr("{done} of {all} records received ({size} MB)", done=done, all=whole, size=size)
    return tr(
        "{done} of {all} records received ({size} of {whole} MB)", done=done, all=whole, size=size,
        whole=f"{reading.bytes_all / 1e6:.1f}",
    )  # fmt: skip


def _with_rest(said: str, reading: "Reading") -> str:
    if reading.seconds_left is None or reading.rows_done >= reading.rows_all:
        return said
    return tr("{said}, {left}", said=said, left=formats.time_left(reading.seconds_left))
