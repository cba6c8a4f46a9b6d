"""Service appointments: their lifecycle, and whether a bay is free.

All instants are aware; slots of a day are cut in the branch's wall-clock time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from app.kernel.clock import BRANCH_TIME
from app.kernel.labels import Labelled
from app.kernel.permissions import Permission
from app.kernel.reference_data import ReferenceBook, bundled_reference
from app.kernel.state_machine import StateMachine, Transition
from app.runtime.language import tr_noop
from app.workshop.errors import (
    AppointmentDurationWrong,
    AppointmentInPast,
    BayTypeMissing,
    NoBayFree,
    OutsideOpeningHours,
    VehicleAlreadyBooked,
)

SHORTEST = timedelta(minutes=10)
LONGEST = timedelta(hours=12)


class BayType(Labelled):
    GENERAL = "general", tr_noop("Maintenance and repair")
    BODY = "body", tr_noop("Bodywork")
    PAINT = "paint", tr_noop("Paint")
    HIGH_VOLTAGE = "high_voltage", tr_noop("High voltage")
    ALIGNMENT = "alignment", tr_noop("Wheel alignment")
    WASH = "wash", tr_noop("Washing")


class AppointmentState(Labelled):
    REQUESTED = "REQUESTED", tr_noop("Requested")
    CONFIRMED = "CONFIRMED", tr_noop("Confirmed")
    RESCHEDULED = "RESCHEDULED", tr_noop("Rescheduled")
    ARRIVED = "ARRIVED", tr_noop("Arrived")
    CONVERTED = "CONVERTED", tr_noop("Repair order opened")
    CANCELLED = "CANCELLED", tr_noop("Cancelled")
    NO_SHOW = "NO_SHOW", tr_noop("Did not come")


class AppointmentAction(Labelled):
    CONFIRM = "confirm", tr_noop("Confirm")
    RESCHEDULE = "reschedule", tr_noop("Reschedule")
    ARRIVE = "arrive", tr_noop("Mark as arrived")
    CONVERT = "convert", tr_noop("Open a repair order")
    CANCEL = "cancel", tr_noop("Cancel")
    MISS = "miss", tr_noop("Mark as not come")


_EXPECTED = (AppointmentState.CONFIRMED, AppointmentState.RESCHEDULED)
_OPEN = (AppointmentState.REQUESTED, *_EXPECTED)
FREES_THE_BAY = frozenset({AppointmentState.CANCELLED, AppointmentState.NO_SHOW})

APPOINTMENT = StateMachine(
    document=tr_noop("appointment"),
    initial=AppointmentState.REQUESTED,
    transitions=(
        Transition(
            AppointmentAction.CONFIRM,
            (AppointmentState.REQUESTED, AppointmentState.RESCHEDULED),
            AppointmentState.CONFIRMED,
            Permission.WORKSHOP_BOOK,
        ),
        Transition(AppointmentAction.RESCHEDULE, _OPEN, AppointmentState.RESCHEDULED, Permission.WORKSHOP_BOOK),
        Transition(AppointmentAction.ARRIVE, _EXPECTED, AppointmentState.ARRIVED, Permission.WORKSHOP_BOOK),
        Transition(
            AppointmentAction.CONVERT,
            (AppointmentState.ARRIVED,),
            AppointmentState.CONVERTED,
            Permission.WORKSHOP_BOOK,
        ),
        Transition(AppointmentAction.CANCEL, _OPEN, AppointmentState.CANCELLED, Permission.WORKSHOP_BOOK),
        Transition(AppointmentAction.MISS, _EXPECTED, AppointmentState.NO_SHOW, Permission.WORKSHOP_BOOK),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """An appointment as the calendar sees it: a bay for a span, the end excluded."""

    appointment_id: str
    bay_type: BayType
    starts_at: datetime
    duration: timedelta
    state: AppointmentState = AppointmentState.CONFIRMED
    vehicle_id: str = ""
    number: str = ""

    @property
    def ends_at(self) -> datetime:
        """The first instant the bay is free again."""
        return self.starts_at + self.duration

    @property
    def takes_bay(self) -> bool:
        """Whether a bay is kept for it."""
        return self.state not in FREES_THE_BAY


class Slot(NamedTuple):
    """A piece of the working day, the end excluded."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SlotLoad:
    """How full a bay type is in a slot."""

    slot: Slot
    bay_type: BayType
    taken: int
    bays: int

    @property
    def free(self) -> int:
        """Bays left, never below zero."""
        return max(self.bays - self.taken, 0)


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When the workshop works, in the branch's wall-clock time, and the grid its day is cut by."""

    opens: time
    closes: time
    slot: timedelta


def opening_hours(on_date: date, reference: ReferenceBook | None = None) -> OpeningHours:
    """The house's hours on a day."""
    values = (reference or bundled_reference()).at("house_policy", on_date).values
    return OpeningHours(
        time.fromisoformat(values["workshop_opens"]),
        time.fromisoformat(values["workshop_closes"]),
        timedelta(minutes=values["appointment_slot_minutes"]),
    )


