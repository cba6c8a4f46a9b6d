"""Six trims compared and printed in both languages; a VIN scanned, taken into stock and found again, by keys only."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from app.kernel.clock import FixedClock
from app.kernel.permissions import Role
from app.runtime.language import CHINESE, ENGLISH
from app.tour.guided_sale import main_window, sign_in
from app.tour.hands import Hands
from app.wiring.start import Application
from tests.app.documents.reading import text_of
from tests.factories.compared import six_trims
from tests.factories.people import PASSWORD, actor_of, staff_of
from tests.factories.records import Records
from tests.factories.vins import vin_number
from ui.comparison.comparison_page import ComparisonPage
from ui.kit.editing import FormSheet
from ui.kit.paper_sheet import PaperSheet
from ui.sales.sale_page import SalePage
from ui.sales.sale_state import Step
from ui.shell.main_window import MainWindow
from ui.vehicles.unit_form import UnitForm
from ui.vehicles.vehicles_page import VehiclesPage

NEW = vin_number(4_711)


def _open(start: Callable[..., Application], hands: Hands) -> tuple[Application, MainWindow]:
    application = start()
    sign_in(application, hands, login=staff_of(Role.BRANCH_MANAGER).login, password=PASSWORD)
    window = main_window(application)
    hands.wait(lambda: application.operations.settled(), "the first page is there")
    return application, window


def _scan(window: MainWindow, text: str) -> None:
    """What a keyboard wedge sends: keys eight milliseconds apart, then Enter."""
    handle = window.windowHandle()
    for number, character in enumerate([*text, "\r"]):
        key = Qt.Key.Key_Return if character == "\r" else Qt.Key(ord(character.upper()))
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, character)
            event.setTimestamp(10_000 + 8 * number)
            QCoreApplication.sendEvent(handle, event)


def _tab_to(hands: Hands, wanted: QWidget, *, backwards: bool = False) -> None:
    """Tab until a control has the focus."""
    for _ in range(40):
        if QApplication.focusWidget() is wanted:
            return
        hands.press(Qt.Key.Key_Backtab if backwards else Qt.Key.Key_Tab)
    raise AssertionError(f"Tab never reaches {wanted.accessibleName()}")


@pytest.mark.timeout(90)
def test_six_trims_are_compared_and_printed(start_application: Callable[..., Application], hands: Hands) -> None:
    application, window = _open(start_application, hands)
    clock = FixedClock(datetime.now(tz=UTC))
    records = Records(application.desk.database, clock=clock, actor=actor_of(staff_of(Role.ADMINISTRATOR)))
    trims = six_trims(records, filled=False)
    window.pages.open("comparison", trim_ids=[trim.id for trim in trims])
    page = window.pages.current_page
    assert isinstance(page, ComparisonPage)
    hands.wait(lambda: len(page.strip.cards) == 6, "six columns stand there")
    lines = page.views.specifications.model().rowCount()
    assert window.actions_registry.run("comparison.differences")
    assert page.views.specifications.model().rowCount() < lines
    assert window.actions_registry.run("comparison.print")
    sheet = page.sheet
    assert isinstance(sheet, PaperSheet)
    hands.wait(lambda: sheet.paper is not None and sheet.paper.language == ENGLISH, "the paper is laid out")
    assert sheet.paper is not None and "Costofownership,3years" in text_of(sheet.paper.content)
    hands.click(sheet.language.buttons()[0])
    hands.wait(lambda: sheet.paper is not None and sheet.paper.language == CHINESE, "the paper is Chinese")
    assert "3年持有成本" in text_of(sheet.paper.content)
    hands.wait(lambda: application.operations.settled(), "nothing is under way")


@pytest.mark.timeout(90)
def test_an_unknown_vin_is_scanned_taken_in_and_found(
    start_application: Callable[..., Application], hands: Hands, tmp_path: Path
) -> None:
    application, window = _open(start_application, hands)
    window.pages.open("tasks")
    hands.wait(lambda: application.operations.settled(), "the tasks are there")
    window.navigation.setFocus()
    _scan(window, f"I{NEW}")
    hands.wait(lambda: isinstance(window.pages.current_page, VehiclesPage), "the stock is opened")
    page = window.pages.current_page
    assert isinstance(page, VehiclesPage)

    def offered() -> QPushButton | None:
        found = QApplication.focusWidget()
        return found if isinstance(found, QPushButton) and found.text() == "Take into stock" else None

    hands.press(Qt.Key.Key_Return, on=hands.wait(offered, "it is offered for stock"))
    hands.wait(lambda: isinstance(page.sheet, FormSheet), "the form is open")
    assert isinstance(page.sheet, FormSheet) and isinstance(page.sheet.form, UnitForm)
    form = page.sheet.form
    hands.wait(lambda: application.operations.settled(), "the VIN is looked up")
    assert form.value("vin") == NEW
    assert QApplication.focusWidget() is form.editor("trim_id").focus_widget()
    hands.type("Lavida")
    hands.wait(lambda: form.editor("trim_id")._popup.isVisible(), "models are found")
    QTest.keyClick(form.editor("trim_id")._popup, Qt.Key.Key_Return)
    window.activateWindow()  # off-screen, the list of models took it along when it closed
    hands.wait(window.isActiveWindow, "the window is in front again")
    entered = {"exterior_colour": "White", "cost": "128000", "list_price": "150000", "floor_price": "140000"}
    for name, text in entered.items():
        _tab_to(hands, form.editor(name).focus_widget())
        hands.type(text)
    _tab_to(hands, form.editor("location").focus_widget(), backwards=True)
    assert form.value("list_price") == Decimal("150000.00")
    hands.press(Qt.Key.Key_Return, control=True)
    hands.wait(lambda: page.detail is not None and page.detail.row.vin == NEW, "the unit is in the books")
    window.pages.open("tasks")
    window.activateWindow()  # off-screen, the list of models took it along when it closed
    hands.wait(window.isActiveWindow, "the window is in front again")
    window.navigation.setFocus()
    _scan(window, NEW.lower())
    hands.wait(lambda: window.pages.current_page is page and page.detail is not None, "the scan opens the unit")
    assert page.detail is not None and page.detail.row.vin == NEW
    window.pages.open("sale")
    sale = window.pages.current_page
    assert isinstance(sale, SalePage)
    hands.wait(lambda: sale.units.picker.model.rows, "vehicles are listed")
    sale.units.picker.search.setFocus()
    _scan(window, f"I{NEW}")
    hands.wait(lambda: sale.state.step != Step.VEHICLE, "the scan takes the vehicle")
    assert window.pages.current_page is sale
    hands.wait(lambda: application.operations.settled(), "nothing is under way")
