"""Loans as a customer compares them: products on offer and what a plan costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.finance.rules import LoanMethod, LoanSchedule, LoanTerms, loan_products, loan_schedule
from app.kernel.clock import branch_date
from app.kernel.errors import ValueNotAllowed
from app.kernel.labels import Bilingual
from app.kernel.money import from_fen
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanProductRow:
    """One loan on offer; `annual_rates` maps months to a fraction (0.0388 is 3.88 %)."""

    code: str
    name: Bilingual
    lender: Bilingual
    method: str
    """equal_instalment (等额本息) or equal_principal (等额本金)."""
    smallest_down_share: Decimal
    annual_rates: Mapping[int, Decimal]
    source: Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanPlanRow:
    """What a loan costs; `last_payment` carries the rounding remainder."""

    method: str
    principal: Decimal
    annual_rate: Decimal
    months: int
    first_payment: Decimal
    last_payment: Decimal
    interest: Decimal
    total_paid: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentRow:
    """One month of a schedule; `remaining` is what is owed after it."""

    number: int
    payment: Decimal
    principal: Decimal
    interest: Decimal
    remaining: Decimal


def list_loan_products(reader: Reader, *, on: date | None = None) -> list[LoanProductRow]:
    """The loans on offer on a day, today by default."""
    reader.require(Permission.QUOTATIONS_VIEW)
    return [
        LoanProductRow(
            code=product.code,
            name=product.name,
            lender=product.lender,
            method=product.method.value,
            smallest_down_share=product.smallest_down_share,
            annual_rates=product.annual_rates,
            source=product.source,
        )
        for product in loan_products(on or branch_date(reader.now))
    ]


def get_loan_plan(reader: Reader, *, method: str, principal: Decimal, annual_rate: Decimal, months: int) -> LoanPlanRow:
    """What one loan costs; raises errors with fields `principal`, `annual_rate`, `months`, `method`."""
    reader.require(Permission.QUOTATIONS_VIEW)
    return plan_row(loan_schedule(LoanTerms(principal, annual_rate, months, loan_method(method))))


def list_instalments(
    reader: Reader, *, method: str, principal: Decimal, annual_rate: Decimal, months: int
) -> list[InstalmentRow]:
    """The schedule of one loan, month by month."""
    reader.require(Permission.QUOTATIONS_VIEW)
    schedule = loan_schedule(LoanTerms(principal, annual_rate, months, loan_method(method)))
    return [
        InstalmentRow(
            number=month.number,
            payment=month.payment,
            principal=month.principal,
            interest=month.interest,
            remaining=month.balance,
        )
        for month in schedule.instalments
    ]


def loan_method(code: str) -> LoanMethod:
    """The method of a code; raises ValueNotAllowed (field `method`)."""
    known = next((method for method in LoanMethod if method == code), None)
    if known is None:
        raise ValueNotAllowed(field="method", value=code)
    return known


def plan_row(schedule: LoanSchedule) -> LoanPlanRow:
    """A calculated schedule in short."""
    return LoanPlanRow(
        method=schedule.terms.method.value,
        principal=schedule.terms.principal,
        annual_rate=schedule.terms.annual_rate,
        months=schedule.terms.months,
        first_payment=schedule.first_payment,
        last_payment=schedule.last_payment,
        interest=schedule.total_interest,
        total_paid=schedule.total_paid,
    )


def stored_terms(stored: Mapping[str, Any]) -> LoanTerms:
    """The terms of a plan as quotations and orders keep it."""
    return LoanTerms(
        from_fen(stored["principal_fen"]),
        Decimal(stored["annual_rate"]),
        stored["months"],
        LoanMethod(stored["method"]),
    )


def stored_plan(stored: Mapping[str, Any] | None) -> LoanPlanRow | None:
    """The plan a quotation or order keeps; None for cash."""
    return None if stored is None else plan_row(loan_schedule(stored_terms(stored)))
