"""Floor plans of the branch, and everything one unit has cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.inventory.queries import UnitFilter, list_units
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop, trn
from app.unit_costs.commands import AddUnitCost, RepayFloorPlan, TakeBackRepayment, TakeBackUnitCost
from app.unit_costs.queries import (
    FloorPlanRow,
    FloorPlanTotals,
    UnitCosts,
    count_floor_plans,
    floor_plan_totals,
    get_floor_plan,
    get_unit_costs,
    list_floor_plans,
    list_lenders,
)
from app.unit_costs.rules import CostKind, LoanStanding
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice
from ui.kit.feedback import EmptyState
from ui.kit.fields import ChoiceField, DateField, MoneyField, TextField
from ui.kit.filters import Facet, FacetOption
from ui.kit.keys import Key
from ui.kit.panel_form import PanelForm
from ui.kit.record_page import PanelContent, RecordPage
from ui.kit.text import Words
from ui.unit_costs.cost_sections import STANDINGS, cost_content, rate_text

_FOUND = 8


@dataclass(frozen=True, slots=True)
class LoanLine:
    """A loan as the table shows it."""

    id: str
    stock_number: str
    lender: str
    outstanding: Decimal
    rate: Decimal
    interest_a_day: Decimal
    accrued: Decimal
    drawn_on: str
    due_on: str | None
    standing: LoanStanding
    plan: FloorPlanRow


@dataclass(frozen=True, slots=True)
class CostRecord:
    """What the panel shows: a unit's costs, opened through a loan or by the unit itself."""

    row: UnitCosts
    plan: FloorPlanRow | None
    key: str


