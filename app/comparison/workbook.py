"""The comparison as an XLSX workbook: specifications, costs, assumptions. Numbers are numbers, their units stand in the
headings, and no text can become a formula."""

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from app.catalog.import_report import needs_apostrophe
from app.comparison.cost_rows import assumption_pairs, cost_sources, missing_words
from app.comparison.lines import MONEY_LINES, Line
from app.comparison.ownership import CostKind
from app.comparison.queries import Comparison, ComparisonHouse
from app.documents.wording import day_in_words
from app.runtime.language import CHINESE, tr_in

_MONEY = "#,##0.00"
_FIRST_WIDTH, _WIDTH = 34, 26
_UNKNOWN = "–"
_A4 = 9


def comparison_workbook(found: Comparison, house: ComparisonHouse, language: str) -> bytes:
    """The workbook's bytes, worded in a language."""
    from openpyxl import Workbook

    book = Workbook()
    specifications = book.active
    assert specifications is not None
    _Sheet(specifications, tr_in(language, "Specifications"), language).fill_specifications(found)
    _Sheet(book.create_sheet(), tr_in(language, "Costs"), language).fill_costs(found)
    _Sheet(book.create_sheet(), tr_in(language, "Assumptions"), language).fill_assumptions(found, house)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


class _Sheet:
    """Writes lines below each other; texts are always texts."""

    def __init__(self, sheet: Any, title: str, language: str) -> None:
        from openpyxl.styles import Alignment, Font, PatternFill

        self._sheet, self._language, self._row = sheet, language, 0
        self._strong, self._better = Font(bold=True), Font(bold=True, color="FF0B6E6E")
        self._wash = PatternFill("solid", fgColor="FFF5F6F8")
        self._wrap = Alignment(wrap_text=True, vertical="top")
        sheet.title = title
        sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", _A4
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True

    # --- sheets ----------------------------------------------------------------------------------

    def fill_specifications(self, found: Comparison) -> None:
        """One line a parameter; the unit stands with its name, the best values are bold."""
        self._head(found, first=tr_in(self._language, "Specifications"))
        for group in found.groups:
            self._line([group.name.in_language(self._language)], strong=True, wash=True, across=1 + len(found.trims))
            for line in group.lines:
                self._specification(line)
        self._repeat_head()

    def _specification(self, line: Line) -> None:
        name, unit = line.label.in_language(self._language), line.unit.in_language(self._language)
        cells = [
            cell.number if cell.number is not None else cell.text.in_language(self._language) for cell in line.cells
        ]
        around = "{name}（{unit}）" if self._language == CHINESE else "{name} ({unit})"
        label = around.format(name=name, unit=unit) if unit else name
        self._line([label, *cells], best=line.best, money=line.code in MONEY_LINES)

    def fill_costs(self, found: Comparison) -> None:
        """Amounts in yuan, one line a kind, then the totals; below, how each was worked out."""
        say = self._language
        self._head(found, first=tr_in(say, "Costs in yuan, {years} years", years=found.assumed.years))
        for kind in CostKind:
            amounts = [cost.amount(kind) for cost in found.costs]
            signed = [-a if a is not None and kind is CostKind.RESIDUAL else a for a in amounts]
            self._line([tr_in(say, kind.label), *(_UNKNOWN if a is None else a for a in signed)], money=True)
        self._line([tr_in(say, "Total"), *(cost.total for cost in found.costs)], money=True, strong=True)
        self._line([tr_in(say, "by month"), *(cost.monthly for cost in found.costs)], money=True)
        ways = [_UNKNOWN if cost.per_kilometre is None else cost.per_kilometre for cost in found.costs]
        self._line([tr_in(say, "by kilometre"), *ways], money=True)
        if not all(cost.complete for cost in found.costs):
            self._line([tr_in(say, "What is missing"), *(missing_words(cost, say) for cost in found.costs)])
        self._line([])
        self._line([tr_in(say, "How it is worked out")], strong=True, wash=True, across=1 + len(found.trims))
        for kind in CostKind:
            formulas = [cost.figure(kind).formula.in_language(say) for cost in found.costs]
            self._line([tr_in(say, kind.label), *formulas], wrap=True)
        self._repeat_head()

    def fill_assumptions(self, found: Comparison, house: ComparisonHouse) -> None:
        """What was taken for granted, where figures come from, and who made it when."""
        say = self._language
        self._widths(2)
        pairs = [
            (tr_in(say, "Dealership"), house.name), (tr_in(say, "Address"), house.address),
            (tr_in(say, "Phone"), house.salesperson_phone or house.phone),
            (tr_in(say, "Your contact"), house.salesperson),
            (tr_in(say, "Date"), day_in_words(house.printed_on, say)),
            (tr_in(say, "Valid until"), day_in_words(house.valid_until, say)),
            *([(tr_in(say, "Prepared for"), found.prepared_for)] if found.prepared_for else []),
        ]  # fmt: skip
        for pair in (*pairs, *assumption_pairs(found, say)):
            self._line(list(pair))
        self._line([])
        self._line([tr_in(say, "Where the figures come from")], strong=True, wash=True, across=2)
        for text in cost_sources(found.costs, say):
            self._line([text])

    # --- lines -----------------------------------------------------------------------------------

    def _head(self, found: Comparison, *, first: str = "") -> None:
        self._widths(1 + len(found.trims))
        names = [trim.name.in_language(self._language) for trim in found.trims]
        self._line([first, *names], strong=True, wrap=True)

    def _repeat_head(self) -> None:
        """The names stay in sight, on the screen and on each printed page."""
        self._sheet.freeze_panes = "B2"
        self._sheet.print_title_rows = "1:1"

    def _widths(self, columns: int) -> None:
        from openpyxl.utils import get_column_letter

        for number in range(1, columns + 1):
            self._sheet.column_dimensions[get_column_letter(number)].width = _FIRST_WIDTH if number == 1 else _WIDTH

    def _line(
        self,
        values: Sequence[str | Decimal],
        *,
        money: bool = False,
        strong: bool = False,
        wash: bool = False,
        wrap: bool = False,
        across: int = 0,
        best: frozenset[int] = frozenset(),
    ) -> None:
        self._row += 1
        for number in range(1, max(len(values), across) + 1):
            cell = self._sheet.cell(self._row, number)
            if number <= len(values):
                self._write(cell, values[number - 1], money=money)
            if strong:
                cell.font = self._strong
            if number - 2 in best:
                cell.font = self._better
            if wash:
                cell.fill = self._wash
            if wrap:
                cell.alignment = self._wrap

    def _write(self, cell: Any, value: str | Decimal, *, money: bool) -> None:
        if isinstance(value, Decimal):
            cell.value = int(value) if value == value.to_integral_value() and not money else float(value)
            if money:
                cell.number_format = _MONEY
            return
        cell.value = value
        cell.data_type = "s"  # also what begins with "=": it stays a text
        if needs_apostrophe(value):
            cell.quotePrefix = True
