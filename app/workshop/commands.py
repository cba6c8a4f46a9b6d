"""What can be done about service appointments."""

from dataclasses import dataclass
from datetime import datetime

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class BookAppointment(Command):
    """Book a time for a customer's vehicle; returns the id. Undone by CancelAppointment.

    `starts_at` is aware; `bay_type` is one the branch has; without `branch_id` it is the actor's branch.
    """

    customer_id: str
    customer_vehicle_id: str
    bay_type: str
    starts_at: datetime
    duration_minutes: int
    work: str
    note: str = ""
    branch_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveAppointment(Command):
    """Put an appointment at another time, bay or duration; None leaves a value as it is. Undone by moving it back."""

    appointment_id: str
    expected_revision: int
    starts_at: datetime
    duration_minutes: int | None = None
    bay_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAppointment(Command):
    """Change what is to be done and the note; None leaves a value as it is. Undone by the former values."""

    appointment_id: str
    expected_revision: int
    work: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmAppointment(Command):
    """Confirm an appointment that was requested or rescheduled."""

    appointment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAppointment(Command):
    """Give the time back; the reason is kept."""

    appointment_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkArrived(Command):
    """The customer is here with the vehicle."""

    appointment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkNoShow(Command):
    """The customer did not come; possible once the appointment's time has begun."""

    appointment_id: str
