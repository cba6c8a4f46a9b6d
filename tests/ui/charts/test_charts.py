"""Charts: values on hover and by keyboard, drilling, both schemes, words for those who cannot see them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.runtime.language import set_language
from ui.charts.bars import BarChart, RankChart
from ui.charts.lines import LineChart
from ui.charts.series import Series

MONTHS = [f"2026-{month:02}" for month in range(1, 13)]
SOLD = [12, 9, 20, 18, 22, 25, 19, 17, 30, 28, None, 31]


def point_of(chart: Any, index: int) -> QPoint:
    """Where a category is in the plot's viewport."""
    box = chart.plot.getPlotItem().vb
    middle = box.viewRect().center()
    place = QPointF(middle.x(), index) if chart.horizontal else QPointF(index, middle.y())
    return chart.plot.mapFromScene(box.mapViewToScene(place))


@pytest.fixture(params=[BarChart, RankChart, LineChart])
def chart(request: pytest.FixtureRequest, show: Callable[..., Any]) -> Any:
    """Each kind of chart with a year of two series."""
    chart = show(request.param("Units sold", unit="units"), 700, 320)
    chart.show_series(MONTHS, [Series("This year", SOLD), Series("Last year", [10] * 12)])
    QApplication.processEvents()
    return chart


def test_hovering_says_the_values(chart: Any, qtbot: QtBot) -> None:
    seen: list[int | None] = []
    chart.hovered.connect(seen.append)
    qtbot.mouseMove(chart.plot.viewport(), point_of(chart, 2))
    qtbot.waitUntil(lambda: chart.index == 2)
    assert chart._bubble.isVisible() and chart._bubble.text() == "2026-03\nThis year: 20 units\nLast year: 10 units"
    assert chart.rect().contains(chart._bubble.geometry())
    chart.set_index(10)
    assert "This year: –" in chart._bubble.text() and seen == [2, 10]


def test_a_click_drills(chart: Any, qtbot: QtBot) -> None:
    with qtbot.waitSignal(chart.drilled) as drilled:
        qtbot.mouseClick(chart.plot.viewport(), Qt.MouseButton.LeftButton, pos=point_of(chart, 4))
    assert drilled.args == [4] and chart.hasFocus()


def test_the_keyboard_reads_and_drills(chart: Any, qtbot: QtBot) -> None:
    chart.setFocus()
    drilled: list[int] = []
    chart.drilled.connect(drilled.append)
    qtbot.keyClick(chart, Qt.Key.Key_Return)
    for key in (
        Qt.Key.Key_Right,
        Qt.Key.Key_Right,
        Qt.Key.Key_Return,
        Qt.Key.Key_End,
        Qt.Key.Key_Right,
        Qt.Key.Key_Return,
    ):
        qtbot.keyClick(chart, key)
    assert drilled == [1, 11] and chart._bubble.isVisible()


def test_it_can_be_heard_and_exported(chart: Any) -> None:
    assert chart.accessibleName() == "Units sold"
    assert "2026-01, This year: 12 units, Last year: 10 units" in chart.accessibleDescription()
    rows = chart.rows()
    assert rows[0] == ["Units sold", "This year", "Last year"] and rows[11] == ["2026-11", "", "10"]


def test_it_takes_the_colours_of_the_scheme(chart: Any, theme: Any) -> None:
    def colours() -> set[str]:
        picture = chart.grab().toImage()
        return {
            QColor(picture.pixel(x, y)).name()
            for x in range(0, picture.width(), 3)
            for y in range(0, picture.height(), 3)
        }

    assert theme.color("chart_1").name() in colours()
    theme.choose(replace(theme.look, scheme="dark"))
    QApplication.processEvents()
    assert theme.color("chart_1").name() in colours()


def test_nothing_to_show_and_wrong_lengths(chart: Any) -> None:
    with pytest.raises(ValueError, match="12 categories"):
        chart.show_series(MONTHS, [Series("Short", [1, 2])])
    chart.show_series([], [])
    chart.set_index(0)
    assert chart.index is None and chart.accessibleDescription() == "No values"
    set_language("zh_CN")
    assert chart.accessibleDescription() == "没有数据"


def test_a_small_unit_is_written_as_it_is(show: Callable[..., Any]) -> None:
    chart = show(RankChart("Sold a month", unit="vehicles a month"), 700, 320)
    chart.show_series(["Lavida", "Passat"], [Series("Sold a month", [0.6, 0.2])])
    QApplication.processEvents()
    label = chart.plot.getPlotItem().getAxis("bottom").label.toPlainText()
    assert label.strip() == "vehicles a month"
