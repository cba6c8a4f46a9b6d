"""The stock page: filter while typing, live counts, one unit in full, holds, states, prices."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.inventory.commands import HoldUnit
from app.inventory.queries import get_unit
from app.inventory.rules import AllocationState, QualityState, StockState
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from app.runtime.language import set_language
from db.models.inventory import VehicleUnit
from tests.factories.documents import make_order
from tests.factories.records import Records
from tests.ui.typing_text import type_text
from tests.ui.workplaces import Travels
from ui.kit.context import PageContext
from ui.kit.disclosure import FactGroups
from ui.kit.record_line import RecordLine
from ui.vehicles.vehicles_page import VehiclesPage

Settle = Callable[[], None]


def _open(page: VehiclesPage, unit: VehicleUnit, settle: Settle) -> None:
    page.activate({"unit_id": unit.id})
    settle()
    settle()


def _said(page: VehiclesPage) -> str:
    return " | ".join(label.text() for label in page.panel.findChildren(QLabel))


def _buttons(page: VehiclesPage) -> list[str]:
    return [button.text() for button in page.panel.findChildren(QPushButton) if button.isVisible()]


def test_filters_while_typing_in_any_language(
    page: VehiclesPage, stock: list[VehicleUnit], settle: Settle, qtbot: QtBot
) -> None:
    assert page.describe() == "Vehicles 5 of 5 vehicles"
    for text, count in (("byd", 2), ("汉", 2), ("lavida", 3), (stock[1].vin[-6:], 1), ("dz", 3)):
        type_text(qtbot, page.filters.search, text)
        qtbot.waitUntil(lambda text=text: page.model.filters.get("text") == text)
        settle()
        assert page.model.rowCount() == count, text
    assert page.describe() == "Vehicles 3 of 5 vehicles"


def test_the_model_keeps_the_rules_of_qt(page: VehiclesPage, settle: Settle, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(page.model)
    page.filters.chip("energies").choose("electric")
    settle()
    qtmodeltester.check(page.model)
    assert page.model.rowCount() == 2


def test_chips_count_what_the_other_filters_leave(page: VehiclesPage, stock: list[VehicleUnit], settle: Settle) -> None:
    def counts(name: str) -> dict[str, int | None]:
        options = page.filters.chip(name)._options
        return {str(option.value): option.count for option in options if option.count}

    assert counts("energies") == {"petrol": 3, "electric": 2}
    assert counts("stock_states") == {"IN_STOCK": 4, "IN_TRANSIT": 1}
    page.filters.chip("energies").choose("electric")
    settle()
    assert counts("energies") == {"petrol": 3, "electric": 2}  # its own choice does not narrow it
    assert counts("colours") == {"极光蓝 / Aurora Blue": 2}
    assert counts("make_ids") == {stock[3].make_id: 2}
    page.filters.chip("price_bands").choose("200000-300000")
    page.filters.chip("stock_states").choose("IN_TRANSIT")
    settle()
    assert page.model.rowCount() == 1 and page.describe() == "Vehicles 1 of 1 vehicles"
    page.filters.clear()
    settle()
    assert page.model.rowCount() == 5


def test_sorts_by_price_and_age(page: VehiclesPage, settle: Settle) -> None:
    price, age = 2, 3
    page.table._on_header_clicked(price)
    settle()
    assert [row.list_price for row in page.model.rows] == sorted(row.list_price for row in page.model.rows)
    page.table._on_header_clicked(age)
    page.table._on_header_clicked(age)
    settle()
    assert page.model.rows[0].age_days == 200


def test_the_panel_says_everything_about_a_unit(page: VehiclesPage, stock: list[VehicleUnit], settle: Settle) -> None:
    _open(page, stock[3], settle)
    said = _said(page)
    for words in ("BYD Han 2026 Flagship", "¥255,000.00", "Floor 139,000.00", "Cost 128,000.00", "SH01 B-07"):
        assert words in said, words
    for words in ("In stock", "Free", "Normal", "Inspection passed", "Certificate not here yet", "605 km", "380 kW"):
        assert words in said, words
    assert "Knee airbags" not in said
    groups = page.panel.findChildren(FactGroups)[0].groups
    assert [group.is_open for group in groups] == [False] * len(groups)
    safety = next(group for group in groups if group.handle.text() == "Safety")
    safety.handle.click()
    assert "Knee airbags" in _said(page)


def test_moving_along_the_rows_follows_and_escape_closes(page: VehiclesPage, settle: Settle, qtbot: QtBot) -> None:
    page.table.setFocus()
    page.table.selectRow(0)
    settle()
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    settle()
    assert page.detail is not None and page.detail.row.id == page.model.rows[1].id
    page._on_escape()
    assert page.panel.isHidden() and page.detail is None


def test_sell_takes_the_unit_and_whom_it_is_held_for(
    page: VehiclesPage,
    stock: list[VehicleUnit],
    records: Records,
    settle: Settle,
    navigator: Travels,
    context: PageContext,
    dispatcher: Dispatcher,
    actor: Actor,
) -> None:
    customer = records.customer()
    dispatcher.execute(HoldUnit(unit_id=stock[0].id, customer_id=customer.id), actor)
    _open(page, stock[0], settle)
    assert _buttons(page)[:3] == ["Sell", "Extend", "Release"]
    assert context.actions.run("vehicles.sell")
    assert navigator.went == [("sale", {"vehicle_unit_id": stock[0].id, "customer_id": customer.id})]


def test_hold_extend_release_and_undo(
    page: VehiclesPage,
    stock: list[VehicleUnit],
    settle: Settle,
    context: PageContext,
    clock: FixedClock,
) -> None:
    _open(page, stock[0], settle)
    assert _buttons(page)[:2] == ["Sell", "Hold"]
    assert context.actions.run("vehicles.hold")
    assert page.view is not None
    question = page.view.head.question
    assert question is not None
    question.form.set_value("until", clock.now() + timedelta(days=30))
    question.submit()
    settle()
    assert "until" in question.form.problems()
    question.form.set_value("until", clock.now() + timedelta(hours=2))
    question.submit()
    settle()
    settle()
    assert page.detail is not None and page.detail.row.allocation is AllocationState.HELD
    assert "2 h left" in _said(page) and "By 赵敏" in _said(page)
    assert page.model.rows[page.model.line_of(stock[0].id)].allocation is AllocationState.HELD
    assert context.actions.run("vehicles.release")
    settle()
    settle()
    assert page.detail.row.allocation is AllocationState.FREE
    context.operations.undo(page)
    settle()
    settle()
    assert page.detail.row.allocation is AllocationState.HELD


def test_a_hold_runs_out_before_ones_eyes(
    page: VehiclesPage,
    stock: list[VehicleUnit],
    settle: Settle,
    clock: FixedClock,
    dispatcher: Dispatcher,
    actor: Actor,
) -> None:
    dispatcher.execute(HoldUnit(unit_id=stock[0].id, until=clock.now() + timedelta(minutes=10)), actor)
    _open(page, stock[0], settle)
    assert "10 min left" in _said(page)
    clock.advance(timedelta(minutes=10))
    assert page.view is not None
    page.view.head._on_timer()
    settle()
    assert page.detail is not None and page.detail.row.allocation is AllocationState.FREE
    assert _buttons(page)[:2] == ["Sell", "Hold"]


def test_a_hold_runs_out_in_the_list_too(
    page: VehiclesPage,
    stock: list[VehicleUnit],
    settle: Settle,
    clock: FixedClock,
    dispatcher: Dispatcher,
    actor: Actor,
) -> None:
    dispatcher.execute(HoldUnit(unit_id=stock[0].id, until=clock.now() + timedelta(minutes=90)), actor)
    page.activate({})
    page.model.refresh()
    settle()

    def held() -> list[str]:
        line = next(place for place, row in enumerate(page.model.rows) if row.id == stock[0].id)
        place = next(place for place, column in enumerate(page.model.columns) if column.key == "held")
        return [page.model.rows[line].allocation, page.model.index(line, place).data()]

    assert held() == ["HELD", "1 h 30 min"]
    clock.advance(timedelta(minutes=40))
    page.running_out.look()
    assert held() == ["HELD", "50 min"], "the time left is told anew"
    clock.advance(timedelta(minutes=50))
    page.running_out.look()
    settle()
    assert held() == ["FREE", ""]


def test_a_colleagues_hold_is_released_with_a_reason(
    page: VehiclesPage,
    stock: list[VehicleUnit],
    settle: Settle,
    context: PageContext,
    dispatcher: Dispatcher,
    salesperson: Actor,
) -> None:
    dispatcher.execute(HoldUnit(unit_id=stock[0].id), salesperson)
    _open(page, stock[0], settle)
    assert _buttons(page)[0] == "Release" and not context.actions.run("vehicles.sell")
    assert context.actions.run("vehicles.release")
    assert page.view is not None
    question = page.view.head.question
    assert question is not None and "王芳 holds it" in _said(page)
    question.submit()
    assert "reason" in question.form.problems()
    question.form.set_value("reason", "customer withdrew")
    question.submit()
    settle()
    settle()
    assert page.detail is not None and page.detail.row.allocation is AllocationState.FREE


def test_steps_on_the_axes(page: VehiclesPage, stock: list[VehicleUnit], settle: Settle, context: PageContext) -> None:
    _open(page, stock[0], settle)
    assert context.actions.run("vehicles.damage")
    assert page.view is not None and page.view.head.question is not None
    page.view.head.question.form.set_value("reason", "scratch on the door")
    page.view.head.question.submit()
    settle()
    settle()
    assert page.detail.row.quality is QualityState.DAMAGED
    assert "Sell" not in _buttons(page)
    assert not context.actions.run("vehicles.sell") and not context.actions.run("vehicles.hold")


def test_move_prices_and_arrival(
    page: VehiclesPage, stock: list[VehicleUnit], settle: Settle, context: PageContext
) -> None:
    _open(page, stock[4], settle)
    assert context.actions.run("vehicles.move")
    assert page.view is not None and page.view.head.question is not None
    move = page.view.head.question
    settle()
    assert "B-07" in move.form.editor("location").suggestions()
    move.form.set_value("location", "C-09")
    move.submit()
    settle()
    settle()
    assert context.actions.run("vehicles.prices")
    prices = page.view.head.question
    assert prices is not None
    prices.form.set_values({"list_price": Decimal("250000.00"), "floor_price": Decimal("260000.00")})
    prices.submit()
    settle()
    assert "above the list price" in prices.form.problems()["floor_price"]
    prices.form.set_value("floor_price", Decimal("240000.00"))
    prices.submit()
    settle()
    settle()
    assert page.detail is not None and page.detail.row.list_price == Decimal("250000.00")
    assert context.actions.run("vehicles.arrived")
    arrival = page.view.head.question
    assert arrival is not None
    arrival.submit()
    settle()
    settle()
    assert page.detail.row.stock is StockState.IN_STOCK and page.detail.row.location == "C-09"


def test_the_order_of_a_sold_unit_is_one_click_away(
    page: VehiclesPage, stock: list[VehicleUnit], records: Records, settle: Settle, navigator: Travels
) -> None:
    unit = records.unit(allocation_state="ALLOCATED", order_id="0" * 32)
    order = make_order(records, unit=unit, id="0" * 32)
    _open(page, unit, settle)
    lines = [line for line in page.panel.findChildren(RecordLine) if order.number in line.accessibleName()]
    assert len(lines) == 1 and _buttons(page)[0] == "Open the order"
    lines[0].click()
    assert navigator.went == [("orders", {"order_id": order.id})]


def test_a_sold_unit_is_handed_over_when_nothing_is_in_the_way(
    page: VehiclesPage, records: Records, settle: Settle, context: PageContext
) -> None:
    sold = {"allocation_state": "ALLOCATED", "pdi_state": "PASS", "order_id": "0" * 32}
    without_paper, ready = records.unit(**sold), records.unit(**sold, certificate_state="IN_SAFE")
    _open(page, without_paper, settle)
    assert "Not to be handed over yet: the certificate of conformity is not on site." in _said(page)
    assert not context.actions.run("vehicles.hand_over")
    _open(page, ready, settle)
    assert "Not to be handed over" not in _said(page)
    assert context.actions.run("vehicles.hand_over") and page.view is not None
    question = page.view.head.question
    assert question is not None and page.detail.row.allocation is AllocationState.ALLOCATED
    question.submit()
    settle()
    settle()
    _open(page, ready, settle)  # it left the list
    assert page.detail.row.allocation is AllocationState.DELIVERED
    for gone in ("move", "prices", "damage", "freeze"):
        assert not context.actions.run(f"vehicles.{gone}"), "it is the buyer's now"


def test_a_unit_on_its_way_says_when_it_is_due(page: VehiclesPage, stock: list[VehicleUnit], settle: Settle) -> None:
    _open(page, stock[4], settle)
    assert page.model.index(0, 3).data() == "due 11-27"
    assert "Due on" in _said(page) and "2026-11-27" in _said(page)


def test_units_of_a_trim_with_a_chip_to_take_off(page: VehiclesPage, stock: list[VehicleUnit], settle: Settle) -> None:
    page.activate({"trim_id": stock[3].trim_id})
    settle()
    settle()
    chip = page.filters.chip("trim_ids")
    assert page.model.rowCount() == 2 and chip.isVisible() and "Han" in chip.text()
    page.filters.clear()
    settle()
    assert page.model.rowCount() == 5 and not chip.isVisible()


def test_a_unit_that_left_the_house_is_shown_by_the_palette(
    page: VehiclesPage, records: Records, settle: Settle
) -> None:
    gone = records.unit(stock_state="OUT", allocation_state="DELIVERED")
    _open(page, gone, settle)
    row = page.table.current_row()
    assert row is not None and row.id == gone.id and page.detail is not None


def test_a_removed_unit_leaves_list_and_panel(
    page: VehiclesPage, stock: list[VehicleUnit], settle: Settle, qtbot: QtBot, context: PageContext
) -> None:
    _open(page, stock[0], settle)
    assert context.actions.run("vehicles.remove")
    from ui.kit.dialogs import Dialog

    dialog = page.findChild(Dialog)
    assert dialog is not None
    from ui.kit.editors import MultiLineEditor

    editor = dialog.findChild(MultiLineEditor)
    assert editor is not None
    editor.box.setPlainText("entered twice")
    next(button for button in dialog.findChildren(QPushButton) if button.text() == "Remove").click()
    settle()
    settle()
    assert page.model.rowCount() == 0 and page.panel.isHidden()


def test_speaks_chinese_after_a_switch(page: VehiclesPage, stock: list[VehicleUnit], settle: Settle) -> None:
    _open(page, stock[3], settle)
    set_language("zh_CN")
    assert page.describe() == "车辆 1 / 5 台"
    assert "比亚迪 汉 2026款 旗舰版" in _said(page) and "检测合格" in _said(page)
    assert page.filters.chip("make_ids").text() == "品牌"


class TestAsSalesperson:
    @pytest.fixture
    def actor(self, salesperson: Actor) -> Actor:
        return salesperson

    def test_no_cost_no_floor_no_changes(
        self, page: VehiclesPage, stock: list[VehicleUnit], settle: Settle, context: PageContext
    ) -> None:
        _open(page, stock[0], settle)
        assert "128,000" not in _said(page) and "139,000" not in _said(page)
        assert {"cost", "floor_price"}.isdisjoint(column.key for column in page.model.columns)
        assert page.header_button("vehicles.new") is None and page.header_button("vehicles.import") is None
        assert not context.actions.run("vehicles.prices") and not context.actions.run("vehicles.damage")
        assert _buttons(page)[:2] == ["Sell", "Hold"]

    def test_a_hold_by_keyboard_alone(
        self,
        page: VehiclesPage,
        stock: list[VehicleUnit],
        settle: Settle,
        qtbot: QtBot,
        dispatcher: Dispatcher,
        actor: Actor,
    ) -> None:
        _open(page, stock[0], settle)
        qtbot.keyClick(page.table, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
        assert page.view is not None and page.view.head.question is not None
        line = page.view.head.question.form.editor("until").line
        qtbot.keyClick(line, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        settle()
        settle()
        assert dispatcher.read(get_unit, actor, stock[0].id).row.allocation is AllocationState.HELD


class TestEmptyStock:
    @pytest.fixture
    def stock(self) -> list[VehicleUnit]:
        return []

    def test_says_what_to_do_first(self, page: VehiclesPage, settle: Settle) -> None:
        said = " ".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())
        assert "No vehicles in stock yet" in said and "Import the stock list" in said


class TestAsPartsClerk:
    @pytest.fixture
    def actor(self, actor_with: Callable[[Role], Actor]) -> Actor:
        return actor_with(Role.PARTS_CLERK)

    def test_may_look_only(
        self, page: VehiclesPage, stock: list[VehicleUnit], settle: Settle, context: PageContext
    ) -> None:
        _open(page, stock[0], settle)
        assert page.detail is not None
        assert not context.actions.run("vehicles.hold") and not context.actions.run("vehicles.sell")
