"""A QR code on the screen: always dark on white with its quiet zone, whatever the theme, because cameras need it."""

import segno
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import set_size

_QUIET = 4
"""Modules of white around it, as ISO/IEC 18004 asks for."""
_DARK, _LIGHT = Qt.GlobalColor.black, Qt.GlobalColor.white


class QrCode(Retranslated, QWidget):
    """Shows one text; `name` is what it is, for whoever cannot see it."""

    def __init__(self, *, side: int, name: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._rows: tuple[bytes, ...] = ()
        set_size(self, width=side, height=side)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.retranslate()

    def set_text(self, text: str) -> None:
        """Another text; nothing is shown for an empty one."""
        made = segno.make(text, error="m", micro=False, boost_error=False).matrix if text else ()
        self._rows = tuple(bytes(row) for row in made)
        self.update()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is shown."""
        return not self._rows

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def retranslate(self) -> None:
        self.setAccessibleName(words(self._name))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._rows:
            return
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillRect(self.rect(), _LIGHT)
        # Whole device pixels a module: blurred edges are what old cameras stumble over.
        ratio = self.devicePixelRatioF()
        modules = len(self._rows) + 2 * _QUIET
        side = int(min(self.width(), self.height()) * ratio) // modules / ratio
        left, top = ((self.width() - side * modules) / 2, (self.height() - side * modules) / 2)
        for y, row in enumerate(self._rows):
            for x, dark in enumerate(row):
                if dark:
                    place = QRectF(left + (x + _QUIET) * side, top + (y + _QUIET) * side, side, side)
                    painter.fillRect(place, _DARK)
