"""What a signer has before them: the pages, the clauses to acknowledge one by one, the pad, and two verbs.

The same surface stands in the application, beside what is the salesperson's, and in the customer's own window.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app.contracts.commands import ClauseAcknowledgement
from app.contracts.queries import ClauseRow
from app.kernel.clock import Clock
from app.runtime.language import CHINESE, ENGLISH, tr_noop
from ui.kit.controls import Button, Choice, Label, Segmented
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.pdf_view import PdfView
from ui.kit.signature_pad import Point, SignaturePad
from ui.kit.text import Retranslated
from ui.kit.theme import set_role, set_size, theme
from ui.signing.clause_list import ClauseList
from ui.signing.tongue import Tongue

SIDE_WIDTH = 420
PAD_WIDTH, PAD_HEIGHT = 396, 140
REASON_LIMIT = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Whose turn it is: the party's code, the person, the clauses that person acknowledges."""

    party: str
    name: str
    clauses: tuple[ClauseRow, ...] = ()


class _ReasonLine(Retranslated, QLineEdit):
    def __init__(self, tongue: Tongue) -> None:
        super().__init__()
        self._tongue = tongue
        self.setMaxLength(REASON_LIMIT)
        self.retranslate()

    def retranslate(self) -> None:
        self.setPlaceholderText(self._tongue(tr_noop("Why do you not sign?")))
        self.setAccessibleName(self.placeholderText())


