"""Bars: by month side by side, or lying, for names of any length."""

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

from ui.charts.frame import Chart
from ui.charts.scale import nice_ticks
from ui.kit.theme import theme

GROUP_WIDTH = 0.8
RUNNING_ALPHA = 110
EDGE = 0.015
"""Room for the first and the last gridline."""
LONGEST_NAME = 132
ROOM, LABEL_ROOM = 0.02, 0.14
"""Room beyond the longest bar, as a share of the scale: for its value where it has one."""


class BarChart(Chart):
    """One group of standing bars for each category."""

    axis_grid = False

    def draw(self) -> None:
        width = GROUP_WIDTH / len(self._series)
        for number, one in enumerate(self._series):
            shift = (number - (len(self._series) - 1) / 2) * width
            self.plot.addItem(self._bars([at + shift for at in range(len(one.values))], one.values, width, number))
        self.plot.setXRange(-0.5, len(self._categories) - 0.5, padding=0)
        self._fit_values()
        self._write_values()
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
        brushes = self._brushes(number, len(heights))
        return pg.BarGraphItem(x=places, height=heights, width=width * 0.9, brushes=brushes, pen=pg.mkPen(None))

    def _brushes(self, number: int, count: int) -> list[object]:
        color = theme().color(self.token_of(number))
        lighter = theme().color(self.token_of(number))
        lighter.setAlpha(RUNNING_ALPHA)
        running = self._series[number].running
        return [pg.mkBrush(lighter if at in running else color) for at in range(count)]

    def _write_values(self) -> None:
        """The values of a single series at its bars: all where they fit, else the largest, smallest and newest."""
        if len(self._series) != 1 or not self._series[0].labels:
            return
        one = self._series[0]
        font = theme().font("secondary", tabular=True)
        measure = QFontMetrics(font)
        room = self.pitch() - theme().px(3)
        fit = self.horizontal or all(measure.horizontalAdvance(text) <= room for text in one.labels)
        for at in range(len(one.labels)) if fit else self._telling():
            value = one.values[at] or 0.0
            label = pg.TextItem(one.labels[at], color=theme().color("text"), anchor=self._anchor(value))
            label.setFont(font)
            label.setPos(*((value, at) if self.horizontal else (at, value)))
            self.plot.addItem(label, ignoreBounds=True)

    def _telling(self) -> list[int]:
        one = self._series[0]
        complete = [at for at in range(len(one.values)) if at not in one.running] or [0]
        chosen = {
            max(complete, key=lambda at: one.values[at] or 0.0),
            min(complete, key=lambda at: one.values[at] or 0.0),
        }
        last = len(one.values) - 1
        room = QFontMetrics(theme().font("secondary")).horizontalAdvance(max(one.labels, key=len)) / self.pitch()
        if all(abs(last - at) > room for at in chosen):
            chosen.add(last)
        return sorted(chosen)

    def _anchor(self, value: float) -> tuple[float, float]:
        if self.horizontal:
            return (0, 0.5) if value >= 0 else (1, 0.5)
        return (0.5, 0.9) if value >= 0 else (0.5, 0.1)

    def _mark_brush(self) -> object:
        color = theme().color("text")
        color.setAlpha(16)
        return pg.mkBrush(color)

    def values_shown(self) -> list[float]:
        """What the value axis has to have room for."""
        return [value for one in self._series for value in one.values if value is not None]

    def _fit_values(self) -> None:
        values = self.values_shown()
        low, high = min([0.0, *values]), max([0.0, *values])
        whole = all(float(value).is_integer() for value in values)
        ticks = nice_ticks(low, high, whole=whole)
        self._value_axis.setTicks([[(tick, self.write(tick)) for tick in ticks]])
        share = LABEL_ROOM if any(one.labels for one in self._series) else ROOM
        for tick in ticks:
            pen = self.pen("line" if tick else "strong_line")
            line = pg.InfiniteLine(tick, angle=90 if self.horizontal else 0, pen=pen)
            line.setZValue(-50)
            self.plot.addItem(line, ignoreBounds=True)
        span = ticks[-1] - ticks[0]
        room, edge = span * share, span * EDGE
        limits = (min(ticks[0], low - room) - edge if low < 0 else -edge, max(ticks[-1], high + room) + edge)
        if self.horizontal:
            self.plot.setXRange(*limits, padding=0)
        else:
            self.plot.setYRange(*limits, padding=0)


class RankChart(BarChart):
    """Lying bars, the first category on top: for makes, models, people."""

    horizontal = True

    def draw_ticks(self) -> None:
        measure = QFontMetrics(theme().font("secondary", tabular=True))
        names = [self.name_shown(name, measure) for name in self._categories]
        axis = self.plot.getPlotItem().getAxis("left")
        widest = max(measure.horizontalAdvance(line) for name in names for line in name.split("\n"))
        axis.setWidth(widest + theme().px(10))
        axis.setTicks([list(enumerate(names))])

    def name_shown(self, name: str, measure: QFontMetrics) -> str:
        """A name as it stands beside its bar."""
        return measure.elidedText(name, Qt.TextElideMode.ElideRight, theme().px(LONGEST_NAME))

    def draw(self) -> None:
        width = GROUP_WIDTH / len(self._series)
        for number, one in enumerate(self._series):
            shift = (number - (len(self._series) - 1) / 2) * width
            self.plot.addItem(self._bars([at + shift for at in range(len(one.values))], one.values, width, number))
        self.plot.getPlotItem().invertY(True)
        self.plot.setYRange(-0.5, len(self._categories) - 0.5, padding=0)
        self._fit_values()
        self._write_values()
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
