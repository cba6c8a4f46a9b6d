"""Handlers of replenishment commands."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select

from app.kernel.clock import branch_date
from app.kernel.commands import requires
from app.kernel.errors import limited_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.replenishment.commands import (
    ApproveProposal,
    CancelProposal,
    ChangeProposal,
    ChooseServiceLevel,
    CloseProposal,
    DraftProposal,
    MarkProposalOrdered,
    OfferSurplus,
    RejectProposal,
    RemoveStockMinimum,
    SetLeadTime,
    SetStockMinimum,
    SubmitProposal,
    TakeBackProposal,
    WantedUnits,
)
from app.replenishment.errors import (
    ApprovalOfOwnProposal,
    LeadTimeOutOfRange,
    MinimumAlreadySet,
    NothingToOffer,
    NothingToOrder,
    ProposalNotEditable,
    TooManyPurchaseLines,
    TrimOfAnotherSeries,
)
from app.replenishment.purchase_costs import expected_costs
from app.replenishment.rules import (
    PROPOSAL,
    ProposalAction,
    ProposalState,
    house_policy,
    require_level,
    require_quantity,
)
from app.tasks.follow_up import close_tasks
from app.tasks.rules import TaskKind
from app.transfers.commands import OfferTransfer
from app.transfers.handlers import offer_transfer
from db.models.catalog import Make, ModelYear, Series, Trim
from db.models.replenishment import (
    LeadTime,
    PurchaseLine,
    PurchaseProposal,
    ReplenishmentPolicy,
    StockMinimum,
)
from db.models.tasks import Task

NUMBER_KIND = "PP"
MOST_LINES = 400
_NOTE_LIMIT = 400
_LINE_NOTE_LIMIT = 200
_LONGEST_WAIT = 365
_LONGEST_ROUND = 90


@requires(Permission.REPLENISHMENT_EDIT)
def set_stock_minimum(command: SetStockMinimum, uow: UnitOfWork) -> str:
    """Make or change a minimum; returns its id."""
    series = uow.get(Series, command.series_id, field="series_id")
    require_quantity(command.quantity, field="quantity", least=1)
    _check_trim(uow, command.trim_id, series.id)
    colour = limited_text(command.exterior_colour, field="exterior_colour", limit=40)
    same = _same_minimum(uow, command, colour)
    if same is not None and same.id != command.minimum_id:
        raise MinimumAlreadySet(field="series_id")
    minimum = uow.get(StockMinimum, command.minimum_id, field="minimum_id") if command.minimum_id else None
    if minimum is None:
        minimum = uow.add(StockMinimum(branch_id=uow.actor.branch_id, series_id=series.id))
        uow.undo_with(RemoveStockMinimum(minimum_id=minimum.id))
    else:
        uow.undo_with(_as_it_is(minimum))
    minimum.series_id, minimum.trim_id, minimum.exterior_colour = series.id, command.trim_id, colour
    minimum.quantity = command.quantity
    minimum.note = limited_text(command.note, field="note", limit=_LINE_NOTE_LIMIT)
    minimum.set_by_staff_id, minimum.set_at = uow.actor.staff_id, uow.now
    uow.record("StockMinimumSet")
    return minimum.id


def _check_trim(uow: UnitOfWork, trim_id: str | None, series_id: str) -> None:
    if trim_id is None:
        return
    trim = uow.get(Trim, trim_id, field="trim_id")
    if uow.get(ModelYear, trim.model_year_id, field="trim_id").series_id != series_id:
        raise TrimOfAnotherSeries(field="trim_id")


def _same_minimum(uow: UnitOfWork, command: SetStockMinimum, colour: str) -> StockMinimum | None:
    query = select(StockMinimum).where(
        StockMinimum.branch_id == uow.actor.branch_id,
        StockMinimum.series_id == command.series_id,
        StockMinimum.trim_id.is_(command.trim_id) if command.trim_id is None
        else StockMinimum.trim_id == command.trim_id,
        StockMinimum.exterior_colour == colour,
        StockMinimum.deleted_at.is_(None),
    )  # fmt: skip
    found: StockMinimum | None = uow.session.scalars(query.limit(1)).first()
    return found


def _as_it_is(minimum: StockMinimum) -> SetStockMinimum:
    return SetStockMinimum(
        minimum_id=minimum.id, series_id=minimum.series_id, trim_id=minimum.trim_id,
        exterior_colour=minimum.exterior_colour, quantity=minimum.quantity, note=minimum.note,
    )  # fmt: skip


@requires(Permission.REPLENISHMENT_EDIT)
def remove_stock_minimum(command: RemoveStockMinimum, uow: UnitOfWork) -> str:
    """Ask for no minimum any more; returns its id."""
    minimum = uow.get(StockMinimum, command.minimum_id, field="minimum_id")
    minimum.deleted_at = uow.now
    again = _as_it_is(minimum)
    uow.undo_with(
        SetStockMinimum(
            series_id=again.series_id, trim_id=again.trim_id, exterior_colour=again.exterior_colour,
            quantity=again.quantity, note=again.note,
        )
    )  # fmt: skip
    return minimum.id


@requires(Permission.REPLENISHMENT_APPROVE)
def choose_service_level(command: ChooseServiceLevel, uow: UnitOfWork) -> str:
    """Set how the branch orders; returns the branch's id."""
    require_level(command.service_level)
    if not 1 <= command.review_days <= _LONGEST_ROUND:
        raise LeadTimeOutOfRange(field="review_days", least=1, most=_LONGEST_ROUND)
    branch_id = uow.actor.branch_id
    policy = uow.session.get(ReplenishmentPolicy, branch_id)
    house = house_policy(branch_date(uow.now))
    before = (house.service_level, house.review_days)
    if policy is None:
        policy = uow.add(ReplenishmentPolicy(id=branch_id, branch_id=branch_id))
    else:
        before = (policy.service_level, policy.review_days)
    policy.service_level, policy.review_days = command.service_level, command.review_days
    policy.set_by_staff_id = uow.actor.staff_id
    uow.undo_with(ChooseServiceLevel(service_level=before[0], review_days=before[1]))
    return branch_id


