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


class ContractStillBinding(DomainError):
    code = "contract_still_binding"
    text = tr_noop("Contract {contract} over this order is signed. Void it first, then repeat this.")


class OrderNotInConflict(DomainError):
    code = "order_not_in_conflict"
    text = tr_noop("This order has its vehicle; there is nothing to resolve. Refresh the page.")


class ReplacementMissing(DomainError):
    code = "replacement_missing"
    text = tr_noop("Choose the unit that replaces the lost one.")


class ReplacementDiffers(DomainError):
    code = "replacement_differs"
    text = tr_noop(
        "This unit has another specification, so taxes and price change. Choose a unit of the same trim, "
        "or cancel and quote anew."
    )


class ReviewOfOwnOrder(DomainError):
    code = "review_of_own_order"
    text = tr_noop("Nobody reviews an order of their own. Ask another manager.")


class DeliveryInPast(DomainError):
    code = "delivery_in_past"
    text = tr_noop("This day has passed. Choose today or later.")


class OrderNotOpen(DomainError):
    code = "order_not_open"
    text = tr_noop("This order is closed ({state}). Nothing more can be done with it; open another order.")


class OrderStillThere(DomainError):
    code = "order_still_there"
    text = tr_noop("Order {number} is here after all, and the vehicle is kept for it. Cancel the order to free it.")


class VehicleHandedOver(DomainError):
    code = "vehicle_handed_over"
    text = tr_noop("This vehicle has been handed over. Take it back, or enter its sale again from the papers.")