class CostsPage(RecordPage):
    """Loans the branch's units stand on, oldest first; `unit_id` opens the costs of one unit."""

    title = tr_noop("Costs and loans")
    key = "costs"
    param = "record_id"
    watches = ("floor_plan", "floor_plan_repayment")
    concerns = ("unit_cost", "vehicle_unit", "vehicle_transfer")
    columns = (
        Column("stock_number", tr_noop("Stock number"), kind="code", width=146),
        Column("vehicle", tr_noop("Vehicle"), stretch=True, value=lambda row: row.plan.unit.name, format=str),
        Column("lender", tr_noop("Lender"), width=104),
        Column("outstanding", tr_noop("Still owed"), kind="money", width=100),
        Column("rate", tr_noop("Rate"), width=62, kind="percent", format=rate_text),
        Column("interest_a_day", tr_noop("Interest a day"), kind="money", width=96),
        Column("accrued", tr_noop("Interest so far"), kind="money", width=96),
        Column("drawn_on", tr_noop("Drawn on"), kind="date", width=92, visible=False),
        Column("due_on", tr_noop("Loan due on"), kind="date", width=92),
        Column("standing", tr_noop("Status"), kind="state", states=STANDINGS, width=136),
    )

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._totals: FloorPlanTotals | None = None
        self.filters.add_facet(Facet("closed", tr_noop("Status"), [FacetOption(True, LoanStanding.CLOSED.label)]))
        self._add_actions()

    # --- list ------------------------------------------------------------------------------------

    def list_rows(self, reader: Any, *, after: Any, limit: int, **filters: Any) -> Sequence[LoanLine]:
        rows = list_floor_plans(reader, after=after, limit=limit, **_filters(filters))
        return [_line(row) for row in rows]

    def count_rows(self, reader: Any, **filters: Any) -> int:
        self._totals = floor_plan_totals(reader)
        return count_floor_plans(reader, **_filters(filters))

    def describe_count(self, matched: int, total: int | None) -> str:
        told = trn("{n} loan", "{n} loans", matched)
        sums = self._totals
        if sums is None or not sums.loans:
            return told
        return tr(
            "{loans} · {outstanding} outstanding · {interest} interest a day", loans=told,
            outstanding=formats.yuan(sums.outstanding), interest=formats.yuan(sums.interest_a_day),
        )  # fmt: skip

    def empty_state(self, filtered: bool) -> EmptyState:
        if filtered:
            return super().empty_state(filtered)
        begin = None
        if self.context.may(Permission.INVENTORY_EDIT_COST):
            begin = Button(tr_noop("Enter a loan"), kind="primary", icon="landmark", on_click=self.open_loan)
        return EmptyState(
            tr_noop("No vehicle stands on a loan"),
            tr_noop("Enter a floor plan to see what it costs by the day, and when it is due."),
            icon="landmark",
            action=begin,
        )

    def activate(self, params: Mapping[str, Any]) -> None:
        """`unit_id` shows the costs of a unit."""
        if params.get("unit_id"):
            params = {**params, self.param: str(params["unit_id"])}
        super().activate(params)

    # --- panel -----------------------------------------------------------------------------------

    def get_record(self, reader: Any, record_id: str) -> CostRecord:
        from app.kernel.errors import RecordNotFound

        try:
            plan = get_floor_plan(reader, record_id)
        except RecordNotFound:
            costs = get_unit_costs(reader, record_id)
            return CostRecord(costs, costs.running, record_id)
        return CostRecord(get_unit_costs(reader, plan.unit.id), plan, record_id)

    def record_id(self, record: CostRecord) -> str:
        return record.key

    def panel_content(self, record: CostRecord) -> PanelContent:
        unit = record.row.unit
        return PanelContent(
            title=lambda: unit.stock_number or unit.vin[-8:],
            subtitle=lambda: str(unit.name),
            content=cost_content(record.row, take_back_cost=self._take_back_cost, take_back=self._take_back_payment,
                                 may_edit=self.context.may(Permission.INVENTORY_EDIT_COST)),
            verbs=("costs.repay", "costs.add"),
            more=("costs.loan_for", "costs.unit"),
            next_step=False,
        )  # fmt: skip

    # --- actions ---------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        edit = Permission.INVENTORY_EDIT_COST
        self.add_action(
            Action("costs.loan", tr_noop("Enter a loan"), self.open_loan, key=Key.NEW, icon="landmark",
                   permission=edit), primary=True,
        )  # fmt: skip
        for action in (
            Action("costs.add", tr_noop("Add a cost"), self._add_cost, key="Ctrl+G", icon="plus", permission=edit,
                   enabled=lambda: self.is_shown),
            Action("costs.repay", tr_noop("Pay back"), self._repay, key="Ctrl+T", icon="hand-coins", permission=edit,
                   enabled=lambda: self.is_shown and self.record.row.running is not None),
            Action("costs.loan_for", tr_noop("Put on a loan"), self._loan_for_shown, icon="landmark", permission=edit,
                   enabled=lambda: self.is_shown and self.record.row.running is None),
            Action("costs.unit", tr_noop("Open the vehicle"), self._open_unit, key="Ctrl+O", icon="car",
                   enabled=lambda: self.is_shown),
        ):  # fmt: skip
            self.add_action(action)

    def open_loan(self, unit_id: str = "", label: Words = "") -> None:
        """Ask for the terms of a loan."""
        from ui.unit_costs.loan_sheet import LoanSheet

        sheet = LoanSheet(self.context, cancel=self.cancel_button(), search=find_units, lenders=list_lenders)
        sheet.opened.connect(self._on_opened)
        self.open_sheet(sheet, tr_noop("Enter a loan"))
        if unit_id:
            sheet.begin_with(Choice(unit_id, label))

    def _loan_for_shown(self) -> None:
        unit = self.record.row.unit
        self.open_loan(unit.id, lambda: f"{unit.stock_number or unit.vin[-8:]}  {unit.name}")

    def _on_opened(self, plan_ids: Sequence[str]) -> None:
        self.close_sheet()
        self.context.notifications.show(
            lambda: trn("{n} loan entered.", "{n} loans entered.", len(plan_ids)), tone="good"
        )
        self.show_record(plan_ids[0])

    def _add_cost(self) -> None:
        unit, today = self.record.row.unit, _today(self.context)
        kinds = [Choice(kind, kind.label) for kind in CostKind]
        fields = [
            ChoiceField("kind", tr_noop("Kind"), choices=kinds, required=True, span=2),
            MoneyField("amount", tr_noop("Amount"), required=True, hint=tr_noop("A rebate is taken off.")),
            DateField("happened_on", tr_noop("On"), required=True, latest=today.isoformat()),
            TextField("supplier", tr_noop("Supplier"), max_length=120),
            TextField("document_number", tr_noop("Receipt or invoice"), max_length=60),
            TextField("note", tr_noop("Note"), max_length=200, span=2),
        ]
        question = PanelForm(
            self.context, tr_noop("Add a cost"), fields, verb=tr_noop("Enter the cost"),
            command=lambda values: _cost_command(unit.id, values),
        )
        question.form.set_values({"happened_on": today.isoformat()})
        self.ask(question)

    def _repay(self) -> None:
        plan, today = self.record.row.running, _today(self.context)
        question = PanelForm(
            self.context,
            lambda: tr("Pay back to {lender}", lender=plan.lender),
            [
                MoneyField("amount", tr_noop("Amount repaid"), required=True),
                DateField("paid_on", tr_noop("On"), required=True, latest=today.isoformat()),
                TextField("reference", tr_noop("Bank reference"), max_length=60, span=2),
            ],
            verb=tr_noop("Pay back"),
            command=lambda values: RepayFloorPlan(
                floor_plan_id=plan.id, amount=values["amount"], paid_on=date.fromisoformat(values["paid_on"]),
                reference=values["reference"],
            ),
            text=lambda: tr("{amount} is outstanding.", amount=formats.yuan(plan.outstanding)),
        )  # fmt: skip
        question.form.set_values({"amount": plan.outstanding, "paid_on": today.isoformat()})
        self.ask(question)

    def _take_back_cost(self, cost_id: str) -> None:
        self._ask_reason(lambda reason: TakeBackUnitCost(cost_id=cost_id, reason=reason))

    def _take_back_payment(self, repayment_id: str) -> None:
        self._ask_reason(lambda reason: TakeBackRepayment(repayment_id=repayment_id, reason=reason))

    def _ask_reason(self, command: Any) -> None:
        self.ask(
            PanelForm(
                self.context, tr_noop("Take this entry back?"),
                [TextField("reason", tr_noop("Reason"), required=True, max_length=200, span=2)],
                verb=tr_noop("Reverse this entry"), command=lambda values: command(values["reason"]), danger=True,
                text=tr_noop("The entry stays; a contra entry with the same amount is added."),
            )
        )  # fmt: skip

    def _open_unit(self) -> None:
        self.context.navigator.open("vehicles", unit_id=self.record.row.unit.id)


