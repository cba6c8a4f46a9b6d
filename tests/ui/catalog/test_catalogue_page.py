"""The catalogue page: tree and search, a trim in full, entering, comparing, importing."""

import csv
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.catalog.import_commands import Level
from app.catalog.queries import get_trim, list_makes, list_trims
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from app.runtime.language import set_language
from db.models.catalog import Trim
from tests.factories.records import Records
from tests.ui.typing_text import type_text
from tests.ui.workplaces import Travels
from ui.catalog.catalogue_page import CataloguePage
from ui.catalog.entry_form import EntryForm
from ui.catalog.entry_pane import EntryPane
from ui.catalog.parameter_line import ParameterLine
from ui.catalog.tree_model import CatalogueTreeModel
from ui.kit.context import PageContext
from ui.kit.disclosure import Disclosure
from ui.kit.editing import FormSheet
from ui.kit.import_sheet import ImportSheet

Settle = Callable[[], None]


def _open(page: CataloguePage, trim: Trim, settle: Settle) -> None:
    page.activate({"trim_id": trim.id})
    for _level in range(3):
        settle()


def _said(page: CataloguePage) -> str:
    lines = [line.handle.accessibleName() for line in page.pane.findChildren(ParameterLine)]
    groups = [group.handle.accessibleName() for group in page.pane.findChildren(Disclosure)]
    return " | ".join([*(label.text() for label in page.pane.findChildren(QLabel)), *lines, *groups])


def _form(page: CataloguePage) -> EntryForm:
    sheet = page.sheet
    assert isinstance(sheet, FormSheet) and isinstance(sheet.form, EntryForm)
    return sheet.form


def _child(model: CatalogueTreeModel, parent: QModelIndex, text: str) -> QModelIndex:
    for line in range(model.rowCount(parent)):
        index = model.index(line, 0, parent)
        if index.data() == text:
            return index
    raise AssertionError(text)


def test_the_tree_opens_level_by_level(page: CataloguePage, settle: Settle) -> None:
    model, tree = page.browser.model, page.browser.tree
    assert [model.index(n, 0).data() for n in range(model.rowCount())] == ["BYD", "Volkswagen"]
    assert model.index(0, 1).data() == "2"
    make = _child(model, QModelIndex(), "Volkswagen")
    assert model.hasChildren(make) and model.rowCount(make) == 0
    tree.expand(make)
    settle()
    series = _child(model, make, "Lavida")
    tree.expand(series)
    settle()
    assert [model.index(n, 0, series).data() for n in range(model.rowCount(series))] == ["2026", "2025"]
    year = model.index(0, 0, series)
    assert model.index(0, 0, year).data() == "1.5L Automatic Comfort"
    assert not model.hasChildren(model.index(0, 0, year))


def test_the_tree_keeps_the_rules_of_qt(page: CataloguePage, settle: Settle, qtmodeltester: ModelTester) -> None:
    model = page.browser.model
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    page.browser.tree.expandAll()
    settle()
    page.browser.tree.expandAll()
    settle()
    qtmodeltester.check(model)
    model.load()
    settle()
    qtmodeltester.check(model)
    settle()
    assert tester.model() is model


def test_a_trim_in_full_reached_from_elsewhere(
    page: CataloguePage, trims: list[Trim], records: Records, settle: Settle, navigator: Travels
) -> None:
    records.unit(trims[2])
    _open(page, trims[2], settle)
    assert isinstance(page.pane, EntryPane)
    said = _said(page)
    for words in ("BYD Han 2026 Flagship", "比亚迪 汉 2026款 旗舰版", "¥260,000.00", "605 km", "380 kW", "4,995 mm"):
        assert words in said, words
    node = page.browser.tree.current_node()
    assert node is not None and node.key == trims[2].id
    assert "1 vehicle in the books" in page.pane.units.accessibleName()
    page.pane.units.click()
    assert navigator.went == [("vehicles", {"trim_id": trims[2].id})]


