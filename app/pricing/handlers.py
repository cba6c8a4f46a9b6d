"""Handlers of price commands."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.inventory.errors import PriceMissing
from app.inventory.rules import AllocationState
from app.inventory.unit_checks import check_prices
from app.kernel.clock import branch_date
from app.kernel.commands import requires
from app.kernel.errors import DomainError, ReasonRequired, limited_text
from app.kernel.money import require_amount, to_fen
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.pricing.applying import apply_changes, due_changes, refused_changes, restore_prices
from app.pricing.commands import (
    ApplyDuePrices,
    ApprovePrices,
    EndCampaign,
    ProposedPrice,
    ProposePrices,
    RejectPrices,
    SubmitPrices,
    TakeBackPrices,
    WithdrawPrices,
)
from app.pricing.errors import (
    ApprovalOfOwnPrices,
    CampaignDaysWrong,
    CampaignNameMissing,
    CampaignNotRunning,
    CampaignOver,
    FormulaNeedsPresentPrice,
    NothingToPrice,
    PriceNotPossible,
    PricesChangedMeanwhile,
    PricesInForce,
    TooManyPrices,
)
from app.pricing.extent import Extent, extent_of
from app.pricing.rules import (
    PRICE_CHANGE,
    PriceAction,
    PriceKind,
    PriceLevel,
    PriceOrigin,
    PricePhase,
    PriceState,
    needs_approval,
    phase_on,
    require_days,
)
from app.runtime.language import tr, tr_noop
from app.tasks.follow_up import close_tasks
from app.tasks.rules import TaskKind
from db.lists import listed
from db.models.catalog import Series, Trim
from db.models.inventory import VehicleUnit
from db.models.pricing import PriceChange, PriceLine
from db.models.tasks import Task
from db.types import microseconds

Tell = Callable[[str, float | None], None]
NUMBER_KIND = "PC"
MOST_LINES = 20_000
REASON_LIMIT = 400
_NAME_LIMIT = 60
_ONE_DAY = timedelta(days=1)
_AT_ONCE = 1_000
_CHECKED = (
    VehicleUnit.id, VehicleUnit.branch_id, VehicleUnit.vin, VehicleUnit.stock_number, VehicleUnit.allocation_state,
    VehicleUnit.held_until, VehicleUnit.list_price, VehicleUnit.floor_price,
)  # fmt: skip


@requires(Permission.PRICING_EDIT)
def propose_prices(command: ProposePrices, uow: UnitOfWork) -> str:
    """Store a price change with all of its lines; returns its id."""
    _check_change(command, uow)
    _check_lines(command, uow)
    change = _stored_change(command, uow, extent=extent_of(uow.session, command, uow.actor))
    if command.replaces is not None:
        _take_out_lines(uow, change)
    _store_lines(command, uow, change)
    applied = _submit(uow, change, tell=command.progress) if command.submit else 0
    uow.session.flush()
    uow.record("PricesProposed")
    if command.replaces is not None:
        return change.id
    if not applied or all(line.level is PriceLevel.UNIT for line in command.lines):
        uow.undo_with(TakeBackPrices(change_id=change.id, expected_revision=change.revision))
    return change.id


def _check_change(command: ProposePrices, uow: UnitOfWork) -> None:
    require_days(command.kind, valid_from=command.valid_from, valid_to=command.valid_to, today=branch_date(uow.now))
    if not command.lines:
        raise NothingToPrice()
    if len(command.lines) > MOST_LINES:
        raise TooManyPrices(limit=f"{MOST_LINES:,}")
    if command.kind is PriceKind.CAMPAIGN and not (command.name_zh.strip() or command.name_en.strip()):
        raise CampaignNameMissing(field="name_zh")
    wholes = any(line.level is not PriceLevel.UNIT for line in command.lines)
    if wholes and command.kind is not PriceKind.CAMPAIGN and command.formula and not command.formula.is_absolute:
        raise FormulaNeedsPresentPrice(field="formula")


def _check_lines(command: ProposePrices, uow: UnitOfWork) -> None:
    for line in command.lines:
        for name in ("list_price", "floor_price", "campaign_price"):
            amount = getattr(line, name)
            if amount is not None:
                require_amount(amount, field="lines")
    _check_units(command, uow, [line for line in command.lines if line.level is PriceLevel.UNIT])
    for level, model in ((PriceLevel.TRIM, Trim), (PriceLevel.SERIES, Series)):
        for line in command.lines:
            if line.level is level:
                uow.get(model, line.subject_id, field="lines")


def _check_units(command: ProposePrices, uow: UnitOfWork, lines: Sequence[ProposedPrice]) -> None:
    """All as the preview showed them: free, of this branch, at the prices that were there."""
    stale = 0
    for start in range(0, len(lines), _AT_ONCE):
        _tell(command, tr("Checking vehicles"), start / len(command.lines))
        together = lines[start : start + _AT_ONCE]
        named = listed([line.subject_id for line in together])
        query = select(*_CHECKED).where(VehicleUnit.id.in_(named), VehicleUnit.deleted_at.is_(None))
        units = {unit.id: unit for unit in uow.session.execute(query)}
        for line in together:
            unit = units.get(line.subject_id)
            if unit is None or unit.branch_id != uow.actor.branch_id or not _as_shown(unit, line, uow):
                stale += 1
                continue
            _check_unit(command, unit, line)
    if stale:
        raise PricesChangedMeanwhile(count=stale)


def _tell(command: ProposePrices, words: str, fraction: float | None) -> None:
    """Say how far it is; raises where somebody cancels."""
    if command.progress is not None:
        command.progress(words, fraction)


def _as_shown(unit: Any, line: ProposedPrice, uow: UnitOfWork) -> bool:
    running = unit.held_until is None or unit.held_until > uow.now
    free = unit.allocation_state == AllocationState.FREE or (
        unit.allocation_state == AllocationState.HELD and not running
    )
    return free and (unit.list_price, unit.floor_price) == (line.list_before, line.floor_before)


def _check_unit(command: ProposePrices, unit: Any, line: ProposedPrice) -> None:
    list_price = unit.list_price if line.list_price is None else line.list_price
    floor = unit.floor_price if line.floor_price is None else line.floor_price
    try:
        check_prices(list_price=list_price, floor_price=floor, cost=None)
        if line.campaign_price is not None and line.campaign_price <= 0:
            raise PriceMissing()
    except DomainError as error:
        raise PriceNotPossible(name=unit.stock_number or unit.vin, problem=error.message()) from error
    asked = line.campaign_price
    if asked is not None and asked < floor and not command.below_floor:
        raise PriceNotPossible(name=unit.stock_number or unit.vin, problem=tr_noop("below the floor price"))


def _stored_change(command: ProposePrices, uow: UnitOfWork, *, extent: Extent) -> PriceChange:
    zh = limited_text(command.name_zh, field="name_zh", limit=_NAME_LIMIT)
    en = limited_text(command.name_en, field="name_en", limit=_NAME_LIMIT)
    terms: dict[str, Any] = {
        "kind": command.kind.value, "name_zh": zh or en, "name_en": en or zh, "valid_from": command.valid_from,
        "valid_to": command.valid_to if command.kind is PriceKind.CAMPAIGN else None,
        "formula": command.formula.stored() if command.formula else {}, "below_floor": command.below_floor,
        "needs_approval": extent.open_ended
        or needs_approval(extent.largest, below_floor=command.below_floor, on_date=branch_date(uow.now)),
        "largest_change": f"{extent.largest:f}", "lines": len(command.lines),
        "reason": limited_text(command.reason, field="reason", limit=REASON_LIMIT),
        "drafted_by_staff_id": uow.actor.staff_id,
    }  # fmt: skip
    if command.replaces is not None:
        change = _change(uow, command.replaces, command.expected_revision)
        PRICE_CHANGE.check(PriceState(change.state), PriceAction.SUBMIT)
        for name, value in terms.items():
            setattr(change, name, value)
        return change
    return uow.add(
        PriceChange(
            branch_id=uow.actor.branch_id, number=uow.next_number(NUMBER_KIND), origin=PriceOrigin.BULK.value,
            state=PriceState.DRAFT.value, decision_note="", **terms,
        )
    )  # fmt: skip


def _take_out_lines(uow: UnitOfWork, change: PriceChange) -> None:
    ids = uow.session.scalars(
        select(PriceLine.id).where(PriceLine.change_id == change.id, PriceLine.deleted_at.is_(None))
    ).all()
    uow.change_many(PriceLine, {one: {"deleted_at": microseconds(uow.now)} for one in ids})


def _store_lines(command: ProposePrices, uow: UnitOfWork, change: PriceChange) -> None:
    uow.session.flush()
    uow.add_many(
        PriceLine,
        [
            {
                "branch_id": change.branch_id, "change_id": change.id, "level": line.level.value,
                "subject_id": line.subject_id, "list_before": _fen(line.list_before),
                "floor_before": _fen(line.floor_before), "list_price": _fen(line.list_price),
                "floor_price": _fen(line.floor_price), "campaign_price": _fen(line.campaign_price),
            }
            for line in command.lines
        ],
        progress=_stop_when_told(command),
    )  # fmt: skip


def _fen(amount: Decimal | None) -> int | None:
    return None if amount is None else to_fen(amount)


def _stop_when_told(command: ProposePrices) -> Callable[[int], None]:
    total = len(command.lines)
    return lambda done: _tell(command, tr("Writing prices"), done / total)


@requires(Permission.PRICING_EDIT)
def submit_prices(command: SubmitPrices, uow: UnitOfWork) -> str:
    """Send a draft for approval; returns the change's id."""
    change = _change(uow, command.change_id, command.expected_revision)
    require_days(
        PriceKind(change.kind), valid_from=change.valid_from, valid_to=change.valid_to, today=branch_date(uow.now)
    )
    _submit(uow, change)
    return change.id


