"""Connecting a desk with the centre on the Sync page, with a new code, and leaving it."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from sync.client.errors import (
    CertificateNotTrusted,
    DeviceRevoked,
    EnrolmentCodeRefused,
    ServiceUnreachable,
    SyncProblem,
)
from sync.client.status import SyncState, SyncStatus
from tests.ui.sync.conftest import Centre, MemorySync, Open
from tests.ui.workplaces import Notes
from ui.sync.connect_form import complete_address


def test_connecting(open_sync: Open, sync_port: MemorySync, notifications: Notes, qtbot: QtBot) -> None:
    driver = open_sync(SyncStatus())
    form = driver.page.connect_form
    assert form.isVisible() and not driver.page.exchange_button.isEnabled()
    assert "enrol --branch SH01 --desk D01" in form.command.text()
    qtbot.keyClicks(form.form.editor("address").focus_widget(), "127.0.0.1:8420/")
    qtbot.keyClicks(form.form.editor("code").focus_widget(), "K7QF-2M9D-XR4T")
    qtbot.keyClick(form.form.editor("code").focus_widget(), Qt.Key.Key_Return)
    driver.settle()
    assert sync_port.asked == [("connect", "http://127.0.0.1:8420", "K7QF-2M9D-XR4T")]
    assert not form.isVisible() and driver.page.exchange_button.isEnabled()
    assert [words() for words, *_ in notifications.shown] == ["Connected as desk D07 of branch SH01."]
    driver.page.exchange_button.click()
    assert sync_port.asked[-1] == "sync_now"


@pytest.mark.parametrize(
    ("problem", "field"),
    [
        (EnrolmentCodeRefused(), "code"),
        (ServiceUnreachable(address="https://a.example"), "address"),
        (CertificateNotTrusted(address="https://a.example"), "address"),
    ],
)
def test_what_is_wrong_stands_below_its_field_and_nothing_typed_is_lost(
    open_sync: Open, sync_port: MemorySync, problem: SyncProblem, field: str
) -> None:
    driver = open_sync(SyncStatus())
    form = driver.page.connect_form.form
    form.set_value("address", "a.example")
    form.set_value("code", "K7QF-2M9D-XR4T")
    sync_port.refuse = problem
    driver.page.connect_form.go.click()
    driver.settle()
    assert list(form.problems()) == [field]
    assert form.values() == {"address": "https://a.example", "code": "K7QF-2M9D-XR4T"}
    assert driver.page.connect_form.go.isEnabled()
    driver.page.connect_form.go.click()
    driver.settle()
    assert not driver.page.connect_form.isVisible()


def test_half_an_entry_is_not_sent(open_sync: Open, sync_port: MemorySync) -> None:
    driver = open_sync(SyncStatus())
    form = driver.page.connect_form.form
    driver.page.connect_form.go.click()
    assert set(form.problems()) == {"address", "code"}
    form.set_value("address", "ftp://centre.example")
    form.set_value("code", "K7QF")
    driver.page.connect_form.go.click()
    assert list(form.problems()) == ["address"]
    assert sync_port.asked == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("centre.example:8420", "https://centre.example:8420"),
        (" https://centre.example/ ", "https://centre.example"),
        ("localhost:8420", "http://localhost:8420"),
        ("127.0.0.1", "http://127.0.0.1"),
        ("[::1]:8420", "http://[::1]:8420"),
        ("10.0.0.5:8420", "https://10.0.0.5:8420"),
        ("http://10.0.0.5:8420", "http://10.0.0.5:8420"),
        ("", ""),
    ],
)
def test_the_scheme_may_be_left_out(typed: str, meant: str) -> None:
    assert complete_address(typed) == meant


def test_a_desk_the_centre_does_not_know_is_asked_for_a_new_code(
    open_sync: Open, agreed: SyncStatus, centre: Centre
) -> None:
    centre.acknowledge_all()
    driver = open_sync(agreed)
    driver.tell(SyncStatus(state=SyncState.REFUSED, message=DeviceRevoked.text, problem="device_revoked"))
    assert driver.page.connect_form.isVisible()
    assert driver.page.connect_form.form.value("address") == "https://centre.example:8420"
    driver.tell(agreed)
    assert not driver.page.connect_form.isVisible()


def test_a_connected_desk_can_get_a_new_code_or_leave(
    open_sync: Open, agreed: SyncStatus, sync_port: MemorySync, qtbot: QtBot
) -> None:
    from ui.kit.controls import Button
    from ui.kit.dialogs import Dialog

    driver = open_sync(agreed)
    driver.run("sync.connect")
    assert driver.page.connect_form.isVisible()
    driver.page.connect_form._keep.click()
    assert not driver.page.connect_form.isVisible()
    driver.run("sync.disconnect")
    (dialog,) = driver.page.findChildren(Dialog)
    next(button for button in dialog.findChildren(Button) if button.text() == "Disconnect").click()
    driver.settle()
    assert sync_port.asked == ["disconnect"]
    assert driver.page.card.headline.text() == "This desk works without a centre."
