"""Two desks and a service: sold without the network, sold twice, booked; the service killed, absent, talking nonsense.

Real windows on real encrypted profiles, a real service in a process of its own, on this computer only.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from app.contracts.checking import verify_file
from app.contracts.queries import contract_document, list_contracts
from app.kernel.commands import Command
from app.orders.queries import get_order
from app.payments.commands import RecordSale
from app.quotations.commands import QuotationTerms
from app.runtime.paths import open_profile
from app.runtime.settings import Settings, save_settings
from app.tour.guided_sale import main_window, sell, sign_in
from app.tour.hands import Hands
from app.wiring.signing import give_signing_keys
from app.wiring.start import Application
from tests.factories.people import PASSWORD
from tests.journeys.centre import Centre
from ui.orders.conflict_sheet import ConflictSheet
from ui.orders.orders_page import OrdersPage
from ui.shell.first_run import CONFIRMED_GROUPS, FirstRunWindow
from ui.shell.start_window import StartWindow
from ui.sync.sync_page import SyncPage
from ui.vehicles.vehicles_page import VehiclesPage
from ui.workshop.day_page import DayPage

Start = Callable[..., Application]
MANAGER, SELLER, ADVISOR = "zhaomin", "wangfang", "liuyang"


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """A service of this test's own."""
    with Centre(tmp_path / "service") as running:
        yield running


@pytest.fixture
def empty_desk(qapp: QApplication, tmp_path: Path) -> Iterator[Callable[[str], Application]]:
    """Starts desks that have no data yet: `empty_desk("b")` gives the application at its first window."""
    started: list[Application] = []

    def start(name: str) -> Application:
        profile = open_profile(tmp_path / name).prepare()
        save_settings(profile, Settings(language="en", theme="light"))
        application = Application(qapp, profile)
        application.take_profile()
        application.show_first_window()
        started.append(application)
        return application

    yield start
    for application in started:
        application.close()


# --- hands at a desk ----------------------------------------------------------------------------


def page(application: Application, key: str, kind: type[Any], **params: Any) -> Any:
    """Open a page of the window."""
    window = main_window(application)
    window.pages.open(key, **params)
    found = window.pages.current_page
    assert isinstance(found, kind)
    return found


def sync_page(application: Application) -> SyncPage:
    """The Sync page, in front."""
    return page(application, "sync", SyncPage)  # type: ignore[no-any-return]


def status_line(application: Application) -> str:
    """What the line at the bottom says."""
    return main_window(application).status.sync.text()


def connect(application: Application, hands: Hands, centre: Centre, desk: str) -> SyncPage:
    """Type address and code into the Sync page, press Connect, and wait until both sides agree."""
    shown = sync_page(application)
    hands.wait(lambda: shown.connect_form.isVisible(), "the page offers to connect")
    form = shown.connect_form.form
    hands.type(centre.url, into=form.editor("address").focus_widget())
    hands.type(centre.code(desk), into=form.editor("code").focus_widget())
    hands.click(shown.connect_form.go)
    in_step(application, hands)
    return shown


def in_step(application: Application, hands: Hands) -> None:
    """Wait until everything is sent and both sides have just agreed; nothing of it was refused."""

    def agreed() -> bool:
        assert application._link is not None
        status = application._link.feed.latest
        return status.state == "agreed" and not status.unsent

    hands.wait(agreed, "desk and centre agree")
    assert application._link is not None and application._link.feed.latest.rejected == 0


def exchange(application: Application, hands: Hands) -> SyncPage:
    """Press Exchange now, and wait until a new agreement is reached."""
    shown = sync_page(application)
    assert application._link is not None
    before = application._link.feed.latest.last_agreed_at
    hands.click(shown.exchange_button)
    hands.wait(lambda: application._link.feed.latest.last_agreed_at != before, "an exchange")  # type: ignore[union-attr]
    in_step(application, hands)
    return shown


def page_says(application: Application, hands: Hands, text: str) -> None:
    """Wait until the Sync page begins with these words."""
    card = sync_page(application).card
    hands.wait(lambda: card.headline.text().startswith(text), f"the page says: {text}")


def do(application: Application, command: Command) -> Any:
    """Execute a command as a page does; pages and the engine hear of it."""
    desk = application.desk
    outcome = desk.dispatcher.execute(command, desk.actor)
    application.operations.publish(outcome.changes)
    return outcome.value


