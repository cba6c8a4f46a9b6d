"""Lines over time, each with its name at its end."""

import math

import pyqtgraph as pg
from PySide6.QtGui import QFontMetrics

from ui.charts.frame import Chart
from ui.kit.text import words
from ui.kit.theme import theme

AXIS_WIDTH = 72
MOST_FOR_NAMES = 0.4
"""The largest share of the width that is kept free at the right for the lines' names."""


class LineChart(Chart):
    """One line for each series; gaps where there is no value."""

    def draw(self) -> None:
        for number, one in enumerate(self._series):
            values = [math.nan if value is None else value for value in one.values]
            pen = self.pen(self.token_of(number), 2)
            curve = self.plot.plot(list(range(len(values))), values, pen=pen, connect="finite")
            curve.setClipToView(True)
            self._label_end(number, values)
        known = [value for one in self._series for value in one.values if value is not None]
        low, high = min([0.0, *known]), max([0.0, *known])
        gap = (high - low) * 0.06 or 1.0
        self.plot.setYRange(low - (gap if low < 0 else 0), high + gap, padding=0)
        self._mark = pg.InfiniteLine(angle=90, pen=self.pen("strong_line"))
        self._mark.hide()
        self.plot.addItem(self._mark, ignoreBounds=True)

    def draw_ticks(self) -> None:
        super().draw_ticks()
        last = len(self._categories) - 1
        share = 0.0
        if len(self._series) > 1:
            measure = QFontMetrics(theme().font("secondary"))
            widest = max(measure.horizontalAdvance(words(one.name)) for one in self._series) + theme().px(16)
            share = min(MOST_FOR_NAMES, widest / max(1, self.plot.width() - theme().px(AXIS_WIDTH)))
        self.plot.setXRange(-0.5, last + 0.5 + (last + 1) * share / (1 - share), padding=0)

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
