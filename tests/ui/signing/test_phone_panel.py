"""What the salesperson sees of a request on a phone, and that its QR code can be read."""

from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from tests.ui.signing.phone_states import REQUEST, state
from ui.kit.qr_code import QrCode
from ui.kit.theme import Theme
from ui.signing.phone_panel import PhonePanel
from ui.signing.phone_port import PhoneRequest

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme) -> PhonePanel:
    made = PhonePanel(take_back=lambda: None, renew=lambda: None)
    qtbot.addWidget(made)
    made.show_request(REQUEST)
    made.show()
    return made


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "Waits for the phone"),
        ({"opened_at": AT}, "Is reading"),
        ({"opened_at": AT, "read_at": AT, "acknowledged": {"a": AT, "b": AT}}, "Can sign now"),
        ({"state": "expired"}, "The time for it is over; nothing was signed"),
        ({"state": "locked"}, "Locked after too many wrong codes; nobody has seen the document"),
        ({"state": "unknown"}, "The centre does not know this request any more"),
    ],
)
def test_each_state_is_said(panel: PhonePanel, changed: dict[str, Any], said: str) -> None:
    panel.show_state(REQUEST, state(**changed), left=90)
    assert panel.state.text() == said
    waits = not changed
    assert panel.code.isVisible() == panel.picture.isVisible() == waits, "only whoever scans needs them"
    assert panel.again.isVisible() == (changed.get("state", "open") != "open")


def test_what_the_centre_cannot_tell_is_said_and_goes_again(panel: PhonePanel) -> None:
    panel.show_trouble("The service at https://centre does not answer.")
    assert panel.trouble.text() == "The service at https://centre does not answer."
    panel.show_state(REQUEST, state(), left=90)
    assert panel.trouble.text() == "" and panel.code.text() == "204 817"
    assert panel.code.accessibleName() == "2 0 4 8 1 7", "read out digit by digit"


def test_the_qr_code_is_dark_on_white_with_its_quiet_zone(qtbot: QtBot, theme: Theme) -> None:
    code = QrCode(side=240, name="QR code")
    qtbot.addWidget(code)
    code.set_text(REQUEST.address)
    code.show()
    image = code.grab().toImage()
    ratio = image.width() / code.width()
    modules = len(code._rows) + 8
    side = int(240 * ratio) // modules
    left = (image.width() - side * modules) / 2
    read = [
        [image.pixelColor(int(left + (x + 4.5) * side), int(left + (y + 4.5) * side)) for x in range(modules - 8)]
        for y in range(modules - 8)
    ]
    dark = QColor("#000000")
    assert [bytes(pixel == dark for pixel in row) for row in read] == list(code._rows)
    assert image.pixelColor(int(left + 2 * side), image.height() // 2) == QColor("#FFFFFF")


def test_a_request_is_kept_whole_or_not_at_all() -> None:
    assert PhoneRequest.from_json(REQUEST.as_json()) == REQUEST
    assert PhoneRequest.from_json({"request_id": "a"}) is None
    assert REQUEST.token not in repr(REQUEST) and REQUEST.code not in repr(REQUEST)
