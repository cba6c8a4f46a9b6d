"""Stock rules: the axes a unit moves on, how long a hold lasts, and when a unit may be sold or handed over.

VIN checks stand in `app.catalog.vin`, because the workshop and customers need them too.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.inventory.errors import (
    HoldInPast,
    HoldTooLong,
    VehicleAlreadyDelivered,
    VehicleAlreadySold,
    VehicleHeldByOther,
    VehicleNotForSale,
)
from app.kernel.clock import BRANCH_TIME
from app.kernel.labels import Labelled, Listing, Note, note
from app.kernel.permissions import Permission
from app.kernel.reference_data import ReferenceBook, bundled_reference
from app.kernel.state_machine import StateMachine, Transition
from app.runtime.language import tr_noop


class StockState(Labelled):
    IN_TRANSIT = "IN_TRANSIT", tr_noop("In transit")
    IN_STOCK = "IN_STOCK", tr_noop("In stock")
    LENT = "LENT", tr_noop("Lent out")
    OUT = "OUT", tr_noop("Left the house")


class StockAction(Labelled):
    ARRIVE = "arrive", tr_noop("Take into stock")
    LEND = "lend", tr_noop("Lend out")
    BRING_BACK = "bring_back", tr_noop("Bring back")
    LEAVE = "leave", tr_noop("Leave the house")
    TAKE_BACK = "take_back", tr_noop("Take back")


class AllocationState(Labelled):
    FREE = "FREE", tr_noop("Free")
    HELD = "HELD", tr_noop("Held")
    ALLOCATED = "ALLOCATED", tr_noop("Sold, not yet delivered")
    DELIVERED = "DELIVERED", tr_noop("Delivered")


class AllocationAction(Labelled):
    HOLD = "hold", tr_noop("Hold")
    EXTEND = "extend", tr_noop("Extend the hold")
    ALLOCATE = "allocate", tr_noop("Allocate to an order")
    RELEASE = "release", tr_noop("Release")
    DELIVER = "deliver", tr_noop("Deliver")
    TAKE_BACK = "take_back", tr_noop("Take back")


class PdiState(Labelled):
    """Pre-delivery inspection."""

    UNCHECKED = "UNCHECKED", tr_noop("Not inspected")
    PASS = "PASS", tr_noop("Inspection passed")
    FAIL = "FAIL", tr_noop("Inspection failed")


class PdiAction(Labelled):
    PASS = "pass", tr_noop("Pass the inspection")
    FAIL = "fail", tr_noop("Fail the inspection")


class QualityState(Labelled):
    NORMAL = "NORMAL", tr_noop("Normal")
    DAMAGED = "DAMAGED", tr_noop("Damaged")
    FROZEN = "FROZEN", tr_noop("Frozen")


class QualityAction(Labelled):
    REPORT_DAMAGE = "report_damage", tr_noop("Report damage")
    REPAIR = "repair", tr_noop("Mark as repaired")
    FREEZE = "freeze", tr_noop("Freeze")
    UNFREEZE = "unfreeze", tr_noop("Unfreeze")


class CertificateState(Labelled):
    """Where the certificate of conformity (合格证) is."""

    PENDING_SCAN = "PENDING_SCAN", tr_noop("Certificate not here yet")
    AT_BANK = "AT_BANK", tr_noop("Certificate at the bank")
    IN_SAFE = "IN_SAFE", tr_noop("Certificate in the safe")
    ISSUED = "ISSUED", tr_noop("Certificate handed out")


class CertificateAction(Labelled):
    PLEDGE = "pledge", tr_noop("Deposit with the bank")
    PUT_IN_SAFE = "put_in_safe", tr_noop("Put in the safe")
    ISSUE = "issue", tr_noop("Hand out the certificate")
    BRING_BACK = "bring_back", tr_noop("Take the certificate back")


class WishState(Labelled):
    """Where a place in a queue stands; an offer that runs is told by its time."""

    WAITING = "WAITING", tr_noop("In the queue")
    FULFILLED = "FULFILLED", tr_noop("Bought it")
    LEFT = "LEFT", tr_noop("Left the queue")


_EDIT = Permission.INVENTORY_EDIT
_HOLD = Permission.INVENTORY_HOLD
_ORDER = Permission.ORDERS_EDIT
_INSPECT = Permission.INSPECTIONS_PERFORM
_CERTIFICATES = Permission.CUSTODY_CERTIFICATES

STOCK = StateMachine(
    document=tr_noop("vehicle"),
    initial=StockState.IN_TRANSIT,
    transitions=(
        Transition(StockAction.ARRIVE, (StockState.IN_TRANSIT,), StockState.IN_STOCK, _EDIT),
        Transition(StockAction.LEND, (StockState.IN_STOCK,), StockState.LENT, _EDIT),
        Transition(StockAction.BRING_BACK, (StockState.LENT,), StockState.IN_STOCK, _EDIT),
        Transition(
            StockAction.LEAVE, (StockState.IN_STOCK, StockState.LENT), StockState.OUT, _EDIT, reason_required=True
        ),
        Transition(StockAction.TAKE_BACK, (StockState.OUT,), StockState.IN_STOCK, _EDIT, reason_required=True),
    ),
)
ALLOCATION = StateMachine(
    document=tr_noop("vehicle"),
    initial=AllocationState.FREE,
    transitions=(
        Transition(AllocationAction.HOLD, (AllocationState.FREE,), AllocationState.HELD, _HOLD),
        Transition(AllocationAction.EXTEND, (AllocationState.HELD,), AllocationState.HELD, _HOLD),
        Transition(
            AllocationAction.ALLOCATE,
            (AllocationState.FREE, AllocationState.HELD),
            AllocationState.ALLOCATED,
            _ORDER,
        ),
        Transition(
            AllocationAction.RELEASE, (AllocationState.HELD, AllocationState.ALLOCATED), AllocationState.FREE, _HOLD
        ),
        Transition(AllocationAction.DELIVER, (AllocationState.ALLOCATED,), AllocationState.DELIVERED, _ORDER),
        Transition(
            AllocationAction.TAKE_BACK,
            (AllocationState.DELIVERED,),
            AllocationState.FREE,
            _EDIT,
            reason_required=True,
        ),
    ),
)
PDI = StateMachine(
    document=tr_noop("inspection"),
    initial=PdiState.UNCHECKED,
    transitions=(
        Transition(PdiAction.PASS, (PdiState.UNCHECKED, PdiState.FAIL), PdiState.PASS, _INSPECT),
        Transition(PdiAction.FAIL, (PdiState.UNCHECKED, PdiState.PASS), PdiState.FAIL, _INSPECT, reason_required=True),
    ),
)
QUALITY = StateMachine(
    document=tr_noop("vehicle"),
    initial=QualityState.NORMAL,
    transitions=(
        Transition(
            QualityAction.REPORT_DAMAGE,
            (QualityState.NORMAL,),
            QualityState.DAMAGED,
            _EDIT,
            reason_required=True,
        ),
        Transition(QualityAction.REPAIR, (QualityState.DAMAGED,), QualityState.NORMAL, _EDIT),
        Transition(
            QualityAction.FREEZE,
            (QualityState.NORMAL, QualityState.DAMAGED),
            QualityState.FROZEN,
            _EDIT,
            reason_required=True,
        ),
        Transition(QualityAction.UNFREEZE, (QualityState.FROZEN,), QualityState.NORMAL, _EDIT),
    ),
)
CERTIFICATE = StateMachine(
    document=tr_noop("certificate"),
    initial=CertificateState.PENDING_SCAN,
    transitions=(
        Transition(
            CertificateAction.PLEDGE,
            (CertificateState.PENDING_SCAN, CertificateState.IN_SAFE),
            CertificateState.AT_BANK,
            _CERTIFICATES,
        ),
        Transition(
            CertificateAction.PUT_IN_SAFE,
            (CertificateState.PENDING_SCAN, CertificateState.AT_BANK),
            CertificateState.IN_SAFE,
            _CERTIFICATES,
        ),
        Transition(CertificateAction.ISSUE, (CertificateState.IN_SAFE,), CertificateState.ISSUED, _CERTIFICATES),
        Transition(CertificateAction.BRING_BACK, (CertificateState.ISSUED,), CertificateState.IN_SAFE, _CERTIFICATES),
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class UnitStanding:
    """Where one unit stands on its axes; `order` is the number of the order it is allocated to."""

    stock: StockState = StockState.IN_STOCK
    allocation: AllocationState = AllocationState.FREE
    pdi: PdiState = PdiState.UNCHECKED
    quality: QualityState = QualityState.NORMAL
    certificate: CertificateState = CertificateState.PENDING_SCAN
    held_until: datetime | None = None
    held_by_staff_id: str | None = None
    held_for_customer_id: str | None = None
    order: str = ""


@dataclass(frozen=True, slots=True)
class HoldPolicy:
    """How long a unit may be kept for somebody without an order."""

    usual: timedelta
    longest: timedelta


def hold_policy(on_date: date, reference: ReferenceBook | None = None) -> HoldPolicy:
    """The house's rule on a day."""
    values = (reference or bundled_reference()).at("house_policy", on_date).values
    return HoldPolicy(timedelta(hours=values["hold_hours"]), timedelta(hours=values["hold_longest_hours"]))


