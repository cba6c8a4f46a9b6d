"""Seals the contracts of a database one after the other and tells each one it has stored; started to be killed."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from app.contracts.commands import SealContract
from app.contracts.keys.held_keys import HeldKeys, use_signing_keys
from app.contracts.preparing import prepare_seal
from app.contracts.queries import get_contract, list_contracts
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Role
from db.engine import Database
from tests.factories.databases import KEY
from tests.factories.people import actor_of, staff_of


def main(file: str, keys: str) -> None:
    """Seal everything that is signed in `file`, with the keys in the file `keys`."""
    database = Database(Path(file), KEY)
    use_signing_keys(HeldKeys.from_text(Path(keys).read_text(encoding="ascii")))
    dispatcher = Dispatcher(database, clock=FixedClock(datetime(2026, 11, 22, 5, 0, tzinfo=UTC)))
    actor = actor_of(staff_of(Role.SALESPERSON))
    waiting = dispatcher.read(list_contracts, actor, state="SIGNED")
    dispatcher.read(prepare_seal, actor, waiting[0].id)
    print("ready", flush=True)
    for row in waiting:
        prepared = dispatcher.read(prepare_seal, actor, row.id)
        revision = dispatcher.read(get_contract, actor, row.id).row.revision
        dispatcher.execute(SealContract(contract_id=row.id, expected_revision=revision, prepared=prepared), actor)
        print(row.id, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
