"""Pages: header, filter bar, panel beside the table, messages, lists that refresh themselves."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QMenu
from pytestqt.qtbot import QtBot

from app.kernel.changes import Changes
from app.kernel.permissions import Permission
from app.runtime.language import set_language
from tests.ui.demo_page import UnitSource, UnitsPage, units
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.feedback import EmptyState
from ui.kit.filters import Facet, FacetOption, FilterBar
from ui.kit.page import Page


@pytest.fixture
def source() -> UnitSource:
    """120 vehicles."""
    return UnitSource(units(120))


@pytest.fixture
def page(context: PageContext, source: UnitSource, show: Callable[..., Any], settle: Callable[[], None]) -> UnitsPage:
    """The list page, active."""
    page = show(UnitsPage(context, source), 1072, 700)
    context.actions.set_scope(page.scope)
    page.activate({})
    settle()
    return page


def test_it_says_how_many_it_shows(page: UnitsPage, settle: Callable[[], None], qtbot: QtBot) -> None:
    assert page.describe() == "Vehicles 120 of 120 vehicles"
    qtbot.keyClick(page.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.filters.search.hasFocus()
    qtbot.keyClicks(page.filters.search, "camry")
    qtbot.waitUntil(lambda: page.describe() == "Vehicles 30 of 120 vehicles")
    settle()
    assert {row.model for row in page.model.rows} == {"Toyota Camry 2.5 XLE"}


def test_the_panel_opens_on_selection_beside_the_table(page: UnitsPage, qtbot: QtBot) -> None:
    assert not page.panel.isVisible()
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    assert page.panel.isVisible() and page.panel.width() == 380
    right_of_table = page.table.mapTo(page, QPoint(page.table.width(), 0)).x()
    qtbot.waitUntil(lambda: page.panel.x() >= page.table.mapTo(page, QPoint(page.table.width(), 0)).x())
    assert right_of_table
    assert any(label.text() == "LDC613P23A1300000" for label in page.panel.findChildren(QLabel))
    qtbot.keyClick(page.table, Qt.Key.Key_Escape)
    assert not page.panel.isVisible() and page.table.hasFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert page.panel.isVisible()


def test_return_opens_the_row(page: UnitsPage, qtbot: QtBot) -> None:
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert [row.id for row in page.opened] == ["00000"]


def test_changes_are_fetched_at_once_or_when_it_is_opened_next(
    page: UnitsPage, source: UnitSource, context: PageContext, settle: Callable[[], None]
) -> None:
    asked = len(source.asked)
    page.on_changes(Changes({"customer": frozenset({"1"})}), None)
    settle()
    assert len(source.asked) == asked
    page.on_changes(Changes({"vehicle_unit": frozenset({"1"})}), None)
    settle()
    assert len(source.asked) == asked + 1
    page.hide()
    page.on_changes(Changes(everything=True), None)
    settle()
    assert len(source.asked) == asked + 1
    page.show()
    page.activate({})
    settle()
    assert len(source.asked) == asked + 2
    page.activate({})
    settle()
    assert len(source.asked) == asked + 2


def test_it_can_be_opened_on_a_record_with_filters(page: UnitsPage, settle: Callable[[], None]) -> None:
    page.activate({"filters": {"text": "camry", "state": ["HELD"]}, "select": "00033"})
    settle()
    assert page.filters.values() == {"text": "camry", "state": ["HELD"]}
    current = page.table.current_row()
    assert current is not None and current.id == "00033" and page.panel.isVisible()


def test_an_empty_list_says_what_to_do(page: UnitsPage, settle: Callable[[], None], qtbot: QtBot) -> None:
    page.filters.set_values({"text": "nothing like it"}, silently=False)
    settle()
    empty = page.findChild(EmptyState)
    assert empty is not None and empty.isVisible()
    clear = empty.findChild(Button)
    qtbot.mouseClick(clear, Qt.MouseButton.LeftButton)
    settle()
    assert page.table.isVisible() and page.table.rowAt(page.table.viewport().height() - 1) < page.model.rowCount() < 120
    assert page.describe() == "Vehicles 120 of 120 vehicles"


def test_facets_choose_and_show_what_is_chosen(qtbot: QtBot, show: Callable[..., Any]) -> None:
    bar = show(FilterBar(), 700, 60)
    said: list[dict[str, Any]] = []
    bar.changed.connect(said.append)
    options = [FacetOption(name, name.upper(), 7) for name in ("a", "b", "c")]
    bar.add_facet(Facet("make", "Make", options))
    chip = bar.add_facet(Facet("energy", "Energy", options, single=True))
    chip.choose("a")
    chip.choose("b")
    bar.chip("make").choose("a")
    bar.chip("make").choose("c")
    assert said[-1] == {"energy": "b", "make": ["a", "c"]} and bar.chip("make").text() == "Make: A, C"
    bar.chip("make").choose("b")
    assert bar.chip("make").text() == "Make: 3 chosen"
    bar.chip("make").choose("a")
    bar.set_options("make", [FacetOption("b", "Bee", 1), FacetOption("c", "Sea")])
    assert bar.chip("make").text() == "Make: Bee, Sea" and bar.chip("make").accessibleName() == "Make: Bee, Sea"
    bar.clear()
    assert said[-1] == {} and bar.chip("make").text() == "Make"


def test_a_facet_opens_by_keyboard(qtbot: QtBot, show: Callable[..., Any]) -> None:
    bar = show(FilterBar(), 700, 60)
    chip = bar.add_facet(Facet("make", "Make", [FacetOption("a", "A", 7), FacetOption("b", "B", 3)]))
    chip.setFocus()
    qtbot.keyClick(chip, Qt.Key.Key_Down)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu) and [entry.text() for entry in menu.actions()] == ["A\t7", "B\t3"]
    qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is None)
    assert bar.values() == {"make": ["a"]}


def test_many_chips_go_on_in_a_further_line(show: Callable[..., Any]) -> None:
    bar = show(FilterBar(), 520, 200)
    chips = [bar.add_facet(Facet(f"f{number}", f"Facet {number}")) for number in range(6)]
    QApplication.processEvents()
    assert chips[-1].y() > chips[0].y()
    assert all(chip.geometry().right() <= bar.width() for chip in chips)


def test_actions_become_buttons_menus_and_keys(context: PageContext, show: Callable[..., Any], qtbot: QtBot) -> None:
    ran: list[str] = []
    page = Page(context)
    page.add_action(Action("x.new", "New", lambda: ran.append("new"), key="Ctrl+N"), primary=True)
    page.add_action(Action("x.print", "Print", lambda: ran.append("print")), button=True)
    page.add_action(Action("x.export", "Export", lambda: ran.append("export")), menu=True)
    secret = Action("x.approve", "Approve", lambda: ran.append("no"), permission=Permission.ORDERS_APPROVE)
    page.add_action(secret, button=True)
    page.add_action(Action("x.approve2", "Approve", secret.handler, permission=secret.permission), menu=True)
    show(page)
    assert page.header_button("x.approve") is None
    for name in ("x.new", "x.print"):
        button = page.header_button(name)
        assert button is not None
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert ran == ["new", "print"]
    page.open_menu()
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu) and [entry.text() for entry in menu.actions()] == ["Export"]
    menu.actions()[0].trigger()
    menu.close()
    assert ran[-1] == "export"


def test_texts_change_with_the_language(page: UnitsPage) -> None:
    page.messages.show_error("Fill in this field.")
    page.filters.search.setFocus()
    before = page.filters.search.placeholderText()
    set_language("zh_CN")
    assert page.filters.search.placeholderText() != before and page.messages.text() != "Fill in this field."
    assert page.table.model().index(0, 0).data() == "LDC613P23A1300000"
    set_language("en")
    assert page.filters.search.placeholderText() == before


def test_loading_shows_a_skeleton_in_place(context: PageContext, show: Callable[..., Any], qtbot: QtBot) -> None:
    page = Page(context)
    body = QLabel("body")
    page.set_body(body)
    show(page)
    page.set_loading(True)
    assert not body.isVisible()
    page.set_loading(False)
    assert body.isVisible()


def test_every_control_of_a_list_page_has_a_name(page: UnitsPage, qtbot: QtBot) -> None:
    page.table.selectRow(0)
    unnamed = [
        widget
        for widget in page.findChildren(object)
        if hasattr(widget, "focusPolicy")
        and widget.isVisible()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.accessibleName()
        and not (hasattr(widget, "text") and widget.text())
    ]
    assert unnamed == []
