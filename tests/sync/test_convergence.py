"""Whatever desks do, in whatever order they meet the centre: in the end all hold the same, nothing is sold twice."""

import contextlib
import itertools
import json
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kernel.clock import FixedClock
from app.kernel.permissions import Role
from db.engine import Database
from db.models.customers import Customer
from sync.client.engine import SyncEngine
from sync.client.enrolment import enrol
from sync.client.errors import SyncProblem
from sync.server.devices import make_code
from sync.server.store import Store
from sync.server.upkeep import check
from tests.factories.databases import KEY
from tests.factories.people import SHANGHAI
from tests.sync.desks import Desk, customer_of
from tests.sync.direct_transport import DirectTransport
from tests.sync.losing_transport import LosingTransport

DESKS = 3
UNITS = 2
ROLES = (Role.SALESPERSON, Role.BRANCH_MANAGER, Role.ADMINISTRATOR)

desks = st.integers(0, DESKS - 1)
actions = st.one_of(
    st.tuples(st.just("sync"), desks, st.sampled_from(["", "request", "answer"]), st.integers(1, 4)),
    st.tuples(st.just("edit"), desks, st.integers(0, 1), st.sampled_from(["note", "address", "email"])),
    st.tuples(st.just("sell"), desks, st.integers(0, UNITS - 1), st.just(0)),
    st.tuples(st.just("cancel"), desks, st.integers(0, 5), st.just(0)),
    st.tuples(st.just("claim_again"), desks, st.integers(0, 5), st.just(0)),
    st.tuples(st.just("hold"), desks, st.integers(0, UNITS - 1), st.just(0)),
    st.tuples(st.just("create"), desks, st.just(0), st.just(0)),
    st.tuples(st.just("delete"), desks, st.just(2), st.just(0)),
)


class World:
    """Three desks of one branch that hold the same two customers and two units, and a centre."""

    def __init__(self, folder: Path, stocked: Path, ids: tuple[list[str], list[str]]) -> None:
        self.store = Store(f"sqlite:///{folder / 'service.db'}", pool=2)
        self.store.ensure_schema()
        self.customers, self.units = list(ids[0]), list(ids[1])
        self.desks = [self._desk(folder, stocked, f"D{number:02d}") for number in range(DESKS)]
        self.orders: dict[str, str] = {}
        self._words = itertools.count()
        for desk in self.desks:
            desk.sync()

    def _desk(self, folder: Path, stocked: Path, name: str) -> Desk:
        path = folder / f"{name}.db"
        shutil.copyfile(stocked, path)
        database, clock = Database(path, KEY), FixedClock(datetime.now(UTC))
        transport: Any = LosingTransport(DirectTransport(self.store), lambda called, count: "")  # type: ignore[arg-type]
        code = make_code(
            self.store, tenant="main", branch_code="SH01", desk_code=name, scopes="*", role="administrator",
            now=int(clock.now().timestamp() * 1e6), seconds=600,
        )  # fmt: skip
        enrol(database, transport, code=code, now=clock.now())
        engine = SyncEngine(database, transport, clock=clock, page_rows=7, batch_operations=5)
        return Desk(name, database, engine, clock, SHANGHAI, [], [])

    def act(self, what: str, number: int, choice: Any, detail: Any) -> None:
        """One step of one desk; steps that make no sense there are passed over."""
        desk = self.desks[number]
        if what == "sync":
            self._sync(desk, choice, detail)
        elif what == "edit":
            desk.set(Customer, self.customers[choice], **{detail: f"{desk.name} {next(self._words)}"})
        elif what == "create":
            customer_of(desk, name=f"客户 {next(self._words)}")
        elif what == "delete":
            self._delete(desk)
        elif what == "hold" and self._state(desk, self.units[choice]) == "FREE":
            desk.hold(self.units[choice], minutes=30, role=ROLES[number])
        elif what == "sell" and self._state(desk, self.units[choice]) == "FREE":
            order = desk.sell(self.units[choice], self.customers[0])
            self.orders[order] = self.units[choice]
        elif what in ("cancel", "claim_again"):
            self._reconsider(desk, what, choice)

    def _state(self, desk: Desk, unit: str) -> str:
        return str(desk.row("vehicle_unit", unit)["allocation_state"])

    def _sync(self, desk: Desk, lost: str, at: int) -> None:
        transport: Any = desk.engine.transport
        transport.calls.clear()
        transport.plan = lambda name, count: lost if count == at else ""
        with contextlib.suppress(SyncProblem):
            desk.sync()
        transport.plan = lambda name, count: ""

    def _delete(self, desk: Desk) -> None:
        mine = desk.rows("SELECT id FROM customer WHERE deleted_at IS NULL AND name LIKE '客户 %' ORDER BY id LIMIT 1")
        if mine:
            desk.delete(Customer, mine[0][0])

    def _reconsider(self, desk: Desk, what: str, choice: int) -> None:
        known = [order for order in self.orders if desk.row("sales_order", order)]
        if not known:
            return
        order = known[choice % len(known)]
        row = desk.row("sales_order", order)
        if what == "cancel" and row["state"] != "CANCELLED":
            desk.cancel(order)
        elif what == "claim_again" and row["claim_state"] == "conflict" and row["state"] != "CANCELLED":
            desk.claim_again(order)

    def settle(self) -> None:
        """Let everybody meet the centre until nobody has anything new."""
        for _ in range(3):
            for desk in self.desks:
                desk.sync()

    def close(self) -> None:
        for desk in self.desks:
            desk.database.close()
        self.store.close()


