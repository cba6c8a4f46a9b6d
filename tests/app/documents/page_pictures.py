"""Pages as they are printed at 150 dpi, and whether the code on one of them can be read."""

import segno
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QImage
from PySide6.QtPdf import QPdfDocument

from app.documents.page_frame import QR_SIDE
from app.documents.styles import A4_WIDTH, PAGE_MARGIN

DPI = 150


def pictures(pdf: bytes) -> list[QImage]:
    """Every page as it is printed at 150 dpi."""
    data = QByteArray(pdf)
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    document.load(buffer)
    try:
        found = []
        for page in range(document.pageCount()):
            size = document.pagePointSize(page)
            pixels = QSize(round(size.width() * DPI / 72), round(size.height() * DPI / 72))
            found.append(document.render(page, pixels))
        return found
    finally:
        document.close()
        buffer.close()


def wrong_modules(picture: QImage, text: str) -> int:
    """How many modules of the code are seen, in their middle, in another shade than they have."""
    rows = [bytes(row) for row in segno.make(text, error="m", micro=False, boost_error=False).matrix]
    scale = DPI / 72
    left, top = (A4_WIDTH - PAGE_MARGIN - QR_SIDE) * scale, picture.height() - (PAGE_MARGIN / 2 + QR_SIDE) * scale
    module = QR_SIDE * scale / len(rows)
    wrong = 0
    for line, row in enumerate(rows):
        for place, dark in enumerate(row):
            seen = picture.pixelColor(round(left + (place + 0.5) * module), round(top + (line + 0.5) * module))
            wrong += (seen.alpha() > 128 and seen.lightness() < 128) != bool(dark)
    return wrong
