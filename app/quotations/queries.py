"""Reading quotations: the live preview while terms are typed, lists, one offer, the desking grid, its paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from app.finance.queries import LoanPlanRow
from app.kernel.labels import Bilingual, Note
from app.kernel.unit_of_work import Reader
from app.quotations.commands import QuotationTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One line of the on-road total; `str(label)` and `str(source)` are in the language in use."""

    kind: str
    """vehicle, option, purchase_tax, compulsory_insurance, commercial_insurance, vessel_tax, plate_fee, service,
    discount (negative), subsidy (negative)."""
    label: Bilingual
    amount: Decimal
    source: Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotationPreview:
    """What terms come to. `plans` holds both methods where the terms ask for a loan, the chosen one first."""

    lines: tuple[LineRow, ...]
    vehicle_price: Decimal
    """After the discount, with VAT."""
    on_road_total: Decimal
    below_floor: bool
    below_floor_by: Decimal | None
    """Only for those who may see costs: a customer may be looking at the screen."""
    plans: tuple[LoanPlanRow, ...]
    down_payment: Decimal | None
    principal: Decimal | None
    valid_until: date
    notes: tuple[Note, ...]
    """Remarks such as "estimate" or "full rate after the relief ended"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotationRow:
    """One quotation in a list; `cursor` continues the list after it."""

    id: str
    number: str
    version_number: int
    state: str
    """Stored state, EXPIRED where the validity has passed; labels in `app.quotations.rules.QuotationState`."""
    customer_id: str
    customer_name: str
    vehicle_unit_id: str
    vin: str
    vehicle: str
    salesperson: str
    vehicle_price: Decimal
    on_road_total: Decimal
    below_floor: bool
    valid_until: date
    created_at: datetime
    revision: int
    cursor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotationDetail:
    """One quotation with everything on it; `actions` are the codes that state, permission and authorship allow."""

    row: QuotationRow
    lines: tuple[LineRow, ...]
    list_price: Decimal
    discount: Decimal
    subsidy: Decimal
    plan: LoanPlanRow | None
    approval_reason: str
    decided_by: str
    decided_at: datetime | None
    decision_note: str
    supersedes_id: str | None
    superseded_by_id: str | None
    order_id: str | None
    terms: QuotationTerms
    """The terms it was made from, to revise it."""
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskingCell:
    """One combination of down payment and term; `monthly` is the first payment."""

    down_payment: Decimal
    months: int
    product_code: str
    annual_rate: Decimal
    principal: Decimal
    monthly: Decimal
    interest: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskingGrid:
    """Down payments (rows) by months (columns) for one loan product; `cells[row][column]`, None where not offered."""

    product_code: str
    on_road_total: Decimal
    down_payments: tuple[Decimal, ...]
    months: tuple[int, ...]
    cells: tuple[tuple[DeskingCell | None, ...], ...]


def preview_quotation(reader: Reader, terms: QuotationTerms, *, customer_id: str | None = None) -> QuotationPreview:
    """What the terms come to, itemised; a company customer insures at the company's rate.

    Raises the same field errors as `DraftQuotation` does.
    """
    raise LookupError


def list_quotations(
    reader: Reader,
    *,
    after: str | None = None,
    limit: int = 60,
    text: str = "",
    state: str | Sequence[str] | None = None,
    salesperson_id: str | Sequence[str] | None = None,
    customer_id: str | None = None,
    vehicle_unit_id: str | None = None,
    superseded: bool = False,
) -> list[QuotationRow]:
    """Quotations, newest first; superseded versions only when asked for."""
    raise LookupError


def count_quotations(reader: Reader, **filters: object) -> tuple[int, int]:
    """How many match the filters of `list_quotations`, and how many there are."""
    raise LookupError


def get_quotation(reader: Reader, quotation_id: str) -> QuotationDetail:
    """One quotation; raises RecordNotFound."""
    raise LookupError


def desking_grid(reader: Reader, terms: QuotationTerms, *, product_code: str) -> DeskingGrid:
    """First monthly payment by down payment (20 to 60 % of the total) and term for one loan product."""
    raise LookupError


def price_for_monthly(
    reader: Reader, terms: QuotationTerms, *, monthly: Decimal, customer_id: str | None = None
) -> QuotationTerms:
    """The same terms with the discount that brings the first payment down to `monthly`.

    `terms.finance` is required. Raises TotalNotReachable (field `monthly`).
    """
    raise LookupError


def quotation_pdf(reader: Reader, quotation_id: str, *, language: str = "") -> bytes:
    """The offer on paper, in the customer's language unless one is named."""
    raise LookupError
