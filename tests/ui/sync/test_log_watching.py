"""The log of sealed documents on the Sync page: how it stands, what was wrong with it, and accepting it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.document_log.queries import LogRow
from app.kernel.clock import FixedClock
from app.runtime.language import set_language
from db.engine import Database
from db.ids import new_id
from db.types import dump_json, microseconds
from sync.client.status import SyncStatus
from sync.protocol.document_log import Fault, LogHead
from tests.ui.record_pages import Settle, Show, unnamed_controls
from tests.ui.sync.conftest import MemorySync, SyncDriver
from ui.kit.context import PageContext
from ui.sync.log_words import FAULTS, fault_title, log_text
from ui.sync.sync_page import SyncPage
from ui.sync.words import standing_of


def head(clock: FixedClock, size: int) -> LogHead:
    return LogHead(
        log="a" * 32, epoch="e" * 32, size=size, root=f"{size:064x}", at=microseconds(clock.now()), key_id="c" * 32,
        signature="d" * 128,
    )  # fmt: skip


def write_alarm(database: Database, clock: FixedClock, fault: Fault, *, settled: bool = False) -> None:
    """As the desk's keeper of the log writes it."""
    now = microseconds(clock.now())
    with database.exclusive() as connection:
        connection.exec_driver_sql(
            "INSERT INTO log_alarm (id, kind, detail, found_at, seen_at, before, after, public_key, settled_at)"
            " VALUES (?, ?, '', ?, ?, ?, ?, '', ?)",
            (
                new_id(), fault.value, now, now, dump_json(head(clock, 1_204).as_json()),
                dump_json(head(clock, 3).as_json()), now if settled else None,
            ),
        )  # fmt: skip


def write_head(database: Database, clock: FixedClock, *, size: int, age: timedelta) -> None:
    known = head(clock, size)
    with database.exclusive() as connection:
        connection.exec_driver_sql(
            "INSERT INTO log_head (log, epoch, size, root, at, key_id, signature, public_key, checked_at, retired)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            (known.log, known.epoch, size, known.root, known.at, known.key_id, known.signature, "f" * 64,
             microseconds(clock.now() - age)),
        )  # fmt: skip


@pytest.fixture
def opened(
    context: PageContext, sync_port: MemorySync, show: Show, settle: Settle, qtbot: QtBot, agreed: SyncStatus
) -> Callable[..., SyncDriver]:
    """Opens the page on one of its lists."""

    def open_page(tab: str = "log") -> SyncDriver:
        sync_port.feed.latest = agreed
        page = SyncPage(context, sync_port)
        show(page, 1072, 768)
        context.operations.changes_published.connect(page.on_changes)
        context.actions.set_scope(page.scope)
        page.activate({"tab": tab})
        settle()
        return SyncDriver(page, context, settle, qtbot)

    return open_page


def said(driver: SyncDriver) -> str:
    return " | ".join(label.text() for label in driver.page.panel.findChildren(QLabel))


def test_a_log_in_order_is_one_figure_and_no_list(
    opened: Callable[..., SyncDriver], database: Database, clock: FixedClock
) -> None:
    write_head(database, clock, size=1_204, age=timedelta(minutes=5))
    driver = opened("waiting")
    assert driver.page.card._log() == "1,204 in the log, checked 5 min ago"
    assert "log" not in driver.page.views.offered()


def test_what_was_wrong_is_listed_explained_and_accepted(
    opened: Callable[..., SyncDriver], database: Database, clock: FixedClock, sync_port: MemorySync,
    settle: Settle,
) -> None:  # fmt: skip
    write_alarm(database, clock, Fault.MOVED_BACK, settled=True)
    clock.advance(timedelta(hours=1))
    write_alarm(database, clock, Fault.SHORTER)
    driver = opened()
    assert "log" in driver.page.views.offered()
    assert driver.page.views.label_of("log") == "Document log 1"
    content = driver.page.tabs["log"].content
    assert [(row.kind, row.state) for row in content.model.rows] == [
        (Fault.SHORTER, "open"), (Fault.MOVED_BACK, "settled"),
    ]  # fmt: skip
    content.table.select_id(content.model.rows[0].id)
    settle()
    words = said(driver)
    for part in ("Entries were cut off", "fewer entries than", "restored", "1,204", "00000000", "cccccccc cccccccc"):
        assert part in words, part
    assert unnamed_controls(driver.page) == []
    action = driver.page.context.actions.get("sync.accept_log")
    assert action.is_enabled()
    driver.page.log_watching._accept()
    settle()
    assert "accept_log" in sync_port.asked
    content.table.select_id(content.model.rows[1].id)
    settle()
    assert not action.is_enabled(), "settled already"


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_fault_is_worded(language: str) -> None:
    set_language(language)
    assert set(FAULTS) == set(Fault)
    titles = {fault_title(fault) for fault in Fault}
    assert len(titles) == len(Fault) and all(titles)
    set_language("en")


def test_a_break_makes_the_page_red_and_a_restored_centre_yellow(agreed: SyncStatus, clock: FixedClock) -> None:
    broken = standing_of(replace(agreed, log_alarms=1), clock.now())
    assert broken.tone == "bad" and "not what it was" in broken.advice[0]
    restored = standing_of(replace(agreed, log_restored=1), clock.now())
    assert restored.tone == "warn" and "restored from a backup" in restored.advice[0]


def test_the_figure_says_what_is_known(clock: FixedClock) -> None:
    now = clock.now()
    assert log_text(LogRow(), now) == "not checked yet"
    row = LogRow(entries=12, checked_at=now, waiting=3)
    assert log_text(row, now) == "12 in the log, 3 to be proved, checked just now"
