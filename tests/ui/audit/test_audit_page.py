"""The audit trail on the real database: read, filtered, followed to its records, and proven whole or not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.audit.queries import AuditedChange
from app.customers.commands import ChangeCustomer, CreateCustomer, RemoveCustomer, RevealPersonalData
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied
from app.kernel.permissions import Actor, Role
from app.runtime.language import set_language, tr
from db.base import replicated_models
from db.engine import Database
from db.types import Money
from tests.factories.records import Records
from tests.ui.workplaces import Travels
from ui.audit.audit_page import AuditPage
from ui.audit.entries import list_entries
from ui.audit.entry_details import EntryDetails
from ui.audit.words import RECORD_PLACES, change_lines
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.operations import Operations
from ui.kit.record_line import RecordLine
from ui.kit.stored_values import MONEY_FIELDS, value_text

Settle = Callable[[], None]


@pytest.fixture
def actor(administrator: Actor) -> Actor:
    """周涛, who may read it."""
    return administrator


@pytest.fixture
def trail(dispatcher: Dispatcher, salesperson: Actor, cashier: Actor, clock: FixedClock) -> str:
    """Three days of a customer's entry; returns the customer's id."""
    clock.advance(timedelta(days=-3))
    command = CreateCustomer(kind="person", name="张伟", phone="13912345678")
    customer_id = str(dispatcher.execute(command, salesperson).value)
    clock.advance(timedelta(days=3))
    dispatcher.execute(ChangeCustomer(customer_id=customer_id, expected_revision=1, note="老客户"), salesperson)
    reveal = RevealPersonalData(customer_id=customer_id, field="phone", reason="客户要求回电")
    dispatcher.execute(reveal, salesperson)
    return customer_id


@pytest.fixture
def page(
    trail: str, context: PageContext, show: Callable[..., Any], settle: Settle, operations: Operations
) -> AuditPage:
    page = show(AuditPage(context))
    operations.changes_published.connect(page.on_changes)
    page.activate({})
    settle()
    return page


def _lines(page: AuditPage) -> list[list[str]]:
    return [[column.text_of(row) for column in page.columns][1:5] for row in page.model.rows]


def _texts(page: AuditPage) -> list[str]:
    content = page.panel.content()
    assert content is not None
    return [label.text() for label in content.findChildren(Label)]


def test_who_did_what_with_what_and_why(page: AuditPage, qtmodeltester: ModelTester) -> None:
    assert page.describe() == "Audit trail 3 entries at this desk"
    assert _lines(page) == [
        ["王芳", "Reveal personal data", "张伟 · Customer: Phone", "客户要求回电"],
        ["王芳", "Change customer", "Customer", "–"],
        ["王芳", "Create customer", "Customer", "–"],
    ]
    qtmodeltester.check(page.model)
    set_language("zh_CN")
    page.model.retranslate()
    assert _lines(page)[0] == ["王芳", "查看隐私信息", "张伟 · 客户：电话", "客户要求回电"]


def test_filtered_by_person_command_reason_and_time(page: AuditPage, settle: Settle, cashier: Actor) -> None:
    def shown() -> list[str]:
        settle()
        return [entry.row.command for entry in page.model.rows]

    page.filters.chip("command").choose("CreateCustomer")
    assert shown() == ["CreateCustomer"]
    page.filters.clear()
    page.filters.chip("period").choose(0)
    assert shown() == ["RevealPersonalData", "ChangeCustomer"]
    page.filters.clear()
    page.filters.chip("staff_id").choose(cashier.staff_id)
    assert shown() == [] and page._empty is not None
    page.filters.clear()
    page.filters.search.setText("回电")
    page.filters.search._say()
    assert shown() == ["RevealPersonalData"]


def test_the_reveals_alone(
    page: AuditPage, settle: Settle, dispatcher: Dispatcher, trail: str, administrator: Actor
) -> None:
    page.kind.buttons()[1].click()
    settle()
    assert [row[2] for row in _lines(page)] == ["张伟 · Customer: Phone"]
    assert page.filters.chip("command").chosen() == ["reveals"]
    dispatcher.execute(RemoveCustomer(customer_id=trail, reason="重复录入"), administrator)
    page.model.refresh()
    settle()
    assert [row[2] for row in _lines(page)] == ["Customer: Phone"]  # removed meanwhile; the entry stays
    page.filters.chip("command").choose("reveals")
    settle()
    assert page.kind.value() == "" and page.model.rowCount() == 4


def test_an_entry_in_full(
    page: AuditPage, settle: Settle, qtbot: QtBot, trail: str, navigator: Travels, records: Records
) -> None:
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    settle()
    assert isinstance(page.panel.content(), EntryDetails)
    assert page.panel._title.text() == "Reveal personal data · 张伟"
    assert page.panel._subtitle.text() == "王芳 · 2026-11-22 12:00:00"
    assert "Revealed" in _texts(page) and "Phone" in _texts(page) and "客户要求回电" in _texts(page)
    content = page.panel.content()
    assert content is not None
    buttons = {button.text(): button for button in content.findChildren(Button)}
    buttons["Open the record"].click()
    buttons["Its whole history"].click()
    assert navigator.went == [
        ("customers", {"customer_id": trail}),
        ("audit", {"record_id": trail, "record": "customer"}),
    ]
    page.table.selectRow(2)
    settle()
    assert "13912345678" not in " ".join(_texts(page))  # what is personal is hidden here too
    set_language("zh_CN")
    assert tr("Kind") in _texts(page) and tr("Kind") != "Kind"


def test_one_records_history(page: AuditPage, settle: Settle, trail: str, records: Records) -> None:
    records.unit()
    page.activate({"record_id": trail, "record": "customer"})
    settle()
    assert page.model.rowCount() == 3
    assert page.messages.text() == f"Only the history of: Customer …{trail[-8:]}"
    page.messages._run_action()
    settle()
    assert page.model.rowCount() == 8 and page.record_id is None
    assert not page.context.actions.run("audit.everything")


def test_a_whole_trail_is_said_to_be_whole(page: AuditPage, settle: Settle, qtbot: QtBot) -> None:
    qtbot.keyClick(page, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    settle()
    assert page.messages.text() == "All 3 entries are as they were written, and none is missing."
    assert page.messages.tone == "good"
    set_language("zh_CN")
    assert page.messages.text() == "全部 3 条记录均未被改动，且无缺失。"


def test_a_tampered_trail_is_found_and_shown(page: AuditPage, settle: Settle, database: Database) -> None:
    with database.exclusive() as connection:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_entry_no_update")
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_entry_no_delete")
        connection.exec_driver_sql("UPDATE audit_entry SET reason = 'nothing' WHERE n = 3")
    page.verify()
    settle()
    assert page.messages.tone == "bad" and "not whole: 1 place" in page.messages.text()
    page.messages._run_action()
    (line,) = page.panel.findChildren(RecordLine)
    assert line.accessibleName().startswith("This entry was changed after it was written, Entry 3")
    line.click()
    settle()
    assert isinstance(page.panel.content(), EntryDetails) and page.panel._title.text() == "Reveal personal data"


def test_new_entries_appear(page: AuditPage, settle: Settle, records: Records, context: PageContext) -> None:
    before = page.model.rowCount()
    command = CreateCustomer(kind="person", name="李娜", phone="13900000001")
    context.operations.run_command(page, command)
    settle()
    assert page.model.rowCount() == before + 1


def test_stored_values_in_words() -> None:
    assert value_text("list_price", 21_890_000) == "¥218,900.00"
    assert value_text("starts_at", 1_795_320_000_000_000) == "2026-11-22 12:00"
    assert value_text("active", True) == "yes" and value_text("odometer_km", 32000) == "32,000"
    assert value_text("customer_id", "0" * 24 + "1234abcd") == "…1234abcd"
    assert value_text("params", {"number": "张"}) == '{"number": "张"}'
    assert value_text("note", "x" * 500).endswith("x…") and value_text("note", None) == "–"
    assert change_lines(AuditedChange("customer", "c", {"reveal": "phone"})) == [("Revealed", "Phone")]


def test_every_money_field_is_known() -> None:
    stored = {
        column.name
        for model in replicated_models().values()
        for column in model.__table__.columns
        if isinstance(column.type, Money)
    }
    assert stored == MONEY_FIELDS


def test_every_record_leads_to_a_page_that_exists() -> None:
    from app.wiring.pages import page_specs

    assert {page for page, _param in RECORD_PLACES.values()} <= {spec.key for spec in page_specs()}


@pytest.mark.parametrize("role", [Role.SALESPERSON, Role.CASHIER])
def test_others_do_not_read_it(dispatcher: Dispatcher, actor_with: Callable[[Role], Actor], role: Role) -> None:
    with pytest.raises(PermissionDenied):
        dispatcher.read(list_entries, actor_with(role), after=None, limit=10)
