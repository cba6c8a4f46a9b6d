"""What transfers refuse."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class TransferToSameBranch(DomainError):
    code = "transfer_to_same_branch"
    text = tr_noop("The vehicle is at this branch already. Choose another branch.")


class TransferNotThisBranch(DomainError):
    code = "transfer_not_this_branch"
    text = tr_noop("Only branch {branch} does this. Ask them; they see the transfer too.")


class TransferUnderWay(DomainError):
    code = "transfer_under_way"
    text = tr_noop("Transfer {number} of this vehicle is under way. Finish it or call it off first.")


class UnitNotHere(DomainError):
    code = "unit_not_here"
    text = tr_noop("This vehicle does not belong to this branch. Choose one of its own.")


class UnitNotInHouse(DomainError):
    code = "transfer_unit_not_in_house"
    text = tr_noop("The vehicle is “{state}” and cannot be sent off. Settle that first.")


class UnitHeld(DomainError):
    code = "transfer_unit_held"
    text = tr_noop("{name} holds this vehicle until {until}. Have the hold released first.")


class UnitSold(DomainError):
    code = "transfer_unit_sold"
    text = tr_noop("The vehicle is sold on order {order}. Say that the order goes along, or choose another vehicle.")


class UnitDelivered(DomainError):
    code = "transfer_unit_delivered"
    text = tr_noop("The vehicle has been delivered. Choose another one.")


class WishedForOther(DomainError):
    code = "wished_for_other"
    text = tr_noop("The other branch wishes for another model. Choose a vehicle of that trim.")


class UnitMissing(DomainError):
    code = "transfer_unit_missing"
    text = tr_noop("Choose the vehicle that goes to the other branch.")


class OdometerRunsBack(DomainError):
    code = "odometer_runs_back"
    text = tr_noop("It left with {km} km on the odometer. Check the reading.")


class DamageUndescribed(DomainError):
    code = "damage_undescribed"
    text = tr_noop("Say what is damaged, as the carrier has to be told.")
