"""One time-stamp of a document: by whom, when, and whether it proves anything."""

from typing import Any

from PySide6.QtWidgets import QFrame

from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.controls import Label, StatusDot
from ui.kit.layout import STRETCH, column, row
from ui.kit.theme import set_role

STAMP_STATES = {
    "good": (tr_noop("Holds"), "good"),
    "damaged": (tr_noop("Does not belong to these bytes"), "bad"),
    "unknown": (tr_noop("Unknown authority"), "warn"),
    "expired": (tr_noop("Ended, not renewed"), "warn"),
    "revoked": (tr_noop("Authority's certificate revoked"), "bad"),
}
"""By `app.contracts.proof.time_proof.StampState`: words and tone."""


def stamp_card(stamp: Any) -> QFrame:
    """A `app.contracts.proof.time_proof.JudgedStamp` as a card."""
    found = stamp.found
    who = Label("", wrap=True)
    who.set_text(found.authority or found.field)
    when = Label("", role="secondary")
    when.set_text(formats.moment(found.at))
    words, tone = STAMP_STATES[stamp.state.value]
    until = Label(
        lambda: tr("Its certificate ends on {day}", day=formats.day_of(found.ends_at)), role="secondary", wrap=True
    )
    stack = column(row(who, STRETCH, when), row(StatusDot(words, tone), STRETCH, gap=16), until, gap=8, margins=12)
    card = QFrame()
    set_role(card, "card")
    card.setLayout(stack)
    return card
