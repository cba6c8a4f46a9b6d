"""What orders refuse."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class OutstandingBeforeDelivery(DomainError):
    code = "outstanding_before_delivery"
    text = tr_noop("{outstanding} is still outstanding. Receive it before the delivery.")


class NotReadyForDelivery(DomainError):
    code = "not_ready_for_delivery"
    text = tr_noop("This vehicle cannot be delivered yet: {obstacles}. Settle that first.")


class SaleStillProvisional(DomainError):
    code = "sale_still_provisional"
    text = tr_noop("The centre has not yet confirmed this sale. Connect and synchronise, then deliver.")


class SaleInConflict(DomainError):
    code = "sale_in_conflict"
    text = tr_noop("Another order holds this vehicle. Open the conflict and choose another unit or cancel.")


class DepositNotPositive(DomainError):
    code = "deposit_not_positive"
    text = tr_noop("A deposit is more than zero. Enter the amount received.")
