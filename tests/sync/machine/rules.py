"""The machine: people, networks, clocks and disks do what they like, one step at a time.

One hypothesis rule draws what happens, at which desk and with which of the things there; how often each kind of step
is drawn is said beside it. `Machine.steps` counts the steps over all runs of this process.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.inventory.commands import HoldUnit, ReleaseUnit
from app.kernel.permissions import Role
from app.orders.commands import CancelOrder, PlaceOrder, ResolveClaimConflict
from app.payments.commands import ReceivePayment
from app.quotations.commands import DraftQuotation, QuotationTerms
from app.transfers.commands import CancelTransfer, OfferTransfer, RejectTransfer, RequestTransfer
from db.models.catalog import Trim
from db.models.contracts import Contract
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from tests.factories.people import HANGZHOU, SHANGHAI
from tests.sync.desks import Desk, customer_of
from tests.sync.machine import rights  # noqa: F401 - its kinds of steps are drawn as well
from tests.sync.machine.centre import DAY_MS
from tests.sync.machine.network import Fault
from tests.sync.machine.oracle import judge
from tests.sync.machine.station import Station
from tests.sync.machine.steps import (
    COMMON,
    DRAWN,
    NOW_AND_THEN,
    OFTEN,
    SELDOM,
    STEPS,
    order_of,
    person_of,
    step,
    unit_of,
    world_of,
)
from tests.sync.machine.world import Template, World
from tests.sync.transfer_desks import approved, received, sent

MOST_STATIONS = 7
SKEWS = (
    timedelta(), timedelta(minutes=2), timedelta(minutes=-3), timedelta(minutes=4, seconds=59), timedelta(minutes=10),
    timedelta(seconds=-2), timedelta(hours=-1), timedelta(hours=3), timedelta(days=-2), timedelta(days=1),
    timedelta(days=365), timedelta(days=-365),
)  # fmt: skip
"""How far desks' clocks are off. Up to five minutes ahead their times stand; beyond, the centre cuts them."""
PASSING = (0.0, 90.0, 2000.0, -30.0)
FAULTS = tuple(Fault)
LINES = ("out", "in", "flapping", "")
class Machine(RuleBasedStateMachine):
    """Two to five desks over two branches, and a centre."""

    template: ClassVar[Template]
    steps: ClassVar[int] = 0
    runs: ClassVar[int] = 0
    taken: ClassVar[Counter[str]] = Counter()
    met: ClassVar[Counter[str]] = Counter()
    world: World | None = None

    @initialize(count=st.integers(2, 5))
    def begin(self, count: int) -> None:
        self.world = World(self.template, desks=count)
        type(self).runs += 1

    @rule(what=st.deferred(lambda: st.sampled_from(DRAWN)), desk=st.integers(0, 6), place=st.integers(0, 11),
          more=st.integers(0, 23))  # fmt: skip
    def step(self, what: str, desk: int, place: int, more: int) -> None:
        assert self.world is not None
        type(self).steps += 1
        type(self).taken[what] += 1
        self.world.tick()
        STEPS[what](self, self.world.pick(desk), place, more)

    @invariant()
    def the_centre_is_sound(self) -> None:
        """The service's own check of its whole database; the places of every request were proved already."""
        if self.world is not None and self.world.centre.is_changed:
            findings = self.world.centre.findings()
            assert not findings, f"check: {findings}"
            self.world.centre.is_changed = False

    def teardown(self) -> None:
        if self.world is None:
            return
        try:
            self.world.settle()
            judge(self.world)
            type(self).met.update(self.world.network.counts)
        finally:
            self.world.close()


# --- people -------------------------------------------------------------------------------------


@step(COMMON)
def sell(machine: Machine, station: Station, place: int, more: int) -> None:
    unit = unit_of(station, place)
    if unit is not None:
        world_of(machine).sell(station, unit["id"])


@step(OFTEN)
def hold(machine: Machine, station: Station, place: int, more: int) -> None:
    unit = unit_of(station, place)
    if unit is not None:
        customer = person_of(station, place) if more % 2 else None
        station.run(HoldUnit(unit_id=unit["id"], customer_id=customer), Role.SALESPERSON)


