"""Loans: schedules in equal instalments and equal principal, the desking grid, and prices solved from a payment.

With r = annual rate / 12, n months and principal P: equal instalment M = P·r(1+r)^n / ((1+r)^n − 1), P/n when r = 0;
equal principal, month k: P/n + (P − (k−1)·P/n)·r, total interest P·r·(n+1)/2.

A schedule is exact to the fen as a whole: total interest is the exact one rounded once, the interest of a month is the
difference of the rounded sums up to it, and the rounding remainder of the instalments is in the last one.
"""

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal, localcontext
from functools import cached_property
from itertools import product as combinations
from typing import Any

from app.finance.errors import (
    DownPaymentWrong,
    LoanPrincipalWrong,
    LoanRateWrong,
    LoanTermWrong,
    TargetPaymentTooLow,
)
from app.kernel.labels import UNNAMED, Bilingual, Labelled
from app.kernel.money import ZERO, add_up, cents, equal_parts, format_money, to_fen
from app.kernel.reference_data import ReferenceBook, bundled_reference
from app.runtime.language import tr_noop

SMALLEST_PRINCIPAL = Decimal("1000.00")
LARGEST_PRINCIPAL = Decimal("100000000.00")
LONGEST_TERM = 120
HIGHEST_RATE = Decimal("0.36")
_CENT = Decimal("0.01")
_PRECISION = 40


class LoanMethod(Labelled):
    EQUAL_INSTALMENT = "equal_instalment", tr_noop("Equal instalments")
    EQUAL_PRINCIPAL = "equal_principal", tr_noop("Equal principal")


@dataclass(frozen=True, slots=True)
class LoanTerms:
    """What a loan is agreed on. `annual_rate` is a share: 0.045 for 4.5 %.

    Raises LoanPrincipalWrong, LoanTermWrong or LoanRateWrong (fields `principal`, `months`, `annual_rate`).
    """

    principal: Decimal
    annual_rate: Decimal
    months: int
    method: LoanMethod = LoanMethod.EQUAL_INSTALMENT

    def __post_init__(self) -> None:
        if not SMALLEST_PRINCIPAL <= self.principal <= LARGEST_PRINCIPAL:
            raise LoanPrincipalWrong(
                field="principal",
                lowest=format_money(SMALLEST_PRINCIPAL),
                highest=format_money(LARGEST_PRINCIPAL),
            )
        if not 1 <= self.months <= LONGEST_TERM:
            raise LoanTermWrong(field="months", longest=LONGEST_TERM)
        if not 0 <= self.annual_rate <= HIGHEST_RATE:
            raise LoanRateWrong(field="annual_rate", highest=f"{HIGHEST_RATE * 100:f}")


@dataclass(frozen=True, slots=True)
class Instalment:
    """One month: `payment` = `principal` + `interest`; `balance` is what is owed after it."""

    number: int
    payment: Decimal
    principal: Decimal
    interest: Decimal
    balance: Decimal
    due_on: date | None = None


@dataclass(frozen=True)
class LoanSchedule:
    """Every instalment of a loan; the principal adds up exactly."""

    terms: LoanTerms
    instalments: tuple[Instalment, ...]

    @property
    def first_payment(self) -> Decimal:
        """The instalment people ask for: the equal one, or the highest of equal principal."""
        return self.instalments[0].payment

    @property
    def last_payment(self) -> Decimal:
        """The instalment with the rounding remainder."""
        return self.instalments[-1].payment

    @cached_property
    def total_interest(self) -> Decimal:
        """What the loan costs."""
        return add_up(instalment.interest for instalment in self.instalments)

    @property
    def total_paid(self) -> Decimal:
        """Principal and interest."""
        return self.terms.principal + self.total_interest

    def stored(self, down_payment: Decimal) -> dict[str, Any]:
        """The plan as a quotation or order keeps it; amounts in fen, the rate as text."""
        return {
            "method": self.terms.method.value,
            "down_payment_fen": to_fen(down_payment),
            "principal_fen": to_fen(self.terms.principal),
            "annual_rate": f"{self.terms.annual_rate:f}",
            "months": self.terms.months,
            "first_fen": to_fen(self.first_payment),
            "interest_fen": to_fen(self.total_interest),
        }


def _exact_instalment(principal: Decimal, rate: Decimal, months: int) -> Decimal:
    if not rate:
        return principal / months
    growth = (1 + rate) ** months
    return principal * rate * growth / (growth - 1)


