"""Booking, moving and closing service appointments."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from app.kernel.clock import BRANCH_TIME
from app.kernel.commands import requires
from app.kernel.errors import RecordNotFound, ValueNotAllowed, limited_text, require_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.runtime.language import tr
from app.workshop.commands import (
    BookAppointment,
    CancelAppointment,
    ChangeAppointment,
    ConfirmAppointment,
    MarkArrived,
    MarkNoShow,
    MoveAppointment,
)
from app.workshop.errors import AppointmentNotBegun, AppointmentTooFar
from app.workshop.rules import (
    APPOINTMENT,
    LONGEST,
    AppointmentAction,
    AppointmentState,
    BayType,
    Booking,
    opening_hours,
    require_bookable,
)
from db.models.customers import Customer, CustomerVehicle
from db.models.staff import Branch
from db.models.workshop import ServiceAppointment

FURTHEST = timedelta(days=400)
"""A time further ahead than this is taken for a slip."""


@requires(Permission.WORKSHOP_BOOK)
def book_appointment(command: BookAppointment, uow: UnitOfWork) -> str:
    """Raises for `customer_id`, `customer_vehicle_id`, `work`, and what `require_bookable` raises."""
    branch = uow.get(Branch, command.branch_id or uow.actor.branch_id, field="branch_id")
    uow.get(Customer, command.customer_id, field="customer_id")
    vehicle = uow.get(CustomerVehicle, command.customer_vehicle_id, field="customer_vehicle_id")
    if vehicle.customer_id != command.customer_id:
        raise RecordNotFound(field="customer_vehicle_id")
    appointment = ServiceAppointment(
        branch_id=branch.id,
        number="",
        customer_id=command.customer_id,
        customer_vehicle_id=vehicle.id,
        state=AppointmentState.CONFIRMED.value,
        bay_type=_bay_type(command.bay_type).value,
        starts_at=_instant(command.starts_at, uow.now),
        duration_minutes=_minutes(command.duration_minutes),
        work=require_text(command.work, field="work", limit=1000),
        advisor_staff_id=uow.actor.staff_id,
        note=limited_text(command.note, field="note", limit=1000),
    )
    _require_bookable(uow, appointment, branch)
    appointment.number = uow.next_number("SA")
    uow.add(appointment)
    uow.undo_with(CancelAppointment(appointment_id=appointment.id, reason=tr("Taken back")))
    uow.record("AppointmentBooked")
    return appointment.id


@requires(Permission.WORKSHOP_BOOK)
def move_appointment(command: MoveAppointment, uow: UnitOfWork) -> str:
    """Raises TransitionNotAllowed, RecordChangedMeanwhile and what `require_bookable` raises."""
    appointment = uow.get(ServiceAppointment, command.appointment_id)
    uow.check_revision(appointment, command.expected_revision)
    target = APPOINTMENT.next_state(appointment.state, AppointmentAction.RESCHEDULE)
    former = (appointment.starts_at, appointment.duration_minutes, appointment.bay_type)
    appointment.starts_at = _instant(command.starts_at, uow.now)
    if command.duration_minutes is not None:
        appointment.duration_minutes = _minutes(command.duration_minutes)
    if command.bay_type is not None:
        appointment.bay_type = _bay_type(command.bay_type).value
    if former == (appointment.starts_at, appointment.duration_minutes, appointment.bay_type):
        return appointment.id
    _require_bookable(uow, appointment, uow.get(Branch, appointment.branch_id))
    appointment.state = target.value
    uow.session.flush()
    starts_at, duration_minutes, bay_type = former
    if starts_at >= uow.now:
        uow.undo_with(
            MoveAppointment(
                appointment_id=appointment.id,
                expected_revision=appointment.revision,
                starts_at=starts_at,
                duration_minutes=duration_minutes,
                bay_type=bay_type,
            )
        )
    uow.record("AppointmentMoved")
    return appointment.id


@requires(Permission.WORKSHOP_BOOK)
def change_appointment(command: ChangeAppointment, uow: UnitOfWork) -> str:
    """Raises for `work` and `note`, and RecordChangedMeanwhile; a closed appointment still takes a note."""
    appointment = uow.get(ServiceAppointment, command.appointment_id)
    uow.check_revision(appointment, command.expected_revision)
    former = {"work": appointment.work, "note": appointment.note}
    if command.work is not None:
        appointment.work = require_text(command.work, field="work", limit=1000)
    if command.note is not None:
        appointment.note = limited_text(command.note, field="note", limit=1000)
    uow.session.flush()
    if former != {"work": appointment.work, "note": appointment.note}:
        undo = ChangeAppointment(appointment_id=appointment.id, expected_revision=appointment.revision, **former)
        uow.undo_with(undo)
    return appointment.id


@requires(Permission.WORKSHOP_BOOK)
def confirm_appointment(command: ConfirmAppointment, uow: UnitOfWork) -> None:
    """Raises TransitionNotAllowed."""
    _take(uow, command.appointment_id, AppointmentAction.CONFIRM)


@requires(Permission.WORKSHOP_BOOK)
def cancel_appointment(command: CancelAppointment, uow: UnitOfWork) -> None:
    """Raises TransitionNotAllowed and ValueRequired (field `reason`)."""
    uow.reason = require_text(command.reason, field="reason", limit=400)
    _take(uow, command.appointment_id, AppointmentAction.CANCEL)
    uow.record("AppointmentCancelled")


@requires(Permission.WORKSHOP_BOOK)
def mark_arrived(command: MarkArrived, uow: UnitOfWork) -> None:
    """Raises TransitionNotAllowed."""
    _take(uow, command.appointment_id, AppointmentAction.ARRIVE)
    uow.record("CustomerArrived")


@requires(Permission.WORKSHOP_BOOK)
def mark_no_show(command: MarkNoShow, uow: UnitOfWork) -> None:
    """Raises TransitionNotAllowed and AppointmentNotBegun."""
    appointment = uow.get(ServiceAppointment, command.appointment_id)
    if appointment.starts_at > uow.now:
        raise AppointmentNotBegun()
    _take(uow, command.appointment_id, AppointmentAction.MISS)


def _take(uow: UnitOfWork, appointment_id: str, action: AppointmentAction) -> None:
    appointment = uow.get(ServiceAppointment, appointment_id)
    appointment.state = APPOINTMENT.next_state(appointment.state, action).value


def _require_bookable(uow: UnitOfWork, appointment: ServiceAppointment, branch: Branch) -> None:
    local = appointment.starts_at.astimezone(BRANCH_TIME)
    require_bookable(
        _booking(appointment),
        _bookings_around(uow, appointment, branch.id),
        bays=branch.work_bays or {},
        now=uow.now,
        hours=opening_hours(local.date()),
    )


def _bookings_around(uow: UnitOfWork, appointment: ServiceAppointment, branch_id: str) -> list[Booking]:
    """The branch's appointments of that day and any that could reach into it."""
    day = appointment.starts_at.astimezone(BRANCH_TIME).replace(hour=0, minute=0, second=0, microsecond=0)
    query = select(ServiceAppointment).where(
        ServiceAppointment.branch_id == branch_id,
        ServiceAppointment.starts_at >= day - LONGEST,
        ServiceAppointment.starts_at < day + timedelta(days=1),
        ServiceAppointment.deleted_at.is_(None),
    )
    with uow.session.no_autoflush:
        return [_booking(other) for other in uow.session.scalars(query)]


