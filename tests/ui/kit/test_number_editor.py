"""The input for a number above zero: what it reads, and what it says of what it cannot read."""

from decimal import Decimal

import pytest
from pytestqt.qtbot import QtBot

from ui.kit.editors import NumberEditor, Unreadable
from ui.kit.text import words


@pytest.mark.parametrize(("typed", "number"), [("6.5", "6.5"), (" 1,250 ", "1250"), ("0.01", "0.01"), ("", None)])
def test_numbers_are_read(qtbot: QtBot, typed: str, number: str | None) -> None:
    editor = NumberEditor(suffix="L/100 km", most=Decimal(2_000))
    qtbot.addWidget(editor)
    editor.line.setText(typed)
    assert editor.value() == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("typed", "said"),
    [("x", "Enter a number"), ("0", "Above 0, at most 100"), ("-3", "Above 0"), ("101", "at most 100"),
     ("NaN", "Above 0"), ("Infinity", "Above 0"), ("1.234", "Decimal places: at most 2")],
)  # fmt: skip
def test_what_cannot_be_read_is_said(qtbot: QtBot, typed: str, said: str) -> None:
    editor = NumberEditor(most=Decimal(100))
    qtbot.addWidget(editor)
    editor.line.setText(typed)
    with pytest.raises(Unreadable) as wrong:
        editor.value()
    assert said in words(wrong.value.message)


def test_a_number_is_written_as_it_is(qtbot: QtBot) -> None:
    editor = NumberEditor()
    qtbot.addWidget(editor)
    editor.set_value(Decimal("1250.5"))
    assert editor.line.text() == "1,250.5" and editor.value() == Decimal("1250.5")
