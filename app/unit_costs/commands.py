"""What can be done about a unit's costs and the loan it stands on. All need INVENTORY_EDIT_COST."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.kernel.commands import Command
from app.unit_costs.rules import CostKind


@dataclass(frozen=True, slots=True, kw_only=True)
class AddUnitCost(Command):
    """Enter a cost of a unit; returns its id. Undone by a contra entry.

    Raises CostZero, CostSignWrong (field `amount`), CostDayInFuture or MonthIsClosed (field `happened_on`).
    """

    unit_id: str
    kind: CostKind
    amount: Decimal
    happened_on: date
    supplier: str = ""
    document_number: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackUnitCost(Command):
    """Take a cost back by a contra entry, with the reason; returns the id of that entry.

    It has the day of the cost, or today's where that month is closed by now.

    Raises AlreadyTakenBack, CostEntryFinal or ReasonRequired (field `reason`).
    """

    cost_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFloorPlan(Command):
    """Put units on a loan of one lender on the same terms; returns the ids of the loans, in the order of the units.

    The principal of each is `principal`, or `share_percent` of its cost. `day_basis` is 360 or 365. Raises
    FloorPlanRunning (field `unit_ids`), PrincipalMissing (field `principal`), RateOutOfRange (field
    `annual_percent`), CostDayInFuture or MonthIsClosed (`drawn_on`), DueBeforeDrawn (`due_on`) or LoanDaysOutOfRange.
    """

    unit_ids: tuple[str, ...]
    lender: str
    contract_number: str = ""
    principal: Decimal | None = None
    share_percent: Decimal | None = None
    annual_percent: Decimal
    day_basis: int = 360
    drawn_on: date
    free_days: int = 0
    due_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepayFloorPlan(Command):
    """Enter principal paid back; `amount` None is all that is outstanding, which closes the loan. Returns its id.

    Raises FloorPlanClosed, CostZero, RepaymentTooLarge (field `amount`), RepaymentBeforeDrawn, CostDayInFuture or
    MonthIsClosed (field `paid_on`).
    """

    floor_plan_id: str
    paid_on: date
    amount: Decimal | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackRepayment(Command):
    """Take a repayment back by a contra entry, with the reason; a closed loan runs again. Returns the entry's id.

    Raises AlreadyTakenBack, CostEntryFinal, MonthIsClosed or ReasonRequired (field `reason`).
    """

    repayment_id: str
    reason: str
