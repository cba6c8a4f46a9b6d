"""What can be done with sales orders."""

from dataclasses import dataclass
from datetime import date

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder(Command):
    """Turn an offer into an order and the unit's allocation. Returns `OrderPlaced`.

    The offer may be DRAFT (not below the floor), APPROVED, PRESENTED or ACCEPTED and must still be valid. Without
    reviews in the house policy the order is CONFIRMED at once; the sale stays provisional until the centre agrees.
    Raises VehicleAlreadySold, VehicleHeldByOther, VehicleNotForSale, QuotationExpired, ApprovalMissing.
    """

    quotation_id: str
    expected_revision: int
    planned_delivery: date | None = None


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """What `PlaceOrder` returns."""

    order_id: str
    number: str
    state: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitOrder(Command):
    """Send a returned order (DRAFT) into review again, or confirm it where the house asks for no review."""

    order_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmOrder(Command):
    """Pass the review the order is in: on to the next one, or CONFIRMED after the last."""

    order_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnOrder(Command):
    """Send an order in review back to the salesperson; `reason` is required."""

    order_id: str
    expected_revision: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder(Command):
    """Cancel before delivery and release the unit; `reason` is required.

    `defaulting` is who broke the agreement: "nobody", "buyer" or "dealer". By Civil Code 586-588 it decides what of the
    earnest money goes back; the cashier finds the sum as a task. A signed contract has to be voided first.
    """

    order_id: str
    expected_revision: int
    reason: str
    defaulting: str = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveClaimConflict(Command):
    """Settle an order that lost its unit at the centre.

    `resolution`: "cancel" with a reason, or "choose_other_unit" with `vehicle_unit_id`. The replacement must be free
    and of the same trim; the agreed total stays. A signed contract over the lost unit has to be voided first. Returns
    the order's id.
    """

    order_id: str
    expected_revision: int
    resolution: str
    vehicle_unit_id: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDelivery(Command):
    """Set or change the day the customer expects the car."""

    order_id: str
    expected_revision: int
    planned_delivery: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForUnitAgain(Command):
    """Have the centre decide once more who gets the order's vehicle; the order is provisional until it has.

    For a live order whose claim got lost, or whose answer did; and for one that lost its vehicle, where that is free
    again: then it stands as it did at first, with what was signed. Raises what keeps a vehicle from being sold. Returns
    the order's id.
    """

    order_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeFromLostOrder(Command):
    """Free a vehicle that is kept for an order which neither this desk nor the centre has; `reason` is required.

    The centre lets go of its claim, too. Raises OrderStillThere where the order is known here. Returns the unit's id.
    """

    unit_id: str
    order_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TendLeases(Command):
    """Tell sellers whose sales are provisional again because a lease ended before the centre answered, and tick off
    what it has answered since. However often it is done, each is told once. Returns how many things were done.
    """
