"""Orders on the real database: states, money and history in sight; reviews, delivery day, cancellation."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.modeltest import ModelTester

from app.kernel.permissions import Role
from app.orders.commands import CancelOrder, ConfirmOrder
from app.orders.queries import get_order
from app.quotations.commands import FinanceTerms
from app.runtime.language import set_language
from app.tasks.queries import list_tasks
from db.models.orders import SalesOrder
from tests.app.sale_desk import SaleDesk
from tests.factories.people import HANGZHOU
from tests.ui.record_pages import CTRL, Driver, unnamed_controls
from tests.ui.workplaces import Notes, Travels
from ui.kit.controls import Button
from ui.kit.disclosure import Disclosure
from ui.kit.figure_lines import FigureLines
from ui.kit.record_line import RecordLine
from ui.orders.timeline import Timeline

Open = Callable[..., Driver]
LOAN = FinanceTerms(
    method="equal_instalment", down_payment=Decimal("50000.00"), months=36, annual_rate=Decimal("0.045")
)


def test_it_lists_orders_by_state_claim_and_payment(
    desk: SaleDesk, open_orders: Open, qtmodeltester: ModelTester
) -> None:
    paid, plain = desk.paid_order(), desk.order().order_id
    desk.change(SalesOrder, plain, claim_state="confirmed")
    driver = open_orders()
    page = driver.page
    assert page.describe() == "Orders 2 of 2 orders"
    qtmodeltester.check(page.model)
    for filters, expected in (
        ({"payment_state": ["PARTIAL"]}, [paid]),
        ({"claim_state": ["confirmed"]}, [plain]),
        ({"state": ["CANCELLED"]}, []),
        ({"branch_id": [HANGZHOU.id]}, []),
        ({"branch_id": [desk.seller.branch_id]}, [plain, paid]),
        ({"salesperson_id": [desk.seller.staff_id]}, [plain, paid]),
    ):
        page.filters.set_values(filters, silently=False)
        driver.settle()
        assert [row.id for row in page.model.rows] == expected, filters
    words = [page.model.index(line, 3).data(0) for line in range(2)]
    assert words == ["Confirmed", "Provisional"]


def test_the_panel_shows_money_records_and_history(desk: SaleDesk, open_orders: Open, navigator: Travels) -> None:
    order_id = desk.order(finance=LOAN).order_id
    desk.pay(order_id, "20000.00")
    driver = open_orders(order_id=order_id)
    panel = driver.page.panel
    assert driver.says("¥142,900.86") and driver.says("20,000.00 of 162,900.86 received")
    assert driver.says("Provisional until the centre confirms the vehicle") and driver.says("Partly paid")
    timeline = panel.findChild(Timeline)
    assert timeline is not None
    said = [event.what() if callable(event.what) else event.what for event in timeline.events]
    assert said[0].startswith("Ordered as SH01-D01-SO-") and said[1] == "Earnest money (定金) 20,000.00"
    assert said[-1] == "Delivery planned" and timeline.events[-1].ahead
    lines = next(part for part in panel.findChildren(Disclosure) if part.content() is None)
    lines.handle.click()
    assert ("On-road total", "162,900.86") in panel.findChildren(FigureLines)[-1].texts()
    assert driver.says("Equal instalments: 36 months of 2,825.96, 4.5 % a year")
    for line in panel.findChildren(RecordLine):
        line.click()
    assert [page for page, _params in navigator.went] == ["vehicles", "customers", "quotations", "payments"]
    assert unnamed_controls(driver.page) == []


def test_return_goes_on_with_the_sale_and_money_is_received_elsewhere(
    desk: SaleDesk, open_orders: Open, navigator: Travels
) -> None:
    order_id = desk.order().order_id
    driver = open_orders()
    driver.key(Qt.Key.Key_Down)
    driver.key(Qt.Key.Key_Return)
    driver.key(Qt.Key.Key_T, CTRL)
    driver.key(Qt.Key.Key_O, CTRL)
    assert navigator.went == [
        ("sale", {"order_id": order_id}),
        ("payments", {"receive_for": order_id}),
        ("sale", {"order_id": order_id}),
    ]


def test_a_paid_order_takes_no_more_money(desk: SaleDesk, open_orders: Open) -> None:
    order_id = desk.order().order_id
    desk.pay(order_id, "162900.86", kind="balance")
    driver = open_orders(order_id=order_id)
    assert driver.says("¥0.00") and "orders.receive" not in driver.possible()


def test_the_day_of_delivery_is_set_and_taken_back(desk: SaleDesk, open_orders: Open) -> None:
    order_id = desk.order().order_id
    driver = open_orders(order_id=order_id)
    driver.page.table.setFocus()
    driver.key(Qt.Key.Key_F2)
    question = driver.page.question
    assert question is not None and question.form.value("planned_delivery") == "2026-12-06"
    driver.answer(planned_delivery="2026-12-20")
    assert desk.read(get_order, order_id).row.planned_delivery_on == date(2026, 12, 20)
    step = driver.context.operations.undo_step
    assert step is not None and callable(step.name) and step.name().startswith("Plan the delivery of SH01")
    driver.context.operations.undo(driver.page)
    driver.settle()
    assert desk.read(get_order, order_id).row.planned_delivery_on == date(2026, 12, 6)
    assert driver.says("2026-12-06")


def test_a_day_that_has_passed_is_said_beside_the_field(desk: SaleDesk, open_orders: Open) -> None:
    order_id = desk.order().order_id
    driver = open_orders(order_id=order_id)
    driver.run("orders.plan_delivery")
    driver.answer(planned_delivery="2026-11-01")
    question = driver.page.question
    assert question is not None and "planned_delivery" in question.form.problems()


@pytest.mark.parametrize("actor", [Role.BRANCH_MANAGER], indirect=True)
def test_a_cancellation_says_what_becomes_of_the_money(desk: SaleDesk, open_orders: Open, notifications: Notes) -> None:
    order_id = desk.paid_order()
    driver = open_orders(order_id=order_id)
    driver.page.table.setFocus()
    driver.key(Qt.Key.Key_Delete)
    question = driver.page.question
    assert question is not None
    assert driver.says("20,000.00 goes back to the customer")
    for segment, words in ((1, "20,000.00 of earnest money stays here, 0.00 goes back"), (2, "40,000.00 goes to the")):
        _choose(driver, segment)
        assert driver.says(words), words
    driver.answer()
    assert "reason" in question.form.problems()
    driver.answer(reason="车辆运损")
    detail = desk.read(get_order, order_id)
    assert (detail.row.state, detail.cancel_reason) == ("CANCELLED", "车辆运损")
    assert driver.says("Cancelled: 车辆运损")
    tasks = desk.read(list_tasks, actor=desk.cashier)
    assert any(task.kind == "return_payment" for task in tasks)


def _choose(driver: Driver, segment: int) -> None:
    question = driver.page.question
    assert question is not None
    question.form.editor("defaulting").findChildren(QPushButton)[segment].click()


@pytest.mark.parametrize("actor", [Role.BRANCH_MANAGER], indirect=True)
def test_a_signed_contract_keeps_an_order_from_being_cancelled(desk: SaleDesk, open_orders: Open) -> None:
    order_id = desk.paid_order()
    contract_id = desk.locked_contract(order_id)
    desk.do(desk.signature(contract_id, "buyer"))
    driver = open_orders(order_id=order_id)
    driver.run("orders.cancel")
    driver.answer(reason="改主意")
    assert "is signed. Void it first" in driver.page.messages.text()
    assert desk.read(get_order, order_id).row.state == "CONFIRMED"


def test_what_the_role_forbids_is_hidden_and_refused(desk: SaleDesk, open_orders: Open) -> None:
    order_id = desk.order().order_id
    driver = open_orders(order_id=order_id)
    assert {"orders.cancel", "orders.confirm", "orders.return", "orders.resolve"}.isdisjoint(driver.possible())
    driver.page.run(CancelOrder(order_id=order_id, expected_revision=1, reason="x"))
    driver.settle()
    assert "does not allow this" in driver.page.messages.text()
    assert desk.read(get_order, order_id).row.state == "CONFIRMED"


@pytest.mark.parametrize("actor", [Role.CASHIER], indirect=True)
def test_a_cashier_receives_but_does_not_sell(desk: SaleDesk, open_orders: Open) -> None:
    order_id = desk.order().order_id
    driver = open_orders(order_id=order_id)
    assert driver.verbs() == ["Receive payment"]
    assert driver.page.header_button("orders.new") is None


@pytest.mark.parametrize("actor", [Role.BRANCH_MANAGER], indirect=True)
def test_a_review_is_passed_or_sent_back(desk: SaleDesk, open_orders: Open) -> None:
    order_id = desk.order().order_id
    desk.change(SalesOrder, order_id, state="MANAGER_REVIEW")
    driver = open_orders(order_id=order_id)
    driver.run("orders.return")
    driver.answer(reason="缺上牌材料")
    assert desk.read(get_order, order_id).row.state == "DRAFT"
    desk.change(SalesOrder, order_id, state="MANAGER_REVIEW")
    driver.changed_elsewhere("sales_order")
    driver.run("orders.confirm")
    assert desk.read(get_order, order_id).row.state == "CONFIRMED"
    assert driver.says("Confirmed")


def test_a_returned_order_is_submitted_again(desk: SaleDesk, open_orders: Open) -> None:
    order_id = desk.order().order_id
    desk.change(SalesOrder, order_id, state="DRAFT")
    driver = open_orders(order_id=order_id)
    driver.run("orders.submit")
    assert desk.read(get_order, order_id).row.state == "CONFIRMED"


@pytest.mark.parametrize("actor", [Role.BRANCH_MANAGER], indirect=True)
def test_nobody_reviews_an_order_of_their_own(desk: SaleDesk, open_orders: Open) -> None:
    order_id = desk.order().order_id
    desk.change(SalesOrder, order_id, state="MANAGER_REVIEW", salesperson_id=desk.manager.staff_id)
    driver = open_orders(order_id=order_id)
    assert {"orders.confirm", "orders.return"}.isdisjoint(driver.possible())
    driver.page.run(ConfirmOrder(order_id=order_id, expected_revision=driver.page.record.row.revision))
    driver.settle()
    assert driver.page.messages.text().startswith("Nobody reviews an order of their own")


def test_the_centre_s_word_arrives_while_the_page_is_open(desk: SaleDesk, open_orders: Open) -> None:
    order_id = desk.order().order_id
    driver = open_orders(order_id=order_id)
    desk.change(SalesOrder, order_id, claim_state="confirmed", final_number="SO-2026-004711")
    driver.changed_elsewhere("sales_order")
    assert driver.says("The centre has confirmed the vehicle") and driver.says("SO-2026-004711")
    assert driver.page.table.current_row().number == "SO-2026-004711"


def test_a_closed_panel_stays_closed_when_something_changes(desk: SaleDesk, open_orders: Open) -> None:
    order_id = desk.order().order_id
    driver = open_orders(order_id=order_id)
    driver.key(Qt.Key.Key_Escape)
    assert not driver.page.panel.isVisible() and driver.possible() == {"orders.new"}
    driver.changed_elsewhere("sales_order")
    assert not driver.page.panel.isVisible()
    driver.key(Qt.Key.Key_D, CTRL)
    assert driver.page.panel.isVisible()


def test_an_empty_page_says_what_to_do(open_orders: Open, navigator: Travels) -> None:
    driver = open_orders()
    assert driver.says("No orders yet", driver.page)
    [begin] = [button for button in driver.page.findChildren(Button) if button.text() == "Begin a sale"][-1:]
    begin.click()
    assert navigator.went == [("sale", {})]


def test_everything_is_said_in_chinese(desk: SaleDesk, open_orders: Open) -> None:
    order_id = desk.paid_order()
    driver = open_orders(order_id=order_id)
    set_language("zh_CN")
    driver.settle()
    assert driver.page.describe() == "订单 1 / 1 个订单"
    assert driver.says("暂定，待中心确认车辆") and driver.says("已收 20,000.00 / 162,900.86")
    assert driver.verbs()[:2] == ["继续办理", "收款入账"]
