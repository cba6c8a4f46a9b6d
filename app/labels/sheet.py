"""Draws labels on pages with ReportLab; lengths come in millimetres from the left upper corner of the paper."""

import io
from collections.abc import Sequence
from functools import partial

import segno
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from app.documents.fonts import register_fonts
from app.documents.styles import ACCENT, HAIRLINE, INK, LINE, MUTED, Align, TextStyle, paint
from app.documents.test_page import TestPage
from app.documents.text_block import TextBlock
from app.documents.wording import money
from app.labels.label_data import Dealer, LabelUnit
from app.labels.rules import CROSS, LabelContent, LabelLayout, LabelPlace, PrinterOffset
from app.runtime.language import tr_in, tr_noop

_SMALLEST, _LARGEST = 4.5, 20.0
_RING = 4
"""Modules of white around a QR code (ISO/IEC 18004)."""


class LabelSheet:
    """Pages of one paper. Pages are begun as labels come."""

    def __init__(self, layout: LabelLayout, *, language: str, offset: PrinterOffset) -> None:
        register_fonts()
        self._layout, self._language, self._offset = layout, language, offset
        self._width, self._height = (float(side) * mm for side in layout.page)
        self._target = io.BytesIO()
        self._canvas = Canvas(self._target, pagesize=(self._width, self._height), pageCompression=1, invariant=1)
        self._page = 0
        self._shift()

    def draw(self, unit: LabelUnit, place: LabelPlace, *, content: LabelContent, dealer: Dealer) -> None:
        """One label at its place; places come page by page."""
        while self._page < place.page:
            self._canvas.showPage()
            self._page += 1
            self._shift()
        box = _Box(self._canvas, self._height, place, self._layout, self._language)
        if content is LabelContent.WINDSCREEN:
            _price_sheet(box, unit, dealer)
        elif content is LabelContent.KEY:
            _key_tag(box, unit)
        else:
            _vehicle_label(box, unit)

    def draw_test(self) -> None:
        """The page that shows what a printer is off by."""
        layout = self._layout
        page = TestPage((float(layout.page[0]), float(layout.page[1])), cross=float(CROSS), canvas=self._canvas)
        for number in range(layout.places):
            place = layout.place(number)
            page.outline(float(place.left), float(place.top), float(layout.label[0]), float(layout.label[1]))
        page.draw_lines()
        page.instruct(layout.name.in_language(self._language), language=self._language)

    def finished(self, *, title: str) -> bytes:
        """The document."""
        self._canvas.setTitle(title or self._layout.name.in_language(self._language))
        self._canvas.setCreator("Forecourt")
        self._canvas.setProducer("Forecourt")
        self._canvas.showPage()
        self._canvas.save()
        return self._target.getvalue()

    def _shift(self) -> None:
        self._canvas.translate(self._offset.right * mm / 10, -self._offset.down * mm / 10)


