"""What closing a month refuses."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class MonthUnreadable(DomainError):
    code = "month_unreadable"
    text = tr_noop("“{value}” is no month. Write it like 2026-11.")


class MonthNotOver(DomainError):
    code = "month_not_over"
    text = tr_noop("{month} is not over yet. Close it on the first day after it.")


class EarlierMonthOpen(DomainError):
    code = "earlier_month_open"
    text = tr_noop("{next} comes next: months are closed one after the other. Close {next} first.")


class LaterMonthClosed(DomainError):
    code = "later_month_closed"
    text = tr_noop("{last} is closed as well. Open {last} again first, then {month}.")


class MonthNotSettled(DomainError):
    code = "month_not_settled"
    text = tr_noop("{month} cannot be closed yet: {matters}. Settle what is listed, and check again.")


class NotReviewed(DomainError):
    code = "not_reviewed"
    text = tr_noop("Compare the branch with the centre first: a month is closed upon a comparison made just before.")


class OtherBranchesMonth(DomainError):
    code = "other_branches_month"
    text = tr_noop("A month is closed at a desk of its own branch. Sign in there.")


class SecondPersonNeeded(DomainError):
    code = "second_person_needed"
    text = tr_noop("Whoever asks for a month to be opened does not open it. Ask another administrator.")
