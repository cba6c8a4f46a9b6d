"""Bars: by month side by side, or lying, for names of any length."""

import pyqtgraph as pg

from ui.charts.frame import Chart
from ui.kit.theme import theme

GROUP_WIDTH = 0.72


class BarChart(Chart):
    """One group of standing bars for each category."""

    def draw(self) -> None:
        width = GROUP_WIDTH / len(self._series)
        for number, one in enumerate(self._series):
            shift = (number - (len(self._series) - 1) / 2) * width
            self.plot.addItem(self._bars([at + shift for at in range(len(one.values))], one.values, width, number))
        self.plot.setXRange(-0.5, len(self._categories) - 0.5, padding=0)
        self._fit_values()
        self._mark = pg.LinearRegionItem(movable=False, brush=self._mark_brush(), pen=pg.mkPen(None))
        self._mark.setZValue(-10)
        self._mark.hide()
        self.plot.addItem(self._mark, ignoreBounds=True)

    def draw_index(self, index: int | None) -> None:
        if not self._categories:
            return
        self._mark.setVisible(index is not None)
        if index is not None:
            self._mark.setRegion((index - 0.5, index + 0.5))

    def _bars(self, places: list[float], values: object, width: float, number: int) -> pg.BarGraphItem:
        heights = [value or 0.0 for value in values]  # type: ignore[attr-defined]
        brush = pg.mkBrush(theme().color(self.token_of(number)))
        return pg.BarGraphItem(x=places, height=heights, width=width * 0.9, brush=brush, pen=pg.mkPen(None))

    def _mark_brush(self) -> object:
        color = theme().color("text")
        color.setAlpha(16)
        return pg.mkBrush(color)

    def _fit_values(self) -> None:
        values = [value for one in self._series for value in one.values if value is not None]
        low, high = min([0.0, *values]), max([0.0, *values])
        room = (high - low) * 0.06 or 1.0
        limits = (low - (room if low < 0 else 0), high + room)
        if self.horizontal:
            self.plot.setXRange(*limits, padding=0)
        else:
            self.plot.setYRange(*limits, padding=0)


class RankChart(BarChart):
    """Lying bars, the first category on top: for makes, models, people."""

    horizontal = True

    def draw_ticks(self) -> None:
        self.plot.getPlotItem().getAxis("left").setTicks([list(enumerate(self._categories))])

    def draw(self) -> None:
        width = GROUP_WIDTH / len(self._series)
        for number, one in enumerate(self._series):
            shift = (number - (len(self._series) - 1) / 2) * width
            self.plot.addItem(self._bars([at + shift for at in range(len(one.values))], one.values, width, number))
        self.plot.getPlotItem().invertY(True)
        self.plot.setYRange(-0.5, len(self._categories) - 0.5, padding=0)
        self._fit_values()
        self._mark = pg.LinearRegionItem(
            orientation="horizontal", movable=False, brush=self._mark_brush(), pen=pg.mkPen(None)
        )
        self._mark.setZValue(-10)
        self._mark.hide()
        self.plot.addItem(self._mark, ignoreBounds=True)

    def _bars(self, places: list[float], values: object, width: float, number: int) -> pg.BarGraphItem:
        lengths = [value or 0.0 for value in values]  # type: ignore[attr-defined]
        brush = pg.mkBrush(theme().color(self.token_of(number)))
        return pg.BarGraphItem(x0=0, y=places, width=lengths, height=width * 0.9, brush=brush, pen=pg.mkPen(None))
