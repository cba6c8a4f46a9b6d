"""A manager prices many vehicles and plans a campaign, somebody else approves it, a salesperson offers it; then the
manager sees what is lacking, orders it, and follows a warning. Through the real window."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from PySide6.QtWidgets import QWidget

from app.inventory.queries import UnitFilter, UnitRow, list_units
from app.kernel.clock import branch_date
from app.kernel.permissions import Role
from app.pricing.queries import get_price_change, list_price_changes
from app.pricing.rules import PricePhase
from app.quotations.commands import QuotationTerms
from app.quotations.queries import preview_quotation
from app.replenishment.proposal_queries import get_proposal, list_proposals
from app.replenishment.queries import list_needs
from app.replenishment.rules import ProposalState
from app.tour.guided_sale import main_window, sign_in
from app.tour.hands import Hands
from app.wiring.start import Application
from tests.factories.people import PASSWORD, StaffFixture, actor_of, staff_of
from ui.kit.controls import Button
from ui.kit.panel_form import PanelForm
from ui.pricing.change_sheet import ChangeSheet
from ui.pricing.prices_page import PricesPage
from ui.replenishment.proposal_sheet import ProposalSheet
from ui.replenishment.replenishment_page import ReplenishmentPage

MANAGER, ADMINISTRATOR = staff_of(Role.BRANCH_MANAGER), staff_of(Role.ADMINISTRATOR)


def settle(application: Application, hands: Hands) -> None:
    for _ in range(2):
        hands.settle(0.05)
        hands.wait(lambda: application.operations.settled(), "nothing is under way")


def open_page(application: Application, hands: Hands, key: str, **params: Any) -> Any:
    window = main_window(application)
    window.pages.open(key, **params)
    settle(application, hands)
    return window.pages.current_page


def units_of(application: Application, person: StaffFixture) -> tuple[UnitRow, ...]:
    return application.desk.dispatcher.read(list_units, actor_of(person), filter=UnitFilter()).rows


def button(within: QWidget, text: str) -> Button:
    return next(one for one in within.findChildren(Button) if one.text() == text and one.isVisible())


def press(page: ReplenishmentPage, application: Application, hands: Hands, name: str) -> None:
    hands.wait(lambda: any(one.text() == name for one in page.panel.findChildren(Button)), name)
    hands.click(button(page.panel, name))
    settle(application, hands)


def entered(page: PricesPage, application: Application, hands: Hands, value: str) -> ChangeSheet:
    """The sheet for a new change, with a value typed and its preview calculated."""
    hands.click(page.header_button("prices.new"))
    settle(application, hands)
    sheet = page.sheet
    assert isinstance(sheet, ChangeSheet)
    hands.type(value, into=sheet.form.editor("value").focus_widget())
    hands.wait(lambda: sheet.preview.rows, "the preview is calculated")
    settle(application, hands)
    return sheet


def test_prices_change_in_bulk_and_a_campaign_is_approved_and_offered(
    start_application: Callable[..., Application], hands: Hands
) -> None:
    application = start_application()
    sign_in(application, hands, login=MANAGER.login, password=PASSWORD)
    before = {unit.id: unit.list_price for unit in units_of(application, MANAGER)}

    page = open_page(application, hands, "prices")
    assert isinstance(page, PricesPage)
    sheet = entered(page, application, hands, "-1000")
    assert len(sheet.preview.rows) == len(before) == 12
    hands.click(sheet.go)
    hands.wait(lambda: page.sheet is None, "the change is stored")
    settle(application, hands)
    after = {unit.id: unit.list_price for unit in units_of(application, MANAGER)}
    assert after == {one: price - 1000 for one, price in before.items()}

    sheet = entered(page, application, hands, "-4000")
    last = branch_date(application.desk.clock.now()) + timedelta(days=14)
    given = {"kind": "CAMPAIGN", "name_zh": "年末", "name_en": "Year-end", "valid_to": last.isoformat()}
    for name, value in given.items():
        sheet.form.set_value(name, value)
        sheet.form.changed.emit(name)
    hands.wait(lambda: sheet.go.isEnabled(), "the campaign can be submitted")
    settle(application, hands)
    hands.click(sheet.go)
    hands.wait(lambda: page.sheet is None, "the campaign is stored")
    settle(application, hands)
    campaign = application.desk.dispatcher.read(list_price_changes, actor_of(MANAGER), kind="CAMPAIGN")[0]
    assert campaign.phase is PricePhase.PENDING_APPROVAL
    assert not page.offers("approve"), "not by whoever proposed it"
    application.close()

    # Somebody else approves on the same desk.
    other = start_again(application, start_application, hands)
    page = open_page(other, hands, "prices", change_id=campaign.id)
    hands.wait(lambda: page.offers("approve"), "it can be approved")
    page.context.actions.run("prices.approve")
    hands.click(page.question.verb)
    settle(other, hands)
    dispatcher = other.desk.dispatcher
    assert dispatcher.read(get_price_change, actor_of(ADMINISTRATOR), campaign.id).row.phase is PricePhase.IN_FORCE
    unit = units_of(other, ADMINISTRATOR)[0]
    offer = dispatcher.read(preview_quotation, actor_of(ADMINISTRATOR), QuotationTerms(vehicle_unit_id=unit.id))
    assert offer.vehicle_price == unit.list_price - Decimal("4000.00")
    assert any("Year-end" in str(line.label) for line in offer.lines)
    vehicles = open_page(other, hands, "vehicles", unit_id=unit.id)
    hands.wait(lambda: "Year-end" in _texts(vehicles.panel), "the unit's panel names the campaign")
    settle(other, hands)
    other.close()


def start_again(before: Application, start: Callable[..., Application], hands: Hands) -> Application:
    """The same profile once more, with the administrator."""
    from app.runtime.paths import open_profile

    again = Application(before.qt, open_profile(before.profile.root.parent / "desk").prepare(), spoken="en")
    again.keeps_backups = False
    again.take_profile()
    from tests.factories.databases import KEY

    again.desk.open(KEY)
    again.show_first_window()
    sign_in(again, hands, login=ADMINISTRATOR.login, password=PASSWORD)
    return again


def _texts(widget: QWidget) -> str:
    from ui.kit.controls import Label

    return "\n".join(label.text() for label in widget.findChildren(Label))


def test_what_is_lacking_is_ordered_and_a_warning_leads_to_a_campaign(
    start_application: Callable[..., Application], hands: Hands
) -> None:
    application = start_application()
    sign_in(application, hands, login=MANAGER.login, password=PASSWORD)
    dispatcher, actor = application.desk.dispatcher, actor_of(MANAGER)
    unit = units_of(application, MANAGER)[0]

    page = open_page(application, hands, "replenishment")
    assert isinstance(page, ReplenishmentPage)
    page.context.actions.run("replenishment.minimum")
    settle(application, hands)
    form = page.panel.findChild(PanelForm)
    assert form is not None
    form.form.editor("series_id").set_value(dispatcher.read(list_needs, actor)[0].place.series_id)
    hands.type("15", into=form.form.editor("quantity").focus_widget())
    hands.click(form.verb)
    settle(application, hands)
    (need,) = dispatcher.read(list_needs, actor)
    assert need.suggested == 3

    page.context.actions.run("replenishment.propose")
    settle(application, hands)
    sheet = page.sheet
    assert isinstance(sheet, ProposalSheet)
    hands.click(sheet.save)
    hands.wait(lambda: page.sheet is None, "the proposal is saved")
    settle(application, hands)
    proposal = dispatcher.read(list_proposals, actor)[0]
    press(page, application, hands, "Send for approval")
    names = {one.text() for one in page.panel.findChildren(Button)}
    assert "Back to draft" in names and "Approve" not in names, "not by whoever drafted it"
    application.close()

    # Somebody else approves on the same desk.
    application = start_again(application, start_application, hands)
    dispatcher = application.desk.dispatcher
    page = open_page(application, hands, "replenishment", proposal_id=proposal.id)
    for name in ("Approve", "Mark as ordered"):
        press(page, application, hands, name)
        asked = page.panel.findChild(PanelForm)
        if asked is not None:
            hands.click(asked.verb)
            settle(application, hands)
    detail = dispatcher.read(get_proposal, actor, proposal.id)
    assert (detail.row.state, detail.row.still_open) == (ProposalState.ORDERED, 3)
    assert dispatcher.read(list_needs, actor)[0].suggested == 0, "what is on order counts"

    page.show_view("minimums")
    settle(application, hands)
    page.tables["minimums"].table.select_id(page.tables["minimums"].model.rows[0].id)
    settle(application, hands)
    press(page, application, hands, "Remove")
    page.show_view("overstock")
    settle(application, hands)
    view = page.tables["overstock"]
    assert [row.surplus for row in view.model.rows] == [12], "nothing sells, and nothing is asked for any more"
    view.table.select_id(view.model.rows[0].id)
    settle(application, hands)
    hands.click(button(page.panel, "Plan a campaign"))
    settle(application, hands)
    prices = main_window(application).pages.current_page
    assert isinstance(prices, PricesPage)
    assert isinstance(prices.sheet, ChangeSheet)
    assert prices.sheet.form.value("kind") == "CAMPAIGN"
    assert [row.id for row in prices.sheet.preview.rows] == [unit.trim_id]
    application.close()
