"""Stock counts on their page, on the real database: what the whole journey does not reach."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from app.inventory.queries import UnitFilter
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from app.runtime.language import CHINESE, set_language
from app.stocktaking.commands import RecordScan, StartCount
from app.stocktaking.queries import get_count, list_counts
from app.stocktaking.rules import Coverage
from tests.factories.people import actor_of, staff_of
from tests.factories.records import Records
from tests.ui.record_pages import Driver, Settle, Show, open_page, unnamed_controls
from ui.kit.context import PageContext
from ui.stocktaking.begin_sheet import BeginSheet
from ui.stocktaking.counts_page import CountsPage
from ui.stocktaking.differences_sheet import DifferencesSheet
from ui.stocktaking.words import covered_text

STRANGER = "LSVAA4182E2184847"
Open = Callable[..., Driver]


@pytest.fixture
def actor(actor_with: Callable[[Role], Actor]) -> Actor:
    """The branch manager."""
    return actor_with(Role.BRANCH_MANAGER)


@pytest.fixture
def open_counts(context: PageContext, show: Show, settle: Settle, qtbot: QtBot) -> Open:
    def opened(**params: object) -> Driver:
        return open_page(CountsPage(context), context=context, show=show, settle=settle, qtbot=qtbot, **params)

    return opened


def begin_sheet(driver: Driver) -> BeginSheet:
    assert isinstance(driver.page.sheet, BeginSheet)
    return driver.page.sheet


def choose(driver: Driver, coverage: Coverage) -> BeginSheet:
    sheet = begin_sheet(driver)
    sheet.form.set_value("coverage", coverage.value)
    sheet.form.changed.emit("coverage")
    driver.settle()
    return sheet


def test_places_are_ticked_and_counted(
    dispatcher: Dispatcher, manager: Actor, records: Records, open_counts: Open
) -> None:
    trim = records.trim()
    for place in ("A-01", "A-02", "B-01", ""):
        records.unit(trim, location=place)
    driver = open_counts()
    assert driver.says("No stock count yet", driver.page)
    assert driver.run("counts.begin")
    sheet = choose(driver, Coverage.PLACES)
    assert [(box.place.code, box.place.units) for box in sheet.places.boxes] == [("A", 2), ("B", 1), ("", 1)]
    assert sheet.told.text() == "On the list: 0 vehicles" and unnamed_controls(driver.page) == []
    sheet.send()
    assert sheet.form.problems() == {"places": "Choose at least one place."}
    sheet.places.boxes[0].click()
    sheet.places.boxes[2].click()
    assert sheet.form.problems() == {} and sheet.told.text() == "On the list: 3 vehicles"
    sheet.send()
    driver.settle()
    (row,) = dispatcher.read(list_counts, manager)
    assert (row.coverage, row.places, row.expected) == ("PLACES", ("A", ""), 3)


def test_vehicles_come_from_the_stock_page_and_from_a_pasted_list(
    dispatcher: Dispatcher, manager: Actor, records: Records, open_counts: Open
) -> None:
    trim = records.trim()
    one, two = records.unit(trim), records.unit()
    driver = open_counts(begin=UnitFilter(trim_ids=(trim.id,)))
    sheet = begin_sheet(driver)
    assert sheet.coverage is Coverage.SELECTION and sheet.unit_ids == (one.id,)
    assert driver.says("1 vehicle from the stock page.", sheet)
    sheet.form.set_value("unit_ids", f"{two.vin}\n{STRANGER}")
    sheet.form.changed.emit("unit_ids")
    driver.qtbot.waitUntil(lambda: len(sheet.unit_ids) == 2)
    assert driver.says(f"Not in stock here: {STRANGER}", sheet)
    sheet.send()
    driver.settle()
    (row,) = dispatcher.read(list_counts, manager)
    assert (row.coverage, row.expected) == ("SELECTION", 2)


def test_a_selection_of_nothing_is_told_beside_the_field(records: Records, open_counts: Open) -> None:
    records.unit()
    driver = open_counts()
    driver.run("counts.begin")
    sheet = choose(driver, Coverage.SELECTION)
    sheet.send()
    driver.settle()
    assert sheet.form.problems() == {"unit_ids": "Name at least one vehicle that stands here."}
    assert driver.page.sheet is sheet


def test_a_second_count_of_the_branch_is_refused_in_words(
    dispatcher: Dispatcher, manager: Actor, records: Records, open_counts: Open
) -> None:
    records.unit()
    dispatcher.execute(StartCount(), manager)
    driver = open_counts()
    driver.run("counts.begin")
    begin_sheet(driver).send()
    driver.settle()
    assert len(dispatcher.read(list_counts, manager)) == 1 and begin_sheet(driver).go.isEnabled()


def test_a_decision_needs_its_note_and_nobody_signs_too_early(
    dispatcher: Dispatcher, manager: Actor, records: Records, open_counts: Open
) -> None:
    unit = records.unit(location="A-01")
    count = str(dispatcher.execute(StartCount(), manager).value)
    dispatcher.execute(RecordScan(count_id=count, text=STRANGER), manager)
    driver = open_counts(count_id=count)
    assert driver.says("Before the sign-off") and "counts.sign" not in driver.possible()
    driver.run("counts.decide")
    sheet = driver.page.sheet
    assert isinstance(sheet, DifferencesSheet)
    sheet.table.select_id(unit.vin)
    driver.settle()
    sheet.form.set_values({"reason": "LOST", "note": ""})
    sheet.decide()
    driver.settle()
    assert list(sheet.form.problems()) == ["note"]
    assert dispatcher.read(get_count, manager, count).undecided == 2


def test_who_counted_is_told_that_somebody_else_signs(
    dispatcher: Dispatcher, manager: Actor, records: Records, open_counts: Open
) -> None:
    unit = records.unit(location="A-01")
    count = str(dispatcher.execute(StartCount(), manager).value)
    scanned = RecordScan(count_id=count, text=unit.vin)
    dispatcher.execute(scanned, actor_of(staff_of(Role.SALESPERSON)))
    driver = open_counts(count_id=count)
    assert "counts.sign" in driver.possible()
    dispatcher.execute(scanned, manager)
    driver.changed_elsewhere("stock_count_scan")
    assert driver.says("You counted here: somebody else signs it off.") and "counts.sign" not in driver.possible()


class TestWhoOnlyLooks:
    @pytest.fixture
    def actor(self, actor_with: Callable[[Role], Actor]) -> Actor:
        return actor_with(Role.CASHIER)

    def test_sees_counts_and_begins_none(
        self, dispatcher: Dispatcher, manager: Actor, records: Records, open_counts: Open
    ) -> None:
        records.unit()
        count = str(dispatcher.execute(StartCount(), manager).value)
        driver = open_counts(count_id=count, begin=UnitFilter())
        assert driver.page.sheet is None
        does = {f"counts.{verb}" for verb in ("begin", "count", "recount", "sign", "abandon")}
        assert driver.possible().isdisjoint(does)


def test_in_chinese(dispatcher: Dispatcher, manager: Actor, records: Records, open_counts: Open) -> None:
    records.unit(location="")
    dispatcher.execute(StartCount(coverage="PLACES", places=("",)), manager)
    driver = open_counts()
    driver.run("counts.begin")
    sheet = choose(driver, Coverage.PLACES)
    set_language(CHINESE)
    driver.page.retranslate()
    driver.settle()
    assert sheet.places.boxes[0].text() == "无库位"
    (row,) = driver.page.model.rows
    assert covered_text(row).endswith("无库位")
