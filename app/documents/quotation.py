"""The quotation a customer takes home: the on-road total item by item, and loans side by side."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from app.documents.drafted_data import data_digest
from app.documents.paper_data import PaperLine, PaperParty, PaperPlan, PaperVehicle, Watermark
from app.documents.places import RenderedPaper
from app.runtime.language import tr_in


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotationPaper:
    """One immutable version of an offer. `plans` are loans to compare, cheapest first as the caller sorts them."""

    number: str
    version: int
    issued_at: datetime
    valid_until: date
    seller: PaperParty
    customer: PaperParty
    salesperson: str
    vehicle: PaperVehicle
    lines: tuple[PaperLine, ...]
    total: Decimal
    salesperson_phone: str = ""
    plans: tuple[PaperPlan, ...] = ()
    remarks: str = ""
    watermark: Watermark | None = None
    currency: str = "CNY"


def render_quotation(paper: QuotationPaper, language: str) -> RenderedPaper:
    """The quotation as a PDF in one language; amounts in capitals are always Chinese.

    Raises ValueError when the lines do not add up to the total (a bug of the caller), CharactersNotPrintable
    where a text cannot be printed.
    """
    if sum((line.amount for line in paper.lines), Decimal(0)) != paper.total:
        raise ValueError(f"the lines of quotation {paper.number} do not add up to its total")
    # The layout pulls ReportLab in; whoever only needs the names above does not pay for it.
    from app.documents.page_frame import PageFrame, compose
    from app.documents.quotation_layout import quotation_story

    title = tr_in(language, "Quotation")
    frame = PageFrame(
        number=paper.number,
        title=title,
        issuer=paper.seller.name,
        digest=data_digest({"quotation": paper, "language": language}),
        made_at=paper.issued_at,
        language=language,
        subject=f"{title} {paper.vehicle.name.in_language(language)}",
        watermark=paper.watermark,
    )
    return compose(quotation_story(paper, language=language, title=title), frame)
