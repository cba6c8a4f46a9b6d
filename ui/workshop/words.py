"""How days, states and bays of the workshop are worded."""

from datetime import date

from app.runtime.language import tr, tr_noop
from app.workshop.rules import AppointmentState, BayType
from ui.kit.columns import State
from ui.kit.filters import FacetOption

STATES: dict[str, State] = {
    AppointmentState.REQUESTED.value: State(AppointmentState.REQUESTED.label, "info"),
    AppointmentState.CONFIRMED.value: State(AppointmentState.CONFIRMED.label, "accent"),
    AppointmentState.RESCHEDULED.value: State(AppointmentState.RESCHEDULED.label, "warn"),
    AppointmentState.ARRIVED.value: State(AppointmentState.ARRIVED.label, "good"),
    AppointmentState.CONVERTED.value: State(AppointmentState.CONVERTED.label, "neutral"),
    AppointmentState.CANCELLED.value: State(AppointmentState.CANCELLED.label, "neutral"),
    AppointmentState.NO_SHOW.value: State(AppointmentState.NO_SHOW.label, "bad"),
}

_WEEKDAYS = (
    tr_noop("Monday"), tr_noop("Tuesday"), tr_noop("Wednesday"), tr_noop("Thursday"), tr_noop("Friday"),
    tr_noop("Saturday"), tr_noop("Sunday"),
)  # fmt: skip
_MONTHS = (
    tr_noop("January"), tr_noop("February"), tr_noop("March"), tr_noop("April"), tr_noop("May"), tr_noop("June"),
    tr_noop("July"), tr_noop("August"), tr_noop("September"), tr_noop("October"), tr_noop("November"),
    tr_noop("December"),
)  # fmt: skip
_NEAR = {-1: tr_noop("Yesterday"), 0: tr_noop("Today"), 1: tr_noop("Tomorrow")}


def state_of(code: str) -> State:
    """An appointment's state; one this version does not know is shown as it is."""
    return STATES.get(code, State(lambda: code))


def state_words(code: str) -> str:
    """The state's word in the language in use."""
    label = state_of(code).label
    return label() if callable(label) else tr(label)


def brief_state_words(code: str) -> str:
    """The state's word where there is little room."""
    return tr("Taken in") if code == AppointmentState.CONVERTED else state_words(code)


def bay_words(bay_type: str) -> str:
    """What a bay is for; a kind this version does not know is shown as it is."""
    known = next((kind for kind in BayType if kind == bay_type), None)
    return tr(known.label) if known is not None else bay_type


def kind_option(bay_type: str) -> FacetOption:
    """A bay type to filter by."""
    return FacetOption(bay_type, lambda: bay_words(bay_type))


def day_words(day: date, today: date) -> str:
    """ "Today, Sunday 22 November 2026"."""
    full = tr(
        "{weekday} {day} {month} {year}",
        weekday=tr(_WEEKDAYS[day.weekday()]), day=day.day, month=tr(_MONTHS[day.month - 1]), year=day.year,
    )  # fmt: skip
    near = _NEAR.get((day - today).days)
    return tr("{near}, {day}", near=tr(near), day=full) if near else full
