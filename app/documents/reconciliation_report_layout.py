"""How a reconciliation is laid out: each branch in a line, each difference with its cause and remedy."""

from collections.abc import Sequence
from typing import Any

from reportlab.lib.pagesizes import A4, landscape
from reportlab.platypus.flowables import Flowable

from app.documents.blocks import Cell, Gap, Rule, columns, label_grid, ruled_table, section
from app.documents.reconciliation_report import (
    BRANCH_HEADS,
    DESK_HEADS,
    HEADS,
    LATE_HEADS,
    MOST_PRINTED,
    ReconciliationPaper,
)
from app.documents.styles import BODY, GRID, LABEL, SMALL, SUBTITLE, TITLE, Align
from app.documents.text_block import TextBlock
from app.documents.wording import moment_in_words, money
from app.runtime.language import tr_in, tr_noop

PAGE: tuple[float, float] = landscape(A4)
MARGIN = 6 * GRID
_LINE_SHARES = (0.06, 0.1, 0.07, 0.14, 0.13, 0.13, 0.19, 0.18)
_BRANCH_SHARES = (0.08, 0.26, 0.16, 0.1, 0.1, 0.1, 0.1, 0.1)


def reconciliation_story(paper: ReconciliationPaper, *, language: str) -> list[Flowable]:
    """All flowables of a report, for a page of size PAGE."""
    width = PAGE[0] - 2 * MARGIN
    story: list[Flowable] = [
        *_head(paper, width=width), Gap(GRID), Rule(), Gap(1.5 * GRID),
        label_grid(_facts(paper, language), width=width, shares=(1, 1, 1, 1)), Gap(GRID),
        *section(tr_in(language, "Branches")),
        small_table(
            BRANCH_HEADS, [one.cells for one in paper.branches], _BRANCH_SHARES, language=language, width=width
        ),
    ]  # fmt: skip
    if paper.kinds:
        story += section(tr_in(language, "Differences by kind"))
        story.append(label_grid([(name, f"{count:,}") for name, count in paper.kinds], width=width, shares=(1,) * 5))
    if paper.month:
        story += section(tr_in(language, "Closing {month}", month=paper.month))
        heads = (tr_noop("What has to be settled"), tr_noop("How it stands"))
        story.append(small_table(heads, paper.matters, (0.45, 0.55), language=language, width=width))
    story += section(tr_in(language, "Differences"))
    story += _differences(paper, language=language, width=width)
    if paper.desks:
        story += section(tr_in(language, "Desks of the branch"))
        story.append(small_table(DESK_HEADS, paper.desks, (0.25, 0.35, 0.2, 0.2), language=language, width=width))
    if paper.late:
        story += section(tr_in(language, "Late postings"))
        shares = (0.12, 0.2, 0.3, 0.2, 0.18)
        late = [(*row[:3], money(row[3]), row[4]) for row in paper.late]
        story.append(small_table(LATE_HEADS, late, shares, language=language, width=width))
    return story


def _head(paper: ReconciliationPaper, *, width: float) -> list[Flowable]:
    right = LABEL.but(align=Align.RIGHT, size=8, leading=12)
    left: list[Any] = [TextBlock(paper.title, TITLE), TextBlock(paper.covered, SUBTITLE)]
    beside: list[Any] = [TextBlock(paper.made_with, right.but(color=BODY.color, bold=True))]
    return [columns([[left, beside]], [width * 0.7, width * 0.3])]


def _facts(paper: ReconciliationPaper, language: str) -> list[tuple[str, str]]:
    return [
        (tr_in(language, "Compared at"), moment_in_words(paper.made_at, language)),
        (tr_in(language, "Made by"), paper.made_by),
        (tr_in(language, "Differences"), f"{paper.total:,}"),
        (tr_in(language, "Digest"), paper.digest[:16]),
    ]


def _differences(paper: ReconciliationPaper, *, language: str, width: float) -> list[Flowable]:
    if not paper.lines:
        return [TextBlock(tr_in(language, "None: both sides say the same."), BODY)]
    shown, whole = paper.lines[:MOST_PRINTED], sum(_LINE_SHARES[place] for place in paper.columns)
    made: list[Flowable] = [
        small_table(
            [HEADS[place] for place in paper.columns],
            [[one.cells[place] for place in paper.columns] for one in shown],
            [_LINE_SHARES[place] / whole for place in paper.columns], language=language, width=width,
        )
    ]  # fmt: skip
    if paper.total > len(shown):
        text = tr_in(language, "{n} more are not printed: settle these, and compare again.", n=paper.total - len(shown))
        made += [Gap(GRID), TextBlock(text, BODY)]
    return made


def small_table(
    heads: Sequence[str], rows: Sequence[Sequence[Any]], shares: Sequence[float], *, language: str, width: float
) -> Flowable:
    """A ruled table in small type; numbers stand at the right of their column."""
    small = SMALL.but(size=7.5, leading=11, color=BODY.color)
    numbers = small.but(align=Align.RIGHT)
    counted = [bool(rows) and all(isinstance(row[place], int) for row in rows) for place in range(len(heads))]
    head: list[Cell] = [
        TextBlock(tr_in(language, text), LABEL.but(align=Align.RIGHT) if right else LABEL)
        for text, right in zip(heads, counted, strict=True)
    ]
    body: list[list[Cell]] = [
        [
            TextBlock(f"{cell:,}" if isinstance(cell, int) else str(cell) or "–", numbers if right else small)
            for cell, right in zip(row, counted, strict=True)
        ]
        for row in rows
    ]
    return ruled_table(head, body, [width * share for share in shares])