class SigningSurface(QWidget):
    """`changed` with everything the signer does, `signed` and `declined(reason)` at the end."""

    changed = Signal()
    signed = Signal()
    declined = Signal(str)
    language_chosen = Signal(str)

    def __init__(
        self, clock: Clock, tongue: Tongue, *, above: Iterable[QWidget] = (), before_pad: Iterable[QWidget] = (),
        own_verbs: bool = True, large: bool = False,
    ) -> None:  # fmt: skip
        """`above` and `before_pad` are the salesperson's; without `own_verbs` the page around has them."""
        super().__init__()
        set_role(self, "plain")
        self.tongue = tongue
        self.turn: Turn | None = None
        self._own_verbs = own_verbs
        self._again = False
        scale = 1.4 if large else 1.0
        self.view = PdfView(speak=tongue)
        self.language = Segmented(
            [Choice(CHINESE, lambda: "中文"), Choice(ENGLISH, lambda: "English")],
            name=lambda: tongue(tr_noop("Language")),
        )  # fmt: skip
        self.language.chosen.connect(self.choose_language)
        self.who = Label(self._title, role="title" if large else "section", wrap=True)
        self.clauses = ClauseList(clock, tongue)
        self.clauses.changed.connect(self._on_clauses_changed)
        self.pad = SignaturePad(width=round(PAD_WIDTH * scale), height=round(PAD_HEIGHT * scale), speak=tongue)
        self.pad.changed.connect(self._on_pad_changed)
        self.wipe = Button(lambda: tongue(tr_noop("Wipe")), kind="quiet", icon="eraser", on_click=self.pad.clear)
        self.back = Button(
            lambda: tongue(tr_noop("Take a stroke back")), kind="quiet", icon="undo", on_click=self.pad.take_back
        )
        self.advice = Label(self._advice, role="secondary", wrap=True)
        self.go = Button(lambda: tongue(tr_noop("Sign")), kind="primary", icon="pen-line", on_click=self._on_go)
        self.refuse = Button(lambda: tongue(tr_noop("I do not sign")), kind="quiet", on_click=self._ask_reason)
        self.reason = _ReasonLine(tongue)
        self.reason.textChanged.connect(lambda _text: self._show_verbs())
        self.refuse_now = Button(lambda: tongue(tr_noop("Decline")), kind="danger", on_click=self._on_refused)
        self.stay = Button(lambda: tongue(tr_noop("Back to signing")), kind="quiet", on_click=self._close_reason)
        self._arrange(above, before_pad, width=round(SIDE_WIDTH * scale))
        self._show_verbs()

    # --- what pages call -------------------------------------------------------------------------

    def begin(self, turn: Turn, *, kept: Mapping[str, datetime] | None = None) -> None:
        """Another signer: nothing is acknowledged but what is `kept`, nothing is drawn."""
        self.turn = turn
        self.clauses.set_clauses(turn.clauses, kept)
        self.clauses.setVisible(bool(turn.clauses))
        self.pad.clear()
        self._close_reason()
        self.scroll_area.verticalScrollBar().setValue(0)
        self.language.set_value(self.tongue.code)
        self.word_again()
        self._show_verbs()

    def show_document(self, content: bytes) -> None:
        """The pages as they are signed."""
        self.view.show_pdf(content, lambda: self.tongue(tr_noop("Contract")))

    def choose_language(self, code: str) -> None:
        """Everything the signer reads here in this language; the application keeps its own."""
        self.tongue.choose(code)
        self.language.set_value(code)
        self.word_again()
        self.language_chosen.emit(code)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.language.set_value(self.tongue.code)

    def word_again(self) -> None:
        """All words anew."""
        QCoreApplication.sendEvent(self, QEvent(QEvent.Type.LanguageChange))

    def is_ready(self) -> bool:
        """Whether this can be signed: the pages are there, every clause is acknowledged, the pad is not empty."""
        return bool(
            self.turn is not None
            and self.view.page_count()
            and self.clauses.is_complete()
            and not self.pad.is_empty()
        )

    def acknowledgements(self) -> tuple[ClauseAcknowledgement, ...]:
        """What was acknowledged, and when."""
        return self.clauses.acknowledgements()

    def strokes(self) -> list[list[Point]]:
        """The signature as it was drawn, for the command only."""
        return self.pad.strokes()

    def take_focus(self) -> None:
        """The first clause that is not acknowledged, else the pad."""
        if not self.clauses.focus_first():
            self.pad.setFocus()

    # --- inside ----------------------------------------------------------------------------------

    def _arrange(self, above: Iterable[QWidget], before_pad: Iterable[QWidget], *, width: int) -> None:
        content = QWidget()
        set_role(content, "plain")
        pad_head = row(
            Label(lambda: self.tongue(tr_noop("Signature")), role="secondary"), STRETCH, self.back, self.wipe, gap=4
        )
        self._verbs = boxed(column(row(self.refuse, STRETCH, self.go), gap=8))
        self._refusal = boxed(column(self.reason, row(self.stay, STRETCH, self.refuse_now), gap=8))
        self._refusal.hide()
        head: QHBoxLayout = row(self.who, self.language, gap=12)
        head.setStretch(0, 1)
        side: QVBoxLayout = column(head, *above, self.clauses, *before_pad, pad_head, self.pad, gap=12,
                                   margins=(0, 0, 8, 0))  # fmt: skip
        if self._own_verbs:
            side.addWidget(self.advice)
            side.addWidget(self._verbs)
        else:
            self._verbs.setParent(content)
            self._verbs.hide()
            self.advice.hide()
        side.addWidget(self._refusal)
        side.addStretch(1)
        content.setLayout(side)
        self.scroll_area = QScrollArea()
        self.scroll_area.setWidgetResizable(True)
        self.scroll_area.setFrameShape(QFrame.Shape.NoFrame)
        self.scroll_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        set_size(self.scroll_area, width=width)
        self.scroll_area.setWidget(content)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(theme().px(16))
        across.addWidget(self.view, 1)
        across.addWidget(self.scroll_area)

    def _title(self) -> str:
        if self.turn is None:
            return ""
        if self.turn.clauses:
            return self.tongue(tr_noop("{name}: read, acknowledge, sign"), name=self.turn.name)
        return self.tongue(tr_noop("{name} signs"), name=self.turn.name)

    def ask_again(self) -> None:
        """The signature was not taken: the signer is asked to sign once more."""
        self.pad.clear()
        self._again = True
        self.advice.retranslate()

    def _advice(self) -> str:
        if self._again:
            return self.tongue(tr_noop("This was not enough for a signature. Please sign with your full name."))
        if not self.clauses.is_complete():
            return self.tongue(tr_noop("Tick each clause: it limits what you may claim."))
        if self.pad.is_empty():
            return self.tongue(tr_noop("Sign with pen, finger or mouse."))
        return self.tongue(tr_noop("Not right? Wipe it and sign again. “Sign” ends it."))

    def _on_clauses_changed(self) -> None:
        self._show_verbs()
        if self.clauses.is_complete():
            self._bring_pad_into_sight()
            self.pad.setFocus()
        self.changed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Where the pad stands is known once it was laid out: what ends the signing is then brought into sight."""
        super().showEvent(event)
        if self._own_verbs and self.clauses.is_complete():
            QTimer.singleShot(0, self, self._bring_pad_into_sight)

    def _bring_pad_into_sight(self) -> None:
        """With what ends it below."""
        if self._own_verbs:
            self.scroll_area.ensureWidgetVisible(self._verbs)
        self.scroll_area.ensureWidgetVisible(self.pad)

    def _on_pad_changed(self) -> None:
        self._again = False
        self._show_verbs()
        self.changed.emit()

    def _show_verbs(self) -> None:
        empty = self.pad.is_empty()
        self.wipe.setEnabled(not empty)
        self.back.setEnabled(not empty)
        self.go.setEnabled(self.is_ready())
        self.refuse_now.setEnabled(bool(self.reason.text().strip()))
        self.advice.retranslate()

    def _on_go(self) -> None:
        if self.is_ready():
            self.signed.emit()

    def _ask_reason(self) -> None:
        self._verbs.hide()
        self._refusal.show()
        self.reason.setFocus()

    def _close_reason(self) -> None:
        self.reason.clear()
        self._refusal.hide()
        self._verbs.setVisible(self._own_verbs)

    def _on_refused(self) -> None:
        reason = self.reason.text().strip()
        if reason:
            self.declined.emit(reason)

    def ask_reason(self) -> None:
        """The line for the reason, from outside: the page's own verb for declining."""
        self._ask_reason()
        self.scroll_area.ensureWidgetVisible(self.reason)
