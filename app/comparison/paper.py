"""The comparison a customer takes home: landscape A4, at a glance, what each costs, everything side by side."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.comparison.queries import Comparison, ComparisonHouse
from app.documents.drafted_data import data_digest
from app.documents.places import RenderedPaper
from app.runtime.language import tr_in


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonPaper:
    """What is printed, by whom, when (UTC)."""

    comparison: Comparison
    house: ComparisonHouse
    made_at: datetime
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    """JPEG, PNG or WebP by trim; may hold none."""

    @property
    def number(self) -> str:
        """What the print is called when somebody comes back with it."""
        made = self.made_at
        return f"{self.house.branch_code}-VS-{self.house.printed_on:%Y%m%d}-{made:%H%M%S}"


def render_comparison(paper: ComparisonPaper, language: str) -> RenderedPaper:
    """The comparison as a PDF in one language. Raises CharactersNotPrintable where a text cannot be printed."""
    from reportlab.lib.pagesizes import A4, landscape

    from app.comparison.paper_layout import MARGIN, comparison_story
    from app.documents.page_frame import PageFrame, compose

    title = tr_in(language, "Vehicle comparison")
    names = [trim.name.in_language(language) for trim in paper.comparison.trims]
    frame = PageFrame(
        number=paper.number,
        title=title,
        issuer=paper.house.name,
        digest=data_digest(_digested(paper, language)),
        made_at=paper.made_at,
        language=language,
        subject="; ".join(names)[:240],
        page_size=landscape(A4),
        margin=MARGIN,
    )
    return compose(comparison_story(paper, language=language, title=title), frame)


def _digested(paper: ComparisonPaper, language: str) -> dict[str, object]:
    """The facts on paper in an exact form: what is printed of each trim, what was assumed, what it costs."""
    found = paper.comparison
    return {
        "language": language,
        "house": paper.house,
        "prepared_for": found.prepared_for,
        "trims": [trim.id for trim in found.trims],
        "assumed": found.assumed,
        "lines": [[line.code, [cell.text.en for cell in line.cells]] for group in found.groups for line in group.lines],
        "costs": [[[figure.kind, figure.amount] for figure in cost.figures] for cost in found.costs],
    }
