"""The replenishment page on the real database."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from app.replenishment.commands import ApproveProposal, RemoveStockMinimum, SetStockMinimum
from app.replenishment.proposal_queries import get_proposal, list_proposals
from app.replenishment.queries import list_minimums, list_needs
from app.replenishment.rules import ProposalState
from app.replenishment.slow_stock_queries import list_aged_units
from app.transfers.queries import get_transfer
from tests.factories.documents import make_order
from tests.factories.people import HANGZHOU
from tests.factories.records import Records
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label
from ui.kit.panel_form import PanelForm
from ui.replenishment.proposal_files import write_proposal
from ui.replenishment.proposal_sheet import ProposalSheet
from ui.replenishment.replenishment_page import ReplenishmentPage


@pytest.fixture
def actor(manager: Actor) -> Actor:
    return manager


@pytest.fixture
def page(
    context: PageContext, show: object, settle: object, records: Records, dispatcher: Dispatcher, manager: Actor
) -> ReplenishmentPage:
    """The page, with a minimum of three white ones of which one is there, and an old unit."""
    unit = records.unit(arrived_on=records.today() - timedelta(days=130))
    dispatcher.execute(
        SetStockMinimum(series_id=unit.series_id, exterior_colour=unit.exterior_colour, quantity=3), manager
    )
    made = ReplenishmentPage(context)
    context.operations.changes_published.connect(made.on_changes)
    show(made, 1280, 800)  # type: ignore[operator]
    made.activate({})
    settle()  # type: ignore[operator]
    return made


def texts(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(Label))


def press(page: ReplenishmentPage, name: str) -> None:
    page.panel.findChild(Button, name).click()  # type: ignore[union-attr]


def test_from_the_reasons_to_an_order(
    page: ReplenishmentPage, settle: object, dispatcher: Dispatcher, manager: Actor, administrator: Actor,
    qtbot: QtBot, tmp_path: Path,
) -> None:  # fmt: skip
    table = page.tables["needs"].table
    table.select_id(page.tables["needs"].model.rows[0].id)
    settle()  # type: ignore[operator]
    said = texts(page.panel)
    assert "Order 2 vehicles" in said
    assert "2 more to reach a minimum of 3." in said
    page._new_proposal()
    settle()  # type: ignore[operator]
    sheet = page.sheet
    assert isinstance(sheet, ProposalSheet)
    sheet.table.select_id(sheet.lines[0].id)
    settle()  # type: ignore[operator]
    sheet.form.set_values({"quantity": 4, "note": "with tow bar"})
    sheet.set_line()
    settle()  # type: ignore[operator]
    sheet.store()
    qtbot.waitUntil(lambda: page.sheet is None)
    settle()  # type: ignore[operator]
    (row,) = dispatcher.read(list_proposals, manager)
    assert (row.units, row.state) == (4, ProposalState.DRAFT)
    page.context.actions.run("replenishment.submit")  # as from the palette
    settle()  # type: ignore[operator]
    assert page.panel.findChild(Button, "replenishment.approve") is None
    assert "You drafted it: somebody else has to approve it." in texts(page.panel)
    approve = ApproveProposal(
        proposal_id=row.id, expected_revision=dispatcher.read(get_proposal, manager, row.id).row.revision
    )
    dispatcher.execute(approve, administrator)
    page.show_proposal(row.id)
    settle()  # type: ignore[operator]
    press(page, "replenishment.order")
    settle()  # type: ignore[operator]
    assert dispatcher.read(get_proposal, manager, row.id).row.state is ProposalState.ORDERED
    for suffix in ("csv", "xlsx"):
        write_proposal(page, row.id, tmp_path / f"order.{suffix}")
        qtbot.waitUntil(lambda suffix=suffix: (tmp_path / f"order.{suffix}").exists())
    settle()  # type: ignore[operator]
    assert "with tow bar" in (tmp_path / "order.csv").read_text("utf-8-sig")


def test_lines_that_nobody_suggested_are_added_to_a_proposal(
    page: ReplenishmentPage, settle: object, records: Records, dispatcher: Dispatcher, manager: Actor, qtbot: QtBot
) -> None:
    wanted = records.trim(name_zh="尊贵版", name_en="Premium")
    page._new_proposal()
    settle()  # type: ignore[operator]
    sheet = page.sheet
    assert isinstance(sheet, ProposalSheet)
    (suggested,) = sheet.lines
    sheet.begin_line()
    for trim_id, colour, quantity in (
        (wanted.id, "", 2), (wanted.id, "", 1), (suggested.trim_id, suggested.stored_colour, 3),
    ):  # fmt: skip
        form = sheet.addition.form
        form.editor("trim_id").choose(Choice(trim_id, "Trim"))
        form.editor("exterior_colour").choose(Choice(colour, "Colour") if colour else None)
        form.set_value("quantity", quantity)
        sheet.addition.submit()
        settle()  # type: ignore[operator]
    assert [(line.quantity, line.suggested) for line in sheet.lines] == [(5, 2), (3, 0)]
    assert sheet.lines[1].unit_cost == Decimal("138000.00"), "92 % of the guide price"
    sheet.addition.submit()
    settle()  # type: ignore[operator]
    assert len(sheet.lines) == 2, "a model has to be chosen"
    sheet.store()
    qtbot.waitUntil(lambda: page.sheet is None)
    settle()  # type: ignore[operator]
    (row,) = dispatcher.read(list_proposals, manager)
    lines = dispatcher.read(get_proposal, manager, row.id).lines
    assert [(str(line.name.en), line.quantity) for line in lines][1] == ("Volkswagen Lavida 2026 Premium", 3)


def test_a_proposal_can_be_made_although_nothing_is_lacking(
    page: ReplenishmentPage, settle: object, dispatcher: Dispatcher, manager: Actor
) -> None:
    (minimum,) = dispatcher.read(list_minimums, manager)
    dispatcher.execute(RemoveStockMinimum(minimum_id=minimum.id), manager)
    page._new_proposal()
    settle()  # type: ignore[operator]
    sheet = page.sheet
    assert isinstance(sheet, ProposalSheet)
    assert sheet.addition.isVisible() and not sheet.save.isEnabled()


def test_warnings_lead_to_the_page_that_helps(page: ReplenishmentPage, settle: object, navigator: object) -> None:
    page.show_view("aged")
    settle()  # type: ignore[operator]
    unit = page.tables["aged"].model.rows[0]
    page.tables["aged"].table.select_id(unit.id)
    settle()  # type: ignore[operator]
    button = next(one for one in page.panel.findChildren(Button) if one.text() == "Plan a campaign")
    button.click()
    key, params = navigator.went[-1]  # type: ignore[attr-defined]
    assert key == "prices"
    assert params["propose"]["unit_ids"] == (unit.id,)


def test_minimums_and_charts(page: ReplenishmentPage, settle: object) -> None:
    page.show_view("minimums")
    settle()  # type: ignore[operator]
    view = page.tables["minimums"]
    view.table.select_id(view.model.rows[0].id)
    settle()  # type: ignore[operator]
    assert "Available" in texts(page.panel)
    page.terms.new_minimum()
    settle()  # type: ignore[operator]
    assert page.panel.findChild(PanelForm) is not None
    page.show_view("figures")
    settle()  # type: ignore[operator]
    assert page.figures is not None
    assert len(page.figures.supply.data.rows) == 1


def test_a_vehicle_is_offered_to_the_branch_that_sells_it(
    page: ReplenishmentPage, settle: object, navigator: object, records: Records, dispatcher: Dispatcher, manager: Actor
) -> None:
    (aged,) = dispatcher.read(list_aged_units, manager).rows
    for number in range(3):
        sold = records.unit(stock_state="OUT", branch_id=HANGZHOU.id)
        make_order(
            records, unit=sold, trim_id=aged.unit.trim_id, branch_id=HANGZHOU.id,
            ordered_at=records.clock.now() - timedelta(days=number),
        )  # fmt: skip
    page.refresh()
    page.show_view("aged")
    settle()  # type: ignore[operator]
    page.tables["aged"].table.select_id(aged.unit.id)
    settle()  # type: ignore[operator]
    next(one for one in page.panel.findChildren(Button) if one.text() == "Transfer").click()
    settle()  # type: ignore[operator]
    form = page.panel.findChild(PanelForm)
    assert form is not None and form.form.value(aged.unit.id) is True
    form.submit()
    settle()  # type: ignore[operator]
    key, params = navigator.went[-1]  # type: ignore[attr-defined]
    assert key == "transfers"
    transfer = dispatcher.read(get_transfer, manager, params["transfer_id"]).row
    assert transfer.vin == aged.unit.vin


def test_lead_times_are_seen_and_entered(page: ReplenishmentPage, settle: object) -> None:
    page.show_view("lead_times")
    settle()  # type: ignore[operator]
    view = page.tables["lead_times"]
    view.table.select_id(view.model.rows[0].id)
    settle()  # type: ignore[operator]
    assert "house rule" in texts(page.panel)
    next(one for one in page.panel.findChildren(Button) if one.text() == "Change").click()
    form = page.panel.findChild(PanelForm)
    assert form is not None
    form.form.set_values({"mean_days": 33, "spread_days": 4})
    form.submit()
    settle()  # type: ignore[operator]
    row = view.model.rows[0]
    assert (row.entered.mean, row.source.value, view.model.index(0, 1).data()) == (33, "entered", "33 ± 4 days")


def test_a_minimum_can_be_of_a_trim(
    page: ReplenishmentPage, settle: object, dispatcher: Dispatcher, manager: Actor
) -> None:
    (first,) = dispatcher.read(list_minimums, manager)
    (need,) = dispatcher.read(list_needs, manager)
    page.terms.new_minimum()
    form = page.panel.findChild(PanelForm)
    assert form is not None
    form.form.editor("series_id").choose(Choice(first.series_id, "Series"))
    form.form.changed.emit("series_id")
    form.form.editor("trim_id").choose(Choice(need.id, "Trim"))
    form.form.set_value("quantity", 2)
    form.submit()
    settle()  # type: ignore[operator]
    assert {row.trim_id for row in dispatcher.read(list_minimums, manager)} == {None, need.id}
