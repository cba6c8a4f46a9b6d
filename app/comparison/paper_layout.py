"""How the comparison is laid out on landscape A4: an overview with charts, the costs, the specifications."""

from collections.abc import Sequence
from decimal import Decimal

from reportlab.platypus import Table
from reportlab.platypus.flowables import Flowable, PageBreak

from app.comparison.cost_rows import STACK, assumption_pairs, bars_of, cost_sources, missing_words
from app.comparison.drawings import Bar, Radar, Segment, Spoke, StackedBars
from app.comparison.lines import Line, LineGroup
from app.comparison.paper import ComparisonPaper
from app.comparison.rules import CostKind
from app.documents.blocks import OWN_FONT, Cell, Commands, Gap, Rule, columns, label_grid, label_rows, section
from app.documents.styles import (
    ACCENT,
    ACCENT_WASH,
    BODY,
    FAINT_LINE,
    GRID,
    HAIRLINE,
    INK,
    LINE,
    MUTED,
    SECOND,
    SMALL,
    SUBTITLE,
    TITLE,
    WARN,
    WASH,
)
from app.documents.text_block import TextBlock
from app.documents.text_runs import Run
from app.documents.wording import day_in_words
from app.kernel.labels import Bilingual
from app.runtime.language import tr_in

MARGIN = 5 * GRID
_PAGE_WIDTH = 841.8898
_WIDTH = _PAGE_WIDTH - 2 * MARGIN
_FIRST = 132.0
_RADAR = 172.0
_BETTER = " ✓"
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
"""The typeface has no small figures below the line: CO₂ is printed CO2."""
_ON_PAPER = ("guide_price", "on_road", "energy", "seats")
"""General lines a customer reads; how many stand in the yard is the house's business."""
_CELL = BODY.but(size=8, leading=11)
_SMALL = SMALL.but(size=6.5, leading=9)


def comparison_story(paper: ComparisonPaper, *, language: str, title: str) -> list[Flowable]:
    """All flowables of a comparison."""
    story: list[Flowable] = [
        _head(paper, language, title),
        Gap(GRID),
        Rule(),
        Gap(GRID),
        _glance(paper, language),
        Gap(1.5 * GRID),
        _charts(paper, language),
        Gap(GRID),
        _validity(paper, language),
        PageBreak(),
        *section(tr_in(language, "What each costs in {years} years", years=paper.comparison.assumed.years)),
        _costs(paper, language),
        *section(tr_in(language, "What was assumed")),
        label_grid(assumption_pairs(paper.comparison, language), width=_WIDTH, shares=(1, 1, 1, 1, 1)),
        *section(tr_in(language, "Where the figures come from"), room=6 * GRID),
        *_sources(paper, language),
        PageBreak(),
        *section(tr_in(language, "Specifications")),
        _specifications(paper, language),
    ]
    return story


def _head(paper: ComparisonPaper, language: str, title: str) -> Flowable:
    house = paper.house
    left = [TextBlock(title, TITLE), TextBlock(house.name, SUBTITLE)]
    contact = [
        (tr_in(language, "Your contact"), house.salesperson),
        (tr_in(language, "Phone"), house.salesperson_phone or house.phone),
        (tr_in(language, "Address"), house.address),
    ]
    dates = [
        (tr_in(language, "Number"), paper.number),
        (tr_in(language, "Date"), day_in_words(house.printed_on, language)),
        (tr_in(language, "Valid until"), day_in_words(house.valid_until, language)),
    ]
    widths = [_WIDTH * 0.38, _WIDTH * 0.37, _WIDTH * 0.25]
    middle = label_rows(contact, width=widths[1] - 2 * GRID, label_width=8 * GRID)
    return columns([[left, middle, label_rows(dates, width=widths[2], label_width=7 * GRID)]], widths)


# --- the overview --------------------------------------------------------------------------------


