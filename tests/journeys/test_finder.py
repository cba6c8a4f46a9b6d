"""A customer at the counter: a wish is typed, ends are set, weights dragged, three compared, a unit is looked at."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton

from app.kernel.clock import SystemClock
from app.kernel.permissions import Role
from app.tour.guided_sale import main_window, sign_in
from app.tour.hands import Hands
from app.wiring.start import Application
from tests.factories.people import PASSWORD, actor_of, staff_of
from tests.factories.records import Records
from ui.finder.finder_page import FinderPage
from ui.finder.range_slider import RangeBox
from ui.kit.record_line import RecordLine

MODELS = (("汉", "Han", 605, 189_800, 2), ("海豹", "Seal", 650, 219_800, 1), ("秦PLUS", "Qin PLUS", 510, 129_800, 0),
          ("唐", "Tang", 730, 289_800, 1), ("元", "Yuan", 430, 119_800, 3))  # fmt: skip


@pytest.fixture
def application(start_application: Callable[..., Application]) -> Iterator[Application]:
    """A desk with five electric cars in its catalogue, most of them in stock."""
    made = start_application()
    records = Records(made.desk.database, clock=SystemClock(), actor=actor_of(staff_of(Role.ADMINISTRATOR)))
    make = records.make(name_zh="比亚迪", name_en="BYD", name_initials="byd")
    for zh, en, km, price, units in MODELS:
        trim = records.trim(
            records.model_year(records.series(make, name_zh=zh, name_en=en, name_initials="x")),
            name_zh=f"EV {km}KM", name_en=f"EV {km} km", energy="electric", guide_price=Decimal(price),
            parameters={"electric_range": km, "drive": "all" if km > 700 else "front"},
        )  # fmt: skip
        for _ in range(units):
            records.unit(trim)
    return made


def settle(application: Application, hands: Hands) -> None:
    hands.wait(lambda: application.operations.settled(), "nothing is under way")
    QApplication.processEvents()
    hands.wait(lambda: application.operations.settled(), "nothing is under way")


def test_from_a_wish_to_a_unit(application: Application, hands: Hands, tmp_path: Path) -> None:
    sign_in(application, hands, login="wangfang", password=PASSWORD)
    window = main_window(application)
    window.pages.open("finder")
    page = window.pages.current_page
    assert isinstance(page, FinderPage)
    hands.wait(lambda: page.model.rows, "the catalogue can be asked")

    hands.type("byd range over 500 km", into=page.filters.search)
    hands.wait(lambda: len(page.model.rows) == 4 and page.hits.chips.texts(), "the wish is understood")
    assert "500 km" in page.hits.chips.texts()[0]

    price = page.rail.box("@price")
    assert isinstance(price, RangeBox)
    hands.type("25万", into=price.high)
    hands.press(Qt.Key.Key_Return, on=price.high)
    hands.wait(lambda: len(page.model.rows) == 3, "the price has an end")

    page.side.show_side("matters")
    page.weights.add("electric_range")
    settle(application, hands)
    line = page.weights.lines()[0]
    for _ in range(4):
        hands.press(Qt.Key.Key_Right, on=line.slider)
    hands.wait(lambda: page.model.rows and page.model.rows[0].series.en == "Seal", "the longest range comes first")
    assert line.importance.weight == 9
    assert page.model.rows[0].score == 100

    page.list.setFocus()
    for place in range(3):
        page.list.setCurrentIndex(page.model.index(place))
        hands.press(Qt.Key.Key_Space, on=page.list)
    compared = [row.id for row in page.model.rows]
    assert [row.id for row in page.marks.rows] == compared
    hands.click(page.marks.compare)
    settle(application, hands)
    assert window.pages.current_page is not page
    window.pages.back()

    page.list.setCurrentIndex(page.model.index(1))
    hands.wait(lambda: page.panel.findChildren(RecordLine), "its units are shown")
    settle(application, hands)
    assert any(button.text() == "Sell one" for button in page.panel.findChildren(QPushButton))
    hands.click(page.panel.findChildren(RecordLine)[0])
    settle(application, hands)
    unit_page = window.pages.current_page
    assert unit_page is not None and unit_page is not page
    hands.wait(lambda: unit_page.panel.isVisible(), "the unit is shown")
