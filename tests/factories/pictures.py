"""Pictures and documents made for tests: small, and different for each number."""

import io
import random
import zipfile
from typing import Any


def picture(number: int = 1, *, size: tuple[int, int] = (320, 240), kind: str = "JPEG", exif: Any = None) -> bytes:
    """A coloured picture with shapes that depend on its number; with the notes of a camera if `exif` is given."""
    from PIL import Image, ImageDraw

    random_for = random.Random(number)
    drawn = Image.new("RGB", size, tuple(random_for.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(drawn)
    for _ in range(6):
        left, top = random_for.randrange(size[0]), random_for.randrange(size[1])
        colour = tuple(random_for.randrange(256) for _ in range(3))
        draw.rectangle((left, top, left + size[0] // 4, top + size[1] // 4), fill=colour)
    packed = io.BytesIO()
    drawn.save(packed, kind, **({"exif": exif} if exif is not None else {}))
    return packed.getvalue()


def camera_notes(*, orientation: int = 6, taken: str = "2026:11:20 09:30:00") -> Any:
    """EXIF as a phone writes it: how it was held, when, with what, and where (Shanghai)."""
    from PIL import Image
    from PIL.ExifTags import IFD, Base

    notes = Image.Exif()
    notes[Base.Orientation] = orientation
    notes[Base.Make], notes[Base.Model] = "Kamera", "Secret Phone 12"
    notes.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = taken
    notes.get_ifd(IFD.GPSInfo).update({1: "N", 2: (31.0, 13.0, 49.0), 3: "E", 4: (121.0, 28.0, 25.0)})
    return notes


def office_file(main_part: str = "xl/workbook.xml", *more: str) -> bytes:
    """A package with the parts of a spreadsheet, or of whatever the main part is."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for part in ("[Content_Types].xml", main_part, *more):
            archive.writestr(part, "<xml/>")
    return packed.getvalue()


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF"
"""A document that says what it is."""
