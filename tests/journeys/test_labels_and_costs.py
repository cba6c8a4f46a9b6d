"""A manager enters freight and a loan, sees what the days cost, and makes price sheets for two vehicles."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.inventory.queries import UnitFilter, list_units
from app.kernel.clock import branch_date
from app.kernel.permissions import Role
from app.labels.rules import LabelContent
from app.tour.guided_sale import main_window, sign_in
from app.tour.hands import Hands
from app.unit_costs.queries import get_unit_costs
from app.unit_costs.rules import CostKind
from app.wiring.start import Application
from tests.factories.people import PASSWORD, actor_of, staff_of
from ui.kit.controls import Choice
from ui.labels.labels_page import LabelsPage
from ui.unit_costs.costs_page import CostsPage

MANAGER = staff_of(Role.ADMINISTRATOR)


def settle(application: Application, hands: Hands) -> None:
    for _ in range(2):
        hands.settle(0.03)
        hands.wait(lambda: application.operations.settled(), "nothing is under way")


def open_page(application: Application, hands: Hands, key: str, **params: Any) -> Any:
    window = main_window(application)
    window.pages.open(key, **params)
    settle(application, hands)
    return window.pages.current_page


def test_costs_a_loan_and_labels(
    start_application: Callable[..., Application], hands: Hands
) -> None:
    application = start_application()
    sign_in(application, hands, login=MANAGER.login, password=PASSWORD)
    dispatcher, actor = application.desk.dispatcher, actor_of(MANAGER)
    today = branch_date(dispatcher.clock.now())
    units = dispatcher.read(list_units, actor, filter=UnitFilter(), limit=2).rows

    costs = open_page(application, hands, "costs", unit_id=units[0].id)
    assert isinstance(costs, CostsPage)
    registry = main_window(application).actions_registry
    assert registry.run("costs.add")
    question = costs.question
    assert question is not None
    question.form.set_values({"kind": CostKind.FREIGHT, "happened_on": today.isoformat()})
    hands.type("1800", into=question.form.editor("amount").focus_widget())
    hands.click(question.verb)
    settle(application, hands)
    assert registry.run("costs.loan_for")
    sheet = costs.sheet
    for name, value in (
        ("lender", "平安银行"), ("principal", Decimal("100000.00")), ("annual_percent", Decimal("5.4")),
        ("drawn_on", (today - timedelta(days=10)).isoformat()),
    ):  # fmt: skip
        sheet.form.set_value(name, value)
    hands.click(sheet.go)
    settle(application, hands)
    told = dispatcher.read(get_unit_costs, actor, units[0].id)
    assert told.landed == units[0].cost + 1800 and told.interest == Decimal("150.00")
    assert costs.record.row.total == told.total, "and the window shows it"

    labels = open_page(application, hands, "labels", unit_ids=[units[0].id])
    assert isinstance(labels, LabelsPage)
    editor: Any = labels.form.editor("add")
    editor.choose(Choice(units[1].id, lambda: units[1].vin))
    labels.form.changed.emit("add")
    settle(application, hands)
    assert [unit.vin for unit in labels._units] == [unit.vin for unit in units]
    labels.form.set_value("content", LabelContent.WINDSCREEN)
    labels.form.changed.emit("content")
    settle(application, hands)
    assert labels.view.page_count() == 2
    assert labels.view.data().startswith(b"%PDF")
