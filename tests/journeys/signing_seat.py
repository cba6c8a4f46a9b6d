"""A salesperson with a drafted contract on the screen, for journeys in which it is signed."""

from dataclasses import dataclass

from app.contracts.queries import ContractDetail, get_contract
from app.tour.guided_sale import choose_customer, choose_vehicle, main_window
from app.tour.hands import Hands
from app.wiring.start import Application
from ui.sales.sale_page import SalePage
from ui.sales.sale_state import Step
from ui.signing.customer_window import CustomerWindow
from ui.signing.signing_station import SigningStation


@dataclass
class Seat:
    """Somebody at a desk, with a sale under way."""

    application: Application
    page: SalePage
    hands: Hands

    @property
    def signing(self) -> SigningStation:
        return self.page.signing

    @property
    def window(self) -> CustomerWindow:
        assert self.signing.customer is not None
        return self.signing.customer

    def evidence(self) -> dict[str, dict]:
        """The stored evidence by party."""
        from sqlalchemy import select

        from db.models.contracts import ContractSignature

        with self.application.desk.database.read() as session:
            rows = session.scalars(select(ContractSignature).where(
                ContractSignature.contract_id == self.page.state.contract_id))  # fmt: skip
            return {row.party: row.evidence for row in rows}

    def contract_ids(self) -> list[str]:
        """All contracts of this desk."""
        with self.application.desk.database.read() as session:
            return list(session.connection().exec_driver_sql("SELECT id FROM contract").scalars())

    def detail(self, contract_id: str) -> ContractDetail:
        """What is stored of a contract."""
        return self.application.desk.read(get_contract, contract_id)

    def tick(self, boxes: list) -> None:
        for box in boxes:
            box.click()
        self.hands.settle(0.05)


def drafted_sale(application: Application, hands: Hands) -> Seat:
    """Whoever has signed in sells a vehicle, up to the drafted contract."""
    main_window(application).pages.open("sale")
    page = main_window(application).pages.current_page
    assert isinstance(page, SalePage)
    choose_vehicle(page, hands)
    choose_customer(page, hands)
    hands.wait(lambda: page.offer.preview is not None, "the offer is calculated")
    hands.click(page.offer.go)
    hands.wait(lambda: page.state.step == Step.PAYMENT, "the order is placed")
    hands.type("6000", into=page.payment.form.editor("amount").focus_widget())
    hands.click(page.payment.go)
    hands.wait(lambda: page.state.step == Step.CONTRACT and page.contract.go.isEnabled(), "the contract is drafted")
    return Seat(application, page, hands)


def lock(seat: Seat) -> None:
    seat.hands.click(seat.page.contract.go)
    seat.hands.wait(lambda: seat.signing.ready_for("buyer"), "the contract is locked")