@step(NOW_AND_THEN)
def release(machine: Machine, station: Station, place: int, more: int) -> None:
    unit = unit_of(station, place)
    if unit is not None:
        station.run(ReleaseUnit(unit_id=unit["id"], reason="测试"))


@step(OFTEN)
def cancel(machine: Machine, station: Station, place: int, more: int) -> None:
    order = order_of(station, place)
    if order is not None:
        station.run(CancelOrder(order_id=order["id"], expected_revision=order["revision"], reason="测试"))


@step(OFTEN)
def resolve(machine: Machine, station: Station, place: int, more: int) -> None:
    """An order that lost asks again for its vehicle, takes another one, or is given up."""
    order = order_of(station, place, lost=True)
    if order is None:
        return
    if more % 3 == 0:
        station.do(lambda at: at.claim_again(order["id"]))
        return
    free = station.ids("SELECT id FROM vehicle_unit WHERE allocation_state = 'FREE' AND deleted_at IS NULL ORDER BY id")
    other = more % 3 == 1 and free
    station.run(
        ResolveClaimConflict(
            order_id=order["id"], expected_revision=order["revision"], reason="测试",
            resolution="choose_other_unit" if other else "cancel", vehicle_unit_id=free[0] if other else None,
        )
    )  # fmt: skip


@step(OFTEN)
def pay(machine: Machine, station: Station, place: int, more: int) -> None:
    order = order_of(station, place)
    if order is not None:
        amount = Decimal("1000.00")
        station.run(
            ReceivePayment(order_id=order["id"], kind="instalment", method="cash", amount=amount), Role.ADMINISTRATOR
        )


@step(NOW_AND_THEN)
def lock_a_contract(machine: Machine, station: Station, place: int, more: int) -> None:
    """A contract over an order stands; is sealed, perhaps anew, as one that gets a time-stamp later is; or somebody
    tries to change it, which the centre refuses."""
    order = order_of(station, place)
    if order is None:
        return
    known = station.ids("SELECT id FROM contract WHERE order_id = ? AND deleted_at IS NULL", order["id"])
    word = world_of(machine).word()
    digest = hashlib.sha256(word.encode()).hexdigest()
    if known:
        changes = {"state": "SEALED", "sealed_digest": digest} if more % 2 else {"number": word}
        station.do(lambda at: at.set(Contract, known[0], **changes))
        return
    contract = Contract(
        branch_id=order["branch_id"], number=word, order_id=order["id"], customer_id=order["customer_id"],
        state="SEALED" if more % 2 else "LOCKED", template_code="vehicle_sale", template_version="1",
        sealed_digest=digest if more % 2 else "",
    )  # fmt: skip
    station.do(lambda at: at.do(lambda uow: uow.add(contract) and None))


@step(OFTEN)
def offer(machine: Machine, station: Station, place: int, more: int) -> None:
    """A quotation with its lines; perhaps an order out of it."""
    unit, customer = unit_of(station, place), person_of(station, more)
    if unit is None or customer is None:
        return
    terms = QuotationTerms(vehicle_unit_id=unit["id"], vessel_tax=Decimal("420.00"))
    drafted = station.run(DraftQuotation(customer_id=customer, terms=terms), Role.SALESPERSON)
    if drafted is None or more % 2:
        return
    placed = station.run(
        PlaceOrder(quotation_id=drafted.quotation_id, expected_revision=drafted.revision), Role.SALESPERSON
    )
    if placed is not None:
        world_of(machine).note_sale(station, placed.order_id, bound="")


@step(OFTEN)
def edit_a_customer(machine: Machine, station: Station, place: int, more: int) -> None:
    customer = person_of(station, place)
    if customer is not None:
        field, word = ("note", "address", "email")[more % 3], world_of(machine).word()
        station.do(lambda at: at.set(Customer, customer, **{field: word}))


@step(NOW_AND_THEN)
def create_a_customer(machine: Machine, station: Station, place: int, more: int) -> None:
    word = world_of(machine).word()
    station.do(lambda at: customer_of(at, name=word, branch_id=station.branch.id))


@step(NOW_AND_THEN)
def delete_a_customer(machine: Machine, station: Station, place: int, more: int) -> None:
    """Deleting meets edits, and orders and payments that need the customer."""
    customer = person_of(station, place, last=True)
    if customer is not None:
        station.do(lambda at: at.delete(Customer, customer))


