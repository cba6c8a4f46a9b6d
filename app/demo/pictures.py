"""Pictures of the demo's cars, drawn by the program: a quiet silhouette for each body and a few colours.

Each series gets one; series that look alike share its bytes, as equal photos do.
"""

import io
from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from random import Random
from typing import Any

from app.attachments.commands import PICTURE
from app.attachments.intake import Prepared, prepare
from app.demo.loading import Loader
from db.contents import ContentStore
from db.types import instant_at, microseconds

WIDTH, HEIGHT = 720, 540
_SEED = 606
_OVER = 2
"""Drawn so much larger and then reduced, so that edges are smooth."""
_PAINTS = {
    "pearl": (226, 226, 221), "graphite": (74, 80, 89), "blue": (52, 80, 116),
    "wine": (122, 48, 57), "sage": (122, 141, 128),
}  # fmt: skip
_PAINTS_A_BODY = 3
Points = Sequence[tuple[float, float]]
_OUTLINES: dict[str, Points] = {
    "sedan": ((4, 30), (3.5, 23), (7, 18.4), (19, 16.8), (31, 9.6), (44, 7.2), (55, 7.8), (69, 16), (84, 18.4),
              (94, 21.8), (96.5, 27), (96, 30)),
    "hatchback": ((8, 30), (7, 22), (9, 14), (17, 8.2), (32, 6.6), (50, 7.2), (65, 15.6), (80, 18), (91, 21.4),
                  (94, 26.6), (93.5, 30)),
    "suv": ((5, 29.6), (4, 20), (6.4, 11), (13, 4.8), (32, 3.4), (52, 4), (66, 13.4), (83, 15.4), (94, 18.6),
            (96.6, 24), (96, 29.6)),
    "mpv": ((4, 30), (3, 18), (5.4, 7.6), (13, 3.6), (36, 2.6), (58, 3.6), (76, 13.8), (88, 17), (95, 21.4),
            (97, 26.6), (96.4, 30)),
    "wagon": ((3.5, 30), (3, 22), (5, 13.4), (10, 8.8), (28, 7), (50, 7.2), (66, 15.8), (82, 18), (93, 21.4),
              (96.5, 27), (96, 30)),
    "coupe": ((5, 30), (4.6, 23.4), (8, 18.6), (20, 16.4), (36, 9.4), (48, 8), (57, 9), (71, 17.2), (85, 19.4),
              (94.6, 22.6), (96.5, 27), (96, 30)),
    "pickup": ((3, 29.6), (2.6, 19), (4, 16), (36, 15.4), (38, 6), (44, 4.4), (56, 4.6), (68, 14), (84, 16),
               (94.6, 19), (97, 24.6), (96.4, 29.6)),
}  # fmt: skip
_WINDOWS: dict[str, tuple[Points, float]] = {
    "sedan": (((24, 16), (33, 10.8), (44.5, 8.9), (54, 9.4), (65, 16)), 46),
    "hatchback": (((14.4, 14.8), (19.6, 9.6), (32, 8.4), (49, 8.9), (60.6, 15.4)), 39),
    "suv": (((11.4, 12.8), (15.4, 6.8), (32, 5.4), (50.6, 5.9), (61.6, 13.2)), 38),
    "mpv": (((9.6, 13.2), (14.4, 5.8), (36, 4.7), (56.4, 5.6), (70.6, 13.8)), 42),
    "wagon": (((10, 14.8), (13, 10.6), (28.6, 8.9), (48.6, 9), (61.6, 15.6)), 40),
    "coupe": (((27, 15.8), (37.6, 10.8), (48, 9.7), (56, 10.5), (66.4, 16.8)), 49),
    "pickup": (((40.4, 13.8), (41.8, 7.4), (45.4, 6.2), (54.8, 6.4), (64, 13.8)), 53),
}  # fmt: skip
_WHEELS = (21.0, 78.0)
_LIKE = {"convertible": "coupe", "sports": "coupe", "van": "mpv", "minivan": "mpv", "crossover": "suv",
         "liftback": "sedan"}  # fmt: skip


def add_pictures(loader: Loader, store: ContentStore) -> list[tuple[str, int, int]]:
    """Give every new series its picture: rows into the loader, bytes into the store.

    Returns the rows of `local_content` (digest, size, microseconds) for the caller to write.
    """
    numbers = Loader(Random(_SEED))
    staff = loader.rows["staff_member"][0]["id"]
    local: dict[str, tuple[str, int, int]] = {}
    for place, series in enumerate(loader.rows["series"]):
        body = _body(series["body"])
        paint = list(_PAINTS)[(list(_OUTLINES).index(body) + place % _PAINTS_A_BODY) % len(_PAINTS)]
        prepared = drawn_picture(body, paint)
        at = instant_at(series["created_at"]) + timedelta(minutes=1)
        for content in prepared.contents:
            store.put(content)
        local |= {sha256: (sha256, size, microseconds(at)) for sha256, size in prepared.file.contents}
        loader.add("attachment", at=at, id=numbers.new_id(at), **_fields(prepared, series["id"], staff))
    return list(local.values())


