"""Reading payments: what was received for an order, what is still open, and receipts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.kernel.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow:
    """One receipt or contra entry in a list."""

    id: str
    number: str
    order_id: str
    order_number: str
    customer_id: str
    customer_name: str
    kind: str
    """Labels in `app.payments.rules.PaymentKind`."""
    method: str
    """Labels in `app.payments.rules.PaymentMethod`."""
    amount: Decimal
    """Negative for a contra entry."""
    state: str
    received_at: datetime
    created_at: datetime
    received_by: str
    reference: str
    reverses_number: str
    reason: str
    revision: int
    cursor: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentStanding:
    """Where an order stands: `state` is UNPAID, PARTIAL, PAID or OVERDUE."""

    order_id: str
    total: Decimal
    received: Decimal
    outstanding: Decimal
    state: str
    contract_price: Decimal
    earnest_received: Decimal
    earnest_room: Decimal
    """How much more may be received as earnest money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRow:
    """What a receipt says; `amount_in_words` is in Chinese capitals."""

    payment: PaymentRow
    branch_name: str
    company: str
    vin: str
    vehicle: str
    amount_in_words: str
    outstanding: Decimal


def list_payments(
    reader: Reader,
    *,
    after: str | None = None,
    limit: int = 60,
    text: str = "",
    order_id: str | None = None,
    customer_id: str | None = None,
    kind: str | Sequence[str] | None = None,
    method: str | Sequence[str] | None = None,
    state: str | Sequence[str] | None = None,
) -> list[PaymentRow]:
    """Payments, newest first."""
    raise LookupError


def count_payments(reader: Reader, **filters: object) -> tuple[int, int]:
    """How many match the filters of `list_payments`, and how many there are."""
    raise LookupError


def get_payment_standing(reader: Reader, order_id: str) -> PaymentStanding:
    """Where an order stands with its money; raises RecordNotFound."""
    raise LookupError


def get_receipt(reader: Reader, payment_id: str) -> ReceiptRow:
    """What the receipt of a payment says; only for what is stored. Raises RecordNotFound."""
    raise LookupError


def receipt_pdf(reader: Reader, payment_id: str, *, language: str = "") -> bytes:
    """The receipt on paper, in the customer's language unless one is named."""
    raise LookupError
