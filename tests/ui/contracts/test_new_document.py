"""Drafting a document of any kind on the page: choose, fill in, look, draft; errors beside the fields, drafts kept."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel

from app.contracts.kinds.registry import KINDS
from app.kernel.permissions import Role
from app.runtime.language import CHINESE, set_language
from db.models.contracts import Contract
from tests.app.sale_desk import SaleDesk
from tests.ui.record_pages import Driver, unnamed_controls
from tests.ui.workplaces import Travels
from ui.contracts.new_document import ChooseDocument, DocumentFormSheet
from ui.kit.context import PageContext

Open = Callable[..., Driver]
pytestmark = pytest.mark.parametrize("actor", [Role.BRANCH_MANAGER], indirect=True)


def chooser_of(driver: Driver) -> ChooseDocument:
    sheet = driver.page.sheet
    assert isinstance(sheet, ChooseDocument)
    return sheet


def form_of(driver: Driver) -> DocumentFormSheet:
    sheet = driver.page.sheet
    assert isinstance(sheet, DocumentFormSheet)
    return sheet


def begun(driver: Driver, kind: str) -> DocumentFormSheet:
    """The form of a kind, begun from what the page was opened with."""
    chooser = chooser_of(driver)
    chooser.form.set_value("kind", kind)
    chooser.form.changed.emit("kind")
    driver.settle()
    chooser.go.click()
    driver.settle()
    return form_of(driver)


def test_an_order_form_is_filled_in_looked_at_and_drafted(
    desk: SaleDesk, open_contracts: Open, navigator: Travels
) -> None:
    order_id = desk.paid_order()
    driver = open_contracts(new=True, order_id=order_id)
    offered = [choice.value for choice in chooser_of(driver).form.editor("kind")._choices]
    assert set(offered) == {
        "vehicle_order", "earnest_money", "loan_intent", "delivery_note", "termination_agreement",
    }  # fmt: skip
    sheet = begun(driver, "vehicle_order")
    assert any("张伟" in label.text() for label in sheet.findChildren(QLabel))
    sheet.draft()
    assert sheet.form.problems().keys() == {"contract_by"}
    sheet.form.set_value("contract_by", "2026-01-01")
    sheet.draft()
    driver.settle()
    assert "This day is over" in sheet.form.problems()["contract_by"]
    sheet.form.set_value("contract_by", "2026-12-31")
    sheet.look()
    driver.settle()
    assert sheet.view.isVisible() and not desk.rows(Contract)
    sheet.draft()
    driver.settle()
    (row,) = desk.rows(Contract)
    assert (row.template_code, row.order_id, row.number) == ("vehicle_order", order_id, "SH01-D01-VO-000001")
    assert navigator.went == [("document", {"document_id": row.id})] and driver.page.sheet is None


def test_a_wrong_cell_of_a_list_is_named_below_the_list(desk: SaleDesk, open_contracts: Open) -> None:
    vehicle = desk.records.customer_vehicle(desk.customer, plate="沪A12345", vin="LSVFA49J232037048")
    driver = open_contracts(new=True, customer_id=desk.customer.id)
    sheet = begun(driver, "repair_authorisation")
    assert sheet.form.value("plate") == "沪A12345" and sheet.begun.about.customer_vehicle_id == vehicle.id
    values: dict[str, Any] = {
        "vehicle": "朗逸", "odometer_km": 100, "energy_percent": 50, "fault": "异响", "old_parts": "parts_returned",
        "road_test": "road_test", "jobs": [{"job": "", "price": 100, "payer": "customer"}],
    }  # fmt: skip
    for name, value in values.items():
        sheet.form.set_value(name, value)
    sheet.draft()
    driver.settle()
    assert "Line 1, Work" in sheet.form.problems()["jobs"]
    sheet.form.set_value("jobs", [{"job": "四轮定位", "price": 100, "payer": "customer"}])
    sheet.draft()
    driver.settle()
    (row,) = desk.rows(Contract)
    assert row.customer_vehicle_id == vehicle.id and row.form_entries["jobs"][0]["job"] == "四轮定位"


def test_what_is_half_typed_survives(desk: SaleDesk, open_contracts: Open, context: PageContext) -> None:
    order_id = desk.paid_order()
    driver = open_contracts(new=True, order_id=order_id)
    sheet = begun(driver, "delivery_note")
    sheet.form.set_value("invoice_number", "131002600012")
    sheet.form.changed.emit("invoice_number")
    sheet.form._keeper.save()
    driver.settle()
    driver.page.close_sheet()
    kept = context.drafts.load(f"document.delivery_note.{order_id}")
    assert kept is not None and kept["invoice_number"] == "131002600012" and len(kept["handed_over"]) > 3
    driver.page.activate({"new": True, "order_id": order_id})
    again = begun(driver, "delivery_note")
    assert any("unfinished entry" in label.text() for label in again.findChildren(QLabel))
    again.form.set_raw_values(kept)
    assert again.form.value("invoice_number") == "131002600012" and len(again.form.value("handed_over")) > 3


def test_a_draft_is_changed_and_drafted_again(desk: SaleDesk, open_contracts: Open) -> None:
    driver = open_contracts(new=True, customer_id=desk.customer.id)
    sheet = begun(driver, "privacy_consent")
    for name in ("sensitive", "share_insurer", "share_bank", "marketing"):
        sheet.form.set_value(name, "no")
    sheet.form.set_value("contact", "021-55550101")
    sheet.draft()
    driver.settle()
    (row,) = desk.rows(Contract)
    driver.page.close_sheet()
    driver.settle()
    driver.page.show_record(row.id)
    driver.settle()
    assert driver.page._may_redraft()
    driver.page._redraft()
    driver.settle()
    again = form_of(driver)
    assert again.begun.contract_id == row.id and again.form.value("marketing") == "no"
    again.form.set_value("marketing", "yes")
    again.draft()
    driver.settle()
    (changed,) = desk.rows(Contract)
    assert changed.id == row.id and changed.data_digest != row.data_digest


def test_lists_say_the_kind_in_the_language_in_use_and_filter_by_it(desk: SaleDesk, open_contracts: Open) -> None:
    desk.draft_contract(desk.paid_order())
    driver = open_contracts()
    assert "kind" in [column.key for column in driver.page.columns]
    driver.page.filters.set_values({"kind": ["receipt"]}, silently=False)
    driver.settle()
    assert driver.page.model.rows == []
    set_language(CHINESE)
    assert unnamed_controls(driver.page) == []


@pytest.mark.parametrize("code", [code for code in KINDS if code != "vehicle_sale"])
def test_every_kind_has_a_form_with_a_field_for_each_entry(
    desk: SaleDesk, open_contracts: Open, context: PageContext, code: str
) -> None:
    from app.contracts.documents.queries import DocumentForm
    from app.contracts.documents.reading import About
    from app.contracts.paper.samples import ENTRIES
    from ui.kit.controls import Button

    form = DocumentForm(
        kind=code, about=About(), customer_name="张伟", subject="", paper_language=CHINESE, entries=ENTRIES[code]
    )
    sheet = DocumentFormSheet(context, form, cancel=Button("Back"))
    assert set(sheet.form.values()) == KINDS[code].entry_names
    assert sheet.form.check_all(), sheet.form.problems()
