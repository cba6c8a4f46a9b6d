"""How the comparison is laid out on landscape A4: an overview with charts, the costs, the specifications."""

from collections.abc import Sequence
from decimal import Decimal

from reportlab.platypus.flowables import Flowable, PageBreak

from app.comparison.cost_rows import STACK, assumption_pairs, bars_of, cost_sources, missing_words
from app.comparison.drawings import Bar, Picture, Radar, Segment, Spoke, StackedBars
from app.comparison.lines import GENERAL, Line
from app.comparison.ownership import CostFigure, CostKind, OwnershipCost
from app.comparison.paper import ComparisonPaper
from app.comparison.printed_table import Block, Piece, PrintedCell, PrintedRow, PrintedTable, block
from app.documents.blocks import Gap, Rule, columns, label_grid, label_rows, section
from app.documents.styles import (
    ACCENT,
    BODY,
    GRID,
    INK,
    MUTED,
    SECOND,
    SMALL,
    SUBTITLE,
    TITLE,
    WARN,
)
from app.documents.text_block import TextBlock
from app.documents.wording import day_in_words
from app.kernel.labels import Bilingual
from app.runtime.language import tr_in

MARGIN = 5 * GRID
_PAGE_WIDTH = 841.8898
_WIDTH = _PAGE_WIDTH - 2 * MARGIN
_FIRST = 132.0
_RADAR = 140.0
_PICTURE = 41.0
_WIDEST_PICTURE = 2.4
"""Times its height: on wider ones wheels and roof would be cut off."""
_ROOM_FOR_LINES = 20 * GRID
"""The specifications begin below the sources where so much of the page is left, else on the next."""
_BETTER = " ✓"
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
"""The typeface has no small figures below the line: CO₂ is printed CO2."""
_ON_PAPER = ("guide_price", "price_taken", "on_road", "energy", "seats")
"""General lines a customer reads; how many stand in the yard is the house's business."""
_CELL = BODY.but(size=8, leading=11)
_SMALL = SMALL.but(size=6.5, leading=9)


