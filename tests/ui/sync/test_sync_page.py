"""The Sync page: says how things stand, connects, and lets people look at what waits, was refused or lost."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QLabel, QPushButton
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.kernel.clock import FixedClock
from app.kernel.permissions import Role
from app.runtime.language import set_language
from db.engine import Database
from sync.client.errors import (
    CertificateNotTrusted,
    DeviceRevoked,
    EnrolmentCodeRefused,
    ServiceUnreachable,
    SyncProblem,
)
from sync.client.refusal_words import REFUSAL_WORDS
from sync.client.status import Progress, SyncState, SyncStatus
from tests.app.sale_desk import SaleDesk
from tests.factories.people import HANGZHOU, staff_of
from tests.factories.records import Records
from tests.ui.record_pages import unnamed_controls
from tests.ui.sync.conftest import Centre, MemorySync, SyncDriver
from tests.ui.workplaces import Notes, Travels
from ui.sync.connect_form import complete_address
from ui.sync.details import page_of
from ui.sync.lines import list_waiting
from ui.sync.ports import Checked
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
    assert driver.page.views.segments()[0].text() == "Waiting 1"
    centre.acknowledge_all()
    driver.tell(agreed)
    assert driver.page.tabs["waiting"].content.model.rows == []
    assert driver.page.views.segments()[0].text() == "Waiting"


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
    together = {one.id: one.operations for one in model.rows}
    one_by_one, after = {}, None
    while page := desk.read(list_waiting, after=after, limit=1):
        one_by_one[page[0].id], after = page[0].operations, page[0].cursor
    assert f" in {len(together)} records" in driver.page.card._unsent()
    assert one_by_one == together and len(together) == len(model.rows), "wherever a page of the list ends"
    driver.select(model.line_of(order.id))
    assert placed.number in panel_texts(driver) and "Not sent" in panel_texts(driver)
    assert "Order line: " in panel_texts(driver)
    driver.run("sync.open")
    assert navigator.went == [("orders", {"order_id": placed.order_id})]


@pytest.mark.parametrize("actor", [Role.SALESPERSON], indirect=True)
def test_who_may_not_settle_a_refusal_is_told_who_may(
    open_sync: Open, agreed: SyncStatus, records: Records, centre: Centre
) -> None:
    customer = records.customer(name="张三")
    centre.acknowledge_all()
    centre.refuse("customer", customer.id, "field_invalid", field="phone")
    driver = open_sync(agreed)
    driver.choose("Refused")
    driver.select(0)
    assert "A branch manager can correct it" in panel_texts(driver)
    assert not driver.run("sync.resend") and not driver.run("sync.dismiss")


def test_a_refusal_says_why_and_can_be_settled(
    open_sync: Open, agreed: SyncStatus, records: Records, centre: Centre, notifications: Notes
) -> None:
    first, second = records.customer(name="张三"), records.customer(name="李四")
    centre.acknowledge_all()
    centre.refuse("customer", first.id, "field_invalid", field="phone")
    centre.refuse("customer", second.id, "record_unknown")
    driver = open_sync(agreed)
    rows = driver.choose("Refused")
    assert len(rows) == 2
    assert driver.cells(1)[3].startswith("The field “Phone” holds what the centre cannot keep")
    driver.select(1)
    said = panel_texts(driver)
    assert "Correct it in the list “Refused” and send it again" in said
    assert "The record stands as the centre has it" in said
    assert "The centre does not have this record." in said and "Entered: 张三" in said
    assert "Entered by" in said and "•••" in said
    assert driver.run("sync.resend")
    assert [line.title for line in driver.page.tabs["refused"].content.model.rows] == ["李四"]
    driver.select(0)
    assert driver.run("sync.dismiss")
    answer(driver, "Let it be")
    assert driver.page.tabs["refused"].content.model.rows == []
    assert len(notifications.shown) == 2
    rows = driver.choose("All changes")
    driver.select(next(place for place, line in enumerate(rows) if line.title == "李四" and line.state == "dismissed"))
    assert driver.run("sync.take_up")
    assert [line.title for line in driver.choose("Refused")] == ["李四"]


def answer(driver: SyncDriver, verb: str) -> None:
    """Press a button of the question that is asked."""
    for dialog in driver.page.window().findChildren(QDialog):
        for button in dialog.findChildren(QPushButton):
            if dialog.isVisible() and button.text() == verb:
                button.click()
                driver.settle()
                return
    raise AssertionError(f"nobody asks for {verb}")


def test_a_wrong_value_is_corrected_beside_its_field_and_sent(
    open_sync: Open, agreed: SyncStatus, records: Records, centre: Centre, database: Database
) -> None:
    customer = records.customer(name="张三", phone="13912345678")
    centre.acknowledge_all()
    centre.refuse("customer", customer.id, "field_invalid", field="kind")
    driver = open_sync(agreed)
    driver.choose("Refused")
    driver.select(0)
    assert driver.run("sync.correct")
    question = driver.page.settling.details.question
    assert question is not None
    assert next(iter(question.form.values())) == "kind", "what the centre complained of stands first"
    assert question.form.value("name") == "张三" and question.form.value("phone") == ""
    question.form.set_value("name", "")
    question.submit()
    driver.settle()
    assert driver.page.settling.details.question is question, "a name has to be entered"
    assert question.form.problems().keys() == {"name"}
    question.form.set_value("name", "张三丰")
    question.form.set_value("paper_language", "zh_CN")
    question.submit()
    driver.settle()
    assert driver.page.tabs["refused"].content.model.rows == []
    with database.read() as session:
        body = session.connection().exec_driver_sql(
            "SELECT body FROM outbox_operation ORDER BY n DESC LIMIT 1"
        ).scalar_one()
    sent = json.loads(body)
    assert sent["new"] is True and sent["fields"]["name"] == "张三丰"
    assert sent["fields"]["phone"] == "13912345678", "what was hidden stays as it was entered"


def test_what_was_refused_together_is_settled_together(
    open_sync: Open, agreed: SyncStatus, desk: SaleDesk, centre: Centre
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
    culprit = next(place for place, line in enumerate(rows) if line.table == "sales_order")
    driver.select(culprit)
    said = panel_texts(driver)
    assert "Refused together" in said and "this one was the reason" in said
    driver.run("sync.dismiss")
    answer(driver, "Let it be")
    assert driver.page.tabs["refused"].content.model.rows == []


def test_several_are_settled_at_once(open_sync: Open, agreed: SyncStatus, records: Records, centre: Centre) -> None:
    for name in ("一", "二", "三"):
        records.customer(name=name)
    centre.acknowledge_all()
    with records.database.exclusive() as connection:
        connection.exec_driver_sql(
            "UPDATE outbox_operation SET state = 'rejected', result = '{\"code\":\"record_unknown\"}', answered_at = 1"
        )
    driver = open_sync(agreed)
    assert len(driver.choose("Refused")) == 3
    driver.page.tabs["refused"].content.table.selectAll()
    driver.settle()
    assert driver.run("sync.resend")
    assert driver.page.tabs["refused"].content.model.rows == []


def replaced(database: Database, record_id: str, field: str, own: str, theirs: str, *, signed: str = "") -> None:
    """Another desk's change of the field won, as the engine writes it down."""
    clock = f"01a204ad96910004-c6dea6a0{signed}"
    with database.exclusive() as connection:
        connection.exec_driver_sql(f"UPDATE customer SET {field} = ?, ver = 2, field_clock = json_set(field_clock,"
                                   " ?, ?) WHERE id = ?", (theirs, f"$.{field}", clock, record_id))  # fmt: skip
        connection.exec_driver_sql(
            "INSERT INTO overridden_value (table_name, record_id, field, n, own_value, own_at, own_staff_id,"
            " their_value, their_clock, noticed_at, state)"
            " VALUES ('customer', ?, ?, 1, ?, 1795000000000000, '', ?, ?, 1795000000000000, 'open')",
            (record_id, field, json.dumps(own), json.dumps(theirs), clock),
        )


