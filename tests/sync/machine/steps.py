"""The kinds of steps the machine takes, and how a step chooses what it is about."""

from collections.abc import Callable
from typing import Any

from tests.sync.machine.station import Station
from tests.sync.machine.world import World

COMMON, OFTEN, NOW_AND_THEN, SELDOM = 12, 6, 3, 1

Step = Callable[[Any, Station, int, int], None]
"""`(machine, desk, place, more)`"""
STEPS: dict[str, Step] = {}
DRAWN: list[str] = []


def step(weight: int) -> Callable[[Step], Step]:
    """A kind of step `(machine, desk, place, more)` and how often it is drawn."""

    def declare(work: Step) -> Step:
        name = work.__name__.replace("_", " ").strip()
        STEPS[name] = work
        DRAWN.extend([name] * weight)
        return work

    return declare


def kinds_of_steps() -> list[str]:
    """Every kind of step there is."""
    return sorted(STEPS)


def world_of(machine: Any) -> World:
    """The world of a machine that runs."""
    world: World = machine.world
    return world


def unit_of(station: Station, place: int, *, last: bool = False) -> dict[str, Any] | None:
    """One of the vehicles a desk knows."""
    ids = station.ids("SELECT id FROM vehicle_unit WHERE deleted_at IS NULL ORDER BY id")
    if not ids:
        return None
    return station.desk.row("vehicle_unit", ids[-1] if last else ids[place % len(ids)])


def person_of(station: Station, place: int, *, last: bool = False) -> str | None:
    """One of its customers; with `last` one of the newest."""
    ids = station.ids("SELECT id FROM customer WHERE deleted_at IS NULL ORDER BY id")
    if not ids:
        return None
    return ids[-1 - place % min(2, len(ids))] if last else ids[place % len(ids)]


def order_of(station: Station, place: int, *, lost: bool = False) -> dict[str, Any] | None:
    """One of its orders that are not over; with `lost` of those that lost their vehicle."""
    only = " AND claim_state = 'conflict'" if lost else ""
    ids = station.ids(f"SELECT id FROM sales_order WHERE deleted_at IS NULL AND state <> 'CANCELLED'{only} ORDER BY id")
    return station.desk.row("sales_order", ids[place % len(ids)]) if ids else None
