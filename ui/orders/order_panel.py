"""One order in the panel: what is outstanding, what it consists of, and everything that happened to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QProgressBar, QWidget

from app.contracts.rules import ContractState
from app.finance.queries import LoanPlanRow, stored_plan
from app.finance.rules import LoanMethod
from app.kernel.money import ZERO
from app.kernel.permissions import Permission
from app.leases.rules import LeaseStanding
from app.orders.queries import OrderContractRow, OrderDetail, OrderPaymentRow, OrderRow, get_order
from app.orders.rules import ClaimState
from app.orders.securing import SaleSecurity
from app.payments.queries import PaymentStanding, get_payment_standing
from app.payments.rules import PaymentMethod, PaymentState
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.controls import Badge, Label, MoneyLabel, StatusDot
from ui.kit.disclosure import Disclosure
from ui.kit.figure_lines import Figure, FigureLines, amount_figures
from ui.kit.layout import STRETCH, Divider, boxed, column, row
from ui.kit.record_line import RecordLine
from ui.kit.text import Words, words
from ui.kit.theme import set_role
from ui.orders.order_events import order_events
from ui.orders.order_specification import specification_note
from ui.orders.order_states import (
    CLAIM_SENTENCES,
    CLAIM_STATES,
    ORDER_STATES,
    PAYMENT_FACETS,
    PAYMENT_TONES,
    kind_label,
)
from ui.orders.timeline import Timeline

Go = Callable[..., object]
"""`navigator.open`."""
CONTRACT_TONES = {
    ContractState.DRAFT: "neutral",
    ContractState.LOCKED: "warn",
    ContractState.PARTIALLY_SIGNED: "warn",
    ContractState.SIGNED: "info",
    ContractState.SEALED: "good",
    ContractState.ARCHIVED: "good",
    ContractState.TERMINATED: "bad",
}


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """An order as the page shows it; `own` where the person signed in sold it, `standing` for those who see money."""

    detail: OrderDetail
    plan: LoanPlanRow | None
    own: bool
    standing: PaymentStanding | None

    @property
    def row(self) -> OrderRow:
        """Its line in the list."""
        return self.detail.row

    @property
    def actions(self) -> tuple[str, ...]:
        """The codes of what can be done with it."""
        return self.detail.actions


def get_order_record(reader: Any, order_id: str) -> OrderRecord:
    """An order with its plan worked out; runs on a reader thread."""
    detail = get_order(reader, order_id)
    money = get_payment_standing(reader, order_id) if reader.actor.may(Permission.PAYMENTS_VIEW) else None
    own = detail.row.salesperson_id == reader.actor.staff_id
    return OrderRecord(detail, stored_plan(detail.finance), own, money)


def claim_words(detail: OrderDetail) -> Words:
    """The centre's word on the vehicle, with the winner's reference in a conflict."""
    if detail.row.claim_state == ClaimState.CONFLICT:
        winner = detail.conflict.winner_number if detail.conflict is not None else ""
        if detail.conflict is not None and detail.conflict.secured_until is not None:
            return lambda: tr("In conflict with desk {desk}, which has it secured", desk=winner or "–")
        return lambda: tr("In conflict with {number}", number=winner or "–")
    security = detail.security
    if security is not None and security.counts:
        return lambda: tr("Secured at the centre until {time}", time=formats.moment(security.until))
    if security is not None:
        return lambda: tr("Provisional again: secured only until {time}", time=formats.moment(security.until))
    return CLAIM_SENTENCES[ClaimState(detail.row.claim_state)]


def claim_tone(detail: OrderDetail) -> str:
    """How the centre's word looks: a sale under a lease that counts is as good as confirmed."""
    secured = detail.security is not None and detail.security.counts
    return "info" if secured else CLAIM_STATES[detail.row.claim_state].tone


def order_content(record: OrderRecord, *, go: Go, may_resolve: bool) -> QWidget:
    """The panel's content."""
    detail, line = record.detail, record.row
    stack = column(_states(detail), gap=16)
    if detail.conflict is not None:
        stack.addWidget(_conflict_note(detail, may_resolve=may_resolve))
    if detail.security is not None and not detail.security.counts:
        stack.addWidget(_note(_lost_security(detail.security), tone="warn"))
    if detail.cancel_reason:
        reason = detail.cancel_reason
        stack.addWidget(_note(lambda: tr("Cancelled: {reason}", reason=reason), tone="info"))
    stack.addWidget(_money(line))
    stack.addLayout(_links(detail, go=go))
    if detail.payments or detail.contracts:
        stack.addWidget(Divider())
    if detail.payments:
        stack.addWidget(_section(tr_noop("Payments"), [_payment_line(each, go) for each in detail.payments]))
    if detail.contracts:
        stack.addWidget(_section(tr_noop("Contracts"), [_contract_line(each, go) for each in detail.contracts]))
    stack.addWidget(Divider())
    stack.addWidget(Disclosure(tr_noop("What the total consists of"), lambda: _lines(record)))
    if detail.specification is not None:
        stack.addWidget(specification_note(detail.specification))
    stack.addWidget(Disclosure(tr_noop("What happened"), lambda: Timeline(order_events(detail)), opened=True))
    return boxed(stack)


def _states(detail: OrderDetail) -> QWidget:
    line = detail.row
    state = ORDER_STATES[line.state]
    first = row(StatusDot(state.label, state.tone), STRETCH, gap=12)
    if not line.final:
        first.addWidget(Badge(tr_noop("Provisional number"), "neutral"))
    return boxed(column(first, StatusDot(claim_words(detail), claim_tone(detail)), gap=4))


