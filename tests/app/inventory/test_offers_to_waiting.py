"""What a page of waiting customers reads, and offering a vehicle by hand: in turn, or before it with a reason."""

from datetime import timedelta
from typing import Any

import pytest

from app.inventory.commands import HoldUnit, JoinQueue, OfferWanted, ReleaseUnit
from app.inventory.errors import NotWanted, OfferNotFree, OfferRunning
from app.inventory.queries import get_unit
from app.inventory.queue_queries import OFFERED, count_wishes, get_waiting, list_wishes
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied, ValueRequired
from app.kernel.permissions import Actor, Role
from app.tasks.queries import list_tasks
from tests.factories.people import actor_of, staff_of
from tests.factories.records import Records


class Counter:
    """Two units of one trim, and customers who wait for any of them."""

    def __init__(self, dispatcher: Dispatcher, actor: Actor, records: Records) -> None:
        self.dispatcher, self.actor, self.records = dispatcher, actor, records
        self.trim = records.trim()
        self.units = [records.unit(self.trim), records.unit(self.trim)]

    def do(self, command: Any, actor: Actor | None = None) -> Any:
        return self.dispatcher.execute(command, actor or self.actor).value

    def read(self, query: Any, *args: Any, **values: Any) -> Any:
        return self.dispatcher.read(query, self.actor, *args, **values)

    def waits(self, name: str, unit_id: str | None = None, colour: str = "") -> str:
        customer = self.records.customer(name=name)
        given = {"unit_id": unit_id} if unit_id else {"trim_id": self.trim.id, "exterior_colour": colour}
        return str(self.do(JoinQueue(customer_id=customer.id, **given)))


@pytest.fixture
def counter(dispatcher: Dispatcher, salesperson: Actor, records: Records) -> Counter:
    return Counter(dispatcher, salesperson, records)


def test_whoever_is_first_is_offered_what_is_free(counter: Counter, clock: FixedClock) -> None:
    first, second = counter.waits("甲"), counter.waits("乙")
    found = counter.read(get_waiting, first)
    assert [unit.id for unit in found.units] == [unit.id for unit in counter.units]
    assert found.actions == {"offer", "leave"} and [row.customer_name for row in found.queue] == ["甲", "乙"]
    assert counter.read(get_waiting, second).actions == {"leave"}
    until = counter.do(OfferWanted(wish_id=first, unit_id=counter.units[1].id))
    assert until > clock.now()
    offered = counter.read(get_waiting, first)
    assert offered.offered.id == counter.units[1].id and offered.row.standing == OFFERED
    assert counter.read(get_unit, counter.units[1].id).hold.customer_name == "甲"
    (task,) = counter.read(list_tasks, kind="offer_wanted", state=None)
    assert "甲" in task.text
    with pytest.raises(OfferRunning):
        counter.do(OfferWanted(wish_id=first, unit_id=counter.units[0].id))
    with pytest.raises(OfferNotFree):
        counter.do(OfferWanted(wish_id=second, unit_id=counter.units[1].id))
    assert counter.read(get_waiting, second).actions == {"offer", "leave"}  # who is before has an offer


def test_before_their_turn_takes_a_manager_and_a_reason(counter: Counter) -> None:
    counter.waits("甲")
    second, unit = counter.waits("乙"), counter.units[0]
    manager = actor_of(staff_of(Role.BRANCH_MANAGER))
    with pytest.raises(PermissionDenied):
        counter.do(OfferWanted(wish_id=second, unit_id=unit.id, reason="x"))
    with pytest.raises(ValueRequired):
        counter.do(OfferWanted(wish_id=second, unit_id=unit.id), manager)
    assert counter.dispatcher.read(get_waiting, manager, second).actions == {"offer_early", "leave", "move"}
    counter.do(OfferWanted(wish_id=second, unit_id=unit.id, reason="老客户"), manager)
    assert counter.read(get_unit, unit.id).hold.customer_name == "乙"
    with pytest.raises(NotWanted):
        counter.do(OfferWanted(wish_id=counter.waits("丙"), unit_id=counter.records.unit().id), manager)


def test_queues_are_listed_one_after_the_other(counter: Counter, clock: FixedClock) -> None:
    unit = counter.units[0]
    counter.do(HoldUnit(unit_id=unit.id, until=clock.now() + timedelta(hours=4)))
    for name, unit_id, colour in (
        ("甲", None, ""), ("乙", unit.id, ""), ("丙", None, "珍珠白 / Pearl White"), ("丁", unit.id, ""),
        ("戊", None, ""),
    ):  # fmt: skip
        counter.waits(name, unit_id, colour)
        clock.advance(timedelta(minutes=1))
    rows = counter.read(list_wishes)
    assert [(row.customer_name, row.place) for row in rows] == [
        ("甲", 1), ("戊", 2), ("丙", 1), ("乙", 2), ("丁", 4)
    ]  # fmt: skip
    paged: list[Any] = []
    while page := counter.read(list_wishes, after=paged[-1].cursor if paged else None, limit=2):
        paged += page
    assert [row.id for row in paged] == [row.id for row in rows]
    assert counter.read(count_wishes, state=OFFERED) == (0, 5)
    counter.do(ReleaseUnit(unit_id=unit.id))
    assert [row.customer_name for row in counter.read(list_wishes, state=OFFERED)] == ["甲"]
