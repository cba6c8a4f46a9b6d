"""Stores one time-stamped document in a database and says so; started to be killed."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from app.contracts.stamping_commands import PreparedStamp, StampContract
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Role
from db.engine import Database
from tests.factories.databases import KEY
from tests.factories.people import actor_of, staff_of


def main(file: str, pdf: str, contract_id: str, before: str, digest: str, at: str, ends_at: str) -> None:
    """Store what was made in the database `file`."""
    database = Database(Path(file), KEY)
    dispatcher = Dispatcher(database, clock=FixedClock(datetime(2026, 11, 22, 5, 0, tzinfo=UTC)))
    made = PreparedStamp(
        contract_id=contract_id, before_digest=before, digest=digest, at=datetime.fromisoformat(at),
        ends_at=datetime.fromisoformat(ends_at), content=Path(pdf).read_bytes(),
    )  # fmt: skip
    print("ready", flush=True)
    dispatcher.execute(StampContract(contract_id=contract_id, prepared=made), actor_of(staff_of(Role.SALESPERSON)))
    print("stored", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
