"""Payments: kinds, lifecycle, and what is still outstanding. Posted money is never edited, only contra-entered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.kernel.labels import Labelled
from app.kernel.money import ZERO, add_up, format_money
from app.kernel.permissions import Permission
from app.kernel.state_machine import StateMachine, Transition
from app.payments.errors import PaymentExceedsOutstanding, PaymentNotPositive, RefundExceedsPaid
from app.quotations.rules import ChargeKind
from app.runtime.language import tr_noop


class PaymentKind(Labelled):
    """Earnest money (定金) and an advance (订金) sound the same and are not the same: never merge them."""

    EARNEST_MONEY = "earnest_money", tr_noop("Earnest money (定金)")
    ADVANCE = "advance", tr_noop("Advance (订金)")
    INSTALMENT = "instalment", tr_noop("Instalment")
    BALANCE = "balance", tr_noop("Balance")
    COLLECTED_ON_BEHALF = "collected_on_behalf", tr_noop("Collected on behalf")
    INSURANCE = "insurance", tr_noop("Insurance")


class PaymentMethod(Labelled):
    CASH = "cash", tr_noop("Cash")
    BANK_CARD = "bank_card", tr_noop("Bank card")
    TRANSFER = "transfer", tr_noop("Bank transfer")
    WECHAT_PAY = "wechat_pay", tr_noop("WeChat Pay")
    ALIPAY = "alipay", tr_noop("Alipay")
    OTHER = "other", tr_noop("Other")


class PaymentState(Labelled):
    RECEIVED = "RECEIVED", tr_noop("Payment received")
    CONFIRMED = "CONFIRMED", tr_noop("Confirmed")
    RECONCILED = "RECONCILED", tr_noop("Reconciled")
    REVERSED = "REVERSED", tr_noop("Reversed")


class PaymentAction(Labelled):
    CONFIRM = "confirm", tr_noop("Confirm")
    RECONCILE = "reconcile", tr_noop("Reconcile")
    REVERSE = "reverse", tr_noop("Reverse")


class RefundState(Labelled):
    REQUESTED = "REQUESTED", tr_noop("Requested")
    APPROVED = "APPROVED", tr_noop("Approved")
    REJECTED = "REJECTED", tr_noop("Rejected")
    PAID = "PAID", tr_noop("Paid out")


class RefundAction(Labelled):
    APPROVE = "approve", tr_noop("Approve")
    REJECT = "reject", tr_noop("Reject")
    PAY = "pay", tr_noop("Pay out")


class PaymentFacet(Labelled):
    """How far an order is paid."""

    UNPAID = "UNPAID", tr_noop("Unpaid")
    PARTIAL = "PARTIAL", tr_noop("Partly paid")
    PAID = "PAID", tr_noop("Paid")
    OVERDUE = "OVERDUE", tr_noop("Overdue")


_S = PaymentState

PAYMENT = StateMachine(
    document=tr_noop("payment"),
    initial=PaymentState.RECEIVED,
    transitions=(
        Transition(PaymentAction.CONFIRM, (_S.RECEIVED,), _S.CONFIRMED, Permission.PAYMENTS_RECEIVE),
        Transition(PaymentAction.RECONCILE, (_S.CONFIRMED,), _S.RECONCILED, Permission.PAYMENTS_REVERSE),
        Transition(
            PaymentAction.REVERSE,
            (_S.CONFIRMED,),
            _S.REVERSED,
            Permission.PAYMENTS_REVERSE,
            reason_required=True,
        ),
    ),
)
REFUND = StateMachine(
    document=tr_noop("refund"),
    initial=RefundState.REQUESTED,
    transitions=(
        Transition(RefundAction.APPROVE, (RefundState.REQUESTED,), RefundState.APPROVED, Permission.PAYMENTS_REVERSE),
        Transition(
            RefundAction.REJECT,
            (RefundState.REQUESTED,),
            RefundState.REJECTED,
            Permission.PAYMENTS_REVERSE,
            reason_required=True,
        ),
        Transition(RefundAction.PAY, (RefundState.APPROVED,), RefundState.PAID, Permission.PAYMENTS_REVERSE),
    ),
)


class Bucket(Labelled):
    """Whose money it is: the dealer's own, what it collects for the state, or for the insurer."""

    OWN = "own", tr_noop("Own sales")
    COLLECTED = "collected", tr_noop("Collected for others")
    INSURANCE = "insurance", tr_noop("Insurance")


_BUCKET_OF_CHARGE = {
    ChargeKind.PURCHASE_TAX: Bucket.COLLECTED,
    ChargeKind.VESSEL_TAX: Bucket.COLLECTED,
    ChargeKind.PLATE_FEE: Bucket.COLLECTED,
    ChargeKind.COMPULSORY_INSURANCE: Bucket.INSURANCE,
    ChargeKind.COMMERCIAL_INSURANCE: Bucket.INSURANCE,
}
_BUCKET_OF_KIND = {
    PaymentKind.COLLECTED_ON_BEHALF: Bucket.COLLECTED,
    PaymentKind.INSURANCE: Bucket.INSURANCE,
}