def one(application: Application, sql: str, *values: Any) -> Any:
    """The first column of the only row of the desk's database."""
    with application.desk.database.read() as session:
        return session.connection().exec_driver_sql(sql, values).scalar_one()


def sale(unit_id: str, customer_id: str) -> RecordSale:
    """A whole sale in one command."""
    return RecordSale(
        customer_id=customer_id, earnest_amount=Decimal("5000.00"), method="cash",
        terms=QuotationTerms(vehicle_unit_id=unit_id, vessel_tax=Decimal("420.00")),
    )  # fmt: skip


def join_group(application: Application, hands: Hands, centre: Centre, desk: str) -> None:
    """The first start of a further desk: database, recovery code, then everything from the centre."""
    window = application.window
    assert isinstance(window, FirstRunWindow)
    hands.settle(0.2)
    if not window.protection.by_passphrase:
        window.protection.choose("passphrase")
    hands.type("a passphrase of four words", into=window.protection.first)
    hands.type("a passphrase of four words", into=window.protection.second)
    hands.click(window.protection.go)
    hands.wait(lambda: window.step() is window.recovery, "the recovery code is shown")
    groups = window.recovery.code().split("-")
    for entry, number in zip(window.recovery.entries, CONFIRMED_GROUPS, strict=True):
        hands.type(groups[number], into=entry)
    hands.click(window.recovery.go)
    hands.wait(lambda: window.step() is window.contents, "one can choose what to begin with")
    window.contents.choose("join")
    hands.type(centre.url, into=window.contents.join_fields.address)
    hands.type(centre.code(desk), into=window.contents.join_fields.code)
    hands.click(window.contents.go)
    hands.wait(lambda: isinstance(application.window, StartWindow), "everything of the branch has arrived")


def pair(start: Start, hands: Hands, centre: Centre, *, login: str = MANAGER) -> tuple[Application, Application]:
    """Two desks of one branch at their windows, both in step with the centre."""
    first, second = start("a", desk_code="D01"), start("b", desk_code="D02")
    for application, desk in ((first, "D01"), (second, "D02")):
        sign_in(application, hands, login=login, password=PASSWORD)
        connect(application, hands, centre, desk)
    return first, second


# --- the journeys -------------------------------------------------------------------------------


def test_sold_without_the_network_and_known_everywhere_afterwards(
    start_application: Start, empty_desk: Callable[[str], Application], hands: Hands, centre: Centre
) -> None:
    first = start_application("a", desk_code="D01")
    sign_in(first, hands, login=MANAGER, password=PASSWORD)
    page_says(first, hands, "This desk works without a centre.")
    connect(first, hands, centre, "D01")
    page_says(first, hands, "Everything is sent; both sides agree.")

    second = empty_desk("b")
    join_group(second, hands, centre, "D02")
    sign_in(second, hands, login=SELLER, password=PASSWORD)
    stock = page(second, "vehicles", VehiclesPage)
    hands.wait(lambda: len(stock.model.rows) == 12, "the other desk shows the branch's vehicles")
    in_step(second, hands)

    centre.service.kill()
    give_signing_keys(first.desk)  # keys belong to the process; two desks in one is for tests alone
    sold = sell(main_window(first), hands, customer="wxm")
    assert sold.done.report is not None and sold.done.report.intact
    order_id = sold.state.order_id
    unit_id = one(first, "SELECT vehicle_unit_id FROM sales_order WHERE id = ?", order_id)
    page_says(first, hands, "Offline since")
    shown = sync_page(first)
    hands.wait(lambda: shown.tabs["waiting"].content.model.rows, "what waits is listed")
    waiting = {line.table for line in shown.tabs["waiting"].content.model.rows}
    assert {"sales_order", "contract", "payment", "vehicle_unit"} <= waiting
    hands.wait(lambda: "not yet sent" in status_line(first), "the line at the bottom counts what waits")
    assert "offline since" in status_line(first)
    assert one(second, "SELECT allocation_state FROM vehicle_unit WHERE id = ?", unit_id) == "FREE"

    centre.service.start()
    exchange(first, hands)
    exchange(second, hands)
    order = second.desk.read(get_order, order_id).row
    assert (order.customer_name, order.claim_state, order.state) == ("王小明", "confirmed", "CONFIRMED")
    assert order.final and order.number == first.desk.read(get_order, order_id).row.number
    orders = page(second, "orders", OrdersPage)
    hands.wait(lambda: [row.id for row in orders.model.rows] == [order_id], "the order stands in the other list")
    stock = page(second, "vehicles", VehiclesPage)
    hands.wait(
        lambda: {row.id: row.allocation for row in stock.model.rows}.get(unit_id) == "ALLOCATED",
        "the vehicle is shown as sold",
    )
    give_signing_keys(second.desk)
    (contract,) = second.desk.read(list_contracts, order_id=order_id)
    assert second.desk.read(verify_file, second.desk.read(contract_document, contract.id).content).intact
    assert centre.owners() == {order.vin: order_id} and centre.findings() == []


