"""Handwriting and the dealer's seal as small vector pictures, each a one-page PDF that becomes a field's appearance."""

import io
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from app.documents.fonts import BOLD, REGULAR, register_fonts, require_printable, text_width
from app.documents.styles import BAD, INK, MUTED

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

_PEN = "#14213D"
_CAPTION_SIZE = 6.5
_CAPTION_LEADING = 9.0
_PADDING = 6.0
_LONGEST_STEP = 0.35
"""Points closer than this on paper (in points) are not drawn apart: a tablet sends far more than a page can show."""


class StrokePoint(NamedTuple):
    """One sample of the pen: milliseconds since the first touch, position in hundredths of a pixel (y downward),
    pressure in thousandths (500 where the device has none)."""

    t_ms: int
    x: int
    y: int
    pressure: int = 500


Stroke = tuple[StrokePoint, ...]


def ink_length(strokes: Sequence[Stroke]) -> float:
    """The drawn length over the larger side of its bounding box: about 1 for a dash, 4 and more for a name."""
    left, top, right, bottom = _bounds(strokes)
    side = max(right - left, bottom - top)
    drawn = sum(math.dist(a[1:3], b[1:3]) for stroke in strokes for a, b in pairwise(stroke))
    return drawn / side if side else 0.0


def signature_picture(strokes: Sequence[Stroke], *, size: tuple[float, float], captions: Sequence[str]) -> bytes:
    """The strokes in a box of `size` points, above small lines of text that say who, when and by what proof.

    Only the glyphs of the captions are embedded. Raises CharactersNotPrintable.
    """
    canvas, target = _canvas(size, captions)
    width, height = size
    foot = _PADDING + _CAPTION_LEADING * len(captions)
    _draw_captions(canvas, captions, width=width)
    _draw_ink(canvas, strokes, left=_PADDING, bottom=foot, width=width - 2 * _PADDING, height=height - foot - _PADDING)
    return _finished(canvas, target)


def seal_picture(*, size: tuple[float, float], name: str, lines: Sequence[str]) -> bytes:
    """A round electronic seal: the name on a ring, and what it is and when in the middle.

    It has no star: a seal registered with the police is a thing of its own and is not imitated.
    """
    canvas, target = _canvas(size, [name, *lines])
    width, height = size
    radius = min(width, height) / 2 - 2
    canvas.translate(width / 2, height / 2)
    canvas.setStrokeColor(BAD)
    canvas.setFillColor(BAD)
    canvas.setLineWidth(1.6)
    canvas.circle(0, 0, radius)
    canvas.setLineWidth(0.4)
    canvas.circle(0, 0, radius - 2.4)
    _draw_ring(canvas, name, radius=radius - 5)
    _draw_middle(canvas, lines, radius=radius)
    return _finished(canvas, target)


def _canvas(size: tuple[float, float], texts: Sequence[str]) -> tuple["Canvas", io.BytesIO]:
    from reportlab.pdfgen.canvas import Canvas

    register_fonts()
    require_printable(*texts)
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=size, invariant=1, pageCompression=1, initialFontName=REGULAR)
    return canvas, target


def _finished(canvas: "Canvas", target: io.BytesIO) -> bytes:
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def _draw_captions(canvas: "Canvas", captions: Sequence[str], *, width: float) -> None:
    y = _PADDING / 2 + _CAPTION_LEADING * (len(captions) - 1) + 2
    for index, caption in enumerate(captions):
        canvas.setFillColor(INK if index == 0 else MUTED)
        size = _CAPTION_SIZE
        room = width - 2 * _PADDING
        wide = text_width(caption, size=size)
        canvas.setFont(REGULAR, size * min(1.0, room / wide) if wide else size)
        canvas.drawString(_PADDING, y, caption)
        y -= _CAPTION_LEADING


def _bounds(strokes: Sequence[Stroke]) -> tuple[int, int, int, int]:
    points = [point for stroke in strokes for point in stroke]
    if not points:
        return (0, 0, 0, 0)
    xs, ys = [point.x for point in points], [point.y for point in points]
    return (min(xs), min(ys), max(xs), max(ys))


def _draw_ink(
    canvas: "Canvas", strokes: Sequence[Stroke], *, left: float, bottom: float, width: float, height: float
) -> None:
    """Keeps the proportions of the hand, centred in the room there is."""
    x0, y0, x1, y1 = _bounds(strokes)
    scale = min(width / max(x1 - x0, 1), height / max(y1 - y0, 1))
    dx = left + (width - (x1 - x0) * scale) / 2
    dy = bottom + (height - (y1 - y0) * scale) / 2
    canvas.setStrokeColor(_PEN)
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    for stroke in strokes:
        _draw_stroke(canvas, [(dx + (p.x - x0) * scale, dy + (y1 - p.y) * scale, p.pressure) for p in stroke])


def _draw_stroke(canvas: "Canvas", points: list[tuple[float, float, int]]) -> None:
    """Lines whose width follows the pressure; neighbouring pieces of one width are one path."""
    kept = _thinned(points)
    if len(kept) == 1:
        x, y, pressure = kept[0]
        canvas.setFillColor(_PEN)
        canvas.circle(x, y, _pen_width(pressure) / 2, stroke=0, fill=1)
        return
    index = 0
    while index < len(kept) - 1:
        weight = _pen_width(kept[index + 1][2])
        path = canvas.beginPath()
        path.moveTo(*kept[index][:2])
        while index < len(kept) - 1 and _pen_width(kept[index + 1][2]) == weight:
            index += 1
            path.lineTo(*kept[index][:2])
        canvas.setLineWidth(weight)
        canvas.drawPath(path, stroke=1, fill=0)


def _pen_width(pressure: int) -> float:
    return 0.8 + 0.25 * round(min(max(pressure, 0), 1000) / 1000 * 5)


def _thinned(points: list[tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    kept = points[:1]
    for point in points[1:-1]:
        if math.dist(point[:2], kept[-1][:2]) >= _LONGEST_STEP:
            kept.append(point)
    return [*kept, points[-1]] if len(points) > 1 else kept


def _draw_ring(canvas: "Canvas", name: str, *, radius: float) -> None:
    """The name clockwise along the upper ring, at most over 270 degrees."""
    size = min(9.0, radius * 0.28)
    baseline = radius - size * 0.8
    step = min(size * 1.12 / baseline, math.radians(270) / max(len(name) - 1, 1))
    angle = math.pi / 2 + step * (len(name) - 1) / 2
    shrunk = min(size, step * baseline)
    canvas.setFont(BOLD, shrunk)
    for char in name:
        canvas.saveState()
        canvas.translate(baseline * math.cos(angle), baseline * math.sin(angle))
        canvas.rotate(math.degrees(angle) - 90)
        canvas.drawCentredString(0, 0, char)
        canvas.restoreState()
        angle -= step


def _draw_middle(canvas: "Canvas", lines: Sequence[str], *, radius: float) -> None:
    y = radius * 0.04
    for index, line in enumerate(lines):
        size = radius * (0.2 if index == 0 else 0.13)
        canvas.setFont(BOLD if index == 0 else REGULAR, size)
        canvas.drawCentredString(0, y, line)
        y -= radius * (0.24 if index == 0 else 0.2)
