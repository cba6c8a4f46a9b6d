"""The list of vehicles secured for this desk: what counts, what ends soon, what does not and why; several at once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.kernel.clock import FixedClock
from app.leases.port import Secured
from app.runtime.language import set_language
from db.engine import Database
from db.models.inventory import VehicleUnit
from db.types import microseconds
from sync.client.leases import ENDED, RESTORED
from sync.client.status import SyncStatus
from tests.factories.records import Records
from tests.ui.record_pages import Settle, Show, unnamed_controls
from tests.ui.sync.conftest import MemorySync, SyncDriver
from tests.ui.workplaces import MemoryLeases, Notes
from ui.kit.context import PageContext
from ui.kit.lease_words import answer_words
from ui.sync.sync_page import SyncPage

HOUR = timedelta(hours=1)


@pytest.fixture
def leases(clock: FixedClock) -> MemoryLeases:
    """The centre."""
    return MemoryLeases(clock)


@pytest.fixture
def opened(
    context: PageContext, sync_port: MemorySync, leases: MemoryLeases, show: Show, settle: Settle, qtbot: QtBot,
    agreed: SyncStatus,
) -> Callable[[], SyncDriver]:
    """Opens the list."""

    def open_list() -> SyncDriver:
        sync_port.feed.latest = agreed
        page = SyncPage(context, sync_port, leases)
        show(page, 1072, 768)
        context.operations.changes_published.connect(page.on_changes)
        context.actions.set_scope(page.scope)
        page.activate({"tab": "leases"})
        settle()
        return SyncDriver(page, context, settle, qtbot)

    return open_list


def write(
    database: Database, clock: FixedClock, unit: VehicleUnit, *, left: timedelta, hours: int = 24, seen: Any = None,
    refusal: str = "",
) -> None:  # fmt: skip
    """A lease with so much time left."""
    ends = clock.now() + left
    taken = min(ends - hours * HOUR, clock.now())
    values = (
        unit.vin, unit.id, f"{unit.id[:31]}f", "", *map(microseconds, (taken, ends, taken, ends, seen or taken)), 0,
        hours, int(not refusal), refusal,
    )  # fmt: skip
    with database.exclusive() as connection:
        connection.exec_driver_sql(
            "INSERT INTO vehicle_lease (vin, vehicle_id, lease_id, staff_id, at, until, taken_at, ends_at, seen_at,"
            " hybrid_ms, hours, wanted, given_back, refusal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?,"
            " ? + (SELECT 281474976710655), ?, ?, 0, ?)",
            values,
        )


def said(driver: SyncDriver) -> str:
    return " | ".join(label.text() for label in driver.page.panel.findChildren(QLabel))


def choose(driver: SyncDriver, *lines: int) -> None:
    table = driver.page.tabs["leases"].content.table
    table.clearSelection()
    flag = QItemSelectionModel.SelectionFlag
    for line in lines:
        table.selectionModel().setCurrentIndex(table.model().index(line, 0), flag.Select | flag.Rows)
    driver.settle()


def test_without_any_it_says_how_one_comes_to_be_there(opened: Callable[[], SyncDriver]) -> None:
    driver = opened()
    assert driver.page.views.label_of("leases") == "Secured"
    texts = [label.text() for label in driver.page.tabs["leases"].content.findChildren(QLabel)]
    assert "No vehicle is secured for this desk" in texts
    assert any("choose one or more vehicles" in text for text in texts)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_each_state_has_its_word_and_its_meaning(
    opened: Callable[[], SyncDriver], database: Database, clock: FixedClock, records: Records, language: str
) -> None:
    trim = records.trim()
    units = [records.unit(trim) for _ in range(5)]
    write(database, clock, units[0], left=20 * HOUR)
    write(database, clock, units[1], left=HOUR)
    write(database, clock, units[2], left=-HOUR)
    write(database, clock, units[3], left=30 * HOUR, hours=48, seen=clock.now() + HOUR)
    write(database, clock, units[4], left=40 * HOUR, hours=48, refusal=ENDED)
    driver = opened()
    set_language(language)
    driver.settle()
    chinese = language == "zh_CN"
    column = [driver.cells(line)[2] for line in range(5)]
    words = ["已到期", "已锁定", "已锁定", "时钟不可信", "已被中心终止"] if chinese else [
        "Run out", "Secured", "Secured", "Clock in doubt", "Ended by the centre"]  # fmt: skip
    assert column == words
    assert driver.page.views.label_of("leases").endswith(" 2")
    meanings = []
    for line in range(5):
        driver.select(line)
        meanings.append(said(driver))
    assert ("拨回" if chinese else "was set back") in meanings[3]
    assert ("总部" if chinese else "The headquarters ended it") in meanings[4]
    for over in (meanings[0], meanings[4]):
        assert ("为暂定。" if chinese else "A sale made now is provisional") in over
    assert unnamed_controls(driver.page) == []


def test_of_several_it_is_said_how_many_are_secured_and_which_are_not() -> None:
    sold = ("vehicle_claimed", {"winner": {"order_id": "c" * 32, "number": "SH01-SO-2026-000231"}})
    until = {"V1": datetime(2026, 11, 23, tzinfo=UTC)}
    text, tone = answer_words(Secured(until, {"V2": sold}))
    assert tone == "warn" and text() == (
        "1 of 2 vehicles are secured.\nV2 is not secured: it is sold on order SH01-SO-2026-000231."
    )
    text, tone = answer_words(Secured({}, {f"V{n}": sold for n in range(5)}))
    assert tone == "bad" and text().startswith("0 of 5") and text().endswith("2 more are not secured either.")
    text, tone = answer_words(Secured({}, {"V2": ("lease_limit", {"limit": 20})}))
    assert tone == "bad" and text().startswith("V2 is not secured: This desk has 20")


def test_several_are_renewed_and_given_back_together(
    opened: Callable[[], SyncDriver], database: Database, clock: FixedClock, records: Records, leases: MemoryLeases,
    notifications: Notes,
) -> None:
    trim = records.trim()
    first, second, third = (records.unit(trim) for _ in range(3))
    write(database, clock, first, left=10 * HOUR)
    write(database, clock, second, left=11 * HOUR, hours=72)
    write(database, clock, third, left=12 * HOUR, refusal=RESTORED)
    driver = opened()
    choose(driver, 0, 1, 2)
    assert "3 vehicles" in said(driver) and first.vin in said(driver)
    assert driver.run("sync.lease_renew")
    assert leases.asked == [((first.vin, third.vin), 24), ((second.vin,), 72)]
    text = notifications.shown[-1][0]
    assert (text() if callable(text) else text).startswith("3 vehicles are secured until")
    choose(driver, 1, 2)
    assert driver.run("sync.lease_back")
    assert leases.asked[-1] == ("back", (second.vin,))  # the centre no longer keeps the other one
    driver.page.show_tab("history")
    driver.page.show_tab("leases")
    driver.settle()
    driver.select(2)
    assert driver.page.panel.isVisible() and not driver.run("sync.lease_back")
