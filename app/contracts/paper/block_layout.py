"""How the blocks of facts are drawn: vehicle, labels and values, an amount, prices, a loan, tables, statements."""

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

from reportlab.platypus.flowables import Flowable

from app.contracts.kinds.blocks import (
    AmountBlock,
    Block,
    Pair,
    PairsBlock,
    PlanBlock,
    PriceBlock,
    StatementBlock,
    TableBlock,
    TableColumn,
    VehicleBlock,
)
from app.documents.blocks import (
    Cell,
    Gap,
    columns,
    fitting,
    in_languages,
    label_grid,
    notice,
    ruled_table,
    section,
    together,
)
from app.documents.chinese_amounts import amount_in_capitals
from app.documents.paper_data import Words
from app.documents.sale_blocks import Tongue, lines_table, plan_pairs, vehicle_pairs
from app.documents.styles import BODY, FIGURE, GRID, LABEL, MUTED, TITLE, TOTAL, VALUE, Align
from app.documents.text_block import TextBlock
from app.documents.text_runs import Run
from app.documents.wording import money

_BIG = TITLE.but(size=20, leading=28, align=Align.RIGHT)


class BlockLayout:
    """Draws blocks in the leading language, the second one beside where the words differ."""

    def __init__(self, tongue: Tongue, *, width: float) -> None:
        self._tongue = tongue
        self._width = width
        self._drawn: Mapping[type, Callable[[Any], Iterable[Flowable]]] = {
            VehicleBlock: self._vehicle,
            PairsBlock: self._pairs_block,
            AmountBlock: self._amount,
            PriceBlock: self._price,
            PlanBlock: self._plan,
            TableBlock: self._table,
            StatementBlock: self._statement,
        }

    def story(self, blocks: Iterable[Block]) -> Iterable[Flowable]:
        """A heading and what follows it, for each block that has anything to say."""
        for block in blocks:
            drawn = list(self._drawn[type(block)](block))
            if drawn:
                first = block.title.in_language(self._tongue.first)
                second = block.title.in_language(self._tongue.second) if self._tongue.second else ""
                heading = section(first, second if second != first else "")
                if isinstance(block, TableBlock | PriceBlock):
                    yield from [*heading, *drawn]
                else:
                    yield together([*heading[1:], *drawn])

    def _vehicle(self, block: VehicleBlock) -> Iterable[Flowable]:
        vehicle = block.vehicle
        yield TextBlock(self._both(vehicle.name, bold=True), BODY.but(size=10, leading=20))
        pairs = vehicle_pairs(vehicle, tongue=self._tongue, named=False)
        more = [(self._tongue.words(label), self._said(value)) for label, value in block.more]
        yield label_grid([*pairs, *more], width=self._width, shares=(1, 1, 1, 1))

    def _pairs_block(self, block: PairsBlock) -> Iterable[Flowable]:
        if any(value.zh for _, value in block.pairs):
            yield self._pairs(block.pairs, across=block.across)

    def _pairs(self, pairs: Iterable[Pair], *, across: int) -> Flowable:
        said = [(self._tongue.words(label), self._said(value)) for label, value in pairs]
        return label_grid(said, width=self._width, shares=(1,) * across)

    def _said(self, words: Words) -> str:
        """Both languages; what holds figures, such as a day, once."""
        first = words.in_language(self._tongue.first)
        return first if any(char.isdigit() for char in first) else self._tongue.words(words)

    def _both(self, words: Words, *, bold: bool = False) -> list[Run]:
        first = words.in_language(self._tongue.first)
        second = words.in_language(self._tongue.second) if self._tongue.second else first
        runs = [Run(first, bold=bold)]
        if second != first and (bold or not any(char.isdigit() for char in first)):
            runs.append(Run("  " + second, color=MUTED))
        return runs

    def _amount(self, block: AmountBlock) -> Iterable[Flowable]:
        inner = self._width - 3 * GRID
        left = [
            TextBlock(self._tongue.words(block.label), BODY.but(bold=True, size=10, leading=15)),
            TextBlock("人民币" + amount_in_capitals(block.amount), VALUE.but(leading=15)),
        ]
        row = columns([[left, fitting(money(block.amount), _BIG, inner * 0.36)]], [inner * 0.64, inner * 0.36])
        yield notice([row], width=self._width, tone="accent")
        if block.pairs:
            yield Gap(GRID)
            yield self._pairs(block.pairs, across=4)

    def _price(self, block: PriceBlock) -> Iterable[Flowable]:
        yield lines_table(block.lines, block.total, tongue=self._tongue, width=self._width)

    def _plan(self, block: PlanBlock) -> Iterable[Flowable]:
        pairs = plan_pairs(block.plan, tongue=self._tongue)
        more = [(self._tongue.words(label), self._said(value)) for label, value in block.pairs]
        yield label_grid([*pairs, *more], width=self._width, shares=(1, 1, 1, 1))

    def _table(self, block: TableBlock) -> Iterable[Flowable]:
        shares = sum(column.share for column in block.columns)
        number = 3 * GRID
        widths = [number, *((self._width - number) * column.share / shares for column in block.columns)]
        room = [each - GRID for each in widths[1:-1]] + widths[-1:]
        head: list[Cell] = [TextBlock("#", LABEL), *map(self._column_head, block.columns, room)]
        rows: list[list[Cell]] = [
            [TextBlock(str(index), BODY.but(color=LABEL.color)), *self._cells(block.columns, row, room)]
            for index, row in enumerate(block.rows, start=1)
        ]
        closing = [self._closing(block, label, amount, widths[-1]) for label, amount in block.totals]
        table = ruled_table(head, [*rows, *closing], widths, closing_rows=len(closing))
        for place, (column, following) in enumerate(pairwise(block.columns), start=2):
            if column.figures and not following.figures:
                table.setStyle([("LEFTPADDING", (place, 0), (place, -1), 2 * GRID)])
        last = len(widths) - 1
        for index in range(len(closing)):
            line = 1 + len(rows) + index
            table.setStyle([("SPAN", (0, line), (last - 1, line))])
        yield table

    def _column_head(self, column: TableColumn, width: float) -> TextBlock:
        style = LABEL.but(align=Align.RIGHT) if column.figures else LABEL
        return in_languages(self._tongue.words(column.label), style, width)

    def _cells(self, columns_: tuple[TableColumn, ...], row: tuple[Words, ...], room: list[float]) -> Iterable[Cell]:
        for column, value, width in zip(columns_, row, room, strict=True):
            yield in_languages(self._both(value), FIGURE if column.figures else BODY, width)

    def _closing(self, block: TableBlock, label: Words, amount: Any, width: float) -> list[Cell]:
        last = label is block.totals[-1][0] and block.capitals
        runs = [Run(self._tongue.words(label), bold=True)]
        if last:
            runs.append(Run(f"    人民币{amount_in_capitals(amount)}", bold=False))
        leading = 20 if last else BODY.leading
        figure = TOTAL if last else FIGURE.but(bold=True)
        empty: list[Cell] = [""] * (len(block.columns) - 1)
        return [TextBlock(runs, BODY.but(leading=leading)), *empty, fitting(money(amount), figure, width)]

    def _statement(self, block: StatementBlock) -> Iterable[Flowable]:
        yield notice([TextBlock(block.text.in_language(self._tongue.first), BODY)], width=self._width)
