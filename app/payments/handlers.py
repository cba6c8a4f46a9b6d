"""Handlers of payment commands."""

from decimal import Decimal

from app.kernel.commands import requires
from app.kernel.errors import limited_text
from app.kernel.money import ZERO
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.orders.placing import converted, place
from app.orders.ties import contract_price, order_lines
from app.payments.commands import (
    ConfirmPayment,
    PaymentReceived,
    ReceivePayment,
    ReconcilePayment,
    RecordSale,
    ReversePayment,
    SaleRecorded,
)
from app.payments.errors import ContraEntryFinal
from app.payments.receiving import NUMBER_KIND, checked_receipt, entries_of, receive
from app.payments.rules import (
    PAYMENT,
    PaymentAction,
    PaymentEntry,
    PaymentKind,
    PaymentState,
    contra_amount,
    paid_total,
)
from app.quotations.calculation import live
from app.quotations.drafting import REASON_LIMIT, offer_for, store_offer
from app.quotations.paper_facts import is_collected
from app.quotations.rules import QuotationState, require_above_floor
from app.tasks.follow_up import open_again
from app.tasks.rules import TaskKind
from db.models.orders import SalesOrder
from db.models.payments import Payment


@requires(Permission.PAYMENTS_RECEIVE)
def receive_payment(command: ReceivePayment, uow: UnitOfWork) -> PaymentReceived:
    """Post money that came in for an order."""
    receipt = checked_receipt(
        kind=command.kind,
        method=command.method,
        amount=command.amount,
        now=uow.now,
        received_at=command.received_at,
        reference=command.reference,
        note=command.note,
    )
    order = live(uow.session, SalesOrder, command.order_id, field="order_id")
    price = contract_price(order_lines(uow.session, order.id))
    return receive(uow, order, receipt, contract_price=price, entries=entries_of(uow, order.id))


@requires(Permission.PAYMENTS_RECEIVE)
def confirm_payment(command: ConfirmPayment, uow: UnitOfWork) -> str:
    """Note that the money is there."""
    return _move(uow, command.payment_id, command.expected_revision, PaymentAction.CONFIRM, "PaymentConfirmed")


@requires(Permission.PAYMENTS_REVERSE)
def reconcile_payment(command: ReconcilePayment, uow: UnitOfWork) -> str:
    """Note that the payment stands on the bank's statement."""
    return _move(uow, command.payment_id, command.expected_revision, PaymentAction.RECONCILE, "PaymentReconciled")


def _move(uow: UnitOfWork, payment_id: str, revision: int, action: PaymentAction, event: str) -> str:
    payment = _payment(uow, payment_id, revision)
    payment.state = PAYMENT.next_state(PaymentState(payment.state), action).value
    uow.record(event)
    return payment.id


@requires(Permission.PAYMENTS_REVERSE)
def reverse_payment(command: ReversePayment, uow: UnitOfWork) -> str:
    """Add the contra entry of a confirmed payment; the entry itself is never touched but for its state."""
    payment = _payment(uow, command.payment_id, command.expected_revision)
    if payment.reverses_id is not None:
        raise ContraEntryFinal()
    transition = PAYMENT.check(PaymentState(payment.state), PaymentAction.REVERSE, reason=command.reason)
    reason = uow.reason = limited_text(command.reason, field="reason", limit=REASON_LIMIT)
    contra = Payment(
        branch_id=uow.actor.branch_id,
        number=uow.next_number(NUMBER_KIND),
        order_id=payment.order_id,
        customer_id=payment.customer_id,
        kind=payment.kind,
        method=payment.method,
        amount=contra_amount(PaymentEntry(payment.kind, payment.amount, payment.state)),
        state=PaymentState.CONFIRMED.value,
        received_at=uow.now,
        received_by_staff_id=uow.actor.staff_id,
        reference=payment.reference,
        reverses_id=payment.id,
        reason=reason,
        note="",
    )
    was_paid = paid_total(entries_of(uow, payment.order_id)) >= _order_total(uow, payment.order_id)
    payment.state = transition.target.value
    uow.add(contra)
    if was_paid:
        open_again(uow, record_id=payment.order_id, kind=TaskKind.CONTRACT_PAYMENT_DUE)
    uow.record("PaymentReversed")
    return contra.id


@requires(Permission.ORDERS_EDIT)
def record_sale(command: RecordSale, uow: UnitOfWork) -> SaleRecorded:
    """A whole sale at once: offer, order, allocation, claim and earnest money."""
    uow.require(Permission.QUOTATIONS_EDIT)
    uow.require(Permission.PAYMENTS_RECEIVE)
    receipt = checked_receipt(
        kind=PaymentKind.EARNEST_MONEY.value,
        method=command.method,
        amount=command.earnest_amount,
        now=uow.now,
        received_at=None,
        reference=command.reference,
        note="",
    )
    customer, offer = offer_for(uow, command.customer_id, command.terms)
    require_above_floor(offer.on_road.floor)
    # All reads are done: from here on rows are only added, so that one flush writes each of them once.
    with uow.session.no_autoflush:
        quotation, lines = store_offer(uow, offer, customer=customer, state=converted(QuotationState.DRAFT))
        order = place(
            uow, quotation, lines, unit=offer.unit, customer=customer, planned_delivery=command.planned_delivery,
            specification_versions=quotation.specification_versions or {},
        )  # fmt: skip
        price = sum((line.amount for line in lines if not is_collected(line.kind)), ZERO)
        payment = receive(uow, order, receipt, contract_price=price, entries=())
    uow.record("SaleRecorded")
    return SaleRecorded(quotation_id=quotation.id, order_id=order.id, order_number=order.number, payment=payment)


def _order_total(uow: UnitOfWork, order_id: str) -> Decimal:
    return live(uow.session, SalesOrder, order_id, field="order_id").on_road_total


def _payment(uow: UnitOfWork, payment_id: str, revision: int) -> Payment:
    payment = live(uow.session, Payment, payment_id, field="payment_id")
    uow.check_revision(payment, revision)
    return payment
