"""From terms as entered to an itemised offer: one calculation behind the preview, the stored quotation, the sale."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from app.catalog.inheritance import Lineage, lineage_of
from app.documents.fonts import require_printable
from app.finance.errors import DownPaymentBelowProduct, DownPaymentWrong, LoanTermNotOffered
from app.finance.queries import loan_method
from app.finance.rules import LoanSchedule, LoanTerms, loan_products, loan_schedule
from app.insurance.rules import CoverKind, VehicleUse, commercial_total, compulsory_charge, estimate_commercial
from app.kernel.errors import DomainError, RecordNotFound, ValueNotAllowed, ValueRequired, limited_text
from app.kernel.labels import Bilingual, Note, note
from app.kernel.money import ZERO, format_money, require_amount
from app.pricing.effective import asked_today
from app.pricing.rules import CountingPrice
from app.quotations.commands import ExtraTerms, FinanceTerms, InsuranceTerms, QuotationTerms
from app.quotations.errors import TooManyExtras
from app.quotations.rules import ChargeKind, Item, OnRoadQuotation, OnRoadRequest, QuotationLine, quote_on_road
from app.runtime.language import tr_noop
from db.base import Replicated
from db.caching import cached
from db.models.catalog import Trim
from db.models.inventory import VehicleUnit

T = TypeVar("T", bound=Replicated)
_MOST_EXTRAS = 20
_NAME_LIMIT = 60
_INSURERS_QUOTE = Bilingual("保险公司报价", "Insurer's quote")
HOUSE_SUBSIDY = Bilingual("由本店承担", "Paid by the house")
"""Source of a subsidy line that comes out of the dealer's pocket and counts against the floor."""
DISPLACEMENT = "displacement"
"""The specification parameter that holds the engine size in litres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Calculated terms. `lines` add up to `on_road.total`; `schedule` is None for cash."""

    terms: QuotationTerms
    unit: VehicleUnit
    lineage: Lineage
    on_road: OnRoadQuotation
    lines: tuple[QuotationLine, ...]
    schedule: LoanSchedule | None

    @property
    def total(self) -> Decimal:
        """What the customer pays until the car is on the road."""
        return self.on_road.total

    @property
    def asked_price(self) -> Decimal:
        """The price before the discount."""
        return self.on_road.request.list_price

    def stored_finance(self) -> dict[str, Any] | None:
        """The plan as quotation and order keep it."""
        finance = self.terms.finance
        if self.schedule is None or finance is None:
            return None
        return {**self.schedule.stored(finance.down_payment), "product": finance.product_code}


@cached
def _by_id(model: type[T]) -> Select[T]:
    """What `Session.get` would compose anew for every record."""
    return select(model).where(model.id == bindparam("id"))


def live(session: Session, model: type[T], record_id: str, *, field: str) -> T:
    """The live row; raises RecordNotFound for the field."""
    row = session.scalars(_by_id(model), {"id": record_id}).one_or_none() if record_id else None
    if row is None or getattr(row, "deleted_at", None) is not None:
        raise RecordNotFound(field=field)
    return row


@contextmanager
def fields_named(names: Mapping[str, str]) -> Iterator[None]:
    """Errors of general rules come out beside the field that the form knows."""
    try:
        yield
    except DomainError as error:
        error.field = names.get(error.field or "", error.field)
        raise


def make_offer(session: Session, terms: QuotationTerms, *, company: bool, today: date) -> Offer:
    """Calculate terms on a day. Raises RecordNotFound and the errors of the rules, each beside the field of the terms
    it belongs to.

    Without a price of its own the offer takes the list price, less what a running campaign takes off: a line with the
    campaign's name.
    """
    unit = live(session, VehicleUnit, terms.vehicle_unit_id, field="vehicle_unit_id")
    lineage = lineage_of(session, unit.trim_id)
    if lineage is None or lineage.trim.deleted_at is not None:
        raise RecordNotFound(field="vehicle_unit_id")
    price = asked_today(session, unit, lineage.trim.guide_price, today) if terms.price is None else None
    return calculate_offer(terms, unit=unit, lineage=lineage, company=company, today=today, price=price)


