"""The first window: opens the database, asks for its secret where the key store has none, and signs somebody in.

It is painted before anything heavy is imported; the database is opened on a worker thread after that.
"""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QFrame, QStackedLayout, QVBoxLayout, QWidget

from app.kernel.permissions import Actor
from app.runtime.language import CHINESE, ENGLISH, language, tr, tr_noop
from ui.kit.controls import Button, Choice, IconButton, Label, Segmented
from ui.kit.errors import worded_message
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.operations import Operations
from ui.kit.text import Retranslated, Words
from ui.kit.theme import Themed, set_role, set_size, theme
from ui.shell.ports import Beginning, StartPort
from ui.shell.preferences import Preferences, choose_language, choose_scheme
from ui.shell.sign_in import SECRET_LIMIT, SignInCard, _Entry

if TYPE_CHECKING:
    from ui.shell.joining_card import JoiningCard

WINDOW_SIZE = (1280, 800)
ASK_FOR_SECRET = frozenset(
    {"keyring_unavailable", "keyring_entry_missing", "key_slot_not_set", "wrong_key", "keyring_locked"}
)
"""Error codes after which a passphrase or recovery code can still open the database."""

_SECRET_FIELDS = frozenset({"passphrase", "recovery_code"})


class TopBar(Retranslated, Themed, QWidget):
    """The product's name at the left, language and light or dark at the right."""

    def __init__(self, preferences: Preferences, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._languages = Segmented(
            [Choice(CHINESE, lambda: "中文"), Choice(ENGLISH, lambda: "English")], name=tr_noop("Language")
        )
        self._languages.chosen.connect(lambda code: choose_language(preferences, code))
        self._scheme = IconButton("moon", tr_noop("Dark"), on_click=self._turn)
        brand = Label(lambda: tr("Forecourt"), role="title")
        self.setLayout(row(brand, STRETCH, self._languages, self._scheme, gap=12, margins=(32, 24, 32, 0)))
        self.restyle()
        self.retranslate()

    def _turn(self) -> None:
        choose_scheme(self._preferences, theme(), "light" if theme().scheme == "dark" else "dark")

    def restyle(self) -> None:
        dark = theme().scheme == "dark"
        self._scheme.set_icon("sun" if dark else "moon")
        self._scheme.set_words(tr_noop("Light") if dark else tr_noop("Dark"))

    def retranslate(self) -> None:
        self._languages.set_value(language())


class UnlockCard(Retranslated, QFrame):
    """Asks for the passphrase or the recovery code of the database. `unlock(passphrase, recovery_code)`."""

    unlock = Signal(object, object)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "overlay-card")
        set_size(self, width=440)
        self._by_code = False
        self._why = Label("", role="secondary", wrap=True)
        self._secret = _Entry(tr_noop("Passphrase"), limit=SECRET_LIMIT, secret=True)
        self._secret.returnPressed.connect(self._submit)
        self._message = Label("", role="field-message", wrap=True)
        set_size(self._message, height=36, at_least=True)
        self._message.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._other = Button("", kind="quiet", on_click=self._swap)
        self.go = Button(tr_noop("Unlock"), kind="primary", on_click=self._submit)
        title = Label(tr_noop("Unlock this desk's database"), role="section")
        self.setLayout(
            column(title, self._why, self._secret, self._message, row(self._other, STRETCH, self.go), margins=24)
        )
        self.retranslate()

    def show_reason(self, text: Words) -> None:
        """Why it is asked for."""
        self._why.set_words(text)

    def show_error(self, error: Any) -> bool:
        """What is wrong with what was typed."""
        self._message.set_words(lambda: worded_message(error))
        set_role(self._message, "field-message", tone="bad")
        self._secret.selectAll()
        self._secret.setFocus()
        return True

    def take_focus(self) -> None:
        """The focus on the entry."""
        self._secret.setFocus()

    def _swap(self) -> None:
        self._by_code = not self._by_code
        self._secret.clear()
        self._message.set_words("")
        self._secret.setEchoMode(self._secret.EchoMode.Normal if self._by_code else self._secret.EchoMode.Password)
        self.retranslate()
        self._secret.setFocus()

    def _submit(self) -> None:
        typed = self._secret.text()
        if typed:
            self.unlock.emit(None if self._by_code else typed, typed if self._by_code else None)

    def retranslate(self) -> None:
        self._secret.set_words(tr_noop("Recovery code") if self._by_code else tr_noop("Passphrase"))
        self._other.set_words(tr_noop("Use the passphrase") if self._by_code else tr_noop("Use the recovery code"))