@requires(Permission.REPLENISHMENT_EDIT)
def set_lead_time(command: SetLeadTime, uow: UnitOfWork) -> str:
    """Enter or forget the lead time of a make; returns the make's id."""
    uow.get(Make, command.make_id, field="make_id")
    entered = command.mean_days is not None
    if entered and not 1 <= (command.mean_days or 0) <= _LONGEST_WAIT:
        raise LeadTimeOutOfRange(field="mean_days", least=1, most=_LONGEST_WAIT)
    if entered and not 0 <= (command.spread_days or 0) <= _LONGEST_WAIT:
        raise LeadTimeOutOfRange(field="spread_days", least=0, most=_LONGEST_WAIT)
    query = select(LeadTime).where(
        LeadTime.branch_id == uow.actor.branch_id, LeadTime.make_id == command.make_id, LeadTime.deleted_at.is_(None)
    )
    known: LeadTime | None = uow.session.scalars(query.limit(1)).first()
    before = (known.mean_days, known.spread_days) if known is not None else (None, None)
    uow.undo_with(SetLeadTime(make_id=command.make_id, mean_days=before[0], spread_days=before[1]))
    if not entered:
        if known is not None:
            known.deleted_at = uow.now
        return command.make_id
    if known is None:
        known = uow.add(LeadTime(branch_id=uow.actor.branch_id, make_id=command.make_id))
    known.mean_days, known.spread_days = command.mean_days or 1, command.spread_days or 0
    known.set_by_staff_id = uow.actor.staff_id
    return command.make_id


# --- proposals -----------------------------------------------------------------------------------


