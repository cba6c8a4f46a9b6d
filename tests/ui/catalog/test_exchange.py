"""The mapping page, the preview, the export and the history of imports, each as people use it."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.catalog.import_commands import Level
from app.catalog.installed_data import DATA_SETS
from app.catalog.queries import list_trims
from app.catalog.specification_mapping import PriceUnit, SpecificationField
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from app.runtime.language import set_language
from db.models.catalog import Trim
from ui.catalog.catalogue_page import CataloguePage
from ui.catalog.column_meanings import PARAMETER, find_meanings
from ui.catalog.export_sheet import ExportSheet
from ui.catalog.import_history import ImportHistory
from ui.catalog.kept_mapping import kept_form, restored
from ui.catalog.source_words import COLUMNS
from ui.catalog.specification_import import SpecificationImportSheet
from ui.kit.context import PageContext
from ui.kit.controls import Button

Settle = Callable[[], None]
LIST = "品牌,车系,车型,能源类型,价格,功率\n比亚迪,汉,旗舰版,纯电动,26.5,516\n比亚迪,汉,新款,纯电动,22.5,300\n"


@pytest.fixture
def sheet(page: CataloguePage, context: PageContext, tmp_path: Path, settle: Settle) -> SpecificationImportSheet:
    """The import with a list whose headings say little."""
    path = tmp_path / "list.csv"
    path.write_bytes(LIST.encode("gb18030"))
    assert context.actions.run("catalogue.import")
    opened = page.sheet
    assert isinstance(opened, SpecificationImportSheet)
    opened.open_file(path)
    settle()
    return opened


def test_columns_units_and_what_holds_for_all_rows(sheet: SpecificationImportSheet, settle: Settle) -> None:
    columns = sheet.columns
    assert columns.missing() == [SpecificationField.YEAR]
    columns.whole.set_value("year", "2026")
    assert columns.missing() == []
    columns.assign(4, SpecificationField.GUIDE_PRICE.value)
    columns.set_unit(4, PriceUnit.TEN_THOUSAND_YUAN.value)
    columns.assign(5, f"{PARAMETER}motor_power")
    settle()
    columns.table.selectRow(5)
    settle()
    assert columns.column_form.editor("unit").value() == "kW"
    columns.set_unit(5, "PS")
    sheet.check()
    settle()
    settle()
    preview = sheet.report.preview
    changed = {row.field: str(row.after) for row in preview.rows if row.kind.value == "changed"}
    assert changed == {"guide_price": "265,000.00"}, "516 PS are the 380 kW that are known"
    assert preview.result.trims_added == 1


def test_the_file_is_read_again_as_a_person_says(sheet: SpecificationImportSheet, settle: Settle) -> None:
    sheet.columns._how.handle.setChecked(True)
    reading = sheet.columns.reading
    reading.set_value("skip", 1)
    reading.changed.emit("skip")
    settle()
    assert sheet.table is not None and sheet.table.headers[0] == "比亚迪"
    reading.set_value("skip", None)
    reading.set_value("encoding", "latin-1")
    reading.changed.emit("encoding")
    settle()
    assert sheet.table.encoding == "latin-1"
    reading.set_values({"encoding": None, "skip": None, "layout": COLUMNS})
    reading.changed.emit("layout")
    settle()
    assert sheet.table.turned


def test_a_layout_is_remembered(sheet: SpecificationImportSheet, settle: Settle, tmp_path: Path) -> None:
    columns = sheet.columns
    columns.assign(5, f"{PARAMETER}motor_power", "PS")
    columns.whole.set_value("year", "2026")
    mapping = columns.mapping()
    sheet.check()
    settle()
    other = tmp_path / "next.csv"
    other.write_text(LIST.replace("26.5", "25.5"), "utf-8")
    sheet.open_file(other)
    settle()
    again = sheet.columns.mapping()
    assert again.parameters == mapping.parameters and again.constants[SpecificationField.YEAR] == "2026"
    assert sheet.table is not None
    headers = sheet.table.headers
    assert restored({"fields": 1}, headers, mapping) == mapping, "what cannot be read is as suggested"
    assert restored(kept_form(mapping, headers), headers, again) == mapping


def test_a_name_that_looks_misspelt_is_answered_with_one_click(
    sheet: SpecificationImportSheet, settle: Settle, tmp_path: Path
) -> None:
    path = tmp_path / "slip.csv"
    path.write_text("make,model,model year,trim,energy\nVolkswagon,Polo,2026,a,petrol\nVolvvo,XC60,2026,b,petrol\n")
    sheet.open_file(path)
    settle()
    sheet.check()
    settle()
    settle()
    slips = sheet.report.slips
    assert slips.isVisibleTo(sheet.report) and len(sheet.report.preview.slips) == 2
    lines = {button.text(): button for button in slips.findChildren(Button)}
    lines["Take it as Volkswagen"].click()
    settle()
    settle()
    (left,) = sheet.report.preview.slips
    assert left.written == "Volvvo" and sheet.report.preview.result.makes == 1
    assert "“volkswagon” as Volkswagen" in sheet.columns._names.text()
    sheet.open_file(path)
    settle()
    assert sheet.columns.forget.isVisibleTo(sheet.columns), "the layout remembers it"
    sheet.columns.forget.click()
    assert sheet.columns.mapping().taken_as == {}


def test_levels_ask_for_fewer_names(sheet: SpecificationImportSheet) -> None:
    sheet.columns.whole.set_value("level", Level.SERIES)
    assert sheet.columns.missing() == []
    sheet.columns.whole.set_value("level", Level.MODEL_YEAR)
    assert sheet.columns.missing() == [SpecificationField.YEAR]


def test_meanings_are_found_in_either_language() -> None:
    for text in ("轴距", "wheelb", "WHEELBASE"):
        assert f"{PARAMETER}wheelbase" in [choice.value for choice in find_meanings(None, text)]
    assert find_meanings(None, "") == []
    set_language("zh_CN")
    assert "guide_price" in [choice.value for choice in find_meanings(None, "指导价")]


def test_published_lists_can_be_tried(sheet: SpecificationImportSheet, settle: Settle) -> None:
    sheet.go_to(0)
    sheet.open_data(next(data for data in DATA_SETS if data.key == "cars93"))
    settle()
    assert sheet.columns.missing() == [] and sheet.columns.mapping().price_unit is PriceUnit.THOUSAND_DOLLARS


def test_a_published_list_is_read_as_such_unless_somebody_says_otherwise(
    sheet: SpecificationImportSheet, settle: Settle
) -> None:
    assert sheet.table is not None and not sheet.table.published
    assert not sheet.columns.reading.editor("published").isVisible()
    source = Path(str(find_spec("pyblp").origin)).parent / "data" / "blp_products.csv"  # type: ignore[union-attr]
    sheet.open_file(source)
    settle()
    assert sheet.table.published == "blp" and sheet.columns.missing() == []
    sheet.columns.reading.set_value("published", False)
    sheet.columns.reading.changed.emit("published")
    settle()
    assert not sheet.table.published and "clustering_ids" in sheet.table.headers
    sheet.open_file(source)
    settle()
    assert sheet.table.published == "blp", "another file is recognised again"


def test_taken_in_listed_and_taken_back(
    sheet: SpecificationImportSheet, page: CataloguePage, settle: Settle, dispatcher: Dispatcher, actor: Actor,
    context: PageContext,
) -> None:  # fmt: skip
    sheet.columns.whole.set_value("year", "2026")
    sheet.check()
    settle()
    settle()
    before = len(dispatcher.read(list_trims, actor))
    sheet.take_in()
    settle()
    settle()
    assert len(dispatcher.read(list_trims, actor)) == before + 1 and not sheet.undo.isHidden()
    page.close_sheet()
    assert context.actions.run("catalogue.imports")
    settle()
    history = page.sheet
    assert isinstance(history, ImportHistory) and len(history.model.rows) == 1
    assert not history.undo.isEnabled()
    history.table.selectRow(0)
    assert history.undo.isEnabled()
    history.take_back(history.model.rows[0])
    settle()
    assert len(dispatcher.read(list_trims, actor)) == before and history.model.rows[0].is_undone
    history.table.selectRow(0)
    assert not history.undo.isEnabled()


@pytest.mark.parametrize("form", ["xlsx", "csv", "json"])
def test_a_part_is_given_out(
    form: str, page: CataloguePage, trims: list[Trim], context: PageContext, settle: Settle, tmp_path: Path
) -> None:
    page.compared = []
    assert context.actions.run("catalogue.export")
    sheet = page.sheet
    assert isinstance(sheet, ExportSheet)
    sheet.form.set_value("form", form)
    sheet.form.changed.emit("form")
    path = tmp_path / f"list.{form}"
    sheet.save(path)
    settle()
    assert path.stat().st_size > 200 and "4 entries are in list" in sheet.messages.text()


class TestAsSalesperson:
    @pytest.fixture
    def actor(self, salesperson: Actor) -> Actor:
        return salesperson

    def test_may_give_out_but_not_take_in(self, page: CataloguePage, context: PageContext, settle: Settle) -> None:
        assert not context.actions.run("catalogue.imports") and not context.actions.run("catalogue.import")
        assert context.actions.run("catalogue.export")
        settle()
        assert isinstance(page.sheet, ExportSheet)

