"""Typing into fields as people do, also what no key of a keyboard gives (as an input method does)."""

from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot


def type_text(qtbot: QtBot, line: QLineEdit, text: str) -> None:
    """Replace what a field holds by typing a text."""
    line.selectAll()
    if text.isascii():
        line.del_()
        qtbot.keyClicks(line, text)
    else:
        line.insert(text)