class _Box:
    """The inside of one label, in points; y grows downwards from its upper edge."""

    def __init__(
        self, canvas: Canvas, page_height: float, place: LabelPlace, layout: LabelLayout, language: str
    ) -> None:
        self.canvas, self.language = canvas, language
        across, down = (float(white) * mm for white in layout.inset)
        self.left = float(place.left) * mm + across
        self.top = page_height - float(place.top) * mm - down
        self.width = float(layout.label[0]) * mm - 2 * across
        self.height = float(layout.label[1]) * mm - 2 * down

    def text(
        self, text: str, *, x: float, y: float, width: float, height: float, most: float, bold: bool = False,
        lines: int = 1, color: str = INK, align: Align = Align.LEFT,
    ) -> float:  # fmt: skip
        """A text as large as its room allows, as `fitted` says; returns the height used."""
        block = self.fitted(
            text, width=width, height=height, most=most, bold=bold, lines=lines, color=color, align=align
        )
        return 0.0 if block is None else self.put(block, x=x, y=y, width=width)

    def fitted(
        self, text: str, *, width: float, height: float, most: float, bold: bool = False, lines: int = 1,
        color: str = INK, align: Align = Align.LEFT,
    ) -> TextBlock | None:  # fmt: skip
        """A text at most `most` points large, on at most `lines` lines. What does not fit at the smallest size is cut
        with dots; None for what has no room at all."""
        if not text:
            return None
        size = min(most, height / 1.25, _LARGEST * 2)
        while True:
            style = TextStyle(size=size, leading=1.25 * size, bold=bold, color=color, align=align)
            block = TextBlock(text, style)
            needed = block.wrap(width, height)[1]
            if needed <= min(height, lines * style.leading) + 0.01:
                break
            if size <= _SMALLEST:
                if len(text) < 4:
                    return None
                text = f"{text[:-2].rstrip('…').rstrip()}…"
            else:
                size = max(_SMALLEST, size * 0.94)
        return block

    def put(self, block: TextBlock, *, x: float, y: float, width: float) -> float:
        """Draw a fitted text; returns its height."""
        needed = float(block.wrapOn(self.canvas, width, self.height)[1])
        block.drawOn(self.canvas, self.left + x, self.top - y - needed)
        return needed

    def put_centred(self, blocks: Sequence[TextBlock | None], *, x: float, width: float, gap: float) -> None:
        """Draw texts one below the other, the whole in the middle of the height."""
        shown = [block for block in blocks if block is not None]
        heights = [float(block.wrapOn(self.canvas, width, self.height)[1]) for block in shown]
        y = max(0.0, (self.height - sum(heights) - gap * (len(shown) - 1)) / 2)
        for block in shown:
            y += self.put(block, x=x, y=y, width=width) + gap

    def code(self, text: str, *, x: float, y: float, side: float) -> None:
        """A QR code in a square of this side, the white ring of four modules that it needs included."""
        rows = [bytes(line) for line in segno.make(text, error="m", micro=False, boost_error=False).matrix]
        module, path = side / (len(rows) + 2 * _RING), self.canvas.beginPath()
        x, y = x + _RING * module, y + _RING * module
        for down, line in enumerate(rows):
            for across, dark in enumerate(line):
                if dark:
                    path.rect(
                        self.left + x + across * module, self.top - y - (down + 1) * module, module, module
                    )
        self.canvas.setFillColor(paint(INK))
        self.canvas.drawPath(path, stroke=0, fill=1)

    def rule(self, y: float, *, inner: float) -> None:
        """A hairline across the label, but for `inner` on both sides."""
        self.canvas.setStrokeColor(paint(LINE))
        self.canvas.setLineWidth(HAIRLINE)
        self.canvas.line(self.left + inner, self.top - y, self.left + self.width - inner, self.top - y)


def _vehicle_label(box: _Box, unit: LabelUnit) -> None:
    """Code at the left; stock number large, what it is, its VIN and colour."""
    side = min(box.height, box.width * 0.42)
    place = " · ".join(filter(None, (unit.exterior_colour.in_language(box.language), unit.location)))
    box.code(unit.vin, x=0, y=(box.height - side) / 2, side=side)
    x = side
    width = box.width - x
    rows = (
        (unit.stock_number or unit.vin[-8:], 0.24, True, 1, INK),
        (unit.heading.in_language(box.language), 0.19, True, 1, INK),
        (unit.version.in_language(box.language), 0.2, False, 2, INK),
        (unit.vin, 0.15, False, 1, INK),
        (place, 0.14, False, 1, MUTED),
    )
    blocks = [
        box.fitted(
            text, width=width, height=box.height * share, most=_LARGEST, bold=bold, lines=lines, color=color
        )
        for text, share, bold, lines, color in rows
    ]
    box.put_centred(blocks, x=x, width=width, gap=box.height * 0.02)


