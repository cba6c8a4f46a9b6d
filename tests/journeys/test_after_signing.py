"""What becomes of a sealed sales contract, in the real window: amended, terminated with its order, void, replaced."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from sqlalchemy import select

from app.archive.commands import ExportEvidence
from app.contracts.checking import verify_contract
from app.contracts.proof.package_examination import Standing
from app.contracts.queries import ContractDetail, contract_document, get_contract
from app.contracts.verify import examine
from app.kernel.clock import branch_date
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Role
from app.tasks.rules import TaskKind, TaskState
from app.tour.guided_sale import sign_in
from app.tour.hands import Hands
from app.wiring.start import Application
from db.models.contracts import Contract
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.printing import DocumentPrint
from db.models.tasks import Task
from tests.app.documents.reading import text_of
from tests.factories.people import PASSWORD, actor_of, staff_of
from tests.journeys.pens import sign_with_pen
from tests.journeys.sealed_house import EARNEST, SealedHouse, answer, at_rest, in_front, line_to, opened, run
from tests.ui.printed_papers import opened_dialog, print_into
from ui.contracts.archive_page import ArchivePage
from ui.contracts.contracts_page import ContractsPage
from ui.contracts.document_sheet import DocumentSheet
from ui.kit.controls import Button, Label
from ui.orders.orders_page import OrdersPage
from ui.sales.sale_page import SalePage
from ui.sales.sale_state import Step

Start = Callable[..., Application]
SELLER, MANAGER = "wangfang", "zhaomin"


def desk_of(start: Start, hands: Hands, house: SealedHouse, *, login: str) -> Application:
    """Somebody at a desk of the house that has the sealed contract."""
    application = start(house=house)
    sign_in(application, hands, login=login, password=PASSWORD)
    return application


def detail_of(application: Application, contract_id: str) -> ContractDetail:
    detail: ContractDetail = application.desk.read(get_contract, contract_id)
    return detail


def row(application: Application, model: type, record_id: str) -> object:
    with application.desk.database.read() as session:
        return session.get_one(model, record_id)


def says(page: ContractsPage, text: str) -> bool:
    """Whether the panel, or the sheet in its place, says so."""
    place = page.sheet or page.panel
    return any(text in label.text() for label in place.findChildren(Label) if label.isVisible())


def shown(application: Application, hands: Hands, contract_id: str) -> ContractsPage:
    """The contract in the panel of the contracts' page."""
    page = opened(application, hands, "contracts", ContractsPage, contract_id=contract_id)
    hands.wait(lambda: page.is_shown and page.record.row.id == contract_id, "the contract is shown")
    return page


def printed_mark(application: Application, hands: Hands, page: ContractsPage, target: Path) -> str:
    """Print the first page of what is shown into a file; the mark that its print has."""
    run(application, hands, "contracts.show")
    sheet = page.sheet
    assert isinstance(sheet, DocumentSheet)
    hands.wait(lambda: sheet.document is not None, "its pages are shown")
    run(application, hands, "contracts.print")
    dialog = opened_dialog(page, lambda: at_rest(application, hands))
    print_into(dialog, target, lambda: hands.wait(lambda: not dialog.isVisible(), "it is printed"), pages="1")
    at_rest(application, hands)
    assert target.read_bytes().startswith(b"%PDF")
    with application.desk.database.read() as session:
        return session.scalars(select(DocumentPrint).order_by(DocumentPrint.id.desc())).first().mark


def prove(application: Application, contract_id: str) -> None:
    """Both the desk's check and the stand-alone verifier find nothing broken in the contract and its evidence."""
    assert application.desk.read(verify_contract, contract_id).intact
    manager = actor_of(staff_of(Role.BRANCH_MANAGER))
    dispatcher: Dispatcher = application.desk.dispatcher
    exported = dispatcher.execute(ExportEvidence(contract_id=contract_id, reason="存档核对"), manager).value
    found = examine(exported.content).findings
    assert found and not [one.message() for one in found if one.standing is Standing.BROKEN]


