"""A VIN in the form: pasted, mended, scanned, matched to a trim; an unknown one taken into stock."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from db.models.inventory import VehicleUnit
from tests.factories.vins import vin_number
from ui.kit.context import PageContext
from ui.kit.editing import FormSheet
from ui.kit.record_line import RecordLine
from ui.kit.scanner import Scan
from ui.kit.vin_editor import VinEditor
from ui.vehicles.unit_form import UnitForm, VinCard
from ui.vehicles.vehicles_page import VehiclesPage

Settle = Callable[[], None]
NEW = vin_number(99)
CITROEN = "LDC613P23A1305189"


def _form(page: VehiclesPage) -> UnitForm:
    sheet = page.sheet
    assert isinstance(sheet, FormSheet) and isinstance(sheet.form, UnitForm)
    return sheet.form


def _editor(form: UnitForm) -> VinEditor:
    editor = form.editor("vin")
    assert isinstance(editor, VinEditor)
    return editor


def _paste(editor: VinEditor, text: str, qtbot: QtBot) -> None:
    editor.line.clear()
    QApplication.clipboard().setText(text)
    editor.line.paste()


def test_what_is_pasted_is_cleaned_and_read(page: VehiclesPage, settle: Settle, qtbot: QtBot) -> None:
    page.enter_new()
    editor = _editor(_form(page))
    for text in (" ldc 613p-23a1305189 ", "ＬＤＣ６１３Ｐ２３Ａ１３０５１８９", "https://a.cn/v?vin=LDC613P23A1305189&b=1",
                 "ILDC613P23A1305189"):  # fmt: skip
        _paste(editor, text, qtbot)
        assert editor.value() == CITROEN, text
    assert editor.reading.text() == (
        "Check digit right · Dongfeng Peugeot-Citroën · China · model year 2010 (or 1980)"
    )
    settle()


def test_letters_that_look_like_digits_are_offered_mended(page: VehiclesPage, settle: Settle, qtbot: QtBot) -> None:
    page.enter_new()
    form = _form(page)
    editor = _editor(form)
    qtbot.keyClicks(editor.line, "LDC6")
    assert editor.reading.text().startswith("4 of 17 characters")
    qtbot.keyClicks(editor.line, "I3P23A13O5189")
    form.cell("vin").check(show=True)
    assert "it may be LDC613P23A1305189" in form.cell("vin").message()
    assert editor.mend.isVisible() and editor.mend.text() == "Take LDC613P23A1305189"
    editor.mend.click()
    settle()
    assert form.value("vin") == CITROEN and not editor.mend.isVisible()


def test_a_trim_is_offered_and_taken(page: VehiclesPage, stock: list[VehicleUnit], settle: Settle) -> None:
    page.enter_new()
    form = _form(page)
    form.fill_vin(NEW)
    settle()
    assert form.value("trim_id") is None  # offered, never forced
    card = page.findChild(VinCard)
    assert card is not None
    lines = [line for line in card.findChildren(RecordLine) if not line.isHidden()]
    assert "3 of 5 with" in lines[0].accessibleName() and "Lavida" in lines[0].accessibleName()
    lines[0].click()
    settle()
    assert form.value("trim_id") == stock[0].trim_id
    assert form.value("list_price") is not None


def test_a_scan_fills_the_form(page: VehiclesPage, context: PageContext, settle: Settle) -> None:
    page.enter_new()
    form = _form(page)
    assert context.scanner.give(Scan("I" + CITROEN, CITROEN))
    settle()
    assert form.value("vin") == CITROEN
    page.close_sheet()
    settle()
    assert not context.scanner.give(Scan(CITROEN, CITROEN))


def test_an_unknown_scan_is_taken_into_stock_by_one_key(page: VehiclesPage, settle: Settle, qtbot: QtBot) -> None:
    page.activate({"unknown_vin": NEW})
    settle()
    said: list[Any] = [button.text() for button in page.panel.findChildren(QPushButton) if button.isVisible()]
    assert "Take into stock" in said and "Leave it" in said
    focused = QApplication.focusWidget()
    assert isinstance(focused, QPushButton) and focused.text() == "Take into stock"
    qtbot.keyClick(focused, Qt.Key.Key_Return)
    settle()
    form = _form(page)
    assert form.value("vin") == NEW
    assert form.cell("trim_id").editor.focus_widget().hasFocus()
