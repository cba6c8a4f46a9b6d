"""A chart on its card: the same data as a table, a picture, and data that no spreadsheet takes for formulas."""

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from tests.ui.workplaces import Notes
from ui.charts.bars import BarChart, RankChart
from ui.charts.card_grid import CardGrid
from ui.charts.chart_card import ChartCard
from ui.charts.chart_data import ChartData
from ui.charts.data_table import ChartTableModel, cell_text
from ui.charts.export import csv_bytes, safe_cell, write_whole
from ui.charts.scale import nice_ticks, shown_labels
from ui.charts.series import Series
from ui.kit.context import PageContext

DATA = ChartData(
    categories=["Nov\n2025", "Dec\n2025", "Jan\n2026"],
    series=[Series("Gross", [2.5, -1.0, 4.0], labels=["2.5", "-1.0", "4.0"], running=frozenset({2}))],
    said=["November: ¥2,500.00", "December: -¥1,000.00", "January: ¥4,000.00"],
    keys=["2025-11", "2025-12", ""],
    unit="¥ thousand",
    columns=["Month", "Gross", "Sold"],
    rows=[("2025-11", Decimal("2500.00"), 1200), ("2025-12", Decimal("-1000.00"), 1), ("=cmd|' /C calc'!A0", 0, 2)],
)


@pytest.fixture
def card(context: PageContext, show: Callable[..., Any]) -> ChartCard:
    """A card with three months."""
    card = show(ChartCard(context, "gross", "Gross by month", chart=BarChart("Gross by month")), 500, 280)
    card.show_data(DATA, "last 3 months")
    QApplication.processEvents()
    return card


def test_bars_say_and_open_what_the_page_wants(card: ChartCard, qtbot: QtBot) -> None:
    opened: list[str] = []
    card.chosen.connect(opened.append)
    card.chart.setFocus(Qt.FocusReason.TabFocusReason)
    assert card.chart.index == 2 and card.chart._bubble.text() == "January: ¥4,000.00"
    qtbot.keyClick(card.chart, Qt.Key.Key_Return)  # opens nothing
    qtbot.keyClick(card.chart, Qt.Key.Key_Left)
    qtbot.keyClick(card.chart, Qt.Key.Key_Return)
    assert opened == ["2025-12"]
    assert "November: ¥2,500.00" in card.chart.accessibleDescription()


def test_the_table_shows_the_same(card: ChartCard, qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    opened: list[str] = []
    card.chosen.connect(opened.append)
    button = card._switch
    assert button.accessibleName() == "“Gross by month” as a table"
    button.click()
    assert card.shows_table and card.table.hasFocus() and button.accessibleName() == "“Gross by month” as a chart"
    model = card.table.model()
    assert [model.index(1, column).data() for column in range(3)] == ["2025-12", "-1,000.00", "1"]
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Gross"
    assert Qt.AlignmentFlag(model.index(0, 1).data(7)) & Qt.AlignmentFlag.AlignRight
    qtmodeltester.check(model)
    card.table.selectRow(0)
    qtbot.keyClick(card.table, Qt.Key.Key_Return)
    card.table.selectRow(2)
    qtbot.keyClick(card.table, Qt.Key.Key_Return)
    assert opened == ["2025-11"]
    button.click()
    assert card.chart.hasFocus()


def test_a_reset_keeps_the_rules_of_models(qtmodeltester: ModelTester) -> None:
    model = ChartTableModel()
    qtmodeltester.check(model)
    model.show_data(DATA)
    qtmodeltester.check(model)
    assert model.rowCount() == 3 and cell_text(1234567) == "1,234,567"


def test_data_for_spreadsheets(
    card: ChartCard, settle: Callable[[], None], notifications: Notes, tmp_path: Path
) -> None:
    card.save_data(tmp_path / "gross.csv")
    settle()
    text = (tmp_path / "gross.csv").read_bytes().decode("utf-8-sig")
    assert (tmp_path / "gross.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(text))) == [
        ["Month", "Gross", "Sold"],
        ["2025-11", "2500.00", "1200"],
        ["2025-12", "-1000.00", "1"],
        ["'=cmd|' /C calc'!A0", "0", "2"],
    ]
    shown, tone, _action, _on_action = notifications.shown[-1]
    assert shown() == "Saved as gross.csv." and tone == "good"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "  =1", "\n=1"])