def test_a_value_two_desks_changed_can_be_taken_back(
    open_sync: Open, agreed: SyncStatus, records: Records, centre: Centre, database: Database
) -> None:
    customer, other = records.customer(name="张三"), records.customer(name="李四")
    centre.acknowledge_all()
    replaced(database, customer.id, "note", "our note", "their note")
    seller = staff_of(Role.SALESPERSON, HANGZHOU).id
    replaced(database, other.id, "phone", "13900000001", "13900000002", signed=seller[-8:])
    driver = open_sync(agreed)
    rows = driver.choose("Changed by two")
    assert [line.title for line in rows] == ["李四", "张三"]
    driver.select(0)
    assert "13900000001" not in panel_texts(driver) and "•••" in panel_texts(driver)
    assert "黄蕾" in panel_texts(driver) and "王芳" in panel_texts(driver), "who entered each"
    assert driver.run("sync.keep_theirs")
    driver.select(0)
    said = panel_texts(driver)
    assert "our note" in said and "their note" in said
    assert "a desk not known here (…c6dea6a0)" in said, "of before desks and people were named"
    assert "Walked in" in said and "walk_in" not in said, "codes are said as the pages say them"
    assert driver.run("sync.use_own")
    assert driver.page.tabs["replaced"].content.model.rows == []
    with database.read() as session:
        assert session.connection().exec_driver_sql(
            "SELECT note FROM customer WHERE id = ?", (customer.id,)
        ).scalar() == "our note"  # fmt: skip