def test_one_vehicle_sold_at_two_desks_has_one_buyer_and_the_other_order_is_settled(
    start_application: Start, hands: Hands, centre: Centre
) -> None:
    first, second = pair(start_application, hands, centre)
    unit_id, vin = _cheapest(first)
    customers = _customers(first)
    centre.service.kill()
    lost = do(first, sale(unit_id, customers["王小明"])).order_id
    won = do(second, sale(unit_id, customers["李华"])).order_id
    for desk, order_id in ((first, lost), (second, won)):
        assert one(desk, "SELECT claim_state FROM sales_order WHERE id = ?", order_id) == "provisional"
    centre.service.start()
    exchange(second, hands)  # what reaches the centre first counts, not what was sold first
    exchange(first, hands)
    exchange(second, hands)

    assert centre.owners() == {vin: won}
    winner = one(second, "SELECT final_number FROM sales_order WHERE id = ?", won)
    for desk in (first, second):
        states = {order: one(desk, "SELECT claim_state FROM sales_order WHERE id = ?", order) for order in (won, lost)}
        assert states == {won: "confirmed", lost: "conflict"}
        shown = page(desk, "sync", SyncPage, tab="conflicts")
        hands.wait(lambda shown=shown: shown.tabs["conflicts"].content.model.rows, "the lost vehicle is listed")
        (line,) = shown.tabs["conflicts"].content.model.rows
        assert line.row.order_id == lost and line.customer == "王小明"
        model = shown.tabs["conflicts"].content.model
        assert any(winner in model.index(0, column).data(0) for column in range(model.columnCount()))
        assert "1 order lost its vehicle" in shown.card.advice.text()
        assert status_line(desk).startswith("1 order lost its vehicle")
    _settle_with_another_unit(first, hands, lost, winner)
    exchange(first, hands)
    exchange(second, hands)
    for desk in (first, second):
        order = desk.desk.read(get_order, lost).row
        assert order.claim_state == "confirmed" and order.vin != vin
        assert desk._link is not None and desk._link.feed.latest.conflicts == 0
        assert one(desk, "SELECT count(*) FROM sales_order") == 2
    assert sorted(centre.owners().values()) == sorted([won, lost])
    assert sorted(centre.ids("sales_order")) == sorted([won, lost]) and centre.findings() == []


def _settle_with_another_unit(application: Application, hands: Hands, order_id: str, winner: str) -> None:
    """From the Sync page to the order, and there through the sheet: another unit for the buyer."""
    shown = sync_page(application)
    shown.show_tab("conflicts")
    hands.wait(lambda: shown.tabs["conflicts"].content.table.select_id(order_id), "the order can be selected")
    hands.wait(lambda: shown.panel.isVisible(), "its panel opens")
    main_window(application).actions_registry.run("sync.open")
    orders = main_window(application).pages.current_page
    assert isinstance(orders, OrdersPage)
    hands.wait(lambda: orders.offers("resolve_conflict"), "the order offers to settle its conflict")
    main_window(application).actions_registry.run("orders.resolve")
    sheet = orders.sheet
    assert isinstance(sheet, ConflictSheet)
    texts = {label.text() for label in sheet.findChildren(type(sheet.hint))}
    assert winner in texts, "the sheet names the order that has the vehicle"
    hands.wait(lambda: sheet.units.current() is not None or sheet.units.model.rows, "free vehicles are listed")
    sheet.units.table.selectRow(0)
    hands.wait(lambda: sheet.go.isEnabled(), "a unit is chosen")
    hands.click(sheet.go)
    hands.wait(lambda: orders.sheet is None, "the conflict is settled")


