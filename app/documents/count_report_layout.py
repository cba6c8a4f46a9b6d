"""How a count report is laid out: figures in a row, then every difference, then the hands."""

from reportlab.lib.pagesizes import A4
from reportlab.platypus.flowables import Flowable

from app.documents.blocks import Cell, Gap, Rule, columns, label_grid, ruled_table, section
from app.documents.count_report import CountedLine, CountPaper
from app.documents.styles import BODY, GRID, LABEL, SMALL, SUBTITLE, TITLE, VALUE, Align
from app.documents.text_block import TextBlock
from app.documents.wording import moment_in_words
from app.runtime.language import tr_in, tr_noop

PAGE: tuple[float, float] = A4
MARGIN = 6 * GRID
_SHARES = (0.21, 0.23, 0.12, 0.11, 0.11, 0.22)
_HEADS = (
    tr_noop("VIN"), tr_noop("Vehicle"), tr_noop("Result"), tr_noop("Booked place"), tr_noop("Found at"),
    tr_noop("Reason"),
)  # fmt: skip


def count_story(paper: CountPaper, *, language: str, title: str) -> list[Flowable]:
    """All flowables of a report, for a page of size PAGE."""
    width = PAGE[0] - 2 * MARGIN
    right = LABEL.but(align=Align.RIGHT, size=8, leading=12)
    head = columns(
        [[
            [TextBlock(title, TITLE), TextBlock(paper.branch, SUBTITLE)],
            [TextBlock(paper.number, right.but(color=BODY.color, bold=True)), TextBlock(paper.state, right)],
        ]],
        [width * 0.6, width * 0.4],
    )  # fmt: skip
    story: list[Flowable] = [
        head, Gap(GRID), Rule(), Gap(1.5 * GRID),
        label_grid(_facts(paper, language), width=width, shares=(1, 1, 1)),
        Gap(GRID), _figures(paper, language=language, width=width),
        *section(tr_in(language, "Differences")),
    ]  # fmt: skip
    if paper.lines:
        story.append(_differences(paper.lines, language=language, width=width))
    else:
        story.append(TextBlock(tr_in(language, "None: every vehicle was found in its place."), BODY))
    story += [Gap(4 * GRID), _hands(paper, language=language, width=width)]
    return story


def _facts(paper: CountPaper, language: str) -> list[tuple[str, str]]:
    signed = "" if paper.signed_at is None else moment_in_words(paper.signed_at, language)
    return [
        (tr_in(language, "Counted"), paper.covered),
        (tr_in(language, "Begun at"), moment_in_words(paper.started_at, language)),
        (tr_in(language, "Begun by"), paper.started_by),
        (tr_in(language, "Counted by"), paper.counters),
        (tr_in(language, "Signed off at"), signed),
        (tr_in(language, "Signed off by"), paper.signed_by),
    ]


def _figures(paper: CountPaper, *, language: str, width: float) -> Flowable:
    shown = [(tr_in(language, "On the list"), paper.expected), *paper.figures]
    shown.append((tr_in(language, "Explained by movements"), paper.explained))
    cells = [[TextBlock(f"{figure:,}", TITLE), TextBlock(words, LABEL)] for words, figure in shown]
    return columns([cells], [width / len(cells)] * len(cells))


def _differences(lines: tuple[CountedLine, ...], *, language: str, width: float) -> Flowable:
    widths = [width * share for share in _SHARES]
    small = SMALL.but(size=7.5, leading=11, color=BODY.color)
    head: list[Cell] = [TextBlock(tr_in(language, text), LABEL) for text in _HEADS]
    rows: list[list[Cell]] = [
        [TextBlock(text or "–", small) for text in _cells(line)]
        for line in lines
    ]
    return ruled_table(head, rows, widths)


def _cells(line: CountedLine) -> tuple[str, ...]:
    return line.vin, line.model, line.outcome, line.expected, line.found, line.reason


def _hands(paper: CountPaper, *, language: str, width: float) -> Flowable:
    cells = []
    for label, name in ((tr_noop("For the counters"), paper.counters), (tr_noop("Signed off by"), paper.signed_by)):
        cells.append([TextBlock(tr_in(language, label), LABEL), TextBlock(name or " ", VALUE), Gap(2 * GRID), Rule()])
    return columns([cells], [width / 2] * 2, extra=[("RIGHTPADDING", (0, 0), (-2, -1), 3 * GRID)])
