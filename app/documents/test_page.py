"""The page that shows what a printer is off by: two lines that should stand at a known place, with rulers."""

import io
from functools import partial

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from app.documents.fonts import REGULAR, register_fonts, text_width
from app.documents.styles import HAIRLINE, INK, LINE, paint
from app.runtime.language import tr_in, tr_noop

_RULER = 10
_TICK, _LONG_TICK = 2.0, 3.5


class TestPage:
    """One page; lengths in millimetres from its left upper corner. `cross` is where both lines should stand."""

    __test__ = False

    def __init__(self, page: tuple[float, float], *, cross: float, canvas: Canvas | None = None) -> None:
        register_fonts()
        self._width, self._height = page[0] * mm, page[1] * mm
        self._cross = cross * mm
        self._target = io.BytesIO()
        self._canvas = canvas or Canvas(
            self._target, pagesize=(self._width, self._height), pageCompression=1, invariant=1
        )

    def shift(self, right: int, down: int) -> None:
        """Move everything that follows, by tenths of a millimetre."""
        self._canvas.translate(right * mm / 10, -down * mm / 10)

    def outline(self, left: float, top: float, width: float, height: float) -> None:
        """A hairline around a place."""
        self._canvas.setStrokeColor(paint(LINE))
        self._canvas.setLineWidth(HAIRLINE)
        self._canvas.rect(left * mm, self._height - (top + height) * mm, width * mm, height * mm)

    def draw_lines(self) -> None:
        """The two lines, with ticks in millimetres on both sides, every fifth longer."""
        canvas, cross = self._canvas, self._cross
        canvas.setLineWidth(HAIRLINE)
        canvas.setStrokeColor(paint(INK))
        canvas.line(cross, 0, cross, self._height)
        canvas.line(0, self._height - cross, self._width, self._height - cross)
        for step in range(-_RULER, _RULER + 1):
            length = (_LONG_TICK if step % 5 == 0 else _TICK) * mm
            along = cross + step * mm
            canvas.line(along, self._height - cross, along, self._height - cross - length)
            canvas.line(cross, self._height - along, cross + length, self._height - along)

    def instruct(self, paper: str, *, language: str) -> None:
        """What to do with the page, where there is room for it."""
        say = partial(tr_in, language)
        cross = f"{self._cross / mm:.1f}"
        lines = (
            say(tr_noop("Test page: {paper}"), paper=paper),
            say(tr_noop("Print at 100 %, without fitting to the page.")),
            say(tr_noop("The upright line should be {mm} mm from the left edge of the paper."), mm=cross),
            say(tr_noop("The level line should be {mm} mm from the upper edge."), mm=cross),
            say(tr_noop("Enter what you measure, to a tenth of a millimetre.")),
        )
        room = self._width - self._cross - 8 * mm
        size = min(9.0, room / max(text_width(line, size=1) for line in lines))
        y = self._height - self._cross - 16 * mm
        for line in lines:
            if y < 2 * mm or size < 2:
                return
            self._canvas.setFont(REGULAR, size)
            self._canvas.setFillColor(paint(INK))
            self._canvas.drawString(self._cross + 6 * mm, y, line)
            y -= 1.5 * size

    def finished(self, title: str) -> bytes:
        """The document."""
        self._canvas.setTitle(title)
        self._canvas.setCreator("Forecourt")
        self._canvas.setProducer("Forecourt")
        self._canvas.showPage()
        self._canvas.save()
        return self._target.getvalue()
