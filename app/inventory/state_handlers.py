"""What commands do on a unit's axes: holds, stock, inspection, condition, certificate."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from app.inventory.allocation import deliver, take_back
from app.inventory.commands import (
    ExtendHold,
    HandOverUnit,
    HoldUnit,
    MarkArrived,
    ReleaseUnit,
    RestoreState,
    SetQuality,
    SetStock,
    TakeBackUnit,
)
from app.inventory.errors import HandoverBlocked, HoldNotYours
from app.inventory.holding import (
    check_available,
    end_hold,
    hold,
    order_number_of,
    require_not_promised,
    require_running_hold,
    standing_of,
)
from app.inventory.places import put_at
from app.inventory.rules import (
    QUALITY,
    STOCK,
    AllocationState,
    StockAction,
    effective_allocation,
    handover_obstacles,
    hold_until,
    require_nobody_else_has,
)
from app.inventory.unit_checks import check_days
from app.inventory.waiting import offer_arrivals, offer_freed
from app.kernel.commands import requires
from app.kernel.errors import ReasonRequired, require_text
from app.kernel.labels import Listing, Note, note
from app.kernel.money import ZERO, format_money
from app.kernel.permissions import Permission, Role
from app.kernel.state_machine import StateMachine
from app.kernel.unit_of_work import UnitOfWork
from app.periods.guard import require_open
from app.runtime.language import tr_noop
from app.tasks.follow_up import close_tasks
from app.tasks.rules import TaskKind
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.payments import Payment
from db.models.staff import StaffMember

_MAY_END_ANY_HOLD = (Role.BRANCH_MANAGER, Role.ADMINISTRATOR)
_RESTORABLE = frozenset({"stock_state", "quality_state", "location", "arrived_on"})


@requires(Permission.INVENTORY_HOLD)
def hold_unit(command: HoldUnit, uow: UnitOfWork) -> datetime:
    """Keep a unit for a customer, or just for oneself; returns when the hold ends."""
    unit = uow.get(VehicleUnit, command.unit_id, field="unit_id")
    if command.customer_id is not None:
        uow.get(Customer, command.customer_id, field="customer_id")
    check_available(uow, unit, customer_id=command.customer_id, field="unit_id")
    until = hold_until(uow.now, command.until)
    way_back = _way_back(uow, unit)
    hold(uow, unit, until=until, customer_id=command.customer_id)
    if way_back is not None:
        uow.undo_with(way_back)
    return until


def _way_back(uow: UnitOfWork, unit: VehicleUnit) -> HoldUnit | ReleaseUnit | None:
    """What undoes a hold: the actor's own one before it, or none; a colleague's is not brought back by others."""
    if effective_allocation(standing_of(unit), uow.now) != AllocationState.HELD:
        return ReleaseUnit(unit_id=unit.id)
    if unit.held_by_staff_id != uow.actor.staff_id:
        return None
    return HoldUnit(unit_id=unit.id, until=unit.held_until, customer_id=unit.held_for_customer_id)


@requires(Permission.INVENTORY_HOLD)
def extend_hold(command: ExtendHold, uow: UnitOfWork) -> datetime:
    """Let a running hold last longer; returns the new end."""
    unit = uow.get(VehicleUnit, command.unit_id, field="unit_id")
    require_running_hold(unit, uow.now)
    _require_holder(uow, unit)
    until = hold_until(uow.now, command.until)
    before = unit.held_until
    unit.held_until = until
    close_tasks(uow, record_id=unit.id, kind=TaskKind.HOLD_ENDING)
    uow.claim_vehicle(
        vin=unit.vin, vehicle_id=unit.id, kind="hold", holder_id=unit.held_by_staff_id or "", until=until
    )
    if before is not None and before > uow.now:
        uow.undo_with(ExtendHold(unit_id=unit.id, until=before))
    uow.record("HoldExtended")
    return until


@requires(Permission.INVENTORY_HOLD)
def release_unit(command: ReleaseUnit, uow: UnitOfWork) -> str:
    """End a hold before its time; returns the unit's id."""
    unit = uow.get(VehicleUnit, command.unit_id, field="unit_id")
    require_running_hold(unit, uow.now)
    own = _require_holder(uow, unit)
    if not own and not command.reason.strip():
        raise ReasonRequired(field="reason")
    uow.reason = command.reason.strip()
    if own:
        uow.undo_with(
            HoldUnit(unit_id=unit.id, until=unit.held_until, customer_id=unit.held_for_customer_id)
        )
    end_hold(uow, unit)
    uow.record("VehicleReleased")
    if offer_freed(uow, unit) is not None:
        uow.undo = None  # somebody else was offered it meanwhile
    return unit.id


def _require_holder(uow: UnitOfWork, unit: VehicleUnit) -> bool:
    """Whether the hold is the actor's own; raises HoldNotYours unless it is, or the actor may end any."""
    if unit.held_by_staff_id == uow.actor.staff_id:
        return True
    if uow.actor.role not in _MAY_END_ANY_HOLD:
        holder = uow.session.get(StaffMember, unit.held_by_staff_id) if unit.held_by_staff_id else None
        raise HoldNotYours(field="unit_id", name=holder.name if holder else "—")
    return False


