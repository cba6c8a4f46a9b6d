"""Tables: paged by key, honest to Qt's model rules, selection kept, columns as their user left them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from tests.ui.demo_page import UnitSource, UnitsPage, units
from tests.ui.workplaces import MemoryWorkplace
from ui.kit.columns import Column, State
from ui.kit.operations import Operations
from ui.kit.record_table import RecordTable
from ui.kit.table_model import FIRST_PAGE, KeysetTableModel
from ui.kit.view_settings import FileViewSettings, MemoryViewSettings


@pytest.fixture
def source() -> UnitSource:
    """350 vehicles."""
    return UnitSource(units(350))


@pytest.fixture
def model(operations: Operations, source: UnitSource) -> KeysetTableModel:
    """A model over them, nothing loaded yet."""
    return KeysetTableModel(operations, UnitsPage.columns, source.list_rows, count_rows=source.count_rows)


@pytest.fixture
def table(model: KeysetTableModel, show: Callable[..., Any], settle: Callable[[], None]) -> RecordTable:
    """A shown table, first page loaded."""
    table = show(RecordTable(model, name="Vehicles", views=MemoryViewSettings(), view_key="t"), 800, 400)
    model.load()
    settle()
    return table


def test_pages_by_key_until_the_end(model: KeysetTableModel, source: UnitSource, settle: Callable[[], None]) -> None:
    counts: list[Any] = []
    model.counted.connect(counts.append)
    model.load({})
    settle()
    assert model.rowCount() == FIRST_PAGE and model.canFetchMore(QModelIndex())
    while model.canFetchMore(QModelIndex()):
        model.fetchMore(QModelIndex())
        model.fetchMore(QModelIndex())  # asked twice before the answer: fetched once
        settle()
    assert [row.id for row in model.rows] == [row.id for row in source.rows]
    assert [asked["after"] for asked in source.asked] == [None, "00039", "00139", "00239", "00339"]
    assert counts == [(350, 350)]


def test_keeps_the_rules_of_qt_models(
    model: KeysetTableModel, source: UnitSource, settle: Callable[[], None], qtmodeltester: ModelTester
) -> None:
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)  # warnings fail
    model.load({})
    settle()
    model.load({"text": "camry"})
    settle()
    source.rows = source.rows[:50]
    model.refresh()
    settle()
    model.retranslate()
    qtmodeltester.check(model)
    settle()
    assert tester.model() is model and model.rowCount() == 13


def test_an_answer_with_its_own_cursor(operations: Operations, settle: Callable[[], None]) -> None:
    asked: list[Any] = []

    def list_rows(_reader: Any, *, after: Any, limit: int) -> Any:
        asked.append(after)
        rows = [SimpleNamespace(id=f"{after}-{number}") for number in range(3)]
        return SimpleNamespace(rows=rows, next="more" if after is None else None)

    model = KeysetTableModel(operations, [Column("id", "Id")], list_rows)
    model.load()
    settle()
    model.fetchMore(QModelIndex())
    settle()
    assert asked == [None, "more"] and model.rowCount() == 6 and not model.canFetchMore(QModelIndex())


def test_texts_alignment_states_and_tooltips(operations: Operations, settle: Callable[[], None]) -> None:
    @dataclass(frozen=True)
    class Row:
        id: str
        state: str
        km: int | None

    columns = [
        Column("state", "Status", states={"A": State("Active", "good")}, tooltip=lambda row: f"row {row.id}"),
        Column("km", "Odometer", kind="integer"),
    ]
    model = KeysetTableModel(
        operations, columns, lambda _reader, *, after, limit: [Row("1", "A", 12480), Row("2", "?", None)]
    )
    model.load()
    settle()
    from ui.kit.table_model import ROW_ROLE

    assert [model.index(0, 0).data(), model.index(0, 1).data()] == ["Active", "12,480"]
    assert [model.index(1, 0).data(), model.index(1, 1).data()] == ["?", ""]
    assert [model.columns[0].tone_of(row) for row in model.rows[:2]] == ["good", "neutral"]
    assert model.index(0, 0).data(3) == "row 1" and model.index(0, 0).data(ROW_ROLE).id == "1"
    assert Qt.AlignmentFlag(model.index(0, 1).data(7)) & Qt.AlignmentFlag.AlignRight
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Odometer"


def test_what_counted_before_stands_behind_the_value(operations: Operations, settle: Callable[[], None]) -> None:
    columns = [Column("km", "Price", kind="integer", struck=lambda row: "150" if row.id == "1" else "")]
    rows = [SimpleNamespace(id="1", km=145), SimpleNamespace(id="2", km=150)]
    model = KeysetTableModel(operations, columns, lambda _reader, *, after, limit: rows)
    model.load()
    settle()
    assert [model.index(line, 0).data() for line in (0, 1)] == ["145 150", "150"]
    assert [model.texts_of(line)[0] for line in (0, 1)] == ["145\n150", "150"]


def test_rows_stay_while_new_ones_are_fetched_and_stale_answers_are_dropped(
    model: KeysetTableModel, workplace: MemoryWorkplace, settle: Callable[[], None]
) -> None:
    model.load({})
    settle()
    workplace.gate = threading.Event()
    model.load({"text": "camry"})
    model.load({"text": "LDC613P23A1300007"})
    assert model.rowCount() == FIRST_PAGE and model.loading
    workplace.gate.set()
    settle()
    assert [row.id for row in model.rows] == ["00007"] and not model.loading


def test_a_refresh_keeps_selection_and_changes_only_what_changed(
    table: RecordTable, model: KeysetTableModel, source: UnitSource, settle: Callable[[], None], qtbot: QtBot
) -> None:
    table.select_id("00005")
    resets: list[int] = []
    model.modelReset.connect(lambda: resets.append(1))
    source.rows[5] = replace(source.rows[5], colour="红")
    with qtbot.waitSignal(model.dataChanged):
        model.refresh()
    assert resets == [] and table.current_row().colour == "红"
    del source.rows[0:2]
    said: list[Any] = []
    table.selected.connect(said.append)
    model.refresh()
    settle()
    assert resets == [1] and table.current_row().id == "00005"
    source.rows = [row for row in source.rows if row.id != "00005"]
    model.refresh()
    settle()
    assert said[-1] is None and table.current_row() is None


def test_return_and_double_click_open(table: RecordTable, qtbot: QtBot) -> None:
    opened: list[str] = []
    table.opened.connect(lambda row: opened.append(row.id))
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Return)  # nothing is selected yet
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    where = table.visualRect(table.model().index(3, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert opened == ["00001", "00003"]


def test_scrolling_fetches_ahead(table: RecordTable, model: KeysetTableModel, settle: Callable[[], None]) -> None:
    bar = table.verticalScrollBar()
    bar.setValue(bar.maximum() * 3 // 4)
    settle()
    assert model.rowCount() > FIRST_PAGE


def test_sorting_asks_the_query(
    table: RecordTable, model: KeysetTableModel, source: UnitSource, settle: Callable[[], None], qtbot: QtBot
) -> None:
    header = table.horizontalHeader()

    def click(column: int) -> None:
        at = header.sectionViewportPosition(column) + 20
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=header.rect().center().__class__(at, 10))
        settle()

    click(4)
    assert source.asked[-1]["sort"] == "price" and source.asked[-1]["descending"] is False
    click(4)
    assert source.asked[-1]["descending"] is True and model.rows[0].price > model.rows[1].price
    asked = len(source.asked)
    click(1)  # nobody can sort by the model
    assert len(source.asked) == asked and header.sortIndicatorSection() == 4


def test_copy_takes_the_visible_columns(table: RecordTable, qtbot: QtBot) -> None:
    table.setFocus()
    table.selectRow(0)
    table.show_column(1, False)
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    cells = QGuiApplication.clipboard().text().split("\t")
    assert cells[0] == "LDC613P23A1300000" and "汉" not in "".join(cells) and len(cells) == 5


def test_the_view_is_left_as_it_was(
    operations: Operations, source: UnitSource, show: Callable[..., Any], settle: Callable[[], None], tmp_path: Any
) -> None:
    views = FileViewSettings(tmp_path / "views.json")

    def made() -> RecordTable:
        model = KeysetTableModel(operations, UnitsPage.columns, source.list_rows)
        return show(RecordTable(model, name="Vehicles", views=views, view_key="units"), 800, 300)

    first = made()
    first.horizontalHeader().moveSection(5, 0)
    first.horizontalHeader().resizeSection(0, 300)
    first.show_column(3, False)
    first._on_header_clicked(4)
    first.save_view()
    settle()
    views = FileViewSettings(tmp_path / "views.json")
    second = made()
    header = second.horizontalHeader()
    assert header.visualIndex(5) == 0 and header.sectionSize(0) == 300 and second.isColumnHidden(3)
    settle()
    assert source.asked[-1]["sort"] == "price"


def test_a_damaged_view_file_counts_as_none(tmp_path: Any) -> None:
    file = tmp_path / "views.json"
    file.write_text("[not json")
    views = FileViewSettings(file)
    assert views.load("x") is None
    views.save("x", {"columns": []})
    assert FileViewSettings(file).load("x") == {"columns": []}


def test_a_skeleton_appears_only_after_a_while(
    operations: Operations, model: KeysetTableModel, workplace: MemoryWorkplace, show: Callable[..., Any], qtbot: QtBot
) -> None:
    workplace.gate = threading.Event()
    table = show(RecordTable(model, name="Vehicles"), 600, 300)
    empty = table.grab().toImage()
    model.load()
    qtbot.waitUntil(lambda: table.grab().toImage() != empty)
    workplace.gate.set()
    qtbot.waitUntil(lambda: model.rowCount() > 0)


def test_rows_are_as_high_as_the_density_says(table: RecordTable, theme: Any) -> None:
    assert table.rowHeight(0) == 34
    theme.choose(replace(theme.look, density="compact"))
    assert table.rowHeight(0) == 28
    theme.choose(replace(theme.look, density="comfortable", scale=1.5))
    assert table.rowHeight(0) == 51