def test_a_sealed_contract_is_found_amended_and_both_stay_provable(
    start_application: Start, sealed_house: SealedHouse, hands: Hands, tmp_path: Path
) -> None:
    application = desk_of(start_application, hands, sealed_house, login=SELLER)
    first = sealed_house.contract_id
    archive = opened(application, hands, "archive", ArchivePage)
    hands.type(sealed_house.vin[-8:], into=archive.filters.search)
    hands.wait(lambda: [one.id for one in archive.model.rows] == [first], "a piece of the VIN finds it")
    archive.table.select_id(first)
    run(application, hands, "archive.go_on")

    page = in_front(application, ContractsPage)
    hands.wait(lambda: page.is_shown and page.record.row.id == first, "it is open among the contracts")
    hands.click(line_to(page, hands, "Order"))
    orders = in_front(application, OrdersPage)
    hands.wait(lambda: orders.offers("plan_delivery"), "the order is shown")
    later = branch_date(application.desk.clock.now()) + timedelta(days=30)
    run(application, hands, "orders.plan_delivery")
    question = hands.wait(lambda: orders.question, "the day is asked for")
    question.form.set_values({"planned_delivery": later.isoformat()})
    hands.click(question.verb)
    hands.wait(lambda: orders.question is None, "the day is set")

    run(application, hands, "orders.continue")
    sale = in_front(application, SalePage)
    hands.wait(lambda: sale.done.messages.text().startswith("The order says otherwise"), "the sale says what is needed")
    hands.click(sale.done.messages.findChild(Button))
    page = in_front(application, ContractsPage)
    question = hands.wait(lambda: page.question, "what is amended is asked")
    proposed = str(question.form.value("changes"))
    assert proposed.startswith("交车日期由") and proposed.endswith(f"改为{in_chinese(later)}")
    hands.press(Qt.Key.Key_End, on=question.form.editor("changes").focus_widget(), control=True)
    answer(page, hands, changes="，买方要求")
    sheet = hands.wait(lambda: page.sheet if isinstance(page.sheet, DocumentSheet) else None, "its pages are shown")
    hands.wait(lambda: sheet.document is not None and page.record.row.state == "DRAFT", "the amendment is drafted")
    second = page.record.row.id
    said = text_of(sheet.document.content)
    assert sealed_house.number in said and f"改为{in_chinese(later)}，买方要求" in said
    assert detail_of(application, first).row.state == "SEALED"

    run(application, hands, "contracts.continue")
    sale = in_front(application, SalePage)
    hands.wait(lambda: sale.state.step == Step.CONTRACT and sale.contract.go.isEnabled(), "it can be locked")
    assert sale.state.contract_id == second
    hands.click(sale.contract.go)
    sign_by_pen(sale, hands)
    hands.wait(lambda: sale.done.report is not None, "sealed and checked")
    assert sale.done.report.intact
    assert (detail_of(application, first).row.state, detail_of(application, second).row.state) == (
        "SUPERSEDED", "SEALED",
    )  # fmt: skip

    page = shown(application, hands, first)
    number = detail_of(application, second).row.number
    assert says(page, f"Amended: contract {number} counts in its place") and line_to(page, hands, "Amended by")
    assert printed_mark(application, hands, page, tmp_path / "old.pdf") == "superseded"
    for contract_id in (first, second):
        prove(application, contract_id)


def sign_by_pen(sale: SalePage, hands: Hands) -> None:
    """The buyer acknowledges every clause and signs, then the dealer does."""
    station = sale.signing
    for party in ("buyer", "dealer"):
        hands.wait(partial(station.ready_for, party), f"the turn of the {party}")
        for box in station.clauses.boxes if party == "buyer" else ():
            box.click()
        hands.settle(0.05)
        sign_with_pen(station.pad)
        hands.click(station.go)
    hands.wait(lambda: sale.state.step == Step.DONE, "it is sealed")


def in_chinese(day: date) -> str:
    """As it stands on paper."""
    return f"{day.year}年{day.month}月{day.day}日"


