"""The few building blocks all paper is made of: headings, label and value, tables, notices."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

from reportlab.platypus import CondPageBreak, KeepTogether, Table
from reportlab.platypus.flowables import Flowable

from app.documents.fonts import REGULAR
from app.documents.styles import (
    ACCENT,
    FAINT_LINE,
    GRID,
    HAIRLINE,
    INK,
    LABEL,
    LINE,
    MUTED,
    SECTION,
    VALUE,
    WARN,
    WARN_WASH,
    WASH,
    TextStyle,
)
from app.documents.text_block import TextBlock
from app.documents.text_runs import Run

Cell: TypeAlias = Flowable | str | Sequence[Flowable]
Commands: TypeAlias = list[tuple[object, ...]]

OWN_FONT: Commands = [("FONTNAME", (0, 0), (-1, -1), REGULAR)]
"""Every table says so, or ReportLab names a font in the file that is not embedded."""
_BESIDE = "  "
_ENDLESS = 1e6
_FLUSH: Commands = [
    *OWN_FONT,
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]


def fitting(text: str, style: TextStyle, width: float) -> TextBlock:
    """A figure on one line, set smaller where it would be too wide: no amount is ever divided."""
    block = TextBlock(text, style)
    natural = block.natural_width()
    return block if natural <= width else TextBlock(text, style.but(size=style.size * width / natural))


def in_languages(content: str | Sequence[Run], style: TextStyle, width: float) -> TextBlock:
    """Two languages beside each other, the second one below where both have no room on one line of `width` points.

    They are divided by two blanks (`sale_blocks.Tongue`), or the last run begins with them.
    """
    block = TextBlock(content, style)
    if block.natural_width() <= width:
        return block
    if isinstance(content, str):
        return TextBlock(content.replace(_BESIDE, "\n", 1), style)
    *before, last = content
    if not before or not last.text.startswith(_BESIDE):
        return block
    return TextBlock([*before, replace(last, text="\n" + last.text.lstrip())], style)


class Gap(Flowable):
    """Blank height that vanishes at the head of a page."""

    def __init__(self, height: float) -> None:
        super().__init__()
        self.width, self.height = 0.0, 0.0
        self.spaceBefore = height

    def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:
        return (0.0, 0.0)

    def draw(self) -> None:
        """Nothing to see."""


def together(story: Iterable[Flowable]) -> KeepTogether:
    """All of it on one page."""
    return KeepTogether(folded(story))


def folded(story: Iterable[Flowable]) -> list[Flowable]:
    """The same with gaps as space before what follows them: ReportLab does not count what has no height where it looks
    whether something fits, and would begin what then does not."""
    kept: list[Flowable] = []
    gap = 0.0
    for flowable in story:
        if isinstance(flowable, Gap):
            gap += flowable.getSpaceBefore()
            continue
        if gap:
            flowable.spaceBefore, gap = flowable.getSpaceBefore() + gap, 0.0
        kept.append(flowable)
    return kept


def height_of(story: Iterable[Flowable], width: float) -> float:
    """How tall a folded story is at a width, in points; both ends' own space counts."""
    height = after = 0.0
    for flowable in story:
        before = max(flowable.getSpaceBefore() - after, 0.0)
        after = flowable.getSpaceAfter()
        height += before + flowable.wrap(width, _ENDLESS)[1] + after
    return height


class Rule(Flowable):
    """A horizontal hairline across the column."""

    def __init__(self, *, color: str = LINE, weight: float = HAIRLINE, after: float = 0.0) -> None:
        super().__init__()
        self._color, self._weight = color, weight
        self.spaceAfter = after

    def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:
        self.width, self.height = availWidth, self._weight
        return self.width, self.height

    def draw(self) -> None:
        self.canv.setStrokeColor(self._color)
        self.canv.setLineWidth(self._weight)
        self.canv.line(0, 0, self.width, 0)


class SectionHeading(TextBlock):
    """A section's name, the second language small behind it; also an entry of the outline."""

    def __init__(self, primary: str, secondary: str = "") -> None:
        runs = [Run(primary)]
        if secondary:
            runs.append(Run("  " + secondary, bold=False, color=MUTED))
        super().__init__(runs, SECTION.but(space_before=1.75 * GRID, space_after=0.75 * GRID))
        self._outline = primary

    def draw(self) -> None:
        key = f"section-{self.canv.getPageNumber()}-{round(self.canv.absolutePosition(0, 0)[1])}"
        self.canv.bookmarkHorizontal(key, 0, self.height + GRID)
        self.canv.addOutlineEntry(self._outline, key, level=0)
        super().draw()


def section(primary: str, secondary: str = "", *, room: float = 10 * GRID) -> list[Flowable]:
    """A heading that goes to the next page with its section where less than `room` points are left."""
    return [CondPageBreak(room), SectionHeading(primary, secondary)]


