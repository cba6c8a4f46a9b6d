"""A hold and its queue at two desks of a branch: seen by all, in the same order everywhere, offered once."""

from collections.abc import Callable

from app.inventory.commands import HoldUnit, JoinQueue, ReleaseUnit
from app.inventory.queries import get_unit
from app.inventory.queue_queries import list_queue
from app.tour.hands import Hands
from app.wiring.start import Application
from tests.journeys.centre import Centre
from tests.journeys.test_two_desks import centre, do, exchange, page, pair  # noqa: F401  (a fixture)
from ui.vehicles.vehicles_page import VehiclesPage

Start = Callable[..., Application]


def names(application: Application, unit_id: str) -> list[str]:
    return [row.customer_name for row in application.desk.read(list_queue, unit_id)]


def test_all_desks_see_the_hold_and_the_same_queue(start_application: Start, hands: Hands, centre: Centre) -> None:  # noqa: F811
    first, second = pair(start_application, hands, centre)
    with first.desk.database.read() as session:
        run = session.connection().exec_driver_sql
        unit_id = str(run("SELECT id FROM vehicle_unit ORDER BY id LIMIT 1").scalar_one())
        customers = [str(row[0]) for row in run("SELECT id FROM customer ORDER BY id")]
    until = do(first, HoldUnit(unit_id=unit_id))
    exchange(first, hands)
    exchange(second, hands)
    stock = page(second, "vehicles", VehiclesPage, unit_id=unit_id)
    hands.wait(lambda: stock.detail is not None and stock.detail.hold is not None, "the other desk sees the hold")
    assert stock.detail is not None and stock.detail.hold is not None and stock.detail.hold.until == until
    hands.wait(lambda: [row.held_until for row in stock.model.rows] == [until], "its list says until when")

    do(second, JoinQueue(unit_id=unit_id, customer_id=customers[0]))
    do(first, JoinQueue(unit_id=unit_id, customer_id=customers[1]))
    exchange(first, hands)
    exchange(second, hands)
    exchange(first, hands)
    assert len(names(first, unit_id)) == 2 and names(first, unit_id) == names(second, unit_id)
    waiting = names(first, unit_id)
    do(first, ReleaseUnit(unit_id=unit_id))
    exchange(first, hands)
    exchange(second, hands)
    hold = second.desk.read(get_unit, unit_id).hold
    assert hold is not None and hold.customer_name == waiting[0]
    hands.wait(lambda: stock.record is not None and stock.record.queue[0].offered_until, "the panel says so")
