"""The Sync page: says how things stand, connects, and lets people look at what waits, was refused or lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.kernel.clock import FixedClock
from app.kernel.permissions import Role
from app.runtime.language import set_language
from sync.client.errors import (
    REJECTION_TEXTS,
    CertificateNotTrusted,
    DeviceRevoked,
    EnrolmentCodeRefused,
    ServiceUnreachable,
    SyncProblem,
)
from sync.client.status import SyncState, SyncStatus
from tests.app.sale_desk import SaleDesk
from tests.factories.records import Records
from tests.ui.record_pages import unnamed_controls
from tests.ui.sync.conftest import Centre, MemorySync, SyncDriver
from tests.ui.workplaces import Notes, Travels
from ui.sync.connect_form import complete_address
from ui.sync.details import page_of
from ui.sync.words import standing_of

Open = Callable[..., SyncDriver]


def offline(clock: FixedClock, problem: SyncProblem, **more: Any) -> SyncStatus:
    """Away for twenty minutes, for a reason."""
    return SyncStatus(
        state=SyncState.OFFLINE, offline_since=clock.now() - timedelta(minutes=20), message=problem.text,
        message_params=tuple(sorted(problem.params.items())), problem=problem.code, **more,
    )  # fmt: skip


def panel_texts(driver: SyncDriver) -> str:
    """Everything the panel says."""
    labels = driver.page.panel.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible())


# --- how things stand ---------------------------------------------------------------------------


def test_all_is_well(open_sync: Open, agreed: SyncStatus, centre: Centre) -> None:
    centre.acknowledge_all()
    driver = open_sync(agreed)
    card = driver.page.card
    assert card.headline.text() == "Everything is sent; both sides agree."
    assert standing_of(agreed, driver.context.clock.now()).tone == "good"
    assert not card.advice.isVisible() and not card.activity.isVisible()
    assert not driver.page.connect_form.isVisible()
    facts = "\n".join(label.text() for label in card.findChildren(QLabel))
    assert "https://centre.example:8420" in facts and "SH01 · D01" in facts and "2 min ago (11:58)" in facts


def test_offline_is_said_with_its_reason_and_what_waits(
    open_sync: Open, agreed: SyncStatus, clock: FixedClock, records: Records
) -> None:
    records.customer()
    driver = open_sync(agreed)
    problem = ServiceUnreachable(address="https://centre.example:8420")
    driver.tell(offline(clock, problem, unsent=1, oldest_unsent_at=clock.now() - timedelta(minutes=19)))
    card = driver.page.card
    assert card.headline.text() == "Offline since 11:40. Work goes on here."
    assert "https://centre.example:8420 does not answer" in card.advice.text()
    facts = "\n".join(label.text() for label in card.findChildren(QLabel))
    assert "1 change in 1 record" in facts
    driver.tell(offline(clock, problem), state=SyncState.WORKING)
    assert card.headline.text().startswith("Offline since"), "trying again is not yet being back"
    assert card.activity.isVisible()


@pytest.mark.parametrize(
    ("status", "tone", "headline"),
    [
        (SyncStatus(), "neutral", "This desk works without a centre."),
        (SyncStatus(state=SyncState.AGREED), "neutral", "Connected; both sides have not agreed yet."),
        (SyncStatus(state=SyncState.REFUSED, message=DeviceRevoked.text), "bad", "The centre does not exchange"),
        (SyncStatus(state=SyncState.AGREED, unsent=1), "info", "1 change is on its way"),
        (SyncStatus(state=SyncState.WORKING, unsent=3), "info", "3 changes are on their way"),
        (SyncStatus(state=SyncState.AGREED, rejected=1, unsent=3), "bad", "3 changes are on their way"),
    ],
)
def test_every_state_has_its_sentence(status: SyncStatus, tone: str, headline: str, clock: FixedClock) -> None:
    standing = standing_of(status, clock.now())
    assert standing.tone == tone
    assert standing.headline.startswith(headline)


def test_agreement_grows_old_and_unsent_changes_grow_worrying(clock: FixedClock, agreed: SyncStatus) -> None:
    assert standing_of(agreed, clock.now() + timedelta(minutes=9)).tone == "warn"
    fresh = SyncStatus(state=SyncState.AGREED, unsent=1, oldest_unsent_at=clock.now())
    assert standing_of(fresh, clock.now()).tone == "info"
    assert standing_of(fresh, clock.now() + timedelta(minutes=3)).tone == "warn"


def test_a_problem_of_another_day_names_the_day(clock: FixedClock) -> None:
    since = offline(clock, ServiceUnreachable(address="a"))
    assert "11:40" in standing_of(since, clock.now()).headline
    assert "2026-11-22 11:40" in standing_of(since, clock.now() + timedelta(days=1)).headline


def test_it_is_live(open_sync: Open, agreed: SyncStatus, records: Records, centre: Centre) -> None:
    driver = open_sync(agreed)
    assert driver.page.tabs["waiting"].content.model.rows == []
    records.customer(name="张三")
    driver.tell(agreed, unsent=1)
    assert [line.title for line in driver.page.tabs["waiting"].content.model.rows] == ["张三"]
    assert driver.page.segments.buttons()[0].text() == "Waiting 1"
    centre.acknowledge_all()
    driver.tell(agreed)
    assert driver.page.tabs["waiting"].content.model.rows == []
    assert driver.page.segments.buttons()[0].text() == "Waiting"


# --- the lists ----------------------------------------------------------------------------------


def test_what_waits_stands_by_record(
    open_sync: Open, agreed: SyncStatus, desk: SaleDesk, centre: Centre, navigator: Travels, qtmodeltester: ModelTester
) -> None:
    centre.acknowledge_all()
    placed = desk.order()
    driver = open_sync(agreed)
    model = driver.page.tabs["waiting"].content.model
    qtmodeltester.check(model)
    order = next(line for line in model.rows if line.table == "sales_order")
    assert order.title == placed.number and order.operations > 1
    assert order.tables[0] == "sales_order" and "sales_order_line" in order.tables
    driver.select(model.line_of(order.id))
    assert placed.number in panel_texts(driver) and "Not sent" in panel_texts(driver)
    driver.run("sync.open")
    assert navigator.went == [("orders", {"order_id": placed.order_id})]


def test_a_refusal_says_why_and_can_be_settled(
    open_sync: Open, agreed: SyncStatus, records: Records, centre: Centre, sync_port: MemorySync, notifications: Notes
) -> None:
    first, second = records.customer(name="张三"), records.customer(name="李四")
    centre.acknowledge_all()
    centre.refuse("customer", first.id, "field_invalid", field="phone")
    centre.refuse("customer", second.id, "record_deleted")
    driver = open_sync(agreed)
    rows = driver.choose("Refused")
    assert len(rows) == 2
    assert driver.cells(1)[3].startswith("The field “Phone” holds what the centre cannot keep")
    driver.select(1)
    assert "Correct it and save again" in panel_texts(driver)
    assert driver.run("sync.resend")
    assert sync_port.asked == [("resend", (rows[1].row.n,))]
    driver.select(0)
    assert driver.run("sync.dismiss")
    assert sync_port.asked[-1] == ("dismiss", (rows[0].row.n,))
    assert [line.title for line in driver.page.tabs["refused"].content.model.rows] == ["张三"]
    assert len(notifications.shown) == 2


def test_what_was_refused_together_is_settled_together(
    open_sync: Open, agreed: SyncStatus, desk: SaleDesk, centre: Centre, sync_port: MemorySync
) -> None:
    centre.acknowledge_all()
    placed = desk.order()
    centre.acknowledge_all()
    centre.refuse("sales_order", placed.order_id, "scope_denied")
    with desk.dispatcher.database.exclusive() as connection:
        connection.exec_driver_sql(
            "UPDATE outbox_operation SET state = 'rejected', result = '{\"code\":\"transaction_rejected\"}'"
            " WHERE txn_id = (SELECT txn_id FROM outbox_operation WHERE record_id = ?) AND state = 'pending'",
            (placed.order_id,),
        )
    driver = open_sync(agreed)
    rows = driver.choose("Refused")
    driver.select(0)
    assert "changes of the same action were refused" in panel_texts(driver)
    driver.run("sync.dismiss")
    assert sync_port.asked == [("dismiss", tuple(sorted(line.row.n for line in rows)))]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_refusal_has_words_even_without_its_detail(language: str) -> None:
    from sync.client.queries import OutboxRow
    from tests.conftest import NOON
    from ui.sync.words import refusal_text

    set_language(language)
    for code in [*REJECTION_TEXTS, "of a newer version"]:
        row = OutboxRow(
            n=1, txn_id="t", kind="put", table="customer", record_id="r", fields=(), created_at=NOON,
            state="rejected", answered_at=NOON, code=code, detail={},
        )  # fmt: skip
        assert "{" not in refusal_text(row) and len(refusal_text(row)) > 8


def test_a_lost_vehicle_names_the_winner_and_leads_to_the_order(
    open_sync: Open, agreed: SyncStatus, desk: SaleDesk, centre: Centre, navigator: Travels
) -> None:
    placed = desk.order()
    centre.give_away(placed.order_id)
    driver = open_sync(agreed, tab="conflicts")
    assert driver.page.tab == "conflicts"
    (line,) = driver.page.tabs["conflicts"].content.model.rows
    assert (line.number, line.customer) == (placed.number, "张伟")
    assert "HZ01-SO-2026-000007 (HZ01 · D03)" in driver.cells()
    driver.select()
    assert "gave the vehicle to HZ01-SO-2026-000007" in panel_texts(driver)
    driver.page.tabs["conflicts"].content.table.open_current()
    assert navigator.went == [("orders", {"order_id": placed.order_id})]
    assert "1 order lost its vehicle" in standing_of(SyncStatus(conflicts=1), driver.context.clock.now()).advice[1]


def test_history_and_what_is_received(open_sync: Open, agreed: SyncStatus, records: Records, centre: Centre) -> None:
    records.customer(name="张三")
    centre.acknowledge_all()
    records.customer(name="李四")
    centre.read_scopes()
    driver = open_sync(agreed)
    rows = driver.choose("All changes")
    assert [(line.title, line.state) for line in rows] == [("李四", "pending"), ("张三", "accepted")]
    assert driver.cells(1)[-1] == "Agreed"
    driver.select(1)
    assert "张三" in panel_texts(driver)
    rows = driver.choose("From the centre")
    assert [driver.cells(line) for line in range(2)] == [
        ["Shared by all branches", "2031 changes"], ["Branch HZ01", "412 changes"],
    ]  # fmt: skip
    assert not driver.page.panel.isVisible()


def test_empty_lists_say_that_all_is_well(open_sync: Open, agreed: SyncStatus, centre: Centre) -> None:
    driver = open_sync(agreed)
    for tab in ("Waiting", "Refused", "Lost vehicles", "All changes", "From the centre"):
        assert driver.choose(tab) == []
        labels = driver.page.tabs[driver.page.tab].content.findChildren(QLabel)
        assert any(label.isVisible() and label.text() for label in labels)


def test_pages_that_records_open_exist() -> None:
    from app.wiring.pages import page_specs

    known = {spec.key for spec in page_specs()}
    tables = ("sales_order", "quotation", "contract", "payment", "customer", "vehicle_unit", "service_appointment")
    assert {page_of(table)[0] for table in tables} <= known  # type: ignore[index]
    assert page_of("task") is None


# --- connecting ---------------------------------------------------------------------------------


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


@pytest.mark.parametrize("actor", [Role.CASHIER], indirect=True)
def test_who_may_only_look_is_offered_nothing_else(
    open_sync: Open, records: Records, centre: Centre, sync_port: MemorySync
) -> None:
    customer = records.customer()
    centre.refuse("customer", customer.id, "record_deleted")
    driver = open_sync(SyncStatus())
    assert not driver.page.connect_form.isVisible()
    driver.choose("Refused")
    driver.select()
    for action in ("sync.connect", "sync.disconnect", "sync.dismiss", "sync.resend"):
        assert not driver.run(action)
    assert sync_port.asked == []
    buttons = [button.text() for button in driver.page.panel.findChildren(type(driver.page.exchange_button))]
    assert "Let it be" not in buttons


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_languages_and_names(
    open_sync: Open, agreed: SyncStatus, desk: SaleDesk, centre: Centre, language: str
) -> None:
    desk.order()
    driver = open_sync(agreed, tab="history")
    driver.select()
    set_language(language)
    driver.settle()
    assert unnamed_controls(driver.page) == []
    chinese = language == "zh_CN"
    assert driver.page.segments.buttons()[3].text() == ("全部更改" if chinese else "All changes")
    assert driver.page.card.headline.text().startswith("全部" if chinese else "Everything")
    assert driver.cells()[-1] == ("未发送" if chinese else "Not sent")
