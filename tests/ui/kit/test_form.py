"""Forms: values, checks while typing, errors below the field, drafts, and pastes of any size."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from app.kernel.clock import FixedClock
from app.kernel.commands import Command
from app.kernel.errors import ReasonRequired, ValueRequired, ValueTooLong
from app.runtime.language import set_language
from tests.ui.workplaces import MemoryDrafts
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label
from ui.kit.date_editors import parse_day
from ui.kit.fields import (
    Advice,
    ChoiceField,
    DateField,
    DateTimeField,
    IdentityField,
    IntegerField,
    LookupField,
    MoneyField,
    MultiLineField,
    PasswordField,
    PercentField,
    PhoneField,
    Section,
    SegmentField,
    TextField,
    ToggleField,
    VinField,
    WidgetField,
)
from ui.kit.form import Form, FormFrame
from ui.kit.layout import column
from ui.kit.panel_form import PanelForm

MAKES = [Choice("byd", "BYD", "Shenzhen"), Choice("bmw", "BMW", "München"), Choice("audi", "Audi")]


def search_makes(_reader: Any, text: str) -> list[Choice]:
    """A search such as features write them."""
    return [choice for choice in MAKES if str(choice.label).lower().startswith(text.lower())]


def check_vin(value: str) -> Any:
    """17 characters, and a warning for a wrong check digit."""
    if len(value) != 17:
        return "A VIN has 17 characters."
    return None if value.endswith("9") else Advice("The check digit does not fit; imports may differ.")


@pytest.fixture
def form(context: PageContext, show: Callable[..., Any]) -> Form:
    """One field of each type."""
    return show(
        Form(
            context,
            [
                Section(
                    "Person",
                    [
                        TextField("name", "Name", required=True, max_length=20),
                        PhoneField("phone", "Phone"),
                        IdentityField("identity", "Identity card"),
                        SegmentField("kind", "Kind", choices=[Choice("p", "Person"), Choice("c", "Company")]),
                        ChoiceField("source", "Source", choices=[Choice(1, "Walk-in"), Choice(2, "Web")]),
                        PasswordField("secret", "Password"),
                    ],
                ),
                Section(
                    "Vehicle",
                    [
                        VinField("vin", "VIN", check=check_vin),
                        LookupField("make", "Make", search=search_makes),
                        MoneyField("price", "Price", required=True),
                        PercentField("rate", "Rate"),
                        IntegerField("km", "Odometer", suffix="km", least=0, most=999_999),
                        DateField("day", "Day", earliest="2020-01-01"),
                        DateTimeField("due", "Due"),
                        ToggleField("vip", "Regular customer"),
                        MultiLineField("note", "Note", span=2, max_length=100),
                        WidgetField("facts", "", make=lambda: Label("a fact")),
                    ],
                ),
            ],
        ),
        800,
        900,
    )


def type_into(qtbot: QtBot, form: Form, name: str, text: str) -> None:
    """As a person does."""
    field = form.editor(name).focus_widget()
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)


def test_values_of_every_type(form: Form, qtbot: QtBot) -> None:
    for name, text in {
        "name": "  李伟 ", "phone": "+86 138-0013 8000", "identity": "11010519491231002x",
        "vin": "ldc613p23a1305189",
        "price": "21.89万", "rate": "4.5", "km": "12480", "day": "11-30", "due": "2026-11-22 14:30",
        "note": "two\nlines",
    }.items():  # fmt: skip
        form.editor(name).focus_widget().setFocus()
        if name == "note":
            form.editor(name).focus_widget().insertPlainText(text)
        else:
            QApplication.clipboard().setText(text)
            form.editor(name).focus_widget().selectAll()
            qtbot.keyClick(form.editor(name).focus_widget(), Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.mouseClick(form.editor("kind").segments.buttons()[1], Qt.MouseButton.LeftButton)
    form.editor("vip").box.click()
    assert form.values() == {
        "name": "李伟", "phone": "+8613800138000", "identity": "11010519491231002X", "kind": "c", "source": None,
        "secret": "", "vin": "LDC613P23A1305189", "make": None, "price": Decimal("218900.00"), "rate": Decimal("4.5"),
        "km": 12480, "day": "2026-11-30", "due": datetime(2026, 11, 22, 6, 30, tzinfo=UTC), "vip": True,
        "note": "two\nlines",
    }  # fmt: skip
    form.focus_field("rate")
    assert form.editor("price").line.text() == "218,900.00"
    assert form.dirty


def test_set_values_shows_them_and_counts_as_untouched(form: Form) -> None:
    values = {
        "name": "王芳", "kind": "p", "source": 2, "price": Decimal("1234.50"), "km": 5, "rate": Decimal("4.50"),
        "day": "2026-01-02", "due": datetime(2026, 11, 22, 6, 30, tzinfo=UTC), "vip": True, "note": "x", "unknown": 1,
    }  # fmt: skip
    changed: list[str] = []
    form.changed.connect(changed.append)
    form.set_values(values)
    known = {name: value for name, value in values.items() if name != "unknown"}
    assert {name: form.value(name) for name in known} == known
    assert not form.dirty and changed == []
    form.clear()
    assert form.value("name") == "" and form.value("price") is None and form.value("vip") is False


def test_check_all_shows_every_problem_and_goes_to_the_first(form: Form, qtbot: QtBot) -> None:
    type_into(qtbot, form, "km", "many")
    type_into(qtbot, form, "vin", "LDC")
    assert not form.check_all()
    assert form.problems() == {
        "name": "Fill in this field.",
        "price": "Fill in this field.",
        "km": "Enter a whole number.",
        "vin": "A VIN has 17 characters.",
    }
    assert form.editor("name").focus_widget().hasFocus()
    assert not form.is_complete()


def test_a_mistake_is_said_when_typing_pauses_and_taken_back_at_once(form: Form, qtbot: QtBot) -> None:
    type_into(qtbot, form, "vin", "LDC613P23A130518")
    assert form.problems() == {}
    qtbot.waitUntil(lambda: "vin" in form.problems())
    line = form.editor("vin").focus_widget()
    assert line.property("invalid") is True and line.accessibleDescription() == "A VIN has 17 characters."
    qtbot.keyClicks(line, "9")
    assert form.problems() == {}


def test_leaving_a_field_checks_it(form: Form, qtbot: QtBot) -> None:
    type_into(qtbot, form, "km", "9999999")
    form.focus_field("note")
    assert form.problems() == {"km": "At most 999,999."}


def test_advice_warns_without_refusing(form: Form, qtbot: QtBot) -> None:
    type_into(qtbot, form, "vin", "LDC613P23A1305188")
    form.focus_field("note")
    assert form.problems() == {} and "check digit" in form.cell("vin").message()


def test_errors_of_the_handler_stand_beside_their_field(form: Form) -> None:
    assert form.show_error(ValueTooLong(field="name", limit=80, length=90))
    assert form.problems() == {"name": "At most 80 characters; this has 90. Shorten it."}
    assert not form.show_error(ValueRequired(field="elsewhere"))
    set_language("zh_CN")
    assert "80" in form.problems()["name"] and "At most" not in form.problems()["name"]


def test_fields_taken_out_have_no_value_and_leave_no_gap(form: Form) -> None:
    form.set_field_visible("name", False)
    form.set_field_visible("price", False)
    assert "name" not in form.values() and form.check_all()
    assert not form.show_error(ValueRequired(field="name"))
    form.set_field_visible("name", True)
    assert "name" in form.values()


def test_a_lookup_searches_and_chooses_by_keyboard(form: Form, qtbot: QtBot, settle: Callable[[], None]) -> None:
    editor = form.editor("make")
    type_into(qtbot, form, "make", "b")
    qtbot.waitUntil(lambda: editor._completer.popup().isVisible())
    assert form.value("make") is None
    qtbot.keyClick(editor._completer.popup(), Qt.Key.Key_Down)
    qtbot.keyClick(editor._completer.popup(), Qt.Key.Key_Return)
    assert form.value("make") == "bmw" and editor.line.text() == "BMW"
    type_into(qtbot, form, "make", "xyz")
    qtbot.waitUntil(lambda: not editor._timer.isActive())
    settle()
    editor._completer.popup().hide()
    assert not form.check_all() and "Choose one of the entries found." in form.problems().values()


def test_thirty_megabytes_pasted_are_cut_at_once_and_said(form: Form, qtbot: QtBot) -> None:
    data = QMimeData()
    data.setText("x" * 30_000_000)
    form.editor("note").box.insertFromMimeData(data)
    QGuiApplication.clipboard().setText("y" * 30_000_000)
    form.focus_field("name")
    qtbot.keyClick(form.editor("name").line, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert len(form.value("note")) == 100 and form.value("name") == "y" * 20
    assert "100 characters fit" in form.cell("note").message() and "20 characters fit" in form.cell("name").message()
    QGuiApplication.clipboard().clear()


def test_a_full_text_box_takes_no_more_keys(form: Form, qtbot: QtBot) -> None:
    box = form.editor("note").box
    box.setPlainText("x" * 100)
    box.setFocus()
    qtbot.keyClicks(box, "yz")
    assert len(form.value("note")) == 100 and "characters fit" in form.cell("note").message()


def test_submitting(form: Form, qtbot: QtBot) -> None:
    form.focus_field("name")
    for key, modifier in (("Return", Qt.KeyboardModifier.ControlModifier), ("S", Qt.KeyboardModifier.ControlModifier)):
        with qtbot.waitSignal(form.submitted):
            qtbot.keyClick(form.editor("name").line, getattr(Qt.Key, f"Key_{key}"), modifier)
    qtbot.keyClick(form.editor("name").line, Qt.Key.Key_Return)
    assert form.editor("phone").line.hasFocus()  # Return alone goes on to the next field


def test_a_draft_is_saved_within_two_seconds_on_the_writer(
    form: Form, drafts: MemoryDrafts, qtbot: QtBot, settle: Callable[[], None]
) -> None:
    form.keep_draft("customer.new")
    settle()
    type_into(qtbot, form, "name", "Li")
    type_into(qtbot, form, "secret", "hidden")
    type_into(qtbot, form, "km", "not a number")
    qtbot.waitUntil(lambda: "customer.new" in drafts.kept, timeout=2000)
    kept = drafts.kept["customer.new"]
    assert kept["name"] == "Li" and kept["km"] == "not a number" and "secret" not in kept
    assert all(not name.startswith("MainThread") for name in drafts.threads)
    settle()
    form.drop_draft()
    settle()
    assert drafts.kept == {}


def test_an_unfinished_entry_is_offered_and_continued(
    form: Form, drafts: MemoryDrafts, clock: FixedClock, qtbot: QtBot, settle: Callable[[], None]
) -> None:
    drafts.kept["customer.new"] = {"name": "李伟", "km": "12x", "_saved_at": "2026-11-22T03:48:00+00:00"}
    form.keep_draft("customer.new")
    settle()
    assert form.messages.text() == "An unfinished entry was kept, 12 min ago."
    assert form.value("name") == ""
    qtbot.mouseClick(form.messages.findChild(Button), Qt.MouseButton.LeftButton)
    assert form.value("name") == "李伟" and form.editor("km").line.text() == "12x" and form.dirty


def test_the_frame_keeps_its_summary_and_buttons_in_sight(context: PageContext, show: Callable[..., Any]) -> None:
    form = Form(context, [Section("", [TextField(f"field{number}", "Field") for number in range(20)])])
    summary, button = Label("¥1.00", role="number"), Button("Save", kind="primary")
    frame = show(FormFrame(form, buttons=[button], summary=summary), 700, 300)
    assert summary.isVisible() and button.isVisible()
    assert frame.rect().contains(button.mapTo(frame, button.rect().bottomRight()))


def test_every_control_of_a_form_has_a_name(form: Form) -> None:
    for name in form.values():
        control = form.editor(name).focus_widget()
        assert control.accessibleName(), name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22", "2026-11-22"), ("2026/1/2", "2026-01-02"), ("20261122", "2026-11-22"), ("11-30", "2026-11-30"),
        ("5", "2026-11-05"), ("+3", "2026-11-25"), ("-1", "2026-11-21"), ("26-2-3", "2026-02-03"),
        ("2026年3月4日", "2026-03-04"),
    ],
)  # fmt: skip
def test_short_forms_of_days(text: str, expected: str) -> None:
    assert parse_day(text, datetime(2026, 11, 22, tzinfo=UTC).date()).isoformat() == expected


@pytest.mark.parametrize("text", ["", "abc", "2026-13-01", "31-31", "99999999999"])
def test_what_is_no_day(text: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        parse_day(text, datetime(2026, 11, 22, tzinfo=UTC).date())


def test_days_are_stepped_and_limited(form: Form, qtbot: QtBot) -> None:
    line = form.editor("day").line
    line.setFocus()
    qtbot.keyClick(line, Qt.Key.Key_Up)
    assert form.value("day") == "2026-11-23"
    qtbot.keyClick(line, Qt.Key.Key_PageDown)
    assert form.value("day") == "2026-10-24"
    type_into(qtbot, form, "day", "2019-01-01")
    assert not form.check_all() and form.problems()["day"] == "Not before 2020-01-01."
    due = form.editor("due").line
    due.setFocus()
    qtbot.keyClick(due, Qt.Key.Key_Up)
    assert form.value("due") == datetime(2026, 11, 22, 4, 15, tzinfo=UTC)


def test_a_day_is_picked_from_the_calendar(form: Form, qtbot: QtBot) -> None:
    form.editor("day").set_value("2026-11-22")
    qtbot.keyClick(form.editor("day").line, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    calendar = QApplication.activePopupWidget()
    assert calendar is not None
    from PySide6.QtCore import QDate
    from PySide6.QtWidgets import QCalendarWidget

    month = calendar.findChild(QCalendarWidget)
    month.clicked.emit(QDate(2026, 11, 28))
    assert form.value("day") == "2026-11-28"
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is None)


def test_a_refused_question_stays_in_sight_with_the_field_in_question(
    context: PageContext, show: Callable[..., Any], settle: Callable[[], None], qtbot: QtBot
) -> None:
    """Qt hands the focus of a button that is disabled to the next control, and scrolls there."""
    fields = [TextField(name, "Name", max_length=20, span=2) for name in ("reason", *"abcdefgh")]
    question = PanelForm(context, "Name", list(fields), verb="Save", command=lambda _values: Command())
    below = Button("Below")
    inside = QWidget()
    inside.setLayout(column(question, QWidget(), below, gap=600))
    around = QScrollArea()
    around.setWidgetResizable(True)
    around.setWidget(inside)
    show(around, 380, 420)
    question.verb.setFocus()
    around.ensureWidgetVisible(question.verb)
    job = context.operations.run_plain(question, lambda: None)
    question.verb.busy_while(job)
    assert not below.hasFocus()
    settle()
    assert question.verb.hasFocus(), "it has the focus again"
    question.form.show_error(ReasonRequired(field="reason"))
    top = question.form.cell("reason").mapTo(around.viewport(), QPoint(0, 0)).y()
    assert 0 <= top < around.viewport().height()
