"""Fitting an offer to a customer's month: the grid of payments, and the price a payment carries."""

from dataclasses import dataclass, replace
from decimal import Decimal

from app.finance.queries import loan_method
from app.finance.rules import desking_grid as payment_grid
from app.finance.rules import loan_products, loan_terms_on_file, price_for_payment
from app.kernel.clock import branch_date
from app.kernel.errors import ValueNotAllowed, ValueRequired
from app.kernel.money import ZERO, require_amount
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.quotations.calculation import fields_named, make_offer
from app.quotations.commands import QuotationTerms

DOWN_SHARES = tuple(Decimal(share).scaleb(-2) for share in (20, 30, 40, 50, 60))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskingCell:
    """One down payment and term; `monthly` is the first payment. What is not offered has an `obstacle` to `tr`."""

    down_share: Decimal
    down_payment: Decimal
    months: int
    annual_rate: Decimal | None
    principal: Decimal | None
    monthly: Decimal | None
    interest: Decimal | None
    obstacle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskingGrid:
    """Down payments (rows) by months (columns) for one loan product: `cells[row][column]`."""

    product_code: str
    method: str
    price: Decimal
    """What is financed: the vehicle and the options on its invoice."""
    down_payments: tuple[Decimal, ...]
    months: tuple[int, ...]
    cells: tuple[tuple[DeskingCell, ...], ...]


def desking_grid(
    reader: Reader, terms: QuotationTerms, *, product_code: str, customer_id: str | None = None
) -> DeskingGrid:
    """First monthly payment by down payment (20 to 60 % of the price) and term for one loan product.

    Raises ValueNotAllowed (field `product_code`) and what the terms can raise.
    """
    reader.require(Permission.QUOTATIONS_VIEW)
    today = branch_date(reader.now)
    product = next((product for product in loan_products(today) if product.code == product_code), None)
    if product is None:
        raise ValueNotAllowed(field="product_code", value=product_code)
    offer = make_offer(reader.session, replace(terms, finance=None), company=False, today=today)
    price = offer.on_road.request.invoice_price
    months = loan_terms_on_file(today)
    found = payment_grid(price, down_shares=DOWN_SHARES, months=months, products=(product,))
    cells = [
        DeskingCell(
            down_share=cell.down_share,
            down_payment=cell.down_payment,
            months=cell.months,
            annual_rate=product.annual_rates.get(cell.months),
            principal=cell.schedule.terms.principal if cell.schedule else None,
            monthly=cell.payment,
            interest=cell.schedule.total_interest if cell.schedule else None,
            obstacle=cell.obstacle,
        )
        for cell in found
    ]
    rows = tuple(tuple(cells[i : i + len(months)]) for i in range(0, len(cells), len(months)))
    return DeskingGrid(
        product_code=product.code,
        method=product.method.value,
        price=price,
        down_payments=tuple(row[0].down_payment for row in rows),
        months=months,
        cells=rows,
    )


def price_for_monthly(reader: Reader, terms: QuotationTerms, *, monthly: Decimal) -> QuotationTerms:
    """The same terms with the discount at which the first payment is at most `monthly`; none where it already is.

    `terms.finance` is required (ValueRequired, field `finance`). Raises TargetPaymentTooLow (field `monthly`) and
    DiscountTooLarge (field `discount`) where no price of this unit gets there.
    """
    reader.require(Permission.QUOTATIONS_VIEW)
    finance = terms.finance
    if finance is None:
        raise ValueRequired(field="finance")
    today = branch_date(reader.now)
    plain = make_offer(reader.session, replace(terms, finance=None, discount=ZERO), company=False, today=today)
    with fields_named({"payment": "monthly"}):
        affordable = price_for_payment(
            require_amount(monthly, field="monthly"),
            annual_rate=finance.annual_rate,
            months=finance.months,
            down_payment=require_amount(finance.down_payment, field="down_payment"),
            method=loan_method(finance.method),
        )
    wanted = replace(terms, discount=max(plain.on_road.request.invoice_price - affordable, ZERO))
    make_offer(reader.session, replace(wanted, finance=None), company=False, today=today)
    return wanted
