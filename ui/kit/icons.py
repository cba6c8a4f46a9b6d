"""Lucide icons in any colour: the SVG's `currentColor` is replaced, then rendered at the size and ratio asked for."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ui.kit.theme import RESOURCES

ICONS = RESOURCES / "icons"


@lru_cache(maxsize=256)
def svg_source(name: str) -> str:
    """The icon's SVG text. Raises FileNotFoundError for an icon that is not bundled."""
    return (ICONS / f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=1024)
def tinted_pixmap(name: str, color: str, size: int, ratio: float) -> QPixmap:
    """The icon as a square pixmap of `size` logical pixels, at a device pixel ratio."""
    source = svg_source(name).replace("currentColor", color)
    renderer = QSvgRenderer(QByteArray(source.encode()))
    pixmap = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap


@lru_cache(maxsize=256)
def spaced_pixmap(name: str, color: str, size: int, width: int, ratio: float) -> QPixmap:
    """The icon at the left of a wider pixmap: the gap between an icon and the words beside it."""
    pixmap = QPixmap(QSize(round(width * ratio), round(size * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.drawPixmap(0, 0, tinted_pixmap(name, color, size, ratio))
    painter.end()
    return pixmap


class _TintedEngine(QIconEngine):
    """Draws one icon: normal in its colour, disabled in the faint one."""

    def __init__(self, name: str, color: str, disabled: str) -> None:
        super().__init__()
        self._name, self._color, self._disabled = name, color, disabled

    def _draw(self, size: QSize, mode: QIcon.Mode, ratio: float) -> QPixmap:
        color = self._disabled if mode == QIcon.Mode.Disabled else self._color
        side = max(1, min(size.width(), size.height()))
        if size.width() <= side:
            return tinted_pixmap(self._name, color, side, ratio)
        return spaced_pixmap(self._name, color, side, size.width(), ratio)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        pixmap = self._draw(rect.size(), mode, painter.device().devicePixelRatioF())
        side = min(rect.width(), rect.height())
        painter.drawPixmap(rect.x() + (rect.width() - side) // 2, rect.y() + (rect.height() - side) // 2, pixmap)

    def pixmap(self, size: QSize, mode: QIcon.Mode, _state: QIcon.State) -> QPixmap:
        return self._draw(size, mode, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, _state: QIcon.State, scale: float) -> QPixmap:
        return self._draw(size, mode, scale)  # since Qt 6.8 the size comes in logical pixels

    def clone(self) -> "QIconEngine":
        return _TintedEngine(self._name, self._color, self._disabled)

    def key(self) -> str:
        return f"lucide:{self._name}"


@lru_cache(maxsize=512)
def _engine_icon(name: str, color: str, disabled: str) -> QIcon:
    svg_source(name)
    return QIcon(_TintedEngine(name, color, disabled))


def tinted_icon(name: str, color: QColor, disabled: QColor) -> QIcon:
    """An icon that is sharp at every pixel ratio. Raises FileNotFoundError when the name is not bundled."""
    return _engine_icon(name, color.name(), disabled.name())
