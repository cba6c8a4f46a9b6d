"""The prices page on the real database."""

from datetime import timedelta
from decimal import Decimal

import pytest
from pytestqt.qtbot import QtBot

from app.inventory.queries import get_unit
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from app.pricing.queries import get_price_change, list_price_changes
from app.pricing.rules import PriceKind, PricePhase
from tests.factories.records import Records
from ui.kit.context import PageContext
from ui.pricing.change_form import number_of
from ui.pricing.change_sheet import ChangeSheet
from ui.pricing.prices_page import PricesPage


@pytest.fixture
def actor(manager: Actor) -> Actor:
    return manager


@pytest.mark.parametrize(
    ("typed", "number"), [("-5,000", "-5000"), ("−2.5 %", "-2.5"), (" 189800 ", "189800"), ("x", None), ("", None)]
)
def test_numbers_as_people_type_them(typed: str, number: str | None) -> None:
    assert number_of(typed) == (None if number is None else Decimal(number))


def test_a_bulk_change_from_filter_to_stock(
    context: PageContext, show: object, settle: object, records: Records, dispatcher: Dispatcher, manager: Actor,
    qtbot: QtBot,
) -> None:  # fmt: skip
    units = [records.unit(), records.unit()]
    page = PricesPage(context)
    context.operations.changes_published.connect(page.on_changes)
    show(page, 1280, 800)  # type: ignore[operator]
    page.activate({})
    settle()  # type: ignore[operator]
    page._new()
    settle()  # type: ignore[operator]
    sheet = page.sheet
    assert isinstance(sheet, ChangeSheet)
    assert not sheet.go.isEnabled()
    sheet.form.set_value("value", "-12000")
    sheet.form.changed.emit("value")
    settle()  # type: ignore[operator]
    qtbot.waitUntil(lambda: len(sheet.preview.rows) == 2)
    assert not sheet.go.isEnabled(), "the floor would stand above the list price"
    sheet.form.set_value("value", "-1000")
    sheet.form.changed.emit("value")
    qtbot.waitUntil(lambda: sheet.go.isEnabled())
    settle()  # type: ignore[operator]
    sheet.preview.table.select_id(units[0].id)
    settle()  # type: ignore[operator]
    sheet.preview.form.set_value("price", Decimal("148500.00"))
    sheet.preview.set_price()
    settle()  # type: ignore[operator]
    sheet.submit()
    qtbot.waitUntil(lambda: page.sheet is None)
    settle()  # type: ignore[operator]
    found = {unit.id: dispatcher.read(get_unit, manager, unit.id).row.list_price for unit in units}
    assert found == {units[0].id: Decimal("148500.00"), units[1].id: Decimal("149000.00")}
    assert page.record.row.phase is PricePhase.IN_FORCE


def test_a_campaign_is_proposed_from_elsewhere_and_shown_in_the_calendar(
    context: PageContext, show: object, settle: object, records: Records, dispatcher: Dispatcher, manager: Actor,
    qtbot: QtBot,
) -> None:  # fmt: skip
    unit = records.unit()
    page = PricesPage(context)
    context.operations.changes_published.connect(page.on_changes)
    show(page, 1280, 800)  # type: ignore[operator]
    page.activate({"propose": {"kind": "CAMPAIGN", "percent": "-2", "unit_ids": (unit.id,)}})
    sheet = page.sheet
    assert isinstance(sheet, ChangeSheet)
    qtbot.waitUntil(lambda: sheet.go.isEnabled())
    sheet.submit()
    assert page.sheet is sheet, "a campaign needs a name and a last day"
    last = (records.today() + timedelta(days=20)).isoformat()
    sheet.form.set_values({"name_zh": "双十二", "valid_to": last})
    sheet.submit()
    qtbot.waitUntil(lambda: page.sheet is None)
    settle()  # type: ignore[operator]
    (row,) = dispatcher.read(list_price_changes, manager)
    assert (row.kind, row.name.zh) == (PriceKind.CAMPAIGN, "双十二")
    assert dispatcher.read(get_price_change, manager, row.id).lines[0].campaign_price == Decimal("147000.00")
    page._calendar()
    settle()  # type: ignore[operator]
    assert [line.id for line in page.sheet.timeline.rows] == [row.id]  # type: ignore[union-attr]
    assert "双十二" in page.sheet.timeline.accessibleDescription()  # type: ignore[union-attr]
