"""The page of backups: what there is, how old, one more at once, and what goes wrong said plainly."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from app.kernel.permissions import Role
from app.runtime.errors import DiskFull
from app.runtime.language import set_language
from tests.ui.record_pages import Settle, unnamed_controls
from tests.ui.sync.conftest import MemoryBackups
from tests.ui.workplaces import Notes
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.sync.backups_page import BackupsPage

Open = Callable[[], BackupsPage]


def test_it_lists_them_newest_first(open_backups: Open, backup_port: MemoryBackups) -> None:
    for hours in (5, 1, 30):
        backup_port.add(timedelta(hours=hours))
    page = open_backups()
    model = page.list.model
    assert [model.index(line, 1).data(0) for line in range(3)] == ["1 h ago", "5 h ago", "1 day ago"]
    assert model.index(0, 2).data(0) == "12.4 MB"
    assert page.card.headline.text() == "The last backup was made 1 h ago."
    assert unnamed_controls(page) == []
    said = "\n".join(label.text() for label in page.card.findChildren(QLabel))
    assert str(backup_port.folder) in said and "bootstrap.py restore" in said


def test_one_more(
    open_backups: Open, backup_port: MemoryBackups, context: PageContext, settle: Settle, notifications: Notes
) -> None:
    page = open_backups()
    assert page.card.headline.text() == "There is no backup yet."
    assert any(label.text() == "No backup yet" and label.isVisible() for label in page.findChildren(QLabel))
    assert context.actions.run("backups.make")
    settle()
    assert page.card.headline.text() == "The last backup was made just now."
    assert [words() for words, *_ in notifications.shown] == ["Backed up and checked: 12.4 MB"]


def test_a_full_disk_is_said_and_can_be_tried_again(
    open_backups: Open, backup_port: MemoryBackups, context: PageContext, settle: Settle, notifications: Notes
) -> None:
    kept = backup_port.add(timedelta(days=2))
    page = open_backups()
    backup_port.refuse = DiskFull(folder=str(backup_port.folder))
    context.actions.run("backups.make")
    settle()
    text, tone, action, _again = notifications.shown[0]
    assert str(backup_port.folder) in (text if isinstance(text, str) else text()) and tone == "bad"
    assert action is None or action
    assert page.list.model.rows == [kept]
    assert page.card.headline.text() == "The last backup was made 2 days ago."
    context.actions.run("backups.make")
    settle()
    assert len(page.list.model.rows) == 2


def test_one_made_by_itself_appears(open_backups: Open, backup_port: MemoryBackups, settle: Settle) -> None:
    page = open_backups()
    backup_port.add(timedelta())
    backup_port.feed.changed.emit()
    settle()
    assert len(page.list.model.rows) == 1


def test_the_path_can_be_copied(open_backups: Open, backup_port: MemoryBackups) -> None:
    page = open_backups()
    next(button for button in page.findChildren(Button) if button.text() == "Copy path").click()
    assert QGuiApplication.clipboard().text() == str(backup_port.folder)


def test_in_chinese(open_backups: Open, backup_port: MemoryBackups) -> None:
    backup_port.add(timedelta(minutes=3))
    page = open_backups()
    set_language("zh_CN")
    assert page.card.headline.text() == "上次备份：3 分钟前。"


@pytest.mark.parametrize("actor", [Role.SALESPERSON], indirect=True)
def test_making_one_is_for_those_who_look_after_the_desk(open_backups: Open, context: PageContext) -> None:
    page = open_backups()
    assert page.header_button("backups.make") is None
    assert not context.actions.run("backups.make")
