"""Storing offers: the rows of a quotation and the manager's task that goes with a price below the floor."""

from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.catalog.sold_versions import current_versions
from app.kernel.clock import branch_date
from app.kernel.errors import limited_text
from app.kernel.labels import Bilingual
from app.kernel.money import ZERO, to_fen
from app.kernel.unit_of_work import UnitOfWork
from app.quotations.calculation import Offer, live, make_offer
from app.quotations.commands import QuotationTerms
from app.quotations.rules import QUOTATION, FloorCheck, QuotationAction, QuotationState, check_floor
from app.quotations.stored_terms import stored_terms
from app.tasks.rules import TaskKind
from db.models.customers import Customer
from db.models.quotations import Quotation, QuotationLine
from db.models.tasks import Task

NUMBER_KIND = "QT"
REASON_LIMIT = 400
_LABEL_LIMIT = 120
_SOURCE_LIMIT = 300


def offer_for(uow: UnitOfWork, customer_id: str, terms: QuotationTerms) -> tuple[Customer, Offer]:
    """The customer and the calculated terms; raises RecordNotFound (field `customer_id`) and what terms can raise."""
    customer = live(uow.session, Customer, customer_id, field="customer_id")
    offer = make_offer(uow.session, terms, company=customer.kind == "company", today=branch_date(uow.now))
    return customer, offer


def store_offer(
    uow: UnitOfWork, offer: Offer, *, customer: Customer, state: QuotationState, replaces: Quotation | None = None
) -> tuple[Quotation, list[QuotationLine]]:
    """Add a quotation and its lines; a version that replaces another keeps its number."""
    on_road = offer.on_road
    quotation = Quotation(
        branch_id=uow.actor.branch_id,
        number=replaces.number if replaces else uow.next_number(NUMBER_KIND),
        version_number=replaces.version_number + 1 if replaces else 1,
        supersedes_id=replaces.id if replaces else None,
        state=state.value,
        customer_id=customer.id,
        vehicle_unit_id=offer.unit.id,
        specification_versions=current_versions(uow.session, offer.lineage, branch_date(uow.now)),
        salesperson_id=uow.actor.staff_id,
        vehicle_price=on_road.request.vehicle_price,
        list_price=offer.unit.list_price,
        floor_price=on_road.request.floor_price,
        discount=on_road.request.discount,
        subsidy=offer.terms.subsidy,
        on_road_total=offer.total,
        finance=offer.stored_finance(),
        terms=stored_terms(offer.terms),
        valid_until=on_road.valid_until,
        approval_reason="",
        decision_note="",
    )
    lines = [
        QuotationLine(
            quotation_id=quotation.id,
            position=position,
            kind=line.kind.value,
            label_zh=line.label.zh[:_LABEL_LIMIT],
            label_en=line.label.en[:_LABEL_LIMIT],
            amount=line.amount,
            source=stored_source(line.source),
        )
        for position, line in enumerate(offer.lines, start=1)
    ]
    uow.session.add_all([quotation, *lines])
    return quotation, lines


def stored_source(source: Bilingual) -> str:
    """A source as one column holds it; where both languages are too long, each is cut alike."""
    stored = source.stored()
    if len(stored) <= _SOURCE_LIMIT:
        return stored
    room = (_SOURCE_LIMIT - 3) // 2
    short_zh = len(source.zh) <= room
    zh = source.zh if short_zh else source.zh[: room - 1] + "…"
    rest = _SOURCE_LIMIT - 3 - len(zh)
    return f"{zh} / {source.en[: rest - 1]}…" if len(source.en) > rest else f"{zh} / {source.en}"


def apply(quotation: Quotation, action: QuotationAction, *, reason: str = "") -> None:
    """Move a quotation along its lifecycle; raises TransitionNotAllowed or ReasonRequired."""
    quotation.state = QUOTATION.check(QuotationState(quotation.state), action, reason=reason).target.value


def stored_floor_check(quotation: Quotation) -> FloorCheck:
    """Where a stored offer stands against the floor it was made with; a subsidy the house pays lowers its price."""
    by_house = (quotation.terms or {}).get("subsidy_by_house", False)
    return check_floor(quotation.vehicle_price - (quotation.subsidy if by_house else ZERO), quotation.floor_price)


def ask_manager(uow: UnitOfWork, quotation: Quotation, *, customer: Customer, gap: Decimal, reason: str) -> None:
    """Send a price below the floor to the manager with a reason."""
    apply(quotation, QuotationAction.REQUEST_APPROVAL)
    quotation.approval_reason = limited_text(reason, field="approval_reason", limit=REASON_LIMIT)
    uow.reason = quotation.approval_reason
    uow.add(
        Task(
            branch_id=quotation.branch_id,
            kind=TaskKind.APPROVE_QUOTATION.value,
            record_table="quotation",
            record_id=quotation.id,
            params={"number": quotation.number, "customer": customer.name, "gap_fen": to_fen(gap)},
        )
    )
    uow.record("ApprovalRequested")


def lines_of(session: Any, quotation_id: str) -> list[QuotationLine]:
    """The lines of a quotation in their order."""
    query = select(QuotationLine).where(QuotationLine.quotation_id == quotation_id, QuotationLine.deleted_at.is_(None))
    return list(session.scalars(query.order_by(QuotationLine.position)))