@requires(Permission.REPLENISHMENT_EDIT)
def draft_proposal(command: DraftProposal, uow: UnitOfWork) -> str:
    """Store a purchase proposal with its lines; returns its id."""
    policy = uow.session.get(ReplenishmentPolicy, uow.actor.branch_id)
    today = branch_date(uow.now)
    proposal = uow.add(
        PurchaseProposal(
            branch_id=uow.actor.branch_id, number=uow.next_number(NUMBER_KIND), state=ProposalState.DRAFT.value,
            note=limited_text(command.note, field="note", limit=_NOTE_LIMIT),
            service_level=policy.service_level if policy else house_policy(today).service_level,
            drafted_by_staff_id=uow.actor.staff_id, drafted_on=today, decision_note="",
        )
    )  # fmt: skip
    _add_lines(uow, proposal, command.lines)
    uow.session.flush()
    uow.undo_with(CancelProposal(proposal_id=proposal.id, expected_revision=proposal.revision, reason="Undo"))
    uow.record("ProposalDrafted")
    return proposal.id


def _add_lines(uow: UnitOfWork, proposal: PurchaseProposal, lines: Sequence[WantedUnits]) -> None:
    wanted = [line for line in lines if line.quantity]
    if not wanted:
        raise NothingToOrder()
    if len(wanted) > MOST_LINES:
        raise TooManyPurchaseLines(limit=MOST_LINES)
    costs = expected_costs(uow.session, {line.trim_id for line in wanted}, branch_id=uow.actor.branch_id)
    for position, line in enumerate(wanted, start=1):
        require_quantity(line.quantity, field="quantity", least=1)
        trim = uow.get(Trim, line.trim_id, field="lines")
        series_id = uow.get(ModelYear, trim.model_year_id).series_id
        uow.add(
            PurchaseLine(
                branch_id=proposal.branch_id, proposal_id=proposal.id, position=position, series_id=series_id,
                trim_id=trim.id, exterior_colour=limited_text(line.exterior_colour, field="lines", limit=40),
                quantity=line.quantity, suggested=line.suggested,
                unit_cost=costs.get(trim.id, trim.guide_price) or Decimal("0.00"),
                note=limited_text(line.note, field="note", limit=_LINE_NOTE_LIMIT),
            )
        )  # fmt: skip


@requires(Permission.REPLENISHMENT_EDIT)
def change_proposal(command: ChangeProposal, uow: UnitOfWork) -> str:
    """Replace the lines and the note of a draft; returns its id."""
    proposal = _proposal(uow, command.proposal_id, command.expected_revision)
    if proposal.state != ProposalState.DRAFT:
        raise ProposalNotEditable()
    old = uow.session.scalars(
        select(PurchaseLine).where(PurchaseLine.proposal_id == proposal.id, PurchaseLine.deleted_at.is_(None))
    ).all()
    before = tuple(_wanted(line) for line in sorted(old, key=lambda line: line.position))
    note_before = proposal.note
    for line in old:
        line.deleted_at = uow.now
    _add_lines(uow, proposal, command.lines)
    proposal.note = limited_text(command.note, field="note", limit=_NOTE_LIMIT)
    proposal.drafted_by_staff_id = uow.actor.staff_id
    uow.session.flush()
    uow.undo_with(
        ChangeProposal(
            proposal_id=proposal.id, expected_revision=proposal.revision, lines=before, note=note_before
        )
    )
    return proposal.id


def _wanted(line: PurchaseLine) -> WantedUnits:
    return WantedUnits(
        trim_id=line.trim_id, exterior_colour=line.exterior_colour, quantity=line.quantity, suggested=line.suggested,
        note=line.note,
    )  # fmt: skip


@requires(Permission.REPLENISHMENT_EDIT)
def submit_proposal(command: SubmitProposal, uow: UnitOfWork) -> str:
    """Send a draft to the manager; returns its id."""
    proposal = _moved(uow, command.proposal_id, command.expected_revision, ProposalAction.SUBMIT)
    quantities = select(PurchaseLine.quantity).where(
        PurchaseLine.proposal_id == proposal.id, PurchaseLine.deleted_at.is_(None)
    )
    uow.add(
        Task(
            branch_id=proposal.branch_id, kind=TaskKind.APPROVE_PURCHASE.value, record_table="purchase_proposal",
            record_id=proposal.id,
            params={"number": proposal.number, "n": sum(uow.session.scalars(quantities))},
        )
    )  # fmt: skip
    return proposal.id


