"""A vehicle is secured, the service goes away, it is sold bindingly; and what becomes of it when time runs out.

A real window on a real encrypted profile, a real service in a process of its own, on this computer only.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.contracts.queries import contract_document, get_contract, list_contracts
from app.orders.queries import get_order
from app.orders.securing import leases_to_tend
from app.tour.guided_sale import main_window, sell, sign_in
from app.tour.hands import Hands
from app.wiring.signing import give_signing_keys
from app.wiring.start import Application
from tests.app.documents.reading import text_of
from tests.factories.people import PASSWORD
from tests.journeys.centre import Centre
from tests.journeys.test_two_desks import MANAGER, connect, exchange, one, page, page_says, status_line
from ui.kit.panel_form import PanelInquiry
from ui.kit.text import words
from ui.orders.lease_watch import LeaseWatch
from ui.orders.orders_page import OrdersPage
from ui.sync.sync_page import SyncPage
from ui.vehicles.vehicles_page import VehiclesPage

Start = Callable[..., Application]


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """A service of this test's own."""
    with Centre(tmp_path / "service") as running:
        yield running


@pytest.fixture
def desk(start_application: Start, hands: Hands, centre: Centre) -> Application:
    """A desk in step with the centre, somebody at work."""
    application = start_application("a", desk_code="D01")
    sign_in(application, hands, login=MANAGER, password=PASSWORD)
    connect(application, hands, centre, "D01")
    give_signing_keys(application.desk)
    return application


def texts(of: Any) -> str:
    """All that stands in a widget."""
    from PySide6.QtWidgets import QAbstractButton, QLabel

    labels = [label.text() for label in of.findChildren(QLabel) if label.isVisible()]
    buttons = [button for button in of.findChildren(QAbstractButton) if button.isVisible()]
    return "\n".join(labels + [button.text() or button.accessibleName() for button in buttons])


def secured(application: Application, hands: Hands) -> tuple[str, str]:
    """Open the first vehicle of the list, ask for it in its panel, and wait for the centre; its id and VIN."""
    stock = page(application, "vehicles", VehiclesPage)
    hands.wait(lambda: stock.model.rows, "vehicles are listed")
    row = stock.model.rows[0]
    stock = page(application, "vehicles", VehiclesPage, unit_id=row.id)
    hands.wait(lambda: stock.detail is not None and stock.detail.row.id == row.id, "the vehicle is shown")
    main_window(application).actions_registry.run("vehicles.secure")
    assert stock.view is not None
    question = stock.view.head.question
    assert isinstance(question, PanelInquiry)
    hands.click(question.verb)
    hands.wait(lambda: stock.detail is not None and stock.detail.lease is not None, "the vehicle is secured")
    hands.wait(lambda: "Secured for this desk until" in texts(stock.panel), "the panel says so")
    return row.id, row.vin


def printed(application: Application, order_id: str, *, name: str) -> tuple[str, Any]:
    """What the contract over an order says on paper, and the contract; kept as a file where somebody wants to look."""
    (contract,) = application.desk.read(list_contracts, order_id=order_id)
    content = application.desk.read(contract_document, contract.id).content
    if os.environ.get("FORECOURT_KEEP_PAPER"):
        Path(os.environ["FORECOURT_KEEP_PAPER"], f"{name}.pdf").write_bytes(content)
    return text_of(content), contract


def test_sold_bindingly_without_the_network_and_confirmed_afterwards(
    desk: Application, hands: Hands, centre: Centre
) -> None:
    unit_id, vin = secured(desk, hands)
    shown = page(desk, "sync", SyncPage, tab="leases")
    hands.wait(lambda: shown.tabs["leases"].content.model.rows, "the vehicle is on the list")
    centre.service.kill()
    sold = sell(main_window(desk), hands, vehicle=vin, customer="wxm")
    order_id = sold.state.order_id
    order = desk.desk.read(get_order, order_id)
    assert (order.row.vehicle_unit_id, order.row.claim_state) == (unit_id, "provisional")
    assert order.security is not None and order.security.counts
    paper, contract = printed(desk, order_id, name="secured")
    assert not contract.provisional and contract.secured_until is not None
    assert "PROVISIONAL" not in paper and "暂定销售。" not in paper and "已锁定车辆。" in paper
    orders = page(desk, "orders", OrdersPage, order_id=order_id)
    hands.wait(lambda: "Secured at the centre until" in texts(orders.panel), "the order is not called provisional")
    page_says(desk, hands, "Offline since")

    centre.service.start()
    exchange(desk, hands)
    assert desk.desk.read(get_order, order_id).row.claim_state == "confirmed"
    assert centre.owners() == {vin: order_id} and centre.findings() == []
    hands.wait(lambda: one(desk, "SELECT count(*) FROM vehicle_lease") == 0, "the lease is given back by itself")
    hands.wait(lambda: centre.rows("SELECT vin FROM vehicle_lease") == [], "the centre has heard of it")
    orders = page(desk, "orders", OrdersPage, order_id=order_id)
    hands.wait(lambda: "The centre has confirmed the vehicle" in texts(orders.panel), "the order is confirmed")


def test_a_lease_that_runs_out_without_the_network_makes_the_sale_provisional_again(
    desk: Application, hands: Hands, centre: Centre
) -> None:
    _, vin = secured(desk, hands)
    centre.service.kill()
    sold = sell(main_window(desk), hands, vehicle=vin, customer="lh")
    order_id = sold.state.order_id
    _let_it_end(desk, minutes_left=90)
    watch = main_window(desk).findChild(LeaseWatch)
    assert watch is not None
    watch.look()
    hands.wait(
        lambda: any("is secured only until" in str(words(one.text)) for one in main_window(desk).notifications.notices),
        "it is said two hours before",
    )
    _let_it_end(desk, minutes_left=0)
    assert desk.desk.read(leases_to_tend).count == 1
    watch.look()
    hands.wait(lambda: one(desk, "SELECT count(*) FROM task WHERE kind = 'lease_ended'") == 1, "the seller has a task")
    orders = page(desk, "orders", OrdersPage, order_id=order_id)
    hands.wait(lambda: "Provisional again: secured only until" in texts(orders.panel), "the order says so")
    paper, contract = printed(desk, order_id, name="run-out")
    assert "已锁定车辆。" in paper  # what was signed stays as it was signed
    security = desk.desk.read(get_contract, contract.id).security
    assert security is not None and not security.counts

    centre.service.start()
    exchange(desk, hands)
    assert desk.desk.read(get_order, order_id).row.claim_state == "confirmed"
    watch.look()
    hands.wait(lambda: one(desk, "SELECT state FROM task WHERE kind = 'lease_ended'") == "DONE", "the task is done")
    exchange(desk, hands)  # the end of the task goes to the centre too
    hands.wait(lambda: "not yet sent" not in status_line(desk), "nothing waits any more")


def _let_it_end(application: Application, *, minutes_left: int) -> None:
    """Let the lease have been taken so long ago that only so much of it is left."""
    from datetime import UTC, datetime, timedelta

    from db.types import microseconds

    now = datetime.now(UTC)
    ends = microseconds(now + timedelta(minutes=minutes_left))
    with application.desk.database.exclusive() as connection:
        connection.exec_driver_sql(
            "UPDATE vehicle_lease SET taken_at = taken_at - (ends_at - ?), ends_at = ?, until = ?,"
            " hybrid_ms = hybrid_ms - (ends_at - ?) / 1000", (ends, ends, ends, ends),
        )  # fmt: skip
