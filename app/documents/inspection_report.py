"""The report of an inspection before delivery: what was looked at, what was found, what was repaired."""

from dataclasses import dataclass
from datetime import datetime

from app.documents.drafted_data import data_digest
from app.documents.paper_data import PaperVehicle, Words
from app.documents.places import RenderedPaper
from app.runtime.language import tr_in


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportItem:
    """One item: the verdict in words, what was measured."""

    text: Words
    verdict: str
    is_defect: bool
    measured: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportGroup:
    """Items that were looked at together."""

    text: Words
    items: tuple[ReportItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDefect:
    """A defect; `pictures` are JPEG or PNG files in small."""

    item: Words
    severity: str
    description: str
    state: str
    repair: str = ""
    pictures: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionPaper:
    """One inspection as it stands. Words of states are keys that the layout translates; `result` is one of them."""

    number: str
    dealer: str
    vehicle: PaperVehicle
    result: str
    passed: bool | None
    inspector: str
    started_at: datetime
    made_at: datetime
    finished_at: datetime | None
    checklist: str
    source: Words
    battery_percent: int | None
    remark: str
    groups: tuple[ReportGroup, ...]
    defects: tuple[ReportDefect, ...]


def render_inspection_report(paper: InspectionPaper, language: str) -> RenderedPaper:
    """The report as a PDF in one language. Raises CharactersNotPrintable."""
    from app.documents.inspection_report_layout import inspection_story
    from app.documents.page_frame import PageFrame, compose

    title = tr_in(language, "Inspection before delivery")
    frame = PageFrame(
        number=paper.number,
        title=title,
        issuer=paper.dealer,
        digest=data_digest({"inspection": paper, "language": language}),
        made_at=paper.made_at,
        language=language,
        subject=f"{title} {paper.vehicle.vin}",
        keywords=(paper.vehicle.vin,),
    )
    return compose(inspection_story(paper, language=language, title=title), frame)