def test_a_record_that_could_not_be_written_is_shown_and_tried_again(
    open_sync: Open, agreed: SyncStatus, database: Database, sync_port: MemorySync, notifications: Notes
) -> None:
    with database.exclusive() as connection:
        connection.exec_driver_sql(
            "INSERT INTO unwritten_row VALUES ('customer', ?, 'group', 3, 9, '[]', 'Error: NOT NULL', 1, 2, '')",
            ("e" * 32,),
        )
    driver = open_sync(agreed, tab="unwritten")
    driver.tell(agreed, unwritten=1)
    assert "could not be written here" in driver.page.card.advice.text()
    driver.select(0)
    assert "does not fit this desk's database" in panel_texts(driver) and "NOT NULL" in panel_texts(driver)
    sync_port.still_unwritten = 1
    driver.run("sync.retry_unwritten")
    assert sync_port.asked == ["retry_unwritten"]
    assert "still does not fit" in notifications.shown[-1][0]()


def test_the_whole_copy_is_checked_on_demand(open_sync: Open, agreed: SyncStatus, sync_port: MemorySync) -> None:
    driver = open_sync(agreed)
    sync_port.checked = Checked(rows=1200, repaired=2, left_alone=0, differing=0)
    assert driver.run("sync.check")
    said = "\n".join(label.text() for label in driver.page.messages.findChildren(QLabel))
    assert "1,200 records compared. 2 records were put right." in said


def test_a_comparison_that_did_not_come_to_an_end_says_so_and_what_it_did(
    open_sync: Open, agreed: SyncStatus, sync_port: MemorySync
) -> None:
    driver = open_sync(agreed)
    sync_port.checked = Checked(rows=800, repaired=1, left_alone=0, differing=0, complete=False)
    assert driver.run("sync.check")
    said = "\n".join(label.text() for label in driver.page.messages.findChildren(QLabel))
    assert "did not come to an end" in said and "1 record was put right." in said
    assert "It goes on by itself" in said and "Everything here is as the centre has it" not in said


def test_what_is_nearly_always_empty_is_offered_only_when_it_is_not(
    open_sync: Open, agreed: SyncStatus, records: Records, centre: Centre, database: Database
) -> None:
    customer = records.customer(name="张三")
    centre.acknowledge_all()
    driver = open_sync(agreed)
    shown = {driver.page.views.label_of(view).rstrip(" 1") for view in driver.page.views.offered()}
    assert not shown & {"Changed by two", "Not written"}
    replaced(database, customer.id, "note", "ours", "theirs")
    driver.tell(agreed, overridden=1)
    assert "Changed by two 1" in {driver.page.views.label_of(view) for view in driver.page.views.offered()}


def test_nothing_is_called_agreed_beside_a_red_mark(agreed: SyncStatus, clock: FixedClock) -> None:
    for more in ({"rejected": 1}, {"conflicts": 1}, {"unwritten": 1}):
        standing = standing_of(replace(agreed, **more), clock.now())
        assert "agree" not in standing.headline and standing.tone != "good" and standing.advice


