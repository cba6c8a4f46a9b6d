"""Joins a desk to a service with a one-time code."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.kernel.clock import SystemClock
from app.runtime.paths import Profile
from db.base import replicated_models
from db.engine import Database
from db.types import microseconds
from sync.client.connection import DirectConnection
from sync.client.credentials import SealedCredentials
from sync.client.healing import FROM_THE_START, take_identity
from sync.client.outbox import read_acknowledged
from sync.client.transport import HttpTransport


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Who this desk is from now on."""

    branch_id: str
    branch_code: str
    desk_code: str


def enrol(database: Database, transport: HttpTransport, *, code: str, now: datetime) -> Enrolled:
    """Exchange the code, keep the credentials, take the identity over.

    A desk with data keeps it and shows it to the centre at the next exchange; an empty one receives everything.
    Raises SyncProblem: EnrolmentCodeRefused, BranchDiffers, BranchUnknown, or that the service is not there.
    """
    with database.read() as session:
        connection = session.connection()
        acknowledged = read_acknowledged(connection)
        branch_id = connection.exec_driver_sql(
            "SELECT branch_id FROM desk_state WHERE id = 1 AND EXISTS (SELECT 1 FROM branch b WHERE b.id = branch_id)"
        ).scalar()
    answer = transport.enrol(
        code=code.strip(), branch_id=branch_id or "", after_n=acknowledged.n, after_hash=acknowledged.hash
    )
    take_identity(database, answer)
    _note(database, answer, address=transport.address, now=now)
    return Enrolled(str(answer["branch_id"]), str(answer["branch_code"]), str(answer["desk_code"]))


def _note(database: Database, answer: dict[str, Any], *, address: str, now: datetime) -> None:
    """Nothing here counts as known to a service this desk has not spoken to before."""
    with database.exclusive() as raw:
        connection = DirectConnection(raw)
        known = connection.exec_driver_sql("SELECT epoch FROM desk_state WHERE id = 1").scalar()
        if known != answer["epoch"]:
            for table in replicated_models():
                connection.exec_driver_sql(f"UPDATE {table} SET ver = 0, seq = NULL WHERE ver <> 0")
            # The scopes stay known, as when a centre comes from a backup: one that is taken away has to be named.
            connection.exec_driver_sql(FROM_THE_START)
        connection.exec_driver_sql(
            "UPDATE desk_state SET branch_id = ?, desk_code = ?, service_url = ?, enrolled_at = ?, epoch = ?,"
            " publish_due = 1, names_heard = 0 WHERE id = 1",
            (
                answer["branch_id"], answer["desk_code"], address, microseconds(now), answer["epoch"],
            ),
        )  # fmt: skip


def enrol_desk(database: Database, profile: Profile, key: bytes, *, address: str, code: str) -> Enrolled:
    """The same for a desk that keeps its credentials in its profile, sealed under the database's key."""
    transport = HttpTransport(address, SealedCredentials(profile, key))
    try:
        return enrol(database, transport, code=code, now=SystemClock().now())
    finally:
        transport.close()
