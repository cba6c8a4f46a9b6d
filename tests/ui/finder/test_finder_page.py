"""The page "Find a vehicle": typing, ticking, dragging, weighing, comparing, and what is said about it."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.catalog.interest import interests
from app.finder.queries import list_saved_searches
from app.finder.rules import PRICE, Importance, Question, Restriction, StockWish
from app.kernel.changes import Changes
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from app.runtime.language import set_language
from db.models.catalog import Trim
from tests.factories.records import Records
from tests.ui.typing_text import type_text
from tests.ui.workplaces import Notes, Travels
from ui.finder.chips import TakenChip
from ui.finder.facet_rail import ValuesBox
from ui.finder.finder_page import FinderPage
from ui.finder.hit_view import HitView, PartLine
from ui.finder.range_slider import RangeBox
from ui.kit.context import PageContext
from ui.kit.panel_form import PanelForm
from ui.kit.record_line import RecordLine

Settle = Callable[[], None]


@pytest.fixture
def trims(records: Records) -> list[Trim]:
    """Four electric cars of one make, from 150,000 to 300,000, from 400 to 700 km; two of the first stand here."""
    make = records.make(name_zh="比亚迪", name_en="BYD", name_initials="byd")
    year = records.model_year(records.series(make, name_zh="汉", name_en="Han", name_initials="h"))
    made = [
        records.trim(year, name_zh=f"EV {400 + 100 * n}KM", name_en=f"EV {400 + 100 * n} km", energy="electric",
                     guide_price=Decimal(150_000 + 50_000 * n),
                     parameters={"electric_range": 400 + 100 * n, "drive": "all" if n == 3 else "front"})
        for n in range(4)
    ]  # fmt: skip
    records.unit(made[0])
    records.unit(made[0])
    return made


@pytest.fixture
def page(context: PageContext, trims: list[Trim], show: Callable[..., FinderPage], settle: Settle) -> FinderPage:
    """The page, wide enough for everything, with all four hits."""
    made = show(FinderPage(context), 1300, 800)
    made.activate({})
    for _ in range(3):
        settle()
    return made


def names(page: FinderPage) -> list[str]:
    return [row.name.en for row in page.model.rows]


def chips(page: FinderPage) -> list[TakenChip]:
    return [chip for chip in page.hits.chips.findChildren(TakenChip) if not chip.isHidden()]


def test_what_stands_here_comes_first_and_the_count_is_said(page: FinderPage) -> None:
    assert names(page)[0] == "EV 400 km"
    assert "4 of 4" in page._subtitle.text() and "1 are free" in page._subtitle.text()
    QAbstractItemModelTester(page.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    spoken = page.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "2 here" in spoken and "¥150,000" in spoken


def test_typing_finds_and_says_what_it_took_from_the_text(page: FinderPage, qtbot: QtBot, settle: Settle) -> None:
    type_text(qtbot, page.filters.search, "byd 续航600km以上")
    settle()
    assert sorted(names(page)) == ["EV 600 km", "EV 700 km"]
    (chip,) = chips(page)
    assert "续航600km以上" in chip.text() and "600 km" in chip.text()
    chip.click()
    settle()
    assert page.filters.search.text() == "byd"
    assert len(names(page)) == 4 and not chips(page)


def test_an_input_method_composes_before_anything_is_asked(page: FinderPage, qtbot: QtBot, settle: Settle) -> None:
    line = page.filters.search
    QApplication.sendEvent(line, QInputMethodEvent("han", []))
    settle()
    assert page.question.text == "" and len(names(page)) == 4
    composed = QInputMethodEvent()
    composed.setCommitString("汉 25万以内")
    QApplication.sendEvent(line, composed)
    qtbot.waitUntil(lambda: page.question.text == "汉 25万以内")
    settle()
    assert sorted(names(page)) == ["EV 400 km", "EV 500 km", "EV 600 km"]


def test_a_slip_is_forgiven_and_said(page: FinderPage, settle: Settle) -> None:
    page.set_question(Question(text="比亚笛", facets=()))
    settle()
    assert len(names(page)) == 4
    assert "比亚笛" in page.hits.correction.text() and page.hits.correction.isVisible()


def test_ticking_a_value_narrows_and_leaves_the_other_counts(
    page: FinderPage, settle: Settle, dispatcher: Dispatcher, actor: Actor
) -> None:
    page.rail.open_facet("drive")
    settle()
    box = page.rail.box("drive")
    assert isinstance(box, ValuesBox)
    ticks = {one.accessibleName(): one for one in box.findChildren(type(next(iter(box._lines.values()))[1]))}
    all_wheels = next(tick for name, tick in ticks.items() if name.startswith("All-wheel"))
    all_wheels.click()
    settle()
    assert names(page) == ["EV 700 km"]
    assert any(name.startswith("Front") and name.endswith(", 3") for name in
               (one.accessibleName() for one in ticks.values()))  # fmt: skip
    chips(page)[0].click()
    settle()
    assert len(names(page)) == 4 and not all_wheels.isChecked()
    assert dispatcher.read(interests, actor)["drive"].opened == 1


def test_a_range_is_dragged_moved_by_keys_and_typed(page: FinderPage, qtbot: QtBot, settle: Settle) -> None:
    box = page.rail.box(PRICE)
    assert isinstance(box, RangeBox)
    slider = box.slider
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPointF(slider.width() * 0.4, 44).toPoint())
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton)
    settle()
    assert "EV 400 km" not in names(page)
    assert box.low.text()
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Home)
    settle()
    assert len(names(page)) == 4 and box.low.text() == ""
    QTest.keyClick(slider, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert slider.high is not None
    QTest.keyClick(slider, Qt.Key.Key_Home)
    box.high.setFocus()
    type_text(qtbot, box.high, "20万")
    box.low.setFocus()
    settle()
    assert sorted(names(page)) == ["EV 400 km", "EV 500 km"]
    assert page.question.restricted(PRICE) == Restriction(code=PRICE, high=200_000.0)


def test_weights_turn_the_order_and_every_part_says_why(page: FinderPage, settle: Settle) -> None:
    page.side.show_side("matters")
    page.weights.add("electric_range")
    page.weights.add(PRICE)
    settle()
    far, cheap = page.weights.lines()
    far.slider.setValue(10)
    cheap.slider.setValue(1)
    settle()
    assert names(page)[0] == "EV 700 km"
    far.slider.setValue(1)
    QTest.keyClick(cheap.slider, Qt.Key.Key_End)
    settle()
    assert cheap.importance.weight == 10
    assert names(page)[0] == "EV 400 km"
    page.list.setCurrentIndex(page.model.index(0))
    settle()
    view = page.panel.content()
    assert isinstance(view, HitView)
    parts = view.findChildren(PartLine)
    assert len(parts) == 2
    assert sum(line.part.points for line in parts) == page.model.rows[0].score
    assert "¥292,500 counts nothing, ¥157,500 or better in full" in parts[1].accessibleName()


def test_a_must_takes_away_what_has_it_not(page: FinderPage, settle: Settle) -> None:
    page.set_question(Question(importances=(Importance(code="electric_range", wished=600.0),), facets=()))
    (line,) = page.weights.lines()
    line.must.click()
    settle()
    assert sorted(names(page)) == ["EV 600 km", "EV 700 km"]


def test_marked_vehicles_are_compared(page: FinderPage, navigator: Travels, settle: Settle) -> None:
    page.list.setFocus()
    page.list.setCurrentIndex(page.model.index(0))
    settle()
    assert not page.marks.isVisible()
    for place in range(3):
        page.list.setCurrentIndex(page.model.index(place))
        QTest.keyClick(page.list, Qt.Key.Key_Space)
    settle()
    expected = [row.id for row in page.model.rows[:3]]
    assert page.marks.isVisible() and "3" in page.marks.words.text()
    page.marks.compare.click()
    assert navigator.went[-1] == ("comparison", {"trim_ids": expected})
    page.clear_marks()
    assert not page.marks.isVisible()


def test_no_more_than_six_are_compared(page: FinderPage) -> None:
    row = page.model.rows[0]
    page.marks.rows = [row] * 6
    page._mark(page.model.rows[1])
    assert "Six" in page.messages.text()


def test_a_hit_leads_to_its_units_and_to_a_sale(
    page: FinderPage, navigator: Travels, trims: list[Trim], settle: Settle
) -> None:
    page.list.setCurrentIndex(page.model.index(0))
    settle()
    lines = page.panel.findChildren(RecordLine)
    assert len(lines) == 2
    lines[0].click()
    assert navigator.went[-1][0] == "vehicles" and "unit_id" in navigator.went[-1][1]
    QTest.keyClick(page.list, Qt.Key.Key_Return)
    sell = next(button for button in page.panel.findChildren(QPushButton) if button.text() == "Sell one")
    assert sell.hasFocus()
    sell.click()
    key, given = navigator.went[-1]
    assert key == "sale" and given["vehicle_unit_id"]
    next(button for button in page.panel.findChildren(QPushButton) if button.text() == "All units").click()
    assert navigator.went[-1] == ("vehicles", {"trim_id": trims[0].id})


def test_a_search_is_saved_and_opened_again(
    page: FinderPage, dispatcher: Dispatcher, actor: Actor, settle: Settle
) -> None:
    page.set_question(Question(text="汉", restrictions=(Restriction(code=PRICE, high=200_000.0),), facets=()))
    settle()
    page.ask_to_save()
    form = page.panel.content()
    assert isinstance(form, PanelForm)
    form.form.set_values({"name": "张先生"})
    form.submit()
    settle()
    (saved,) = dispatcher.read(list_saved_searches, actor)
    assert saved.name == "张先生" and saved.question.text == "汉"
    page.clear()
    settle()
    assert len(names(page)) == 4
    page.open_saved()
    settle()
    line = page.panel.findChildren(RecordLine)[0]
    line.click()
    settle()
    assert sorted(names(page)) == ["EV 400 km", "EV 500 km"]
    assert page.filters.search.text() == "汉"


def test_changes_are_seen_at_once(page: FinderPage, records: Records, trims: list[Trim], settle: Settle) -> None:
    unit = records.unit(trims[3])
    page.on_changes(Changes({"vehicle_unit": frozenset({unit.id})}), None)
    settle()
    assert {row.name.en: row.here for row in page.model.rows}["EV 700 km"] == 1
    page.filters.chip("stock").choose(StockWish.HERE.value)
    settle()
    assert sorted(names(page)) == ["EV 400 km", "EV 700 km"]


def test_keys_reach_everything(page: FinderPage, settle: Settle) -> None:
    page.list.setFocus()
    QTest.keyClick(page.list, Qt.Key.Key_Slash)
    assert page.filters.search.hasFocus()
    page.list.setFocus()
    QTest.keyClick(page, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.filters.search.hasFocus()
    QTest.keyClick(page, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert page.side.stack.currentWidget() is page.weights and page.weights.adder.combo.hasFocus()


def test_nothing_fits_is_said_with_a_way_out(page: FinderPage, settle: Settle) -> None:
    page.set_question(Question(text="xyzzy", facets=()))
    settle()
    assert not names(page) and page.hits.nothing.isVisible()
    assert "is called “xyzzy”. Check the spelling" in page.hits.nothing._hint.text()
    page.set_question(Question(restrictions=(Restriction(code="@price", high=1.0),), facets=()))
    settle()
    assert "each facet shows" in page.hits.nothing._hint.text()
    next(button for button in page.hits.nothing.findChildren(QPushButton)).click()
    settle()
    assert len(names(page)) == 4


def test_what_is_typed_before_all_is_read_is_answered_afterwards(
    context: PageContext, show: Callable[..., object], trims: list[Trim], settle: Settle, qtbot: QtBot
) -> None:
    page = FinderPage(context)
    show(page, 1200, 800)
    page.activate({})
    assert not page._ready and page.filters.search.hasFocus()
    qtbot.keyClicks(page.filters.search, "600")
    assert page.filters.search.text() == "600"
    settle()
    assert names(page) == ["EV 600 km"]


def test_the_columns_are_kept_for_the_next_start(page: FinderPage, settle: Settle, notifications: Notes) -> None:
    settle()
    assert page.found is not None
    page.ask()
    settle()
    assert not page.found.worth_keeping
    assert not notifications.shown


def test_a_narrow_page_gives_the_room_to_the_panel(page: FinderPage, settle: Settle) -> None:
    page.resize(816, 560)
    page.list.setCurrentIndex(page.model.index(0))
    settle()
    assert page.side.isHidden()
    page.panel.close_panel()
    assert not page.side.isHidden()


def test_everything_is_chinese_after_a_switch(page: FinderPage, settle: Settle) -> None:
    page.set_question(Question(text="under 250,000", importances=(Importance(code="electric_range"),), facets=()))
    settle()
    page.list.setCurrentIndex(page.model.index(0))
    settle()
    set_language("zh_CN")
    page.ask()
    settle()
    assert "指导价" in chips(page)[0].text()
    assert "款符合" in page._subtitle.text()
    assert any("得满分" in label.text() for label in page.panel.findChildren(QLabel))
    set_language("en")


def test_an_empty_catalogue_says_what_to_do(
    context: PageContext, show: Callable[..., FinderPage], settle: Settle
) -> None:
    page = show(FinderPage(context), 1100, 700)
    page.activate({})
    for _ in range(3):
        settle()
    assert page._empty is not None and page._empty.isVisible()


class TestAsClerk:
    """Somebody who neither sells nor keeps customers."""

    @pytest.fixture
    def actor(self, actor_with: Callable[[Role], Actor]) -> Actor:
        return actor_with(Role.PARTS_CLERK)

    def test_finds_but_is_offered_neither_sale_nor_saving(self, page: FinderPage, settle: Settle) -> None:
        page.list.setCurrentIndex(page.model.index(0))
        settle()
        assert page.header_button("finder.save") is None
        assert all(button.text() != "Sell one" for button in page.panel.findChildren(QPushButton))
