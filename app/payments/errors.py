"""What the cash desk refuses."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class PaymentNotPositive(DomainError):
    code = "payment_not_positive"
    text = tr_noop("A payment is more than zero. Enter the amount received; to give money back, reverse or refund.")


class PaymentExceedsOutstanding(DomainError):
    code = "payment_exceeds_outstanding"
    text = tr_noop("Only {outstanding} is outstanding. Receive at most that.")


class RefundExceedsPaid(DomainError):
    code = "refund_exceeds_paid"
    text = tr_noop("The customer has paid {paid}, so at most that can be refunded. Lower the amount.")
