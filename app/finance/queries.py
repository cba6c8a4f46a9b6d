"""Loans as a customer compares them: products on offer and what a plan costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.kernel.labels import Bilingual
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
    raise LookupError


def get_loan_plan(reader: Reader, *, method: str, principal: Decimal, annual_rate: Decimal, months: int) -> LoanPlanRow:
    """What one loan costs; raises errors with fields `principal`, `annual_rate`, `months`, `method`."""
    raise LookupError


def list_instalments(
    reader: Reader, *, method: str, principal: Decimal, annual_rate: Decimal, months: int
) -> list[InstalmentRow]:
    """The schedule of one loan, month by month."""
    raise LookupError
