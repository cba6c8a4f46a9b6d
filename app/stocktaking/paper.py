"""The result of a count on paper and as a table."""

from typing import Any

from app.documents.count_report import CountedLine, CountPaper, render_count_report
from app.kernel.labels import Bilingual
from app.kernel.unit_of_work import Reader
from app.runtime.language import language, tr_in, tr_noop
from app.stocktaking.queries import VerdictRow, get_count, list_verdicts
from app.stocktaking.rules import DIFFERENCES, CountState, Coverage, Outcome, Reason
from db.models.staff import Branch
from db.models.stocktaking import StockCount

_MOST = 100_000
_HEADS = (
    tr_noop("VIN"), tr_noop("Stock number"), tr_noop("Vehicle"), tr_noop("Result"), tr_noop("Booked place"),
    tr_noop("Found at"), tr_noop("Seen at"), tr_noop("Seen by"), tr_noop("Reason"), tr_noop("Note"),
)  # fmt: skip


def count_report(reader: Reader, count_id: str, *, language: str) -> bytes:
    """Figures, every difference with its reason, and who stands for it."""
    detail = get_count(reader, count_id)
    row = detail.row
    branch = reader.get(Branch, reader.get(StockCount, count_id).branch_id)
    rows = list_verdicts(reader, count_id, outcomes=[outcome.value for outcome in DIFFERENCES], limit=_MOST)
    places = ", ".join(row.places)
    covered = tr_in(language, Coverage(row.coverage).label)
    paper = CountPaper(
        number=row.number,
        branch=f"{Bilingual(branch.name_zh, branch.name_en).in_language(language)} ({branch.code})",
        covered=f"{covered}: {places}" if places else covered,
        state=tr_in(language, CountState(row.state).label),
        started_at=row.started_at,
        started_by=row.started_by,
        signed_at=row.signed_at,
        signed_by=row.signed_by,
        counters=", ".join(detail.counters),
        figures=tuple(
            (tr_in(language, outcome.label), detail.of(outcome)) for outcome in (Outcome.MATCHED, *DIFFERENCES)
        ),
        expected=detail.expected,
        explained=detail.of(Outcome.EXPLAINED),
        lines=tuple(_line(one, language) for one in rows),
        made_at=reader.now,
        is_final=row.state == CountState.SIGNED,
    )
    return render_count_report(paper, language).pdf


def _line(row: VerdictRow, spoken: str) -> CountedLine:
    reason = tr_in(spoken, Reason(row.reason).label) if row.reason else ""
    return CountedLine(
        vin=row.vin,
        model=row.model.in_language(spoken),
        outcome=tr_in(spoken, Outcome(row.outcome).label),
        expected=row.expected_location,
        found=row.found_location,
        reason=" · ".join(part for part in (reason, row.note) if part),
    )


def table_of(reader: Reader, count_id: str) -> tuple[list[str], list[list[Any]]]:
    """Every vehicle of the count."""
    spoken = language()
    head = [tr_in(spoken, text) for text in _HEADS]
    rows = [
        [
            row.vin, row.stock_number, row.model.in_language(spoken), tr_in(spoken, Outcome(row.outcome).label),
            row.expected_location, row.found_location, row.seen_at.isoformat() if row.seen_at is not None else "",
            row.seen_by, tr_in(spoken, Reason(row.reason).label) if row.reason else "",
            row.note or (tr_in(spoken, row.why) if row.why else ""),
        ]
        for row in list_verdicts(reader, count_id, limit=_MOST)
    ]  # fmt: skip
    return head, rows
