"""The radar and the stacked bars: what they draw, say and export; how they are read by keys."""

from collections.abc import Callable
from typing import Any

import pyqtgraph as pg
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ui.charts.radar import DASHES, RadarChart
from ui.charts.series import PALETTE, Series
from ui.charts.stacked import StackedChart
from ui.kit.theme import Look, Theme

Show = Callable[..., Any]
AXES = ["Power", "Range", "Price", "Boot"]


@pytest.fixture
def radar(show: Show) -> RadarChart:
    """Two lines on four axes, one value missing."""
    chart = show(RadarChart("Strengths"), 460, 380)
    chart.show_series(
        AXES, [Series("A", [1.0, 0.5, 0.8, None]), Series("B", [0.4, 1.0, 1.0, 0.6])],
        said=[f"{name}: said" for name in AXES],
    )  # fmt: skip
    assert isinstance(chart, RadarChart)
    return chart


def test_the_first_axis_points_up_and_the_rest_follow_clockwise(radar: RadarChart) -> None:
    points = [tuple(round(at, 6) for at in radar.point(number, 1.0)) for number in range(4)]
    assert points == [(0, 1), (1, 0), (0, -1), (-1, 0)]


def test_a_missing_value_leaves_a_gap(radar: RadarChart) -> None:
    curves = [item for item in radar.plot.getPlotItem().items if isinstance(item, pg.PlotCurveItem)]
    lines = [curve for curve in curves if curve.opts["pen"].widthF() == 2]
    assert len(lines) == 2 and sum(x != x for x in lines[0].getData()[0]) == 1
    dots = [item for item in radar.plot.getPlotItem().items if isinstance(item, pg.ScatterPlotItem)]
    assert [len(item.getData()[0]) for item in dots] == [3, 4]


def test_lines_differ_without_colour(radar: RadarChart) -> None:
    assert len(DASHES) == len(set(DASHES)) == len(PALETTE)


def test_axes_are_read_by_keys(radar: RadarChart, qtbot: QtBot) -> None:
    radar.setFocus()
    for key, index in ((Qt.Key.Key_Right, 0), (Qt.Key.Key_Right, 1), (Qt.Key.Key_End, 3), (Qt.Key.Key_Left, 2)):
        qtbot.keyClick(radar, key)
        assert radar.index == index and radar._bubble.text() == f"{AXES[index]}: said"
    assert "Power: said" in radar.accessibleDescription()


def test_pointing_finds_the_axis(radar: RadarChart) -> None:
    box = radar.plot.getPlotItem().vb
    for number in range(4):
        x, y = radar.point(number, 0.6)
        assert radar._category_at(box.mapViewToScene(pg.QtCore.QPointF(x, y))) == number
    assert radar._category_at(box.mapViewToScene(pg.QtCore.QPointF(0.0, 0.0))) is None


def test_two_axes_are_too_few(radar: RadarChart) -> None:
    radar.show_series(AXES[:2], [Series("A", [1.0, 0.5])])
    texts = [item.toPlainText() for item in radar.plot.getPlotItem().items if isinstance(item, pg.TextItem)]
    assert texts == ["Choose at least three axes."]


def test_it_comes_to_rest_in_any_size_and_theme(radar: RadarChart, theme: Theme, qtbot: QtBot) -> None:
    for size in ((700, 300), (330, 300), (460, 700)):
        radar.resize(*size)
        qtbot.waitUntil(lambda size=size: radar.width() == size[0])
    theme.choose(Look(scheme="dark"))
    qtbot.waitUntil(lambda: radar.isVisible())


def test_stacks_add_up_and_say_their_sums(show: Show, qtbot: QtBot) -> None:
    chart = show(StackedChart("Costs", unit="yuan"), 460, 300)
    chart.show_stack(["A", "B"], [Series("x", [3.0, 1.0]), Series("y", [4.0, None])], ["seven", "one"])
    bars = [item for item in chart.plot.getPlotItem().items if isinstance(item, pg.BarGraphItem)]
    assert [list(bar.opts["x0"]) for bar in bars] == [[0.0, 0.0], [3.0, 1.0]]
    texts = [item.toPlainText() for item in chart.plot.getPlotItem().items if isinstance(item, pg.TextItem)]
    assert texts == ["seven", "one"]
    assert max(chart.values_shown()) > 7
    with pytest.raises(ValueError, match="1 sums"):
        chart.show_stack(["A", "B"], [Series("x", [3.0, 1.0])], ["seven"])
