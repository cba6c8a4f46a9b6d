"""Reads of costs and floor plans; all need INVENTORY_VIEW_COST."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Select, func, or_, select

from app.inventory.unit_rows import UnitRow, rows_by_id
from app.kernel.clock import branch_date
from app.kernel.money import ZERO
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.unit_costs.loans import loan_of, repayments_of
from app.unit_costs.rules import CostKind, Loan, LoanStanding, landed_cost
from db.models.inventory import VehicleUnit
from db.models.staff import StaffMember
from db.models.transfers import VehicleTransfer
from db.models.unit_costs import FloorPlan, FloorPlanRepayment, UnitCost

_ARRIVED = "MOVED"
"""The state of a transfer whose arrival the centre has confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostRow:
    """One entry; `taken_back` says that a contra entry exists, `is_contra` that this is one.

    With `transfer_id` it is the freight of a transfer, which is not entered twice: it changes with the transfer.
    """

    id: str
    kind: CostKind
    amount: Decimal
    happened_on: date
    supplier: str
    document_number: str
    note: str
    recorded_by: str
    is_contra: bool = False
    taken_back: bool = False
    transfer_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepaymentRow:
    """Principal paid back, or the contra entry of that."""

    id: str
    amount: Decimal
    paid_on: date
    reference: str
    recorded_by: str
    is_contra: bool
    taken_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorPlanRow:
    """A loan as it stands today: `accrued` is the interest of all days before today."""

    id: str
    unit: UnitRow
    lender: str
    contract_number: str
    loan: Loan
    outstanding: Decimal
    interest_a_day: Decimal
    accrued: Decimal
    standing: LoanStanding
    closed_on: date | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCosts:
    """What a unit costs the house: purchase, entries, landed cost, interest until today, and both together."""

    unit: UnitRow
    purchase: Decimal
    entries: tuple[CostRow, ...]
    landed: Decimal
    plans: tuple[FloorPlanRow, ...]
    repayments: tuple[RepaymentRow, ...]
    interest: Decimal
    interest_a_day: Decimal

    @property
    def total(self) -> Decimal:
        """Landed cost and interest."""
        return self.landed + self.interest

    @property
    def margin_at_list(self) -> Decimal:
        """What would be left at the list price, before tax."""
        return self.unit.list_price - self.total

    @property
    def running(self) -> FloorPlanRow | None:
        """The loan the unit stands on now."""
        return next((plan for plan in self.plans if plan.closed_on is None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorPlanTotals:
    """All running loans of the branch together."""

    loans: int
    outstanding: Decimal
    interest_a_day: Decimal
    accrued: Decimal
    due_soon: int
    overdue: int


def get_unit_costs(reader: Reader, unit_id: str) -> UnitCosts:
    """Everything a unit has cost until today; raises RecordNotFound."""
    reader.require(Permission.INVENTORY_VIEW_COST)
    unit = reader.get(VehicleUnit, unit_id)
    entries = tuple(
        sorted((*_entries(reader, unit_id), *_freights(reader, unit_id)), key=lambda one: one.happened_on)
    )
    plans = list(reader.session.scalars(_live().where(FloorPlan.unit_id == unit_id).order_by(FloorPlan.id)))
    rows = _plan_rows(reader, plans)
    landed = landed_cost(unit.cost, (entry.amount for entry in entries))
    return UnitCosts(
        unit=rows_by_id(reader, [unit_id])[0],
        purchase=unit.cost,
        entries=entries,
        landed=landed,
        plans=rows,
        repayments=_repayments(reader, unit_id),
        interest=sum((row.accrued for row in rows), ZERO),
        interest_a_day=sum((row.interest_a_day for row in rows if row.closed_on is None), ZERO),
    )


def list_floor_plans(
    reader: Reader,
    *,
    after: str | None = None,
    limit: int = 100,
    lender: str | Sequence[str] | None = None,
    closed: bool = False,
    text: str = "",
) -> tuple[FloorPlanRow, ...]:
    """The branch's running loans, or those paid back, the oldest first, from behind the id `after`.

    `text` is a piece of the lender, the contract number, the VIN or the stock number.
    """
    reader.require(Permission.INVENTORY_VIEW_COST)
    query = _narrowed(_of_branch(reader, closed=closed), lender=lender, text=text)
    if after is not None:
        query = query.where(FloorPlan.id > after)
    return _plan_rows(reader, list(reader.session.scalars(query.order_by(FloorPlan.id).limit(limit))))


def floor_plan_totals(reader: Reader) -> FloorPlanTotals:
    """Running loans of the branch in figures."""
    reader.require(Permission.INVENTORY_VIEW_COST)
    plans = list(reader.session.scalars(_of_branch(reader, closed=False)))
    today, paid = branch_date(reader.now), repayments_of(reader.session, [plan.id for plan in plans])
    loans = [loan_of(plan, paid.get(plan.id, ())) for plan in plans]
    standings = [loan.standing(today) for loan in loans]
    return FloorPlanTotals(
        loans=len(loans),
        outstanding=sum((loan.outstanding(today) for loan in loans), ZERO),
        interest_a_day=sum((loan.interest_a_day(today) for loan in loans), ZERO),
        accrued=sum((loan.accrued(today) for loan in loans), ZERO),
        due_soon=standings.count(LoanStanding.DUE_SOON),
        overdue=standings.count(LoanStanding.OVERDUE),
    )


def count_floor_plans(
    reader: Reader, *, lender: str | Sequence[str] | None = None, closed: bool = False, text: str = ""
) -> int:
    """How many `list_floor_plans` has over all its pages."""
    reader.require(Permission.INVENTORY_VIEW_COST)
    query = _narrowed(_of_branch(reader, closed=closed), lender=lender, text=text)
    return reader.session.scalar(select(func.count()).select_from(query.subquery())) or 0


def get_floor_plan(reader: Reader, plan_id: str) -> FloorPlanRow:
    """One loan; raises RecordNotFound."""
    reader.require(Permission.INVENTORY_VIEW_COST)
    return _plan_rows(reader, [reader.get(FloorPlan, plan_id)])[0]


def list_lenders(reader: Reader) -> tuple[str, ...]:
    """Lenders of this branch, for a filter and a suggestion."""
    reader.require(Permission.INVENTORY_VIEW_COST)
    query = select(FloorPlan.lender).where(FloorPlan.branch_id == reader.actor.branch_id).distinct()
    return tuple(reader.session.scalars(query.order_by(FloorPlan.lender)))


def last_terms(reader: Reader, lender: str = "") -> FloorPlanRow | None:
    """The loan opened last, of one lender or of any: its terms are suggested for the next one."""
    reader.require(Permission.INVENTORY_VIEW_COST)
    query = _live().where(FloorPlan.branch_id == reader.actor.branch_id)
    if lender:
        query = query.where(FloorPlan.lender == lender)
    plan = reader.session.scalars(query.order_by(FloorPlan.id.desc()).limit(1)).first()
    return None if plan is None else _plan_rows(reader, [plan])[0]


def _live() -> Select[FloorPlan]:
    return select(FloorPlan).where(FloorPlan.deleted_at.is_(None))


def _of_branch(reader: Reader, *, closed: bool) -> Select[FloorPlan]:
    query = _live().where(FloorPlan.branch_id == reader.actor.branch_id)
    return query.where(FloorPlan.closed_on.is_not(None) if closed else FloorPlan.closed_on.is_(None))


def _narrowed(
    query: Select[FloorPlan], *, lender: str | Sequence[str] | None, text: str
) -> Select[FloorPlan]:
    if lender:
        query = query.where(FloorPlan.lender.in_([lender] if isinstance(lender, str) else list(lender)))
    piece = text.strip()[:60]
    if piece:
        columns = (FloorPlan.lender, FloorPlan.contract_number, VehicleUnit.vin, VehicleUnit.stock_number)
        query = query.join(VehicleUnit, VehicleUnit.id == FloorPlan.unit_id).where(
            or_(*(column.icontains(piece, autoescape=True) for column in columns))
        )
    return query


def _plan_rows(reader: Reader, plans: Sequence[FloorPlan]) -> tuple[FloorPlanRow, ...]:
    today = branch_date(reader.now)
    paid = repayments_of(reader.session, [plan.id for plan in plans])
    units = {row.id: row for row in rows_by_id(reader, [plan.unit_id for plan in plans])}
    rows = []
    for plan in plans:
        if plan.unit_id not in units:
            continue
        loan = loan_of(plan, paid.get(plan.id, ()))
        rows.append(
            FloorPlanRow(
                id=plan.id, unit=units[plan.unit_id], lender=plan.lender, contract_number=plan.contract_number,
                loan=loan, outstanding=loan.outstanding(today), interest_a_day=loan.interest_a_day(today),
                accrued=loan.accrued(today), standing=loan.standing(today), closed_on=plan.closed_on, note=plan.note,
            )
        )  # fmt: skip
    return tuple(rows)


def _entries(reader: Reader, unit_id: str) -> tuple[CostRow, ...]:
    query = (
        select(UnitCost, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == UnitCost.recorded_by_staff_id)
        .where(UnitCost.unit_id == unit_id, UnitCost.deleted_at.is_(None))
        .order_by(UnitCost.happened_on, UnitCost.id)
    )
    found = list(reader.session.execute(query))
    taken = {cost.contra_of for cost, _ in found}
    return tuple(
        CostRow(
            id=cost.id, kind=CostKind(cost.kind), amount=cost.amount, happened_on=cost.happened_on,
            supplier=cost.supplier, document_number=cost.document_number, note=cost.note, recorded_by=name or "",
            is_contra=cost.contra_of is not None, taken_back=cost.id in taken,
        )
        for cost, name in found
    )  # fmt: skip


def _freights(reader: Reader, unit_id: str) -> tuple[CostRow, ...]:
    """What the transfers cost that brought the unit here: part of its cost from the day it arrived.

    Read where it was noted, at the transfer, so that a bill that comes later, or is corrected, is right here at once
    and at both branches alike.
    """
    transfer = VehicleTransfer
    query = (
        select(transfer, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == transfer.arrived_by_staff_id)
        .where(
            transfer.unit_id == unit_id, transfer.state == _ARRIVED, transfer.arrived_at.is_not(None),
            transfer.freight > 0, transfer.deleted_at.is_(None),
        )
        .order_by(transfer.arrived_at, transfer.id)
    )  # fmt: skip
    return tuple(
        CostRow(
            id=one.id, kind=CostKind.FREIGHT, amount=one.freight, happened_on=branch_date(one.arrived_at),
            supplier=one.carrier, document_number=one.number, note="", recorded_by=name or "", transfer_id=one.id,
        )
        for one, name in reader.session.execute(query)
        if one.freight is not None and one.arrived_at is not None
    )  # fmt: skip


def _repayments(reader: Reader, unit_id: str) -> tuple[RepaymentRow, ...]:
    query = (
        select(FloorPlanRepayment, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == FloorPlanRepayment.recorded_by_staff_id)
        .where(FloorPlanRepayment.unit_id == unit_id, FloorPlanRepayment.deleted_at.is_(None))
        .order_by(FloorPlanRepayment.paid_on, FloorPlanRepayment.id)
    )
    found = list(reader.session.execute(query))
    taken = {entry.contra_of for entry, _ in found}
    return tuple(
        RepaymentRow(
            id=entry.id, amount=entry.amount, paid_on=entry.paid_on, reference=entry.reference,
            recorded_by=name or "", is_contra=entry.contra_of is not None, taken_back=entry.id in taken,
        )
        for entry, name in found
    )  # fmt: skip
