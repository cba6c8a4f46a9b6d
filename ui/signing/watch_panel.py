"""What the salesperson sees while the customer has the document: how far they are, and the way to take it back."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.runtime.language import CHINESE, tr, tr_noop
from ui.kit.controls import Button, Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.theme import set_role, set_size
from ui.signing.party_strip import party_word

if TYPE_CHECKING:
    from ui.signing.customer_window import CustomerWindow

WIDTH = 460


class WatchPanel(QWidget):
    """Shows counts, never what the customer draws."""

    def __init__(self, take_back: Callable[[], object]) -> None:
        super().__init__()
        set_role(self, "plain")
        self.title = Label("", role="section", wrap=True)
        self.facts = Facts()
        self.state = StatusDot()
        self.back = Button(tr_noop("Take it back to this screen"), icon="arrow-left", on_click=take_back)
        lines = column(self.title, self.facts, self.state, row(STRETCH, self.back), gap=16, margins=24)
        card = boxed(lines, role="card")
        set_size(card, width=WIDTH)
        self.setLayout(column(STRETCH, row(STRETCH, card, STRETCH), STRETCH))

    def show_state(self, window: "CustomerWindow", *, party: str) -> None:
        """`party` is the code of who signs. Read from the customer's window how far they are."""
        surface = window.surface
        name = surface.turn.name if surface.turn is not None else ""
        boxes = surface.clauses.boxes
        ticked, page, pages = sum(box.isChecked() for box in boxes), surface.view.page(), surface.view.page_count()
        spoken = "中文" if window.tongue.code == CHINESE else "English"
        self.title.set_words(lambda: f"{party_word(party)} · {name}" if party else "")
        self.facts.set_facts(
            [
                (tr_noop("Reads page"), lambda: tr("{n} of {total}", n=page, total=pages)),
                (tr_noop("Clauses acknowledged"), lambda: tr("{n} of {total}", n=ticked, total=len(boxes))),
                (tr_noop("Language"), lambda: spoken),
            ]
        )
        if not window.shows_document:
            self.state.set_state(tr_noop("The customer sees no document at the moment"), "neutral")
        elif not surface.pad.is_empty():
            self.state.set_state(tr_noop("Has drawn a signature, not yet ended"), "info")
        elif ticked == len(boxes):
            self.state.set_state(tr_noop("Can sign now"), "good")
        else:
            self.state.set_state(tr_noop("Is reading"), "neutral")
