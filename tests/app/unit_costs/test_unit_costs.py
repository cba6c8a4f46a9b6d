"""Costs and floor plans through the real handlers on the real encrypted database."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied, ReasonRequired, RecordNotFound, ValueRequired
from app.kernel.permissions import Actor
from app.transfers.commands import SetFreight
from app.unit_costs.commands import AddUnitCost, OpenFloorPlan, RepayFloorPlan, TakeBackRepayment, TakeBackUnitCost
from app.unit_costs.errors import (
    AlreadyTakenBack,
    CostEntryFinal,
    CostSignWrong,
    FloorPlanClosed,
    FloorPlanRunning,
    PrincipalMissing,
    RepaymentTooLarge,
)
from app.unit_costs.queries import (
    count_floor_plans,
    floor_plan_totals,
    get_floor_plan,
    get_unit_costs,
    last_terms,
    list_floor_plans,
    list_lenders,
)
from app.unit_costs.rules import CostKind, LoanStanding
from db.models.transfers import VehicleTransfer
from tests.factories.people import HANGZHOU, SHANGHAI
from tests.factories.records import Records

TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


def cost(unit_id: str, kind: CostKind = CostKind.FREIGHT, amount: str = "1800.00", **more: object) -> AddUnitCost:
    given = {"unit_id": unit_id, "kind": kind, "amount": Decimal(amount), "happened_on": TODAY}
    return AddUnitCost(**(given | more))  # type: ignore[arg-type]


def borrowed(*unit_ids: str, **more: object) -> OpenFloorPlan:
    given = {
        "unit_ids": unit_ids, "lender": "平安银行", "contract_number": "PA-2026-118", "share_percent": Decimal(80),
        "annual_percent": Decimal("5.4"), "drawn_on": date(2026, 11, 12),
    }  # fmt: skip
    return OpenFloorPlan(**(given | more))  # type: ignore[arg-type]


def test_landed_cost_and_a_cost_taken_back(dispatcher: Dispatcher, manager: Actor, records: Records) -> None:
    unit = records.unit()
    wrong = dispatcher.execute(cost(unit.id), manager).value
    dispatcher.execute(cost(unit.id, CostKind.REBATE, "-3000.00", supplier="上汽大众"), manager)
    told = dispatcher.read(get_unit_costs, manager, unit.id)
    assert told.landed == Decimal("126800.00") and told.interest == 0
    dispatcher.execute(TakeBackUnitCost(cost_id=wrong, reason="记到了别的车上"), manager)
    told = dispatcher.read(get_unit_costs, manager, unit.id)
    assert told.landed == told.total == Decimal("125000.00")
    assert told.margin_at_list == Decimal("25000.00")
    assert [(one.amount, one.taken_back, one.is_contra) for one in told.entries] == [
        (Decimal("1800.00"), True, False), (Decimal("-3000.00"), False, False), (Decimal("-1800.00"), False, True),
    ]  # fmt: skip
    with pytest.raises(AlreadyTakenBack):
        dispatcher.execute(TakeBackUnitCost(cost_id=wrong, reason="again"), manager)
    with pytest.raises(CostEntryFinal):
        dispatcher.execute(TakeBackUnitCost(cost_id=told.entries[-1].id, reason="x"), manager)


def test_the_freight_of_a_transfer_is_a_cost_once_it_arrived(
    dispatcher: Dispatcher, manager: Actor, records: Records
) -> None:
    unit = records.unit()
    dispatcher.execute(cost(unit.id), manager)

    def transfer(**values: object) -> VehicleTransfer:
        given = {
            "number": "SH01-D01-TR-000001", "kind": "REQUEST", "from_branch_id": HANGZHOU.id,
            "to_branch_id": SHANGHAI.id, "unit_id": unit.id, "vin": unit.vin, "trim_id": unit.trim_id,
            "requested_at": NOON, "requested_by_staff_id": manager.staff_id, "carrier": "长久物流",
            "arrived_at": NOON, "arrived_by_staff_id": manager.staff_id,
        }  # fmt: skip
        return records._saved(VehicleTransfer(**(given | values)))

    transfer(state="DEPARTED", asked_state="MOVED", freight=Decimal("777.00"))
    transfer(state="MOVED", freight=None)
    assert dispatcher.read(get_unit_costs, manager, unit.id).landed == Decimal("129800.00"), "not confirmed, not noted"
    arrived = transfer(state="MOVED", freight=Decimal("650.00"))
    told = dispatcher.read(get_unit_costs, manager, unit.id)
    assert told.landed == unit.cost + Decimal("2450.00")
    (line,) = [one for one in told.entries if one.transfer_id == arrived.id]
    assert (line.kind, line.amount, line.happened_on, line.supplier) == (
        CostKind.FREIGHT, Decimal("650.00"), date(2026, 11, 20), "长久物流",
    )  # fmt: skip
    assert line.recorded_by and not line.taken_back
    with pytest.raises(RecordNotFound):
        dispatcher.execute(TakeBackUnitCost(cost_id=line.id, reason="x"), manager)
    bill = SetFreight(transfer_id=arrived.id, expected_revision=arrived.revision, freight=Decimal("700.00"))
    dispatcher.execute(bill, manager)
    assert dispatcher.read(get_unit_costs, manager, unit.id).landed == unit.cost + Decimal("2500.00"), "the bill came"


def test_undo_of_a_cost_is_a_contra_entry(dispatcher: Dispatcher, manager: Actor, records: Records) -> None:
    unit = records.unit()
    outcome = dispatcher.execute(cost(unit.id), manager)
    assert outcome.undo is not None
    dispatcher.execute(outcome.undo, manager)
    assert dispatcher.read(get_unit_costs, manager, unit.id).landed == unit.cost


def test_interest_runs_by_the_day_until_it_is_paid(dispatcher: Dispatcher, manager: Actor, records: Records) -> None:
    unit = records.unit()
    (plan_id,) = dispatcher.execute(borrowed(unit.id), manager).value
    plan = dispatcher.read(get_floor_plan, manager, plan_id)
    assert plan.loan.principal == Decimal("102400.00")
    assert plan.interest_a_day == Decimal("15.36") and plan.accrued == Decimal("153.60")
    assert plan.standing is LoanStanding.RUNNING
    told = dispatcher.read(get_unit_costs, manager, unit.id)
    assert told.running is not None and told.total == unit.cost + Decimal("153.60")

    part = RepayFloorPlan(floor_plan_id=plan_id, amount=Decimal("51200.00"), paid_on=date(2026, 11, 17))
    first = dispatcher.execute(part, manager).value
    assert dispatcher.read(get_floor_plan, manager, plan_id).accrued == Decimal("115.20")
    with pytest.raises(RepaymentTooLarge):
        dispatcher.execute(part.__class__(floor_plan_id=plan_id, amount=Decimal("51200.01"), paid_on=TODAY), manager)
    dispatcher.execute(RepayFloorPlan(floor_plan_id=plan_id, paid_on=TODAY), manager)
    plan = dispatcher.read(get_floor_plan, manager, plan_id)
    assert (plan.standing, plan.outstanding, plan.closed_on) == (LoanStanding.CLOSED, 0, TODAY)
    with pytest.raises(FloorPlanClosed):
        dispatcher.execute(part, manager)
    dispatcher.execute(TakeBackRepayment(repayment_id=first, reason="退票"), manager)
    plan = dispatcher.read(get_floor_plan, manager, plan_id)
    assert (plan.closed_on, plan.outstanding) == (None, Decimal("51200.00"))
    told = dispatcher.read(get_unit_costs, manager, unit.id)
    assert [one.taken_back for one in told.repayments] == [True, False, False]


def test_one_unit_stands_on_one_loan(dispatcher: Dispatcher, manager: Actor, records: Records) -> None:
    trim = records.trim()
    one, two, three = (records.unit(trim) for _ in range(3))
    plans = dispatcher.execute(borrowed(one.id, two.id, one.id), manager).value
    assert len(plans) == 2
    with pytest.raises(FloorPlanRunning) as refused:
        dispatcher.execute(borrowed(three.id, two.id), manager)
    assert two.vin in str(refused.value.message)
    assert dispatcher.read(count_floor_plans, manager) == 2, "all or none"
    totals = dispatcher.read(floor_plan_totals, manager)
    assert (totals.loans, totals.interest_a_day, totals.outstanding) == (2, Decimal("30.72"), Decimal("204800.00"))
    dispatcher.execute(RepayFloorPlan(floor_plan_id=plans[1], paid_on=TODAY), manager)
    dispatcher.execute(borrowed(two.id, lender="建设银行", due_on=date(2026, 11, 25)), manager)
    rows = dispatcher.read(list_floor_plans, manager, limit=1)
    rest = dispatcher.read(list_floor_plans, manager, after=rows[-1].id)
    assert [row.unit.id for row in (*rows, *rest)] == [one.id, two.id]
    assert [row.standing for row in (*rows, *rest)] == [LoanStanding.RUNNING, LoanStanding.DUE_SOON]
    assert [row.unit.id for row in dispatcher.read(list_floor_plans, manager, closed=True)] == [two.id]
    assert dispatcher.read(list_lenders, manager) == ("平安银行", "建设银行")
    suggested = dispatcher.read(last_terms, manager, "平安银行")
    assert suggested is not None and suggested.loan.annual_rate == Decimal("0.054")


def test_what_is_missing_or_not_allowed_is_refused(
    dispatcher: Dispatcher, manager: Actor, salesperson: Actor, records: Records
) -> None:
    unit = records.unit()
    for terms in ({"share_percent": None}, {"principal": Decimal(0)}, {"share_percent": Decimal(101)}):
        with pytest.raises(PrincipalMissing):
            dispatcher.execute(borrowed(unit.id, **terms), manager)
    with pytest.raises(PrincipalMissing):
        dispatcher.execute(borrowed(), manager)
    with pytest.raises(ValueRequired):
        dispatcher.execute(borrowed(unit.id, lender=" "), manager)
    with pytest.raises(RecordNotFound):
        dispatcher.execute(cost("0" * 32), manager)
    with pytest.raises(CostSignWrong):
        dispatcher.execute(cost(unit.id, amount="-1.00"), manager)
    entry = dispatcher.execute(cost(unit.id), manager).value
    with pytest.raises(ReasonRequired):
        dispatcher.execute(TakeBackUnitCost(cost_id=entry, reason="  "), manager)
    for command in (cost(unit.id), borrowed(unit.id), TakeBackUnitCost(cost_id=entry, reason="x")):
        with pytest.raises(PermissionDenied):
            dispatcher.execute(command, salesperson)
    for query in (get_unit_costs, get_floor_plan):
        with pytest.raises(PermissionDenied):
            dispatcher.read(query, salesperson, unit.id)
    for query in (list_floor_plans, floor_plan_totals, list_lenders, last_terms, count_floor_plans):
        with pytest.raises(PermissionDenied):
            dispatcher.read(query, salesperson)