def monthly_payment(terms: LoanTerms) -> Decimal:
    """The equal instalment, or the first one of equal principal, rounded half up."""
    with localcontext(prec=_PRECISION):
        rate = terms.annual_rate / 12
        if terms.method is LoanMethod.EQUAL_INSTALMENT:
            return cents(_exact_instalment(terms.principal, rate, terms.months))
        return equal_parts(terms.principal, terms.months)[0] + cents(terms.principal * rate)


def total_interest(terms: LoanTerms) -> Decimal:
    """The exact interest over the whole term, rounded once."""
    with localcontext(prec=_PRECISION):
        rate = terms.annual_rate / 12
        if terms.method is LoanMethod.EQUAL_PRINCIPAL:
            return cents(terms.principal * rate * (terms.months + 1) / 2)
        payment = _exact_instalment(terms.principal, rate, terms.months)
        return cents(payment * terms.months - terms.principal)


def _interest_until(terms: LoanTerms) -> Iterator[Decimal]:
    """Exact interest of the first k months, for k = 1 … n."""
    rate = terms.annual_rate / 12
    payment = _exact_instalment(terms.principal, rate, terms.months)
    part = terms.principal / terms.months
    balance, so_far = terms.principal, Decimal(0)
    for _ in range(terms.months):
        interest = balance * rate
        so_far += interest
        balance -= part if terms.method is LoanMethod.EQUAL_PRINCIPAL else payment - interest
        yield so_far


def _month_interests(terms: LoanTerms) -> list[Decimal]:
    sums = [cents(exact) for exact in _interest_until(terms)]
    sums[-1] = total_interest(terms)
    return [after - before for before, after in zip([ZERO, *sums], sums, strict=False)]


def _month_principals(terms: LoanTerms, interests: list[Decimal]) -> list[Decimal]:
    if terms.method is LoanMethod.EQUAL_PRINCIPAL:
        return list(equal_parts(terms.principal, terms.months))
    payment = monthly_payment(terms)
    principals = [payment - interest for interest in interests[:-1]]
    return [*principals, terms.principal - add_up(principals)]


def loan_schedule(terms: LoanTerms, first_due_on: date | None = None) -> LoanSchedule:
    """The schedule of a loan, with due dates one month apart if the first is known."""
    with localcontext(prec=_PRECISION):
        interests = _month_interests(terms)
        principals = _month_principals(terms, interests)
    days = due_dates(first_due_on, terms.months) if first_due_on else [None] * terms.months
    instalments, balance = [], terms.principal
    for number, (principal, interest, day) in enumerate(zip(principals, interests, days, strict=True), 1):
        balance -= principal
        instalments.append(Instalment(number, principal + interest, principal, interest, balance, day))
    return LoanSchedule(terms, tuple(instalments))


def due_dates(first: date, count: int) -> list[date]:
    """The same day of each month; where a month is too short, its last day."""
    dates = []
    for offset in range(count):
        year, month = divmod(first.year * 12 + first.month - 1 + offset, 12)
        day = min(first.day, calendar.monthrange(year, month + 1)[1])
        dates.append(date(year, month + 1, day))
    return dates


def principal_for_payment(
    payment: Decimal, *, annual_rate: Decimal, months: int, method: LoanMethod = LoanMethod.EQUAL_INSTALMENT
) -> Decimal:
    """The largest principal, in whole fen, whose (first) instalment is no more than `payment`.

    Raises TargetPaymentTooLow (field `payment`), or what LoanTerms raises.
    """
    LoanTerms(SMALLEST_PRINCIPAL, annual_rate, months, method)
    if payment < monthly_payment(LoanTerms(SMALLEST_PRINCIPAL, annual_rate, months, method)):
        raise TargetPaymentTooLow(field="payment", payment=format_money(payment))
    with localcontext(prec=_PRECISION):
        rate = annual_rate / 12
        for_one = (
            _exact_instalment(Decimal(1), rate, months)
            if method is LoanMethod.EQUAL_INSTALMENT
            else 1 / Decimal(months) + rate
        )
        # Rounding moves the answer by a few fen at most a month: start above it and step down.
        principal = min(((payment + _CENT) / for_one).quantize(_CENT, rounding=ROUND_DOWN), LARGEST_PRINCIPAL)
        return _step_down(principal, payment, annual_rate=annual_rate, months=months, method=method)


