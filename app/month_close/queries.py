"""Reading closed months: the list that is gone through before closing, the history, and what came late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.kernel.labels import Bilingual
from app.kernel.months import Month
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.month_close.figures import (
    Figures,
    PaymentFigure,
    Posting,
    late_postings,
    month_figures,
    postings_of,
)
from app.month_close.handlers import closings_of
from app.month_close.matters import find_matters
from app.month_close.rules import MONTH, REVIEW_LIFE, Check, Matter, is_closed, next_month
from app.periods.guard import last_closed_month
from app.periods.rules import STANDING, MonthState
from db.models.month_close import MonthClose, ReconciliationRun
from db.models.staff import Branch, StaffMember

MOST_LATE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRow:
    """One closing. `late` are postings of its month that it does not know, `gone` those it knew otherwise."""

    id: str
    branch_id: str
    branch_code: str
    branch: Bilingual
    month: str
    round: int
    state: str
    """Labels in `app.periods.rules.MonthState`."""
    closed_at: datetime
    closed_by: str
    desk_code: str
    note: str
    figures: Figures
    reconciled_at: datetime
    reconciliation_digest: str
    reopen_asked_at: datetime | None
    reopen_asked_by: str
    reopen_reason: str
    reopened_at: datetime | None
    reopened_by: str
    revision: int
    late: int
    gone: int
    actions: tuple[str, ...]
    """`app.month_close.rules.MonthAction` codes that state and permission allow."""

    @property
    def cursor(self) -> str:
        return f"{self.month}-{self.round:03d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseDetail:
    """A closing with what came late."""

    row: CloseRow
    late: tuple[Posting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """What is gone through before a month is closed, as it stands now."""

    month: str
    next_month: str
    """The month whose turn it is."""
    is_over: bool
    branch_code: str
    branch: Bilingual
    closed: bool
    """Whether this month is closed already."""
    matters: dict[Check, Matter]
    run_id: str
    reviewed_at: datetime | None
    """When both sides were compared for this month last; None where they never were."""
    figures: Figures
    """As they would be kept now."""

    def is_open(self, check: Check) -> bool:
        """Whether a line stands in the way."""
        return check in self.matters

    @property
    def only_review_is_missing(self) -> bool:
        """Whether nothing is known that stands in the way but an up-to-date comparison."""
        return set(self.matters) <= {Check.REVIEW}

    @property
    def can_be_closed(self) -> bool:
        return not self.matters and self.is_over and self.month == self.next_month and not self.closed


def get_checklist(reader: Reader, month: str = "") -> Checklist:
    """The list for a month of the actor's branch, by default the one whose turn it is."""
    reader.require(Permission.MONTHS_CLOSE)
    session, branch_id = reader.session, reader.actor.branch_id
    closings = [(one.month, one.state) for one in closings_of(session, branch_id)]
    turn = next_month(closings, now=reader.now)
    wanted = Month.parse(month) if month else turn
    run = last_run(reader, branch_id, wanted)
    matters = find_matters(session, branch_id, wanted, run=run, now=reader.now)
    branch = session.get(Branch, branch_id)
    closed = last_closed_month(session, branch_id)
    return Checklist(
        month=str(wanted), next_month=str(turn), is_over=wanted.ends_at <= reader.now,
        branch_code=reader.actor.branch_code, branch=_branch_name(branch),
        closed=closed is not None and wanted <= closed, matters={matter.check: matter for matter in matters},
        run_id="" if run is None else run.id, reviewed_at=None if run is None else run.at,
        figures=month_figures(session, branch_id, wanted),
    )  # fmt: skip


def last_run(reader: Reader, branch_id: str, month: Month) -> ReconciliationRun | None:
    """The newest comparison that was made for closing this month."""
    query = select(ReconciliationRun).where(
        ReconciliationRun.branch_id == branch_id, ReconciliationRun.month == str(month)
    )
    return reader.session.scalar(query.order_by(ReconciliationRun.at.desc()).limit(1))


def is_fresh(checklist: Checklist, now: datetime) -> bool:
    """Whether the last comparison is young enough to close upon."""
    return checklist.reviewed_at is not None and now - checklist.reviewed_at <= REVIEW_LIFE


