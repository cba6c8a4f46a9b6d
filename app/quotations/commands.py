"""What can be done with quotations. All amounts are CNY with two places."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraTerms:
    """An option or a service that is charged beside the vehicle; one of the names may be empty.

    Options `on_invoice` stand on the vehicle invoice and are taxed with it; it means nothing for services.
    """

    name_zh: str
    name_en: str = ""
    amount: Decimal
    on_invoice: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class InsuranceTerms:
    """What the customer insures. `commercial_premium` is an insurer's own quote and replaces the estimate."""

    compulsory: bool = True
    compulsory_factor: Decimal = Decimal("1.00")
    compulsory_premium: Decimal | None = None
    """The insurer's own figure; replaces the table's."""
    vehicle_damage: bool = True
    third_party_limit: Decimal | None = None
    """One of the limits of `app.insurance.queries.list_third_party_limits`; None for none."""
    occupants: bool = False
    commercial_premium: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FinanceTerms:
    """A loan over what the down payment leaves of the invoice price (the vehicle and the options on its invoice).

    Taxes, insurance and fees are paid beside it. With a `product_code` its terms and smallest down payment bind.
    `method` is "equal_instalment" (等额本息) or "equal_principal" (等额本金); `annual_rate` is a fraction, 0.045 for
    4.5 %.
    """

    method: str
    down_payment: Decimal
    months: int
    annual_rate: Decimal
    product_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotationTerms:
    """Everything that makes the on-road total of one unit. None means the usual: list price, house fees, 7 days."""

    vehicle_unit_id: str
    price: Decimal | None = None
    """Asked price with VAT before the discount; None: the unit's list price."""
    discount: Decimal = Decimal("0.00")
    subsidy: Decimal = Decimal("0.00")
    subsidy_by_house: bool = False
    """The house pays the subsidy itself: it then counts against the floor price."""
    options: tuple[ExtraTerms, ...] = ()
    services: tuple[ExtraTerms, ...] = ()
    insurance: InsuranceTerms = field(default_factory=InsuranceTerms)
    plate_fee: Decimal | None = None
    vessel_tax: Decimal | None = None
    """Vehicle-and-vessel tax when the table's figure is not the province's."""
    finance: FinanceTerms | None = None
    """None: cash."""
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftQuotation(Command):
    """Store an offer. Returns `QuotationDrafted`.

    With an `approval_reason`, an offer below the floor price goes to the manager at once; without one it stays DRAFT.
    """

    customer_id: str
    terms: QuotationTerms
    approval_reason: str = ""


@dataclass(frozen=True, slots=True)
class QuotationDrafted:
    """What `DraftQuotation` and `ReviseQuotation` return; `state` is DRAFT or PENDING_APPROVAL."""

    quotation_id: str
    number: str
    state: str
    below_floor: bool
    on_road_total: Decimal
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestApproval(Command):
    """Ask a manager for a price below the floor; `reason` is required."""

    quotation_id: str
    expected_revision: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveQuotation(Command):
    """Allow a price below the floor; nobody approves an offer of their own."""

    quotation_id: str
    expected_revision: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectQuotation(Command):
    """Refuse a price below the floor; `reason` is required."""

    quotation_id: str
    expected_revision: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentQuotation(Command):
    """The offer was shown to the customer."""

    quotation_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptQuotation(Command):
    """The customer said yes."""

    quotation_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseQuotation(Command):
    """Replace an offer by a new version with other terms. Returns `QuotationDrafted` of the new version."""

    quotation_id: str
    expected_revision: int
    terms: QuotationTerms
    approval_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkQuotationLost(Command):
    """The customer said no; `reason` is required."""

    quotation_id: str
    expected_revision: int
    reason: str
