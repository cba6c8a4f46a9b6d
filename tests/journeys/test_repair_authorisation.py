"""A service advisor's repair authorisation in the real window: drafted, locked, left for a day, finished and sealed."""

from collections.abc import Callable
from typing import Any

import pytest

from app.contracts.checking import verify_contract
from app.contracts.queries import ContractDetail, get_contract
from app.kernel.clock import SystemClock
from app.kernel.permissions import Role
from app.tour.guided_sale import SIGNATURES, main_window, sign_in
from app.tour.hands import Hands
from app.wiring.start import Application
from db.models.customers import Customer
from tests.factories.people import PASSWORD, actor_of, staff_of
from tests.factories.records import Records
from tests.journeys.pens import sign_with_pen
from ui.contracts.contracts_page import ContractsPage
from ui.contracts.document_page import DocumentPage, Step
from ui.contracts.new_document import ChooseDocument, DocumentFormSheet

ADVISOR = "liuyang"
VALUES: dict[str, Any] = {
    "vehicle": "朗逸 1.5L", "odometer_km": 42_180, "energy_percent": 55, "fault": "低速转向有异响",
    "old_parts": "parts_returned", "road_test": "road_test",
    "jobs": [{"job": "四轮定位", "price": 380, "payer": "customer"}],
}  # fmt: skip


@pytest.fixture
def desk(start_application: Callable[..., Application]) -> Application:
    """A desk of the workshop."""
    return start_application()


@pytest.fixture
def customer(desk: Application, hands: Hands) -> Customer:
    """张伟's car stands before the workshop, 刘洋 is at the desk."""
    records = Records(desk.desk.database, clock=SystemClock(), actor=actor_of(staff_of(Role.SERVICE_ADVISOR)))
    customer = records.customer()
    records.customer_vehicle(customer, plate="沪A12345", vin="LSVFA49J232037048")
    sign_in(desk, hands, login=ADVISOR, password=PASSWORD)
    return customer


def page_in_front(application: Application, kind: type) -> Any:
    page = main_window(application).pages.current_page
    assert isinstance(page, kind), page
    return page


def drafted(application: Application, hands: Hands, customer: Customer) -> DocumentPage:
    """A new document, chosen and filled in on the page of contracts."""
    window = main_window(application)
    window.pages.open("contracts", new=True, customer_id=customer.id)
    page = page_in_front(application, ContractsPage)
    chooser = page.sheet
    assert isinstance(chooser, ChooseDocument)
    assert chooser.kind is not None and chooser.kind.code == "repair_authorisation"
    hands.wait(lambda: chooser.form.value("customer_vehicle_id"), "the customer's only vehicle is chosen")
    hands.click(chooser.go)
    hands.wait(lambda: isinstance(page.sheet, DocumentFormSheet), "the form is open")
    for name, value in VALUES.items():
        page.sheet.form.set_value(name, value)
    hands.click(page.sheet.go)
    hands.wait(lambda: window.pages.current_key == "document", "the document has a place of its own")
    document: DocumentPage = page_in_front(application, DocumentPage)
    hands.wait(lambda: document.reading.go.isEnabled(), "the draft can be read and locked")
    return document


def detail_of(application: Application, document_id: str) -> ContractDetail:
    detail: ContractDetail = application.desk.read(get_contract, document_id)
    return detail


def test_a_service_advisor_finishes_a_repair_authorisation_the_next_day(
    desk: Application, customer: Customer, hands: Hands
) -> None:
    window = main_window(desk)
    assert "sale" not in {spec.key for spec in window.pages.permitted()}, "a service advisor makes no sales"
    page = drafted(desk, hands, customer)
    document_id = page.document_id

    hands.click(page.reading.change)
    hands.wait(lambda: page.form is not None, "the form is there once more")
    assert page.form is not None
    page.form.form.set_value("odometer_km", 42_190)
    hands.click(page.form.go)
    hands.wait(lambda: page.step == Step.READING and page.reading.go.isEnabled(), "drafted again")
    hands.click(page.reading.go)
    hands.wait(lambda: page.signing.ready_for("customer"), "it is locked")

    for box in page.signing.clauses.boxes:
        box.click()
    sign_with_pen(page.signing.pad)
    hands.click(page.signing.go)
    hands.wait(lambda: page.signing.ready_for("dealer"), "the customer has signed")
    locked = detail_of(desk, document_id)
    assert (locked.row.state, locked.missing) == ("PARTIALLY_SIGNED", ("dealer",))
    assert locked.waiting_since == locked.signatures[0].signed_at

    window.pages.close_all()  # the day ends
    window.pages.open("contracts", contract_id=document_id)
    contracts = page_in_front(desk, ContractsPage)
    hands.wait(lambda: contracts.verb_buttons(), "the panel offers what comes next")
    assert contracts.verb_buttons()[0].text() == "Continue signing"
    hands.click(contracts.verb_buttons()[0])
    page = page_in_front(desk, DocumentPage)
    hands.wait(lambda: page.signing.ready_for("dealer"), "signing goes on where it stood")
    hands.draw(page.signing.pad, SIGNATURES["dealer"])
    hands.click(page.signing.go)
    hands.wait(lambda: page.step == Step.DONE and page.done.report, "sealed and checked")
    found = desk.desk.read(verify_contract, document_id)
    assert found.intact and [one.signer for one in found.report.signatures][:2] == [customer.name, "刘洋"]
    assert page.done.report is not None and page.done.report.intact and page.done.paper.isEnabled()
    hands.click(page.done.go)
    assert window.pages.current_key == "contracts"
