"""Lines over time, each with its name at its end."""

import math

import pyqtgraph as pg

from ui.charts.bars import MOST_TICKS
from ui.charts.frame import Chart
from ui.kit.text import words
from ui.kit.theme import theme

LABEL_ROOM = 0.14
"""The share of the width kept free at the right for the lines' names."""


class LineChart(Chart):
    """One line for each series; gaps where there is no value."""

    def draw(self) -> None:
        last = len(self._categories) - 1
        for number, one in enumerate(self._series):
            values = [math.nan if value is None else value for value in one.values]
            pen = self.pen(self.token_of(number), 2)
            curve = self.plot.plot(list(range(len(values))), values, pen=pen, connect="finite")
            curve.setClipToView(True)
            self._label_end(number, values)
        every = max(1, -(-len(self._categories) // MOST_TICKS))
        axis = self.plot.getPlotItem().getAxis("bottom")
        axis.setTicks([[(at, name) for at, name in enumerate(self._categories) if at % every == 0]])
        room = max(0.5, last * LABEL_ROOM) if len(self._series) > 1 else 0.5
        self.plot.setXRange(-0.5, last + room, padding=0)
        known = [value for one in self._series for value in one.values if value is not None]
        low, high = min([0.0, *known]), max([0.0, *known])
        gap = (high - low) * 0.06 or 1.0
        self.plot.setYRange(low - (gap if low < 0 else 0), high + gap, padding=0)
        self._mark = pg.InfiniteLine(angle=90, pen=self.pen("strong_line"))
        self._mark.hide()
        self.plot.addItem(self._mark, ignoreBounds=True)

    def draw_index(self, index: int | None) -> None:
        if not self._categories:
            return
        self._mark.setVisible(index is not None)
        if index is not None:
            self._mark.setValue(index)

    def _label_end(self, number: int, values: list[float]) -> None:
        known = [(at, value) for at, value in enumerate(values) if not math.isnan(value)]
        if len(self._series) < 2 or not known:
            return
        label = pg.TextItem(
            words(self._series[number].name), color=theme().color(self.token_of(number)), anchor=(0, 0.5)
        )
        label.setFont(theme().font("secondary"))
        label.setPos(known[-1][0] + 0.15, known[-1][1])
        self.plot.addItem(label, ignoreBounds=True)

    def _fill_legend(self) -> None:
        series, self._series = self._series, []  # the lines carry their names themselves
        super()._fill_legend()
        self._series = series

    def retranslate(self) -> None:
        super().retranslate()
        self._redraw()
