"""Entering and changing customers: six required fields at most, duplicates said while typing, drafts kept."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.customers.queries import get_customer
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from db.models.customers import Customer
from tests.ui.typing_text import type_text
from tests.ui.workplaces import MemoryDrafts
from ui.customers.customer_form import CustomerForm, DuplicateCard
from ui.customers.customers_page import CustomersPage
from ui.kit.context import PageContext
from ui.kit.editing import FormSheet

Settle = Callable[[], None]


def _form(page: CustomersPage) -> CustomerForm:
    sheet = page.sheet
    assert isinstance(sheet, FormSheet) and isinstance(sheet.form, CustomerForm)
    return sheet.form


def _type(form: CustomerForm, qtbot: QtBot, **texts: str) -> None:
    for name, text in texts.items():
        type_text(qtbot, form.editor(name).line, text)


def test_at_most_six_required_fields(page: CustomersPage) -> None:
    page.enter_new()
    form = _form(page)
    form.clear()
    required = [name for name, cell in form._cells.items() if cell.field.required]
    assert len(required) <= 6
    assert {"name", "phone"} <= set(required)


def test_a_new_customer_by_keyboard(
    page: CustomersPage, settle: Settle, qtbot: QtBot, dispatcher: Dispatcher, actor: Actor, context: PageContext
) -> None:
    context.operations.changes_published.connect(page.on_changes)
    page.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    form = _form(page)
    _type(form, qtbot, name="周涛", phone="138 0013 8000")
    qtbot.keyClick(form.editor("phone").line, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    settle()
    settle()
    assert page.sheet is None and page.view is not None and page.view.file.details.name == "周涛"
    saved = dispatcher.read(get_customer, actor, page.view.file.id)
    assert (saved.phone, saved.kind) == ("138****8000", "person")
    assert context.operations.undo_step is not None


def test_what_was_looked_for_is_taken_over(page: CustomersPage, settle: Settle) -> None:
    page.filters.search.setText("13800138000")
    settle()
    page.enter_new()
    assert _form(page).value("phone") == "13800138000"


def test_duplicates_are_said_while_typing(
    page: CustomersPage, people: list[Customer], settle: Settle, qtbot: QtBot
) -> None:
    page.enter_new()
    form = _form(page)
    _type(form, qtbot, name="王小伟", phone=people[0].phone)
    settle()
    assert form.cell("phone").message() == "王伟 has the same number"
    card = page.findChild(DuplicateCard)
    assert card is not None and card._lines.count() == 1
    _type(form, qtbot, phone="13811112222")
    settle()
    assert form.cell("phone").message() == "" and card._lines.count() == 0


def test_a_duplicate_is_refused_once_and_saved_on_demand(
    page: CustomersPage, people: list[Customer], settle: Settle, qtbot: QtBot, context: PageContext
) -> None:
    context.operations.changes_published.connect(page.on_changes)
    page.enter_new()
    form = _form(page)
    _type(form, qtbot, name="王小伟", phone=people[0].phone)
    form.submitted.emit()
    settle()
    assert "王伟 has the same phone" in form.problems()["phone"]
    card = page.findChild(DuplicateCard)
    assert card is not None and card.anyway.isVisible()
    form.cell("phone").forget()
    card.anyway.click()
    settle()
    settle()
    assert page.sheet is None and page.view is not None and page.view.file.details.name == "王小伟"


def test_identity_is_checked_while_typing(page: CustomersPage, qtbot: QtBot) -> None:
    page.enter_new()
    form = _form(page)
    _type(form, qtbot, identity_number="110105194912310021")
    qtbot.waitUntil(lambda: "identity_number" in form.problems())
    _type(form, qtbot, identity_number="11010519491231002X")
    qtbot.waitUntil(lambda: form.cell("identity_number").message() == "Born 1949-12-31, Female")


def test_a_company_needs_somebody_who_acts_for_it(page: CustomersPage, qtbot: QtBot) -> None:
    page.enter_new()
    form = _form(page)
    form.editor("kind").segments.buttons()[1].click()
    _type(form, qtbot, name="远行租赁", phone="02165551234")
    assert not form.check_all() and set(form.problems()) == {"contact_name"}
    assert form.value("identity_kind") == "company_code"


def test_a_half_typed_customer_survives_a_crash(
    page: CustomersPage,
    context: PageContext,
    drafts: MemoryDrafts,
    show: Callable[..., CustomersPage],
    settle: Settle,
    qtbot: QtBot,
) -> None:
    page.enter_new()
    _type(_form(page), qtbot, name="周涛", phone="1380013")
    qtbot.waitUntil(lambda: "customers.new" in drafts.kept)
    settle()
    context.actions.remove_scope(page.scope)
    again = show(CustomersPage(context))
    again.activate({})
    settle()
    again.enter_new()
    settle()
    form = _form(again)
    assert "unfinished" in form.messages.text()
    form.messages._run_action()
    assert (form.value("name"), form.value("phone")) == ("周涛", "1380013")


def test_masked_values_are_kept_replaced_or_removed(
    page: CustomersPage,
    people: list[Customer],
    settle: Settle,
    qtbot: QtBot,
    dispatcher: Dispatcher,
    actor: Actor,
    context: PageContext,
) -> None:
    context.operations.changes_published.connect(page.on_changes)
    page.activate({"customer_id": people[0].id})
    settle()
    settle()
    page.enter_change()
    form = _form(page)
    assert form.value("phone") == "" and "139****" in form.cell("phone").message()
    _type(form, qtbot, name="王大伟", email="wei@example.com", address="-")
    form.submitted.emit()
    settle()
    settle()
    saved = dispatcher.read(get_customer, actor, people[0].id)
    assert (saved.name, saved.email, saved.address) == ("王大伟", "w***@example.com", "")
    assert saved.phone.endswith(people[0].phone[-4:])
    context.operations.undo(page)
    settle()
    back = dispatcher.read(get_customer, actor, people[0].id)
    assert (back.name, back.email, back.address) == ("王伟", "", "世纪大道10**")


def test_a_pasted_book_is_cut_and_nothing_freezes(page: CustomersPage, settle: Settle, qtbot: QtBot) -> None:
    page.enter_new()
    form = _form(page)
    book = QMimeData()
    book.setText("字" * 10_000_000)  # 30 MB as UTF-8
    form.editor("note").box.insertFromMimeData(book)
    assert len(form.value("note")) == 2000
    assert "2,000" in form.cell("note").message()
    QGuiApplication.clipboard().setText(book.text())
    page.filters.search.paste()
    assert len(page.filters.search.text()) == 200
    form.editor("name").line.paste()
    assert len(form.value("name")) == 120
    QGuiApplication.clipboard().clear()
    settle()


@pytest.mark.parametrize("name", ["name", "phone", "second_phone", "email", "address", "region_code"])
def test_every_field_has_a_name_for_screen_readers(page: CustomersPage, name: str) -> None:
    page.enter_new()
    assert _form(page).editor(name).focus_widget().accessibleName()