def day_slots(day: date, hours: OpeningHours) -> tuple[Slot, ...]:
    """The slots of a working day; one that would run past closing time is left out."""
    start = datetime.combine(day, hours.opens, BRANCH_TIME)
    closing = datetime.combine(day, hours.closes, BRANCH_TIME)
    count = max((closing - start) // hours.slot, 0)
    return tuple(Slot(start + i * hours.slot, start + (i + 1) * hours.slot) for i in range(count))


def overlaps(first: Booking, second: Booking) -> bool:
    """Whether two bookings share an instant; one that ends as the other begins does not."""
    return first.starts_at < second.ends_at and second.starts_at < first.ends_at


def busiest(bookings: Iterable[Booking], starts_at: datetime, ends_at: datetime) -> int:
    """The largest number of bookings that take a bay at one instant within the span."""
    edges: list[tuple[datetime, int]] = []
    for booking in bookings:
        if booking.takes_bay and booking.starts_at < ends_at and starts_at < booking.ends_at:
            edges += [(max(booking.starts_at, starts_at), 1), (booking.ends_at, -1)]
    most = running = 0
    for _, step in sorted(edges):  # at one instant, the leaving ones (-1) come first
        running += step
        most = max(most, running)
    return most


def slot_loads(bookings: Sequence[Booking], slots: Iterable[Slot], bays: Mapping[str, int]) -> tuple[SlotLoad, ...]:
    """How full every slot is, for each bay type the branch has."""
    kinds = [kind for kind in BayType if bays.get(kind, 0) > 0]
    by_kind = {kind: [b for b in bookings if b.bay_type == kind] for kind in kinds}
    return tuple(
        SlotLoad(slot, kind, busiest(by_kind[kind], slot.starts_at, slot.ends_at), bays[kind])
        for slot in slots
        for kind in kinds
    )


def require_bookable(
    wanted: Booking,
    bookings: Sequence[Booking],
    *,
    bays: Mapping[str, int],
    now: datetime,
    hours: OpeningHours | None = None,
) -> None:
    """That the appointment may be made or moved there; its own earlier version among `bookings` does not count.

    Raises AppointmentDurationWrong, AppointmentInPast, OutsideOpeningHours, BayTypeMissing, VehicleAlreadyBooked or
    NoBayFree (fields `duration_minutes`, `starts_at`, `bay_type`, `customer_vehicle_id`).
    """
    _require_sensible_time(wanted, now=now, hours=hours)
    if bays.get(wanted.bay_type, 0) < 1:
        raise BayTypeMissing(field="bay_type", bay_type=wanted.bay_type.label)
    others = [b for b in bookings if b.appointment_id != wanted.appointment_id and b.takes_bay]
    for other in others:
        if wanted.vehicle_id and other.vehicle_id == wanted.vehicle_id and overlaps(wanted, other):
            raise VehicleAlreadyBooked(field="customer_vehicle_id", number=other.number or "—")
    if not _fits(wanted, others, bays):
        _refuse(wanted, others, bays, hours)


def _require_sensible_time(wanted: Booking, *, now: datetime, hours: OpeningHours | None) -> None:
    if not SHORTEST <= wanted.duration <= LONGEST:
        shortest, longest = (int(span.total_seconds() // 60) for span in (SHORTEST, LONGEST))
        raise AppointmentDurationWrong(field="duration_minutes", shortest=shortest, longest=longest)
    if wanted.starts_at < now:
        raise AppointmentInPast(field="starts_at")
    if hours is not None:
        begins = wanted.starts_at.astimezone(BRANCH_TIME)
        closing = datetime.combine(begins.date(), hours.closes, BRANCH_TIME)
        if begins.time() < hours.opens or wanted.ends_at > closing:
            raise OutsideOpeningHours(field="starts_at", opens=f"{hours.opens:%H:%M}", closes=f"{hours.closes:%H:%M}")


def _fits(wanted: Booking, others: Iterable[Booking], bays: Mapping[str, int]) -> bool:
    same_kind = [b for b in others if b.bay_type == wanted.bay_type]
    return busiest(same_kind, wanted.starts_at, wanted.ends_at) < bays[wanted.bay_type]


def _refuse(wanted: Booking, others: Sequence[Booking], bays: Mapping[str, int], hours: OpeningHours | None) -> None:
    free = next_free_start(wanted, others, bays=bays, hours=hours)
    raise NoBayFree(
        field="starts_at",
        bays=bays[wanted.bay_type],
        bay_type=wanted.bay_type.label,
        next_free="—" if free is None else f"{free.astimezone(BRANCH_TIME):%Y-%m-%d %H:%M}",
    )


def next_free_start(
    wanted: Booking,
    bookings: Sequence[Booking],
    *,
    bays: Mapping[str, int],
    hours: OpeningHours | None = None,
) -> datetime | None:
    """The earliest start from the wanted one on, that day, with a bay free for the whole duration; None if there is
    none. A bay only becomes free when a booking ends, so only those instants are tried."""
    day_end = datetime.combine(
        wanted.starts_at.astimezone(BRANCH_TIME).date(), hours.closes if hours else time.max, BRANCH_TIME
    )
    ends = {b.ends_at for b in bookings if b.takes_bay and b.ends_at > wanted.starts_at}
    others = [b for b in bookings if b.appointment_id != wanted.appointment_id]
    for start in sorted(ends | {wanted.starts_at}):
        moved = Booking(
            appointment_id=wanted.appointment_id,
            bay_type=wanted.bay_type,
            starts_at=start,
            duration=wanted.duration,
        )
        if moved.ends_at <= day_end and _fits(moved, others, bays):
            return start
    return None
