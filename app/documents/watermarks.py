"""The word across a page that says how far it may be trusted: drafted into a paper, or laid over a print of it."""

import io
from collections.abc import Sequence

from reportlab.pdfgen.canvas import Canvas

from app.documents.fonts import BOLD, REGULAR, register_fonts, require_printable, text_width
from app.documents.paper_data import Watermark
from app.documents.styles import BAD, INK, MUTED
from app.runtime.language import tr_in, tr_noop

_WORDS = {
    Watermark.DRAFT: tr_noop("DRAFT"),
    Watermark.PROVISIONAL: tr_noop("PROVISIONAL"),
    Watermark.COPY: tr_noop("COPY"),
    Watermark.VOID: tr_noop("VOID"),
    Watermark.SUPERSEDED: tr_noop("SUPERSEDED"),
    Watermark.TERMINATED: tr_noop("TERMINATED"),
}
_LARGEST = 88.0
_SHARE = 0.86
"""Of the diagonal of the page."""
_FAINT = 0.07
"""So little ink that the smallest text stays readable under it."""
_LINE_SIZE = 7.0
_LINE_FROM_TOP = 20.0
"""Points: 7 mm, where office printers print and no paper of the house has text."""


def watermark_words(mark: Watermark, languages: Sequence[str]) -> str:
    """The word in these languages, side by side."""
    return " ".join(tr_in(code, _WORDS[mark]) for code in languages)


def draw_watermark(
    canvas: Canvas, mark: Watermark, *, words: str, page_size: tuple[float, float], falling: bool = False
) -> None:
    """Across the page, rising or falling, as large as it fits; `page_size` in points."""
    width, height = page_size
    size = min(_LARGEST, _SHARE * (width**2 + height**2) ** 0.5 / text_width(words, bold=True, size=1))
    canvas.saveState()
    canvas.setFillColor(BAD if mark not in (Watermark.DRAFT, Watermark.COPY) else INK, alpha=_FAINT)
    canvas.translate(width / 2, height / 2)
    canvas.rotate((52 if height > width else 30) * (-1 if falling else 1))
    canvas.setFont(BOLD, size)
    canvas.drawCentredString(0, -size / 3, words)
    canvas.restoreState()


def render_overlay(
    mark: Watermark, *, languages: Sequence[str], line: str, page_size: tuple[float, float]
) -> bytes:
    """A transparent page (size in points) with the word across it and a line at its head, to be laid over a print.

    Raises CharactersNotPrintable.
    """
    require_printable(line)
    register_fonts()
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=page_size, pageCompression=1, invariant=1, initialFontName=REGULAR)
    # Falling: the paper may have a rising word of its own, and both have to be read.
    draw_watermark(canvas, mark, words=watermark_words(mark, languages), page_size=page_size, falling=True)
    width, height = page_size
    size = min(_LINE_SIZE, 0.9 * width / max(1.0, text_width(line, size=1)))
    canvas.setFont(REGULAR, size)
    canvas.setFillColor(MUTED)
    canvas.drawCentredString(width / 2, height - _LINE_FROM_TOP, line)
    canvas.showPage()
    canvas.save()
    return target.getvalue()
