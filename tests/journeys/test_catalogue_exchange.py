"""A price list from the maker's post to the catalogue and back again, and the checks of it, through the real window."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PySide6.QtWidgets import QLabel

from app.catalog.queries import get_trim, list_trims
from app.tour.guided_sale import main_window, sign_in
from app.tour.hands import Hands
from app.wiring.start import Application
from tests.factories.people import PASSWORD
from ui.anomalies.anomalies_page import AnomaliesPage
from ui.catalog.catalogue_page import CataloguePage
from ui.catalog.export_sheet import ExportSheet
from ui.catalog.import_history import ImportHistory
from ui.catalog.specification_import import SpecificationImportSheet
from ui.catalog.specification_report import CHANGES, CHECKS, PROBLEMS

LIST = """品牌,车系,年款,车型,能源类型,厂商指导价(万元),最大功率(PS),长度(mm),轴距(mm)
比亚迪,汉,2026款,EV 605KM,纯电动,18.98,,4995,2920
比亚迪,汉,2026款,EV 705KM,纯电动,21.98,,4995,5920
大众,朗逸,2026款,1.5L 自动舒适版,,14.50,111,4720,2688
大众,朗逸,2026款,280TSI,空气,16.99,150,4720,2688
"""


class Desk:
    """The window of a manager, and what they do with it."""

    def __init__(self, application: Application, hands: Hands) -> None:
        self.application, self.hands = application, hands
        self.window = main_window(application)

    def quiet(self) -> None:
        self.hands.wait(lambda: self.application.operations.settled(), "everything is done")

    def page(self, key: str) -> Any:
        self.window.pages.open(key)
        self.quiet()
        return self.window.pages.current_page

    def run(self, action: str) -> None:
        assert self.window.actions_registry.run(action)
        self.quiet()

    def read(self, function: Callable[..., Any], *args: Any, **more: Any) -> Any:
        return self.application.operations.workplace.read(function, *args, **more)

    def import_sheet(self, path: Path) -> SpecificationImportSheet:
        """The import with a file in it, its columns shown."""
        page = self.page("catalogue")
        assert isinstance(page, CataloguePage)
        page.close_sheet()
        self.run("catalogue.import")
        sheet = page.sheet
        assert isinstance(sheet, SpecificationImportSheet)
        sheet.open_file(path)
        self.quiet()
        return sheet

    def checked(self, sheet: SpecificationImportSheet) -> SpecificationImportSheet:
        self.hands.click(sheet._check)
        self.quiet()
        return sheet

    def take_in(self, sheet: SpecificationImportSheet) -> str:
        self.hands.click(sheet._take)
        self.quiet()
        return " ".join(label.text() for label in sheet.done.findChildren(QLabel))


@pytest.fixture
def desk(start_application: Callable[..., Application], qapp: Any) -> Desk:
    application, hands = start_application(), Hands(qapp)
    sign_in(application, hands, login="zhaomin", password=PASSWORD)
    return Desk(application, hands)


def test_a_list_with_errors_is_reported_taken_in_and_taken_back(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "价格表.csv"
    path.write_bytes(LIST.encode("gb18030"))
    before = {row.id: row for row in desk.read(list_trims)}
    sheet = desk.checked(desk.import_sheet(path))
    report = sheet.report
    assert [(problem.where, problem.code) for problem in report.problems] == [
        ("3", "specification_out_of_range"), ("5", "energy_unknown"),
    ]  # fmt: skip
    assert not sheet._take.isEnabled(), "all or nothing, until somebody says otherwise"
    sheet.save_report(tmp_path / "report.xlsx")
    desk.quiet()
    saved = openpyxl.load_workbook(tmp_path / "report.xlsx").active
    assert [saved.cell(line, 1).value for line in (2, 3)] == ["3", "5"]
    report.policy.buttons()[1].click()
    rows = {(row.kind.value, row.field): row for row in report.preview.rows}
    price = rows["changed", "guide_price"]
    assert (str(price.before), str(price.after), str(price.percent)) == ("150,000.00", "145,000.00", "-3.3")
    assert ("added", "") in rows
    for view in (CHANGES, PROBLEMS, CHECKS):
        next(button for button in report.views.buttons() if button.text() == words_of(view)).click()
        desk.quiet()
    assert "1 trim added" in desk.take_in(sheet)
    after = {row.id: row for row in desk.read(list_trims)}
    assert len(after) == len(before) + 1
    desk.hands.click(sheet.undo)
    desk.quiet()
    assert {row.id: row.guide_price for row in desk.read(list_trims)} == {
        row.id: row.guide_price for row in before.values()
    }
    page = desk.page("catalogue")
    page.close_sheet()
    desk.run("catalogue.imports")
    assert isinstance(page.sheet, ImportHistory)
    assert [entry.is_undone for entry in page.sheet.model.rows] == [True]


def words_of(view: str) -> str:
    return {CHANGES: "What would change", PROBLEMS: "What is wrong", CHECKS: "What stands out"}[view]


def test_a_makers_book_with_trims_side_by_side(desk: Desk, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "参数"
    for line in (
        ["小鹏汽车 2026 参数配置", None, None, None], ["项目", "单位", "版本一", "版本二"], ["基本信息"],
        ["品牌", None, "小鹏", None], ["车系", None, "P7", None], ["年款", None, "2026款", None],
        ["车型", None, "602 Max", "702 Ultra"], ["能源类型", None, "纯电动", None],
        ["官方指导价", "万元", 22.99, 25.99],
        ["电动机"], ["电动机总功率", "kW", 203, 348], ["车身"], ["长", "mm", 4888, 4888], ["配置"],
        ["前排座椅加热", None, "○", "●"],
    ):  # fmt: skip
        sheet.append(line)
    for merged in ("A1:D1", "C4:D4", "C5:D5", "C6:D6", "C8:D8", "A10:D10"):
        sheet.merge_cells(merged)
    path = tmp_path / "book.xlsx"
    book.save(path)
    opened = desk.import_sheet(path)
    assert opened.table is not None and opened.table.turned and opened.columns.missing() == []
    desk.checked(opened)
    assert opened.report.problems == ()
    assert "2 trims added" in desk.take_in(opened)
    (row,) = desk.read(list_trims, text="702 Ultra")
    assert desk.read(get_trim, row.id).raw_parameters == {
        "motor_power": 348, "length": 4888, "heated_seats": "standard",
    }  # fmt: skip


def test_what_was_given_out_comes_back_unchanged(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "book.csv"
    page = desk.page("catalogue")
    desk.run("catalogue.export")
    sheet = page.sheet
    assert isinstance(sheet, ExportSheet)
    sheet.form.set_values({"kind": sheet.form.value("kind").SPECIFICATIONS, "form": "csv", "scope": "all"})
    sheet.save(path)
    desk.quiet()
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    opened = desk.checked(desk.import_sheet(path))
    assert not opened.report.preview.rows and opened.report.problems == ()
    assert "0 trims added, 0 brought up to date" in desk.take_in(opened)
    assert not opened.undo.isVisible(), "there is nothing to take back"


def test_a_finding_is_put_aside_and_comes_back_after_a_change(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"

    def bring(wheelbase: int) -> None:
        headings = "品牌,车系,年款,车型,能源类型,长度(mm),轴距(mm)"
        path.write_text(f"{headings}\n比亚迪,海豚,2026,时尚版,纯电动,4070,{wheelbase}\n", "utf-8")
        desk.take_in(desk.checked(desk.import_sheet(path)))

    bring(4200)
    page = desk.page("anomalies")
    assert isinstance(page, AnomaliesPage)
    page.filters.set_values({"text": "海豚"}, silently=False)
    desk.quiet()
    assert page.model.rowCount() == 1
    page.table.selectRow(0)
    desk.quiet()
    desk.run("anomalies.dismiss")
    assert page.question is not None
    page.question.form.set_values({"reason": "样车"})
    page.question.submit()
    desk.quiet()
    assert page.model.rowCount() == 0
    bring(4300)
    assert desk.page("anomalies").model.rowCount() == 1
