"""How a closed month is laid out: the figures that count, the money by kind and way, what came late, the hands."""

from decimal import Decimal

from reportlab.lib.pagesizes import A4
from reportlab.platypus.flowables import Flowable

from app.documents.blocks import Cell, Gap, Rule, columns, label_grid, ruled_table, section
from app.documents.month_close_report import LATE_HEADS, PAYMENT_HEADS, MonthClosePaper
from app.documents.styles import BODY, GRID, LABEL, SMALL, SUBTITLE, TITLE, VALUE, Align
from app.documents.text_block import TextBlock
from app.documents.wording import figure, moment_in_words, money
from app.runtime.language import tr_in, tr_noop

PAGE: tuple[float, float] = A4
MARGIN = 6 * GRID


def month_close_story(paper: MonthClosePaper, *, language: str, title: str) -> list[Flowable]:
    """All flowables of a closing, for a page of size PAGE."""
    width = PAGE[0] - 2 * MARGIN
    right = LABEL.but(align=Align.RIGHT, size=8, leading=12)
    head = columns(
        [[
            [TextBlock(f"{title} {paper.month}", TITLE), TextBlock(paper.branch, SUBTITLE)],
            [TextBlock(paper.number, right.but(color=BODY.color, bold=True)), TextBlock(paper.state, right)],
        ]],
        [width * 0.65, width * 0.35],
    )  # fmt: skip
    story: list[Flowable] = [
        head, Gap(GRID), Rule(), Gap(1.5 * GRID),
        label_grid(_facts(paper, language), width=width, shares=(1, 1, 1)),
        *section(tr_in(language, "Figures")),
        label_grid([(name, _shown(value)) for name, value in paper.figures], width=width, shares=(1, 1, 1)),
        *section(tr_in(language, "Payments")),
        _payments(paper, language=language, width=width),
        *section(tr_in(language, "Compared with the centre")),
        label_grid([(name, f"{count:,}") for name, count in paper.looked_at], width=width, shares=(1,) * 6),
    ]  # fmt: skip
    if paper.late:
        story += [*section(tr_in(language, "Late postings")), _late(paper, language=language, width=width)]
    if paper.reopening:
        story += [*section(tr_in(language, "Opened again")), TextBlock(paper.reopening, BODY)]
    return [*story, Gap(5 * GRID), _hands(paper, language=language, width=width)]


def _facts(paper: MonthClosePaper, language: str) -> list[tuple[str, str]]:
    return [
        (tr_in(language, "Books closed at"), moment_in_words(paper.closed_at, language)),
        (tr_in(language, "Closed by"), paper.closed_by),
        (tr_in(language, "Desk"), paper.desk),
        (tr_in(language, "Both sides compared at"), moment_in_words(paper.reconciled_at, language)),
        (tr_in(language, "Digest"), paper.reconciliation[:16]),
        (tr_in(language, "Printed by"), f"{paper.made_by}, {moment_in_words(paper.made_at, language)}"),
        (tr_in(language, "Note"), paper.note),
    ]


def _shown(value: int | Decimal) -> str:
    return money(value) if isinstance(value, Decimal) else f"{value:,}"


def _payments(paper: MonthClosePaper, *, language: str, width: float) -> Flowable:
    if not paper.payments:
        return TextBlock(tr_in(language, "No money came in."), BODY)
    small = SMALL.but(size=8.5, leading=12, color=BODY.color)
    number = small.but(align=Align.RIGHT)
    rows: list[list[Cell]] = [
        [TextBlock(kind, small), TextBlock(way, small), TextBlock(f"{count:,}", number),
         TextBlock(figure(amount), number)]
        for kind, way, count, amount in paper.payments
    ]  # fmt: skip
    total = sum((one[3] for one in paper.payments), Decimal("0.00"))
    count = sum(one[2] for one in paper.payments)
    bold = number.but(bold=True)
    rows.append([
        TextBlock(tr_in(language, "Altogether"), small.but(bold=True)), TextBlock(" ", small),
        TextBlock(f"{count:,}", bold), TextBlock(figure(total), bold),
    ])  # fmt: skip
    return ruled_table(_heads(PAYMENT_HEADS, language, right=2), rows, [width / 4] * 4, closing_rows=1)


def _late(paper: MonthClosePaper, *, language: str, width: float) -> Flowable:
    small = SMALL.but(size=8.5, leading=12, color=BODY.color)
    rows: list[list[Cell]] = [
        [TextBlock(kind, small), TextBlock(number, small), TextBlock(moment_in_words(at, language), small),
         TextBlock(figure(amount), small.but(align=Align.RIGHT))]
        for kind, number, at, amount in paper.late
    ]  # fmt: skip
    return ruled_table(_heads(LATE_HEADS, language, right=3), rows, [width * share for share in (0.2, 0.3, 0.3, 0.2)])


def _heads(heads: tuple[str, ...], language: str, *, right: int) -> list[Cell]:
    return [
        TextBlock(tr_in(language, text), LABEL.but(align=Align.RIGHT) if place >= right else LABEL)
        for place, text in enumerate(heads)
    ]


def _hands(paper: MonthClosePaper, *, language: str, width: float) -> Flowable:
    cells = [
        [TextBlock(tr_in(language, label), LABEL), TextBlock(name, VALUE), Gap(2 * GRID), Rule()]
        for label, name in ((tr_noop("Closed by"), paper.closed_by), (tr_noop("Reviewed by"), " "))
    ]
    return columns([cells], [width / 2] * 2, extra=[("RIGHTPADDING", (0, 0), (-2, -1), 3 * GRID)])
