"""Pages of a PDF as pictures, for browsers that do not show one beside other things: PDFium draws the very bytes.

PDFium works for one thread at a time, so that drawing takes turns.
"""

import io
import threading

_turn = threading.Lock()
_WIDTH = 1240
"""Pixels of a page: 150 to the inch of A4, sharp on a phone and still readable at three times the size."""
_MOST_PAGES = 60
_POINTS = (72.0, 3000.0)
"""The least and the largest side of a page that is drawn, in points."""


class NotDrawable(ValueError):
    """No PDF, or none that is shown on a phone."""


def page_sizes(document: bytes) -> list[tuple[float, float]]:
    """Width and height of each page in points. Raises NotDrawable."""
    import pypdfium2

    with _turn:
        try:
            pdf = pypdfium2.PdfDocument(document)
        except pypdfium2.PdfiumError as error:
            raise NotDrawable from error
        try:
            sizes = [pdf.get_page_size(n) for n in range(min(len(pdf), _MOST_PAGES + 1))]
        finally:
            pdf.close()
    low, high = _POINTS
    if not 0 < len(sizes) <= _MOST_PAGES or not all(low <= side <= high for size in sizes for side in size):
        raise NotDrawable
    return sizes


def page_picture(document: bytes, number: int) -> bytes:
    """Page `number` (from 1) as PNG."""
    import pypdfium2

    with _turn:
        pdf = pypdfium2.PdfDocument(document)
        try:
            page = pdf[number - 1]
            picture = page.render(scale=_WIDTH / page.get_width(), may_draw_forms=False).to_pil()
        finally:
            pdf.close()
    out = io.BytesIO()
    picture.convert("P", palette=1, colors=64).save(out, "PNG")  # text and lines: a third of the size in full colour
    return out.getvalue()
