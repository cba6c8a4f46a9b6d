"""Holds on units, as handlers and queues put and end them, inside the caller's unit of work."""

from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.inventory.errors import VehicleNotHeld, VehiclePromised, VehicleSecuredElsewhere
from app.inventory.rules import (
    AllocationState,
    CertificateState,
    PdiState,
    QualityState,
    StockState,
    UnitStanding,
    effective_allocation,
    require_available,
)
from app.kernel.clock import BRANCH_TIME
from app.kernel.permissions import Actor
from app.kernel.unit_of_work import Reader, UnitOfWork
from app.tasks.follow_up import close_tasks
from app.tasks.rules import TaskKind
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.staff import Branch
from db.models.transfers import VehicleTransfer


def _asked(state: str) -> ColumnElement[bool]:
    return func.coalesce(VehicleTransfer.asked_state, VehicleTransfer.state) == state


_PROMISES = (
    select(VehicleTransfer.number, Branch.code)
    .outerjoin(Branch, Branch.id == VehicleTransfer.to_branch_id)
    .where(
        VehicleTransfer.unit_id == bindparam("unit"),
        VehicleTransfer.to_branch_id != bindparam("receiver"),
        or_(*(_asked(state) for state in ("APPROVED", "DEPARTED", "MOVED"))),
        VehicleTransfer.state != "MOVED",
        VehicleTransfer.deleted_at.is_(None),
    )
)
"""Made once, as every sale asks for it."""


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

    Raises VehicleAlreadyDelivered, VehicleAlreadySold, VehicleNotForSale, VehicleHeldByOther or VehicleSecuredElsewhere
    for the field.
    """
    require_available(
        standing_of(unit, order=order_number_of(uow, unit)),
        now=uow.now,
        staff_id=uow.actor.staff_id,
        customer_id=customer_id,
        field=field,
    )
    require_not_promised(uow, unit, field=field)
    secured = secured_elsewhere(unit, uow.actor, now=uow.now)
    if secured is not None:
        until = f"{secured.astimezone(BRANCH_TIME):%Y-%m-%d %H:%M}"
        raise VehicleSecuredElsewhere(field=field, desk=unit.secured_for or "—", until=until)


def secured_elsewhere(unit: VehicleUnit, actor: Actor, *, now: datetime) -> datetime | None:
    """Until when the centre keeps the unit for another desk, as far as this one knows; None where it does not."""
    own = unit.secured_for == f"{actor.branch_code}-{actor.desk_code}"
    return unit.secured_until if unit.secured_until is not None and unit.secured_until > now and not own else None


def require_not_promised(uow: UnitOfWork, unit: VehicleUnit, *, field: str) -> None:
    """Raises VehiclePromised while a transfer gives the unit to another branch, as far as this desk knows."""
    promised = promise_of(uow.session, unit, except_to=uow.actor.branch_id)
    if promised is not None:
        raise VehiclePromised(field=field, number=promised[0], branch=promised[1])


def promise_of(session: Session, unit: VehicleUnit, *, except_to: str | None = None) -> tuple[str, str] | None:
    """Number and receiving branch's code of the transfer that gives a unit away, None without one."""
    row = session.execute(_PROMISES, {"unit": unit.id, "receiver": except_to or unit.branch_id}).first()
    return None if row is None else (row[0], row[1] or "—")


def hold(
    uow: UnitOfWork, unit: VehicleUnit, *, until: datetime, customer_id: str | None, staff_id: str | None = None
) -> None:
    """Keep an available unit for a colleague (the actor by default) until a time; the caller has checked both."""
    holder = staff_id or uow.actor.staff_id
    if unit.held_by_staff_id not in (None, holder):
        end_hold(uow, unit)
    unit.allocation_state = AllocationState.HELD.value
    unit.held_until = until
    unit.held_by_staff_id = holder
    unit.held_for_customer_id = customer_id
    uow.claim_vehicle(
        vin=unit.vin, vehicle_id=unit.id, kind="hold", holder_id=holder, until=until, customer_id=customer_id
    )
    close_tasks(uow, record_id=unit.id, kind=TaskKind.HOLD_ENDING)
    uow.record("VehicleHeld")


def end_hold(uow: UnitOfWork, unit: VehicleUnit) -> None:
    """Forget a hold, whether it still runs or not, and tell the centre; harmless without one."""
    if unit.held_by_staff_id is not None:
        uow.release_vehicle(vin=unit.vin, vehicle_id=unit.id, holder_id=unit.held_by_staff_id)
        close_tasks(uow, record_id=unit.id, kind=TaskKind.HOLD_ENDING)
    if unit.allocation_state == AllocationState.HELD:
        unit.allocation_state = AllocationState.FREE.value
    unit.held_until = unit.held_by_staff_id = unit.held_for_customer_id = None


def require_running_hold(unit: VehicleUnit, now: datetime, *, field: str = "unit_id") -> None:
    """Raises VehicleNotHeld unless a hold is running at this instant."""
    if effective_allocation(standing_of(unit), now) != AllocationState.HELD:
        raise VehicleNotHeld(field=field)
