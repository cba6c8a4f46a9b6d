"""Who waits for a unit: found, offered the unit when it becomes free, and satisfied by an order."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from app.inventory.holding import hold, promise_of, standing_of
from app.inventory.rules import (
    AllocationState,
    StockState,
    WishState,
    effective_allocation,
    queue_policy,
    sale_obstacles,
)
from app.inventory.unit_names import unit_name
from app.kernel.clock import BRANCH_TIME, branch_date
from app.kernel.ids import derived_id
from app.kernel.unit_of_work import UnitOfWork
from app.tasks.follow_up import close_tasks, create_task
from app.tasks.rules import TaskKind
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.wishes import UnitWish

_QUEUE = (
    select(UnitWish)
    .where(
        UnitWish.branch_id == bindparam("branch"),
        UnitWish.state == WishState.WAITING.value,
        UnitWish.deleted_at.is_(None),
        or_(
            UnitWish.unit_id == bindparam("unit"),
            and_(
                UnitWish.unit_id.is_(None),
                UnitWish.trim_id == bindparam("trim"),
                or_(UnitWish.exterior_colour == "", UnitWish.exterior_colour == bindparam("colour")),
            ),
        ),
    )
    .order_by(UnitWish.rank, UnitWish.id)
)
_QUEUE_OF_CUSTOMER = _QUEUE.where(UnitWish.customer_id == bindparam("customer"))


def _looked_for(unit: VehicleUnit) -> dict[str, str]:
    """A unit as `_QUEUE` asks for it: for itself, or for any of its trim in its colour."""
    return {"branch": unit.branch_id, "unit": unit.id, "trim": unit.trim_id, "colour": unit.exterior_colour}


def queue_for(session: Session, unit: VehicleUnit) -> list[UnitWish]:
    """Everybody who waits for this unit or one like it, the first in front."""
    return list(session.scalars(_QUEUE, _looked_for(unit)))


def in_one_queue(wish: UnitWish, other: UnitWish) -> bool:
    """Whether another place is in the queue of this one: for the same unit or any like it, or for the same trim in the
    same colour."""
    if wish.trim_id != other.trim_id:
        return False
    if wish.unit_id is None:
        return other.unit_id is None and wish.exterior_colour == other.exterior_colour
    return other.unit_id in (None, wish.unit_id)


def waiting_of(session: Session, branch_id: str, trim_ids: Collection[str]) -> list[UnitWish]:
    """Everybody in the branch who waits for a unit of these trims, the first in front."""
    query = select(UnitWish).where(
        UnitWish.branch_id == branch_id,
        UnitWish.trim_id.in_(sorted(trim_ids)),
        UnitWish.state == WishState.WAITING.value,
        UnitWish.deleted_at.is_(None),
    )
    return list(session.scalars(query.order_by(UnitWish.rank, UnitWish.id))) if trim_ids else []


def free_units_for(session: Session, wish: UnitWish, now: datetime, *, limit: int = 20) -> list[VehicleUnit]:
    """Units of the branch that could be offered to somebody now: those that came first in front."""
    query = select(VehicleUnit).where(
        VehicleUnit.branch_id == wish.branch_id,
        VehicleUnit.trim_id == wish.trim_id,
        VehicleUnit.deleted_at.is_(None),
        VehicleUnit.stock_state.in_((StockState.IN_STOCK.value, StockState.IN_TRANSIT.value)),
        VehicleUnit.allocation_state.in_((AllocationState.FREE.value, AllocationState.HELD.value)),
    )
    if wish.unit_id is not None:
        query = query.where(VehicleUnit.id == wish.unit_id)
    elif wish.exterior_colour:
        query = query.where(VehicleUnit.exterior_colour == wish.exterior_colour)
    found = session.scalars(query.order_by(VehicleUnit.arrived_on, VehicleUnit.id).limit(200))
    return [unit for unit in found if is_to_be_had(session, unit, now)][:limit]


def is_to_be_had(session: Session, unit: VehicleUnit, now: datetime) -> bool:
    """Whether a unit is free, whole, here, and promised to no other branch."""
    standing = standing_of(unit)
    free = effective_allocation(standing, now) == AllocationState.FREE and not sale_obstacles(standing)
    return free and promise_of(session, unit) is None


def next_in_line(session: Session, unit: VehicleUnit, now: datetime) -> UnitWish | None:
    """Whom the unit is to be offered now: the first who was not offered it yet and has no other offer running.

    None while an offer of it runs, and while the unit is not to be had.
    """
    queue = queue_for(session, unit)
    if not queue or not is_to_be_had(session, unit, now):
        return None
    if any(wish.offered_unit_id == unit.id and is_offer_running(wish, now) for wish in queue):
        return None
    return next((w for w in queue if w.offered_unit_id != unit.id and not is_offer_running(w, now)), None)


def is_offer_running(wish: UnitWish, now: datetime) -> bool:
    """Whether somebody in the queue has time to decide about a unit."""
    return wish.offered_until is not None and wish.offered_until > now


def offer_freed(uow: UnitOfWork, unit: VehicleUnit) -> UnitWish | None:
    """Offer a unit that became free to the first who waits for it. Harmless when it is not free or nobody waits;
    returns whom it was offered."""
    uow.session.flush()
    wish = next_in_line(uow.session, unit, uow.now)
    if wish is not None:
        offer(uow, wish, unit)
    return wish


def offer(uow: UnitOfWork, wish: UnitWish, unit: VehicleUnit) -> None:
    """Offer a free unit to somebody: a task for their salesperson and, by house policy, a short hold."""
    policy = queue_policy(branch_date(uow.now))
    wish.offered_unit_id, wish.offered_until = unit.id, uow.now + policy.offer
    if policy.holds_unit:
        hold(uow, unit, until=wish.offered_until, customer_id=wish.customer_id, staff_id=wish.salesperson_id)
    customer = uow.session.get(Customer, wish.customer_id)
    create_task(
        uow,
        kind=TaskKind.OFFER_WANTED,
        record_table="vehicle_unit",
        record_id=unit.id,
        params={
            "vehicle_names": unit_name(uow.session, unit).stored(),
            "customer": customer.name if customer else "",
            "time": task_time(wish.offered_until),
        },
        branch_id=unit.branch_id,
        assignee_staff_id=wish.salesperson_id,
        due_at=wish.offered_until,
        task_id=derived_id("offer", wish.id, unit.id),
    )
    uow.record("WantedVehicleOffered")


def offer_arrivals(uow: UnitOfWork, units: Iterable[VehicleUnit]) -> None:
    """Offer what came in to those who wait; one look at the queues of the branch when nobody does."""
    trims = {wish.trim_id for wish in _still_waiting(uow)}
    for unit in units if trims else ():
        if unit.trim_id in trims:
            offer_freed(uow, unit)


def offer_list(uow: UnitOfWork, arrived: Iterable[tuple[str, str, str]]) -> int:
    """Offer new units out of a list, each `(id, trim, colour)`, to those who wait, in the order of the list; returns
    how many were offered. However long the list, no more units are loaded than somebody waits for."""
    wanted = Counter((wish.trim_id, wish.exterior_colour) for wish in _still_waiting(uow) if wish.unit_id is None)
    offered = 0
    for unit_id, trim_id, colour in arrived if wanted else ():
        if wanted[trim_id, colour] <= 0 and wanted[trim_id, ""] <= 0:
            continue
        unit = uow.session.get(VehicleUnit, unit_id)
        wish = None if unit is None else offer_freed(uow, unit)
        if wish is not None:
            wanted[trim_id, wish.exterior_colour] -= 1
            offered += 1
    return offered


def _still_waiting(uow: UnitOfWork) -> list[UnitWish]:
    """Who waits in the branch and has no offer running."""
    query = select(UnitWish).where(
        UnitWish.branch_id == uow.actor.branch_id,
        UnitWish.state == WishState.WAITING.value,
        UnitWish.deleted_at.is_(None),
        or_(UnitWish.offered_until.is_(None), UnitWish.offered_until <= uow.now),
    )
    return list(uow.session.scalars(query))


def wait_for_another(uow: UnitOfWork, wish: UnitWish, unit: VehicleUnit) -> None:
    """A unit somebody waits for is not to be had any more: they wait for any like it, and their salesperson is told.

    Who waits for such units already leaves this queue.
    """
    colour, name = unit.exterior_colour, unit_name(uow.session, unit).stored()
    again = select(UnitWish.id).where(
        UnitWish.branch_id == wish.branch_id,
        UnitWish.state == WishState.WAITING.value,
        UnitWish.deleted_at.is_(None),
        UnitWish.unit_id.is_(None),
        UnitWish.trim_id == wish.trim_id,
        UnitWish.exterior_colour.in_(("", colour)),
        UnitWish.customer_id == wish.customer_id,
    )
    if uow.session.scalar(again.limit(1)) is not None:
        wish.state = WishState.LEFT.value
    else:
        wish.unit_id, wish.exterior_colour = None, colour
        wish.offered_unit_id = wish.offered_until = None
    customer = uow.session.get(Customer, wish.customer_id)
    create_task(
        uow,
        kind=TaskKind.WANTED_LEFT,
        record_table="vehicle_unit",
        record_id=unit.id,
        params={"vehicle_names": name, "customer": customer.name if customer else ""},
        branch_id=wish.branch_id,
        assignee_staff_id=wish.salesperson_id,
        due_at=uow.now,
        task_id=derived_id("wanted left", wish.id, unit.id),
    )
    uow.record("WantedVehicleLeft")


def fulfil_wishes(uow: UnitOfWork, unit: VehicleUnit, *, customer_id: str, order_id: str) -> None:
    """A customer ordered the unit: what they waited for, this unit satisfies."""
    for wish in uow.session.scalars(_QUEUE_OF_CUSTOMER, _looked_for(unit) | {"customer": customer_id}):
        wish.state, wish.order_id = WishState.FULFILLED.value, order_id
        uow.record("WishFulfilled")
    told = (TaskKind.OFFER_WANTED, TaskKind.HOLD_ENDING, TaskKind.HOLD_ENDED)
    close_tasks(uow, record_id=unit.id, kind=told)


def task_time(instant: datetime) -> str:
    """A time of day as it stands in a task, by the branch's clock."""
    return f"{instant.astimezone(BRANCH_TIME):%m-%d %H:%M}"


RECENT = timedelta(days=3)
"""Ends of holds and offers older than this are not told any more."""
