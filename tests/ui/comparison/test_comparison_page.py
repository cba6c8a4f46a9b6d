"""The page that compares: columns added, taken out, moved; differences, costs, axes; paper and sheets."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.attachments.commands import AttachFiles
from app.attachments.intake import GivenFile, take_in
from app.catalog.interest import interests
from app.comparison.queries import comparison_pdf
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from app.runtime.language import ENGLISH, set_language
from db.models.catalog import Trim
from tests.factories.people import actor_of, staff_of
from tests.factories.pictures import picture
from tests.factories.records import Records
from tests.ui.workplaces import Notes
from ui.comparison.axis_choice import AxisChoice
from ui.comparison.comparison_page import ComparisonPage
from ui.comparison.customer_form import PreparedForForm
from ui.comparison.price_form import PriceForm
from ui.comparison.side_model import SideModel
from ui.comparison.side_table import SideTable
from ui.kit.context import PageContext
from ui.kit.paper_sheet import PaperSheet
from ui.kit.text import words

Settle = Callable[[], None]


def _rows(page: ComparisonPage) -> dict[str, list[str]]:
    model = (page.views.costs if page.view.value() == "costs" else page.views.specifications).model()
    assert isinstance(model, SideModel)
    return {
        str(model.index(line, 0).data()): [
            str(model.index(line, place).data() or "") for place in range(1, model.columnCount())
        ]
        for line in range(model.rowCount())
    }


def _said(page: ComparisonPage) -> str:
    return " ".join(label.text() for label in page.messages.findChildren(QLabel))


def _names(page: ComparisonPage) -> list[str]:
    return [str(card.trim.make) for card in page.strip.cards]


def test_six_side_by_side_with_better_values_and_distances(page: ComparisonPage) -> None:
    rows = _rows(page)
    assert _names(page) == ["BYD", "Volkswagen", "Toyota", "Geely", "Li Auto", "Haval"]
    assert rows["Guide price"][:2] == ["¥219,800.00", "¥229,900.00"]
    assert rows["0–100 km/h"] == ["7.9 s", "7.4 s", "8.7 s", "6.9 s", "5.4 s", "–"]
    model = page.views.specifications.model()
    line = list(rows).index("0–100 km/h")
    spoken = [model.index(line, place).data(int(Qt.ItemDataRole.AccessibleTextRole)) for place in (1, 5)]
    assert spoken == ["0–100 km/h, 7.9 s", "0–100 km/h, 5.4 s, the best, −2.5 s"]


def test_only_what_differs_and_everything(page: ComparisonPage, settle: Settle) -> None:
    core = _rows(page)
    assert "Seats" in core and "Service interval" not in core
    page.tools.everything.buttons()[1].click()
    everything = _rows(page)
    assert "Service interval" in everything and len(everything) > len(core)
    page.tools.differing.click()
    differing = _rows(page)
    assert "Seats" not in differing and "0–100 km/h" in differing and len(differing) < len(everything)
    assert all(len(set(texts)) > 1 for texts in differing.values() if any(texts))


def test_columns_by_keys(page: ComparisonPage, trims: list[Trim], settle: Settle, qtbot: QtBot) -> None:
    cards = page.strip.cards
    cards[0].setFocus()
    qtbot.keyClick(cards[0], Qt.Key.Key_Right)
    assert cards[1].hasFocus()
    qtbot.keyClick(cards[1], Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    settle()
    assert _names(page)[:3] == ["BYD", "Toyota", "Volkswagen"] and page.strip.cards[2].hasFocus()
    qtbot.keyClick(page.strip.cards[2], Qt.Key.Key_Space)
    settle()
    assert page.comparison is not None and page.comparison.reference == 2
    assert _rows(page)["Guide price"][2] == "¥229,900.00"
    qtbot.keyClick(page.strip.cards[2], Qt.Key.Key_Delete)
    settle()
    assert _names(page) == ["BYD", "Toyota", "Geely", "Li Auto", "Haval"]
    assert page.comparison.reference == 0 and page.strip.cards[2].hasFocus()


def test_a_column_is_dragged(page: ComparisonPage, settle: Settle) -> None:
    card, last = page.strip.cards[0], page.strip.cards[3]
    start = card.rect().center()
    way = last.geometry().center().x() - card.geometry().center().x()
    QTest.mousePress(card, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(card, start + QPoint(40, 0))
    QTest.mouseMove(card, start + QPoint(way - 40, 0))
    QTest.mouseRelease(card, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start + QPoint(way - 40, 0))
    settle()
    assert _names(page)[3] == "BYD"


def test_trims_are_added_by_name_up_to_six(
    page: ComparisonPage, trims: list[Trim], records: Records, settle: Settle, qtbot: QtBot
) -> None:
    other = records.trim()
    page.add_trim(other.id)
    assert "Take one away first" in _said(page)
    page.remove_trim(trims[5].id)
    settle()
    page.focus_lookup()
    qtbot.keyClicks(page.lookup.line, "Lavida")
    qtbot.waitUntil(lambda: page.lookup._popup.isVisible())
    settle()
    qtbot.keyClick(page.lookup._popup, Qt.Key.Key_Return)
    settle()
    assert page.terms.trim_ids[-1] == other.id and len(page.terms.trim_ids) == 6
    page.add_trim(trims[0].id)
    assert "stands here already" in _said(page)


def test_costs_follow_the_assumptions(page: ComparisonPage, settle: Settle, qtbot: QtBot) -> None:
    page.show_view("costs")
    before = _rows(page)
    assert before["Price"][0] == "¥219,800.00" and before["− Residual value"][0] == "−¥107,702.00"
    page.open_assumptions()
    form = page.questions.form
    assert form is not None
    form.set_value("annual_km", 30_000)
    form.changed.emit("annual_km")
    qtbot.waitUntil(lambda: page.terms.assumed is not None and page.terms.assumed.annual_km == 30_000)
    settle()
    after = _rows(page)
    assert after["Fuel and power"][0] == "¥9,865.80" and before["Fuel and power"][0] == "¥4,932.90"
    page.tools.years.buttons()[1].click()
    settle()
    assert page.comparison is not None and page.comparison.assumed.years == 5
    form.set_value("city", "shanghai")
    form.changed.emit("city")
    qtbot.waitUntil(lambda: _rows(page)["Plates"][1] == "¥93,125.00")
    assert _rows(page)["Plates"][0] == "¥125.00"


def test_what_is_missing_is_said(page: ComparisonPage, records: Records, settle: Settle) -> None:
    bare = records.trim(parameters={"displacement": 1.5})
    page.activate({"trim_ids": [bare.id]})
    settle()
    page.show_view("costs")
    assert _rows(page)["Fuel and power"] == ["not known"]
    model = page.views.costs.model()
    cell = model.index(list(_rows(page)).index("Cost of ownership"), 1)
    assert "Incomplete: without fuel and power" in str(cell.data(int(Qt.ItemDataRole.ToolTipRole)))


def test_axes_are_chosen_between_three_and_eight(page: ComparisonPage, settle: Settle) -> None:
    page.open_axes()
    settle()
    choice = page.panel.content()
    assert isinstance(choice, AxisChoice) and page.comparison is not None
    first = choice.codes()
    assert len(first) == 6
    for code in list(choice.boxes)[6:9]:
        choice.boxes[code].click()
        settle()
    assert len(choice.codes()) == 8 and page.terms.axes == choice.codes()
    assert len(page.comparison.axes) == 8
    for code in choice.codes()[:6]:
        choice.boxes[code].click()
        settle()
    assert len(choice.codes()) == 3


def test_the_paper_in_both_languages(page: ComparisonPage, context: PageContext, settle: Settle) -> None:
    assert context.actions.run("comparison.print")
    settle()
    sheet = page.sheet
    assert isinstance(sheet, PaperSheet) and sheet.paper is not None
    english = sheet.paper.content
    assert english.startswith(b"%PDF-1.7") and sheet.paper.language == ENGLISH
    sheet.language.buttons()[0].click()
    settle()
    assert sheet.paper.language == "zh_CN" and sheet.paper.content != english
    assert sheet.view.page_count() >= 3
    page.close_sheet()
    assert page.strip.cards


def test_sheets_are_written(page: ComparisonPage, settle: Settle, tmp_path: Path, notifications: Notes) -> None:
    page.write_sheets(tmp_path / "compared.xlsx")
    for _step in range(3):
        settle()
    assert (tmp_path / "compared.xlsx").read_bytes().startswith(b"PK")
    assert "compared.xlsx" in words(notifications.shown[-1][0])


def test_what_was_compared_is_there_again(
    page: ComparisonPage, context: PageContext, trims: list[Trim], show: Callable[..., object], settle: Settle
) -> None:
    page.move_trim(0, 1)
    settle()
    page.hide()
    context.actions.remove_scope(page.scope)
    again = ComparisonPage(context)
    show(again, 1072, 740)
    again.activate({})
    settle()
    assert again.terms.trim_ids == page.terms.trim_ids and again.terms.reference_id == trims[0].id
    again.clear()
    settle()
    assert not again.strip.cards and again.views.currentWidget() is again.views._nothing


def test_what_stands_in_stock_is_a_beginning(
    page: ComparisonPage, trims: list[Trim], records: Records, settle: Settle
) -> None:
    page.clear()
    page.compare_stock()
    settle()
    assert "Nothing stands free" in _said(page)
    for trim, count in ((trims[4], 2), (trims[1], 3)):
        for _unit in range(count):
            records.unit(trim)
    page.compare_stock()
    settle()
    assert page.terms.trim_ids == (trims[1].id, trims[4].id)


@pytest.mark.parametrize("view", ["specifications", "costs", "charts"])
def test_a_change_of_language_words_everything_again(page: ComparisonPage, settle: Settle, view: str) -> None:
    page.show_view(view)
    set_language("zh_CN")
    settle()
    assert page.strip.cards[0].toolTip().startswith("比亚迪")
    if view != "charts":
        assert ("指导价" if view == "specifications" else "厂家指导价（含税）") in str(
            [*_rows(page), page.views.costs.model().index(0, 1).data(int(Qt.ItemDataRole.ToolTipRole))]
        )
    set_language(ENGLISH)
    settle()


def test_a_price_of_ones_own_and_whom_it_is_for(
    page: ComparisonPage, trims: list[Trim], records: Records, settle: Settle, qtbot: QtBot
) -> None:
    unit = records.unit(trims[0], list_price=Decimal("209800.00"), stock_number="S-9")
    page.strip.cards[0].setFocus()
    qtbot.keyClick(page.strip.cards[0], Qt.Key.Key_Return)
    settle()
    form = page.panel.content()
    assert isinstance(form, PriceForm)
    form.set_value("basis", unit.id)
    form.changed.emit("basis")
    qtbot.waitUntil(lambda: bool(page.terms.prices))
    settle()
    assert _rows(page)["Price of this comparison"][0] == "¥209,800.00"
    assert page.strip.cards[0].price.text() == "¥209,800" and "S-9" in page.strip.cards[0].price.toolTip()
    form.set_value("basis", "entered")
    form.set_value("amount", Decimal("200000.00"))
    form.changed.emit("amount")
    qtbot.waitUntil(lambda: page.terms.prices[0].amount == Decimal("200000.00"))
    settle()
    page.questions.take_price(trims[0].id, None)
    settle()
    assert "Price of this comparison" not in _rows(page)
    customer = records.customer(name="李雷")
    page.questions.ask_customer()
    prepared = page.panel.content()
    assert isinstance(prepared, PreparedForForm)
    prepared.set_value("customer_id", customer.id)
    prepared.changed.emit("customer_id")
    settle()
    assert page.terms.customer_id == customer.id and "Prepared for 李雷" in page._subtitle.text()
    page.activate({"trim_ids": [trims[0].id]})
    settle()
    assert "李雷" not in page._subtitle.text()


def test_a_missing_consumption_is_entered_where_it_is_missed(
    page: ComparisonPage, records: Records, settle: Settle, qtbot: QtBot
) -> None:
    plug_in = records.trim(energy="plug_in_hybrid", parameters={"electricity_consumption": 16})
    other = records.trim(parameters={"consumption_combined": 6})
    page.activate({"trim_ids": [other.id, plug_in.id]})
    settle()
    page.show_view("costs")
    table = page.views.costs
    energy = [words(row.name) for row in table._model.rows].index("Fuel and power")
    cell = table._model.rows[energy].cells[1]
    assert cell.asks and words(cell.delta) == "Enter the consumption" and "empty battery" in words(cell.explained)
    table.setCurrentIndex(table.model().index(energy, 2))
    qtbot.keyClick(table, Qt.Key.Key_Return)
    settle()
    form = page.panel.content()
    assert isinstance(form, PriceForm) and form.editor("fuel").focus_widget().hasFocus()
    qtbot.keyClicks(form.editor("fuel").focus_widget(), "5.2")
    qtbot.waitUntil(lambda: bool(page.terms.rates))
    settle()
    found = page.comparison
    assert found is not None and found.costs[1].complete
    qtbot.keyClicks(form.editor("fuel").focus_widget(), "x")  # cannot be read: nothing changes
    settle()
    assert page.terms.rates[0].rate == Decimal("5.2")
    form.editor("fuel").set_value(None)
    form.changed.emit("fuel")
    qtbot.waitUntil(lambda: not page.terms.rates)
    settle()
    assert not page.comparison.costs[1].complete
    assert not table._model.rows[0].cells[0].asks
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=_middle(table, energy, 2))
    settle()
    assert isinstance(page.panel.content(), PriceForm) and page.panel.content() is not form
    page.clear()
    assert page.terms.rates == ()


def test_names_stay_in_sight_when_the_trims_scroll(page: ComparisonPage, settle: Settle, qtbot: QtBot) -> None:
    page.resize(620, 520)
    settle()
    table = page.views.specifications
    assert table.horizontalScrollBar().maximum() > 0 and not page.views._legend.isVisible()
    page.strip.cards[0].setFocus()
    for _card in range(5):
        qtbot.keyClick(page.strip.focusWidget() or page.strip.cards[0], Qt.Key.Key_Right)
    assert page.strip.cards[5].hasFocus() and table.horizontalScrollBar().value() > 0
    left, wide = table.place_of(5)
    assert table.names_width <= left and left + wide <= table.width()
    assert table.indexAt(QPoint(10, 10)).column() == 0
    page.grab()
    table.setCurrentIndex(table.model().index(1, 6))
    for _step in range(5):
        qtbot.keyClick(table, Qt.Key.Key_Left)
    assert table.currentIndex().column() == 1 and table.place_of(0)[0] >= table.names_width
    page.show_view("charts")
    settle()
    assert page.strip._names.width() == 0 and page.strip.cards[0].x() == 0


def _middle(table: SideTable, row: int, column: int) -> QPoint:
    return table.visualRect(table.model().index(row, column)).center()


def test_pictures_stand_above_their_columns_and_on_the_paper(
    page: ComparisonPage, context: PageContext, trims: list[Trim], settle: Settle, dispatcher: Dispatcher
) -> None:
    plain = page.strip.height()
    manager = actor_of(staff_of(Role.BRANCH_MANAGER))
    taken = dispatcher.read(take_in, manager, [GivenFile("front.jpg", picture(3))])
    command = AttachFiles(subject_table="trim", subject_id=trims[1].id, files=taken.files)
    context.operations.changes_published.emit(dispatcher.execute(command, manager).changes, None)
    settle()
    settle()
    assert page.strip.height() > plain
    page.grab()
    with_picture = dispatcher.read(comparison_pdf, manager, page.terms, language=ENGLISH)
    assert b"/DCTDecode" in with_picture
    page.resize(page.width(), 560)
    assert page.strip.height() < plain


def test_a_parameter_that_is_read_counts_for_the_order(
    page: ComparisonPage, dispatcher: Dispatcher, actor: Actor, settle: Settle, qtbot: QtBot
) -> None:
    line = list(_rows(page)).index("Luggage volume")
    page.views.specifications.setCurrentIndex(page.views.specifications.model().index(line, 2))
    page.views.specifications._rest.timeout.emit()
    settle()
    assert dispatcher.read(interests, actor)["luggage_volume"].opened == 1
    page.fetch()
    settle()
    again = list(_rows(page)).index("Luggage volume")
    assert again < line
    told = page.views.specifications.model().index(again, 0).data(int(Qt.ItemDataRole.ToolTipRole))
    assert "looked at 1 time on this desk" in told
