"""One number at the top of the manager's page, with what it is compared to."""

from PySide6.QtWidgets import QFrame, QWidget

from ui.kit.controls import Label
from ui.kit.feedback import ToneIcon
from ui.kit.layout import STRETCH, column, row
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import set_role


class FigureCard(Retranslated, QFrame):
    """Name, number, a quieter line. An arrow stands before a comparison: its direction says what its colour does."""

    def __init__(self, name: Words, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self._name_words = name
        self._name = Label(name, role="secondary")
        self.value = Label("–", role="title")
        self.note = Label("", role="secondary", wrap=True)
        self.further = Label("", role="secondary", wrap=True)
        self._arrow = ToneIcon("neutral", size=14)
        self._arrow.hide()
        below = row(self._arrow, self.note, gap=6)
        below.setStretch(1, 1)
        self.setLayout(column(self._name, self.value, below, self.further, STRETCH, gap=4, margins=(16, 12, 12, 12)))

    def show_figure(
        self, value: Words, note: Words, *, further: Words = "", direction: int = 0, tone: str = "neutral"
    ) -> None:
        """Show a number; `direction` 1 or -1 puts an arrow up or down before the note, in a tone."""
        self.value.set_words(value)
        self.note.set_words(note)
        self.further.set_words(further)
        self._arrow.setVisible(bool(direction))
        self._arrow.set_tone(tone, "arrow-up" if direction > 0 else "arrow-down")
        self.retranslate()

    def retranslate(self) -> None:
        said = (words(self._name_words), self.value.text(), self.note.text(), self.further.text())
        self.setAccessibleName(", ".join(part for part in said if part))
