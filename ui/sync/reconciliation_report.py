"""A comparison with the centre as a report: in ready words of the language in use. No widgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.documents.reconciliation_report import ReconciliationPaper, ReportBranch, ReportLine
from app.month_close.figures import Posting
from app.month_close.queries import Checklist, CloseRow
from app.month_close.rules import MATTERS, Check
from app.runtime.language import tr, tr_noop
from sync.client.differences import CONTRACTS, ORDERS, PAYMENTS, UNITS, Comparison, Difference, Why
from sync.client.group_reconciliation import GroupComparison
from ui.kit import formats
from ui.kit.text import words
from ui.sync.difference_words import KINDS, cause_text, here_text, record_text, resolve_text, there_text
from ui.sync.words import table_text

AGREES = tr_noop("Both sides agree")
DIFFERS = tr_noop("To be settled")
UNDER_WAY = tr_noop("On its way")
_UNDER_WAY = frozenset({Why.NOT_SENT.value, Why.NOT_RECEIVED.value, Why.NOT_SHOWN.value})


@dataclass(frozen=True, slots=True)
class Made:
    """Who made a report, when, and with what; `names` are what records are called by their ids."""

    at: datetime
    by: str
    desk: str
    names: Mapping[str, str]
    titles: Mapping[str, str]
    """Branch id → its name."""


def state_of(branch: Comparison) -> str:
    """How a branch stands, an English key: agrees, only under way, or to be settled."""
    if not branch.total:
        return AGREES
    return UNDER_WAY if all(why in _UNDER_WAY for _table, why in branch.kinds) else DIFFERS


def report_of(
    found: GroupComparison, made: Made, *, checklist: Checklist | None = None,
    late: Sequence[tuple[CloseRow, Posting]] = (),
) -> ReconciliationPaper:  # fmt: skip
    """The whole report in the language in use."""
    codes = [made.names.get(branch.branch_id, "–") for branch in found.branches]
    return ReconciliationPaper(
        title=tr("Reconciliation"), covered=tr("Branches: {codes}", codes=tr(", ").join(codes)), made_at=made.at,
        made_by=made.by, made_with=made.desk, branches=tuple(_branch(branch, made) for branch in found.branches),
        kinds=_kinds(found), lines=tuple(_line(one, made.names) for one in found.differences), total=found.total,
        digest=found.digest, month="" if checklist is None else checklist.month,
        matters=() if checklist is None else _matters(checklist),
        late=tuple(
            (row.month, table_text(one.table), one.number, one.amount, formats.moment(one.dated))
            for row, one in late
        ),
    )  # fmt: skip


def _branch(branch: Comparison, made: Made) -> ReportBranch:
    seen = branch.looked_at
    return ReportBranch(
        code=made.names.get(branch.branch_id, "–"), name=made.titles.get(branch.branch_id, ""),
        vehicles=seen.get(UNITS, 0), orders=seen.get(ORDERS, 0), payments=seen.get(PAYMENTS, 0),
        contracts=seen.get(CONTRACTS, 0), differences=branch.total, state=tr(state_of(branch)),
    )  # fmt: skip


def _kinds(found: GroupComparison) -> tuple[tuple[str, int], ...]:
    listed = sorted(found.kinds.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        (f"{words(KINDS[Why(why)].label)} · {table_text(table)}", count) for (table, why), count in listed
    )  # fmt: skip


def _line(one: Difference, names: Mapping[str, str]) -> ReportLine:
    return ReportLine(
        branch=names.get(one.branch_id, ""), what=words(KINDS[one.why].label), kind=table_text(one.table),
        record=record_text(one), here=here_text(one, names), there=there_text(one, names),
        cause=cause_text(one, names), resolution=resolve_text(one), why=one.why.value, table=one.table,
        record_id=one.record_id,
    )  # fmt: skip


def _matters(checklist: Checklist) -> tuple[tuple[str, str], ...]:
    return tuple((tr(check.label), matter_text(checklist, check)) for check in Check)


def matter_text(checklist: Checklist, check: Check) -> str:
    """How one line of the list stands: settled, or what is open."""
    matter = checklist.matters.get(check)
    return tr("settled") if matter is None else tr(MATTERS[check], n=formats.count(matter.count))
