"""What one unit has cost, part by part, with the loan it stands on."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from app.runtime.language import CHINESE, language, tr, tr_noop
from app.unit_costs.queries import CostRow, FloorPlanRow, RepaymentRow, UnitCosts
from app.unit_costs.rules import LoanStanding
from ui.kit import formats
from ui.kit.columns import State
from ui.kit.controls import IconButton, Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.figure_lines import Figure, FigureLines
from ui.kit.layout import STRETCH, Divider, boxed, column, row
from ui.kit.panel_form import PanelSection
from ui.kit.text import Words

STANDINGS = {
    LoanStanding.FREE: State(LoanStanding.FREE.label, "info"),
    LoanStanding.RUNNING: State(LoanStanding.RUNNING.label, "accent"),
    LoanStanding.DUE_SOON: State(LoanStanding.DUE_SOON.label, "warn"),
    LoanStanding.OVERDUE: State(LoanStanding.OVERDUE.label, "bad"),
    LoanStanding.CLOSED: State(LoanStanding.CLOSED.label, "good"),
}
TakeBack = Callable[[str], object]


def cost_content(
    costs: UnitCosts, *, take_back_cost: TakeBack, take_back: TakeBack, may_edit: bool
) -> QWidget:
    """Landed cost, interest, margin; the entries; the loan."""
    parts: list[QWidget] = [_sum(costs)]
    if costs.running is not None:
        parts += [Divider(), _loan(costs.running)]
    if costs.entries:
        entries = PanelSection(tr_noop("Costs"))
        entries.add(*(_entry(one, take_back_cost if may_edit else None) for one in costs.entries))
        parts += [Divider(), entries]
    if costs.repayments:
        paid = PanelSection(tr_noop("Repayments"))
        paid.add(*(_repayment(one, take_back if may_edit else None) for one in costs.repayments))
        parts += [Divider(), paid]
    return boxed(column(*parts, STRETCH, gap=12))


def _sum(costs: UnitCosts) -> QWidget:
    further = costs.landed - costs.purchase
    lines = [
        Figure(tr_noop("Purchase price"), formats.money(costs.purchase)),
        Figure(tr_noop("Further costs"), formats.money(further)),
        Figure(tr_noop("Landed cost"), formats.money(costs.landed)),
        Figure(
            tr_noop("Interest so far"), formats.money(costs.interest),
            tr_noop("Outstanding × annual rate ÷ days of a year, for each day before today"),
        ),
    ]  # fmt: skip
    told = FigureLines(lines, total=Figure(tr_noop("Cost until today"), formats.yuan(costs.total)))
    margin = Figure(
        tr_noop("Left at the list price"), formats.money(costs.margin_at_list),
        tr_noop("List price less cost until today, before tax"),
    )  # fmt: skip
    age = Figure(tr_noop("In stock for"), lambda: tr("{n} days", n=formats.count(costs.unit.age_days)))
    return boxed(column(told, FigureLines([margin, age]), gap=12))


def _loan(plan: FloorPlanRow) -> QWidget:
    loan = plan.loan
    section = PanelSection(tr_noop("Floor plan"))
    standing = STANDINGS[plan.standing]
    facts: list[tuple[Words, Any]] = [
        (tr_noop("Lender"), plan.lender),
        (tr_noop("Contract number"), plan.contract_number or "–"),
        (tr_noop("Amount borrowed"), formats.yuan(loan.principal)),
        (tr_noop("Still owed"), formats.yuan(plan.outstanding)),
        (tr_noop("Rate"), partial(_rate, plan)),
        (tr_noop("Interest a day"), formats.yuan(plan.interest_a_day)),
        (tr_noop("Drawn on"), formats.date_text(loan.drawn_on)),
        (tr_noop("Interest from"), formats.date_text(loan.interest_from)),
        (tr_noop("Loan due on"), formats.date_text(loan.due_on) if loan.due_on else "–"),
        (tr_noop("Status"), StatusDot(standing.label, standing.tone)),
    ]
    section.add(Facts(facts))
    return section


def rate_text(percent: Decimal) -> str:
    """A rate with at least two places, so that rates stand below each other, and as many more as it has."""
    whole, _, places = f"{percent:.4f}".partition(".")
    text = f"{whole}.{places.rstrip('0').ljust(2, '0')}"
    return f"{text}%" if language() == CHINESE else f"{text} %"


def _rate(plan: FloorPlanRow) -> str:
    return tr("{rate} a year of {n} days", rate=rate_text(plan.loan.annual_rate * 100), n=plan.loan.day_basis)


def _entry(cost: CostRow, take_back: TakeBack | None) -> QWidget:
    details = " · ".join(filter(None, (cost.supplier, cost.document_number, cost.note)))
    final = cost.is_contra or cost.taken_back or bool(cost.transfer_id)
    return _line(
        partial(_kind_words, cost),
        formats.money(cost.amount),
        lambda: " · ".join(filter(None, (formats.date_text(cost.happened_on), details, cost.recorded_by))),
        button=None if final or take_back is None else partial(take_back, cost.id),
    )


def _kind_words(cost: CostRow) -> str:
    if cost.transfer_id:
        return tr("Freight of the transfer")
    return tr("Taken back: {kind}", kind=tr(cost.kind.label)) if cost.is_contra else tr(cost.kind.label)


def _repayment(paid: RepaymentRow, take_back: TakeBack | None) -> QWidget:
    return _line(
        tr_noop("Reversed repayment") if paid.is_contra else tr_noop("Amount repaid"),
        formats.money(paid.amount),
        lambda: " · ".join(filter(None, (formats.date_text(paid.paid_on), paid.reference, paid.recorded_by))),
        button=None if paid.is_contra or paid.taken_back or take_back is None else partial(take_back, paid.id),
    )


def _line(title: Words, amount: str, below: Words, *, button: Callable[[], object] | None) -> QWidget:
    figure = Label(amount)
    upper = row(Label(title), STRETCH, figure, gap=8)
    if button is not None:
        upper.addWidget(IconButton("undo", tr_noop("Reverse this entry"), on_click=button))
    return boxed(column(upper, Label(below, role="secondary", wrap=True), gap=0))