@dataclass(frozen=True, slots=True)
class PaymentEntry:
    """One row of the ledger. A contra entry has a negative amount; both it and what it reverses stay and count."""

    kind: PaymentKind | str
    amount: Decimal
    state: PaymentState | str = PaymentState.RECEIVED


@dataclass(frozen=True, slots=True)
class Standing:
    """What an order costs and what came in for it. `due` and `paid` count everything."""

    due: Decimal
    paid: Decimal

    @property
    def outstanding(self) -> Decimal:
        """What is still to be paid, never below zero."""
        return max(self.due - self.paid, ZERO)

    @property
    def overpaid(self) -> Decimal:
        """What came in above what is due."""
        return max(self.paid - self.due, ZERO)


def bucket_of_charge(kind: ChargeKind | str) -> Bucket:
    """Whose money a line of the on-road total is."""
    return _BUCKET_OF_CHARGE.get(ChargeKind(kind), Bucket.OWN)


def bucket_of_payment(kind: PaymentKind | str) -> Bucket:
    """Whose money a payment of this kind is."""
    return _BUCKET_OF_KIND.get(PaymentKind(kind), Bucket.OWN)


def paid_total(entries: Iterable[PaymentEntry], *kinds: PaymentKind) -> Decimal:
    """What came in, contra entries taken off; of some kinds only, if any are given."""
    return add_up(entry.amount for entry in entries if not kinds or entry.kind in kinds)


def standing(due: Decimal, entries: Iterable[PaymentEntry]) -> Standing:
    """What an order's total and its ledger leave outstanding."""
    return Standing(due, paid_total(entries))


def standing_by_bucket(
    charges: Iterable[tuple[ChargeKind | str, Decimal]], entries: Iterable[PaymentEntry]
) -> dict[Bucket, Standing]:
    """The same, by whose money it is; payments of one bucket never settle another."""
    due = dict.fromkeys(Bucket, ZERO)
    paid = dict.fromkeys(Bucket, ZERO)
    for kind, amount in charges:
        due[bucket_of_charge(kind)] += amount
    for entry in entries:
        paid[bucket_of_payment(entry.kind)] += entry.amount
    return {bucket: Standing(due[bucket], paid[bucket]) for bucket in Bucket}


def payment_facet(order: Standing, *, due_on: date | None, today: date) -> PaymentFacet:
    """How far an order is paid; overdue after the agreed day, whatever part came in."""
    if order.paid >= order.due:
        return PaymentFacet.PAID
    if due_on is not None and today > due_on:
        return PaymentFacet.OVERDUE
    return PaymentFacet.PARTIAL if order.paid > 0 else PaymentFacet.UNPAID


def require_receivable(amount: Decimal, order: Standing) -> None:
    """That an amount may be received for an order (field `amount`).

    Raises PaymentNotPositive or PaymentExceedsOutstanding.
    """
    if amount <= 0:
        raise PaymentNotPositive(field="amount")
    if amount > order.outstanding:
        raise PaymentExceedsOutstanding(field="amount", outstanding=format_money(order.outstanding))


def require_refundable(amount: Decimal, order: Standing) -> None:
    """That an amount may be refunded (field `amount`). Raises PaymentNotPositive or RefundExceedsPaid."""
    if amount <= 0:
        raise PaymentNotPositive(field="amount")
    if amount > order.paid:
        raise RefundExceedsPaid(field="amount", paid=format_money(order.paid))


def contra_amount(entry: PaymentEntry) -> Decimal:
    """The amount of the entry that undoes another. Raises TransitionNotAllowed unless that one may be reversed."""
    PAYMENT.next_state(entry.state, PaymentAction.REVERSE)
    return -entry.amount


_RECEIPT_TITLES = {
    PaymentKind.EARNEST_MONEY: tr_noop("Receipt for earnest money (定金)"),
    PaymentKind.ADVANCE: tr_noop("Receipt for an advance (订金)"),
}
_EFFECTS = {
    PaymentKind.EARNEST_MONEY: tr_noop(
        "Earnest money: forfeited if the buyer defaults, paid back double if the dealer does, up to the legal cap."
    ),
    PaymentKind.ADVANCE: tr_noop("An advance: part of the price, returned if the sale does not come about."),
}


def receipt_title(kind: PaymentKind | str) -> str:
    """The English key of a receipt's heading; earnest money and advance have their own."""
    return _RECEIPT_TITLES.get(PaymentKind(kind), tr_noop("Receipt"))


def receipt_effect(kind: PaymentKind | str) -> str:
    """The English key of the sentence on paper that says what the payment means in law; empty where it needs none."""
    return _EFFECTS.get(PaymentKind(kind), "")
