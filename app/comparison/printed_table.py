"""A table of hundreds of short texts on paper, fast: measured once, broken only where it must, drawn page by page.

ReportLab's own table gives each cell a drawing of its own; for six trims that is over a thousand of them and most of
the time of a print. Here a cell is texts in one column; the head is repeated, a heading never ends a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from reportlab.platypus.flowables import Flowable

from app.documents.fonts import BOLD, REGULAR, character_widths, require_printable
from app.documents.line_breaking import break_lines, natural_advances
from app.documents.styles import ACCENT_WASH, FAINT_LINE, HAIRLINE, INK, LINE, WASH, TextStyle, paint
from app.documents.text_block import first_baseline

_PAD = 2.2
_RIGHT = 6.0
_INDENT = 4.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text in one weight and colour."""

    text: str
    bold: bool = False
    color: str = INK


@dataclass(frozen=True, slots=True)
class Block:
    """Pieces that follow each other on one line, or on as many as the column needs, in one size."""

    pieces: tuple[Piece, ...]
    style: TextStyle


PrintedCell = tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """Cells, the first naming the row; a `heading` has only that one and stands on a wash, `marked` rows on accent."""

    cells: tuple[PrintedCell, ...]
    heading: bool = False
    marked: bool = False


@dataclass(frozen=True, slots=True)
class _Spot:
    """A text at its place in a row: from the left edge, down from the row's top."""

    x: float
    down: float
    text: str
    bold: bool
    color: str
    size: float


@dataclass(frozen=True, slots=True)
class _Laid:
    row: PrintedRow
    spots: tuple[_Spot, ...]
    height: float


def block(text: str, style: TextStyle, *, bold: bool | None = None, color: str = "") -> Block:
    """A block of one piece."""
    return Block((Piece(text, style.bold if bold is None else bold, color or style.color),), style)


@lru_cache(maxsize=4096)
def _width(text: str, bold: bool, size: float) -> float:
    """Points on one line; refuses what cannot be printed. Many cells say the same: "Standard"."""
    require_printable(text)
    return sum(character_widths(text, bold=bold, size=size))


class PrintedTable(Flowable):
    """`head` is repeated on each page. Give `widths` in points, the first for the names."""

    def __init__(self, head: PrintedRow, rows: Sequence[PrintedRow], widths: Sequence[float]) -> None:
        super().__init__()
        self._widths = tuple(widths)
        self._head = self._laid(head)
        self._rows = [self._laid(row) for row in rows]
        self.hAlign = "LEFT"

    def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:
        self.width = sum(self._widths)
        self.height = self._head.height + sum(row.height for row in self._rows)
        return self.width, self.height

    def split(self, availWidth: float, availHeight: float) -> list[Flowable]:
        room, fitting = availHeight - self._head.height, 0
        for row in self._rows:
            room -= row.height
            if room < 0:
                break
            fitting += 1
        while fitting and self._rows[fitting - 1].row.heading:
            fitting -= 1
        if not fitting:
            return []
        return [self._part(self._rows[:fitting]), self._part(self._rows[fitting:])]

    def draw(self) -> None:
        canvas, top = self.canv, self.height
        for laid in [self._head, *self._rows]:
            if laid.row.heading or laid.row.marked:
                canvas.setFillColor(paint(WASH if laid.row.heading else ACCENT_WASH))
                canvas.rect(0, top - laid.height, self.width, laid.height, stroke=0, fill=1)
            top -= laid.height
        self._draw_lines()
        self._draw_texts()

    # --- inside ----------------------------------------------------------------------------------

    def _part(self, rows: list[_Laid]) -> "PrintedTable":
        part = PrintedTable.__new__(PrintedTable)
        Flowable.__init__(part)
        part._widths, part._head, part._rows, part.hAlign = self._widths, self._head, rows, "LEFT"
        return part

    def _laid(self, row: PrintedRow) -> _Laid:
        spots: list[_Spot] = []
        tallest, left = 0.0, 0.0
        for number, cell in enumerate(row.cells):
            wide = sum(self._widths) if row.heading else self._widths[number] - _RIGHT
            down = _PAD
            for one in cell:
                down = self._lay_block(one, left + (_INDENT if row.heading else 0.0), wide, down, spots)
            tallest = max(tallest, down)
            left += self._widths[number]
        return _Laid(row, tuple(spots), tallest + _PAD)

    def _lay_block(self, one: Block, left: float, wide: float, down: float, spots: list[_Spot]) -> float:
        style = one.style
        base = first_baseline(style)
        widths = [_width(piece.text, piece.bold, style.size) for piece in one.pieces]
        if sum(widths) <= wide:
            for piece, width in zip(one.pieces, widths, strict=True):
                spots.append(_Spot(left, down + base, piece.text, piece.bold, piece.color, style.size))
                left += width
            return down + style.leading
        return self._lay_broken(one, left, wide, down, spots)

    def _lay_broken(self, one: Block, left: float, wide: float, down: float, spots: list[_Spot]) -> float:
        style, base = one.style, first_baseline(one.style)
        text = "".join(piece.text for piece in one.pieces)
        measured = [w for p in one.pieces for w in character_widths(p.text, bold=p.bold, size=style.size)]
        for line in break_lines(text, natural_advances(text, measured), wide):
            x, position = left, 0
            for piece in one.pieces:
                first, last = max(line.start - position, 0), min(line.end - position, len(piece.text))
                if first < last:
                    part = piece.text[first:last]
                    spots.append(_Spot(x, down + base, part, piece.bold, piece.color, style.size))
                    x += _width(part, piece.bold, style.size)
                position += len(piece.text)
            down += style.leading
        return down

    def _draw_lines(self) -> None:
        canvas, y = self.canv, self.height
        canvas.setStrokeColor(paint(INK))
        canvas.setLineWidth(1.0)
        canvas.line(0, y, self.width, y)
        canvas.setLineWidth(HAIRLINE)
        y -= self._head.height
        canvas.setStrokeColor(paint(LINE))
        canvas.line(0, y, self.width, y)
        canvas.setStrokeColor(paint(FAINT_LINE))
        ends = []
        for laid in self._rows:
            y -= laid.height
            ends.append((0, y, self.width, y))
        canvas.lines(ends)

    def _draw_texts(self) -> None:
        """All texts of the page in one text object; font and colour are named only where they change."""
        text, top = self.canv.beginText(), self.height
        font, color = ("", 0.0), ""
        for laid in [self._head, *self._rows]:
            for spot in laid.spots:
                wanted = (BOLD if spot.bold else REGULAR, spot.size)
                if wanted != font:
                    text.setFont(*wanted)
                    font = wanted
                if spot.color != color:
                    text.setFillColor(paint(spot.color))
                    color = spot.color
                text.setTextOrigin(spot.x, top - spot.down)
                text.textOut(spot.text)
            top -= laid.height
        self.canv.drawText(text)
