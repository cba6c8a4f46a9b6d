"""Loans, against the check values of the trade and as properties."""

import itertools
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.finance.errors import (
    DownPaymentWrong,
    LoanPrincipalWrong,
    LoanRateWrong,
    LoanTermWrong,
    TargetPaymentTooLow,
)
from app.finance.rules import (
    HIGHEST_RATE,
    LONGEST_TERM,
    LoanMethod,
    LoanTerms,
    desking_grid,
    due_dates,
    loan_products,
    loan_schedule,
    loan_terms_on_file,
    monthly_payment,
    price_for_payment,
    principal_for_payment,
    total_interest,
)
from app.kernel.money import ZERO, add_up, cents

TODAY = date(2026, 11, 22)
CHECK = Decimal("150000.00"), Decimal("0.045"), 36

principals = st.decimals(min_value=Decimal("1000.00"), max_value=Decimal("3000000.00"), places=2)
rates = st.decimals(min_value=0, max_value=HIGHEST_RATE, places=4)
terms_of_loans = st.builds(
    LoanTerms, principals, rates, st.integers(min_value=1, max_value=LONGEST_TERM), st.sampled_from(LoanMethod)
)


def test_equal_instalment_check_values() -> None:
    terms = LoanTerms(*CHECK)
    schedule = loan_schedule(terms)
    assert monthly_payment(terms) == schedule.first_payment == Decimal("4462.04")
    assert schedule.total_interest == total_interest(terms) == Decimal("10633.39")
    assert schedule.total_paid == Decimal("160633.39")
    assert {i.payment for i in schedule.instalments[:-1]} == {Decimal("4462.04")}
    assert schedule.last_payment == Decimal("4461.99")


def test_equal_principal_check_values() -> None:
    terms = LoanTerms(*CHECK, LoanMethod.EQUAL_PRINCIPAL)
    schedule = loan_schedule(terms)
    assert schedule.first_payment == Decimal("4729.17")
    assert schedule.total_interest == total_interest(terms) == Decimal("10406.25")
    falls = [a.payment - b.payment for a, b in zip(schedule.instalments, schedule.instalments[1:], strict=False)]
    assert all(abs(fall - Decimal("15.625")) <= Decimal("0.02") for fall in falls[:-1])
    assert schedule.instalments[-1].principal == Decimal("4166.55")


def test_without_interest_the_price_is_split_and_the_last_takes_the_rest() -> None:
    schedule = loan_schedule(LoanTerms(Decimal("100000.00"), Decimal(0), 36))
    assert schedule.first_payment == Decimal("2777.78")
    assert schedule.last_payment == Decimal("2777.70")
    assert schedule.total_interest == ZERO


@given(terms_of_loans)
def test_a_schedule_is_exact_as_a_whole(terms: LoanTerms) -> None:
    schedule = loan_schedule(terms)
    instalments = schedule.instalments
    assert len(instalments) == terms.months
    assert add_up(i.principal for i in instalments) == terms.principal
    assert schedule.total_interest == total_interest(terms)
    assert instalments[-1].balance == ZERO
    assert schedule.first_payment == monthly_payment(terms) or terms.months == 1
    for i in instalments:
        assert i.payment == i.principal + i.interest == cents(i.payment)
        assert i.interest >= 0
        assert i.principal > 0
        assert i.balance >= 0


@given(terms_of_loans)
def test_only_the_last_instalment_carries_the_remainder(terms: LoanTerms) -> None:
    payments = [i.payment for i in loan_schedule(terms).instalments]
    if terms.method is LoanMethod.EQUAL_INSTALMENT:
        assert len(set(payments[:-1])) <= 1
        assert abs(payments[-1] - payments[0]) <= Decimal("0.005") * terms.months + Decimal("0.01")
    else:
        falls = [a - b for a, b in itertools.pairwise(payments[:-1])]
        assert all(fall >= Decimal("-0.02") for fall in falls)


@given(terms_of_loans)
def test_equal_principal_never_costs_more(terms: LoanTerms) -> None:
    equal_principal = LoanTerms(terms.principal, terms.annual_rate, terms.months, LoanMethod.EQUAL_PRINCIPAL)
    equal_instalment = LoanTerms(terms.principal, terms.annual_rate, terms.months, LoanMethod.EQUAL_INSTALMENT)
    assert total_interest(equal_principal) <= total_interest(equal_instalment)


