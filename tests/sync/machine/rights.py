"""Steps about what a desk may: vehicles secured for it, branches it reads, where it belongs, how old its program is."""

from typing import Any

from sync.server.scopes import ScopesRefused
from tests.factories.people import HANGZHOU, SHANGHAI
from tests.sync.machine.network import Fault
from tests.sync.machine.station import Station
from tests.sync.machine.steps import NOW_AND_THEN, OFTEN, SELDOM, step, unit_of, world_of

FAULTS = (Fault.NONE, Fault.NONE, Fault.NONE, Fault.ANSWER_LOST, Fault.ROLLED_BACK, Fault.DOUBLED, Fault.DIES_AFTER)
HOURS = (1, 24)
BRANCHES: tuple[Any, ...] = ("*", (), (SHANGHAI.code, HANGZHOU.code))


@step(OFTEN)
def secure_a_vehicle(machine: Any, station: Station, place: int, more: int) -> None:
    """The centre keeps a vehicle for this desk: for an hour, which runs out soon, or for a day."""
    unit = unit_of(station, place)
    if unit is not None and not station.is_old:
        station.secure(unit["vin"], hours=HOURS[more % 2], fault=FAULTS[more % len(FAULTS)])


@step(OFTEN)
def sell_what_is_secured(machine: Any, station: Station, place: int, more: int) -> None:
    """Perhaps offline, perhaps when the lease has run out, was ended, or the clock was set back."""
    known = station.ids("SELECT vehicle_id FROM vehicle_lease ORDER BY vin")
    if known:
        world_of(machine).sell(station, known[place % len(known)])


@step(NOW_AND_THEN)
def give_a_vehicle_back(machine: Any, station: Station, place: int, more: int) -> None:
    known = station.ids("SELECT vin FROM vehicle_lease ORDER BY vin")
    if known:
        station.desk.engine.leases.give_back([known[place % len(known)]])


@step(SELDOM)
def headquarters_end_a_lease(machine: Any, station: Station, place: int, more: int) -> None:
    """A desk that has not heard of it may sell in good faith: that is decided as any sale."""
    world = world_of(machine)
    known = [row[0] for row in world.centre.rows("SELECT vin FROM vehicle_lease ORDER BY vin")]
    if known:
        vin = known[place % len(known)]
        world.doubt_vehicles({vin})
        world.centre.end_lease(vin)


@step(NOW_AND_THEN)
def other_branches(machine: Any, station: Station, place: int, more: int) -> None:
    """A desk gains a branch or loses one."""
    _changed(machine, station, BRANCHES[more % len(BRANCHES)])


@step(SELDOM)
def move_a_desk(machine: Any, station: Station, place: int, more: int) -> None:
    """It belongs to the other branch from its next exchange on, under a name of its own there."""
    world = world_of(machine)
    other = SHANGHAI if station.branch is HANGZHOU else HANGZHOU
    world.doubt_leases(station)
    _changed(machine, station, BRANCHES[more % 2], branch=other.code, desk_code=f"M{world.number():02d}")


def _changed(machine: Any, station: Station, scopes: Any, **moved: str) -> None:
    world = world_of(machine)
    try:
        lost = world.centre.change_scopes(station.device_id, scopes, **moved)
    except ScopesRefused:
        return  # a restored centre may not know the desk, or have given the name to another
    station.scopes = scopes
    if lost:
        alike = station.device_id  # whoever has a copy of its disk speaks as this desk, too
        world.lost_rights |= {one.name for one in world.stations.values() if one.device_id == alike}


@step(SELDOM)
def another_program(machine: Any, station: Station, place: int, more: int) -> None:
    """The desk is still at the schema version before, or has been updated."""
    station.is_old = not station.is_old
