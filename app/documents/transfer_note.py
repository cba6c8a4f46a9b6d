"""The note that goes along with a vehicle from branch to branch: what left, with whom, and what arrived."""

from dataclasses import dataclass
from datetime import date, datetime

from app.documents.drafted_data import data_digest
from app.documents.paper_data import PaperParty, PaperVehicle, Watermark
from app.documents.places import RenderedPaper
from app.runtime.language import tr_in


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferPaper:
    """One transfer. Texts such as `certificate` and `condition` are ready words in the paper's language."""

    number: str
    source: PaperParty
    target: PaperParty
    vehicle: PaperVehicle
    stock_number: str
    requested_at: datetime
    made_at: datetime
    needed_by: date | None = None
    asked_by: str = ""
    approved_by: str = ""
    approved_at: datetime | None = None
    departed_at: datetime | None = None
    sent_by: str = ""
    carrier: str = ""
    driver: str = ""
    keys: str = ""
    certificate: str = ""
    departure_odometer: str = ""
    arrived_at: datetime | None = None
    received_by: str = ""
    arrival_odometer: str = ""
    keys_arrived: str = ""
    certificate_arrived: str = ""
    condition: str = ""
    damage: str = ""
    order_number: str = ""
    note: str = ""
    watermark: Watermark | None = None


def render_transfer_note(paper: TransferPaper, language: str) -> RenderedPaper:
    """The note as a PDF of one A4 page, in one language. Raises CharactersNotPrintable."""
    # The layout pulls ReportLab in; whoever only needs the names above does not pay for it.
    from app.documents.page_frame import PageFrame, compose
    from app.documents.transfer_note_layout import MARGIN, PAGE, transfer_story

    title = tr_in(language, "Vehicle transfer note")
    frame = PageFrame(
        number=paper.number,
        title=title,
        issuer=paper.source.name,
        digest=data_digest({"transfer": paper, "language": language}),
        made_at=paper.made_at,
        language=language,
        subject=f"{title} {paper.vehicle.vin}",
        keywords=(paper.vehicle.vin, paper.number),
        watermark=paper.watermark,
        page_size=PAGE,
        margin=MARGIN,
    )
    return compose(transfer_story(paper, language=language, title=title), frame)