def _glance(paper: ComparisonPaper, language: str) -> Flowable:
    found = paper.comparison
    general = [line for group in found.all_groups[:1] for line in group.lines if line.code in _ON_PAPER]
    rows = [_line_row(line, language) for line in general]
    totals = [cost.total if cost.complete else None for cost in found.costs]
    known = [total for total in totals if total is not None]
    best = min(known) if len(known) > 1 and len(set(known)) > 1 else None
    label = tr_in(language, "Cost of ownership, {years} years", years=found.assumed.years)
    total_row: list[Cell] = [TextBlock(label, _CELL.but(bold=True))]
    month_row: list[Cell] = [TextBlock(tr_in(language, "by month"), _CELL.but(color=MUTED))]
    for cost in found.costs:
        total: list[Flowable] = [_figure(_yuan(cost.total), strong=True, won=cost.complete and cost.total == best)]
        if not cost.complete:
            total.append(TextBlock(missing_words(cost, language), _SMALL.but(color=WARN)))
        total_row.append(total)
        month_row.append(_figure(_yuan(cost.monthly)))
    return _table(paper, [*rows, total_row, month_row], language, marked=[len(rows) + 1])


def _charts(paper: ComparisonPaper, language: str) -> Flowable:
    found = paper.comparison
    left, gap = _WIDTH * 0.52, 3 * GRID
    right = _WIDTH - left - gap
    bars = StackedBars(
        [
            Bar(
                trim.name.in_language(language),
                tuple(Segment(n, float(value), _thousands(value, language)) for n, value in enumerate(parts)),
                _yuan(cost.total),
                "" if cost.complete else tr_in(language, "incomplete"),
            )
            for trim, cost, parts in zip(found.trims, found.costs, map(bars_of, found.costs), strict=True)
        ],
        [tr_in(language, label) for label, _kinds in STACK],
        width=left,
    )
    heading = SECOND.but(color=INK, bold=True, leading=16)
    first = [TextBlock(tr_in(language, "Cost of ownership, {years} years", years=found.assumed.years), heading), bars]
    if len(found.axes) < 3:
        return columns([[first]], [left])
    radar = Radar(
        [Spoke(_words(axis.name, language), axis.shares) for axis in found.axes],
        [_model(trim.series, trim.year, trim.trim, language) for trim in found.trims],
        width=right,
        height=max(bars.height, _RADAR),
    )
    second = [TextBlock(tr_in(language, "Each as a share of the best (outer ring)"), heading), radar]
    return columns([[first, "", second]], [left, gap, right])


def _validity(paper: ComparisonPaper, language: str) -> Flowable:
    text = tr_in(
        language,
        "Prices as of {day}, valid until {until}. Costs of ownership are an estimate under the assumptions named; "
        "taxes follow the rules in force on the day of printing, the authority or insurer decides the final amount. "
        "Marked ✓: the best of those compared.",
        day=day_in_words(paper.house.printed_on, language),
        until=day_in_words(paper.house.valid_until, language),
    )
    return TextBlock(text, SECOND.but(size=7, leading=10))


# --- costs ---------------------------------------------------------------------------------------


def _costs(paper: ComparisonPaper, language: str) -> Flowable:
    found = paper.comparison
    rows: list[list[Cell]] = []
    for kind in CostKind:
        row: list[Cell] = [TextBlock(_kind_label(kind, language), _CELL)]
        for cost in found.costs:
            figure = cost.figure(kind)
            amount = "–" if figure.amount is None else _yuan(figure.amount)
            if kind is CostKind.RESIDUAL and figure.amount:
                amount = f"−{amount}"
            colour = WARN if figure.amount is None else MUTED
            formula = TextBlock(figure.formula.in_language(language), _SMALL.but(color=colour))
            row.append([TextBlock(amount, _CELL.but(bold=True)), formula])
        rows.append(row)
    closing = len(rows) + 1
    totals: list[Cell] = [TextBlock(tr_in(language, "Total"), _CELL.but(bold=True))]
    months: list[Cell] = [TextBlock(tr_in(language, "by month"), _CELL)]
    ways: list[Cell] = [TextBlock(tr_in(language, "by kilometre"), _CELL)]
    for cost in found.costs:
        total = [TextBlock(_yuan(cost.total), _CELL.but(bold=True, size=9))]
        if not cost.complete:
            total.append(TextBlock(missing_words(cost, language), _SMALL.but(color=WARN)))
        totals.append(total)
        months.append(_figure(_yuan(cost.monthly)))
        ways.append(_figure("–" if cost.per_kilometre is None else _yuan(cost.per_kilometre)))
    return _table(paper, [*rows, totals, months, ways], language, marked=[closing])


def _kind_label(kind: CostKind, language: str) -> str:
    label = tr_in(language, kind.label)
    return f"− {label}" if kind is CostKind.RESIDUAL else label


def _sources(paper: ComparisonPaper, language: str) -> list[Flowable]:
    style = SECOND.but(size=7, leading=10)
    return [TextBlock(text, style) for text in cost_sources(paper.comparison.costs, language)]