def _booking(appointment: ServiceAppointment) -> Booking:
    return Booking(
        appointment_id=appointment.id,
        bay_type=BayType(appointment.bay_type),
        starts_at=appointment.starts_at,
        duration=timedelta(minutes=appointment.duration_minutes),
        state=AppointmentState(appointment.state),
        vehicle_id=appointment.customer_vehicle_id,
        number=appointment.number,
    )


def _bay_type(code: str) -> BayType:
    if code not in list(BayType):
        raise ValueNotAllowed(field="bay_type", value=str(code)[:40])
    return BayType(code)


def _minutes(minutes: int) -> int:
    """Whole minutes; the rule says how many."""
    if type(minutes) is not int or not 0 < minutes < 100_000:
        raise ValueNotAllowed(field="duration_minutes", value=str(minutes)[:20])
    return minutes


def _instant(at: datetime, now: datetime) -> datetime:
    """The instant to the minute; raises ValueNotAllowed without a zone, AppointmentTooFar beyond the calendar."""
    if at.tzinfo is None:
        raise ValueNotAllowed(field="starts_at", value=at.isoformat())
    if at > now + FURTHEST:
        raise AppointmentTooFar(field="starts_at", days=FURTHEST.days)
    return at.astimezone(UTC).replace(second=0, microsecond=0)