def _cheapest(application: Application) -> tuple[str, str]:
    with application.desk.database.read() as session:
        row = (
            session.connection()
            .exec_driver_sql("SELECT id, vin FROM vehicle_unit ORDER BY list_price, id LIMIT 1")
            .one()
        )
    return row[0], row[1]


def _customers(application: Application) -> dict[str, str]:
    with application.desk.database.read() as session:
        return dict(session.connection().exec_driver_sql("SELECT name, id FROM customer").fetchall())


def test_an_appointment_appears_on_the_other_desks_day(start_application: Start, hands: Hands, centre: Centre) -> None:
    first, second = pair(start_application, hands, centre)
    for desk in (first, second):
        page(desk, "workshop", DayPage)
    there = main_window(second).pages.current_page
    assert isinstance(there, DayPage)
    hands.wait(lambda: there.view is not None, "the other desk shows its day")
    there.turn(1)
    appointment_id = _book(first, hands, _customers(first)["欧阳娜"])
    exchange(first, hands)
    assert second._link is not None
    second._link.sync_now()
    hands.wait(
        lambda: [
            row.id for lane in there.view.lanes for row in lane.appointments if row.customer_name == "欧阳娜"
        ] == [appointment_id],
        "the appointment stands on the other day view, without anybody touching it",
    )  # fmt: skip
    assert centre.ids("service_appointment") == [appointment_id]


def _book(application: Application, hands: Hands, customer_id: str) -> str:
    """Book through the form beside the day, with a car the house has not seen yet; the appointment's id."""
    here = page(application, "workshop", DayPage, customer_id=customer_id)
    booking = here.booking
    assert booking is not None
    hands.wait(lambda: booking.form.value("customer_id") == customer_id, "the customer is taken")
    hands.wait(lambda: here.view is not None, "the day is there")
    tomorrow = here.day + timedelta(days=1)
    here.open_day(tomorrow)
    hands.wait(lambda: here.view.day == tomorrow, "tomorrow is shown")
    booking.form.set_value("starts_at", datetime.fromisoformat(f"{tomorrow}T10:00:00+08:00"))
    booking.form.set_value("plate", "沪A12345")
    booking.form.set_value("work", "保养")
    hands.click(booking.book_button)
    hands.wait(lambda: here.booking is None, "it is booked")
    return str(one(application, "SELECT id FROM service_appointment"))


def test_whatever_answers_in_the_services_place_the_desk_is_honest_and_loses_nothing(
    start_application: Start, hands: Hands, centre: Centre
) -> None:
    desk = start_application("a", desk_code="D01")
    sign_in(desk, hands, login=MANAGER, password=PASSWORD)
    connect(desk, hands, centre, "D01")
    centre.service.kill()
    unit_id, vin = _cheapest(desk)
    order_id = do(desk, sale(unit_id, _customers(desk)["王小明"])).order_id
    _says(desk, hands, "does not answer")
    for status, body, words in (
        (200, "<html>Please accept the terms of this network</html>", "Something other than the service answered"),
        (500, "<html>Internal Server Error</html>", "The service has a fault (status 500)"),
        (502, "Bad Gateway", "The service has a fault (status 502)"),
        (404, "<html>Not Found</html>", "Something other than the service answered"),
    ):
        with centre.replaced_by(status=status, body=body):
            _says(desk, hands, words)
    with centre.replaced_by(status=200, body='{"not": "what was', kind="application/json"):
        _says(desk, hands, "arrived damaged")
    assert one(desk, "SELECT claim_state FROM sales_order WHERE id = ?", order_id) == "provisional"
    centre.service.start()
    exchange(desk, hands)
    page_says(desk, hands, "Everything is sent; both sides agree.")
    assert "offline" not in status_line(desk) and "not yet sent" not in status_line(desk)
    assert centre.ids("sales_order") == [order_id] and centre.owners() == {vin: order_id}


def _says(application: Application, hands: Hands, words: str) -> None:
    """After another attempt the page says so, in words, and how much waits."""
    shown = sync_page(application)
    hands.click(shown.exchange_button)
    hands.wait(lambda: words in shown.card.advice.text(), f"the page says: {words}")
    assert shown.card.headline.text().startswith("Offline since")
    assert words in status_line(application)
    assert "not yet sent" in status_line(application)
