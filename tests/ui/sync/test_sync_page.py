"""The lists of the Sync page: what waits, was lost or changed by two, and how they are reached."""

import json

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.modeltest import ModelTester

from app.kernel.permissions import Role
from app.runtime.language import set_language
from db.engine import Database
from sync.client.status import SyncStatus
from tests.app.sale_desk import SaleDesk
from tests.factories.people import HANGZHOU, staff_of
from tests.factories.records import Records
from tests.ui.record_pages import unnamed_controls
from tests.ui.sync.conftest import Centre, MemorySync, Open
from tests.ui.workplaces import Notes, Travels
from ui.sync.details import page_of
from ui.sync.lines import list_waiting
from ui.sync.words import standing_of


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
    assert placed.number in driver.panel_texts() and "Not sent" in driver.panel_texts()
    assert "Order line: " in driver.panel_texts()
    driver.run("sync.open")
    assert navigator.went == [("orders", {"order_id": placed.order_id})]


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
    assert "13900000001" not in driver.panel_texts() and "•••" in driver.panel_texts()
    assert "黄蕾" in driver.panel_texts() and "王芳" in driver.panel_texts(), "who entered each"
    assert driver.run("sync.keep_theirs")
    driver.select(0)
    said = driver.panel_texts()
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
    assert "does not fit this desk's database" in driver.panel_texts() and "NOT NULL" in driver.panel_texts()
    sync_port.still_unwritten = 1
    driver.run("sync.retry_unwritten")
    assert sync_port.asked == ["retry_unwritten"]
    assert "still does not fit" in notifications.shown[-1][0]()


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
    assert "gave the vehicle to HZ01-SO-2026-000007" in driver.panel_texts()
    assert "Sold by\n黄蕾" in driver.panel_texts(), "whom to call"
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
    assert "张三" in driver.panel_texts()
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
