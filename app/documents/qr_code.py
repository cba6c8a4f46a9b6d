"""The QR code every page carries: which document it is and the digest of the data it was drafted from."""

import segno
from reportlab.pdfgen.canvas import Canvas

from app.documents.styles import INK

_FORM = "qr"


def qr_text(number: str, digest: str) -> str:
    """What the code says: upper case throughout, which makes the code smaller."""
    return f"FORECOURT:{number.upper()}:{digest.upper()}"


class QrStamp:
    """One code kept as a form in the file and drawn on every page from there."""

    def __init__(self, canvas: Canvas, text: str, *, side: float) -> None:
        rows = [bytes(row) for row in segno.make(text, error="m", micro=False, boost_error=False).matrix]
        self._canvas = canvas
        self._side = side
        canvas.beginForm(_FORM, 0, 0, side, side)
        canvas.setFillColor(INK)
        path = canvas.beginPath()
        module = side / len(rows)
        for index, row in enumerate(rows):
            for start, length in _dark_stretches(row):
                path.rect(start * module, side - (index + 1) * module, length * module, module)
        canvas.drawPath(path, stroke=0, fill=1)
        canvas.endForm()

    def draw(self, x: float, y: float) -> None:
        """Draw with the lower left corner at (x, y) on the current page."""
        self._canvas.saveState()
        self._canvas.translate(x, y)
        self._canvas.doForm(_FORM)
        self._canvas.restoreState()


def _dark_stretches(row: bytes) -> list[tuple[int, int]]:
    stretches: list[tuple[int, int]] = []
    start = None
    for index, module in enumerate([*row, 0]):
        if module and start is None:
            start = index
        elif not module and start is not None:
            stretches.append((start, index - start))
            start = None
    return stretches