def _judge(world: World) -> None:
    first = world.desks[0].snapshot()
    for desk in world.desks[1:]:
        assert desk.snapshot() == first
    assert check(world.store) == []
    with world.store.read() as connection:
        rows = world.store.run(
            connection, "SELECT record_id, body FROM replica_row WHERE table_name = 'sales_order'"
        ).fetchall()
        claims = world.store.run(connection, "SELECT vin, kind, holder_id FROM vehicle_claim").fetchall()
    at_centre = {row[0]: json.loads(row[1]) for row in rows}
    assert set(world.orders) <= set(at_centre)  # every order ever committed at a desk
    live = {
        order: fields for order, fields in at_centre.items() if fields["state"] != "CANCELLED"
    }  # fmt: skip
    holders = {claim[2] for claim in claims if claim[1] == "order"}
    for unit in world.units:
        confirmed = [
            order for order, fields in live.items()
            if fields["vehicle_unit_id"] == unit and fields["claim_state"] == "confirmed"
        ]  # fmt: skip
        assert len(confirmed) <= 1
        assert set(confirmed) <= holders
    for fields in live.values():
        assert fields["claim_state"] in ("confirmed", "conflict")
        assert (fields["claim_state"] == "conflict") == bool(fields.get("claim_winner"))
    numbers = [fields["final_number"] for fields in at_centre.values() if fields.get("final_number")]
    assert len(set(numbers)) == len(numbers)


def _stocked(template: Path, folder: Path) -> tuple[Path, tuple[list[str], list[str]]]:
    """A database with what the desks start from, as if it had been seeded: version 0, nothing to send."""
    path = folder / "stocked.db"
    shutil.copyfile(template, path)
    database = Database(path, KEY)
    desk = Desk("D00", database, None, FixedClock(datetime.now(UTC)), SHANGHAI, [], [])  # type: ignore[arg-type]
    customers = [customer_of(desk, name=name).id for name in ("张伟", "李娜")]
    trim = desk.records.trim()
    units = [desk.records.unit(trim, vin=f"LSVAA4182E218484{i}").id for i in range(UNITS)]
    with database.exclusive() as connection:
        connection.exec_driver_sql("DELETE FROM outbox_operation")
        connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = 'outbox_operation'")
    database.close()
    return path, (customers, units)


_prepared: dict[Path, tuple[Path, tuple[list[str], list[str]]]] = {}


@settings(
    max_examples=12, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(steps=st.lists(actions, min_size=5, max_size=22))
def test_desks_converge_whatever_happens(
    database_template: Path, tmp_path_factory: Any, steps: list[tuple[str, int, Any, Any]]
) -> None:
    if database_template not in _prepared:
        _prepared[database_template] = _stocked(database_template, tmp_path_factory.mktemp("stocked"))
    path, ids = _prepared[database_template]
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), path, ids)
        try:
            for step in steps:
                world.act(*step)
            world.settle()
            _judge(world)
        finally:
            world.close()
