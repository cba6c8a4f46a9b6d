"""The quiet typographic ladder of all paper: one typeface, few sizes, hairlines, an 8-point grid."""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reportlab.lib.colors import Color

GRID = 8.0
HAIRLINE = 0.5
A4_WIDTH = 595.2756
PAGE_MARGIN = 7 * GRID

INK = "#17202B"
MUTED = "#5B6675"
LINE = "#C8CFD9"
FAINT_LINE = "#E2E6EC"
WASH = "#F5F6F8"
ACCENT = "#0B6E6E"
ACCENT_WASH = "#EDF5F4"
WARN = "#8A4B00"
WARN_WASH = "#FBF3E6"
BAD = "#B3261E"
PAPER = "#FFFFFF"


@cache
def paint(color: str) -> "Color":
    """A colour of the ladder as ReportLab wants it; reading "#17202B" anew for every word costs a tenth of a page."""
    from reportlab.lib.colors import HexColor

    return HexColor(color)


class Align(StrEnum):
    """How a block of text stands in its column."""

    LEFT = "left"
    RIGHT = "right"
    CENTER = "center"
    JUSTIFY = "justify"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextStyle:
    """Size and leading in points; `bold` is the weight of runs that ask for none."""

    size: float
    leading: float
    color: str = INK
    bold: bool = False
    align: Align = Align.LEFT
    space_before: float = 0.0
    space_after: float = 0.0
    keep_with_next: bool = False

    def but(self, **changes: object) -> "TextStyle":
        """The same style with some fields changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


TITLE = TextStyle(size=20, leading=28, bold=True)
SUBTITLE = TextStyle(size=10, leading=16, color=MUTED)
SECTION = TextStyle(size=11, leading=16, bold=True)
BODY = TextStyle(size=9, leading=14)
SECOND = TextStyle(size=8, leading=12, color=MUTED)
LABEL = TextStyle(size=7, leading=10, color=MUTED)
VALUE = TextStyle(size=9, leading=14)
FIGURE = TextStyle(size=9, leading=14, align=Align.RIGHT)
TOTAL = TextStyle(size=13, leading=20, bold=True, align=Align.RIGHT)
SMALL = TextStyle(size=6.5, leading=9, color=MUTED)
