"""Taking units into the books and changing them: VIN read while it is typed, doubles refused, drafts kept."""

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.inventory.queries import get_unit
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from db.models.inventory import VehicleUnit
from tests.factories.vins import vin_number
from tests.ui.typing_text import type_text
from tests.ui.workplaces import MemoryDrafts
from ui.kit.context import PageContext
from ui.kit.controls import Choice
from ui.kit.editing import FormSheet
from ui.kit.record_line import RecordLine
from ui.vehicles.unit_form import UnitForm, VinCard
from ui.vehicles.vehicles_page import VehiclesPage

Settle = Callable[[], None]


def _form(page: VehiclesPage) -> UnitForm:
    sheet = page.sheet
    assert isinstance(sheet, FormSheet) and isinstance(sheet.form, UnitForm)
    return sheet.form


def _type(form: UnitForm, qtbot: QtBot, **texts: str) -> None:
    for name, text in texts.items():
        type_text(qtbot, form.editor(name).line, text)


def _choose_trim(form: UnitForm, unit: VehicleUnit) -> None:
    form.editor("trim_id").choose(Choice(unit.trim_id, lambda: "trim"))
    form.editor("trim_id").edited.emit()


def _card_text(page: VehiclesPage) -> str:
    card = page.findChild(VinCard)
    assert card is not None
    return " | ".join(label.text() for label in card.findChildren(QLabel))


