"""What can be wrong with costs and floor plans."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class CostZero(DomainError):
    code = "cost_zero"
    text = tr_noop("A cost of nothing is no cost. Enter the amount; a rebate is negative.")


class CostSignWrong(DomainError):
    code = "cost_sign_wrong"
    text = tr_noop("Only a rebate is negative, and a rebate always is. Choose the other kind, or mend the sign.")


class CostDayInFuture(DomainError):
    code = "cost_day_in_future"
    text = tr_noop("{day} has not come yet. Enter the day on which it happened.")


class AlreadyTakenBack(DomainError):
    code = "already_taken_back"
    text = tr_noop("This entry was taken back before. Nothing is left to do.")


class CostEntryFinal(DomainError):
    code = "cost_entry_final"
    text = tr_noop("An entry that takes another one back stays. Enter the cost anew.")


class FloorPlanRunning(DomainError):
    code = "floor_plan_running"
    text = tr_noop("{vin} stands on a loan of {lender} already. Pay that one back first.")


class RateOutOfRange(DomainError):
    code = "rate_out_of_range"
    text = tr_noop("An annual rate of {rate} % cannot be right. Enter one from 0 to {highest} %.")


class PrincipalMissing(DomainError):
    code = "principal_missing"
    text = tr_noop("How much was borrowed is missing. Enter an amount, or a share of the cost.")


class LoanDaysOutOfRange(DomainError):
    code = "loan_days_out_of_range"
    text = tr_noop("{days} days are not possible here. Enter 0 to {highest}.")


class DueBeforeDrawn(DomainError):
    code = "due_before_drawn"
    text = tr_noop("The loan would be due before it was drawn. Enter a later day.")


class RepaymentBeforeDrawn(DomainError):
    code = "repayment_before_drawn"
    text = tr_noop("The loan was drawn on {day}. Enter that day or a later one.")


class RepaymentTooLarge(DomainError):
    code = "repayment_too_large"
    text = tr_noop("Only {outstanding} is outstanding. Enter at most that.")


class FloorPlanClosed(DomainError):
    code = "floor_plan_closed"
    text = tr_noop("This loan was paid back on {day}. Take a repayment back first.")
