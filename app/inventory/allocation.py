"""Who has a unit: the steps on the allocation axis, for this feature's handlers and for orders and deliveries.

All work inside the caller's unit of work, so that an order and its unit change together or not at all. The centre
hears of each step: an order claims a unit by the id of the order, a hold by the id of whoever holds it: nobody can hold
one unit twice.
"""

from datetime import datetime

from sqlalchemy import select

from app.inventory.errors import VehicleNotHeld
from app.inventory.rules import (
    ALLOCATION,
    STOCK,
    AllocationAction,
    AllocationState,
    CertificateState,
    PdiState,
    QualityState,
    StockAction,
    StockState,
    UnitStanding,
    effective_allocation,
    require_available,
)
from app.kernel.unit_of_work import Reader, UnitOfWork
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder


def standing_of(unit: VehicleUnit, *, order: str = "") -> UnitStanding:
    """The unit's place on its axes, as the rules want it."""
    return UnitStanding(
        stock=StockState(unit.stock_state),
        allocation=AllocationState(unit.allocation_state),
        pdi=PdiState(unit.pdi_state),
        quality=QualityState(unit.quality_state),
        certificate=CertificateState(unit.certificate_state),
        held_until=unit.held_until,
        held_by_staff_id=unit.held_by_staff_id,
        held_for_customer_id=unit.held_for_customer_id,
        order=order,
    )


def order_number_of(scope: UnitOfWork | Reader, unit: VehicleUnit) -> str:
    """The number of the order the unit is allocated to, empty without one or where that order is not at this desk."""
    if unit.order_id is None:
        return ""
    row = scope.session.execute(
        select(SalesOrder.number, SalesOrder.final_number).where(SalesOrder.id == unit.order_id)
    ).first()
    return "" if row is None else row.final_number or row.number


def check_available(
    uow: UnitOfWork, unit: VehicleUnit, *, customer_id: str | None = None, field: str = "vehicle_unit_id"
) -> None:
    """That the actor may hold or sell this unit now, for this customer if one is named.

    Raises VehicleAlreadyDelivered, VehicleAlreadySold, VehicleNotForSale or VehicleHeldByOther for the field.
    """
    require_available(
        standing_of(unit, order=order_number_of(uow, unit)),
        now=uow.now,
        staff_id=uow.actor.staff_id,
        customer_id=customer_id,
        field=field,
    )


def hold(uow: UnitOfWork, unit: VehicleUnit, *, until: datetime, customer_id: str | None) -> None:
    """Keep an available unit for the actor until a time; the caller has checked both."""
    if unit.held_by_staff_id not in (None, uow.actor.staff_id):
        end_hold(uow, unit)
    unit.allocation_state = AllocationState.HELD.value
    unit.held_until = until
    unit.held_by_staff_id = uow.actor.staff_id
    unit.held_for_customer_id = customer_id
    uow.claim_vehicle(vin=unit.vin, vehicle_id=unit.id, kind="hold", holder_id=uow.actor.staff_id, until=until)
    uow.record("VehicleHeld")


def end_hold(uow: UnitOfWork, unit: VehicleUnit) -> None:
    """Forget a hold, whether it still runs or not, and tell the centre; harmless without one."""
    if unit.held_by_staff_id is not None:
        uow.release_vehicle(vin=unit.vin, vehicle_id=unit.id, holder_id=unit.held_by_staff_id)
    if unit.allocation_state == AllocationState.HELD:
        unit.allocation_state = AllocationState.FREE.value
    unit.held_until = unit.held_by_staff_id = unit.held_for_customer_id = None


def require_running_hold(unit: VehicleUnit, now: datetime, *, field: str = "unit_id") -> None:
    """Raises VehicleNotHeld unless a hold is running at this instant."""
    if effective_allocation(standing_of(unit), now) != AllocationState.HELD:
        raise VehicleNotHeld(field=field)


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
    uow.record("VehicleAllocated")


def release_from_order(uow: UnitOfWork, unit: VehicleUnit, *, order_id: str) -> None:
    """Free the unit of an order that was cancelled or lost it; harmless when another order has it by now."""
    uow.release_vehicle(vin=unit.vin, vehicle_id=unit.id, holder_id=order_id)
    if unit.order_id != order_id:
        return
    unit.allocation_state = ALLOCATION.next_state(unit.allocation_state, AllocationAction.RELEASE).value
    unit.order_id = None
    uow.record("VehicleReleased")


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
