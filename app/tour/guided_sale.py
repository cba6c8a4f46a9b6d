"""One whole sale, from an empty folder to the sealed contract, in the real windows."""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt

from app.tour.hands import Hands
from app.wiring.ports import DEMO_PASSWORD, throwaway_passphrase
from app.wiring.start import Application
from ui.sales.sale_page import SalePage
from ui.sales.sale_state import Step
from ui.shell.first_run import CONFIRMED_GROUPS, FirstRunWindow
from ui.shell.main_window import MainWindow
from ui.shell.start_window import StartWindow

SALESPERSON = "wangfang"
EARNEST = Decimal("10000.00")
SIGNATURES = {
    "buyer": (((40, 70), (90, 40), (140, 90), (190, 50), (240, 85)), ((120, 110), (200, 100), (290, 112))),
    "dealer": (
        ((50, 50), (110, 95), (150, 45), (210, 100), (250, 40)),
        ((230, 60), (260, 110), (310, 70), (340, 105)),
        ((60, 118), (180, 112), (300, 120)),
    ),
}
SECOND_START_LIMIT = 120.0


@dataclass(frozen=True, slots=True)
class TourResult:
    """What the tour leaves behind. `clicks` counts mouse clicks of the sale itself."""

    contract: Path
    contract_number: str
    intact: bool
    clicks: int
    pictures: tuple[Path, ...]


def play(application: Application, hands: Hands, *, contract_to: Path) -> TourResult:
    """First run, sign-in and sale. Raises NothingHappened where a step did not come about."""
    first_run(application, hands)
    sign_in(application, hands, login=SALESPERSON, password=DEMO_PASSWORD)
    window = main_window(application)
    before = hands.clicks
    page = sell(window, hands)
    document, report = page.done.document, page.done.report
    assert document is not None and report is not None
    contract_to.write_bytes(document.content)
    return TourResult(
        contract=contract_to, contract_number=report.number, intact=report.intact, clicks=hands.clicks - before,
        pictures=tuple(hands.pictures),
    )  # fmt: skip


def first_run(application: Application, hands: Hands) -> None:
    """Create the encrypted database with a passphrase, confirm the recovery code, take the demo branch."""
    window = application.show_first_window()
    assert isinstance(window, FirstRunWindow)
    hands.settle(0.5)
    hands.picture(window, "first-start")
    protection, recovery = window.protection, window.recovery
    if not protection.by_passphrase:
        protection.choose("passphrase")
    passphrase = throwaway_passphrase()
    hands.type(passphrase, into=protection.first)
    hands.type(passphrase, into=protection.second)
    hands.click(protection.go)
    hands.wait(lambda: window.step() is recovery, "the recovery code is shown")
    hands.picture(window, "recovery-code")
    groups = recovery.code().split("-")
    for entry, number in zip(recovery.entries, CONFIRMED_GROUPS, strict=True):
        hands.type(groups[number], into=entry)
    hands.click(recovery.go)
    hands.wait(lambda: window.step() is window.contents, "demo or empty branch can be chosen")
    hands.picture(window, "demo-or-empty")
    hands.click(window.contents.go)
    was, hands.patience = hands.patience, SECOND_START_LIMIT
    hands.wait(lambda: isinstance(application.window, StartWindow), "the demo branch is made")
    hands.patience = was


def sign_in(application: Application, hands: Hands, *, login: str, password: str) -> None:
    """Type the name, choose it with Return, type the password, Return."""
    window = application.window
    assert isinstance(window, StartWindow)
    card = window.sign_in
    hands.wait(lambda: card.staff_list.count() > 0, "the people of the branch are listed")
    hands.picture(window, "sign-in")
    hands.type(login, into=card.name_field)
    hands.press(Qt.Key.Key_Return, on=card.name_field)
    hands.type(password, into=card.secret_field)
    hands.press(Qt.Key.Key_Return, on=card.secret_field)
    hands.wait(lambda: isinstance(application.window, MainWindow), "the main window opens")


def main_window(application: Application) -> MainWindow:
    """The window after sign-in."""
    window = application.window
    assert isinstance(window, MainWindow)
    return window


def sell(window: MainWindow, hands: Hands, *, vehicle: str = "", customer: str = "") -> SalePage:
    """The sale: pick by typing and Return, the rest by clicks, until the sealed contract was checked."""
    window.pages.open("sale")
    page = window.pages.current_page
    assert isinstance(page, SalePage)
    choose_vehicle(page, hands, vehicle)
    hands.picture(window, "customer")
    choose_customer(page, hands, customer)
    hands.wait(lambda: page.offer.preview is not None, "the offer is calculated")
    hands.picture(window, "offer")
    hands.click(page.offer.go)
    hands.wait(lambda: page.state.step == Step.PAYMENT, "the order is placed")
    hands.type(str(EARNEST), into=page.payment.form.editor("amount").focus_widget())
    hands.picture(window, "payment")
    hands.click(page.payment.go)
    hands.wait(lambda: page.state.step == Step.CONTRACT and page.contract.go.isEnabled(), "the contract is drafted")
    hands.picture(window, "contract")
    hands.click(page.contract.go)
    sign(page, hands, window)
    hands.wait(lambda: page.done.report is not None, "the sealed contract is checked")
    hands.picture(window, "sealed")
    return page


def choose_vehicle(page: SalePage, hands: Hands, text: str = "") -> None:
    """Type a piece of it, Return takes the first."""
    picker = page.units.picker
    hands.wait(lambda: picker.model.rows, "vehicles are listed")
    hands.picture(page.window(), "vehicle")
    _pick(picker, hands, text)
    hands.wait(lambda: page.state.step != Step.VEHICLE, "the vehicle is held")


def choose_customer(page: SalePage, hands: Hands, text: str = "") -> None:
    """Type a piece of the name, Return takes the first."""
    picker = page.customers.picker
    hands.wait(lambda: picker.model.rows, "customers are listed")
    _pick(picker, hands, text)
    hands.wait(lambda: page.state.step == Step.OFFER, "the customer is taken")


def sign(page: SalePage, hands: Hands, window: MainWindow) -> None:
    """The customer acknowledges every clause and signs, then the dealer signs."""
    station = page.signing
    for party in ("buyer", "dealer"):
        hands.wait(partial(station.ready_for, party), f"the {party} can sign")
        if party == "buyer":
            for box in station.clauses.boxes:
                station.scroll_area.ensureWidgetVisible(box)
                hands.click(box)
        hands.draw(station.pad, SIGNATURES[party])
        hands.picture(window, f"signed-by-{party}")
        hands.click(station.go)
    hands.wait(lambda: page.state.step == Step.DONE, "both signatures are sealed")


def _pick(picker: Any, hands: Hands, text: str) -> None:
    if text:
        hands.type(text, into=picker.search)
    hands.press(Qt.Key.Key_Return, on=picker.search)
