"""Whole sales at the desks of sync tests: an order with its lines, money received, a contract somebody has signed."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from app.kernel.permissions import Role
from app.kernel.unit_of_work import UnitOfWork
from db.models.contracts import Contract
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder, SalesOrderLine
from db.models.payments import Payment
from tests.sync.desks import Desk, customer_of, new_order

LINES = (("vehicle", Decimal("145000.00")), ("purchase_tax", Decimal("21000.00")))


def sell(desk: Desk, unit_id: str, *, at: datetime | None = None) -> str:
    """Sell a unit with an order whose lines add up to its total; the order's id."""
    customer = customer_of(desk)

    def work(uow: UnitOfWork) -> str:
        unit = uow.get(VehicleUnit, unit_id)
        order = uow.add(new_order(uow, unit, customer.id))
        order.ordered_at = at or uow.now
        for place, (kind, amount) in enumerate(LINES):
            uow.add(
                SalesOrderLine(order_id=order.id, position=place, kind=kind, label_zh="车价" if not place else "购置税",
                               label_en="Vehicle" if not place else "Purchase tax", amount=amount)
            )  # fmt: skip
        unit.allocation_state, unit.order_id = "ALLOCATED", order.id
        uow.claim_vehicle(vin=unit.vin, vehicle_id=unit.id, kind="order", holder_id=order.id, number=order.number)
        return str(order.id)

    return str(desk.do(work, role=Role.SALESPERSON))


def pay(desk: Desk, order_id: str, amount: str, *, at: datetime | None = None, **values: Any) -> str:
    """Receive money for an order; the payment's id."""

    def work(uow: UnitOfWork) -> str:
        order = uow.session.get(SalesOrder, order_id)
        given = {
            "branch_id": uow.actor.branch_id, "number": uow.next_number("RC"), "order_id": order_id,
            "customer_id": "c" * 32 if order is None else order.customer_id, "kind": "balance", "method": "cash",
            "amount": Decimal(amount), "state": "CONFIRMED", "received_at": at or uow.now,
            "received_by_staff_id": uow.actor.staff_id,
        } | values  # fmt: skip
        return str(uow.add(Payment(**given)).id)

    return str(desk.do(work, role=Role.CASHIER))


def sign(desk: Desk, order_id: str, **values: Any) -> str:
    """A signed contract over an order; its id."""

    def work(uow: UnitOfWork) -> str:
        order = uow.session.get(SalesOrder, order_id)
        given = {
            "branch_id": uow.actor.branch_id, "number": uow.next_number("CT"), "order_id": order_id,
            "customer_id": "c" * 32 if order is None else order.customer_id, "state": "SIGNED",
            "template_code": "vehicle_sale", "template_version": "1",
        } | values  # fmt: skip
        return str(uow.add(Contract(**given)).id)

    return str(desk.do(work))
