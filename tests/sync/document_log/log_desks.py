"""Desks that watch the centre's log of sealed documents, and what they know of it."""

from datetime import timedelta

from app.document_log.queries import LogRow, proof_of, read_log
from app.kernel.unit_of_work import Reader
from sync.protocol.document_log import Fault, LogProof
from tests.sync.desks import Desk
from tests.sync.lease_desks import Centre
from tests.sync.sealed_documents import digest_of, logged, seal

DAY = timedelta(days=1)


def agree(desk: Desk) -> None:
    """What the runner does."""
    desk.sync()
    desk.engine.keep_log()


def log_of(desk: Desk) -> LogRow:
    with desk.database.read() as session:
        return read_log(Reader(session, actor=desk.actor(), now=desk.clock.now()))


def alarms(desk: Desk) -> list[Fault]:
    """What is wrong with the log as this desk sees it, the newest first."""
    return [alarm.kind for alarm in log_of(desk).open_alarms]


def proof(desk: Desk, name: str) -> LogProof | None:
    with desk.database.read() as session:
        return proof_of(session, digest_of(name))


def asked(desk: Desk) -> int:
    """How often this desk asked the centre anything."""
    return int(desk.engine.transport.calls.get("ask", 0))


def tampered(centre: Centre, desk: Desk) -> list[str]:
    """Three entries, seen by the desk; their digests."""
    seal(desk, "one", "two", "three")
    agree(desk)
    assert log_of(desk).entries == 3
    centre.wait(DAY)
    return logged(centre.store)
