"""How long the stock lasts and what sells, as charts."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.replenishment.need_rows import NeedRow
from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.layout import row
from ui.replenishment.words import days_text, rate_text

SHOWN = 12


class FiguresView(QWidget):
    """Two cards; a bar opens its trim: `chosen(trim_id)`."""

    chosen = Signal(str)

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        from ui.charts.chart_card import ChartCard
        from ui.replenishment.trim_chart import TrimChart

        self.sales = ChartCard(context, "sales-rate", tr_noop("What sells"), chart=TrimChart(tr_noop("What sells")))
        self.supply = ChartCard(
            context, "days-of-supply", tr_noop("How long it lasts"), chart=TrimChart(tr_noop("How long it lasts"))
        )
        side_by_side = row(gap=16)
        for card in (self.sales, self.supply):
            card.chosen.connect(self.chosen)
            side_by_side.addWidget(card, 1)
        self.setLayout(side_by_side)

    def show_rows(self, rows: Sequence[NeedRow]) -> None:
        """The trims that sell most."""
        from ui.charts.chart_data import ChartData
        from ui.charts.series import Series

        best = sorted(rows, key=lambda need: -need.demand.monthly)[:SHOWN]
        names = [_short(need) for need in best]
        keys = [need.id for need in best]
        rates = [need.demand.monthly for need in best]
        days = [float(need.days or 0) for need in best]
        self.sales.show_data(
            ChartData(
                categories=names, keys=keys, unit=tr("vehicles a month"),
                series=[Series(tr_noop("Sold a month"), rates, labels=[rate_text(rate) for rate in rates])],
                said=[f"{need.name}: {rate_text(need.demand.monthly)}" for need in best],
                columns=[tr("Model"), tr("Sold a month")],
                rows=[(str(need.name), rate_text(need.demand.monthly)) for need in best],
            )
        )  # fmt: skip
        self.supply.show_data(
            ChartData(
                categories=names, keys=keys, unit=tr("days"),
                series=[Series(tr_noop("Lasts"), days, labels=[str(need.days or 0) for need in best])],
                said=[f"{need.name}: {days_text(need.days)}" for need in best],
                columns=[tr("Model"), tr("Lasts")], rows=[(str(need.name), days_text(need.days)) for need in best],
            )
        )  # fmt: skip


def _short(need: NeedRow) -> str:
    """Two lines: of one series several trims can sell well."""
    return f"{need.place.short}\n{need.place.trim}"