def _step_down(
    principal: Decimal, payment: Decimal, *, annual_rate: Decimal, months: int, method: LoanMethod
) -> Decimal:
    low, high = to_fen(SMALLEST_PRINCIPAL), to_fen(principal)
    while low < high:
        middle = (low + high + 1) // 2
        terms = LoanTerms(Decimal(middle).scaleb(-2), annual_rate, months, method)
        if monthly_payment(terms) <= payment:
            low = middle
        else:
            high = middle - 1
    return Decimal(low).scaleb(-2).quantize(_CENT)


def price_for_payment(
    payment: Decimal,
    *,
    annual_rate: Decimal,
    months: int,
    down_payment: Decimal = ZERO,
    method: LoanMethod = LoanMethod.EQUAL_INSTALMENT,
) -> Decimal:
    """The highest price a customer with this down payment can finance at this payment a month."""
    if down_payment < 0:
        raise DownPaymentWrong(field="down_payment")
    principal = principal_for_payment(payment, annual_rate=annual_rate, months=months, method=method)
    return principal + down_payment


@dataclass(frozen=True, slots=True)
class LoanProduct:
    """A lender's offer; `annual_rates` by term in months, `smallest_down_share` of the price."""

    code: str
    name: Bilingual
    lender: Bilingual
    method: LoanMethod
    smallest_down_share: Decimal
    annual_rates: dict[int, Decimal]
    source: Bilingual = UNNAMED


@dataclass(frozen=True, slots=True)
class DeskingCell:
    """One offer of the grid. `schedule` is None where the product cannot do it; `obstacle` is then the English key of
    the reason."""

    product: LoanProduct
    months: int
    down_share: Decimal
    down_payment: Decimal
    schedule: LoanSchedule | None
    obstacle: str = ""

    @property
    def payment(self) -> Decimal | None:
        """The instalment to show, None for an empty cell."""
        return None if self.schedule is None else self.schedule.first_payment


def loan_products(on_date: date, reference: ReferenceBook | None = None) -> tuple[LoanProduct, ...]:
    """The products on file for a day."""
    row = (reference or bundled_reference()).at("finance_products", on_date)
    return tuple(
        LoanProduct(
            code=raw["code"],
            name=Bilingual(raw["name"]["zh"], raw["name"]["en"]),
            lender=Bilingual(raw["lender"]["zh"], raw["lender"]["en"]),
            method=LoanMethod(raw["method"]),
            smallest_down_share=Decimal(raw["smallest_down_share"]),
            annual_rates={int(term): Decimal(rate) for term, rate in raw["annual_rates"].items()},
            source=row.citation(),
        )
        for raw in row.values["products"]
    )


def loan_terms_on_file(on_date: date, reference: ReferenceBook | None = None) -> tuple[int, ...]:
    """The terms in months that the grid shows."""
    return tuple((reference or bundled_reference()).at("finance_products", on_date).values["terms"])


def desking_grid(
    price: Decimal, *, down_shares: Iterable[Decimal], months: Iterable[int], products: Iterable[LoanProduct]
) -> tuple[DeskingCell, ...]:
    """Every product × down payment × term for a price; down payments are rounded half up to whole yuan."""
    grid = combinations(products, down_shares, months)
    return tuple(_cell(price, product, down_share=share, months=term) for product, share, term in grid)


def _cell(price: Decimal, product: LoanProduct, *, down_share: Decimal, months: int) -> DeskingCell:
    if not 0 <= down_share <= 1:
        raise DownPaymentWrong(field="down_payment")
    down_payment = min(cents((price * down_share).to_integral_value(rounding="ROUND_HALF_UP")), price)
    principal = price - down_payment

    def empty(obstacle: str) -> DeskingCell:
        return DeskingCell(product, months, down_share, down_payment, None, obstacle)

    if months not in product.annual_rates:
        return empty(tr_noop("Not offered for this term"))
    if down_share < product.smallest_down_share:
        return empty(tr_noop("The down payment is too low"))
    if not SMALLEST_PRINCIPAL <= principal <= LARGEST_PRINCIPAL:
        return empty(tr_noop("Nothing left to finance"))
    terms = LoanTerms(principal, product.annual_rates[months], months, product.method)
    return DeskingCell(product, months, down_share, down_payment, loan_schedule(terms))
