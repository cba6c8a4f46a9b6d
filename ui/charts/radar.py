"""A radar: axes around a middle, one closed line a series. Values are shares of the best, 0 … 1, the rim being 1.

Lines differ in colour and in dashes, so that they can be told apart without colour; where a value is missing the line
has a gap. The arrow keys go round the axes and read the values.
"""

import math

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from app.runtime.language import tr
from ui.charts.frame import Chart, Format, plain_number
from ui.charts.legend import WrappedLegend
from ui.charts.names import two_lines
from ui.kit.text import Words
from ui.kit.theme import theme

DASHES: tuple[tuple[float, ...], ...] = ((), (4, 2), (1, 1.2), (6, 2, 1, 2), (2.5, 2.5), (8, 3))
RINGS = (0.25, 0.5, 0.75, 1.0)
LEAST_AXES = 3
_ROOM_ASIDE, _ROOM_ABOVE = 1.72, 1.24
_NAMES_AT = 1.07
_GAP = (math.nan, math.nan)
"""Between two stretches of one curve."""


class RadarChart(Chart):
    """Categories are the axes, series the lines; `said` is what the bubble says about an axis."""

    axis_grid = False

    def __init__(
        self, title: Words, *, unit: Words = "", write: Format = plain_number, parent: QWidget | None = None
    ) -> None:
        self._names = WrappedLegend()
        super().__init__(title, unit=unit, write=write, parent=parent)
        self.layout().insertWidget(0, self._names)  # type: ignore[union-attr]
        for side in ("left", "bottom"):
            self.plot.getPlotItem().hideAxis(side)
        self.plot.getPlotItem().vb.setAspectLocked(True)
        self._spoke: pg.PlotCurveItem | None = None

    # --- drawing ---------------------------------------------------------------------------------

    def draw(self) -> None:
        self._spoke = None
        above = self._room_above()
        self.plot.setRange(
            xRange=(-_ROOM_ASIDE, _ROOM_ASIDE), yRange=(-above, above), padding=0, disableAutoRange=True
        )
        if len(self._categories) < LEAST_AXES:
            self._say_too_few()
            return
        self._draw_web()
        for number in range(len(self._series)):
            self._draw_line(number)

    def _room_above(self) -> float:
        """So much that the names above and below are seen in full, however low the chart is."""
        lines = 2 if any("\n" in two_lines(name) for name in self._categories) else 1
        needed = QFontMetrics(theme().font("secondary")).height() * lines + theme().px(8)
        height: float = max(self.plot.height(), 4 * needed)
        return max(_ROOM_ABOVE, _NAMES_AT / (1 - 2 * needed / height))

    def draw_ticks(self) -> None:
        font = theme().font("secondary")
        if len(self._categories) < LEAST_AXES:
            return
        for at, name in enumerate(self._categories):
            x, y = self.point(at, _NAMES_AT)
            side = 0.5 if abs(x) < 0.05 else (0.0 if x > 0 else 1.0)
            label = pg.TextItem(two_lines(name), color=theme().color("muted"), anchor=(side, 0.5 + 0.5 * y))
            label.setFont(font)
            label.setPos(x, y)
            self.plot.addItem(label, ignoreBounds=True)

    def draw_index(self, index: int | None) -> None:
        if self._spoke is not None:
            self.plot.removeItem(self._spoke)
            self._spoke = None
        if index is not None and len(self._categories) >= LEAST_AXES:
            end = self.point(index, 1.0)
            self._spoke = pg.PlotCurveItem([0.0, end[0]], [0.0, end[1]], pen=self.pen("text", 1.5))
            self.plot.addItem(self._spoke, ignoreBounds=True)

    def point(self, at: int, share: float) -> tuple[float, float]:
        """Where a share lies on an axis; the first axis points up, the others follow clockwise."""
        angle = math.pi / 2 - 2 * math.pi * at / len(self._categories)
        return share * math.cos(angle), share * math.sin(angle)

    def _draw_web(self) -> None:
        places = [*range(len(self._categories)), 0]
        inside: list[tuple[float, float]] = []
        for ring in RINGS[:-1]:
            inside += [*(self.point(at, ring) for at in places), _GAP]
        for at in range(len(self._categories)):
            inside += [(0.0, 0.0), self.point(at, 1.0), _GAP]
        self._add_curve(inside, self.pen("line"))
        self._add_curve([self.point(at, 1.0) for at in places], self.pen("strong_line"))

    def _add_curve(self, points: list[tuple[float, float]], pen: object) -> None:
        import numpy as np

        x, y = np.array(points, dtype=float).T
        self.plot.addItem(pg.PlotCurveItem(x, y, pen=pen, connect="finite", antialias=True), ignoreBounds=True)

    def _draw_line(self, number: int) -> None:
        one, count = self._series[number], len(self._categories)
        color = theme().color(self.token_of(number))
        pen = pg.mkPen(color, width=theme().px(2))
        if DASHES[number % len(DASHES)]:
            pen.setDashPattern(list(DASHES[number % len(DASHES)]))
        values = [*one.values, one.values[0]]
        points = [_GAP if value is None else self.point(at % count, value) for at, value in enumerate(values)]
        self._add_curve(points, pen)
        known = [self.point(at, value) for at, value in enumerate(one.values) if value is not None]
        edge = pg.mkPen(theme().color("surface"))
        dots = pg.ScatterPlotItem(pos=known, size=theme().px(6), brush=pg.mkBrush(color), pen=edge, antialias=True)
        self.plot.addItem(dots, ignoreBounds=True)

    def _say_too_few(self) -> None:
        label = pg.TextItem(tr("Choose at least three axes."), color=theme().color("muted"), anchor=(0.5, 0.5))
        label.setFont(theme().font())
        self.plot.addItem(label, ignoreBounds=True)

    def _fill_legend(self) -> None:
        self._names.show_names(
            [(one.name, self.token_of(at), DASHES[at % len(DASHES)]) for at, one in enumerate(self._series)]
        )

    # --- pointing --------------------------------------------------------------------------------

    def _category_at(self, at: QPointF) -> int | None:
        box, count = self.plot.getPlotItem().vb, len(self._categories)
        if count < LEAST_AXES or not box.sceneBoundingRect().contains(at):
            return None
        inside = box.mapSceneToView(at)
        if not 0.1 < math.hypot(inside.x(), inside.y()) < _ROOM_ASIDE:
            return None
        turned = (math.pi / 2 - math.atan2(inside.y(), inside.x())) % (2 * math.pi)
        return round(turned / (2 * math.pi) * count) % count

    def _show_bubble(self) -> None:
        super()._show_bubble()
        if self._index is None or len(self._categories) < LEAST_AXES:
            return
        x, y = self.point(self._index, 1.0)
        box = self.plot.getPlotItem().vb
        place = self.plot.mapTo(self, self.plot.mapFromScene(box.mapViewToScene(QPointF(x * 0.4, y * 0.4))))
        left = place.x() + theme().px(12) if x <= 0 else place.x() - self._bubble.width() - theme().px(12)
        top = place.y() - self._bubble.height() // 2
        self._bubble.move(
            max(0, min(left, self.width() - self._bubble.width())),
            max(0, min(top, self.height() - self._bubble.height())),
        )

    # --- Qt --------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(theme().px(460), theme().px(380))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(300), theme().px(280))
