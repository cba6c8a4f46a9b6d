"""Holds: who may, how long, and that one is over at the very instant it ends, wherever it is read."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.inventory.commands import ExtendHold, HoldUnit, ReleaseUnit
from app.inventory.errors import (
    HoldInPast,
    HoldNotYours,
    HoldTooLong,
    VehicleAlreadySold,
    VehicleHeldByOther,
    VehicleNotForSale,
    VehicleNotHeld,
)
from app.inventory.queries import (
    UnitFilter,
    count_units,
    find_units_for_sale,
    get_unit,
    list_units,
    unit_facets,
)
from app.inventory.rules import AllocationState
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import ReasonRequired
from app.kernel.permissions import Actor, Role
from db.types import microseconds
from tests.factories.databases import open_copy
from tests.factories.people import STAFF, actor_of, staff_of
from tests.factories.records import Records

HELD = UnitFilter(allocation_states=(AllocationState.HELD,))
FREE = UnitFilter(allocation_states=(AllocationState.FREE,))
COLLEAGUE = actor_of(STAFF[1])


def claims(dispatcher: Dispatcher) -> list[tuple[str, dict[str, object]]]:
    with dispatcher.database.read() as session:
        rows = session.connection().exec_driver_sql(
            "SELECT kind, body FROM outbox_operation WHERE table_name = 'vehicle_claim' ORDER BY n"
        )
        return [(kind, json.loads(body)["fields"]) for kind, body in rows]


def test_a_hold_lasts_a_day_and_the_centre_hears_of_it(
    records: Records, dispatcher: Dispatcher, salesperson: Actor, clock: FixedClock
) -> None:
    unit, customer = records.unit(), records.customer()
    until = dispatcher.execute(HoldUnit(unit_id=unit.id, customer_id=customer.id), salesperson).value
    assert until == clock.now() + timedelta(hours=24)
    hold = dispatcher.read(get_unit, salesperson, unit.id).hold
    assert hold is not None
    assert (hold.staff_name, hold.customer_name, hold.until) == (salesperson.name, "张伟", until)
    ((kind, fields),) = claims(dispatcher)
    assert kind == "claim"
    assert (fields["kind"], fields["holder_id"], fields["until"]) == ("hold", salesperson.staff_id, microseconds(until))


def test_it_binds_everybody_but_who_gave_it_and_for_whom(
    records: Records, dispatcher: Dispatcher, salesperson: Actor
) -> None:
    unit, customer = records.unit(), records.customer()
    dispatcher.execute(HoldUnit(unit_id=unit.id, customer_id=customer.id), salesperson)
    with pytest.raises(VehicleHeldByOther) as caught:
        dispatcher.execute(HoldUnit(unit_id=unit.id), COLLEAGUE)
    assert caught.value.field == "unit_id" and "2026-11-23 12:00" in caught.value.message()
    assert dispatcher.read(find_units_for_sale, COLLEAGUE, text="").rows == ()
    assert len(dispatcher.read(find_units_for_sale, COLLEAGUE, text="朗逸", customer_id=customer.id).rows) == 1
    assert len(dispatcher.read(find_units_for_sale, salesperson, text="").rows) == 1
    dispatcher.execute(HoldUnit(unit_id=unit.id, customer_id=customer.id), COLLEAGUE)
    assert [(kind, fields["holder_id"]) for kind, fields in claims(dispatcher)] == [
        ("claim", salesperson.staff_id),
        ("release", salesperson.staff_id),
        ("claim", COLLEAGUE.staff_id),
    ]


def test_how_long_is_the_houses_rule(
    records: Records, dispatcher: Dispatcher, salesperson: Actor, clock: FixedClock
) -> None:
    unit = records.unit()
    with pytest.raises(HoldTooLong):
        dispatcher.execute(HoldUnit(unit_id=unit.id, until=clock.now() + timedelta(hours=73)), salesperson)
    with pytest.raises(HoldInPast):
        dispatcher.execute(HoldUnit(unit_id=unit.id, until=clock.now()), salesperson)


def test_sold_and_damaged_units_cannot_be_held(records: Records, dispatcher: Dispatcher, salesperson: Actor) -> None:
    sold, damaged = records.unit(allocation_state="ALLOCATED"), records.unit(quality_state="DAMAGED")
    with pytest.raises(VehicleAlreadySold):
        dispatcher.execute(HoldUnit(unit_id=sold.id), salesperson)
    with pytest.raises(VehicleNotForSale) as caught:
        dispatcher.execute(HoldUnit(unit_id=damaged.id), salesperson)
    assert "Damaged" in caught.value.message()


def test_extending_and_releasing(
    records: Records, dispatcher: Dispatcher, salesperson: Actor, manager: Actor, clock: FixedClock
) -> None:
    unit = records.unit()
    with pytest.raises(VehicleNotHeld):
        dispatcher.execute(ExtendHold(unit_id=unit.id), salesperson)
    dispatcher.execute(HoldUnit(unit_id=unit.id), salesperson)
    clock.advance(timedelta(hours=20))
    with pytest.raises(HoldNotYours) as caught:
        dispatcher.execute(ExtendHold(unit_id=unit.id), COLLEAGUE)
    assert salesperson.name in caught.value.message()
    extended = dispatcher.execute(ExtendHold(unit_id=unit.id), salesperson)
    assert extended.value == clock.now() + timedelta(hours=24)
    with pytest.raises(ReasonRequired):
        dispatcher.execute(ReleaseUnit(unit_id=unit.id), manager)
    dispatcher.execute(ReleaseUnit(unit_id=unit.id, reason="on leave"), manager)
    assert dispatcher.read(get_unit, salesperson, unit.id).hold is None
    assert [kind for kind, _ in claims(dispatcher)] == ["claim", "claim", "release"]


def test_holding_and_releasing_undo_each_other(records: Records, dispatcher: Dispatcher, salesperson: Actor) -> None:
    unit, customer = records.unit(), records.customer()
    held = dispatcher.execute(HoldUnit(unit_id=unit.id, customer_id=customer.id), salesperson)
    released = dispatcher.execute(held.undo, salesperson)  # type: ignore[arg-type]
    assert dispatcher.read(get_unit, salesperson, unit.id).row.allocation is AllocationState.FREE
    dispatcher.execute(released.undo, salesperson)  # type: ignore[arg-type]
    hold = dispatcher.read(get_unit, salesperson, unit.id).hold
    assert hold is not None and (hold.until, hold.customer_id) == (held.value, customer.id)


def test_holding_again_is_undone_to_the_hold_before(
    records: Records, dispatcher: Dispatcher, salesperson: Actor, clock: FixedClock
) -> None:
    unit, customer = records.unit(), records.customer()
    first = dispatcher.execute(HoldUnit(unit_id=unit.id, customer_id=customer.id), salesperson)
    clock.advance(timedelta(hours=5))
    again = dispatcher.execute(HoldUnit(unit_id=unit.id, customer_id=customer.id), salesperson)
    dispatcher.execute(again.undo, salesperson)  # type: ignore[arg-type]
    hold = dispatcher.read(get_unit, salesperson, unit.id).hold
    assert hold is not None and (hold.until, hold.customer_id) == (first.value, customer.id)
    taken_over = dispatcher.execute(HoldUnit(unit_id=unit.id, customer_id=customer.id), COLLEAGUE)
    assert taken_over.undo is None, "a colleague's hold is not brought back by others"


@pytest.fixture(scope="module")
def held_at(database_template: Path, tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """A desk with one unit held from a known instant for a day."""
    database = open_copy(database_template, tmp_path_factory.mktemp("holds") / "holds.db")
    clock = FixedClock(datetime(2026, 11, 22, 4, 0, tzinfo=UTC))
    seller = actor_of(staff_of(Role.SALESPERSON))
    unit = Records(database, clock=clock, actor=seller).unit()
    dispatcher = Dispatcher(database, clock=clock)
    until = dispatcher.execute(HoldUnit(unit_id=unit.id), seller).value
    yield dispatcher, clock, unit.id, until
    database.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(offset=st.timedeltas(min_value=timedelta(hours=-24), max_value=timedelta(days=400)))
def test_an_expired_hold_reads_as_free_everywhere(held_at, offset: timedelta) -> None:  # type: ignore[no-untyped-def]
    """Lists, filters, counts, facets, detail, search for sale: all agree at every instant around the end."""
    dispatcher, clock, unit_id, until = held_at
    clock.instant = until + offset
    running = offset < timedelta(0)
    seen = dispatcher.read(get_unit, COLLEAGUE, unit_id)
    assert (seen.row.allocation is AllocationState.HELD) is running
    assert (seen.hold is not None) is running and (seen.row.held_until is not None) is running
    assert len(dispatcher.read(list_units, COLLEAGUE, filter=HELD).rows) == running
    assert len(dispatcher.read(list_units, COLLEAGUE, filter=FREE).rows) == (not running)
    assert len(dispatcher.read(list_units, COLLEAGUE, filter=UnitFilter(text="朗逸", **_only_free())).rows) == (
        not running
    )
    assert dispatcher.read(count_units, COLLEAGUE, HELD).matching == running
    assert len(dispatcher.read(find_units_for_sale, COLLEAGUE, text="").rows) == (not running)


def _only_free() -> dict[str, tuple[AllocationState, ...]]:
    return {"allocation_states": (AllocationState.FREE,)}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(offset=st.timedeltas(min_value=timedelta(seconds=-3), max_value=timedelta(seconds=3)))
def test_facets_follow_the_end_of_a_hold_at_once(held_at, offset: timedelta) -> None:  # type: ignore[no-untyped-def]
    dispatcher, clock, _, until = held_at
    clock.instant = until + offset
    counts = {one.value: one.count for one in dispatcher.read(unit_facets, COLLEAGUE, UnitFilter()).allocation_states}
    assert counts["HELD"] == (offset < timedelta(0))
    assert counts["FREE"] == (offset >= timedelta(0))