def _fields(prepared: Prepared, series_id: str, staff_id: str) -> dict[str, Any]:
    file = prepared.file
    return {
        "branch_id": None, "unit_id": None, "subject_table": "series", "subject_id": series_id, "purpose": PICTURE,
        "position": 0, "file_name": file.file_name, "title": "", "media_type": file.media_type, "size": file.size,
        "sha256": file.sha256, "source_sha256": file.source_sha256, "width": file.width, "height": file.height,
        "thumb_sha256": file.thumb_sha256, "thumb_size": file.thumb_size, "icon_sha256": file.icon_sha256,
        "icon_size": file.icon_size, "taken_at": None, "added_by_staff_id": staff_id,
    }  # fmt: skip


@lru_cache(maxsize=64)
def drawn_picture(body: str, paint: str) -> Prepared:
    """The picture of a body in a paint, ready to be kept; always the same bytes."""
    packed = io.BytesIO()
    _draw(body, _PAINTS[paint]).save(packed, "JPEG", quality=82)
    return prepare(f"{body}-{paint}.jpg", packed.getvalue(), pictures_only=True)


def _body(told: str) -> str:
    """The body to draw for what the catalogue says."""
    return _LIKE.get(told, told if told in _OUTLINES else "sedan")


def _draw(body: str, paint: tuple[int, int, int]) -> Any:
    from PIL import Image, ImageDraw, ImageFilter

    width, height = WIDTH * _OVER, HEIGHT * _OVER
    scale = width * 0.84 / 100
    left, top = width * 0.08, height * 0.62 - 30 * scale * 0.78

    def at(points: Points) -> list[tuple[float, float]]:
        return [(left + x * scale, top + y * scale) for x, y in points]

    image = Image.linear_gradient("L").resize((width, height))
    image = Image.merge("RGB", [image.point(lambda v, b=b: b - v * 22 // 255) for b in (245, 247, 249)])
    ground = (top + 35.2 * scale) / 8
    shade = Image.new("L", (width // 8, height // 8), 0)
    ImageDraw.Draw(shade).ellipse(
        ((left + 2 * scale) / 8, ground - scale / 4, (left + 98 * scale) / 8, ground + 0.3 * scale), fill=130
    )
    soft = shade.filter(ImageFilter.GaussianBlur(5)).resize((width, height))
    image.paste((96, 104, 114), mask=soft)
    rear, front = _OUTLINES[body][0][0], _OUTLINES[body][-1][0]
    outline = at([*_smooth(_OUTLINES[body]), (front - 0.8, 32.4), (rear + 0.8, 32.4)])
    window, pillar = _WINDOWS[body]
    panel = Image.new("RGB", (width, height), paint)
    draw = ImageDraw.Draw(panel)
    draw.rectangle((0, at([(0, 29.4)])[0][1], width, height), fill=_toned(paint, 0.62))
    draw.line(at([(5.2, 22.4), (94.6, 23.4)]), fill=_toned(paint, 1.16), width=round(0.34 * scale))
    draw.rectangle((*at([(91.8, 21.8)])[0], *at([(99, 23.7)])[0]), fill=(250, 248, 236))
    draw.rectangle((*at([(0, 20.8)])[0], *at([(6.6, 23.2)])[0]), fill=(176, 58, 56))
    glass = Image.new("RGB", (width, height), (52, 60, 70))
    ImageDraw.Draw(glass).line(
        at([(pillar, 2), (pillar - 0.8, 17)]), fill=_toned(paint, 0.8), width=round(0.9 * scale)
    )  # fmt: skip
    for layer, shape in ((panel, outline), (glass, at(_smooth(window, closed_below=True)))):
        mask = Image.new("L", (width, height), 0)
        ImageDraw.Draw(mask).polygon(shape, fill=255)
        image.paste(layer, mask=mask)
    draw = ImageDraw.Draw(image)
    for x in _WHEELS:
        rings = ((8.2, _toned(paint, 0.42)), (7.2, (36, 39, 44)), (4.9, (178, 184, 191)), (1.5, (92, 98, 106)))
        for radius, colour in rings:
            draw.ellipse((*at([(x - radius, 29.2 - radius)])[0], *at([(x + radius, 29.2 + radius)])[0]), fill=colour)
    return image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _toned(paint: tuple[int, int, int], factor: float) -> tuple[int, int, int]:
    red, green, blue = (min(255, round(level * factor)) for level in paint)
    return red, green, blue


def _smooth(points: Points, *, closed_below: bool = False, steps: int = 10) -> list[tuple[float, float]]:
    """A Catmull-Rom curve through the points; the first and the last stay corners."""
    ends = [points[0], *points, points[-1]]
    curve: list[tuple[float, float]] = []
    for before, start, end, after in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for step in range(steps):
            t = step / steps
            curve.append(tuple(_spline(before[i], start[i], end[i], after[i], t) for i in (0, 1)))  # type: ignore[arg-type]
    return [*curve, points[-1]] if not closed_below else [*curve, points[-1], points[0]]


def _spline(before: float, start: float, end: float, after: float, t: float) -> float:
    return 0.5 * (
        2 * start + (end - before) * t + (2 * before - 5 * start + 4 * end - after) * t * t
        + (3 * start - before - 3 * end + after) * t * t * t
    )  # fmt: skip
