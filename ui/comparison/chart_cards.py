"""The two charts of the comparison on cards: stacked costs, and the radar."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.comparison.queries import Comparison
from app.runtime.language import tr, tr_noop
from ui.charts.card_grid import CardGrid
from ui.charts.chart_card import ChartCard
from ui.charts.radar import RadarChart
from ui.charts.stacked import StackedChart
from ui.comparison.chart_views import cost_data, radar_data
from ui.kit.context import PageContext
from ui.kit.layout import column
from ui.kit.text import Retranslated
from ui.kit.theme import set_role, set_size

_NARROWEST, _LOWEST = 430, 380


class _Room(QFrame):
    """Gives cards what is there, and never less than they need; their wishes do not make it scroll."""

    def __init__(self, grid: CardGrid) -> None:
        super().__init__()
        self._grid = grid
        grid.setParent(self)
        set_role(self, "plain")

    def minimumSizeHint(self) -> QSize:
        return QSize(1, self._grid.minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._grid.setGeometry(self.rect())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # the cards stand otherwise
            self.updateGeometry()
        return super().event(event)


class ChartCards(Retranslated, QWidget):
    """`show_comparison` fills both."""

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._shown: Comparison | None = None
        costs_title, radar_title = tr_noop("Cost of ownership"), tr_noop("Strengths compared")
        self.stacked = StackedChart(costs_title, unit=tr_noop("yuan"))
        self.radar = RadarChart(radar_title)
        self.costs = ChartCard(context, "comparison-costs", costs_title, chart=self.stacked)
        self.strengths = ChartCard(context, "comparison-radar", radar_title, chart=self.radar)
        for card in (self.costs, self.strengths):
            set_size(card, height=_LOWEST, at_least=True)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows the focus of what it holds
        scroll.setWidget(_Room(CardGrid([self.costs, self.strengths], narrowest=_NARROWEST)))
        layout = column(gap=0)
        layout.addWidget(scroll, 1)
        self.setLayout(layout)

    def show_comparison(self, comparison: Comparison) -> None:
        """Show the costs and the chosen axes."""
        self._shown = comparison
        data, totals = cost_data(comparison)
        years = comparison.assumed.years
        self.stacked.set_totals(totals)
        self.costs.show_data(data, lambda: tr("{n} years", n=years))
        self.strengths.show_data(radar_data(comparison), lambda: tr("share of the best"))

    def retranslate(self) -> None:
        if self._shown is not None:
            self.show_comparison(self._shown)
