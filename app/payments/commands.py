"""Receiving money and giving it back; a posted payment is never edited."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from app.kernel.commands import Command
from app.quotations.commands import QuotationTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivePayment(Command):
    """Money came in. Returns `PaymentReceived`.

    `kind`: earnest_money (定金), advance (订金), instalment, balance, collected_on_behalf, insurance.
    `method`: cash, bank_card, transfer, wechat_pay, alipay, other. `received_at` is the event's time, now by default.
    Earnest money binds up to 20 % of the contract price (Civil Code 586); what is above is posted as an advance of its
    own, and the result says so. More than is outstanding is refused.
    """

    order_id: str
    kind: str
    method: str
    amount: Decimal
    reference: str = ""
    received_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class PaymentReceived:
    """What `ReceivePayment` returns: the posted rows, and how much of earnest money became an advance."""

    payment_ids: tuple[str, ...]
    numbers: tuple[str, ...]
    earnest_amount: Decimal
    advance_from_excess: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPayment(Command):
    """The cashier has seen the money."""

    payment_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcilePayment(Command):
    """The payment stands on the bank's statement."""

    payment_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversePayment(Command):
    """Take a payment back by a contra entry; `reason` is required. Returns the contra entry's id."""

    payment_id: str
    expected_revision: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSale(Command):
    """Quick entry of a whole sale: quotation, order, allocation and earnest money in one transaction.

    Returns `SaleRecorded`. Everything the single commands refuse is refused here, with the same fields.
    """

    customer_id: str
    terms: QuotationTerms
    earnest_amount: Decimal
    method: str
    reference: str = ""
    planned_delivery: date | None = None


@dataclass(frozen=True, slots=True)
class SaleRecorded:
    """What `RecordSale` returns."""

    quotation_id: str
    order_id: str
    order_number: str
    payment: PaymentReceived
