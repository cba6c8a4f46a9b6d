"""What has to be settled before a month is closed, in which order months are closed, and how one is opened again."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.kernel.labels import Labelled
from app.kernel.months import Month
from app.kernel.permissions import Permission
from app.kernel.state_machine import StateMachine, Transition
from app.month_close.errors import EarlierMonthOpen, LaterMonthClosed, MonthNotOver
from app.payments.rules import PaymentMethod
from app.periods.rules import STANDING, MonthState, closed_until
from app.runtime.language import tr_noop

REVIEW_LIFE = timedelta(minutes=10)
"""A month is closed upon a comparison with the centre that is no older than this."""
CASH = (PaymentMethod.CASH.value,)
"""Stands on no bank's statement: it is enough that the cashier has confirmed it."""


class MonthAction(Labelled):
    ASK_TO_REOPEN = "ask_to_reopen", tr_noop("Ask to reopen")
    KEEP_CLOSED = "keep_closed", tr_noop("Keep it closed")
    REOPEN = "reopen", tr_noop("Reopen")


_S = MonthState
MONTH = StateMachine(
    document=tr_noop("closed month"),
    initial=MonthState.CLOSED,
    transitions=(
        Transition(
            MonthAction.ASK_TO_REOPEN, (_S.CLOSED,), _S.REOPEN_ASKED, Permission.MONTHS_CLOSE, reason_required=True
        ),
        Transition(MonthAction.KEEP_CLOSED, (_S.REOPEN_ASKED,), _S.CLOSED, Permission.MONTHS_CLOSE),
        Transition(MonthAction.REOPEN, (_S.REOPEN_ASKED,), _S.REOPENED, Permission.MONTHS_REOPEN),
    ),
)


class Check(Labelled):
    """One line of the list that is gone through before closing, in its order."""

    REVIEW = "review", tr_noop("Compared with the centre in the last ten minutes")
    DIFFERENCES = "differences", tr_noop("This desk and the centre say the same")
    UNSENT = "unsent", tr_noop("Everything entered at this desk has reached the centre")
    REFUSED = "refused", tr_noop("Somebody has looked at what the centre refused")
    SILENT_DESKS = "silent_desks", tr_noop("Every desk of the branch was heard of since the month's end")
    QUARANTINED = "quarantined", tr_noop("The centre has set nothing aside")
    CONFLICTS = "conflicts", tr_noop("No order has lost its vehicle")
    PROVISIONAL = "provisional", tr_noop("No order is provisional")
    UNPAID = "unpaid", tr_noop("What was delivered is paid in full")
    UNCONFIRMED = "unconfirmed", tr_noop("The cashier has confirmed every payment")
    UNRECONCILED = "unreconciled", tr_noop("Every payment that was not in cash is reconciled with the bank")
    REFUNDS = "refunds", tr_noop("Deposits of cancelled orders are settled")
    TRANSFERS = "transfers", tr_noop("No vehicle is still on its way between branches")
    COUNTS = "counts", tr_noop("Every stock count is signed off or given up")


AT_THE_CENTRE = (Check.DIFFERENCES, Check.SILENT_DESKS, Check.QUARANTINED)
"""What only a comparison with the centre can tell."""

MATTERS: dict[Check, str] = {
    Check.REVIEW: tr_noop("no comparison with the centre in the last ten minutes"),
    Check.DIFFERENCES: tr_noop("differences between this desk and the centre: {n}"),
    Check.UNSENT: tr_noop("records not yet sent: {n}"),
    Check.REFUSED: tr_noop("records with a refused change: {n}"),
    Check.SILENT_DESKS: tr_noop("desks not heard of since: {n}"),
    Check.QUARANTINED: tr_noop("changes set aside at the centre: {n}"),
    Check.CONFLICTS: tr_noop("orders that lost their vehicle: {n}"),
    Check.PROVISIONAL: tr_noop("provisional orders: {n}"),
    Check.UNPAID: tr_noop("delivered and not paid in full: {n}"),
    Check.UNCONFIRMED: tr_noop("payments nobody has confirmed: {n}"),
    Check.UNRECONCILED: tr_noop("payments not on a bank's statement: {n}"),
    Check.REFUNDS: tr_noop("deposits to be settled: {n}"),
    Check.TRANSFERS: tr_noop("vehicles on their way: {n}"),
    Check.COUNTS: tr_noop("open stock counts: {n}"),
}
"""Each while it stands in the way."""

WHAT_TO_DO: dict[Check, str] = {
    Check.REVIEW: tr_noop("Connect this desk and check the month: nothing is closed offline."),
    Check.DIFFERENCES: tr_noop("Open the reconciliation: each line says why, and what ends it."),
    Check.UNSENT: tr_noop("Exchange with the centre; what it does not take stands on the page Synchronisation."),
    Check.REFUSED: tr_noop("Open what was refused: enter it again as it should be, or let it be."),
    Check.SILENT_DESKS: tr_noop(
        "They may hold orders that nobody has seen. Switch each on until it has exchanged; a desk that is lost for "
        "good is shut out at the centre."
    ),
    Check.QUARANTINED: tr_noop("Ask whoever runs the service to look at it: it is kept there and counts nowhere."),
    Check.CONFLICTS: tr_noop("Open each order: choose another vehicle, or cancel it."),
    Check.PROVISIONAL: tr_noop("Exchange with the centre; if an order stays provisional, the reconciliation says why."),
    Check.UNPAID: tr_noop("Open each order and receive what is outstanding."),
    Check.UNCONFIRMED: tr_noop("Open each payment and confirm it, or reverse it."),
    Check.UNRECONCILED: tr_noop("Hold the bank's statement against the payments and reconcile each."),
    Check.REFUNDS: tr_noop("Settle each with the customer and mark the task as done."),
    Check.TRANSFERS: tr_noop("Have each received where it arrived, or cancel it."),
    Check.COUNTS: tr_noop("Finish each count, or give it up."),
}
"""What ends each while it is open."""


@dataclass(frozen=True, slots=True)
class MatterRecord:
    """A record that is unsettled; `note` is what is worth saying beside its title (an amount in fen, an instant)."""

    table: str
    id: str
    title: str
    note: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Matter:
    """What stands in the way of closing: how many records, the first of them by name."""

    check: Check
    count: int
    records: tuple[MatterRecord, ...] = ()


def require_closable(month: Month, *, now: datetime, closings: Iterable[tuple[str, str]]) -> None:
    """That it is this month's turn. Raises MonthNotOver or EarlierMonthOpen (field `month`).

    The first month a branch ever closes may be any that is over; what lies before it is closed with it.
    """
    if month.ends_at > now:
        raise MonthNotOver(field="month", month=str(month))
    last = closed_until(closings)
    if last is not None and month != last.plus(1):
        raise EarlierMonthOpen(field="month", month=str(month), next=str(last.plus(1)))


def next_month(closings: Iterable[tuple[str, str]], *, now: datetime) -> Month:
    """The month whose turn it is: after the last closed one, else the one before the present."""
    last = closed_until(closings)
    return Month.of(now).plus(-1) if last is None else last.plus(1)


def require_last(month: Month, closings: Iterable[tuple[str, str]]) -> None:
    """Months are opened again from the last one backwards. Raises LaterMonthClosed."""
    last = closed_until(closings)
    if last is not None and last > month:
        raise LaterMonthClosed(month=str(month), last=str(last))


def is_closed(state: str) -> bool:
    """Whether a closing in this state stands."""
    return state in STANDING