@given(
    st.decimals(min_value=Decimal("500"), max_value=Decimal("50000"), places=2),
    rates,
    st.sampled_from([12, 24, 36, 48, 60]),
    st.sampled_from(LoanMethod),
)
def test_the_solved_principal_is_the_largest_that_fits(
    payment: Decimal, rate: Decimal, months: int, method: LoanMethod
) -> None:
    principal = principal_for_payment(payment, annual_rate=rate, months=months, method=method)
    assert monthly_payment(LoanTerms(principal, rate, months, method)) <= payment
    assert monthly_payment(LoanTerms(principal + Decimal("0.01"), rate, months, method)) > payment


def test_a_price_is_solved_from_a_payment() -> None:
    price = price_for_payment(
        Decimal("4462.04"), annual_rate=Decimal("0.045"), months=36, down_payment=Decimal("60000.00")
    )
    assert Decimal("210000.00") <= price <= Decimal("210000.25")  # what still rounds to 4,462.04
    with pytest.raises(DownPaymentWrong):
        price_for_payment(Decimal("4000"), annual_rate=Decimal(0), months=36, down_payment=Decimal("-1"))


def test_a_payment_too_low_for_any_loan() -> None:
    with pytest.raises(TargetPaymentTooLow) as caught:
        principal_for_payment(Decimal("1.00"), annual_rate=Decimal("0.045"), months=36)
    assert caught.value.field == "payment"


@pytest.mark.parametrize(
    ("change", "error", "field"),
    [
        ({"principal": Decimal("999.99")}, LoanPrincipalWrong, "principal"),
        ({"principal": Decimal("100000000.01")}, LoanPrincipalWrong, "principal"),
        ({"months": 0}, LoanTermWrong, "months"),
        ({"months": 121}, LoanTermWrong, "months"),
        ({"annual_rate": Decimal("-0.01")}, LoanRateWrong, "annual_rate"),
        ({"annual_rate": Decimal("4.5")}, LoanRateWrong, "annual_rate"),
    ],
)
def test_senseless_terms_are_refused(change: dict[str, object], error: type[Exception], field: str) -> None:
    values = {"principal": Decimal("150000"), "annual_rate": Decimal("0.045"), "months": 36} | change
    with pytest.raises(error) as caught:
        LoanTerms(**values)  # type: ignore[arg-type]
    assert caught.value.field == field  # type: ignore[attr-defined]


def test_due_dates_keep_to_the_day_where_the_month_has_it() -> None:
    days = due_dates(date(2026, 12, 31), 4)
    assert days == [date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)]
    schedule = loan_schedule(LoanTerms(*CHECK), date(2026, 12, 31))
    assert schedule.instalments[2].due_on == date(2027, 2, 28)
    assert loan_schedule(LoanTerms(*CHECK)).instalments[0].due_on is None


def test_the_stored_plan_is_whole_fen_and_text() -> None:
    assert loan_schedule(LoanTerms(*CHECK)).stored(Decimal("60000.00")) == {
        "method": "equal_instalment",
        "down_payment_fen": 6_000_000,
        "principal_fen": 15_000_000,
        "annual_rate": "0.045",
        "months": 36,
        "first_fen": 446_204,
        "interest_fen": 1_063_339,
    }


def test_the_grid_has_a_cell_for_every_combination() -> None:
    products = loan_products(TODAY)
    months = loan_terms_on_file(TODAY)
    shares = (Decimal("0.2"), Decimal("0.3"), Decimal("0.5"), Decimal(1))
    cells = desking_grid(Decimal("213333.33"), down_shares=shares, months=months, products=products)
    assert months == (12, 24, 36, 48, 60)
    assert len(cells) == len(products) * len(shares) * len(months)
    for cell in cells:
        assert (cell.schedule is None) == bool(cell.obstacle)
        if cell.schedule:
            assert cell.down_payment + cell.schedule.terms.principal == Decimal("213333.33")
            assert cell.payment == cell.schedule.first_payment
            assert cell.down_payment == cell.down_payment.to_integral_value()
        else:
            assert cell.payment is None


def test_an_empty_cell_says_why() -> None:
    interest_free = next(p for p in loan_products(TODAY) if p.code == "maker_interest_free")
    cells = desking_grid(
        Decimal("200000.00"), down_shares=[Decimal("0.2"), Decimal(1)], months=[12, 60], products=[interest_free]
    )
    assert [c.obstacle for c in cells] == [
        "The down payment is too low",
        "Not offered for this term",
        "Nothing left to finance",
        "Not offered for this term",
    ]


def test_a_share_above_one_is_refused() -> None:
    with pytest.raises(DownPaymentWrong):
        desking_grid(Decimal("1000"), down_shares=[Decimal("1.5")], months=[12], products=loan_products(TODAY))
