"""Reading payments: what was received for an order, what is still open, and receipts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from app.kernel.clock import branch_date
from app.kernel.labels import Bilingual
from app.kernel.money import ZERO
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.orders.rules import earnest_cap
from app.orders.ties import contract_price, order_lines
from app.payments.rules import (
    PAYMENT,
    PaymentEntry,
    PaymentKind,
    PaymentMethod,
    PaymentState,
    paid_total,
    payment_facet,
    standing,
)
from app.quotations.paper_facts import customer_party, house, vehicle_facts
from app.quotations.vehicle_names import name_of_unit
from app.runtime.language import tr_in
from db.listing import cursor_of, found, is_one_of, older_than
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.payments import Payment
from db.models.staff import Branch, StaffMember


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """One receipt or contra entry in a list; `actions` are the codes that state and permission allow."""

    id: str
    number: str
    order_id: str
    order_number: str
    customer_id: str
    customer_name: str
    kind: str
    """Labels in `app.payments.rules.PaymentKind`."""
    method: str
    """Labels in `app.payments.rules.PaymentMethod`."""
    amount: Decimal
    """Negative for a contra entry."""
    state: str
    """Labels in `app.payments.rules.PaymentState`."""
    received_at: datetime
    created_at: datetime
    received_by: str
    reference: str
    reverses_number: str
    reason: str
    note: str
    revision: int
    cursor: str
    actions: tuple[str, ...]
    """`app.payments.rules.PaymentAction` codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentStanding:
    """Where an order stands: `state` is UNPAID, PARTIAL, PAID or OVERDUE."""

    order_id: str
    total: Decimal
    received: Decimal
    outstanding: Decimal
    state: str
    contract_price: Decimal
    """What the dealer itself sells, without what is collected for others."""
    earnest_received: Decimal
    earnest_room: Decimal
    """How much more may be received as earnest money; what is above becomes an advance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRow:
    """What a receipt says; `amount_in_words` is in Chinese capitals."""

    payment: PaymentRow
    branch: Bilingual
    company: str
    vin: str
    vehicle: Bilingual
    amount_in_words: str
    outstanding: Decimal


def list_payments(
    reader: Reader,
    *,
    after: str | None = None,
    limit: int = 60,
    text: str = "",
    order_id: str | None = None,
    customer_id: str | None = None,
    kind: str | Sequence[str] | None = None,
    method: str | Sequence[str] | None = None,
    state: str | Sequence[str] | None = None,
) -> list[PaymentRow]:
    """Payments, newest first. `text` finds the order's number and the customer, or the receipt's number."""
    reader.require(Permission.PAYMENTS_VIEW)
    conditions = _conditions(
        text=text, order_id=order_id, customer_id=customer_id, kind=kind, method=method, state=state
    )
    query = _rows().where(*conditions)
    if after is not None:
        query = query.where(older_than(after, Payment.received_at, Payment.id))
    query = query.order_by(Payment.received_at.desc(), Payment.id.desc()).limit(limit)
    return [_row(reader, values) for values in reader.session.execute(query)]


def count_payments(reader: Reader, **filters: Any) -> tuple[int, int]:
    """How many match the filters of `list_payments`, and how many there are."""
    reader.require(Permission.PAYMENTS_VIEW)
    counted = select(func.count()).select_from(Payment)
    everything = reader.session.scalar(counted.where(Payment.deleted_at.is_(None))) or 0
    if not any(filters.values()):
        return everything, everything
    return reader.session.scalar(counted.where(*_conditions(**filters))) or 0, everything


_Reversed = aliased(Payment)


def _rows() -> Any:
    query: Any = select(
        Payment, SalesOrder.number, SalesOrder.final_number, Customer.name, StaffMember.name, _Reversed.number
    )
    return (
        query.outerjoin(SalesOrder, SalesOrder.id == Payment.order_id)
        .outerjoin(Customer, Customer.id == Payment.customer_id)
        .outerjoin(StaffMember, StaffMember.id == Payment.received_by_staff_id)
        .outerjoin(_Reversed, _Reversed.id == Payment.reverses_id)
    )


def _conditions(
    *, text: str = "", order_id: str | None = None, customer_id: str | None = None, **one_of: Any
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Payment.deleted_at.is_(None)]
    if text.strip():
        of_order = found("order", text, Payment.order_id)
        of_customer = found("customer", text, Payment.customer_id)
        conditions.append(or_(of_order, of_customer, Payment.number == text.strip().upper()))
    if order_id:
        conditions.append(Payment.order_id == order_id)
    if customer_id:
        conditions.append(Payment.customer_id == customer_id)
    for name, wanted in one_of.items():
        if wanted:
            conditions.append(is_one_of(_FACETS[name], wanted))
    return conditions


_FACETS = {"kind": Payment.kind, "method": Payment.method, "state": Payment.state}


def _row(reader: Reader, values: Any) -> PaymentRow:
    payment, number, final_number, customer, staff, reverses = values
    return PaymentRow(
        id=payment.id,
        number=payment.number,
        order_id=payment.order_id,
        order_number=final_number or number or "",
        customer_id=payment.customer_id,
        customer_name=customer or "",
        kind=payment.kind,
        method=payment.method,
        amount=payment.amount,
        state=payment.state,
        received_at=payment.received_at,
        created_at=payment.created_at,
        received_by=staff or "",
        reference=payment.reference,
        reverses_number=reverses or "",
        reason=payment.reason,
        note=payment.note,
        revision=payment.revision,
        cursor=cursor_of(payment.received_at, payment.id),
        actions=_actions(reader, payment),
    )


def _actions(reader: Reader, payment: Payment) -> tuple[str, ...]:
    if payment.reverses_id is not None:
        return ()
    state = PaymentState(payment.state)
    offered = (PAYMENT.transition(state, action) for action in PAYMENT.actions(state))
    return tuple(step.action.value for step in offered if reader.actor.may(step.permission))


def get_payment(reader: Reader, payment_id: str) -> PaymentRow:
    """One payment; raises RecordNotFound."""
    reader.require(Permission.PAYMENTS_VIEW)
    reader.get(Payment, payment_id)
    return _row(reader, reader.session.execute(_rows().where(Payment.id == payment_id)).one())


def get_payment_standing(reader: Reader, order_id: str) -> PaymentStanding:
    """Where an order stands with its money; raises RecordNotFound."""
    reader.require(Permission.PAYMENTS_VIEW)
    order = reader.get(SalesOrder, order_id)
    entries = _entries(reader, order_id)
    money, today = standing(order.on_road_total, entries), branch_date(reader.now)
    price = contract_price(order_lines(reader.session, order_id))
    earnest = paid_total(entries, PaymentKind.EARNEST_MONEY)
    return PaymentStanding(
        order_id=order_id,
        total=money.due,
        received=money.paid,
        outstanding=money.outstanding,
        state=payment_facet(money, due_on=order.planned_delivery_on, today=today).value,
        contract_price=price,
        earnest_received=earnest,
        earnest_room=max(min(earnest_cap(price, today) - earnest, money.outstanding), ZERO),
    )


def _entries(reader: Reader, order_id: str) -> list[PaymentEntry]:
    query = select(Payment.kind, Payment.amount, Payment.state).where(
        Payment.order_id == order_id, Payment.deleted_at.is_(None)
    )
    return [PaymentEntry(*row) for row in reader.session.execute(query)]


def get_receipt(reader: Reader, payment_id: str) -> ReceiptRow:
    """What the receipt of a payment says; there is none before the payment is stored. Raises RecordNotFound."""
    # Numbers in capitals come from a library that start-up must not wait for.
    from app.documents.chinese_amounts import amount_in_capitals

    row = get_payment(reader, payment_id)
    branch = reader.get(Branch, reader.get(Payment, payment_id).branch_id)
    order = reader.get(SalesOrder, row.order_id)
    unit = reader.session.get(VehicleUnit, order.vehicle_unit_id)
    return ReceiptRow(
        payment=row,
        branch=Bilingual(branch.name_zh, branch.name_en),
        company=branch.company_zh or branch.name_zh,
        vin=unit.vin if unit else "",
        vehicle=name_of_unit(reader.session, order.vehicle_unit_id),
        amount_in_words=amount_in_capitals(abs(row.amount)),
        outstanding=standing(order.on_road_total, _entries(reader, order.id)).outstanding,
    )


def receipt_pdf(reader: Reader, payment_id: str, *, language: str = "") -> bytes:
    """The receipt on paper, in the customer's language unless one is named; a contra entry prints as a refund."""
    # Paper needs ReportLab, which start-up must not wait for.
    from app.documents.receipt import ReceiptPaper, render_receipt

    row = get_receipt(reader, payment_id)
    payment = row.payment
    order = reader.get(SalesOrder, payment.order_id)
    customer = reader.get(Customer, payment.customer_id)
    unit = reader.session.get(VehicleUnit, order.vehicle_unit_id)
    spoken = language or customer.paper_language
    paper = ReceiptPaper(
        number=payment.number,
        order_number=payment.order_number,
        customer=customer_party(customer, complete=False),
        dealer=house(reader.get(Branch, order.branch_id)),
        purpose=_purpose(payment),
        amount=abs(payment.amount),
        method=tr_in(spoken, PaymentMethod(payment.method).label),
        received_at=payment.received_at,
        cashier=payment.received_by,
        reference=payment.reference,
        vehicle=vehicle_facts(
            reader.session, unit, kept=order.specification_versions, sold_at=order.ordered_at
        ) if unit else None,
        order_total=order.on_road_total,
        outstanding=row.outstanding,
    )
    return render_receipt(paper, spoken).pdf


def _purpose(payment: PaymentRow) -> Any:
    from app.documents.receipt import ReceiptPurpose

    if payment.amount < 0:
        return ReceiptPurpose.REFUND
    if payment.kind == PaymentKind.COLLECTED_ON_BEHALF:
        return ReceiptPurpose.COLLECTED_FOR_OTHERS
    return ReceiptPurpose(payment.kind)
