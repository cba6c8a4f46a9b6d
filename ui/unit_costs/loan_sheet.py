"""Terms of a floor plan, for one vehicle; what it will cost by the day is in sight while typing."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from PySide6.QtCore import Signal

from app.kernel.clock import branch_date
from app.kernel.money import cents
from app.runtime.language import tr, tr_noop
from app.unit_costs.commands import OpenFloorPlan
from app.unit_costs.queries import FloorPlanRow, last_terms
from app.unit_costs.rules import DAY_BASES, HIGHEST_RATE, MOST_FREE_DAYS
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label
from ui.kit.editing import FormSheet
from ui.kit.fields import (
    DateField,
    IntegerField,
    LookupField,
    MoneyField,
    PercentField,
    Section,
    SegmentField,
    TextField,
)
from ui.kit.form import Form

DRAFT_KEY = "floor_plan.open"


class LoanSheet(FormSheet):
    """`opened(ids)` after the loan is stored."""

    opened = Signal(object)

    def __init__(
        self,
        context: PageContext,
        *,
        cancel: Button,
        search: Callable[..., list[Choice]],
        lenders: Callable[[Any], Sequence[str]],
    ) -> None:
        self.context = context
        self._today = branch_date(context.clock.now())
        self.go = Button(tr_noop("Enter the loan"), kind="primary", icon="landmark", on_click=self.enter)
        self.summary = Label("", role="section")
        form = Form(context, _sections(search, self._today), submit_on_return=True)
        super().__init__(form, buttons=[cancel, self.go], summary=self.summary)
        form.changed.connect(lambda _name: self._explain())
        form.submitted.connect(self.enter)
        form.set_values({"day_basis": DAY_BASES[0], "free_days": 0, "drawn_on": self._today.isoformat()})
        context.operations.run_query(self, last_terms, on_done=self._suggest)
        form.keep_draft(DRAFT_KEY)
        self._explain()

    def begin_with(self, unit: Choice) -> None:
        """For a vehicle another page chose."""
        editor: Any = self.form.cell("unit_id").editor
        editor.choose(unit)

    def enter(self) -> None:
        """Store it."""
        if not self.go.isEnabled() or not self.form.check_all():
            return
        values = self.form.values()
        command = OpenFloorPlan(
            unit_ids=(values["unit_id"],),
            lender=values["lender"],
            contract_number=values["contract_number"],
            principal=values["principal"],
            annual_percent=values["annual_percent"],
            day_basis=values["day_basis"],
            drawn_on=date.fromisoformat(values["drawn_on"]),
            free_days=values["free_days"] or 0,
            due_on=date.fromisoformat(values["due_on"]) if values["due_on"] else None,
            note=values["note"],
        )
        job = self.context.operations.run_command(self.form, command, on_done=self._on_entered)
        self.go.busy_while(job)

    def _on_entered(self, plan_ids: Sequence[str]) -> None:
        self.form.drop_draft()
        self.opened.emit(plan_ids)

    def _suggest(self, last: FloorPlanRow | None) -> None:
        """The terms of the loan before, while nothing is typed."""
        if last is None or self.form.dirty:
            return
        loan = last.loan
        for name, value in (
            ("lender", last.lender), ("contract_number", last.contract_number),
            ("annual_percent", (loan.annual_rate * 100).normalize()), ("day_basis", loan.day_basis),
            ("free_days", loan.free_days),
        ):  # fmt: skip
            self.form.set_value(name, value)
        self._explain()

    def _explain(self) -> None:
        """What a day will cost."""
        form = self.form
        names = ("principal", "annual_percent", "day_basis")
        if any(not form.cell(name).check(show=False) or form.value(name) in (None, "") for name in names):
            self.summary.set_words("")
            return
        principal, percent, basis = (form.value(name) for name in names)
        a_day = cents(Decimal(principal) * percent / 100 / basis)
        self.summary.set_words(lambda: tr("{amount} interest a day", amount=formats.yuan(a_day)))


def _days_words(days: int) -> str:
    return tr("{n} days", n=days)


def _sections(search: Callable[..., list[Choice]], today: date) -> list[Section]:
    bases = [Choice(days, partial(_days_words, days)) for days in DAY_BASES]
    return [
        Section(
            "",
            [
                LookupField("unit_id", tr_noop("Vehicle"), search=search, required=True, span=2,
                            placeholder=tr_noop("VIN, stock number or model")),
            ],
        ),
        Section(
            tr_noop("Lender"),
            [
                TextField("lender", tr_noop("Lender"), required=True, max_length=120),
                TextField("contract_number", tr_noop("Contract number"), max_length=60),
            ],
        ),
        Section(
            tr_noop("Terms of the loan"),
            [
                MoneyField("principal", tr_noop("Amount borrowed"), required=True),
                PercentField("annual_percent", tr_noop("Annual rate"), required=True, most=HIGHEST_RATE),
                SegmentField("day_basis", tr_noop("A year has"), choices=bases, required=True),
                IntegerField("free_days", tr_noop("Free of interest for"), suffix=tr_noop("days"), least=0,
                             most=MOST_FREE_DAYS),
                DateField("drawn_on", tr_noop("Drawn on"), required=True, latest=today.isoformat()),
                DateField("due_on", tr_noop("Loan due on")),
                TextField("note", tr_noop("Note"), max_length=200, span=2),
            ],
        ),
    ]  # fmt: skip