@step(SELDOM)
def delete_an_order(machine: Machine, station: Station, place: int, more: int) -> None:
    """An order that lost its vehicle; payments and contracts of other desks may need it."""
    order = order_of(station, place, lost=True)
    if order is not None:
        station.do(lambda at: at.delete(SalesOrder, order["id"]))


@step(NOW_AND_THEN)
def edit_a_unit(machine: Machine, station: Station, place: int, more: int) -> None:
    unit, word = unit_of(station, place), world_of(machine).word()
    if unit is not None:
        station.do(lambda at: at.set(VehicleUnit, unit["id"], location=word))


@step(SELDOM)
def delete_a_unit(machine: Machine, station: Station, place: int, more: int) -> None:
    """A vehicle entered by mistake; one that is sold or held stays."""
    unit = unit_of(station, place, last=True)
    if unit is not None and unit["allocation_state"] == "FREE":
        station.do(lambda at: at.delete(VehicleUnit, unit["id"]))


@step(NOW_AND_THEN)
def enter_a_unit(machine: Machine, station: Station, place: int, more: int) -> None:
    """A new vehicle, or one that another desk may have entered already."""
    trims = station.ids("SELECT id FROM trim WHERE deleted_at IS NULL ORDER BY id LIMIT 1")
    number = 7 if more % 2 else world_of(machine).number() + 100
    vin = f"LSVAA4182E2{number:06d}"
    if not trims or station.ids("SELECT id FROM vehicle_unit WHERE vin = ?", vin):
        return

    def work(at: Desk) -> None:
        with at.database.read() as session:
            trim = session.get_one(Trim, trims[0])
        at.records.unit(trim, branch_id=station.branch.id, vin=vin, stock_number=f"N{number}")

    station.do(work)


# --- transfers ----------------------------------------------------------------------------------


@step(OFTEN)
def ask_for_a_transfer(machine: Machine, station: Station, place: int, more: int) -> None:
    unit = unit_of(station, place)
    if unit is None or station.is_old:
        return
    other = SHANGHAI if station.branch is HANGZHOU else HANGZHOU
    if more % 2:
        station.run(OfferTransfer(unit_id=unit["id"], to_branch_id=other.id))
    else:
        wish = RequestTransfer(
            trim_id=unit["trim_id"], from_branch_id=other.id, unit_id=unit["id"], vin=unit["vin"]
        )  # fmt: skip
        station.run(wish)


@step(OFTEN)
def approve_a_transfer(machine: Machine, station: Station, place: int, more: int) -> None:
    _with_transfer(station, place, lambda at, which: approved(at, which, order_along=bool(more % 2)))


@step(NOW_AND_THEN)
def depart(machine: Machine, station: Station, place: int, more: int) -> None:
    _with_transfer(station, place, sent)


@step(OFTEN)
def arrive(machine: Machine, station: Station, place: int, more: int) -> None:
    _with_transfer(station, place, received)


@step(NOW_AND_THEN)
def end_a_transfer(machine: Machine, station: Station, place: int, more: int) -> None:
    rows, how = _transfers(station), (RejectTransfer, CancelTransfer)[more % 2]
    if rows:
        transfer, revision = rows[place % len(rows)]
        station.run(how(transfer_id=transfer, expected_revision=revision, reason="测试"))


def _with_transfer(station: Station, place: int, work: Callable[[Desk, str], None]) -> None:
    rows = _transfers(station)
    if rows:
        station.do(lambda at: work(at, rows[place % len(rows)][0]))


def _transfers(station: Station) -> list[tuple[Any, ...]]:
    if station.is_old:
        return []
    return station.desk.rows(
        "SELECT id, revision FROM vehicle_transfer WHERE deleted_at IS NULL AND coalesce(asked_state, state)"
        " NOT IN ('REJECTED', 'CANCELLED', 'MOVED') ORDER BY id"
    )


# --- the network --------------------------------------------------------------------------------


@step(COMMON)
def agree(machine: Machine, station: Station, place: int, more: int) -> None:
    station.exchange()