def test_the_tree_by_keyboard(page: CataloguePage, settle: Settle, qtbot: QtBot) -> None:
    tree = page.browser.tree
    tree.go_to(page.browser.model.index(0, 0))
    settle()
    assert isinstance(page.pane, EntryPane) and "BYD" in _said(page)
    for _level in ("make", "series", "year"):
        qtbot.keyClick(tree, Qt.Key.Key_Return)
        settle()
        qtbot.keyClick(tree, Qt.Key.Key_Down)
        settle()
    assert isinstance(page.pane, EntryPane) and page.trim is not None
    assert str(page.trim.row.name) == "Flagship"


def test_search_by_name_and_initials(page: CataloguePage, settle: Settle, qtbot: QtBot) -> None:
    browser = page.browser
    for text, count in (("lavida", 2), ("byd", 2), ("旗舰", 1), ("朗逸 2025", 1)):
        type_text(qtbot, browser.search, text)
        qtbot.waitUntil(lambda text=text: browser.found.filters.get("text") == text)
        settle()
        assert browser.found.rowCount() == count, text
    assert browser.stack.currentWidget() is browser.results
    browser.results.selectRow(0)
    settle()
    assert page.trim is not None and page.trim.row.year == 2025
    type_text(qtbot, browser.search, "zzz")
    qtbot.waitUntil(lambda: browser.stack.currentWidget() is browser.nothing)
    browser.search.clear()
    qtbot.waitUntil(lambda: browser.stack.currentWidget() is browser.tree)
    settle()


def test_down_and_return_go_from_the_search_to_what_was_found(
    page: CataloguePage, settle: Settle, qtbot: QtBot
) -> None:
    search, browser = page.browser.search, page.browser
    search.setFocus()
    qtbot.keyClick(search, Qt.Key.Key_Down)
    assert page.window().focusWidget() is browser.tree
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return):
        search.setFocus()
        search.clear()
        type_text(qtbot, search, "han")
        settle()
        qtbot.keyClick(search, key)
        settle()
        assert page.window().focusWidget() is browser.results
        assert page.entry is not None and page.entry.path.en == "BYD Han 2026 Luxury", "the cheaper one stands first"


def test_make_series_year_and_trim_are_added(
    page: CataloguePage, settle: Settle, qtbot: QtBot, dispatcher: Dispatcher, actor: Actor, context: PageContext
) -> None:
    assert context.actions.run("catalogue.make")
    make = page.questions.question
    assert make is not None
    make.form.set_value("name_zh", "大众")
    make.submit()
    settle()
    assert "in the catalogue already" in make.form.problems()["name_zh"]
    make.form.set_values({"name_zh": "蔚来", "name_en": "NIO", "country": "CN"})
    make.submit()
    settle()
    settle()
    assert "NIO" in {str(row.name) for row in dispatcher.read(list_makes, actor)}
    model, tree = page.browser.model, page.browser.tree
    tree.go_to(_child(model, QModelIndex(), "NIO"))
    settle()
    assert isinstance(page.pane, EntryPane)
    page.pane.ask_series()
    series = page.pane.section.question
    assert series is not None
    series.form.set_values({"name_zh": "ET5", "name_en": "ET5"})
    series.submit()
    settle()
    settle()
    nio = _child(model, QModelIndex(), "NIO")
    tree.expand(nio)
    settle()
    tree.go_to(_child(model, nio, "ET5"))
    settle()
    assert isinstance(page.pane, EntryPane)
    page.pane.want_trim()
    settle()
    form = _form(page)
    type_text(qtbot, form.editor("name_zh").line, "75kWh")
    form.set_values({"energy": "electric", "guide_price": Decimal("298000.00")})
    form.editor("energy").edited.emit()
    type_text(qtbot, form.editor("parameters.motor_power").line, "490 hp")
    form.cell("parameters.motor_power").check(show=True)
    assert form.cell("parameters.motor_power").message().startswith("Kept as 36")
    form.submitted.emit()
    for _step in range(4):
        settle()
    assert page.sheet is None and page.trim is not None and str(page.trim.row.name) == "75kWh"
    stored = dispatcher.read(get_trim, actor, page.trim.row.id).raw_parameters
    assert 360 <= stored["motor_power"] <= 366


