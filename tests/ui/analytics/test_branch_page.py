"""The manager's page on the real database: the sums are right, bars open what is behind them, others are refused."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.kernel.changes import Changes
from app.kernel.errors import PermissionDenied
from app.kernel.permissions import Actor, Role
from app.runtime.language import set_language
from tests.factories.documents import make_order
from tests.factories.people import HANGZHOU
from tests.factories.records import Records
from tests.ui.workplaces import Travels
from ui.analytics.branch_page import BranchPage
from ui.analytics.drill_list import DrillList
from ui.analytics.figures import read_figures
from ui.analytics.words import money_scale, month_words, scaled_text
from ui.kit.context import PageContext

Settle = Callable[[], None]


@pytest.fixture
def actor(manager: Actor) -> Actor:
    """赵敏, who manages the branch."""
    return manager


@dataclass
class Sold:
    """What was sold: two this month, one last month, one a year ago, one at another branch."""

    orders: list[Any]
    make_id: str


@pytest.fixture
def sold(records: Records) -> Sold:
    trim = records.trim()
    now = records.clock.now()

    def order(days: int, gross: str, **values: Any) -> Any:
        unit = records.unit(trim, stock_state="OUT", cost=Decimal("128000.00"))
        price = Decimal("128000.00") + Decimal(gross)
        return make_order(records, unit=unit, vehicle_price=price, ordered_at=now - timedelta(days=days), **values)

    orders = [order(1, "9000"), order(2, "3000"), order(25, "-2000"), order(360, "5000")]
    order(3, "700000", branch_id=HANGZHOU.id)
    for days in (3, 20, 45, 200):
        records.unit(trim, arrived_on=records.today() - timedelta(days=days))
    return Sold(orders, orders[0].make_id)


@pytest.fixture
def page(context: PageContext, sold: Sold, show: Callable[..., Any], settle: Settle) -> BranchPage:
    page = show(BranchPage(context), 1072, 764)
    page.activate({})
    settle()
    context.operations.changes_published.connect(page.on_changes)
    return page


def _point(chart: Any, index: int) -> QPoint:
    box = chart.plot.getPlotItem().vb
    middle = box.viewRect().center()
    place = QPointF(middle.x(), index) if chart.horizontal else QPointF(index, middle.y())
    return chart.plot.mapFromScene(box.mapViewToScene(place))


def test_the_headline_is_compared_with_as_much_of_the_month_before(page: BranchPage) -> None:
    assert page._subtitle.text() == "November 2026 to 11-22 12:00, against as much of October 2026"
    assert page.sold_card.value.text() == "2" and page.gross_card.value.text() == "¥12,000.00"
    assert page.each_card.value.text() == "¥6,000.00"
    assert page.sold_card.note.text() == "nothing to compare with"  # the sale of 28 October was after the 22nd
    assert page.stock_card.value.text() == "4" and page.stock_card.further.text() == "¥512,000.00 cost"
    assert page.age_card.value.text() == "67 days" and page.age_card.note.text() == "1 vehicle over 90 days"
    assert page.age_card.accessibleName() == "Average time on the floor, 67 days, 1 vehicle over 90 days"


def test_the_charts_show_the_right_sums(page: BranchPage) -> None:
    months = dict(zip(page.units.data.keys, page.units.data.rows, strict=True))
    assert len(months) == 24 and months["2026-11"] == ("2026-11", 2, Decimal("268000.00"))
    assert months["2026-10"][1] == 1 and months["2025-11"][1] == 1 and months["2025-01"][1] == 0
    gross = {row[0]: row[1] for row in page.gross.data.rows}
    assert gross["2026-11"] == Decimal("12000.00") and gross["2026-10"] == Decimal("-2000.00")
    assert page.gross.data.unit == "¥ thousand" and page.gross.data.series[0].values[-1] == 12.0
    assert [row[1:] for row in page.makes.data.rows] == [(4, Decimal("15000.00"))]
    assert [row[1] for row in page.ages.data.rows] == [2, 1, 0, 0, 1]
    assert page.ages.data.keys == ["0-30", "31-60", "", "", "181-"]


def test_hovering_says_the_value_exactly(page: BranchPage, qtbot: QtBot) -> None:
    chart = page.gross.chart
    qtbot.mouseMove(chart.plot.viewport(), _point(chart, 22))
    qtbot.waitUntil(lambda: chart.index == 22)
    assert chart._bubble.isVisible() and chart._bubble.text() == "October 2026\n-¥2,000.00\n1 vehicle"
    chart.set_index(23)
    assert chart._bubble.text() == "November 2026, so far\n¥12,000.00\n2 vehicles"
    set_language("zh_CN")
    assert page.gross.data.unit == "万元" and page.gross.data.series[0].labels[-1] == "1.2"
    chart.set_index(22)
    assert chart._bubble.text() == "2026年10月\n-¥2,000.00\n1 台"


def test_a_click_on_a_bar_lists_what_is_behind_it(
    page: BranchPage, sold: Sold, settle: Settle, qtbot: QtBot, navigator: Travels
) -> None:
    chart = page.units.chart
    qtbot.mouseClick(chart.plot.viewport(), Qt.MouseButton.LeftButton, pos=_point(chart, 23))
    settle()
    content = page.panel.content()
    assert isinstance(content, DrillList) and page.panel.isVisible()
    assert (
        page.panel._title.text() == "November 2026" and page.panel._subtitle.text() == "2 vehicles · ¥12,000.00 gross"
    )
    assert [line.accessibleName().count("张伟") for line in content.lines()] == [1, 1]
    assert ", 9,000.00, 2026-11-21" in content.lines()[0].accessibleName()
    content.lines()[0].click()
    assert navigator.went == [("orders", {"order_id": sold.orders[0].id})]
    page.makes.chosen.emit(sold.make_id)
    settle()
    content = page.panel.content()
    assert isinstance(content, DrillList) and len(content.lines()) == 4
    page.ages.chosen.emit("181-")
    settle()
    content = page.panel.content()
    assert isinstance(content, DrillList) and len(content.lines()) == 1
    assert page.panel._title.text() == "Over 180 days"
    content.lines()[0].click()
    assert navigator.went[-1][0] == "vehicles"


def test_keys_reach_every_chart_and_its_table(page: BranchPage, settle: Settle, qtbot: QtBot) -> None:
    assert page.units.chart.hasFocus()
    qtbot.keyClick(page.units.chart, Qt.Key.Key_End)
    qtbot.keyClick(page.units.chart, Qt.Key.Key_Return)
    settle()
    assert page.panel.isVisible()
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert not page.panel.isVisible()
    qtbot.keyClick(page, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert all(card.shows_table for card in page.charts()) and page.units.table.hasFocus()
    qtbot.keyClick(page, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert not any(card.shows_table for card in page.charts())


def test_period_and_branch(page: BranchPage, settle: Settle) -> None:
    page.period.buttons()[0].click()
    settle()
    assert len(page.units.data.rows) == 6 and page.makes.data.rows[0][1] == 3
    page.branch.choose(page.context.actor.branch_id)  # unticked: every branch this desk has data of
    settle()
    assert page.branch_id is None and page.units.data.rows[-1][1] == 3
    assert page.gross_card.value.text() == "¥712,000.00"
    page.branch.choose(HANGZHOU.id)
    settle()
    assert page.units.data.rows[-1][1] == 1 and page.branch.text() == "Branch: Hangzhou Test Branch"


def test_a_sale_elsewhere_appears(page: BranchPage, records: Records, settle: Settle) -> None:
    earlier = records.clock.now() - timedelta(minutes=1)
    order = make_order(records, ordered_at=earlier)
    page.context.operations.publish(Changes({"sales_order": frozenset({order.id})}))
    settle()
    assert page.sold_card.value.text() == "3"
    page.hide()
    make_order(records, ordered_at=earlier)
    page.on_changes(Changes({"sales_order": frozenset({order.id})}), None)
    page.show()
    page.activate({})
    settle()
    assert page.sold_card.value.text() == "4"


def test_saved_as_a_file(page: BranchPage, settle: Settle, tmp_path: Path) -> None:
    set_language("zh_CN")
    page.ages.save_data(tmp_path / "ages.csv")
    page.ages.save_picture(tmp_path / "ages.png")
    settle()
    lines = (tmp_path / "ages.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "库龄,车辆,成本（元）" and lines[1].endswith(",2,256000.00")
    assert (tmp_path / "ages.png").stat().st_size > 2000


def test_every_chart_and_control_has_a_name(page: BranchPage) -> None:
    assert [card.chart.accessibleName() for card in page.charts()] == [
        "Vehicles sold by month", "Gross by month", "Vehicles sold by make", "Stock by age",
    ]  # fmt: skip
    unnamed = [
        control
        for control in page.findChildren(QWidget)
        if control.isVisible() and control.focusPolicy() & Qt.FocusPolicy.TabFocus and not control.accessibleName()
    ]
    assert [control for control in unnamed if not getattr(control, "text", str)()] == []
    assert "October 2026, 1 vehicle" in page.units.chart.accessibleDescription()


def test_an_empty_branch_says_what_will_be_here(context: PageContext, show: Callable[..., Any], settle: Settle) -> None:
    page = show(BranchPage(context), 1072, 764)
    page.activate({})
    settle()
    assert page._empty is not None and page._empty.isVisible()


@pytest.mark.parametrize("role", [Role.SALESPERSON, Role.CASHIER, Role.SERVICE_ADVISOR])
def test_others_may_not_read_the_figures(dispatcher: Any, actor_with: Callable[[Role], Actor], role: Role) -> None:
    with pytest.raises(PermissionDenied):
        dispatcher.read(read_figures, actor_with(role), months=6, branch_id=None)


def test_words() -> None:
    assert month_words("2026-05") == "May 2026"
    assert money_scale(Decimal("-2500000")) == (Decimal(1_000_000), "¥ million")
    assert money_scale(Decimal("999")) == (Decimal(1), "¥")
    assert scaled_text(Decimal("-2500000"), Decimal(1_000_000)) == "-2.5"
    set_language("zh_CN")
    assert month_words("2026-05") == "2026年5月" and money_scale(Decimal("25000")) == (Decimal(10_000), "万元")
