"""What can be done to units in stock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from app.inventory.rules import QualityAction, StockAction
from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedOption:
    """Something fitted to one unit beyond its trim."""

    name_zh: str
    name_en: str
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AddUnit(Command):
    """Take a unit into the books; returns its id. Undone by RemoveUnit while unsent.

    `arrived_on` is the planned day while `in_transit`. `branch_id` None means the actor's own branch. Colours may
    hold both languages as "珍珠白 / Pearl White". An empty `stock_number` gets the desk's next one.

    Raises the VIN errors, VinCheckDigitWrong (unless `vin_warning_acknowledged`), VinAlreadyInStock,
    StockNumberTaken, FloorAboveList (field `floor_price`), ArrivalInFuture.
    """

    trim_id: str
    vin: str
    exterior_colour: str
    cost: Decimal
    list_price: Decimal
    floor_price: Decimal
    arrived_on: date
    stock_number: str = ""
    engine_number: str = ""
    interior_colour: str = ""
    location: str = ""
    manufactured_on: date | None = None
    odometer_km: int = 0
    in_transit: bool = False
    options: tuple[FittedOption, ...] = ()
    branch_id: str | None = None
    vin_warning_acknowledged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeUnit(Command):
    """Set every editable field of a unit; can be undone. `cost` None leaves the cost as it is.

    A cost needs INVENTORY_VIEW_COST. A sold or delivered unit keeps its VIN and trim (VehicleAlreadySold).
    """

    unit_id: str
    expected_revision: int
    trim_id: str
    vin: str
    stock_number: str
    engine_number: str
    exterior_colour: str
    interior_colour: str
    location: str
    list_price: Decimal
    floor_price: Decimal
    cost: Decimal | None = None
    manufactured_on: date | None
    arrived_on: date
    odometer_km: int
    options: tuple[FittedOption, ...] = ()
    vin_warning_acknowledged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveUnit(Command):
    """Take a unit out of the books that was entered by mistake; the reason is kept.

    Raises UnitInUse when it is held, sold or delivered, or has a quotation.
    """

    unit_id: str
    expected_revision: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveUnit(Command):
    """Put a unit at another place of the branch: a registered one by code or name, perhaps with a spot ("A-12"), or any
    text. Leaves a line in the unit's moves; can be undone. Raises VehicleLeft for one that is not here any more."""

    unit_id: str
    location: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePrices(Command):
    """Set list and floor price; can be undone. Raises FloorAboveList (field `floor_price`)."""

    unit_id: str
    expected_revision: int
    list_price: Decimal
    floor_price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldUnit(Command):
    """Keep a unit for a customer, or just for oneself, until a time; returns that time (UTC).

    `until` None takes the usual span. Also extends a hold of one's own. Raises VehicleHeldByOther,
    VehicleAlreadySold, VehicleNotForSale (field `unit_id`), HoldInPast, HoldTooLong (field `until`).
    """

    unit_id: str
    until: datetime | None = None
    customer_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendHold(Command):
    """Let a running hold last longer; returns the new end. Only whoever holds it, or a manager (HoldNotYours)."""

    unit_id: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseUnit(Command):
    """End a hold before its time. Releasing a colleague's needs a manager (HoldNotYours) and a reason."""

    unit_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStock(Command):
    """Move a unit along the stock axis (arrive, lend, bring back, leave, take back)."""

    unit_id: str
    action: StockAction
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkArrived(Command):
    """A unit in transit stands in the yard: sets the day of arrival and, if given, its place."""

    unit_id: str
    arrived_on: date
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetQuality(Command):
    """Report damage, repair, freeze, unfreeze."""

    unit_id: str
    action: QualityAction
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverUnit(Command):
    """The buyer drives away: DELIVERED, and out of the house. The order's own papers are the delivery's affair.

    Raises HandoverBlocked while inspection, certificate, condition or payment stand in the way.
    """

    unit_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackUnit(Command):
    """A delivered unit comes back and is free again; the reason is kept."""

    unit_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinQueue(Command):
    """Let a customer wait for one unit (`unit_id`), or for any of a trim and perhaps a colour; returns the place's id.

    `earnest_reference` is the number of the receipt of money paid for it. Undone by LeaveQueue. Raises AlreadyWaiting
    (field `customer_id`), WantedUnitFree or VehicleAlreadyDelivered (field `unit_id`).
    """

    customer_id: str
    unit_id: str | None = None
    trim_id: str | None = None
    exterior_colour: str = ""
    note: str = ""
    earnest_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveQueue(Command):
    """A customer waits no longer; what was offered goes to the next. A colleague's customer needs a manager and a
    reason. Undone by RejoinQueue. Raises WishNotWaiting."""

    wish_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferWanted(Command):
    """Offer a free unit to somebody who waits for it, now; returns until when it is kept for them.

    Whoever stands in front of others gets it as a matter of course; before their turn it takes a manager and a reason.
    Raises WishNotWaiting, OfferRunning, NotWanted or OfferNotFree (field `unit_id`), ReasonRequired.
    """

    wish_id: str
    unit_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejoinQueue(Command):
    """The way back of leaving a queue: to the same place in it."""

    wish_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveInQueue(Command):
    """Give somebody another place: directly behind another one, or before everybody (`behind_id` None).

    For managers; the reason is kept. Undone by RestoreQueuePlace. Raises WishNotWaiting or NotInThisQueue.
    """

    wish_id: str
    behind_id: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreQueuePlace(Command):
    """The way back of moving somebody in a queue."""

    wish_id: str
    expected_revision: int
    rank: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TendHolds(Command):
    """Say to holders what ends soon or has ended, offer what became free to whoever waits first, and let those who
    wait for a unit that is gone wait for any like it.

    Any desk of the branch may do it and several may at once: what it leaves behind is the same. Returns how many things
    were done.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreState(Command):
    """The way back of the axis commands: set the named state columns to what they were. Offered as undo only."""

    unit_id: str
    expected_revision: int
    states: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportUnits(Command):
    """Take in the checked rows of a file, all or none; returns `ImportResult(unit_ids, left_out)`.

    `prepared` is what `app.inventory.import_units.check` returned without errors in the rows to be taken; the rows are
    checked once more against the stock inside the transaction. Raises ImportHasErrors with the report when anything
    became wrong meanwhile. `progress(message, fraction)` is called now and then and may raise to cancel.
    """

    prepared: Any
    skip_bad_rows: bool = False
    progress: Callable[[str, float], None] | None = None
