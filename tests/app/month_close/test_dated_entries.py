"""Nothing that counts in a closed month is dated into it: every command that takes a day for money or an arrival."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, get_args, get_type_hints

import pytest

import app
from app.inventory.commands import AddUnit, ChangeUnit, MarkArrived
from app.inventory.handlers import _as_command_values
from app.inventory.import_units import _Together
from app.kernel.commands import Command
from app.kernel.months import Month
from app.payments.commands import ReceivePayment
from app.periods.errors import MonthIsClosed
from app.periods.rules import DATED, POSTED
from app.unit_costs.commands import AddUnitCost, OpenFloorPlan, RepayFloorPlan, TakeBackRepayment, TakeBackUnitCost
from app.unit_costs.rules import CostKind
from db.base import replicated_models
from db.models.inventory import VehicleUnit
from db.models.unit_costs import FloorPlan, UnitCost
from tests.app.month_close.test_month_close import DECEMBER, FIRST, NOVEMBER, House, house  # noqa: F401  (fixture)

IN_NOVEMBER, IN_DECEMBER = date(2026, 11, 20), date(2026, 12, 1)
GUARDED = {
    AddUnit: "arrived_on", ChangeUnit: "arrived_on", MarkArrived: "arrived_on", AddUnitCost: "happened_on",
    OpenFloorPlan: "drawn_on", RepayFloorPlan: "paid_on", ReceivePayment: "received_at",
}  # fmt: skip
NO_POSTING = {
    "ChangeMake", "ChangeModelYear", "ChangeSeries", "ChangeTrim", "ImportSpecifications", "ReturnToVersion",
    "TakeBackOverrides", "HandCertificates", "HandOutKey", "RepairDefect", "ExtendHold", "HoldUnit", "PlaceOrder",
    "PlanDelivery", "RecordSale", "EndCampaign", "ProposePrices", "OfferTransfer", "RequestTransfer",
    "BookAppointment", "MoveAppointment", "SaveClauseDraft", "SaveTemplateDraft", "RevokeCertificate",
    "WithdrawAuthority", "NoteSigningKey", "TerminateContract",
}  # fmt: skip
"""Their days are plans, terms, and papers: no figure of a month is made of them."""


def _commands() -> Iterator[type[Command]]:
    for found in pkgutil.walk_packages(app.__path__, "app."):
        if found.name.endswith("commands") and found.name.count(".") >= 2:
            members = vars(importlib.import_module(found.name)).values()
            yield from (one for one in members if isinstance(one, type) and issubclass(one, Command))


def _takes_a_day(command: type[Command]) -> bool:
    hints = get_type_hints(command)
    kinds = (hints[one.name] for one in fields(command))
    return any(isinstance(kind, type) and issubclass(kind, date) for hint in kinds for kind in (hint, *get_args(hint)))


def test_every_command_that_takes_a_day_is_guarded_or_posts_nothing() -> None:
    dated = {command for command in _commands() if _takes_a_day(command)}
    assert {one.__name__ for one in dated} == {one.__name__ for one in GUARDED} | NO_POSTING
    booked = {
        name for name, model in replicated_models().items() if {"amount", "principal"} & set(model.__table__.c.keys())
    }
    # Lines count with their order; what a contract asks for is no money that moved.
    assert booked - {"sales_order_line", "quotation_line", "contract_milestone"} == set(POSTED)
    assert all(name in replicated_models()[table].__table__.c for table, name in DATED.items())


def test_nothing_is_entered_into_a_closed_month(house: House) -> None:  # noqa: F811
    desk, unit = house.desk, house.unit
    manager = house.administrator

    def loan(day: date, unit_id: str) -> str:
        terms = OpenFloorPlan(
            unit_ids=(unit_id,), lender="平安银行", principal=Decimal("100000.00"), annual_percent=Decimal("4.5"),
            drawn_on=day,
        )  # fmt: skip
        return str(desk.do(terms, manager)[0])

    def cost(day: date) -> str:
        entry = AddUnitCost(unit_id=unit.id, kind=CostKind.FREIGHT, amount=Decimal("800.00"), happened_on=day)
        return str(desk.do(entry, manager))

    def moved(day: date) -> str:
        row = desk.row(VehicleUnit, unit.id)
        values: dict[str, Any] = _as_command_values(row, with_cost=False) | {"arrived_on": day}
        return str(desk.do(ChangeUnit(unit_id=unit.id, expected_revision=row.revision, **values), manager))

    paid_for, running = desk.unit(), desk.unit()
    old_cost, old_loan, plan = cost(IN_NOVEMBER), loan(IN_NOVEMBER, paid_for.id), loan(IN_NOVEMBER, running.id)
    repaid = desk.do(RepayFloorPlan(floor_plan_id=old_loan, paid_on=IN_NOVEMBER), manager)
    in_transit = desk.unit(stock_state="IN_TRANSIT")
    arrived = desk.row(VehicleUnit, unit.id).arrived_on
    house.close()

    def entries(day: date) -> Iterator[tuple[str, Any]]:
        yield "happened_on", lambda: cost(day)
        yield "drawn_on", lambda: loan(day, unit.id)
        yield "paid_on", lambda: desk.do(
            RepayFloorPlan(floor_plan_id=plan, paid_on=day, amount=Decimal(1)), manager
        )
        yield "arrived_on", lambda: desk.do(MarkArrived(unit_id=in_transit.id, arrived_on=day), manager)

    for field, enter in entries(IN_NOVEMBER):
        with pytest.raises(MonthIsClosed) as refused:
            enter()
        assert (refused.value.field, refused.value.params) == (field, {"month": NOVEMBER, "open": DECEMBER})
    for _, enter in entries(IN_DECEMBER):
        enter()
    with pytest.raises(MonthIsClosed):
        moved(IN_DECEMBER)  # it counted in the closed month's stock
    assert Month.of(FIRST) == Month.parse(DECEMBER) and moved(arrived) == unit.id, "everything else may be changed"
    contra = desk.row(UnitCost, desk.do(TakeBackUnitCost(cost_id=old_cost, reason="错记"), manager))
    assert contra.happened_on == IN_DECEMBER, "taken back today: the closed month keeps its cost"
    with pytest.raises(MonthIsClosed):
        desk.do(TakeBackRepayment(repayment_id=repaid, reason="错记"), manager)
    assert desk.row(FloorPlan, old_loan).closed_on == IN_NOVEMBER


def test_an_import_refuses_the_rows_that_came_in_a_closed_month() -> None:
    checks = _Together(FIRST, closed=Month.parse(NOVEMBER))
    with pytest.raises(MonthIsClosed) as refused:
        checks._check_days(IN_NOVEMBER, None, False)
    assert refused.value.field == "arrived_on"
    checks._check_days(IN_NOVEMBER, None, True)  # only expected: it did not come yet
    checks._check_days(IN_DECEMBER, None, False)
