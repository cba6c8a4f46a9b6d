"""Importing a stock list through the window: columns, report by row, all or nothing, cancel, huge pastes."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.inventory.import_units import UnitField
from app.inventory.queries import UnitFilter, count_units
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from db.models.inventory import VehicleUnit
from tests.factories.vins import vin_number
from ui.kit.import_sheet import ImportSheet
from ui.vehicles.vehicles_page import VehiclesPage

Settle = Callable[[], None]
HEADINGS = ["车架号", "品牌", "车系", "年款", "车型", "外观颜色", "进价", "指导价", "底价", "库位", "备注"]


def _row(number: int, **changes: str) -> list[str]:
    row = {
        "vin": vin_number(9000 + number), "make": "比亚迪", "series": "汉", "year": "2026", "trim": "旗舰版",
        "colour": "极光蓝 / Aurora Blue", "cost": "230000", "list": "25.8万", "floor": "250,000.00",
        "place": f"C-{number:02d}", "note": "",
    }  # fmt: skip
    return list((row | changes).values())


def _write(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([HEADINGS, *rows])
    return path


def _units(dispatcher: Dispatcher, actor: Actor) -> int:
    return dispatcher.read(count_units, actor, UnitFilter()).matching


@pytest.fixture
def sheet(page: VehiclesPage, settle: Settle) -> ImportSheet:
    """The import, opened from the page."""
    page.open_import()
    settle()
    assert isinstance(page.sheet, ImportSheet)
    return page.sheet


def test_columns_are_recognised_and_rows_taken_in(
    page: VehiclesPage, sheet: ImportSheet, tmp_path: Path, settle: Settle, dispatcher: Dispatcher, actor: Actor
) -> None:
    before = _units(dispatcher, actor)
    sheet.open_file(_write(tmp_path / "到车.csv", [_row(n) for n in range(12)], "gb18030"))
    settle()
    assert sheet.stack.currentWidget() is sheet.columns and not sheet.columns.missing()
    said = " ".join(label.text() for label in sheet.columns.findChildren(QLabel))
    assert "12 rows" in said and "GB18030" in said and "separated by comma" in said
    assert sheet.columns.mapping()[UnitField.VIN] == 0 and 10 not in sheet.columns.mapping().values()
    sheet.check()
    settle()
    settle()
    assert sheet.stack.currentWidget() is sheet.report and sheet.report.problems == ()
    sheet.take_in()
    settle()
    settle()
    assert sheet.stack.currentWidget() is sheet.done
    assert _units(dispatcher, actor) == before + 12
    page.close_sheet()
    settle()
    assert page.model.rowCount() == 17


def test_bad_rows_are_reported_and_nothing_or_the_rest_is_imported(
    sheet: ImportSheet,
    stock: list[VehicleUnit],
    tmp_path: Path,
    settle: Settle,
    dispatcher: Dispatcher,
    actor: Actor,
    qtmodeltester: ModelTester,
) -> None:
    before = _units(dispatcher, actor)
    rows = [_row(0), _row(1, vin="LSV123"), _row(2, list="abc"), _row(3, vin=stock[0].vin), _row(4, trim="无此款"),
            _row(5), _row(6, vin=vin_number(9005))]  # fmt: skip
    sheet.open_file(_write(tmp_path / "units.csv", rows))
    settle()
    sheet.check()
    settle()
    settle()
    lines = [problem.line for problem in sheet.report.problems]
    assert lines == [3, 4, 5, 6, 8]
    shown = [sheet.report.model.index(n, 4).data() for n in range(sheet.report.model.rowCount())]
    assert "17 characters" in shown[0] and "not an amount" in shown[1] and "already in stock" in shown[2]
    qtmodeltester.check(sheet.report.model)
    sheet.take_in()
    settle()
    assert sheet.stack.currentWidget() is sheet.report and not sheet._take.isEnabled()
    assert _units(dispatcher, actor) == before
    sheet.report.policy.buttons()[1].click()
    assert sheet._take.isEnabled() and sheet._take.text() == "Import: 2 vehicles"
    sheet.take_in()
    settle()
    settle()
    assert _units(dispatcher, actor) == before + 2
    said = " ".join(label.text() for label in sheet.done.findChildren(QLabel))
    assert "2 vehicles imported" in said and "5 rows were left out" in said


def test_the_report_is_saved(sheet: ImportSheet, tmp_path: Path, settle: Settle) -> None:
    sheet.open_file(_write(tmp_path / "units.csv", [_row(0), _row(1, vin="LSV123", note="=cmd()")]))
    settle()
    sheet.check()
    settle()
    settle()
    for name in ("report.csv", "report.xlsx"):
        sheet.save_report(tmp_path / name)
        settle()
        assert sheet.messages.text() == f"The report is in {name}."
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert len(lines) == 2 and lines[1][:3] == ["3", "车架号", "LSV123"]
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    assert book.active is not None and book.active.max_row == 2
    book.close()


def test_a_workbook_with_two_sheets(
    sheet: ImportSheet, tmp_path: Path, settle: Settle, dispatcher: Dispatcher, actor: Actor
) -> None:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["这是说明", "无数据"])
    book.active.append(["1", "2"])
    units = book.create_sheet("到车")
    for row in [HEADINGS, *(_row(n) for n in range(3))]:
        units.append(row)
    path = tmp_path / "units.xlsx"
    book.save(path)
    book.close()
    sheet.open_file(path)
    settle()
    assert sheet.columns.missing() and not sheet._check.isEnabled()
    sheet.columns.sheet_chosen.emit("到车")
    settle()
    assert not sheet.columns.missing() and sheet._check.isEnabled()


def test_a_field_stands_for_one_column_and_the_choice_is_remembered(
    page: VehiclesPage, sheet: ImportSheet, tmp_path: Path, settle: Settle
) -> None:
    path = _write(tmp_path / "units.csv", [_row(0)])
    sheet.open_file(path)
    settle()
    sheet.columns.assign(10, UnitField.LOCATION)
    mapping = sheet.columns.mapping()
    assert mapping[UnitField.LOCATION] == 10 and 9 not in mapping.values()
    sheet.columns.assign(0, None)
    assert [field.key for field in sheet.columns.missing()] == [UnitField.VIN]
    assert not sheet._check.isEnabled()
    sheet.columns.assign(0, UnitField.VIN)
    sheet.check()
    settle()
    settle()
    page.open_import()
    again = page.sheet
    assert isinstance(again, ImportSheet)
    again.open_file(path)
    settle()
    assert again.columns.mapping()[UnitField.LOCATION] == 10


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bad.csv", b'a,b\n"1,2\n3,4\n', "cannot be read"),
        ("old.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 100, "old or protected workbook"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0", "neither a CSV text nor an XLSX workbook"),
        ("empty.csv", b"", "no rows"),
        ("torn.xlsx", b"PK\x03\x04 torn", "damaged"),
    ],
)
def test_files_that_cannot_be_read_say_what_to_do(
    sheet: ImportSheet, tmp_path: Path, settle: Settle, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    sheet.open_file(path)
    settle()
    assert sheet.stack.currentWidget() is sheet.source and said in sheet.messages.text()
    sheet.open_file(tmp_path / "nowhere.csv")
    settle()
    assert "cannot be read" in sheet.messages.text()


def test_pasted_rows(sheet: ImportSheet, settle: Settle) -> None:
    QGuiApplication.clipboard().setText("\n".join("\t".join(cells) for cells in [HEADINGS, _row(0), _row(1)]))
    sheet.paste()
    settle()
    assert sheet.stack.currentWidget() is sheet.columns and not sheet.columns.missing()
    QGuiApplication.clipboard().clear()


def test_a_paste_of_30_mb_is_refused_and_the_next_one_read(sheet: ImportSheet, settle: Settle, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().setText("x," * (15 << 20))
    sheet.paste()
    settle()
    assert "30 MB" in sheet.messages.text() and "CSV file" in sheet.messages.text()
    QGuiApplication.clipboard().clear()
    sheet.paste()
    assert "Nothing is copied" in sheet.messages.text()


def test_an_import_is_cancelled_without_a_trace(
    sheet: ImportSheet,
    tmp_path: Path,
    settle: Settle,
    dispatcher: Dispatcher,
    actor: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = _units(dispatcher, actor)
    sheet.open_file(_write(tmp_path / "units.csv", [_row(n) for n in range(600)]))
    settle()
    sheet.check()
    settle()
    settle()
    whole = sheet.plan.command

    def command(checked: Any, skip: bool, progress: Any) -> Any:
        def hesitant(message: str, fraction: float) -> None:
            if fraction > 0.3:
                sheet.cancel()
            progress(message, fraction)

        return whole(checked, skip, hesitant)

    object.__setattr__(sheet.plan, "command", command)
    sheet.take_in()
    settle()
    settle()
    assert sheet.stack.currentWidget() is sheet.report
    assert sheet.messages.text() == "Stopped. Nothing was changed."
    assert _units(dispatcher, actor) == before
    object.__setattr__(sheet.plan, "command", whole)
    sheet.take_in()
    settle()
    settle()
    assert _units(dispatcher, actor) == before + 600


def test_what_became_wrong_meanwhile_is_said_by_row(
    sheet: ImportSheet, tmp_path: Path, settle: Settle, records: Any, dispatcher: Dispatcher, actor: Actor
) -> None:
    sheet.open_file(_write(tmp_path / "units.csv", [_row(0), _row(1)]))
    settle()
    sheet.check()
    settle()
    settle()
    records.unit(vin=vin_number(9001))
    before = _units(dispatcher, actor)
    sheet.take_in()
    settle()
    settle()
    assert "Nothing was imported" in sheet.messages.text()
    assert [problem.line for problem in sheet.report.problems] == [3]
    assert _units(dispatcher, actor) == before