@requires(Permission.INVENTORY_VIEW)
def set_stock(command: SetStock, uow: UnitOfWork) -> str:
    """Move a unit along the stock axis; returns its id. What is sold leaves by its handover only, what is damaged,
    frozen or lent out may leave otherwise."""
    unit = uow.get(VehicleUnit, command.unit_id, field="unit_id")
    if command.action == StockAction.LEAVE:
        uow.require(STOCK.transition(unit.stock_state, command.action).permission)
        standing = standing_of(unit, order=order_number_of(uow, unit))
        require_nobody_else_has(standing, now=uow.now, staff_id=uow.actor.staff_id, field="unit_id")
        require_not_promised(uow, unit, field="unit_id")
        held = unit.held_by_staff_id is not None
        end_hold(uow, unit)
        left = _move_on_axis(uow, command, STOCK, "stock_state")
        if held:
            uow.undo = None  # the hold is gone for good: the centre has heard of it
        return left
    if command.action == StockAction.TAKE_BACK and unit.allocation_state == AllocationState.DELIVERED:
        uow.require(Permission.INVENTORY_EDIT)
        return take_back_unit(TakeBackUnit(unit_id=unit.id, reason=command.reason), uow)
    return _move_on_axis(uow, command, STOCK, "stock_state")


@requires(Permission.INVENTORY_EDIT)
def mark_arrived(command: MarkArrived, uow: UnitOfWork) -> str:
    """A unit in transit stands in the yard; returns its id."""
    unit = uow.get(VehicleUnit, command.unit_id, field="unit_id")
    check_days(
        arrived_on=command.arrived_on, manufactured_on=unit.manufactured_on, in_transit=False, now=uow.now
    )
    require_open(uow, command.arrived_on, field="arrived_on", branch_id=unit.branch_id)
    before = {"stock_state": unit.stock_state, "arrived_on": unit.arrived_on.isoformat(), "location": unit.location}
    unit.stock_state = STOCK.next_state(unit.stock_state, StockAction.ARRIVE).value
    unit.arrived_on = command.arrived_on
    put_at(uow, unit, command.location or unit.location)
    _offer_return(uow, unit, before)
    uow.record("UnitArrived")
    offer_arrivals(uow, (unit,))
    return unit.id


@requires(Permission.ORDERS_EDIT)
def hand_over_unit(command: HandOverUnit, uow: UnitOfWork) -> str:
    """The buyer drives away; returns the unit's id."""
    unit = uow.get(VehicleUnit, command.unit_id, field="unit_id")
    obstacles = [*handover_obstacles(standing_of(unit)), *_unpaid(uow, unit)]
    if unit.order_id is not None and obstacles:
        raise HandoverBlocked(field="unit_id", obstacles=Listing(obstacles))
    deliver(uow, unit)
    order = uow.session.get(SalesOrder, unit.order_id) if unit.order_id else None
    if order is not None:
        order.delivered_at = uow.now  # until then it counted in the stock
    return unit.id


@requires(Permission.INVENTORY_EDIT)
def take_back_unit(command: TakeBackUnit, uow: UnitOfWork) -> str:
    """A delivered unit comes back; returns its id."""
    unit = uow.get(VehicleUnit, command.unit_id, field="unit_id")
    uow.reason = require_text(command.reason, field="reason", limit=400)
    order = uow.session.get(SalesOrder, unit.order_id) if unit.order_id else None
    if order is not None:
        order.delivered_at = None
    take_back(uow, unit, reason=uow.reason)
    return unit.id


def _unpaid(uow: UnitOfWork, unit: VehicleUnit) -> list[Note]:
    """What the buyer still owes, as an obstacle."""
    order = uow.session.get(SalesOrder, unit.order_id) if unit.order_id else None
    if order is None:
        return []
    paid = select(func.sum(Payment.amount)).where(Payment.order_id == order.id, Payment.deleted_at.is_(None))
    owed = order.on_road_total - (uow.session.scalar(paid) or ZERO)
    return [note(tr_noop("{amount} is still to be paid"), amount=format_money(owed))] if owed > ZERO else []


@requires(Permission.INVENTORY_EDIT)
def set_quality(command: SetQuality, uow: UnitOfWork) -> str:
    """Report damage, repair, freeze, unfreeze; returns the unit's id."""
    return _move_on_axis(uow, command, QUALITY, "quality_state")


@requires(Permission.INVENTORY_EDIT)
def restore_state(command: RestoreState, uow: UnitOfWork) -> str:
    """The way back of the axis commands; returns the unit's id."""
    unit = uow.get(VehicleUnit, command.unit_id, field="unit_id")
    uow.check_revision(unit, command.expected_revision)
    if not command.states.keys() <= _RESTORABLE:
        raise ValueError(f"not a state: {sorted(command.states.keys() - _RESTORABLE)}")
    if "arrived_on" in command.states:
        require_open(uow, unit.arrived_on, field="unit_id", branch_id=unit.branch_id)
    for name, value in command.states.items():
        setattr(unit, name, date.fromisoformat(value) if name == "arrived_on" else value)
    return unit.id


def _move_on_axis(uow: UnitOfWork, command: Any, axis: StateMachine[Any, Any], column: str) -> str:
    unit = uow.get(VehicleUnit, command.unit_id, field="unit_id")
    before = getattr(unit, column)
    transition = axis.check(before, command.action, reason=command.reason)
    uow.require(transition.permission)
    setattr(unit, column, transition.target.value)
    uow.reason = command.reason.strip()
    _offer_return(uow, unit, {column: before})
    offer_freed(uow, unit)
    return unit.id


def _offer_return(uow: UnitOfWork, unit: VehicleUnit, before: dict[str, Any]) -> None:
    uow.session.flush()
    if uow.actor.may(Permission.INVENTORY_EDIT):
        uow.undo_with(RestoreState(unit_id=unit.id, expected_revision=unit.revision, states=before))
