"""One offer in the panel: its total and lines, the loan, who decided, and where it leads."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from PySide6.QtWidgets import QWidget

from app.kernel.errors import DomainError
from app.kernel.permissions import Permission
from app.orders.queries import get_order
from app.quotations.queries import QuotationDetail, QuotationRow, get_quotation, preview_quotation
from app.quotations.rules import QuotationState
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.controls import Badge, Label, MoneyLabel, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.figure_lines import Figure, FigureLines, amount_figures
from ui.kit.layout import STRETCH, Divider, boxed, column, row
from ui.kit.record_line import RecordLine
from ui.kit.text import Words
from ui.kit.theme import set_role
from ui.quotations.quotation_states import QUOTATION_STATES, plan_figures

Go = Callable[..., object]
"""`navigator.open`."""


@dataclass(frozen=True, slots=True)
class QuotationRecord:
    """An offer as the page shows it. `below_floor_by` only for those who decide; `order_number` once it was ordered."""

    detail: QuotationDetail
    below_floor_by: Decimal | None
    order_number: str

    @property
    def row(self) -> QuotationRow:
        """Its line in the list."""
        return self.detail.row

    @property
    def actions(self) -> tuple[str, ...]:
        """The codes of what can be done with it."""
        return self.detail.actions


def get_quotation_record(reader: Any, quotation_id: str) -> QuotationRecord:
    """An offer with what stands around it; runs on a reader thread."""
    detail = get_quotation(reader, quotation_id)
    below: Decimal | None = None
    if detail.row.state == QuotationState.PENDING_APPROVAL and reader.actor.may(Permission.QUOTATIONS_APPROVE):
        try:
            below = preview_quotation(reader, detail.terms, customer_id=detail.row.customer_id).below_floor_by
        except DomainError:
            below = None  # terms that cannot be calculated today any more; the reason given still stands
    number = ""
    if detail.order_id and reader.actor.may(Permission.ORDERS_VIEW):
        number = get_order(reader, detail.order_id).row.number
    return QuotationRecord(detail, below, number)


def quotation_content(record: QuotationRecord, *, go: Go, show: Callable[[str], object]) -> QWidget:
    """The panel's content; `show` opens another offer in it."""
    detail, line = record.detail, record.row
    state = QUOTATION_STATES[line.state]
    status = row(StatusDot(state.label, state.tone), STRETCH, gap=12)
    if line.below_floor:
        status.addWidget(Badge(tr_noop("Below the floor price"), "warn"))
    stack = column(status, gap=16)
    for part in (_decision(record), _total(detail), _plan(detail)):
        if part is not None:
            stack.addWidget(part)
    stack.addWidget(Divider())
    stack.addLayout(_links(record, go=go, show=show))
    stack.addWidget(Facts(_facts(line)))
    return boxed(stack)


def _total(detail: QuotationDetail) -> QWidget:
    number = MoneyLabel(lambda: formats.yuan(detail.row.on_road_total))
    heading = column(Label(tr_noop("On-road total"), role="secondary"), number, gap=0)
    return boxed(column(heading, FigureLines(amount_figures(detail.lines)), gap=12))


def _plan(detail: QuotationDetail) -> QWidget | None:
    if detail.plan is None:
        return None
    down = Figure(tr_noop("Down payment"), lambda: formats.money(_down_payment(detail)))
    figures = FigureLines([down, *plan_figures(detail.plan)])
    return boxed(column(Label(tr_noop("Car loan"), role="section"), figures, gap=8))


def _down_payment(detail: QuotationDetail) -> Decimal | None:
    return detail.terms.finance.down_payment if detail.terms.finance is not None else None


_DECISION_TONES = {
    QuotationState.PENDING_APPROVAL: "warn",
    QuotationState.APPROVED: "good",
    QuotationState.REJECTED: "bad",
}


def _decision(record: QuotationRecord) -> QWidget | None:
    """What was asked, and what the manager said."""
    detail = record.detail
    facts: list[tuple[Words, Words]] = []
    if record.below_floor_by:
        gap = record.below_floor_by
        facts.append((tr_noop("Below the floor by"), lambda: formats.money(gap)))
    if detail.approval_reason:
        facts.append((tr_noop("Asked because"), lambda: detail.approval_reason))
    if detail.decided_by:
        facts.append((tr_noop("Decided by"), lambda: f"{detail.decided_by} · {formats.moment(detail.decided_at)}"))
    if detail.decision_note:
        lost = detail.row.state == QuotationState.LOST
        facts.append((tr_noop("Lost because") if lost else tr_noop("Note"), lambda: detail.decision_note))
    if not facts:
        return None
    box = boxed(column(Facts(facts), margins=12))
    set_role(box, "message", tone=_DECISION_TONES.get(QuotationState(detail.row.state), "info"))
    return box


def _links(record: QuotationRecord, *, go: Go, show: Callable[[str], object]) -> Any:
    line, detail = record.row, record.detail
    links = column(gap=2)

    def add(link: RecordLine, on_click: Callable[[], object]) -> None:
        link.clicked.connect(lambda: on_click())
        links.addWidget(link)

    vehicle = RecordLine(lambda: str(line.vehicle) or line.vin, subtitle=lambda: line.vin, icon="car")
    add(vehicle, lambda: go("vehicles", unit_id=line.vehicle_unit_id))
    customer = RecordLine(lambda: line.customer_name, icon="user")
    add(customer, lambda: go("customers", customer_id=line.customer_id))
    if detail.order_id and record.order_number:
        order = RecordLine(lambda: tr("Order {number}", number=record.order_number), icon="receipt")
        add(order, lambda: go("orders", order_id=detail.order_id))
    if detail.superseded_by_id:
        later = detail.superseded_by_id
        add(RecordLine(tr_noop("The version that replaces it"), icon="arrow-right"), lambda: show(later))
    if detail.supersedes_id:
        earlier = detail.supersedes_id
        add(RecordLine(tr_noop("The version before"), icon="history"), lambda: show(earlier))
    return links


def _facts(line: QuotationRow) -> list[tuple[Words, Words]]:
    return [
        (tr_noop("Salesperson"), lambda: line.salesperson),
        (tr_noop("Made"), lambda: formats.moment(line.created_at)),
        (tr_noop("Valid until"), lambda: formats.date_text(line.valid_until)),
        (tr_noop("Version"), lambda: str(line.version_number)),
    ]
