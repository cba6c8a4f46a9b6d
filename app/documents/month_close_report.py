"""A closed month on paper and as a workbook: its figures, upon which comparison it was closed, and what came late."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.documents.drafted_data import data_digest
from app.documents.paper_data import Watermark
from app.documents.places import RenderedPaper
from app.runtime.language import tr_in, tr_noop

PAYMENT_HEADS = (tr_noop("Kind"), tr_noop("Method"), tr_noop("Entries"), tr_noop("Amount"))
LATE_HEADS = (tr_noop("Kind"), tr_noop("Number"), tr_noop("Day"), tr_noop("Amount"))


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthClosePaper:
    """One closing. `figures` are ready words with a count or an amount; the value of the stock is there only for who
    may see costs."""

    number: str
    branch: str
    month: str
    state: str
    closed_at: datetime
    closed_by: str
    desk: str
    note: str
    reconciled_at: datetime
    reconciliation: str
    looked_at: tuple[tuple[str, int], ...]
    figures: tuple[tuple[str, int | Decimal], ...]
    payments: tuple[tuple[str, str, int, Decimal], ...]
    late: tuple[tuple[str, str, datetime, Decimal], ...]
    reopening: str
    """Who asked for it to be opened again, why, and who did; empty where nobody has."""
    made_at: datetime
    made_by: str
    stands: bool


def render_month_close(paper: MonthClosePaper, language: str) -> RenderedPaper:
    """The closing as a PDF, in one language; void once the month was opened again. Raises CharactersNotPrintable."""
    from app.documents.month_close_layout import MARGIN, PAGE, month_close_story
    from app.documents.page_frame import PageFrame, compose

    title = tr_in(language, tr_noop("Closed month"))
    frame = PageFrame(
        number=paper.number, title=title, issuer=paper.branch,
        digest=data_digest({"month": paper, "language": language}), made_at=paper.made_at, language=language,
        subject=f"{title} {paper.month}", keywords=(paper.number, paper.reconciliation),
        watermark=None if paper.stands else Watermark.VOID, page_size=PAGE, margin=MARGIN,
    )  # fmt: skip
    return compose(month_close_story(paper, language=language, title=title), frame)


def month_close_book(paper: MonthClosePaper, language: str) -> bytes:
    """The closing as a workbook; amounts are numbers with two places."""
    from app.documents.tables import Sheet, xlsx_book
    from app.documents.wording import moment_in_words

    def said(text: str) -> str:
        return tr_in(language, text)

    facts: list[tuple[str, Any]] = [
        (said(tr_noop("Branch")), paper.branch), (said(tr_noop("Status")), paper.state),
        (said(tr_noop("Books closed at")), moment_in_words(paper.closed_at, language)),
        (said(tr_noop("Closed by")), paper.closed_by), (said(tr_noop("Desk")), paper.desk),
        (said(tr_noop("Note")), paper.note), (said(tr_noop("Digest")), paper.reconciliation), *paper.figures,
    ]  # fmt: skip
    payments = [said(head) for head in PAYMENT_HEADS]
    late = [(kind, number, moment_in_words(at, language), amount) for kind, number, at, amount in paper.late]
    return xlsx_book(
        [
            Sheet(paper.month, (said(tr_noop("Closed month")), paper.month), facts),
            Sheet(said(tr_noop("Payments")), payments, paper.payments),
            Sheet(said(tr_noop("Late postings")), [said(head) for head in LATE_HEADS], late),
        ]
    )
