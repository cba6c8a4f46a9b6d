"""A small picture of the first page of every kind of document, from made-up facts: for `docs/documents.md`.

    python -m app.tour.document_pictures --out docs/pictures/documents

Needs no database and no screen; the same version of the program gives the same pictures.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from app.contracts.paper.samples import all_kinds, render_sample
from app.runtime.language import CHINESE, ENGLISH

WIDTH = 595
"""Pixels."""
COLOURS = 16
LARGEST = 60_000
"""Bytes a picture may have."""
_NAMES = {CHINESE: "zh", ENGLISH: "en"}


def take_pictures(folder: Path, *, languages: Sequence[str] = (CHINESE,), pages: int = 1) -> list[Path]:
    """Write `<kind>-<language>.png` (further pages with their number) and return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    for kind in all_kinds():
        for language in languages:
            pdf = render_sample(kind, language).pdf
            for page in range(pages):
                number = f"-{page + 1}" if page else ""
                path = folder / f"{kind}-{_NAMES[language]}{number}.png"
                if _draw(pdf, page, path):
                    taken.append(path)
    return taken


def _draw(pdf: bytes, page: int, path: Path) -> bool:
    """One page as a picture of few colours; False where there is no such page."""
    from PIL import Image
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtPdf import QPdfDocument

    data = QByteArray(pdf)
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    document.load(buffer)
    try:
        if page >= document.pageCount():
            return False
        size = document.pagePointSize(page)
        # Twice as large, then halved: small type stays readable.
        drawn = document.render(page, QSize(2 * WIDTH, round(2 * WIDTH * size.height() / size.width())))
        image = QImage(drawn.size(), QImage.Format.Format_RGB888)
        image.fill(0xFFFFFFFF)
        painter = QPainter(image)
        painter.drawImage(0, 0, drawn)
        painter.end()
        pixels = bytes(image.constBits())
        picture = Image.frombytes("RGB", (image.width(), image.height()), pixels, "raw", "RGB", image.bytesPerLine())
        picture = picture.resize((WIDTH, round(WIDTH * image.height() / image.width())), Image.Resampling.LANCZOS)
        picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
        return True
    finally:
        document.close()
        buffer.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the pictures and say where they are."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/pictures/documents"))
    parser.add_argument("--both", action="store_true", help="in both leading languages")
    parser.add_argument("--pages", type=int, default=1)
    given = parser.parse_args(arguments)
    from PySide6.QtGui import QGuiApplication

    application = QGuiApplication.instance() or QGuiApplication([])
    languages = (CHINESE, ENGLISH) if given.both else (CHINESE,)
    for path in take_pictures(given.out, languages=languages, pages=given.pages):
        print(f"{path}  {path.stat().st_size:,} bytes")
    del application
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
