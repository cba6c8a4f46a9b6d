"""What the centre refused: why, who may settle it, corrected and sent again or let be."""

import json

import pytest
from PySide6.QtWidgets import QDialog, QPushButton

from app.kernel.permissions import Role
from app.runtime.language import set_language
from db.engine import Database
from sync.client.refusal_words import REFUSAL_WORDS
from sync.client.status import SyncStatus
from tests.app.sale_desk import SaleDesk
from tests.factories.records import Records
from tests.ui.sync.conftest import Centre, MemorySync, Open, SyncDriver
from tests.ui.workplaces import Notes


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
    assert "A branch manager can correct it" in driver.panel_texts()
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
    said = driver.panel_texts()
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
    said = driver.panel_texts()
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
