"""How the states of an order look: its own, the centre's word on its vehicle, and how far it is paid."""

from app.orders.rules import ClaimState, OrderState
from app.payments.rules import PaymentFacet, PaymentKind, PaymentState
from app.runtime.language import tr_noop
from ui.kit.columns import State

_ORDER_TONES = {
    OrderState.DRAFT: "neutral",
    OrderState.MANAGER_REVIEW: "warn",
    OrderState.FINANCE_REVIEW: "warn",
    OrderState.CONFIRMED: "good",
    OrderState.DELIVERY_CONFIRMING: "info",
    OrderState.DELIVERED: "accent",
    OrderState.COMPLETED: "neutral",
    OrderState.CANCELLED: "neutral",
    OrderState.RETURN_PENDING: "warn",
    OrderState.RETURNED: "neutral",
}
_CLAIM_TONES = {
    ClaimState.PROVISIONAL: "warn",
    ClaimState.CONFIRMED: "good",
    ClaimState.CONFLICT: "bad",
    ClaimState.RELEASED: "neutral",
}
_FACET_TONES = {
    PaymentFacet.UNPAID: "neutral",
    PaymentFacet.PARTIAL: "info",
    PaymentFacet.PAID: "good",
    PaymentFacet.OVERDUE: "bad",
}

ORDER_STATES = {state.value: State(state.label, _ORDER_TONES[state]) for state in OrderState}
CLAIM_STATES = {state.value: State(state.label, _CLAIM_TONES[state]) for state in ClaimState}
SECURED = "secured"
SHOWN_CLAIMS = {**CLAIM_STATES, SECURED: State(tr_noop("Secured"), "info")}
"""The centre's word as lists show it: a sale under a lease that counts is not called provisional."""
PAYMENT_FACETS = {facet.value: State(facet.label, _FACET_TONES[facet]) for facet in PaymentFacet}
CLAIM_SENTENCES = {
    ClaimState.PROVISIONAL: tr_noop("Provisional until the centre confirms the vehicle"),
    ClaimState.CONFIRMED: tr_noop("The centre has confirmed the vehicle"),
    ClaimState.RELEASED: tr_noop("The vehicle is released"),
}
"""The centre's word in full; a conflict names the winner and is worded where it is known."""

PAYMENT_TONES = {
    PaymentState.RECEIVED: "warn",
    PaymentState.CONFIRMED: "info",
    PaymentState.RECONCILED: "good",
    PaymentState.REVERSED: "neutral",
}
SETTLED = frozenset({OrderState.CANCELLED, OrderState.RETURNED})
"""States in which nothing more is received."""
BEFORE_DELIVERY = frozenset(
    {
        OrderState.DRAFT, OrderState.MANAGER_REVIEW, OrderState.FINANCE_REVIEW, OrderState.CONFIRMED,
        OrderState.DELIVERY_CONFIRMING,
    }
)  # fmt: skip
"""States in which the sale can be continued."""


def kind_label(kind: str) -> str:
    """The English key of a payment's kind."""
    return PaymentKind(kind).label
