"""The page of one document: it opens where the document stands, and follows what happens to it elsewhere."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel

from app.contracts.commands import DeclineContract, LockContract
from app.contracts.documents.commands import DraftDocument
from app.contracts.paper.samples import ENTRIES
from app.contracts.queries import get_contract
from app.kernel.changes import Changes
from app.kernel.permissions import Role
from app.runtime.language import CHINESE, ENGLISH, set_language
from db.models.contracts import Contract
from db.models.customers import Customer
from tests.app.sale_desk import SaleDesk
from tests.ui.record_pages import Settle, Show
from tests.ui.workplaces import Notes, Travels
from ui.contracts.document_page import DocumentPage, Step
from ui.kit.context import PageContext

Open = Callable[..., DocumentPage]
pytestmark = pytest.mark.parametrize("actor", [Role.SERVICE_ADVISOR], indirect=True)


@pytest.fixture
def open_page(context: PageContext, show: Show, settle: Settle) -> Open:
    def opened(**params: Any) -> DocumentPage:
        page = DocumentPage(context)
        show(page, 1072, 768)
        context.operations.changes_published.connect(page.on_changes)
        page.activate(params)
        settle()
        return page

    return opened


@pytest.fixture
def advisor(desk: SaleDesk) -> Any:
    """刘洋, with whose permissions the workshop's documents are made."""
    from tests.factories.people import actor_of, staff_of

    return actor_of(staff_of(Role.SERVICE_ADVISOR))


def drafted(desk: SaleDesk, advisor: Any) -> str:
    vehicle = desk.records.customer_vehicle(desk.customer, plate="沪A12345")
    command = DraftDocument(
        kind="repair_authorisation", customer_vehicle_id=vehicle.id, entries=ENTRIES["repair_authorisation"]
    )
    return str(desk.do(command, advisor).contract_id)


def locked(desk: SaleDesk, advisor: Any) -> str:
    contract_id = drafted(desk, advisor)
    detail = desk.read(get_contract, contract_id, actor=advisor)
    desk.do(
        LockContract(
            contract_id=contract_id, expected_revision=detail.row.revision, shown_digest=detail.shown_digest
        ), advisor,
    )  # fmt: skip
    return contract_id


def test_without_a_document_it_says_where_to_find_one(
    desk: SaleDesk, open_page: Open, navigator: Travels, settle: Settle
) -> None:
    page = open_page()
    assert any("No document in hand" in label.text() for label in page.findChildren(QLabel) if label.isVisible())
    page._leave()
    assert navigator.went == [("contracts", {})]
    page.activate({"document_id": "0" * 32})
    settle()
    assert page.document_id == "" and not page.stepper.isVisible(), "one that is not there"


def test_it_opens_where_the_document_stands(desk: SaleDesk, open_page: Open, advisor: Any, settle: Settle) -> None:
    contract_id = drafted(desk, advisor)
    page = open_page(document_id=contract_id)
    assert page.step == Step.READING and page.reading.go.isEnabled() and page.stepper.entry("reading").isEnabled()
    assert not page.stepper.entry("signing").isEnabled() and "Repair Authorisation" in page._title.text()
    page.reading.go.click()
    settle()
    assert desk.row(Contract, contract_id).state == "LOCKED"
    assert page.step == Step.SIGNING and page.signing.ready_for("customer")
    desk.do(desk.signature(contract_id, "customer"), advisor)
    other = drafted(desk, advisor)
    page.activate({"document_id": other})
    settle()
    assert (page.step, page.reading.document.contract_id) == (Step.READING, other)
    page.activate({"document_id": contract_id})
    settle()
    assert page.step == Step.SIGNING and page.signing.ready_for("dealer")


def test_a_draft_is_changed_in_the_form_or_left_as_it_is(
    desk: SaleDesk, open_page: Open, advisor: Any, settle: Settle
) -> None:
    contract_id = drafted(desk, advisor)
    page = open_page(document_id=contract_id, form=True)
    assert page.step == Step.FORM and page.form is not None and not page.stepper.isVisible()
    page.form.form.set_value("fault", "空调不制冷")
    page.context.operations.publish(Changes({"contract": frozenset({contract_id})}), None)
    settle()
    assert page.step == Step.FORM, "what is typed stays in front"
    page.form.draft()
    settle()
    assert page.step == Step.READING and desk.row(Contract, contract_id).form_entries["fault"] == "空调不制冷"
    page.stepper.chosen.emit("form")
    settle()
    assert page.step == Step.FORM


def test_a_draft_that_says_what_is_no_longer_so_cannot_be_locked(
    desk: SaleDesk, open_page: Open, advisor: Any, settle: Settle
) -> None:
    contract_id = drafted(desk, advisor)
    desk.change(Customer, desk.customer.id, name="张伟明")
    page = open_page(document_id=contract_id)
    assert not page.reading.go.isEnabled() and "Draft it again" in page.reading.messages.text()
    page.reading.draft_again()
    settle()
    assert page.reading.go.isEnabled() and not page.reading.messages.isVisible()


def test_it_follows_what_happens_elsewhere(
    desk: SaleDesk, open_page: Open, advisor: Any, settle: Settle, navigator: Travels, notifications: Notes
) -> None:
    contract_id = locked(desk, advisor)
    page = open_page(document_id=contract_id)
    assert page.signing.ready_for("customer")
    elsewhere = Changes({"contract": frozenset({contract_id})})
    desk.do(desk.signature(contract_id, "customer"), advisor)
    page.context.operations.publish(elsewhere, None)
    settle()
    assert page.signing.ready_for("dealer")
    revision = desk.row(Contract, contract_id).revision
    desk.do(DeclineContract(contract_id=contract_id, expected_revision=revision, reason="客户撤回"), advisor)
    page.context.operations.publish(elsewhere, None)
    settle()
    assert navigator.went == [("contracts", {"contract_id": contract_id})]
    assert notifications.shown[-1][1] == "warn"


def test_its_words_are_in_the_language_in_use(desk: SaleDesk, open_page: Open, advisor: Any, settle: Settle) -> None:
    page = open_page(document_id=locked(desk, advisor))
    set_language(CHINESE)
    settle()
    assert "车辆维修委托书" in page._title.text() and "返回文件列表" in page.header_button("document.back").text()
    set_language(ENGLISH)
