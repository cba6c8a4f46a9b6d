"""One payment in the panel: how much, what it is in law, and where its order stands."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QWidget

from app.payments.queries import PaymentRow, PaymentStanding, get_payment, get_payment_standing
from app.payments.rules import receipt_effect
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.controls import Badge, Label, MoneyLabel, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.layout import STRETCH, Divider, boxed, column, row
from ui.kit.record_line import RecordLine
from ui.kit.text import Words
from ui.kit.theme import set_role
from ui.payments.payment_states import PAYMENT_STATES, kind_text, method_text
from ui.payments.standing import StandingView

Go = Callable[..., object]
"""`navigator.open`."""
ENTERED_LATE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    """A payment with its order's standing."""

    row: PaymentRow
    standing: PaymentStanding

    @property
    def actions(self) -> tuple[str, ...]:
        """The codes of what can be done with it."""
        return self.row.actions


def get_payment_record(reader: Any, payment_id: str) -> PaymentRecord:
    """A payment and where its order stands; runs on a reader thread."""
    payment = get_payment(reader, payment_id)
    return PaymentRecord(payment, get_payment_standing(reader, payment.order_id))


def payment_content(record: PaymentRecord, *, go: Go) -> QWidget:
    """The panel's content."""
    payment = record.row
    state = PAYMENT_STATES[payment.state]
    head = row(StatusDot(state.label, state.tone), STRETCH)
    if payment.amount < 0:
        head.addWidget(Badge(tr_noop("Contra entry"), "bad"))
    amount = MoneyLabel(lambda: formats.yuan(payment.amount))
    stack = column(head, column(Label(lambda: kind_text(payment.kind), role="section"), amount, gap=0), gap=16)
    effect = receipt_effect(payment.kind)
    if effect and payment.amount > 0:
        stack.addWidget(_note(effect, tone="warn" if payment.kind == "earnest_money" else "info"))
    if payment.reason:
        stack.addWidget(_note(lambda: tr("Reversed because: {reason}", reason=payment.reason), tone="bad"))
    stack.addWidget(Facts(_facts(payment)))
    stack.addWidget(Divider())
    stack.addWidget(Label(tr_noop("The order"), role="section"))
    stack.addLayout(_links(payment, go=go))
    stack.addWidget(StandingView(record.standing, large=False))
    return boxed(stack)


def _note(text: Words, *, tone: str) -> QWidget:
    box = boxed(column(Label(text, wrap=True), margins=12))
    set_role(box, "message", tone=tone)
    return box


def _facts(payment: PaymentRow) -> list[tuple[Words, Words]]:
    facts: list[tuple[Words, Words]] = [
        (tr_noop("Method"), lambda: method_text(payment.method)),
        (tr_noop("Received at"), lambda: formats.moment(payment.received_at)),
        (tr_noop("Received by"), lambda: payment.received_by),
    ]
    if abs((payment.created_at - payment.received_at).total_seconds()) >= ENTERED_LATE_SECONDS:
        facts.insert(2, (tr_noop("Entered at"), lambda: formats.moment(payment.created_at)))
    if payment.reference:
        facts.append((tr_noop("Reference"), lambda: payment.reference))
    if payment.reverses_number:
        facts.append((tr_noop("Reverses"), lambda: payment.reverses_number))
    if payment.note:
        facts.append((tr_noop("Note"), lambda: payment.note))
    return facts


def _links(payment: PaymentRow, *, go: Go) -> Any:
    order = RecordLine(lambda: tr("Order {number}", number=payment.order_number), icon="receipt")
    order.clicked.connect(lambda: go("orders", order_id=payment.order_id))
    customer = RecordLine(lambda: payment.customer_name, icon="user")
    customer.clicked.connect(lambda: go("customers", customer_id=payment.customer_id))
    return column(order, customer, gap=2)