def _cost_command(unit_id: str, values: Mapping[str, Any]) -> AddUnitCost:
    """A rebate is entered like every amount and taken off."""
    kind = CostKind(values["kind"])
    return AddUnitCost(
        unit_id=unit_id,
        kind=kind,
        amount=-values["amount"] if kind is CostKind.REBATE else values["amount"],
        happened_on=date.fromisoformat(values["happened_on"]),
        supplier=values["supplier"],
        document_number=values["document_number"],
        note=values["note"],
    )


def _filters(chosen: Mapping[str, Any]) -> dict[str, Any]:
    return {"closed": bool(chosen.get("closed")), "text": str(chosen.get("text") or ""), "lender": chosen.get("lender")}


def _today(context: PageContext) -> date:
    from app.kernel.clock import branch_date

    return branch_date(context.clock.now())


def _line(row: FloorPlanRow) -> LoanLine:
    unit = row.unit
    return LoanLine(
        id=row.id, stock_number=unit.stock_number or unit.vin[-8:], lender=row.lender,
        outstanding=row.outstanding, rate=row.loan.annual_rate * 100, interest_a_day=row.interest_a_day,
        accrued=row.accrued, drawn_on=row.loan.drawn_on.isoformat(),
        due_on=row.loan.due_on.isoformat() if row.loan.due_on else None,
        standing=row.standing, plan=row,
    )  # fmt: skip


def find_units(reader: Any, text: str) -> list[Choice]:
    """Vehicles that a typed text may mean."""
    rows = list_units(reader, filter=UnitFilter(text=text), limit=_FOUND).rows
    return [_choice(row) for row in rows]


def _choice(row: Any) -> Choice:
    return Choice(row.id, lambda: f"{row.stock_number or row.vin[-8:]}  {row.name}", row.vin)

