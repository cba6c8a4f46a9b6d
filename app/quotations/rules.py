"""Quotations: their lifecycle, the price floor, and the on-road total line by line.

On-road total = price + options + purchase tax + compulsory insurance + commercial insurance + vehicle and vessel tax
+ plate fee + services − discounts − subsidies.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from app.insurance.rules import VehicleUse, compulsory_charge
from app.kernel.labels import UNNAMED, Bilingual, Labelled, Note, note
from app.kernel.money import ZERO, add_up, cents, format_money, from_fen, to_fen
from app.kernel.permissions import Permission
from app.kernel.reference_data import Charge, ReferenceBook, bundled_reference
from app.kernel.state_machine import StateMachine, Transition
from app.quotations.errors import (
    DiscountTooLarge,
    PriceBelowFloor,
    QuotationExpired,
    TotalNotReachable,
    ValidityWrong,
)
from app.quotations.statutory_charges import PurchaseTax, plate_fee, purchase_tax, vehicle_vessel_tax
from app.runtime.language import CHINESE, ENGLISH, tr_in, tr_noop


class QuotationState(Labelled):
    DRAFT = "DRAFT", tr_noop("Draft")
    PENDING_APPROVAL = "PENDING_APPROVAL", tr_noop("Awaiting approval")
    APPROVED = "APPROVED", tr_noop("Approved")
    REJECTED = "REJECTED", tr_noop("Rejected")
    PRESENTED = "PRESENTED", tr_noop("Presented")
    ACCEPTED = "ACCEPTED", tr_noop("Accepted")
    CONVERTED = "CONVERTED", tr_noop("Ordered")
    EXPIRED = "EXPIRED", tr_noop("Expired")
    SUPERSEDED = "SUPERSEDED", tr_noop("Superseded")
    LOST = "LOST", tr_noop("Lost")


class QuotationAction(Labelled):
    REQUEST_APPROVAL = "request_approval", tr_noop("Send for approval")
    APPROVE = "approve", tr_noop("Approve")
    REJECT = "reject", tr_noop("Reject")
    PRESENT = "present", tr_noop("Present to the customer")
    ACCEPT = "accept", tr_noop("Accept")
    CONVERT = "convert", tr_noop("Turn into an order")
    EXPIRE = "expire", tr_noop("Let expire")
    SUPERSEDE = "supersede", tr_noop("Make a new version")
    LOSE = "lose", tr_noop("Mark as lost")


_EDIT = Permission.QUOTATIONS_EDIT
_APPROVE = Permission.QUOTATIONS_APPROVE
_S = QuotationState
_A = QuotationAction
_OPEN = (_S.DRAFT, _S.PENDING_APPROVAL, _S.APPROVED, _S.REJECTED, _S.PRESENTED, _S.ACCEPTED)

QUOTATION = StateMachine(
    document=tr_noop("quotation"),
    initial=QuotationState.DRAFT,
    transitions=(
        Transition(_A.REQUEST_APPROVAL, (_S.DRAFT,), _S.PENDING_APPROVAL, _EDIT),
        Transition(_A.APPROVE, (_S.PENDING_APPROVAL,), _S.APPROVED, _APPROVE),
        Transition(_A.REJECT, (_S.PENDING_APPROVAL,), _S.REJECTED, _APPROVE),
        Transition(_A.PRESENT, (_S.DRAFT, _S.APPROVED), _S.PRESENTED, _EDIT),
        Transition(_A.ACCEPT, (_S.PRESENTED,), _S.ACCEPTED, _EDIT),
        Transition(_A.CONVERT, (_S.ACCEPTED,), _S.CONVERTED, Permission.ORDERS_EDIT),
        Transition(_A.EXPIRE, _OPEN, _S.EXPIRED, _EDIT),
        Transition(_A.SUPERSEDE, (*_OPEN, _S.EXPIRED), _S.SUPERSEDED, _EDIT),
        Transition(_A.LOSE, _OPEN, _S.LOST, _EDIT, reason_required=True),
    ),
)


class ChargeKind(Labelled):
    """What a line of the on-road total is; discounts and subsidies have negative amounts."""

    VEHICLE = "vehicle", tr_noop("Vehicle")
    DISCOUNT = "discount", tr_noop("Discount")
    OPTION = "option", tr_noop("Option")
    PURCHASE_TAX = "purchase_tax", tr_noop("Purchase tax")
    COMPULSORY_INSURANCE = "compulsory_insurance", tr_noop("Compulsory insurance")
    COMMERCIAL_INSURANCE = "commercial_insurance", tr_noop("Commercial insurance")
    VESSEL_TAX = "vessel_tax", tr_noop("Vehicle and vessel tax")
    PLATE_FEE = "plate_fee", tr_noop("Plate fee")
    SERVICE = "service", tr_noop("Service")
    SUBSIDY = "subsidy", tr_noop("Subsidy")


@dataclass(frozen=True, slots=True)
class Item:
    """An option, service, discount or subsidy as entered: a positive amount. An empty label takes the kind's own.

    `on_invoice` options stand on the vehicle invoice and are therefore taxed with it. A subsidy `paid_by_house` comes
    out of the dealer's pocket and counts against the price floor.
    """

    amount: Decimal
    label: Bilingual = UNNAMED
    on_invoice: bool = True
    paid_by_house: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRoadRequest:
    """What an on-road total is calculated from. Amounts with VAT; `…_override` replaces a calculated charge."""

    list_price: Decimal
    floor_price: Decimal
    quoted_on: date
    invoice_on: date | None = None
    valid_until: date | None = None
    energy: str = "petrol"
    litres: Decimal | None = None
    seats: int = 5
    in_tax_directory: bool = False
    use: VehicleUse = VehicleUse.PRIVATE
    discounts: tuple[Item, ...] = ()
    options: tuple[Item, ...] = ()
    services: tuple[Item, ...] = ()
    subsidies: tuple[Item, ...] = ()
    commercial_insurance: Decimal = ZERO
    compulsory_override: Decimal | None = None
    vessel_tax_override: Decimal | None = None
    plate_fee_override: Decimal | None = None

    @property
    def discount(self) -> Decimal:
        """All discounts together, positive."""
        return add_up(item.amount for item in self.discounts)

    @property
    def vehicle_price(self) -> Decimal:
        """The agreed price: list price less discounts."""
        return self.list_price - self.discount

    @property
    def invoice_price(self) -> Decimal:
        """What the vehicle invoice will say with VAT: the agreed price and the options on the invoice."""
        return self.vehicle_price + add_up(item.amount for item in self.options if item.on_invoice)


@dataclass(frozen=True, slots=True)
class QuotationLine:
    """One line: what, how much, and the rule it comes from."""

    kind: ChargeKind
    label: Bilingual
    amount: Decimal
    source: Bilingual = UNNAMED


@dataclass(frozen=True, slots=True)
class FloorCheck:
    """The price the house really gets for the car, against the lowest it sells for without a manager."""

    net_price: Decimal
    floor_price: Decimal

    @property
    def below_by(self) -> Decimal:
        """How far the price lies below the floor; zero at it or above."""
        return max(self.floor_price - self.net_price, ZERO)

    @property
    def needs_approval(self) -> bool:
        """Whether a manager has to approve."""
        return self.net_price < self.floor_price


@dataclass(frozen=True, slots=True)
class OnRoadQuotation:
    """The calculated offer. `total` is always the sum of the lines."""

    request: OnRoadRequest
    lines: tuple[QuotationLine, ...]
    purchase_tax: PurchaseTax
    floor: FloorCheck
    valid_until: date
    notes: tuple[Note, ...]

    @property
    def total(self) -> Decimal:
        """What the customer pays until the car is on the road."""
        return add_up(line.amount for line in self.lines)

    def total_of(self, *kinds: ChargeKind) -> Decimal:
        """The sum of the lines of some kinds."""
        return add_up(line.amount for line in self.lines if line.kind in kinds)


def check_floor(net_price: Decimal, floor_price: Decimal) -> FloorCheck:
    """The price the house gets, against the floor; at the floor no approval is needed."""
    return FloorCheck(net_price, floor_price)


def require_above_floor(check: FloorCheck) -> None:
    """Raises PriceBelowFloor (field `discount`), which never names the floor."""
    if check.needs_approval:
        raise PriceBelowFloor(field="discount")


def presenting_action(check: FloorCheck) -> QuotationAction:
    """What a finished draft does next: to the customer, or to the manager first."""
    return QuotationAction.REQUEST_APPROVAL if check.needs_approval else QuotationAction.PRESENT


def is_expired(valid_until: date, today: date) -> bool:
    """Whether the last valid day is over."""
    return today > valid_until


def require_valid(valid_until: date, today: date) -> None:
    """Raises QuotationExpired after the last valid day."""
    if is_expired(valid_until, today):
        raise QuotationExpired(valid_until=valid_until.isoformat())


def quote_on_road(request: OnRoadRequest, reference: ReferenceBook | None = None) -> OnRoadQuotation:
    """The on-road total of a request, with the source of each calculated line.

    Raises DiscountTooLarge, ValidityWrong, SeatsUnknown, DisplacementMissing or ReferenceMissing. A price below the
    floor is no error here: it asks for approval (`floor.needs_approval`).
    """
    book = reference or bundled_reference()
    if request.vehicle_price < 0:
        raise DiscountTooLarge(
            field="discount",
            discount=format_money(request.discount),
            list_price=format_money(request.list_price),
        )
    valid_until = _valid_until(request, book)
    tax = purchase_tax(
        request.invoice_price,
        invoice_on=request.invoice_on or request.quoted_on,
        in_tax_directory=request.in_tax_directory,
        reference=book,
    )
    house_subsidies = add_up(item.amount for item in request.subsidies if item.paid_by_house)
    return OnRoadQuotation(
        request=request,
        lines=tuple(line for line in _lines(request, tax, book) if line.amount or _always_shown(line)),
        purchase_tax=tax,
        floor=check_floor(request.vehicle_price - house_subsidies, request.floor_price),
        valid_until=valid_until,
        notes=(*tax.notes, *_late_invoice(request, valid_until, tax, book)),
    )


def _valid_until(request: OnRoadRequest, book: ReferenceBook) -> date:
    if request.valid_until is None:
        days = book.at("house_policy", request.quoted_on).values["quotation_valid_days"]
        return request.quoted_on + timedelta(days=days)
    if request.valid_until < request.quoted_on:
        raise ValidityWrong(field="valid_until", quoted_on=request.quoted_on.isoformat())
    return request.valid_until


def _always_shown(line: QuotationLine) -> bool:
    return line.kind in (ChargeKind.VEHICLE, ChargeKind.PURCHASE_TAX, ChargeKind.VESSEL_TAX)


def _lines(request: OnRoadRequest, tax: PurchaseTax, book: ReferenceBook) -> Iterable[QuotationLine]:
    yield _line(ChargeKind.VEHICLE, request.list_price)
    yield from _items(ChargeKind.DISCOUNT, request.discounts, sign=-1)
    yield from _items(ChargeKind.OPTION, request.options)
    yield _line(ChargeKind.PURCHASE_TAX, tax.due, tax.source)
    yield _charge(ChargeKind.COMPULSORY_INSURANCE, _compulsory(request, book))
    yield _line(ChargeKind.COMMERCIAL_INSURANCE, request.commercial_insurance)
    yield _charge(ChargeKind.VESSEL_TAX, _vessel_tax(request, book))
    yield _charge(ChargeKind.PLATE_FEE, _plates(request, book))
    yield from _items(ChargeKind.SERVICE, request.services)
    yield from _items(ChargeKind.SUBSIDY, request.subsidies, sign=-1)


_ENTERED = Bilingual("人工录入", "Entered by hand")


def _compulsory(request: OnRoadRequest, book: ReferenceBook) -> Charge:
    if request.compulsory_override is not None:
        return Charge(request.compulsory_override, _ENTERED)
    return compulsory_charge(seats=request.seats, use=request.use, on_date=_invoice_day(request), reference=book)


def _vessel_tax(request: OnRoadRequest, book: ReferenceBook) -> Charge:
    if request.vessel_tax_override is not None:
        return Charge(request.vessel_tax_override, _ENTERED)
    return vehicle_vessel_tax(
        energy=request.energy, litres=request.litres, on_date=_invoice_day(request), reference=book
    )


def _plates(request: OnRoadRequest, book: ReferenceBook) -> Charge:
    if request.plate_fee_override is not None:
        return Charge(request.plate_fee_override, _ENTERED)
    return plate_fee(_invoice_day(request), book)


def _invoice_day(request: OnRoadRequest) -> date:
    return request.invoice_on or request.quoted_on


def _items(kind: ChargeKind, items: Iterable[Item], sign: int = 1) -> Iterable[QuotationLine]:
    for item in items:
        named = bool(item.label.zh or item.label.en)
        yield QuotationLine(kind, item.label if named else _name(kind), cents(item.amount * sign))


def _line(kind: ChargeKind, amount: Decimal, source: Bilingual = UNNAMED) -> QuotationLine:
    return QuotationLine(kind, _name(kind), cents(amount), source)


def _charge(kind: ChargeKind, charge: Charge) -> QuotationLine:
    return _line(kind, charge.amount, charge.source)


def _name(kind: ChargeKind) -> Bilingual:
    return Bilingual(tr_in(CHINESE, kind.label), tr_in(ENGLISH, kind.label))


def _late_invoice(request: OnRoadRequest, valid_until: date, tax: PurchaseTax, book: ReferenceBook) -> tuple[Note, ...]:
    """A quotation that outlives the relief says what the tax will be after it."""
    if not tax.relief:
        return ()
    later = purchase_tax(
        request.invoice_price,
        invoice_on=max(valid_until, _invoice_day(request)),
        in_tax_directory=request.in_tax_directory,
        reference=book,
    )
    if later.due == tax.due:
        return ()
    text = tr_noop("Invoiced on {day}, the purchase tax would be {tax}.")
    return (note(text, day=valid_until.isoformat(), tax=f"{later.due:,.2f}"),)


def discount_for_total(request: OnRoadRequest, total: Decimal, reference: ReferenceBook | None = None) -> Decimal:
    """The one discount, instead of those in the request, with which the on-road total is as close to the wanted one
    as possible without exceeding it: a whole number of fen.

    The total falls as the discount grows, so it is found by halving. Raises TotalNotReachable (field `total`).
    """

    def total_at(discount_fen: int) -> Decimal:
        discounts = (Item(from_fen(discount_fen)),) if discount_fen else ()
        return quote_on_road(replace(request, discounts=discounts), reference).total

    low, high = 0, to_fen(request.list_price)
    highest, lowest = total_at(low), total_at(high)
    if not lowest <= total <= highest:
        raise TotalNotReachable(
            field="total",
            total=format_money(total),
            lowest=format_money(lowest),
            highest=format_money(highest),
        )
    while low < high:
        middle = (low + high) // 2
        if total_at(middle) <= total:
            high = middle
        else:
            low = middle + 1
    return from_fen(low)
