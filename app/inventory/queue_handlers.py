"""What commands do about queues for wanted units, and about holds that end."""

from datetime import datetime
from typing import Any

from app.inventory.commands import (
    JoinQueue,
    LeaveQueue,
    MoveInQueue,
    OfferWanted,
    RejoinQueue,
    RestoreQueuePlace,
    TendHolds,
)
from app.inventory.errors import (
    AlreadyWaiting,
    MovedTooOften,
    NotInThisQueue,
    NotWanted,
    OfferNotFree,
    OfferRunning,
    QueueNotYours,
    VehicleAlreadyDelivered,
    WantedUnitFree,
    WishNotWaiting,
)
from app.inventory.hold_watch import ended_holds, ending_holds, lapsed_offers, vain_wishes
from app.inventory.holding import end_hold, standing_of
from app.inventory.queue_order import LONGEST, rank_behind
from app.inventory.rules import AllocationState, WishState, effective_allocation, sale_obstacles
from app.inventory.unit_names import unit_name
from app.inventory.waiting import (
    in_one_queue,
    is_offer_running,
    is_to_be_had,
    offer,
    offer_freed,
    queue_for,
    task_time,
    wait_for_another,
    waiting_of,
)
from app.kernel.commands import requires
from app.kernel.errors import ReasonRequired, ValueRequired, limited_text, require_text
from app.kernel.ids import derived_id
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.tasks.follow_up import close_tasks, create_task
from app.tasks.rules import TaskKind
from db.models.catalog import Trim
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.staff import StaffMember
from db.models.wishes import UnitWish


@requires(Permission.INVENTORY_HOLD)
def join_queue(command: JoinQueue, uow: UnitOfWork) -> str:
    """Let a customer wait; returns the id of the place."""
    customer = uow.get(Customer, command.customer_id, field="customer_id")
    unit = None
    if command.unit_id is not None:
        unit = uow.get(VehicleUnit, command.unit_id, field="unit_id")
        _require_wanted(uow, unit)
    elif not command.trim_id:
        raise ValueRequired(field="trim_id")
    trim_id = unit.trim_id if unit is not None else uow.get(Trim, command.trim_id or "", field="trim_id").id
    colour = "" if unit is not None else limited_text(command.exterior_colour, field="exterior_colour", limit=40)
    wish = UnitWish(
        branch_id=unit.branch_id if unit is not None else uow.actor.branch_id,
        unit_id=None if unit is None else unit.id,
        trim_id=trim_id,
        exterior_colour=colour,
        customer_id=customer.id,
        salesperson_id=uow.actor.staff_id,
        note=limited_text(command.note, field="note", limit=400),
        earnest_reference=limited_text(command.earnest_reference, field="earnest_reference", limit=40),
        rank=uow.hybrid_time(),
        state=WishState.WAITING.value,
    )
    queue = _queue_of(uow, wish)
    for place, other in enumerate(queue, start=1):
        if other.customer_id == customer.id:
            raise AlreadyWaiting(field="customer_id", place=place)
    uow.add(wish)
    uow.undo_with(LeaveQueue(wish_id=wish.id))
    uow.record("QueueJoined")
    return wish.id


def _require_wanted(uow: UnitOfWork, unit: VehicleUnit) -> None:
    standing = standing_of(unit)
    allocation = effective_allocation(standing, uow.now)
    if allocation == AllocationState.DELIVERED:
        raise VehicleAlreadyDelivered(field="unit_id")
    if allocation == AllocationState.FREE and not sale_obstacles(standing) and not queue_for(uow.session, unit):
        raise WantedUnitFree(field="unit_id")


@requires(Permission.INVENTORY_HOLD)
def leave_queue(command: LeaveQueue, uow: UnitOfWork) -> str:
    """A customer waits no longer; returns the id of the place."""
    wish = _waiting(uow, command.wish_id)
    own = wish.salesperson_id == uow.actor.staff_id
    if not own and not uow.actor.may(Permission.INVENTORY_ARRANGE_QUEUE):
        person = uow.session.get(StaffMember, wish.salesperson_id)
        raise QueueNotYours(field="wish_id", name=person.name if person else "—")
    if not own and not command.reason.strip():
        raise ReasonRequired(field="reason")
    wish.state = WishState.LEFT.value
    wish.left_reason = uow.reason = limited_text(command.reason, field="reason", limit=400)
    passed_on = _give_up_offer(uow, wish)
    if not passed_on:
        uow.undo_with(RejoinQueue(wish_id=wish.id))
    uow.record("QueueLeft")
    return wish.id


def _give_up_offer(uow: UnitOfWork, wish: UnitWish) -> bool:
    """Whether the unit that was offered went to the next in the queue."""
    if wish.offered_unit_id is None or not is_offer_running(wish, uow.now):
        return False
    wish.offered_until = uow.now
    unit = uow.session.get(VehicleUnit, wish.offered_unit_id)
    if unit is None:
        return False
    close_tasks(uow, record_id=unit.id, kind=TaskKind.OFFER_WANTED)
    if unit.held_by_staff_id == wish.salesperson_id and unit.held_for_customer_id == wish.customer_id:
        end_hold(uow, unit)
    return offer_freed(uow, unit) is not None