def _submit(uow: UnitOfWork, change: PriceChange, *, tell: Tell | None = None) -> int:
    """Ask for approval, or take it as given; returns how many units changed at once."""
    change.state = PRICE_CHANGE.next_state(PriceState(change.state), PriceAction.SUBMIT).value
    change.submitted_at = uow.now
    if not change.needs_approval:
        return _approve(uow, change, tell=tell)
    names = {"number": change.number, "n": change.lines, "percent": change.largest_change}
    uow.add(
        Task(
            branch_id=change.branch_id, kind=TaskKind.APPROVE_PRICES.value, record_table="price_change",
            record_id=change.id, params=names,
        )
    )  # fmt: skip
    return 0


def _approve(uow: UnitOfWork, change: PriceChange, *, tell: Tell | None = None) -> int:
    change.state = PRICE_CHANGE.next_state(PriceState(change.state), PriceAction.APPROVE).value
    change.decided_at = uow.now
    uow.record("PricesApproved")
    due = change.kind != PriceKind.CAMPAIGN and change.valid_from <= branch_date(uow.now)
    return apply_changes(uow, [change], progress=_applying(tell)) if due else 0


def _applying(tell: Tell | None) -> Callable[[int, int], None] | None:
    if tell is None:
        return None
    return lambda done, total: tell(tr("Pricing vehicles"), done / total)


