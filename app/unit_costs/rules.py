"""Landed cost, and interest on a floor plan: simple interest by the day on what is outstanding.

Every day from the day of drawing counts, the day of repayment does not; the first `free_days` days bear no interest.
Amounts are exact while they are added up and rounded half up to two places once, at the end. A year has as many days
as the contract says (360 or 365), as lenders reckon by (ACT/360, ACT/365).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from app.kernel.labels import Labelled
from app.kernel.money import ZERO, cents, format_money
from app.runtime.language import tr_noop
from app.unit_costs.errors import (
    CostDayInFuture,
    CostSignWrong,
    CostZero,
    DueBeforeDrawn,
    FloorPlanClosed,
    LoanDaysOutOfRange,
    RateOutOfRange,
    RepaymentBeforeDrawn,
    RepaymentTooLarge,
)

HIGHEST_RATE = Decimal(36)
MOST_FREE_DAYS = 365
DAY_BASES = (360, 365)
DUE_SOON_DAYS = 7
_MILLION = Decimal(1_000_000)


class CostKind(Labelled):
    """What a cost was for."""

    FREIGHT = "FREIGHT", tr_noop("Freight")
    INSURANCE = "INSURANCE", tr_noop("Transport insurance")
    CUSTOMS = "CUSTOMS", tr_noop("Customs and import duties")
    PREPARATION = "PREPARATION", tr_noop("Preparation")
    ACCESSORY = "ACCESSORY", tr_noop("Accessories")
    REPAIR = "REPAIR", tr_noop("Repair before the sale")
    REGISTRATION = "REGISTRATION", tr_noop("Registration")
    REBATE = "REBATE", tr_noop("Rebate from the maker")
    OTHER = "OTHER", tr_noop("Other cost")


class LoanStanding(Labelled):
    """How a floor plan stands on a day."""

    FREE = "FREE", tr_noop("Free of interest")
    RUNNING = "RUNNING", tr_noop("Bearing interest")
    DUE_SOON = "DUE_SOON", tr_noop("Due soon")
    OVERDUE = "OVERDUE", tr_noop("Overdue")
    CLOSED = "CLOSED", tr_noop("Paid back")


@dataclass(frozen=True, slots=True)
class Repayment:
    """Principal paid back on a day; negative where a repayment was taken back."""

    paid_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """The terms of a floor plan. `annual_rate` is a fraction: 0.045 is 4.5 %."""

    principal: Decimal
    annual_rate: Decimal
    day_basis: int
    drawn_on: date
    free_days: int = 0
    due_on: date | None = None
    repayments: tuple[Repayment, ...] = ()

    @property
    def interest_from(self) -> date:
        """The first day that bears interest."""
        return self.drawn_on + timedelta(days=self.free_days)

    def outstanding(self, on_day: date) -> Decimal:
        """What is owed at the end of a day, interest apart; nothing before the loan was drawn."""
        if on_day < self.drawn_on:
            return ZERO
        return self.principal - sum((one.amount for one in self.repayments if one.paid_on <= on_day), ZERO)

    def interest_a_day(self, on_day: date) -> Decimal:
        """What this day costs: outstanding × annual rate ÷ days of a year, rounded; nothing in the free days."""
        if on_day < self.interest_from:
            return ZERO
        return cents(self.outstanding(on_day) * self.annual_rate / self.day_basis)

    def accrued(self, until: date) -> Decimal:
        """Interest of all days before `until`: Σ outstanding × days × annual rate ÷ days of a year, rounded once."""
        edges = sorted({self.interest_from, until, *(one.paid_on for one in self.repayments)})
        total = Decimal(0)
        for begin, end in pairwise(edges):
            if self.interest_from <= begin < until:
                total += self.outstanding(begin) * (end - begin).days
        return cents(total * self.annual_rate / self.day_basis)

    def standing(self, on_day: date) -> LoanStanding:
        """How it stands on a day."""
        if self.outstanding(on_day) <= 0:
            return LoanStanding.CLOSED
        if self.due_on is not None and on_day > self.due_on:
            return LoanStanding.OVERDUE
        if self.due_on is not None and (self.due_on - on_day).days <= DUE_SOON_DAYS:
            return LoanStanding.DUE_SOON
        return LoanStanding.FREE if on_day < self.interest_from else LoanStanding.RUNNING


def landed_cost(purchase: Decimal, costs: Iterable[Decimal]) -> Decimal:
    """The purchase price and everything that was paid until the unit could be sold, rebates taken off."""
    return purchase + sum(costs, ZERO)


def rate_from_percent(percent: Decimal, *, field: str = "annual_percent") -> Decimal:
    """The annual rate as a fraction, exact to a millionth; raises RateOutOfRange."""
    if not percent.is_finite() or not 0 <= percent <= HIGHEST_RATE:
        raise RateOutOfRange(field=field, rate=str(percent)[:12], highest=str(HIGHEST_RATE))
    return (percent / 100).quantize(1 / _MILLION)


def millionths(rate: Decimal) -> int:
    """A rate as it is stored."""
    return int(rate * _MILLION)


def rate_from_millionths(stored: int) -> Decimal:
    """A stored rate as a fraction."""
    return Decimal(stored) / _MILLION


def check_cost(kind: CostKind, amount: Decimal, *, happened_on: date, today: date) -> None:
    """Raises CostZero, CostSignWrong (field `amount`) or CostDayInFuture (field `happened_on`)."""
    if amount == 0:
        raise CostZero(field="amount")
    if (amount < 0) != (kind is CostKind.REBATE):
        raise CostSignWrong(field="amount")
    if happened_on > today:
        raise CostDayInFuture(field="happened_on", day=happened_on.isoformat())


def check_terms(*, drawn_on: date, due_on: date | None, free_days: int, day_basis: int, today: date) -> None:
    """Raises CostDayInFuture (field `drawn_on`), DueBeforeDrawn (`due_on`) or LoanDaysOutOfRange."""
    if drawn_on > today:
        raise CostDayInFuture(field="drawn_on", day=drawn_on.isoformat())
    if due_on is not None and due_on < drawn_on:
        raise DueBeforeDrawn(field="due_on")
    if not 0 <= free_days <= MOST_FREE_DAYS:
        raise LoanDaysOutOfRange(field="free_days", days=free_days, highest=MOST_FREE_DAYS)
    if day_basis not in DAY_BASES:
        raise LoanDaysOutOfRange(field="day_basis", days=day_basis, highest=max(DAY_BASES))


def check_repayment(loan: Loan, amount: Decimal, *, paid_on: date, closed_on: date | None, today: date) -> None:
    """That this much can be paid back on a day, whatever was paid on other days.

    Raises FloorPlanClosed, CostZero, RepaymentTooLarge (field `amount`), RepaymentBeforeDrawn or CostDayInFuture
    (field `paid_on`).
    """
    if closed_on is not None:
        raise FloorPlanClosed(field="amount", day=closed_on.isoformat())
    if amount <= 0:
        raise CostZero(field="amount")
    if paid_on < loan.drawn_on:
        raise RepaymentBeforeDrawn(field="paid_on", day=loan.drawn_on.isoformat())
    if paid_on > today:
        raise CostDayInFuture(field="paid_on", day=paid_on.isoformat())
    outstanding = loan.principal - sum((one.amount for one in loan.repayments), ZERO)
    if amount > outstanding:
        raise RepaymentTooLarge(field="amount", outstanding=format_money(outstanding))


def closing_day(loan: Loan, repayments: Sequence[Repayment]) -> date | None:
    """The day on which these repayments have paid the loan back, None while something is owed."""
    if sum((one.amount for one in repayments), ZERO) < loan.principal:
        return None
    return max(one.paid_on for one in repayments)
