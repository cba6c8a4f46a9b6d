"""Cells painted by hand look exactly as the style sheet would paint them."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QStyledItemDelegate, QTableView

from tests.ui.demo_page import UnitSource, UnitsPage, units
from ui.kit.context import PageContext
from ui.kit.record_table import RecordTable
from ui.kit.theme import Look, Theme


def picture(table: RecordTable) -> QImage:
    table.viewport().repaint()
    return table.viewport().grab().toImage()


def by_the_style_sheet(table: RecordTable) -> QImage:
    """The same table with Qt's own delegate for everything but states."""
    former = [table.itemDelegateForColumn(number) for number in range(table.model().columnCount())]
    plain = QStyledItemDelegate(table)
    for number, column in enumerate(table.model().columns):
        if column.states is None:
            table.setItemDelegateForColumn(number, plain)
    shown = picture(table)
    for number, delegate in enumerate(former):
        table.setItemDelegateForColumn(number, delegate)
    return shown


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_cells_look_as_the_style_sheet_says(
    context: PageContext, theme: Theme, show: Callable[..., Any], settle: Callable[[], None], scheme: str
) -> None:
    page = show(UnitsPage(context, UnitSource(units(60))), 1100, 700)
    theme.choose(Look(scheme=scheme))
    page.activate({})
    settle()
    table = page.table
    assert isinstance(table, QTableView) and table.model().rowCount() > 5
    table.selectRow(2)
    settle()
    assert picture(table) == by_the_style_sheet(table)