def test_no_text_becomes_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert safe_cell("比亚迪") == "比亚迪" and safe_cell(Decimal("-1.50")) == "-1.50"


def test_a_picture_with_its_title(card: ChartCard, settle: Callable[[], None], tmp_path: Path, theme: Any) -> None:
    card.switch_view()  # also while the table is shown
    card.save_picture(tmp_path / "gross.png")
    settle()
    picture = QImage(str(tmp_path / "gross.png"))
    assert picture.width() >= 2 * card.chart.width() and picture.height() > picture.width() / 4
    seen = {
        picture.pixelColor(x, y).name() for x in range(0, picture.width(), 2) for y in range(0, picture.height(), 2)
    }
    assert theme.color("chart_1").name() in seen and theme.color("surface").name() in seen


def test_a_place_that_cannot_be_written_is_said(
    card: ChartCard, settle: Callable[[], None], notifications: Notes, tmp_path: Path
) -> None:
    (tmp_path / "gross.csv").mkdir()
    (tmp_path / "gross.csv" / "x").touch()
    with pytest.raises(OSError, match="gross"):
        write_whole(tmp_path / "gross.csv", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["gross.csv"]
    assert csv_bytes(ChartData()) == b"\xef\xbb\xbf\r\n"


def test_the_place_is_asked_without_blocking(card: ChartCard, settle: Callable[[], None], tmp_path: Path) -> None:
    card.ask_data()
    (dialog,) = card.findChildren(QFileDialog)
    assert dialog.isVisible() and dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    dialog.fileSelected.emit(str(tmp_path / "there.csv"))
    dialog.reject()
    settle()
    assert (tmp_path / "there.csv").exists()


def test_values_stand_at_the_bars_as_far_as_they_fit(show: Callable[..., Any]) -> None:
    import pyqtgraph as pg

    def written(chart: Any) -> list[str]:
        return [item.toPlainText() for item in chart.plot.getPlotItem().items if isinstance(item, pg.TextItem)]

    values = [float(n * n % 37) for n in range(24)]
    series = [Series("Sold", values, labels=[f"{value:,.3f}" for value in values])]
    for kind, all_fit in ((RankChart, True), (BarChart, False)):
        chart = show(kind("Sold"), 420, 300)
        chart.show_series([f"m{n}" for n in range(24)], series)
        QApplication.processEvents()
        shown = written(chart)
        assert (len(shown) == 24) is all_fit and f"{max(values):,.3f}" in shown
    wide = show(BarChart("Sold"), 1800, 300)
    wide.show_series([f"m{n}" for n in range(24)], series)
    QApplication.processEvents()
    assert len(written(wide)) == 24


@pytest.mark.parametrize(
    ("lowest", "highest", "whole", "ticks"),
    [
        (0, 46, True, (0, 10, 20, 30, 40, 50)),
        (0, 3, True, (0, 1, 2, 3)),
        (0, 0, True, (0, 1)),
        (-1.0, 4.0, False, (-1, 0, 1, 2, 3, 4)),
        (0, 0.83, False, (0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (-250, -20, False, (-250, -200, -150, -100, -50, 0)),
    ],
)
def test_round_numbers_on_the_axis(lowest: float, highest: float, whole: bool, ticks: tuple[float, ...]) -> None:
    assert nice_ticks(lowest, highest, whole=whole) == pytest.approx(ticks)


def test_the_last_label_is_always_among_them() -> None:
    assert shown_labels([30] * 10, 100, gap=8) == tuple(range(10))
    assert shown_labels([30] * 10, 20, gap=8) == (1, 3, 5, 7, 9)
    assert shown_labels([], 20, gap=8) == ()


def test_cards_share_the_room(show: Callable[..., Any]) -> None:
    from PySide6.QtWidgets import QFrame

    cards = [QFrame() for _ in range(5)]
    grid = show(CardGrid(cards, narrowest=160), 1000, 300)
    assert len({card.y() for card in cards}) == 1
    grid.resize(700, 300)
    QApplication.processEvents()
    assert [sum(card.y() == y for card in cards) for y in sorted({card.y() for card in cards})] == [3, 2]
