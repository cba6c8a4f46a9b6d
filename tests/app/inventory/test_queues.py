"""Queues for wanted units: in order at every desk, offered what becomes free, left, moved, fulfilled."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.inventory.commands import (
    AddUnit,
    ExtendHold,
    HoldUnit,
    JoinQueue,
    LeaveQueue,
    MarkArrived,
    MoveInQueue,
    ReleaseUnit,
    TendHolds,
)
from app.inventory.errors import AlreadyWaiting, NotInThisQueue, QueueNotYours, WantedUnitFree, WishNotWaiting
from app.inventory.queries import get_unit
from app.inventory.queue_order import rank_behind
from app.inventory.queue_queries import count_wishes, get_wish, holds_to_tend, list_queue, list_wishes
from app.inventory.rules import AllocationState, WishState
from app.kernel.clock import FixedClock, branch_date
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied, ReasonRequired, ValueRequired
from app.kernel.permissions import Actor
from app.tasks.queries import list_tasks
from db.capture import Author
from db.models.inventory import VehicleUnit
from tests.factories.people import STAFF, actor_of
from tests.factories.records import Records
from tests.factories.vins import vin_number

COLLEAGUE = actor_of(STAFF[1])


class Desk:
    """What the tests do, in few words."""

    def __init__(self, dispatcher: Dispatcher, actor: Actor) -> None:
        self.dispatcher, self.actor = dispatcher, actor

    def do(self, command: Any, actor: Actor | None = None) -> Any:
        return self.dispatcher.execute(command, actor or self.actor)

    def queue(self, unit_id: str) -> list[str]:
        return [row.customer_name for row in self.dispatcher.read(list_queue, self.actor, unit_id)]

    def unit(self, unit_id: str) -> Any:
        return self.dispatcher.read(get_unit, self.actor, unit_id)

    def tasks(self, kind: str, actor: Actor | None = None) -> list[Any]:
        return list(self.dispatcher.read(list_tasks, actor or self.actor, kind=kind, state=None))


@pytest.fixture
def desk(dispatcher: Dispatcher, salesperson: Actor) -> Desk:
    return Desk(dispatcher, salesperson)


def test_a_released_unit_is_offered_to_the_first_who_waits(desk: Desk, records: Records, clock: FixedClock) -> None:
    unit, first, second = records.unit(), records.customer(name="甲"), records.customer(name="乙")
    with pytest.raises(WantedUnitFree):
        desk.do(JoinQueue(unit_id=unit.id, customer_id=first.id))
    desk.do(HoldUnit(unit_id=unit.id))
    joined = desk.do(JoinQueue(unit_id=unit.id, customer_id=first.id, note="要白色"), COLLEAGUE)
    desk.do(JoinQueue(unit_id=unit.id, customer_id=second.id))
    assert desk.queue(unit.id) == ["甲", "乙"]
    with pytest.raises(AlreadyWaiting):
        desk.do(JoinQueue(unit_id=unit.id, customer_id=first.id))
    desk.do(ReleaseUnit(unit_id=unit.id))
    hold = desk.unit(unit.id).hold
    assert (hold.staff_name, hold.customer_name) == (COLLEAGUE.name, "甲")
    assert hold.until == clock.now() + timedelta(minutes=120)
    (task,) = desk.tasks("offer_wanted", COLLEAGUE)
    assert task.assignee_staff_id == COLLEAGUE.staff_id and "甲" in task.text
    assert desk.dispatcher.read(get_wish, desk.actor, joined.value).offered_until == hold.until


def test_an_offer_that_lapses_goes_on_to_the_next(desk: Desk, records: Records, clock: FixedClock) -> None:
    unit, names = records.unit(), ("甲", "乙")
    desk.do(HoldUnit(unit_id=unit.id, until=clock.now() + timedelta(hours=2)))
    for name in names:
        desk.do(JoinQueue(unit_id=unit.id, customer_id=records.customer(name=name).id))
    assert desk.dispatcher.read(holds_to_tend, desk.actor).count == 0
    clock.advance(timedelta(hours=1, minutes=30))
    due = desk.dispatcher.read(holds_to_tend, desk.actor)
    assert (due.count, [hold.ended for hold in due.mine]) == (1, [False])
    assert desk.do(TendHolds()).value == 1
    assert desk.do(TendHolds()).value == 0
    assert len(desk.tasks("hold_ending")) == 1
    clock.advance(timedelta(minutes=30))
    assert desk.do(TendHolds()).value == 1
    assert len(desk.tasks("hold_ended")) == 1
    assert desk.unit(unit.id).hold.customer_name == "甲"
    clock.advance(timedelta(minutes=120))
    desk.do(TendHolds())
    assert desk.unit(unit.id).hold.customer_name == "乙"
    clock.advance(timedelta(minutes=121))
    desk.do(TendHolds())
    assert desk.unit(unit.id).row.allocation is AllocationState.FREE
    assert desk.queue(unit.id) == ["甲", "乙"], "who did not come in time waits on for another"


def test_extending_takes_the_reminder_back(desk: Desk, records: Records, clock: FixedClock) -> None:
    unit = records.unit()
    desk.do(HoldUnit(unit_id=unit.id, until=clock.now() + timedelta(minutes=30)))
    desk.do(TendHolds())
    desk.do(ExtendHold(unit_id=unit.id, until=clock.now() + timedelta(hours=8)))
    assert [task.state for task in desk.tasks("hold_ending")] == ["DONE"]
    clock.advance(timedelta(hours=7, minutes=30))
    desk.do(TendHolds())
    assert sorted(task.state for task in desk.tasks("hold_ending")) == ["DONE", "OPEN"]


def test_a_new_arrival_is_offered_by_trim_and_colour(
    desk: Desk, records: Records, clock: FixedClock, manager: Actor
) -> None:
    unit = records.unit()
    white, any_colour = records.customer(name="白"), records.customer(name="随")
    desk.do(JoinQueue(trim_id=unit.trim_id, exterior_colour="珍珠白 / Pearl White", customer_id=white.id))
    desk.do(JoinQueue(trim_id=unit.trim_id, customer_id=any_colour.id))
    with pytest.raises(ValueRequired):
        desk.do(JoinQueue(customer_id=white.id))
    values = {
        "trim_id": unit.trim_id, "cost": unit.cost, "list_price": unit.list_price, "floor_price": unit.floor_price,
        "arrived_on": branch_date(clock.now()),
    }  # fmt: skip
    black = desk.do(AddUnit(vin=vin_number(501), exterior_colour="黑 / Black", **values), manager).value
    assert desk.unit(black).hold.customer_name == "随"
    far = values | {"arrived_on": branch_date(clock.now() + timedelta(days=9)), "in_transit": True}
    pearl = desk.do(AddUnit(vin=vin_number(502), exterior_colour="珍珠白 / Pearl White", **far), manager).value
    desk.do(MarkArrived(unit_id=pearl, arrived_on=branch_date(clock.now())), manager)
    assert desk.unit(pearl).hold.customer_name == "白"


def test_leaving_and_moving(desk: Desk, records: Records, manager: Actor, cashier: Actor) -> None:
    unit = records.unit()
    desk.do(HoldUnit(unit_id=unit.id))
    ids = [
        desk.do(JoinQueue(unit_id=unit.id, customer_id=records.customer(name=name).id)).value
        for name in ("甲", "乙", "丙")
    ]
    with pytest.raises(PermissionDenied):
        desk.do(MoveInQueue(wish_id=ids[2], behind_id=None, reason="x"))
    with pytest.raises(ReasonRequired):
        desk.do(LeaveQueue(wish_id=ids[0]), manager)
    with pytest.raises(QueueNotYours):
        desk.do(LeaveQueue(wish_id=ids[0], reason="x"), COLLEAGUE)
    with pytest.raises(PermissionDenied):
        desk.do(LeaveQueue(wish_id=ids[0]), cashier)
    moved = desk.do(MoveInQueue(wish_id=ids[2], behind_id=None, reason="老客户"), manager)
    assert desk.queue(unit.id) == ["丙", "甲", "乙"]
    desk.do(MoveInQueue(wish_id=ids[1], behind_id=ids[2], reason="急用"), manager)
    assert desk.queue(unit.id) == ["丙", "乙", "甲"]
    desk.do(moved.undo, manager)
    assert desk.queue(unit.id) == ["乙", "甲", "丙"]
    left = desk.do(LeaveQueue(wish_id=ids[0]))
    assert "甲" not in desk.queue(unit.id)
    with pytest.raises(WishNotWaiting):
        desk.do(LeaveQueue(wish_id=ids[0]))
    desk.do(left.undo)
    assert "甲" in desk.queue(unit.id)
    other = records.unit()
    desk.do(HoldUnit(unit_id=other.id))
    stranger = desk.do(JoinQueue(unit_id=other.id, customer_id=records.customer().id)).value
    with pytest.raises(NotInThisQueue):
        desk.do(MoveInQueue(wish_id=stranger, behind_id=ids[0], reason="x"), manager)
    assert desk.dispatcher.read(count_wishes, desk.actor) == (4, 4)
    assert len(desk.dispatcher.read(list_wishes, desk.actor, text="甲")) == 1


def test_whoever_leaves_gives_the_offer_to_the_next(desk: Desk, records: Records) -> None:
    unit = records.unit()
    desk.do(HoldUnit(unit_id=unit.id))
    first, _second = (
        desk.do(JoinQueue(unit_id=unit.id, customer_id=records.customer(name=name).id)).value for name in ("甲", "乙")
    )
    desk.do(ReleaseUnit(unit_id=unit.id))
    outcome = desk.do(LeaveQueue(wish_id=first))
    assert outcome.undo is None
    assert desk.unit(unit.id).hold.customer_name == "乙"
    assert desk.dispatcher.read(get_wish, desk.actor, first).state is WishState.LEFT


TIMES = st.integers(0, (1 << 48) - 1).map(lambda ms: f"{ms:012x}0000-12345678")


@given(st.lists(TIMES, min_size=2, max_size=8, unique=True), st.data())
def test_a_moved_place_is_always_directly_behind_its_neighbour(times: list[str], data: st.DataObject) -> None:
    """Any number of moves, each later than the one before: the one moved last stands right behind whom it was put."""
    ranks = dict(enumerate(sorted(times)))
    latest = (1 << 48) - 1
    for step in range(data.draw(st.integers(1, 6))):
        order = sorted(ranks, key=lambda key: ranks[key])
        moving = data.draw(st.sampled_from(order))
        behind = data.draw(st.sampled_from([None, *(key for key in order if key != moving)]))
        now = f"{latest - 10 + step:012x}0000-12345678"
        ranks[moving] = rank_behind(None if behind is None else ranks[behind], hybrid_time=now)
        expected = [key for key in order if key != moving]
        expected.insert(0 if behind is None else expected.index(behind) + 1, moving)
        assert sorted(ranks, key=lambda key: ranks[key]) == expected


def went_away(records: Records, unit_id: str) -> None:
    """What a desk has of a unit once it belongs to another branch."""
    author = Author(records.actor.staff_id, records.actor.branch_id, records.actor.desk_code)
    with records.database.transaction(now=records.clock.now(), author=author) as transaction:
        transaction.session.get_one(VehicleUnit, unit_id).deleted_at = records.clock.now()
        transaction.commit(name="Fixture")


def to_tend(desk: Desk) -> int:
    return int(desk.dispatcher.read(holds_to_tend, desk.actor).count)


def test_whoever_waits_for_a_unit_that_is_gone_waits_for_any_like_it(
    desk: Desk, records: Records, clock: FixedClock
) -> None:
    unit, customer = records.unit(), records.customer(name="甲")
    desk.do(HoldUnit(unit_id=unit.id))
    wish = desk.do(JoinQueue(unit_id=unit.id, customer_id=customer.id), COLLEAGUE).value
    assert to_tend(desk) == 0
    went_away(records, unit.id)
    assert to_tend(desk) == 1
    assert desk.do(TendHolds()).value == 1
    found = desk.dispatcher.read(get_wish, desk.actor, wish)
    assert (found.unit_id, found.trim_id, found.state) == (None, unit.trim_id, WishState.WAITING)
    assert found.exterior_colour.stored() == unit.exterior_colour
    (task,) = desk.tasks("wanted_left", COLLEAGUE)
    assert task.assignee_staff_id == COLLEAGUE.staff_id and "甲" in task.text
    assert to_tend(desk) == 0
    arrived = records.unit(records.trim(), trim_id=unit.trim_id)
    assert desk.queue(arrived.id) == ["甲"]


def test_who_waits_for_such_units_already_does_not_wait_twice(desk: Desk, records: Records) -> None:
    unit, customer = records.unit(), records.customer(name="甲")
    desk.do(HoldUnit(unit_id=unit.id))
    wish = desk.do(JoinQueue(unit_id=unit.id, customer_id=customer.id)).value
    went_away(records, unit.id)
    desk.do(JoinQueue(trim_id=unit.trim_id, customer_id=customer.id))
    desk.do(TendHolds())
    assert desk.dispatcher.read(get_wish, desk.actor, wish).state is WishState.LEFT
    assert desk.dispatcher.read(count_wishes, desk.actor) == (1, 2)
