"""The comparison of branches with the centre, on paper and as a workbook: every difference, its cause, what ends it."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.documents.drafted_data import data_digest
from app.documents.places import RenderedPaper
from app.kernel.clock import BRANCH_TIME
from app.runtime.language import tr_in, tr_noop

MOST_PRINTED = 500
"""So many differences are printed one by one; the workbook has all that were listed."""
HEADS = (
    tr_noop("Branch"), tr_noop("What differs"), tr_noop("Kind"), tr_noop("Record"), tr_noop("Here"),
    tr_noop("At the centre"), tr_noop("Why"), tr_noop("What resolves it"),
)  # fmt: skip
BRANCH_HEADS = (
    tr_noop("Branch"), tr_noop("Name"), tr_noop("Status"), tr_noop("Vehicles"), tr_noop("Orders"),
    tr_noop("Payments"), tr_noop("Contracts"), tr_noop("Differences"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLine:
    """One difference in ready words; `why`, `table` and `record_id` are for programs."""

    branch: str
    what: str
    kind: str
    record: str
    here: str
    there: str
    cause: str
    resolution: str
    why: str
    table: str
    record_id: str

    @property
    def cells(self) -> tuple[str, ...]:
        """In the order of HEADS."""
        return (self.branch, self.what, self.kind, self.record, self.here, self.there, self.cause, self.resolution)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportBranch:
    """One branch, with how many records were looked at."""

    code: str
    name: str
    vehicles: int
    orders: int
    payments: int
    contracts: int
    differences: int
    state: str
    """In ready words."""

    @property
    def cells(self) -> tuple[Any, ...]:
        """In the order of BRANCH_HEADS."""
        return (
            self.code, self.name, self.state, self.vehicles, self.orders, self.payments, self.contracts,
            self.differences,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationPaper:
    """A whole report. `kinds` are ready words with how often; `matters` what stands in the way of closing `month`."""

    title: str
    covered: str
    made_at: datetime
    made_by: str
    made_with: str
    """The desk, or the service."""
    branches: tuple[ReportBranch, ...]
    kinds: tuple[tuple[str, int], ...]
    lines: tuple[ReportLine, ...]
    total: int
    digest: str
    month: str = ""
    matters: tuple[tuple[str, str], ...] = field(default=())
    late: tuple[tuple[str, str, str, Decimal, str], ...] = field(default=())
    """What came late for closed months: month, kind, number, amount, day."""
    desks: tuple[tuple[Any, ...], ...] = field(default=())
    """Desks by DESK_HEADS, where the service made the report."""


    @property
    def columns(self) -> tuple[int, ...]:
        """Which places of HEADS any difference fills: the service, which has no other side, leaves two out."""
        filled = (place for place in range(len(HEADS)) if any(line.cells[place] for line in self.lines))
        return tuple(filled) or tuple(range(len(HEADS)))


def render_reconciliation(paper: ReconciliationPaper, language: str) -> RenderedPaper:
    """The report as a PDF, in one language, whose words it must be in. Raises CharactersNotPrintable."""
    from app.documents.page_frame import PageFrame, compose
    from app.documents.reconciliation_report_layout import MARGIN, PAGE, reconciliation_story

    number = f"{paper.made_at.astimezone(BRANCH_TIME):%Y%m%d-%H%M}"
    frame = PageFrame(
        number=number, title=paper.title, issuer=paper.covered,
        digest=data_digest({"reconciliation": paper, "language": language}), made_at=paper.made_at, language=language,
        subject=f"{paper.title} {paper.covered}", keywords=(number, paper.digest), page_size=PAGE, margin=MARGIN,
    )  # fmt: skip
    return compose(reconciliation_story(paper, language=language), frame)


def reconciliation_book(paper: ReconciliationPaper, language: str) -> bytes:
    """The report as a workbook: summary, branches, differences, and what belongs to a month."""
    from app.documents.tables import Sheet, xlsx_book
    from app.documents.wording import moment_in_words

    def said(text: str) -> str:
        return tr_in(language, text)

    facts = [
        (said(tr_noop("Covers")), paper.covered),
        (said(tr_noop("Compared at")), moment_in_words(paper.made_at, language)),
        (said(tr_noop("Made by")), paper.made_by), (said(tr_noop("Made with")), paper.made_with),
        (said(tr_noop("Differences")), paper.total), (said(tr_noop("Digest")), paper.digest), *paper.kinds,
    ]  # fmt: skip
    sheets = [
        Sheet(said(tr_noop("Summary")), (paper.title, ""), facts),
        Sheet(said(tr_noop("Branches")), [said(head) for head in BRANCH_HEADS], [one.cells for one in paper.branches]),
        Sheet(
            said(tr_noop("Differences")), [said(HEADS[place]) for place in paper.columns],
            [[one.cells[place] for place in paper.columns] for one in paper.lines],
        ),
    ]
    if paper.month:
        heads = (said(tr_noop("What has to be settled")), said(tr_noop("How it stands")))
        sheets.append(Sheet(paper.month, heads, paper.matters))
    if paper.desks:
        sheets.append(Sheet(said(tr_noop("Desks of the branch")), [said(head) for head in DESK_HEADS], paper.desks))
    if paper.late:
        late_heads = [said(head) for head in LATE_HEADS]
        sheets.append(Sheet(said(tr_noop("Late postings")), late_heads, paper.late))
    return xlsx_book(sheets)


DESK_HEADS = (tr_noop("Desk"), tr_noop("Last contact"), tr_noop("Places not read"), tr_noop("In quarantine"))
LATE_HEADS = (tr_noop("Month"), tr_noop("Kind"), tr_noop("Number"), tr_noop("Amount"), tr_noop("Day"))


def reconciliation_data(paper: ReconciliationPaper) -> dict[str, Any]:
    """The report for programs: what JSON can hold."""
    late = [[str(cell) for cell in row] for row in paper.late]
    return {**asdict(paper), "made_at": paper.made_at.isoformat(), "late": late}
