"""Reading quotations: the live preview while terms are typed, lists, one offer in full, its paper.

The desking grid and solving a price from a payment stand in `app.quotations.desking`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.finance.queries import LoanPlanRow, plan_row, stored_plan
from app.finance.rules import LoanMethod, LoanTerms, loan_schedule
from app.kernel.clock import branch_date
from app.kernel.labels import Bilingual, Note
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.quotations.calculation import campaign_notes, live, make_offer
from app.quotations.commands import QuotationTerms
from app.quotations.desking import DeskingCell, DeskingGrid, desking_grid, price_for_monthly
from app.quotations.drafting import lines_of, stored_floor_check
from app.quotations.paper_facts import StoredLine, customer_party, house, paper_lines, paper_plan, vehicle_facts
from app.quotations.rules import QUOTATION, QuotationAction, QuotationState, is_expired
from app.quotations.stored_terms import terms_from
from app.quotations.vehicle_names import NAME_COLUMNS, join_names, vehicle_name
from db.listing import cursor_of, found, is_one_of, older_than
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.quotations import Quotation
from db.models.staff import Branch, StaffMember

__all__ = [
    "DeskingCell",
    "DeskingGrid",
    "LineRow",
    "QuotationDetail",
    "QuotationPreview",
    "QuotationRow",
    "count_quotations",
    "desking_grid",
    "get_quotation",
    "line_rows",
    "list_quotations",
    "preview_quotation",
    "price_for_monthly",
    "quotation_pdf",
]


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
    invoice_price: Decimal
    """The vehicle and the options on its invoice: what a loan can finance."""
    on_road_total: Decimal
    below_floor: bool
    below_floor_by: Decimal | None
    """Only for those who may see costs: a customer may be looking at the screen."""
    plans: tuple[LoanPlanRow, ...]
    down_payment: Decimal | None
    cash_needed: Decimal
    """What the customer brings: all of the on-road total that the loan does not cover."""
    valid_until: date
    notes: tuple[Note, ...]
    """Remarks such as the end of a relief."""


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
    vehicle: Bilingual
    salesperson_id: str
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
    """`app.quotations.rules.QuotationAction` codes; "convert" means that an order can be placed."""


def line_rows(lines: Iterable[StoredLine]) -> tuple[LineRow, ...]:
    """Stored lines of a quotation or an order, as pages show them."""
    return tuple(
        LineRow(
            kind=line.kind,
            label=Bilingual(line.label_zh, line.label_en),
            amount=line.amount,
            source=Bilingual.from_stored(line.source),
        )
        for line in lines
    )


def preview_quotation(reader: Reader, terms: QuotationTerms, *, customer_id: str | None = None) -> QuotationPreview:
    """What the terms come to, itemised; a company customer insures at the company's rate.

    Raises the same field errors as `DraftQuotation` does.
    """
    reader.require(Permission.QUOTATIONS_VIEW)
    company = False
    if customer_id:
        company = live(reader.session, Customer, customer_id, field="customer_id").kind == "company"
    today = branch_date(reader.now)
    offer = make_offer(reader.session, terms, company=company, today=today)
    floor, request = offer.on_road.floor, offer.on_road.request
    principal = offer.schedule.terms.principal if offer.schedule else Decimal(0)
    return QuotationPreview(
        lines=tuple(
            LineRow(kind=line.kind.value, label=line.label, amount=line.amount, source=line.source)
            for line in offer.lines
        ),
        vehicle_price=request.vehicle_price,
        invoice_price=request.invoice_price,
        on_road_total=offer.total,
        below_floor=floor.needs_approval,
        below_floor_by=floor.below_by if reader.actor.may(Permission.INVENTORY_VIEW_COST) else None,
        plans=_both_plans(offer.schedule.terms) if offer.schedule else (),
        down_payment=terms.finance.down_payment if terms.finance else None,
        cash_needed=offer.total - principal,
        valid_until=offer.on_road.valid_until,
        notes=(*campaign_notes(reader.session, offer, today=today), *offer.on_road.notes),
    )


def _both_plans(chosen: LoanTerms) -> tuple[LoanPlanRow, ...]:
    methods = sorted(LoanMethod, key=lambda method: method is not chosen.method)
    return tuple(
        plan_row(loan_schedule(LoanTerms(chosen.principal, chosen.annual_rate, chosen.months, method)))
        for method in methods
    )


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
    """Quotations, newest first; superseded versions only when asked for. `text` finds number and customer."""
    reader.require(Permission.QUOTATIONS_VIEW)
    query = _rows().where(
        *_conditions(
            reader,
            text=text,
            state=state,
            salesperson_id=salesperson_id,
            customer_id=customer_id,
            vehicle_unit_id=vehicle_unit_id,
            superseded=superseded,
        )
    )
    if after is not None:
        query = query.where(older_than(after, Quotation.created_at, Quotation.id))
    query = query.order_by(Quotation.created_at.desc(), Quotation.id.desc()).limit(limit)
    today = branch_date(reader.now)
    return [_row(values, today) for values in reader.session.execute(query)]


def count_quotations(reader: Reader, **filters: Any) -> tuple[int, int]:
    """How many match the filters of `list_quotations`, and how many there are; superseded ones count only if asked."""
    reader.require(Permission.QUOTATIONS_VIEW)
    superseded = bool(filters.get("superseded"))
    counted = select(func.count()).select_from(Quotation)
    everything = reader.session.scalar(counted.where(*_conditions(reader, superseded=superseded))) or 0
    if not any(value for name, value in filters.items() if name != "superseded"):
        return everything, everything
    return reader.session.scalar(counted.where(*_conditions(reader, **filters))) or 0, everything


def _rows() -> Any:
    query = (
        select(Quotation, Customer.name, VehicleUnit.vin, StaffMember.name, *NAME_COLUMNS)
        .outerjoin(Customer, Customer.id == Quotation.customer_id)
        .outerjoin(VehicleUnit, VehicleUnit.id == Quotation.vehicle_unit_id)
        .outerjoin(StaffMember, StaffMember.id == Quotation.salesperson_id)
    )
    return join_names(query)


def _conditions(
    reader: Reader,
    *,
    text: str = "",
    state: str | Sequence[str] | None = None,
    salesperson_id: str | Sequence[str] | None = None,
    customer_id: str | None = None,
    vehicle_unit_id: str | None = None,
    superseded: bool = False,
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Quotation.deleted_at.is_(None)]
    if text.strip():
        conditions.append(
            or_(
                found("quotation", text, Quotation.id),
                found("vehicle", text, Quotation.vehicle_unit_id),
            )
        )
    if state:
        conditions.append(_in_states([state] if isinstance(state, str) else state, branch_date(reader.now)))
    elif not superseded:
        conditions.append(Quotation.state != QuotationState.SUPERSEDED.value)
    if salesperson_id:
        conditions.append(is_one_of(Quotation.salesperson_id, salesperson_id))
    if customer_id:
        conditions.append(Quotation.customer_id == customer_id)
    if vehicle_unit_id:
        conditions.append(Quotation.vehicle_unit_id == vehicle_unit_id)
    return conditions


_OPEN = tuple(state.value for state in QuotationState if QUOTATION.may(state, QuotationAction.EXPIRE))


def _in_states(states: Sequence[str], today: date) -> ColumnElement[bool]:
    """States as shown: an open offer past its last day counts as expired, whether that was stored or not."""
    lapsed = and_(Quotation.state.in_(_OPEN), Quotation.valid_until < today)
    stored = and_(Quotation.state.in_(list(states)), ~lapsed)
    return or_(stored, lapsed) if QuotationState.EXPIRED in states else stored


def _row(values: Any, today: date) -> QuotationRow:
    quotation, customer, vin, salesperson, *names = values
    return QuotationRow(
        id=quotation.id,
        number=quotation.number,
        version_number=quotation.version_number,
        state=shown_state(quotation, today).value,
        customer_id=quotation.customer_id,
        customer_name=customer or "",
        vehicle_unit_id=quotation.vehicle_unit_id,
        vin=vin or "",
        vehicle=vehicle_name(names),
        salesperson_id=quotation.salesperson_id,
        salesperson=salesperson or "",
        vehicle_price=quotation.vehicle_price,
        on_road_total=quotation.on_road_total,
        below_floor=stored_floor_check(quotation).needs_approval,
        valid_until=quotation.valid_until,
        created_at=quotation.created_at,
        revision=quotation.revision,
        cursor=cursor_of(quotation.created_at, quotation.id),
    )


def shown_state(quotation: Quotation, today: date) -> QuotationState:
    """The state as people see it: EXPIRED after the last valid day of an open offer."""
    if quotation.state in _OPEN and is_expired(quotation.valid_until, today):
        return QuotationState.EXPIRED
    return QuotationState(quotation.state)


def get_quotation(reader: Reader, quotation_id: str) -> QuotationDetail:
    """One quotation; raises RecordNotFound."""
    reader.require(Permission.QUOTATIONS_VIEW)
    session, today = reader.session, branch_date(reader.now)
    quotation = reader.get(Quotation, quotation_id)
    values = session.execute(_rows().where(Quotation.id == quotation_id)).one()
    decider = session.get(StaffMember, quotation.decided_by_staff_id) if quotation.decided_by_staff_id else None
    later = aliased(Quotation)
    terms = terms_from(quotation.terms or {}, vehicle_unit_id=quotation.vehicle_unit_id)
    return QuotationDetail(
        row=_row(values, today),
        lines=line_rows(lines_of(session, quotation_id)),
        list_price=quotation.list_price,
        discount=quotation.discount,
        subsidy=quotation.subsidy,
        plan=stored_plan(quotation.finance),
        approval_reason=quotation.approval_reason,
        decided_by=decider.name if decider else "",
        decided_at=quotation.decided_at,
        decision_note=quotation.decision_note,
        supersedes_id=quotation.supersedes_id,
        superseded_by_id=session.scalar(select(later.id).where(later.supersedes_id == quotation_id)),
        order_id=session.scalar(select(SalesOrder.id).where(SalesOrder.quotation_id == quotation_id)),
        terms=terms,
        actions=_actions(reader, quotation, today),
    )


def _actions(reader: Reader, quotation: Quotation, today: date) -> tuple[str, ...]:
    state = shown_state(quotation, today)
    below = stored_floor_check(quotation).needs_approval
    own = quotation.salesperson_id == reader.actor.staff_id
    offered: list[str] = []
    for action in QUOTATION.actions(state):
        transition = QUOTATION.transition(state, action)
        skipped = {
            QuotationAction.EXPIRE: True,
            QuotationAction.CONVERT: True,
            QuotationAction.REQUEST_APPROVAL: not below,
            QuotationAction.PRESENT: state is QuotationState.DRAFT and below,
            QuotationAction.APPROVE: own,
            QuotationAction.REJECT: own,
        }.get(action, False)
        if not skipped and reader.actor.may(transition.permission):
            offered.append(action.value)
    ready = state in (QuotationState.APPROVED, QuotationState.PRESENTED, QuotationState.ACCEPTED)
    orderable = ready or (state is QuotationState.DRAFT and not below)
    if orderable and reader.actor.may(Permission.ORDERS_EDIT):
        offered.append(QuotationAction.CONVERT.value)
    return tuple(offered)


def quotation_pdf(reader: Reader, quotation_id: str, *, language: str = "") -> bytes:
    """The offer on paper, in the customer's language unless one is named."""
    # Paper needs ReportLab, which start-up must not wait for.
    from app.documents.quotation import QuotationPaper, render_quotation

    reader.require(Permission.QUOTATIONS_VIEW)
    session = reader.session
    quotation = reader.get(Quotation, quotation_id)
    customer = reader.get(Customer, quotation.customer_id)
    salesperson = session.get(StaffMember, quotation.salesperson_id)
    plan = paper_plan(quotation.finance, quoted_on=branch_date(quotation.created_at))
    unit = reader.get(VehicleUnit, quotation.vehicle_unit_id)
    paper = QuotationPaper(
        number=quotation.number,
        version=quotation.version_number,
        issued_at=quotation.created_at,
        valid_until=quotation.valid_until,
        seller=house(reader.get(Branch, quotation.branch_id)),
        customer=customer_party(customer, complete=False),
        salesperson=salesperson.name if salesperson else "",
        salesperson_phone=salesperson.phone if salesperson else "",
        vehicle=vehicle_facts(
            session, unit, kept=quotation.specification_versions, sold_at=quotation.created_at
        ),
        lines=paper_lines(lines_of(session, quotation_id)),
        total=quotation.on_road_total,
        plans=(plan,) if plan else (),
    )
    return render_quotation(paper, language or customer.paper_language).pdf
