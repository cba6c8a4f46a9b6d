"""The typeface of all paper: Noto Sans SC in two weights, loaded on first use (each cut is 10 MB)."""

import threading
from collections.abc import Sequence
from functools import cache

from app.documents.errors import CharactersNotPrintable
from app.runtime.resources import resource_path

REGULAR = "NotoSansSC"
BOLD = "NotoSansSC-Bold"
_FILES = {REGULAR: "fonts/NotoSansSC-Regular.ttf", BOLD: "fonts/NotoSansSC-Bold.ttf"}
_UNITS_PER_EM = 1000.0
_BLANKS = frozenset("\n\r\t\u200b")

ASCENT = 0.88
"""Height of a Chinese character above the baseline, in em; the square reaches DESCENT below it."""
DESCENT = 0.12
CAP_HEIGHT = 0.733

_lock = threading.Lock()


@cache
def _face(name: str) -> "object":
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    with _lock:
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(resource_path(_FILES[name]))))
        return pdfmetrics.getFont(name).face


def register_fonts() -> None:
    """Make both cuts known to ReportLab. Cheap after the first call; safe from any thread."""
    for name in _FILES:
        _face(name)


def missing_characters(text: str) -> set[str]:
    """The characters of a text that the typeface cannot print; ask before a name is put on paper."""
    known = _face(REGULAR).charToGlyph  # type: ignore[attr-defined]
    return {char for char in text if char not in _BLANKS and ord(char) not in known}


def require_printable(*texts: str) -> None:
    """Raise CharactersNotPrintable where a text holds characters without a shape in the typeface."""
    missing = set().union(*(missing_characters(text) for text in texts)) if texts else set()
    if missing:
        shown = " ".join(f"{char} (U+{ord(char):04X})" for char in sorted(missing))
        raise CharactersNotPrintable(characters=shown)


def character_widths(text: str, *, bold: bool, size: float) -> Sequence[float]:
    """The width of each character in points at `size` points."""
    face = _face(BOLD if bold else REGULAR)
    widths = face.charWidths  # type: ignore[attr-defined]
    default = face.defaultWidth  # type: ignore[attr-defined]
    scale = size / _UNITS_PER_EM
    return [widths.get(ord(char), default) * scale for char in text]


def text_width(text: str, *, bold: bool = False, size: float) -> float:
    """The width of a text on one line, in points."""
    return sum(character_widths(text, bold=bold, size=size))
