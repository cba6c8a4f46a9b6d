"""Customers who wait, through the real window: entered with the keyboard, offered a vehicle, let go."""

from app.inventory.queries import get_unit
from app.tour.guided_sale import main_window, sign_in
from app.tour.hands import Hands
from tests.factories.people import PASSWORD
from tests.journeys.test_unit_care import MANAGER, Start, answer, at_rest, opened, run, some_unit
from ui.kit.editing import FormSheet
from ui.kit.form import Form
from ui.vehicles.waiting_page import WaitingPage


def test_somebody_waits_is_offered_a_vehicle_and_leaves(start_application: Start, hands: Hands) -> None:
    application = start_application()
    sign_in(application, hands, login=MANAGER, password=PASSWORD)
    unit = application.desk.read(get_unit, some_unit(application)).row
    page = opened(application, hands, "waiting", WaitingPage)
    hands.wait(lambda: page.model.rowCount() == 0, "nobody waits yet")
    with application.desk.database.read() as session:
        run_sql = session.connection().exec_driver_sql
        customer, name = run_sql("SELECT id, name FROM customer ORDER BY id LIMIT 1").one()
    run(application, hands, "waiting.new")
    sheet = hands.wait(lambda: page.sheet if isinstance(page.sheet, FormSheet) else None, "the form is open")
    form = sheet.findChild(Form)
    assert form is not None
    form.set_values({"customer_id": customer, "trim_id": unit.trim_id, "note": "before the holiday"})
    form.submitted.emit()
    hands.wait(lambda: page.sheet is None and page.is_shown, "the place is shown")
    assert page.record.row.customer_name == name and page.record.row.place == 1
    hands.wait(lambda: page.model.rowCount() == 1, "it is listed")
    assert page.record.units and "offer" in page.record.actions
    run(application, hands, "waiting.offer")
    answer(application, hands, page)
    hands.wait(lambda: page.record.offered is not None, "a vehicle is on offer")
    offered = page.record.offered.id
    held = application.desk.read(get_unit, offered).hold
    assert held is not None and held.customer_name == name
    run(application, hands, "waiting.leave")
    answer(application, hands, page, reason="bought elsewhere")
    hands.wait(lambda: application.desk.read(get_unit, offered).hold is None, "the vehicle is free again")
    hands.wait(lambda: page.model.rowCount() == 0, "nobody waits")
    assert main_window(application).actions_registry.get("go.keys") is not None  # pages of tabs are in the palette too
    at_rest(application, hands)
