"""What the workshop's calendar refuses."""

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop


class NoBayFree(DomainError):
    code = "no_bay_free"
    text = tr_noop("All {bays} bays for “{bay_type}” are taken then. Next free time: {next_free}.")


class BayTypeMissing(DomainError):
    code = "bay_type_missing"
    text = tr_noop("This branch has no bay for “{bay_type}”. Choose another kind of work or another branch.")


class VehicleAlreadyBooked(DomainError):
    code = "vehicle_already_booked"
    text = tr_noop("This vehicle already has appointment {number} at that time. Reschedule that one instead.")


class AppointmentInPast(DomainError):
    code = "appointment_in_past"
    text = tr_noop("This time has passed. Choose a later one.")


class AppointmentDurationWrong(DomainError):
    code = "appointment_duration_wrong"
    text = tr_noop("An appointment takes between {shortest} and {longest} minutes. Choose a duration in between.")


class OutsideOpeningHours(DomainError):
    code = "outside_opening_hours"
    text = tr_noop("The workshop is open from {opens} to {closes}. Choose a time within.")


class AppointmentNotBegun(DomainError):
    code = "appointment_not_begun"
    text = tr_noop("This appointment has not begun yet. Wait for its time, or cancel it.")


class AppointmentTooFar(DomainError):
    code = "appointment_too_far"
    text = tr_noop("The calendar reaches {days} days ahead. Choose an earlier time.")
