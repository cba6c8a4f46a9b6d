"""Pictures of windows with 256 colours: small, and no dither on quiet surfaces."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt

if TYPE_CHECKING:
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QWidget

RARE = 48
"""So many colours are chosen because they differ, not because they are frequent."""


def keep(window: "QWidget | None", path: Path) -> None:
    """Save a window, with the lists and menus that stand open over it."""
    from PySide6.QtGui import QPainter

    assert window is not None
    picture = window.grab()
    painter = QPainter(picture)
    for popup in _popups():
        painter.drawPixmap(window.mapFromGlobal(popup.mapToGlobal(QPoint())), popup.grab())
    painter.end()
    _save(picture.toImage(), path)


def _popups() -> "list[QWidget]":
    from PySide6.QtWidgets import QApplication

    shown = (one for one in QApplication.topLevelWidgets() if one.isVisible())
    return [one for one in shown if one.windowType() == Qt.WindowType.Popup]


def _save(image: "QImage", path: Path) -> None:
    import numpy as np
    from PySide6.QtGui import QImage

    picture = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(picture.constBits(), np.uint32).reshape(picture.height(), picture.width())
    colours, places, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    table = _palette(colours, counts)
    nearest = np.abs(_channels(colours)[:, None, :] - _channels(table)[None, :, :]).sum(axis=2).argmin(axis=1)
    indexed = np.ascontiguousarray(nearest[places].reshape(pixels.shape).astype(np.uint8))
    small = QImage(indexed.data, picture.width(), picture.height(), picture.width(), QImage.Format.Format_Indexed8)
    small.setColorTable([int(colour) for colour in table])
    small.save(str(path), quality=0)


def _palette(colours: Any, counts: Any) -> Any:
    """The most frequent colours, and of the rare ones those that differ most: a dot keeps its colour."""
    import numpy as np

    chosen = np.argsort(-counts.astype(np.int64))[: 256 - RARE]
    away = np.abs(_channels(colours)[:, None, :] - _channels(colours[chosen])[None, :, :]).sum(axis=2).min(axis=1)
    for _ in range(min(RARE, len(colours) - len(chosen))):
        rare = int(away.argmax())
        chosen = np.append(chosen, rare)
        away = np.minimum(away, np.abs(_channels(colours) - _channels(colours[rare : rare + 1])).sum(axis=1))
    return colours[chosen]


def _channels(colours: Any) -> Any:
    """Packed colours as rows of red, green, blue."""
    return (colours[:, None].astype("int32") >> [16, 8, 0]) & 255
