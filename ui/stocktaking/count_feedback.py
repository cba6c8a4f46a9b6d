"""What the counter sees after each scan, from two metres away: a word, a colour, the number, the place."""

from PySide6.QtWidgets import QFrame, QWidget

from app.runtime.language import tr, tr_noop
from app.stocktaking.handlers import Counted
from app.stocktaking.rules import Outcome
from ui.kit.controls import Label
from ui.kit.layout import column
from ui.kit.text import Words
from ui.kit.theme import set_role, set_size
from ui.stocktaking.words import OUTCOMES

_HEIGHT = 116


class CountFeedback(QFrame):
    """Says what the last scan means."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.word = Label(tr_noop("Ready to count"), role="number")
        self.number = Label("", role="section")
        self.more = Label("", role="secondary", wrap=True)
        self.setLayout(column(self.word, self.number, self.more, gap=4, margins=16))
        set_size(self, height=_HEIGHT, at_least=True)
        self._tone("info")

    def show_counted(self, counted: Counted) -> None:
        """The scan was taken."""
        state = OUTCOMES[counted.outcome]
        outcome = Outcome(counted.outcome)
        self._say(state.label, lambda: counted.vin, lambda: _explained(counted, outcome), state.tone)

    def show_refused(self, text: str) -> None:
        """It was no number, or not clear."""
        self._say(tr_noop("Not taken"), "", lambda: text, "bad")

    def show_pasted(self, taken: int, left_out: int) -> None:
        """A list was taken."""
        tone = "warn" if left_out else "good"
        self._say(
            tr_noop("List taken"), lambda: tr("{n} numbers", n=f"{taken:,}"),
            lambda: tr("{n} lines name no vehicle and were left out.", n=left_out) if left_out else "", tone,
        )  # fmt: skip

    def _say(self, word: Words, number: Words, more: Words, tone: str) -> None:
        self.word.set_words(word)
        self.number.set_words(number)
        self.more.set_words(more)
        self._tone(tone)
        self.setAccessibleName(". ".join(label.text() for label in (self.word, self.number, self.more)))

    def _tone(self, tone: str) -> None:
        set_role(self, "message", tone=tone)


def _explained(counted: Counted, outcome: Outcome) -> str:
    said = []
    if outcome is Outcome.WRONG_PLACE:
        said.append(tr("Booked at {place}.", place=counted.expected_location or tr("no place")))
    elif outcome is Outcome.SURPLUS:
        said.append(tr("It is in the books, and should not stand in the house. Put it aside and go on."))
    elif outcome is Outcome.UNKNOWN:
        said.append(tr("No such vehicle in the books. Check the number, put it aside and go on."))
    if counted.again:
        said.append(tr("Read before."))
    return " ".join(said)
