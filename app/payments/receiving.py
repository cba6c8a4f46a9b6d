"""Posting money: checks, the cap of earnest money, the rows. Shared by `ReceivePayment` and the quick sale."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.clock import branch_date
from app.kernel.errors import ValueNotAllowed, limited_text
from app.kernel.money import ZERO, require_amount
from app.kernel.unit_of_work import UnitOfWork
from app.orders.errors import SaleInConflict
from app.orders.rules import ClaimState, OrderState, earnest_cap
from app.orders.ties import require_open
from app.payments.commands import PaymentReceived
from app.payments.errors import EarnestMoneyTooLate, PaymentInFuture
from app.payments.rules import PaymentEntry, PaymentKind, PaymentMethod, PaymentState, require_receivable, standing
from app.payments.rules import paid_total as paid
from app.periods.guard import require_open as require_open_month
from app.tasks.follow_up import close_tasks
from app.tasks.rules import TaskKind
from db.models.orders import SalesOrder
from db.models.payments import Payment

NUMBER_KIND = "RC"
_REFERENCE_LIMIT = 80
_NOTE_LIMIT = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Money as handed over. Build it with `checked_receipt`."""

    kind: PaymentKind
    method: PaymentMethod
    amount: Decimal
    received_at: datetime
    reference: str = ""
    note: str = ""


def checked_receipt(
    *, kind: str, method: str, amount: Decimal, now: datetime, received_at: datetime | None, reference: str, note: str
) -> Receipt:
    """What was entered, checked; raises ValueNotAllowed, PaymentInFuture, ValueTooLong or amount errors by field."""
    known_kind = next((member for member in PaymentKind if member == kind), None)
    if known_kind is None:
        raise ValueNotAllowed(field="kind", value=kind)
    known_method = next((member for member in PaymentMethod if member == method), None)
    if known_method is None:
        raise ValueNotAllowed(field="method", value=method)
    if received_at is not None and received_at > now:
        raise PaymentInFuture(field="received_at")
    return Receipt(
        kind=known_kind,
        method=known_method,
        amount=require_amount(amount, field="amount", negative_allowed=True),
        received_at=received_at or now,
        reference=limited_text(reference, field="reference", limit=_REFERENCE_LIMIT),
        note=limited_text(note, field="note", limit=_NOTE_LIMIT),
    )


def entries_of(uow: UnitOfWork, order_id: str) -> list[PaymentEntry]:
    """The ledger of an order."""
    return entries_in(uow.session, order_id)


def entries_in(session: Session, order_id: str) -> list[PaymentEntry]:
    """The ledger of an order, for whoever only reads."""
    query = select(Payment.kind, Payment.amount, Payment.state).where(
        Payment.order_id == order_id, Payment.deleted_at.is_(None)
    )
    return [PaymentEntry(*row) for row in session.execute(query)]


def receive(
    uow: UnitOfWork,
    order: SalesOrder,
    receipt: Receipt,
    *,
    contract_price: Decimal,
    entries: Sequence[PaymentEntry],
) -> PaymentReceived:
    """Post a receipt against an order with this ledger; earnest money above the cap is posted as an advance.

    Raises OrderNotOpen, MonthIsClosed, SaleInConflict, EarnestMoneyTooLate, PaymentNotPositive or
    PaymentExceedsOutstanding.
    """
    require_open(order)
    require_open_month(uow, receipt.received_at, field="received_at")
    if order.claim_state == ClaimState.CONFLICT:
        raise SaleInConflict()
    require_receivable(receipt.amount, standing(order.on_road_total, entries))
    parts = _parts(order, receipt, contract_price=contract_price, entries=entries)
    payments = [_payment(uow, order, receipt, kind, amount) for kind, amount in parts]
    uow.session.add_all(payments)
    if paid(entries) + receipt.amount >= order.on_road_total:
        close_tasks(uow, record_id=order.id, kind=TaskKind.CONTRACT_PAYMENT_DUE)
    uow.record("PaymentReceived")
    amounts = dict(parts)
    split = len(parts) == 2
    return PaymentReceived(
        payment_ids=tuple(payment.id for payment in payments),
        numbers=tuple(payment.number for payment in payments),
        earnest_amount=amounts.get(PaymentKind.EARNEST_MONEY, ZERO),
        advance_from_excess=amounts[PaymentKind.ADVANCE] if split or _is_all_excess(receipt, amounts) else ZERO,
    )


def _is_all_excess(receipt: Receipt, amounts: dict[PaymentKind, Decimal]) -> bool:
    return receipt.kind is PaymentKind.EARNEST_MONEY and PaymentKind.ADVANCE in amounts


def _parts(
    order: SalesOrder, receipt: Receipt, *, contract_price: Decimal, entries: Sequence[PaymentEntry]
) -> list[tuple[PaymentKind, Decimal]]:
    """What is posted as what: Civil Code 586, the part above 20 % has no effect as earnest money."""
    if receipt.kind is not PaymentKind.EARNEST_MONEY:
        return [(receipt.kind, receipt.amount)]
    if OrderState(order.state) in (OrderState.DELIVERED, OrderState.COMPLETED, OrderState.RETURN_PENDING):
        raise EarnestMoneyTooLate(field="kind")
    cap = earnest_cap(contract_price, branch_date(receipt.received_at))
    room = max(cap - paid(entries, PaymentKind.EARNEST_MONEY), ZERO)
    effective = min(receipt.amount, room)
    parts = [(PaymentKind.EARNEST_MONEY, effective), (PaymentKind.ADVANCE, receipt.amount - effective)]
    return [(kind, amount) for kind, amount in parts if amount > 0]


def _payment(uow: UnitOfWork, order: SalesOrder, receipt: Receipt, kind: PaymentKind, amount: Decimal) -> Payment:
    return Payment(
        branch_id=uow.actor.branch_id,
        number=uow.next_number(NUMBER_KIND),
        order_id=order.id,
        customer_id=order.customer_id,
        kind=kind.value,
        method=receipt.method.value,
        amount=amount,
        state=PaymentState.RECEIVED.value,
        received_at=receipt.received_at,
        received_by_staff_id=uow.actor.staff_id,
        reference=receipt.reference,
        reason="",
        note=receipt.note,
    )