@requires(Permission.PRICING_APPROVE)
def approve_prices(command: ApprovePrices, uow: UnitOfWork) -> str:
    """Let a price change count from its first day; returns its id."""
    change = _decided_by_another(uow, command.change_id, command.expected_revision)
    PRICE_CHANGE.check(PriceState(change.state), PriceAction.APPROVE)
    if change.valid_to is not None and change.valid_to < branch_date(uow.now):
        raise CampaignOver()
    change.decided_by_staff_id = uow.actor.staff_id
    change.decision_note = uow.reason = limited_text(command.note, field="note", limit=REASON_LIMIT)
    _approve(uow, change)
    close_tasks(uow, record_id=change.id, kind=TaskKind.APPROVE_PRICES)
    return change.id


@requires(Permission.PRICING_APPROVE)
def reject_prices(command: RejectPrices, uow: UnitOfWork) -> str:
    """Refuse a price change; returns its id."""
    change = _decided_by_another(uow, command.change_id, command.expected_revision)
    step = PRICE_CHANGE.check(PriceState(change.state), PriceAction.REJECT, reason=command.reason)
    change.state = step.target.value
    change.decided_by_staff_id, change.decided_at = uow.actor.staff_id, uow.now
    change.decision_note = uow.reason = limited_text(command.reason, field="reason", limit=REASON_LIMIT)
    close_tasks(uow, record_id=change.id, kind=TaskKind.APPROVE_PRICES)
    uow.record("PricesRejected")
    return change.id