def list_closings(
    reader: Reader, *, after: str | None = None, limit: int = 60, branch_id: str | None = None
) -> list[CloseRow]:
    """Closings, the newest month first: of the actor's branch, or of all branches here for who may reopen."""
    reader.require(Permission.MONTHS_CLOSE)
    query = select(MonthClose).where(MonthClose.deleted_at.is_(None))
    if branch_id is not None or not reader.actor.may(Permission.MONTHS_REOPEN):
        query = query.where(MonthClose.branch_id == (branch_id or reader.actor.branch_id))
    rows = reader.session.scalars(
        query.order_by(MonthClose.month.desc(), MonthClose.branch_id, MonthClose.round.desc())
    ).all()
    start = next((place + 1 for place, one in enumerate(rows) if one.id == after), 0)
    return [_row(reader, one) for one in rows[start : start + limit]]


def get_closing(reader: Reader, close_id: str) -> CloseDetail:
    """One closing with what came late; raises RecordNotFound."""
    reader.require(Permission.MONTHS_CLOSE)
    stored = reader.get(MonthClose, close_id)
    late, _ = _late(reader, stored)
    return CloseDetail(row=_row(reader, stored), late=tuple(late[:MOST_LATE]))


def list_late_postings(reader: Reader, branches: Sequence[str]) -> list[tuple[CloseRow, Posting]]:
    """What came late for closed months of these branches."""
    query = select(MonthClose).where(
        MonthClose.branch_id.in_(branches), MonthClose.state.in_(STANDING), MonthClose.deleted_at.is_(None)
    )
    found = []
    for stored in reader.session.scalars(query.order_by(MonthClose.month)):
        late, _ = _late(reader, stored)
        if late:
            row = _row(reader, stored)
            found += [(row, posting) for posting in late[:MOST_LATE]]
    return found


def _late(reader: Reader, stored: MonthClose) -> tuple[list[Posting], int]:
    if not is_closed(stored.state):
        return [], 0
    postings = postings_of(reader.session, stored.branch_id, Month.parse(stored.month))
    return late_postings(postings, stored.postings)


def _branch_name(branch: Branch | None) -> Bilingual:
    return Bilingual("", "") if branch is None else Bilingual(branch.name_zh, branch.name_en)


def _row(reader: Reader, stored: MonthClose) -> CloseRow:
    branch = reader.session.get(Branch, stored.branch_id)
    late, gone = _late(reader, stored)
    return CloseRow(
        id=stored.id, branch_id=stored.branch_id, branch_code="" if branch is None else branch.code,
        branch=_branch_name(branch), month=stored.month, round=stored.round, state=stored.state,
        closed_at=stored.closed_at, closed_by=_name(reader, stored.closed_by_staff_id), desk_code=stored.desk_code,
        note=stored.note, figures=_figures(stored), reconciled_at=stored.reconciled_at,
        reconciliation_digest=stored.reconciliation_digest, reopen_asked_at=stored.reopen_asked_at,
        reopen_asked_by=_name(reader, stored.reopen_asked_by_staff_id), reopen_reason=stored.reopen_reason,
        reopened_at=stored.reopened_at, reopened_by=_name(reader, stored.reopened_by_staff_id),
        revision=stored.revision, late=len(late), gone=gone, actions=_actions(reader, stored),
    )  # fmt: skip


def _actions(reader: Reader, stored: MonthClose) -> tuple[str, ...]:
    own = stored.reopen_asked_by_staff_id == reader.actor.staff_id
    return tuple(
        transition.action.value
        for transition in MONTH.transitions
        if MonthState(stored.state) in transition.sources
        and reader.actor.may(transition.permission)
        and not (transition.target is MonthState.REOPENED and own)
    )


def _figures(stored: MonthClose) -> Figures:
    return Figures(
        orders=stored.orders, orders_total=stored.orders_total, revenue=stored.revenue, cancelled=stored.cancelled,
        delivered=stored.delivered, received=stored.received,
        payments=tuple(PaymentFigure.from_stored(one) for one in stored.payments), stock_units=stored.stock_units,
        stock_value=stored.stock_value,
    )  # fmt: skip


def _name(reader: Reader, staff_id: str | None) -> str:
    person = reader.session.get(StaffMember, staff_id) if staff_id else None
    return "" if person is None else person.name