def _lost_security(security: SaleSecurity) -> Words:
    """Why a sale that was binding is provisional again."""
    if security.standing is LeaseStanding.ENDED:
        return tr_noop(
            "The vehicle was secured when this was sold, and the centre has not answered since. Another desk may have "
            "sold it meanwhile: connect this desk, and tell the customer."
        )
    return tr_noop(
        "The vehicle was secured when this was sold, but the lease no longer counts. Connect this desk: the centre "
        "then says whose it is."
    )


def _conflict_note(detail: OrderDetail, *, may_resolve: bool) -> QWidget:
    conflict = detail.conflict
    if "ask_again" in detail.actions:
        return _note(
            tr_noop("The vehicle is free again, as far as this desk knows. Ask for it before somebody else does."),
            tone="warn",
        )
    if conflict is not None and conflict.secured_until is not None:
        until = conflict.secured_until
        return _note(
            lambda: tr(
                "Desk {desk} has the vehicle secured until {time}. Ask them to give it back, choose another unit, or "
                "cancel.", desk=conflict.winner_number or "–", time=formats.moment(until),
            ),
            tone="bad",
        )  # fmt: skip
    if may_resolve:
        return _note(
            tr_noop("Choose another unit of the same trim, or cancel: the vehicle itself is gone."), tone="bad"
        )
    return _note(tr_noop("The vehicle is gone. Ask a manager to settle this order, and tell the customer."), tone="bad")


def _note(text: Words, *, tone: str) -> QWidget:
    box = boxed(column(Label(text, wrap=True), margins=12))
    set_role(box, "message", tone=tone)
    return box


def _money(line: OrderRow) -> QWidget:
    facet = PAYMENT_FACETS[line.payment_state]
    head = row(Label(tr_noop("Outstanding"), role="secondary"), STRETCH, StatusDot(facet.label, facet.tone))
    number = MoneyLabel(lambda: formats.yuan(line.outstanding))
    bar = QProgressBar()
    bar.setRange(0, 1000)
    bar.setTextVisible(False)
    share = line.received / line.on_road_total if line.on_road_total else ZERO
    bar.setValue(max(0, min(1000, int(share * 1000))))
    bar.setAccessibleName(words(tr_noop("Received so far")))
    of_total = Label(
        lambda: tr(
            "{received} of {total} received", received=formats.money(line.received),
            total=formats.money(line.on_road_total),
        ),
        role="secondary",
    )  # fmt: skip
    return boxed(column(head, number, bar, of_total, gap=4))


def _links(detail: OrderDetail, *, go: Go) -> Any:
    line = detail.row
    links = column(gap=2)

    def add(link: RecordLine, page: str, **params: str) -> None:
        link.clicked.connect(lambda: go(page, **params))
        links.addWidget(link)

    vehicle = RecordLine(lambda: str(line.vehicle) or line.vin, subtitle=lambda: line.vin, icon="car")
    add(vehicle, "vehicles", unit_id=line.vehicle_unit_id)
    seller = RecordLine(
        lambda: line.customer_name, subtitle=lambda: tr("Salesperson: {name}", name=line.salesperson), icon="user"
    )
    add(seller, "customers", customer_id=line.customer_id)
    if detail.quotation_id:
        number = detail.quotation_number
        offer = RecordLine(lambda: tr("Quotation {number}", number=number), icon="scale")
        add(offer, "quotations", quotation_id=detail.quotation_id)
    return links


def _section(title: Words, lines: list[QWidget]) -> QWidget:
    return boxed(column(Label(title, role="section"), *lines, gap=2))


def _payment_line(payment: OrderPaymentRow, go: Go) -> QWidget:
    state, method = PaymentState(payment.state), PaymentMethod(payment.method)
    line = RecordLine(
        kind_label(payment.kind),
        subtitle=lambda: " · ".join((words(state.label), words(method.label), formats.moment(payment.received_at))),
        figure=lambda: formats.money(payment.amount),
        tone=PAYMENT_TONES[state],
        tooltip=lambda: payment.number,
    )
    line.clicked.connect(lambda: go("payments", payment_id=payment.id))
    return line


def _contract_line(contract: OrderContractRow, go: Go) -> QWidget:
    state = ContractState(contract.state)
    line = RecordLine(
        lambda: contract.number,
        subtitle=lambda: f"{words(state.label)} · {formats.moment(contract.created_at)}",
        tone=CONTRACT_TONES.get(state, "neutral"),
    )
    line.clicked.connect(lambda: go("contracts", contract_id=contract.id))
    return line


def _lines(record: OrderRecord) -> QWidget:
    line, plan = record.row, record.plan
    total = Figure(tr_noop("On-road total"), lambda: formats.money(line.on_road_total))
    stack = column(FigureLines(amount_figures(record.detail.lines), total=total), margins=(20, 4, 0, 8), gap=12)
    if plan is not None:
        stack.addWidget(Label(lambda: _plan_text(plan), role="secondary", wrap=True))
    return boxed(stack)


def _plan_text(plan: LoanPlanRow) -> str:
    return tr(
        "{method}: {n} months of {amount}, {rate} a year", method=words(LoanMethod(plan.method).label), n=plan.months,
        amount=formats.money(plan.first_payment), rate=formats.percent(plan.annual_rate * 100),
    )  # fmt: skip
