"""The month close on its page: what is open and where it leads, closing, what came late, opening again, on paper."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.kernel.clock import FixedClock
from app.kernel.permissions import Actor, Role
from app.month_close.rules import Check
from app.runtime.language import CHINESE, set_language
from db.engine import Database
from db.models.orders import SalesOrder
from db.models.payments import Payment
from sync.client.errors import ServiceUnreachable
from tests.app.month_close.test_month_close import FIRST, NOVEMBER, House
from tests.ui.record_pages import Driver, Settle, Show, open_page
from tests.ui.workplaces import Travels
from ui.kit.context import PageContext
from ui.kit.record_line import RecordLine
from ui.sync.month_sheet import MonthSheet
from ui.sync.months_page import MonthsPage


@dataclass
class MemoryReview:
    """The part of `ReconciliationPort` that the page needs: writes what a comparison would have found."""

    house: House
    refuse: BaseException | None = None
    told: dict[str, Any] = field(default_factory=dict)
    unsettled: int = 0

    def review(self, month: str, progress: Any) -> str:
        if self.refuse is not None:
            raise self.refuse
        self.house.sent()
        return self.house.reviewed(month, unsettled=self.unsettled, **self.told)


@pytest.fixture
def actor(request: pytest.FixtureRequest, actor_with: Callable[[Role], Actor]) -> Actor:
    """The branch manager, or another role."""
    return actor_with(getattr(request, "param", Role.BRANCH_MANAGER))


@pytest.fixture
def house(dispatcher: Any, records: Any, clock: FixedClock, database: Database) -> House:
    made = House(dispatcher, records, clock, database)
    made.pay("20000.00")
    clock.advance(FIRST - clock.now())
    return made


@pytest.fixture
def port(house: House) -> MemoryReview:
    return MemoryReview(house)


@pytest.fixture
def open_months(
    context: PageContext, show: Show, settle: Settle, qtbot: QtBot, port: MemoryReview
) -> Callable[[], Driver]:
    def opened() -> Driver:
        page: Any = MonthsPage(context, port)  # type: ignore[arg-type]
        return open_page(page, context=context, show=show, settle=settle, qtbot=qtbot)

    return opened


def sheet_of(driver: Driver) -> MonthSheet:
    driver.run("months.next")
    sheet = driver.page.sheet
    assert isinstance(sheet, MonthSheet)
    driver.settle()
    return sheet


def test_the_next_month_is_offered_by_its_name(open_months: Callable[[], Driver]) -> None:
    driver = open_months()
    page: Any = driver.page
    assert page._next_text() == "Close November 2026"
    set_language(CHINESE)
    assert page._next_text() == "结账 2026年11月"


def test_in_a_narrow_window_the_figures_come_below_the_lines(open_months: Callable[[], Driver]) -> None:
    driver = open_months()
    sheet = sheet_of(driver)
    line = sheet.lines[Check.DIFFERENCES]
    for width in (1072, 640, 1072):
        driver.page.window().resize(width, 620)
        driver.settle()
        card, beside = sheet._card, width > 760
        assert (card.mapTo(sheet, card.rect().topLeft()).x() > line.mapTo(sheet, line.rect().topRight()).x()) == beside
        assert card.isVisible() and line.width() > (500 if not beside else 400)


def test_each_open_line_leads_to_its_matter(
    open_months: Callable[[], Driver], port: MemoryReview, house: House, navigator: Travels
) -> None:
    house.desk.change(SalesOrder, house.order, claim_state="conflict")
    port.unsettled = 2
    port.told = {"desks": [{"desk_code": "D02", "branch_code": "SH01", "device_id": "x", "seen_at": 1, "silent": True}]}
    driver = open_months()
    sheet = sheet_of(driver)
    assert not sheet.close_button.isEnabled() and "Not checked yet" in sheet.reviewed.text()
    sheet.check_button.click()
    driver.settle()
    assert set(sheet.lines) == set(Check) and not sheet.close_button.isEnabled()
    assert "differences between this desk and the centre: 2" in sheet.lines[Check.DIFFERENCES].accessibleName()
    places = {Check.DIFFERENCES: ("reconciliation", {}), Check.CONFLICTS: ("sync", {"tab": "conflicts"})}
    for check, place in places.items():
        driver.qtbot.keyClick(sheet.lines[check], Qt.Key.Key_Return)
        assert navigator.went[-1] == place
    named = [line for line in sheet.findChildren(RecordLine) if "SH01-SO-2026-000001" in line.accessibleName()]
    named[0].click()
    assert navigator.went[-1] == ("orders", {"order_id": house.order})
    sheet.lines[Check.SILENT_DESKS].click()
    assert driver.says("They may hold orders that nobody has seen", sheet)
    house.desk.change(SalesOrder, house.order, claim_state="confirmed")
    port.unsettled, port.told = 0, {}
    sheet.check()
    driver.settle()
    assert sheet.close_button.isEnabled() and sheet.close_button.text() == "Close November 2026"
    left = [line for line in sheet.findChildren(RecordLine) if "SH01-SO-2026-000001" in line.accessibleName()]
    assert all(line.isHidden() for line in left), "what is settled leaves nothing behind"


def test_closing_shows_the_figures_and_keeps_them(
    open_months: Callable[[], Driver], port: MemoryReview, house: House, clock: FixedClock
) -> None:
    driver = open_months()
    sheet = sheet_of(driver)
    sheet.check()
    driver.settle()
    clock.advance(timedelta(minutes=15))  # too old by now: it is compared again by itself
    sheet.refresh()
    driver.settle()
    sheet.close_button.click()
    driver.settle()
    page: Any = driver.page
    assert page.sheet is None and page.record.row.month == NOVEMBER
    assert driver.says("166,000.00") and driver.says("20,000.00") and driver.says("Balance · Cash (1)")
    assert page._next_text() == "Close December 2026"
    late = Payment(
        branch_id=house.unit.branch_id, number="SH01-D02-RC-000009", order_id=house.order,
        customer_id=house.desk.customer.id, kind="balance", method="cash", amount=Decimal("300.00"), state="CONFIRMED",
        received_at=datetime(2026, 11, 29, tzinfo=UTC), received_by_staff_id=house.desk.cashier.staff_id,
    )  # fmt: skip
    house.desk.records.save(late)
    page.show_record(page.record.row.id)
    driver.settle()
    assert driver.says("changed since it was closed: 1;") and driver.says("SH01-D02-RC-000009")


def test_without_the_centre_nothing_is_closed(open_months: Callable[[], Driver], port: MemoryReview) -> None:
    port.refuse = ServiceUnreachable(address="https://centre.example")
    driver = open_months()
    sheet = sheet_of(driver)
    sheet.check()
    driver.settle()
    assert driver.says("A month is closed only with the centre", sheet) and not sheet.close_button.isEnabled()


def test_asked_for_and_opened_by_a_second_person(
    open_months: Callable[[], Driver], house: House, context: PageContext, tmp_path: Path
) -> None:
    close_id = house.close()
    driver = open_months()
    page: Any = driver.page
    driver.select(close_id)
    assert "Ask to reopen" in driver.verbs()
    driver.run("months.ask")
    driver.answer(reason="一笔转账记错月份")
    driver.settle()
    assert driver.says("一笔转账记错月份") and "months.reopen" not in driver.possible()
    driver.run("months.keep")
    driver.settle()
    assert page.record.row.state == "CLOSED"
    page.save(tmp_path / "month.xlsx")
    driver.settle()
    assert load_workbook(tmp_path / "month.xlsx")[NOVEMBER].max_row > 10
    driver.run("months.paper")
    driver.settle()
    assert page.sheet is not None and page.sheet.paper.content.startswith(b"%PDF")
