"""Offers on the real database: found, shown with their lines, decided on, printed, turned into orders."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.modeltest import ModelTester

from app.kernel.permissions import Role
from app.orders.queries import get_order, list_orders
from app.quotations.commands import ApproveQuotation, FinanceTerms, PresentQuotation, ReviseQuotation
from app.quotations.queries import get_quotation
from app.runtime.language import set_language
from tests.app.sale_desk import SaleDesk
from tests.ui.printed_papers import opened_dialog, print_into
from tests.ui.record_pages import CTRL, Driver, unnamed_controls
from tests.ui.workplaces import Notes, Travels
from ui.kit import paper_sheet
from ui.kit.paper_sheet import PaperSheet

Open = Callable[..., Driver]
LOAN = FinanceTerms(
    method="equal_instalment", down_payment=Decimal("50000.00"), months=36, annual_rate=Decimal("0.045")
)
BELOW_FLOOR = Decimal("14500.00")


def low_offer(desk: SaleDesk) -> str:
    """The id of an offer below the floor that waits for a manager."""
    from app.quotations.commands import DraftQuotation

    command = DraftQuotation(
        customer_id=desk.customer.id, terms=desk.terms(discount=BELOW_FLOOR), approval_reason="同行报价更低"
    )
    return str(desk.do(command).quotation_id)


def test_it_lists_offers_and_filters_them(desk: SaleDesk, open_quotations: Open, qtmodeltester: ModelTester) -> None:
    first = desk.quote()
    theirs = desk.do(_draft_of(desk), desk.colleague)
    desk.do(PresentQuotation(quotation_id=first.quotation_id, expected_revision=1))
    driver = open_quotations()
    page = driver.page
    assert page.describe() == "Quotations 2 of 2 quotations"
    qtmodeltester.check(page.model)
    page.filters.set_values({"salesperson_id": [desk.seller.staff_id]}, silently=False)
    driver.settle()
    assert [row.id for row in page.model.rows] == [first.quotation_id]
    page.filters.set_values({"state": ["DRAFT"]}, silently=False)
    driver.settle()
    assert [row.id for row in page.model.rows] == [theirs.quotation_id]
    assert page.describe() == "Quotations 1 of 2 quotations"


def test_the_salesperson_chip_knows_the_colleagues(desk: SaleDesk, open_quotations: Open) -> None:
    driver = open_quotations()
    chip = driver.page.filters.chip("salesperson_id")
    labels = [option.label if isinstance(option.label, str) else option.label() for option in chip._options]
    assert labels[0] == "Mine" and "李强" in labels and desk.seller.name not in labels


def test_the_panel_itemises_with_sources_and_plan(desk: SaleDesk, open_quotations: Open) -> None:
    offer = desk.quote(finance=LOAN)
    driver = open_quotations()
    driver.select(offer.quotation_id)
    panel = driver.page.panel
    for text in ("Purchase tax", "150,000.00", "-5,000.00", "Car loan", "95,000.00", "36 months at 4.5 %", "2,825.96"):
        assert driver.says(text), text
    tax = next(label for label in panel.findChildren(QLabel) if label.text() == "Purchase tax")
    assert tax.toolTip().startswith("Source: ") and len(tax.toolTip()) > 12
    assert driver.verbs()[0] == "Turn into an order"
    assert unnamed_controls(driver.page) == []


def test_an_offer_below_the_floor_is_sent_for_approval(
    desk: SaleDesk, open_quotations: Open, notifications: Notes
) -> None:
    offer = desk.quote(discount=BELOW_FLOOR)
    driver = open_quotations()
    driver.select(offer.quotation_id)
    assert driver.says("Below the floor price")
    assert "quotations.convert" not in driver.possible()
    driver.run("quotations.request_approval")
    driver.answer(reason="")
    assert driver.page.question is not None and "reason" in driver.page.question.form.problems()
    driver.answer(reason="同行报价更低")
    assert driver.page.question is None
    assert desk.read(get_quotation, offer.quotation_id).row.state == "PENDING_APPROVAL"
    assert driver.says("Awaiting approval") and driver.says("同行报价更低")
    assert notifications.shown[-1][1] == "good"
    assert {"quotations.approve", "quotations.reject"}.isdisjoint(driver.possible())


@pytest.mark.parametrize("actor", [Role.BRANCH_MANAGER], indirect=True)
def test_a_manager_sees_the_gap_and_approves(desk: SaleDesk, open_quotations: Open) -> None:
    offer = low_offer(desk)
    driver = open_quotations(quotation_id=offer)
    assert driver.says("Below the floor by") and driver.says("3,500.00")
    assert driver.verbs()[:2] == ["Approve", "Reject"]
    driver.key(Qt.Key.Key_G, CTRL)
    driver.answer(note="仅此一台")
    detail = desk.read(get_quotation, offer)
    assert (detail.row.state, detail.decided_by, detail.decision_note) == ("APPROVED", "赵敏", "仅此一台")
    assert driver.says("赵敏")


@pytest.mark.parametrize("actor", [Role.BRANCH_MANAGER], indirect=True)
def test_a_manager_rejects_only_with_a_reason(desk: SaleDesk, open_quotations: Open) -> None:
    offer = low_offer(desk)
    driver = open_quotations(quotation_id=offer)
    driver.run("quotations.reject")
    driver.answer()
    assert desk.read(get_quotation, offer).row.state == "PENDING_APPROVAL"
    driver.answer(reason="最多优惠一万一")
    assert desk.read(get_quotation, offer).row.state == "REJECTED"
    assert driver.says("最多优惠一万一")


@pytest.mark.parametrize("actor", [Role.BRANCH_MANAGER], indirect=True)
def test_nobody_decides_on_an_offer_of_their_own(desk: SaleDesk, open_quotations: Open) -> None:
    own = desk.do(_draft_of(desk, discount=BELOW_FLOOR, reason="老客户"), desk.manager).quotation_id
    driver = open_quotations(quotation_id=own)
    assert {"quotations.approve", "quotations.reject"}.isdisjoint(driver.possible())
    driver.page.run(ApproveQuotation(quotation_id=own, expected_revision=driver.page.record.row.revision))
    driver.settle()
    assert driver.page.messages.text().startswith("Nobody decides on an offer of their own")


def test_what_the_role_forbids_is_hidden_and_refused(desk: SaleDesk, open_quotations: Open) -> None:
    offer = low_offer(desk)
    driver = open_quotations(quotation_id=offer)
    assert not driver.run("quotations.approve")
    driver.page.run(ApproveQuotation(quotation_id=offer, expected_revision=1))
    driver.settle()
    assert "does not allow this" in driver.page.messages.text()
    assert desk.read(get_quotation, offer).row.state == "PENDING_APPROVAL"


def test_presented_accepted_lost(desk: SaleDesk, open_quotations: Open) -> None:
    offer = desk.quote()
    driver = open_quotations(quotation_id=offer.quotation_id)
    driver.run("quotations.present")
    assert driver.says("Presented")
    driver.run("quotations.accept")
    assert desk.read(get_quotation, offer.quotation_id).row.state == "ACCEPTED"
    driver.page.table.setFocus()
    driver.key(Qt.Key.Key_Delete)
    driver.answer(reason="买了竞品")
    detail = desk.read(get_quotation, offer.quotation_id)
    assert (detail.row.state, detail.decision_note) == ("LOST", "买了竞品")
    assert driver.says("Lost because") and driver.possible() == {"quotations.new", "quotations.print"}


def test_an_order_by_keyboard_alone(desk: SaleDesk, open_quotations: Open, navigator: Travels) -> None:
    desk.quote()
    driver = open_quotations()
    driver.key(Qt.Key.Key_Down)
    driver.key(Qt.Key.Key_O, CTRL)
    question = driver.page.question
    assert question is not None
    driver.qtbot.keyClicks(question.form.editor("planned_delivery").focus_widget(), "+14")
    driver.key(Qt.Key.Key_Return)
    order = desk.read(list_orders)[0]
    assert navigator.went == [("sale", {"order_id": order.id})]
    wanted = desk.clock.now().date() + timedelta(days=14)
    assert desk.read(get_order, order.id).row.planned_delivery_on == date(wanted.year, wanted.month, wanted.day)


def test_a_unit_sold_meanwhile_is_said_and_nothing_is_lost(
    desk: SaleDesk, open_quotations: Open, navigator: Travels
) -> None:
    unit = desk.unit()
    offer = desk.quote(unit)
    desk.order(unit)
    driver = open_quotations(quotation_id=offer.quotation_id)
    driver.run("quotations.convert")
    driver.answer()
    assert "already sold on order" in driver.page.messages.text()
    assert driver.page.question is not None and navigator.went == []
    driver.key(Qt.Key.Key_Escape)
    assert driver.page.question is None and driver.page.panel.isVisible()


def test_it_is_seen_in_either_language_before_it_is_printed(
    desk: SaleDesk, open_quotations: Open, tmp_path: Path
) -> None:
    offer = desk.quote()
    driver = open_quotations(quotation_id=offer.quotation_id)
    driver.page.table.setFocus()
    driver.key(Qt.Key.Key_P, CTRL)
    sheet = driver.page.sheet
    assert isinstance(sheet, PaperSheet) and sheet.paper is not None
    assert sheet.language.value() == "zh_CN" and sheet.view.page_count() == 1
    chinese = sheet.paper.content
    sheet.language.buttons()[1].click()
    driver.settle()
    assert sheet.paper.language == "en" and sheet.paper.content != chinese
    driver.key(Qt.Key.Key_P, CTRL)
    dialog = opened_dialog(sheet, driver.settle)
    print_into(dialog, tmp_path / "paper.pdf", driver.settle)
    assert [one.state for one in dialog.results] == ["sent"] and (tmp_path / "paper.pdf").exists()
    driver.page.window().activateWindow()
    driver.settle()
    driver.key(Qt.Key.Key_Escape)
    assert driver.page.sheet is None and driver.page.panel.isVisible()


def test_it_is_saved_whole(desk: SaleDesk, open_quotations: Open, tmp_path: Any, notifications: Notes) -> None:
    offer = desk.quote()
    driver = open_quotations(quotation_id=offer.quotation_id)
    driver.run("quotations.print")
    sheet = driver.page.sheet
    assert isinstance(sheet, PaperSheet) and sheet.paper is not None
    paper_sheet.write_pdf(sheet, driver.context, sheet.paper.content, tmp_path / "offer.pdf")
    driver.settle()
    assert (tmp_path / "offer.pdf").read_bytes() == sheet.paper.content
    assert notifications.shown[-1][0]() == "Saved as offer.pdf"


def test_a_version_that_was_replaced_is_shown_by_its_id(desk: SaleDesk, open_quotations: Open) -> None:
    old = desk.quote()
    terms = desk.read(get_quotation, old.quotation_id).terms
    new = desk.do(ReviseQuotation(quotation_id=old.quotation_id, expected_revision=1, terms=terms))
    driver = open_quotations(quotation_id=old.quotation_id)
    assert driver.page.model.line_of(old.quotation_id) < 0
    assert driver.page.panel.isVisible() and driver.says("Superseded")
    driver.page.activate({"quotation_id": new.quotation_id})
    driver.settle()
    assert driver.page.table.current_row().id == new.quotation_id and driver.says("The version before")


def test_revising_and_the_records_around_it_are_elsewhere(
    desk: SaleDesk, open_quotations: Open, navigator: Travels
) -> None:
    offer = desk.quote()
    driver = open_quotations(quotation_id=offer.quotation_id)
    driver.run("quotations.revise")
    page, params = navigator.went[-1]
    assert page == "sale" and params["quotation_id"] == offer.quotation_id
    from ui.kit.record_line import RecordLine

    for line in driver.page.panel.findChildren(RecordLine):
        line.click()
    assert [page for page, _params in navigator.went[1:]] == ["vehicles", "customers"]


def test_a_decision_elsewhere_shows_at_once(desk: SaleDesk, open_quotations: Open) -> None:
    offer = low_offer(desk)
    driver = open_quotations(quotation_id=offer)
    desk.do(ApproveQuotation(quotation_id=offer, expected_revision=1), desk.manager)
    driver.changed_elsewhere("quotation")
    assert driver.says("Approved") and "quotations.convert" in driver.possible()


def test_what_is_being_typed_survives_a_change_elsewhere(desk: SaleDesk, open_quotations: Open) -> None:
    offer = desk.quote()
    driver = open_quotations(quotation_id=offer.quotation_id)
    driver.run("quotations.lose")
    question = driver.page.question
    assert question is not None
    question.form.set_value("reason", "价格")
    driver.changed_elsewhere("quotation")
    assert driver.page.question is question and question.form.value("reason") == "价格"


def test_an_empty_page_says_what_to_do(open_quotations: Open, navigator: Travels) -> None:
    driver = open_quotations()
    assert driver.says("No quotations yet", driver.page)
    from ui.kit.controls import Button

    begin = [button for button in driver.page.findChildren(Button) if button.text() == "Begin a sale"]
    begin[-1].click()
    assert navigator.went == [("sale", {})]


def test_everything_is_said_in_chinese(desk: SaleDesk, open_quotations: Open) -> None:
    offer = desk.quote(finance=LOAN)
    driver = open_quotations(quotation_id=offer.quotation_id)
    set_language("zh_CN")
    driver.settle()
    assert driver.page.describe() == "报价单 1 / 1 份报价单"
    assert driver.says("购车贷款") and driver.says("36 个月，年利率 4.5%")
    assert driver.verbs()[0] == "转为订单"


def _draft_of(desk: SaleDesk, *, reason: str = "", **changes: Any) -> Any:
    from app.quotations.commands import DraftQuotation

    return DraftQuotation(customer_id=desk.customer.id, terms=desk.terms(**changes), approval_reason=reason)
