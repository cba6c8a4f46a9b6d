"""The views of replenishment on a wide and on a narrow page."""

from pytestqt.qtbot import QtBot

from ui.kit.controls import Choice
from ui.replenishment.view_choice import ViewChoice

NAMES = ("To order", "Proposals", "Standing long", "Too many", "Minimums", "Lead times", "Charts")


def test_names_stand_side_by_side_or_are_unfolded(show: object, qtbot: QtBot) -> None:
    said: list[object] = []
    choice = show(ViewChoice([Choice(name, name) for name in NAMES], name="View"), 900, 60)  # type: ignore[operator]
    choice.chosen.connect(said.append)
    choice.set_value("Proposals")
    assert choice.segments.isVisible() and not choice.folded.isVisible()
    choice.resize(360, 60)
    qtbot.waitUntil(choice.folded.isVisible)
    assert not choice.segments.isVisible()
    assert choice.folded.value() == "Proposals"
    combo = choice.folded.focus_widget()
    assert combo.accessibleName() == "View"
    combo.setFocus()
    qtbot.keyClick(combo, "C")
    combo.activated.emit(combo.currentIndex())
    assert (said[-1], choice.value()) == ("Charts", "Charts")
    choice.resize(900, 60)
    qtbot.waitUntil(choice.segments.isVisible)
    assert choice.segments.value() == "Charts"
