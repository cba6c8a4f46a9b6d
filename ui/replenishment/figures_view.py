"""How long the stock lasts and what sells, as charts."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.replenishment.need_rows import NeedRow
from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.layout import column
from ui.replenishment.words import days_text, rate_text

SHOWN = 12


class FiguresView(QWidget):
    """Two cards; a bar opens its trim: `chosen(trim_id)`."""

    chosen = Signal(str)

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        from ui.charts.bars import BarChart
        from ui.charts.chart_card import ChartCard

        self.sales = ChartCard(context, "sales-rate", tr_noop("What sells"), chart=BarChart(tr_noop("What sells")))
        self.supply = ChartCard(
            context, "days-of-supply", tr_noop("How long it lasts"), chart=BarChart(tr_noop("How long it lasts"))
        )
        stack = column(gap=16)
        for card in (self.sales, self.supply):
            card.chosen.connect(self.chosen)
            stack.addWidget(card, 1)
        self.setLayout(stack)

    def show_rows(self, rows: Sequence[NeedRow]) -> None:
        """The trims that sell most."""
        from ui.charts.chart_data import ChartData
        from ui.charts.series import Series

        best = sorted(rows, key=lambda row: -row.demand.monthly)[:SHOWN]
        names = [_short(row) for row in best]
        keys = [row.id for row in best]
        rates = [row.demand.monthly for row in best]
        days = [float(row.days or 0) for row in best]
        self.sales.show_data(
            ChartData(
                categories=names, keys=keys, unit=tr("vehicles a month"),
                series=[Series(tr_noop("Sold a month"), rates, labels=[rate_text(rate) for rate in rates])],
                said=[f"{name}: {rate_text(rate)}" for name, rate in zip(names, rates, strict=True)],
                columns=[tr("Model"), tr("Sold a month")],
                rows=[(str(row.name), rate_text(row.demand.monthly)) for row in best],
            )
        )  # fmt: skip
        self.supply.show_data(
            ChartData(
                categories=names, keys=keys, unit=tr("days"),
                series=[Series(tr_noop("Lasts"), days, labels=[str(row.days or 0) for row in best])],
                said=[f"{_short(row)}: {days_text(row.days)}" for row in best],
                columns=[tr("Model"), tr("Lasts")], rows=[(str(row.name), days_text(row.days)) for row in best],
            )
        )  # fmt: skip


def _short(row: NeedRow) -> str:
    return str(row.place.short)
