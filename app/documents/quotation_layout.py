"""How a quotation is laid out: the vehicle, the items, the loans side by side, the conditions small."""

from collections.abc import Sequence

from reportlab.platypus.flowables import Flowable

from app.documents.blocks import Cell, Gap, Rule, columns, label_rows, notice, ruled_table, section
from app.documents.paper_data import PaperPlan
from app.documents.quotation import QuotationPaper
from app.documents.sale_blocks import PLAN_NAMES, Tongue, lines_table, vehicle_grid
from app.documents.styles import A4_WIDTH, BODY, FIGURE, GRID, LABEL, PAGE_MARGIN, SECOND, SUBTITLE, TITLE, Align
from app.documents.text_block import TextBlock
from app.documents.wording import branch_date, day_in_words, figure, rate_in_words
from app.runtime.language import tr_in

_WIDTH = A4_WIDTH - 2 * PAGE_MARGIN


def quotation_story(paper: QuotationPaper, *, language: str, title: str) -> list[Flowable]:
    """All flowables of a quotation, for a page of A4."""
    tongue = Tongue(language)
    story: list[Flowable] = [
        _head(paper, language=language, title=title),
        Gap(1.5 * GRID),
        Rule(),
        Gap(1.5 * GRID),
        _people(paper, language=language),
        *section(tr_in(language, "The vehicle")),
        TextBlock(paper.vehicle.name.in_language(language), BODY.but(bold=True, size=10, leading=20)),
        vehicle_grid(paper.vehicle, tongue=tongue, width=_WIDTH, shares=(13, 7, 10, 10, 9), named=False),
        *section(tr_in(language, "The on-road total")),
        lines_table(paper.lines, paper.total, tongue=tongue, width=_WIDTH),
    ]
    if paper.plans:
        story += [*section(tr_in(language, "With a loan")), _plans(paper.plans, language=language)]
    if paper.remarks:
        story += [*section(tr_in(language, "Remarks")), TextBlock(paper.remarks, BODY)]
    story += [Gap(2 * GRID), _conditions(paper, language=language)]
    return story


def _head(paper: QuotationPaper, *, language: str, title: str) -> Flowable:
    right = LABEL.but(align=Align.RIGHT, size=8, leading=12)
    version = tr_in(language, "Version {version}", version=paper.version)
    facts = [
        TextBlock(f"{paper.number}  {version}", right.but(color=BODY.color, bold=True)),
        TextBlock(day_in_words(branch_date(paper.issued_at), language), right),
        TextBlock(
            tr_in(language, "Valid until {day}", day=day_in_words(paper.valid_until, language)),
            right.but(color=BODY.color),
        ),
    ]
    left = [TextBlock(title, TITLE), TextBlock(paper.seller.name, SUBTITLE)]
    return columns([[left, facts]], [_WIDTH * 0.6, _WIDTH * 0.4])


def _people(paper: QuotationPaper, *, language: str) -> Flowable:
    half = _WIDTH / 2
    customer = [
        (tr_in(language, "Prepared for"), paper.customer.name),
        (tr_in(language, "Phone"), paper.customer.phone),
    ]
    seller = [
        (tr_in(language, "Your contact"), paper.salesperson),
        (tr_in(language, "Phone"), paper.salesperson_phone or paper.seller.phone),
        (tr_in(language, "Address"), paper.seller.address),
    ]
    inner = half - 2 * GRID
    left = label_rows(customer, width=inner, label_width=9 * GRID)
    return columns([[left, label_rows(seller, width=half, label_width=9 * GRID)]], [half, half])


def _plans(plans: Sequence[PaperPlan], *, language: str) -> Flowable:
    label = LABEL.but(align=Align.RIGHT)
    head = [
        TextBlock(tr_in(language, "Loan"), LABEL),
        TextBlock(tr_in(language, "Months"), label),
        TextBlock(tr_in(language, "Annual rate"), label),
        TextBlock(tr_in(language, "Down payment"), label),
        TextBlock(tr_in(language, "Each month"), label),
        TextBlock(tr_in(language, "Total interest"), label),
    ]
    rows = [_plan_row(plan, language) for plan in plans]
    first = _WIDTH * 0.26
    widths = [first, _WIDTH * 0.11, _WIDTH * 0.13, _WIDTH * 0.16, _WIDTH * 0.18, _WIDTH * 0.16]
    return ruled_table(head, rows, widths)


def _plan_row(plan: PaperPlan, language: str) -> list[Cell]:
    each = [TextBlock(figure(plan.first_instalment), FIGURE.but(bold=True))]
    if plan.last_instalment != plan.first_instalment:
        falling = tr_in(language, "falling to {amount}", amount=figure(plan.last_instalment))
        each.append(TextBlock(falling, LABEL.but(align=Align.RIGHT)))
    name = [
        TextBlock(tr_in(language, PLAN_NAMES[plan.kind]), BODY),
        TextBlock(plan.lender, LABEL),
    ]
    return [
        name,
        TextBlock(str(plan.months), FIGURE),
        TextBlock(rate_in_words(plan.annual_rate), FIGURE),
        TextBlock(figure(plan.down_payment), FIGURE),
        each,
        TextBlock(figure(plan.total_interest), FIGURE),
    ]


def _conditions(paper: QuotationPaper, *, language: str) -> Flowable:
    day = day_in_words(paper.valid_until, language)
    text = tr_in(
        language,
        "This offer holds until {day}. Taxes, insurance and plate fees follow the rules in force on the day "
        "of quotation; the authority or insurer decides the final amount. The vehicle is not held for you until "
        "an order is confirmed.",
        day=day,
    )
    return notice([TextBlock(text, SECOND)], width=_WIDTH)
