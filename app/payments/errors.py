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


class PaymentInFuture(DomainError):
    code = "payment_in_future"
    text = tr_noop("This time has not come yet. Enter when the money was received.")


class ContraEntryFinal(DomainError):
    code = "contra_entry_final"
    text = tr_noop("This entry reverses another one and stays. Receive the money again instead.")


class EarnestMoneyTooLate(DomainError):
    code = "earnest_money_too_late"
    text = tr_noop("The vehicle has been delivered: there is nothing left to secure. Choose balance instead.")
