"""The main pictures of the trims compared, read and unpacked on a reader thread."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from app.attachments.queries import main_pictures
from ui.kit.picture_loading import load_small


def read_pictures(reader: Any, trim_ids: Sequence[str], size: QSize) -> dict[str, QImage]:
    """Those that are at this desk, by trim; `size` in device pixels."""
    found = main_pictures(reader, "trim", trim_ids)
    loaded = {one.sha256: one.image for one in load_small(reader, [row.thumb for row in found.values()], size)}
    images = {trim_id: loaded[row.thumb.sha256] for trim_id, row in found.items()}
    return {trim_id: image for trim_id, image in images.items() if image is not None}
