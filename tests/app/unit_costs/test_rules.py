"""Landed cost and interest by the day: numbers to check against, and what must hold for any loan."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.money import cents
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
from app.unit_costs.rules import (
    CostKind,
    Loan,
    LoanStanding,
    Repayment,
    check_cost,
    check_repayment,
    check_terms,
    closing_day,
    landed_cost,
    millionths,
    rate_from_millionths,
    rate_from_percent,
)

DRAWN = date(2026, 9, 1)
TODAY = date(2026, 11, 22)


def loan(**changes: object) -> Loan:
    given_terms = {
        "principal": Decimal("120000.00"), "annual_rate": Decimal("0.054"), "day_basis": 360, "drawn_on": DRAWN,
    }  # fmt: skip
    return Loan(**(given_terms | changes))  # type: ignore[arg-type]


def test_interest_of_a_day_and_of_82_days() -> None:
    """120,000 × 5.4 % ÷ 360 = 18.00 a day; 1 September to 22 November are 82 nights."""
    plain = loan()
    assert plain.interest_a_day(TODAY) == Decimal("18.00")
    assert (TODAY - DRAWN).days == 82 and plain.accrued(TODAY) == Decimal("1476.00")
    assert loan(day_basis=365).interest_a_day(TODAY) == Decimal("17.75")


def test_free_days_bear_nothing_and_a_repayment_counts_from_its_day() -> None:
    free = loan(free_days=60)
    assert free.interest_from == date(2026, 10, 31)
    assert free.accrued(date(2026, 10, 31)) == 0 and free.interest_a_day(date(2026, 10, 30)) == 0
    assert free.accrued(date(2026, 11, 1)) == Decimal("18.00")
    half = loan(repayments=(Repayment(date(2026, 10, 1), Decimal("60000.00")),))
    assert half.accrued(TODAY) == 30 * Decimal("18.00") + 52 * Decimal("9.00")
    assert half.outstanding(date(2026, 9, 30)) == Decimal("120000.00")
    assert half.outstanding(date(2026, 10, 1)) == Decimal("60000.00")
    assert half.outstanding(date(2026, 8, 31)) == 0


def test_a_loan_paid_back_within_the_free_days_cost_nothing() -> None:
    paid = loan(free_days=60, repayments=(Repayment(date(2026, 9, 20), Decimal("120000.00")),))
    assert paid.accrued(TODAY) == 0 and paid.standing(TODAY) is LoanStanding.CLOSED


def test_standings() -> None:
    assert loan(free_days=90).standing(TODAY) is LoanStanding.FREE
    assert loan().standing(TODAY) is LoanStanding.RUNNING
    assert loan(due_on=date(2026, 11, 29)).standing(TODAY) is LoanStanding.DUE_SOON
    assert loan(due_on=date(2026, 11, 30)).standing(TODAY) is LoanStanding.RUNNING
    assert loan(due_on=date(2026, 11, 21)).standing(TODAY) is LoanStanding.OVERDUE


def test_landed_cost_adds_and_takes_rebates_off() -> None:
    costs = [Decimal("1800.00"), Decimal("260.50"), Decimal("-3000.00")]
    assert landed_cost(Decimal("128000.00"), costs) == Decimal("127060.50")


def test_rates_are_exact() -> None:
    assert rate_from_percent(Decimal("4.35")) == Decimal("0.0435")
    assert rate_from_millionths(millionths(Decimal("0.043512"))) == Decimal("0.043512")
    for wrong in ("-0.1", "36.01", "NaN", "Infinity"):
        with pytest.raises(RateOutOfRange):
            rate_from_percent(Decimal(wrong))


def test_bad_costs_terms_and_repayments_are_refused() -> None:
    with pytest.raises(CostZero):
        check_cost(CostKind.FREIGHT, Decimal(0), happened_on=TODAY, today=TODAY)
    for kind, amount in ((CostKind.FREIGHT, "-5"), (CostKind.REBATE, "5")):
        with pytest.raises(CostSignWrong):
            check_cost(kind, Decimal(amount), happened_on=TODAY, today=TODAY)
    with pytest.raises(CostDayInFuture):
        check_cost(CostKind.FREIGHT, Decimal(5), happened_on=TODAY + timedelta(days=1), today=TODAY)
    terms = {"drawn_on": TODAY, "due_on": None, "free_days": 0, "day_basis": 360, "today": TODAY}
    for change, error in (
        ({"drawn_on": TODAY + timedelta(days=1)}, CostDayInFuture),
        ({"due_on": TODAY - timedelta(days=1)}, DueBeforeDrawn),
        ({"free_days": -1}, LoanDaysOutOfRange),
        ({"free_days": 366}, LoanDaysOutOfRange),
        ({"day_basis": 364}, LoanDaysOutOfRange),
    ):
        with pytest.raises(error):
            check_terms(**(terms | change))  # type: ignore[arg-type]
    paying = {"amount": Decimal(1000), "paid_on": TODAY, "closed_on": None, "today": TODAY}
    for change, error in (
        ({"closed_on": TODAY}, FloorPlanClosed),
        ({"amount": Decimal(0)}, CostZero),
        ({"amount": Decimal("120000.01")}, RepaymentTooLarge),
        ({"paid_on": DRAWN - timedelta(days=1)}, RepaymentBeforeDrawn),
        ({"paid_on": TODAY + timedelta(days=1)}, CostDayInFuture),
    ):
        with pytest.raises(error):
            check_repayment(loan(), **(paying | change))  # type: ignore[arg-type]


_days = st.integers(0, 400).map(lambda n: DRAWN + timedelta(days=n))
_repayments = st.lists(st.tuples(_days, st.integers(1, 3_000_000)), max_size=5)


@given(
    rate=st.integers(0, 360_000), basis=st.sampled_from((360, 365)), free=st.integers(0, 90), repaid=_repayments,
    until=_days,
)  # fmt: skip
def test_interest_is_the_sum_of_its_days(
    rate: int, basis: int, free: int, repaid: list[tuple[date, int]], until: date
) -> None:
    paid = tuple(Repayment(day, Decimal(fen) / 100) for day, fen in repaid)
    terms = loan(annual_rate=Decimal(rate) / 1_000_000, day_basis=basis, free_days=free, repayments=paid)
    exact = Decimal(0)
    for n in range((until - DRAWN).days):
        day = DRAWN + timedelta(days=n)
        if n >= free:
            owed = terms.principal - sum(one.amount for one in paid if one.paid_on <= day)
            exact += owed * terms.annual_rate / basis
    assert abs(terms.accrued(until) - cents(exact)) <= Decimal("0.01")
    assert terms.accrued(until) <= terms.accrued(until + timedelta(days=1))


@given(parts=st.lists(st.integers(1, 5_000_000), min_size=1, max_size=5))
def test_a_loan_closes_exactly_when_all_is_paid(parts: list[int]) -> None:
    principal = Decimal(sum(parts)) / 100
    whole = [Repayment(DRAWN + timedelta(days=n), Decimal(fen) / 100) for n, fen in enumerate(parts)]
    terms = loan(principal=principal)
    assert closing_day(terms, whole) == whole[-1].paid_on
    assert closing_day(terms, whole[:-1]) is None
