"""Pictures on their way to the screen: read, unpacked and made to fit on worker threads, never on the GUI thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QIODevice, QRect, QSize, Qt
from PySide6.QtGui import QImage

from app.attachments.queries import ContentRef, get_content, main_pictures


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a content: the picture, or None while its bytes are not at this desk."""

    sha256: str
    image: QImage | None


def load_small(reader: Any, wanted: Sequence[ContentRef], size: QSize) -> list[Loaded]:
    """Small pictures that fill exactly `size` (device pixels), cut at the longer sides. On a reader thread."""
    return [Loaded(one.sha256, _filling(_read(reader, one), size)) for one in wanted]


def load_main(
    reader: Any, subject_table: str, ids: Sequence[str], size: QSize, *, icons: bool = False
) -> dict[str, QImage]:
    """The main pictures of records that have one at this desk, filling `size` (device pixels); one that several share
    is unpacked once. On a reader thread."""
    found = main_pictures(reader, subject_table, ids)
    wanted = {record_id: row.icon if icons else row.thumb for record_id, row in found.items()}
    contents = {one.sha256: one for one in wanted.values()}
    images = {one.sha256: one.image for one in load_small(reader, list(contents.values()), size)}
    shown = {record_id: images[one.sha256] for record_id, one in wanted.items()}
    return {record_id: image for record_id, image in shown.items() if image is not None}


def load_whole(reader: Any, wanted: ContentRef, small: ContentRef | None) -> tuple[QImage | None, QImage | None]:
    """A picture in full, or, while it is not here, the small one of it. On a reader thread."""
    whole = _read(reader, wanted)
    return whole, None if whole is not None or small is None else _read(reader, small)


def load_bytes(reader: Any, wanted: ContentRef) -> bytes | None:
    """A document's bytes; None while they are not at this desk."""
    return get_content(reader, wanted)


def save_content(reader: Any, wanted: ContentRef, path: Path) -> bool:
    """Write a content to a file; False while it is not at this desk. Raises OSError."""
    content = get_content(reader, wanted)
    if content is None:
        return False
    path.write_bytes(content)
    return True


def packed(image: QImage) -> bytes:
    """A picture from the clipboard as a PNG. On a worker thread."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def _read(reader: Any, wanted: ContentRef) -> QImage | None:
    content = get_content(reader, wanted)
    if content is None:
        return None
    image = QImage.fromData(content)
    return None if image.isNull() else image


def _filling(image: QImage | None, size: QSize) -> QImage | None:
    if image is None:
        return None
    scaled = image.scaled(
        size, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
    )
    left, top = (scaled.width() - size.width()) // 2, (scaled.height() - size.height()) // 2
    return scaled.copy(QRect(left, top, size.width(), size.height()))
