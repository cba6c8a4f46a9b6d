"""What can be done about transfers between branches."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTransfer(Command):
    """Ask another branch for a vehicle; returns the transfer's id.

    For one vehicle give `unit_id`, `vin` and what is known of it, as `app.transfers.group_stock` finds it; the unit
    itself need not be at this desk. Without a vehicle it is a wish for a trim and perhaps a colour, to one branch or,
    with `from_branch_id` None, to all. Raises TransferToSameBranch, TransferUnderWay.
    """

    trim_id: str
    from_branch_id: str | None = None
    unit_id: str | None = None
    vin: str = ""
    stock_number: str = ""
    exterior_colour: str = ""
    interior_colour: str = ""
    needed_by: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTransfer(Command):
    """Offer one of the branch's vehicles to another branch; returns the transfer's id. Its manager approves.

    Raises TransferToSameBranch, UnitNotHere, UnitNotInHouse, TransferUnderWay.
    """

    unit_id: str
    to_branch_id: str
    needed_by: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveTransfer(Command):
    """The owning branch gives the vehicle away; for a wish `unit_id` says which. Returns the transfer's id.

    `order_along` says that the order on the vehicle goes with it. Raises UnitHeld, UnitSold, UnitDelivered,
    UnitMissing, WishedForOther, TransferNotThisBranch.
    """

    transfer_id: str
    expected_revision: int
    unit_id: str | None = None
    order_along: bool = False
    transfer_price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectTransfer(Command):
    """The owning branch keeps the vehicle; the reason is told to the other branch."""

    transfer_id: str
    expected_revision: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTransfer(Command):
    """Call a transfer off before it has left; once on the road, the branch that sent it turns it round."""

    transfer_id: str
    expected_revision: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendOff(Command):
    """The vehicle leaves the yard: with whom, with how many keys, and how the certificate travels."""

    transfer_id: str
    expected_revision: int
    carrier: str = ""
    driver: str = ""
    driver_phone: str = ""
    keys: int
    certificate_by: str
    courier_number: str = ""
    odometer_km: int
    freight: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveTransfer(Command):
    """The vehicle stands in the receiving branch's yard; it is theirs once the centre has confirmed it.

    Raises OdometerRunsBack, DamageUndescribed (field `damage_note`).
    """

    transfer_id: str
    expected_revision: int
    odometer_km: int
    condition: str
    damage_note: str = ""
    keys_arrived: int
    certificate_arrived: bool
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFreight(Command):
    """What the carriage costs, when the bill comes; can be undone."""

    transfer_id: str
    expected_revision: int
    freight: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TendWishes(Command):
    """Tell the branch of open wishes it could answer, and tick off what was answered; returns how many things.

    The same whichever desk does it first, and nothing the second time.
    """
