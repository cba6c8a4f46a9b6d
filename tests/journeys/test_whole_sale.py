"""The whole sale through the real window: with mouse and keyboard, with the keyboard alone, and across a crash."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.contracts.checking import verify_file
from app.contracts.queries import contract_document
from app.kernel.permissions import Role
from app.orders.queries import get_order
from app.payments.queries import list_payments
from app.quotations.commands import ApproveQuotation, DraftQuotation
from app.quotations.queries import get_quotation
from app.runtime.language import set_language
from app.tour.guided_sale import SIGNATURES, main_window, sell, sign_in
from app.tour.hands import Hands
from app.wiring.start import Application
from tests.factories.people import PASSWORD, actor_of, staff_of
from ui.sales.sale_page import SalePage
from ui.sales.sale_state import Step

CLICK_BUDGET = 12


def at_the_desk(application: Application, hands: Hands, login: str = "wangfang") -> None:
    sign_in(application, hands, login=login, password=PASSWORD)


def sale_page(application: Application) -> SalePage:
    page = main_window(application).pages.current_page
    assert isinstance(page, SalePage)
    return page


def test_from_the_vehicle_to_the_sealed_contract(start_application: Callable[..., Application], hands: Hands) -> None:
    application = start_application()
    at_the_desk(application, hands)
    before = hands.clicks
    page = sell(main_window(application), hands, customer="wxm")
    assert hands.clicks - before <= CLICK_BUDGET
    assert page.done.report is not None and page.done.report.intact

    desk = application.desk
    order = desk.read(get_order, page.state.order_id)
    assert order.row.customer_name == "王小明"
    assert order.row.claim_state == "provisional"
    assert [payment.kind for payment in desk.read(list_payments, order_id=order.row.id)] == ["earnest_money"]
    sealed = desk.read(contract_document, page.state.contract_id).content
    assert sealed.startswith(b"%PDF")
    middle = len(sealed) // 2
    tampered = sealed[:middle] + bytes([sealed[middle] ^ 1]) + sealed[middle + 1 :]
    assert not desk.read(verify_file, tampered).intact
    with desk.database.read() as session:
        run = session.connection().exec_driver_sql
        assert run("SELECT count(*) FROM outbox_operation WHERE kind = 'claim'").scalar_one() >= 1
        assert run("SELECT allocation_state FROM vehicle_unit WHERE order_id = ?", (order.row.id,)).scalar_one() == (
            "ALLOCATED"
        )


def test_with_the_keyboard_alone(start_application: Callable[..., Application], hands: Hands) -> None:
    application = start_application()
    at_the_desk(application, hands)
    page = sale_page(application)
    hands.wait(lambda: page.units.picker.model.rows, "vehicles are listed")
    hands.press(Qt.Key.Key_Return, on=page.units.picker.search)
    hands.wait(lambda: page.state.step == Step.CUSTOMER and page.customers.picker.model.rows, "customers are listed")
    hands.press(Qt.Key.Key_Return, on=page.customers.picker.search)
    hands.wait(lambda: page.state.step == Step.OFFER and page.offer.preview, "the offer is calculated")
    hands.press(Qt.Key.Key_Return, control=True)
    hands.wait(lambda: page.state.step == Step.PAYMENT, "the order is placed")
    hands.type("8000")
    hands.press(Qt.Key.Key_Return, control=True)
    hands.wait(lambda: page.state.step == Step.CONTRACT and page.contract.go.isEnabled(), "the contract is drafted")
    hands.press(Qt.Key.Key_Return, control=True)
    for party in ("buyer", "dealer"):
        hands.wait(lambda party=party: page.signing.ready_for(party), f"the {party} can sign")
        for _box in page.signing.clauses.boxes if party == "buyer" else ():
            hands.press(Qt.Key.Key_Space)
        _sign_with_arrows(page, hands)
        hands.press(Qt.Key.Key_Return, control=True)
    hands.wait(lambda: page.state.step == Step.DONE and page.done.report, "the sealed contract is checked")
    assert page.done.report is not None and page.done.report.intact
    assert hands.clicks == 0


def _sign_with_arrows(page: SalePage, hands: Hands) -> None:
    pad = page.signing.pad
    pad.setFocus()
    hands.press(Qt.Key.Key_Space, on=pad)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Up) * 6:
        hands.press(key, on=pad)
    hands.press(Qt.Key.Key_Space, on=pad)
    assert not pad.is_empty()


def test_language_and_theme_change_in_the_middle_of_a_sale(
    start_application: Callable[..., Application], hands: Hands
) -> None:
    application = start_application()
    at_the_desk(application, hands)
    page = sale_page(application)
    hands.wait(lambda: page.units.picker.model.rows, "vehicles are listed")
    hands.press(Qt.Key.Key_Return, on=page.units.picker.search)
    hands.wait(lambda: page.state.step == Step.CUSTOMER, "the vehicle is held")
    set_language("zh_CN")
    hands.settle()
    assert page.title and main_window(application).windowTitle().startswith("新销售")
    assert page.state.step == Step.CUSTOMER
    set_language("en")
    hands.settle()
    assert main_window(application).windowTitle().startswith("New sale")


def test_a_sale_left_unfinished_is_offered_again(
    start_application: Callable[..., Application], hands: Hands, qapp: QApplication
) -> None:
    application = start_application()
    at_the_desk(application, hands)
    page = sale_page(application)
    hands.wait(lambda: page.units.picker.model.rows, "vehicles are listed")
    hands.press(Qt.Key.Key_Return, on=page.units.picker.search)
    hands.wait(lambda: page.state.step == Step.CUSTOMER, "the vehicle is held")
    unit_id = page.state.vehicle_unit_id
    hands.settle(0.5)
    main_window(application).pages.close_all()  # what a crash leaves: rows and drafts, no page
    main_window(application).pages.open("sale")
    again = sale_page(application)
    assert again is not page
    hands.wait(lambda: again.messages.text(), "the unfinished sale is offered")
    again.messages._run_action()
    hands.wait(lambda: again.state.vehicle_unit_id == unit_id, "the sale goes on with its vehicle")
    hands.wait(lambda: again.customers.picker.model.rows, "customers are listed")


def test_signature_strokes_are_drawn_inside_the_pad() -> None:
    for strokes in SIGNATURES.values():
        assert all(0 < x < 372 and 0 < y < 140 for stroke in strokes for x, y in stroke)


def _offer_below_the_floor(page: SalePage, hands: Hands) -> None:
    _choose_first(page, hands)
    hands.type("30000", into=page.offer.form.editor("discount").focus_widget())
    hands.wait(
        lambda: page.offer.preview is not None and page.offer.preview.below_floor, "the price is below the floor"
    )
    page.offer.form.set_value("approval_reason", "老客户置换")
    hands.click(page.offer.go)
    hands.wait(lambda: page.offer.waiting, "the offer waits for the manager")


def _approve_as_manager(application: Application, page: SalePage) -> None:
    quotation = application.desk.read(get_quotation, page.state.quotation_id)
    command = ApproveQuotation(quotation_id=quotation.row.id, expected_revision=quotation.row.revision)
    outcome = application.desk.dispatcher.execute(command, actor_of(staff_of(Role.BRANCH_MANAGER)))
    application.operations.publish(outcome.changes)


def test_a_price_below_the_floor_waits_for_a_manager(
    start_application: Callable[..., Application], hands: Hands
) -> None:
    application = start_application()
    at_the_desk(application, hands)
    page = sale_page(application)
    _offer_below_the_floor(page, hands)
    _approve_as_manager(application, page)
    hands.wait(lambda: page.offer.approved, "the approval is seen")
    hands.click(page.offer.go)
    hands.wait(lambda: page.state.step == Step.PAYMENT, "the order is placed")
    order = application.desk.read(get_order, page.state.order_id)
    assert order.quotation_id == page.state.quotation_id


def test_an_offer_approved_while_the_page_was_closed_is_taken_up_with_its_terms(
    start_application: Callable[..., Application], hands: Hands
) -> None:
    application = start_application()
    at_the_desk(application, hands)
    page = sale_page(application)
    _offer_below_the_floor(page, hands)
    terms = page.offer.terms()
    hands.settle(0.5)
    main_window(application).pages.close_all()
    _approve_as_manager(application, page)
    main_window(application).pages.open("sale")
    again = sale_page(application)
    hands.wait(lambda: again.messages.text(), "the unfinished sale is offered")
    again.messages._run_action()
    hands.wait(lambda: again.offer.approved, "the approval is seen")
    assert again.offer.terms().discount == terms.discount
    hands.click(again.offer.go)
    hands.wait(lambda: again.state.step == Step.PAYMENT, "the order is placed")


def test_an_order_is_taken_up_where_it_stands(start_application: Callable[..., Application], hands: Hands) -> None:
    application = start_application()
    at_the_desk(application, hands)
    page = sale_page(application)
    _choose_first(page, hands)
    hands.click(page.offer.go)
    hands.wait(lambda: page.state.step == Step.PAYMENT, "the order is placed")
    order_id = page.state.order_id
    hands.type("6000", into=page.payment.form.editor("amount").focus_widget())
    hands.click(page.payment.go)
    hands.wait(lambda: page.state.step == Step.CONTRACT and page.contract.go.isEnabled(), "the contract is drafted")
    hands.click(page.contract.go)
    hands.wait(lambda: page.signing.ready_for("buyer"), "the contract is locked")
    contract_id = page.state.contract_id
    window = main_window(application)
    window.pages.close_all()
    window.pages.open("sale", order_id=order_id)
    again = sale_page(application)
    hands.wait(lambda: again.state.step == Step.SIGNING and again.signing.ready_for("buyer"), "signing goes on")
    assert again.state.contract_id == contract_id


def test_a_quotation_is_revised_with_its_terms(start_application: Callable[..., Application], hands: Hands) -> None:
    application = start_application()
    at_the_desk(application, hands)
    page = sale_page(application)
    _choose_first(page, hands)
    terms = replace(page.offer.terms(), discount=Decimal("1500.00"))
    draft = DraftQuotation(customer_id=page.state.customer_id, terms=terms)
    drafted = application.desk.dispatcher.execute(draft, application.desk.actor).value
    window = main_window(application)
    unit_id, customer_id = page.state.vehicle_unit_id, page.state.customer_id
    window.pages.open("sale", quotation_id=drafted.quotation_id, vehicle_unit_id=unit_id, customer_id=customer_id)
    hands.wait(lambda: page.offer.form.value("discount") == Decimal("1500.00"), "the offer's terms are shown")
    page.offer.form.set_value("discount", Decimal("2500.00"))
    page.offer.refresh_preview()
    hands.click(page.offer.go)
    hands.wait(lambda: page.state.step == Step.PAYMENT, "the order is placed")
    order = application.desk.read(get_order, page.state.order_id)
    quotation = application.desk.read(get_quotation, order.quotation_id)
    assert (quotation.row.version_number, quotation.discount) == (2, Decimal("2500.00"))


def _choose_first(page: SalePage, hands: Hands) -> None:
    hands.wait(lambda: page.units.picker.model.rows, "vehicles are listed")
    hands.press(Qt.Key.Key_Return, on=page.units.picker.search)
    hands.wait(lambda: page.state.step == Step.CUSTOMER and page.customers.picker.model.rows, "customers are listed")
    hands.press(Qt.Key.Key_Return, on=page.customers.picker.search)
    hands.wait(lambda: page.state.step == Step.OFFER and page.offer.preview, "the offer is calculated")
