"""The typeface of all paper: Noto Sans SC in two weights, loaded on first use (each cut is 10 MB)."""

import threading
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


@cache
def _printable() -> frozenset[str]:
    return frozenset(map(chr, _face(REGULAR).charToGlyph)) | _BLANKS  # type: ignore[attr-defined]


def missing_characters(text: str) -> set[str]:
    """The characters of a text that the typeface cannot print; ask before a name is put on paper."""
    return set(text) - _printable()


def require_printable(*texts: str, field: str | None = None) -> None:
    """Raise CharactersNotPrintable (for `field`, where one is named) where a text holds characters without a shape in
    the typeface."""
    missing = set().union(*(missing_characters(text) for text in texts)) if texts else set()
    if missing:
        shown = " ".join(f"{char} (U+{ord(char):04X})" for char in sorted(missing))
        raise CharactersNotPrintable(field=field, characters=shown)


class _Widths(dict[str, float]):
    """The width of each character at one size, worked out when it is first asked for."""

    def __init__(self, face: "object", size: float) -> None:
        super().__init__()
        self._units: dict[int, float] = face.charWidths  # type: ignore[attr-defined]
        self._default: float = face.defaultWidth  # type: ignore[attr-defined]
        self._scale = size / _UNITS_PER_EM

    def __missing__(self, char: str) -> float:
        width = self[char] = self._units.get(ord(char), self._default) * self._scale
        return width


@cache
def _widths(bold: bool, size: float) -> _Widths:
    return _Widths(_face(BOLD if bold else REGULAR), size)


def character_widths(text: str, *, bold: bool, size: float) -> list[float]:
    """The width of each character in points at `size` points."""
    return list(map(_widths(bold, size).__getitem__, text))


def text_width(text: str, *, bold: bool = False, size: float) -> float:
    """The width of a text on one line, in points."""
    return sum(character_widths(text, bold=bold, size=size))
