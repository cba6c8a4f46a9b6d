"""Who has a unit: the steps on the allocation axis, for this feature's handlers and for orders and deliveries.

All work inside the caller's unit of work, so that an order and its unit change together or not at all. The centre
hears of each step: an order claims a unit by the id of the order, a hold by the id of whoever holds it: nobody can hold
one unit twice.
"""

from app.inventory.holding import (
    check_available,
    end_hold,
    hold,
    order_number_of,
    require_running_hold,
    standing_of,
)
from app.inventory.rules import ALLOCATION, STOCK, AllocationAction, StockAction
from app.inventory.waiting import fulfil_wishes, offer_freed
from app.kernel.unit_of_work import UnitOfWork
from db.models.inventory import VehicleUnit

__all__ = [
    "allocate",
    "check_available",
    "deliver",
    "end_hold",
    "hold",
    "order_number_of",
    "release_from_order",
    "require_running_hold",
    "standing_of",
    "take_back",
]


def allocate(
    uow: UnitOfWork,
    unit: VehicleUnit,
    *,
    order_id: str,
    order_number: str,
    customer_id: str,
    field: str = "vehicle_unit_id",
) -> None:
    """Give the unit to an order and claim it at the centre; a hold of or for the same people ends with it.

    Raises what `check_available` raises.
    """
    check_available(uow, unit, customer_id=customer_id, field=field)
    end_hold(uow, unit)
    unit.allocation_state = ALLOCATION.next_state(unit.allocation_state, AllocationAction.ALLOCATE).value
    unit.order_id = order_id
    uow.claim_vehicle(vin=unit.vin, vehicle_id=unit.id, kind="order", holder_id=order_id, number=order_number)
    fulfil_wishes(uow, unit, customer_id=customer_id, order_id=order_id)
    uow.record("VehicleAllocated")


def release_from_order(uow: UnitOfWork, unit: VehicleUnit, *, order_id: str) -> None:
    """Free the unit of an order that was cancelled or lost it; harmless when another order has it by now.

    Whoever waits for it first is offered it.
    """
    uow.release_vehicle(vin=unit.vin, vehicle_id=unit.id, holder_id=order_id)
    if unit.order_id != order_id:
        return
    unit.allocation_state = ALLOCATION.next_state(unit.allocation_state, AllocationAction.RELEASE).value
    unit.order_id = None
    uow.record("VehicleReleased")
    offer_freed(uow, unit)


def deliver(uow: UnitOfWork, unit: VehicleUnit) -> None:
    """The buyer drives away: DELIVERED and out of the house. Raises TransitionNotAllowed."""
    unit.allocation_state = ALLOCATION.next_state(unit.allocation_state, AllocationAction.DELIVER).value
    unit.stock_state = STOCK.next_state(unit.stock_state, StockAction.LEAVE).value
    uow.record("VehicleDelivered")


def take_back(uow: UnitOfWork, unit: VehicleUnit, *, reason: str) -> None:
    """A delivered unit comes back and is free again. Raises TransitionNotAllowed or ReasonRequired."""
    allocation = ALLOCATION.check(unit.allocation_state, AllocationAction.TAKE_BACK, reason=reason)
    stock = STOCK.check(unit.stock_state, StockAction.TAKE_BACK, reason=reason)
    if unit.order_id is not None:
        uow.release_vehicle(vin=unit.vin, vehicle_id=unit.id, holder_id=unit.order_id)
    unit.allocation_state = allocation.target.value
    unit.stock_state = stock.target.value
    unit.order_id = None
    uow.record("VehicleTakenBack")
    offer_freed(uow, unit)
