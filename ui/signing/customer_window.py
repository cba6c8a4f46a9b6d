"""A window for the customer alone: the document, the clauses, the pad, and nothing else of the application.

It has no menu, and no key of the application works in it. It closes when the salesperson closes it: neither Escape nor
the window system's close key does. It stands on the second screen where there is one.
"""

from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QScreen
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.contracts.signers.identity_notice import IdentityNotice
from app.kernel.clock import Clock
from app.runtime.language import tr_noop
from ui.kit.controls import Button, Label
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.text import Retranslated
from ui.kit.theme import set_role, theme
from ui.signing.surface import SigningSurface, Turn
from ui.signing.tongue import Tongue

WIDTH, HEIGHT = 1180, 780


def second_screen(desk: QWidget) -> QScreen | None:
    """A screen other than the one the desk's window stands on; None where there is only one."""
    own = desk.window().screen()
    return next((screen for screen in QGuiApplication.screens() if screen is not own), None)


class CustomerWindow(Retranslated, QWidget):
    """`signed` and `declined(reason)` when the customer is done; `changed` with everything the customer does."""

    signed = Signal()
    declined = Signal(str)
    changed = Signal()

    def __init__(self, clock: Clock, *, language: str, desk: QWidget) -> None:
        # No parent: what belongs to a window gets its shortcuts, and is hidden with it.
        super().__init__(None, Qt.WindowType.Window)
        self._may_close = False
        set_role(self, "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tongue = Tongue(language)
        self._said = tr_noop("Please wait a moment.")
        self.surface = SigningSurface(clock, self.tongue, large=True)
        self.surface.signed.connect(self.signed)
        self.surface.declined.connect(self.declined)
        self.surface.changed.connect(self.changed)
        self.surface.language_chosen.connect(self._on_language_chosen)
        self.word = Label(self._word, role="title", wrap=True)
        self.word.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.surface)
        self._stack.addWidget(boxed(column(STRETCH, self.word, STRETCH, margins=48)))
        self.notice = Label("", wrap=True)
        self.read = Button(
            lambda: self.tongue(tr_noop("I have read this")), kind="primary",
            on_click=lambda: self._stack.setCurrentIndex(0),
        )  # fmt: skip
        about = Label(lambda: self.tongue(tr_noop("Your data")), role="title")
        self._stack.addWidget(
            boxed(column(STRETCH, about, self.notice, row(STRETCH, self.read), STRETCH, gap=24, margins=96))
        )
        outer = QVBoxLayout(self)
        pad = theme().px(24)
        outer.setContentsMargins(pad, pad, pad, pad)
        outer.addWidget(self._stack, 1)
        self.resize(theme().px(WIDTH), theme().px(HEIGHT))
        self._place(desk)
        # Whoever leaves the desk, or closes the application, takes the document from the customer's screen, too.
        desk.window().destroyed.connect(self.close_for_good)
        desk.destroyed.connect(self.close_for_good)
        self.retranslate()

    def begin(self, turn: Turn, document: bytes, *, kept: Mapping[str, datetime] | None = None) -> None:
        """This person reads and signs."""
        self.surface.show_document(document)
        self.surface.begin(turn, kept=kept)
        self._stack.setCurrentIndex(0)
        self.surface.take_focus()

    def say(self, text: str) -> None:
        """Only a sentence (`tr_noop` literal), nothing of the document: while the salesperson goes on."""
        self._said = text
        self.word.retranslate()
        self._stack.setCurrentIndex(1)

    def explain(self, notice: IdentityNotice) -> None:
        """Why and how the signer's identity is checked; the document comes back with one press."""
        self.notice.set_text("\n\n".join((*notice.lines, notice.photo_consent)))
        self._stack.setCurrentIndex(2)

    @property
    def shows_document(self) -> bool:
        """Whether the customer has the document before them."""
        return self._stack.currentIndex() == 0

    def close_for_good(self) -> None:
        """The salesperson takes it away."""
        if self._may_close:
            return
        self._may_close = True
        self.close()
        self.deleteLater()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tongue(tr_noop("Read and sign")))

    def event(self, event: QEvent) -> bool:
        # Before a key becomes a shortcut anywhere in the application it is offered here, and taken.
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.accept()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            event.accept()
        else:
            event.ignore()

    def _word(self) -> str:
        return self.tongue(self._said)

    def _on_language_chosen(self, _code: str) -> None:
        self.retranslate()
        self.word.retranslate()

    def _place(self, desk: QWidget) -> None:
        screen = second_screen(desk)
        if screen is not None:
            self.setScreen(screen)
            self.setGeometry(screen.availableGeometry())
            self.setWindowState(Qt.WindowState.WindowFullScreen)