def columns(rows: Sequence[Sequence[Cell | None]], widths: Sequence[float], *, extra: Commands | None = None) -> Table:
    """Cells side by side without lines or padding; `extra` are ReportLab table commands."""
    return Table(
        [[cell if cell is not None else "" for cell in row] for row in rows],
        colWidths=list(widths),
        style=[*_FLUSH, *(extra or [])],
    )


def label_rows(
    pairs: Sequence[tuple[str, str]], *, width: float, label_width: float | None = None, value: TextStyle = VALUE
) -> Table:
    """Label and value, one pair a row; pairs without a value are left out. Without `label_width` the values stand
    close behind the longest label."""
    label = LABEL.but(leading=value.leading)
    rows = [[TextBlock(name, label), TextBlock(text, value)] for name, text in pairs if text]
    if label_width is None:
        label_width = min(max((row[0].natural_width() for row in rows), default=0.0) + 1.5 * GRID, width / 2)
    return columns(rows, [label_width, width - label_width], extra=[("BOTTOMPADDING", (0, 0), (-1, -1), 2)])


def label_grid(pairs: Sequence[tuple[str, str]], *, width: float, shares: Sequence[float] = (1, 1, 1)) -> Table:
    """Label above value, one pair for each share of the width in a row; pairs without a value are left out.

    Values of a row stand on one line however long their labels are. Where all shares are equal and one pair would be
    left for the last row, rows have one pair less.
    """
    said = [(name, text) for name, text in pairs if text]
    shares = _without_leftover(len(said), shares)
    across = len(shares)
    room = [width * share / sum(shares) - 1.5 * GRID for share in shares[:-1]] + [width * shares[-1] / sum(shares)]
    filled = [
        (in_languages(name, LABEL, room[place % across]), in_languages(text, VALUE, room[place % across]))
        for place, (name, text) in enumerate(said)
    ]
    rows: list[list[Cell]] = []
    style: Commands = [*_FLUSH, ("RIGHTPADDING", (0, 0), (-2, -1), 1.5 * GRID)]
    for start in range(0, len(filled), across):
        line = filled[start : start + across]
        blank = [TextBlock("", LABEL)] * (across - len(line))
        labels, values = len(rows), len(rows) + 1
        style += [
            ("VALIGN", (0, labels), (-1, labels), "BOTTOM"),
            ("BOTTOMPADDING", (0, values), (-1, values), 4),
            ("NOSPLIT", (0, labels), (0, values)),
        ]
        rows += [[*(label for label, _ in line), *blank], [*(value for _, value in line), *blank]]
    return Table(rows, colWidths=[width * share / sum(shares) for share in shares], style=style)


def _without_leftover(count: int, shares: Sequence[float]) -> Sequence[float]:
    across = len(shares)
    if across < 4 or count <= across or count % across != 1 or len(set(shares)) > 1:
        return shares
    return shares if count % (across - 1) == 1 else shares[1:]


def ruled_table(
    head: Sequence[Cell],
    rows: Sequence[Sequence[Cell]],
    widths: Sequence[float],
    *,
    closing_rows: int = 0,
    padding: float = 3.0,
) -> Table:
    """A table with hairlines between rows; splits between rows and repeats its head on each page.

    The last `closing_rows` rows (totals) stand under a stronger line and stay on one page, with a row
    of what they close.
    """
    body = [list(head), *[list(row) for row in rows]]
    first_total = len(body) - closing_rows
    style: Commands = [
        *OWN_FONT,
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-2, -1), GRID),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), padding),
        ("BOTTOMPADDING", (0, 0), (-1, -1), padding),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEABOVE", (0, 0), (-1, 0), 1.0, INK),
        ("LINEBELOW", (0, 0), (-1, 0), HAIRLINE, LINE),
        ("LINEBELOW", (0, 1), (-1, first_total - 2), HAIRLINE, FAINT_LINE),
    ]
    if closing_rows:
        kept = max(first_total - 1, 1)
        style += [("LINEABOVE", (0, first_total), (-1, first_total), 1.0, INK), ("NOSPLIT", (0, kept), (0, -1))]
    return Table(body, colWidths=list(widths), repeatRows=1, style=style)


def notice(blocks: Sequence[Flowable], *, width: float, tone: str = "quiet") -> Table:
    """A washed box with a bar at its left; tone "quiet", "accent" or "warn"."""
    wash, bar = {"warn": (WARN_WASH, WARN), "accent": (WASH, ACCENT)}.get(tone, (WASH, LINE))
    return Table(
        [[list(blocks)]],
        colWidths=[width],
        style=[
            *OWN_FONT,
            ("BACKGROUND", (0, 0), (-1, -1), wash),
            ("LINEBEFORE", (0, 0), (0, -1), 2, bar),
            ("LEFTPADDING", (0, 0), (-1, -1), 1.5 * GRID),
            ("RIGHTPADDING", (0, 0), (-1, -1), 1.5 * GRID),
            ("TOPPADDING", (0, 0), (-1, -1), GRID),
            ("BOTTOMPADDING", (0, 0), (-1, -1), GRID),
        ],
    )
