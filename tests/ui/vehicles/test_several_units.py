"""Several vehicles of the stock table at once: secured together, with what became of each."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QLabel, QPushButton

from app.kernel.changes import Changes
from app.kernel.clock import FixedClock
from app.runtime.language import CHINESE, set_language
from db.models.inventory import VehicleUnit
from tests.ui.record_pages import unnamed_controls
from tests.ui.workplaces import MemoryLeases, Notes, Travels
from ui.kit.context import PageContext
from ui.kit.panel_form import PanelInquiry
from ui.vehicles.vehicles_page import VehiclesPage

Settle = Callable[[], None]


@pytest.fixture
def leases(clock: FixedClock) -> MemoryLeases:
    """The centre's word."""
    return MemoryLeases(clock)


@pytest.fixture
def page(
    context: PageContext, stock: list[VehicleUnit], leases: MemoryLeases, show: Callable[..., Any], settle: Settle
) -> VehiclesPage:
    """The page of a desk that has a centre."""
    made = show(VehiclesPage(context, leases), 1072, 740)
    context.actions.set_scope(made.scope)
    context.operations.changes_published.connect(made.on_changes)
    made.activate({})
    settle()
    return made


def choose(page: VehiclesPage, settle: Settle, *units: VehicleUnit) -> None:
    """As Ctrl and the mouse do."""
    page.table.clearSelection()
    flag = QItemSelectionModel.SelectionFlag
    for unit in units:
        index = page.model.index(page.model.line_of(unit.id), 0)
        page.table.selectionModel().setCurrentIndex(index, flag.Select | flag.Rows)
    settle()


def said(page: VehiclesPage) -> str:
    return " | ".join(label.text() for label in page.panel.findChildren(QLabel))


def buttons(page: VehiclesPage) -> list[str]:
    return [button.text() for button in page.panel.findChildren(QPushButton) if button.isVisible()]


def secure(page: VehiclesPage, context: PageContext, settle: Settle) -> None:
    assert context.actions.run("vehicles.secure")
    assert page.several.head is not None
    question = page.several.head.question
    assert isinstance(question, PanelInquiry)
    question.submit()
    settle()


def test_several_vehicles_are_secured_with_a_plain_word_on_each(
    page: VehiclesPage, context: PageContext, stock: list[VehicleUnit], leases: MemoryLeases, settle: Settle
) -> None:
    one, held, elsewhere, _, fine = stock
    leases.refused = {
        held.vin: ("vehicle_claimed", {"winner": {"kind": "lease", "number": "SH01-D02", "order_id": None}}),
        elsewhere.vin: ("vehicle_claimed", {"winner": {"order_id": "a" * 32, "number": "SH01-SO-2026-000007"}}),
    }
    choose(page, settle, one, held, elsewhere, fine)
    assert "4 vehicles" in said(page) and "selected" in said(page)
    assert buttons(page) == ["Secure for selling offline…", "Print labels…"]
    assert page.detail is None and not context.actions.run("vehicles.sell")
    secure(page, context, settle)
    assert leases.asked == [((one.vin, held.vin, elsewhere.vin, fine.vin), 24)]
    text = said(page)
    assert "2 of 4 are secured." in text and text.count("Secured until 2026-") == 2
    assert "Not secured. Desk SH01-D02 has it secured." in text
    assert "Not secured. It is sold on order SH01-SO-2026-000007." in text
    assert buttons(page)[0] == "Secured vehicles" and unnamed_controls(page) == []


def test_what_was_said_stays_when_the_list_is_fetched_again(
    page: VehiclesPage, context: PageContext, stock: list[VehicleUnit], settle: Settle
) -> None:
    choose(page, settle, *stock[:3])
    secure(page, context, settle)
    assert "All 3 vehicles are secured." in said(page)
    page.on_changes(Changes({"vehicle_unit": frozenset({stock[0].id}), "vehicle_lease": frozenset({"x"})}), None)
    settle()
    assert {one.id for one in page.table.selected_rows()} == {unit.id for unit in stock[:3]}
    assert "All 3 vehicles are secured." in said(page)
    choose(page, settle, stock[0])
    settle()
    assert page.detail is not None and page.detail.row.id == stock[0].id and not page.several.rows


def test_where_the_centre_does_not_answer_nothing_is_lost(
    page: VehiclesPage, context: PageContext, stock: list[VehicleUnit], leases: MemoryLeases, settle: Settle
) -> None:
    leases.away = True
    choose(page, settle, *stock[:2])
    secure(page, context, settle)
    assert page.several.head is not None and isinstance(page.several.head.question, PanelInquiry)
    assert len(page.several.rows) == 2
    leases.away = False
    page.several.head.question.submit()
    settle()
    assert "All 2 vehicles are secured." in said(page)


def test_an_answer_that_comes_after_another_choice_is_said_in_a_message(
    page: VehiclesPage, stock: list[VehicleUnit], settle: Settle, leases: MemoryLeases, notifications: Notes
) -> None:
    choose(page, settle, *stock[:2])
    rows = list(page.several.rows)
    choose(page, settle, *stock[1:4])
    page.several.show_answer(rows, leases.secure([row.vin for row in rows], 4))
    assert "3 vehicles" in said(page)
    text = notifications.shown[-1][0]
    assert (text() if callable(text) else text) == "All 2 vehicles are secured."


def test_several_labels_and_too_many_to_secure(
    page: VehiclesPage, context: PageContext, stock: list[VehicleUnit], settle: Settle, navigator: Travels,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choose(page, settle, *stock[:2])
    assert context.actions.run("vehicles.labels")
    assert navigator.went == [("labels", {"unit_ids": [unit.id for unit in stock[:2]]})]
    monkeypatch.setattr("ui.vehicles.several_units.LEASES_A_DESK", 2)
    choose(page, settle, *stock[:3])
    assert "At most 2 vehicles can be secured for a desk." in said(page)
    assert buttons(page) == ["Print labels…"]


def test_in_chinese(page: VehiclesPage, context: PageContext, stock: list[VehicleUnit], settle: Settle) -> None:
    set_language(CHINESE)
    choose(page, settle, *stock[:2])
    secure(page, context, settle)
    assert "2 台车辆已全部锁定。" in said(page) and "已锁定至" in said(page)