# --- specifications ------------------------------------------------------------------------------


def _specifications(paper: ComparisonPaper, language: str) -> Flowable:
    rows: list[list[Cell]] = []
    headings: list[int] = []
    for group in paper.comparison.groups:
        if group.code == "general":
            continue
        headings.append(len(rows) + 1)
        rows.append(_heading_row(group, language, len(paper.comparison.trims)))
        rows += [_line_row(line, language) for line in group.lines]
    return _table(paper, rows, language, headings=headings)


def _heading_row(group: LineGroup, language: str, count: int) -> list[Cell]:
    return [TextBlock(_words(group.name, language), _CELL.but(bold=True)), *[""] * count]


def _line_row(line: Line, language: str) -> list[Cell]:
    cells: list[Cell] = [TextBlock(_words(line.label, language), _CELL.but(color=INK if line.differs else MUTED))]
    for place, cell in enumerate(line.cells):
        won = place in line.best
        runs = [Run(_words(cell.text, language) + (_BETTER if won else ""), bold=won, color=ACCENT if won else None)]
        delta = _words(cell.delta, language)
        if delta and delta != "=":
            runs.append(Run(f"  {delta}", color=MUTED))
        cells.append(TextBlock(runs, _CELL))
    return cells


# --- tables --------------------------------------------------------------------------------------


def _table(
    paper: ComparisonPaper,
    rows: Sequence[Sequence[Cell]],
    language: str,
    *,
    headings: Sequence[int] = (),
    marked: Sequence[int] = (),
) -> Table:
    """A table under the names of the trims, which are repeated on each page; `marked` rows stand on a wash."""
    trims = paper.comparison.trims
    wide = min((_WIDTH - _FIRST) / max(1, len(trims)), 210.0)
    head: list[Cell] = [""]
    for place, trim in enumerate(trims):
        names = [
            TextBlock(trim.make.in_language(language), _SMALL),
            TextBlock(_model(trim.series, trim.year, trim.trim, language), _CELL.but(bold=True)),
        ]
        if place == paper.comparison.reference and len(trims) > 1:
            names.append(TextBlock(tr_in(language, "Baseline"), _SMALL.but(color=ACCENT)))
        head.append(names)
    style: Commands = [
        *OWN_FONT,
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0.75 * GRID),
        ("TOPPADDING", (0, 0), (-1, -1), 2.2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.2),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("VALIGN", (0, 1), (-1, -1), "TOP"),
        ("LINEABOVE", (0, 0), (-1, 0), 1.0, INK),
        ("LINEBELOW", (0, 0), (-1, 0), HAIRLINE, LINE),
        ("LINEBELOW", (0, 1), (-1, -1), HAIRLINE, FAINT_LINE),
    ]
    for number in headings:
        style += [
            ("SPAN", (0, number), (-1, number)),
            ("BACKGROUND", (0, number), (-1, number), WASH),
            ("NOSPLIT", (0, number), (0, number + 1)),
            ("LEFTPADDING", (0, number), (0, number), 4),
        ]
    style += [("BACKGROUND", (0, number), (-1, number), ACCENT_WASH) for number in marked]
    table = Table(
        [head, *[list(row) for row in rows]], colWidths=[_FIRST, *[wide] * len(trims)], repeatRows=1, style=style
    )
    table.hAlign = "LEFT"
    return table


def _model(series: Bilingual, year: int, trim: Bilingual, language: str) -> str:
    if language.startswith("zh"):
        return f"{series.zh} {year}款 {trim.zh}"
    return f"{series.en or series.zh} {year} {trim.en or trim.zh}"


def _words(name: Bilingual, language: str) -> str:
    return name.in_language(language).translate(_SUBSCRIPTS)


def _figure(text: str, *, strong: bool = False, won: bool = False) -> TextBlock:
    return TextBlock(text + (_BETTER if won else ""), _CELL.but(bold=strong or won, color=ACCENT if won else INK))


def _yuan(amount: Decimal) -> str:
    return f"¥{amount:,.2f}".replace("¥-", "−¥")


def _thousands(amount: Decimal, language: str) -> str:
    """A short form inside a bar: 9.3万, or 93k."""
    if language.startswith("zh"):
        return f"{amount / 10_000:.1f}万" if amount >= 1_000 else ""
    return f"{amount / 1_000:.0f}k" if amount >= 1_000 else ""
