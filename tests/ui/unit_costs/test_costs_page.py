"""Costs and loans on the page, on the real database."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from pytestqt.qtbot import QtBot

from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from app.runtime.language import CHINESE, set_language
from app.unit_costs.commands import AddUnitCost, OpenFloorPlan
from app.unit_costs.queries import get_unit_costs, list_floor_plans
from app.unit_costs.rules import CostKind
from tests.factories.records import Records
from tests.ui.record_pages import Driver, Settle, Show, open_page, unnamed_controls
from ui.kit.context import PageContext
from ui.kit.controls import Choice, IconButton
from ui.unit_costs.costs_page import CostsPage
from ui.unit_costs.loan_sheet import LoanSheet

TODAY = date(2026, 11, 22)
Open = Callable[..., Driver]


@pytest.fixture
def actor(actor_with: Callable[[Role], Actor]) -> Actor:
    """The branch manager."""
    return actor_with(Role.BRANCH_MANAGER)


@pytest.fixture
def open_costs(context: PageContext, show: Show, settle: Settle, qtbot: QtBot) -> Open:
    def opened(**params: object) -> Driver:
        return open_page(CostsPage(context), context=context, show=show, settle=settle, qtbot=qtbot, **params)

    return opened


def borrow(dispatcher: Dispatcher, manager: Actor, *unit_ids: str) -> tuple[str, ...]:
    command = OpenFloorPlan(
        unit_ids=unit_ids, lender="平安银行", contract_number="PA-118", principal=Decimal("102400.00"),
        annual_percent=Decimal("5.4"), drawn_on=date(2026, 11, 12), due_on=date(2026, 11, 25),
    )  # fmt: skip
    ids: tuple[str, ...] = dispatcher.execute(command, manager).value
    return ids


def test_it_lists_filters_and_adds_up(
    dispatcher: Dispatcher, manager: Actor, records: Records, open_costs: Open
) -> None:
    one, two = records.unit(), records.unit()
    plans = borrow(dispatcher, manager, one.id, two.id)
    driver = open_costs()
    page = driver.page
    assert page.describe() == "Costs and loans 2 loans · ¥204,800.00 outstanding · ¥30.72 interest a day"
    assert [row.id for row in page.model.rows] == list(plans)
    page.filters.set_values({"text": two.stock_number}, silently=False)
    driver.settle()
    assert [row.id for row in page.model.rows] == [plans[1]]
    driver.select(plans[1])
    assert driver.says("平安银行") and driver.says("5.40 % a year of 360 days") and driver.says("Due soon")
    assert driver.says("¥153.60") or driver.says("153.60")
    assert unnamed_controls(page) == []


def test_a_cost_is_added_and_taken_back(
    dispatcher: Dispatcher, manager: Actor, records: Records, open_costs: Open
) -> None:
    unit = records.unit()
    driver = open_costs(unit_id=unit.id)
    assert driver.says("Landed cost") and driver.says("Left at the list price")
    assert driver.run("costs.add")
    driver.answer(kind=CostKind.FREIGHT, amount=Decimal("0.00"), happened_on="2026-11-20")
    assert driver.says("A cost of nothing is no cost"), "beside the field, nothing is lost"
    driver.answer(amount=Decimal("1800.00"), supplier="安吉物流")
    assert driver.says("Freight") and driver.says("安吉物流")
    told = dispatcher.read(get_unit_costs, manager, unit.id)
    assert told.landed == Decimal("129800.00")
    buttons = driver.page.panel.findChildren(IconButton)
    (button,) = [one for one in buttons if one.accessibleName() == "Reverse this entry"]
    button.click()
    driver.settle()
    driver.answer(reason="记错了")
    assert driver.says("Taken back: Freight")
    driver.run("costs.add")
    driver.answer(kind=CostKind.REBATE, amount=Decimal("3000.00"), happened_on="2026-11-20")
    assert dispatcher.read(get_unit_costs, manager, unit.id).landed == unit.cost - 3000


def test_a_loan_is_entered_with_the_last_terms_and_paid_back(
    dispatcher: Dispatcher, manager: Actor, records: Records, open_costs: Open
) -> None:
    trim = records.trim()
    one, two = records.unit(trim), records.unit(trim)
    borrow(dispatcher, manager, one.id)
    driver = open_costs()
    assert driver.run("costs.loan")
    sheet = driver.page.sheet
    assert isinstance(sheet, LoanSheet)
    assert sheet.form.value("lender") == "平安银行" and sheet.form.value("annual_percent") == Decimal("5.4")
    sheet.begin_with(Choice(two.id, lambda: "two"))
    sheet.enter()
    assert list(sheet.form.problems()) == ["principal"]
    sheet.form.set_value("principal", Decimal("100000.00"))
    sheet.form.changed.emit("principal")
    assert "15.00 interest a day" in sheet.summary.text()
    sheet.enter()
    driver.settle()
    assert driver.page.sheet is None
    (_, plan) = dispatcher.read(list_floor_plans, manager)
    assert plan.unit.id == two.id and plan.outstanding == Decimal("100000.00")
    assert driver.run("costs.repay")
    driver.answer(amount=Decimal("100000.01"))
    assert driver.says("Only ¥100,000.00 is outstanding")
    driver.answer(amount=Decimal("100000.00"), paid_on=TODAY.isoformat())
    assert len(dispatcher.read(list_floor_plans, manager)) == 1
    assert not driver.run("costs.repay"), "nothing is owed any more"


def test_in_chinese(dispatcher: Dispatcher, manager: Actor, records: Records, open_costs: Open) -> None:
    unit = records.unit()
    borrow(dispatcher, manager, unit.id)
    dispatcher.execute(
        AddUnitCost(unit_id=unit.id, kind=CostKind.REBATE, amount=Decimal("-3000.00"), happened_on=TODAY), manager
    )
    driver = open_costs(unit_id=unit.id)
    set_language(CHINESE)
    driver.page.retranslate()
    driver.settle()
    assert driver.says("落地成本") and driver.says("厂家返利") and driver.says("即将到期")


def test_a_page_that_was_closed_hears_no_more_of_the_language(
    dispatcher: Dispatcher, manager: Actor, records: Records, open_costs: Open, context: PageContext
) -> None:
    unit = records.unit()
    borrow(dispatcher, manager, unit.id)
    driver = open_costs(unit_id=unit.id)
    context.actions.remove_scope(driver.page.scope)
    driver.page.close_page()
    set_language(CHINESE)
    driver.page.retranslate()
    assert driver.page.isHidden()