@requires(Permission.REPLENISHMENT_EDIT)
def take_back_proposal(command: TakeBackProposal, uow: UnitOfWork) -> str:
    """Make a proposal that is not approved a draft again; returns its id."""
    return _moved(uow, command.proposal_id, command.expected_revision, ProposalAction.TAKE_BACK).id


@requires(Permission.REPLENISHMENT_APPROVE)
def approve_proposal(command: ApproveProposal, uow: UnitOfWork) -> str:
    """Let it be ordered; returns its id."""
    proposal = _moved(uow, command.proposal_id, command.expected_revision, ProposalAction.APPROVE)
    _require_another(uow, proposal)
    _decided(uow, proposal, limited_text(command.note, field="note", limit=_NOTE_LIMIT))
    uow.record("ProposalApproved")
    return proposal.id


@requires(Permission.REPLENISHMENT_APPROVE)
def reject_proposal(command: RejectProposal, uow: UnitOfWork) -> str:
    """Refuse it; returns its id."""
    proposal = _moved(
        uow, command.proposal_id, command.expected_revision, ProposalAction.REJECT, reason=command.reason
    )
    _require_another(uow, proposal)
    _decided(uow, proposal, limited_text(command.reason, field="reason", limit=_NOTE_LIMIT))
    uow.record("ProposalRejected")
    return proposal.id


def _require_another(uow: UnitOfWork, proposal: PurchaseProposal) -> None:
    if proposal.drafted_by_staff_id == uow.actor.staff_id:
        raise ApprovalOfOwnProposal()


def _decided(uow: UnitOfWork, proposal: PurchaseProposal, note: str) -> None:
    proposal.decided_by_staff_id, proposal.decided_at, proposal.decision_note = uow.actor.staff_id, uow.now, note
    uow.reason = note


@requires(Permission.REPLENISHMENT_EDIT)
def mark_proposal_ordered(command: MarkProposalOrdered, uow: UnitOfWork) -> str:
    """It was sent to the maker; returns its id."""
    proposal = _moved(uow, command.proposal_id, command.expected_revision, ProposalAction.ORDER)
    proposal.ordered_at = uow.now
    uow.record("UnitsOrdered")
    return proposal.id


@requires(Permission.REPLENISHMENT_EDIT)
def close_proposal(command: CloseProposal, uow: UnitOfWork) -> str:
    """Nothing more will come of it; returns its id."""
    proposal = _moved(uow, command.proposal_id, command.expected_revision, ProposalAction.CLOSE)
    proposal.closed_at = uow.now
    return proposal.id


@requires(Permission.REPLENISHMENT_EDIT)
def cancel_proposal(command: CancelProposal, uow: UnitOfWork) -> str:
    """Give it up; returns its id."""
    proposal = _moved(
        uow, command.proposal_id, command.expected_revision, ProposalAction.CANCEL, reason=command.reason
    )
    proposal.closed_at = uow.now
    proposal.decision_note = uow.reason = limited_text(command.reason, field="reason", limit=_NOTE_LIMIT)
    return proposal.id


def _moved(
    uow: UnitOfWork, proposal_id: str, revision: int, action: ProposalAction, *, reason: str = ""
) -> PurchaseProposal:
    proposal = _proposal(uow, proposal_id, revision)
    proposal.state = PROPOSAL.check(ProposalState(proposal.state), action, reason=reason).target.value
    if action is not ProposalAction.SUBMIT:
        close_tasks(uow, record_id=proposal.id, kind=TaskKind.APPROVE_PURCHASE)
    return proposal


@requires(Permission.TRANSFERS_REQUEST)
def offer_surplus(command: OfferSurplus, uow: UnitOfWork) -> tuple[str, ...]:
    """Offer vehicles to another branch, all or none; returns the ids of the transfers."""
    if not command.unit_ids:
        raise NothingToOffer(field="units")
    return tuple(
        offer_transfer(OfferTransfer(unit_id=unit_id, to_branch_id=command.to_branch_id, note=command.note), uow)
        for unit_id in command.unit_ids
    )


def _proposal(uow: UnitOfWork, proposal_id: str, revision: int) -> PurchaseProposal:
    proposal = uow.get(PurchaseProposal, proposal_id, field="proposal_id")
    uow.check_revision(proposal, revision)
    return proposal


