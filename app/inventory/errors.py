"""What stock refuses."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class VehicleAlreadySold(DomainError):
    code = "vehicle_already_sold"
    text = tr_noop("This vehicle is already sold on order {order}. Choose another unit.")


class VehicleAlreadyDelivered(DomainError):
    code = "vehicle_already_delivered"
    text = tr_noop("This vehicle has been delivered. Choose another unit.")


class VehicleHeldByOther(DomainError):
    code = "vehicle_held_by_other"
    text = tr_noop("A colleague holds this vehicle until {until}. Choose another unit or ask for its release.")


class VehicleNotForSale(DomainError):
    code = "vehicle_not_for_sale"
    text = tr_noop("This vehicle cannot be sold now: {obstacles}. Settle that first or choose another unit.")


class HoldTooLong(DomainError):
    code = "hold_too_long"
    text = tr_noop("A hold lasts at most {hours} hours. Choose an earlier time; it can be extended later.")


class HoldInPast(DomainError):
    code = "hold_in_past"
    text = tr_noop("This time has passed. Choose a later one.")
