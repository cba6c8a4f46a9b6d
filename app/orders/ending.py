"""Ending an order before delivery: the vehicle is free, open tasks are over, deposits are settled by law."""

from datetime import date

from sqlalchemy.orm import Session

from app.inventory.allocation import release_from_order
from app.kernel.clock import branch_date
from app.kernel.errors import ReasonRequired, limited_text
from app.kernel.money import ZERO, to_fen
from app.kernel.unit_of_work import UnitOfWork
from app.orders.rules import (
    ORDER,
    ClaimState,
    DefaultingParty,
    DepositSettlement,
    OrderAction,
    OrderState,
    settle_deposits,
    split_earnest,
)
from app.orders.ties import contract_price, order_lines, received_by_nature, require_unbound
from app.quotations.drafting import REASON_LIMIT
from app.tasks.follow_up import close_tasks
from app.tasks.rules import TaskKind
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.tasks import Task

CONTRACTUAL = (TaskKind.CONTRACT_PAYMENT_DUE, TaskKind.CONTRACT_DELIVERY_DUE)
CONFLICTS = (TaskKind.RESOLVE_CLAIM_CONFLICT, TaskKind.LEASE_CONFLICT)
"""What a lost vehicle leaves to be done."""


def cancel(uow: UnitOfWork, order: SalesOrder, *, reason: str, defaulting: DefaultingParty) -> None:
    """Cancel an order that is not delivered. Raises TransitionNotAllowed, ReasonRequired, ContractStillBinding."""
    transition = ORDER.check(OrderState(order.state), OrderAction.CANCEL, reason=reason)
    require_unbound(uow.session, order)
    order.cancel_reason = uow.reason = ending_reason(reason)
    order.state = transition.target.value
    order.cancelled_at = uow.now
    order.claim_state = ClaimState.RELEASED.value
    unit = uow.session.get(VehicleUnit, order.vehicle_unit_id)
    if unit is not None:
        release_from_order(uow, unit, order_id=order.id)
    close_tasks(uow, record_id=order.id, kind=(TaskKind.REVIEW_ORDER, TaskKind.LEASE_ENDED, *CONFLICTS, *CONTRACTUAL))
    _settle_money(uow, order, defaulting)
    uow.record("OrderCancelled")


def deposit_settlement(
    session: Session, order: SalesOrder, defaulting: DefaultingParty, *, on_date: date
) -> DepositSettlement:
    """What becomes of everything received for an order if it ended on that day."""
    earnest, others = received_by_nature(session, order.id)
    split = split_earnest(
        max(earnest, ZERO), contract_price=contract_price(order_lines(session, order.id)), on_date=on_date
    )
    return settle_deposits(split, advance=others, defaulting=defaulting)


def _settle_money(uow: UnitOfWork, order: SalesOrder, defaulting: DefaultingParty) -> None:
    """Leave a task for what the customer gets back; money itself moves only by the cashier's hand."""
    earnest, others = received_by_nature(uow.session, order.id)
    if earnest + others <= 0:
        return
    settlement = deposit_settlement(uow.session, order, defaulting, on_date=branch_date(uow.now))
    if settlement.to_customer <= 0:
        return
    uow.add(
        Task(
            branch_id=order.branch_id,
            kind=TaskKind.RETURN_PAYMENT.value,
            record_table="sales_order",
            record_id=order.id,
            params={
                "number": order.final_number or order.number,
                "customer": customer_name(uow, order),
                "amount_fen": to_fen(settlement.to_customer),
            },
        )
    )


def customer_name(uow: UnitOfWork, order: SalesOrder) -> str:
    """Whose order it is; empty where the customer is not known here."""
    customer = uow.session.get(Customer, order.customer_id)
    return customer.name if customer else ""


def ending_reason(text: str) -> str:
    """A reason as it is kept. Raises ReasonRequired, ValueTooLong (field `reason`)."""
    if not text.strip():
        raise ReasonRequired(field="reason")
    return limited_text(text, field="reason", limit=REASON_LIMIT)
