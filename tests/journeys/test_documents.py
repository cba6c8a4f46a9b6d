"""What a salesperson writes every day, from New document to the sealed file: the earnest-money agreement and the
delivery note, in the real window."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtCore import Qt
from sqlalchemy import select

from app.contracts.checking import verify_contract
from app.tour.guided_sale import SIGNATURES, main_window, sign_in
from app.tour.hands import Hands
from app.wiring.start import Application
from db.models.contracts import Contract, ContractDocument
from db.models.orders import SalesOrder
from tests.app.documents.reading import text_of
from tests.factories.people import PASSWORD
from tests.journeys.signing_seat import drafted_sale
from ui.contracts.contracts_page import ContractsPage
from ui.contracts.document_page import DocumentPage
from ui.contracts.new_document import ChooseDocument, DocumentFormSheet
from ui.shell.main_window import MainWindow


@dataclass
class Desk:
    """王芳 with an order on which 6,000 were paid."""

    application: Application
    hands: Hands
    order_number: str
    order_id: str

    @property
    def window(self) -> MainWindow:
        return main_window(self.application)

    @property
    def contracts(self) -> ContractsPage:
        page = self.window.pages.current_page
        assert isinstance(page, ContractsPage)
        return page

    def form(self) -> DocumentFormSheet:
        """The form, once it is open and has looked for what was half typed."""
        sheet = self.hands.wait(
            lambda: self.contracts.sheet if isinstance(self.contracts.sheet, DocumentFormSheet) else None, "the form"
        )
        self.hands.wait(lambda: self.application.operations.settled(), "the form is complete")
        return sheet

    def stored(self, kind: str) -> Contract:
        """The document as its row stands."""
        with self.application.desk.database.read() as session:
            return session.scalars(select(Contract).where(Contract.template_code == kind)).one()

    def said(self, contract_id: str, stage: str) -> str:
        """The words of a stored file."""
        with self.application.desk.database.read() as session:
            query = select(ContractDocument.content).where(
                ContractDocument.contract_id == contract_id, ContractDocument.stage == stage
            )
            return text_of(session.scalars(query).one())


@pytest.fixture
def desk(start_application: Callable[..., Application], hands: Hands) -> Desk:
    application = start_application(language="zh_CN")
    sign_in(application, hands, login="wangfang", password=PASSWORD)
    page = drafted_sale(application, hands).page
    with application.desk.database.read() as session:
        order = session.get(SalesOrder, page.state.order_id)
        return Desk(application, hands, order.final_number or order.number, order.id)


def choose(desk: Desk, kind: str) -> DocumentFormSheet:
    """New document, by its keys: the kind, then the order found by its number."""
    hands = desk.hands
    desk.window.pages.open("contracts")
    hands.wait(lambda: desk.application.operations.settled(), "the contracts are listed")
    desk.window.actions_registry.run("contracts.new")
    sheet = desk.contracts.sheet
    assert isinstance(sheet, ChooseDocument)
    combo = sheet.form.editor("kind").combo
    wanted = next(n for n, one in enumerate(sheet.form.editor("kind")._choices) if one.value == kind)
    while combo.currentIndex() != wanted:
        hands.press(Qt.Key.Key_Down if combo.currentIndex() < wanted else Qt.Key.Key_Up, on=combo)
    combo.activated.emit(combo.currentIndex())
    lookup = sheet.form.editor("order_id")
    hands.type(desk.order_number[-6:], into=lookup.line)
    hands.wait(lambda: lookup._found, "the order is found")
    hands.press(Qt.Key.Key_Down, on=lookup.line)
    popup = lookup._completer.popup()
    hands.wait(popup.isVisible, "what was found")
    hands.press(Qt.Key.Key_Return, on=popup)
    hands.wait(lambda: sheet.form.value("order_id") == desk.order_id, "the order is chosen")
    hands.click(sheet.go)
    return desk.form()


def to_the_seal(desk: Desk, kind: str) -> Contract:
    """Drafted, read, locked, signed by customer and dealer, sealed; the sealed file holds."""
    hands = desk.hands
    page = hands.wait(
        lambda: desk.window.pages.current_page if desk.window.pages.current_key == "document" else None,
        "the draft is in its own place",
    )
    assert isinstance(page, DocumentPage)
    station = page.signing
    hands.wait(page.reading.go.isEnabled, "it can be locked")
    hands.click(page.reading.go)
    for party, strokes in (("customer", SIGNATURES["buyer"]), ("dealer", SIGNATURES["dealer"])):
        hands.wait(lambda party=party: station.ready_for(party), f"the turn of the {party}")
        for box in station.clauses.boxes if party == "customer" else ():
            box.click()
        hands.settle(0.05)
        hands.draw(station.pad, strokes)
        hands.click(station.go)
    hands.wait(lambda: desk.stored(kind).state == "SEALED", "it is sealed")
    hands.wait(lambda: desk.application.operations.settled(), "and checked")
    row = desk.stored(kind)
    assert desk.application.desk.read(verify_contract, row.id).intact
    return row


def fill(sheet: DocumentFormSheet, hands: Hands, **typed: str) -> None:
    """Type into fields as a person does."""
    for name, text in typed.items():
        box: Any = sheet.form.editor(name).focus_widget()
        box.selectAll()
        hands.type(text, into=box)


def test_an_earnest_money_agreement_from_new_document_to_the_seal(desk: Desk) -> None:
    hands = desk.hands
    sheet = choose(desk, "earnest_money")
    hands.wait(lambda: sheet.view.isVisible(), "the paper stands beside the form: all is known but nothing is drafted")
    assert str(sheet.form.value("amount")) == "6000.00"
    fill(sheet, hands, amount="999999")
    hands.click(sheet.go)
    hands.wait(lambda: "amount" in sheet.form.problems(), "more than a fifth of the price is said beside the field")
    fill(sheet, hands, amount="6000")
    hands.wait(lambda: "6,000.00" in text_of(sheet.view.data()), "the paper follows")
    hands.click(sheet.go)
    row = to_the_seal(desk, "earnest_money")
    assert row.number.split("-")[-2] == "EM" and row.order_id == desk.order_id
    said = desk.said(row.id, "sealed")
    assert "定金协议" in said and "人民币陆仟元整" in said and "应当双倍返还定金" in said


def test_a_delivery_note_from_new_document_to_the_seal(desk: Desk) -> None:
    hands = desk.hands
    sheet = choose(desk, "delivery_note")
    hands.click(sheet.go)
    assert set(sheet.form.problems()) == {"energy_percent", "invoice_number"}, "what no row knows is asked for"
    fill(sheet, hands, energy_percent="80", invoice_number="131002600012", odometer_km="18")
    hands.wait(lambda: sheet.view.isVisible() and "131002600012" in text_of(sheet.view.data()), "the paper follows")
    hands.click(sheet.go)
    row = to_the_seal(desk, "delivery_note")
    assert len(row.form_entries["handed_over"]) > 3
    said = desk.said(row.id, "sealed")
    assert "交车确认单" in said and "里程表读数18km" in said and "机动车销售统一发票" in said