def test_a_clock_that_was_set_back_is_said_before_everything_else(agreed: SyncStatus, clock: FixedClock) -> None:
    was = clock.now() + timedelta(hours=9)
    for status, tone in ((replace(agreed, clock_was=was), "warn"), (SyncStatus(clock_was=was), "warn")):
        standing = standing_of(status, clock.now())
        assert standing.tone == tone
        assert standing.advice[0].startswith("This computer's clock was set back: it has shown 2026-")


def test_a_problem_shows_its_reference_and_the_next_attempt(
    open_sync: Open, agreed: SyncStatus, clock: FixedClock
) -> None:
    driver = open_sync(agreed)
    problem = ServiceUnreachable(address="https://centre.example:8420")
    away = offline(clock, problem, request_id="a" * 32, next_at=clock.now() + timedelta(seconds=42))
    driver.tell(away)
    card = driver.page.card
    assert card.next_attempt.text() == "The next attempt is made in 42 seconds."
    assert card.reference.isVisible() and card.reference.label.text() == f"Reference: {'a' * 32}"
    card.reference.copy.click()
    assert QGuiApplication.clipboard().text() == "a" * 32
    driver.tell(agreed)
    assert not card.reference.isVisible() and not card.next_attempt.isVisible()


def test_a_long_exchange_says_how_far_it_is(agreed: SyncStatus, clock: FixedClock) -> None:
    working = replace(agreed, state=SyncState.WORKING, progress=Progress(sent=3000, to_send=50_000))
    assert standing_of(working, clock.now()).headline == "Sending: 3,000 of 50,000 changes."
    receiving = replace(working, progress=Progress(received=10_000, to_receive=1_000_000))
    assert standing_of(receiving, clock.now()).headline == "Receiving: 10,000 of 1,000,000 records."
    told = Progress(received=10_000, to_receive=80_000, about=True, seconds_left=130.0, bytes_in=1_300_000)
    by_pages = replace(working, progress=told)
    assert standing_of(by_pages, clock.now()).headline == (
        "Receiving: 10,000 of about 80,000 records. About 2 minutes left. 1.3 MB"
    )


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_refusal_has_words_even_without_its_detail(language: str) -> None:
    from sync.client.queries import OutboxRow
    from tests.conftest import NOON
    from ui.sync.words import refusal_text

    set_language(language)
    for code in [*REFUSAL_WORDS, "of a newer version"]:
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
    assert "HZ01-SO-2026-000007 (HZ01 · D03 · 黄蕾)" in driver.cells()
    driver.select()
    assert "gave the vehicle to HZ01-SO-2026-000007" in panel_texts(driver)
    assert "Sold by\n黄蕾" in panel_texts(driver), "whom to call"
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


def test_every_list_is_reached_by_keys_and_nothing_is_cut_beside_the_panel(
    open_sync: Open, agreed: SyncStatus, desk: SaleDesk
) -> None:
    desk.order()
    driver = open_sync(agreed)
    page, seen = driver.page, []
    for _ in page.views.offered():
        assert driver.run("sync.next_list")
        seen.append(page.tab)
    assert seen == ["refused", "conflicts", "leases", "history", "scopes", "repairs", "waiting"]
    assert driver.run("sync.previous_list") and page.tab == "repairs"
    driver.choose("All changes")
    driver.select()
    page.resize(640, 480)
    driver.settle()
    assert page.panel.isVisible() and page.views.more.isVisible()
    for button in (*page.views.segments(), page.views.more, page.exchange_button):
        assert button.width() >= button.sizeHint().width(), button.text()
    assert page.views.value() == "history"
    for label in page.card.findChildren(QLabel):
        if label.isVisible() and label.text() and label.hasHeightForWidth():
            assert label.height() >= label.heightForWidth(label.width()), label.text()
    assert page.tabs["history"].content.height() >= 200


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
    assert driver.page.views.label_of("history") == ("全部更改" if chinese else "All changes")
    assert driver.page.card.headline.text().startswith("已全部" if chinese else "Everything")
    assert driver.cells()[-1] == ("未发送" if chinese else "Not sent")