def test_a_contract_is_terminated_and_the_cashier_finds_what_goes_back(
    start_application: Start, sealed_house: SealedHouse, hands: Hands, tmp_path: Path
) -> None:
    application = desk_of(start_application, hands, sealed_house, login=MANAGER)
    page = shown(application, hands, sealed_house.contract_id)
    run(application, hands, "contracts.terminate")
    question = hands.wait(lambda: page.question, "the ground is asked for")
    assert any("20,000.00 goes back to the customer" in one.text() for one in question.findChildren(Label))
    question.form.editor("ground").combo.setCurrentIndex(3)
    question.form.editor("ground").combo.activated.emit(3)
    assert question.form.value("ground") == "seller_breach"
    hands.wait(
        lambda: any("40,000.00 goes to the customer" in one.text() for one in question.findChildren(Label)),
        "the earnest money goes back double",
    )
    answer(page, hands, reason="车辆无法按期交付，已书面通知")
    at_rest(application, hands)

    ended = row(application, Contract, sealed_house.contract_id)
    assert (ended.state, ended.termination_ground) == ("TERMINATED", "seller_breach")
    assert (ended.termination_returned, ended.termination_penalty) == (EARNEST, EARNEST)
    order = row(application, SalesOrder, sealed_house.order_id)
    unit = row(application, VehicleUnit, order.vehicle_unit_id)
    assert (order.state, unit.allocation_state) == ("CANCELLED", "FREE")
    with application.desk.database.read() as session:
        tasks = list(session.scalars(select(Task).where(Task.state == TaskState.OPEN.value)))
    back = [task.params["amount_fen"] for task in tasks if task.kind == TaskKind.RETURN_PAYMENT]
    assert back == [int(2 * EARNEST * Decimal(100))]
    assert not [task for task in tasks if task.kind in (TaskKind.CONTRACT_PAYMENT_DUE, TaskKind.CONTRACT_DELIVERY_DUE)]
    hands.wait(lambda: says(page, "Terminated on"), "the panel says how it ended")
    assert says(page, "车辆无法按期交付") and says(page, "40,000.00 goes to the customer")
    assert not page.offers("amend") and not page.offers("void")
    assert printed_mark(application, hands, page, tmp_path / "ended.pdf") == "terminated"
    prove(application, sealed_house.contract_id)


def test_a_void_contract_is_replaced_by_another_one(
    start_application: Start, sealed_house: SealedHouse, hands: Hands, tmp_path: Path
) -> None:
    application = desk_of(start_application, hands, sealed_house, login=MANAGER)
    first = sealed_house.contract_id
    page = shown(application, hands, first)
    run(application, hands, "contracts.void")
    question = hands.wait(lambda: page.question, "the reason is asked for")
    hands.click(question.verb)
    assert "reason" in question.form.problems(), "nothing is void without a reason"
    answer(page, hands, reason="身份信息有误，重新签署")
    hands.wait(lambda: says(page, "Out of force: 身份信息有误"), "the panel says why")
    assert printed_mark(application, hands, page, tmp_path / "void.pdf") == "void"

    orders = opened(application, hands, "orders", OrdersPage, order_id=sealed_house.order_id)
    hands.wait(lambda: orders.is_shown, "the order is shown")
    run(application, hands, "orders.continue")
    sale = in_front(application, SalePage)
    hands.wait(lambda: sale.state.step == Step.CONTRACT and sale.contract.go.isEnabled(), "another one is drafted")
    second = sale.state.contract_id
    assert second != first
    replacing = application.desk.read(contract_document, second)
    assert sealed_house.number in text_of(replacing.content), "its paper names what it replaces"
    page = shown(application, hands, second)
    assert line_to(page, hands, f"Replaces {sealed_house.number}")
    hands.click(line_to(page, hands, f"Replaces {sealed_house.number}"))
    hands.wait(lambda: page.record.row.id == first and page.is_shown, "the link leads to the void one")
    assert line_to(page, hands, f"Replaced by {replacing.number}")
    prove(application, first)
