"""Desks of different branches for tests of transfers: each reads its own branch and what all share."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.kernel.clock import FixedClock
from app.kernel.commands import Command
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Role
from app.transfers.commands import ApproveTransfer, ReceiveTransfer, RequestTransfer, SendOff
from db.engine import Database
from sync.client.engine import SyncEngine
from sync.client.enrolment import enrol
from sync.server.devices import make_code
from sync.server.store import Store
from tests.factories.databases import open_copy
from tests.factories.people import HANGZHOU, SHANGHAI, BranchFixture
from tests.sync.desks import Desk
from tests.sync.direct_transport import DirectTransport
from tests.sync.losing_transport import LosingTransport


def branch_desk(
    store: Store, template: Path, folder: Path, name: str, *, branch: BranchFixture, scopes: Any = ()
) -> Desk:
    """A desk of a branch at a centre in this process; it reads that branch and the group unless told more."""
    database = open_copy(template, folder / f"{name}.db", branch_id=branch.id, desk_code=name)
    clock = FixedClock(datetime.now(UTC))
    transport: Any = LosingTransport(DirectTransport(store), lambda called, count: "")  # type: ignore[arg-type]
    code = make_code(
        store, tenant="main", branch_code=branch.code, desk_code=name, scopes=scopes, role="administrator",
        now=int(clock.now().timestamp() * 1e6), seconds=600,
    )  # fmt: skip
    enrol(database, transport, code=code, now=clock.now())
    engine = SyncEngine(database, transport, clock=clock, page_rows=7, batch_operations=5)
    return Desk(name, database, engine, clock, branch, [], [])


def run(desk: Desk, command: Command, *, role: Role = Role.BRANCH_MANAGER) -> Any:
    """Give a command at a desk as its branch's manager; returns what the handler returned."""
    return dispatcher_of(desk).execute(command, desk.actor(role)).value


def dispatcher_of(desk: Desk) -> Dispatcher:
    """The way in for commands at this desk."""
    return Dispatcher(desk.database, clock=desk.clock)


def wanted(desk: Desk, unit: Any, *, owner: BranchFixture = SHANGHAI) -> str:
    """Ask another branch for one of its vehicles; the transfer's id."""
    command = RequestTransfer(
        trim_id=unit.trim_id, from_branch_id=owner.id, unit_id=unit.id, vin=unit.vin, stock_number=unit.stock_number,
        exterior_colour=unit.exterior_colour,
    )  # fmt: skip
    return str(run(desk, command))


def revision(desk: Desk, transfer_id: str) -> int:
    """What a command about the transfer has to expect."""
    return int(desk.row("vehicle_transfer", transfer_id)["revision"])


def approved(desk: Desk, transfer_id: str, **values: Any) -> None:
    """The manager of the owning branch agrees."""
    run(desk, ApproveTransfer(transfer_id=transfer_id, expected_revision=revision(desk, transfer_id), **values))


def sent(desk: Desk, transfer_id: str) -> None:
    """The vehicle leaves the yard."""
    command = SendOff(
        transfer_id=transfer_id, expected_revision=revision(desk, transfer_id), carrier="安吉物流", driver="陈师傅",
        keys=2, certificate_by="ALONG", odometer_km=12, freight=Decimal("800.00"),
    )  # fmt: skip
    run(desk, command)


def received(desk: Desk, transfer_id: str, **values: Any) -> None:
    """The vehicle stands in the other yard."""
    given: dict[str, Any] = {
        "odometer_km": 190, "condition": "GOOD", "keys_arrived": 2, "certificate_arrived": True, "location": "B-07",
    }  # fmt: skip
    given |= values
    run(desk, ReceiveTransfer(transfer_id=transfer_id, expected_revision=revision(desk, transfer_id), **given))


def owned(desk: Desk) -> set[str]:
    """The VINs this desk believes its branch to own."""
    rows = desk.rows(
        "SELECT vin FROM vehicle_unit WHERE deleted_at IS NULL AND branch_id = ? AND scope = ?",
        desk.branch.id, desk.branch.id,
    )  # fmt: skip
    return {row[0] for row in rows}


def state(desk: Desk, transfer_id: str) -> tuple[Any, Any]:
    """What the centre has said, and what this desk has asked for beyond it."""
    row = desk.row("vehicle_transfer", transfer_id)
    return row.get("state"), row.get("asked_state")


def open_tasks(desk: Desk) -> set[str]:
    """Kinds of what is to be done in the desk's branch."""
    rows = desk.rows("SELECT kind FROM task WHERE state = 'OPEN' AND branch_id = ?", desk.branch.id)
    return {row[0] for row in rows}


def close(*desks: Desk) -> None:
    """End of the test."""
    for desk in desks:
        desk.database.close()


__all__ = [
    "HANGZHOU", "SHANGHAI", "Database", "approved", "branch_desk", "close", "open_tasks", "owned", "received", "run",
    "sent", "state", "wanted",
]  # fmt: skip