def test_a_change_keeps_other_parameters_and_is_undone(
    page: CataloguePage,
    trims: list[Trim],
    settle: Settle,
    qtbot: QtBot,
    dispatcher: Dispatcher,
    actor: Actor,
    context: PageContext,
) -> None:
    _open(page, trims[2], settle)
    assert context.actions.run("catalogue.edit")
    form = _form(page)
    type_text(qtbot, form.editor("parameters.airbags").line, "2000")
    assert not form.check_all() and "parameters.airbags" in form.problems()
    type_text(qtbot, form.editor("parameters.airbags").line, "12")
    assert not form.check_all() and "reason" in form.problems()
    type_text(qtbot, form.editor("reason").line, "Notice of the maker")
    form.submitted.emit()
    settle()
    settle()
    after = dispatcher.read(get_trim, actor, trims[2].id)
    assert after.raw_parameters == {**trims[2].parameters, "airbags": 12}
    assert after.row.in_tax_directory
    context.operations.undo(page)
    settle()
    assert dispatcher.read(get_trim, actor, trims[2].id).raw_parameters == trims[2].parameters


def test_a_question_gives_the_focus_back_and_old_news_goes(
    page: CataloguePage, trims: list[Trim], settle: Settle, qtbot: QtBot
) -> None:
    _open(page, trims[2], settle)
    page.messages.show_info("Kept.")
    pane = page.pane
    assert isinstance(pane, EntryPane)
    pane.views.setFocus()
    before = page.window().focusWidget()
    pane.ask_removal()
    assert not page.messages.text(), "what was said before is not about this"
    question = pane.section.question
    assert question is not None and question.isAncestorOf(page.window().focusWidget())
    question.leave()
    assert page.window().focusWidget() is before
    page.messages.show_info("Kept.")
    _open(page, trims[3], settle)
    assert not page.messages.text()


def test_what_was_looked_at_stays_in_sight_when_the_entry_is_read_again(
    page: CataloguePage, trims: list[Trim], settle: Settle
) -> None:
    _open(page, trims[2], settle)
    pane = page.pane
    assert isinstance(pane, EntryPane)
    pane.specification.open_group("comfort")
    settle()
    line = pane.specification.line("sunroof")
    assert line is not None
    line.handle.setFocus()
    page._show_entry(page.entry)  # type: ignore[arg-type]
    settle()
    again = page.pane
    assert isinstance(again, EntryPane) and again is not pane
    line = again.specification.line("sunroof")
    assert line is not None and page.window().focusWidget() is line.handle


def test_removal_is_refused_while_units_need_it(
    page: CataloguePage, trims: list[Trim], records: Records, settle: Settle, context: PageContext
) -> None:
    records.unit(trims[0])
    _open(page, trims[0], settle)
    _remove(page, "No longer built", settle, context)
    assert "Units of this trim are in the books" in page.messages.text()
    assert page.trim is not None and page.trim.row.id == trims[0].id


def test_a_removed_trim_gives_way_to_its_year_and_comes_back(
    page: CataloguePage, trims: list[Trim], settle: Settle, context: PageContext, dispatcher: Dispatcher,
    actor: Actor,
) -> None:  # fmt: skip
    _open(page, trims[1], settle)
    _remove(page, "", settle, context)
    assert page.trim is not None, "without a reason nothing is removed"
    _remove(page, "No longer built", settle, context)
    assert page.entry is not None and page.entry.level is Level.MODEL_YEAR
    assert "left the catalogue" in page.messages.text()
    node = page.browser.tree.current_node()
    assert node is not None and node.kind == "year", "the cursor stands where the trim stood below"
    context.operations.undo(page)
    settle()
    (back,) = dispatcher.read(list_trims, actor, text="1.5L 2026")
    page.activate({"trim_id": back.id})
    for _level in range(3):
        settle()
    assert page.trim is not None and page.trim.row.id == back.id
    assert page.entry is not None and page.entry.versions == 3


def _remove(page: CataloguePage, reason: str, settle: Settle, context: PageContext) -> None:
    assert context.actions.run("catalogue.remove")
    assert isinstance(page.pane, EntryPane)
    question = page.pane.section.question
    assert question is not None
    question.form.set_values({"reason": reason})
    question.submit()
    settle()


