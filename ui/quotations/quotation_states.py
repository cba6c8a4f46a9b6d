"""How the states of an offer look, and the words of a loan."""

from app.finance.queries import LoanPlanRow
from app.finance.rules import LoanMethod
from app.quotations.rules import QuotationState
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.columns import State
from ui.kit.figure_lines import Figure
from ui.kit.text import words

_TONES = {
    QuotationState.DRAFT: "neutral",
    QuotationState.PENDING_APPROVAL: "warn",
    QuotationState.APPROVED: "good",
    QuotationState.REJECTED: "bad",
    QuotationState.PRESENTED: "info",
    QuotationState.ACCEPTED: "good",
    QuotationState.CONVERTED: "accent",
    QuotationState.EXPIRED: "neutral",
    QuotationState.SUPERSEDED: "neutral",
    QuotationState.LOST: "neutral",
}
QUOTATION_STATES = {state.value: State(state.label, _TONES[state]) for state in QuotationState}
"""Stored state → word and tone."""


def plan_figures(plan: LoanPlanRow) -> list[Figure]:
    """A loan in names and figures."""
    method = LoanMethod(plan.method)
    equal = method is LoanMethod.EQUAL_INSTALMENT
    first = tr_noop("Each month") if equal else tr_noop("First month")
    figures = [
        Figure(tr_noop("Loan amount"), lambda: formats.money(plan.principal)),
        Figure(tr_noop("Repaid by"), lambda: words(method.label)),
        Figure(tr_noop("Term and rate"), lambda: _term(plan)),
        Figure(first, lambda: formats.money(plan.first_payment)),
    ]
    if not equal:
        figures.append(Figure(tr_noop("Last month"), lambda: formats.money(plan.last_payment)))
    figures.append(Figure(tr_noop("Interest in all"), lambda: formats.money(plan.interest)))
    return figures


def _term(plan: LoanPlanRow) -> str:
    return tr("{n} months at {rate}", n=plan.months, rate=formats.percent(plan.annual_rate * 100))