@dataclass(frozen=True, slots=True)
class QueuePolicy:
    """How long whoever waits has to decide about a unit, and how long before its end a hold is called to mind."""

    offer: timedelta
    holds_unit: bool
    reminder: timedelta


def queue_policy(on_date: date, reference: ReferenceBook | None = None) -> QueuePolicy:
    """The house's rule on a day."""
    values = (reference or bundled_reference()).at("house_policy", on_date).values
    return QueuePolicy(
        offer=timedelta(minutes=values["queue_offer_minutes"]),
        holds_unit=values["queue_holds_unit"],
        reminder=timedelta(minutes=values["hold_reminder_minutes"]),
    )


def hold_until(now: datetime, wanted: datetime | None = None, *, policy: HoldPolicy | None = None) -> datetime:
    """When a hold given or extended now ends: the wanted time, or after the usual span.

    Raises HoldInPast or HoldTooLong (field `until`).
    """
    rule = policy or hold_policy(now.astimezone(BRANCH_TIME).date())
    until = wanted or now + rule.usual
    if until <= now:
        raise HoldInPast(field="until")
    if until > now + rule.longest:
        raise HoldTooLong(field="until", hours=int(rule.longest.total_seconds() // 3600))
    return until


def effective_allocation(unit: UnitStanding, now: datetime) -> AllocationState:
    """The allocation that counts: a hold is over at the very instant it ends, whoever has stored that or not."""
    if unit.allocation == AllocationState.HELD and unit.held_until is not None and unit.held_until <= now:
        return AllocationState.FREE
    return unit.allocation


def hold_time_left(unit: UnitStanding, now: datetime) -> timedelta | None:
    """How long the hold still lasts; None without a running one."""
    if effective_allocation(unit, now) != AllocationState.HELD or unit.held_until is None:
        return None
    return unit.held_until - now


def sale_obstacles(unit: UnitStanding) -> tuple[Note, ...]:
    """What keeps a unit from being sold to anybody, allocation apart."""
    found = []
    if unit.stock not in (StockState.IN_STOCK, StockState.IN_TRANSIT):
        found.append(note(tr_noop("it is not in the house ({state})"), state=unit.stock))
    if unit.quality != QualityState.NORMAL:
        found.append(note(tr_noop("its condition is “{state}”"), state=unit.quality))
    return tuple(found)


def require_available(
    unit: UnitStanding, *, now: datetime, staff_id: str, customer_id: str | None = None, field: str = "vehicle_unit_id"
) -> None:
    """That this colleague may hold or sell the unit now, for this customer if one is named.

    A running hold binds everybody but who gave it and whom it was given for. Raises VehicleAlreadyDelivered,
    VehicleAlreadySold, VehicleNotForSale or VehicleHeldByOther for the field.
    """
    _require_unsold(unit, now=now, field=field)
    obstacles = sale_obstacles(unit)
    if obstacles:
        raise VehicleNotForSale(field=field, obstacles=Listing(obstacles))
    require_nobody_else_has(unit, now=now, staff_id=staff_id, customer_id=customer_id, field=field)


def require_nobody_else_has(
    unit: UnitStanding, *, now: datetime, staff_id: str, customer_id: str | None = None, field: str = "unit_id"
) -> None:
    """That the unit is neither sold nor held by somebody else, in whatever state it is.

    Raises VehicleAlreadyDelivered, VehicleAlreadySold or VehicleHeldByOther for the field.
    """
    _require_unsold(unit, now=now, field=field)
    held = effective_allocation(unit, now) == AllocationState.HELD
    if held and not _is_for(unit, staff_id, customer_id):
        until = unit.held_until
        shown = "—" if until is None else f"{until.astimezone(BRANCH_TIME):%Y-%m-%d %H:%M}"
        raise VehicleHeldByOther(field=field, until=shown)


def _require_unsold(unit: UnitStanding, *, now: datetime, field: str) -> None:
    allocation = effective_allocation(unit, now)
    if allocation == AllocationState.DELIVERED:
        raise VehicleAlreadyDelivered(field=field)
    if allocation == AllocationState.ALLOCATED:
        raise VehicleAlreadySold(field=field, order=unit.order or "—")


def _is_for(unit: UnitStanding, staff_id: str, customer_id: str | None) -> bool:
    same_customer = customer_id is not None and unit.held_for_customer_id == customer_id
    return unit.held_by_staff_id == staff_id or same_customer


def handover_obstacles(unit: UnitStanding) -> tuple[Note, ...]:
    """What keeps a sold unit from being handed to its buyer: stock, inspection, condition, certificate."""
    found = []
    if unit.stock != StockState.IN_STOCK:
        found.append(note(tr_noop("it is not in the house ({state})"), state=unit.stock))
    if unit.quality != QualityState.NORMAL:
        found.append(note(tr_noop("its condition is “{state}”"), state=unit.quality))
    if unit.pdi != PdiState.PASS:
        found.append(note(tr_noop("the inspection before delivery has not passed")))
    if unit.certificate not in (CertificateState.IN_SAFE, CertificateState.ISSUED):
        found.append(note(tr_noop("the certificate of conformity is not on site")))
    return tuple(found)