def _key_tag(box: _Box, unit: LabelUnit) -> None:
    """Small: code, stock number, the last eight places of the VIN, what it is."""
    side = min(box.height, box.width * 0.45)
    box.code(unit.vin, x=0, y=(box.height - side) / 2, side=side)
    x = side
    width = box.width - x
    rows = (
        (unit.stock_number.rpartition("-")[2] or unit.vin[-8:], 0.3, True, INK),
        (unit.vin[-8:], 0.24, False, INK),
        (unit.series.in_language(box.language), 0.22, False, INK),
        (unit.exterior_colour.in_language(box.language), 0.2, False, MUTED),
    )
    blocks = [
        box.fitted(text, width=width, height=box.height * share, most=14, bold=bold, color=color)
        for text, share, bold, color in rows
    ]
    box.put_centred(blocks, x=x, width=width, gap=0.0)


def _price_sheet(box: _Box, unit: LabelUnit, dealer: Dealer) -> None:
    """A whole sheet behind the windscreen: what it is, what it costs, what customers ask first."""
    say, code = partial(tr_in, box.language), box.language
    inner = 12 * mm
    width, line = box.width - 2 * inner, box.height / 100
    put = partial(box.text, x=inner, width=width)
    y = inner
    y += put(dealer.name.in_language(code), y=y, height=3 * line, most=14, color=MUTED) + 2 * line
    y += put(unit.heading.in_language(code), y=y, height=7 * line, most=40, bold=True) + line
    y += put(unit.version.in_language(code), y=y, height=8 * line, most=24, lines=2) + 2 * line
    box.rule(y, inner=inner)
    y += 2 * line
    y += put(say(tr_noop("Our price, value added tax included")), y=y, height=3 * line, most=13, color=MUTED)
    y += put(money(unit.list_price), y=y, height=9 * line, most=54, bold=True, color=ACCENT) + line
    if unit.guide_price > 0 and unit.guide_price != unit.list_price:
        guide = say(tr_noop("Maker's guide price {price}"), price=money(unit.guide_price))
        y += put(guide, y=y, height=3 * line, most=13, color=MUTED)
    y += 2 * line
    box.rule(y, inner=inner)
    y = _specifications(box, unit, y=y + 2 * line, left=inner, width=width, until=box.height - 17 * line)
    _foot(box, unit, dealer, left=inner, width=width, line=line)


def _specifications(box: _Box, unit: LabelUnit, *, y: float, left: float, width: float, until: float) -> float:
    """Names and values in two columns, as many as there is room for."""
    say, code = partial(tr_in, box.language), box.language
    facts = [
        (say(tr_noop("Energy")), unit.energy.in_language(code)),
        (say(tr_noop("Exterior colour")), unit.exterior_colour.in_language(code)),
        (say(tr_noop("Interior colour")), unit.interior_colour.in_language(code)),
        *((name.in_language(code), value.in_language(code)) for name, value in unit.specifications),
    ]
    facts = [(name, value) for name, value in facts if value]
    half, row = (width - 8 * mm) / 2, box.height * 0.042
    for number, (name, value) in enumerate(facts):
        x = left + (number % 2) * (half + 8 * mm)
        top = y + (number // 2) * row
        if top + row > until:
            break
        box.text(name, x=x, y=top, width=half * 0.5, height=row * 0.7, most=11, color=MUTED)
        box.text(
            value, x=x + half * 0.5, y=top, width=half * 0.5, height=row * 0.7, most=11, align=Align.RIGHT
        )
    return y


def _foot(box: _Box, unit: LabelUnit, dealer: Dealer, *, left: float, width: float, line: float) -> None:
    side = 11 * line
    top = box.height - side - 4 * line
    box.rule(top - 2 * line, inner=left)
    ring = side * _RING / 33
    box.code(unit.vin, x=left - ring, y=top - ring, side=side + 2 * ring)
    x, room = left + side + 5 * mm, width - side - 5 * mm
    dated = tr_in(box.language, tr_noop("Printed on {day}"), day=dealer.on.isoformat())
    rows = (
        (f"{unit.stock_number}   {unit.vin}".strip(), 11.0, INK),
        ("   ".join(filter(None, (dealer.phone, dealer.address.in_language(box.language)))), 10.0, MUTED),
        (dated, 9.0, MUTED),
    )
    for text, most, color in rows:
        top += box.text(text, x=x, y=top, width=room, height=3 * line, most=most, color=color) + 0.6 * line


