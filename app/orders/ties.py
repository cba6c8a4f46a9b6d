"""What ties an order down: money received for it and contracts signed over it."""

from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel.money import ZERO
from app.orders.errors import ContractStillBinding, OrderNotOpen
from app.orders.rules import LIVE_STATES, OrderState
from app.quotations.paper_facts import is_collected
from db.models.contracts import Contract
from db.models.orders import SalesOrder, SalesOrderLine
from db.models.payments import Payment

SIGNING_STATES = ("PARTIALLY_SIGNED", "SIGNED")
BINDING_STATES = (*SIGNING_STATES, "SEALED", "ARCHIVED")
"""Contract states in which somebody has signed; contracts stand above orders, so their rules are not known here."""
EARNEST_MONEY = "earnest_money"
"""The kind of payment that has an effect of its own in law."""
SALES_CONTRACT = "vehicle_sale"
"""Of the documents over an order the one that binds it."""


def require_open(order: SalesOrder) -> None:
    """Raises OrderNotOpen for a cancelled or returned order."""
    state = OrderState(order.state)
    if state not in LIVE_STATES:
        raise OrderNotOpen(state=state.label)


def signed_contract_number(session: Session, order_id: str) -> str:
    """The number of a contract over the order that somebody has signed, empty without one."""
    query = select(Contract.number).where(
        Contract.order_id == order_id,
        Contract.template_code == SALES_CONTRACT,
        Contract.state.in_(BINDING_STATES),
        Contract.deleted_at.is_(None),
    )
    return session.scalar(query.limit(1)) or ""


def require_unbound(session: Session, order: SalesOrder) -> None:
    """Raises ContractStillBinding while a signed contract stands."""
    signed = signed_contract_number(session, order.id)
    if signed:
        raise ContractStillBinding(contract=signed)


def received_by_nature(session: Session, order_id: str) -> tuple[Decimal, Decimal]:
    """What came in for an order as earnest money, and as everything else; contra entries taken off."""
    query = (
        select(Payment.kind, func.sum(Payment.amount))
        .where(Payment.order_id == order_id, Payment.deleted_at.is_(None))
        .group_by(Payment.kind)
    )
    sums = {row[0]: row[1] for row in session.execute(query)}
    earnest = sums.pop(EARNEST_MONEY, ZERO)
    return earnest, sum(sums.values(), ZERO)


def order_lines(session: Session, order_id: str) -> list[SalesOrderLine]:
    """The lines of an order in their order."""
    query = select(SalesOrderLine).where(SalesOrderLine.order_id == order_id, SalesOrderLine.deleted_at.is_(None))
    return list(session.scalars(query.order_by(SalesOrderLine.position)))


def contract_price(lines: list[SalesOrderLine]) -> Decimal:
    """What the dealer itself sells: the on-road total without what is collected for others."""
    return sum((line.amount for line in lines if not is_collected(line.kind)), ZERO)
