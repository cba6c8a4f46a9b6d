"""The customers page: found while typing, masked, revealed with a reason, consents, history."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.catalog.queries import list_makes
from app.customers.commands import ChangeCustomer, GiveConsent
from app.customers.queries import get_customer, list_reveals
from app.finder.commands import SaveSearch
from app.finder.rules import Question, Restriction, question_as_json
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from app.runtime.language import set_language
from db.models.customers import Customer
from tests.factories.documents import make_contract, make_order, make_payment, make_quotation
from tests.factories.records import Records
from tests.ui.typing_text import type_text
from tests.ui.workplaces import Travels
from ui.customers.customers_page import CustomersPage
from ui.customers.personal_section import SHOWN_SECONDS
from ui.kit.context import PageContext
from ui.kit.controls import IconButton
from ui.kit.record_line import RecordLine

Settle = Callable[[], None]


def _open(page: CustomersPage, customer: Customer, settle: Settle) -> None:
    page.activate({"customer_id": customer.id})
    settle()
    settle()


def test_filters_by_name_pinyin_and_phone_while_typing(
    page: CustomersPage, people: list[Customer], settle: Settle, qtbot: QtBot
) -> None:
    assert page.model.rowCount() == 6 and page.describe() == "Customers 6 of 6 customers"
    for text, names in (("王", {"王伟", "王建国"}), ("wjg", {"王建国"}), (people[1].phone[-5:], {"李娜"})):
        type_text(qtbot, page.filters.search, text)
        qtbot.waitUntil(lambda text=text: page.model.filters.get("text") == text)
        settle()
        assert {row.name for row in page.model.rows} == names
    assert page.describe() == "Customers 1 of 6 customers"


def test_the_model_keeps_the_rules_of_qt(page: CustomersPage, settle: Settle, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(page.model)
    page.filters.chip("kind").choose("company")
    settle()
    assert page.model.rowCount() == 0
    qtmodeltester.check(page.model)


def test_facets_narrow_the_list(page: CustomersPage, records: Records, settle: Settle, actor: Actor) -> None:
    records.customer(kind="company", name="远行租赁", contact_name="王建国", owner_staff_id=actor.staff_id)
    page.model.refresh()
    settle()
    page.filters.chip("kind").choose("company")
    settle()
    assert [row.name for row in page.model.rows] == ["远行租赁"]
    page.filters.chip("kind").choose("company")
    page.filters.chip("owner_staff_id").choose(actor.staff_id)
    settle()
    assert [row.name for row in page.model.rows] == ["远行租赁"]


def test_a_palette_hit_selects_and_shows_the_customer(
    page: CustomersPage, people: list[Customer], settle: Settle
) -> None:
    _open(page, people[2], settle)
    row = page.table.current_row()
    assert row is not None and row.id == people[2].id
    assert page.view is not None and page.view.file.id == people[2].id and page.panel.isVisible()


def test_numbers_are_masked_everywhere(page: CustomersPage, people: list[Customer], settle: Settle) -> None:
    _open(page, people[0], settle)
    said = " ".join(label.text() for label in page.findChildren(QLabel))
    cells = " ".join(str(page.model.index(0, column).data()) for column in range(page.model.columnCount()))
    assert people[0].phone not in said + cells
    assert f"{people[0].phone[:3]}****{people[0].phone[-4:]}" in said


def test_a_reveal_needs_a_reason_is_logged_and_masked_again(
    page: CustomersPage,
    people: list[Customer],
    settle: Settle,
    qtbot: QtBot,
    dispatcher: Dispatcher,
    manager: Actor,
    context: PageContext,
) -> None:
    _open(page, people[0], settle)
    view = page.view
    assert view is not None
    assert context.actions.run("customers.reveal")
    question = view.personal.question
    assert question is not None
    question.submit()
    assert question.form.problems() == {"reason": "Fill in this field."}
    assert dispatcher.read(list_reveals, manager) == ()
    qtbot.keyClicks(question.form.editor("reason").line, "calling about the delivery")
    qtbot.keyClick(question.form.editor("reason").line, Qt.Key.Key_Return)
    settle()
    shown = view.personal.masked["phone"]
    assert shown.is_shown and shown.label.text() == people[0].phone
    logged = dispatcher.read(list_reveals, manager, customer_id=people[0].id)
    assert [(entry.field, entry.reason) for entry in logged] == [("phone", "calling about the delivery")]
    for _second in range(SHOWN_SECONDS):
        shown._on_timer()
    assert not shown.is_shown and "****" in shown.label.text()


def test_a_revealed_value_survives_changes_elsewhere(
    page: CustomersPage, people: list[Customer], settle: Settle, dispatcher: Dispatcher, actor: Actor
) -> None:
    _open(page, people[0], settle)
    view = page.view
    assert view is not None
    view.personal.masked["phone"].show_value(people[0].phone)
    outcome = dispatcher.execute(GiveConsent(customer_id=people[0].id, purpose="marketing"), actor)
    page.context.operations.publish(outcome.changes)
    page.on_changes(outcome.changes, None)
    settle()
    assert page.view is view and view.personal.masked["phone"].is_shown
    assert view.findChild(QPushButton, "withdraw-marketing") is not None
    view.personal.masked["phone"].hide_value()


def test_consent_is_given_and_withdrawn_as_easily(
    page: CustomersPage,
    people: list[Customer],
    settle: Settle,
    dispatcher: Dispatcher,
    actor: Actor,
    context: PageContext,
    qtbot: QtBot,
) -> None:
    context.operations.changes_published.connect(page.on_changes)
    _open(page, people[0], settle)
    view = page.view
    assert view is not None
    give = view.findChild(QPushButton, "give-share_with_bank")
    assert give is not None
    give.click()
    question = view.consents.question
    assert question is not None
    question.submit()
    assert "recipient" in question.form.problems()
    question.form.set_value("recipient", "招商银行")
    question.submit()
    settle()
    given = dispatcher.read(get_customer, actor, people[0].id).consents
    assert [(row.purpose, row.recipient, row.holds) for row in given] == [("share_with_bank", "招商银行", True)]
    withdraw = view.findChild(QPushButton, "withdraw-share_with_bank")
    assert withdraw is not None
    withdraw.click()
    settle()
    assert not dispatcher.read(get_customer, actor, people[0].id).consents[0].holds


def test_history_leads_to_the_records(
    page: CustomersPage,
    people: list[Customer],
    records: Records,
    settle: Settle,
    navigator: Travels,
    clock: FixedClock,
) -> None:
    unit = records.unit()
    quotation = make_quotation(records, people[0], unit)
    clock.advance(timedelta(minutes=5))
    order = make_order(records, people[0], unit)
    make_payment(records, order)
    make_contract(records, order)
    _open(page, people[0], settle)
    view = page.view
    assert view is not None
    lines = view.history.findChildren(RecordLine)
    assert len(lines) == 4
    named = {line.accessibleName().split(",")[0]: line for line in lines}
    named[order.number].click()
    named[quotation.number].click()
    assert navigator.went == [("orders", {"order_id": order.id}), ("quotations", {"quotation_id": quotation.id})]


def test_return_opens_the_whole_file_and_escape_closes_it(
    page: CustomersPage, people: list[Customer], settle: Settle, qtbot: QtBot, navigator: Travels, context: PageContext
) -> None:
    page.table.setFocus()
    page.table.selectRow(0)
    settle()
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    settle()
    assert page.sheet is not None and page.view is not None and page.view.isVisible()
    assert context.actions.run("customers.sell")
    assert navigator.went == [("sale", {"customer_id": page.view.file.id})]
    page._on_escape()
    settle()
    assert page.sheet is None and page.table.isVisible() and page.panel.isVisible()


def test_a_vehicle_is_added_and_booked(
    page: CustomersPage,
    people: list[Customer],
    settle: Settle,
    context: PageContext,
    dispatcher: Dispatcher,
    actor: Actor,
) -> None:
    context.operations.changes_published.connect(page.on_changes)
    _open(page, people[0], settle)
    view = page.view
    assert view is not None
    view.vehicles.ask_new()
    question = view.vehicles.question
    assert question is not None
    question.submit()
    settle()
    assert "plate" in question.form.problems()
    question.form.set_values({"plate": "沪A·12345", "odometer_km": 12_000})
    question.submit()
    settle()
    assert [row.plate for row in dispatcher.read(get_customer, actor, people[0].id).vehicles] == ["沪A12345"]
    assert any("沪A12345" in label.text() for label in view.vehicles.findChildren(QLabel))


def test_removal_asks_for_a_reason_and_can_be_undone(
    page: CustomersPage, people: list[Customer], settle: Settle, context: PageContext
) -> None:
    context.operations.changes_published.connect(page.on_changes)
    _open(page, people[0], settle)
    page._remove(people[0].id, "entered twice")
    settle()
    settle()
    assert page.model.rowCount() == 0 and context.operations.undo_step is not None
    context.operations.undo(page)
    settle()
    settle()
    assert [row.name for row in page.model.rows] == ["王伟"]


def test_speaks_chinese_after_a_switch(page: CustomersPage, people: list[Customer], settle: Settle) -> None:
    _open(page, people[0], settle)
    set_language("zh_CN")
    assert page.describe() == "客户 1 / 6 位客户"
    assert page.model.headerData(1, Qt.Orientation.Horizontal) == "电话"


class TestWithoutRights:
    @pytest.fixture
    def actor(self, actor_with: Callable[[Role], Actor]) -> Actor:
        return actor_with(Role.PARTS_CLERK)

    def test_a_parts_clerk_sees_masks_and_changes_nothing(
        self, page: CustomersPage, people: list[Customer], settle: Settle, context: PageContext
    ) -> None:
        _open(page, people[0], settle)
        view = page.view
        assert view is not None
        assert not view.personal.masked["phone"].eye.isVisible()
        assert page.header_button("customers.new") is None
        assert not context.actions.run("customers.reveal") and not context.actions.run("customers.edit")
        give = view.findChild(QPushButton, "give-marketing")
        assert give is not None and not give.isVisible()


def test_a_change_elsewhere_is_shown_without_a_jump(
    page: CustomersPage, people: list[Customer], settle: Settle, dispatcher: Dispatcher, manager: Actor
) -> None:
    _open(page, people[0], settle)
    view = page.view
    assert view is not None
    command = ChangeCustomer(customer_id=people[0].id, expected_revision=1, note="wants a call on Monday")
    outcome = dispatcher.execute(command, manager)
    page.on_changes(outcome.changes, None)
    settle()
    assert page.view is view
    assert any("wants a call" in label.text() for label in view.personal.findChildren(QLabel))


def test_what_they_look_for_leads_to_the_finder_and_to_a_comparison(
    page: CustomersPage, people: list[Customer], records: Records, settle: Settle, navigator: Travels,
    dispatcher: Dispatcher, manager: Actor,
) -> None:  # fmt: skip
    trim = records.trim()
    make = dispatcher.read(list_makes, manager)[0]
    _open(page, people[0], settle)
    assert page.view is not None
    assert any("No wish is kept" in label.text() for label in page.view.wishes.findChildren(QLabel))
    question = question_as_json(Question(restrictions=(Restriction(code="@make", values=(make.id,)),)))
    outcome = dispatcher.execute(
        SaveSearch(name="For the family", question=question, customer_id=people[0].id), manager
    )  # fmt: skip
    page.on_changes(outcome.changes, None)
    settle()
    (line,) = page.view.wishes.findChildren(RecordLine)
    assert str(make.name) in line.accessibleName()
    line.click()
    page.view.wishes.findChildren(IconButton)[-1].click()
    for _step in range(3):
        settle()
    assert navigator.went == [
        ("finder", {"search_id": outcome.value}),
        ("comparison", {"trim_ids": [trim.id], "customer_id": people[0].id}),
    ]  # fmt: skip
