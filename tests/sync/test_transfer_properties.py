"""Whatever two branches do with their vehicles while apart: each has one owner at every moment, and nothing is lost."""

import contextlib
import json
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from app.kernel.clock import FixedClock
from app.kernel.errors import DomainError
from app.transfers.commands import CancelTransfer, OfferTransfer, RejectTransfer, RequestTransfer
from db.engine import Database
from db.models.inventory import VehicleUnit
from sync.client.errors import SyncProblem
from sync.server.store import Store
from sync.server.upkeep import check
from tests.factories.databases import KEY
from tests.factories.people import HANGZHOU, SHANGHAI
from tests.sync.desks import Desk, customer_of
from tests.sync.transfer_desks import approved, branch_desk, owned, received, revision, run, sent

UNITS = 2
BRANCHES = {"D01": SHANGHAI, "D02": HANGZHOU, "D03": SHANGHAI}
desks = st.sampled_from(sorted(BRANCHES))
faults = st.sampled_from(["", "", "request", "answer", "twice"])
places = st.integers(0, 7)


class Branches(RuleBasedStateMachine):
    """Two desks of one branch and one of another; each meets the centre when it likes, or half meets it."""

    stocked: ClassVar[Path]
    units: ClassVar[list[tuple[str, str, str]]]

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.store = Store(f"sqlite:///{self.folder / 'centre.db'}", pool=2)
        self.store.ensure_schema()
        self.desks: dict[str, Desk] = {}
        for name, branch in BRANCHES.items():
            template = self.stocked if name == "D01" else self.empty
            self.desks[name] = branch_desk(self.store, template, self.folder, name, branch=branch)
        self.known: set[str] = set()
        self.orders: set[str] = set()
        self.believed: dict[str, set[str]] = {}
        for name in ("D01", "D02", "D03", "D01"):
            self._meet(name, "", 1)
        self._note_beliefs()

    empty: ClassVar[Path]

    # --- what people do --------------------------------------------------------------------------

    @rule(name=desks, fault=faults, at=st.integers(1, 4))
    def meet(self, name: str, fault: str, at: int) -> None:
        """A desk exchanges with the centre; something may be lost or doubled on the way."""
        complete = self._meet(name, fault, at)
        self.believed[name] = owned(self.desks[name])
        if complete:
            assert self.believed[name] == self._owned_at_centre(self.desks[name].branch.id)

    @rule(name=desks, place=places)
    def ask(self, name: str, place: int) -> None:
        desk = self.desks[name]
        unit_id, vin, trim_id = self.units[place % UNITS]
        other = SHANGHAI if desk.branch is HANGZHOU else HANGZHOU
        command = RequestTransfer(trim_id=trim_id, from_branch_id=other.id, unit_id=unit_id, vin=vin)
        self._try(desk, lambda: self.known.add(run(desk, command)))

    @rule(name=desks, place=places)
    def offer(self, name: str, place: int) -> None:
        desk = self.desks[name]
        other = SHANGHAI if desk.branch is HANGZHOU else HANGZHOU
        command = OfferTransfer(unit_id=self.units[place % UNITS][0], to_branch_id=other.id)
        self._try(desk, lambda: self.known.add(run(desk, command)))

    @rule(name=desks, place=places, along=st.booleans())
    def approve(self, name: str, place: int, along: bool) -> None:
        self._step(name, place, lambda desk, transfer: approved(desk, transfer, order_along=along))

    @rule(name=desks, place=places)
    def send(self, name: str, place: int) -> None:
        self._step(name, place, sent)

    @rule(name=desks, place=places)
    def receive(self, name: str, place: int) -> None:
        self._step(name, place, received)

    @rule(name=desks, place=places, how=st.sampled_from([RejectTransfer, CancelTransfer]))
    def end(self, name: str, place: int, how: Any) -> None:
        def work(desk: Desk, transfer: str) -> None:
            run(desk, how(transfer_id=transfer, expected_revision=revision(desk, transfer), reason="测试"))

        self._step(name, place, work)

    @rule(name=desks, place=places)
    def sell(self, name: str, place: int) -> None:
        desk = self.desks[name]
        unit = desk.row("vehicle_unit", self.units[place % UNITS][0])
        if unit and unit["deleted_at"] is None and unit["allocation_state"] == "FREE":
            self.orders.add(desk.sell(unit["id"], customer_of(desk).id))

    @rule(name=desks, place=places)
    def edit(self, name: str, place: int) -> None:
        desk = self.desks[name]
        unit = desk.row("vehicle_unit", self.units[place % UNITS][0])
        if unit and unit["deleted_at"] is None:
            desk.set(VehicleUnit, unit["id"], location=f"{name}-{place}")

    # --- what must hold at every moment ----------------------------------------------------------

    @invariant()
    def every_vehicle_has_exactly_one_owner(self) -> None:
        if not hasattr(self, "store"):
            return
        assert check(self.store) == []
        scopes: dict[str, list[str]] = {}
        for scope, vin, branch in self._units_at_centre():
            assert branch == scope
            scopes.setdefault(vin, []).append(scope)
        assert sorted(scopes) == sorted(vin for _, vin, _ in self.units)
        assert all(len(owners) == 1 for owners in scopes.values())

    @invariant()
    def nobody_comes_to_own_a_vehicle_by_himself(self) -> None:
        for name, desk in getattr(self, "desks", {}).items():
            assert owned(desk) == self.believed[name], name

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        try:
            for name in [*BRANCHES, *BRANCHES, *BRANCHES]:
                assert self._meet(name, "", 1)
                self.believed[name] = owned(self.desks[name])
            self._judge()
        finally:
            for desk in self.desks.values():
                desk.database.close()
            self.store.close()
            shutil.rmtree(self.folder)

    def _judge(self) -> None:
        """In the end all hold the same, no transfer has vanished, and no order is without an answer."""
        every: set[str] = set()
        for desk in self.desks.values():
            mine = owned(desk)
            assert mine == self._owned_at_centre(desk.branch.id)
            every |= mine
            listed = dict(desk.rows("SELECT id, state FROM vehicle_transfer"))
            assert self.known <= listed.keys()
            assert desk.rows("SELECT 1 FROM vehicle_transfer WHERE asked_state IS NOT NULL") == []
        assert every == {vin for _, vin, _ in self.units}
        assert not owned(self.desks["D01"]) & owned(self.desks["D02"])
        shared = [desk.snapshot()["vehicle_transfer"] for desk in self.desks.values()]
        assert all(one == shared[0] for one in shared)
        for body in self._bodies("sales_order"):
            assert body["claim_state"] in ("confirmed", "conflict")
        assert self.orders <= {order for (order,) in self._rows("SELECT record_id FROM replica_row")}

    # --- how it is done --------------------------------------------------------------------------

    def _meet(self, name: str, fault: str, at: int) -> bool:
        transport: Any = self.desks[name].engine.transport
        transport.calls.clear()
        transport.plan = lambda called, count: fault if count == at else ""
        try:
            self.desks[name].sync()
        except SyncProblem:
            return False
        finally:
            transport.plan = lambda called, count: ""
        return True

    def _note_beliefs(self) -> None:
        self.believed = {name: owned(desk) for name, desk in self.desks.items()}

    def _step(self, name: str, place: int, work: Any) -> None:
        desk = self.desks[name]
        listed = [row[0] for row in desk.rows("SELECT id FROM vehicle_transfer ORDER BY id")]
        if listed:
            self._try(desk, lambda: work(desk, listed[place % len(listed)]))

    def _try(self, desk: Desk, work: Any) -> None:
        """What the desk itself refuses is not done."""
        with contextlib.suppress(DomainError):
            work()

    def _rows(self, statement: str) -> list[Any]:
        with self.store.read() as connection:
            return list(self.store.run(connection, statement))

    def _bodies(self, table: str) -> list[dict[str, Any]]:
        rows = self._rows(f"SELECT body FROM replica_row WHERE table_name = '{table}' AND deleted = 0")
        return [json.loads(row[0]) for row in rows]

    def _units_at_centre(self) -> list[tuple[str, str, str]]:
        rows = self._rows("SELECT scope, body FROM replica_row WHERE table_name = 'vehicle_unit' AND deleted = 0")
        bodies = [(scope, json.loads(body)) for scope, body in rows]
        return [(scope, body["vin"], body["branch_id"]) for scope, body in bodies]

    def _owned_at_centre(self, branch_id: str) -> set[str]:
        return {vin for scope, vin, _ in self._units_at_centre() if scope == branch_id}


@pytest.fixture(scope="module")
def stocked(database_template: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Shanghai's database with two vehicles, as if it had been seeded; Hangzhou's without."""
    path = tmp_path_factory.mktemp("stocked") / "stocked.db"
    shutil.copyfile(database_template, path)
    database = Database(path, KEY)
    desk = Desk("D00", database, None, FixedClock(datetime.now(UTC)), SHANGHAI, [], [])  # type: ignore[arg-type]
    trim = desk.records.trim()
    made = [desk.records.unit(trim, vin=f"LSVAA4182E218484{i}") for i in range(UNITS)]
    Branches.units = [(unit.id, unit.vin, trim.id) for unit in made]
    with database.exclusive() as connection:
        connection.exec_driver_sql("DELETE FROM outbox_operation")
        connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = 'outbox_operation'")
    database.close()
    Branches.stocked, Branches.empty = path, database_template


def test_every_vehicle_has_one_owner_whatever_happens(stocked: None) -> None:
    run_state_machine_as_test(
        Branches,
        settings=settings(
            max_examples=10, stateful_step_count=24, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
