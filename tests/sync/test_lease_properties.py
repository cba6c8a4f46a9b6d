"""Whatever desks do with leases, offline and by wrong clocks: nothing is sold twice, and who counts on a lease may."""

import json
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from app.leases.queries import all_leases
from app.orders.queries import get_order
from db.engine import Database
from sync.client.errors import SyncProblem
from sync.server.devices import revoke
from sync.server.leases import end_lease, list_leases
from sync.server.store import Store
from sync.server.upkeep import check
from tests.factories.databases import KEY
from tests.sync.desks import Desk, customer_of
from tests.sync.lease_desks import Centre, cut, mend, secure
from tests.sync.test_lease_desks import reader_of

UNITS = 2
AHEAD = {"D01": timedelta(0), "D02": timedelta(minutes=-7), "D03": timedelta(days=365)}
"""How wrong the desks' clocks are from the start."""
names = st.sampled_from(sorted(AHEAD))
places = st.integers(0, UNITS - 1)
lost = st.sampled_from(["", "", "request", "answer", "twice"])


class Leases(RuleBasedStateMachine):
    """Three desks of a branch, two vehicles, and a centre; lines are cut and clocks are set at will."""

    stocked: ClassVar[Path]
    units: ClassVar[list[tuple[str, str]]]
    customer: ClassVar[str]

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        store = Store(f"sqlite:///{self.folder / 'centre.db'}", pool=2)
        store.ensure_schema()
        self.centre = Centre(store)
        self.desks = {
            name: self.centre.desk(self.stocked, self.folder, name, ahead=ahead) for name, ahead in AHEAD.items()
        }
        for desk in (*self.desks.values(), *self.desks.values()):
            desk.sync()
        self.promised: dict[str, int] = {}
        """Orders made under a lease that counted, and the centre's time until which it did."""
        self.ended: set[str] = set()
        """Vehicles whose lease the headquarters ended: what was counted on is not promised any more."""

    # --- what people do, and what happens to them ------------------------------------------------

    @rule(name=names, place=places, hours=st.sampled_from([1, 4, 24]), fault=lost)
    def secure(self, name: str, place: int, hours: int, fault: str) -> None:
        self._asked(name, fault, lambda desk: secure(desk, self.units[place][1], hours=hours))

    @rule(name=names, place=places)
    def give_back(self, name: str, place: int) -> None:
        self.desks[name].engine.leases.give_back([self.units[place][1]])

    @rule(name=names, fault=lost)
    def keep(self, name: str, fault: str) -> None:
        self._asked(name, fault, lambda desk: desk.engine.leases.keep())

    @rule(name=names, fault=lost)
    def meet(self, name: str, fault: str) -> None:
        self._asked(name, fault, lambda desk: desk.sync())

    @rule(name=names, place=places)
    def sell(self, name: str, place: int) -> None:
        desk, (unit_id, vin) = self.desks[name], self.units[place]
        if desk.row("vehicle_unit", unit_id)["allocation_state"] != "FREE":
            return
        order = desk.sell(unit_id, self.customer)
        self._note(desk, order, vin)

    @rule(name=names, other=names, place=places, pause=st.sampled_from([0, 30, 61, 250]))
    def race(self, name: str, other: str, place: int, pause: int) -> None:
        """What it is all about: one sells under a lease and is silent, another sells and tells the centre at once."""
        self.secure(name, place, 4, "")
        self.sell(name, place)
        self.wait(pause)
        self.meet(other, "")
        self.sell(other, place)
        self.meet(other, "")
        self.meet(name, "")

    @rule(name=names, place=places)
    def cancel(self, name: str, place: int) -> None:
        desk = self.desks[name]
        order = desk.row("vehicle_unit", self.units[place][0])["order_id"]
        if order and desk.row("sales_order", order).get("state") == "CONFIRMED":
            desk.cancel(order)
            self.promised.pop(order, None)

    @rule(minutes=st.sampled_from([1, 30, 61, 250, 1450]))
    def wait(self, minutes: int) -> None:
        self.centre.wait(timedelta(minutes=minutes))

    @rule(name=names, minutes=st.sampled_from([-600, -30, 30, 525_600]))
    def set_clock(self, name: str, minutes: int) -> None:
        """Somebody sets a desk's clock; the desk looked at it a moment before, as it does every few minutes."""
        desk = self.desks[name]
        desk.clock.advance(timedelta(minutes=6))
        desk.engine.leases.note_time()
        desk.clock.advance(timedelta(minutes=minutes - 6))

    @rule(place=places)
    def end_at_headquarters(self, place: int) -> None:
        vin = self.units[place][1]
        known = end_lease(self.centre.store, "main", vin, now=self.centre.now_ms * 1000)
        if known is not None:
            self.ended.add(vin)
            self._forget(vin)

    @rule()
    def revoke_the_third(self) -> None:
        device = self.desks["D03"].engine.transport.credentials.load().device_id
        revoke(self.centre.store, "main", device, now=self.centre.now_ms * 1000)
        self.promised = {order: until for order, until in self.promised.items() if order not in self._orders_of("D03")}

    # --- what must hold at every moment ----------------------------------------------------------

    @invariant()
    def at_most_one_order_a_vehicle_is_confirmed(self) -> None:
        if not hasattr(self, "centre"):
            return
        live: dict[str, int] = {}
        for body in self._orders().values():
            if body["claim_state"] == "confirmed" and body["state"] != "CANCELLED":
                live[body["vehicle_unit_id"]] = live.get(body["vehicle_unit_id"], 0) + 1
        assert all(count == 1 for count in live.values()), live
        assert check(self.centre.store) == []

    @invariant()
    def what_a_desk_counts_on_the_centre_keeps_for_it(self) -> None:
        """The heart of it: whatever was lost, however clocks were set."""
        if not hasattr(self, "centre"):
            return
        now = self.centre.now_ms * 1000
        known = list_leases(self.centre.store, "main", now=now)
        kept = {one.lease.vin: one.lease.device_id for one in known if one.lives}
        for name, desk in self.desks.items():
            device = desk.engine.transport.credentials.load().device_id
            if name == "D03" and self._is_revoked(device):
                continue
            with desk.database.read() as session:
                counted = [row.vin for row in all_leases(session, now=desk.clock.now()) if row.counts]
            for vin in counted:
                assert vin in self.ended or kept.get(vin) == device, (name, vin)

    def teardown(self) -> None:
        if not hasattr(self, "centre"):
            return
        try:
            for name in [*AHEAD, *AHEAD, *AHEAD]:
                self._asked(name, "", lambda desk: desk.sync())
            self._judge()
        finally:
            self.centre.close()
            shutil.rmtree(self.folder)

    def _judge(self) -> None:
        """All have met: every order is answered, and replicas are identical."""
        self.at_most_one_order_a_vehicle_is_confirmed()
        orders = self._orders()
        for body in orders.values():
            assert body["claim_state"] in ("confirmed", "conflict", "released")
        good = [desk for name, desk in self.desks.items() if name != "D03"]
        assert good[0].snapshot() == good[1].snapshot()

    # --- how it is done --------------------------------------------------------------------------

    def _asked(self, name: str, fault: str, work: Any) -> None:
        desk = self.desks[name]
        before = self.centre.now_ms * 1000
        waiting = {order: until for order, until in self.promised.items() if order in self._orders_of(name)}
        cut(desk, fault)
        try:
            work(desk)
        except SyncProblem:
            pass
        finally:
            mend(desk)
        answered = self._orders()
        for order, until in waiting.items():
            body = answered.get(order)
            if body is not None:
                assert body["claim_state"] == "confirmed" or before >= until, (order, body)
                self.promised.pop(order, None)

    def _note(self, desk: Desk, order: str, vin: str) -> None:
        with desk.database.read() as session:
            security = get_order(reader_of(desk, session), order).security
        if security is not None and security.counts and vin not in self.ended:
            self.promised[order] = int(security.until.timestamp() * 1_000_000)

    def _forget(self, vin: str) -> None:
        unit = next(unit_id for unit_id, one in self.units if one == vin)
        for desk in self.desks.values():
            for (order,) in desk.rows("SELECT id FROM sales_order WHERE vehicle_unit_id = ?", unit):
                self.promised.pop(order, None)

    def _orders_of(self, name: str) -> set[str]:
        desk = self.desks[name]
        return {row[0] for row in desk.rows("SELECT id FROM sales_order WHERE number LIKE ?", f"%-{name}-%")}

    def _is_revoked(self, device: str) -> bool:
        with self.centre.store.read() as connection:
            found = self.centre.store.run(connection, "SELECT revoked_at FROM device WHERE device_id = ?", (device,))
            return found.scalar() is not None

    def _orders(self) -> dict[str, dict[str, Any]]:
        with self.centre.store.read() as connection:
            rows = self.centre.store.run(
                connection, "SELECT record_id, body FROM replica_row WHERE table_name = 'sales_order' AND deleted = 0"
            ).fetchall()
        return {row[0]: json.loads(row[1]) for row in rows}


@pytest.fixture(scope="module")
def stocked(database_template: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A branch with two vehicles and a customer, as if every desk had been seeded alike."""
    from datetime import UTC, datetime

    from app.kernel.clock import FixedClock
    from tests.factories.people import SHANGHAI

    path = tmp_path_factory.mktemp("stocked") / "stocked.db"
    shutil.copyfile(database_template, path)
    database = Database(path, KEY)
    desk = Desk("D00", database, None, FixedClock(datetime.now(UTC)), SHANGHAI, [], [])  # type: ignore[arg-type]
    trim = desk.records.trim()
    made = [desk.records.unit(trim, vin=f"LSVAA4182E218484{i}") for i in range(UNITS)]
    Leases.units = [(unit.id, unit.vin) for unit in made]
    Leases.customer = customer_of(desk).id
    with database.exclusive() as connection:
        connection.exec_driver_sql("DELETE FROM outbox_operation")
        connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = 'outbox_operation'")
    database.close()
    Leases.stocked = path


def test_nothing_is_sold_twice_and_a_lease_that_counts_is_kept(stocked: None) -> None:
    run_state_machine_as_test(
        Leases,
        settings=settings(
            max_examples=12, stateful_step_count=30, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
