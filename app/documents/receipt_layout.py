"""How a receipt is laid out: the amount large, who and what in a grid, its nature in law, room for two hands."""

from reportlab.lib.pagesizes import A5, landscape
from reportlab.platypus.flowables import Flowable

from app.documents.blocks import Gap, Rule, columns, label_grid, notice
from app.documents.chinese_amounts import amount_in_capitals
from app.documents.receipt import ReceiptPaper, ReceiptPurpose
from app.documents.styles import BODY, GRID, LABEL, SECOND, SUBTITLE, TITLE, VALUE, Align
from app.documents.text_block import TextBlock
from app.documents.wording import moment_in_words, money
from app.runtime.language import tr_in, tr_noop

PAGE: tuple[float, float] = landscape(A5)
MARGIN = 5 * GRID

_PURPOSE_NAMES = {
    ReceiptPurpose.EARNEST_MONEY: tr_noop("Earnest money (定金)"),
    ReceiptPurpose.ADVANCE: tr_noop("Advance payment (订金)"),
    ReceiptPurpose.INSTALMENT: tr_noop("Part payment"),
    ReceiptPurpose.BALANCE: tr_noop("Balance of the price"),
    ReceiptPurpose.COLLECTED_FOR_OTHERS: tr_noop("Collected on behalf of others"),
    ReceiptPurpose.INSURANCE: tr_noop("Insurance premium"),
    ReceiptPurpose.REFUND: tr_noop("Refund"),
}
_NATURE = {
    ReceiptPurpose.EARNEST_MONEY: tr_noop(
        "This is earnest money (定金) under articles 586 to 588 of the Civil Code, valid up to 20 % of the "
        "contract price. A buyer who fails to perform cannot ask for it back; a seller who fails to perform "
        "pays back double."
    ),
    ReceiptPurpose.ADVANCE: tr_noop(
        "This is an advance payment (订金), not earnest money (定金). It counts towards the price and carries "
        "no penalty; it is returned when the sale does not come about."
    ),
    ReceiptPurpose.COLLECTED_FOR_OTHERS: tr_noop(
        "Collected on behalf of the authority or company that is owed it, and passed on in full."
    ),
    ReceiptPurpose.INSURANCE: tr_noop("Passed on in full to the insurer, which issues the invoice."),
}


def receipt_story(paper: ReceiptPaper, *, language: str, title: str) -> list[Flowable]:
    """All flowables of a receipt, for a page of size PAGE."""
    width = PAGE[0] - 2 * MARGIN
    story: list[Flowable] = [
        _head(paper, language=language, title=title, width=width),
        Gap(GRID),
        Rule(),
        Gap(1.5 * GRID),
        _amount(paper, language=language, width=width),
        Gap(1.5 * GRID),
        label_grid(_facts(paper, language), width=width, shares=(1, 1, 1, 1)),
    ]
    nature = _NATURE.get(paper.purpose)
    if nature:
        text = TextBlock(tr_in(language, nature), SECOND.but(color=BODY.color))
        story += [Gap(0.5 * GRID), notice([text], width=width, tone="accent")]
    story += [Gap(1.5 * GRID), _hands(paper, language=language, width=width)]
    return story


def _head(paper: ReceiptPaper, *, language: str, title: str, width: float) -> Flowable:
    right = LABEL.but(align=Align.RIGHT, size=8, leading=12)
    number = paper.number
    if paper.number_is_provisional:
        number += "  " + tr_in(language, "(provisional number)")
    left = [TextBlock(title, TITLE), TextBlock(paper.dealer.name, SUBTITLE)]
    facts = [
        TextBlock(number, right.but(color=BODY.color, bold=True)),
        TextBlock(moment_in_words(paper.received_at, language), right),
        TextBlock(tr_in(language, "Order {number}", number=paper.order_number), right),
    ]
    return columns([[left, facts]], [width * 0.6, width * 0.4])


def _amount(paper: ReceiptPaper, *, language: str, width: float) -> Flowable:
    big = TITLE.but(size=24, leading=32, align=Align.RIGHT)
    left = [
        TextBlock(tr_in(language, _PURPOSE_NAMES[paper.purpose]), BODY.but(bold=True, size=11, leading=16)),
        TextBlock("人民币" + amount_in_capitals(paper.amount), VALUE.but(leading=16)),
    ]
    return columns([[left, TextBlock(money(paper.amount), big)]], [width * 0.6, width * 0.4])


def _facts(paper: ReceiptPaper, language: str) -> list[tuple[str, str]]:
    vehicle = paper.vehicle
    return [
        (tr_in(language, "Paid back to") if paper.pays_back else tr_in(language, "Received from"), paper.customer.name),
        (tr_in(language, "Identity no."), paper.customer.identity),
        (tr_in(language, "Method"), paper.method),
        (tr_in(language, "Reference"), paper.reference),
        (tr_in(language, "Vehicle"), vehicle.name.in_language(language) if vehicle else ""),
        ("VIN", vehicle.vin if vehicle else ""),
        (tr_in(language, "On-road total"), money(paper.order_total) if paper.order_total is not None else ""),
        (tr_in(language, "Still to pay"), money(paper.outstanding) if paper.outstanding is not None else ""),
    ]


def _hands(paper: ReceiptPaper, *, language: str, width: float) -> Flowable:
    cells = []
    signer = tr_noop("Recipient's signature") if paper.pays_back else tr_noop("Payer's signature")
    for label, name in (
        (tr_in(language, "Taken by"), paper.cashier),
        (tr_in(language, signer), ""),
        (tr_in(language, "Dealer's stamp"), ""),
    ):
        cells.append([TextBlock(label, LABEL), TextBlock(name or " ", VALUE), Rule()])
    gap = 2 * GRID
    return columns([cells], [width / 3] * 3, extra=[("RIGHTPADDING", (0, 0), (-2, -1), gap)])
