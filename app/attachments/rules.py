"""Which records have pictures and documents, which files are taken, and how large they may be."""

import re
import unicodedata
from dataclasses import dataclass

from app.kernel.permissions import Permission

LONG_SIDE = 2560
"""Pictures are kept with at most so many pixels on their longer side."""
JPEG_QUALITY = 85
THUMB_SIDE, ICON_SIDE = 480, 160
SMALL_QUALITY = 80
GIVEN_BYTES = 64 << 20
"""No larger file is read at all."""
MOST_PIXELS = 120_000_000
"""A picture with more is refused before it is unpacked: a few kilobytes can announce gigabytes."""
MOST_FILES = 200
"""At once, and per record and purpose."""
NAME_LIMIT = 200
_PURPOSE = re.compile(r"[a-z][a-z_]{0,23}")

JPEG, PNG, WEBP, PDF = "image/jpeg", "image/png", "image/webp", "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PICTURES = frozenset({JPEG, PNG, WEBP})
ENDINGS: dict[str, tuple[str, ...]] = {
    JPEG: (".jpg", ".jpeg", ".jpe", ".jfif"),
    PNG: (".png",),
    WEBP: (".webp",),
    PDF: (".pdf",),
    XLSX: (".xlsx",),
    DOCX: (".docx",),
}
"""Kinds of files that are taken, with the endings their names may have; the first is the usual one."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Who sees and who changes the files of one kind of record; any one of the permissions will do."""

    view: Permission
    edit: tuple[Permission, ...]


_CATALOGUE = Subject(Permission.CATALOG_VIEW, (Permission.CATALOG_EDIT,))
_INSPECTION = Subject(Permission.INVENTORY_VIEW, (Permission.INSPECTIONS_PERFORM,))
SUBJECTS: dict[str, Subject] = {
    "make": _CATALOGUE,
    "series": _CATALOGUE,
    "model_year": _CATALOGUE,
    "trim": _CATALOGUE,
    "vehicle_unit": Subject(Permission.INVENTORY_VIEW, (Permission.INVENTORY_EDIT, Permission.INSPECTIONS_PERFORM)),
    "inspection": _INSPECTION,
    "inspection_answer": _INSPECTION,
    "inspection_defect": _INSPECTION,
    "certificate_entry": Subject(Permission.INVENTORY_VIEW, (Permission.CUSTODY_CERTIFICATES,)),
    "vehicle_transfer": Subject(Permission.INVENTORY_VIEW, (Permission.TRANSFERS_MOVE,)),
    "contract_party": Subject(Permission.CONTRACTS_VIEW, (Permission.CONTRACTS_SIGN,)),
    "vehicle_key": Subject(Permission.INVENTORY_VIEW, (Permission.CUSTODY_KEYS,)),
}
"""Files live in the scope of their record: those of the catalogue with the group, those of a unit with its branch."""


def is_purpose(text: str) -> bool:
    """Whether this can group files."""
    return _PURPOSE.fullmatch(text) is not None


def clean_name(given: str) -> str:
    """A file's name as data: no folders, no control or direction characters, not too long, its ending kept."""
    last = re.split(r"[\\/]", given)[-1]
    kept = "".join(letter for letter in last if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    kept = unicodedata.normalize("NFC", kept).strip().strip(".").strip()
    stem, dot, ending = kept.rpartition(".")
    if len(kept) > NAME_LIMIT and dot and len(ending) <= 8:
        kept = f"{stem[: NAME_LIMIT - len(ending) - 1]}.{ending}"
    return kept[:NAME_LIMIT]


def name_for_disk(name: str, media_type: str) -> str:
    """The name under which a file may be saved anywhere: also where some characters and names are forbidden."""
    safe = re.sub(r'[<>:"/\\|?*\x00-\x1f]', "_", clean_name(name)) or "file"
    if re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", safe, re.IGNORECASE):
        safe = f"_{safe}"
    endings = ENDINGS.get(media_type, ())
    if endings and not safe.lower().endswith(endings):
        safe += endings[0]
    return safe


def ending_matches(name: str, media_type: str) -> bool:
    """Whether a name's ending is one of its kind's; a name without an ending claims nothing."""
    _, dot, ending = name.rpartition(".")
    return not dot or f".{ending.lower()}" in ENDINGS[media_type]


def fitted(width: int, height: int, side: int) -> tuple[int, int]:
    """Width and height reduced so that the longer one is at most `side`; never enlarged, never below one pixel."""
    longest = max(width, height)
    if longest <= side:
        return width, height
    return max(1, round(width * side / longest)), max(1, round(height * side / longest))