def calculate_offer(
    terms: QuotationTerms,
    *,
    unit: VehicleUnit,
    lineage: Lineage,
    company: bool,
    today: date,
    price: CountingPrice | None = None,
) -> Offer:
    """The same for a unit and a trim at hand; `price` is what a campaign asks, None where none is looked for."""
    use = VehicleUse.COMPANY if company else VehicleUse.PRIVATE
    request = _request(terms, unit, lineage.trim, use=use, litres=_litres(lineage), today=today)
    if price is not None:
        request = _with_campaign(request, price)
    compulsory = _compulsory(terms.insurance, request)
    commercial = _commercial(terms.insurance, request)
    names = {"seats": "compulsory_premium", "displacement": "vessel_tax"}
    with fields_named(names):
        on_road = quote_on_road(replace(request, compulsory_override=compulsory[0], commercial_insurance=commercial[0]))
    sources = {
        ChargeKind.COMPULSORY_INSURANCE: compulsory[1],
        ChargeKind.COMMERCIAL_INSURANCE: commercial[1],
        ChargeKind.SUBSIDY: HOUSE_SUBSIDY if terms.subsidy_by_house else None,
    }
    lines = tuple(_with_source(line, sources.get(line.kind)) for line in on_road.lines)
    schedule = None if terms.finance is None else _schedule(terms.finance, on_road.request.invoice_price, today)
    return Offer(terms=terms, unit=unit, lineage=lineage, on_road=on_road, lines=lines, schedule=schedule)


def _request(
    terms: QuotationTerms, unit: VehicleUnit, trim: Trim, *, use: VehicleUse, litres: Decimal | None, today: date
) -> OnRoadRequest:
    asked = unit.list_price if terms.price is None else require_amount(terms.price, field="price")
    discount = require_amount(terms.discount, field="discount")
    subsidy = require_amount(terms.subsidy, field="subsidy")
    return OnRoadRequest(
        list_price=asked,
        floor_price=unit.floor_price,
        quoted_on=today,
        valid_until=terms.valid_until,
        energy=unit.energy,
        litres=litres,
        seats=trim.seats,
        in_tax_directory=trim.in_tax_directory,
        use=use,
        discounts=(Item(discount),) if discount else (),
        options=_extras(terms.options, field="options"),
        services=_extras(terms.services, field="services"),
        subsidies=(Item(subsidy, paid_by_house=terms.subsidy_by_house),) if subsidy else (),
        vessel_tax_override=_optional(terms.vessel_tax, field="vessel_tax"),
        plate_fee_override=_optional(terms.plate_fee, field="plate_fee"),
    )


def _with_campaign(request: OnRoadRequest, price: CountingPrice) -> OnRoadRequest:
    if price.campaign is None:
        return request
    name = price.campaign.name
    label = Bilingual(f"活动“{name.zh}”", f"Campaign “{name.en}”")
    return replace(
        request,
        discounts=(Item(price.cut, label), *request.discounts),
        floor_price=min(request.floor_price, price.asked),
    )


def campaign_notes(session: Session, offer: Offer, *, today: date) -> tuple[Note, ...]:
    """What to say of a campaign that runs while somebody typed a price or a discount: what it would give instead, or
    that it is taken off already."""
    terms, unit = offer.terms, offer.unit
    if terms.price is None and not terms.discount:
        return ()
    trim = live(session, Trim, unit.trim_id, field="vehicle_unit_id")
    price = asked_today(session, unit, trim.guide_price, today)
    if price.campaign is None:
        return ()
    until = price.campaign.valid_to or today
    values = {
        "name": price.campaign.name, "date": until.isoformat(), "price": format_money(price.asked, symbol=False),
        "cut": format_money(price.cut, symbol=False),
    }  # fmt: skip
    if terms.price is None:
        return (note(tr_noop("Campaign “{name}” until {date} takes {cut} off already; the discount comes on top."),
                     **{key: values[key] for key in ("name", "date", "cut")}),)  # fmt: skip
    text = tr_noop("Campaign “{name}” until {date} would ask {price} ({cut} off): leave the price empty to use it.")
    return (note(text, **values),)