@step(2 * COMMON)
def exchange(machine: Machine, station: Station, place: int, more: int) -> None:
    """An exchange in which one of the first requests goes wrong."""
    station.exchange(FAULTS[more % len(FAULTS)], 1 + place % 3)


@step(OFTEN)
def late_request_arrives(machine: Machine, station: Station, place: int, more: int) -> None:
    network = world_of(machine).network
    if network.late:
        network.deliver_late(place)


@step(NOW_AND_THEN)
def line_changes(machine: Machine, station: Station, place: int, more: int) -> None:
    """A partition in one direction begins or ends, or the line flaps."""
    how = LINES[more % len(LINES)]
    station.line.flapping = how == "flapping"
    station.line.cut = how if how in ("out", "in") else ""


# --- clocks -------------------------------------------------------------------------------------


@step(NOW_AND_THEN)
def desks_clock(machine: Machine, station: Station, place: int, more: int) -> None:
    station.skew = SKEWS[more % len(SKEWS)]


@step(NOW_AND_THEN)
def centres_clock(machine: Machine, station: Station, place: int, more: int) -> None:
    """Time passes, or the centre's clock is set back."""
    world_of(machine).tick(seconds=PASSING[more % len(PASSING)])


# --- the registry -------------------------------------------------------------------------------


@step(SELDOM)
def further_desk(machine: Machine, station: Station, place: int, more: int) -> None:
    if len(world_of(machine).stations) < MOST_STATIONS:
        world_of(machine).add_station(empty=more % 2 == 0)


@step(SELDOM)
def revoke(machine: Machine, station: Station, place: int, more: int) -> None:
    if not world_of(machine).is_revoked(station):
        world_of(machine).doubt_leases(station)
        world_of(machine).centre.revoke(station.device_id)


@step(NOW_AND_THEN)
def let_in_again(machine: Machine, station: Station, place: int, more: int) -> None:
    if world_of(machine).is_revoked(station) and not station.line.cut and not station.line.flapping:
        station.join()


# --- disks --------------------------------------------------------------------------------------


@step(SELDOM)
def close_and_reopen(machine: Machine, station: Station, place: int, more: int) -> None:
    station.desk.engine.note_end()
    station.reopen()


@step(SELDOM)
def clone_a_disk(machine: Machine, station: Station, place: int, more: int) -> None:
    if len(world_of(machine).stations) < MOST_STATIONS:
        world_of(machine).clone(station)


@step(NOW_AND_THEN)
def back_up_a_desk(machine: Machine, station: Station, place: int, more: int) -> None:
    station.save_backup(world_of(machine).file("backup"))


@step(SELDOM)
def restore_a_desk(machine: Machine, station: Station, place: int, more: int) -> None:
    if station.backup is not None:
        world_of(machine).doubt_leases(station)
        world_of(machine).destroy(station.restore_backup)
        world_of(machine).doubt_leases(station)


@step(NOW_AND_THEN)
def copy_the_centre(machine: Machine, station: Station, place: int, more: int) -> None:
    world = world_of(machine)
    if world.copy_of_centre is None:
        world.copy_of_centre = world.file("centre-copy")
        world.centre.copy_to(world.copy_of_centre)


@step(SELDOM)
def restore_the_centre(machine: Machine, station: Station, place: int, more: int) -> None:
    """The service comes back from its last copy; whoever put it back says so, or nobody tells it."""
    world = world_of(machine)
    copy, world.copy_of_centre = world.copy_of_centre, None
    if copy is not None:
        world.doubt_leases(*world.stations.values())
        world.forget_rights()
        world.is_untold = world.is_untold or not more % 2
        world.has_come_back = True
        world.destroy(lambda: world.centre.restore(copy, announced=bool(more % 2)))


@step(SELDOM)
def compaction(machine: Machine, station: Station, place: int, more: int) -> None:
    """A quarter passes in which some desks were away, and old tombstones go."""
    world = world_of(machine)
    world.centre.now_ms += 91 * DAY_MS
    for one in list(world.stations.values())[more % 2 :: 2]:
        one.exchange()
    world.centre.compact()


@step(SELDOM)
def answers_are_pruned(machine: Machine, station: Station, place: int, more: int) -> None:
    world_of(machine).centre.prune()
