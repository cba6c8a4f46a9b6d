"""Handlers of quotation commands."""

from app.kernel.clock import branch_date
from app.kernel.commands import requires
from app.kernel.errors import ReasonRequired, limited_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.quotations.calculation import live
from app.quotations.commands import (
    AcceptQuotation,
    ApproveQuotation,
    DraftQuotation,
    MarkQuotationLost,
    PresentQuotation,
    QuotationDrafted,
    QuotationTerms,
    RejectQuotation,
    RequestApproval,
    ReviseQuotation,
)
from app.quotations.drafting import (
    REASON_LIMIT,
    apply,
    ask_manager,
    offer_for,
    store_offer,
    stored_floor_check,
)
from app.quotations.errors import ApprovalNotNeeded, ApprovalOfOwnQuotation
from app.quotations.rules import QuotationAction, QuotationState, require_above_floor, require_valid
from app.tasks.follow_up import close_tasks
from app.tasks.rules import TaskKind
from db.models.customers import Customer
from db.models.quotations import Quotation


@requires(Permission.QUOTATIONS_EDIT)
def draft_quotation(command: DraftQuotation, uow: UnitOfWork) -> QuotationDrafted:
    """Calculate the terms and store them; a price below the floor may go to the manager at once."""
    return _draft(uow, command.customer_id, command.terms, approval_reason=command.approval_reason)


@requires(Permission.QUOTATIONS_EDIT)
def revise_quotation(command: ReviseQuotation, uow: UnitOfWork) -> QuotationDrafted:
    """Store a new version and retire the old one."""
    old = _quotation(uow, command.quotation_id, command.expected_revision)
    apply(old, QuotationAction.SUPERSEDE)
    close_tasks(uow, record_id=old.id, kind=TaskKind.APPROVE_QUOTATION)
    return _draft(uow, old.customer_id, command.terms, approval_reason=command.approval_reason, replaces=old)


def _draft(
    uow: UnitOfWork,
    customer_id: str,
    terms: QuotationTerms,
    *,
    approval_reason: str,
    replaces: Quotation | None = None,
) -> QuotationDrafted:
    customer, offer = offer_for(uow, customer_id, terms)
    quotation, _ = store_offer(uow, offer, customer=customer, state=QuotationState.DRAFT, replaces=replaces)
    floor = offer.on_road.floor
    if floor.needs_approval and approval_reason.strip():
        ask_manager(uow, quotation, customer=customer, gap=floor.below_by, reason=approval_reason)
    uow.record("QuotationDrafted")
    return QuotationDrafted(
        quotation_id=quotation.id,
        number=quotation.number,
        state=quotation.state,
        below_floor=floor.needs_approval,
        on_road_total=quotation.on_road_total,
        revision=1,
    )


@requires(Permission.QUOTATIONS_EDIT)
def request_approval(command: RequestApproval, uow: UnitOfWork) -> str:
    """Put the offer on the manager's list."""
    quotation = _quotation(uow, command.quotation_id, command.expected_revision)
    if not command.reason.strip():
        raise ReasonRequired(field="reason")
    floor = stored_floor_check(quotation)
    if not floor.needs_approval:
        raise ApprovalNotNeeded()
    customer = live(uow.session, Customer, quotation.customer_id, field="customer_id")
    limited_text(command.reason, field="reason", limit=REASON_LIMIT)
    ask_manager(uow, quotation, customer=customer, gap=floor.below_by, reason=command.reason)
    return quotation.id


@requires(Permission.QUOTATIONS_APPROVE)
def approve_quotation(command: ApproveQuotation, uow: UnitOfWork) -> str:
    """Allow the price."""
    return _decide(uow, command.quotation_id, command.expected_revision, QuotationAction.APPROVE, command.note)


@requires(Permission.QUOTATIONS_APPROVE)
def reject_quotation(command: RejectQuotation, uow: UnitOfWork) -> str:
    """Refuse the price, with a reason."""
    if not command.reason.strip():
        raise ReasonRequired(field="reason")
    return _decide(uow, command.quotation_id, command.expected_revision, QuotationAction.REJECT, command.reason)


def _decide(uow: UnitOfWork, quotation_id: str, revision: int, action: QuotationAction, note: str) -> str:
    quotation = _quotation(uow, quotation_id, revision)
    if quotation.salesperson_id == uow.actor.staff_id:
        raise ApprovalOfOwnQuotation()
    apply(quotation, action)
    field = "note" if action is QuotationAction.APPROVE else "reason"
    quotation.decision_note = limited_text(note, field=field, limit=REASON_LIMIT)
    quotation.decided_by_staff_id = uow.actor.staff_id
    quotation.decided_at = uow.now
    uow.reason = quotation.decision_note
    close_tasks(uow, record_id=quotation.id, kind=TaskKind.APPROVE_QUOTATION)
    uow.record("QuotationApproved" if action is QuotationAction.APPROVE else "QuotationRejected")
    return quotation.id


@requires(Permission.QUOTATIONS_EDIT)
def present_quotation(command: PresentQuotation, uow: UnitOfWork) -> str:
    """Note that the customer has seen the offer."""
    quotation = _quotation(uow, command.quotation_id, command.expected_revision)
    present(uow, quotation)
    return quotation.id


def present(uow: UnitOfWork, quotation: Quotation) -> None:
    """Present an offer that is valid and whose price stands; raises PriceBelowFloor for an unapproved one."""
    require_valid(quotation.valid_until, branch_date(uow.now))
    if quotation.state == QuotationState.DRAFT:
        require_above_floor(stored_floor_check(quotation))
    apply(quotation, QuotationAction.PRESENT)


@requires(Permission.QUOTATIONS_EDIT)
def accept_quotation(command: AcceptQuotation, uow: UnitOfWork) -> str:
    """Note that the customer agrees."""
    quotation = _quotation(uow, command.quotation_id, command.expected_revision)
    require_valid(quotation.valid_until, branch_date(uow.now))
    apply(quotation, QuotationAction.ACCEPT)
    uow.record("QuotationAccepted")
    return quotation.id


@requires(Permission.QUOTATIONS_EDIT)
def mark_quotation_lost(command: MarkQuotationLost, uow: UnitOfWork) -> str:
    """Close an offer the customer did not take."""
    quotation = _quotation(uow, command.quotation_id, command.expected_revision)
    apply(quotation, QuotationAction.LOSE, reason=command.reason)
    uow.reason = limited_text(command.reason, field="reason", limit=REASON_LIMIT)
    quotation.decision_note = uow.reason
    close_tasks(uow, record_id=quotation.id, kind=TaskKind.APPROVE_QUOTATION)
    uow.record("QuotationLost")
    return quotation.id


def _quotation(uow: UnitOfWork, quotation_id: str, revision: int) -> Quotation:
    quotation = live(uow.session, Quotation, quotation_id, field="quotation_id")
    uow.check_revision(quotation, revision)
    return quotation