def test_a_unit_is_added_by_keyboard(
    page: VehiclesPage,
    stock: list[VehicleUnit],
    settle: Settle,
    qtbot: QtBot,
    dispatcher: Dispatcher,
    actor: Actor,
    context: PageContext,
) -> None:
    page.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    form = _form(page)
    vin = vin_number(777)
    _type(form, qtbot, vin=vin.lower())
    settle()
    assert "SAIC" in _card_text(page) and "2026" in _card_text(page) and "Not in stock yet." in _card_text(page)
    _choose_trim(form, stock[3])
    settle()
    assert form.value("list_price") == Decimal("260000.00")  # the trim's guide price
    _type(form, qtbot, exterior_colour="极光蓝 / Aurora Blue", cost="23万", floor_price="250,000", location="C-01")
    assert form._margin_words() == "Margin ¥30,000.00 (11.5 %)"
    qtbot.keyClick(form.editor("location").line, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    settle()
    settle()
    settle()
    assert page.sheet is None and page.detail is not None
    unit = dispatcher.read(get_unit, actor, page.detail.row.id)
    assert (unit.row.vin, unit.row.cost, unit.row.location) == (vin, Decimal("230000.00"), "C-01")
    assert unit.row.stock_number and context.operations.undo_step is not None


def test_a_double_is_refused_beside_the_field_and_can_be_opened(
    page: VehiclesPage, stock: list[VehicleUnit], settle: Settle, qtbot: QtBot
) -> None:
    page.enter_new()
    form = _form(page)
    _type(form, qtbot, vin=stock[1].vin)
    settle()
    assert form.problems()["vin"].startswith(f"Already in stock as {stock[1].stock_number} (SH01)")
    assert not form.check_all() and "vin" in form.problems()
    card = page.findChild(VinCard)
    assert card is not None
    line = card.findChild(RecordLine)
    assert line is not None
    line.click()
    settle()
    settle()
    assert page.sheet is None and page.detail is not None and page.detail.row.id == stock[1].id


def test_a_wrong_check_digit_asks_to_look_again(page: VehiclesPage, settle: Settle, qtbot: QtBot) -> None:
    page.enter_new()
    form = _form(page)
    right = vin_number(778)
    wrong = right[:8] + ("1" if right[8] != "1" else "2") + right[9:]
    _type(form, qtbot, vin=wrong)
    settle()
    assert "Place 9 is" in form.cell("vin").message() and "vin" not in form.problems()
    assert form.cell("vin_warning_acknowledged").isVisible()
    form.check_all()
    assert "vin_warning_acknowledged" in form.problems()
    form.set_value("vin_warning_acknowledged", True)
    form.check_all()
    assert "vin_warning_acknowledged" not in form.problems()
    _type(form, qtbot, vin=right)
    settle()
    assert not form.cell("vin_warning_acknowledged").isVisible()


def test_letters_no_vin_has_are_said_at_once(page: VehiclesPage, settle: Settle, qtbot: QtBot) -> None:
    page.enter_new()
    form = _form(page)
    _type(form, qtbot, vin="LSVAA418OTA000777")
    qtbot.waitUntil(lambda: "vin" in form.problems())
    assert "never contains O" in form.problems()["vin"]


def test_a_floor_above_the_list_price_is_refused(page: VehiclesPage, qtbot: QtBot) -> None:
    page.enter_new()
    form = _form(page)
    _type(form, qtbot, list_price="100000", floor_price="110000")
    form.check_all()
    assert "above the list price" in form.problems()["floor_price"]


def test_options_are_lines_with_name_and_price(page: VehiclesPage, qtbot: QtBot) -> None:
    page.enter_new()
    form = _form(page)
    options = form.editor("options")
    options._on_add_clicked()
    options._on_add_clicked()
    type_text(qtbot, options._lines[0].name.line, "脚垫 / Mats")
    form.check_all()
    assert "has no price" in form.problems()["options"]
    type_text(qtbot, options._lines[0].price.line, "880")
    value = form.value("options")
    assert [(one.name_zh, one.name_en, one.price) for one in value] == [("脚垫", "Mats", Decimal("880.00"))]
    options.drop(options._lines[0])
    assert form.value("options") == ()


def test_a_change_keeps_the_rest_and_can_be_undone(
    page: VehiclesPage,
    stock: list[VehicleUnit],
    settle: Settle,
    qtbot: QtBot,
    dispatcher: Dispatcher,
    actor: Actor,
    context: PageContext,
) -> None:
    page.activate({"unit_id": stock[0].id})
    settle()
    settle()
    before = dispatcher.read(get_unit, actor, stock[0].id)
    assert context.actions.run("vehicles.edit")
    form = _form(page)
    settle()
    assert not form.problems() and form.value("cost") == Decimal("128000.00")
    _type(form, qtbot, exterior_colour="曜石黑 / Obsidian Black", odometer_km="35")
    form.submitted.emit()
    settle()
    settle()
    settle()
    after = dispatcher.read(get_unit, actor, stock[0].id)
    assert str(after.row.exterior_colour) == "Obsidian Black" and after.odometer_km == 35
    assert (after.row.vin, after.row.cost, after.row.list_price) == (
        before.row.vin, before.row.cost, before.row.list_price,
    )  # fmt: skip
    context.operations.undo(page)
    settle()
    assert str(dispatcher.read(get_unit, actor, stock[0].id).row.exterior_colour) == "Pearl White"


def test_a_half_typed_unit_is_offered_again(
    page: VehiclesPage,
    stock: list[VehicleUnit],
    context: PageContext,
    drafts: MemoryDrafts,
    settle: Settle,
    qtbot: QtBot,
) -> None:
    page.enter_new()
    form = _form(page)
    _type(form, qtbot, vin=vin_number(779), engine_number="EA211X", cost="12万5")
    _choose_trim(form, stock[3])
    form.editor("options")._on_add_clicked()
    type_text(qtbot, form.editor("options")._lines[0].name.line, "Mats")
    page.close_sheet()
    settle()
    assert drafts.kept["vehicles.new"]["engine_number"] == "EA211X"
    page.enter_new()
    settle()
    again = _form(page)
    again.messages._run_action()
    settle()
    assert again.value("vin") == vin_number(779) and again.value("trim_id") == stock[3].trim_id
    assert again.editor("cost").line.text() == "12万5" and again.editor("options").raw() == [["Mats", ""]]


def test_nothing_is_lost_when_somebody_changed_it_meanwhile(
    page: VehiclesPage,
    stock: list[VehicleUnit],
    settle: Settle,
    qtbot: QtBot,
    dispatcher: Dispatcher,
    actor: Actor,
    context: PageContext,
) -> None:
    from app.inventory.commands import ChangePrices

    page.activate({"unit_id": stock[0].id})
    settle()
    settle()
    assert context.actions.run("vehicles.edit")
    form = _form(page)
    revision = dispatcher.read(get_unit, actor, stock[0].id).row.revision
    dispatcher.execute(
        ChangePrices(
            unit_id=stock[0].id, expected_revision=revision, list_price=Decimal("149000.00"),
            floor_price=Decimal("139000.00"),
        ),
        actor,
    )  # fmt: skip
    _type(form, qtbot, engine_number="EA999")
    form.submitted.emit()
    settle()
    assert page.sheet is not None and form.value("engine_number") == "EA999"
    assert "Somebody changed this record meanwhile" in page.messages.text()
