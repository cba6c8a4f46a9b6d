"""The result of a stock count: figures, differences with their reasons, and the people who stand for it."""

from dataclasses import dataclass
from datetime import datetime

from app.documents.drafted_data import data_digest
from app.documents.paper_data import Watermark
from app.documents.places import RenderedPaper
from app.runtime.language import tr_in


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedLine:
    """One difference, in ready words."""

    vin: str
    model: str
    outcome: str
    expected: str
    found: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountPaper:
    """One count. `figures` are ready words with their numbers."""

    number: str
    branch: str
    covered: str
    state: str
    started_at: datetime
    started_by: str
    signed_at: datetime | None
    signed_by: str
    counters: str
    figures: tuple[tuple[str, int], ...]
    expected: int
    explained: int
    lines: tuple[CountedLine, ...]
    made_at: datetime
    is_final: bool


def render_count_report(paper: CountPaper, language: str) -> RenderedPaper:
    """The report as a PDF, in one language; a draft until it was signed off. Raises CharactersNotPrintable."""
    # The layout pulls ReportLab in; whoever only needs the names above does not pay for it.
    from app.documents.count_report_layout import MARGIN, PAGE, count_story
    from app.documents.page_frame import PageFrame, compose

    title = tr_in(language, "Stock count report")
    frame = PageFrame(
        number=paper.number,
        title=title,
        issuer=paper.branch,
        digest=data_digest({"count": paper, "language": language}),
        made_at=paper.made_at,
        language=language,
        subject=f"{title} {paper.number}",
        keywords=(paper.number,),
        watermark=None if paper.is_final else Watermark.DRAFT,
        page_size=PAGE,
        margin=MARGIN,
    )
    return compose(count_story(paper, language=language, title=title), frame)
