"""The charts of the comparison, drawn as vectors on paper: lying stacked bars and a radar."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.platypus.flowables import Flowable

from app.documents.fonts import BOLD, REGULAR, text_width
from app.documents.styles import FAINT_LINE, GRID, HAIRLINE, INK, LINE, MUTED, PAPER, paint

PALETTE = ("#0B6E6E", "#C66A00", "#3A6FC4", "#A03C78", "#6B7F1A", "#7A6A5D")
"""The ordered palette of the charts, which colour-blind readers can tell apart; strokes differ as well."""
DASHES = ((), (5, 2), (1.5, 1.5), (7, 2, 1.5, 2), (3, 3), (9, 3))
_ROW = 19.5
_BAR = 9.0
_LEGEND_SHARE = 0.36
_SIZE = 7.0


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of a bar: the number of its colour, its length, and what stands in it where there is room."""

    number: int
    value: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its name above, its sum at its end, and what is to be said of it (an incomplete one)."""

    name: str
    segments: tuple[Segment, ...]
    total: str
    note: str = ""


def shortened(text: str, width: float, *, size: float, bold: bool = False) -> str:
    """The text as it fits into a width, cut with an ellipsis where it does not."""
    if text_width(text, bold=bold, size=size) <= width:
        return text
    more = "..." if text.isascii() else "…"  # the typeface draws the one in the middle of a Chinese square
    while text and text_width(text + more, bold=bold, size=size) > width:
        text = text[:-1]
    return text.rstrip() + more


def in_two_lines(text: str, width: float, *, size: float) -> list[str]:
    """The text on one line, else on two broken where they are most alike, each as it fits."""
    if text_width(text, size=size) <= width:
        return [text]
    places = [n for n, character in enumerate(text) if character == " "] or range(1, len(text))
    middle = min(places, key=lambda n: abs(text_width(text[:n], size=size) - text_width(text[n:], size=size)))
    return [shortened(part.strip(), width, size=size) for part in (text[:middle], text[middle:])]


class StackedBars(Flowable):
    """Lying bars on one scale, with a legend below; the first bar on top."""

    def __init__(self, bars: Sequence[Bar], legend: Sequence[str], *, width: float) -> None:
        super().__init__()
        self._bars, self._legend = tuple(bars), tuple(legend)
        self.width = width
        self._legend_rows = _legend_rows(self._legend, width)
        self.height = len(self._bars) * _ROW + len(self._legend_rows) * 11 + GRID

    def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        longest = max((sum(segment.value for segment in bar.segments) for bar in self._bars), default=0.0)
        room = self.width - max((text_width(bar.total, bold=True, size=8) for bar in self._bars), default=0) - GRID
        top = self.height
        for bar in self._bars:
            self._draw_bar(bar, top=top, scale=room / longest if longest > 0 else 0.0)
            top -= _ROW
        _draw_legend(self.canv, self._legend_rows, top=top - GRID / 2)

    def _draw_bar(self, bar: Bar, *, top: float, scale: float) -> None:
        canvas, base = self.canv, top - _ROW + 2
        name = shortened(bar.name, self.width * 0.72, size=_SIZE)
        _write(canvas, name, 0, base + _BAR + 2.4, color=INK)
        if bar.note:
            _write(canvas, bar.note, text_width(name, size=_SIZE) + GRID, base + _BAR + 3, color=MUTED, size=6)
        x = 0.0
        for segment in bar.segments:
            length = segment.value * scale
            canvas.setFillColor(paint(PALETTE[segment.number % len(PALETTE)]))
            canvas.rect(x, base, max(0.0, length - 0.6), _BAR, stroke=0, fill=1)
            if segment.text and text_width(segment.text, size=6) <= length - 5:
                _write(canvas, segment.text, x + 2.5, base + 2.6, color=PAPER, size=6)
            x += length
        _write(canvas, bar.total, x + 4, base + 1.8, color=INK, size=8, bold=True)


@dataclass(frozen=True, slots=True)
class Spoke:
    """One axis: its name and a share of the best for each trim, None where it is not on file."""

    name: str
    shares: tuple[float | None, ...]


class Radar(Flowable):
    """A radar with one closed line a trim and its legend at the right; where a value is missing the line has a gap."""

    def __init__(self, spokes: Sequence[Spoke], legend: Sequence[str], *, width: float, height: float) -> None:
        super().__init__()
        self._spokes, self._legend = tuple(spokes), tuple(legend)
        self.width, self.height = width, height

    def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        legend_width = self.width * _LEGEND_SHARE
        drawn = self.width - legend_width
        names = [in_two_lines(name, legend_width - 20, size=_SIZE) for name in self._legend]
        radius = min((self.height - 28) / 2, drawn / 2 - 30)
        middle = (drawn / 2, self.height / 2)
        self._draw_web(middle, radius)
        for number in range(len(self._legend)):
            self._draw_trim(number, middle, radius)
        self.canv.translate(drawn, 0)
        _draw_lines_of(self.canv, names, top=(self.height + sum(map(_legend_height, names))) / 2)

    def _point(self, middle: tuple[float, float], radius: float, place: int) -> tuple[float, float]:
        angle = math.pi / 2 - 2 * math.pi * place / len(self._spokes)
        return middle[0] + radius * math.cos(angle), middle[1] + radius * math.sin(angle)

    def _draw_web(self, middle: tuple[float, float], radius: float) -> None:
        canvas, count = self.canv, len(self._spokes)
        canvas.setLineWidth(HAIRLINE)
        for ring in (0.25, 0.5, 0.75, 1.0):
            canvas.setStrokeColor(paint(LINE if ring == 1.0 else FAINT_LINE))
            path = canvas.beginPath()
            path.moveTo(*self._point(middle, radius * ring, 0))
            for place in range(1, count):
                path.lineTo(*self._point(middle, radius * ring, place))
            path.close()
            canvas.drawPath(path, stroke=1, fill=0)
        for place, spoke in enumerate(self._spokes):
            end = self._point(middle, radius, place)
            canvas.setStrokeColor(paint(FAINT_LINE))
            canvas.line(*middle, *end)
            self._write_name(spoke.name, self._point(middle, radius + 7, place), middle)

    def _write_name(self, name: str, at: tuple[float, float], middle: tuple[float, float]) -> None:
        shift = at[0] - middle[0]
        drawn = self.width * (1 - _LEGEND_SHARE)
        room = drawn if abs(shift) < 2 else (drawn - at[0] - 4 if shift > 0 else at[0])
        y = at[1] - 2.3
        lines = in_two_lines(name, room, size=6.5)
        for text in lines:
            wide = text_width(text, size=6.5)
            left = at[0] - wide / 2 if abs(shift) < 2 else (at[0] if shift > 0 else at[0] - wide)
            _write(self.canv, text, left, y + (len(lines) - 1) * 4, color=MUTED, size=6.5)
            y -= 8

    def _draw_trim(self, number: int, middle: tuple[float, float], radius: float) -> None:
        canvas, count = self.canv, len(self._spokes)
        canvas.setStrokeColor(paint(PALETTE[number % len(PALETTE)]))
        canvas.setFillColor(paint(PALETTE[number % len(PALETTE)]))
        canvas.setLineWidth(1.3)
        canvas.setDash(*((list(DASHES[number % len(DASHES)]), 0) if DASHES[number % len(DASHES)] else ([], 0)))
        shares = [spoke.shares[number] for spoke in self._spokes]
        for place in range(count):
            here, there = shares[place], shares[(place + 1) % count]
            if here is not None and there is not None:
                start = self._point(middle, radius * here, place)
                canvas.line(*start, *self._point(middle, radius * there, (place + 1) % count))
        canvas.setDash()
        for place, share in enumerate(shares):
            if share is not None:
                canvas.circle(*self._point(middle, radius * share, place), 1.6, stroke=0, fill=1)


def _write(
    canvas: object, text: str, x: float, y: float, *, color: str, size: float = _SIZE, bold: bool = False
) -> None:
    canvas.setFillColor(paint(color))  # type: ignore[attr-defined]
    canvas.setFont(BOLD if bold else REGULAR, size)  # type: ignore[attr-defined]
    canvas.drawString(x, y, text)  # type: ignore[attr-defined]


def _legend_rows(names: Sequence[str], width: float) -> list[list[tuple[int, str]]]:
    rows: list[list[tuple[int, str]]] = [[]]
    used = 0.0
    for number, name in enumerate(names):
        room = text_width(name, size=_SIZE) + 22
        if rows[-1] and used + room > width:
            rows.append([])
            used = 0.0
        rows[-1].append((number, name))
        used += room
    return rows


def _legend_height(lines: Sequence[str]) -> float:
    return 9.0 * len(lines) + 3


def _draw_lines_of(canvas: object, names: Sequence[Sequence[str]], *, top: float) -> None:
    """One sample of a line and its name, on one line or two, for each trim."""
    y = top - 7
    for number, lines in enumerate(names):
        canvas.setStrokeColor(paint(PALETTE[number % len(PALETTE)]))  # type: ignore[attr-defined]
        canvas.setLineWidth(1.6)  # type: ignore[attr-defined]
        canvas.setDash(list(DASHES[number % len(DASHES)]), 0)  # type: ignore[attr-defined]
        canvas.line(0, y + 2.5, 15, y + 2.5)  # type: ignore[attr-defined]
        canvas.setDash()  # type: ignore[attr-defined]
        for line, text in enumerate(lines):
            _write(canvas, text, 19, y - 9 * line, color=INK)
        y -= _legend_height(lines)


def _draw_legend(canvas: object, rows: Sequence[Sequence[tuple[int, str]]], *, top: float) -> None:
    y = top - 7
    for row in rows:
        x = 0.0
        for number, name in row:
            canvas.setFillColor(paint(PALETTE[number % len(PALETTE)]))  # type: ignore[attr-defined]
            canvas.rect(x, y, 6, 6, stroke=0, fill=1)  # type: ignore[attr-defined]
            _write(canvas, name, x + 10, y, color=INK)
            x += text_width(name, size=_SIZE) + 22
        y -= 11


class Picture(Flowable):
    """A photograph that fills its place, cut at the longer sides. Raises OSError for what is none."""

    def __init__(self, content: bytes, *, width: float, height: float) -> None:
        super().__init__()
        self._content = content
        self.width, self.height = width, height

    def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        # Neither is needed for paper without pictures.
        import io

        from reportlab.lib.utils import ImageReader

        image = ImageReader(io.BytesIO(self._content))
        wide, high = image.getSize()
        scale = max(self.width / wide, self.height / high)
        canvas = self.canv
        canvas.saveState()
        shape = canvas.beginPath()
        shape.roundRect(0, 0, self.width, self.height, 3)
        canvas.clipPath(shape, stroke=0, fill=0)
        left, low = (self.width - wide * scale) / 2, (self.height - high * scale) / 2
        canvas.drawImage(image, left, low, width=wide * scale, height=high * scale)
        canvas.restoreState()
