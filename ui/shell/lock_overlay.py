"""The locked window: what was on it is blurred beyond reading, and somebody has to sign in."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from app.kernel.permissions import Actor
from app.runtime.language import tr_noop
from ui.kit.controls import Label
from ui.kit.operations import Operations
from ui.kit.theme import Themed, theme
from ui.shell.overlay import Overlay
from ui.shell.ports import StartPort
from ui.shell.sign_in import SignInCard

_GRAIN = 28
"""So many pixels become one: letters are some ten pixels wide, so no word survives."""


def blurred(picture: QPixmap) -> QPixmap:
    """The picture with everything smaller than a button dissolved."""
    mode, quality = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    size = picture.size()
    coarse = picture.scaled(size / _GRAIN + QSize(1, 1), mode, quality)
    middle = coarse.scaled(size / (_GRAIN // 4), mode, quality)
    soft = middle.scaled(size, mode, quality)
    soft.setDevicePixelRatio(picture.devicePixelRatio())
    return soft


class LockOverlay(Themed, Overlay):
    """Covers the window; `signed_in(actor)` when the same or another person has signed in."""

    signed_in = Signal(object)
    dismissible = False

    def __init__(self, parent: QWidget, port: StartPort, operations: Operations) -> None:
        super().__init__(parent, width=720, top=None)
        self._behind = QPixmap()
        self._scheme = theme().scheme
        self.sign_in = SignInCard(port, operations, quick=True)
        self.sign_in.setProperty("embedded", True)
        self.sign_in.signed_in.connect(self._on_signed_in)
        self.stack.addWidget(self.sign_in)
        self._note = Label(tr_noop("Locked. What you were typing is kept for you."), role="secondary", parent=self)

    def lock(self, *, prefer: str) -> None:
        """Cover the window and ask who is there."""
        self._scheme = theme().scheme
        self._behind = blurred(self._over.grab())
        self.sign_in.reset()
        self.sign_in.load(prefer=prefer)
        self.open_over()

    def take_focus(self) -> None:
        self.sign_in.focus_start()

    def place_card(self) -> None:
        super().place_card()
        self._note.adjustSize()
        self._note.move((self.width() - self._note.width()) // 2, self.card.geometry().bottom() + theme().px(16))

    def restyle(self) -> None:
        if theme().scheme != self._scheme:
            self._behind = QPixmap()  # taken in the other scheme; the plain ground hides as much

    def _on_signed_in(self, actor: Actor) -> None:
        self._behind = QPixmap()
        self.close_over()
        self.signed_in.emit(actor)

    def paintEvent(self, _event: QEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("canvas"))
        painter.setOpacity(0.55)
        painter.drawPixmap(self.rect(), self._behind)
        painter.end()
