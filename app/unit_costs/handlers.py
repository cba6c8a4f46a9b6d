"""What commands do to costs and floor plans. Entries are never changed: a mistake gets a contra entry."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.kernel.clock import branch_date
from app.kernel.commands import requires
from app.kernel.errors import ReasonRequired, limited_text, require_text
from app.kernel.money import cents, require_amount
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.periods.guard import open_day, require_open
from app.unit_costs.commands import (
    AddUnitCost,
    OpenFloorPlan,
    RepayFloorPlan,
    TakeBackRepayment,
    TakeBackUnitCost,
)
from app.unit_costs.errors import AlreadyTakenBack, CostEntryFinal, FloorPlanRunning, PrincipalMissing
from app.unit_costs.loans import loan_of, repayments_of
from app.unit_costs.rules import (
    Repayment,
    check_cost,
    check_repayment,
    check_terms,
    closing_day,
    millionths,
    rate_from_percent,
)
from db.models.inventory import VehicleUnit
from db.models.unit_costs import FloorPlan, FloorPlanRepayment, UnitCost

_UNDONE = "Undo"


@requires(Permission.INVENTORY_EDIT_COST)
def add_unit_cost(command: AddUnitCost, uow: UnitOfWork) -> str:
    """Enter a cost; returns its id."""
    unit = uow.get(VehicleUnit, command.unit_id, field="unit_id")
    amount = require_amount(command.amount, field="amount", negative_allowed=True)
    check_cost(command.kind, amount, happened_on=command.happened_on, today=branch_date(uow.now))
    require_open(uow, command.happened_on, field="happened_on", branch_id=unit.branch_id)
    cost = UnitCost(
        branch_id=unit.branch_id,
        unit_id=unit.id,
        kind=command.kind.value,
        amount=amount,
        happened_on=command.happened_on,
        supplier=limited_text(command.supplier, field="supplier", limit=120),
        document_number=limited_text(command.document_number, field="document_number", limit=60),
        note=limited_text(command.note, field="note", limit=200),
        recorded_by_staff_id=uow.actor.staff_id,
    )
    uow.add(cost)
    uow.record("UnitCostAdded")
    uow.undo_with(TakeBackUnitCost(cost_id=cost.id, reason=_UNDONE))
    return cost.id


@requires(Permission.INVENTORY_EDIT_COST)
def take_back_unit_cost(command: TakeBackUnitCost, uow: UnitOfWork) -> str:
    """Enter the contra entry of a cost; returns its id."""
    cost = uow.get(UnitCost, command.cost_id, field="cost_id")
    reason = _checked_reason(command.reason)
    _require_standing(uow, UnitCost, cost)
    contra = UnitCost(
        branch_id=cost.branch_id, unit_id=cost.unit_id, kind=cost.kind, amount=-cost.amount,
        happened_on=open_day(uow, cost.happened_on, branch_id=cost.branch_id), supplier=cost.supplier,
        document_number=cost.document_number, note=reason,
        contra_of=cost.id, recorded_by_staff_id=uow.actor.staff_id,
    )  # fmt: skip
    uow.add(contra)
    uow.reason = reason
    uow.record("UnitCostTakenBack")
    return contra.id


@requires(Permission.INVENTORY_EDIT_COST)
def open_floor_plan(command: OpenFloorPlan, uow: UnitOfWork) -> tuple[str, ...]:
    """Put units on a loan; returns the ids of the loans."""
    rate = rate_from_percent(command.annual_percent)
    check_terms(
        drawn_on=command.drawn_on, due_on=command.due_on, free_days=command.free_days, day_basis=command.day_basis,
        today=branch_date(uow.now),
    )  # fmt: skip
    lender = require_text(command.lender, field="lender", limit=120)
    plans = []
    for unit_id in dict.fromkeys(command.unit_ids):
        unit = uow.get(VehicleUnit, unit_id, field="unit_ids")
        _require_no_loan(uow, unit)
        require_open(uow, command.drawn_on, field="drawn_on", branch_id=unit.branch_id)
        plan = FloorPlan(
            branch_id=unit.branch_id, unit_id=unit.id, lender=lender, principal=_principal(command, unit),
            contract_number=limited_text(command.contract_number, field="contract_number", limit=60),
            rate_millionths=millionths(rate), day_basis=command.day_basis, drawn_on=command.drawn_on,
            free_days=command.free_days, due_on=command.due_on,
            note=limited_text(command.note, field="note", limit=200),
        )  # fmt: skip
        plans.append(uow.add(plan).id)
    if not plans:
        raise PrincipalMissing(field="unit_ids")
    uow.record("FloorPlanOpened")
    return tuple(plans)


@requires(Permission.INVENTORY_EDIT_COST)
def repay_floor_plan(command: RepayFloorPlan, uow: UnitOfWork) -> str:
    """Enter principal paid back; returns the id of the entry."""
    plan = uow.get(FloorPlan, command.floor_plan_id, field="floor_plan_id")
    paid = repayments_of(uow.session, [plan.id]).get(plan.id, ())
    loan = loan_of(plan, paid)
    left = loan.principal - sum((one.amount for one in paid), Decimal(0))
    amount = left if command.amount is None else require_amount(command.amount, field="amount")
    check_repayment(loan, amount, paid_on=command.paid_on, closed_on=plan.closed_on, today=branch_date(uow.now))
    require_open(uow, command.paid_on, field="paid_on", branch_id=plan.branch_id)
    entry = FloorPlanRepayment(
        branch_id=plan.branch_id, unit_id=plan.unit_id, floor_plan_id=plan.id, amount=amount,
        paid_on=command.paid_on, reference=limited_text(command.reference, field="reference", limit=60),
        recorded_by_staff_id=uow.actor.staff_id,
    )  # fmt: skip
    uow.add(entry)
    plan.closed_on = closing_day(loan, [*paid, Repayment(command.paid_on, amount)])
    uow.record("FloorPlanRepaid")
    uow.undo_with(TakeBackRepayment(repayment_id=entry.id, reason=_UNDONE))
    return entry.id


@requires(Permission.INVENTORY_EDIT_COST)
def take_back_repayment(command: TakeBackRepayment, uow: UnitOfWork) -> str:
    """Enter the contra entry of a repayment; returns its id."""
    entry = uow.get(FloorPlanRepayment, command.repayment_id, field="repayment_id")
    reason = _checked_reason(command.reason)
    _require_standing(uow, FloorPlanRepayment, entry)
    # The interest of every day since would be another: no later day says the same.
    require_open(uow, entry.paid_on, field=None, branch_id=entry.branch_id)
    plan = uow.get(FloorPlan, entry.floor_plan_id)
    contra = FloorPlanRepayment(
        branch_id=entry.branch_id, unit_id=entry.unit_id, floor_plan_id=plan.id, amount=-entry.amount,
        paid_on=entry.paid_on, reference=entry.reference, contra_of=entry.id,
        recorded_by_staff_id=uow.actor.staff_id,
    )  # fmt: skip
    uow.add(contra)
    plan.closed_on = None
    uow.reason = reason
    uow.record("RepaymentTakenBack")
    return contra.id


def _principal(command: OpenFloorPlan, unit: VehicleUnit) -> Decimal:
    if command.principal is not None:
        amount = require_amount(command.principal, field="principal")
    elif command.share_percent is not None and 0 < command.share_percent <= 100:
        amount = cents(unit.cost * command.share_percent / 100)
    else:
        raise PrincipalMissing(field="principal")
    if amount == 0:
        raise PrincipalMissing(field="principal")
    return amount


def _require_no_loan(uow: UnitOfWork, unit: VehicleUnit) -> None:
    query = select(FloorPlan.lender).where(
        FloorPlan.unit_id == unit.id, FloorPlan.closed_on.is_(None), FloorPlan.deleted_at.is_(None)
    )
    lender = uow.session.scalars(query.limit(1)).first()
    if lender is not None:
        raise FloorPlanRunning(field="unit_ids", vin=unit.vin, lender=lender)


def _require_standing(uow: UnitOfWork, model: type[Any], entry: Any) -> None:
    if entry.contra_of is not None:
        raise CostEntryFinal()
    taken: Sequence[str] = uow.session.scalars(select(model.id).where(model.contra_of == entry.id).limit(1)).all()
    if taken:
        raise AlreadyTakenBack()


def _checked_reason(reason: str) -> str:
    text = limited_text(reason, field="reason", limit=200)
    if not text:
        raise ReasonRequired(field="reason")
    return text
