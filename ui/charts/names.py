"""Long names in charts."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

_SHORT = 16


def two_lines(name: str) -> str:
    """A long name on two lines, broken at the blank nearest the middle."""
    blanks = [at for at, character in enumerate(name) if character == " "]
    if len(name) < _SHORT or not blanks:
        return name
    at = min(blanks, key=lambda place: abs(place - len(name) / 2))
    return f"{name[:at]}\n{name[at + 1 :]}"


def fitting_lines(name: str, measure: QFontMetrics, *, longest: int) -> str:
    """A name on one line of so many pixels, else on two, each cut with an ellipsis where it is longer still."""
    lines = [name] if measure.horizontalAdvance(name) <= longest else two_lines(name).split("\n")
    return "\n".join(measure.elidedText(line, Qt.TextElideMode.ElideRight, longest) for line in lines)