@requires(Permission.INVENTORY_HOLD)
def offer_wanted(command: OfferWanted, uow: UnitOfWork) -> datetime:
    """Offer a free unit now; returns until when it is kept."""
    wish = _waiting(uow, command.wish_id)
    unit = uow.get(VehicleUnit, command.unit_id, field="unit_id")
    if wish.offered_until is not None and is_offer_running(wish, uow.now):
        customer = uow.session.get(Customer, wish.customer_id)
        name = customer.name if customer else "—"
        raise OfferRunning(field="wish_id", name=name, time=task_time(wish.offered_until))
    queue = queue_for(uow.session, unit)
    if wish.id not in {other.id for other in queue}:
        raise NotWanted(field="unit_id")
    if not is_to_be_had(uow.session, unit, uow.now):
        raise OfferNotFree(field="unit_id")
    first = next((other for other in queue if not is_offer_running(other, uow.now)), wish)
    if first.id != wish.id:
        uow.require(Permission.INVENTORY_ARRANGE_QUEUE)
        uow.reason = require_text(command.reason, field="reason", limit=400)
    offer(uow, wish, unit)
    assert wish.offered_until is not None
    return wish.offered_until


@requires(Permission.INVENTORY_HOLD)
def rejoin_queue(command: RejoinQueue, uow: UnitOfWork) -> str:
    """Back to the place that was left; returns its id."""
    wish = uow.get(UnitWish, command.wish_id, field="wish_id")
    if wish.state != WishState.LEFT:
        raise WishNotWaiting(field="wish_id", state=WishState(wish.state).label)
    wish.state, wish.left_reason = WishState.WAITING.value, ""
    return wish.id


@requires(Permission.INVENTORY_ARRANGE_QUEUE)
def move_in_queue(command: MoveInQueue, uow: UnitOfWork) -> str:
    """Give somebody another place in their queue; returns the id of the place."""
    wish = _waiting(uow, command.wish_id)
    neighbour = None if command.behind_id is None else _waiting(uow, command.behind_id)
    if neighbour is not None and neighbour.id not in {other.id for other in _queue_of(uow, wish)} - {wish.id}:
        raise NotInThisQueue(field="behind_id")
    uow.reason = require_text(command.reason, field="reason", limit=400)
    before = wish.rank
    wish.rank = rank_behind(None if neighbour is None else neighbour.rank, hybrid_time=uow.hybrid_time())
    if len(wish.rank) > LONGEST:
        raise MovedTooOften(field="wish_id")
    uow.session.flush()
    uow.undo_with(RestoreQueuePlace(wish_id=wish.id, expected_revision=wish.revision, rank=before))
    uow.record("QueueArranged")
    return wish.id


@requires(Permission.INVENTORY_ARRANGE_QUEUE)
def restore_queue_place(command: RestoreQueuePlace, uow: UnitOfWork) -> str:
    """Back to the place before a move; returns its id."""
    wish = _waiting(uow, command.wish_id)
    uow.check_revision(wish, command.expected_revision)
    wish.rank = command.rank
    return wish.id


@requires(Permission.INVENTORY_HOLD)
def tend_holds(command: TendHolds, uow: UnitOfWork) -> int:
    """Tell what ends and has ended, offer what became free, and let nobody wait for what is gone; returns how many
    things were done."""
    scope: dict[str, Any] = {"branch_id": uow.actor.branch_id, "now": uow.now}
    ending, ended = ending_holds(uow.session, **scope), ended_holds(uow.session, **scope)
    for unit in ending:
        _tell_holder(uow, unit, TaskKind.HOLD_ENDING)
    for unit in ended:
        _tell_holder(uow, unit, TaskKind.HOLD_ENDED)
        close_tasks(uow, record_id=unit.id, kind=TaskKind.HOLD_ENDING)
        offer_freed(uow, unit)
    lapsed = lapsed_offers(uow.session, **scope)
    for unit in lapsed:
        offer_freed(uow, unit)
    vain = vain_wishes(uow.session, branch_id=uow.actor.branch_id)
    for wish, unit in vain:
        wait_for_another(uow, wish, unit)
    return len(ending) + len(ended) + len(lapsed) + len(vain)


def _tell_holder(uow: UnitOfWork, unit: VehicleUnit, kind: TaskKind) -> None:
    if unit.held_until is None:
        return
    customer = uow.session.get(Customer, unit.held_for_customer_id) if unit.held_for_customer_id else None
    create_task(
        uow,
        kind=kind,
        record_table="vehicle_unit",
        record_id=unit.id,
        params={
            "vehicle_names": unit_name(uow.session, unit).stored(),
            "time": task_time(unit.held_until),
            "customer": customer.name if customer else "",
        },
        branch_id=unit.branch_id,
        assignee_staff_id=unit.held_by_staff_id,
        due_at=unit.held_until,
        task_id=derived_id(kind.value, unit.id, unit.held_until.timestamp()),
    )


def _waiting(uow: UnitOfWork, wish_id: str) -> UnitWish:
    wish = uow.get(UnitWish, wish_id, field="wish_id")
    if wish.state != WishState.WAITING:
        raise WishNotWaiting(field="wish_id", state=WishState(wish.state).label)
    return wish


def _queue_of(uow: UnitOfWork, wish: UnitWish) -> list[UnitWish]:
    """Who waits where this one waits."""
    return [other for other in waiting_of(uow.session, wish.branch_id, [wish.trim_id]) if in_one_queue(wish, other)]
