"""How payments look in lists and panels."""

from app.payments.rules import PaymentFacet, PaymentKind, PaymentMethod, PaymentState
from ui.kit.columns import State
from ui.kit.text import words

_TONES = {
    PaymentState.RECEIVED: "warn",
    PaymentState.CONFIRMED: "info",
    PaymentState.RECONCILED: "good",
    PaymentState.REVERSED: "neutral",
}
_FACET_TONES = {
    PaymentFacet.UNPAID: "neutral",
    PaymentFacet.PARTIAL: "info",
    PaymentFacet.PAID: "good",
    PaymentFacet.OVERDUE: "bad",
}
PAYMENT_STATES = {state.value: State(state.label, _TONES[state]) for state in PaymentState}
PAYMENT_FACETS = {facet.value: State(facet.label, _FACET_TONES[facet]) for facet in PaymentFacet}


def kind_text(kind: str) -> str:
    """A payment's kind in the language in use."""
    return words(PaymentKind(kind).label)


def method_text(method: str) -> str:
    """How it was paid, in the language in use."""
    return words(PaymentMethod(method).label)
