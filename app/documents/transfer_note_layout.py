"""How a transfer note is laid out: from and to, the vehicle, what left, what arrived, and three hands."""

from datetime import datetime

from reportlab.lib.pagesizes import A4
from reportlab.platypus.flowables import Flowable

from app.documents.blocks import Gap, Rule, columns, label_grid, notice, section
from app.documents.paper_data import PaperParty
from app.documents.sale_blocks import Tongue, vehicle_grid
from app.documents.styles import BODY, GRID, LABEL, SECOND, SECTION, SUBTITLE, TITLE, VALUE, Align
from app.documents.text_block import TextBlock
from app.documents.transfer_note import TransferPaper
from app.documents.wording import moment_in_words
from app.runtime.language import tr_in, tr_noop

PAGE: tuple[float, float] = A4
MARGIN = 6 * GRID
_TO_FILL = "________________"


def transfer_story(paper: TransferPaper, *, language: str, title: str) -> list[Flowable]:
    """All flowables of a note, for a page of size PAGE."""
    width = PAGE[0] - 2 * MARGIN
    story: list[Flowable] = [
        _head(paper, language=language, title=title, width=width),
        Gap(GRID), Rule(), Gap(1.5 * GRID),
        _branches(paper, language=language, width=width),
        *section(tr_in(language, "Vehicle")),
        TextBlock(paper.vehicle.name.in_language(language), BODY.but(bold=True, size=11, leading=16)),
        Gap(0.5 * GRID),
        vehicle_grid(paper.vehicle, tongue=Tongue(language), width=width, shares=(1, 1, 1), named=False),
        *section(tr_in(language, "Departure")),
        label_grid(_departure(paper, language), width=width, shares=(1, 1, 1)),
        *section(tr_in(language, "Arrival")),
        label_grid(_arrival(paper, language), width=width, shares=(1, 1, 1)),
    ]  # fmt: skip
    if paper.damage:
        story.append(notice([TextBlock(paper.damage, SECOND.but(color=BODY.color))], width=width, tone="warn"))
    story += [Gap(GRID), _custody(language, width), Gap(4 * GRID), _hands(paper, language=language, width=width)]
    return story


def _head(paper: TransferPaper, *, language: str, title: str, width: float) -> Flowable:
    right = LABEL.but(align=Align.RIGHT, size=8, leading=12)
    facts = [
        TextBlock(paper.number, right.but(color=BODY.color, bold=True)),
        TextBlock(moment_in_words(paper.requested_at, language), right),
    ]
    if paper.order_number:
        facts.append(TextBlock(tr_in(language, "Order {number}", number=paper.order_number), right))
    left = [TextBlock(title, TITLE), TextBlock(paper.source.name, SUBTITLE)]
    return columns([[left, facts]], [width * 0.6, width * 0.4])


def _branches(paper: TransferPaper, *, language: str, width: float) -> Flowable:
    return columns(
        [[_party(tr_in(language, "From"), paper.source), _party(tr_in(language, "To"), paper.target)]],
        [width / 2] * 2,
        extra=[("RIGHTPADDING", (0, 0), (0, 0), 2 * GRID)],
    )


def _party(label: str, party: PaperParty) -> list[Flowable]:
    lines = [TextBlock(label, LABEL), TextBlock(party.name, SECTION)]
    return lines + [TextBlock(text, SECOND) for text in (party.address, party.phone) if text]


def _departure(paper: TransferPaper, language: str) -> list[tuple[str, str]]:
    return [
        (tr_in(language, "Left at"), _moment(paper.departed_at, language)),
        (tr_in(language, "Carrier"), paper.carrier or _TO_FILL),
        (tr_in(language, "Driver"), paper.driver or _TO_FILL),
        (tr_in(language, "Odometer"), paper.departure_odometer or _TO_FILL),
        (tr_in(language, "Keys"), paper.keys or _TO_FILL),
        (tr_in(language, "Certificate of conformity"), paper.certificate or _TO_FILL),
        (tr_in(language, "Approved by"), paper.approved_by),
        (tr_in(language, "Stock number"), paper.stock_number),
        (tr_in(language, "Note"), paper.note),
    ]


def _arrival(paper: TransferPaper, language: str) -> list[tuple[str, str]]:
    return [
        (tr_in(language, "Arrived at"), _moment(paper.arrived_at, language)),
        (tr_in(language, "Odometer"), paper.arrival_odometer or _TO_FILL),
        (tr_in(language, "Keys"), paper.keys_arrived or _TO_FILL),
        (tr_in(language, "Certificate of conformity"), paper.certificate_arrived or _TO_FILL),
        (tr_in(language, "Condition"), paper.condition or _TO_FILL),
    ]


def _moment(at: datetime | None, language: str) -> str:
    return _TO_FILL if at is None else moment_in_words(at, language)


def _custody(language: str, width: float) -> Flowable:
    text = tr_in(
        language,
        "The vehicle stays the property and the responsibility of the sending branch until the receiving branch has "
        "taken it in. Damage is to be noted here before the driver leaves.",
    )
    return notice([TextBlock(text, SECOND.but(color=BODY.color))], width=width)


def _hands(paper: TransferPaper, *, language: str, width: float) -> Flowable:
    cells = []
    for label, name in (
        (tr_noop("Handed over by"), paper.sent_by),
        (tr_noop("Driver's signature"), paper.driver),
        (tr_noop("Taken in by"), paper.received_by),
    ):
        cells.append([TextBlock(tr_in(language, label), LABEL), TextBlock(name or " ", VALUE), Gap(2 * GRID), Rule()])
    return columns([cells], [width / 3] * 3, extra=[("RIGHTPADDING", (0, 0), (-2, -1), 2 * GRID)])
