"""What the salesperson sees while somebody signs on a phone: the QR code, the code beside it, and how far they are."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.runtime.language import tr, tr_noop
from ui.kit.controls import Button, Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.qr_code import QrCode
from ui.kit.text import Words
from ui.kit.theme import set_role, set_size
from ui.signing.party_strip import party_word
from ui.signing.phone_port import PhoneRequest, PhoneState

WIDTH, CODE_SIDE = 560, 240
_STATES = {
    "signed": (tr_noop("Has signed; the signature is being stored"), "info"),
    "declined": (tr_noop("Has declined"), "warn"),
    "withdrawn": (tr_noop("Taken back"), "neutral"),
    "expired": (tr_noop("The time for it is over; nothing was signed"), "warn"),
    "locked": (tr_noop("Locked after too many wrong codes; nobody has seen the document"), "bad"),
    "unknown": (tr_noop("The centre does not know this request any more"), "warn"),
    "taken": (tr_noop("Another desk of the branch has taken it"), "warn"),
}


class PhonePanel(QWidget):
    """Shows counts and times, never what is drawn."""

    def __init__(self, *, take_back: Callable[[], object], renew: Callable[[], object]) -> None:
        super().__init__()
        set_role(self, "plain")
        self.title = Label("", role="section", wrap=True)
        self.how = Label(
            tr_noop(
                "The customer scans this with their phone, enters the code, reads, ticks and signs there. "
                "Tell the code only to the person who signs."
            ),
            role="secondary", wrap=True,
        )  # fmt: skip
        self.picture = QrCode(side=CODE_SIDE, name=tr_noop("QR code for the customer's phone"))
        self.code = Label("", role="number")
        self.code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.code_name = Label(tr_noop("Code for the phone"), role="secondary")
        self.facts = Facts()
        self.state = StatusDot()
        self.trouble = Label("", role="error", wrap=True)
        self.again = Button(tr_noop("New QR code"), icon="qr-code", on_click=renew)
        self.back = Button(tr_noop("Take it back to this screen"), icon="arrow-left", on_click=take_back)
        self._scan = boxed(
            row(
                self.picture,
                column(self.code_name, self.code, self.facts, STRETCH, gap=8),
                gap=24,
            )
        )
        lines = column(
            self.title, self.how, self._scan, self.state, self.trouble, row(STRETCH, self.again, self.back),
            gap=12, margins=20,
        )  # fmt: skip
        card = boxed(lines, role="card")
        set_size(card, width=WIDTH)
        self.scroll_area = QScrollArea()
        self.scroll_area.setWidgetResizable(True)
        self.scroll_area.setFrameShape(QFrame.Shape.NoFrame)
        self.scroll_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroll_area.setWidget(boxed(column(STRETCH, row(STRETCH, card, STRETCH), STRETCH)))
        self.setLayout(column(self.scroll_area))

    def show_request(self, request: PhoneRequest) -> None:
        """A new request, of which the centre has not yet told anything."""
        self.title.set_words(lambda: f"{party_word(request.party)} · {request.signer}")
        self.picture.set_text(request.address)
        self.code.set_text(f"{request.code[:3]} {request.code[3:]}")
        self.code.setAccessibleName(" ".join(request.code))
        self.state.set_state(tr_noop("Asking the centre"), "neutral")
        self.facts.set_facts([])
        self._say_trouble("")
        self._offer(running=True, scans=False)

    def show_state(self, request: PhoneRequest, state: PhoneState, *, left: float) -> None:
        """How far the phone is; `left` seconds are left by now."""
        seen, pages, ticked = state.pages_seen, state.pages, len(state.acknowledged)
        facts = [(tr_noop("Open for"), lambda: _minutes(left))]
        if state.opened_at is not None:
            facts += [
                (tr_noop("Reads page"), lambda: tr("{n} of {total}", n=seen, total=pages)),
                (tr_noop("Clauses acknowledged"), lambda: tr("{n} of {total}", n=ticked, total=request.clauses)),
            ]
        if state.wrong_codes:
            wrong = str(state.wrong_codes)
            facts.append((tr_noop("Wrong codes"), lambda: wrong))
        self.facts.set_facts(facts if state.state == "open" else facts[1:])
        self.state.set_state(*_STATES.get(state.state) or _reading(request, state))
        self._say_trouble("")
        self._offer(running=state.state in ("open", "signed", "declined"), scans=state.state == "open")
        # Whoever has opened it needs neither any more, and nobody else is to see them.
        for part in (self.how, self.picture, self.code_name, self.code):
            part.setVisible(state.state == "open" and state.opened_at is None)

    def show_trouble(self, words: Words) -> None:
        """The centre could not be asked."""
        self._say_trouble(words)

    def show_refused(self, words: Words) -> None:
        """What came from the phone could not be stored."""
        self.state.set_state(tr_noop("Not stored"), "bad")
        self._say_trouble(words)
        self._offer(running=False, scans=False)

    def _say_trouble(self, words: Words) -> None:
        self.trouble.set_words(words)
        self.trouble.setVisible(bool(words))

    def _offer(self, *, running: bool, scans: bool) -> None:
        self._scan.setVisible(scans)
        self.again.setVisible(not running)


def _reading(request: PhoneRequest, state: PhoneState) -> tuple[str, str]:
    if state.opened_at is None:
        return tr_noop("Waits for the phone"), "neutral"
    if state.read_at is not None and len(state.acknowledged) >= request.clauses:
        return tr_noop("Can sign now"), "good"
    return tr_noop("Is reading"), "info"


def _minutes(seconds: float) -> str:
    whole = max(0, int(seconds))
    return tr("{minutes}:{seconds} min", minutes=whole // 60, seconds=f"{whole % 60:02d}")