class _ProblemCard(QFrame):
    """The database cannot be opened: why, what to do, try again."""

    def __init__(self, *, again: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "overlay-card")
        set_size(self, width=480)
        self._text = Label("", wrap=True)
        title = Label(tr_noop("The database cannot be opened"), role="section")
        self.retry = Button(tr_noop("Try again"), kind="primary", on_click=again)
        self.setLayout(column(title, self._text, 8, row(STRETCH, self.retry), margins=24))

    def say(self, text: Words) -> None:
        """The reason, and what to do."""
        self._text.set_words(text)

    def text(self) -> str:
        """What it says."""
        return self._text.text()


class StartWindow(Retranslated, QWidget):
    """Shows one card in the middle. `signed_in(actor)` when somebody is."""

    signed_in = Signal(object)
    nothing_here = Signal()
    """The database is open and empty: the first start was left before its end."""
    closed = Signal()

    def __init__(self, port: StartPort, operations: Operations, preferences: Preferences) -> None:
        super().__init__()
        set_role(self, "canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._port, self._operations, self._preferences = port, operations, preferences
        self._started = False
        self.sign_in = SignInCard(port, operations)
        self.sign_in.signed_in.connect(self._on_signed_in)
        self.unlock = UnlockCard()
        self.unlock.unlock.connect(self._on_unlock)
        self.problem = _ProblemCard(again=self.open_database)
        self.joining: JoiningCard | None = None
        self._cards = QStackedLayout()
        for card in (self.sign_in, self.unlock, self.problem):
            self._cards.addWidget(_centred(card))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(TopBar(preferences))
        outer.addLayout(self._cards, 1)
        self.resize(theme().px(WINDOW_SIZE[0]), theme().px(WINDOW_SIZE[1]))
        self.retranslate()
        self.sign_in.focus_start()

    def open_database(self, passphrase: str | None = None, recovery_code: str | None = None) -> None:
        """Open it in the background and show who may sign in."""
        port = self._port

        def open_it() -> Beginning:
            port.open_database(passphrase=passphrase, recovery_code=recovery_code)
            return port.beginning()

        job = self._operations.run_plain(
            self, open_it, on_done=self._on_opened, on_error=self._on_refused, writes=True
        )  # fmt: skip
        self.unlock.go.busy_while(job)
        self.problem.retry.busy_while(job)

    def card(self) -> QWidget:
        """The card in sight."""
        known = (self.sign_in, self.unlock, self.problem, self.joining)[self._cards.currentIndex()]
        assert known is not None
        return known

    def _on_unlock(self, passphrase: str | None, recovery_code: str | None) -> None:
        self.open_database(passphrase, recovery_code)

    def _on_opened(self, beginning: Beginning) -> None:
        if beginning is Beginning.JOINING:
            self._go_on_joining()
        elif beginning is Beginning.EMPTY:
            self.nothing_here.emit()
        else:
            self._ask_who()

    def _go_on_joining(self) -> None:
        if self.joining is None:  # hardly ever: not before the first paint of every start
            from ui.shell.joining_card import JoiningCard

            self.joining = JoiningCard(self._port, self._operations)
            self.joining.done.connect(self._ask_who)
            self._cards.addWidget(_centred(self.joining))
        self._cards.setCurrentIndex(3)
        self.joining.begin()

    def _ask_who(self) -> None:
        self._cards.setCurrentIndex(0)
        self.sign_in.load(prefer=self._preferences.settings.last_staff_id)

    def _on_refused(self, error: BaseException) -> bool:
        code = getattr(error, "code", None)
        if code is None:
            return False
        if getattr(error, "field", None) in _SECRET_FIELDS or (code in ASK_FOR_SECRET and self.card() is self.unlock):
            self._cards.setCurrentIndex(1)
            return self.unlock.show_error(error)
        if code in ASK_FOR_SECRET:
            self.unlock.show_reason(lambda: worded_message(error))
            self._cards.setCurrentIndex(1)
            self.unlock.take_focus()
            return True
        self.problem.say(lambda: worded_message(error))
        self._cards.setCurrentIndex(2)
        self.problem.retry.setFocus()
        return True

    def _on_signed_in(self, actor: Actor) -> None:
        self._preferences.change(last_staff_id=actor.staff_id)
        self.signed_in.emit(actor)

    def retranslate(self) -> None:
        self.setWindowTitle(tr("Forecourt"))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._started:  # only now: the first paint waits for nothing
            self._started = True
            QTimer.singleShot(0, self, self.open_database)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()


def _centred(card: QWidget) -> QWidget:
    holder = boxed(column(STRETCH, row(STRETCH, card, STRETCH), STRETCH))
    return holder
