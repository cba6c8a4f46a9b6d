"""Many lists on a wide and on a narrow page: nothing is cut, everything is reached."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ui.kit.controls import Choice
from ui.kit.view_bar import ViewBar

NAMES = ("Waiting 3", "Refused 2", "Lost vehicles 1", "Secured 4", "All changes", "From the centre", "Put right")


@pytest.fixture
def bar(show: Callable[..., Any]) -> ViewBar:
    """Seven lists, the first in sight."""
    shown: ViewBar = show(ViewBar([Choice(name, name) for name in NAMES], name="Show"), 1000, 48)
    shown.set_value(NAMES[0])
    return shown


def names(bar: ViewBar) -> list[str]:
    return [button.text() for button in bar.segments()]


def places(bar: ViewBar) -> list[str]:
    return [str(button.property("place")) for button in bar.segments()]


def test_all_stand_side_by_side_where_there_is_room(bar: ViewBar) -> None:
    assert names(bar) == list(NAMES) and bar.more.isHidden()
    assert places(bar) == ["first", *["middle"] * 5, "last"]


@pytest.mark.parametrize("width", [560, 420, 260])
def test_what_has_no_place_is_behind_a_button_and_nothing_is_cut(bar: ViewBar, qtbot: QtBot, width: int) -> None:
    bar.resize(width, 48)
    qtbot.waitUntil(bar.more.isVisible)
    assert 0 < len(names(bar)) < len(NAMES) and names(bar) == list(NAMES[: len(names(bar))])
    for button in (*bar.segments(), bar.more):
        assert button.width() >= button.sizeHint().width() and button.geometry().right() < width
    hidden = len(NAMES) - len(names(bar))
    assert bar.more.text() == f"{hidden} more" and not bar.more.isChecked()
    assert bar.more.accessibleName() == f"Other lists: {hidden} more"
    menu = bar.unfold()
    assert [entry.text() for entry in menu.actions()] == list(NAMES[-hidden:])
    menu.close()


def test_at_the_least_width_the_list_in_sight_alone_is_named(bar: ViewBar, qtbot: QtBot) -> None:
    bar.resize(bar.minimumSizeHint().width(), 48)
    qtbot.waitUntil(bar.more.isVisible)
    assert names(bar) == [] and bar.more.text() == NAMES[0]
    assert bar.more.property("place") == "only" and bar.more.width() >= bar.more.sizeHint().width()


def test_the_list_in_sight_is_always_named(bar: ViewBar, qtbot: QtBot) -> None:
    said: list[object] = []
    bar.chosen.connect(said.append)
    bar.resize(420, 48)
    qtbot.waitUntil(bar.more.isVisible)
    menu = bar.unfold()
    menu.actions()[-1].trigger()
    menu.close()
    assert said == ["Put right"] == [bar.value()]
    assert (bar.more.text(), bar.more.isChecked()) == ("Put right", True)
    assert bar.more.accessibleName() == "Put right, other lists"
    assert not any(button.isChecked() for button in bar.segments())
    bar.segments()[0].click()
    assert said[-1] == NAMES[0] and not bar.more.isChecked() and bar.segments()[0].isChecked()


def test_keys_go_from_one_to_the_next_and_unfold(bar: ViewBar, qtbot: QtBot) -> None:
    bar.offer([name for name in NAMES if name != "Refused 2"])
    assert "Refused 2" not in names(bar)
    bar.step(1)
    assert bar.value() == "Lost vehicles 1"
    bar.step(-2)
    assert bar.value() == "Put right"
    bar.resize(420, 48)
    qtbot.waitUntil(bar.more.isVisible)
    bar.more.setFocus()
    qtbot.keyClick(bar.more, Qt.Key.Key_Down)
    from PySide6.QtWidgets import QApplication, QMenu

    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [entry.isChecked() for entry in menu.actions()].count(True) == 1
    menu.close()


def test_what_is_in_sight_stays_although_it_is_offered_no_longer(bar: ViewBar) -> None:
    bar.set_value("Refused 2")
    bar.offer([NAMES[0]])
    assert names(bar) == [NAMES[0], "Refused 2"]
    bar.set_value(NAMES[0])
    assert names(bar) == [NAMES[0]] and places(bar) == ["only"]
