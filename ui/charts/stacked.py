"""Lying bars made of stretches, one stretch a series: what a sum consists of, for names of any length."""

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from ui.charts.bars import LONGEST_NAME, RankChart
from ui.charts.frame import Format, plain_number
from ui.charts.legend import WrappedLegend
from ui.charts.names import fitting_lines
from ui.charts.series import Series
from ui.kit.text import Words
from ui.kit.theme import theme

THICKNESS = 0.56
_TOTAL_ROOM = 0.34
_MOST_FOR_TOTALS = 0.6
"""Of the width."""


class StackedChart(RankChart):
    """`show_stack` instead of `show_series`: the words of the sums stand at the ends of the bars."""

    def __init__(
        self, title: Words, *, unit: Words = "", write: Format = plain_number, parent: QWidget | None = None
    ) -> None:
        self._totals: list[str] = []
        self._names = WrappedLegend()
        super().__init__(title, unit=unit, write=write, parent=parent)
        self.layout().insertWidget(0, self._names)  # type: ignore[union-attr]

    def show_stack(
        self,
        categories: Sequence[str],
        series: Sequence[Series],
        totals: Sequence[str],
        *,
        said: Sequence[str] | None = None,
    ) -> None:
        """Stretches by category, and the words at the end of each bar. Raises ValueError for other lengths."""
        if len(totals) != len(categories):
            raise ValueError(f"{len(categories)} categories, but {len(totals)} sums")
        self.set_totals(totals)
        self.show_series(categories, series, said=said)

    def set_totals(self, totals: Sequence[str]) -> None:
        """The words at the ends of the bars that are shown next."""
        self._totals = list(totals)

    def draw(self) -> None:
        count = len(self._categories)
        ends = [0.0] * count
        for number, one in enumerate(self._series):
            lengths = [value or 0.0 for value in one.values]
            brush = pg.mkBrush(theme().color(self.token_of(number)))
            edge = pg.mkPen(theme().color("surface"), width=theme().px(1))
            places = list(range(count))
            self.plot.addItem(
                pg.BarGraphItem(x0=list(ends), y=places, width=lengths, height=THICKNESS, brush=brush, pen=edge)
            )
            ends = [end + length for end, length in zip(ends, lengths, strict=True)]
        self.plot.getPlotItem().invertY(True)
        self.plot.setYRange(-0.5, count - 0.5, padding=0)
        self._fit_values()
        self._write_totals(ends)
        self._mark = pg.LinearRegionItem(
            orientation="horizontal", movable=False, brush=self._mark_brush(), pen=pg.mkPen(None)
        )
        self._mark.setZValue(-10)
        self._mark.hide()
        self.plot.addItem(self._mark, ignoreBounds=True)

    def name_shown(self, name: str, measure: QFontMetrics) -> str:
        return fitting_lines(name, measure, longest=theme().px(LONGEST_NAME))

    def values_shown(self) -> list[float]:
        sums = [sum(one.values[at] or 0.0 for one in self._series) for at in range(len(self._categories))]
        return [*sums, max(sums, default=0.0) * (1 + _TOTAL_ROOM), self._needed_for_totals(sums)]

    def _needed_for_totals(self, sums: Sequence[float]) -> float:
        """So far the axis has to go that what stands at the ends of the bars is seen in full."""
        width = self.plot.getPlotItem().vb.width()
        metrics = QFontMetrics(theme().font("secondary", bold=True, tabular=True))
        needed = 0.0
        for end, text in zip(sums, self._totals, strict=False):
            share = (metrics.horizontalAdvance(text) + theme().px(16)) / max(1.0, width)
            needed = max(needed, end / (1 - min(share, _MOST_FOR_TOTALS)))
        return needed

    def _write_totals(self, ends: Sequence[float]) -> None:
        font = theme().font("secondary", bold=True, tabular=True)
        for at, (end, text) in enumerate(zip(ends, self._totals, strict=False)):
            label = pg.TextItem(text, color=theme().color("text"), anchor=(0, 0.5))
            label.setFont(font)
            label.setPos(end, at)
            self.plot.addItem(label, ignoreBounds=True)

    def _fill_legend(self) -> None:
        self._names.show_names([(one.name, self.token_of(number), None) for number, one in enumerate(self._series)])
