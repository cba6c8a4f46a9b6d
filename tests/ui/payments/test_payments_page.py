"""The cash desk on the real database: received, confirmed, reconciled, reversed, printed in either language."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.modeltest import ModelTester

from app.kernel.permissions import Role
from app.payments.commands import ConfirmPayment, ReversePayment
from app.payments.queries import get_payment, get_payment_standing, list_payments
from app.runtime.language import set_language
from tests.app.sale_desk import SaleDesk
from tests.ui.printed_papers import opened_dialog, print_into
from tests.ui.record_pages import CTRL, Driver, unnamed_controls
from tests.ui.workplaces import MemoryDrafts, Notes, Travels
from ui.kit.controls import Button
from ui.kit.figure_lines import FigureLines
from ui.kit.paper_sheet import PaperSheet
from ui.kit.record_line import RecordLine
from ui.payments.receive_sheet import DRAFT_KEY, ReceiveSheet, find_open_orders

Open = Callable[..., Driver]


def confirmed_payment(desk: SaleDesk) -> str:
    """The id of earnest money the cashier has seen."""
    payment_id = desk.pay(desk.order().order_id, "20000.00", reference="POS 0042").payment_ids[0]
    desk.do(ConfirmPayment(payment_id=payment_id, expected_revision=1), desk.cashier)
    return payment_id


def sheet_of(driver: Driver) -> ReceiveSheet:
    """The open form."""
    sheet = driver.page.sheet
    assert isinstance(sheet, ReceiveSheet)
    return sheet


def choose_kind(sheet: ReceiveSheet, place: int) -> None:
    """Press a segment of the kind: 0 earnest money, 1 advance, 3 balance."""
    sheet.form.editor("kind").findChildren(QPushButton)[place].click()


def type_amount(driver: Driver, text: str) -> None:
    """Type an amount over what stands there."""
    line = sheet_of(driver).form.editor("amount").focus_widget()
    line.setFocus()
    line.selectAll()
    driver.qtbot.keyClicks(line, text)


def test_it_lists_and_filters(desk: SaleDesk, open_payments: Open, qtmodeltester: ModelTester) -> None:
    earnest = desk.pay(desk.order().order_id, "20000.00").payment_ids[0]
    advance = desk.pay(desk.order().order_id, "5000.00", kind="advance", method="alipay").payment_ids[0]
    driver = open_payments()
    page = driver.page
    assert page.describe() == "Payments 2 of 2 payments"
    qtmodeltester.check(page.model)
    for filters, expected in (
        ({"kind": ["earnest_money"]}, [earnest]),
        ({"method": ["alipay"]}, [advance]),
        ({"state": ["REVERSED"]}, []),
    ):
        page.filters.set_values(filters, silently=False)
        driver.settle()
        assert [row.id for row in page.model.rows] == expected, filters
    assert driver.says("Nothing matches", page)


def test_earnest_money_and_advance_say_what_they_are(desk: SaleDesk, open_payments: Open) -> None:
    earnest = desk.pay(desk.order().order_id, "20000.00").payment_ids[0]
    advance = desk.pay(desk.order().order_id, "5000.00", kind="advance").payment_ids[0]
    driver = open_payments(payment_id=earnest)
    assert driver.says("¥20,000.00") and driver.says("Earnest money (定金)")
    assert driver.says("forfeited if the buyer defaults, paid back double")
    figures = dict(driver.page.panel.findChild(FigureLines).texts())
    assert figures["Order total"] == "162,900.86" and figures["Room for earnest money"] == "9,000.00"
    driver.select(advance)
    assert driver.says("Advance (订金)") and driver.says("returned if the sale does not come about")
    assert unnamed_controls(driver.page) == []


def test_a_payment_is_received_by_keyboard_alone(
    desk: SaleDesk, open_payments: Open, notifications: Notes, navigator: Travels
) -> None:
    order_id = desk.order().order_id
    driver = open_payments()
    driver.key(Qt.Key.Key_N, CTRL)
    sheet = sheet_of(driver)
    editor = sheet.form.editor("order_id")
    assert editor.focus_widget().hasFocus()
    driver.qtbot.keyClicks(editor.line, "zw")
    driver.qtbot.waitUntil(lambda: bool(editor._found))
    driver.settle()
    driver.qtbot.keyClick(editor._completer.popup(), Qt.Key.Key_Return)
    driver.settle()
    assert sheet.form.value("order_id") == order_id and sheet.standing is not None
    type_amount(driver, "10000")
    driver.key(Qt.Key.Key_Return)
    [payment] = desk.read(list_payments)
    assert (payment.amount, payment.kind, payment.received_by) == (Decimal("10000.00"), "balance", "陈静")
    assert driver.page.sheet is None and driver.says("¥10,000.00")
    words, tone, action, print_it = notifications.shown[-1]
    assert tone == "good" and payment.number in words() and action == "Print the receipt"
    print_it()
    assert navigator.went == [("payments", {"payment_id": payment.id, "receipt": True})]
    driver.page.activate(navigator.went[0][1])
    driver.settle()
    assert isinstance(driver.page.sheet, PaperSheet)


def test_an_order_brings_its_standing(desk: SaleDesk, open_payments: Open) -> None:
    order_id = desk.order().order_id
    driver = open_payments(receive_for=order_id)
    sheet = sheet_of(driver)
    assert sheet.form.value("kind") == "earnest_money" and sheet.form.editor("amount").focus_widget().hasFocus()
    assert driver.says("¥162,900.86", sheet) and driver.says("29,000.00", sheet)
    sheet.aside.fill.click()
    assert sheet.form.value("amount") == Decimal("29000.00")
    choose_kind(sheet, 3)
    assert sheet.aside.fill.text() == "Fill in 162,900.86"
    sheet.aside.fill.click()
    sheet.go.click()
    driver.settle()
    assert desk.read(get_payment_standing, order_id).state == "PAID"


def test_what_is_above_the_cap_is_said_before_and_after(
    desk: SaleDesk, open_payments: Open, notifications: Notes
) -> None:
    order_id = desk.order().order_id
    driver = open_payments(receive_for=order_id)
    sheet = sheet_of(driver)
    type_amount(driver, "35000")
    hint = sheet.form.cell("amount").message()
    assert hint.startswith("29,000.00 as earnest money (定金), 6,000.00 as an advance (订金)")
    choose_kind(sheet, 1)
    assert sheet.form.cell("amount").message() == ""
    assert "part of the price" in sheet.form.cell("kind").message()
    choose_kind(sheet, 0)
    sheet.go.click()
    driver.settle()
    posted = {payment.kind: payment.amount for payment in desk.read(list_payments)}
    assert posted == {"earnest_money": Decimal("29000.00"), "advance": Decimal("6000.00")}
    assert notifications.shown[-1][0]() == "6,000.00 is above 20 % and was posted as an advance."


def test_too_much_is_refused_beside_the_field(desk: SaleDesk, open_payments: Open) -> None:
    order_id = desk.order().order_id
    driver = open_payments(receive_for=order_id)
    sheet = sheet_of(driver)
    choose_kind(sheet, 3)
    type_amount(driver, "200000")
    sheet.go.click()
    driver.settle()
    assert sheet.form.problems() == {"amount": "Only ¥162,900.86 is outstanding. Receive at most that."}
    assert driver.page.sheet is sheet and desk.read(list_payments) == []


def test_money_of_the_future_is_refused(desk: SaleDesk, open_payments: Open) -> None:
    driver = open_payments(receive_for=desk.order().order_id)
    sheet = sheet_of(driver)
    type_amount(driver, "1000")
    sheet.form.set_value("received_at", desk.clock.now() + timedelta(hours=2))
    sheet.go.click()
    driver.settle()
    assert "received_at" in sheet.form.problems()


def test_money_received_elsewhere_is_seen_while_typing(desk: SaleDesk, open_payments: Open) -> None:
    order_id = desk.order().order_id
    driver = open_payments(receive_for=order_id)
    sheet = sheet_of(driver)
    desk.pay(order_id, "20000.00")
    driver.changed_elsewhere("payment")
    assert sheet.standing is not None and sheet.standing.outstanding == Decimal("142900.86")
    assert driver.says("¥142,900.86", sheet)


def test_only_open_orders_are_offered(desk: SaleDesk) -> None:
    paid, lost, open_order = desk.order().order_id, desk.order().order_id, desk.order().order_id
    desk.pay(paid, "162900.86", kind="balance")
    desk.lose_claim(lost)
    assert [choice.value for choice in desk.read(find_open_orders, "zw")] == [open_order]


def test_half_typed_entries_are_kept(desk: SaleDesk, open_payments: Open, drafts: MemoryDrafts) -> None:
    desk.order()
    driver = open_payments()
    driver.key(Qt.Key.Key_N, CTRL)
    type_amount(driver, "4321")
    driver.key(Qt.Key.Key_Escape)
    assert drafts.kept[DRAFT_KEY]["amount"] == "4321"


def test_confirmed_reconciled(desk: SaleDesk, open_payments: Open) -> None:
    payment_id = desk.pay(desk.order().order_id, "20000.00").payment_ids[0]
    driver = open_payments(payment_id=payment_id)
    assert driver.verbs()[0] == "Confirm the money"
    driver.page.table.setFocus()
    driver.key(Qt.Key.Key_G, CTRL)
    assert driver.says("Confirmed") and driver.verbs()[0] == "Reconcile"
    driver.key(Qt.Key.Key_T, CTRL)
    assert desk.read(get_payment, payment_id).state == "RECONCILED"
    assert {"payments.confirm", "payments.reconcile", "payments.reverse"}.isdisjoint(driver.possible())


def test_a_reversal_is_a_contra_entry_with_a_reason(desk: SaleDesk, open_payments: Open) -> None:
    payment_id = confirmed_payment(desk)
    driver = open_payments(payment_id=payment_id)
    driver.page.table.setFocus()
    driver.key(Qt.Key.Key_Delete)
    driver.answer()
    question = driver.page.question
    assert question is not None and "reason" in question.form.problems()
    driver.answer(reason="刷卡金额有误")
    contra, original = desk.read(list_payments)
    assert (original.state, contra.amount, contra.reason) == ("REVERSED", Decimal("-20000.00"), "刷卡金额有误")
    assert driver.says("Reversed") and driver.page.describe() == "Payments 2 of 2 payments"
    driver.select(contra.id)
    assert driver.says("Contra entry") and driver.says(original.number)
    assert driver.possible() == {"payments.receive", "payments.print", "payments.order", "payments.form"}


@pytest.mark.parametrize("actor", [Role.SALESPERSON], indirect=True)
def test_what_the_role_forbids_is_hidden_and_refused(desk: SaleDesk, open_payments: Open) -> None:
    payment_id = confirmed_payment(desk)
    driver = open_payments(payment_id=payment_id)
    assert {"payments.reverse", "payments.reconcile"}.isdisjoint(driver.possible())
    driver.page.run(ReversePayment(payment_id=payment_id, expected_revision=2, reason="x"))
    driver.settle()
    assert "does not allow this" in driver.page.messages.text()
    assert desk.read(get_payment, payment_id).state == "CONFIRMED"


def test_the_receipt_speaks_the_customer_s_language_or_the_other(
    desk: SaleDesk, open_payments: Open, tmp_path: Path
) -> None:
    payment_id = confirmed_payment(desk)
    driver = open_payments()
    driver.select(payment_id)
    driver.page.table.setFocus()
    driver.key(Qt.Key.Key_Return)
    sheet = driver.page.sheet
    assert isinstance(sheet, PaperSheet) and sheet.paper is not None and sheet.paper.language == "zh_CN"
    chinese = sheet.paper.content
    sheet.language.buttons()[1].click()
    driver.settle()
    assert sheet.paper.language == "en" and sheet.paper.content != chinese
    driver.key(Qt.Key.Key_P, CTRL)
    dialog = opened_dialog(sheet, driver.settle)
    print_into(dialog, tmp_path / "paper.pdf", driver.settle)
    assert [one.state for one in dialog.results] == ["sent"] and (tmp_path / "paper.pdf").exists()


def test_the_records_around_it_are_elsewhere(desk: SaleDesk, open_payments: Open, navigator: Travels) -> None:
    payment_id = confirmed_payment(desk)
    driver = open_payments(payment_id=payment_id)
    for line in driver.page.panel.findChildren(RecordLine):
        line.click()
    driver.run("payments.order")
    assert [page for page, _params in navigator.went] == ["orders", "customers", "orders"]


def test_an_empty_page_offers_the_first_payment(open_payments: Open) -> None:
    driver = open_payments()
    assert driver.says("No payments yet", driver.page)
    [button] = [each for each in driver.page.findChildren(Button) if each.text() == "Receive payment"][-1:]
    button.click()
    driver.settle()
    assert isinstance(driver.page.sheet, ReceiveSheet)


def test_everything_is_said_in_chinese(desk: SaleDesk, open_payments: Open) -> None:
    payment_id = confirmed_payment(desk)
    driver = open_payments(payment_id=payment_id)
    set_language("zh_CN")
    driver.settle()
    assert driver.page.describe() == "收款 1 / 1 笔收款"
    assert driver.says("定金：买方违约不予返还") and driver.says("定金余量")
    assert driver.verbs()[0] == "对账"
