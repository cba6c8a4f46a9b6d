"""Stored floor plans as the rules want them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.unit_costs.rules import Loan, Repayment, rate_from_millionths
from db.lists import listed
from db.models.unit_costs import FloorPlan, FloorPlanRepayment


def repayments_of(session: Session, plan_ids: Sequence[str]) -> dict[str, tuple[Repayment, ...]]:
    """What was paid back on each of these loans, contra entries included, by the loan's id."""
    query = select(FloorPlanRepayment).where(
        FloorPlanRepayment.floor_plan_id.in_(listed(plan_ids)), FloorPlanRepayment.deleted_at.is_(None)
    )
    found: dict[str, tuple[Repayment, ...]] = {}
    for entry in session.scalars(query.order_by(FloorPlanRepayment.paid_on, FloorPlanRepayment.id)):
        found[entry.floor_plan_id] = (
            *found.get(entry.floor_plan_id, ()), Repayment(entry.paid_on, entry.amount),
        )  # fmt: skip
    return found


def loan_of(plan: FloorPlan, repayments: Sequence[Repayment]) -> Loan:
    """A stored loan with its repayments."""
    return Loan(
        principal=plan.principal,
        annual_rate=rate_from_millionths(plan.rate_millionths),
        day_basis=plan.day_basis,
        drawn_on=plan.drawn_on,
        free_days=plan.free_days,
        due_on=plan.due_on,
        repayments=tuple(repayments),
    )
