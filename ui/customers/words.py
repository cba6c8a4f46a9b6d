"""Words and tones for what the customer pages show."""

from app.customers.choices import ConsentChannel, ConsentPurpose, CustomerSource
from app.customers.rules import CustomerKind, IdentityKind
from app.kernel.labels import Labelled
from app.runtime.language import tr, tr_noop
from ui.kit.controls import Choice

FIELD_LABELS: dict[str, str] = {
    "phone": tr_noop("Mobile phone"),
    "second_phone": tr_noop("Second phone"),
    "email": tr_noop("E-mail"),
    "identity_number": tr_noop("Identity number"),
    "address": tr_noop("Address"),
    "contact_identity_number": tr_noop("Identity card of who acts for it"),
}
PURPOSE_HINTS: dict[ConsentPurpose, str] = {
    ConsentPurpose.MARKETING: tr_noop("Calls and messages about offers. The contract does not depend on it."),
    ConsentPurpose.SHARE_WITH_INSURER: tr_noop("Name, phone, identity and vehicle go to the insurer named here."),
    ConsentPurpose.SHARE_WITH_BANK: tr_noop("Name, phone, identity and income papers go to the bank named here."),
    ConsentPurpose.SHARE_WITH_MAKER: tr_noop("Name, phone and vehicle go to the maker named here."),
    ConsentPurpose.SENSITIVE_IDENTITY: tr_noop("A copy of the document is kept for registration only."),
}
KIND_ICONS: dict[str, str] = {CustomerKind.PERSON: "user", CustomerKind.COMPANY: "building-2"}

_GOOD = frozenset({"CONFIRMED", "COMPLETED", "DELIVERED", "SIGNED", "SEALED", "ARCHIVED", "ACCEPTED", "CONVERTED",
                   "APPROVED", "RECONCILED", "ARRIVED"})  # fmt: skip
_BAD = frozenset({"CANCELLED", "REJECTED", "DECLINED", "VOIDED", "LOST", "REVERSED", "RETURNED", "NO_SHOW",
                  "TERMINATED"})
_WAITING = frozenset({"PENDING_APPROVAL", "MANAGER_REVIEW", "FINANCE_REVIEW", "PARTIALLY_SIGNED", "LOCKED",
                      "DELIVERY_CONFIRMING", "RETURN_PENDING", "REQUESTED", "RESCHEDULED"})  # fmt: skip


def label_of(kind: type[Labelled], code: str) -> str:
    """The label of a stored code in the language in use; a code nobody knows yet is shown as it is."""
    try:
        return tr(kind(code).label)
    except ValueError:
        return code


def choices_of(kind: type[Labelled], *codes: str) -> list[Choice]:
    """The members of a kind, or those named, to choose from."""
    return [Choice(member.value, member.label) for member in kind if not codes or member.value in codes]


def state_tone(state: str) -> str:
    """The tone of any document's state."""
    if state in _GOOD:
        return "good"
    if state in _BAD:
        return "bad"
    return "warn" if state in _WAITING else "neutral"


def history_state(kind: str, state: str) -> str:
    """The word for a state of a document of a kind, such as "quotation"."""
    return label_of(_state_kinds()[kind], state)


def _state_kinds() -> dict[str, type[Labelled]]:
    from app.contracts.rules import ContractState
    from app.orders.rules import OrderState
    from app.payments.rules import PaymentState
    from app.quotations.rules import QuotationState
    from app.workshop.rules import AppointmentState

    return {
        "quotation": QuotationState,
        "order": OrderState,
        "contract": ContractState,
        "payment": PaymentState,
        "appointment": AppointmentState,
    }


__all__ = [
    "FIELD_LABELS", "KIND_ICONS", "PURPOSE_HINTS", "ConsentChannel", "ConsentPurpose", "CustomerKind",
    "CustomerSource", "IdentityKind", "choices_of", "history_state", "label_of", "state_tone",
]  # fmt: skip
