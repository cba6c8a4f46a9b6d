"""Rows painted by hand look exactly as the style sheet would paint them."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QTableView
from pytestqt.qtbot import QtBot

from tests.ui.demo_page import UnitSource, UnitsPage, units
from ui.kit.context import PageContext
from ui.kit.record_table import RecordTable
from ui.kit.theme import Look, Theme


def picture(table: RecordTable) -> QImage:
    table.viewport().repaint()
    return table.viewport().grab().toImage()


def by_the_style_sheet(table: RecordTable, monkeypatch: pytest.MonkeyPatch) -> QImage:
    """The same table as Qt paints it."""
    with monkeypatch.context() as patch:
        patch.setattr(RecordTable, "paintEvent", lambda self, event: QTableView.paintEvent(self, event))
        return picture(table)


Show = Callable[..., Any]


@pytest.fixture
def shown_table(context: PageContext, show: Show, settle: Callable[[], None]) -> RecordTable:
    page = show(UnitsPage(context, UnitSource(units(60))), 1100, 700)
    page.activate({})
    settle()
    assert page.table.model().rowCount() > 5
    return page.table


def state_column(table: RecordTable) -> int:
    return next(n for n, column in enumerate(table.model().columns) if column.states is not None)


@pytest.mark.parametrize(("scheme", "scale"), [("light", 1.0), ("dark", 1.0), ("light", 1.5)])
def test_rows_look_as_the_style_sheet_says(
    shown_table: RecordTable, theme: Theme, settle: Callable[[], None], monkeypatch: pytest.MonkeyPatch, scheme: str,
    scale: float,
) -> None:  # fmt: skip
    table = shown_table
    table.show_column(state_column(table), False)  # its dot is no part of the style sheet
    theme.choose(Look(scheme=scheme, scale=scale))
    table.selectRow(2)
    settle()
    assert picture(table) == by_the_style_sheet(table, monkeypatch)
    table.horizontalHeader().resizeSection(0, 900)
    settle()
    table.verticalScrollBar().setValue(17)
    table.horizontalScrollBar().setValue(130)
    settle()
    assert table.horizontalHeader().offset() == 130
    assert picture(table) == by_the_style_sheet(table, monkeypatch)


def test_states_have_a_dot_in_their_tone(shown_table: RecordTable, theme: Theme) -> None:
    table, number = shown_table, state_column(shown_table)
    seen = picture(table)
    left = table.columnViewportPosition(number) + theme.px(8) + theme.px(4)
    for line in range(5):
        tone = table.model().columns[number].tone_of(table.model().row_at(line))
        middle = table.rowViewportPosition(line) + table.rowHeight(line) // 2
        assert seen.pixelColor(left, middle) == theme.tone(tone), (line, tone)


def test_the_line_under_the_mouse_is_marked_and_no_other(shown_table: RecordTable, theme: Theme, qtbot: QtBot) -> None:
    table = shown_table
    still = picture(table)

    def marked() -> list[int]:
        seen, hover = picture(table), theme.color("hover")
        middle = [table.rowViewportPosition(line) + 3 for line in range(6)]
        return [line for line, y in enumerate(middle) if seen.pixelColor(2, y) == hover]

    for line in (1, 3):
        qtbot.mouseMove(table.viewport(), QPoint(40, table.rowViewportPosition(line) + 5))
        assert marked() == [line]
    QApplication.sendEvent(table.viewport(), QEvent(QEvent.Type.Leave))
    assert marked() == [] and picture(table) == still
