"""Everybody who signs, in their order: who has, whose turn it is, who comes later."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.contracts.kinds.roles import number_of, role_of
from app.contracts.rules import PartyState
from app.contracts.signers.party_queries import PartyRow
from app.runtime.language import tr, tr_noop
from ui.kit.controls import Label, StatusDot
from ui.kit.layout import STRETCH, column, empty, row
from ui.kit.text import Words
from ui.kit.theme import set_role

_TONES = {PartyState.SIGNED: "good", PartyState.DECLINED: "bad", PartyState.AWAITED: "neutral"}


def party_word(code: str) -> str:
    """A party in the language in use: "Guarantor 2"."""
    role, number = role_of(code), number_of(code)
    return tr(role.label) if number == 1 else f"{tr(role.label)} {number}"


class PartyStrip(QWidget):
    """One line a party."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "plain")
        self._lines = column(gap=4)
        self.setLayout(self._lines)

    def set_parties(self, parties: Sequence[PartyRow], *, turn: str) -> None:
        """Show these; `turn` is the code of who signs now, empty where nobody does."""
        empty(self._lines)
        for party in parties:
            self._lines.addLayout(_line(party, is_turn=party.code == turn))


def _line(party: PartyRow, *, is_turn: bool) -> QHBoxLayout:
    name = Label(lambda: f"{party_word(party.code)}  {party.signer}")
    state = PartyState(party.state)
    word: Words = tr_noop("Signs now") if is_turn else state.label
    return row(name, STRETCH, StatusDot(word, "warn" if is_turn else _TONES[state]), gap=8)
