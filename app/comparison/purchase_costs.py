"""What is paid when a car is bought, and got back when it is sold."""

from decimal import Decimal

from app.comparison.cost_words import both, percent, yuan
from app.comparison.ownership import Assumptions, CarFacts, CostFigure, CostKind, CostUnknown, of_kind
from app.kernel.labels import note
from app.kernel.money import cents
from app.kernel.reference_data import ReferenceBook, ReferenceRow
from app.quotations.statutory_charges import plate_fee, purchase_tax
from app.runtime.language import tr_noop


def price_figure(car: CarFacts, _assumed: Assumptions, _book: ReferenceBook) -> CostFigure:
    """The price, or what the guide price was replaced by."""
    said = car.price_derived or note(tr_noop("The maker's guide price with VAT"))
    return CostFigure(CostKind.PRICE, known_price(car), said)


def known_price(car: CarFacts) -> Decimal:
    """The price above zero; raises CostUnknown."""
    if car.price <= 0:
        raise CostUnknown(note(tr_noop("No guide price is on file.")))
    return cents(car.price)


def purchase_tax_figure(car: CarFacts, assumed: Assumptions, book: ReferenceBook) -> CostFigure:
    """The purchase tax less the relief of new energies."""
    tax = purchase_tax(
        known_price(car), invoice_on=assumed.bought_on, in_tax_directory=car.in_tax_directory, reference=book
    )
    base, rate = yuan(tax.base), percent(tax.rate)
    said = note(tr_noop("{base} without VAT × {rate}"), base=base, rate=rate)
    if tax.relief:
        said = note(
            tr_noop("{base} without VAT × {rate} − {relief} new-energy relief"),
            base=base, rate=rate, relief=yuan(tax.relief),
        )  # fmt: skip
    return CostFigure(CostKind.PURCHASE_TAX, tax.due, said, tax.source)


def plates_figure(car: CarFacts, assumed: Assumptions, book: ReferenceBook) -> CostFigure:
    """Plates and papers, and the quota where there is one."""
    fee, quota = plate_fee(assumed.bought_on, book), cents(assumed.quota(car.energy))
    said = note(tr_noop("{fee} for plates and papers"), fee=yuan(fee.amount))
    source, row = fee.source, book.at("plate_fee", assumed.bought_on)
    if quota:
        said = note(
            tr_noop("{fee} for plates and papers + {quota} for the quota"), fee=yuan(fee.amount), quota=yuan(quota)
        )
        quotas = book.find("plate_quotas", assumed.bought_on)
        source = source if quotas is None else both(source, quotas.citation())
    return CostFigure(CostKind.PLATES, fee.amount + quota, said, source, row.status)


def residual_figure(car: CarFacts, assumed: Assumptions, book: ReferenceBook) -> CostFigure:
    """What is got back when the car is sold."""
    price = known_price(car)
    share, row = share_left(car, assumed, book, years=assumed.years)
    said = note(
        tr_noop("{price} × {share} after {years} years"), price=yuan(price), share=percent(share), years=assumed.years
    )
    return CostFigure(CostKind.RESIDUAL, cents(price * share), said, row.citation(), row.status)


def share_left(
    car: CarFacts, assumed: Assumptions, book: ReferenceBook, *, years: int
) -> tuple[Decimal, ReferenceRow]:
    """Which share of the price is left after these years, and the table that says so."""
    row = book.at("residual_values", assumed.bought_on)
    return Decimal(of_kind(row, car.energy)[years - 1]), row