def test_collected_trims_are_compared_on_a_page_of_their_own(
    page: CataloguePage, trims: list[Trim], settle: Settle, context: PageContext, navigator: Travels
) -> None:
    assert not context.actions.run("catalogue.compare")
    for trim in (trims[2], trims[3]):
        _open(page, trim, settle)
        assert context.actions.run("catalogue.collect")
    button = page.header_button("catalogue.compare")
    assert button is not None and button.text() == "Compare (2)"
    assert context.actions.run("catalogue.compare")
    assert navigator.went[-1] == ("comparison", {"trim_ids": [trims[2].id, trims[3].id]})
    _open(page, trims[2], settle)
    assert context.actions.run("catalogue.collect") and [one.id for one in page.compared] == [trims[3].id]


def test_a_seventh_trim_does_not_fit(
    page: CataloguePage, trims: list[Trim], records: Records, settle: Settle, context: PageContext
) -> None:
    more = [records.trim(name_zh=f"第{n}款", name_en=f"Number {n}") for n in (5, 6, 7)]
    for trim in [*trims, *more]:
        _open(page, trim, settle)
        context.actions.run("catalogue.collect")
    assert len(page.compared) == 6 and "6 trims fit side by side" in page.messages.text()


def test_specifications_are_taken_in_from_a_table(
    page: CataloguePage, tmp_path: Path, settle: Settle, dispatcher: Dispatcher, actor: Actor, context: PageContext
) -> None:
    path = tmp_path / "trims.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [
                ["品牌", "车系", "年款", "车型", "能源类型", "指导价", "长度(cm)", "气囊"],
                ["理想", "L7", "2026", "Max", "增程式", "37.98万", "505", "9"],
                ["理想", "L7", "2026", "Pro", "空气", "33.98万", "505", "9"],
            ]
        )
    assert context.actions.run("catalogue.import")
    sheet = page.sheet
    assert isinstance(sheet, ImportSheet)
    sheet.open_file(path)
    settle()
    mapping = sheet.columns.mapping()
    assert ("length", 6, "cm") in [(one.code, one.column, one.unit) for one in mapping.parameters]
    assert not sheet.columns.missing()
    sheet.check()
    settle()
    settle()
    assert [problem.line for problem in sheet.report.problems] == [3]
    sheet.report.policy.buttons()[1].click()
    sheet.take_in()
    settle()
    settle()
    said = " ".join(label.text() for label in sheet.done.findChildren(QLabel))
    assert "1 trim added, 0 brought up to date" in said
    taken = dispatcher.read(list_trims, actor, text="理想")
    assert [row.guide_price for row in taken] == [Decimal("379800.00")]
    assert dispatcher.read(get_trim, actor, taken[0].id).raw_parameters["length"] == 5050


def test_speaks_chinese_after_a_switch(page: CataloguePage, trims: list[Trim], settle: Settle) -> None:
    _open(page, trims[2], settle)
    set_language("zh_CN")
    assert page.browser.model.index(0, 0).data() == "比亚迪"
    assert "BYD Han 2026 Flagship" in _said(page) and "比亚迪 汉 2026款 旗舰版" in _said(page)
    assert "车身与尺寸 (1)" in _said(page) and "纯电续航里程（CLTC）, 605 km, 自有值" in _said(page)


class TestAsSalesperson:
    @pytest.fixture
    def actor(self, salesperson: Actor) -> Actor:
        return salesperson

    def test_looks_and_compares_only(
        self, page: CataloguePage, trims: list[Trim], settle: Settle, context: PageContext
    ) -> None:
        _open(page, trims[2], settle)
        assert page.header_button("catalogue.make") is None and page.header_button("catalogue.import") is None
        assert not context.actions.run("catalogue.edit") and not context.actions.run("catalogue.remove")
        assert context.actions.run("catalogue.collect")
        buttons = [button.text() for button in page.pane.findChildren(QPushButton)]
        assert buttons[0] == "Specification" and buttons[-2:] == ["Versions", "Leave out again"]