@requires(Permission.PRICING_EDIT)
def withdraw_prices(command: WithdrawPrices, uow: UnitOfWork) -> str:
    """Take a price change back before it counts; returns its id."""
    change = _change(uow, command.change_id, command.expected_revision)
    step = PRICE_CHANGE.check(PriceState(change.state), PriceAction.WITHDRAW, reason=command.reason)
    if _phase(change, uow) in (PricePhase.IN_FORCE, PricePhase.ENDED):
        raise PricesInForce()
    change.state = step.target.value
    change.decision_note = uow.reason = limited_text(command.reason, field="reason", limit=REASON_LIMIT)
    close_tasks(uow, record_id=change.id, kind=TaskKind.APPROVE_PRICES)
    uow.record("PricesWithdrawn")
    return change.id


@requires(Permission.PRICING_EDIT)
def end_campaign(command: EndCampaign, uow: UnitOfWork) -> str:
    """Let a campaign end on an earlier day; returns its id."""
    change = _change(uow, command.change_id, command.expected_revision)
    today = branch_date(uow.now)
    if change.kind != PriceKind.CAMPAIGN or _phase(change, uow) not in (PricePhase.SCHEDULED, PricePhase.IN_FORCE):
        raise CampaignNotRunning()
    if not command.reason.strip():
        raise ReasonRequired(field="reason")
    latest = change.valid_to or command.last_day
    if not max(today - _ONE_DAY, change.valid_from - _ONE_DAY) <= command.last_day <= latest:
        raise CampaignDaysWrong(field="last_day")
    change.valid_to = command.last_day
    uow.reason = limited_text(command.reason, field="reason", limit=REASON_LIMIT)
    change.decision_note = uow.reason
    uow.record("CampaignEnded")
    return change.id


@requires(Permission.PRICING_EDIT)
def take_back_prices(command: TakeBackPrices, uow: UnitOfWork) -> str:
    """Withdraw a whole change, and the prices it set; returns its id."""
    change = _change(uow, command.change_id, command.expected_revision)
    step = PRICE_CHANGE.check(PriceState(change.state), PriceAction.WITHDRAW, reason="Undo")
    lasting = change.kind != PriceKind.CAMPAIGN
    if lasting and _phase(change, uow) is PricePhase.IN_FORCE:
        restore_prices(uow, change)
    change.state, uow.reason = step.target.value, "Undo"
    close_tasks(uow, record_id=change.id, kind=TaskKind.APPROVE_PRICES)
    uow.record("PricesWithdrawn")
    return change.id


@requires(None)
def apply_due_prices(command: ApplyDuePrices, uow: UnitOfWork) -> int:
    """Carry prices whose day has come into the units, and take those out that the centre would not have approved;
    returns how many units changed."""
    taken_back = sum(restore_prices(uow, change) for change in refused_changes(uow.session))
    return taken_back + apply_changes(uow, due_changes(uow.session, branch_date(uow.now)))


def _change(uow: UnitOfWork, change_id: str, revision: int) -> PriceChange:
    change = uow.get(PriceChange, change_id, field="change_id")
    uow.check_revision(change, revision)
    return change


def _decided_by_another(uow: UnitOfWork, change_id: str, revision: int) -> PriceChange:
    change = _change(uow, change_id, revision)
    if change.drafted_by_staff_id == uow.actor.staff_id:
        raise ApprovalOfOwnPrices()
    return change


def _phase(change: PriceChange, uow: UnitOfWork) -> PricePhase:
    return phase_on(change.state, change.valid_from, change.valid_to, branch_date(uow.now))