def _litres(lineage: Lineage) -> Decimal | None:
    """The engine size of a trim, inherited or its own; None where the specification has none."""
    value = lineage.parameters.get(DISPLACEMENT)
    return None if value in (None, "") else Decimal(str(value))


def _optional(amount: Decimal | None, *, field: str) -> Decimal | None:
    return None if amount is None else require_amount(amount, field=field)


def _extras(extras: tuple[ExtraTerms, ...], *, field: str) -> tuple[Item, ...]:
    if len(extras) > _MOST_EXTRAS:
        raise TooManyExtras(field=field, limit=_MOST_EXTRAS)
    items = []
    for extra in extras:
        zh = limited_text(extra.name_zh, field=field, limit=_NAME_LIMIT)
        en = limited_text(extra.name_en, field=field, limit=_NAME_LIMIT)
        if not (zh or en):
            raise ValueRequired(field=field)
        require_printable(zh, en, field=field)
        amount = require_amount(extra.amount, field=field)
        items.append(Item(amount, Bilingual(zh or en, en or zh), on_invoice=extra.on_invoice))
    return tuple(items)


def _compulsory(terms: InsuranceTerms, request: OnRoadRequest) -> tuple[Decimal | None, Bilingual | None]:
    """The amount that replaces the table's, None to leave it, and its source."""
    if not terms.compulsory:
        return ZERO, None
    if terms.compulsory_premium is not None:
        return require_amount(terms.compulsory_premium, field="compulsory_premium"), _INSURERS_QUOTE
    if terms.compulsory_factor == 1:
        return None, None
    with fields_named({"factor": "compulsory_factor", "seats": "compulsory_premium"}):
        charge = compulsory_charge(
            seats=request.seats, on_date=request.quoted_on, use=request.use, factor=terms.compulsory_factor
        )
    return charge.amount, charge.source


def _commercial(terms: InsuranceTerms, request: OnRoadRequest) -> tuple[Decimal, Bilingual | None]:
    if terms.commercial_premium is not None:
        return require_amount(terms.commercial_premium, field="commercial_premium"), _INSURERS_QUOTE
    chosen = {
        CoverKind.VEHICLE_DAMAGE: terms.vehicle_damage,
        CoverKind.THIRD_PARTY: terms.third_party_limit is not None,
        CoverKind.OCCUPANTS: terms.occupants,
    }
    if not any(chosen.values()):
        return ZERO, None
    covers = estimate_commercial(
        vehicle_price=max(request.vehicle_price, ZERO),
        seats=request.seats,
        on_date=request.quoted_on,
        third_party_limit=terms.third_party_limit,
    )
    wanted = tuple(cover for cover in covers if chosen.get(cover.kind))
    return commercial_total(wanted), wanted[0].source


def _with_source(line: QuotationLine, source: Bilingual | None) -> QuotationLine:
    return line if source is None else replace(line, source=source)


def _schedule(terms: FinanceTerms, price: Decimal, today: date) -> LoanSchedule:
    down_payment = require_amount(terms.down_payment, field="down_payment")
    if down_payment > price:
        raise DownPaymentWrong(field="down_payment")
    if terms.product_code:
        _check_product(terms, price=price, today=today)
    with fields_named({"principal": "down_payment"}):
        return loan_schedule(
            LoanTerms(price - down_payment, terms.annual_rate, terms.months, loan_method(terms.method))
        )


def _check_product(terms: FinanceTerms, *, price: Decimal, today: date) -> None:
    product = next((product for product in loan_products(today) if product.code == terms.product_code), None)
    if product is None:
        raise ValueNotAllowed(field="product_code", value=terms.product_code)
    if terms.months not in product.annual_rates:
        offered = ", ".join(str(months) for months in sorted(product.annual_rates))
        raise LoanTermNotOffered(field="months", offered=offered)
    if terms.down_payment < price * product.smallest_down_share:
        share = f"{product.smallest_down_share * 100:.0f}"
        raise DownPaymentBelowProduct(field="down_payment", share=share)