def comparison_story(paper: ComparisonPaper, *, language: str, title: str) -> list[Flowable]:
    """All flowables of a comparison."""
    story: list[Flowable] = [
        _head(paper, language, title),
        Gap(GRID),
        Rule(),
        Gap(GRID / 2),
        *_pictures(paper),
        _glance(paper, language),
        Gap(GRID / 2),
        _charts(paper, language),
        Gap(GRID / 2),
        _validity(paper, language),
        PageBreak(),
        *section(tr_in(language, "What each costs in {years} years", years=paper.comparison.assumed.years)),
        _costs(paper, language),
        *section(tr_in(language, "What was assumed")),
        label_grid(assumption_pairs(paper.comparison, language), width=_WIDTH, shares=(1, 1, 1, 1, 1)),
        *section(tr_in(language, "Where the figures come from"), room=6 * GRID),
        *_sources(paper, language),
        *section(tr_in(language, "Specifications"), room=_ROOM_FOR_LINES),
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
    name = paper.comparison.prepared_for
    dates = [  # the number stands at the foot of each page, too
        (tr_in(language, "Prepared for"), name) if name else (tr_in(language, "Number"), paper.number),
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
    known = [cost.total for cost in found.costs if cost.complete]
    best = min(known) if len(set(known)) > 1 else None
    label = tr_in(language, "Cost of ownership, {years} years", years=found.assumed.years)
    totals: list[PrintedCell] = [(block(label, _CELL, bold=True),)]
    for cost in found.costs:
        won = cost.complete and cost.total == best
        totals.append((_figure(_yuan(cost.total), strong=True, won=won), *_incomplete(cost, language)))
    months = [(block(tr_in(language, "by month"), _CELL, color=MUTED),)]
    months += [(_figure(_yuan(cost.monthly)),) for cost in found.costs]
    return _table(paper, [*rows, PrintedRow(tuple(totals), marked=True), PrintedRow(tuple(months))], language)


def _pictures(paper: ComparisonPaper) -> list[Flowable]:
    """The models above their columns, where any of them has a picture."""
    trims = paper.comparison.trims
    if not any(trim.id in paper.pictures for trim in trims):
        return []
    wide = _column_width(len(trims))
    size = min(wide - GRID, _WIDEST_PICTURE * _PICTURE)
    shown: list[Flowable | str] = [
        Picture(paper.pictures[trim.id], width=size, height=_PICTURE) if trim.id in paper.pictures else ""
        for trim in trims
    ]
    rest = _WIDTH - _FIRST - wide * len(trims)  # a column of its own, or the row would stand in the middle of the page
    widths = [_FIRST, *[wide] * len(trims), *([rest] if rest > GRID else [])]
    return [columns([["", *shown, *([""] if rest > GRID else [])]], widths), Gap(GRID / 2)]


def _incomplete(cost: OwnershipCost, language: str) -> PrintedCell:
    return () if cost.complete else (block(missing_words(cost, language), _SMALL, color=WARN),)


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
    if len(found.axes) < 3 or len(found.trims) < 2:  # a share of the best says nothing of one alone
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
    rows = [
        PrintedRow(
            ((block(_kind_label(kind, language), _CELL),), *(_explained(c.figure(kind), language) for c in found.costs))
        )
        for kind in CostKind
    ]
    totals: list[PrintedCell] = [(block(tr_in(language, "Total"), _CELL, bold=True),)]
    months: list[PrintedCell] = [(block(tr_in(language, "by month"), _CELL),)]
    ways: list[PrintedCell] = [(block(tr_in(language, "by kilometre"), _CELL),)]
    for cost in found.costs:
        totals.append((block(_yuan(cost.total), _CELL.but(size=9), bold=True), *_incomplete(cost, language)))
        months.append((_figure(_yuan(cost.monthly)),))
        ways.append((_figure("–" if cost.per_kilometre is None else _yuan(cost.per_kilometre)),))
    sums = [PrintedRow(tuple(totals), marked=True), PrintedRow(tuple(months)), PrintedRow(tuple(ways))]
    return _table(paper, [*rows, *sums], language)


def _explained(figure: CostFigure, language: str) -> PrintedCell:
    """The amount, and below it in small letters how it was worked out, or what is missing."""
    if figure.amount is None:
        return (
            block("–", _CELL, bold=True), block(figure.formula.in_language(language), _SMALL, color=WARN),
        )  # fmt: skip
    sign = "−" if figure.kind is CostKind.RESIDUAL and figure.amount else ""
    return block(f"{sign}{_yuan(figure.amount)}", _CELL, bold=True), block(figure.formula.in_language(language), _SMALL)


def _kind_label(kind: CostKind, language: str) -> str:
    label = tr_in(language, kind.label)
    return f"− {label}" if kind is CostKind.RESIDUAL else label


def _sources(paper: ComparisonPaper, language: str) -> list[Flowable]:
    style = SECOND.but(size=7, leading=10)
    return [TextBlock(text, style) for text in cost_sources(paper.comparison.costs, language)]


# --- specifications ------------------------------------------------------------------------------


def _specifications(paper: ComparisonPaper, language: str) -> Flowable:
    rows: list[PrintedRow] = []
    for group in paper.comparison.groups:
        if group.code == GENERAL:
            continue
        rows.append(PrintedRow(((block(_words(group.name, language), _CELL, bold=True),),), heading=True))
        rows += [_line_row(line, language) for line in group.lines]
    return _table(paper, rows, language)


def _line_row(line: Line, language: str) -> PrintedRow:
    cells: list[PrintedCell] = [(block(_words(line.label, language), _CELL, color=INK if line.differs else MUTED),)]
    for place, cell in enumerate(line.cells):
        won = place in line.best
        text = _words(cell.text, language) + (_BETTER if won else "")
        pieces = [Piece(text, won, ACCENT if won else INK)]
        delta = _words(cell.delta, language)
        if delta and delta != "=":
            pieces.append(Piece(f"  {delta}", False, MUTED))
        cells.append((Block(tuple(pieces), _CELL),))
    return PrintedRow(tuple(cells))


# --- tables --------------------------------------------------------------------------------------


def _table(paper: ComparisonPaper, rows: Sequence[PrintedRow], language: str) -> Flowable:
    """A table under the names of the trims, which are repeated on each page."""
    trims = paper.comparison.trims
    wide = _column_width(len(trims))
    head: list[PrintedCell] = [()]
    for place, trim in enumerate(trims):
        names = [
            block(trim.make.in_language(language), _SMALL),
            block(_model(trim.series, trim.year, trim.trim, language), _CELL, bold=True),
        ]
        if place == paper.comparison.reference and len(trims) > 1:
            names.append(block(tr_in(language, "Baseline"), _SMALL, color=ACCENT))
        head.append(tuple(names))
    return PrintedTable(PrintedRow(tuple(head)), rows, [_FIRST, *[wide] * len(trims)])


def _column_width(trims: int) -> float:
    return min((_WIDTH - _FIRST) / max(1, trims), 210.0)


def _model(series: Bilingual, year: int, trim: Bilingual, language: str) -> str:
    if language.startswith("zh"):
        return f"{series.zh} {year}款 {trim.zh}"
    return f"{series.en or series.zh} {year} {trim.en or trim.zh}"


def _words(name: Bilingual, language: str) -> str:
    return name.in_language(language).translate(_SUBSCRIPTS)


def _figure(text: str, *, strong: bool = False, won: bool = False) -> Block:
    return block(text + (_BETTER if won else ""), _CELL, bold=strong or won, color=ACCENT if won else INK)


def _yuan(amount: Decimal) -> str:
    return f"¥{amount:,.2f}".replace("¥-", "−¥")


def _thousands(amount: Decimal, language: str) -> str:
    """A short form inside a bar: 9.3万, or 93k."""
    if language.startswith("zh"):
        return f"{amount / 10_000:.1f}万" if amount >= 1_000 else ""
    return f"{amount / 1_000:.0f}k" if amount >= 1_000 else ""
