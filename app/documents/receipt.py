"""The receipt for money taken at the desk: half a sheet, printed only after the payment is stored."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from app.documents.drafted_data import data_digest
from app.documents.paper_data import PaperParty, PaperVehicle, Watermark
from app.documents.places import RenderedPaper
from app.runtime.language import tr_in


class ReceiptPurpose(StrEnum):
    """What the money is for; decides the title line and the sentence about its nature in law."""

    EARNEST_MONEY = "earnest_money"
    ADVANCE = "advance"
    INSTALMENT = "instalment"
    BALANCE = "balance"
    COLLECTED_FOR_OTHERS = "collected_for_others"
    INSURANCE = "insurance"
    REFUND = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPaper:
    """One payment. `received_at` is when the money changed hands (UTC); `outstanding` is what is then still owed."""

    number: str
    order_number: str
    customer: PaperParty
    dealer: PaperParty
    purpose: ReceiptPurpose
    amount: Decimal
    method: str
    received_at: datetime
    cashier: str
    reference: str = ""
    vehicle: PaperVehicle | None = None
    order_total: Decimal | None = None
    outstanding: Decimal | None = None
    number_is_provisional: bool = False
    watermark: Watermark | None = None
    currency: str = "CNY"

    @property
    def pays_back(self) -> bool:
        """Whether the money goes to the customer."""
        return self.purpose is ReceiptPurpose.REFUND


def render_receipt(paper: ReceiptPaper, language: str) -> RenderedPaper:
    """The receipt as a PDF of one A5 page, in one language; the capitals are always Chinese.

    Raises CharactersNotPrintable or AmountNotWritable.
    """
    # The layout pulls ReportLab in; whoever only needs the names above does not pay for it.
    from app.documents.page_frame import PageFrame, compose
    from app.documents.receipt_layout import MARGIN, PAGE, receipt_story

    title = tr_in(language, "Refund receipt") if paper.pays_back else tr_in(language, "Receipt")
    frame = PageFrame(
        number=paper.number,
        title=title,
        issuer=paper.dealer.name,
        digest=data_digest({"receipt": paper, "language": language}),
        made_at=paper.received_at,
        language=language,
        subject=f"{title} {paper.order_number}",
        keywords=(paper.order_number,),
        watermark=paper.watermark,
        page_size=PAGE,
        margin=MARGIN,
    )
    return compose(receipt_story(paper, language=language, title=title), frame)
