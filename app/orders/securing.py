"""Whether an order may count on its vehicle before the centre has answered: computed at the moment, never stored.

An order that waits for the centre is provisional, unless the desk holds a lease on the vehicle that counts now. What
was said on paper while it did stays on the paper.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.inventory.waiting import task_time
from app.kernel.ids import derived_id
from app.kernel.unit_of_work import Reader, UnitOfWork
from app.leases.queries import LeaseRow, all_leases, lease_of
from app.leases.rules import LeaseStanding
from app.orders.rules import LIVE_STATES, ClaimState, OrderState
from app.tasks.follow_up import close_tasks, create_task
from app.tasks.rules import TaskKind, TaskState
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.tasks import Task


@dataclass(frozen=True, slots=True)
class SaleSecurity:
    """The lease under which an order was made that the centre has not answered; `until` is the centre's time."""

    until: datetime
    standing: LeaseStanding

    @property
    def counts(self) -> bool:
        """Whether the vehicle is this order's although the centre has not spoken; else it is provisional again."""
        return self.standing is LeaseStanding.SECURED


def security_of(session: Session, order: SalesOrder, *, now: datetime) -> SaleSecurity | None:
    """None for an order the centre has answered, or that was never made under a lease."""
    if not _waits(order):
        return None
    unit = session.get(VehicleUnit, order.vehicle_unit_id)
    if unit is None or unit.order_id != order.id:
        return None
    lease = lease_of(session, unit.vin, now=now)
    return None if lease is None else _under(lease, order)


def secured_orders(session: Session, *, now: datetime) -> set[str]:
    """The orders that wait for the centre, and were sold under a lease that counts."""
    vehicles = [lease.vehicle_id for lease in all_leases(session, now=now) if lease.counts]
    if not vehicles:
        return set()
    query = select(SalesOrder.id).join(VehicleUnit, VehicleUnit.order_id == SalesOrder.id)
    waiting = SalesOrder.claim_state == ClaimState.PROVISIONAL.value
    return set(session.scalars(query.where(VehicleUnit.id.in_(vehicles), waiting)))


def _waits(order: SalesOrder) -> bool:
    return order.claim_state == ClaimState.PROVISIONAL and OrderState(order.state) in LIVE_STATES


def _under(lease: LeaseRow, order: SalesOrder) -> SaleSecurity | None:
    if not lease.counts and order.ordered_at >= lease.ends_at:
        return None  # it was provisional from the start
    return SaleSecurity(lease.until, lease.standing)


# --- what has to be said when a lease ends before the centre has answered ------------------------


@dataclass(frozen=True, slots=True)
class LeasesToTend:
    """What `TendLeases` would do, and what is to be said on the screen: vehicles whose lease ends soon, by VIN."""

    count: int
    ending: tuple[tuple[str, datetime], ...]


def leases_to_tend(reader: Reader) -> LeasesToTend:
    """Cheap where the desk has no leases."""
    leases = all_leases(reader.session, now=reader.now)
    if not leases:
        return LeasesToTend(len(_settled(reader.session)), ())
    ended = _untold(reader.session, leases)
    return LeasesToTend(
        len(ended) + len(_settled(reader.session)), tuple((one.vin, one.until) for one in leases if one.ends_soon)
    )


def _untold(session: Session, leases: list[LeaseRow]) -> list[tuple[SalesOrder, LeaseRow, str]]:
    """Orders that are provisional again, nobody having been told; with the id of the task to come."""
    found = []
    for lease in leases:
        unit = None if lease.counts else session.get(VehicleUnit, lease.vehicle_id)
        order = session.get(SalesOrder, unit.order_id) if unit is not None and unit.order_id else None
        if order is None or not _waits(order) or _under(lease, order) is None:
            continue
        task_id = derived_id(TaskKind.LEASE_ENDED.value, order.id, lease.until.timestamp())
        if session.get(Task, task_id) is None:
            found.append((order, lease, task_id))
    return found


def _settled(session: Session) -> list[str]:
    """Orders the centre has answered since somebody was told that they are provisional again."""
    query = (
        select(SalesOrder.id)
        .join(Task, Task.record_id == SalesOrder.id)
        .where(
            Task.kind == TaskKind.LEASE_ENDED.value,
            Task.state == TaskState.OPEN.value,
            Task.deleted_at.is_(None),
            SalesOrder.claim_state != ClaimState.PROVISIONAL.value,
        )
    )
    return list(session.scalars(query))


def tend(uow: UnitOfWork) -> int:
    """Tell sellers which sales are provisional again, and tick off what the centre has answered; how many."""
    ended = _untold(uow.session, all_leases(uow.session, now=uow.now))
    for order, lease, task_id in ended:
        customer = uow.session.get(Customer, order.customer_id)
        create_task(
            uow,
            kind=TaskKind.LEASE_ENDED,
            record_table="sales_order",
            record_id=order.id,
            params={
                "number": order.number, "vin": lease.vin, "time": task_time(lease.until),
                "customer": customer.name if customer else "",
            },
            branch_id=order.branch_id,
            assignee_staff_id=order.salesperson_id,
            task_id=task_id,
        )  # fmt: skip
    settled = _settled(uow.session)
    for order_id in settled:
        close_tasks(uow, record_id=order_id, kind=TaskKind.LEASE_ENDED)
    return len(ended) + len(settled)
