"""What the state takes when a car goes on the road.

Every figure comes from the reference book and carries its source; where a table is only a starting point
(`ReferenceStatus.CHECK`) the amount can be overridden in the quotation.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.kernel.labels import UNNAMED, Bilingual, Note, note
from app.kernel.money import ZERO, add_up, cents
from app.kernel.reference_data import Charge, ReferenceBook, ReferenceRow, bundled_reference
from app.quotations.errors import DisplacementMissing
from app.runtime.language import tr_noop


@dataclass(frozen=True, slots=True)
class PurchaseTax:
    """Purchase tax of one car: `due` = `full` − `relief`; `base` is the invoice price without VAT."""

    invoice_price: Decimal
    base: Decimal
    rate: Decimal
    full: Decimal
    relief: Decimal
    source: Bilingual
    notes: tuple[Note, ...]

    @property
    def due(self) -> Decimal:
        """What is to be paid."""
        return self.full - self.relief


def purchase_tax(
    invoice_price: Decimal, *, invoice_on: date, in_tax_directory: bool, reference: ReferenceBook | None = None
) -> PurchaseTax:
    """The tax on a price with VAT, invoiced on a day. `in_tax_directory`: listed as new-energy vehicle.

    base = price / (1 + VAT rate), full = base × rate, relief = a share of it with a cap while the relief is in force;
    each step is rounded half up to whole fen. After the relief the full tax is charged, and a note says so.
    Raises ReferenceMissing for a day without a rate.
    """
    book = reference or bundled_reference()
    tax, vat = book.at("purchase_tax", invoice_on), book.at("vat", invoice_on)
    base = cents(invoice_price / (1 + vat.decimal("rate")))
    full = cents(base * tax.decimal("rate"))
    row = book.find("new_energy_relief", invoice_on) if in_tax_directory else None
    relief = ZERO if row is None else min(cents(full * row.decimal("share")), row.decimal("largest"))
    notes: tuple[Note, ...] = ()
    if in_tax_directory:
        notes = (_relief_in_force(row, relief) if row else _relief_over(book, invoice_on),)
    sources = [tax, vat] if row is None else [tax, vat, row]
    return PurchaseTax(invoice_price, base, tax.decimal("rate"), full, relief, _citation(sources), notes)


def _relief_in_force(row: ReferenceRow, relief: Decimal) -> Note:
    if row.valid_to is None:
        return note(tr_noop("New-energy relief of {relief} is taken off."), relief=f"{relief:,.2f}")
    return note(
        tr_noop("New-energy relief of {relief} is taken off; it holds for invoices until {until}."),
        relief=f"{relief:,.2f}",
        until=row.valid_to.isoformat(),
    )


def _relief_over(book: ReferenceBook, invoice_on: date) -> Note:
    ended = [row.valid_to for row in book.rows("new_energy_relief") if row.valid_to and row.valid_to < invoice_on]
    if not ended:
        return note(tr_noop("No new-energy relief is on file for this invoice date: full purchase tax."))
    return note(
        tr_noop("The new-energy relief on file ended on {until}: full purchase tax."), until=max(ended).isoformat()
    )


def _citation(rows: list[ReferenceRow]) -> Bilingual:
    cited = [row.citation() for row in rows]
    return Bilingual("；".join(c.zh for c in cited), "; ".join(c.en for c in cited))


def vehicle_vessel_tax(
    *, energy: str, litres: Decimal | None, on_date: date, reference: ReferenceBook | None = None
) -> Charge:
    """Vehicle and vessel tax (车船税) from the month of purchase to the end of the year, whole months.

    Raises DisplacementMissing (field `displacement`) for an engine without a size.
    """
    yearly = yearly_vessel_tax(energy=energy, litres=litres, on_date=on_date, reference=reference)
    months = 13 - on_date.month
    return Charge(cents(yearly.amount * months / 12), yearly.source)


def yearly_vessel_tax(
    *, energy: str, litres: Decimal | None, on_date: date, reference: ReferenceBook | None = None
) -> Charge:
    """Vehicle and vessel tax of a whole year by the table in force on a day.

    Raises DisplacementMissing (field `displacement`) for an engine without a size.
    """
    row = (reference or bundled_reference()).at("vehicle_vessel_tax", on_date)
    if energy in row.values["not_taxed"]:
        return Charge(ZERO, row.citation())
    if litres is None or litres <= 0:
        raise DisplacementMissing(field="displacement")
    return Charge(_yearly_vessel_tax(row, litres), row.citation())


def _yearly_vessel_tax(row: ReferenceRow, litres: Decimal) -> Decimal:
    for band in row.values["bands"]:
        if band["litres_to"] is None or litres <= Decimal(band["litres_to"]):
            return Decimal(band["yearly"])
    raise DisplacementMissing(field="displacement")


def plate_fees(on_date: date, reference: ReferenceBook | None = None) -> tuple[Charge, ...]:
    """What plates and papers cost, one charge for each."""
    row = (reference or bundled_reference()).at("plate_fee", on_date)
    return tuple(
        Charge(cents(item["amount"]), row.citation(), Bilingual(item["name"]["zh"], item["name"]["en"]))
        for item in row.values["items"]
    )


def plate_fee(on_date: date, reference: ReferenceBook | None = None) -> Charge:
    """Plates and papers together."""
    fees = plate_fees(on_date, reference)
    source = fees[0].source if fees else UNNAMED
    return Charge(add_up(fee.amount for fee in fees), source)
