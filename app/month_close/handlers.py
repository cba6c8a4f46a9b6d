"""Handlers of closing months."""

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.commands import requires
from app.kernel.errors import ReasonRequired, limited_text
from app.kernel.labels import Listing, note
from app.kernel.months import Month
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.month_close.commands import AskToReopenMonth, CloseMonth, KeepMonthClosed, ReopenMonth
from app.month_close.errors import (
    MonthNotSettled,
    MonthUnreadable,
    NotReviewed,
    OtherBranchesMonth,
    SecondPersonNeeded,
)
from app.month_close.figures import month_figures, packed, postings_of
from app.month_close.matters import find_matters
from app.month_close.rules import MATTERS, MONTH, Check, MonthAction, require_closable, require_last
from app.periods.rules import MonthState
from app.tasks.follow_up import close_tasks
from app.tasks.rules import TaskKind
from db.models.month_close import MonthClose, ReconciliationRun
from db.models.staff import Branch
from db.models.tasks import Task

REASON_LIMIT = 400


def month_of(text: str, *, field: str = "month") -> Month:
    """The month of a text; raises MonthUnreadable."""
    try:
        return Month.parse(text)
    except ValueError:
        raise MonthUnreadable(field=field, value=text) from None


def closings_of(session: Session, branch_id: str) -> list[MonthClose]:
    """All closings of a branch, the oldest first."""
    query = select(MonthClose).where(MonthClose.branch_id == branch_id, MonthClose.deleted_at.is_(None))
    return list(session.scalars(query.order_by(MonthClose.month, MonthClose.round)))


@requires(Permission.MONTHS_CLOSE)
def close_month(command: CloseMonth, uow: UnitOfWork) -> str:
    """Check everything once more in the same transaction, and keep the figures."""
    month, branch_id, session = month_of(command.month), uow.actor.branch_id, uow.session
    closings = closings_of(session, branch_id)
    require_closable(month, now=uow.now, closings=[(one.month, one.state) for one in closings])
    run = session.get(ReconciliationRun, command.run_id)
    if run is None or run.branch_id != branch_id:
        raise NotReviewed()
    matters = find_matters(session, branch_id, month, run=run, now=uow.now)
    if any(matter.check is Check.REVIEW for matter in matters):
        raise NotReviewed()
    if matters:
        named = Listing(note(MATTERS[matter.check], n=matter.count) for matter in matters)
        raise MonthNotSettled(field="month", month=str(month), matters=named)
    before = sum(one.month == str(month) for one in closings)
    row = _closing(uow, month, run, round_=before + 1, note_=limited_text(command.note, field="note", limit=400))
    uow.record("MonthClosed")
    return row.id


def _closing(uow: UnitOfWork, month: Month, run: ReconciliationRun, *, round_: int, note_: str) -> MonthClose:
    branch_id = uow.actor.branch_id
    figures = month_figures(uow.session, branch_id, month)
    return uow.add(
        MonthClose(
            id=closing_id(branch_id, str(month), round_), branch_id=branch_id, month=str(month), round=round_,
            state=MonthState.CLOSED.value, closed_at=uow.now, closed_by_staff_id=uow.actor.staff_id,
            desk_code=uow.actor.desk_code, note=note_, orders=figures.orders, orders_total=figures.orders_total,
            revenue=figures.revenue, cancelled=figures.cancelled, delivered=figures.delivered,
            received=figures.received, payments=[one.stored() for one in figures.payments],
            stock_units=figures.stock_units, stock_value=figures.stock_value,
            postings=packed(postings_of(uow.session, branch_id, month)), reconciled_at=run.at,
            reconciliation_digest=run.digest, looked_at=run.looked_at, reopen_reason="",
        )
    )  # fmt: skip


def closing_id(branch_id: str, month: str, round_: int) -> str:
    """The id that two desks give the same closing."""
    return hashlib.sha256(f"month_close|{branch_id}|{month}|{round_}".encode()).hexdigest()[:32]


@requires(Permission.MONTHS_CLOSE)
def ask_to_reopen_month(command: AskToReopenMonth, uow: UnitOfWork) -> str:
    """Say why, and leave it to a second person."""
    row = _row(uow, command.close_id, command.expected_revision)
    if row.branch_id != uow.actor.branch_id and not uow.actor.may(Permission.MONTHS_REOPEN):
        raise OtherBranchesMonth()
    if not command.reason.strip():
        raise ReasonRequired(field="reason")
    _require_last(uow, row)
    MONTH.check(MonthState(row.state), MonthAction.ASK_TO_REOPEN, reason=command.reason)
    row.reopen_reason = uow.reason = limited_text(command.reason, field="reason", limit=REASON_LIMIT)
    row.state = MonthState.REOPEN_ASKED.value
    row.reopen_asked_at, row.reopen_asked_by_staff_id = uow.now, uow.actor.staff_id
    branch = uow.session.get(Branch, row.branch_id)
    uow.add(
        Task(
            branch_id=row.branch_id, kind=TaskKind.REOPEN_MONTH.value, record_table="month_close", record_id=row.id,
            params={
                "month": row.month, "branch": "" if branch is None else branch.code, "reason": row.reopen_reason,
                "person": uow.actor.name,
            },
        )
    )  # fmt: skip
    uow.record("ReopeningAsked")
    return row.id


@requires(Permission.MONTHS_CLOSE)
def keep_month_closed(command: KeepMonthClosed, uow: UnitOfWork) -> str:
    """It stays as it is."""
    row = _row(uow, command.close_id, command.expected_revision)
    row.state = MONTH.next_state(MonthState(row.state), MonthAction.KEEP_CLOSED).value
    close_tasks(uow, record_id=row.id, kind=TaskKind.REOPEN_MONTH)
    uow.record("MonthKeptClosed")
    return row.id


@requires(Permission.MONTHS_REOPEN)
def reopen_month(command: ReopenMonth, uow: UnitOfWork) -> str:
    """The second person opens it."""
    row = _row(uow, command.close_id, command.expected_revision)
    reached = MONTH.next_state(MonthState(row.state), MonthAction.REOPEN)
    if row.reopen_asked_by_staff_id == uow.actor.staff_id:
        raise SecondPersonNeeded()
    _require_last(uow, row)
    row.state = reached.value
    row.reopened_at, row.reopened_by_staff_id = uow.now, uow.actor.staff_id
    uow.reason = row.reopen_reason
    close_tasks(uow, record_id=row.id, kind=TaskKind.REOPEN_MONTH)
    uow.record("MonthReopened")
    return row.id


def _row(uow: UnitOfWork, close_id: str, revision: int) -> MonthClose:
    row = uow.get(MonthClose, close_id, field="close_id")
    uow.check_revision(row, revision)
    return row


def _require_last(uow: UnitOfWork, row: MonthClose) -> None:
    closings = closings_of(uow.session, row.branch_id)
    require_last(Month.parse(row.month), [(one.month, one.state) for one in closings])
